//! Simulated years: which events stop what, and what each costs.
//!
//! Invariant: an event's loss is that of the fluid form at its own lengths, or, where all that stops lasts equally long
//! and many events do, between the two nearest of so many lengths in proportion.

use std::collections::BTreeMap;

use holdfast_domain::incident::{Hazard, Severity};
use holdfast_hazard::catalogue::{Event, Simulator, SitePlace};
use holdfast_hazard::loss::PeriodLosses;
use rayon::prelude::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::{Annual, BiaError, Question, RETURN_YEARS};
use crate::fluid::{Attribution, Impact, Line, Patience, Shock, Stop, What, World};

const HOURS_OF_YEAR: f64 = 8_760.0;
/// Histories this long have seasons of their own.
const SEASONS_FROM_DAYS: f64 = 300.0;
/// Sites stopped together start in every so many phases only, to keep the runs few.
const PHASE_STEP: usize = 4;
/// Thousandths of its capacity a network keeps in a pandemic, by severity. *Severe* is published: US e-commerce sales
/// rose 43 % in 2020 (US Census Bureau, Annual Retail Trade Survey 2020: 571.2 to 815.4 billion USD), so capacity
/// sees 1000 / 1.43 of normal demand. The others are assumed.
pub const PANDEMIC_PERMILLE: [u16; 4] = [900, 800, 699, 500];

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

impl Drawn {
    /// The stops and their length, where they all last equally long.
    pub(crate) fn line(&self) -> Option<(Line, f64)> {
        let Shock { phase, stops, blocked } = &self.shock;
        let hours = stops.first()?.hours;
        let whats = || stops.iter().map(|stop| stop.what).collect();
        stops
            .iter()
            .all(|stop| stop.hours == hours)
            .then(|| (Line { phase: *phase, whats: whats(), blocked: *blocked }, hours))
    }
}

/// The length at or below an event's, and how far it is on the way to the next; the first length stands for what is
/// shorter in proportion, the last for what is longer.
fn between(lengths: &[f64], hours: f64) -> [(usize, f64); 2] {
    let above = lengths.partition_point(|length| *length <= hours);
    let Some(low) = above.checked_sub(1) else { return [(0, hours / lengths[0]), (0, 0.0)] };
    let Some(high) = lengths.get(above) else { return [(low, 1.0), (low, 0.0)] };
    let share = (hours - lengths[low]) / (high - lengths[low]);
    [(low, 1.0 - share), (above, share)]
}

/// Lengths at which the events of each line are computed.
pub(crate) type Lengths = BTreeMap<Line, Vec<f64>>;

/// The lengths the years use for these events.
pub(crate) fn lengths<'a>(world: &World, drawn: impl Iterator<Item = &'a Drawn>) -> Lengths {
    let mut lines: Lengths = BTreeMap::new();
    for (line, hours) in drawn.filter_map(Drawn::line) {
        lines.entry(line).or_default().push(hours);
    }
    for (line, hours) in &mut lines {
        *hours = world.lengths(line, std::mem::take(hours));
    }
    lines
}

/// An event's impact as the years use it.
pub(crate) fn used(world: &World, lengths: &Lengths, drawn: &Drawn, patience: Patience) -> Impact {
    let known = drawn.line().and_then(|(line, hours)| Some((lengths.get(&line)?, line, hours)));
    let Some((lengths, line, hours)) = known else { return world.impact(&drawn.shock, patience, None) };
    let parts = between(lengths, hours);
    let mut sum = Impact::default();
    world.along(&line, &parts.map(|part| lengths[part.0]), patience, |at, impact, _| {
        sum = sum.plus(impact, parts[at].1);
    });
    sum
}

/// Where an event is: its year and its place in it.
type At = (usize, usize);

/// Events that are computed together.
enum Task<'a> {
    /// Stops that last equally long, and how long each event's do.
    Along(&'a Line, &'a [(At, f64)]),
    /// Stops of different lengths.
    Own(&'a [(At, &'a Shock)]),
}

/// What a task comes to.
struct Done {
    losses: Vec<(At, f64)>,
    attribution: Attribution,
    total: Impact,
    runs: usize,
}

/// Events of different lengths in a task.
const OWN_CHUNK: usize = 32;

impl Task<'_> {
    fn run(&self, question: &Question, world: &World) -> Done {
        let mut done =
            Done { losses: Vec::new(), attribution: shape(question), total: Impact::default(), runs: 0 };
        match self {
            Self::Along(line, events) => done.along(world, line, events, question.patience),
            Self::Own(events) => {
                for (at, shock) in *events {
                    let impact = world.impact(shock, question.patience, Some(&mut done.attribution));
                    done.total = done.total.plus(impact, 1.0);
                    done.losses.push((*at, impact.loss()));
                    done.runs += 1;
                }
            }
        }
        done
    }
}

impl Done {
    fn along(&mut self, world: &World, line: &Line, events: &[(At, f64)], patience: Patience) {
        let lengths = world.lengths(line, events.iter().map(|(_, hours)| *hours).collect());
        let mut counts = vec![0.0; lengths.len()];
        for (at, share) in events.iter().flat_map(|(_, hours)| between(&lengths, *hours)) {
            counts[at] += share;
        }
        let asked: Vec<usize> = (0..lengths.len()).filter(|at| counts[*at] > 0.0).collect();
        let hours: Vec<f64> = asked.iter().map(|at| lengths[*at]).collect();
        let mut losses = vec![0.0; lengths.len()];
        world.along(line, &hours, patience, |index, impact, outcome| {
            let at = asked[index];
            losses[at] = impact.loss();
            self.total = self.total.plus(impact, counts[at]);
            let shock = line.shock(lengths[at]);
            world.share_out(&shock, outcome, impact, counts[at], &mut self.attribution);
        });
        self.runs += asked.len();
        self.losses.extend(events.iter().map(|(at, hours)| {
            (*at, between(&lengths, *hours).iter().map(|(at, share)| share * losses[*at]).sum())
        }));
    }
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
    let mut lines: BTreeMap<Line, Vec<(At, f64)>> = BTreeMap::new();
    let mut own: Vec<(At, &Shock)> = Vec::new();
    for (year, events) in drawn.iter().enumerate() {
        let mut longest = vec![0.0_f64; n];
        for (index, event) in events.iter().enumerate() {
            let at = (year, index);
            match event.line() {
                Some((line, hours)) => lines.entry(line).or_default().push((at, hours)),
                None => own.push((at, &event.shock)),
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
    let along = lines.iter().map(|(line, events)| Task::Along(line, events));
    let tasks: Vec<Task> = along.chain(own.chunks(OWN_CHUNK).map(Task::Own)).collect();
    let done: Vec<Done> = tasks.par_iter().map(|task| task.run(question, world)).collect();
    // What is done comes back in the order of the tasks, so the sums are the same on any number of threads.
    for done in &done {
        out.attribution.add(&done.attribution, 1.0);
        out.total = out.total.plus(done.total, 1.0);
        out.runs += done.runs as u64;
        for ((year, index), loss) in &done.losses {
            out.losses[*year][*index] = *loss;
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
