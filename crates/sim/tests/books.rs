//! Three books: one warehouse that burns, two of which one goes dark, and fourteen sites with sixty merchants of which two
//! are lost. The numbers are recounted for each merchant, and each sees its own.

use std::collections::BTreeSet;

use holdfast_app::load::load;
use holdfast_book::demo::{
    Options, fourteen_sites_sixty_merchants, one_warehouse, put_beside, third_party, two_warehouses,
};
use holdfast_book::model::Book;
use holdfast_domain::id::{Id, MerchantId, SiteId};
use holdfast_domain::incident::StockAccess;
use holdfast_sim::drill::{Drill, PolicyName, Setting, drill, entries};
use holdfast_sim::merchant::merchant_report;
use holdfast_sim::recount::recount;
use holdfast_sim::scenario::Scenario;

const SEED: u64 = 7;

fn run(book: &Book, scenario: &str) -> Drill {
    let loaded = load(book);
    assert!(loaded.faults.is_empty(), "{:?}", loaded.faults.first());
    let scenario = Scenario::parse(scenario).unwrap();
    let setting = Setting { loaded: &loaded, scenario: &scenario, track: None, forecasts: &[], seed: SEED };
    let drill = drill(&setting, &mut |_| {}).unwrap();
    sound(&drill);
    drill
}

/// What holds for every drill.
fn sound(drill: &Drill) {
    let report = &drill.report;
    assert_eq!(report.recount_differs, Vec::<String>::new(), "seed {SEED}");
    assert_eq!(report.violations, Vec::<String>::new());
    assert!(report.plans_checked.0 > 0 && report.plans_checked.0 == report.plans_checked.1);
    let planned: Vec<_> = report.log.iter().filter_map(|entry| entry.plan).collect();
    assert!(!planned.is_empty());
    for plan in planned {
        assert!(0 <= plan.bound && plan.bound <= plan.cost, "{} under {}", plan.cost, plan.bound);
    }
    let bound = report.bound.expect("a run of these days is within the planner's horizon");
    for (policy, t) in &report.policies {
        assert!(bound <= t.total_cost, "{policy:?} costs {} under a bound of {bound}", t.total_cost);
        assert!(t.on_time <= report.calm.on_time, "{policy:?} keeps more than if nothing had happened");
        let sum =
            |of: fn(&holdfast_sim::tally::MerchantTally) -> i64| t.merchants.values().map(of).sum::<i64>();
        assert_eq!(sum(|m| m.orders as i64), t.orders as i64);
        assert_eq!(sum(|m| (m.on_time + m.late + m.open + m.cancelled_by_law) as i64), t.orders as i64);
        let shared = t.activation + t.transfer;
        assert_eq!(sum(holdfast_sim::tally::MerchantTally::total_cost) + shared, t.total_cost);
    }
    let (wait, ours) = (report.tally(PolicyName::Wait).unwrap(), report.tally(PolicyName::Holdfast).unwrap());
    assert!(wait.on_time <= ours.on_time, "waiting keeps {}, Holdfast {}", wait.on_time, ours.on_time);
}

#[test]
fn one_warehouse_is_destroyed() {
    let drill = run(
        &one_warehouse(SEED, &Options::orders(500)),
        include_str!("../../../scenarios/warehouse_destroyed.toml"),
    );
    let report = &drill.report;
    let [loss] = report.losses.as_slice() else { panic!("{:?}", report.losses) };
    assert_eq!(loss.stock, StockAccess::Lost);
    // There is no other site: everything lies there alone, and every order that is there is stuck or in doubt.
    assert!(loss.whole.units > 0 && loss.whole.skus == loss.whole.skus_only_there);
    assert!(loss.whole.at_cost["USD"] > 0 && loss.whole.at_cost["USD"] < loss.whole.at_price["USD"]);
    assert!(loss.whole.stuck > 0 && loss.whole.stuck <= loss.whole.orders);
    let ours = report.tally(PolicyName::Holdfast).unwrap();
    assert!(ours.inbound_waiting > 0 && ours.inbound_redirected == 0, "there is no other door");
    assert!(ours.open > ours.orders / 2);
}

#[test]
fn a_take_over_serves_what_would_stay_open_and_every_merchant_gets_its_statement() {
    let mut book = one_warehouse(SEED, &Options::orders(400));
    put_beside(&mut book, third_party(SEED + 1, &Options::orders(200))).unwrap();
    let drill = run(&book, include_str!("../../../scenarios/warehouse_destroyed.toml"));
    let report = &drill.report;
    let takeover = report.takeover.as_ref().expect("somebody could carry it");
    let guest = takeover.merchant;
    assert_eq!(report.merchants[guest.index()], "shop01");
    let closed = report.closures[0].out.from;
    assert!(takeover.accepted > closed);
    let first = takeover.first_parcel.expect("a parcel left");
    assert!(first >= takeover.offer.first_day, "{first} before {}", takeover.offer.first_day);
    // Served where it would have stayed open, sold where it would not have been.
    let of = |policy| report.tally(policy).unwrap().merchants[&guest];
    let (without, with) = (of(PolicyName::Holdfast), of(PolicyName::HoldfastTakeOver));
    assert!(with.open < without.open && with.revenue_open < without.revenue_open, "{with:?} {without:?}");
    assert!(with.on_time >= without.on_time);
    let whole = report.tally(PolicyName::HoldfastTakeOver).unwrap();
    assert!(whole.inbound_redirected > 0, "goods on order go to the sections");
    // The statement's parcels are those that left the sections, and only the guest's orders are carried.
    let mine = takeover.statements.iter().find(|statement| statement.merchant == guest).unwrap();
    assert_eq!(u64::from(mine.orders), takeover.orders);
    assert!(mine.goods_in >= mine.units && mine.parcels > 0);
    let sections = &report.sites[report.sites.len() - takeover.offer.hosts.len()..];
    let parcels: u64 = (0_u16..)
        .zip(&report.sites)
        .filter(|(_, code)| sections.contains(code))
        .filter_map(|(index, _)| whole.sites.get(&SiteId(index)))
        .sum();
    assert_eq!(parcels, u64::from(mine.parcels));
    // Each merchant's own report has its own statement, and the guest's alone has the offer.
    for index in 0..report.merchants.len() {
        let own = merchant_report(&drill, MerchantId::from_index(index)).unwrap();
        assert_eq!(own.offer.is_some(), index == guest.index());
        assert!(own.statement.is_none_or(|statement| statement.merchant.index() == index));
    }
}

#[test]
fn one_of_two_warehouses_is_dark() {
    let drill = run(
        &two_warehouses(SEED, &Options::orders(500)),
        include_str!("../../../scenarios/one_of_two_dark.toml"),
    );
    let report = &drill.report;
    let [loss] = report.losses.as_slice() else { panic!("{:?}", report.losses) };
    assert_eq!((report.site(loss.site), loss.stock), ("MDT1", StockAccess::Inaccessible));
    let all =
        |t: &holdfast_sim::tally::Tally| t.inbound_as_planned + t.inbound_redirected + t.inbound_waiting;
    for (policy, t) in &report.policies {
        assert_eq!(all(t), all(&report.calm), "{policy:?} loses goods on order");
        assert_eq!(t.inbound_waiting, 0, "{policy:?}: the site came back");
    }
    assert_eq!(report.tally(PolicyName::Wait).unwrap().inbound_redirected, 0);
    // What a waiting order lacks may come to the other door; nothing was lost, so everything the calm run serves is served.
    let (ours, trade) =
        (report.tally(PolicyName::Holdfast).unwrap(), report.tally(PolicyName::Trade).unwrap());
    assert!(ours.on_time >= trade.on_time, "the trade keeps {}, Holdfast {}", trade.on_time, ours.on_time);
}

#[test]
fn two_of_fourteen_sites_are_lost_and_sixty_merchants_each_see_their_own() {
    let book = fourteen_sites_sixty_merchants(SEED, &Options::orders(600));
    let mut drill = run(&book, include_str!("../../../scenarios/two_of_fourteen_lost.toml"));
    let report = &drill.report;
    assert_eq!(report.losses.len(), 2);
    assert_eq!(report.merchants.len(), 60);
    let ours = report.tally(PolicyName::Holdfast).unwrap().clone();
    let touched = report.losses.iter().flat_map(|loss| loss.merchants.keys()).collect::<BTreeSet<_>>().len();
    assert!(touched > 30, "{touched} merchants had something there");
    for index in 0..60 {
        let merchant = MerchantId::from_index(index);
        let code = &report.merchants[index];
        let own = merchant_report(&drill, merchant).unwrap();
        let numbers: BTreeSet<&str> =
            book.orders.iter().filter(|row| row.merchant == *code).map(|row| row.number.as_str()).collect();
        let skus: BTreeSet<&str> =
            book.skus.iter().filter(|row| row.merchant == *code).map(|row| row.code.as_str()).collect();
        let mine = ours.merchants.get(&merchant).copied().unwrap_or_default();
        assert_eq!(mine.orders as usize, numbers.len());
        assert_eq!(own.broken_count, mine.orders - mine.on_time);
        // Numbers begin again at every merchant: what is not its own would not be found by number alone.
        assert!(own.broken.iter().all(|order| numbers.contains(order.number.as_str())));
        assert!(own.skus.iter().all(|sku| skus.contains(sku.code.as_str())));
        let worth: i64 = own.broken.iter().map(|order| order.worth).sum();
        assert_eq!(worth, mine.revenue - mine.revenue_on_time, "the broken orders of {code} are its own");
    }
    // The recount shares no code with the tally: what it says of each merchant stands in the report.
    let run = drill.runs.iter_mut().find(|run| run.policy == PolicyName::Holdfast).unwrap();
    let again = recount(&entries(run).unwrap());
    assert_eq!(again.merchants.len(), 60);
    for (index, found) in again.merchants.iter().enumerate() {
        let told = ours.merchants.get(&MerchantId::from_index(index)).copied().unwrap_or_default();
        assert_eq!(
            (found.on_time, found.late, found.open),
            (told.on_time, told.late, told.open),
            "merchant {index}"
        );
        assert_eq!(
            (found.shipping, found.handling, found.late_cost, found.open_cost),
            (told.shipping, told.handling, told.late_cost, told.open_cost),
            "merchant {index}"
        );
    }
}
