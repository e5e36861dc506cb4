//! Simulated years: which events stop what, and what each costs.
//!
//! Invariant: an event's loss is that of the fluid form at lengths of a fixed grid, a stop of one length between two
//! of them in proportion; so the years cost as many runs as there are kinds of events, not as there are events.

use std::collections::BTreeMap;

use holdfast_domain::incident::{Hazard, Severity};
use holdfast_hazard::catalogue::{Event, Simulator, SitePlace};
use holdfast_hazard::loss::PeriodLosses;
use rayon::prelude::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::{Annual, BiaError, Question, RETURN_YEARS};
use crate::fluid::{Attribution, Impact, Shock, Stop, What, World};

const HOURS_OF_YEAR: f64 = 8_760.0;
/// Histories this long have seasons of their own.
const SEASONS_FROM_DAYS: f64 = 300.0;
/// Sites stopped together start in every so many phases only, to keep the runs few.
const PHASE_STEP: usize = 4;
/// Thousandths of its capacity a network keeps in a pandemic, by severity. *Severe* is published: US e-commerce sales
/// rose 43 % in 2020 (US Census Bureau, Annual Retail Trade Survey 2020: 571.2 to 815.4 billion USD), so capacity
/// sees 1000 / 1.43 of normal demand. The others are assumed.
pub const PANDEMIC_PERMILLE: [u16; 4] = [900, 800, 699, 500];

/// Lengths the fluid form is asked for, hours.
pub const GRID_H: [f64; 30] = [
    0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 18.0, 24.0, 30.0, 36.0, 48.0, 60.0, 72.0, 84.0, 96.0, 120.0, 144.0, 168.0,
    192.0, 216.0, 240.0, 288.0, 336.0, 384.0, 432.0, 504.0, 576.0, 648.0, 840.0, 2_160.0,
];

/// Closures of a site over the years.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteYears {
    /// Hours of every closure, in the order of the years.
    pub closures_h: Vec<f64>,
    /// Years with a closure longer than 24 h, 72 h, 7 d.
    pub years_longer: [u32; 3],
}

/// What the years came to.
pub struct Years {
    /// Loss of every event, by year, minor units.
    pub losses: Vec<Vec<f64>>,
    /// By site.
    pub sites: Vec<SiteYears>,
    /// Where the losses fall.
    pub attribution: Attribution,
    /// Events and their losses by hazard.
    pub hazards: BTreeMap<Hazard, (u64, f64)>,
    /// Events that stop two sites: how many, by pair.
    pub pairs: BTreeMap<(u16, u16), u32>,
    /// Events that stop something orders need.
    pub events: u64,
    /// Mean hours of an attack on computers; `None` without one.
    pub attack_h: Option<f64>,
    /// Events of the catalogue, those that stop nothing included.
    pub catalogue_events: u64,
    /// Runs of the fluid form it took.
    pub runs: u64,
    /// Sum of all impacts.
    pub total: Impact,
}

/// An event as the network feels it.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// What kind.
    pub hazard: Hazard,
    /// The worst at any site.
    pub severity: Severity,
    /// What stops, for how long, from which start.
    pub shock: Shock,
}

/// Stops of lengths on the grid, from a phase.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    phase: usize,
    whats: Vec<(What, u8)>,
    blocked: u64,
}

impl Key {
    pub(crate) fn shock(&self) -> Shock {
        let stop = |(what, at): &(What, u8)| Stop { what: *what, hours: GRID_H[usize::from(*at)] };
        Shock { phase: self.phase, stops: self.whats.iter().map(stop).collect(), blocked: self.blocked }
    }
}

/// The point of the grid at or below a length, and how far it is on the way to the next.
fn on_grid(hours: f64) -> (usize, f64) {
    let above = GRID_H.partition_point(|point| *point <= hours);
    let Some(low) = above.checked_sub(1) else { return (0, 0.0) };
    let high = GRID_H.get(above).copied().unwrap_or(f64::INFINITY);
    (low, (hours - GRID_H[low]) / (high - GRID_H[low]))
}

/// What of the fluid form an event's impact is made of: shares of shocks on the grid.
pub(crate) fn terms(drawn: &Drawn) -> Vec<(Key, f64)> {
    let Shock { phase, blocked, stops } = &drawn.shock;
    let points: Vec<(What, usize, f64)> = stops
        .iter()
        .map(|stop| {
            let (low, share) = on_grid(stop.hours);
            (stop.what, low, share)
        })
        .collect();
    let key = |up: usize| Key {
        phase: *phase,
        whats: points.iter().map(|(what, low, _)| (*what, (low + up).min(GRID_H.len() - 1) as u8)).collect(),
        blocked: *blocked,
    };
    let longest = drawn.shock.longest();
    if longest < GRID_H[0] {
        return vec![(key(0), longest / GRID_H[0])];
    }
    // Stops of different lengths go up the grid together, by the mean of their shares.
    let share = points.iter().map(|point| point.2).sum::<f64>() / points.len().max(1) as f64;
    if share == 0.0 { vec![(key(0), 1.0)] } else { vec![(key(0), 1.0 - share), (key(1), share)] }
}

/// The catalogue's view of the network's sites.
pub(crate) fn places(question: &Question) -> Vec<SitePlace> {
    let of = |site: &holdfast_domain::network::Site| SitePlace {
        place: site.place,
        state: site.region.to_string(),
        country: site.country.code().to_owned(),
    };
    question.state.network.sites.iter().map(of).collect()
}

fn phase_of(world: &World, start_h: f64, sites: usize) -> usize {
    let phases = world.phases.len();
    let phase = if world.span_days() >= SEASONS_FROM_DAYS {
        ((start_h / HOURS_OF_YEAR * phases as f64) as usize).min(phases - 1)
    } else {
        (start_h / 24.0) as usize % phases
    };
    if sites > 1 { phase / PHASE_STEP * PHASE_STEP } else { phase }
}

/// The events of the years as the network feels them, and how many the catalogue has.
pub(crate) fn draw(
    question: &Question,
    world: &World,
    years: u32,
) -> Result<(Vec<Vec<Drawn>>, u64), BiaError> {
    let places = places(question);
    let simulator = Simulator::new(&places, question.catalogue)?;
    let serving = serving(world);
    let one = |year: u32| {
        let events = simulator.year(question.seed, year).events;
        let felt: Vec<Drawn> = events.iter().filter_map(|event| feel(world, &serving, event)).collect();
        (felt, events.len() as u64)
    };
    let drawn: Vec<(Vec<Drawn>, u64)> = (0..years).into_par_iter().map(one).collect();
    let all = drawn.iter().map(|(_, events)| events).sum();
    Ok((drawn.into_iter().map(|(felt, _)| felt).collect(), all))
}

/// Simulates the years and gives every event its impact.
pub(crate) fn run(question: &Question, world: &World) -> Result<Years, BiaError> {
    let (drawn, catalogue_events) = draw(question, world, question.years)?;
    let n = question.state.network.sites.len();
    let mut out = Years {
        losses: drawn.iter().map(|events| vec![0.0; events.len()]).collect(),
        sites: vec![SiteYears::default(); n],
        attribution: shape(question),
        hazards: BTreeMap::new(),
        pairs: BTreeMap::new(),
        events: 0,
        attack_h: None,
        catalogue_events,
        runs: 0,
        total: Impact::default(),
    };
    let mut groups: BTreeMap<Key, Vec<(usize, usize, f64)>> = BTreeMap::new();
    for (year, events) in drawn.iter().enumerate() {
        let mut longest = vec![0.0_f64; n];
        for (index, event) in events.iter().enumerate() {
            for (key, share) in terms(event) {
                groups.entry(key).or_default().push((year, index, share));
            }
            out.events += 1;
            out.count_closures(event, &mut longest);
        }
        for (site, longest) in out.sites.iter_mut().zip(&longest) {
            for (count, limit) in site.years_longer.iter_mut().zip([24.0, 72.0, 168.0]) {
                *count += u32::from(*longest > limit);
            }
        }
    }
    let attacks = drawn.iter().flatten().filter(|event| event.hazard == Hazard::CyberAttack);
    let hours: Vec<f64> = attacks.map(|event| event.shock.longest()).collect();
    out.attack_h = (!hours.is_empty()).then(|| hours.iter().sum::<f64>() / hours.len() as f64);
    out.runs = groups.len() as u64;
    let groups: Vec<_> = groups.into_iter().collect();
    let answers: Vec<(Impact, Attribution)> = groups
        .par_iter()
        .map(|(key, _)| {
            let mut shares = shape(question);
            let impact = world.impact(&key.shock(), question.patience, Some(&mut shares));
            (impact, shares)
        })
        .collect();
    // Groups come back in the order of their keys, so the sums are the same on any number of threads.
    for ((_, events), (impact, shares)) in groups.iter().zip(&answers) {
        let count: f64 = events.iter().map(|(.., share)| share).sum();
        out.attribution.add(shares, count);
        out.total = out.total.plus(*impact, count);
        for (year, index, share) in events {
            out.losses[*year][*index] += share * impact.loss();
        }
    }
    for (events, losses) in drawn.iter().zip(&out.losses) {
        for (event, loss) in events.iter().zip(losses) {
            let row = out.hazards.entry(event.hazard).or_default();
            *row = (row.0 + 1, row.1 + loss);
        }
    }
    Ok(out)
}

fn shape(question: &Question) -> Attribution {
    let network = &question.state.network;
    Attribution::none(
        network.sites.len(),
        network.skus.len(),
        network.services.len(),
        network.merchants.len(),
    )
}

/// Carriers with a lane from each site, by index.
fn serving(world: &World) -> Vec<Vec<u16>> {
    let mut serving = vec![Vec::new(); world.sites_count];
    for lane in 0..world.lanes.len() {
        let (site, carrier) = (world.lanes[lane].site, world.carrier_of_lane(lane as u32));
        if !serving[site].contains(&carrier) {
            serving[site].push(carrier);
        }
    }
    serving.iter_mut().for_each(|carriers: &mut Vec<u16>| carriers.sort_unstable());
    serving
}

/// What an event does to the network: a pandemic leaves less capacity, a stoppage stops one carrier, all else closes
/// sites. `None` where no site that takes orders feels it.
fn feel(world: &World, serving: &[Vec<u16>], event: &Event) -> Option<Drawn> {
    let mut hits: Vec<(u16, f64)> = event
        .hits
        .iter()
        .filter(|hit| world.is_open(hit.site) && hit.downtime_h > 0.0)
        .map(|hit| (hit.site as u16, hit.downtime_h))
        .collect();
    hits.sort_by_key(|hit| hit.0);
    let longest = hits.iter().map(|hit| hit.1).fold(0.0, f64::max);
    let severity = event.severity as usize;
    let stops: Vec<Stop> = match event.hazard {
        _ if hits.is_empty() => return None,
        Hazard::PandemicSurge => {
            let permille = PANDEMIC_PERMILLE[severity.min(PANDEMIC_PERMILLE.len() - 1)];
            hits.iter()
                .map(|(site, hours)| Stop { what: What::Limit { site: *site, permille }, hours: *hours })
                .collect()
        }
        Hazard::CarrierStoppage => {
            let mut carriers: Vec<u16> =
                hits.iter().flat_map(|(site, _)| serving[usize::from(*site)].iter().copied()).collect();
            carriers.sort_unstable();
            carriers.dedup();
            // The event's own moment says which carrier it is: each is as likely as any other.
            let draw = (event.start_h.rem_euclid(1.0) * carriers.len() as f64) as usize;
            let carrier = *carriers.get(draw.min(carriers.len().saturating_sub(1)))?;
            vec![Stop { what: What::Carrier(carrier), hours: longest }]
        }
        _ => hits.iter().map(|(site, hours)| Stop { what: What::Site(*site), hours: *hours }).collect(),
    };
    let phase = phase_of(world, event.start_h.rem_euclid(HOURS_OF_YEAR), stops.len());
    let struck =
        |hit: &&holdfast_hazard::catalogue::Hit| world.standby[hit.site].is_some() && hit.downtime_h > 0.0;
    let blocked = event.hits.iter().filter(struck).fold(0_u64, |mask, hit| mask | 1 << hit.site);
    Some(Drawn { hazard: event.hazard, severity: event.severity, shock: Shock { phase, stops, blocked } })
}

impl Years {
    fn count_closures(&mut self, event: &Drawn, longest: &mut [f64]) {
        let closed: Vec<(u16, f64)> = event
            .shock
            .stops
            .iter()
            .filter_map(|stop| match stop.what {
                What::Site(site) => Some((site, stop.hours)),
                _ => None,
            })
            .collect();
        for (at, (site, hours)) in closed.iter().enumerate() {
            self.sites[usize::from(*site)].closures_h.push(*hours);
            longest[usize::from(*site)] = longest[usize::from(*site)].max(*hours);
            for (other, _) in &closed[at + 1..] {
                *self.pairs.entry((*site, *other)).or_default() += 1;
            }
        }
    }

    /// Averages and exceedance of the years' losses.
    pub(crate) fn annual(&self) -> Result<Annual, BiaError> {
        let losses = PeriodLosses::of_periods(&self.losses)?;
        let (oep, aep) = (losses.occurrence(), losses.aggregate());
        Ok(Annual {
            average: losses.average_annual_loss(),
            deviation: losses.standard_deviation(),
            exceedance: RETURN_YEARS.iter().map(|y| (*y, oep.loss_at(*y), aep.loss_at(*y))).collect(),
            tail_99: aep.tail_value_at_risk(0.99),
            curve: curve(oep.sorted(), aep.sorted()),
        })
    }

    /// The pairs of sites closed together most often, with their events a year.
    pub(crate) fn together(&self, question: &Question) -> Vec<(String, String, f64)> {
        let code = |site: u16| question.state.network.sites[usize::from(site)].code.to_string();
        let mut pairs: Vec<((u16, u16), u32)> = self.pairs.iter().map(|(k, v)| (*k, *v)).collect();
        pairs.sort_by_key(|(pair, count)| (core::cmp::Reverse(*count), *pair));
        pairs.truncate(20);
        let years = f64::from(question.years);
        pairs.into_iter().map(|((a, b), count)| (code(a), code(b), f64::from(count) / years)).collect()
    }
}

/// Points of the curves for a plot: return period, occurrence, aggregate; ranks in rising steps.
fn curve(occurrence: &[f64], aggregate: &[f64]) -> Vec<(f64, f64, f64)> {
    let count = occurrence.len();
    let mut ranks: Vec<usize> =
        (0..).map(|step: i32| 1.15_f64.powi(step) as usize).take_while(|r| *r <= count).collect();
    ranks.dedup();
    ranks
        .into_iter()
        .map(|rank| (count as f64 / rank as f64, occurrence[rank - 1], aggregate[rank - 1]))
        .collect()
}
