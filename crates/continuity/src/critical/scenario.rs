//! A sample of the event catalogue's closures as scenarios for laid stock.
//!
//! In each, the orders of the operator's own history that the closed sites would have served look for another source:
//! first what hands are left (capacity of the sites that stay open), then what lies there and is not needed for
//! their own orders; what is left only laid stock can serve. Surges multiply what is asked. Invariant: units are
//! whole, and every unit asked is served elsewhere, left for laid stock, or beyond hands.

use holdfast_domain::id::{Id, SiteId, SkuId};
use holdfast_domain::incident::Hazard;
use holdfast_domain::state::State;
use holdfast_hazard::catalogue::{Event, Simulator};
use holdfast_plan::preposition::lay::{Good, Need, Problem, SITES_MAX, Scenario};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::Ask;
use super::surge::{BEFORE_DAYS, Surge, surge_of};
use crate::bia::{BiaError, places};
use crate::fluid::{DAY_MS, World};

const HOURS_OF_YEAR: f64 = 8_760.0;
/// Histories this long have seasons of their own.
const SEASONS_FROM_DAYS: f64 = 300.0;
/// Closures shorter than this change nothing that a day of work does not catch up, hours.
const CLOSURE_MIN_H: f64 = 8.0;
/// Orders that tell what serving from another site costs, in each scenario.
const PRICED_PICKS: usize = 300;
/// A site has a way to a scenario's customers when it has one for this share of the units.
const REACH_MIN: f64 = 0.5;
/// Of the sampled events, this share are the greatest, taken surely; the others are drawn.
const SURE_SHARE: f64 = 0.4;

/// One sampled event.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    /// How often a year it stands for.
    pub per_year: f64,
    /// By site of the network.
    pub serve_minor: Vec<Option<i64>>,
    /// By rising SKU.
    pub needs: Vec<(u32, Need)>,
}

/// A sample of closures.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub events: Vec<Drawn>,
    /// Closures in the simulated years, from which the sample was taken.
    pub of: usize,
}

/// A closed site with its time, milliseconds after the event's beginning.
struct Closed {
    site: usize,
    from: i64,
    until: i64,
}

/// Samples the closures of the years from `first_year` on.
pub(super) fn sample(ask: &Ask<'_>, table: &[Surge], first_year: u32) -> Result<Sample, BiaError> {
    let question = ask.question;
    let places = places(question);
    let simulator = Simulator::new(&places, question.catalogue)?;
    let years: Vec<u32> = (first_year..first_year + question.years).collect();
    let events: Vec<Event> = years
        .par_iter()
        .map(|year| simulator.year(question.seed, *year).events)
        .collect::<Vec<_>>()
        .into_iter()
        .flatten()
        .filter(|event| surges_only(event) || !closed(ask, event).is_empty())
        .collect();
    let chosen = choose(ask, &events, first_year);
    let surges = Surges::new(question.state, table);
    let load = usual_load(ask.world);
    let drawn = chosen.par_iter().map(|(index, weight)| {
        let per_year = weight / f64::from(question.years);
        draw(ask, &surges, &load, &events[*index], per_year)
    });
    Ok(Sample { events: drawn.collect(), of: events.len() })
}

/// Hazards that stop no place: stock laid elsewhere does not help against them.
pub(crate) fn is_of_no_place(hazard: Hazard) -> bool {
    matches!(hazard, Hazard::CarrierStoppage | Hazard::CyberAttack | Hazard::PandemicSurge)
}

/// Whether demand changes and no site closes.
fn surges_only(event: &Event) -> bool {
    event.hazard == Hazard::PandemicSurge
}

/// How long an event lasts as far as laid stock is concerned, milliseconds.
fn lasts_ms(ask: &Ask<'_>, event: &Event) -> i64 {
    let longest = event.hits.iter().map(|hit| hit.downtime_h).fold(0.0, f64::max);
    (longest.min(f64::from(ask.restock_days) * 24.0) * 3_600_000.0) as i64
}

/// The sites an event closes.
fn closed(ask: &Ask<'_>, event: &Event) -> Vec<Closed> {
    if is_of_no_place(event.hazard) {
        return Vec::new();
    }
    let begin = event.hits.iter().map(|hit| hit.from_h).fold(f64::INFINITY, f64::min);
    let most = f64::from(ask.restock_days) * 24.0;
    let hits = event.hits.iter().filter(|hit| ask.world.is_open(hit.site) && hit.downtime_h >= CLOSURE_MIN_H);
    let ms = |hours: f64| (hours * 3_600_000.0) as i64;
    hits.map(|hit| {
        let from = ms(hit.from_h - begin);
        Closed { site: hit.site, from, until: from + ms(hit.downtime_h.min(most)) }
    })
    .collect()
}

/// Which events are looked at, with how many events each stands for: the greatest each for itself, of the others a
/// part drawn without replacement.
fn choose(ask: &Ask<'_>, events: &[Event], first_year: u32) -> Vec<(usize, f64)> {
    if events.len() <= ask.samples {
        return (0..events.len()).map(|index| (index, 1.0)).collect();
    }
    let size = |event: &Event| -> i64 {
        if surges_only(event) {
            lasts_ms(ask, event)
        } else {
            closed(ask, event).iter().map(|c| c.until - c.from).sum()
        }
    };
    let mut order: Vec<(i64, usize)> = events.iter().enumerate().map(|(i, event)| (size(event), i)).collect();
    order.sort_by_key(|(size, index)| (core::cmp::Reverse(*size), *index));
    let sure = (ask.samples as f64 * SURE_SHARE) as usize;
    let mut chosen: Vec<(usize, f64)> = order[..sure].iter().map(|(_, index)| (*index, 1.0)).collect();
    let mut rest: Vec<usize> = order[sure..].iter().map(|(_, index)| *index).collect();
    let wanted = ask.samples - sure;
    let weight = rest.len() as f64 / wanted as f64;
    let mut key = [0; 32];
    key[..8].copy_from_slice(&ask.question.seed.to_le_bytes());
    key[8..12].copy_from_slice(&first_year.to_le_bytes());
    key[12..20].copy_from_slice(b"critical");
    let mut random = ChaCha8Rng::from_seed(key);
    for at in 0..wanted {
        let other = random.random_range(at..rest.len());
        rest.swap(at, other);
        chosen.push((rest[at], weight));
    }
    chosen.sort_by_key(|one| one.0);
    chosen
}

/// By hazard and SKU, the factors before and after.
struct Surges {
    before: Vec<Vec<f64>>,
    after: Vec<Vec<f64>>,
}

impl Surges {
    fn new(state: &State, table: &[Surge]) -> Self {
        let of = |before: bool| {
            let by = |hazard: &Hazard| {
                let skus = state.network.skus.iter();
                skus.map(|(_, sku)| {
                    surge_of(table, *hazard, before, &sku.category, &sku.name)
                        .map_or(1.0, |surge| surge.factor)
                })
                .collect()
            };
            Hazard::ALL.iter().map(by).collect()
        };
        Self { before: of(true), after: of(false) }
    }

    fn factor(&self, hazard: Hazard, before: bool, sku: usize) -> f64 {
        let at = Hazard::ALL.iter().position(|known| *known == hazard).unwrap_or(0);
        let table = if before { &self.before } else { &self.after };
        table[at].get(sku).copied().unwrap_or(1.0)
    }
}

fn phase_of(world: &World, start_h: f64) -> usize {
    let phases = world.phases.len();
    if world.span_days() >= SEASONS_FROM_DAYS {
        ((start_h / HOURS_OF_YEAR * phases as f64) as usize).min(phases - 1)
    } else {
        (start_h / 24.0) as usize % phases
    }
}

fn orders_in(world: &World, from: i64, until: i64) -> core::ops::Range<usize> {
    world.orders.partition_point(|order| order.at < from)
        ..world.orders.partition_point(|order| order.at < until)
}

fn draw(ask: &Ask<'_>, surges: &Surges, load: &[u32], event: &Event, per_year: f64) -> Drawn {
    let world = ask.world;
    let (n, skus) = (world.sites_count, world.skus.len());
    let closed = closed(ask, event);
    let phase = phase_of(world, event.start_h.rem_euclid(HOURS_OF_YEAR));
    let begin = world.phases[phase];
    let lasts = if surges_only(event) {
        lasts_ms(ask, event)
    } else {
        closed.iter().map(|c| c.until).max().unwrap_or(0)
    };
    let until = (begin + lasts).min(world.end);
    let shut = |site: usize, at: i64| {
        closed.iter().any(|c| c.site == site && begin + c.from <= at && at < begin + c.until)
    };
    let any_shut = |site: usize| closed.iter().any(|c| c.site == site);
    let mut hands = free_work(world, load, begin, until, &any_shut);
    let mut asked: Vec<u32> = vec![0; skus];
    let mut beyond: Vec<u32> = vec![0; skus];
    let mut more: Vec<u32> = vec![0; skus];
    let mut own: Vec<u32> = vec![0; skus * n];
    let mut picks: Vec<(usize, usize)> = Vec::new();
    for order in orders_in(world, begin, until) {
        let at = world.orders[order].at;
        for (index, pick) in world.base[order].picks.iter().enumerate() {
            let site = usize::from(pick.site);
            let sku = world.orders[order].lines[usize::from(pick.line)].sku as usize;
            if !shut(site, at) {
                own[sku * n + site] += pick.quantity;
                if surges_only(event) && surges.factor(event.hazard, false, sku) > 1.0 {
                    // What is asked beyond the usual looks for stock as what a closed site leaves does.
                    more[sku] += pick.quantity;
                    picks.push((order, index));
                }
                continue;
            }
            let (parcel, unit) = world.work_of(site);
            let work =
                i64::from(unit) * i64::from(pick.quantity) + if index == 0 { i64::from(parcel) } else { 0 };
            asked[sku] += pick.quantity;
            if hands < work {
                beyond[sku] += pick.quantity;
            } else {
                hands -= work;
                picks.push((order, index));
            }
        }
    }
    let missed = before_the_storm(ask, surges, event.hazard, &closed, phase);
    let stock = &world.snapshots[phase].stock;
    let mut needs = Vec::new();
    for sku in 0..skus {
        let factor = surges.factor(event.hazard, false, sku);
        let scaled = |units: u32| (f64::from(units) * factor).round() as u32;
        let (all, lost) = (scaled(asked[sku]), scaled(beyond[sku]));
        let surge = (f64::from(more[sku]) * (factor - 1.0)).round() as u32;
        let open = all.saturating_sub(lost) + missed[sku] + surge;
        if open == 0 && lost == 0 {
            continue;
        }
        let spare: u32 = (0..n)
            .filter(|site| world.is_open(*site) && !any_shut(*site))
            .map(|site| stock[sku * n + site].saturating_sub(own[sku * n + site]))
            .fold(0, u32::saturating_add);
        let elsewhere = open.min(spare);
        needs.push((sku as u32, Need { scenario: 0, units: open - elsewhere, elsewhere, beyond: lost }));
    }
    let serve_minor =
        (0..n).map(|site| (!any_shut(site)).then(|| serve_cost(world, site, &picks)).flatten()).collect();
    Drawn { per_year, serve_minor, needs }
}

/// Units that people want before the hazard strikes and the site that is about to close does not have, by SKU.
fn before_the_storm(
    ask: &Ask<'_>,
    surges: &Surges,
    hazard: Hazard,
    closed: &[Closed],
    phase: usize,
) -> Vec<u32> {
    let world = ask.world;
    let (n, skus) = (world.sites_count, world.skus.len());
    let mut extra = vec![0.0; skus];
    let begin = world.phases[phase];
    for order in orders_in(world, begin - BEFORE_DAYS * DAY_MS, begin) {
        for pick in &world.base[order].picks {
            let sku = world.orders[order].lines[usize::from(pick.line)].sku as usize;
            let factor = surges.factor(hazard, true, sku);
            if factor > 1.0 && closed.iter().any(|c| c.site == usize::from(pick.site)) {
                extra[sku] += (factor - 1.0) * f64::from(pick.quantity);
            }
        }
    }
    let stock = &world.snapshots[phase].stock;
    let there = |sku: usize| closed.iter().map(|c| stock[sku * n + c.site]).fold(0, u32::saturating_add);
    extra.iter().enumerate().map(|(sku, extra)| (extra.round() as u32).saturating_sub(there(sku))).collect()
}

/// Work the orders of the history ask of each site on each day, when nothing happens.
fn usual_load(world: &World) -> Vec<u32> {
    let mut load = vec![0_u32; world.sites_count * world.days];
    for served in &world.base {
        for (index, pick) in served.picks.iter().enumerate() {
            let first =
                !served.picks[..index].iter().any(|other| (other.lane, other.day) == (pick.lane, pick.day));
            let (parcel, unit) = world.work_of(usize::from(pick.site));
            let work = unit.saturating_mul(pick.quantity).saturating_add(if first { parcel } else { 0 });
            let cell = &mut load[usize::from(pick.site) * world.days + usize::from(pick.day)];
            *cell = cell.saturating_add(work);
        }
    }
    load
}

/// Index of the first day on which a site can ship what arrives at `at`.
fn first_ship(world: &World, site: usize, at: i64) -> Option<usize> {
    let form = &world.sites[site];
    let from = form.cutoffs.partition_point(|cutoff| *cutoff <= at);
    form.next_work.get(from).map(|day| usize::from(*day)).filter(|day| *day < world.days)
}

/// Work the sites that stay open can do beyond their own orders.
fn free_work(world: &World, load: &[u32], begin: i64, until: i64, shut: &dyn Fn(usize) -> bool) -> i64 {
    let first = i64::from(world.first_day);
    let day = |at: i64| ((at.div_euclid(DAY_MS) - first).max(0) as usize).min(world.days - 1);
    let days = day(begin)..day(until).max(day(begin) + 1);
    let of = |site: usize| {
        let one = |at: usize| {
            let form = &world.sites[site];
            i64::from(form.capacity[at]) - i64::from(load[site * world.days + at])
        };
        days.clone().map(one).map(|free| free.max(0)).sum::<i64>()
    };
    (0..world.sites_count).filter(|site| world.is_open(*site) && !shut(*site)).map(of).sum()
}

/// What a unit of these picks costs more from another site than usually: carriers, handling and lateness; `None`
/// where it has no way to most of them.
fn serve_cost(world: &World, site: usize, picks: &[(usize, usize)]) -> Option<i64> {
    let step = picks.len().div_ceil(PRICED_PICKS).max(1);
    let (mut cost, mut reached, mut all) = (0_i64, 0_i64, 0_i64);
    for (order, index) in picks.iter().step_by(step) {
        let form = &world.orders[*order];
        let pick = world.base[*order].picks[*index];
        let line = form.lines[usize::from(pick.line)];
        all += i64::from(pick.quantity);
        let share =
            world.base[*order].picks.iter().filter(|other| other.lane == pick.lane).count().max(1) as i64;
        let by =
            |lane: usize| world.line_cost(lane, line.sku, pick.quantity) + world.parcel_cost(lane) / share;
        let Some(day) = first_ship(world, site, form.at) else { continue };
        let best = world.by_zone[form.zone]
            .iter()
            .filter(|lane| world.lanes[**lane].site == site)
            .filter_map(|lane| {
                let arrival = world.arrivals[world.lanes[*lane].arrivals][day];
                let late =
                    if form.promise == i32::MAX { 0 } else { (arrival.saturating_sub(form.promise)).max(0) };
                (arrival != i32::MAX).then(|| by(*lane) + world.late_cost[form.merchant] * i64::from(late))
            })
            .min();
        if let Some(best) = best {
            cost += best - by(pick.lane as usize);
            reached += i64::from(pick.quantity);
        }
    }
    (reached > 0 && reached as f64 >= REACH_MIN * all as f64).then(|| (cost / reached).max(0))
}

/// The sample as a problem of laying stock at some sites.
pub(super) fn problem(ask: &Ask<'_>, sample: &Sample, sites: &[usize]) -> Problem {
    let state = ask.question.state;
    let mut needs: Vec<Vec<Need>> = vec![Vec::new(); state.network.skus.len()];
    for (scenario, event) in sample.events.iter().enumerate() {
        for (sku, need) in &event.needs {
            needs[*sku as usize].push(Need { scenario: scenario as u32, ..*need });
        }
    }
    let scenarios = sample.events.iter().map(|event| Scenario {
        per_year: event.per_year,
        serve_minor: sites.iter().map(|site| event.serve_minor[*site]).collect(),
    });
    let good = |(index, needs): (usize, Vec<Need>)| {
        let money = super::money_of(ask, index);
        let class = state.network.skus.get(SkuId::from_index(index)).map_or(0, |sku| sku.storage);
        let takes = |site: &usize| class < 32 && state.network.sites[*site].storage.0 >> class & 1 == 1;
        Good {
            sku: SkuId::from_index(index),
            lay_minor: sites.iter().map(|site| takes(site).then_some(money.carry_minor)).collect(),
            value_minor: money.cost_minor,
            unserved_minor: money.unserved_minor,
            revenue_minor: money.price_minor,
            needs,
        }
    };
    Problem {
        sites: sites.iter().map(|site| SiteId::from_index(*site)).collect(),
        scenarios: scenarios.collect(),
        goods: needs.into_iter().enumerate().map(good).collect(),
    }
}

/// The sites at which laid stock would save most, `first` among them, at most `most`: by what units needed would save there
/// over the sample.
pub(super) fn best_sites(ask: &Ask<'_>, sample: &Sample, first: usize, most: usize) -> Vec<usize> {
    let world = ask.world;
    let mut scores: Vec<(f64, usize)> = (0..world.sites_count)
        .filter(|site| world.is_open(*site) && *site != first)
        .map(|site| {
            let of = |event: &Drawn| {
                let Some(serve) = event.serve_minor[site] else { return 0.0 };
                let save = |(sku, need): &(u32, Need)| {
                    let unserved = super::money_of(ask, *sku as usize).unserved_minor;
                    f64::from(need.units) * (unserved - serve).max(0) as f64
                };
                event.per_year * event.needs.iter().map(save).sum::<f64>()
            };
            (sample.events.iter().map(of).sum::<f64>(), site)
        })
        .collect();
    scores.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut sites: Vec<usize> =
        scores.into_iter().map(|score| score.1).take(most.min(SITES_MAX) - 1).collect();
    sites.push(first);
    sites.sort_unstable();
    sites
}
