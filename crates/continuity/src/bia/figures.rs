//! Every figure of a report with its id, and the way to it.
//!
//! One table for all ids, so that a figure without a formula cannot be made: the last part of an id names the formula.

use super::band::{LEVELS, OverTime};
use super::{PANDEMIC_PERMILLE, REFERENCE_H, Report, SURVIVE_SHARE};
use crate::fluid::Impact;
use crate::trace::{Basis, Figure, Trace, VERSION};

/// Figures on their way into a report.
struct Figures(Vec<Figure>);

impl Figures {
    fn computed(&mut self, id: String, value: impl Into<Option<f64>>, unit: &'static str) {
        self.0.push(Figure { id, value: value.into(), unit, basis: Basis::Computed, note: None });
    }

    fn declared(&mut self, id: String, value: Option<u32>, unit: &'static str, field: &str) {
        let basis = if value.is_some() { Basis::Declared } else { Basis::Missing };
        let note = value.is_none().then(|| format!("nobody has declared it: fill {field} in processes.csv"));
        self.0.push(Figure { id, value: value.map(f64::from), unit, basis, note });
    }

    fn note(&mut self, note: String) {
        if let Some(last) = self.0.last_mut() {
            last.note = Some(note);
        }
    }

    fn impact(&mut self, of: &str, impact: &Impact) {
        let mut one = |field: &str, value, unit| self.computed(format!("{of}.{field}"), value, unit);
        one("late", impact.late, "orders");
        one("unserved", impact.unserved, "orders");
        one("duties", impact.duties, "orders");
        one("revenue_lost", impact.revenue, "minor units");
        one("added_cost", impact.added_cost, "minor units");
        one("late_cost", impact.late_cost, "minor units");
        one("standby_cost", impact.standby_cost, "minor units");
        one("loss", impact.loss(), "minor units");
        let delay = if impact.touched > 0.0 { impact.late_days / impact.touched } else { 0.0 };
        one("delay", delay, "days an order");
    }

    fn over_time(&mut self, of: &str, over: &OverTime) {
        for band in &over.bands {
            let id = |field: &str| format!("{of}.after_{}_h.{field}", band.until_h);
            self.computed(id("impact"), band.loss, "minor units");
            self.computed(id("touched"), band.impact.touched, "orders");
            self.computed(id("broken"), band.impact.broken(), "orders");
            self.computed(id("duties"), band.impact.duties, "orders");
            self.computed(id("operational"), f64::from(band.operational), "0 to 4");
            self.computed(id("customer"), f64::from(band.customer), "0 to 4");
        }
        self.computed(format!("{of}.worst"), over.worst.1, "minor units");
        self.note(format!("from {}", over.worst.0));
        self.computed(format!("{of}.kept_share"), over.kept, "share of promises");
    }
}

/// All figures of a report.
pub(crate) fn all(report: &Report) -> Vec<Figure> {
    let mut out = Figures(Vec::new());
    annual(report, &mut out);
    sites(report, &mut out);
    for single in &report.singles {
        out.computed(format!("single.{}.share", single.code), single.share, "share of orders");
        out.impact(&format!("single.{}", single.code), &single.impact);
    }
    for pair in &report.pairs {
        let of = format!("pair.{}+{}", pair.a, pair.b);
        out.computed(format!("{of}.late"), pair.impact.late, "orders");
        out.computed(format!("{of}.unserved"), pair.impact.unserved, "orders");
        out.computed(format!("{of}.loss"), pair.impact.loss(), "minor units");
        out.computed(format!("{of}.beyond"), pair.beyond, "minor units");
    }
    for (kind, rows) in
        [("sku", &report.skus), ("service", &report.services), ("merchant", &report.merchants)]
    {
        for row in rows {
            out.computed(
                format!("{kind}.{}.share_of_loss", row.code),
                row.loss_per_year,
                "minor units a year",
            );
        }
    }
    for (kind, rows) in [("partner", &report.partners), ("system", &report.systems)] {
        for row in rows {
            let of = format!("{kind}.{}", row.code);
            out.computed(format!("{of}.share"), row.share, "share of orders");
            out.impact(&of, &row.over_time.reference);
            out.over_time(&of, &row.over_time);
        }
    }
    for (a, b, rate) in &report.together {
        out.computed(format!("together.{a}+{b}.rate"), *rate, "events a year");
    }
    processes(report, &mut out);
    let assumed = report.hazards.iter().any(|row| row.rates_assumed || row.downtime_assumed);
    for figure in out.0.iter_mut().filter(|figure| figure.basis == Basis::Computed) {
        let known = figure.note.take();
        let waits = known.as_deref() != Some(NO_ORDER_WAITS);
        let rests = if waits { rests_on(&figure.id, assumed, report.patience_days) } else { Vec::new() };
        let said: Vec<String> = known.into_iter().chain(rests).collect();
        figure.note = (!said.is_empty()).then(|| said.join("; "));
    }
    out.0
}

/// What a process no order waits for says of its money.
const NO_ORDER_WAITS: &str = "no order waits for it; what else its loss costs only people can say";

/// The defaults a computed figure rests on, said with it: the customers' patience, the share of demand that counts as
/// surviving, the scale of harm, the catalogue's rates and downtimes.
fn rests_on(id: &str, assumed: bool, patience_days: i32) -> Vec<String> {
    let field = id.rsplit('.').next().unwrap_or_default();
    let money = matches!(
        field,
        "impact"
            | "worst"
            | "loss"
            | "beyond"
            | "late"
            | "unserved"
            | "revenue_lost"
            | "added_cost"
            | "late_cost"
            | "standby_cost"
            | "delay"
            | "broken"
            | "duties"
            | "operational"
            | "customer"
            | "kept_share"
            | "average"
            | "deviation"
            | "tail_99"
            | "oep"
            | "aep"
            | "rei"
            | "rei_risk"
            | "loss_per_year"
            | "share_of_loss"
            | "mtpd_computed_h"
    );
    let by_years = matches!(
        field,
        "deviation"
            | "tail_99"
            | "oep"
            | "aep"
            | "rei"
            | "rei_risk"
            | "share_of_loss"
            | "rate"
            | "ttr_h"
            | "ttr_p95_h"
            | "gap_h"
            | "achievable_h"
            | "closed_h_per_year"
            | "chance"
    ) || (field == "loss_per_year" && !id.starts_with("hazard."));
    let mut said = Vec::new();
    if by_years && assumed {
        said.push("rests on rates and downtimes that are assumed in part".to_owned());
    }
    if money {
        said.push(format!(
            "rests on an assumed patience of {patience_days} days unless --patience was given"
        ));
    }
    if field == "tts_h" {
        let percent = SURVIVE_SHARE * 100.0;
        said.push(format!("rests on an assumed share of {percent:.0} % of demand that has to be served"));
    }
    if matches!(field, "operational" | "customer") {
        said.push("the scale of harm is assumed".to_owned());
    }
    said
}

fn annual(report: &Report, out: &mut Figures) {
    out.computed("annual.average".into(), report.annual.average, "minor units a year");
    let percent = report.assumed_share * 100.0;
    out.note(format!("{percent:.0} % of it rests on rates or downtimes that are assumed"));
    out.computed("annual.assumed_share".into(), report.assumed_share, "share of the loss");
    out.computed("annual.deviation".into(), report.annual.deviation, "minor units a year");
    out.computed("annual.tail_99".into(), report.annual.tail_99, "minor units a year");
    for (years, occurrence, aggregate) in &report.annual.exceedance {
        out.computed(format!("annual.{years}.oep"), *occurrence, "minor units");
        out.computed(format!("annual.{years}.aep"), *aggregate, "minor units a year");
    }
    for row in &report.hazards {
        let said = |assumed: bool| if assumed { "assumed in part" } else { "published or declared" };
        let basis = format!("rates {}, downtimes {}", said(row.rates_assumed), said(row.downtime_assumed));
        out.computed(format!("hazard.{}.events", row.hazard), row.events_per_year, "events a year");
        out.note(basis.clone());
        out.computed(format!("hazard.{}.loss_per_year", row.hazard), row.loss_per_year, "minor units a year");
        out.note(basis);
    }
}

fn sites(report: &Report, out: &mut Figures) {
    for site in &report.sites {
        let of = format!("site.{}", site.site);
        let id = |field: &str| format!("{of}.{field}");
        if let Some(over) = &site.over_time {
            out.over_time(&of, over);
        }
        out.impact(&of, &site.reference);
        out.computed(id("sole_share"), site.sole_share, "share of worth");
        out.computed(id("backup"), site.backup.as_ref().map(|b| b.1), "share of orders");
        if let Some((code, _)) = &site.backup {
            out.note(format!("by {code}"));
        }
        out.computed(id("absorbed_share"), site.absorbed_share, "share of orders");
        out.computed(id("ttr_h"), site.ttr_h, "hours");
        out.computed(id("ttr_p95_h"), site.ttr_p95_h, "hours");
        out.computed(id("tts_h"), site.tts_h, "hours");
        out.computed(id("mtpd_computed_h"), site.mtpd_computed_h, "hours");
        out.declared(id("rto_h"), site.rto_h, "hours", "rto_h");
        out.computed(id("gap_h"), site.gap_h, "hours");
        out.computed(id("rei"), site.rei, "0 to 1");
        out.computed(id("rei_risk"), site.rei_risk, "0 to 1");
        out.computed(id("loss_per_year"), site.loss_per_year, "minor units a year");
        out.computed(id("closed_h_per_year"), site.closed_h_per_year, "hours a year");
        for (limit, chance) in ["24h", "72h", "7d"].iter().zip(site.p_longer) {
            out.computed(id(&format!("closed_over_{limit}.chance")), chance, "chance a year");
        }
    }
}

fn processes(report: &Report, out: &mut Figures) {
    for row in &report.processes {
        let of = format!("process.{}", row.declared.code);
        let id = |field: &str| format!("{of}.{field}");
        out.over_time(&of, &row.over_time);
        if row.stops.is_empty() {
            for figure in out.0.iter_mut().filter(|figure| figure.id.starts_with(&format!("{of}.after_"))) {
                figure.note = Some(NO_ORDER_WAITS.into());
            }
        }
        let d = &row.declared;
        let declared = [
            ("rto_h", d.rto_h, "hours"),
            ("mtpd_h", d.mtpd_h, "hours"),
            ("rpo_min", d.rpo_min, "minutes"),
            ("mbco_percent", d.mbco_percent, "per cent"),
            ("people_min", d.people_min, "people"),
            ("legal_scale", d.legal_scale, "0 to 4"),
            ("reputation_scale", d.reputation_scale, "0 to 4"),
        ];
        for (field, value, unit) in declared {
            out.declared(id(field), value, unit, field);
        }
        out.computed(id("volume"), row.volume.map(|v| v.0), row.volume.map_or("a day", |v| v.1));
        if row.volume.is_none() {
            out.0.last_mut().expect("just pushed").basis = Basis::Missing;
            out.note("the book has no record of it".into());
        }
        out.computed(id("parcels_min"), row.parcels_min, "parcels a day");
        out.computed(id("work_min"), row.work_min, "work units a day");
        out.computed(id("mtpd_computed_h"), row.mtpd_computed_h, "hours");
        out.computed(id("achievable_h"), row.achievable_h, "hours");
        out.computed(id("gap_h"), row.gap_h, "hours");
    }
}

/// The way to a figure.
#[must_use]
pub fn trace(report: &Report, figure: &Figure) -> Trace {
    let field = figure.id.rsplit('.').next().unwrap_or_default();
    let simulated = format!("{} years of the event catalogue, seed {}", report.years, report.seed);
    let book =
        "orders.csv, order_lines.csv, stock.csv, sites.csv, lanes.csv, merchants.csv, standby.csv".to_owned();
    let patience = format!(
        "patience of customers: {} days after the promise (7 is assumed, --patience)",
        report.patience_days
    );
    let hazards =
        "hazard rates and downtimes of the catalogue with their own sources (docs/reference/hazards.md)"
            .to_owned();
    let processes = || "processes.csv".to_owned();
    let (inputs, formula): (Vec<String>, String) = match (figure.basis, field) {
        (Basis::Declared, "rto_h") if figure.id.starts_with("site.") => {
            (vec![processes()], "least rto_h of the processes that need the site".into())
        }
        (Basis::Declared, _) => (vec![format!("processes.csv, column {field}")], "as declared".into()),
        (Basis::Missing, "volume") => (vec![book], "the book has no record of what it handles".into()),
        (Basis::Missing, _) => {
            (vec![processes()], format!("nobody has declared it: fill {field} in processes.csv"))
        }
        (_, "average") => (vec![simulated, book, hazards, patience], "sum of all events' losses / years".into()),
        (_, "assumed_share") => (
            vec![simulated, hazards],
            "losses of hazards with an assumed rate or downtime / losses of all".into(),
        ),
        (_, "deviation") => (vec![simulated, book, hazards, patience], "sqrt(sum (year's loss - mean)^2 / (years - 1))".into()),
        (_, "tail_99") => (vec![simulated, book, hazards, patience], "mean of the worst hundredth of the years' losses".into()),
        (_, "oep") => {
            (vec![simulated, book, hazards, patience], "greatest event of each year, rank by years / return period".into())
        }
        (_, "aep") => (vec![simulated, book, hazards, patience], "sum of each year's events, rank by years / return period".into()),
        (_, "events") => (
            vec![simulated, hazards],
            format!(
                "events that stop something orders need / years; a pandemic leaves {PANDEMIC_PERMILLE:?} thousandths \
                 of capacity by severity (severe: US Census, e-commerce 2020; the others assumed), a stoppage stops one \
                 carrier, all else closes sites"
            ),
        ),
        (_, "impact" | "worst" | "loss") => (
            vec![book, patience],
            format!(
                "lost revenue + added carrier and handling cost + days late x lines x late cost of the merchant + \
                 standby sites, over all orders the stop changes; mean over the starts (worst: the greatest, {REFERENCE_H} h; \
                 loss: {REFERENCE_H} h); beyond the history as in its last third"
            ),
        ),
        (_, "beyond") => (vec![book, patience], "loss of both together - loss of each alone".into()),
        (_, "late" | "unserved" | "revenue_lost" | "added_cost" | "late_cost" | "standby_cost" | "delay") => (
            vec![book, patience],
            format!("fluid form, stopped for {REFERENCE_H} h from each start, mean over starts"),
        ),
        (_, "touched") => (vec![book], "orders that get another site, day or lane, or none".into()),
        (_, "broken") => (vec![book, patience], "orders late or lost that would have kept their promise".into()),
        (_, "duties") => (
            vec![book, patience],
            "orders late or lost that go to a country with a statute known here (16 CFR 435, 2011/83/EU, UK CRA 2015, \
             Korea's e-commerce act): each sets duties of notice, consent or refund"
                .into(),
        ),
        (_, "operational" | "customer") => (
            vec![book, patience],
            format!(
                "orders changed (customer: promises broken) / orders that come in meanwhile, a day's at least; \
                 levels 1 to 4 above {LEVELS:?} (assumed scale)"
            ),
        ),
        (_, "kept_share") => {
            (vec![book, patience], format!("1 - promises broken / orders that come in within {REFERENCE_H} h"))
        }
        (_, "sole_share") => (
            vec![book],
            format!("worth of lines that no other site sends in {REFERENCE_H} h / worth of the site's orders"),
        ),
        (_, "backup" | "absorbed_share") => {
            (vec![book], format!("orders another site takes (in time) / orders changed, {REFERENCE_H} h"))
        }
        (_, "ttr_h") => (vec![simulated, hazards], "mean length of the site's closures".into()),
        (_, "ttr_p95_h") => (vec![simulated, hazards], "95th percentile of the site's closures".into()),
        (_, "tts_h") => (
            vec![book],
            format!(
                "longest t with sum over SKUs of min(demand x t, stock elsewhere not needed there) >= \
                 {SURVIVE_SHARE} x demand x t, and free capacity elsewhere >= that share of the work; the share is assumed"
            ),
        ),
        (_, "rei") => (vec![simulated, book, hazards, patience], "loss when closed for TTR / greatest of all sites".into()),
        (_, "rei_risk" | "loss_per_year" | "share_of_loss") => {
            (vec![simulated, book, hazards, patience], "losses of events attributed to it / years (rei_risk: / greatest)".into())
        }
        (_, "closed_h_per_year") => (vec![simulated, hazards], "sum of closed hours / years".into()),
        (_, "chance") => (vec![simulated, hazards], "years with such a closure / years".into()),
        (_, "share") => (vec![book], "orders that need it in normal times / orders".into()),
        (_, "rate") => (vec![simulated, hazards], "events that close both / years".into()),
        (_, "volume") => (vec![book], "orders, lines, units or parcels of the history / its days".into()),
        (_, "parcels_min" | "work_min") => {
            (vec![book, processes()], "a day's parcels or work units of its sites x mbco_percent".into())
        }
        (_, "mtpd_computed_h") => {
            (vec![book, patience], "end of the first band in which a customer is lost for good".into())
        }
        (_, "achievable_h") => (
            vec![simulated, hazards],
            "longest ttr_h of the sites the process needs; for intake, sourcing and it the mean length of an attack on computers"
                .into(),
        ),
        (_, "gap_h") => (vec![simulated, hazards, processes()], "achievable_h (sites: ttr_h) - rto_h".into()),
        _ => (vec![], String::new()),
    };
    Trace { inputs, formula, version: VERSION }
}

#[cfg(test)]
mod tests {
    use super::rests_on;
    use crate::bia::BANDS_H;

    /// A default that a figure rests on is said with the figure itself, not only in its trace.
    #[test]
    fn figures_say_which_defaults_they_rest_on() {
        let said = |id: &str, assumed| rests_on(id, assumed, 7).join("; ");
        for id in [
            "site.A.ttr_p95_h",
            "site.A.gap_h",
            "site.A.closed_over_72h.chance",
            "together.A+B.rate",
            "annual.10.oep",
        ] {
            assert!(said(id, true).contains("assumed in part"), "{id}");
            assert!(!said(id, false).contains("assumed in part"), "{id}");
        }
        for id in [
            "annual.tail_99",
            "site.A.loss",
            "pair.A+B.beyond",
            "merchant.M.share_of_loss",
            "site.A.kept_share",
        ] {
            assert!(said(id, true).contains("patience of 7 days"), "{id}");
        }
        assert!(said("site.A.tts_h", true).contains("95 % of demand"));
        assert!(said("site.A.after_72_h.customer", true).contains("scale of harm is assumed"));
        assert_eq!(said("site.A.sole_share", true), "");
    }

    #[test]
    fn band_ids_hold_no_dot() {
        assert!(BANDS_H.iter().all(|hours| !format!("after_{hours}_h").contains('.')));
    }
}
