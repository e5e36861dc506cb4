//! The proof of a copy: it is restored elsewhere, replayed from its first entry, and ends in the state the journal
//! itself had there. What comes of it is recorded where the service shows it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use holdfast_app::port::Head;
use holdfast_journal::sqlite;
use holdfast_journal::verify::{Report, verify, verify_until};
use serde::Serialize;

use super::sealed::{Opener, Scratch};
use super::{Source, failed, unwritten};
use crate::command::serve::database::DatabaseArgs;
use crate::exit::{Code, Failure, chain};
use crate::output::Output;
use crate::world;

#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("source").required(true).args(["journal", "database"])))]
pub struct DrillArgs {
    /// The copy to restore.
    backup: PathBuf,
    /// The journal it is a copy of, to compare with; a writer may go on meanwhile.
    #[arg(long)]
    journal: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
    /// The copy of its keys.
    #[arg(long)]
    keys: Option<PathBuf>,
    /// File with the age identity that opens an encrypted copy.
    #[arg(long)]
    identity: Option<PathBuf>,
    /// Folder where the result is recorded, for the service to show; that of the journal if absent.
    #[arg(long)]
    record: Option<PathBuf>,
}

/// What is recorded of a copy or its proof. The service reads it back: see its `/metrics` and `/api/v1/backups`.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// Milliseconds of Unix time.
    at: i64,
    /// `backup` or `proof`.
    kind: &'static str,
    ok: bool,
    version: u64,
    chain: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_digest: Option<String>,
    /// Seconds it took: for a proof, what a restore takes.
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Record {
    pub fn backup(begun: i64, head: &Head) -> Self {
        let seconds = (now() - begun) as f64 / 1000.0;
        let chain = world::hex(&head.chain);
        Self {
            at: begun,
            kind: "backup",
            ok: true,
            version: head.version,
            chain,
            state_digest: None,
            seconds,
            why: None,
        }
    }
}

/// Milliseconds of Unix time.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Adds a line to the records in a folder.
pub fn note(folder: &Path, record: &Record) -> Result<(), Failure> {
    let path = folder.join(holdfast_web::routes::backups::RECORDS);
    let line = serde_json::to_string(record).map_err(|error| unwritten(&path, &error))?;
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(|error| unwritten(&path, &error))?;
    writeln!(file, "{line}").and_then(|()| file.sync_all()).map_err(|error| unwritten(&path, &error))
}

pub fn drill(args: &DrillArgs, out: &Output) -> Result<Code, Failure> {
    let source = Source::of(args.journal.as_deref(), &args.database)?;
    let record = prove(&source, &args.backup, args.keys.as_deref(), args.identity.as_deref())?;
    note(&args.record.clone().unwrap_or_else(|| source.folder()), &record)?;
    out.json(&record)?;
    Ok(tell(&record, out))
}

pub fn tell(record: &Record, out: &Output) -> Code {
    if record.ok {
        let digest = record.state_digest.as_deref().unwrap_or_default();
        out.line(format!(
            "proved:  restored elsewhere in {:.1} s, version {}",
            record.seconds, record.version
        ));
        out.line(format!("         state digest {digest}, the journal's own"));
        return Code::Ok;
    }
    out.note(format!(
        "error: the copy does not prove itself: {}\n  do: make another copy, and run `holdfast verify` on the journal",
        record.why.as_deref().unwrap_or("it is not the journal's")
    ));
    Code::Journal
}

/// Restores a copy elsewhere and compares it with the journal it was made of.
pub fn prove(
    source: &Source,
    backup: &Path,
    keys: Option<&Path>,
    identity: Option<&Path>,
) -> Result<Record, Failure> {
    let (at, begun) = (now(), Instant::now());
    let scratch = Scratch::new(&std::env::temp_dir())?;
    let to = scratch.path().join("journal");
    let restored = restored(backup, keys, identity, &to)?;
    let seconds = begun.elapsed().as_secs_f64();
    let own = match source {
        Source::File(path) => verify_until(&mut world::open(path)?, restored.head.version).0,
        Source::Database(database) => {
            verify_until(&mut Source::reader(database, scratch.path())?, restored.head.version).0
        }
    };
    let why = differs(&restored, &own);
    Ok(Record {
        at,
        kind: "proof",
        ok: why.is_none(),
        version: restored.head.version,
        chain: world::hex(&restored.head.chain),
        state_digest: Some(world::hex(&restored.digest)),
        seconds,
        why,
    })
}

fn restored(
    backup: &Path,
    keys: Option<&Path>,
    identity: Option<&Path>,
    to: &Path,
) -> Result<Report, Failure> {
    let open = Opener::new(identity, to)?;
    let (backup, keys) = (open.plain(backup)?, keys.map(|keys| open.plain(keys)).transpose()?);
    sqlite::restore(&backup, keys.as_deref(), to).map_err(|error| failed(&error))?;
    Ok(verify(&mut world::open(to)?))
}

fn differs(restored: &Report, own: &Report) -> Option<String> {
    if let Some(fault) = &restored.fault {
        return Some(format!("the restored journal: {}", chain(fault)));
    }
    if let Some(fault) = &own.fault {
        return Some(format!("the journal itself: {}", chain(fault)));
    }
    let here = (restored.head.version, restored.head.chain);
    if here != (own.head.version, own.head.chain) {
        return Some(format!(
            "it ends at version {}, the journal has another chain there",
            restored.head.version
        ));
    }
    (restored.digest != own.digest).then(|| "the same entries end in another state".to_owned())
}
