//! Where each field of a report's JSON comes from: by the name it stands within and its own, as the figures say it.
//!
//! Invariant, held by a test of the command: no leaf of the JSON is without a way.

use super::{BANDS_H, Report, figures};
use crate::trace::{Basis, Figure, Trace, VERSION};

/// The way to a field of a [`Report`] or of its comparison with the engine.
#[must_use]
pub fn origin(report: &Report, within: &str, name: &str) -> Option<Trace> {
    as_figure(within, name)
        .map(|(field, basis)| of_field(report, field, basis))
        .or_else(|| said(within, name))
}

/// The way to the figure whose formula `field` names.
fn of_field(report: &Report, field: &'static str, basis: Basis) -> Trace {
    figures::trace(report, &Figure { id: field.to_owned(), value: None, unit: "", basis, note: None })
}

/// Fields that are figures, by the name of their formula.
fn as_figure(within: &str, name: &str) -> Option<(&'static str, Basis)> {
    let field = match (within, name) {
        ("annual", "average") => "average",
        ("annual", "deviation") => "deviation",
        ("annual", "tail_99") => "tail_99",
        ("exceedance", "1") => "oep",
        ("exceedance", "2") => "aep",
        ("", "assumed_share") => "assumed_share",
        ("hazards", "events_per_year") => "events",
        ("sites" | "processes", "curve") | ("bands", "loss") | ("over_time" | "sites", "worst") => "impact",
        ("over_time", "kept") => "kept_share",
        ("bands", "operational") => "operational",
        ("bands", "customer") => "customer",
        ("impact" | "reference", "late") => "late",
        ("impact" | "reference", "unserved") => "unserved",
        ("impact" | "reference", "duties") => "duties",
        ("impact" | "reference", "late_days") => "delay",
        ("impact" | "reference", "revenue") => "revenue_lost",
        ("impact" | "reference", "added_cost") => "added_cost",
        ("impact" | "reference", "late_cost") => "late_cost",
        ("impact" | "reference", "standby_cost") => "standby_cost",
        ("impact" | "reference", "touched") => "touched",
        ("impact" | "reference", "absorbed") | ("sites", "absorbed_share") => "absorbed_share",
        ("sites", "called") => "standby_cost",
        ("sites", "sole_share") => "sole_share",
        ("sites", "backup") => "backup",
        ("sites", "ttr_h") => "ttr_h",
        ("sites", "ttr_p95_h") => "ttr_p95_h",
        ("sites", "tts_h") => "tts_h",
        ("sites", "rei") => "rei",
        ("sites", "rei_risk") => "rei_risk",
        ("sites" | "hazards" | "skus" | "services" | "merchants", "loss_per_year") => "loss_per_year",
        ("sites", "closed_h_per_year") => "closed_h_per_year",
        ("sites", "p_longer") => "chance",
        ("sites" | "processes", "mtpd_computed_h") => "mtpd_computed_h",
        ("sites" | "processes", "gap_h") => "gap_h",
        ("singles" | "partners" | "systems", "share") => "share",
        ("pairs", "beyond") => "beyond",
        ("processes", "volume") => "volume",
        ("processes", "parcels_min") => "parcels_min",
        ("processes", "work_min") => "work_min",
        ("processes", "achievable_h") => "achievable_h",
        ("together", "2") => "rate",
        _ => return None,
    };
    Some((field, Basis::Computed))
}

/// Fields that say what is asked, what is named, and what was declared.
fn said(within: &str, name: &str) -> Option<Trace> {
    let (input, formula): (String, &str) = match (within, name) {
        ("sites", "rto_h") => ("processes.csv".into(), "least rto_h of the processes that need the site; null: nobody has declared one"),
        ("declared", column) => {
            (format!("processes.csv, column {column}"), "as declared; null or empty: nobody has declared it")
        }
        ("", "currency") => ("operator.csv".into(), "as declared"),
        ("", "years" | "seed" | "patience_days") => ("command line".into(), "as given, or the default docs/reference/bia.md prints"),
        ("", "events") => ("the event catalogue".into(), "events of the simulated years that stop something orders need, counted"),
        ("", "catalogue_events") => ("the event catalogue".into(), "events of the simulated years at the operator's sites, counted"),
        ("", "runs") => ("the fluid form".into(), "runs it took, counted"),
        ("exceedance", "0") => ("the program".into(), "return periods that are told, years"),
        ("annual", "curve") => (
            "simulated years of the event catalogue".into(),
            "return period in years, greatest event of a year, sum of a year, minor units: the years' losses by rank",
        ),
        ("bands", "until_h") => (format!("{BANDS_H:?} hours"), "end of the band; what is beyond a month is taken at 60 days"),
        ("sites", "site") | ("singles" | "partners" | "systems" | "skus" | "services" | "merchants", "code") => {
            ("the book's files".into(), "its code or name there")
        }
        ("pairs", "a" | "b") | ("together", "0" | "1") => ("the book's files".into(), "its code or name there"),
        ("sites", "takes_orders") => ("sites.csv, standby_contracts.csv".into(), "whether it takes orders in normal times"),
        ("processes", "kind") => ("processes.csv".into(), "what its code says it is to an order"),
        ("processes", "in_book") => ("processes.csv".into(), "whether it has the process"),
        ("processes", "missing") => ("processes.csv".into(), "columns nobody has filled"),
        ("processes" | "partners" | "systems", "stops") => {
            ("processes.csv, sites.csv, carriers.csv".into(), "what of the network stands still with it")
        }
        ("processes", "followers") | ("partners" | "systems", "processes") => {
            ("processes.csv, columns after, systems, partners".into(), "processes that stand still with it, however far")
        }
        ("partners" | "systems", "role") => {
            ("carriers.csv, sites.csv, processes.csv".into(), "what it is to the operator")
        }
        ("hazards", "hazard") => ("the event catalogue".into(), "its key"),
        ("hazards", "rates_assumed" | "downtime_assumed") => (
            "hazard rates and downtimes of the catalogue with their own sources (docs/reference/hazards.md)".into(),
            "whether one that applies at a site of the book is assumed",
        ),
        ("calibration" | "strata", _) | ("late" | "unserved" | "cost", "aggregate" | "p95") => (
            "calibration.csv (--csv): events of the catalogue on the engine's step function and in the fluid form".into(),
            match name {
                "aggregate" => "|sum of the fluid form - sum of the engine| / sum of the engine",
                "p95" => "95th percentile of |fluid form - engine| / the greater of the event's and the mean figure of the engine",
                "cost" => "(sum of the fluid form's losses - the engine's) / the engine's, in the stratum",
                "felt" => "events in which the engine changes an order, counted",
                "cut" => "events shortened because the history ends, counted",
                _ => "counted, or the stratum's name",
            },
        ),
        ("", "holds") => (
            "calibration".into(),
            "whether the sums differ by 5 % at most and the 95th percentiles by 15 % at most; null: not compared",
        ),
        ("figures", _) => ("the figure's own id".into(), "asked by its id: --where ID tells input and formula"),
        ("sites" | "processes" | "partners" | "systems", "over_time") | ("sites", "backup" | "curve") => {
            ("the book's files".into(), "null: it takes no orders in normal times")
        }
        ("", "calibration") => ("command line".into(), "null: --calibrate 0 left the comparison out"),
        _ => return None,
    };
    Some(Trace { inputs: vec![input], formula: formula.to_owned(), version: VERSION })
}
