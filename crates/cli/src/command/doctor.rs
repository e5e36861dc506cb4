//! `holdfast doctor`: what a book can answer, what it cannot for want of which file, and what in it cannot work.

mod connections;

use std::collections::BTreeSet;
use std::path::PathBuf;

use holdfast_app::load::{Loaded, load};
use holdfast_book::{Book, MissingAnswer, known::Known, missing_answers, read_book, report::Report};
use holdfast_domain::command::Command as Ask;
use serde::Serialize;

use super::import::{mappings, print_report};
use crate::exit::{Code, Failure};
use crate::input;
use crate::output::Output;

#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).multiple(true).args(["book", "config"])))]
pub struct Args {
    /// Folder with the book's files (docs/reference/formats.md).
    #[arg(long)]
    book: Option<PathBuf>,
    /// Configuration of `holdfast serve` (docs/how-to/serve.md).
    #[arg(long)]
    config: Option<PathBuf>,
    /// Data folder of the service: when each shop was last heard.
    #[arg(long, requires = "config")]
    data: Option<PathBuf>,
    /// Ask each shop, too: whether it takes the token, and whether its clock agrees.
    #[arg(long, requires = "config")]
    ask: bool,
    /// Column mapping: a TOML or JSON file, or the name of a shipped one.
    #[arg(long)]
    mapping: Option<String>,
}

/// Something that was looked at.
#[derive(Serialize)]
struct Check {
    what: &'static str,
    ok: bool,
    found: String,
    remedy: &'static str,
}

#[derive(Serialize)]
struct Answer {
    usable: bool,
    report: Report,
    missing: Vec<MissingAnswer>,
    assumptions: Vec<holdfast_app::load::Assumption>,
    load_faults: Vec<holdfast_app::load::LoadFault>,
    checks: Vec<Check>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    connections: Vec<connections::Found>,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let mut connections = Vec::new();
    if let Some(path) = &args.config {
        let config = configuration(path, out)?;
        connections = connections::look(&config, args.data.as_deref(), args.ask)?;
        connections::print(&connections, out);
    }
    let connected = connections.iter().all(|one| one.ok);
    let Some(book) = &args.book else {
        if args.config.is_some() {
            out.json(&connections)?;
        }
        return Ok(if connected { Code::Ok } else { Code::Found });
    };
    let files = input::folder(book)?;
    let reading = read_book(&files, &Known::none(), &mappings(args.mapping.as_deref())?);
    let loaded = load(&reading.book);
    let missing = missing_answers(&reading.book);
    let answer = Answer {
        usable: !missing.iter().any(|answer| answer.required),
        checks: checks(&reading.book, &reading.report, &loaded),
        report: reading.report,
        missing,
        assumptions: loaded.assumptions,
        load_faults: loaded.faults,
        connections,
    };
    out.json(&answer)?;
    print(&answer, out);
    let sound = connected
        && answer.usable
        && answer.report.refused() == 0
        && answer.checks.iter().all(|check| check.ok);
    Ok(if sound { Code::Ok } else { Code::Found })
}

/// Reads the configuration as `holdfast serve` would, its certificate and its list of passwords too.
fn configuration(path: &std::path::Path, out: &Output) -> Result<holdfast_web::Config, Failure> {
    let config = super::serve::read_config(Some(path))?;
    if let Some(files) = &config.tls {
        holdfast_web::serve::tls(files).map_err(|error| {
            Failure::input(
                crate::exit::chain(&error),
                "check the certificate and its key: PEM, and they fit each other",
            )
        })?;
    }
    holdfast_access::Breached::open(config.sign_in.breached_passwords.as_deref())
        .map_err(|error| Failure::input(crate::exit::chain(&error), "check sign_in.breached_passwords"))?;
    config.listen.parse::<std::net::SocketAddr>().map_err(|error| {
        Failure::input(format!("listen {:?}: {error}", config.listen), "write it as 127.0.0.1:8080")
    })?;
    database(&config, out)?;
    let watched = config.connections.iter().filter(|connection| connection.watch).count();
    out.line(format!(
        "{}: listens on {}, TLS {}, {} connections ({watched} in watch mode)",
        path.display(),
        config.listen,
        if config.tls.is_some() { "on" } else { "off" },
        config.connections.len()
    ));
    Ok(config)
}

/// Looks at the database as `holdfast serve` would, and changes nothing in it.
fn database(config: &holdfast_web::Config, out: &Output) -> Result<(), Failure> {
    use super::serve::database::{options, unopened};
    use holdfast_app::port::{Journal as _, Tail as _};
    use holdfast_journal::postgres::{PostgresError, PostgresJournal, Role};
    let Some(database) = &config.database else { return Ok(()) };
    let scratch = super::backup::Scratch::new(&std::env::temp_dir())?;
    let mut journal = match PostgresJournal::open(options(database, scratch.path(), Role::Reader)) {
        Ok(journal) => journal,
        Err(PostgresError::NoTables) => {
            out.line("database: in reach, with no journal in it yet: the first start makes it");
            return Ok(());
        }
        Err(error) => return Err(unopened(&error)),
    };
    let faults = journal.unsafe_settings().map_err(|error| unopened(&error))?;
    let head = journal.head().map_err(|error| unopened(&error))?;
    let writer = match journal.sign().map_err(|error| unopened(&error))? {
        Some(sign) => format!("{} was the writer {:.0} s ago", sign.address, sign.age.as_secs_f64()),
        None => "no service has written yet".to_owned(),
    };
    out.line(format!("database: version {}, epoch {}; {writer}", head.version, head.epoch));
    if faults.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        Code::Journal,
        format!("database: {}", faults.join("; ")),
        "mend it as docs/how-to/postgresql.md says",
    ))
}

fn checks(book: &Book, report: &Report, loaded: &Loaded) -> Vec<Check> {
    let check = |what, wrong: usize, of: usize, remedy| Check {
        what,
        ok: wrong == 0,
        found: format!("{wrong} of {of}"),
        remedy,
    };
    let stocked: BTreeSet<(&str, &str)> = book
        .stock
        .iter()
        .filter(|row| !row.on_hand.is_zero())
        .map(|row| (row.merchant.as_str(), row.sku.as_str()))
        .collect();
    let unstocked = book
        .order_lines
        .iter()
        .filter(|line| !stocked.contains(&(line.merchant.as_str(), line.sku.as_str())))
        .count();
    let with_lanes: BTreeSet<usize> = loaded
        .setup
        .iter()
        .filter_map(|ask| match ask {
            Ask::AddLane(lane) => Some(usize::from(lane.site.0)),
            _ => None,
        })
        .collect();
    let zones_reached: BTreeSet<u16> = loaded
        .setup
        .iter()
        .filter_map(|ask| match ask {
            Ask::AddLane(lane) => Some(lane.zone.0),
            _ => None,
        })
        .collect();
    let unreached = loaded.orders.iter().filter(|order| !zones_reached.contains(&order.order.zone.0)).count();
    let rows: u64 = report.files.iter().map(|file| file.read).sum();
    let refused = usize::try_from(report.refused()).unwrap_or(usize::MAX);
    vec![
        check(
            "rows that were refused",
            refused,
            usize::try_from(rows).unwrap_or(usize::MAX),
            "mend the rows that are listed",
        ),
        check(
            "orders that name something the book does not have",
            loaded.faults.len(),
            book.orders.len(),
            "mend the rows that are listed, or add what they name",
        ),
        check(
            "sites without a lane to anywhere",
            loaded.sites.len().saturating_sub(with_lanes.len()),
            loaded.sites.len(),
            "add lanes for the site to lanes.csv; `*` stands for every zone",
        ),
        check(
            "orders into zones no lane leads to",
            unreached,
            loaded.orders.len(),
            "add lanes into the zone to lanes.csv",
        ),
        check(
            "order lines of a SKU no site has",
            unstocked,
            book.order_lines.len(),
            "check stock.csv: these lines wait for goods",
        ),
    ]
}

fn print(answer: &Answer, out: &Output) {
    print_report(&answer.report, out);
    for check in &answer.checks {
        let mark = if check.ok { "ok   " } else { "WRONG" };
        out.line(format!("{mark} {}: {}", check.what, check.found));
        if !check.ok {
            out.line(format!("      do: {}", check.remedy));
        }
    }
    for fault in answer.load_faults.iter().take(20) {
        out.line(format!("  {} row {}: {}", fault.file, fault.row, fault.cause));
    }
    if answer.missing.is_empty() {
        out.line("nothing is missing: every question can be answered");
    }
    for missing in &answer.missing {
        let need = if missing.required { "NEEDED" } else { "missing" };
        out.line(format!("{need}: {} lacks {}", missing.file, missing.lacks));
        for question in missing.answers {
            out.line(format!("  so it stays open: {question}"));
        }
    }
    for assumption in &answer.assumptions {
        out.line(format!(
            "assumed for want of {}: {} ({} rows)",
            assumption.file, assumption.what, assumption.rows
        ));
    }
    out.line(if answer.usable { "the book can be run" } else { "the book cannot be run yet" });
}
