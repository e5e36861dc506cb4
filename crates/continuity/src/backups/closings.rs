//! Closures of the simulated years, put together: the same sites, shut for about as long.

use std::collections::BTreeMap;

use holdfast_domain::incident::Hazard;
use holdfast_hazard::catalogue::{Event as Struck, Simulator};
use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use super::{Ask, BackupsError};
use crate::bia::{BiaError, places};
use crate::critical::scenario::is_of_no_place;

/// Closures shorter than this need no backup, hours.
const CLOSURE_MIN_H: f64 = 8.0;
/// Lengths that are put together, days.
const GRID_DAYS: [f64; 8] = [0.5, 1.0, 2.0, 4.0, 7.0, 14.0, 30.0, 60.0];

/// Events put together.
pub(super) struct Closing {
    pub(super) failed: Vec<usize>,
    pub(super) hazard_warning: f64,
    pub(super) count: u32,
    pub(super) days: f64,
}

/// How long before it strikes a hazard is known to come, days: assumed where a source gives no figure.
fn warning_days(hazard: Hazard) -> f64 {
    match hazard {
        Hazard::Hurricane => 2.0,
        Hazard::WinterStorm => 1.0,
        Hazard::Wildfire | Hazard::Flood => 0.5,
        _ => 0.0,
    }
}

/// Events of the years, put together by the sites they close and about how long.
pub(super) fn closings(ask: &Ask<'_>) -> Result<Vec<Closing>, BackupsError> {
    let question = ask.question;
    let places = places(question);
    let simulator = Simulator::new(&places, question.catalogue).map_err(BiaError::from)?;
    let years: Vec<Vec<Struck>> =
        (0..question.years).into_par_iter().map(|year| simulator.year(question.seed, year).events).collect();
    let mut found: BTreeMap<(Vec<usize>, usize, u64), Closing> = BTreeMap::new();
    for event in years.iter().flatten().filter(|event| !is_of_no_place(event.hazard)) {
        let hits = event.hits.iter().filter(|hit| hit.downtime_h >= CLOSURE_MIN_H);
        let mut failed: Vec<(usize, f64)> = hits.map(|hit| (hit.site, hit.downtime_h / 24.0)).collect();
        if failed.is_empty() {
            continue;
        }
        failed.sort_by_key(|one| one.0);
        failed.dedup_by_key(|one| one.0);
        // Sites of one event come back at different times; the mean keeps the closed days.
        let days = failed.iter().map(|one| one.1).sum::<f64>() / failed.len() as f64;
        let days = days.min(GRID_DAYS[GRID_DAYS.len() - 1]);
        let cell = GRID_DAYS.iter().filter(|limit| days > **limit).count();
        let warning = warning_days(event.hazard);
        let sites: Vec<usize> = failed.iter().map(|one| one.0).collect();
        let key = (sites.clone(), cell, (warning * 4.0) as u64);
        let known = found.entry(key).or_insert(Closing {
            failed: sites,
            hazard_warning: warning,
            count: 0,
            days: 0.0,
        });
        known.days = (known.days * f64::from(known.count) + days) / f64::from(known.count + 1);
        known.count += 1;
    }
    Ok(found.into_values().collect())
}
