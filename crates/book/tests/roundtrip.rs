//! Any book that is written reads back equal, and nothing of it is refused.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests read data, print and fail loudly"
)]

use holdfast_book::cell::{TimeOfDay, WeekCapacity};
use holdfast_book::kind::{Consent, LaneKind, OrderStatus, Priority, SiteKind};
use holdfast_book::known::Known;
use holdfast_book::model::{
    Book, CapacityDay, Carrier, Contact, Customer, Inbound, Lane, Merchant, Operator, Order, OrderLine,
    Process, Return, Site, Sku, StandbyContract, Stock, ZoneArea,
};
use holdfast_book::{read_book, write_book};
use holdfast_domain::money::{Currency, Money};
use holdfast_domain::place::Place;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Calendar, Day, Stamp, Zone};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::sample::select;

/// Text as a cell may hold it: trimmed, not empty, with everything that needs quoting.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z가-힣0-9 ,;|\\\\\"'\n\t=+@-]{1,12}", ".{1,10}"]
        .prop_map(|text| format!("x{text}").trim().to_owned())
}

fn money() -> impl Strategy<Value = Money> {
    (any::<i32>(), select(vec!["USD", "KRW", "GBP", "BHD"]))
        .prop_map(|(minor, code)| Money::new(i64::from(minor), code.parse().unwrap()))
}

/// An amount in the merchant's currency.
fn price() -> impl Strategy<Value = Money> {
    any::<i32>().prop_map(|minor| Money::new(i64::from(minor), Currency::GBP))
}

fn stamp() -> impl Strategy<Value = Stamp> {
    (0_i64..4_000_000_000_000).prop_map(Stamp)
}

fn day() -> impl Strategy<Value = Day> {
    (0_i32..40_000).prop_map(Day)
}

/// East of 90 degrees or west of them: elsewhere a place far from its country may look like one with its coordinates
/// swapped, which is refused.
fn place() -> impl Strategy<Value = Place> {
    (-90_000_000_i32..=90_000_000, 90_000_001_i32..=180_000_000, any::<bool>()).prop_map(
        |(lat, lon, west)| {
            let lon = if west { -lon } else { lon };
            Place::new(f64::from(lat) / 1e6, f64::from(lon) / 1e6).unwrap()
        },
    )
}

fn calendar() -> impl Strategy<Value = Calendar> {
    (any::<[bool; 7]>(), vec(day(), 0..4))
        .prop_map(|(weekdays, days)| Calendar { weekdays, holidays: days.into_iter().collect() })
}

fn zone() -> impl Strategy<Value = Zone> {
    select(vec!["UTC", "Asia/Seoul", "America/New_York"]).prop_map(|name| Zone::named(name).unwrap())
}

fn country() -> impl Strategy<Value = String> {
    select(vec!["US", "KR", "GB", "ZZ"]).prop_map(str::to_owned)
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    vec(text(), 0..3)
}

fn sites() -> impl Strategy<Value = Vec<Site>> {
    let one = (
        (text(), select(SiteKind::ALL), place(), of(text()), country(), of(zone())),
        (of(any::<[u32; 7]>()), 0_u16..1440, calendar(), of(money()), of(any::<u16>()), texts(), of(text())),
    );
    vec(one, 1..4).prop_map(|rows| {
        rows.into_iter()
            .enumerate()
            .map(
                |(
                    i,
                    (
                        (name, kind, place, address, country, timezone),
                        (capacity, minute, calendar, cost, wind, storage, partner),
                    ),
                )| Site {
                    address,
                    country,
                    timezone,
                    capacity: capacity.map(WeekCapacity),
                    cutoff: TimeOfDay::from_hm(0, minute),
                    calendar,
                    handling_parcel: cost,
                    wind_threshold_kt: wind,
                    storage,
                    partner,
                    county_fips: Some(format!("{:05}", i)),
                    ..Site::new(format!("S{i}"), name, kind, place)
                },
            )
            .collect()
    })
}

fn skus() -> impl Strategy<Value = Vec<Sku>> {
    vec((text(), of(text()), of(any::<u32>()), of(price()), texts()), 1..4).prop_map(|rows| {
        rows.into_iter()
            .enumerate()
            .map(|(i, (name, category, weight_g, price, substitutes))| Sku {
                category,
                weight_g,
                price,
                substitutes,
                gtin: Some("4006381333931".to_owned()),
                ..Sku::new("m".to_owned(), format!("K{i}"), name)
            })
            .collect()
    })
}

fn orders() -> impl Strategy<Value = Vec<Order>> {
    let one = (
        stamp(),
        country(),
        of(text()),
        of(stamp()),
        of(day()),
        select(Priority::ALL),
        select(OrderStatus::ALL),
        of(text()),
    );
    vec(one, 1..5).prop_map(|rows| {
        rows.into_iter()
            .enumerate()
            .map(|(i, (at, country, postal, paid_at, promised, priority, status, street))| Order {
                ship_postal: postal,
                customer: Some("C0".to_owned()),
                paid_at,
                promised,
                priority,
                status,
                ship_street: street,
                ..Order::new("m".to_owned(), format!("#{i}"), at, country)
            })
            .collect()
    })
}

fn people() -> impl Strategy<Value = (Customer, Contact, Process)> {
    (
        of(text()),
        vec(select(Consent::ALL), 0..3),
        of(text()),
        any::<bool>(),
        texts(),
        of(any::<u32>()),
        text(),
    )
        .prop_map(|(name, consents, phone, deputy, systems, rto_h, title)| {
            let customer = Customer {
                name: name.clone(),
                consents,
                phone: phone.clone(),
                ..Customer::new("C0".to_owned())
            };
            let contact = Contact {
                phone,
                deputy,
                site: Some("S0".to_owned()),
                ..Contact::new(title.clone(), title.clone())
            };
            let process = Process {
                systems,
                rto_h,
                sites: vec!["S0".to_owned()],
                workaround: name,
                ..Process::new(title.clone(), title)
            };
            (customer, contact, process)
        })
}

fn book() -> impl Strategy<Value = Book> {
    (
        sites(),
        skus(),
        orders(),
        people(),
        (
            text(),
            zone(),
            country(),
            money(),
            any::<u16>(),
            any::<u32>(),
            calendar(),
            select(LaneKind::ALL),
            any::<bool>(),
            Just(()),
        ),
    )
        .prop_map(
            |(
                sites,
                skus,
                orders,
                (customer, contact, process),
                (name, zone, country, cost, small, big, calendar, kind, flag, ()),
            )| {
                let m = || "m".to_owned();
                let (s0, k0, o0) = (|| "S0".to_owned(), || "K0".to_owned(), || "#0".to_owned());
                let at = orders[0].ordered_at;
                Book {
                    operator: Some(Operator {
                        timezone: zone,
                        country: country.clone(),
                        currency: Currency::KRW,
                        ..Operator::new(name.clone())
                    }),
                    merchants: vec![Merchant {
                        line_split: flag,
                        fairness_weight: big,
                        late_cost: Some(cost),
                        ..Merchant::new(m(), name.clone(), Currency::GBP)
                    }],
                    capacity_days: vec![CapacityDay::new(s0(), Day(17_000), big)],
                    standby_contracts: vec![StandbyContract {
                        capacity: Some(big),
                        ..StandbyContract::new(s0(), big, cost, cost)
                    }],
                    stock: vec![Stock { counted_at: Some(at), ..Stock::new(s0(), m(), k0(), Quantity(big)) }],
                    inbound: vec![Inbound::new(name.clone(), s0(), m(), k0(), Quantity(big), Day(17_000))],
                    zones: vec![ZoneArea {
                        postal_prefixes: vec!["284".to_owned()],
                        centroid: Some(sites[0].place),
                        ..ZoneArea::new("Z".to_owned(), country)
                    }],
                    carriers: vec![Carrier { calendar, ..Carrier::new("c".to_owned(), name.clone()) }],
                    lanes: vec![Lane {
                        kind,
                        open: flag,
                        kg_cost: Some(cost),
                        ..Lane::new("*".to_owned(), "Z".to_owned(), "c".to_owned(), name.clone(), cost, small)
                    }],
                    customers: vec![customer],
                    order_lines: vec![OrderLine {
                        unit_price: Some(Money::new(cost.minor(), Currency::GBP)),
                        cancelled: Quantity(big),
                        cancelled_at: Some(at),
                        ..OrderLine::new(m(), o0(), name.clone(), k0(), Quantity(big))
                    }],
                    returns: vec![Return {
                        order: Some(o0()),
                        restock: flag,
                        site: Some(s0()),
                        ..Return::new(m(), name, "1".to_owned(), k0(), Quantity(big), at)
                    }],
                    contacts: vec![contact],
                    processes: vec![process],
                    sites,
                    skus,
                    orders,
                }
            },
        )
}

proptest! {
    #[test]
    fn a_written_book_reads_back_equal(book in book()) {
        let files = write_book(&book);
        assert_eq!(files.len(), 17, "every file has a row");
        let reading = read_book(&files, &Known::none(), &[]);
        assert_eq!(reading.report.refused(), 0, "{}", reading.report);
        assert!(reading.report.adds_up());
        assert_eq!(reading.book, book);
        let again = read_book(&files, &Known::of(&book), &[]);
        assert_eq!(again.report.accepted(), 0);
    }
}
