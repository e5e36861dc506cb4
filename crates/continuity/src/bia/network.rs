//! What the loss of one site, or two, does: curves, time to survive and to recover, backups.

use rayon::prelude::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use super::band::{OverTime, over_time};
use super::process::site_index;
use super::{BANDS_H, Question, REFERENCE_H, SURVIVE_SHARE, Years, partner};
use crate::fluid::{Impact, Patience, Shock, What, World};

/// A site's loss in all its figures. Money in minor units.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SiteLoss {
    /// Code.
    pub site: String,
    /// Whether it takes orders; a dormant backup does not.
    pub takes_orders: bool,
    /// Loss by the end of each band, mean over the starts.
    pub curve: Vec<f64>,
    /// Its closure over time; `None` where it takes no orders.
    pub over_time: Option<OverTime>,
    /// Hours after which the first customers are lost for good, on the bands.
    pub mtpd_computed_h: Option<f64>,
    /// The strictest recovery time objective of the processes that need it, hours.
    pub rto_h: Option<u32>,
    /// Time to recover less that, hours.
    pub gap_h: Option<f64>,
    /// The standby sites that are called for it.
    pub called: Vec<String>,
    /// The reference closure.
    pub reference: Impact,
    /// The start that costs most in the reference closure, UTC, and its loss.
    pub worst: (String, f64),
    /// Share of its orders' worth that only this site can serve meanwhile.
    pub sole_share: f64,
    /// The site that absorbs most, and the share of its orders that one takes.
    pub backup: Option<(String, f64)>,
    /// Share of the changed orders that others serve in time.
    pub absorbed_share: f64,
    /// Time to recover: mean closure in the catalogue, hours; `None` if it is never closed.
    pub ttr_h: Option<f64>,
    /// One closure in twenty is longer, hours.
    pub ttr_p95_h: Option<f64>,
    /// Time to survive, hours; `None`: as long as stock is looked at.
    pub tts_h: Option<f64>,
    /// Loss when it is closed for its time to recover, over the greatest of all sites.
    pub rei: f64,
    /// Average annual loss by its closures, over the greatest of all sites.
    pub rei_risk: f64,
    /// Average annual loss by its closures.
    pub loss_per_year: f64,
    /// Expected hours closed in a year.
    pub closed_h_per_year: f64,
    /// Chance that a year has a closure longer than 24 h, 72 h, 7 d.
    pub p_longer: [f64; 3],
}

/// The loss of one site or carrier, or of two at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SingleLoss {
    /// What: a site's code, or `carrier` and its name.
    pub code: String,
    /// Share of the orders that need it in normal times.
    pub share: f64,
    /// Stopped for the reference time.
    pub impact: Impact,
}

/// The loss of two sites, two carriers, or one of each, at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairLoss {
    /// First.
    pub a: String,
    /// Second.
    pub b: String,
    /// Both closed for the reference time.
    pub impact: Impact,
    /// Loss beyond the sum of the two alone.
    pub beyond: f64,
}

/// A site's impacts at the band ends and the reference time.
pub(crate) struct Curve {
    over_time: Option<OverTime>,
    reference: Impact,
    sole_share: f64,
    takers: Vec<f64>,
    called: Vec<u16>,
}

/// How much of a site's closure is computed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// The reference time alone.
    Reference,
    /// All bands.
    Bands,
}

pub(crate) fn curves(world: &World, patience: Patience, depth: Depth) -> Vec<Option<Curve>> {
    (0..world.sites_count).into_par_iter().map(|site| curve(world, site as u16, patience, depth)).collect()
}

fn curve(world: &World, site: u16, patience: Patience, depth: Depth) -> Option<Curve> {
    if !world.is_open(usize::from(site)) {
        return None;
    }
    let phases: Vec<usize> = (0..world.phases.len()).collect();
    let mut takers = vec![0.0; world.sites_count];
    let (mut sole, mut worth, mut changed) = (0.0, 0.0, 0.0);
    let mut called = Vec::new();
    let mut known = Vec::new();
    for phase in &phases {
        let shock = Shock::sites(*phase, &[site], REFERENCE_H);
        let outcome = world.run(&shock, patience);
        known.push(outcome.impact);
        called.extend(outcome.called);
        for one in outcome.changed {
            if !world.base[one.order].picks.iter().any(|pick| pick.site == site) {
                continue;
            }
            let form = &world.orders[one.order];
            worth += form.value() as f64;
            changed += 1.0;
            for (number, line) in (0_u16..).zip(&form.lines) {
                // What waited for the site's return, or for nothing, nobody else could have sent.
                let elsewhere = one.served.picks.iter().any(|pick| pick.line == number && pick.site != site);
                if !elsewhere {
                    sole += (line.price * i64::from(line.quantity)) as f64;
                }
            }
            if let Some(pick) = one.served.picks.iter().find(|pick| pick.site != site) {
                takers[usize::from(pick.site)] += 1.0;
            }
        }
    }
    for taker in &mut takers {
        *taker /= f64::max(changed, 1.0);
    }
    called.sort_unstable();
    called.dedup();
    Some(Curve {
        over_time: (depth == Depth::Bands).then(|| over_time(world, &[What::Site(site)], &phases, patience)),
        reference: super::mean(known.into_iter()),
        sole_share: if worth > 0.0 { sole / worth } else { 0.0 },
        takers,
        called,
    })
}

/// Stock and work of a network without a site, by SKU.
#[derive(Clone, Debug, Default)]
pub struct Cover {
    /// Units a day and units elsewhere, by SKU.
    pub skus: Vec<(f64, f64)>,
    /// Work units a day that are free elsewhere.
    pub free_work: f64,
    /// Work units a day that the lost site's orders take.
    pub lost_work: f64,
}

/// The longest time, in days up to `most`, for which `share` of the demand can be met from stock and capacity that
/// are left: the linear program of Simchi-Levi et al. (2015), whose optimum for one echelon and any-to-any flow is
/// the time at which the sum of min(demand, stock) falls below the share. `None` if that is never within `most`.
#[must_use]
pub fn time_to_survive(cover: &Cover, share: f64, most: f64) -> Option<f64> {
    let per_day: f64 = cover.skus.iter().map(|(demand, _)| demand).sum();
    if per_day <= 0.0 {
        return None;
    }
    if cover.free_work < cover.lost_work * share {
        return Some(0.0);
    }
    let met = |days: f64| {
        cover.skus.iter().map(|(demand, stock)| (demand * days).min(*stock)).sum::<f64>() / (per_day * days)
    };
    if met(most) >= share {
        return None;
    }
    let (mut low, mut high) = (0.0, most);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if met(middle) >= share { low = middle } else { high = middle }
    }
    Some(low)
}

/// The output lost when a site is gone for so many days: the optimum of the time-to-recover program of Simchi-Levi et
/// al. (2015) for one echelon and any-to-any flow, the demand of each SKU beyond the stock elsewhere. Units.
#[must_use]
pub fn lost_output(cover: &Cover, days: f64) -> f64 {
    cover.skus.iter().map(|(demand, stock)| (demand * days - stock).max(0.0)).sum()
}

fn cover(world: &World, site: usize) -> Cover {
    let n = world.sites_count;
    let days = world.span_days();
    let mut demand = vec![0.0; world.stock.len() / n.max(1)];
    let (mut used, mut lost_work) = (0.0, 0.0);
    for (form, base) in world.orders.iter().zip(&world.base) {
        for pick in &base.picks {
            let (parcel, unit) = world.work_of(usize::from(pick.site));
            let work = f64::from(parcel) / base.picks.len() as f64 + f64::from(unit * pick.quantity);
            if usize::from(pick.site) == site {
                demand[form.lines[usize::from(pick.line)].sku as usize] += f64::from(pick.quantity) / days;
                lost_work += work / days;
            } else {
                used += work / days;
            }
        }
    }
    let elsewhere = |sku: usize| -> f64 {
        (0..n).filter(|s| *s != site && world.is_open(*s)).map(|s| f64::from(world.stock[sku * n + s])).sum()
    };
    // What the other sites' own customers take is not free for the lost site's.
    let mut own = vec![0.0; demand.len()];
    for (form, base) in world.orders.iter().zip(&world.base) {
        for pick in base.picks.iter().filter(|pick| usize::from(pick.site) != site) {
            own[form.lines[usize::from(pick.line)].sku as usize] += f64::from(pick.quantity);
        }
    }
    let skus = demand.iter().enumerate().map(|(sku, d)| (*d, (elsewhere(sku) - own[sku]).max(0.0))).collect();
    let capacity: f64 =
        (0..n).filter(|s| *s != site && world.is_open(*s)).map(|s| world.capacity_per_day(s)).sum();
    Cover { skus, free_work: (capacity - used).max(0.0), lost_work }
}

pub(crate) fn sites(
    question: &Question,
    world: &World,
    years: &Years,
    curves: &[Option<Curve>],
) -> Vec<SiteLoss> {
    let network = &question.state.network;
    let count = f64::from(question.years);
    let code = |site: usize| network.sites[site].code.to_string();
    let mut rows: Vec<SiteLoss> = curves
        .iter()
        .enumerate()
        .map(|(site, curve)| {
            let mut closures = years.sites[site].closures_h.clone();
            // An empty sum is -0, which would be told with its sign.
            let sum = closures.iter().sum::<f64>() + 0.0;
            closures.sort_by(f64::total_cmp);
            let p95 =
                closures.get((closures.len() * 95 / 100).min(closures.len().saturating_sub(1))).copied();
            let best = curve.as_ref().and_then(|curve| {
                let by = curve.takers.iter().copied().enumerate();
                by.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).filter(|best| best.1 > 0.0)
            });
            let over = curve.as_ref().and_then(|curve| curve.over_time.as_ref());
            let alone = curve.as_ref().map_or_else(Impact::default, |curve| curve.reference);
            // Where the history is shorter than the reference time, only the bands go on beyond it.
            let reference = over.map_or(alone, |over| over.reference);
            let ttr_h = (!closures.is_empty()).then(|| sum / closures.len() as f64);
            let rto_h = rto(question, site as u16).filter(|_| curve.is_some());
            let tts = curve.as_ref().and_then(|_| {
                time_to_survive(&cover(world, site), SURVIVE_SHARE, world.span_days()).map(|days| days * 24.0)
            });
            SiteLoss {
                site: code(site),
                takes_orders: curve.is_some(),
                curve: over.map_or_else(Vec::new, OverTime::curve),
                over_time: over.cloned(),
                mtpd_computed_h: over.and_then(OverTime::lost_from_h),
                rto_h,
                gap_h: ttr_h.zip(rto_h).map(|(ttr, rto)| ttr - f64::from(rto)),
                called: curve.as_ref().map_or_else(Vec::new, |curve| {
                    curve.called.iter().map(|site| code(usize::from(*site))).collect()
                }),
                reference,
                worst: over.map_or_else(Default::default, |over| over.worst.clone()),
                sole_share: curve.as_ref().map_or(0.0, |curve| curve.sole_share),
                backup: best.map(|(site, share)| (code(site), share)),
                absorbed_share: if reference.touched > 0.0 {
                    reference.absorbed / reference.touched
                } else {
                    0.0
                },
                ttr_h,
                ttr_p95_h: p95,
                tts_h: tts,
                rei: 0.0,
                rei_risk: 0.0,
                loss_per_year: years.attribution.sites[site] / count,
                closed_h_per_year: sum / count,
                p_longer: years.sites[site].years_longer.map(|years| f64::from(years) / count),
            }
        })
        .collect();
    exposure_index(&mut rows);
    rows
}

/// Loss at the time to recover, on the curve of the bands.
fn at_recovery(row: &SiteLoss) -> f64 {
    let (Some(hours), false) = (row.ttr_h, row.curve.is_empty()) else { return 0.0 };
    let (mut from, mut below) = (0.0, 0.0);
    for (end, loss) in BANDS_H.iter().zip(&row.curve) {
        if hours <= *end {
            return below + (loss - below) * (hours - from) / (end - from);
        }
        (from, below) = (*end, *loss);
    }
    below
}

fn exposure_index(rows: &mut [SiteLoss]) {
    let losses: Vec<f64> = rows.iter().map(at_recovery).collect();
    let most = losses.iter().copied().fold(0.0, f64::max);
    let risk = rows.iter().map(|row| row.loss_per_year).fold(0.0, f64::max);
    for (row, loss) in rows.iter_mut().zip(losses) {
        row.rei = if most > 0.0 { loss / most } else { 0.0 };
        row.rei_risk = if risk > 0.0 { row.loss_per_year / risk } else { 0.0 };
    }
}

/// The strictest recovery time objective of the processes that need a site.
fn rto(question: &Question, site: u16) -> Option<u32> {
    let needs = |process: &&super::Declared| {
        process.sites.is_empty() || process.sites.iter().any(|code| site_index(question, code) == Some(site))
    };
    question.processes.iter().filter(needs).filter_map(|process| process.rto_h).min()
}

/// What can be lost: sites that take orders, and carriers that bring some.
fn elements(world: &World) -> Vec<What> {
    let sites =
        (0..world.sites_count).filter(|site| world.is_open(*site)).map(|site| What::Site(site as u16));
    let carriers = (0..world.carriers.len()).map(|carrier| What::Carrier(carrier as u16));
    let used = |what: &What| partner::share(world, &[*what].into()) > 0.0;
    sites.chain(carriers.filter(used)).collect()
}

/// Each site and carrier lost alone, and each two together, for the reference time.
pub(crate) fn losses(question: &Question, world: &World) -> (Vec<SingleLoss>, Vec<PairLoss>) {
    let elements = elements(world);
    let phases = world.few_phases();
    let lose = |whats: &[What]| {
        let at =
            |phase: &usize| world.impact(&Shock::of(*phase, whats, REFERENCE_H), question.patience, None);
        super::mean(phases.iter().map(at))
    };
    let alone: Vec<Impact> = elements.clone().into_par_iter().map(|what| lose(&[what])).collect();
    let name = |at: usize| partner::name(question, world, elements[at]);
    let all: Vec<(usize, usize)> =
        (0..elements.len()).flat_map(|a| (a + 1..elements.len()).map(move |b| (a, b))).collect();
    let mut pairs: Vec<PairLoss> = all
        .into_par_iter()
        .map(|(a, b)| {
            let impact = lose(&[elements[a], elements[b]]);
            let beyond = impact.loss() - alone[a].loss() - alone[b].loss();
            PairLoss { a: name(a), b: name(b), beyond, impact }
        })
        .collect();
    pairs.sort_by(|x, y| y.impact.loss().total_cmp(&x.impact.loss()));
    let singles = (0..elements.len())
        .map(|at| SingleLoss {
            code: name(at),
            share: partner::share(world, &[elements[at]].into()),
            impact: alone[at],
        })
        .collect();
    (singles, pairs)
}
