//! The five parts of disaster-recovery fulfilment, each answered by one drill: what the loss was said to cost and did
//! cost, which sites took over, which SKUs lay where, which lanes were opened; and what a take-over would be offered.
//!
//! Invariant: every answer is counted from states of this drill; none is a figure of another run.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_app::load::Loaded;
use holdfast_continuity::bia::{self, BiaError, Question};
use holdfast_continuity::critical::{Ask, CriticalError, Laid, critical};
use holdfast_continuity::fluid::{FluidError, Impact, Patience, Shock, Stop, What, World};
use holdfast_domain::command::{Command, NewOrder};
use holdfast_domain::id::{Id, MerchantId, OrderId, SiteId, SkuId, ZoneId};
use holdfast_domain::network::LaneKind;
use holdfast_domain::order::ShipmentStage;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Stamp};
use holdfast_engine::takeover::{GuestOffer, Tariff};
use holdfast_hazard::catalogue::CatalogueConfig;
use serde::Serialize;

use crate::drill::{Drill, DrillError, PolicyName, Run, Setting, again};
use crate::takeover::{self, TakeoverError, offer_only};
use crate::tally::Tally;
use crate::truth::SiteOut;

/// SKUs that are told by name.
const SKUS_TOLD: usize = 8;
/// Flows that are told for the map, the greatest first.
const FLOWS_TOLD: usize = 160;
/// Years whose closures say where stock should lie.
const YEARS: u32 = 150;
/// Closures of those years that are looked at.
const SAMPLES: usize = 60;
/// What holding stock costs a year, per cent of what it cost to buy: assumed, as in `holdfast critical`.
const CARRY_PERCENT: u32 = 20;
/// Days until fresh stock comes: assumed, as in `holdfast critical`.
const RESTOCK_DAYS: u32 = 14;

/// The parts' answers.
#[derive(Clone, Debug, Serialize)]
pub struct Parts {
    /// What the loss was said to cost, before.
    pub said: Option<Impact>,
    /// Why nothing was said.
    pub unsaid: Option<String>,
    /// Closed sites and who took over from them.
    pub centres: Vec<Centre>,
    /// SKUs of closed sites that were served from elsewhere, the most units first.
    pub skus: Vec<SkuServed>,
    /// How many such SKUs there are.
    pub skus_served: usize,
    /// Where critical stock should have lain, and what doubling would have cost.
    pub laid: Option<Laid>,
    /// Why nobody can say.
    pub unlaid: Option<String>,
    /// The same drill with that stock laid beforehand.
    pub with_laid: Option<Tally>,
    /// Services by which displaced orders travelled.
    pub services: Vec<ServiceUse>,
    /// Lanes (site, zone, service) that carried displaced orders and nothing had all been calm.
    pub lanes_opened: usize,
    /// What carrying displaced orders cost, and would have cost had all been calm; minor units.
    pub carriage: (i64, i64),
    /// Where displaced orders came from and went to: site, zone, parcels.
    pub flows: Vec<(SiteId, ZoneId, u32)>,
    /// What a take-over of the merchant who was hit hardest would have been offered, had the sites been destroyed.
    pub offer: Option<GuestOffer>,
    /// That merchant.
    pub hit: Option<MerchantId>,
    /// Why there is no offer.
    pub unoffered: Option<String>,
}

/// A closed site and who took over from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Centre {
    /// The site.
    pub site: SiteId,
    /// Orders it would have shipped while it was shut, had all been calm.
    pub orders: u64,
    /// Units of those.
    pub units: u64,
    /// Who shipped them, the most units first.
    pub taken: Vec<Taken>,
    /// Units it shipped itself, before or after.
    pub itself: u64,
    /// Units nobody shipped.
    pub nobody: u64,
    /// The first day another site shipped some.
    pub first_day: Option<Day>,
}

/// What a site took over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// The site.
    pub site: SiteId,
    /// Orders with something from there.
    pub orders: u64,
    /// Units.
    pub units: u64,
}

/// A SKU of closed sites that was served from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SkuServed {
    /// The merchant's code.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Units, by the site they came from.
    pub from: Vec<(SiteId, u64)>,
}

/// A carrier's service in the drill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceUse {
    /// Carrier and service.
    pub name: String,
    /// Its channel.
    #[serde(skip)]
    pub kind: LaneKind,
    /// Parcels of displaced orders.
    pub parcels: u64,
    /// Parcels that would have gone by it from the closed sites, had all been calm.
    pub calm: u64,
    /// Zones they went to.
    pub zones: usize,
}

/// Why the parts cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum PartsError {
    /// The drill cannot be run again.
    #[error(transparent)]
    Drill(#[from] DrillError),
}

/// What is asked beside the drill itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Whether it is said where stock should have lain.
    pub laid: bool,
    /// Whether the drill is run once more with critical stock laid beforehand.
    pub with_laid: bool,
    /// Whether a take-over is offered.
    pub offer: bool,
}

/// Answers the five parts.
///
/// # Errors
/// [`PartsError`] where the drill cannot be run again.
pub fn parts(setting: &Setting<'_>, drill: &Drill, wanted: Wanted) -> Result<Parts, PartsError> {
    let ours = drill.runs.iter().find(|run| run.policy == PolicyName::Holdfast);
    let ours = &ours.expect("every drill runs Holdfast").state;
    let moved = Displaced::of(&drill.calm, ours, &drill.report.closures);
    let orders: Vec<(Stamp, NewOrder)> =
        setting.loaded.orders.iter().map(|order| (order.at, order.order.clone())).collect();
    let (said, unsaid) = match said(&drill.start, &orders, &drill.report.closures) {
        Ok(said) => (said, None),
        Err(error) => (None, Some(error.to_string())),
    };
    let (laid, unlaid) = match wanted.laid.then(|| laid(&drill.start, &orders, setting.seed)) {
        Some(Ok(laid)) => (laid, None),
        Some(Err(error)) => (None, Some(error.to_string())),
        None => (None, None),
    };
    let with_laid = match &laid {
        Some(laid) if wanted.with_laid && !laid.lays.is_empty() => {
            Some(with_stock(setting, drill, laid)?.tally)
        }
        _ => None,
    };
    let hit = moved.hardest_hit(&drill.calm);
    let (offer, unoffered) = match hit.filter(|_| wanted.offer).map(|hit| offered(setting, drill, hit)) {
        Some(Ok(offer)) => (offer, None),
        Some(Err(error)) => (None, Some(error.to_string())),
        None => (None, None),
    };
    let (skus, skus_served) = moved.skus(ours);
    let (services, lanes_opened) = moved.services(&drill.calm, ours);
    Ok(Parts {
        said,
        unsaid,
        centres: moved.centres(),
        skus,
        skus_served,
        laid,
        unlaid,
        with_laid,
        services,
        lanes_opened,
        carriage: moved.carriage(&drill.calm, ours),
        flows: moved.flows(ours),
        offer,
        hit,
        unoffered,
    })
}

/// What the analysis says of these closures, each from the begin of the first; `None` where no site closed.
fn said(
    start: &State,
    orders: &[(Stamp, NewOrder)],
    closures: &[SiteOut],
) -> Result<Option<Impact>, FluidError> {
    let Some(from) = closures.iter().map(|closed| closed.out.from).min() else { return Ok(None) };
    let (Some((first, _)), Some((last, _))) = (orders.first(), orders.last()) else {
        return Err(FluidError::NoOrders);
    };
    let from = from.clamp(*first, *last);
    let stop = |closed: &SiteOut| {
        let until = closed.out.until.unwrap_or(*last);
        let hours = (until.0 - from.0).max(0) as f64 / 3_600_000.0;
        Stop { what: What::Site(closed.site.0), hours }
    };
    let world = World::starting_at(start, orders, vec![from.0])?;
    let shock = Shock { phase: 0, stops: closures.iter().map(stop).collect(), blocked: 0 };
    Ok(Some(world.run(&shock, Patience::default()).impact))
}

#[derive(Debug, thiserror::Error)]
enum LaidError {
    #[error(transparent)]
    Bia(#[from] BiaError),
    #[error(transparent)]
    Critical(#[from] CriticalError),
}

/// Where stock should lie, as known before: nothing of the drill's disaster is in it.
fn laid(start: &State, orders: &[(Stamp, NewOrder)], seed: u64) -> Result<Option<Laid>, LaidError> {
    let catalogue = CatalogueConfig::default();
    let question = Question {
        state: start,
        orders,
        processes: &[],
        catalogue: &catalogue,
        seed,
        years: YEARS,
        patience: Patience::default(),
    };
    let world = World::new(start, orders).map_err(BiaError::from)?;
    let report = bia::outline(&question, &world)?;
    let ask = Ask {
        question: &question,
        world: &world,
        report: &report,
        budget_minor: None,
        carry_percent: CARRY_PERCENT,
        restock_days: RESTOCK_DAYS,
        samples: SAMPLES,
        points: 1,
        at: &[],
        incidents: &[],
    };
    Ok(critical(&ask)?.laid)
}

/// The drill once more, with the chosen stock at its sites before the first order.
fn with_stock(setting: &Setting<'_>, drill: &Drill, laid: &Laid) -> Result<Run, DrillError> {
    let network = &drill.start.network;
    let skus: BTreeMap<&str, SkuId> = network.skus.iter().map(|(id, sku)| (&*sku.code, id)).collect();
    let site_of = |code: &str| network.sites.iter().position(|site| *site.code == *code);
    let mut more: Loaded = setting.loaded.clone();
    for lay in &laid.lays {
        let (Some(sku), Some(site)) = (skus.get(lay.sku.as_str()), site_of(&lay.site)) else { continue };
        let (site, quantity) = (SiteId::from_index(site), Quantity(lay.units));
        more.setup.push(Command::ReceiveStock { site, sku: *sku, quantity });
    }
    again(&Setting { loaded: &more, ..*setting }, &drill.report.outlooks)
}

/// What the merchant who was hit hardest would be offered, were the sites that closed destroyed when the last did.
fn offered(
    setting: &Setting<'_>,
    drill: &Drill,
    hit: MerchantId,
) -> Result<Option<GuestOffer>, TakeoverError> {
    let closures = &drill.report.closures;
    let Some(at) = closures.iter().map(|closed| closed.out.from).max() else { return Ok(None) };
    let mut home: Vec<SiteId> =
        closures.iter().filter(|closed| closed.out.covers(at)).map(|closed| closed.site).collect();
    home.sort_unstable();
    home.dedup();
    let asked = takeover::Setting {
        loaded: setting.loaded,
        merchant: hit,
        home,
        at,
        tariff: Tariff::default(),
        resupply_days: None,
        seed: setting.seed,
    };
    offer_only(&asked).map(|offer| Some(offer.guest))
}

/// Units of a line that left a site.
#[derive(Clone, Copy)]
struct Left {
    shipment: usize,
    site: SiteId,
    day: Day,
    units: u64,
}

/// A line of an order that a closed site would have shipped.
struct Line {
    order: OrderId,
    line: u16,
    home: SiteId,
    units: u64,
    /// Who shipped so much of it: the closed site itself among them.
    by: Vec<Left>,
}

/// Lines that closed sites would have shipped while they were shut, and what became of them.
struct Displaced {
    lines: Vec<Line>,
    homes: Vec<SiteId>,
    /// Shipments of the calm run that carried them, by index.
    calm_shipments: BTreeSet<usize>,
}

fn left(state: &State) -> BTreeMap<(OrderId, u16), Vec<Left>> {
    let mut all: BTreeMap<(OrderId, u16), Vec<Left>> = BTreeMap::new();
    let gone =
        |stage| matches!(stage, ShipmentStage::Shipped | ShipmentStage::Exception | ShipmentStage::Delivered);
    for (id, shipment) in state.shipments.iter().filter(|(_, shipment)| gone(shipment.stage)) {
        for (line, units) in &shipment.items {
            let left = Left {
                shipment: id.index(),
                site: shipment.site,
                day: shipment.ship_day,
                units: u64::from(units.0),
            };
            all.entry((shipment.order, *line)).or_default().push(left);
        }
    }
    all
}

impl Displaced {
    fn of(calm: &State, ours: &State, closures: &[SiteOut]) -> Self {
        let mut homes: Vec<SiteId> = closures.iter().map(|closed| closed.site).collect();
        homes.dedup();
        let shut = |site: SiteId, day: Day| {
            let Some(known) = calm.network.site(site) else { return false };
            let leaves = day.at(known.cutoff_ms, &known.zone);
            closures.iter().any(|closed| closed.site == site && closed.out.covers(leaves))
        };
        let real = left(ours);
        let mut calm_shipments = BTreeSet::new();
        let mut lines = Vec::new();
        for ((order, line), usual) in left(calm) {
            let mut by = real.get(&(order, line)).cloned().unwrap_or_default();
            // What the site did itself, before or after, is counted first.
            for one in usual.iter().filter(|one| shut(one.site, one.day)) {
                calm_shipments.insert(one.shipment);
                by.sort_by_key(|done| (done.site != one.site, done.site, done.day));
                let (mut open, mut taken) = (one.units, Vec::new());
                for done in &mut by {
                    let units = done.units.min(open);
                    if units > 0 {
                        taken.push(Left { units, ..*done });
                    }
                    (done.units, open) = (done.units - units, open - units);
                }
                lines.push(Line { order, line, home: one.site, units: one.units, by: taken });
            }
        }
        Self { lines, homes, calm_shipments }
    }

    /// What other sites shipped.
    fn elsewhere(&self) -> impl Iterator<Item = (&Line, &Left)> {
        self.lines.iter().flat_map(|line| {
            line.by.iter().filter(|done| done.site != line.home).map(move |done| (line, done))
        })
    }

    fn centres(&self) -> Vec<Centre> {
        self.homes.iter().map(|site| self.centre(*site)).collect()
    }

    fn centre(&self, site: SiteId) -> Centre {
        let mine = || self.lines.iter().filter(|line| line.home == site);
        let mut orders: Vec<OrderId> = mine().map(|line| line.order).collect();
        orders.dedup();
        let mut taken: BTreeMap<SiteId, (BTreeSet<OrderId>, u64)> = BTreeMap::new();
        for (line, done) in self.elsewhere().filter(|(line, _)| line.home == site) {
            let entry = taken.entry(done.site).or_default();
            entry.0.insert(line.order);
            entry.1 += done.units;
        }
        let units: u64 = mine().map(|line| line.units).sum();
        let shipped: u64 = mine().flat_map(|line| &line.by).map(|done| done.units).sum();
        let others: u64 = taken.values().map(|(_, units)| units).sum();
        let mut taken: Vec<Taken> = taken
            .into_iter()
            .map(|(site, (orders, units))| Taken { site, orders: orders.len() as u64, units })
            .collect();
        taken.sort_by_key(|taken| (core::cmp::Reverse(taken.units), taken.site));
        Centre {
            site,
            orders: orders.len() as u64,
            units,
            taken,
            itself: shipped - others,
            nobody: units - shipped,
            first_day: self.elsewhere().filter(|(line, _)| line.home == site).map(|(_, done)| done.day).min(),
        }
    }

    fn hardest_hit(&self, calm: &State) -> Option<MerchantId> {
        let mut units: BTreeMap<MerchantId, u64> = BTreeMap::new();
        for line in &self.lines {
            if let Ok(order) = calm.order(line.order) {
                *units.entry(order.merchant).or_default() += line.units;
            }
        }
        // The first of equals: the least id.
        units.into_iter().max_by_key(|(id, units)| (*units, core::cmp::Reverse(*id))).map(|(id, _)| id)
    }

    fn skus(&self, ours: &State) -> (Vec<SkuServed>, usize) {
        let mut by: BTreeMap<SkuId, BTreeMap<SiteId, u64>> = BTreeMap::new();
        for (line, done) in self.elsewhere() {
            let sku = ours.order(line.order).ok().and_then(|order| order.lines.get(usize::from(line.line)));
            if let Some(sku) = sku {
                *by.entry(sku.sku).or_default().entry(done.site).or_default() += done.units;
            }
        }
        let count = by.len();
        let mut all: Vec<(u64, SkuId, BTreeMap<SiteId, u64>)> =
            by.into_iter().map(|(sku, from)| (from.values().sum(), sku, from)).collect();
        all.sort_by_key(|(units, sku, _)| (core::cmp::Reverse(*units), *sku));
        let told = all.into_iter().take(SKUS_TOLD).filter_map(|(_, sku, from)| {
            let known = ours.network.skus.get(sku)?;
            let mut from: Vec<(SiteId, u64)> = from.into_iter().collect();
            from.sort_by_key(|(site, units)| (core::cmp::Reverse(*units), *site));
            Some(SkuServed { code: known.code.to_string(), name: known.name.to_string(), from })
        });
        (told.collect(), count)
    }

    /// Shipments of ours that carried something from elsewhere.
    fn shipments(&self) -> BTreeSet<usize> {
        self.elsewhere().map(|(_, done)| done.shipment).collect()
    }

    fn services(&self, calm: &State, ours: &State) -> (Vec<ServiceUse>, usize) {
        let lane_of = |state: &State, shipment: usize| {
            let shipment = state.shipments.get(Id::from_index(shipment))?;
            state.network.lanes.get(shipment.lane).map(|lane| (lane.site, lane.zone, lane.service))
        };
        let used: BTreeSet<_> =
            (0..calm.shipments.iter().count()).filter_map(|at| lane_of(calm, at)).collect();
        let mut opened = BTreeSet::new();
        let mut by: BTreeMap<usize, (u64, u64, BTreeSet<ZoneId>)> = BTreeMap::new();
        for lane in self.shipments().into_iter().filter_map(|at| lane_of(ours, at)) {
            let entry = by.entry(lane.2.index()).or_default();
            entry.0 += 1;
            entry.2.insert(lane.1);
            if !used.contains(&lane) {
                opened.insert(lane);
            }
        }
        for lane in self.calm_shipments.iter().filter_map(|at| lane_of(calm, *at)) {
            by.entry(lane.2.index()).or_default().1 += 1;
        }
        let told = by.into_iter().filter_map(|(service, (parcels, usual, zones))| {
            let known = ours.network.services.get(service)?;
            let name = format!("{} {}", known.carrier, known.name);
            Some(ServiceUse { name, kind: known.kind, parcels, calm: usual, zones: zones.len() })
        });
        let mut told: Vec<ServiceUse> = told.collect();
        told.sort_by(|a, b| b.parcels.cmp(&a.parcels).then_with(|| a.name.cmp(&b.name)));
        (told, opened.len())
    }

    /// Carriers' prices of the shipments that carried displaced lines: as it went, and had all been calm.
    fn carriage(&self, calm: &State, ours: &State) -> (i64, i64) {
        let price = |state: &State, at: usize| {
            let Some(shipment) = state.shipments.get(Id::from_index(at)) else { return 0 };
            let Some(lane) = state.network.lanes.get(shipment.lane) else { return 0 };
            let weight = |line: u16| {
                let order = state.order(shipment.order).ok()?;
                let sku = order.lines.get(usize::from(line))?.sku;
                Some(state.network.skus.get(sku)?.weight_g)
            };
            let units = shipment
                .items
                .iter()
                .map(|(line, units)| i64::from(units.0) * lane.cost_unit(weight(*line).unwrap_or(0)));
            lane.cost_parcel + units.sum::<i64>()
        };
        let all: BTreeSet<usize> =
            self.lines.iter().flat_map(|line| &line.by).map(|done| done.shipment).collect();
        (
            all.into_iter().map(|at| price(ours, at)).sum(),
            self.calm_shipments.iter().map(|at| price(calm, *at)).sum(),
        )
    }

    fn flows(&self, ours: &State) -> Vec<(SiteId, ZoneId, u32)> {
        let mut flows: BTreeMap<(SiteId, ZoneId), u32> = BTreeMap::new();
        for at in self.shipments() {
            let Some(shipment) = ours.shipments.get(Id::from_index(at)) else { continue };
            if let Some(lane) = ours.network.lanes.get(shipment.lane) {
                *flows.entry((lane.site, lane.zone)).or_default() += 1;
            }
        }
        let mut flows: Vec<_> = flows.into_iter().map(|((site, zone), n)| (site, zone, n)).collect();
        flows.sort_by_key(|(site, zone, n)| (core::cmp::Reverse(*n), *site, *zone));
        flows.truncate(FLOWS_TOLD);
        flows
    }
}
