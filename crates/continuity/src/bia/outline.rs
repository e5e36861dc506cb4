//! An analysis in outline: which site's loss costs most and who takes over, in a second instead of a minute.
//!
//! Each site is closed alone for the reference time at a few starts; the hours a year the catalogue closes it scale that
//! to a year. Enough to say where stock should lie; sites that fall together, processes and curves need the whole
//! analysis. Invariant: what is not computed is empty, never guessed.

use std::collections::BTreeMap;

use holdfast_hazard::catalogue::Simulator;
use rayon::prelude::{IntoParallelIterator, ParallelIterator};

use super::years::places;
use super::{Annual, BiaError, Question, REFERENCE_H, Report, SiteLoss, mean};
use crate::fluid::{Outcome, Shock, World};

/// The outline. Of [`Report`] it holds currency, years, seed, the sites' reference closure, backup, hours and loss a
/// year, and their sum; the rest is empty.
///
/// # Errors
/// [`BiaError`] where the hazards cannot be simulated.
pub fn outline(question: &Question, world: &World) -> Result<Report, BiaError> {
    let network = &question.state.network;
    let places = places(question);
    let simulator = Simulator::new(&places, question.catalogue)?;
    let years: Vec<_> =
        (0..question.years).into_par_iter().map(|year| simulator.year(question.seed, year).events).collect();
    let mut hours = vec![0.0; network.sites.len()];
    let mut events = 0;
    for event in years.iter().flatten() {
        events += 1;
        for hit in &event.hits {
            hours[hit.site] += hit.downtime_h / f64::from(question.years.max(1));
        }
    }
    let one = |site: usize| {
        let phases = if world.is_open(site) { world.few_phases() } else { Vec::new() };
        // A network has 64 sites at most.
        let shock = |phase| Shock::sites(phase, &[site as u16], REFERENCE_H);
        let outcomes: Vec<Outcome> =
            phases.into_iter().map(|phase| world.run(&shock(phase), question.patience)).collect();
        site_of(&network.sites[site].code, world.is_open(site), &outcomes, hours[site], site, network)
    };
    let sites: Vec<SiteLoss> = (0..network.sites.len()).into_par_iter().map(one).collect();
    let average = sites.iter().map(|site| site.loss_per_year).sum();
    Ok(Report {
        currency: network.operator.as_ref().map_or_else(String::new, |o| o.currency.to_string()),
        years: question.years,
        seed: question.seed,
        events,
        catalogue_events: events,
        runs: sites.iter().filter(|site| site.takes_orders).count() as u64 * world.few_phases().len() as u64,
        patience_days: question.patience.days,
        annual: Annual { average, deviation: 0.0, exceedance: Vec::new(), tail_99: None, curve: Vec::new() },
        sites,
        singles: Vec::new(),
        pairs: Vec::new(),
        processes: Vec::new(),
        skus: Vec::new(),
        services: Vec::new(),
        merchants: Vec::new(),
        hazards: Vec::new(),
        assumed_share: 0.0,
        partners: Vec::new(),
        systems: Vec::new(),
        together: Vec::new(),
        figures: Vec::new(),
    })
}

fn site_of(
    code: &str,
    takes_orders: bool,
    outcomes: &[Outcome],
    closed_h_per_year: f64,
    own: usize,
    network: &holdfast_domain::network::Network,
) -> SiteLoss {
    let reference = mean(outcomes.iter().map(|outcome| outcome.impact));
    let mut taken: BTreeMap<u16, u64> = BTreeMap::new();
    let mut all = 0;
    for changed in outcomes.iter().flat_map(|outcome| &outcome.changed) {
        all += 1;
        let mut sites: Vec<u16> = changed.served.picks.iter().map(|pick| pick.site).collect();
        sites.sort_unstable();
        sites.dedup();
        for site in sites.into_iter().filter(|site| usize::from(*site) != own) {
            *taken.entry(site).or_default() += 1;
        }
    }
    // The first of equals: the least id.
    let best = taken.iter().max_by_key(|(site, orders)| (**orders, core::cmp::Reverse(**site)));
    let backup = best.and_then(|(site, orders)| {
        Some((
            network.sites.get(usize::from(*site))?.code.to_string(),
            *orders as f64 / f64::from(all.max(1)),
        ))
    });
    SiteLoss {
        site: code.to_owned(),
        takes_orders,
        curve: Vec::new(),
        over_time: None,
        mtpd_computed_h: None,
        rto_h: None,
        gap_h: None,
        called: Vec::new(),
        reference,
        worst: (String::new(), reference.loss()),
        sole_share: 0.0,
        backup,
        absorbed_share: if reference.touched > 0.0 { reference.absorbed / reference.touched } else { 1.0 },
        ttr_h: None,
        ttr_p95_h: None,
        tts_h: None,
        rei: 0.0,
        rei_risk: 0.0,
        loss_per_year: reference.loss() * closed_h_per_year / REFERENCE_H,
        closed_h_per_year,
        p_longer: [0.0; 3],
    }
}
