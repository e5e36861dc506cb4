//! `holdfast drill`: any book, any scenario, every policy; and what the demo shares with it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use holdfast_app::load::{Loaded, load};
use holdfast_book::Book;
use holdfast_domain::money::Currency;
use holdfast_hazard::storms::{shipped, tracks_from_text};
use holdfast_hazard::track::{Forecast, Track};
use holdfast_sim::drill::{Drill, DrillError, PolicyName, Setting, drill, entries};
use holdfast_sim::scenario::{Scenario, ScenarioError};
use serde::Serialize;

use crate::exit::{Code, Failure, chain};
use crate::output::Output;
use crate::report::{html, policy, text};
use crate::{input, outbox};

#[derive(clap::Args)]
pub struct Args {
    /// Folder with the book's files (docs/reference/formats.md).
    #[arg(long, required_unless_present = "uci")]
    book: Option<PathBuf>,
    /// UCI Online Retail II instead of a book: CSV, plain or .gz.
    #[arg(long, conflicts_with = "book")]
    uci: Option<PathBuf>,
    /// Scenario file (docs/reference/scenarios.md).
    #[arg(long)]
    scenario: PathBuf,
    /// Only orders from this day on.
    #[arg(long)]
    from: Option<String>,
    /// Only orders before this day.
    #[arg(long)]
    until: Option<String>,
    /// Folder for the report and the outbox.
    #[arg(long, default_value = "holdfast-drill")]
    out: PathBuf,
    /// Seed of every chance.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let text = input::text(&args.scenario)?;
    let shown = args.scenario.display().to_string();
    let scenario = Scenario::parse(&text).map_err(|error| bad_scenario(&shown, &error))?;
    let mut notes = Vec::new();
    let book = match (&args.book, &args.uci) {
        (Some(folder), _) => read_book(folder, out)?,
        (None, Some(file)) => read_uci(file, out, &mut notes)?,
        (None, None) => {
            return Err(Failure::new(Code::Usage, "no book is named", "add --book DIR or --uci FILE"));
        }
    };
    let mut loaded = load(&book);
    keep_days(&mut loaded, args.from.as_deref(), args.until.as_deref())?;
    let beside = args.scenario.parent().unwrap_or(Path::new("."));
    show(&loaded, &scenario, beside, notes, args.seed, &args.out, out)
}

fn read_book(folder: &Path, out: &Output) -> Result<Book, Failure> {
    let files = input::folder(folder)?;
    let reading = holdfast_book::read_book(
        &files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>(),
        &holdfast_book::known::Known::none(),
        &holdfast_book::mapping::shipped(),
    );
    for error in reading.report.errors().take(20) {
        out.note(format!("{error}"));
    }
    Ok(reading.book)
}

fn read_uci(file: &Path, out: &Output, notes: &mut Vec<String>) -> Result<Book, Failure> {
    let bytes = input::maybe_gz(file)?;
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().trim_end_matches(".gz").to_owned())
        .unwrap_or_default();
    let options = holdfast_book::uci::UciOptions::default();
    let reading = holdfast_book::uci::read(&name, &bytes, &options, &holdfast_book::known::Known::none())
        .map_err(|error| Failure::input(chain(&error), "pass the CSV of Online Retail II, plain or .gz"))?;
    out.line(format!("{}", reading.reconciliation));
    notes.extend(reading.notes);
    Ok(reading.book)
}

fn keep_days(loaded: &mut Loaded, from: Option<&str>, until: Option<&str>) -> Result<(), Failure> {
    let moment = |text: &str| {
        let day: holdfast_domain::time::Day = text
            .parse()
            .map_err(|error| Failure::new(Code::Usage, format!("{error}"), "write a day as 2010-04-15"))?;
        Ok(day.at(0, &holdfast_domain::time::Zone::utc()))
    };
    let from = from.map(moment).transpose()?;
    let until = until.map(moment).transpose()?;
    loaded.orders.retain(|order| {
        from.is_none_or(|from| from <= order.at) && until.is_none_or(|until| order.at < until)
    });
    Ok(())
}

/// The answer in JSON.
#[derive(Serialize)]
struct Answer<'a> {
    headline: String,
    seconds: f64,
    folder: String,
    #[serde(flatten)]
    report: &'a holdfast_sim::drill::Report,
    outbox: &'a outbox::Put,
}

/// Runs a drill, writes report and outbox into `folder`, and prints the comparison.
pub fn show(
    loaded: &Loaded,
    scenario: &Scenario,
    beside: &Path,
    notes: Vec<String>,
    seed: u64,
    folder: &Path,
    out: &Output,
) -> Result<Code, Failure> {
    let start = Instant::now();
    for fault in loaded.faults.iter().take(20) {
        out.note(format!("{} {}: {}", fault.file, fault.row, fault.cause));
    }
    let (track, forecasts) = storm(scenario, beside)?;
    let setting = Setting { loaded, scenario, track: track.as_ref(), forecasts: &forecasts, seed };
    let bar = out.progress(0, "");
    let mut now: Option<PolicyName> = None;
    let mut found = drill(&setting, &mut |tick| {
        if now != Some(tick.policy) {
            now = Some(tick.policy);
            bar.set_message(policy(tick.policy));
            bar.set_length(tick.of as u64);
        }
        bar.set_position(tick.orders as u64);
    })
    .map_err(|error| match error {
        DrillError::Scenario(error) => bad_scenario(&scenario.name, &error),
        DrillError::Writer(error) => {
            Failure::new(Code::Bug, chain(&error), "report it with the scenario and the seed")
        }
    })?;
    bar.finish_and_clear();
    found.report.notes.extend(notes);
    let put = fill_outbox(&mut found, folder)?;
    write_report(&found, &put, folder)?;
    let seconds = start.elapsed().as_secs_f64();
    let currency = currency(&found);
    out.line(text::page(&found.report, &put, currency));
    out.line(text::headline(&found.report));
    out.line(format!("Report: {}  (in {seconds:.1} s)", folder.join("report.html").display()));
    out.json(&Answer {
        headline: text::headline(&found.report),
        seconds,
        folder: folder.display().to_string(),
        report: &found.report,
        outbox: &put,
    })?;
    let report = &found.report;
    let sound = report.violations.is_empty() && report.recount_differs.is_empty() && put.refused.is_empty();
    for refused in put.refused.iter().take(5) {
        out.note(format!("notice not rendered: {refused}"));
    }
    Ok(if sound { Code::Ok } else { Code::Bug })
}

fn currency(found: &Drill) -> Currency {
    let state = &found.runs[0].state;
    state.network.operator.as_ref().map_or(Currency::USD, |operator| operator.currency)
}

fn storm(scenario: &Scenario, beside: &Path) -> Result<(Option<Track>, Vec<Forecast>), Failure> {
    if let Some(key) = &scenario.storm {
        let known = shipped(key).ok_or_else(|| {
            let keys: Vec<&str> = holdfast_hazard::storms::SHIPPED.iter().map(|storm| storm.key).collect();
            Failure::input(
                format!("scenario names the storm {key:?}, which does not ship"),
                format!("write one of {}", keys.join(", ")),
            )
        })?;
        return Ok((Some(known.track()), known.forecasts()));
    }
    let Some(file) = &scenario.track_file else { return Ok((None, Vec::new())) };
    let path = beside.join(file);
    let tracks = tracks_from_text(&input::text(&path)?).map_err(|error| {
        Failure::input(
            format!("{}: {error}", path.display()),
            "use an ATCF best track, HURDAT2 or a table of storms",
        )
    })?;
    Ok((tracks.into_iter().next(), Vec::new()))
}

fn fill_outbox(found: &mut Drill, folder: &Path) -> Result<outbox::Put, Failure> {
    let bug = |error: DrillError| {
        Failure::new(Code::Bug, chain(&error), "report it with the scenario and the seed")
    };
    let ours = found.runs.iter_mut().find(|run| run.policy == PolicyName::Holdfast);
    let ours = ours.expect("every drill runs Holdfast");
    let all = entries(ours).map_err(bug)?;
    // A run of its own has an outbox of its own: one of an earlier run is not mixed in.
    let place = folder.join("outbox");
    if place.exists() {
        std::fs::remove_dir_all(&place).map_err(|error| {
            Failure::input(format!("empty {}: {error}", place.display()), "name another folder with --out")
        })?;
    }
    std::fs::create_dir_all(&place).map_err(|error| {
        Failure::input(format!("make folder {}: {error}", place.display()), "name another folder with --out")
    })?;
    outbox::fill(&mut ours.world.writer, &all, "", &place)
}

fn write_report(found: &Drill, put: &outbox::Put, folder: &Path) -> Result<(), Failure> {
    let currency = currency(found);
    let ours = &found.runs.last().expect("every drill runs Holdfast").state;
    let json = serde_json::to_string_pretty(&found.report)
        .map_err(|error| Failure::new(Code::Bug, format!("write JSON: {error}"), "report it"))?;
    let files = [
        ("report.html", html::page(&found.report, &found.truth, ours, put, currency)),
        ("report.txt", text::page(&found.report, put, currency)),
        ("report.json", json),
    ];
    for (name, content) in files {
        let path = folder.join(name);
        std::fs::write(&path, content).map_err(|error| {
            Failure::input(format!("write {}: {error}", path.display()), "name another folder with --out")
        })?;
    }
    Ok(())
}

fn bad_scenario(file: &str, error: &ScenarioError) -> Failure {
    Failure::input(
        format!("{file}: {error}"),
        "mend the scenario; its fields are in docs/reference/scenarios.md",
    )
}
