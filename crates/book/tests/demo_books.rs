//! The demo books are whole, consistent, the same for a seed, and worth running.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_book::Book;
use holdfast_book::demo::{
    Options, florence, fourteen_sites_sixty_merchants, ian, korea, one_warehouse, two_warehouses,
};
use holdfast_book::kind::SiteKind;

const SEED: u64 = 2018;

type Maker = fn(u64, &Options) -> Book;

const BOOKS: [(&str, Maker); 6] = [
    ("florence", florence),
    ("ian", ian),
    ("korea", korea),
    ("one_warehouse", one_warehouse),
    ("two_warehouses", two_warehouses),
    ("fourteen_sites_sixty_merchants", fourteen_sites_sixty_merchants),
];

/// Every reference of the book that leads nowhere, and every key that stands twice.
fn broken(book: &Book) -> Vec<String> {
    let mut wrong = vec![];
    let mut unique = |what: &str, keys: Vec<String>| -> BTreeSet<String> {
        let set: BTreeSet<String> = keys.iter().cloned().collect();
        if set.len() != keys.len() {
            wrong.push(format!("{what}: {} keys stand twice", keys.len() - set.len()));
        }
        set
    };
    let merchants = unique("merchants", book.merchants.iter().map(|m| m.code.clone()).collect());
    let sites = unique("sites", book.sites.iter().map(|s| s.code.clone()).collect());
    let skus = unique("skus", book.skus.iter().map(|s| format!("{}/{}", s.merchant, s.code)).collect());
    let zones = unique("zones", book.zones.iter().map(|z| z.code.clone()).collect());
    let carriers = unique("carriers", book.carriers.iter().map(|c| c.code.clone()).collect());
    let customers = unique("customers", book.customers.iter().map(|c| c.reference.clone()).collect());
    let lane = |l: &holdfast_book::model::Lane| format!("{}/{}/{}/{}", l.site, l.zone, l.carrier, l.service);
    unique("lanes", book.lanes.iter().map(lane).collect());
    let orders =
        unique("orders", book.orders.iter().map(|o| format!("{}/{}", o.merchant, o.number)).collect());
    unique(
        "lines",
        book.order_lines.iter().map(|l| format!("{}/{}/{}", l.merchant, l.order, l.line)).collect(),
    );
    unique("stock", book.stock.iter().map(|s| format!("{}/{}/{}", s.site, s.merchant, s.sku)).collect());
    let prefixes: BTreeSet<&str> =
        book.zones.iter().flat_map(|z| &z.postal_prefixes).map(String::as_str).collect();

    let mut need = |ok: bool, what: String| {
        if !ok {
            wrong.push(what);
        }
    };
    for sku in &book.skus {
        need(merchants.contains(&sku.merchant), format!("merchant of {}", sku.code));
    }
    for row in &book.stock {
        need(sites.contains(&row.site), format!("site of stock {}", row.sku));
        need(skus.contains(&format!("{}/{}", row.merchant, row.sku)), format!("sku of stock {}", row.sku));
    }
    let class: BTreeMap<_, _> = book.skus.iter().map(|s| ((&s.merchant, &s.code), &s.storage)).collect();
    let kept: BTreeMap<_, _> = book.sites.iter().map(|site| (&site.code, &site.storage)).collect();
    for row in &book.stock {
        let (class, kept) = (class.get(&(&row.merchant, &row.sku)), kept.get(&row.site));
        let fits = class.zip(kept).is_none_or(|(class, kept)| kept.is_empty() || kept.contains(class));
        need(fits, format!("{} may not keep {}", row.site, row.sku));
    }
    for lane in &book.lanes {
        let known =
            sites.contains(&lane.site) && zones.contains(&lane.zone) && carriers.contains(&lane.carrier);
        need(known, format!("lane {} {}", lane.site, lane.zone));
    }
    for order in &book.orders {
        need(
            customers.contains(order.customer.as_ref().expect("demo orders have a customer")),
            format!("customer of {}", order.number),
        );
        let postal = order.ship_postal.as_ref().expect("demo orders have a postal code");
        let zoned = (2..=5).any(|digits| prefixes.contains(&postal[..digits]));
        need(zoned, format!("zone of {postal}"));
        need(order.promised.is_some(), format!("promise of {}", order.number));
    }
    let mut lined = BTreeSet::new();
    for line in &book.order_lines {
        let order = format!("{}/{}", line.merchant, line.order);
        need(orders.contains(&order), format!("order of a line {order}"));
        need(
            skus.contains(&format!("{}/{}", line.merchant, line.sku)),
            format!("sku of a line {}", line.sku),
        );
        need(line.quantity.0 > 0, format!("units of a line of {order}"));
        lined.insert(order);
    }
    need(lined.len() == orders.len(), format!("{} orders without lines", orders.len() - lined.len()));
    for contract in &book.standby_contracts {
        need(sites.contains(&contract.site), format!("standby {}", contract.site));
    }
    for process in &book.processes {
        let known = process.sites.iter().all(|site| sites.contains(site));
        let earlier = process.after.iter().all(|code| book.processes.iter().any(|p| p.code == *code));
        need(known && earlier, format!("process {}", process.code));
    }
    wrong
}

#[test]
fn every_reference_leads_somewhere_and_keys_are_unique() {
    for (name, make) in BOOKS {
        let book = make(SEED, &Options::orders(4_000));
        assert_eq!(broken(&book), Vec::<String>::new(), "{name}, seed {SEED}");
        assert_eq!(book.orders.len(), 4_000, "{name}");
        assert!(book.orders.is_sorted_by_key(|order| order.ordered_at), "{name}: orders by time");
    }
}

#[test]
fn the_check_finds_what_is_broken_on_purpose() {
    let mut book = florence(SEED, &Options::orders(200));
    book.order_lines[3].sku = "nowhere".into();
    book.orders[5].customer = Some("C-none".into());
    book.stock[0].site = "XXX".into();
    book.lanes[1] = book.lanes[0].clone();
    let hazardous = book.skus.iter().find(|sku| sku.storage == "hazardous").unwrap();
    let store = book.stock.iter().position(|row| row.site == "CLT2").unwrap();
    book.stock[store].merchant.clone_from(&hazardous.merchant);
    book.stock[store].sku.clone_from(&hazardous.code);
    assert_eq!(broken(&book).len(), 5, "{:?}", broken(&book));
}

#[test]
fn a_seed_gives_one_book_and_another_seed_another() {
    for (name, make) in BOOKS {
        let options = Options::orders(1_500);
        assert_eq!(make(SEED, &options), make(SEED, &options), "{name}");
        assert_ne!(make(SEED, &options).orders, make(SEED + 1, &options).orders, "{name}");
    }
}

#[test]
fn florence_has_the_network_the_story_needs() {
    let book = florence(SEED, &Options::default());
    assert_eq!(book.orders.len(), 25_000);
    assert_eq!((book.sites.len(), book.merchants.len(), book.skus.len()), (14, 5, 1885));
    let kinds = |kind| book.sites.iter().filter(|site| site.kind == kind).count();
    assert_eq!((kinds(SiteKind::StoreHub), kinds(SiteKind::ThirdParty), kinds(SiteKind::Standby)), (1, 1, 1));
    assert_eq!(book.lanes.iter().filter(|lane| lane.service == "ground").count(), 14 * book.zones.len());
    let (first, last) = (book.orders[0].ordered_at.to_string(), book.orders[24_999].ordered_at.to_string());
    assert!(first.starts_with("2018-09-07") && last.as_str() < "2018-09-25T04", "{first} {last}");

    let mut holders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &book.stock {
        holders.entry(&row.sku).or_default().insert(&row.site);
    }
    let alone = holders.values().filter(|sites| sites.len() == 1 && sites.contains("ILM1")).count();
    assert!((25..60).contains(&alone), "{alone} SKUs lie at Wilmington alone");
    let mail =
        |text: &str| ["@example.com", "@example.org", "@example.net"].iter().any(|end| text.ends_with(end));
    assert!(book.customers.iter().all(|person| mail(person.email.as_ref().unwrap())));
    let spoken = |code| book.customers.iter().filter(|c| c.language.as_deref() == Some(code)).count();
    assert!(spoken("ko") > 300 && spoken("es") > 1500, "{} {}", spoken("ko"), spoken("es"));
}

/// Demand of the book against its stock and capacity: printed, and bounded on both sides.
#[test]
fn losing_wilmington_is_a_problem_and_not_hopeless() {
    let book = florence(SEED, &Options::default());
    let mut demand: BTreeMap<&str, u64> = BTreeMap::new();
    for line in &book.order_lines {
        *demand.entry(&line.sku).or_default() += u64::from(line.quantity.0);
    }
    let short = |without: &str| -> (u64, u64) {
        let mut stock: BTreeMap<&str, u64> = BTreeMap::new();
        for row in book.stock.iter().filter(|row| row.site != without && row.site != "GSP9") {
            *stock.entry(&row.sku).or_default() += u64::from(row.on_hand.0);
        }
        let missing =
            |(sku, wanted): (&&str, &u64)| wanted.saturating_sub(stock.get(*sku).copied().unwrap_or(0));
        (demand.iter().map(missing).sum(), demand.values().sum())
    };
    let (whole, total) = short("");
    let (without, _) = short("ILM1");
    let week = |site: &holdfast_book::model::Site| site.capacity.unwrap().0.iter().sum::<u32>();
    let capacity: u32 = book.sites.iter().filter(|s| s.kind != SiteKind::Standby).map(week).sum();
    let wilmington = week(&book.sites[0]);
    eprintln!(
        "{total} units wanted; missing with all sites {whole}, without Wilmington {without}; \
         capacity a week {capacity}, Wilmington {wilmington}; {} stock rows",
        book.stock.len()
    );
    for site in &book.sites {
        eprintln!("  {} {:?} {:?}", site.code, site.kind, site.capacity.unwrap().0);
    }
    assert!(whole * 50 < total, "more than 2 % missing before anything happens");
    assert!(
        without > whole * 2 && without * 10 < total,
        "the loss shows, and most can still be had elsewhere"
    );
    assert!(wilmington * 100 > capacity * 6 && wilmington * 100 < capacity * 25);
}

#[test]
fn surge_shows_where_and_when_the_storm_threatens() {
    let book = florence(SEED, &Options::default());
    let storm: BTreeSet<String> =
        book.orders.iter().filter(|o| o.merchant == "readyline").map(|o| o.number.clone()).collect();
    let count = |threatened: bool, from: &str, to: &str| {
        let near = |zip: &str| ("270"..="299").contains(&&zip[..3]) || ("220"..="246").contains(&&zip[..3]);
        let all: Vec<_> = book
            .orders
            .iter()
            .filter(|o| near(o.ship_postal.as_ref().unwrap()) == threatened)
            .filter(|o| {
                let at = o.ordered_at.to_string();
                at.as_str() >= from && at.as_str() < to
            })
            .collect();
        let goods = all.iter().filter(|o| o.merchant == "readyline").count();
        (goods * 1000 / all.len(), all.len())
    };
    let usual = count(false, "2018-09-10", "2018-09-14");
    let surged = count(true, "2018-09-10", "2018-09-14");
    let early = count(true, "2018-09-07", "2018-09-09");
    eprintln!(
        "storm goods per mille of orders: elsewhere {usual:?}, threatened {surged:?}, before {early:?}"
    );
    assert!(surged.0 > usual.0 * 4 && early.0 < usual.0 * 2);
    assert!(storm.len() > 800);
}

#[test]
fn korea_is_in_won_with_korean_addresses_and_dearer_islands() {
    let book = korea(SEED, &Options::orders(6_000));
    assert_eq!((book.sites.len(), book.merchants.len(), book.orders.len()), (6, 4, 6_000));
    assert_eq!(book.skus.len(), 56 * 3 + 26);
    let won = |money: holdfast_domain::money::Money| money.currency().code() == "KRW";
    assert!(
        book.skus.iter().all(|sku| won(sku.price.unwrap())) && book.lanes.iter().all(|l| won(l.parcel_cost))
    );
    assert!(book.sites.iter().all(|site| site.timezone.as_ref().unwrap().name() == "Asia/Seoul"));
    let lane = |zone: &str| {
        let from_busan =
            |l: &&holdfast_book::model::Lane| l.site == "PUS1" && l.zone == zone && l.service == "ground";
        let lane = book.lanes.iter().find(from_busan).unwrap();
        (lane.parcel_cost.minor(), lane.transit_days)
    };
    assert_eq!((lane("KR-PUS"), lane("KR-JJU"), lane("KR-ULL")), ((2600, 1), (6000, 3), (8000, 4)));
    for person in &book.customers {
        let (street, phone) = (person.street.as_ref().unwrap(), person.phone.as_ref().unwrap());
        assert!(street.contains('로') || street.contains('길'), "{street}");
        assert!(phone.starts_with("010-0") && phone.len() == 13, "{phone}");
        assert_eq!(person.postal.as_ref().unwrap().len(), 5);
    }
    let (first, last) = (&book.orders[0], &book.orders[5_999]);
    assert!(first.ordered_at.to_string().as_str() >= "2022-08-28T15");
    assert!(last.ordered_at.to_string().as_str() < "2022-09-18T15");
}
