//! The analysis as text.

use comfy_table::{CellAlignment, Table, presets::UTF8_HORIZONTAL_ONLY};
use holdfast_continuity::bia::{BANDS, Outage, ProcessRow, REFERENCE_H, Report};
use holdfast_continuity::calibrate::{AGGREGATE_MAX, Calibration, P95_MAX};

use super::Loaded;
use crate::output::Output;
use crate::report::say::Say;

pub fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(head.iter().copied());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Where a report is told, in which language, in which money.
pub(super) struct Teller<'a> {
    pub(super) out: &'a Output,
    pub(super) say: &'a Say,
    pub(super) coin: Coin,
}

impl Teller<'_> {
    /// A line; a table below its first line is in the language already.
    pub(super) fn line(&self, text: impl AsRef<str>) {
        let text = text.as_ref();
        let (first, rest) = text.split_once('\n').map_or((text, ""), |(first, rest)| (first, rest));
        let said = self.say.of(first);
        self.out.line(if rest.is_empty() { said } else { format!("{said}\n{rest}") });
    }

    fn table(&self, table: &Table) -> Table {
        self.say.table(table)
    }

    fn money(&self, minor: f64) -> String {
        self.coin.whole(minor)
    }
}

/// How many minor units a currency's whole one has: 100, and 1 of won and yen.
#[derive(Clone, Copy)]
pub(super) struct Coin(f64);

impl Coin {
    /// Of a currency by its code.
    pub(super) fn of(currency: &str) -> Self {
        let digits = currency.parse::<holdfast_domain::money::Currency>().map_or(2, |c| c.digits());
        Self(10_f64.powi(digits as i32))
    }

    /// An amount in whole units, grouped.
    pub(super) fn whole(self, minor: f64) -> String {
        let whole = (minor / self.0).round();
        let grouped = holdfast_domain::money::group_thousands(whole.abs() as u64);
        if whole < 0.0 { format!("-{grouped}") } else { grouped }
    }
}

pub(super) fn hours(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.0} h"))
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

pub(super) fn report(report: &Report, loaded: &Loaded, seconds: f64, to: &Teller<'_>) {
    for note in &loaded.notes {
        to.out.note(to.say.of(&format!("note: {note}")));
    }
    let annual = &report.annual;
    to.line(format!(
        "{} simulated years (seed {}), {} events, {} of which stop something orders need, in {seconds:.1} s: {:.0} events \
         a second ({} runs of the fluid form); money in whole {}",
        report.years,
        report.seed,
        report.catalogue_events,
        report.events,
        report.catalogue_events as f64 / seconds.max(1e-9),
        report.runs,
        report.currency
    ));
    to.line(format!(
        "average annual loss {} (computed; {:.0} % of it rests on rates or downtimes that are assumed), standard \
         deviation {}, mean of the worst hundredth {}",
        to.money(annual.average),
        report.assumed_share * 100.0,
        to.money(annual.deviation),
        annual.tail_99.map_or_else(|| "-".to_owned(), |minor| to.money(minor)),
    ));
    let mut rows = table(&["once in years", "one event (OEP)", "a whole year (AEP)", "rests on"]);
    let or_none = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |minor| to.money(minor));
    for (years, occurrence, aggregate) in &annual.exceedance {
        rows.add_row([
            format!("{years}"),
            or_none(*occurrence),
            or_none(*aggregate),
            rests_on(report).to_owned(),
        ]);
    }
    to.line(format!("\n{}", to.table(&rows)));
    hazards(report, to);
    sites(report, to);
    processes(report, to);
    let mut rows = table(&["falls on", "a year"]);
    let kinds =
        [("merchant", &report.merchants, 10), ("service", &report.services, 8), ("SKU", &report.skus, 8)];
    for (kind, shares, most) in kinds {
        for share in shares.iter().take(most) {
            rows.add_row([format!("{kind} {}", share.code), to.money(share.loss_per_year)]);
        }
    }
    to.line(format!("\n{}", to.table(&rows)));
    let pairs: Vec<String> =
        report.together.iter().take(5).map(|(a, b, rate)| format!("{a}+{b} {rate:.3}")).collect();
    to.line(format!("closed by one event, times a year: {}", pairs.join(", ")));
    outages("company", &report.partners, to);
    outages("system", &report.systems, to);
}

/// What figures of the simulated years rest on: the rates and downtimes of all hazards together.
pub(super) fn rests_on(report: &Report) -> &'static str {
    let assumed = report.hazards.iter().any(|row| row.rates_assumed || row.downtime_assumed);
    if assumed { "assumed in part" } else { "published or declared" }
}

/// What each hazard costs, and what that rests on, in the same line.
fn hazards(report: &Report, to: &Teller<'_>) {
    let mut rows = table(&["hazard", "events/y", "loss/y", "rates", "downtimes"]);
    let said = |assumed: bool| if assumed { "assumed in part" } else { "published or declared" };
    for row in &report.hazards {
        rows.add_row([
            row.hazard.replace('_', " "),
            format!("{:.3}", row.events_per_year),
            to.money(row.loss_per_year),
            said(row.rates_assumed).to_owned(),
            said(row.downtime_assumed).to_owned(),
        ]);
    }
    to.line(format!("by hazard\n{}", to.table(&rows)));
}

/// Companies or systems, and what stands still with each.
fn outages(what: &str, rows: &[Outage], to: &Teller<'_>) {
    if rows.is_empty() {
        to.line(format!("no {what} is named in the book: {what}s are not analysed"));
        return;
    }
    let mut shown =
        table(&[what, "role", "share of orders", "late", "lost", "loss", "stops with it", "processes"]);
    for row in rows.iter().take(12) {
        let reference = row.over_time.reference;
        shown.add_row([
            row.code.clone(),
            row.role.to_owned(),
            percent(row.share),
            format!("{:.0}", reference.late),
            format!("{:.0}", reference.unserved),
            to.money(reference.loss()),
            short(&row.stops),
            short(&row.processes),
        ]);
    }
    to.line(format!(
        "what fails together: each {what} gone for {REFERENCE_H} h (computed)\n{}",
        to.table(&shown)
    ));
}

/// The first names of a list, and how many there are besides.
fn short(names: &[String]) -> String {
    match names {
        [] => "-".to_owned(),
        [a, b, c, rest @ ..] if !rest.is_empty() => format!("{a}, {b}, {c} and {} more", rest.len()),
        few => few.join(", "),
    }
}

fn sites(report: &Report, to: &Teller<'_>) {
    let mut curve = table(&["loss by the end of"]);
    let mut head = vec!["site".to_owned()];
    head.extend(BANDS.iter().map(|band| (*band).to_owned()));
    curve.set_header(head);
    for site in report.sites.iter().filter(|site| site.takes_orders) {
        let mut row = vec![site.site.clone()];
        row.extend(site.curve.iter().map(|loss| to.money(*loss)));
        curve.add_row(row);
    }
    to.line(format!(
        "impact over time, computed (the last band taken at 60 days; customers wait {} days, assumed unless given)\n{}",
        report.patience_days,
        to.table(&curve)
    ));
    let mut rows = table(&[
        "site",
        "TTR",
        "TTS",
        "REI",
        "REI x risk",
        "closed h/y",
        ">24 h",
        ">72 h",
        ">7 d",
        "loss/y",
        "rests on",
    ]);
    for site in &report.sites {
        let short = site.takes_orders && matches!((site.tts_h, site.ttr_h), (Some(s), Some(r)) if s < r);
        let beyond = if site.takes_orders { "enough" } else { "-" };
        rows.add_row([
            format!("{}{}", site.site, if short { " TTS<TTR" } else { "" }),
            hours(site.ttr_h),
            site.tts_h.map_or_else(|| beyond.to_owned(), |tts| hours(Some(tts))),
            format!("{:.2}", site.rei),
            format!("{:.2}", site.rei_risk),
            format!("{:.1}", site.closed_h_per_year),
            percent(site.p_longer[0]),
            percent(site.p_longer[1]),
            percent(site.p_longer[2]),
            to.money(site.loss_per_year),
            rests_on(report).to_owned(),
        ]);
    }
    to.line(format!("\n{}", to.table(&rows)));
    let mut rows = table(&[
        "N-1",
        "late",
        "lost",
        "revenue lost",
        "cost added",
        "only here",
        "best backup",
        "absorbed",
        "worst start",
    ]);
    for site in report.sites.iter().filter(|site| site.takes_orders) {
        let r = site.reference;
        let backup = site.backup.as_ref();
        rows.add_row([
            site.site.clone(),
            format!("{:.0}", r.late),
            format!("{:.0}", r.unserved),
            to.money(r.revenue),
            to.money(r.added_cost + r.standby_cost),
            percent(site.sole_share),
            backup.map_or_else(|| "none".to_owned(), |(code, share)| format!("{code} {}", percent(*share))),
            percent(site.absorbed_share),
            format!("{} {}", &site.worst.0[..10.min(site.worst.0.len())], to.money(site.worst.1)),
        ]);
    }
    for single in report.singles.iter().filter(|single| single.code.starts_with("carrier ")) {
        let r = single.impact;
        rows.add_row([
            single.code.clone(),
            format!("{:.0}", r.late),
            format!("{:.0}", r.unserved),
            to.money(r.revenue),
            to.money(r.added_cost),
            "-".to_owned(),
            "-".to_owned(),
            if r.touched > 0.0 { percent(r.absorbed / r.touched) } else { "-".to_owned() },
            "-".to_owned(),
        ]);
    }
    to.line(format!(
        "one site or carrier gone for {REFERENCE_H} h (mean of the starts; computed; customers wait {} days, assumed \
         unless given)\n{}",
        report.patience_days,
        to.table(&rows)
    ));
    let called = report.sites.iter().filter(|site| !site.called.is_empty());
    let called: Vec<String> =
        called.map(|site| format!("{} for {}", site.called.join(" and "), site.site)).collect();
    if !called.is_empty() {
        to.line(format!("standby sites it pays to call within {REFERENCE_H} h: {}", called.join(", ")));
    }
    let mut rows = table(&["N-2", "late", "lost", "loss", "beyond the two alone"]);
    for pair in report.pairs.iter().take(10) {
        rows.add_row([
            format!("{}+{}", pair.a, pair.b),
            format!("{:.0}", pair.impact.late),
            format!("{:.0}", pair.impact.unserved),
            to.money(pair.impact.loss()),
            to.money(pair.beyond),
        ]);
    }
    to.line(format!(
        "two of them gone for {REFERENCE_H} h, the ten worst of {}\n{}",
        report.pairs.len(),
        to.table(&rows)
    ));
}

fn processes(report: &Report, to: &Teller<'_>) {
    let mut rows = table(&[
        "process",
        "<1 h",
        "4-24 h",
        "1-3 d",
        "3-7 d",
        "7-30 d",
        "late",
        "lost",
        "duties",
        "operations",
        "customers",
        "legal",
        "reputation",
    ]);
    let scale =
        |value: Option<u32>| value.map_or_else(|| "missing".to_owned(), |value| format!("{value} declared"));
    for row in &report.processes {
        let d = &row.declared;
        let three_days = &row.over_time.bands[3];
        let idle = row.stops.is_empty();
        let if_felt = |text: String| if idle { "-".to_owned() } else { text };
        rows.add_row([
            d.code.clone(),
            if_felt(to.money(row.curve[0])),
            if_felt(to.money(row.curve[2])),
            if_felt(to.money(row.curve[3])),
            if_felt(to.money(row.curve[4])),
            if_felt(to.money(row.curve[5])),
            if_felt(format!("{:.0}", three_days.impact.late)),
            if_felt(format!("{:.0}", three_days.impact.unserved)),
            if_felt(format!("{:.0}", three_days.impact.duties)),
            if_felt(format!("{} computed", three_days.operational)),
            if_felt(format!("{} computed", three_days.customer)),
            scale(d.legal_scale),
            scale(d.reputation_scale),
        ]);
    }
    to.line(format!(
        "processes stopped; money by the end of each band, orders and levels (0 to 4, an assumed scale) at 3 days; \
         duties: orders a statute sets duties for; -: no order waits for it\n{}",
        to.table(&rows)
    ));
    let mut rows = table(&["process", "MTPD", "RTO", "RPO", "MBCO", "kept", "achievable", "gap", "a day"]);
    let said = |value: Option<u32>, unit: &str| {
        value.map_or_else(|| "missing".to_owned(), |value| format!("{value} {unit} declared"))
    };
    for row in &report.processes {
        let d = &row.declared;
        rows.add_row([
            d.code.clone(),
            said(d.mtpd_h, "h"),
            said(d.rto_h, "h"),
            said(d.rpo_min, "min"),
            said(d.mbco_percent, "%"),
            format!("{} computed", percent(row.over_time.kept)),
            format!("{} computed", hours(row.achievable_h)),
            row.gap_h.map_or_else(|| "not known: no RTO".to_owned(), |gap| format!("{gap:+.0} h computed")),
            row.volume
                .map_or_else(|| "missing".to_owned(), |(count, unit)| format!("{count:.0} {unit} computed")),
        ]);
    }
    to.line(format!(
        "what people declared against what the network can do; kept: promises kept while it is gone for {REFERENCE_H} h\n{}",
        to.table(&rows)
    ));
    for row in &report.processes {
        process_notes(row, to);
    }
}

fn process_notes(row: &ProcessRow, to: &Teller<'_>) {
    let d = &row.declared;
    if !row.in_book {
        to.line(format!(
            "  {}: not in the book; all that only people know of it is missing: add it to processes.csv",
            d.code
        ));
        return;
    }
    let or_not = |value: &Option<String>| value.clone().unwrap_or_else(|| "missing".to_owned());
    let people = d.people_min.map_or_else(|| "missing".to_owned(), |people| format!("{people} (declared)"));
    to.line(format!(
        "  {}: workaround {}; least people {people}, besides {}; worst time {}; needs {}; stops {}",
        d.code,
        or_not(&d.workaround),
        or_not(&d.resources_min),
        or_not(&d.worst_time),
        short(&[&d.systems[..], &d.partners[..], &d.after[..]].concat()),
        short(&row.followers),
    ));
    if let (Some(parcels), Some(work)) = (row.parcels_min, row.work_min) {
        to.line(format!(
            "    least output declared: {parcels:.0} parcels (cartons, labels) and {work:.0} work units a day (computed)"
        ));
    }
    if let Some(hours) = row.mtpd_computed_h {
        let worst = &row.over_time.worst;
        to.line(format!(
            "    first customers lost for good within {hours:.0} h; worst of three starts {} with {} (computed)",
            &worst.0[..10.min(worst.0.len())],
            to.money(worst.1)
        ));
    }
    if !row.missing.is_empty() {
        to.line(format!("    missing in processes.csv: {}", row.missing.join(", ")));
    }
}

pub(super) fn calibration(calibration: Option<&Calibration>, to: &Teller<'_>) {
    let Some(c) = calibration else {
        to.line("the fluid form was NOT held against the engine (--calibrate 0)");
        return;
    };
    to.line(format!(
        "fluid form against the engine on {} events of the catalogue, by severity ({} orders each world): limits {} in \
         the sum, {} at the 95th percentile of |difference| / the greater of the event's and the mean figure",
        c.events,
        c.orders,
        percent(AGGREGATE_MAX),
        percent(P95_MAX)
    ));
    let rows = [
        ("late", c.used.late, c.exact.late),
        ("unserved", c.used.unserved, c.exact.unserved),
        ("loss", c.used.cost, c.exact.cost),
    ];
    for (what, used, exact) in rows {
        to.line(format!(
            "  {what}: {} in the sum, {} at the 95th percentile: {}; at the event's own length {} and {}",
            percent(used.aggregate),
            percent(used.p95),
            if used.holds() { "holds" } else { "DOES NOT HOLD" },
            percent(exact.aggregate),
            percent(exact.p95),
        ));
    }
    for stratum in &c.strata {
        let severity = format!("{:?}", stratum.severity).to_lowercase();
        to.line(format!(
            "  {severity}: {} events, {} of them felt, loss {} off in the sum",
            stratum.events,
            stratum.felt,
            percent(stratum.cost)
        ));
    }
    if c.cut > 0 {
        to.line(format!("  {} events were cut to the length of the history", c.cut));
    }
}
