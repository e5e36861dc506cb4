//! What stands beside the journal in the database: the writer's sign of life, and copies of small files.
//!
//! Invariant: only the writer of the present epoch changes them; a file is read back whole or not at all.

use tokio::runtime::Runtime;

use super::session::{self, Session};
use super::{Options, PostgresError, Role};

/// The largest file that is kept, in bytes.
pub const FILE_BYTES_MAX: usize = 64 << 20;

/// A connection for what stands beside the journal.
#[derive(Debug)]
pub struct Beside {
    options: Options,
    session: Option<Session>,
    /// Which host is tried first: after a failure the next one.
    first: usize,
    /// There until it is dropped.
    runtime: Option<Runtime>,
}

impl Drop for Beside {
    /// May be dropped where waiting is not allowed, as at the end of a service: its runtime is let go, not waited for.
    fn drop(&mut self) {
        self.session = None;
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A file as it was kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    /// Hash of its bytes.
    pub hash: [u8; 32],
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Beside {
    /// A connection that is made when it is needed.
    ///
    /// # Errors
    /// [`PostgresError::Runtime`].
    pub fn new(options: Options) -> Result<Self, PostgresError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(PostgresError::Runtime)?;
        Ok(Self {
            options: Options { role: Role::Writer, ..options },
            session: None,
            first: 0,
            runtime: Some(runtime),
        })
    }

    /// Gives the writer's sign of life; `false` when another epoch has begun.
    ///
    /// # Errors
    /// [`PostgresError`].
    pub fn beat(&mut self, epoch: u64, address: &str) -> Result<bool, PostgresError> {
        let update = "UPDATE holdfast_service.holder SET address = $2, at = clock_timestamp() \
             WHERE id = 1 AND (SELECT epoch FROM holdfast.writer WHERE id = 1) = $1";
        let done =
            self.ask(async |client| client.execute(update, &[&epoch.cast_signed(), &address]).await)?;
        Ok(done == 1)
    }

    /// Keeps a file; `false` when another epoch has begun.
    ///
    /// # Errors
    /// [`PostgresError`].
    pub fn push(&mut self, epoch: u64, name: &str, bytes: &[u8]) -> Result<bool, PostgresError> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(PostgresError::LargeFile { name: name.to_owned(), bytes: bytes.len() });
        }
        let hash = *blake3::hash(bytes).as_bytes();
        let upsert = "INSERT INTO holdfast_service.files SELECT $2, $3, $4, clock_timestamp() \
             WHERE (SELECT epoch FROM holdfast.writer WHERE id = 1) = $1 \
             ON CONFLICT (name) DO UPDATE SET hash = $3, bytes = $4, at = clock_timestamp()";
        let done = self.ask(async |client| {
            client.execute(upsert, &[&epoch.cast_signed(), &name, &&hash[..], &bytes]).await
        })?;
        Ok(done == 1)
    }

    /// A file, unless it has this hash.
    ///
    /// # Errors
    /// [`PostgresError`]; bytes that do not have their hash are none.
    pub fn pull(&mut self, name: &str, known: Option<[u8; 32]>) -> Result<Option<Kept>, PostgresError> {
        let known = known.unwrap_or_default();
        let select = "SELECT hash, bytes FROM holdfast_service.files WHERE name = $1 AND hash <> $2";
        let row = self.ask(async |client| client.query_opt(select, &[&name, &&known[..]]).await)?;
        let Some(row) = row else { return Ok(None) };
        let (hash, bytes): (Vec<u8>, Vec<u8>) = (row.get(0), row.get(1));
        let hash: [u8; 32] = hash.try_into().unwrap_or_default();
        Ok((hash == *blake3::hash(&bytes).as_bytes()).then_some(Kept { hash, bytes }))
    }

    fn ask<T>(
        &mut self,
        request: impl AsyncFnOnce(&tokio_postgres::Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, PostgresError> {
        if self.session.as_ref().is_none_or(|session| session.client.is_closed()) {
            self.session = Some(self.connect()?);
        }
        let session = self.session.as_ref().expect("it was made just now");
        let _ = session.has_warned();
        let answer = session.run(self.runtime(), &self.options, request(&session.client));
        // A commit that no standby has is none.
        let answer = if session.has_warned() { answer.and(Err(PostgresError::Warned)) } else { answer };
        if answer.as_ref().is_err_and(|error| !error.is_refusal()) {
            self.session = None;
            self.first += 1;
        }
        answer
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("it is there until this is dropped")
    }

    fn connect(&mut self) -> Result<Session, PostgresError> {
        let hosts = session::hosts(&self.options)?;
        let mut last = None;
        for at in 0..hosts.len() {
            match Session::open(self.runtime(), &self.options, &hosts[(self.first + at) % hosts.len()]) {
                Ok(session) => return Ok(session),
                Err(error) => last = Some(error),
            }
        }
        Err(last.expect("a connection string names a host, or its parser adds one"))
    }
}
