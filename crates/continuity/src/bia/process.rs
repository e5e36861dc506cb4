//! Processes: what people declared, what the loss of each costs, and what neither can say.
//!
//! Invariant: nothing that only people know is filled in; it is listed as missing.

use holdfast_domain::id::Id;
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

use super::band::{OverTime, nothing, over_time};
use super::partner::{name, with_followers};
use super::{Facts, Question, SiteLoss, Years};
use crate::fluid::{What, World};

/// What only people know about a process, as the book says it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Declared {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Site codes it depends on; empty means every site.
    pub sites: Vec<String>,
    /// Systems, companies and processes it depends on.
    pub systems: Vec<String>,
    /// Companies.
    pub partners: Vec<String>,
    /// Processes.
    pub after: Vec<String>,
    /// Recovery time objective, hours.
    pub rto_h: Option<u32>,
    /// Maximum tolerable period of disruption, hours.
    pub mtpd_h: Option<u32>,
    /// Recovery point objective, minutes.
    pub rpo_min: Option<u32>,
    /// Least output, per cent.
    pub mbco_percent: Option<u32>,
    /// What is done by hand meanwhile.
    pub workaround: Option<String>,
    /// Fewest people.
    pub people_min: Option<u32>,
    /// Other least resources.
    pub resources_min: Option<String>,
    /// Worst time to fail.
    pub worst_time: Option<String>,
    /// Legal harm, 0 to 4.
    pub legal_scale: Option<u32>,
    /// Harm to reputation, 0 to 4.
    pub reputation_scale: Option<u32>,
}

/// What a process is to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Orders are taken.
    OrderIntake,
    /// A site is found for each.
    Sourcing,
    /// Goods are picked and packed.
    PickingPacking,
    /// Parcels are handed to carriers.
    CarrierHandover,
    /// Customers are answered.
    CustomerSupport,
    /// Goods come back.
    Returns,
    /// Shelves are filled.
    Replenishment,
    /// Computers.
    It,
    /// Something the operator has named.
    Other,
}

/// The eight processes every analysis speaks of, with the codes books use for them.
const KINDS: [(Kind, &[&str]); 8] = [
    (Kind::OrderIntake, &["order_intake", "intake", "orders"]),
    (Kind::Sourcing, &["sourcing", "routing"]),
    (Kind::PickingPacking, &["picking", "packing", "picking_packing", "pick_pack"]),
    (Kind::CarrierHandover, &["handover", "carrier_handover", "dispatch", "shipping"]),
    (Kind::CustomerSupport, &["customer_support", "support"]),
    (Kind::Returns, &["returns"]),
    (Kind::Replenishment, &["replenishment", "receiving", "inbound"]),
    (Kind::It, &["it", "systems", "data_centre"]),
];

/// What a book calls one of them.
fn kind_of(code: &str) -> Kind {
    let code = code.to_lowercase();
    KINDS.iter().find(|(_, codes)| codes.contains(&code.as_str())).map_or(Kind::Other, |(kind, _)| *kind)
}

/// A process analysed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProcessRow {
    /// What it is to an order.
    pub kind: Kind,
    /// Whether the book has it; if not, all that only people know is missing.
    pub in_book: bool,
    /// What was declared.
    pub declared: Declared,
    /// What of the network stands still with it; empty where no order waits for it.
    pub stops: Vec<String>,
    /// Processes that cannot go on without it.
    pub followers: Vec<String>,
    /// Loss by the end of each band when it stops, minor units.
    pub curve: Vec<f64>,
    /// All of it.
    pub over_time: OverTime,
    /// What it handles a day, and what that is; `None` where the book has no record of it.
    pub volume: Option<(f64, &'static str)>,
    /// Parcels a day at the least output declared: cartons, labels.
    pub parcels_min: Option<f64>,
    /// Work units a day at the least output declared.
    pub work_min: Option<f64>,
    /// Hours after which the first customers are lost for good, on the bands; `None` within two months never.
    pub mtpd_computed_h: Option<f64>,
    /// Hours within which it works again in the simulated years: the longest mean closure of its sites, or the mean
    /// length of an attack on computers.
    pub achievable_h: Option<f64>,
    /// Achievable less RTO, hours, where an RTO is declared.
    pub gap_h: Option<f64>,
    /// What nobody has said.
    pub missing: Vec<&'static str>,
}

/// The sites a process needs that take orders.
fn sites_of(question: &Question, world: &World, declared: &Declared) -> Vec<u16> {
    (0..)
        .zip(&question.state.network.sites)
        .filter(|(index, site)| {
            world.is_open(usize::from(*index))
                && (declared.sites.is_empty() || declared.sites.iter().any(|code| **code == *site.code))
        })
        .map(|(index, _)| index)
        .collect()
}

/// What of the network stands still when a process does.
pub(crate) fn stops_of(question: &Question, world: &World, declared: &Declared) -> Vec<What> {
    let sites = || sites_of(question, world, declared).into_iter().map(What::Site);
    match kind_of(&declared.code) {
        Kind::OrderIntake | Kind::Sourcing => vec![What::Intake],
        Kind::PickingPacking | Kind::CarrierHandover => sites().collect(),
        Kind::It => sites().chain([What::Intake]).collect(),
        Kind::CustomerSupport | Kind::Returns | Kind::Replenishment => Vec::new(),
        // Of a process nobody here knows, only the sites it names say anything.
        Kind::Other if !declared.sites.is_empty() => sites().collect(),
        Kind::Other => Vec::new(),
    }
}

/// Declared processes in the book's order, then those of the eight the book lacks.
pub(crate) fn rows(
    question: &Question,
    world: &World,
    facts: &Facts,
    sites: &[SiteLoss],
    years: &Years,
) -> Vec<ProcessRow> {
    let mut all: Vec<(Declared, bool)> =
        question.processes.iter().map(|process| (process.clone(), true)).collect();
    for (kind, codes) in KINDS {
        if !question.processes.iter().any(|process| kind_of(&process.code) == kind) {
            let code = codes[0].to_owned();
            all.push((Declared { name: code.replace('_', " "), code, ..Declared::default() }, false));
        }
    }
    let mut sets: Vec<Vec<What>> =
        all.iter().map(|(process, _)| stops_of(question, world, process)).collect();
    sets.sort();
    sets.dedup();
    let phases = world.few_phases();
    let computed: Vec<OverTime> =
        sets.par_iter()
            .map(|whats| {
                if whats.is_empty() { nothing() } else { over_time(world, whats, &phases, question.patience) }
            })
            .collect();
    let one = |(declared, in_book): &(Declared, bool)| {
        let whats = stops_of(question, world, declared);
        let over_time = sets.binary_search(&whats).map_or_else(|_| nothing(), |at| computed[at].clone());
        row(question, world, facts, (sites, years), declared, *in_book, whats, over_time)
    };
    all.iter().map(one).collect()
}

#[allow(clippy::too_many_arguments, reason = "one row's ingredients, used in one place")]
fn row(
    question: &Question,
    world: &World,
    facts: &Facts,
    (sites, years): (&[SiteLoss], &Years),
    declared: &Declared,
    in_book: bool,
    whats: Vec<What>,
    over_time: OverTime,
) -> ProcessRow {
    let kind = kind_of(&declared.code);
    let concerned = sites_of(question, world, declared);
    let slowest = concerned.iter().filter_map(|site| sites[usize::from(*site)].ttr_h).reduce(f64::max);
    let achievable = match kind {
        Kind::OrderIntake | Kind::Sourcing | Kind::It => years.attack_h,
        _ => slowest,
    };
    let gap = declared.rto_h.zip(achievable).map(|(rto, achievable)| achievable - f64::from(rto));
    let (parcels, work) = daily_work(world, &concerned);
    let least = declared.mbco_percent.map(|percent| f64::from(percent) / 100.0);
    let moves_goods = matches!(kind, Kind::PickingPacking | Kind::CarrierHandover);
    let mut followers = with_followers(question.processes, &declared.code);
    followers.remove(&declared.code);
    ProcessRow {
        kind,
        in_book,
        curve: over_time.curve(),
        mtpd_computed_h: over_time.lost_from_h(),
        volume: volume(world, facts, kind, &concerned),
        parcels_min: least.filter(|_| moves_goods).map(|share| share * parcels),
        work_min: least.filter(|_| moves_goods).map(|share| share * work),
        achievable_h: achievable,
        gap_h: gap,
        stops: whats.iter().map(|what| name(question, world, *what)).collect(),
        followers: followers.into_iter().collect(),
        missing: missing(declared),
        over_time,
        declared: declared.clone(),
    }
}

fn missing(declared: &Declared) -> Vec<&'static str> {
    let asked = [
        ("rto_h", declared.rto_h.is_none()),
        ("mtpd_h", declared.mtpd_h.is_none()),
        ("rpo_min", declared.rpo_min.is_none()),
        ("mbco_percent", declared.mbco_percent.is_none()),
        ("workaround", declared.workaround.is_none()),
        ("people_min", declared.people_min.is_none()),
        ("resources_min", declared.resources_min.is_none()),
        ("worst_time", declared.worst_time.is_none()),
        ("legal_scale", declared.legal_scale.is_none()),
        ("reputation_scale", declared.reputation_scale.is_none()),
    ];
    asked.into_iter().filter(|(_, missing)| *missing).map(|(field, _)| field).collect()
}

/// Parcels and work units a day that sites send in normal times.
fn daily_work(world: &World, sites: &[u16]) -> (f64, f64) {
    let (mut parcels, mut work) = (0_u64, 0_u64);
    for base in &world.base {
        for (index, pick) in base.picks.iter().enumerate().filter(|(_, pick)| sites.contains(&pick.site)) {
            let first = !base.picks[..index].iter().any(|other| pick.shares_parcel(other));
            parcels += u64::from(first);
            work += u64::from(world.work(pick, &base.picks[..index], &[]));
        }
    }
    (parcels as f64 / world.span_days(), work as f64 / world.span_days())
}

/// What a process handles a day.
fn volume(world: &World, facts: &Facts, kind: Kind, sites: &[u16]) -> Option<(f64, &'static str)> {
    let days = world.span_days();
    match kind {
        Kind::OrderIntake | Kind::It => Some((world.orders.len() as f64 / days, "orders")),
        Kind::Sourcing => {
            let lines: usize = world.orders.iter().map(|order| order.lines.len()).sum();
            Some((lines as f64 / days, "lines"))
        }
        Kind::PickingPacking => {
            let picks = world.base.iter().flat_map(|base| &base.picks);
            let units: u64 =
                picks.filter(|pick| sites.contains(&pick.site)).map(|pick| u64::from(pick.quantity)).sum();
            Some((units as f64 / days, "units"))
        }
        Kind::CarrierHandover => Some((daily_work(world, sites).0, "parcels")),
        Kind::Returns => facts.returned_units.map(|units| (units / days, "units returned")),
        Kind::Replenishment => facts.inbound_units.map(|units| (units / days, "units announced")),
        Kind::CustomerSupport | Kind::Other => None,
    }
}

/// Index of a site by its code.
pub(crate) fn site_index(question: &Question, code: &str) -> Option<u16> {
    let at = question.state.network.sites.iter().position(|site| *site.code == *code)?;
    Some(holdfast_domain::id::SiteId::from_index(at).0)
}
