//! Every figure of a report with its id, and the way to it.

use super::{BANDS_H, REFERENCE_H, Report, SURVIVE_SHARE};
use crate::trace::{Basis, Figure, Trace, VERSION};

fn figure(id: String, value: Option<f64>, unit: &'static str, basis: Basis) -> Figure {
    Figure { id, value, unit, basis, note: None }
}

/// All figures of a report.
pub(crate) fn all(report: &Report) -> Vec<Figure> {
    let mut out = Vec::new();
    let mut computed = |id: String, value: Option<f64>, unit| {
        out.push(figure(id, value, unit, Basis::Computed));
    };
    computed("annual.average".into(), Some(report.annual.average), "minor units a year");
    computed("annual.deviation".into(), Some(report.annual.deviation), "minor units a year");
    computed("annual.tail_99".into(), report.annual.tail_99, "minor units a year");
    for (years, occurrence, aggregate) in &report.annual.exceedance {
        computed(format!("annual.{years}.oep"), *occurrence, "minor units");
        computed(format!("annual.{years}.aep"), *aggregate, "minor units a year");
    }
    for site in &report.sites {
        let id = |field: &str| format!("site.{}.{field}", site.site);
        for (hours, loss) in BANDS_H.iter().zip(&site.curve) {
            computed(id(&format!("after_{hours}_h.impact")), Some(*loss), "minor units");
        }
        let r = site.reference;
        computed(id("late"), Some(r.late), "orders");
        computed(id("unserved"), Some(r.unserved), "orders");
        computed(id("revenue_lost"), Some(r.revenue), "minor units");
        computed(id("added_cost"), Some(r.added_cost), "minor units");
        let delay = if r.touched > 0.0 { r.late_days / r.touched } else { 0.0 };
        computed(id("delay"), Some(delay), "days an order");
        computed(id("worst"), Some(site.worst.1), "minor units");
        computed(id("sole_share"), Some(site.sole_share), "share of worth");
        computed(id("backup"), site.backup.as_ref().map(|b| b.1), "share of orders");
        computed(id("absorbed_share"), Some(site.absorbed_share), "share of orders");
        computed(id("ttr_h"), site.ttr_h, "hours");
        computed(id("ttr_p95_h"), site.ttr_p95_h, "hours");
        computed(id("tts_h"), site.tts_h, "hours");
        computed(id("rei"), Some(site.rei), "0 to 1");
        computed(id("rei_risk"), Some(site.rei_risk), "0 to 1");
        computed(id("loss_per_year"), Some(site.loss_per_year), "minor units a year");
        computed(id("closed_h_per_year"), Some(site.closed_h_per_year), "hours a year");
        for (limit, chance) in ["24h", "72h", "7d"].iter().zip(site.p_longer) {
            computed(id(&format!("closed_over_{limit}.chance")), Some(chance), "chance a year");
        }
    }
    for pair in &report.pairs {
        computed(format!("pair.{}+{}.loss", pair.a, pair.b), Some(pair.impact.loss()), "minor units");
    }
    for (kind, rows) in
        [("sku", &report.skus), ("service", &report.services), ("merchant", &report.merchants)]
    {
        for row in rows {
            computed(
                format!("{kind}.{}.share_of_loss", row.code),
                Some(row.loss_per_year),
                "minor units a year",
            );
        }
    }
    for (partner, share) in &report.partners {
        computed(format!("partner.{partner}.share"), Some(*share), "share of orders");
    }
    for (a, b, rate) in &report.together {
        computed(format!("together.{a}+{b}.rate"), Some(*rate), "events a year");
    }
    processes(report, &mut out);
    out
}

fn processes(report: &Report, out: &mut Vec<Figure>) {
    for row in &report.processes {
        let id = |field: &str| format!("process.{}.{field}", row.declared.code);
        for (hours, loss) in BANDS_H.iter().zip(&row.curve) {
            out.push(figure(
                id(&format!("after_{hours}_h.impact")),
                Some(*loss),
                "minor units",
                Basis::Computed,
            ));
        }
        let declared = [
            ("rto_h", row.declared.rto_h, "hours"),
            ("mtpd_h", row.declared.mtpd_h, "hours"),
            ("rpo_min", row.declared.rpo_min, "minutes"),
            ("mbco_percent", row.declared.mbco_percent, "per cent"),
            ("people_min", row.declared.people_min, "people"),
            ("legal_scale", row.declared.legal_scale, "0 to 4"),
            ("reputation_scale", row.declared.reputation_scale, "0 to 4"),
        ];
        for (field, value, unit) in declared {
            let basis = if value.is_some() { Basis::Declared } else { Basis::Missing };
            let note =
                value.is_none().then(|| format!("nobody has declared it: fill {field} in processes.csv"));
            out.push(Figure { id: id(field), value: value.map(f64::from), unit, basis, note });
        }
        out.push(figure(id("mtpd_computed_h"), row.mtpd_computed_h, "hours", Basis::Computed));
        out.push(figure(id("achievable_h"), row.achievable_h, "hours", Basis::Computed));
        out.push(figure(id("gap_h"), row.gap_h, "hours", Basis::Computed));
    }
}

/// The way to a figure.
#[must_use]
pub fn trace(report: &Report, figure: &Figure) -> Trace {
    let field = figure.id.rsplit('.').next().unwrap_or_default();
    let simulated = format!("{} years of the event catalogue, seed {}", report.years, report.seed);
    let book = "orders.csv, order_lines.csv, stock.csv, sites.csv, lanes.csv, merchants.csv".to_owned();
    let patience = "patience of customers: --patience days after the promise, 7 assumed".to_owned();
    let shares =
        "hazard rates and downtimes of the catalogue with their own sources (docs/reference/hazards.md)";
    let (inputs, formula): (Vec<String>, String) = match (figure.basis, field) {
        (Basis::Declared, _) => (vec![format!("processes.csv, column {field}")], "as declared".into()),
        (Basis::Missing, _) => (vec![], format!("nobody has declared it: fill {field} in processes.csv")),
        (_, "average") => (vec![simulated, book, shares.into()], "sum of all events' losses / years".into()),
        (_, "deviation") => (vec![simulated, book], "sqrt(sum (year's loss - mean)^2 / (years - 1))".into()),
        (_, "tail_99") => (vec![simulated, book], "mean of the worst hundredth of the years' losses".into()),
        (_, "oep") => {
            (vec![simulated, book], "greatest event of each year, rank by years / return period".into())
        }
        (_, "aep") => (vec![simulated, book], "sum of each year's events, rank by years / return period".into()),
        (_, "impact" | "worst") => (
            vec![book, patience],
            "lost revenue + added carrier and handling cost + days late x lines x late cost of the merchant, \
             over all orders the closure changes; mean over the starts (worst: the greatest); beyond the \
             history as in its last third"
                .into(),
        ),
        (_, "late" | "unserved" | "revenue_lost" | "added_cost" | "delay" | "loss") => (
            vec![book, patience],
            format!("fluid form, closed for {REFERENCE_H} h from each start, mean over starts"),
        ),
        (_, "sole_share") => (
            vec![book],
            format!("worth of lines no open site has in {REFERENCE_H} h / worth of the site's orders"),
        ),
        (_, "backup" | "absorbed_share") => {
            (vec![book], format!("orders another site takes (in time) / orders changed, {REFERENCE_H} h"))
        }
        (_, "ttr_h") => (vec![simulated, shares.into()], "mean length of the site's closures".into()),
        (_, "ttr_p95_h") => (vec![simulated, shares.into()], "95th percentile of the site's closures".into()),
        (_, "tts_h") => (
            vec![book],
            format!(
                "longest t with sum over SKUs of min(demand x t, stock elsewhere not needed there) >= \
                 {SURVIVE_SHARE} x demand x t, and free capacity elsewhere >= that share of the work"
            ),
        ),
        (_, "rei") => (vec![simulated, book], "loss when closed for TTR / greatest of all sites".into()),
        (_, "rei_risk" | "loss_per_year" | "share_of_loss") => {
            (vec![simulated, book], "losses of events attributed to it / years (rei_risk: / greatest)".into())
        }
        (_, "closed_h_per_year") => (vec![simulated, shares.into()], "sum of closed hours / years".into()),
        (_, "chance") => (vec![simulated, shares.into()], "years with such a closure / years".into()),
        (_, "share") => (vec![book], "orders of the baseline the carrier brings / orders".into()),
        (_, "rate") => (vec![simulated], "events that stop both / years".into()),
        (_, "mtpd_computed_h") => {
            (vec![book, patience], "end of the first band in which a customer is lost for good".into())
        }
        (_, "achievable_h") => (vec![simulated], "longest ttr_h of the sites the process needs".into()),
        (_, "gap_h") => (vec![simulated, "processes.csv, rto_h".into()], "achievable_h - rto_h".into()),
        _ => (vec![book], "see docs/reference/bia.md".into()),
    };
    Trace { inputs, formula, version: VERSION }
}
