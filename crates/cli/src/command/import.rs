//! `holdfast import`: a book, or a year of Online Retail II, into a journal; every row accounted for, nothing twice.
//!
//! What the journal knows by code, number or place is counted as known and left alone, so an import that was
//! interrupted is finished by running it again.

mod draft;
mod remap;

use std::path::PathBuf;

use holdfast_app::load::{Assumption, LoadFault, load};
use holdfast_book::mapping::{self, Mapping};
use holdfast_book::report::Report;
use holdfast_book::uci::{self, Reconciliation, UciOptions};
use holdfast_book::{Book, known::Known, read_book};
use serde::Serialize;

use crate::exit::{Code, Failure};
use crate::input;
use crate::output::Output;
use crate::world;

pub(crate) use remap::{Counts, Importer, Refusal};

/// Errors printed before the rest is only counted; `--json` has them all.
const ERRORS_SHOWN: usize = 20;

#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("source").required(true).args(["book", "uci"])))]
pub struct Args {
    /// Folder with the book's files (docs/reference/formats.md).
    #[arg(long)]
    book: Option<PathBuf>,
    /// Online Retail II as CSV or workbook, plain or .gz.
    #[arg(long)]
    uci: Option<PathBuf>,
    /// The journal to write to; it is made if it is not there.
    #[arg(long)]
    journal: PathBuf,
    /// Column mapping: a TOML or JSON file, or the name of a shipped one.
    #[arg(long)]
    mapping: Option<String>,
    /// Orders that become durable together.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=4_096))]
    group: u32,
    /// Say `durable N` on standard error each time the journal is durable up to entry N.
    #[arg(long)]
    follow: bool,
}

/// What the source said, and where every row of it went.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Source {
    /// A folder of files.
    Book(Report),
    /// A year of Online Retail II.
    Uci { reconciliation: Box<Reconciliation>, notes: Vec<String> },
}

#[derive(Serialize)]
struct Answer {
    source: Source,
    assumptions: Vec<Assumption>,
    load_faults: Vec<LoadFault>,
    counts: Counts,
    orders_finished_before: usize,
    refusals: Vec<Refusal>,
    orders_with_sites: usize,
    orders_waiting: usize,
    version_before: u64,
    version: u64,
    chain: String,
    adds_up: bool,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let (book, source) = read(args)?;
    let loaded = load(&book);
    let orders_in_book = book.orders.len();
    drop(book);
    let mut writer = world::writer(&args.journal, world::open_or_make(&args.journal)?)?;
    let version_before = writer.engine().state.version;
    let bar = out.progress((loaded.setup.len() + loaded.orders.len()) as u64, "importing");
    let follow = |version: u64| {
        if args.follow {
            out.note(format!("durable {version}"));
        }
    };
    let mut importer = Importer::new(&args.journal, &mut writer);
    let mut durable = |done: u64, version: u64| {
        bar.inc(done);
        follow(version);
    };
    importer.setup(&loaded.setup, &mut durable)?;
    importer.orders(&loaded.orders, args.group as usize, &mut durable)?;
    let (counts, refusals) = importer.done();
    bar.finish_and_clear();
    writer.keep_snapshot().map_err(|error| world::unwritten(&args.journal, &error))?;
    let head = writer.head().map_err(|error| world::unwritten(&args.journal, &error))?;
    let state = &writer.engine().state;
    let waiting = state.live_orders().filter(|(_, order)| !order.backordered().is_zero()).count();
    let order_faults = loaded.faults.iter().filter(|fault| fault.file == "orders.csv").count();
    let finished = orders_in_book - loaded.orders.len() - order_faults;
    let whole = counts.orders.all() == loaded.orders.len() && counts.setup.all() == loaded.setup.len();
    let answer = Answer {
        adds_up: whole && source.adds_up(),
        source,
        assumptions: loaded.assumptions,
        load_faults: loaded.faults,
        counts,
        orders_finished_before: finished,
        refusals,
        orders_with_sites: state.live_orders().count() - waiting,
        orders_waiting: waiting,
        version_before,
        version: head.version,
        chain: world::hex(&head.chain),
    };
    out.json(&answer)?;
    print(&answer, out);
    let refused =
        answer.source.refused() > 0 || !answer.load_faults.is_empty() || !answer.refusals.is_empty();
    Ok(if !answer.adds_up {
        Code::Bug
    } else if refused {
        Code::Found
    } else {
        Code::Ok
    })
}

fn read(args: &Args) -> Result<(Book, Source), Failure> {
    if let Some(path) = &args.uci {
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let reading = uci::read(&name, &input::bytes(path)?, &UciOptions::default(), &Known::none());
        let reading = reading.map_err(|error| {
            Failure::input(
                format!("{}: {error}", path.display()),
                "see docs/how-to/import-uci-online-retail.md",
            )
        })?;
        let reconciliation = Box::new(reading.reconciliation);
        return Ok((reading.book, Source::Uci { reconciliation, notes: reading.notes }));
    }
    let folder = args.book.as_deref().unwrap_or_else(|| unreachable!("clap asks for one of the two"));
    let files = input::folder(folder)?;
    if files.is_empty() {
        return Err(Failure::input(
            format!("read folder {}: it holds no .csv, .tsv or .xlsx file", folder.display()),
            "name the folder that holds the book; docs/reference/formats.md lists its files",
        ));
    }
    let reading = read_book(&files, &Known::none(), &mappings(args.mapping.as_deref())?);
    Ok((reading.book, Source::Book(reading.report)))
}

/// The mapping that was asked for, before the shipped ones.
pub(crate) fn mappings(asked: Option<&str>) -> Result<Vec<Mapping>, Failure> {
    let mut all = mapping::shipped();
    let Some(asked) = asked else { return Ok(all) };
    if let Some(at) = all.iter().position(|mapping| mapping.name == asked) {
        all.swap(0, at);
        return Ok(all);
    }
    let path = std::path::Path::new(asked);
    if !path.exists() {
        let names: Vec<&str> = all.iter().map(|mapping| mapping.name.as_str()).collect();
        return Err(Failure::input(
            format!("use mapping {asked}: there is no such file, and no shipped mapping of that name"),
            format!("name a file, or one of {}", names.join(", ")),
        ));
    }
    let own = Mapping::parse(&input::text(path)?).map_err(|error| {
        Failure::input(format!("{asked}: {error}"), "mend the mapping; see docs/how-to/import-your-orders.md")
    })?;
    all.insert(0, own);
    Ok(all)
}

impl Source {
    fn adds_up(&self) -> bool {
        match self {
            Self::Book(report) => report.adds_up(),
            Self::Uci { reconciliation, .. } => reconciliation.adds_up(),
        }
    }

    fn refused(&self) -> u64 {
        match self {
            Self::Book(report) => report.refused(),
            Self::Uci { reconciliation, .. } => reconciliation.errors.len() as u64,
        }
    }

    pub(crate) fn print(&self, out: &Output) {
        match self {
            Self::Book(report) => print_report(report, out),
            Self::Uci { reconciliation, notes } => {
                out.line(reconciliation.to_string());
                print_list(&reconciliation.errors, out);
                notes.iter().for_each(|note| out.line(note));
            }
        }
    }
}

pub(crate) fn print_report(report: &Report, out: &Output) {
    for file in &report.files {
        let ignored: u64 = file.ignored.values().sum();
        out.line(format!(
            "{}: {} rows = {} accepted + {} refused + {} duplicates + {} known + {} ignored",
            file.file, file.read, file.accepted, file.refused, file.duplicates, file.known, ignored
        ));
        for (reason, count) in &file.ignored {
            out.line(format!("  ignored: {count} {reason}"));
        }
        if !file.columns_unread.is_empty() {
            out.line(format!("  columns not read: {}", file.columns_unread.join(", ")));
        }
        if file.accepted == 0 && file.read > 0 && ignored == file.read {
            print_draft(&file.file, &file.columns_unread, out);
        }
    }
    print_list(&report.errors().collect::<Vec<_>>(), out);
    report.notes.iter().for_each(|note| out.line(note));
}

/// What to do about a file nobody knows: a mapping, drafted where its headers say enough.
fn print_draft(file: &str, headers: &[String], out: &Output) {
    let Some(found) = draft::draft(file, headers) else {
        out.line(
            "  do: give it the name of a file of the book (docs/reference/formats.md), or write a column mapping for it \
             (docs/how-to/import-your-orders.md)",
        );
        return;
    };
    out.line("  do: save this as mapping.toml, correct it, and add --mapping mapping.toml");
    for column in &found.lacks {
        out.line(format!("      no header was found for {column}"));
    }
    for line in found.toml.lines() {
        out.line(format!("      {line}"));
    }
}

/// Prints the first of many, and how many more there are.
pub(crate) fn print_list<T: std::fmt::Display>(all: &[T], out: &Output) {
    for one in all.iter().take(ERRORS_SHOWN) {
        out.line(format!("  refused: {one}"));
    }
    if all.len() > ERRORS_SHOWN {
        out.line(format!("  … and {} more; --json lists them all", all.len() - ERRORS_SHOWN));
    }
}

fn print(answer: &Answer, out: &Output) {
    answer.source.print(out);
    for assumption in &answer.assumptions {
        out.line(format!(
            "assumed for want of {}: {} ({} rows)",
            assumption.file, assumption.what, assumption.rows
        ));
    }
    let faults = answer.load_faults.iter();
    let faults: Vec<String> = faults
        .map(|fault| {
            format!("{} row {}: {}; correct the row and import again", fault.file, fault.row, fault.cause)
        })
        .collect();
    print_list(&faults, out);
    print_list(&answer.refusals, out);
    let (setup, orders) = (&answer.counts.setup, &answer.counts.orders);
    out.line(format!(
        "network and stock: {} = {} new + {} known + {} refused",
        setup.all(),
        setup.new,
        setup.known,
        setup.refused
    ));
    out.line(format!(
        "orders: {} = {} new + {} known + {} refused; {} more were finished before",
        orders.all(),
        orders.new,
        orders.known,
        orders.refused,
        answer.orders_finished_before
    ));
    out.line(format!(
        "open orders now: {} with a site for every unit, {} waiting for stock or capacity",
        answer.orders_with_sites, answer.orders_waiting
    ));
    out.line(format!(
        "journal: version {} to {}, chain {}; {}",
        answer.version_before,
        answer.version,
        &answer.chain[..16],
        if answer.adds_up { "every row is accounted for" } else { "ROWS ARE MISSING: please report it" }
    ));
}
