//! The journal in PostgreSQL, for whom one machine is not enough.
//!
//! Invariants: a group is one transaction on a quorum of servers before [`Journal::append`] returns; the expected
//! head and the epoch are checked by the very statement that appends; keys are committed with the group that needs
//! them. An outcome that is not known (a lost connection, a commit that waited too long, a wait that was cancelled,
//! which the server reports as success with a warning) is never an acknowledgement: the next thing this journal
//! does is a commit of its own that waits for the same standbys and for the same row, after which what is read is
//! durable. The epoch fences writers of one primary; that a primary which was left behind cannot acknowledge is the
//! quorum's doing (see `docs/explanation/postgresql.md`).

mod beside;
mod copy_out;
mod migrate;
mod read;
mod schema;
mod session;
mod succession;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use holdfast_app::port::{AppendError, Group, Groups, Head, Journal, ReadError, Snapshot, SubjectKey};
use holdfast_domain::id::SubjectId;
use holdfast_domain::table::Digest;
use tokio::runtime::Runtime;
use tokio_postgres::error::Severity;

use crate::files::FileError;
use crate::files::snapshots::Snapshots;
use crate::files::witness::{self, Witness};
use crate::format;
use crate::sqlite::ARTEFACT_BYTES_MAX;

pub use beside::{Beside, FILE_BYTES_MAX, Kept};
pub use copy_out::{CopyOutError, copy_out};
pub use migrate::{MigrateError, Migrated, migrate};
pub use schema::LAYOUT;
pub use session::{Durability, Options, Role};
pub use succession::Seat;

use session::Session;

/// Appends a group if the writer's row is as expected: one statement, so that nothing can come between.
const APPEND: &str = "
    WITH held AS (
        UPDATE holdfast.writer SET version = $4, chain = $5
        WHERE id = 1 AND epoch = $1 AND version = $2 AND chain = $3
          AND (NOT $8 OR current_setting('synchronous_standby_names') <> '')
        RETURNING 1),
    appended AS (
        INSERT INTO holdfast.groups (first, last, chain, size, bytes)
        SELECT $6::bigint, $4::bigint, $5::bytea, octet_length($7::bytea), $7::bytea FROM held),
    kept AS (
        INSERT INTO holdfast_keys.keys (subject, version, key, check_sum)
        SELECT s, $6::bigint, k, c FROM held, unnest($9::bigint[], $10::bytea[], $11::bytea[]) AS brought (s, k, c)),
    stored AS (
        INSERT INTO holdfast.artefacts (digest, hash, bytes)
        SELECT d, h, b FROM held, unnest($12::bytea[], $13::bytea[], $14::bytea[]) AS named (d, h, b)
        ON CONFLICT (digest) DO NOTHING)
    SELECT count(*) FROM held";

/// Why a database is not used as a journal, or failed as one.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// The database failed, or the connection to it.
    #[error("ask the database")]
    Database(#[from] tokio_postgres::Error),
    /// Nothing came back in time.
    #[error("ask the database: no answer within {0:?}; is a primary with a standby in reach?")]
    TooLong(Duration),
    /// A connection over a network that anybody could read.
    #[error(
        "connect to the database: it is on another machine and no certificates were named; name them, or say \
         sslmode=disable where the network itself is safe"
    )]
    Bare,
    /// The certificates are none.
    #[error("read the certificates in {path}: {why}")]
    Certificates {
        /// Where they should be.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Nothing has ever been written.
    #[error("open the journal: the database has no tables of it; a writer makes them")]
    NoTables,
    /// A newer program's.
    #[error(
        "open the journal: its tables have layout {found}, this program knows up to {LAYOUT}; use the newer program"
    )]
    TooNew {
        /// The layout it has.
        found: i32,
    },
    /// A setting without which an acknowledged group could be lost.
    #[error("open the journal: the server's {setting} is {found:?} and has to be {wanted:?}")]
    Unsafe {
        /// Which setting.
        setting: &'static str,
        /// What it is.
        found: String,
        /// What it has to be.
        wanted: &'static str,
    },
    /// No standby has to confirm.
    #[error(
        "open the journal: the server's synchronous_standby_names is empty, so that its loss would lose what was \
         acknowledged; set it (for example 'ANY 1 (b, c)'), or ask for one server's durability by name"
    )]
    NoQuorum,
    /// A commit succeeded with a warning: perhaps on this server only.
    #[error("commit: the server does not say whether a standby has it")]
    Warned,
    /// A file beside the journal could not be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The group has no bytes.
    #[error(transparent)]
    Format(#[from] format::FormatError),
    /// The same digest stands for something else already.
    #[error("keep artefact: another one is kept under the same digest")]
    OtherArtefact,
    /// An artefact over the limit.
    #[error("keep artefact: its {0} bytes are over the limit of {ARTEFACT_BYTES_MAX}")]
    LargeArtefact(usize),
    /// The runtime could not be made.
    #[error("start the connection's runtime")]
    Runtime(#[source] std::io::Error),
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(Box<ReadError>),
    /// The connection that held the lease broke, and somebody else has the lease now.
    #[error("keep the writer's lease: another writer has it")]
    LeaseLost,
    /// A file over the limit.
    #[error("keep {name} in the database: its {bytes} bytes are over the limit of {FILE_BYTES_MAX}")]
    LargeFile {
        /// Which.
        name: String,
        /// How large.
        bytes: usize,
    },
}

fn failed(error: impl Into<PostgresError>) -> AppendError {
    AppendError::Failed(Box::new(error.into()))
}

impl PostgresError {
    /// Whether the server itself refused the request, so that nothing of it was done.
    fn is_refusal(&self) -> bool {
        let Self::Database(error) = self else { return false };
        error.as_db_error().is_some_and(|refused| refused.parsed_severity() == Some(Severity::Error))
    }
}

/// A journal in a database.
#[derive(Debug)]
pub struct PostgresJournal {
    options: Options,
    session: Option<Session>,
    /// Whether a commit's outcome is unknown, so that nothing may be read before it is settled.
    unsure: bool,
    leased: bool,
    /// Whether it had the lease once: from then on it writes with it or not at all.
    keeps_lease: bool,
    witness: Witness,
    snapshots: Snapshots,
    // Last, so that it outlives the session.
    runtime: Runtime,
}

impl PostgresJournal {
    /// Connects, makes the tables where there are none, and checks what durability needs.
    ///
    /// # Errors
    /// [`PostgresError`].
    pub fn open(options: Options) -> Result<Self, PostgresError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(PostgresError::Runtime)?;
        let mut journal = Self {
            witness: Witness::open(&options.local, true)?,
            snapshots: Snapshots::beside(&options.local),
            options,
            session: None,
            unsure: false,
            leased: false,
            keeps_lease: false,
            runtime,
        };
        journal.connect()?;
        journal.head().map_err(|error| PostgresError::Unreadable(Box::new(error)))?;
        Ok(journal)
    }

    /// Tries to get the one writer's lease, which lasts as long as this connection. Followers try again and again;
    /// who has it takes the journal over.
    ///
    /// # Errors
    /// [`PostgresError`].
    pub fn try_lease(&mut self) -> Result<bool, PostgresError> {
        self.connect()?;
        self.lease()
    }

    fn lease(&mut self) -> Result<bool, PostgresError> {
        if !self.leased {
            self.leased = self.ask(async |client| {
                Ok(client.query_one("SELECT pg_try_advisory_lock($1)", &[&schema::LEASE]).await?.get(0))
            })?;
            self.keeps_lease |= self.leased;
        }
        Ok(self.leased)
    }

    /// How old what this server shows may be, from the newest transaction a standby has replayed; `None` from a
    /// primary, or where nothing was replayed yet.
    ///
    /// # Errors
    /// [`PostgresError`].
    pub fn age(&mut self) -> Result<Option<Duration>, PostgresError> {
        self.connect()?;
        let select = "SELECT CASE WHEN pg_is_in_recovery() THEN \
                      extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 END";
        let seconds: Option<f64> =
            self.ask(async |client| Ok(client.query_one(select, &[]).await?.get(0)))?;
        Ok(seconds.map(|seconds| Duration::from_secs_f64(seconds.max(0.0))))
    }

    /// Connects where there is no connection, and settles what is not known.
    fn connect(&mut self) -> Result<(), PostgresError> {
        if self.session.as_ref().is_some_and(|session| session.client.is_closed()) {
            self.session = None;
        }
        if self.session.is_some() && !self.unsure {
            return Ok(());
        }
        let mut last = None;
        for host in session::hosts(&self.options)? {
            match self.connect_to(&host) {
                Ok(()) => return Ok(()),
                Err(PostgresError::LeaseLost) => {
                    self.session = None;
                    return Err(PostgresError::LeaseLost);
                }
                Err(error) => {
                    self.session = None;
                    last = Some(error);
                }
            }
        }
        Err(last.expect("a connection string names a host, or its parser adds one"))
    }

    /// Connects to one host. A writer commits there at once: only a server that can have a commit confirmed is the
    /// primary, whatever it says of itself. The commit waits for the writer's row, which an unfinished commit still
    /// holds, and for the standbys, which get it after everything before it: what is read from here on is durable.
    fn connect_to(&mut self, host: &tokio_postgres::Config) -> Result<(), PostgresError> {
        self.leased = false;
        let session = Session::open(&self.runtime, &self.options, host)?;
        schema::prepare(&self.runtime, &session, &self.options)?;
        self.session = Some(session);
        if self.options.role == Role::Writer {
            let settle = "UPDATE holdfast.writer SET settled = settled + 1 WHERE id = 1 AND \
                 (NOT $1 OR current_setting('synchronous_standby_names') <> '') RETURNING epoch, version, chain";
            self.commit(settle).map_err(|(error, _)| error)?;
        }
        // Only now: a server that has proved itself the primary is the one whose locks count.
        if self.keeps_lease && !self.lease()? {
            return Err(PostgresError::LeaseLost);
        }
        self.unsure = false;
        Ok(())
    }

    /// Asks what changes nothing. A connection that fails is dropped: the next request makes another.
    fn ask<T>(
        &mut self,
        request: impl AsyncFnOnce(&tokio_postgres::Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, PostgresError> {
        let session = self.session.as_ref().expect("a request follows a connection");
        let answer = session.run(&self.runtime, &self.options, request(&session.client));
        if answer.as_ref().is_err_and(|error| !error.is_refusal()) {
            self.session = None;
        }
        answer
    }

    /// Changes the writer's row durably. The flag says whether the outcome is unknown.
    fn commit(&mut self, statement: &str) -> Result<Head, (PostgresError, bool)> {
        let quorum = self.options.durability == Durability::Quorum;
        let row = self
            .write(async |client| client.query_opt(statement, &[&quorum]).await)?
            .ok_or((PostgresError::NoQuorum, false))?;
        Ok(read::head_of(&row))
    }

    /// Sends one statement that commits by itself.
    fn write<T>(
        &mut self,
        request: impl AsyncFnOnce(&tokio_postgres::Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, (PostgresError, bool)> {
        let session = self.session.as_ref().expect("a request follows a connection");
        let _ = session.has_warned();
        let answer = session.run(&self.runtime, &self.options, request(&session.client));
        match answer {
            Ok(_) if session.has_warned() => {
                (self.session, self.unsure) = (None, true);
                Err((PostgresError::Warned, true))
            }
            Ok(value) => Ok(value),
            Err(error) if error.is_refusal() => Err((error, false)),
            Err(error) => {
                (self.session, self.unsure) = (None, true);
                Err((error, true))
            }
        }
    }

    /// The statement that appends, prepared on this connection.
    fn append_statement(&mut self) -> Result<tokio_postgres::Statement, PostgresError> {
        let known = self.session.as_ref().and_then(|session| session.append.clone());
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.ask(async |client| client.prepare(APPEND).await)?;
        if let Some(session) = &mut self.session {
            session.append = Some(statement.clone());
        }
        Ok(statement)
    }

    fn reader(&mut self) -> Result<(), ReadError> {
        self.connect().map_err(storage)
    }

    /// Refuses a digest that stands for other bytes, before anything is written.
    fn check_artefacts(&mut self, artefacts: &BTreeMap<&Digest, Stored<'_>>) -> Result<(), AppendError> {
        if let Some(large) = artefacts.values().find(|stored| stored.bytes.len() > ARTEFACT_BYTES_MAX) {
            return Err(failed(PostgresError::LargeArtefact(large.bytes.len())));
        }
        if artefacts.is_empty() {
            return Ok(());
        }
        let digests: Vec<&[u8]> = artefacts.keys().map(|digest| &digest[..]).collect();
        let select = "SELECT digest, hash FROM holdfast.artefacts WHERE digest = ANY ($1)";
        let rows = self.ask(async |client| client.query(select, &[&digests]).await).map_err(failed)?;
        let other = |row: &tokio_postgres::Row| {
            let (digest, hash): (Vec<u8>, Vec<u8>) = (row.get(0), row.get(1));
            let named = Digest::try_from(digest).ok().and_then(|digest| artefacts.get(&digest));
            named.is_none_or(|stored| stored.hash[..] != hash)
        };
        if rows.iter().any(other) { Err(failed(PostgresError::OtherArtefact)) } else { Ok(()) }
    }
}

/// An artefact on its way into its table.
struct Stored<'a> {
    hash: [u8; 32],
    bytes: &'a [u8],
}

fn stored(group: &Group) -> Result<BTreeMap<&Digest, Stored<'_>>, AppendError> {
    let mut out = BTreeMap::new();
    for (digest, bytes) in &group.artefacts {
        let hash = *blake3::hash(bytes).as_bytes();
        if out.insert(digest, Stored { hash, bytes }).is_some_and(|before| before.hash != hash) {
            return Err(failed(PostgresError::OtherArtefact));
        }
    }
    Ok(out)
}

fn storage(error: PostgresError) -> ReadError {
    match error {
        PostgresError::Unreadable(error) => *error,
        PostgresError::LeaseLost => ReadError::Superseded,
        error => ReadError::Storage(Box::new(error)),
    }
}

impl Journal for PostgresJournal {
    fn take_over(&mut self) -> Result<Head, AppendError> {
        self.head().map_err(|error| failed(PostgresError::Unreadable(Box::new(error))))?;
        let statement = "UPDATE holdfast.writer SET epoch = epoch + 1 WHERE id = 1 AND \
             (NOT $1 OR current_setting('synchronous_standby_names') <> '') RETURNING epoch, version, chain";
        self.commit(statement).map_err(appended)
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        // The witness first: a group that is appended meanwhile must not look like one that was lost.
        let seen = self.witness.read()?;
        self.reader()?;
        let head = self.ask(read::head).map_err(storage)?;
        // A standby may be behind what this machine saw acknowledged; that is its age and no loss.
        if self.options.role == Role::Writer {
            witness::compare(seen, head)?;
        }
        Ok(head)
    }

    fn append(&mut self, expected: Head, group: &Group) -> Result<Head, AppendError> {
        let bytes = format::encode(expected.epoch, group).map_err(failed)?;
        let first = expected.version + 1;
        let chain = format::chain(&expected.chain, first, &bytes);
        let head = Head { version: expected.version + group.entries.len() as u64, chain, ..expected };
        self.connect().map_err(|error| match error {
            PostgresError::LeaseLost => {
                AppendError::Fenced { found: expected.version, epoch: expected.epoch }
            }
            error => failed(error),
        })?;
        let stored = stored(group)?;
        self.check_artefacts(&stored)?;
        // The last key of a subject is the one that counts, as in the order of its events.
        let keys: BTreeMap<SubjectId, &SubjectKey> =
            group.subject_keys.iter().map(|(subject, key)| (*subject, key)).collect();
        let subjects: Vec<i64> = keys.keys().map(|subject| i64::from(subject.0)).collect();
        let sums: Vec<Vec<u8>> =
            keys.iter().map(|(subject, key)| crate::keys::check_sum(*subject, key).to_vec()).collect();
        let keys: Vec<&[u8]> = keys.values().map(|key| &key.0[..]).collect();
        let digests: Vec<&[u8]> = stored.keys().map(|digest| &digest[..]).collect();
        let hashes: Vec<&[u8]> = stored.values().map(|stored| &stored.hash[..]).collect();
        let contents: Vec<&[u8]> = stored.values().map(|stored| stored.bytes).collect();
        let quorum = self.options.durability == Durability::Quorum;
        let statement = self.append_statement().map_err(failed)?;
        let written = self.write(async |client| {
            let row = client
                .query_one(
                    &statement,
                    &[
                        &expected.epoch.cast_signed(),
                        &expected.version.cast_signed(),
                        &&expected.chain[..],
                        &head.version.cast_signed(),
                        &&head.chain[..],
                        &first.cast_signed(),
                        &bytes,
                        &quorum,
                        &subjects,
                        &keys,
                        &sums,
                        &digests,
                        &hashes,
                        &contents,
                    ],
                )
                .await?;
            Ok(row.get::<_, i64>(0))
        });
        if written.map_err(appended)? == 1 {
            self.witness.write(head);
            return Ok(head);
        }
        let found = self.ask(read::head).map_err(failed)?;
        if found == expected {
            return Err(failed(PostgresError::NoQuorum));
        }
        Err(AppendError::Fenced { found: found.version, epoch: found.epoch })
    }

    fn read(&mut self, after: u64) -> Result<Groups<'_>, ReadError> {
        let head = self.head()?;
        read::groups(self, after, head)
    }

    fn artefact(&mut self, digest: &Digest) -> Result<Option<Vec<u8>>, ReadError> {
        self.reader()?;
        let select = "SELECT hash, bytes FROM holdfast.artefacts WHERE digest = $1";
        let row =
            self.ask(async |client| client.query_opt(select, &[&&digest[..]]).await).map_err(storage)?;
        let Some(row) = row else { return Ok(None) };
        let (hash, bytes): (Vec<u8>, Vec<u8>) = (row.get(0), row.get(1));
        if blake3::hash(&bytes).as_bytes()[..] != hash {
            let why = "an artefact's bytes do not have the hash they were written with".to_owned();
            return Err(ReadError::Damaged { after: self.head()?.version, why });
        }
        Ok(Some(bytes))
    }

    fn subject_key(&mut self, subject: SubjectId) -> Result<Option<SubjectKey>, ReadError> {
        self.reader()?;
        let select = "SELECT version, key, check_sum FROM holdfast_keys.keys WHERE subject = $1 \
                      ORDER BY version DESC LIMIT 1";
        let id = i64::from(subject.0);
        let row = self.ask(async |client| client.query_opt(select, &[&id]).await).map_err(storage)?;
        let Some(row) = row else { return Ok(None) };
        let (key, sum): (Vec<u8>, Vec<u8>) = (row.get(1), row.get(2));
        let key = <[u8; 32]>::try_from(key).ok().map(SubjectKey);
        match key.filter(|key| crate::keys::check_sum(subject, key)[..] == sum) {
            Some(key) => Ok(Some(key)),
            None => Err(ReadError::Damaged {
                after: row.get::<_, i64>(0).cast_unsigned(),
                why: format!("the key of {subject} is not the one that was written"),
            }),
        }
    }

    fn destroy_keys(&mut self, subjects: &[SubjectId]) -> Result<(), AppendError> {
        if subjects.is_empty() {
            return Ok(());
        }
        self.connect().map_err(failed)?;
        let ids: Vec<i64> = subjects.iter().map(|subject| i64::from(subject.0)).collect();
        let delete = "DELETE FROM holdfast_keys.keys WHERE subject = ANY ($1)";
        let deleted = self.write(async |client| client.execute(delete, &[&ids]).await).map_err(appended)?;
        if deleted > 0 {
            // The rows' bytes leave the table's pages with this; those of the log leave with its segments.
            self.ask(async |client| client.batch_execute("VACUUM holdfast_keys.keys").await)
                .map_err(failed)?;
        }
        Ok(())
    }

    fn keep_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), AppendError> {
        self.snapshots.keep(snapshot).map_err(failed)
    }

    fn snapshot(&mut self, not_after: u64) -> Result<Option<Snapshot>, ReadError> {
        self.snapshots.newest(not_after).map_err(|error| ReadError::Storage(Box::new(error)))
    }
}

fn appended((error, unknown): (PostgresError, bool)) -> AppendError {
    if unknown { AppendError::Unknown(Box::new(error)) } else { AppendError::Failed(Box::new(error)) }
}
