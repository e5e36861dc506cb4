//! `holdfast migrate`: a journal from its file into PostgreSQL, byte for byte, read back and compared.

use std::path::{Path, PathBuf};
use std::time::Duration;

use holdfast_journal::postgres::{
    Durability, MigrateError, Options, PostgresError, PostgresJournal, migrate,
};
use serde::Serialize;

use crate::exit::{Code, Failure, chain};
use crate::output::Output;
use crate::world;

/// How a database is reached.
#[derive(clap::Args)]
pub struct Database {
    /// The database: `host=a,b,c port=5432 dbname=holdfast user=holdfast`, or a `postgresql://` address. The
    /// password may stand in HOLDFAST_DATABASE_PASSWORD.
    #[arg(long, env = "HOLDFAST_DATABASE", hide_env_values = true)]
    database: String,
    /// Certificates (PEM) of who vouches for the servers.
    #[arg(long)]
    database_ca: Option<PathBuf>,
    /// Accept a server without synchronous standbys: its loss loses what no backup has.
    #[arg(long)]
    one_server: bool,
    /// Seconds a request may take.
    #[arg(long, default_value_t = 30)]
    database_seconds: u64,
}

impl Database {
    /// Opens the journal in it; `local` is where the files beside it stand.
    pub fn open(&self, local: &Path) -> Result<PostgresJournal, Failure> {
        let mut options = Options::new(&self.database, local);
        if self.one_server {
            options.durability = Durability::OneServer;
        }
        options.password = std::env::var("HOLDFAST_DATABASE_PASSWORD").ok();
        options.root_certificates.clone_from(&self.database_ca);
        options.request_max = Duration::from_secs(self.database_seconds.clamp(1, 3_600));
        PostgresJournal::open(options).map_err(|error| unopened(&error))
    }
}

fn unopened(error: &PostgresError) -> Failure {
    let remedy = match error {
        PostgresError::NoQuorum => {
            "set synchronous_standby_names as docs/how-to/postgresql.md says, or add --one-server"
        }
        PostgresError::Bare | PostgresError::Certificates { .. } => {
            "name the certificates with --database-ca, or say sslmode=disable on a network that is safe"
        }
        _ => {
            "check the connection string and that a primary answers; docs/how-to/postgresql.md shows a set-up"
        }
    };
    Failure::new(Code::Journal, chain(error), remedy)
}

#[derive(clap::Args)]
pub struct Args {
    /// The journal's file. It stays as it is; stop the service that runs on it first.
    journal: PathBuf,
    #[command(flatten)]
    database: Database,
}

#[derive(Serialize)]
struct Answer {
    version: u64,
    chain: String,
    state_digest: String,
    groups: u64,
    keys: u64,
    artefacts: u64,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    drop(world::open(&args.journal)?);
    let mut local = args.journal.clone().into_os_string();
    local.push(".postgresql");
    let mut journal = args.database.open(Path::new(&local))?;
    let mut told = 0;
    let moved = migrate(&args.journal, &mut journal, &mut |version| {
        if version >= told + 100_000 {
            told = version;
            out.note(format!("… version {version}"));
        }
    })
    .map_err(|error| unmoved(&error))?;
    let answer = Answer {
        version: moved.head.version,
        chain: world::hex(&moved.head.chain),
        state_digest: world::hex(&moved.digest),
        groups: moved.groups,
        keys: moved.keys,
        artefacts: moved.artefacts,
    };
    out.json(&answer)?;
    out.line(format!("moved         {} entries in {} groups", answer.version, answer.groups));
    out.line(format!("with them     {} keys, {} plans and price tables", answer.keys, answer.artefacts));
    out.line(format!("chain head    {}, the same on both sides", answer.chain));
    out.line(format!("state digest  {}, the same on both sides", answer.state_digest));
    out.line("the file is as it was; no service can write to it any more without taking it over");
    Ok(Code::Ok)
}

fn unmoved(error: &MigrateError) -> Failure {
    let remedy = match error {
        MigrateError::NotEmpty(_) => "name an empty database, or drop the schemas holdfast and holdfast_keys",
        MigrateError::Source(_) => "stop the service that runs on it, and run `holdfast verify` on it",
        MigrateError::Different | MigrateError::Faulty { .. } => {
            "keep working on the file; drop the schemas holdfast and holdfast_keys before another try"
        }
        _ => "nothing was changed in the database; mend what is said and run it again",
    };
    Failure::new(Code::Journal, chain(error), remedy)
}
