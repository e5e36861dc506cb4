//! `holdfast bia`: what the loss of sites costs, over simulated years, by process, site, SKU, service and merchant.

mod catalogue;
mod files;
mod html;
mod score;
mod tell;

pub use tell::table;

use std::path::PathBuf;

use holdfast_book::{Book, demo, known::Known, mapping, uci};
use holdfast_continuity::bia::{self, Declared, Facts, Question, Report};
use holdfast_continuity::calibrate::{Calibration, calibrate};
use holdfast_continuity::fluid::{Patience, World};
use holdfast_continuity::trace::{Figure, Trace};
use holdfast_domain::command::NewOrder;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_engine::step::{Ask, Engine};
use serde::Serialize;

use crate::exit::{Code, Failure, chain};
use crate::input;
use crate::output::Output;
use crate::report::origin;
use crate::report::say::Say;
use crate::words::Lang;

/// Orders of a demo book at most: as many as a year of a large merchant has.
const ORDERS_MAX: u32 = 1_000_000;

/// Where the book comes from.
#[derive(clap::Args)]
pub struct Source {
    /// Folder of the book.
    #[arg(long, conflicts_with_all = ["demo", "uci", "book_demo"])]
    pub book: Option<PathBuf>,
    /// A demo book by its key: florence, ian, korea, one-warehouse, two-warehouses, third-party, fourteen-sites.
    #[arg(long, value_name = "KEY", conflicts_with_all = ["demo", "uci"])]
    pub book_demo: Option<String>,
    /// The demo's network and orders (the default).
    #[arg(long)]
    pub demo: bool,
    /// Online Retail II, plain or .gz, with a declared second site at Lille.
    #[arg(long, conflicts_with = "demo")]
    pub uci: Option<PathBuf>,
    /// Orders of the demo.
    #[arg(long, default_value_t = 25_000, value_parser = clap::value_parser!(u32).range(0..=i64::from(ORDERS_MAX)))]
    pub orders: u32,
    /// Seed of every draw.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Days after the promise at which a customer goes elsewhere; 7 is assumed.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(i32).range(0..=3_650))]
    pub patience: i32,
    /// Threads; all there are if absent.
    #[arg(long)]
    pub threads: Option<usize>,
}

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    hazards: catalogue::Hazards,
    /// Years to simulate.
    #[arg(long, default_value_t = 10_000)]
    years: u32,
    /// Events on which the fluid form is held against the engine; 0 leaves the comparison out.
    #[arg(long, default_value_t = 200)]
    calibrate: usize,
    /// Write every figure, and every event of the comparison, as CSV into this folder.
    #[arg(long)]
    csv: Option<PathBuf>,
    /// Write the analysis as one HTML page with plots.
    #[arg(long)]
    html: Option<PathBuf>,
    /// Instead of an analysis: score its forecast against a drill's report.json on the same book.
    #[arg(long)]
    score: Option<PathBuf>,
    /// Say where the figures with this id, or below it, come from: `site.ILM1`, `annual.average`, or a key of the JSON.
    #[arg(long = "where")]
    where_from: Option<String>,
    /// Language of text and page.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
}

/// A book with what it becomes.
pub struct Loaded {
    /// Network and stock.
    pub state: State,
    /// Orders by the moment they come in.
    pub orders: Vec<(Stamp, NewOrder)>,
    /// Processes as declared.
    pub processes: Vec<Declared>,
    /// What the book says besides.
    pub facts: Facts,
    /// County of each site, FIPS.
    pub counties: Vec<Option<String>>,
    /// Defaults and faults, a sentence each.
    pub notes: Vec<String>,
}

/// Reads the book and sets the network up.
pub fn load(source: &Source) -> Result<Loaded, Failure> {
    load_with_contacts(source).map(|(loaded, _)| loaded)
}

/// As [`load`], with whom the book says to call.
pub fn load_with_contacts(
    source: &Source,
) -> Result<(Loaded, Vec<holdfast_console::plan::Contact>), Failure> {
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
                .map_err(|error| {
                    Failure::input(
                        format!("{}: {}", path.display(), chain(&error)),
                        "give the file of Online Retail II",
                    )
                })?;
            notes.extend(reading.notes);
            reading.book
        }
        _ => shipped(source)?,
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
    let facts = facts(&book, &engine.state);
    let county = |site: &holdfast_domain::network::Site| {
        book.sites.iter().find(|row| *row.code == *site.code).and_then(|row| row.county_fips.clone())
    };
    let counties = engine.state.network.sites.iter().map(county).collect();
    let orders = loaded.orders.into_iter().map(|order| (order.at, order.order)).collect();
    let contacts = super::plan::contacts(&book);
    Ok((Loaded { state: engine.state, orders, processes, facts, counties, notes }, contacts))
}

/// A demo book, of the key that was asked for.
fn shipped(source: &Source) -> Result<Book, Failure> {
    let key = source.book_demo.as_deref().unwrap_or("florence");
    let known = demo::shipped(key).ok_or_else(|| {
        let keys: Vec<&str> = demo::SHIPPED.iter().map(|book| book.key).collect();
        Failure::new(
            Code::Usage,
            format!("there is no demo book {key:?}"),
            format!("write one of {}", keys.join(", ")),
        )
    })?;
    Ok((known.build)(source.seed, &demo::Options::orders(source.orders)))
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

/// What a book says beside network, orders and processes.
fn facts(book: &Book, state: &State) -> Facts {
    let partner = |site: &holdfast_domain::network::Site| {
        let row = book.sites.iter().find(|row| *row.code == *site.code)?;
        let contract = book.standby_contracts.iter().find(|row| *row.site == *site.code);
        row.partner.clone().or_else(|| contract.and_then(|contract| contract.partner.clone()))
    };
    let units = |quantities: &mut dyn Iterator<Item = u32>| {
        let mut all = quantities.peekable();
        all.peek().is_some().then(|| all.map(f64::from).sum())
    };
    Facts {
        site_partners: state.network.sites.iter().map(partner).collect(),
        carrier_names: book.carriers.iter().map(|row| (row.code.clone(), row.name.clone())).collect(),
        returned_units: units(&mut book.returns.iter().map(|row| row.quantity.0)),
        inbound_units: units(&mut book.inbound.iter().map(|row| row.quantity.0)),
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

/// Threads at most.
const THREADS_MAX: usize = 1_024;

/// Runs on so many threads.
pub fn on_threads<T: Send>(threads: Option<usize>, work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    let Some(count) = threads else { return Ok(work()) };
    if count == 0 || count > THREADS_MAX {
        return Err(Failure::new(
            Code::Usage,
            format!("start {count} threads"),
            format!("give 1 to {THREADS_MAX}, or leave --threads out for all there are"),
        ));
    }
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
    events_per_second: f64,
}

#[derive(Serialize)]
struct Asked<'a> {
    figure: &'a Figure,
    trace: Trace,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let mut loaded = load(&args.source)?;
    if let Some(path) = &args.score {
        return score::run(path, &loaded, Patience { days: args.source.patience }, &Say::new(args.lang), out);
    }
    let start = std::time::Instant::now();
    let (catalogue, notes) = catalogue::config(&args.hazards, &loaded)?;
    loaded.notes.extend(notes);
    let loaded = loaded;
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
    let say = Say::new(args.lang);
    let bar = out.progress(2, "simulating years");
    let refuse = |error: &bia::BiaError| match error {
        bia::BiaError::Years(_) => Failure::new(Code::Usage, chain(error), "give another --years"),
        _ => Failure::input(chain(error), "mend the book or the option"),
    };
    let analyse = || {
        let world = World::new(&loaded.state, &loaded.orders)?;
        bia::analyse_with(&question, &world, &loaded.facts)
    };
    let report = on_threads(args.source.threads, analyse)?.map_err(|e| refuse(&e))?;
    let seconds = start.elapsed().as_secs_f64();
    bar.inc(1);
    if let Some(id) = args.where_from.as_ref().filter(|id| !report.where_from(id).is_empty()) {
        bar.finish_and_clear();
        return tell_where(&report, id, &say, out);
    }
    // A key of the JSON that is about the comparison needs it.
    let compared = args.where_from.as_ref().is_none_or(|id| {
        let about = ["calibration", "holds", "all"];
        about.contains(&id.split('.').next().unwrap_or_default())
    });
    let calibration = if args.calibrate > 0 && compared {
        bar.set_message("holding the fluid form against the engine");
        let run = || calibrate(&question, args.calibrate);
        Some(on_threads(args.source.threads, run)?.map_err(|e| refuse(&e))?)
    } else {
        None
    };
    bar.finish_and_clear();
    if let Some(folder) = &args.csv {
        files::write_csv(&report, calibration.as_ref(), folder)?;
    }
    if let Some(path) = &args.html {
        let page = html::page(&report, calibration.as_ref(), &loaded.notes);
        std::fs::write(path, say.page(&page)).map_err(|error| {
            Failure::input(format!("write {}: {error}", path.display()), "check the path and its permissions")
        })?;
    }
    let holds = calibration.as_ref().map(Calibration::holds);
    let answer = Answer {
        report: &report,
        calibration: calibration.as_ref(),
        holds,
        notes: &loaded.notes,
        seconds,
        events_per_second: report.catalogue_events as f64 / seconds.max(1e-9),
    };
    if let Some(key) = &args.where_from {
        return tell_key(&answer, key, &say, out);
    }
    out.json(&answer)?;
    let to = tell::Teller { out, say: &say, coin: tell::Coin::of(&report.currency) };
    tell::report(&report, &loaded, seconds, &to);
    tell::calibration(calibration.as_ref(), &to);
    Ok(if holds == Some(false) { Code::Found } else { Code::Ok })
}

/// Where a leaf of the JSON comes from, or a part of it.
fn tell_key(answer: &Answer<'_>, key: &str, say: &Say, out: &Output) -> Result<Code, Failure> {
    let tree = serde_json::to_value(answer)
        .map_err(|error| Failure::new(Code::Bug, format!("write JSON: {error}"), "report it"))?;
    let figures = origin::figures(&tree, &|within, name| match (within, name) {
        ("", "seconds" | "events_per_second") => Some(origin::measured()),
        ("notes", _) => Some(origin::said("the book's files", "a remark of the reader or the loader")),
        _ => bia::origin(answer.report, within, name),
    });
    let hint = "`annual`, `hazard.KEY`, `site.CODE`, `single.CODE`, `pair.A+B`, `process.CODE`, `partner.NAME`, \
                `system.NAME`, `sku.CODE`, `service.NAME`, `merchant.CODE`, `together.A+B`, `sites.CODE.over_time`";
    origin::tell(&figures, key, hint, say, out)
}

fn tell_where(report: &Report, id: &str, say: &Say, out: &Output) -> Result<Code, Failure> {
    let found = report.where_from(id);
    for (figure, trace) in &found {
        let value = figure.value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"));
        let basis = format!("{:?}", figure.basis).to_lowercase();
        let rests = figure.note.as_ref().map_or_else(|| basis.clone(), |note| format!("{basis}: {note}"));
        out.line(format!("{} = {value} {} ({})", figure.id, say.of(figure.unit), say.of(&rests)));
        origin::tell_trace(trace, say, out);
    }
    let asked: Vec<Asked> = found.into_iter().map(|(figure, trace)| Asked { figure, trace }).collect();
    out.json(&asked)?;
    Ok(Code::Ok)
}
