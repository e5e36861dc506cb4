//! `holdfast bia`: what the loss of sites costs, over simulated years, by process, site, SKU, service and merchant.

use std::path::PathBuf;

use comfy_table::{CellAlignment, Table, presets::UTF8_HORIZONTAL_ONLY};
use holdfast_book::{Book, demo, known::Known, mapping, uci};
use holdfast_continuity::bia::{self, BANDS, Declared, Question, REFERENCE_H, Report};
use holdfast_continuity::calibrate::{AGGREGATE_MAX, Calibration, P95_MAX, calibrate};
use holdfast_continuity::fluid::Patience;
use holdfast_continuity::trace::{Figure, Trace};
use holdfast_domain::command::NewOrder;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_engine::step::{Ask, Engine};
use holdfast_hazard::catalogue::CatalogueConfig;
use serde::Serialize;

use crate::exit::{Code, Failure, chain};
use crate::input;
use crate::output::Output;

/// Where the book comes from.
#[derive(clap::Args)]
pub struct Source {
    /// Folder of the book.
    #[arg(long, conflicts_with_all = ["demo", "uci"])]
    pub book: Option<PathBuf>,
    /// The demo's network and orders (the default).
    #[arg(long)]
    pub demo: bool,
    /// Online Retail II, plain or .gz, with a declared second site at Lille.
    #[arg(long, conflicts_with = "demo")]
    pub uci: Option<PathBuf>,
    /// Orders of the demo.
    #[arg(long, default_value_t = 25_000)]
    pub orders: u32,
    /// Seed of every draw.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Days after the promise at which a customer goes elsewhere; 7 is assumed.
    #[arg(long, default_value_t = 7)]
    pub patience: i32,
    /// Threads; all there are if absent.
    #[arg(long)]
    pub threads: Option<usize>,
}

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// Years to simulate.
    #[arg(long, default_value_t = 10_000)]
    years: u32,
    /// Events on which the fluid form is held against the engine; 0 leaves the comparison out.
    #[arg(long, default_value_t = 200)]
    calibrate: usize,
    /// Write every figure as CSV into this folder.
    #[arg(long)]
    csv: Option<PathBuf>,
    /// Say where the figures with this id, or below it, come from: `site.ILM1` or `annual.average`.
    #[arg(long = "where")]
    where_from: Option<String>,
}

/// A book with what it becomes.
pub struct Loaded {
    /// Network and stock.
    pub state: State,
    /// Orders by the moment they come in.
    pub orders: Vec<(Stamp, NewOrder)>,
    /// Processes as declared.
    pub processes: Vec<Declared>,
    /// Defaults and faults, a sentence each.
    pub notes: Vec<String>,
}

/// Reads the book and sets the network up.
pub fn load(source: &Source) -> Result<Loaded, Failure> {
    let mut notes = Vec::new();
    let mut book = match (&source.book, &source.uci) {
        (Some(folder), _) => {
            let files = input::folder(folder)?;
            let reading = holdfast_book::read_book(&files, &Known::none(), &mapping::shipped());
            if reading.report.refused() > 0 {
                notes.push(format!(
                    "{} rows of the book were refused: `holdfast doctor` lists them",
                    reading.report.refused()
                ));
            }
            reading.book
        }
        (_, Some(path)) => {
            let bytes = input::maybe_gz(path)?;
            let reading = uci::read("online_retail.csv", &bytes, &uci::UciOptions::default(), &Known::none())
                .map_err(|error| Failure::input(chain(&error), "give the file of Online Retail II"))?;
            notes.extend(reading.notes);
            reading.book
        }
        _ => demo::florence(source.seed, &demo::Options::orders(source.orders)),
    };
    reopen(&mut book);
    let loaded = holdfast_app::load::load(&book);
    notes.extend(
        loaded.assumptions.iter().map(|a| format!("assumed ({}, {} rows): {}", a.file, a.rows, a.what)),
    );
    let faults = loaded.faults.iter().take(10);
    notes.extend(faults.map(|fault| format!("left out: {} {}: {}", fault.file, fault.row, fault.cause)));
    let mut engine = Engine::default();
    let start = loaded.orders.first().map_or(Stamp(0), |order| order.at);
    for command in &loaded.setup {
        let ask = Ask { command: command.clone(), actor: "import".into(), key: None };
        if let Err(error) = engine.step(&ask, start) {
            notes.push(format!("left out: {}", chain(&error)));
        }
    }
    let processes = book.processes.iter().map(declared).collect();
    let orders = loaded.orders.into_iter().map(|order| (order.at, order.order)).collect();
    Ok(Loaded { state: engine.state, orders, processes, notes })
}

/// Orders that were served are history to learn from: they flow again.
fn reopen(book: &mut Book) {
    use holdfast_book::kind::OrderStatus as S;
    for order in &mut book.orders {
        if matches!(order.status, S::Shipped | S::Delivered) {
            order.status = S::Open;
        }
    }
}

fn declared(row: &holdfast_book::model::Process) -> Declared {
    Declared {
        code: row.code.clone(),
        name: row.name.clone(),
        sites: row.sites.clone(),
        systems: row.systems.clone(),
        partners: row.partners.clone(),
        after: row.after.clone(),
        rto_h: row.rto_h,
        mtpd_h: row.mtpd_h,
        rpo_min: row.rpo_min,
        mbco_percent: row.mbco_percent,
        workaround: row.workaround.clone(),
        people_min: row.people_min,
        resources_min: row.resources_min.clone(),
        worst_time: row.worst_time.clone(),
        legal_scale: row.legal_scale,
        reputation_scale: row.reputation_scale,
    }
}

/// Runs on so many threads.
pub fn on_threads<T: Send>(threads: Option<usize>, work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    let Some(count) = threads else { return Ok(work()) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build().map_err(|error| {
        Failure::new(Code::Usage, format!("start {count} threads: {error}"), "ask for fewer")
    })?;
    Ok(pool.install(work))
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a Report,
    calibration: Option<&'a Calibration>,
    holds: Option<bool>,
    notes: &'a [String],
    seconds: f64,
}

#[derive(Serialize)]
struct Asked<'a> {
    figure: &'a Figure,
    trace: Trace,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let loaded = load(&args.source)?;
    let start = std::time::Instant::now();
    let catalogue = CatalogueConfig::default();
    let patience = Patience { days: args.source.patience };
    let question = Question {
        state: &loaded.state,
        orders: &loaded.orders,
        processes: &loaded.processes,
        catalogue: &catalogue,
        seed: args.source.seed,
        years: args.years,
        patience,
    };
    let bar = out.progress(2, "simulating years");
    let refuse = |error: &dyn std::error::Error| Failure::input(chain(error), "mend the book or the option");
    let report = on_threads(args.source.threads, || bia::analyse(&question))?.map_err(|e| refuse(&e))?;
    let seconds = start.elapsed().as_secs_f64();
    bar.inc(1);
    if let Some(id) = &args.where_from {
        bar.finish_and_clear();
        return tell_where(&report, id, out);
    }
    let calibration = if args.calibrate > 0 {
        bar.set_message("holding the fluid form against the engine");
        let run = || calibrate(&loaded.state, &loaded.orders, args.calibrate, patience);
        Some(on_threads(args.source.threads, run)?.map_err(|e| refuse(&e))?)
    } else {
        None
    };
    bar.finish_and_clear();
    if let Some(folder) = &args.csv {
        write_csv(&report, folder)?;
    }
    let holds = calibration.as_ref().map(Calibration::holds);
    let answer =
        Answer { report: &report, calibration: calibration.as_ref(), holds, notes: &loaded.notes, seconds };
    out.json(&answer)?;
    tell(&report, &loaded, seconds, out);
    tell_calibration(calibration.as_ref(), out);
    Ok(if holds == Some(false) { Code::Found } else { Code::Ok })
}

fn tell_where(report: &Report, id: &str, out: &Output) -> Result<Code, Failure> {
    let found = report.where_from(id);
    if found.is_empty() {
        return Err(Failure::new(
            Code::Usage,
            format!("find figure {id:?}: there is none"),
            "ask for `annual`, `site.CODE`, `process.CODE`, `pair.A+B`, `sku.CODE`, `service.NAME`, `merchant.CODE`",
        ));
    }
    for (figure, trace) in &found {
        let value = figure.value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"));
        out.line(format!("{} = {value} {} ({:?})", figure.id, figure.unit, figure.basis));
        out.line(format!("  formula: {}  [{}]", trace.formula, trace.version));
        for input in &trace.inputs {
            out.line(format!("  input:   {input}"));
        }
    }
    let asked: Vec<Asked> = found.into_iter().map(|(figure, trace)| Asked { figure, trace }).collect();
    out.json(&asked)?;
    Ok(Code::Ok)
}

fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(head.iter().copied());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn money(minor: f64) -> String {
    let whole = (minor / 100.0).round();
    let grouped = holdfast_domain::money::group_thousands(whole.abs() as u64);
    if whole < 0.0 { format!("-{grouped}") } else { grouped }
}

fn hours(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.0} h"))
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn tell(report: &Report, loaded: &Loaded, seconds: f64, out: &Output) {
    for note in &loaded.notes {
        out.note(format!("note: {note}"));
    }
    let annual = &report.annual;
    out.line(format!(
        "{} simulated years (seed {}), {} events that stop a site, in {seconds:.1} s; money in whole {}",
        report.years, report.seed, report.events, report.currency
    ));
    out.line(format!(
        "average annual loss {}, standard deviation {}, mean of the worst hundredth {}",
        money(annual.average),
        money(annual.deviation),
        annual.tail_99.map_or_else(|| "-".to_owned(), money),
    ));
    let mut rows = table(&["once in years", "one event (OEP)", "a whole year (AEP)"]);
    let or_none = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), money);
    for (years, occurrence, aggregate) in &annual.exceedance {
        rows.add_row([format!("{years}"), or_none(*occurrence), or_none(*aggregate)]);
    }
    out.line(format!("{rows}"));
    tell_sites(report, out);
    tell_processes(report, out);
    let mut rows = table(&["falls on", "a year"]);
    let kinds =
        [("merchant", &report.merchants, 10), ("service", &report.services, 8), ("SKU", &report.skus, 8)];
    for (kind, shares, most) in kinds {
        for share in shares.iter().take(most) {
            rows.add_row([format!("{kind} {}", share.code), money(share.loss_per_year)]);
        }
    }
    out.line(format!("{rows}"));
    let pairs: Vec<String> =
        report.together.iter().take(5).map(|(a, b, rate)| format!("{a}+{b} {rate:.3}")).collect();
    out.line(format!("closed by one event, times a year: {}", pairs.join(", ")));
    let partners: Vec<String> =
        report.partners.iter().take(6).map(|(name, share)| format!("{name} {}", percent(*share))).collect();
    out.line(format!("share of orders each carrier brings: {}", partners.join(", ")));
}

fn tell_sites(report: &Report, out: &Output) {
    let mut curve = table(&["loss by the end of"]);
    let mut head = vec!["site".to_owned()];
    head.extend(BANDS.iter().map(|band| (*band).to_owned()));
    curve.set_header(head);
    for site in report.sites.iter().filter(|site| site.takes_orders) {
        let mut row = vec![site.site.clone()];
        row.extend(site.curve.iter().map(|loss| money(*loss)));
        curve.add_row(row);
    }
    out.line(format!("impact over time, computed (the last band taken at 60 days)\n{curve}"));
    let mut rows =
        table(&["site", "TTR", "TTS", "REI", "REI x risk", "closed h/y", ">24 h", ">72 h", ">7 d", "loss/y"]);
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
            money(site.loss_per_year),
        ]);
    }
    out.line(format!("{rows}"));
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
        rows.add_row([
            site.site.clone(),
            format!("{:.0}", r.late),
            format!("{:.0}", r.unserved),
            money(r.revenue),
            money(r.added_cost),
            percent(site.sole_share),
            site.backup
                .as_ref()
                .map_or_else(|| "none".to_owned(), |(code, s)| format!("{code} {}", percent(*s))),
            percent(site.absorbed_share),
            format!("{} {}", &site.worst.0[..10.min(site.worst.0.len())], money(site.worst.1)),
        ]);
    }
    out.line(format!("one site closed for {REFERENCE_H} h\n{rows}"));
    let mut rows = table(&["N-2", "late", "lost", "loss", "beyond the two alone"]);
    for pair in report.pairs.iter().take(10) {
        rows.add_row([
            format!("{}+{}", pair.a, pair.b),
            format!("{:.0}", pair.impact.late),
            format!("{:.0}", pair.impact.unserved),
            money(pair.impact.loss()),
            money(pair.beyond),
        ]);
    }
    out.line(format!(
        "two sites closed for {REFERENCE_H} h, the ten worst of {}\n{rows}",
        report.pairs.len()
    ));
}

fn tell_processes(report: &Report, out: &Output) {
    let mut rows =
        table(&["process", "24 h", "72 h", "7 d", "MTPD", "RTO", "RPO", "MBCO", "achievable", "gap"]);
    let said = |value: Option<u32>, unit: &str| {
        value.map_or_else(|| "not declared".to_owned(), |value| format!("{value} {unit} (declared)"))
    };
    for row in &report.processes {
        let d = &row.declared;
        rows.add_row([
            d.code.clone(),
            money(row.curve[2]),
            money(row.curve[3]),
            money(row.curve[4]),
            said(d.mtpd_h, "h"),
            said(d.rto_h, "h"),
            said(d.rpo_min, "min"),
            said(d.mbco_percent, "%"),
            format!("{} (computed)", hours(row.achievable_h)),
            row.gap_h.map_or_else(|| "not known: no RTO declared".to_owned(), |gap| format!("{gap:+.0} h")),
        ]);
    }
    if report.processes.is_empty() {
        out.line("no process is declared: fill processes.csv; nothing is assumed in its place");
        return;
    }
    out.line(format!("processes stopped at all their sites; losses computed\n{rows}"));
    for row in &report.processes {
        let d = &row.declared;
        let or_not = |value: &Option<String>| value.clone().unwrap_or_else(|| "not declared".to_owned());
        let people = d.people_min.map_or_else(|| "not declared".to_owned(), |people| people.to_string());
        out.line(format!(
            "  {}: workaround {}; least people {people}, besides {}; worst time {}; needs {}",
            d.code,
            or_not(&d.workaround),
            or_not(&d.resources_min),
            or_not(&d.worst_time),
            [&d.systems[..], &d.partners[..], &d.after[..]].concat().join(", "),
        ));
        if let Some(hours) = row.mtpd_computed_h {
            out.line(format!("    first customers lost for good within {hours:.0} h (computed)"));
        }
        if !row.missing.is_empty() {
            out.line(format!("    not declared in processes.csv: {}", row.missing.join(", ")));
        }
    }
}

fn tell_calibration(calibration: Option<&Calibration>, out: &Output) {
    let Some(c) = calibration else {
        out.line("the fluid form was NOT held against the engine (--calibrate 0)");
        return;
    };
    out.line(format!(
        "fluid form against the engine on {} events ({} orders each world): limits {} in the sum, {} at the 95th percentile",
        c.events, c.orders, percent(AGGREGATE_MAX), percent(P95_MAX)
    ));
    for (what, difference) in [("late", c.late), ("unserved", c.unserved), ("loss", c.cost)] {
        out.line(format!(
            "  {what}: {} in the sum, {} at the 95th percentile: {}",
            percent(difference.aggregate),
            percent(difference.p95),
            if difference.holds() { "holds" } else { "DOES NOT HOLD" }
        ));
    }
    for (hours, events, share) in &c.strata {
        out.line(format!("  closed {hours:.0} h: {events} events, loss {} off in the sum", percent(*share)));
    }
}

fn write_csv(report: &Report, folder: &std::path::Path) -> Result<(), Failure> {
    let refuse = |error: std::io::Error| {
        Failure::input(
            format!("write figures into {}: {error}", folder.display()),
            "check the path and its permissions",
        )
    };
    std::fs::create_dir_all(folder).map_err(refuse)?;
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut text = String::from("id,value,unit,basis,formula,inputs,version\n");
    for figure in &report.figures {
        let trace = bia::trace(report, figure);
        let value = figure.value.map_or_else(String::new, |value| value.to_string());
        let basis = format!("{:?}", figure.basis).to_lowercase();
        text.push_str(&format!(
            "{},{value},{},{basis},{},{},{}\n",
            quoted(&figure.id),
            quoted(figure.unit),
            quoted(&trace.formula),
            quoted(&trace.inputs.join("; ")),
            trace.version
        ));
    }
    std::fs::write(folder.join("figures.csv"), text).map_err(refuse)
}
