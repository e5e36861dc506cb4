//! Trucks between sites as the planner may use them: which, with what on board, and when they arrive.
//!
//! A SKU is offered to a truck where what can reach some customers is less than they wait for, while more of it lies at
//! a site they cannot be served from, or at one that is limited or expected to shut. What is on its way already is a
//! truck too: it costs nothing more, and it cannot be turned round.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::id::{Id, LaneId, OrderId, SiteId, SkuId, TransferId, ZoneId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::network::LaneKind;
use holdfast_domain::order::Order;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Stamp};
use holdfast_plan::replan;
use holdfast_plan::route::haul::{HaulTerms, HaulWay, NoHaul, Roads, haul_way};
use serde::{Deserialize, Serialize};

/// Destinations tried for each source, nearest first.
pub const HAULS_PER_SITE: usize = 4;
/// Trucks offered to the planner at most, those on their way not counted.
pub const HAULS_OFFERED: usize = 64;

/// How goods may be carried between sites.
#[derive(Clone, Copy, Debug)]
pub struct Transport<'a> {
    /// What trucks cost and how fast they are.
    pub terms: HaulTerms,
    /// The operator's roads, where there are any, with what the incident closes.
    pub roads: Option<Roads<'a>>,
}

/// A truck of the frozen problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Truck {
    /// One that may be sent.
    Offered {
        /// From here.
        from: SiteId,
        /// To there.
        to: SiteId,
        /// The day it leaves.
        leaves: Day,
        /// The first day on which what it brings may ship.
        ready: Day,
        /// Its way.
        way: HaulWay,
    },
    /// One that was sent before.
    Underway {
        /// The transfer.
        transfer: TransferId,
        /// The first day on which what it brings may ship.
        ready: Day,
    },
}

/// Two places no truck joins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoTruck {
    /// From here.
    pub from: SiteId,
    /// To this site, or to the zone a line-haul leads to.
    pub to: Destination,
    /// Why.
    pub why: NoHaul,
}

/// Where a truck goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// A site.
    Site(SiteId),
    /// The hub near a zone's customers.
    Zone(ZoneId),
}

/// What the trucks add to a problem.
#[derive(Default)]
pub(super) struct Trucks {
    pub(super) hauls: Vec<replan::Haul>,
    pub(super) trucks: Vec<Truck>,
    pub(super) none: Vec<NoTruck>,
    /// Loads on their way, as stock of sites that ship nothing themselves.
    pub(super) loads: Vec<(Vec<(SkuId, u32)>, Day)>,
}

/// What customers wait for, by SKU and zone.
type Demand = BTreeMap<SkuId, BTreeMap<ZoneId, u64>>;

/// The trucks that may help the open orders. `stock` is what lies where, with what the orders hold given back.
pub(super) fn trucks(
    state: &State,
    open: &[(OrderId, &Order)],
    stock: &[replan::Stock],
    (first_day, horizon, at): (Day, u16, Stamp),
    transport: &Transport<'_>,
) -> Trucks {
    let mut out = Trucks::default();
    underway(state, first_day, &mut out);
    let demand = demand(open);
    let reach = Reach::of(state, &demand);
    let offers = offers(state, &demand, stock, &reach, first_day, horizon);
    let mut by_source: BTreeMap<SiteId, Vec<(u64, SiteId, &BTreeSet<SkuId>)>> = BTreeMap::new();
    for ((from, to), skus) in &offers {
        let (Some(a), Some(b)) = (state.network.site(*from), state.network.site(*to)) else { continue };
        by_source.entry(*from).or_default().push((a.place.distance_m(b.place) as u64, *to, skus));
    }
    for (from, mut targets) in by_source {
        targets.sort_unstable();
        targets.truncate(HAULS_PER_SITE);
        for (_, to, skus) in targets {
            if out.trucks.len() < HAULS_OFFERED {
                offer(state, (from, to), skus, (first_day, horizon, at), transport, &mut out);
            }
        }
    }
    out
}

/// What is on its way: one truck each, from a place of its own.
fn underway(state: &State, first_day: Day, out: &mut Trucks) {
    for (transfer, sent) in state.transfers.iter().filter(|(_, sent)| !sent.received) {
        if out.trucks.len() >= replan::HAULS_MAX - HAULS_OFFERED {
            break;
        }
        let mut items: BTreeMap<SkuId, u32> = BTreeMap::new();
        for (sku, quantity) in &sent.items {
            let sum = items.entry(*sku).or_default();
            *sum = sum.saturating_add(quantity.0);
        }
        // What should have come by now is expected tomorrow.
        let due = sent.due.max(first_day.plus(1));
        let ready_day = u16::try_from(due.since(first_day)).unwrap_or(u16::MAX);
        let from = SiteId::from_index(state.sites.len() + out.loads.len());
        let skus = items.keys().copied().collect();
        out.hauls.push(replan::Haul {
            from,
            to: sent.to,
            leaves_day: 0,
            ready_day,
            per_unit: 0,
            per_kg: 0,
            skus,
        });
        out.trucks.push(Truck::Underway { transfer, ready: due });
        out.loads.push((items.into_iter().collect(), due));
    }
}

fn demand(open: &[(OrderId, &Order)]) -> Demand {
    let mut demand = Demand::new();
    for (_, order) in open {
        for line in &order.lines {
            let units = u64::from(super::problem::open_units(line));
            if units > 0 {
                *demand.entry(line.sku).or_default().entry(order.zone).or_default() += units;
            }
        }
    }
    demand
}

/// Which open sites an open lane joins to each zone, a bit for each site.
struct Reach(BTreeMap<ZoneId, u64>);

impl Reach {
    fn of(state: &State, demand: &Demand) -> Self {
        let zones: BTreeSet<ZoneId> = demand.values().flat_map(|zones| zones.keys().copied()).collect();
        let sites = |zone: &ZoneId| {
            let lanes = state.network.lanes_to(*zone).iter();
            let open = lanes.filter(|(site, lane)| ships(state, *site) && state.lane_is_open(*lane));
            (*zone, open.fold(0, |all, (site, _)| all | 1 << site.index()))
        };
        Self(zones.iter().map(sites).collect())
    }

    fn joins(&self, zone: ZoneId, site: SiteId) -> bool {
        self.0.get(&zone).is_some_and(|sites| sites >> site.index() & 1 == 1)
    }
}

fn ships(state: &State, site: SiteId) -> bool {
    state.sites.get(site.index()).is_some_and(|now| now.access.takes_orders())
}

/// Pairs of sites with the SKUs a truck between them might be wanted for.
fn offers(
    state: &State,
    demand: &Demand,
    stock: &[replan::Stock],
    reach: &Reach,
    first_day: Day,
    horizon: u16,
) -> BTreeMap<(SiteId, SiteId), BTreeSet<SkuId>> {
    let mut held: BTreeMap<SkuId, Vec<(SiteId, u64)>> = BTreeMap::new();
    for at in stock {
        held.entry(at.sku).or_default().push((at.site, u64::from(at.quantity)));
    }
    let sites: Vec<SiteId> = (0..state.sites.len()).map(SiteId::from_index).collect();
    let strained: Vec<bool> =
        sites.iter().map(|site| is_strained(state, *site, first_day, horizon)).collect();
    let mut offers: BTreeMap<(SiteId, SiteId), BTreeSet<SkuId>> = BTreeMap::new();
    for (sku, zones) in demand {
        let Some(held) = held.get(sku) else { continue };
        for (zone, wanted) in zones {
            let easy = held.iter().filter(|(site, _)| reach.joins(*zone, *site) && !strained[site.index()]);
            if easy.map(|(_, units)| units).sum::<u64>() >= *wanted {
                continue;
            }
            let hard = held.iter().filter(|(site, _)| !reach.joins(*zone, *site) || strained[site.index()]);
            for (from, _) in hard.filter(|(site, _)| can_load(state, *site)) {
                for to in sites.iter().filter(|to| *to != from && reach.joins(*zone, **to)) {
                    if !strained[to.index()] {
                        offers.entry((*from, *to)).or_default().insert(*sku);
                    }
                }
            }
        }
    }
    offers
}

/// Whether the site does less than usual, now or soon.
fn is_strained(state: &State, site: SiteId, first_day: Day, horizon: u16) -> bool {
    let now = &state.sites[site.index()];
    let soon = (0..i32::from(horizon)).any(|ahead| now.is_out(first_day.plus(ahead)));
    soon || matches!(now.access, SiteAccess::Open { permille: ..1000 })
}

fn can_load(state: &State, site: SiteId) -> bool {
    state.sites.get(site.index()).is_some_and(|now| matches!(now.access, SiteAccess::Open { permille: 1.. }))
}

fn offer(
    state: &State,
    (from, to): (SiteId, SiteId),
    skus: &BTreeSet<SkuId>,
    (first_day, horizon, at): (Day, u16, Stamp),
    transport: &Transport<'_>,
    out: &mut Trucks,
) {
    let (Some(a), Some(b)) = (state.network.site(from), state.network.site(to)) else { return };
    let depart = at.after(transport.terms.loading);
    let leaves = depart.local(&a.zone).0;
    if state.sites[from.index()].is_out(leaves) {
        return;
    }
    let way = match haul_way(&transport.terms, transport.roads.as_ref(), a.place, b.place, depart) {
        Ok(way) => way,
        Err(why) => {
            out.none.push(NoTruck { from, to: Destination::Site(to), why });
            return;
        }
    };
    let Some(ready) = b.first_ship_day(way.arrive.after(transport.terms.unloading)) else { return };
    let day = |day: Day| u16::try_from(day.since(first_day).max(0)).unwrap_or(u16::MAX);
    if day(ready) >= horizon {
        return;
    }
    out.hauls.push(replan::Haul {
        from,
        to,
        leaves_day: day(leaves).min(day(ready)),
        ready_day: day(ready),
        per_unit: transport.terms.per_unit,
        per_kg: transport.terms.per_kg(way.length_m),
        skus: skus.iter().copied().collect(),
    });
    out.trucks.push(Truck::Offered { from, to, leaves, ready, way });
}

/// Lanes whose parcels first go by line-haul to a hub near their zone: shut where no road leads there, slower and
/// dearer where the way round is longer. Without roads they are as the book has them.
pub(super) fn line_hauls(
    state: &State,
    lanes: &mut [replan::Lane],
    at: Stamp,
    transport: &Transport<'_>,
    none: &mut Vec<NoTruck>,
) {
    if transport.roads.is_none() {
        return;
    }
    let mut known: BTreeMap<(SiteId, ZoneId), Result<HaulWay, NoHaul>> = BTreeMap::new();
    for (index, lane) in lanes.iter_mut().enumerate().filter(|(_, lane)| lane.open_until > 0) {
        let service = state.network.lanes.get(LaneId::from_index(index)).map(|lane| lane.service.index());
        let kind = service.and_then(|service| state.network.services.get(service)).map(|s| s.kind);
        let (Some(site), Some(zone)) =
            (state.network.site(lane.site), state.network.zones.get(lane.zone.index()))
        else {
            continue;
        };
        if kind != Some(LaneKind::ZoneSkip) {
            continue;
        }
        let way = known.entry((lane.site, lane.zone)).or_insert_with(|| {
            haul_way(&transport.terms, transport.roads.as_ref(), site.place, zone.place, at)
        });
        match way {
            Ok(way) => {
                let more_m = way.length_m.saturating_sub(way.open_length_m);
                // The carrier's price holds for the usual way; the detour's kilometres come on top, by weight.
                let terms = HaulTerms { fixed: 0, ..transport.terms };
                lane.per_kg += if more_m > 0 { terms.per_kg(more_m) } else { 0 };
                let metres_an_hour = u64::from(terms.speed_kmh.max(1)) * 1000;
                let hours = more_m.div_ceil(metres_an_hour) + way.waited.0.div_ceil(3_600_000);
                let days = u16::try_from(hours.div_ceil(24)).unwrap_or(u16::MAX);
                lane.transit_days.iter_mut().for_each(|transit| *transit = transit.saturating_add(days));
            }
            Err(why) => {
                lane.open_until = 0;
                let to = Destination::Zone(lane.zone);
                if !none.iter().any(|known| (known.from, known.to) == (lane.site, to)) {
                    none.push(NoTruck { from: lane.site, to, why: why.clone() });
                }
            }
        }
    }
}
