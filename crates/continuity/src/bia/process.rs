//! Processes: what people declared, what the loss of their sites costs, and what neither can say.

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

use super::{BANDS_H, Question, SiteLoss, mean};
use crate::fluid::{Log, World};
use crate::trace::Basis;

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

/// A process analysed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProcessRow {
    /// What was declared.
    pub declared: Declared,
    /// Loss by the end of each band when it stops at all its sites, minor units.
    pub curve: Vec<f64>,
    /// Hours after which the first customers are lost for good, on the bands; `None` within two months never.
    pub mtpd_computed_h: Option<f64>,
    /// Hours within which the network can work again: the longest mean closure of its sites.
    pub achievable_h: Option<f64>,
    /// Achievable less RTO, hours, where an RTO is declared.
    pub gap_h: Option<f64>,
    /// People it takes a day by the work of its sites is not known: where nobody declared it, it is missing.
    pub people: Basis,
    /// What nobody has said.
    pub missing: Vec<&'static str>,
}

pub(crate) fn rows(question: &Question, world: &World, sites: &[SiteLoss]) -> Vec<ProcessRow> {
    question.processes.par_iter().map(|process| row(question, world, sites, process)).collect()
}

fn row(question: &Question, world: &World, sites: &[SiteLoss], declared: &Declared) -> ProcessRow {
    let network = &question.state.network;
    let concerned: Vec<u16> = (0..)
        .zip(&network.sites)
        .filter(|(index, site)| {
            world.is_open(usize::from(*index))
                && (declared.sites.is_empty() || declared.sites.iter().any(|code| **code == *site.code))
        })
        .map(|(index, _)| index)
        .collect();
    let mut bands = vec![Vec::new(); BANDS_H.len()];
    // Processes stop everywhere at once, which is dear to compute: every third start is taken.
    for phase in (0..world.phases.len()).step_by(3) {
        let log = Log { sites: concerned.clone(), phase, entries: Vec::new() };
        for (band, hours) in bands.iter_mut().zip(BANDS_H) {
            band.push(world.impact(&log, &vec![hours; concerned.len()], question.patience, None));
        }
    }
    let impacts: Vec<_> = bands.into_iter().map(|all| mean(all.into_iter())).collect();
    let mtpd = impacts.iter().zip(BANDS_H).find(|(impact, _)| impact.unserved > 0.0).map(|(_, hours)| hours);
    let slowest = concerned
        .iter()
        .filter_map(|site| sites[usize::from(*site)].ttr_h)
        .fold(None, |most: Option<f64>, ttr| Some(most.map_or(ttr, |most| most.max(ttr))));
    let gap = declared.rto_h.zip(slowest).map(|(rto, achievable)| achievable - f64::from(rto));
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
    ProcessRow {
        curve: impacts.iter().map(crate::fluid::Impact::loss).collect(),
        mtpd_computed_h: mtpd,
        achievable_h: slowest,
        gap_h: gap,
        people: if declared.people_min.is_some() { Basis::Declared } else { Basis::Missing },
        missing: asked.into_iter().filter(|(_, missing)| *missing).map(|(field, _)| field).collect(),
        declared: declared.clone(),
    }
}
