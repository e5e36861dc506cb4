//! `holdfast pack` and `holdfast settle`: paper to work from when every screen is dark, and the ticks entered after.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use holdfast_app::core::Reply;
use holdfast_app::pack::settle::{Answer, Outcome, Settled, Tick, TickFault, settle as settled};
use holdfast_app::pack::{File, Pack, files, pack};
use holdfast_app::port::Journal as _;
use holdfast_app::recover::recover;
use holdfast_app::seal;
use holdfast_console::paper;
use holdfast_console::words::Locale;
use holdfast_domain::event::Event;
use holdfast_domain::id::{Id as _, SubjectId};
use holdfast_domain::time::Stamp;
use serde::Serialize;

use crate::exit::{Code, Failure, chain};
use crate::output::Output;
use crate::{input, world};

#[derive(clap::Args)]
pub struct Args {
    /// The journal.
    journal: PathBuf,
    /// Folder for the pack: outside the house. A folder of the pack's own is made in it.
    #[arg(long)]
    out: PathBuf,
    /// Parcels due up to so many days ahead.
    #[arg(long, default_value_t = 1)]
    days: u32,
    /// The moment the pack is made for, such as 2018-09-12T18:00:00Z; now if absent.
    #[arg(long)]
    at: Option<Stamp>,
    /// Whom to encrypt every file to (age1…); may be repeated.
    #[arg(long = "to")]
    recipients: Vec<String>,
    /// Leave names and addresses out.
    #[arg(long)]
    no_addresses: bool,
    /// en or ko.
    #[arg(long, default_value = "en")]
    lang: String,
}

#[derive(clap::Args)]
pub struct SettleArgs {
    /// The journal.
    journal: PathBuf,
    /// The pack's `pack.json`.
    #[arg(long)]
    pack: PathBuf,
    /// The sheet with the ticks: columns row, result (shipped, stayed, ?), day, tracking.
    #[arg(long)]
    ticks: PathBuf,
    /// What rows without an answer are; without it every row needs one.
    #[arg(long, value_enum)]
    rest: Option<Rest>,
    /// Say what would be done, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Rest {
    Stayed,
    Unclear,
}

#[derive(Serialize)]
struct Made {
    id: String,
    version: u64,
    folder: PathBuf,
    sites: usize,
    parcels: usize,
    files: usize,
    encrypted: bool,
    /// People whose data cannot be read though they are not erased.
    unread: usize,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let locale = Locale::of(&args.lang).ok_or_else(|| {
        Failure::new(Code::Usage, format!("{:?} is no language of packs", args.lang), "en or ko")
    })?;
    let recipients = recipients(&args.recipients)?;
    let mut journal = world::open(&args.journal)?;
    let state =
        recover(&mut journal, None).map_err(|error| world::broken(&args.journal, &error))?.engine.state;
    let head = journal.head().map_err(|error| world::broken(&args.journal, &error))?;
    let sealed = if args.no_addresses { BTreeMap::new() } else { sealed(&args.journal, &mut journal)? };
    let mut unread = std::collections::BTreeSet::new();
    let mut person = |subject: SubjectId| {
        let known = state.subjects.get(subject).filter(|known| !known.erased)?;
        if args.no_addresses {
            return None;
        }
        let key = journal.subject_key(subject).ok().flatten();
        let open = key.zip(sealed.get(&subject));
        let person = open.and_then(|(key, blob)| seal::open(&key, known.fingerprint, blob).ok());
        if person.is_none() {
            unread.insert(subject);
        }
        person
    };
    let at = args.at.unwrap_or_else(|| holdfast_app::port::Clock::now(&mut world::SystemClock));
    let made = pack(&state, &head.chain, at, args.days, &mut person)
        .map_err(|error| Failure::input(error.to_string(), "use --days 0"))?;
    let mut all = files(&made);
    for site in &made.sites {
        let zone = &state.network.sites[site.site.index()].zone;
        all.push(File {
            name: format!("{}.html", safe(&site.code)),
            bytes: paper::pack(&made, site, zone, locale).into_bytes(),
        });
    }
    let folder = args.out.join(format!("pack-{}-{}", made.version, made.id));
    write(&folder, &all, &recipients)?;
    let parcels = made.sites.iter().map(|site| site.rows.len()).sum();
    let answer = Made {
        id: made.id.clone(),
        version: made.version,
        folder,
        sites: made.sites.len(),
        parcels,
        files: all.len(),
        encrypted: !recipients.is_empty(),
        unread: unread.len(),
    };
    out.json(&answer)?;
    out.line(format!(
        "pack {}: {} parcels at {} sites, {} files in {}",
        answer.id,
        answer.parcels,
        answer.sites,
        answer.files,
        answer.folder.display()
    ));
    if answer.unread > 0 {
        out.line(format!(
            "{} people's data cannot be read, and their parcels stand without an address: run `holdfast verify` on the journal",
            answer.unread
        ));
    }
    if recipients.is_empty() && !args.no_addresses {
        out.line("the files are not encrypted and hold addresses: name keys with --to, or lock them away");
    }
    Ok(Code::Ok)
}

fn safe(code: &str) -> String {
    code.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect()
}

/// Every person's sealed data, as the journal's entries have them; the last one counts.
fn sealed(
    path: &Path,
    journal: &mut holdfast_journal::sqlite::SqliteJournal,
) -> Result<BTreeMap<SubjectId, Box<[u8]>>, Failure> {
    let broken = |error: &dyn std::error::Error| world::broken(path, error);
    let mut out = BTreeMap::new();
    for group in journal.read(0).map_err(|error| broken(&error))? {
        for entry in group.map_err(|error| broken(&error))?.entries {
            for event in entry.events {
                if let Event::SubjectSealed { subject, sealed, .. } = event {
                    out.insert(subject, sealed);
                }
            }
        }
    }
    Ok(out)
}

fn recipients(named: &[String]) -> Result<Vec<age::x25519::Recipient>, Failure> {
    let one = |text: &String| {
        text.parse::<age::x25519::Recipient>().map_err(|error| {
            Failure::new(
                Code::Usage,
                format!("{text:?} is no key: {error}"),
                "a key begins with age1; `age-keygen` makes one",
            )
        })
    };
    named.iter().map(one).collect()
}

/// Writes a pack whole under its name, or nothing.
fn write(folder: &Path, files: &[File], recipients: &[age::x25519::Recipient]) -> Result<(), Failure> {
    let failed = |path: &Path, error: &dyn std::fmt::Display| {
        Failure::input(format!("write {}: {error}", path.display()), "name another folder with --out")
    };
    if folder.exists() {
        return Err(Failure::input(
            format!("{} is there already: the same pack was made before", folder.display()),
            "use that one, or move it away",
        ));
    }
    let part = folder.with_extension("part");
    let _ = std::fs::remove_dir_all(&part);
    std::fs::create_dir_all(&part).map_err(|error| failed(&part, &error))?;
    for file in files {
        let (name, bytes) = if recipients.is_empty() {
            (file.name.clone(), file.bytes.clone())
        } else {
            let locked = lock(&file.bytes, recipients).map_err(|error| failed(&part, &error))?;
            (format!("{}.age", file.name), locked)
        };
        let path = part.join(name);
        private(&path).and_then(|mut open| open.write_all(&bytes)).map_err(|error| failed(&path, &error))?;
    }
    std::fs::rename(&part, folder).map_err(|error| failed(folder, &error))
}

/// A new file that only its owner may read.
fn private(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn lock(bytes: &[u8], recipients: &[age::x25519::Recipient]) -> Result<Vec<u8>, String> {
    let all = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(all).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    let mut writer = encryptor.wrap_output(&mut out).map_err(|error| error.to_string())?;
    writer.write_all(bytes).map_err(|error| error.to_string())?;
    writer.finish().map_err(|error| error.to_string())?;
    Ok(out)
}

#[derive(Serialize)]
struct Done {
    pack: String,
    rows: usize,
    outcomes: BTreeMap<Outcome, usize>,
    asked: usize,
    done: usize,
    done_before: usize,
    refused: Vec<Refused>,
    /// What a person has to look at: row, order, outcome.
    look: Vec<(String, String, Outcome)>,
    dry_run: bool,
}

#[derive(Serialize)]
struct Refused {
    row: String,
    order: String,
    cause: String,
    remedy: String,
}

pub fn settle(args: &SettleArgs, out: &Output) -> Result<Code, Failure> {
    let known: Pack = serde_json::from_slice(&input::bytes(&args.pack)?).map_err(|error| {
        Failure::input(
            format!("read {}: {error}", args.pack.display()),
            "name the pack.json of the pack; decrypt it first with `age --decrypt`",
        )
    })?;
    let ticks = read_ticks(&args.ticks)?;
    let rest = args.rest.map(|rest| match rest {
        Rest::Stayed => Answer::Stayed,
        Rest::Unclear => Answer::Unclear,
    });
    let mut writer = world::writer(&args.journal, world::open(&args.journal)?)?;
    let rows = settled(&writer.engine().state, &known, &ticks, rest, "paper")
        .map_err(|faults| refused(&faults, out))?;
    let mut done = count(&known, &rows, args.dry_run);
    if !args.dry_run {
        for row in &rows {
            carry_out(&mut writer, args, row, &mut done)?;
        }
    }
    tell(&done, out)?;
    Ok(if done.refused.is_empty() { Code::Ok } else { Code::Found })
}

fn carry_out(
    writer: &mut world::LiveWriter,
    args: &SettleArgs,
    row: &Settled,
    done: &mut Done,
) -> Result<(), Failure> {
    let replies =
        writer.ask_all(row.asks.clone()).map_err(|error| world::unwritten(&args.journal, &error))?;
    for reply in replies {
        match reply {
            Reply::Done { .. } => done.done += 1,
            Reply::Repeated(_) => done.done_before += 1,
            Reply::Rejected(why) => done.refused.push(Refused {
                row: row.row.clone(),
                order: row.number.clone(),
                cause: why.to_string(),
                remedy: why.action().to_owned(),
            }),
            Reply::Retry | Reply::Unknown => {
                return Err(Failure::new(
                    Code::Journal,
                    format!("row {}: the journal did not take it", row.row),
                    "check the disk and run the command again: what is settled stays settled",
                ));
            }
        }
    }
    Ok(())
}

fn count(pack: &Pack, rows: &[Settled], dry_run: bool) -> Done {
    let mut outcomes = BTreeMap::new();
    for row in rows {
        *outcomes.entry(row.outcome).or_default() += 1;
    }
    let look = rows.iter().filter(|row| matches!(row.outcome, Outcome::InDoubt | Outcome::Conflict));
    Done {
        pack: pack.id.clone(),
        rows: rows.len(),
        outcomes,
        asked: rows.iter().map(|row| row.asks.len()).sum(),
        done: 0,
        done_before: 0,
        refused: Vec::new(),
        look: look.map(|row| (row.row.clone(), row.number.clone(), row.outcome)).collect(),
        dry_run,
    }
}

fn tell(done: &Done, out: &Output) -> Result<(), Failure> {
    out.json(done)?;
    let of = |outcome| done.outcomes.get(&outcome).copied().unwrap_or(0);
    out.line(format!("pack {}: {} rows", done.pack, done.rows));
    out.line(format!("shipped on paper  {}", of(Outcome::Shipped)));
    out.line(format!("known as shipped  {}", of(Outcome::KnownShipped)));
    out.line(format!("still to ship     {}", of(Outcome::Stayed)));
    out.line(format!("in doubt          {}", of(Outcome::InDoubt)));
    out.line(format!("conflicts         {}", of(Outcome::Conflict)));
    for (row, number, outcome) in &done.look {
        let why = match outcome {
            Outcome::Conflict => "left on paper, and meanwhile goes from elsewhere",
            _ => "nobody knows whether it left",
        };
        out.line(format!("LOOK  row {row}, order {number}: {why}"));
    }
    for refused in &done.refused {
        out.line(format!(
            "REFUSED  row {}, order {}: {}; {}",
            refused.row, refused.order, refused.cause, refused.remedy
        ));
    }
    out.line(if done.dry_run {
        "nothing was changed".to_owned()
    } else {
        format!("{} changes made, {} were made before", done.done, done.done_before)
    });
    Ok(())
}

/// The most faults that are printed.
const FAULTS_SHOWN: usize = 20;

fn refused(faults: &[TickFault], out: &Output) -> Failure {
    for fault in faults.iter().take(FAULTS_SHOWN) {
        out.note(format!("  {fault}"));
    }
    Failure::new(
        Code::Found,
        format!("{} rows of the sheet cannot be settled, and nothing was changed", faults.len()),
        "correct the sheet; or say what rows without an answer are with --rest",
    )
}

/// The sheet: words in English or Korean, as people write them.
fn read_ticks(path: &Path) -> Result<Vec<Tick>, Failure> {
    let text = input::text(path)?;
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let failed = |line: u64, cause: String| {
        Failure::input(format!("read {}, line {line}: {cause}", path.display()), "correct the sheet")
    };
    let header = reader.headers().map_err(|error| failed(1, error.to_string()))?.clone();
    let column = |name: &str| header.iter().position(|known| known.trim().eq_ignore_ascii_case(name));
    let (Some(row_at), Some(result_at)) = (column("row"), column("result")) else {
        return Err(failed(1, "the columns row and result are needed".to_owned()));
    };
    let (day_at, tracking_at) = (column("day"), column("tracking"));
    let mut out = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| failed(0, chain(&error)))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or("").trim().to_owned();
        let answer = match cell(Some(result_at)).to_lowercase().as_str() {
            "" => None,
            "shipped" | "x" | "yes" | "y" | "출고" | "예" => Some(Answer::Shipped),
            "stayed" | "no" | "n" | "-" | "미출고" | "아니오" => Some(Answer::Stayed),
            "?" | "unclear" | "불명" => Some(Answer::Unclear),
            other => {
                return Err(failed(line, format!("{other:?} is no result: write shipped, stayed or ?")));
            }
        };
        let day = match cell(day_at).as_str() {
            "" => None,
            text => Some(text.parse().map_err(|error| failed(line, format!("{error}")))?),
        };
        let tracking = Some(cell(tracking_at)).filter(|text| !text.is_empty());
        out.push(Tick { row: cell(Some(row_at)), answer, day, tracking });
    }
    Ok(out)
}
