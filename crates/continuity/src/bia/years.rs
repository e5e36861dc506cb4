//! Simulated years: which events stop which sites, and what each costs.

use std::collections::BTreeMap;

use holdfast_hazard::catalogue::{Simulator, SitePlace};
use holdfast_hazard::loss::PeriodLosses;
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::{Annual, BiaError, Question, RETURN_YEARS};
use crate::fluid::{Attribution, Impact, Log, World};

const HOURS_OF_YEAR: f64 = 8_760.0;
/// Histories this long have seasons of their own.
const SEASONS_FROM_DAYS: f64 = 300.0;
/// Sites stopped together start in every so many phases only, to keep the logs few.
const PHASE_STEP: usize = 4;

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
    /// Events that stop two sites: how many, by pair.
    pub pairs: BTreeMap<(u16, u16), u32>,
    /// Events that stop a site that takes orders.
    pub events: u64,
    /// Sum of all impacts.
    pub total: Impact,
}

/// A set of sites stopped in a phase.
type Key = (Vec<u16>, usize);
/// Lengths closures are rounded to before the fluid form is asked, hours; half of a step either way.
const GRID_H: [f64; 12] = [1.0, 3.0, 6.0, 12.0, 24.0, 48.0, 72.0, 120.0, 168.0, 336.0, 720.0, 2_160.0];

/// The place on the grid that is nearest by ratio.
fn on_grid(hours: f64) -> usize {
    (1..GRID_H.len()).filter(|at| hours * hours > GRID_H[at - 1] * GRID_H[*at]).count()
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

/// Simulates the years and gives every event its impact.
pub(crate) fn run(question: &Question, world: &World) -> Result<Years, BiaError> {
    let places = places(question);
    let simulator = Simulator::new(&places, question.catalogue)?;
    let numbers: Vec<u32> = (0..question.years).collect();
    let drawn: Vec<Vec<(Key, Vec<f64>)>> = numbers
        .par_iter()
        .map(|year| {
            let events = simulator.year(question.seed, *year).events;
            events.iter().filter_map(|event| stopped(world, event)).collect()
        })
        .collect();
    let mut out = Years {
        losses: drawn.iter().map(|events| vec![0.0; events.len()]).collect(),
        sites: vec![SiteYears::default(); places.len()],
        attribution: shape(question),
        pairs: BTreeMap::new(),
        events: 0,
        total: Impact::default(),
    };
    let mut groups: BTreeMap<(&Key, Vec<usize>), Vec<(usize, usize)>> = BTreeMap::new();
    for (year, events) in drawn.iter().enumerate() {
        let mut longest = vec![0.0_f64; places.len()];
        for (index, (key, hours)) in events.iter().enumerate() {
            groups.entry((key, hours.iter().map(|h| on_grid(*h)).collect())).or_default().push((year, index));
            out.events += 1;
            for (at, (site, hours)) in key.0.iter().zip(hours).enumerate() {
                out.sites[usize::from(*site)].closures_h.push(*hours);
                longest[usize::from(*site)] = longest[usize::from(*site)].max(*hours);
                for other in &key.0[at + 1..] {
                    *out.pairs.entry((*site, *other)).or_default() += 1;
                }
            }
        }
        for (site, longest) in out.sites.iter_mut().zip(&longest) {
            for (count, limit) in site.years_longer.iter_mut().zip([24.0, 72.0, 168.0]) {
                *count += u32::from(*longest > limit);
            }
        }
    }
    let groups: Vec<_> = groups.into_iter().collect();
    let answers: Vec<(Impact, Attribution)> = groups
        .par_iter()
        .map(|((key, grid), _)| {
            let log = Log { sites: key.0.clone(), phase: key.1, entries: Vec::new() };
            let hours: Vec<f64> = grid.iter().map(|at| GRID_H[*at]).collect();
            let mut shares = shape(question);
            let impact = world.impact(&log, &hours, question.patience, Some(&mut shares));
            (impact, shares)
        })
        .collect();
    // Groups come back in the order of their keys, so the sums are the same on any number of threads.
    for ((_, events), (impact, shares)) in groups.iter().zip(&answers) {
        let count = events.len() as f64;
        out.attribution.add(shares, count);
        out.total = out.total.plus(*impact, count);
        for (year, index) in events {
            out.losses[*year][*index] = impact.loss();
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

/// The sites of an event that take orders, with the hours each stands still.
fn stopped(world: &World, event: &holdfast_hazard::catalogue::Event) -> Option<(Key, Vec<f64>)> {
    let mut hits: Vec<(u16, f64)> = event
        .hits
        .iter()
        .filter(|hit| world.is_open(hit.site) && hit.downtime_h > 0.0)
        .map(|hit| (hit.site as u16, hit.downtime_h))
        .collect();
    if hits.is_empty() {
        return None;
    }
    hits.sort_by_key(|hit| hit.0);
    let (sites, hours): (Vec<u16>, Vec<f64>) = hits.into_iter().unzip();
    let phase = phase_of(world, event.start_h.rem_euclid(HOURS_OF_YEAR), sites.len());
    Some(((sites, phase), hours))
}

impl Years {
    /// Averages and exceedance of the years' losses.
    pub(crate) fn annual(&self) -> Result<Annual, BiaError> {
        let losses = PeriodLosses::of_periods(&self.losses)?;
        let (oep, aep) = (losses.occurrence(), losses.aggregate());
        Ok(Annual {
            average: losses.average_annual_loss(),
            deviation: losses.standard_deviation(),
            exceedance: RETURN_YEARS.iter().map(|y| (*y, oep.loss_at(*y), aep.loss_at(*y))).collect(),
            tail_99: aep.tail_value_at_risk(0.99),
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
