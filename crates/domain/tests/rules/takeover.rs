//! A take-over from the question to the day it is handed back, and every step out of its turn.

use holdfast_domain::command::{Command, NewIncident, NewOrder};
use holdfast_domain::event::{Allocations, Event, Terms};
use holdfast_domain::id::{
    Id as _, IncidentId, LaneId, MerchantId, OrderId, ServiceId, ShipmentId, SiteId, SkuId, TakeoverId,
    ZoneId,
};
use holdfast_domain::incident::{Hazard, Severity, SiteAccess, StockAccess};
use holdfast_domain::invariant::breaches;
use holdfast_domain::network::Language;
use holdfast_domain::order::Allocation;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::reject::Rejection;
use holdfast_domain::takeover::{HostTerms, LaneTerms, TakeoverParty, TakeoverStage, TakeoverTerms};
use holdfast_domain::time::{Day, Span, Stamp};

use crate::world::{CAPACITY, DAY, World, lane_of, us};

const ACME: MerchantId = MerchantId(0);
const BOLT: MerchantId = MerchantId(1);
const ILM: SiteId = SiteId(0);
const ATL: SiteId = SiteId(1);
const SBY: SiteId = SiteId(2);
/// What becomes of atl's share: the fourth site.
const SECTION: SiteId = SiteId(3);
const FIRST: TakeoverId = TakeoverId(0);

/// Terms of one host from tomorrow on: a ground lane to the first zone, dearer than the host's own.
pub fn terms(host: SiteId, now: Stamp, share: u32) -> TakeoverTerms {
    TakeoverTerms {
        hosts: Box::new([HostTerms { site: host, capacity: [share; 7], cost_parcel: 120, cost_unit: 12 }]),
        lanes: Box::new([LaneTerms {
            host: 0,
            zone: ZoneId(0),
            service: ServiceId(0),
            cost_parcel: 800,
            cost_kg: 60,
            transit_days: 3,
        }]),
        first_day: now.local(&crate::world::site(0).zone).0.plus(1),
        until: None,
        valid_until: now.after(Span::hours(24)),
        set_up: 900,
        daily: 90,
        goods_unit: 2,
        merchant_bears: [1000, 1000, 500, 0, 1000, 1000, 1000],
    }
}

fn incident() -> Command {
    Command::OpenIncident(Box::new(NewIncident {
        hazard: Hazard::Fire,
        name: "fire".into(),
        severity: Severity::Extreme,
        expected_end: None,
        surges: vec![],
        drill: false,
    }))
}

fn ask() -> Command {
    Command::AskTakeover { merchant: ACME, incident: IncidentId(0), contract: None, home: Box::new([ILM]) }
}

fn offer(terms: TakeoverTerms) -> Command {
    Command::OfferTakeover { takeover: FIRST, terms: Box::new(terms) }
}

const ACCEPT: Command = Command::AcceptTakeover { takeover: FIRST };
const END: Command = Command::EndTakeover { takeover: FIRST };
const KEEP: Command = Command::HandBackTakeover { takeover: FIRST, keep_goods: true };
const OUT: Command = Command::HandBackTakeover { takeover: FIRST, keep_goods: false };

fn decline(by: TakeoverParty) -> Command {
    Command::DeclineTakeover { takeover: FIRST, by }
}

/// acme's ilm has burnt; the world goes so far.
fn world(steps: usize) -> World {
    let mut world = World::new();
    let close = Command::CloseSite { site: ILM, incident: IncidentId(0), stock: StockAccess::Lost };
    for command in [incident(), close] {
        world.ask(&command).unwrap();
    }
    let now = world.now;
    for command in [ask(), offer(terms(ATL, now, 15)), ACCEPT, END, OUT].iter().take(steps) {
        world.ask(command).unwrap();
    }
    world
}

fn order(number: &str, sku: u32, units: u32, merchant: MerchantId) -> Command {
    Command::PlaceOrder(Box::new(NewOrder {
        merchant,
        number: number.into(),
        subject: None,
        zone: ZoneId(0),
        country: us(),
        postal: "28401".into(),
        language: Language::EN,
        placed: Stamp(0),
        paid: None,
        promise: Some(DAY.plus(6)),
        priority: 0,
        hold: None,
        lines: [(SkuId(sku), Quantity(units), 100)].into_iter().collect(),
    }))
}

fn source(order: u32, site: SiteId, lane: LaneId, day: Day, units: u32) -> Command {
    let to = Allocation { site, lane, ship_day: day, quantity: Quantity(units), shipment: None };
    let allocations: Allocations = [(0, to)].into_iter().collect();
    Command::SourceOrder { order: OrderId(order), allocations, terms: Terms::default(), promise: None }
}

fn receive(site: SiteId, sku: u32, units: u32) -> Command {
    Command::ReceiveStock { site, sku: SkuId(sku), quantity: Quantity(units) }
}

fn code(world: &mut World, command: &Command) -> &'static str {
    let before = world.state.digest();
    let refused = world.ask(command).expect_err(&format!("{command:?}"));
    assert_eq!(world.state.digest(), before, "{command:?}: a rejection changes nothing");
    refused.code()
}

/// Rejections that only take-overs give, for the list of all.
pub fn refused() -> Vec<(&'static str, World, Command)> {
    let full = |share| world(1).ask(&offer(terms(ATL, world(1).now, share))).map(|_| ());
    assert_eq!(full(CAPACITY[1]), Ok(()), "all of it can be lent");
    let mut lapsed = world(2);
    lapsed.wait(Span::hours(24));
    let mut called = world(0);
    let by_contract = Command::AskTakeover {
        merchant: ACME,
        incident: IncidentId(0),
        contract: Some(SBY),
        home: Box::new([]),
    };
    called.ask(&by_contract).unwrap();
    let mut busy = world(3);
    for command in [receive(SECTION, 0, 3), order("#1", 0, 2, ACME)] {
        busy.ask(&command).unwrap();
    }
    busy.ask(&source(0, SECTION, LaneId(12), DAY.plus(1), 2)).unwrap();
    busy.ask(&END).unwrap();
    let too_much = offer(terms(ATL, world(1).now, CAPACITY[1] + 1));
    let dear = offer(TakeoverTerms { set_up: 1_001, ..terms(SBY, world(1).now, 5) });
    vec![
        ("takeover-open", world(1), ask()),
        ("takeover-step", world(1), ACCEPT),
        ("takeover-lapsed", lapsed, ACCEPT),
        ("takeover-no-room", world(1), too_much),
        ("takeover-contract", called, dear),
        ("takeover-over", world(4), receive(SECTION, 0, 1)),
        ("takeover-busy", busy, OUT),
        ("takeover-bound", world(3), Command::ChangeSite(SECTION, Box::new(crate::world::site(1)))),
    ]
}

#[test]
fn every_step_out_of_its_turn_is_refused() {
    let steps = [ask(), offer(terms(ATL, world(0).now, 15)), ACCEPT, END, OUT];
    // What is refused after so many steps, by the number of the step; the next one is the only one that is due.
    for done in 0..=5 {
        for (number, command) in steps.iter().enumerate() {
            let mut world = world(done);
            let outcome = world.ask(command).map(|_| ()).map_err(|refused| refused.code());
            let wanted = match (done, number) {
                (5, 0) => Ok(()),
                (done, number) if done == number => Ok(()),
                (0, _) => Err("unknown"),
                (1..=4, 0) => Err("takeover-open"),
                _ => Err("takeover-step"),
            };
            assert_eq!(outcome, wanted, "step {number} after {done}");
        }
    }
    for (done, by, wanted) in [
        (1, TakeoverParty::Merchant, Err("takeover-step")),
        (1, TakeoverParty::Operator, Ok(())),
        (2, TakeoverParty::Merchant, Ok(())),
        (2, TakeoverParty::Operator, Ok(())),
        (3, TakeoverParty::Merchant, Err("takeover-step")),
        (5, TakeoverParty::Operator, Err("takeover-step")),
    ] {
        let mut world = world(done);
        let outcome = world.ask(&decline(by)).map(|_| ()).map_err(|refused| refused.code());
        assert_eq!(outcome, wanted, "{by:?} declines after {done}");
        if wanted.is_ok() {
            assert_eq!(world.state.takeovers.get(FIRST).unwrap().stage, TakeoverStage::Declined);
            assert_eq!(code(&mut world, &ACCEPT), "takeover-step");
            assert!(world.ask(&ask()).is_ok(), "it may be asked for again");
        }
    }
}

#[test]
fn what_is_lent_is_missing_at_the_host_and_there_at_the_section() {
    let mut world = world(2);
    let tomorrow = DAY.plus(1);
    assert_eq!(world.state.capacity_whole(ATL, tomorrow), CAPACITY[1]);
    world.ask(&ACCEPT).unwrap();
    let whole = |world: &World, site, day| world.state.capacity_whole(site, day);
    assert_eq!(
        (whole(&world, ATL, DAY), whole(&world, SECTION, DAY)),
        (CAPACITY[1], 0),
        "not before the first day"
    );
    assert_eq!((whole(&world, ATL, tomorrow), whole(&world, SECTION, tomorrow)), (CAPACITY[1] - 15, 15));
    // Eight units and a parcel are nine of fifteen work units; a second such parcel finds six.
    for command in
        [receive(SECTION, 0, 40), receive(ATL, 3, 90), order("#1", 0, 8, ACME), order("#2", 0, 8, ACME)]
    {
        world.ask(&command).unwrap();
    }
    assert_eq!(code(&mut world, &source(0, SECTION, LaneId(12), DAY, 8)), "capacity-short");
    world.ask(&source(0, SECTION, LaneId(12), tomorrow, 8)).unwrap();
    assert_eq!(code(&mut world, &source(1, SECTION, LaneId(12), tomorrow, 8)), "capacity-short");
    // The host's own merchants find what was not lent: 25 of 40.
    world.ask(&order("#3", 3, 30, BOLT)).unwrap();
    let lane = LaneId(2);
    assert_eq!(code(&mut world, &source(2, ATL, lane, tomorrow, 30)), "capacity-short");
    world.ask(&order("#4", 3, 24, BOLT)).unwrap();
    world.ask(&source(3, ATL, lane, tomorrow, 24)).unwrap();
    // And a wave releases no more than that, though the site could do 40.
    world.ask(&Command::MovePromise { order: OrderId(2), to: tomorrow }).unwrap();
    world.wait(Span::hours(24));
    let released = world.ask(&Command::ReleaseWave { site: ATL, day: tomorrow }).unwrap();
    assert_eq!(released.len(), 1);
    assert_eq!(breaches(&world.state), []);
}

#[test]
fn only_the_guest_s_goods_lie_at_a_section() {
    let mut world = world(3);
    assert_eq!(code(&mut world, &receive(SECTION, 3, 1)), "foreign-sku");
    world.ask(&receive(ATL, 3, 5)).unwrap();
    let send = Command::SendTransfer {
        from: ATL,
        to: SECTION,
        items: Box::new([(SkuId(3), Quantity(1))]),
        due: DAY,
    };
    assert_eq!(code(&mut world, &send), "foreign-sku");
    for command in [
        Command::RateLane { lane: LaneId(12), cost_parcel: 1, cost_kg: 1, transit_days: 1 },
        Command::AddLane(Box::new(lane_of(SECTION, ZoneId(1), ServiceId(0)))),
        Command::AskTakeover {
            merchant: BOLT,
            incident: IncidentId(0),
            contract: None,
            home: Box::new([SECTION]),
        },
    ] {
        assert_eq!(code(&mut world, &command), "takeover-bound", "{command:?}");
    }
}

/// A take-over with an order that has left, one reserved, and goods left over.
fn carried() -> World {
    let mut world = world(3);
    let tomorrow = DAY.plus(1);
    for command in [
        receive(SECTION, 0, 20),
        order("#1", 0, 3, ACME),
        order("#2", 0, 2, ACME),
        source(0, SECTION, LaneId(12), tomorrow, 3),
        source(1, SECTION, LaneId(12), tomorrow.plus(1), 2),
    ] {
        world.ask(&command).unwrap();
    }
    world.wait(Span::hours(24));
    world.ask(&Command::ReleaseWave { site: SECTION, day: tomorrow }).unwrap();
    let ship = Command::ShipShipment { shipment: ShipmentId(0), packages: Box::new([]), day: tomorrow };
    world.ask(&ship).unwrap();
    world
}

#[test]
fn after_the_end_what_is_reserved_leaves_and_nothing_new_comes() {
    let mut world = carried();
    let last = DAY.plus(2);
    world.ask(&END).unwrap();
    world.ask(&order("#3", 0, 1, ACME)).unwrap();
    assert_eq!(code(&mut world, &source(2, SECTION, LaneId(12), last, 1)), "takeover-over");
    assert_eq!(code(&mut world, &receive(SECTION, 0, 1)), "takeover-over");
    assert_eq!(code(&mut world, &OUT), "takeover-busy");
    world.wait(Span::hours(24));
    world.ask(&Command::ReleaseWave { site: SECTION, day: last }).unwrap();
    assert_eq!(code(&mut world, &OUT), "takeover-busy");
    world.ask(&Command::ShipShipment { shipment: ShipmentId(1), packages: Box::new([]), day: last }).unwrap();
    let mut kept = world.clone();
    world.ask(&OUT).unwrap();
    kept.ask(&KEEP).unwrap();
    for (world, at_host) in [(&world, 0), (&kept, 15)] {
        assert_eq!(world.state.stock.shelf(SECTION, SkuId(0)).on_hand, 0);
        assert_eq!(world.state.stock.shelf(ATL, SkuId(0)).on_hand, at_host);
        assert_eq!(world.state.capacity_whole(ATL, last.plus(1)), CAPACITY[1], "the host has its own again");
        assert_eq!(world.state.sites[3].access, SiteAccess::Dormant);
        assert_eq!(breaches(&world.state), []);
    }
    // A section that was handed back is nobody's any more.
    let close = Command::CloseSite { site: SECTION, incident: IncidentId(0), stock: StockAccess::Unknown };
    for command in [receive(SECTION, 0, 1), close] {
        assert_eq!(code(&mut world, &command), "takeover-over", "{command:?}");
    }
    assert_eq!(code(&mut world, &source(2, SECTION, LaneId(12), last.plus(1), 1)), "takeover-over");
    let limit = Command::LimitSite { site: SECTION, permille: 1000, incident: None };
    assert_eq!(code(&mut world, &limit), "site-closed");
}

#[test]
fn a_section_goes_dark_with_its_host_and_comes_back_with_it() {
    let mut world = carried();
    world.ask(&incident()).unwrap();
    let (second, stock) = (IncidentId(1), StockAccess::Inaccessible);
    world.ask(&Command::CloseSite { site: ATL, incident: second, stock }).unwrap();
    let dark = SiteAccess::Closed { incident: second, stock };
    assert_eq!((world.state.sites[1].access, world.state.sites[3].access), (dark, dark));
    let back = Command::LimitSite { site: ATL, permille: 600, incident: Some(second) };
    world.ask(&back).unwrap();
    let half = SiteAccess::Open { permille: 600 };
    assert_eq!((world.state.sites[1].access, world.state.sites[3].access), (half, half));
    let later = DAY.plus(5);
    assert_eq!(world.state.capacity_whole(ATL, later), (CAPACITY[1] - 15) * 6 / 10);
    assert_eq!(world.state.capacity_whole(SECTION, later), 9);
    // Closed alone, by something else, it stays closed when the host changes.
    let own = Command::CloseSite { site: SECTION, incident: IncidentId(0), stock };
    world.ask(&own).unwrap();
    world.ask(&Command::LimitSite { site: ATL, permille: 1000, incident: Some(second) }).unwrap();
    assert!(matches!(world.state.sites[3].access, SiteAccess::Closed { incident: IncidentId(0), .. }));
}

#[test]
fn terms_lapse_and_a_last_day_ends_it_by_themselves() {
    let mut lapsed = world(2);
    lapsed.wait(Span::hours(24));
    assert_eq!(lapsed.state.takeovers.get(FIRST).unwrap().stage, TakeoverStage::Lapsed);
    assert!(lapsed.ask(&ask()).is_ok());

    let mut timed = world(1);
    let (now, until) = (timed.now, Some(DAY.plus(3)));
    timed.ask(&offer(TakeoverTerms { until, ..terms(ATL, now, 15) })).unwrap();
    timed.ask(&ACCEPT).unwrap();
    assert_eq!(timed.state.capacity_whole(SECTION, DAY.plus(3)), 0, "not after the last day");
    assert_eq!(timed.state.capacity_whole(ATL, DAY.plus(3)), CAPACITY[1]);
    timed.wait(Span::hours(24));
    assert_eq!(
        timed.state.takeovers.get(FIRST).unwrap().stage,
        TakeoverStage::Accepted,
        "the offer's timer is void"
    );
    timed.wait(Span::hours(48));
    assert_eq!(timed.state.takeovers.get(FIRST).unwrap().stage, TakeoverStage::Ending);
    assert!(timed.ask(&OUT).is_ok());
}

#[test]
fn a_standby_contract_opens_its_site_and_binds_the_terms() {
    let mut world = world(0);
    let called = Command::AskTakeover {
        merchant: ACME,
        incident: IncidentId(0),
        contract: Some(SBY),
        home: Box::new([ILM]),
    };
    world.ask(&called).unwrap();
    let now = world.now;
    let contracted =
        TakeoverTerms { set_up: 1_000, daily: 100, first_day: DAY.plus(1), ..terms(SBY, now, 20) };
    for wrong in [
        TakeoverTerms { set_up: 1_001, ..contracted.clone() },
        TakeoverTerms { daily: 101, ..contracted.clone() },
        TakeoverTerms { first_day: DAY.plus(2), ..contracted.clone() },
        TakeoverTerms { hosts: terms(ATL, now, 20).hosts, ..contracted.clone() },
    ] {
        assert_eq!(code(&mut world, &offer(wrong)), "takeover-contract");
    }
    world.ask(&offer(contracted)).unwrap();
    world.ask(&ACCEPT).unwrap();
    assert!(matches!(world.state.sites[2].access, SiteAccess::Activating { .. }));
    assert_eq!(world.state.sites[3].access, world.state.sites[2].access);
    assert_eq!(code(&mut world, &Command::ReleaseStandby { site: SBY }), "standby-busy");
    world.wait(Span::hours(36));
    assert_eq!(world.state.sites[3].access, SiteAccess::FULL);
    assert_eq!(world.state.capacity_whole(SBY, DAY.plus(2)), CAPACITY[2] - 20);
}

#[test]
fn terms_that_contradict_themselves_are_refused() {
    let now = world(1).now;
    let good = || terms(ATL, now, 15);
    let host = |change: fn(&mut HostTerms)| {
        let mut host = good().hosts[0].clone();
        change(&mut host);
        TakeoverTerms { hosts: Box::new([host]), ..good() }
    };
    let lane = |change: fn(&mut LaneTerms)| {
        let mut lane = good().lanes[0];
        change(&mut lane);
        TakeoverTerms { lanes: Box::new([lane]), ..good() }
    };
    let twice = Box::new([good().hosts[0].clone(), good().hosts[0].clone()]);
    for wrong in [
        TakeoverTerms { hosts: Box::new([]), ..good() },
        TakeoverTerms { hosts: twice, ..good() },
        TakeoverTerms { lanes: Box::new([]), ..good() },
        host(|host| host.capacity = [0; 7]),
        host(|host| host.cost_unit = -1),
        lane(|lane| lane.host = 1),
        lane(|lane| lane.cost_kg = -1),
        TakeoverTerms { first_day: DAY.plus(-1), ..good() },
        TakeoverTerms { until: Some(good().first_day), ..good() },
        TakeoverTerms { valid_until: now, ..good() },
        TakeoverTerms { set_up: -1, ..good() },
        TakeoverTerms { merchant_bears: [1001; 7], ..good() },
    ] {
        let shown = format!("{wrong:?}");
        assert_eq!(code(&mut world(1), &offer(wrong)), "invalid", "{shown}");
    }
    for wrong in [
        host(|host| host.site = SiteId(9)),
        lane(|lane| lane.zone = ZoneId(9)),
        lane(|lane| lane.service = ServiceId(9)),
    ] {
        assert_eq!(code(&mut world(1), &offer(wrong)), "unknown");
    }
}

#[test]
fn acceptance_is_one_entry_and_finds_the_room_gone() {
    let mut world = world(2);
    // Somebody was faster: tomorrow's capacity went to an order while the offer lay there.
    for command in [receive(ATL, 3, 90), order("#1", 3, 30, BOLT)] {
        world.ask(&command).unwrap();
    }
    let fork = world.clone();
    world.ask(&source(0, ATL, LaneId(2), DAY.plus(1), 30)).unwrap();
    assert_eq!(world.ask(&ACCEPT), Err(Rejection::TakeoverNoRoom { site: ATL, day: DAY.plus(1) }));
    assert_eq!(world.state.sites.len(), 3);
    let mut world = fork;
    let events = world.ask(&ACCEPT).unwrap();
    let kinds: Vec<bool> =
        events.iter().map(|event| matches!(event, Event::TakeoverAccepted { .. })).collect();
    assert_eq!(kinds, [false, false, true], "a site, a lane, the acceptance");
    let part = world.state.network.site(SECTION).unwrap();
    assert_eq!(&*part.code, "atl.tko-0");
    assert_eq!(world.state.network.lanes.get(LaneId::from_index(12)).unwrap().site, SECTION);
}
