//! `holdfast drill`: any book, any scenario, every policy; and what the demo shares with it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use holdfast_app::drills::{DrillLine, DrillResult, Objectives, Outage, PolicyResult};
use holdfast_app::load::{Loaded, load};
use holdfast_app::roads::RoadNet;
use holdfast_book::Book;
use holdfast_book::demo::{Options, SHIPPED, put_beside, shipped as shipped_book};
use holdfast_continuity::statistics::Ledger;
use holdfast_domain::id::{Id, MerchantId};
use holdfast_domain::money::Currency;
use holdfast_domain::time::{Stamp, Zone};
use holdfast_hazard::storms::{shipped, tracks_from_text};
use holdfast_hazard::track::{Forecast, Track};
use holdfast_sim::drill::{Drill, DrillError, PolicyName, Setting, drill, entries};
use holdfast_sim::merchant::merchant_report;
use holdfast_sim::parts::Parts;
use holdfast_sim::scenario::{Scenario, ScenarioError};
use holdfast_sim::tally::Tally;
use serde::Serialize;

use crate::command::plan;
use crate::exit::{Code, Failure, chain};
use crate::output::Output;
use crate::records::{self, Finding};
use crate::report::{Note, Shown, html, merchant, parts, policy, text};
use crate::words::{Lang, Words};
use crate::{input, outbox};

#[derive(clap::Args)]
pub struct Args {
    /// Scenario file (docs/reference/scenarios.md).
    #[arg(value_name = "SCENARIO", required_unless_present = "scenario")]
    file: Option<PathBuf>,
    /// The same, as an option.
    #[arg(long, conflicts_with = "file")]
    scenario: Option<PathBuf>,
    /// Folder with the book's files (docs/reference/formats.md).
    #[arg(long)]
    book: Option<PathBuf>,
    /// UCI Online Retail II instead of a book: CSV, plain or .gz.
    #[arg(long, conflicts_with = "book")]
    uci: Option<PathBuf>,
    /// A demo book instead: florence, ian, korea, one-warehouse, two-warehouses, third-party, fourteen-sites. Without any of the
    /// three, the demo book the scenario names.
    #[arg(long, value_name = "KEY", conflicts_with_all = ["book", "uci"])]
    book_demo: Option<String>,
    /// Orders of a demo book.
    #[arg(long, default_value_t = 20_000)]
    orders: u32,
    /// Only orders from this day on.
    #[arg(long)]
    from: Option<String>,
    /// Only orders before this day.
    #[arg(long)]
    until: Option<String>,
    #[command(flatten)]
    wanted: Wanted,
}

/// What is wanted of a drill, whatever it runs on.
#[derive(Clone, clap::Args)]
pub struct Wanted {
    /// Folder for the report and the outbox.
    #[arg(long, default_value = "holdfast-drill")]
    pub out: PathBuf,
    /// Folder for a page for each merchant that holds nothing of any other's.
    #[arg(long, value_name = "DIR")]
    pub merchant_reports: Option<PathBuf>,
    /// Language of the report.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    pub lang: Lang,
    /// Seed of every chance.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Data folder of the service: the drill is recorded there as evidence, and findings that are open come up.
    #[arg(long, value_name = "DATA")]
    pub record: Option<PathBuf>,
    /// Key of the scenario, for the record.
    #[arg(skip)]
    pub key: String,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let file = args.file.as_ref().or(args.scenario.as_ref());
    let file = file.ok_or_else(|| {
        Failure::new(Code::Usage, "no scenario is named", "name one, such as scenarios/fire.toml")
    })?;
    let text = input::text(file)?;
    let shown = file.display().to_string();
    let scenario = Scenario::parse(&text).map_err(|error| bad_scenario(&shown, &error))?;
    let mut notes = Vec::new();
    let mut book = match (&args.book, &args.uci, args.book_demo.as_ref().or(scenario.book.as_ref())) {
        (Some(folder), ..) => read_book(folder, out)?,
        (None, Some(file), _) => read_uci(file, out, &mut notes)?,
        (None, None, Some(key)) => {
            notes.push(Note::Key("note-sample"));
            demo_book(key, args.wanted.seed, args.orders)?
        }
        (None, None, None) => {
            return Err(Failure::new(
                Code::Usage,
                format!("no book is named, and {shown} is written for none"),
                format!("add --book DIR, --uci FILE or --book-demo KEY ({})", demo_keys()),
            ));
        }
    };
    if let Some(key) = scenario.takeover.as_ref().and_then(|takeover| takeover.host_book.as_deref()) {
        let host = demo_book(key, args.wanted.seed.wrapping_add(1), args.orders / 2)?;
        put_beside(&mut book, host)
            .map_err(|error| Failure::input(error.to_string(), "or take host_book out of the scenario"))?;
    }
    let mut loaded = load(&book);
    loaded.roads = args.book.as_deref().map(own_roads).transpose()?.flatten();
    keep_days(&mut loaded, args.from.as_deref(), args.until.as_deref())?;
    let beside = file.parent().unwrap_or(Path::new("."));
    let key = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let wanted = Wanted { key, ..args.wanted.clone() };
    show(&book, &loaded, &scenario, beside, &notes, &wanted, out)
}

/// The operator's own road graph, where the book's folder has one.
fn own_roads(folder: &Path) -> Result<Option<RoadNet>, Failure> {
    let names = ["roads.graphjson", "roads.txt"].map(|name| folder.join(name));
    let Some(path) = names.iter().find(|path| path.exists()) else { return Ok(None) };
    let net = RoadNet::read(&input::text(path)?).map_err(|error| {
        Failure::input(
            format!("{}: {}", path.display(), chain(&error)),
            "mend it, or take it out of the folder: then the bundled roads are used",
        )
    })?;
    Ok(Some(net))
}

fn demo_keys() -> String {
    SHIPPED.map(|book| book.key).join(", ")
}

fn demo_book(key: &str, seed: u64, orders: u32) -> Result<Book, Failure> {
    let known = shipped_book(key).ok_or_else(|| {
        Failure::new(
            Code::Usage,
            format!("there is no demo book {key:?}"),
            format!("use one of {}", demo_keys()),
        )
    })?;
    Ok((known.build)(seed, &Options::orders(orders)))
}

pub(super) fn read_book(folder: &Path, out: &Output) -> Result<Book, Failure> {
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

fn read_uci(file: &Path, out: &Output, notes: &mut Vec<Note>) -> Result<Book, Failure> {
    let bytes = input::maybe_gz(file)?;
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().trim_end_matches(".gz").to_owned())
        .unwrap_or_default();
    let options = holdfast_book::uci::UciOptions::default();
    let reading = holdfast_book::uci::read(&name, &bytes, &options, &holdfast_book::known::Known::none())
        .map_err(|error| Failure::input(chain(&error), "pass the CSV of Online Retail II, plain or .gz"))?;
    out.line(format!("{}", reading.reconciliation));
    notes.extend(reading.notes.into_iter().map(Note::Text));
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

/// Runs a drill, writes report and outbox into their folder, and prints the comparison.
pub fn show(
    book: &Book,
    loaded: &Loaded,
    scenario: &Scenario,
    beside: &Path,
    notes: &[Note],
    wanted: &Wanted,
    out: &Output,
) -> Result<Code, Failure> {
    let start = Instant::now();
    let words = Words::new(wanted.lang);
    for fault in loaded.faults.iter().take(20) {
        out.note(format!("{} {}: {}", fault.file, fault.row, fault.cause));
    }
    let (track, forecasts) = storm(scenario, beside)?;
    let seed = wanted.seed;
    let setting = Setting { loaded, scenario, track: track.as_ref(), forecasts: &forecasts, seed };
    let bar = out.progress(0, "");
    let mut now: Option<PolicyName> = None;
    let mut found = drill(&setting, &mut |tick| {
        if now != Some(tick.policy) {
            now = Some(tick.policy);
            bar.set_message(policy(&words, tick.policy));
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
    let folder = &wanted.out;
    let put = fill_outbox(&mut found, folder)?;
    let (currency, zone) = of_operator(&found);
    let currencies = found.runs[0].state.network.merchants.iter().map(|merchant| merchant.currency).collect();
    let read_back = read_back(&mut found);
    let asked = holdfast_sim::parts::Wanted { laid: true, with_laid: true, offer: true };
    let counted = holdfast_sim::parts::parts(&setting, &found, asked).map_err(|error| {
        Failure::new(Code::Bug, chain(&error), "report it with the scenario and the seed")
    })?;
    let shown = Shown { report: &found.report, words: &words, currency, zone, notes, currencies };
    let answers = parts::Answers {
        parts: &counted,
        put: &put,
        read_back,
        truth: &found.truth,
        track: track.as_ref(),
        state: &ours(&found).state,
    };
    let findings = wanted.record.as_deref().map(records::findings).transpose()?.unwrap_or_default();
    let open: Vec<Finding> = findings.into_iter().filter(|finding| finding.done.is_none()).collect();
    let mut answers = parts::parts(&shown, &answers);
    answers.insert(7, parts::plan(&shown, &write_plan(book, loaded, &found, wanted)?));
    answers.extend(parts::findings(&shown, &open));
    let told = format!("{}\n{}\n", text::page(&shown, &put), parts::text(&shown, &answers));
    let page = html::page(&shown, &found.truth, &ours(&found).state, &put, &answers);
    write_report(&found, &counted, folder, &page, &told)?;
    out.line(told);
    out.line(shown.headline());
    if let Some(saved) = shown.saved_by_takeover() {
        out.line(saved);
    }
    if let Some(folder) = &wanted.merchant_reports {
        let count = write_merchants(&found, &shown, folder)?;
        let path = folder.display();
        out.line(words.tell("merchant-reports-at", &[("count", &count), ("path", &path)]));
    }
    let seconds = start.elapsed().as_secs_f64();
    let path = folder.join("report.html");
    out.line(words.tell("report-at", &[("path", &path.display()), ("seconds", &format!("{seconds:.1}"))]));
    out.json(&Answer {
        headline: shown.headline(),
        seconds,
        folder: folder.display().to_string(),
        report: &found.report,
        outbox: &put,
    })?;
    let report = &found.report;
    let sound = report.violations.is_empty() && report.recount_differs.is_empty() && put.refused.is_empty();
    if let Some(data) = &wanted.record {
        let line = drill_line(
            &mut found,
            Held {
                key: wanted.key.clone(),
                at: holdfast_app::port::Clock::now(&mut crate::world::SystemClock),
                took_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
                version: 0,
                objectives: Objectives::default(),
                left_out: 0,
                open_findings: open.iter().map(|finding| finding.number).collect(),
                wrong: put.refused.clone(),
            },
        );
        records::held(data, line)?;
        out.line(words.tell("drill-recorded", &[("path", &data.display())]));
    }
    for refused in put.refused.iter().take(5) {
        out.note(words.tell("notice-not-rendered", &[("what", refused)]));
    }
    Ok(if sound { Code::Ok } else { Code::Bug })
}

/// Faults a record keeps at most.
const WRONG_MAX: usize = 20;

/// What a drill was held with, for its record.
pub struct Held {
    /// Key of the scenario: the name of its file without the ending.
    pub key: String,
    /// When it was held.
    pub at: Stamp,
    /// Milliseconds it took.
    pub took_ms: u64,
    /// Version of the state it was held on; 0 for a book.
    pub version: u64,
    /// What it is scored against.
    pub objectives: Objectives,
    /// Orders that were left out.
    pub left_out: u64,
    /// Numbers of the findings that are open.
    pub open_findings: Vec<u32>,
    /// What else was found to be wrong.
    pub wrong: Vec<String>,
}

/// The record of a drill.
pub fn drill_line(found: &mut Drill, held: Held) -> DrillLine {
    let recovered_min = recovered(found);
    let (currency, _) = of_operator(found);
    let report = &found.report;
    let mut policies: Vec<PolicyResult> =
        report.policies.iter().map(|(name, tally)| row(policy_word(*name), tally)).collect();
    policies.push(row("calm", &report.calm));
    let outage = |out: &holdfast_sim::truth::SiteOut| Outage {
        site: report.site(out.site).to_owned(),
        from: out.out.from,
        until: out.out.until,
    };
    let mut wrong: Vec<String> = report.violations.iter().chain(&report.recount_differs).cloned().collect();
    wrong.extend(held.wrong);
    let kept = |name| report.tally(name).map_or(0, |tally| tally.on_time);
    DrillLine {
        at: held.at,
        scenario: report.scenario.clone(),
        seed: report.seed,
        orders: report.tally(PolicyName::Holdfast).map_or(0, |tally| tally.orders),
        kept: kept(PolicyName::Holdfast),
        waiting: kept(PolicyName::Wait),
        plans: report.plans_checked,
        sound: wrong.is_empty(),
        open_findings: held.open_findings,
        result: Some(DrillResult {
            key: held.key,
            version: held.version,
            took_ms: held.took_ms,
            currency: currency.code().to_owned(),
            policies,
            bound: report.bound,
            outages: report.closures.iter().map(outage).collect(),
            recovered_min,
            objectives: held.objectives,
            recounted: u32::try_from(report.recounted.len()).unwrap_or(u32::MAX),
            wrong: wrong.into_iter().take(WRONG_MAX).collect(),
            left_out: held.left_out,
        }),
    }
}

fn row(policy: &str, tally: &Tally) -> PolicyResult {
    PolicyResult {
        policy: policy.to_owned(),
        orders: tally.orders,
        on_time: tally.on_time,
        late: tally.late,
        open: tally.open,
        moved: tally.moved,
        notices: tally.notices,
        cost: tally.total_cost,
    }
}

/// The word of a policy in records, as JSON has it.
pub const fn policy_word(policy: PolicyName) -> &'static str {
    match policy {
        PolicyName::Wait => "wait",
        PolicyName::Trade => "trade",
        PolicyName::HoldfastAtClosure => "holdfast_at_closure",
        PolicyName::Holdfast => "holdfast",
        PolicyName::HoldfastTakeOver => "holdfast_take_over",
    }
}

/// Minutes from the declaration until orders flowed again in Holdfast's run: the longest of its incidents, counted from
/// the run's own journal as the statistics of the live house are.
fn recovered(found: &mut Drill) -> Option<u64> {
    let ours = found.runs.iter_mut().find(|run| run.policy == PolicyName::Holdfast)?;
    let mut ledger = Ledger::default();
    for entry in entries(ours).ok()? {
        ledger.absorb(&entry);
    }
    let minutes = |id| {
        let mile = ledger.milestones(id);
        let (from, until) = mile.declared.or(mile.opened).zip(mile.flowing)?;
        Some(until.since(from).0 / 60_000)
    };
    ours.state.incidents.iter().filter_map(|(id, _)| minutes(id)).max()
}

fn of_operator(found: &Drill) -> (Currency, Zone) {
    let operator = found.runs[0].state.network.operator.as_ref();
    let currency = operator.map_or(Currency::USD, |operator| operator.currency);
    (currency, operator.map_or(Zone::utc(), |operator| operator.zone.clone()))
}

pub(super) fn storm(scenario: &Scenario, beside: &Path) -> Result<(Option<Track>, Vec<Forecast>), Failure> {
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

/// The continuity plan of the book, beside the report: what can be said without an analysis of many years.
fn write_plan(
    book: &Book,
    loaded: &Loaded,
    found: &Drill,
    wanted: &Wanted,
) -> Result<parts::PlanMade, Failure> {
    let now = holdfast_app::port::Clock::now(&mut crate::world::SystemClock);
    let made = plan::of_book(book, loaded, found.start.clone(), now);
    let (document, ..) = plan::write_version(&made, wanted.lang, None)?;
    let name = "plan.html";
    write_file(&wanted.out.join(name), &holdfast_print::html(&document), "--out")?;
    let items = |section: &holdfast_print::Section| {
        let of = |block: &holdfast_print::Block| match block {
            holdfast_print::Block::Checklist { items, .. } => items.len(),
            _ => 0,
        };
        section.blocks.iter().map(of).sum::<usize>()
    };
    Ok(parts::PlanMade {
        file: name.to_owned(),
        digest: document.digest(),
        sections: document.sections.len(),
        things: document.sections.iter().map(items).sum(),
    })
}

/// What stands in `report.json`: the drill's numbers, and the parts' answers beside them.
#[derive(Serialize)]
struct Numbers<'a> {
    #[serde(flatten)]
    report: &'a holdfast_sim::drill::Report,
    parts: &'a Parts,
}

fn write_report(
    found: &Drill,
    counted: &Parts,
    folder: &Path,
    page: &str,
    told: &str,
) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(&Numbers { report: &found.report, parts: counted })
        .map_err(|error| Failure::new(Code::Bug, format!("write JSON: {error}"), "report it"))?;
    for (name, content) in [("report.html", page), ("report.txt", told), ("report.json", &json)] {
        write_file(&folder.join(name), content, "--out")?;
    }
    Ok(())
}

fn ours(found: &Drill) -> &holdfast_sim::drill::Run {
    let ours = found.runs.iter().find(|run| run.policy == PolicyName::Holdfast);
    ours.expect("every drill runs Holdfast")
}

/// Reads the journal of Holdfast's run back, as after a crash; `None` if it cannot be read.
fn read_back(found: &mut Drill) -> Option<parts::ReadBack> {
    let ours = found.runs.iter_mut().find(|run| run.policy == PolicyName::Holdfast)?;
    let start = Instant::now();
    let back = holdfast_app::recover::recover(ours.world.writer.journal(), None).ok()?;
    let seconds = start.elapsed().as_secs_f64();
    let same = back.engine.state.digest() == ours.state.digest();
    Some(parts::ReadBack { entries: back.replayed, compared: back.compared, same, seconds })
}

/// One page for each merchant that had orders or goods in it; says how many.
fn write_merchants(found: &Drill, shown: &Shown<'_>, folder: &Path) -> Result<usize, Failure> {
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::input(
            format!("make folder {}: {error}", folder.display()),
            "name another folder with --merchant-reports",
        )
    })?;
    let mut taken = std::collections::BTreeSet::new();
    for index in 0..found.report.merchants.len() {
        let Some(report) = merchant_report(found, MerchantId::from_index(index)) else { continue };
        let page = merchant::page(&report, shown.words, shown.currency, &shown.zone);
        let name = merchant::file_name(&report.code, &mut taken);
        write_file(&folder.join(name), &page, "--merchant-reports")?;
    }
    Ok(taken.len())
}

fn write_file(path: &Path, content: &str, option: &str) -> Result<(), Failure> {
    std::fs::write(path, content).map_err(|error| {
        Failure::input(
            format!("write {}: {error}", path.display()),
            format!("name another folder with {option}"),
        )
    })
}

fn bad_scenario(file: &str, error: &ScenarioError) -> Failure {
    Failure::input(
        format!("{file}: {error}"),
        "mend the scenario; its fields are in docs/reference/scenarios.md",
    )
}
