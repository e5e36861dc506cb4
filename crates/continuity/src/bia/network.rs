//! What the loss of one site, or two, does: curves, time to survive and to recover, backups.

use rayon::prelude::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use super::{BANDS_H, Question, REFERENCE_H, SURVIVE_SHARE, Years, mean};
use crate::fluid::{Impact, Log, Patience, World};

/// A site's loss in all its figures. Money in minor units.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SiteLoss {
    /// Code.
    pub site: String,
    /// Whether it takes orders; a dormant backup does not.
    pub takes_orders: bool,
    /// Loss by the end of each band, mean over the starts.
    pub curve: Vec<f64>,
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

/// The loss of two sites at once.
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

/// A site's impacts at the band ends and the reference time, by phase.
pub(crate) struct Curve {
    pub(crate) bands: Vec<Impact>,
    pub(crate) by_phase: Vec<Impact>,
    pub(crate) sole_share: f64,
    pub(crate) takers: Vec<f64>,
}

pub(crate) fn curves(world: &World, patience: Patience) -> Vec<Option<Curve>> {
    (0..world.sites_count).into_par_iter().map(|site| curve(world, site, patience)).collect()
}

fn curve(world: &World, site: usize, patience: Patience) -> Option<Curve> {
    if !world.is_open(site) {
        return None;
    }
    let mut bands = vec![Vec::new(); BANDS_H.len()];
    let (mut by_phase, mut takers) = (Vec::new(), vec![0.0; world.sites_count]);
    let (mut sole, mut worth, mut changed) = (0.0, 0.0, 0.0);
    for phase in 0..world.phases.len() {
        let log = world.close(&[site as u16], phase, f64::INFINITY.min(1e6));
        for (band, hours) in bands.iter_mut().zip(BANDS_H) {
            band.push(world.impact(&log, &[hours], patience, None));
        }
        by_phase.push(world.impact(&log, &[REFERENCE_H], patience, None));
        let until = world.phases[phase] + (REFERENCE_H * 3_600_000.0) as i64;
        for entry in log.entries.iter().filter(|e| e.home.is_some() && e.at < until) {
            let form = &world.orders[entry.order as usize];
            worth += form.value() as f64;
            changed += 1.0;
            for (number, line) in form.lines.iter().enumerate() {
                if !entry.served.picks.iter().any(|pick| usize::from(pick.line) == number) {
                    sole += (line.price * i64::from(line.quantity)) as f64;
                }
            }
            if let Some(pick) = entry.served.picks.first() {
                takers[usize::from(pick.site)] += 1.0;
            }
        }
    }
    for taker in &mut takers {
        *taker /= f64::max(changed, 1.0);
    }
    Some(Curve {
        bands: bands.into_iter().map(|all| mean(all.into_iter())).collect(),
        by_phase,
        sole_share: if worth > 0.0 { sole / worth } else { 0.0 },
        takers,
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
            let sum: f64 = closures.iter().sum();
            closures.sort_by(f64::total_cmp);
            let p95 =
                closures.get((closures.len() * 95 / 100).min(closures.len().saturating_sub(1))).copied();
            let worst = curve.as_ref().and_then(|curve| {
                let by = curve.by_phase.iter().enumerate();
                by.max_by(|a, b| a.1.loss().total_cmp(&b.1.loss()).then(b.0.cmp(&a.0)))
            });
            let best = curve.as_ref().and_then(|curve| {
                let by = curve.takers.iter().copied().enumerate();
                by.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).filter(|best| best.1 > 0.0)
            });
            let reference =
                curve.as_ref().map_or_else(Impact::default, |curve| mean(curve.by_phase.iter().copied()));
            let tts = curve.as_ref().and_then(|_| {
                time_to_survive(&cover(world, site), SURVIVE_SHARE, world.span_days()).map(|days| days * 24.0)
            });
            SiteLoss {
                site: code(site),
                takes_orders: curve.is_some(),
                curve: curve.as_ref().map_or_else(Vec::new, |c| c.bands.iter().map(Impact::loss).collect()),
                reference,
                worst: worst.map_or((String::new(), 0.0), |(phase, impact)| {
                    (holdfast_domain::time::Stamp(world.phases[phase]).to_string(), impact.loss())
                }),
                sole_share: curve.as_ref().map_or(0.0, |curve| curve.sole_share),
                backup: best.map(|(site, share)| (code(site), share)),
                absorbed_share: if reference.touched > 0.0 {
                    reference.absorbed / reference.touched
                } else {
                    0.0
                },
                ttr_h: (!closures.is_empty()).then(|| sum / closures.len() as f64),
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

pub(crate) fn pairs(question: &Question, world: &World, curves: &[Option<Curve>]) -> Vec<PairLoss> {
    let network = &question.state.network;
    let open: Vec<usize> = (0..world.sites_count).filter(|site| world.is_open(*site)).collect();
    let all: Vec<(usize, usize)> =
        open.iter().flat_map(|a| open.iter().filter(move |b| *b > a).map(move |b| (*a, *b))).collect();
    let phase = world.phases.len() / 2;
    let mut rows: Vec<PairLoss> = all
        .into_par_iter()
        .map(|(a, b)| {
            let log = Log { sites: vec![a as u16, b as u16], phase, entries: Vec::new() };
            let impact = world.impact(&log, &[REFERENCE_H; 2], question.patience, None);
            let alone = |site: usize| curves[site].as_ref().map_or(0.0, |curve| curve.by_phase[phase].loss());
            PairLoss {
                a: network.sites[a].code.to_string(),
                b: network.sites[b].code.to_string(),
                beyond: impact.loss() - alone(a) - alone(b),
                impact,
            }
        })
        .collect();
    rows.sort_by(|x, y| y.impact.loss().total_cmp(&x.impact.loss()));
    rows
}

/// Who has to work for which share of the orders: carriers by the baseline's lanes.
pub(crate) fn partners(question: &Question, world: &World) -> Vec<(String, f64)> {
    let network = &question.state.network;
    let mut counts: std::collections::BTreeMap<String, f64> = std::collections::BTreeMap::new();
    for base in &world.base {
        if let Some(pick) = base.picks.first() {
            let carrier = network.services[world.service_of(pick.lane)].carrier.to_string();
            *counts.entry(carrier).or_default() += 1.0;
        }
    }
    let all = world.base.len().max(1) as f64;
    let mut rows: Vec<(String, f64)> = counts.into_iter().map(|(name, count)| (name, count / all)).collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1));
    rows
}
