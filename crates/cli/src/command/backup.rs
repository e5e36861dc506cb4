//! `holdfast backup`, `holdfast restore` and `holdfast drill-restore`: a consistent copy of a journal while it is written
//! to, its keys apart; the way back, to any point in time; and the proof that the way back leads there.

mod prove;
mod sealed;

use std::path::{Path, PathBuf};

use holdfast_app::port::{Head, Journal as _};
use holdfast_app::recover::recover;
use holdfast_domain::id::SubjectId;
use holdfast_domain::time::Stamp;
use holdfast_journal::files::kept::KeptFile;
use holdfast_journal::postgres::{Beside, PostgresJournal, Role, copy_out};
use holdfast_journal::sqlite::{self, BackupError};
use serde::Serialize;

use super::serve::database::{DatabaseArgs, options, unopened};
use crate::exit::{Code, Failure, chain};
use crate::output::Output;
use crate::world;

pub use prove::{DrillArgs, drill};
pub use sealed::Scratch;

/// Small files that stand beside the journal and are copied with it.
const BESIDE: [&str; 2] = ["access.db", "inbox.db"];
/// What a journal that comes out of a database is called.
const JOURNAL: &str = "holdfast.db";

#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("source").required(true).args(["journal", "database"])))]
pub struct Args {
    /// The journal; a writer may go on meanwhile.
    journal: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
    /// Folder for the copy; it is made if it is not there.
    #[arg(long)]
    to: PathBuf,
    /// Folder for the keys that open people's data; `keys` under the copy's folder if absent.
    #[arg(long)]
    keys: Option<PathBuf>,
    /// Whom to encrypt every file to (age1…); may be repeated.
    #[arg(long = "encrypt-to")]
    recipients: Vec<String>,
    /// Restore the copy elsewhere at once, compare the state's hash with the journal's own, and record the result.
    #[arg(long)]
    prove: bool,
    /// File with the age identity that opens the copy, to prove an encrypted one.
    #[arg(long)]
    identity: Option<PathBuf>,
    /// Folder where it is recorded, for the service to show; that of the journal if absent.
    #[arg(long)]
    record: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct RestoreArgs {
    /// The copy.
    backup: PathBuf,
    /// Where the journal is to be; nothing may be there.
    #[arg(long)]
    to: PathBuf,
    /// The copy of its keys; without it nobody's data can be opened.
    #[arg(long)]
    keys: Option<PathBuf>,
    /// File with the age identity that opens an encrypted copy.
    #[arg(long)]
    identity: Option<PathBuf>,
    /// Only what had happened by this moment, such as 2026-11-23T01:30:00Z.
    #[arg(long, conflicts_with = "until")]
    at: Option<Stamp>,
    /// Only up to this version.
    #[arg(long)]
    until: Option<u64>,
}

#[derive(Serialize)]
struct Answer {
    journal: PathBuf,
    keys: Option<PathBuf>,
    beside: Vec<PathBuf>,
    version: u64,
    chain: String,
    keys_destroyed: usize,
    encrypted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<prove::Record>,
}

/// What is copied.
pub(super) enum Source {
    File(PathBuf),
    Database(Box<holdfast_web::config::Database>),
}

impl Source {
    fn of(journal: Option<&Path>, database: &DatabaseArgs) -> Result<Self, Failure> {
        match (database.over(None), journal) {
            (Some(database), _) => Ok(Self::Database(Box::new(database))),
            (None, Some(path)) => Ok(Self::File(path.to_owned())),
            (None, None) => {
                Err(Failure::new(Code::Usage, "no journal is named", "name a file, or --database"))
            }
        }
    }

    /// The copy's file name.
    fn name(&self) -> Result<PathBuf, Failure> {
        match self {
            Self::Database(_) => Ok(PathBuf::from(JOURNAL)),
            Self::File(path) => path.file_name().map(PathBuf::from).ok_or_else(|| {
                Failure::input(
                    format!("back up {}: it is no file", path.display()),
                    "name the journal's file",
                )
            }),
        }
    }

    /// The folder of what stands beside it.
    fn folder(&self) -> PathBuf {
        match self {
            Self::File(path) => path.parent().map_or_else(PathBuf::new, Path::to_owned),
            Self::Database(_) => PathBuf::from("."),
        }
    }

    /// A reader on a database, whose files beside it stand in `local`.
    fn reader(database: &holdfast_web::config::Database, local: &Path) -> Result<PostgresJournal, Failure> {
        PostgresJournal::open(options(database, local, Role::Reader)).map_err(|error| unopened(&error))
    }

    fn copy(&self, to: &Path, keys: &Path) -> Result<Head, Failure> {
        match self {
            Self::File(path) => sqlite::backup(path, to, Some(keys)).map_err(|error| failed(&error)),
            Self::Database(database) => {
                let local = Scratch::new(to.parent().unwrap_or(Path::new(".")))?;
                let mut journal = Self::reader(database, local.path())?;
                copy_out(&mut journal, to, Some(keys)).map_err(|error| {
                    Failure::new(
                        Code::Journal,
                        chain(&error),
                        "check the database and the folder, and run it again",
                    )
                })
            }
        }
    }

    /// Copies what stands beside the journal, as far as it is there.
    fn copy_beside(&self, to: &Path) -> Result<Vec<PathBuf>, Failure> {
        let mut made = Vec::new();
        for name in BESIDE {
            let bytes = match self {
                Self::File(path) => {
                    let path = path.with_file_name(name);
                    if !path.exists() {
                        continue;
                    }
                    let copied = KeptFile::open(&path).and_then(|file| file.changed());
                    copied.map_err(|error| unwritten(&path, &error))?.map(|(_, bytes)| bytes)
                }
                Self::Database(database) => {
                    let mut beside =
                        Beside::new(options(database, to, Role::Writer)).map_err(|e| unopened(&e))?;
                    beside.pull(name, None).map_err(|error| unopened(&error))?.map(|kept| kept.bytes)
                }
            };
            let Some(bytes) = bytes else { continue };
            let path = to.join(name);
            if path.exists() {
                return Err(failed(&BackupError::Exists { path }));
            }
            sealed::private(&path, &bytes).map_err(|error| unwritten(&path, &error))?;
            made.push(path);
        }
        Ok(made)
    }
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let source = Source::of(args.journal.as_deref(), &args.database)?;
    let recipients = sealed::recipients(&args.recipients)?;
    if args.prove && !recipients.is_empty() && args.identity.is_none() {
        return Err(Failure::new(
            Code::Usage,
            "an encrypted copy cannot be proved without what opens it",
            "add --identity FILE, or prove it elsewhere with `holdfast drill-restore`",
        ));
    }
    let begun = prove::now();
    let name = source.name()?;
    let keys_folder = args.keys.clone().unwrap_or_else(|| args.to.join("keys"));
    for folder in [&args.to, &keys_folder] {
        make(folder)?;
    }
    let (mut to, mut keys) = (args.to.join(&name), keys_folder.join(&name).with_extension("keys"));
    for path in [&to, &keys] {
        let locked = sealed::named(path);
        if locked.exists() {
            return Err(failed(&BackupError::Exists { path: locked }));
        }
    }
    let head = source.copy(&to, &keys)?;
    let mut beside = source.copy_beside(&args.to)?;
    if !recipients.is_empty() {
        for path in [&mut to, &mut keys].into_iter().chain(&mut beside) {
            *path = sealed::lock(path, &recipients)?;
        }
    }
    let records = args.record.clone().unwrap_or_else(|| source.folder());
    prove::note(&records, &prove::Record::backup(begun, &head))?;
    let proof = match args.prove {
        false => None,
        true => {
            let proof = prove::prove(&source, &to, Some(&keys), args.identity.as_deref())?;
            prove::note(&records, &proof)?;
            Some(proof)
        }
    };
    let answer = Answer {
        journal: to,
        keys: Some(keys),
        beside,
        version: head.version,
        chain: world::hex(&head.chain),
        keys_destroyed: 0,
        encrypted: !recipients.is_empty(),
        proof,
    };
    out.json(&answer)?;
    out.line(format!("copied up to version {}, chain {}", answer.version, answer.chain));
    out.line(format!("journal: {}", answer.journal.display()));
    if let Some(keys) = &answer.keys {
        out.line(format!("keys:    {} (keep them in another place than the journal)", keys.display()));
    }
    for path in &answer.beside {
        out.line(format!("beside:  {}", path.display()));
    }
    Ok(answer.proof.as_ref().map_or(Code::Ok, |proof| prove::tell(proof, out)))
}

pub fn restore(args: &RestoreArgs, out: &Output) -> Result<Code, Failure> {
    let open = sealed::Opener::new(args.identity.as_deref(), &args.to)?;
    let (backup, keys) =
        (open.plain(&args.backup)?, args.keys.as_deref().map(|keys| open.plain(keys)).transpose()?);
    sqlite::restore(&backup, keys.as_deref(), &args.to).map_err(|error| failed(&error))?;
    if let Some(until) = until(args)? {
        sqlite::cut(&args.to, until).map_err(|error| failed(&error))?;
    }
    let beside = beside_back(&args.backup, &args.to, &open)?;
    let mut journal = world::open(&args.to)?;
    let head = journal.head().map_err(|error| world::broken(&args.to, &error))?;
    let recovered = recover(&mut journal, None).map_err(|error| world::broken(&args.to, &error))?;
    // The copy of the keys may be older than an erasure that the journal holds.
    let subjects = recovered.engine.state.subjects.iter();
    let erased: Vec<SubjectId> = subjects.filter(|(_, known)| known.erased).map(|(id, _)| id).collect();
    journal.destroy_keys(&erased).map_err(|error| world::broken(&args.to, &error))?;
    let answer = Answer {
        journal: args.to.clone(),
        keys: args.keys.clone(),
        beside,
        version: head.version,
        chain: world::hex(&head.chain),
        keys_destroyed: erased.len(),
        encrypted: false,
        proof: None,
    };
    out.json(&answer)?;
    out.line(format!("restored version {}, chain {}", answer.version, answer.chain));
    out.line(format!("people erased before: {}; their keys are destroyed again", answer.keys_destroyed));
    for path in &answer.beside {
        out.line(format!("beside it: {}", path.display()));
    }
    if answer.keys.is_none() {
        out.line("no keys were given: names, addresses and mails stay sealed");
    }
    Ok(Code::Ok)
}

/// The last version that is wanted; `None` for all of them.
fn until(args: &RestoreArgs) -> Result<Option<u64>, Failure> {
    let Some(at) = args.at else { return Ok(args.until) };
    let mut journal = world::open(&args.to)?;
    let broken = |error: &dyn std::error::Error| world::broken(&args.to, error);
    let mut until = 0;
    for group in journal.read(0).map_err(|error| broken(&error))? {
        let group = group.map_err(|error| broken(&error))?;
        // Stamps never run backwards, so the last entry is the latest.
        if group.entries.last().is_some_and(|entry| entry.at > at) {
            break;
        }
        until = group.head.version;
    }
    Ok(Some(until))
}

/// Puts back what was copied with the journal, where nothing is.
fn beside_back(backup: &Path, to: &Path, open: &sealed::Opener) -> Result<Vec<PathBuf>, Failure> {
    let mut made = Vec::new();
    for name in BESIDE {
        let plain = backup.with_file_name(name);
        let source = [plain.clone(), sealed::named(&plain)].into_iter().find(|path| path.exists());
        let target = to.with_file_name(name);
        let Some(source) = source.filter(|source| !target.exists() && *source != target) else { continue };
        let bytes = std::fs::read(open.plain(&source)?).map_err(|error| unwritten(&source, &error))?;
        sealed::private(&target, &bytes).map_err(|error| unwritten(&target, &error))?;
        made.push(target);
    }
    Ok(made)
}

fn make(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::input(
            format!("make folder {}: {error}", folder.display()),
            "check the path and its permissions",
        )
    })
}

fn unwritten(path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::input(format!("{}: {}", path.display(), chain(error)), "check the path and its permissions")
}

fn failed(error: &BackupError) -> Failure {
    let (code, remedy) = match error {
        BackupError::Exists { .. } => (Code::Input, "choose another folder, or move away what is there"),
        BackupError::Missing { .. } | BackupError::File { .. } => {
            (Code::Input, "check the path and its permissions")
        }
        BackupError::Open(_) | BackupError::Read(_) | BackupError::Sqlite(_) => {
            (Code::Journal, "run `holdfast verify` on the source, and use an older copy if it is damaged")
        }
    };
    Failure::new(code, chain(error), remedy)
}
