//! `holdfast backup` and `holdfast restore`: a consistent copy of a journal, its keys apart, and the way back.

use std::path::{Path, PathBuf};

use holdfast_app::port::Journal as _;
use holdfast_app::recover::recover;
use holdfast_domain::id::SubjectId;
use holdfast_journal::sqlite::{self, BackupError};
use serde::Serialize;

use crate::exit::{Code, Failure, chain};
use crate::output::Output;
use crate::world;

#[derive(clap::Args)]
pub struct Args {
    /// The journal; a writer may go on meanwhile.
    journal: PathBuf,
    /// Folder for the copy; it is made if it is not there.
    #[arg(long)]
    to: PathBuf,
    /// Folder for the keys that open people's data; `keys` under the copy's folder if absent.
    #[arg(long)]
    keys: Option<PathBuf>,
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
}

#[derive(Serialize)]
struct Answer {
    journal: PathBuf,
    keys: Option<PathBuf>,
    version: u64,
    chain: String,
    keys_destroyed: usize,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let name = args.journal.file_name().ok_or_else(|| {
        Failure::input(
            format!("back up {}: it is no file", args.journal.display()),
            "name the journal's file",
        )
    })?;
    let keys_folder = args.keys.clone().unwrap_or_else(|| args.to.join("keys"));
    for folder in [&args.to, &keys_folder] {
        make(folder)?;
    }
    let (to, keys) = (args.to.join(name), keys_folder.join(name).with_extension("keys"));
    let head = sqlite::backup(&args.journal, &to, Some(&keys)).map_err(|error| failed(&error))?;
    let answer = Answer {
        journal: to,
        keys: Some(keys),
        version: head.version,
        chain: world::hex(&head.chain),
        keys_destroyed: 0,
    };
    out.json(&answer)?;
    out.line(format!("copied up to version {}, chain {}", answer.version, answer.chain));
    out.line(format!("journal: {}", answer.journal.display()));
    if let Some(keys) = &answer.keys {
        out.line(format!("keys:    {} (keep them in another place than the journal)", keys.display()));
    }
    Ok(Code::Ok)
}

pub fn restore(args: &RestoreArgs, out: &Output) -> Result<Code, Failure> {
    let head =
        sqlite::restore(&args.backup, args.keys.as_deref(), &args.to).map_err(|error| failed(&error))?;
    let mut journal = world::open(&args.to)?;
    let recovered = recover(&mut journal, None).map_err(|error| world::broken(&args.to, &error))?;
    // The copy of the keys may be older than an erasure that the journal holds.
    let subjects = recovered.engine.state.subjects.iter();
    let erased: Vec<SubjectId> = subjects.filter(|(_, known)| known.erased).map(|(id, _)| id).collect();
    journal.destroy_keys(&erased).map_err(|error| world::broken(&args.to, &error))?;
    let answer = Answer {
        journal: args.to.clone(),
        keys: args.keys.clone(),
        version: head.version,
        chain: world::hex(&head.chain),
        keys_destroyed: erased.len(),
    };
    out.json(&answer)?;
    out.line(format!("restored version {}, chain {}", answer.version, answer.chain));
    out.line(format!("people erased before: {}; their keys are destroyed again", answer.keys_destroyed));
    if answer.keys.is_none() {
        out.line("no keys were given: names, addresses and mails stay sealed");
    }
    Ok(Code::Ok)
}

fn make(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::input(
            format!("make folder {}: {error}", folder.display()),
            "check the path and its permissions",
        )
    })
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
