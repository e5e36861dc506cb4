//! Networks by chance, tight in stock and room: orders that are passed by, lengths that share their beginning, and the
//! engine beside all of it.

use holdfast_domain::command::{Command, NewOrder};
use holdfast_domain::id::{MerchantId, ServiceId, SiteId, SkuId, ZoneId};
use holdfast_domain::money::Currency;
use holdfast_domain::network::{
    Country, DestinationZone, Lane, LaneKind, Language, Merchant, Operator, Service, Site, SiteKind, Sku,
    StandbyTerms, StorageSet,
};
use holdfast_domain::place::Place;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::time::{Calendar, Day, Span, Stamp, Zone};
use holdfast_engine::step::{Ask, Engine};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

use crate::bia::Question;
use crate::calibrate::calibrate;
use crate::fluid::run::Run;
use crate::fluid::shock::ms;
use crate::fluid::{Impact, Line, Patience, Shock, Stop, What, World};

const DAY: i64 = 86_400_000;
const START: i64 = 17_000 * DAY + 12 * 3_600_000;
const SITES: u16 = 5;
const ZONES: u16 = 4;
const SKUS: u32 = 24;
const DAYS: i64 = 24;

fn network(chance: &mut ChaCha12Rng) -> State {
    let us = Country::new("US").unwrap();
    let mut commands = vec![Command::SetOperator(Box::new(Operator {
        name: "o".into(),
        currency: Currency::USD,
        zone: Zone::utc(),
        language: Language::EN,
    }))];
    for merchant in ["one", "two"] {
        commands.push(Command::AddMerchant(Box::new(Merchant {
            code: merchant.into(),
            name: merchant.into(),
            currency: Currency::USD,
            language: Language::EN,
            contact: "".into(),
            split_quantity: merchant == "two",
            weight: 1,
            notice_after_days: 0,
            late_cost: chance.random_range(0..300),
            backorder_cost: 1_000,
            move_cost: 0,
            doubt: None,
        })));
    }
    for site in 0..SITES {
        let standby = (site + 1 == SITES).then_some(StandbyTerms {
            lead_time: Span::hours(18),
            activation_cost: chance.random_range(0..20_000),
            daily_cost: 500,
        });
        commands.push(Command::AddSite(Box::new(Site {
            code: format!("S{site}").as_str().into(),
            name: "s".into(),
            kind: if standby.is_some() { SiteKind::Standby } else { SiteKind::Centre },
            place: Place::new(34.0 + f64::from(site), -80.0).unwrap(),
            country: us,
            region: "NC".into(),
            zone: Zone::utc(),
            calendar: Calendar::every_day(),
            cutoff_ms: chance.random_range(10..20) * 3_600_000,
            capacity: std::array::from_fn(|_| chance.random_range(8..22)),
            work_parcel: 1,
            work_unit: 1,
            cost_parcel: 50,
            cost_unit: 5,
            storage: StorageSet::ALL,
            wind_limit_kt: None,
            standby,
        })));
    }
    for (carrier, name) in [("a", "slow"), ("a", "fast"), ("b", "slow")] {
        commands.push(Command::AddService(Box::new(Service {
            carrier: carrier.into(),
            name: name.into(),
            kind: LaneKind::Parcel,
            calendar: Calendar::every_day(),
        })));
    }
    for zone in 0..ZONES {
        commands.push(Command::AddZone(Box::new(DestinationZone {
            code: format!("z{zone}").as_str().into(),
            country: us,
            prefixes: vec![],
            place: Place::new(35.0, -80.0).unwrap(),
            population: 0,
        })));
    }
    for sku in 0..SKUS {
        commands.push(Command::AddSku(Box::new(Sku {
            merchant: MerchantId((sku % 2) as u16),
            code: format!("k{sku}").as_str().into(),
            name: "k".into(),
            category: "x".into(),
            weight_g: chance.random_range(50..3_000),
            pack: 1,
            price: 2_000,
            cost: 1_000,
            storage: 0,
        })));
    }
    for (site, zone, service) in
        (0..SITES).flat_map(|s| (0..ZONES).flat_map(move |z| (0..3).map(move |v| (s, z, v))))
    {
        if chance.random_bool(0.8) {
            commands.push(Command::AddLane(Box::new(Lane {
                site: SiteId(site),
                zone: ZoneId(zone),
                service: ServiceId(service),
                cost_parcel: chance.random_range(300..900),
                cost_kg: chance.random_range(20..90),
                transit_days: chance.random_range(1..5),
            })));
        }
    }
    for (site, sku) in (0..SITES).flat_map(|site| (0..SKUS).map(move |sku| (site, sku))) {
        let units = if chance.random_bool(0.25) { 0 } else { chance.random_range(1..30) };
        if units > 0 {
            let (site, sku, quantity) = (SiteId(site), SkuId(sku), Quantity(units));
            commands.push(Command::ReceiveStock { site, sku, quantity });
        }
    }
    let mut engine = Engine::default();
    for command in commands {
        let ask = Ask { command, actor: "test".into(), key: None };
        engine.step(&ask, Stamp(START)).unwrap();
    }
    engine.state
}

fn orders(chance: &mut ChaCha12Rng) -> Vec<(Stamp, NewOrder)> {
    let mut moments: Vec<i64> =
        (0..chance.random_range(250..500)).map(|_| START + chance.random_range(0..DAYS * DAY)).collect();
    moments.sort_unstable();
    moments.dedup();
    let order = |(index, at): (usize, i64)| {
        let merchant = chance.random_range(0..2_u16);
        // Some are longer than what is sourced exactly, and a few are great.
        let count = if chance.random_bool(0.1) { 9 } else { chance.random_range(1..4) };
        let lines = (0..count).map(|_| {
            let sku = chance.random_range(0..SKUS / 2) * 2 + u32::from(merchant);
            let units = if chance.random_bool(0.02) { 12 } else { chance.random_range(1..3) };
            (SkuId(sku), Quantity(units), 2_000)
        });
        let lines = lines.collect();
        let order = NewOrder {
            merchant: MerchantId(merchant),
            number: format!("o{index}").as_str().into(),
            subject: None,
            zone: ZoneId(chance.random_range(0..ZONES)),
            country: Country::new("US").unwrap(),
            postal: "28401".into(),
            language: Language::EN,
            placed: Stamp(at),
            paid: None,
            promise: chance.random_bool(0.8).then(|| Day((at / DAY) as i32 + chance.random_range(1..6))),
            priority: chance.random_range(0..3),
            hold: None,
            lines,
        };
        (Stamp(at), order)
    };
    moments.into_iter().enumerate().map(order).collect()
}

fn shock(world: &World, chance: &mut ChaCha12Rng) -> Shock {
    let phase = chance.random_range(0..world.phases.len());
    let longest = world.seen_h(phase);
    let mut stops = Vec::new();
    for _ in 0..chance.random_range(1..4) {
        let site = chance.random_range(0..SITES - 1);
        let what = match chance.random_range(0..6) {
            0 => What::Carrier(chance.random_range(0..2)),
            1 => What::Limit { site, permille: chance.random_range(100..900) },
            2 => What::Intake,
            _ => What::Site(site),
        };
        if !stops.iter().any(|stop: &Stop| stop.what == what) {
            stops.push(Stop { what, hours: chance.random_range(0.2..longest) });
        }
    }
    Shock { phase, stops, blocked: u64::from(chance.random_bool(0.2)) << (SITES - 1) }
}

fn worlds(
    purpose: u64,
    count: u64,
    mut test: impl FnMut(u64, &State, &[(Stamp, NewOrder)], &mut ChaCha12Rng),
) {
    for seed in 0..count {
        let mut chance = ChaCha12Rng::seed_from_u64(purpose << 32 | seed);
        let (state, orders) = (network(&mut chance), orders(&mut chance));
        test(seed, &state, &orders, &mut chance);
    }
}

#[test]
fn an_order_that_is_passed_by_gets_what_it_gets_when_it_is_looked_at() {
    let (mut looked, mut changed) = (0, 0);
    worlds(1, 12, |seed, state, orders, chance| {
        let world = World::new(state, orders).unwrap();
        for _ in 0..12 {
            let shock = shock(&world, chance);
            let calls = if chance.random_bool(0.5) { world.calls(&shock) } else { Vec::new() };
            let passing = Run::begin(&world, &shock, &calls).end(&shock, &calls);
            let mut all = Run::begin(&world, &shock, &calls);
            all.looks_at_all = true;
            let looking = all.end(&shock, &calls);
            let told = |now: std::collections::BTreeMap<usize, super::Now>| {
                let of_base = |(order, now): &(usize, super::Now)| now.served != world.base[*order];
                now.into_iter().filter(of_base).map(|(order, now)| (order, now.served)).collect::<Vec<_>>()
            };
            let (passing, looking) = (told(passing), told(looking));
            assert_eq!(passing, looking, "seed {seed}, {shock:?}, {calls:?}");
            changed += passing.len();
            looked += world.orders.len();
        }
    });
    assert!(changed * 20 > looked, "{changed} of {looked}: the networks are too wide to test anything");
}

#[test]
fn lengths_that_share_their_beginning_come_to_what_each_comes_to_alone() {
    worlds(2, 8, |seed, state, orders, chance| {
        let world = World::new(state, orders).unwrap();
        for _ in 0..6 {
            let shock = shock(&world, chance);
            let whats = shock.stops.iter().map(|stop| stop.what).collect();
            let line = Line { phase: shock.phase, whats, blocked: shock.blocked };
            // Some are beyond the history, and some are there twice.
            let mut lengths: Vec<f64> = (0..9).map(|_| chance.random_range(0.1..900.0)).collect();
            lengths.push(lengths[0]);
            lengths.push(world.seen_h(shock.phase));
            let mut told = vec![None; lengths.len()];
            world.along(&line, &lengths, Patience::default(), |at, impact, outcome| {
                told[at] = Some((impact, outcome.changed.len()));
            });
            for (hours, told) in lengths.iter().zip(told) {
                let (impact, _) = told.unwrap();
                let alone = world.impact(&line.shock(*hours), Patience::default(), None);
                assert_eq!(impact, alone, "seed {seed}, {line:?}, {hours} h");
            }
        }
    });
}

#[test]
fn a_length_leaps_at_the_cut_off_of_the_site_that_stops() {
    worlds(3, 3, |seed, state, orders, chance| {
        let world = World::new(state, orders).unwrap();
        let line = Line { phase: 0, whats: vec![What::Site(0)], blocked: 0 };
        let few = world.lengths(&line, vec![5.0, 3.0, 5.0]);
        assert_eq!(few, [3.0, 5.0], "seed {seed}: few events keep their own");
        let many: Vec<f64> = (0..3_000).map(|_| chance.random_range(0.1..400.0)).collect();
        let lengths = world.lengths(&line, many.clone());
        assert!(lengths.is_sorted() && lengths.len() < 120, "{}", lengths.len());
        let cutoff = world.sites[0].cutoffs.iter().map(|at| at - world.phases[0]).find(|at| *at > 2).unwrap();
        for at in [cutoff - 1, cutoff] {
            assert!(lengths.iter().any(|hours| ms(*hours) == at), "seed {seed}: {at} ms");
        }
        let longest = many.iter().copied().fold(0.0, f64::max);
        assert!(lengths.contains(&longest));
    });
}

/// Orders are whole with their customers on the same days at the same cost, whichever of the two says so.
#[test]
fn the_engine_says_the_same_of_networks_by_chance() {
    let catalogue = holdfast_hazard::catalogue::CatalogueConfig::default();
    let mut felt = 0.0;
    worlds(4, 12, |seed, state, orders, _| {
        let question = Question {
            state,
            orders,
            processes: &[],
            catalogue: &catalogue,
            seed,
            years: 500,
            patience: Patience::default(),
        };
        let found = calibrate(&question, 30).unwrap();
        for pair in &found.pairs {
            let figures = |impact: &Impact| {
                let money = (impact.revenue, impact.added_cost, impact.late_cost, impact.standby_cost);
                (impact.late, impact.unserved, money)
            };
            assert_eq!(figures(&pair.exact), figures(&pair.engine), "seed {seed}, {pair:?}");
            felt += pair.engine.touched;
        }
    });
    assert!(felt > 500.0, "{felt}");
}
