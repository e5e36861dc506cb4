//! The service on a database: its seat among those who may write, what is kept beside the journal, and what is done
//! once it becomes the writer.
//!
//! Accounts and the inbox are small files on each machine. The writer puts a copy of each into the database within
//! [`LOOK_EVERY`] of a change; followers take the copies over, and whoever becomes the writer has the last ones first.
//! So it is with what of the shops cannot be made again; of that, a number is in the database before its shop hears
//! that it is taken down.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use holdfast_app::port::{AppendError, Journal, Succession};
use holdfast_app::service::{Options as ServiceOptions, Readers, Service};
use holdfast_journal::files::kept::{self, KeptFile};
use holdfast_journal::postgres::{Beside, Durability, Options, PostgresError, PostgresJournal, Role, Seat};
use holdfast_web::App;
use holdfast_web::config::Database;
use holdfast_web::outward::store::Store;

use crate::exit::{Code, Failure, chain};
use crate::world::{self, LiveWriter, OsEntropy, SystemClock};

/// How often the writer gives a sign of life and looks for changes to keep, and followers look for new copies.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Seconds a request may take if the configuration does not say.
const REQUEST_S: u64 = 10;
/// The files that are kept, by their names in the data folder.
const ACCESS: &str = "access.db";
const INBOX: &str = "inbox.db";
/// Of this file only what cannot be made again is kept.
const SHOPS: &str = "shops.db";

/// How a database is reached, from the command line.
#[derive(clap::Args)]
pub struct DatabaseArgs {
    /// Keep the journal in this PostgreSQL: `host=a,b,c dbname=holdfast user=holdfast`, or a `postgresql://` address.
    /// The password stands in HOLDFAST_DATABASE_PASSWORD. A second service on the same database follows the first.
    #[arg(long, env = "HOLDFAST_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Certificates (PEM) of who vouches for the database's servers.
    #[arg(long, requires = "database")]
    database_ca: Option<PathBuf>,
    /// Accept a database without synchronous standbys: its loss loses what no backup has.
    #[arg(long, requires = "database")]
    one_server: bool,
}

impl DatabaseArgs {
    /// What the configuration says, and over it the command line.
    pub fn over(&self, configured: Option<Database>) -> Option<Database> {
        let mut database = configured;
        if let Some(url) = &self.database {
            let known = database.get_or_insert_default();
            known.url.clone_from(url);
            known.one_server |= self.one_server;
            if let Some(path) = &self.database_ca {
                known.certificates = Some(path.clone());
            }
            if known.password.is_none() {
                known.password = std::env::var("HOLDFAST_DATABASE_PASSWORD").ok();
            }
        }
        database
    }
}

/// The options of a journal in this database; `data` is the folder of the files beside it.
pub fn options(database: &Database, data: &Path, role: Role) -> Options {
    let mut options = Options::new(&database.url, &data.join("postgresql"));
    options.role = role;
    options.password.clone_from(&database.password);
    options.root_certificates.clone_from(&database.certificates);
    options.request_max = Duration::from_secs(database.seconds.unwrap_or(REQUEST_S).clamp(1, 3_600));
    options.connect_max = options.connect_max.min(options.request_max);
    if database.one_server {
        options.durability = Durability::OneServer;
    }
    options
}

/// A database that cannot be used.
pub fn unopened(error: &dyn std::error::Error) -> Failure {
    let text = chain(error);
    let remedy = if text.contains("synchronous_standby_names") {
        "set synchronous_standby_names as docs/how-to/postgresql.md says, or add --one-server"
    } else if text.contains("certificates") {
        "name the certificates with --database-ca, or say sslmode=disable on a network that is safe"
    } else {
        "check the connection string and that a primary answers; docs/how-to/postgresql.md shows a set-up"
    };
    Failure::new(Code::Journal, format!("database: {text}"), remedy)
}

/// A writer to bring a book in, if nobody else writes.
pub fn writer(database: &Database, data: &Path, address: &str) -> Result<Option<LiveWriter>, Failure> {
    let mut seat = Seat::new(options(database, data, Role::Writer), address);
    match seat.claim().map_err(|error| unopened(&error))? {
        Some(journal) => world::writer(Path::new("database"), journal).map(Some),
        None => Ok(None),
    }
}

/// Starts a service on a database: as the writer, or behind one.
pub fn start(
    database: &Database,
    data: &Path,
    address: &str,
    service: ServiceOptions,
) -> Result<(Service, Arc<Copies>), Failure> {
    let writing = options(database, data, Role::Writer);
    let copies = Arc::new(Copies::new(writing.clone(), data, address).map_err(|error| unopened(&error))?);
    let heir = Heir { seat: Seat::new(writing, address), copies: copies.clone() };
    let reading = options(database, data, Role::Reader);
    let files = copies.clone();
    let open = move || {
        // From here on the files are opened: until the app has them, nobody may put others in their place.
        files.opening.store(true, Ordering::Release);
        let open = || {
            PostgresJournal::open(reading.clone())
                .map_err(|error| holdfast_app::port::ReadError::Storage(Box::new(error)))
        };
        Ok(Readers { tail: Box::new(open()?), reads: Box::new(open()?) })
    };
    let (clock, entropy) = (SystemClock, Box::new(OsEntropy));
    let service =
        Service::follow(Box::new(heir), open, clock, entropy, service).map_err(|error| unopened(&error))?;
    Ok((service, copies))
}

/// A seat whose holder has the last copies before it begins.
struct Heir {
    seat: Seat,
    copies: Arc<Copies>,
}

impl Succession for Heir {
    fn claim(&mut self) -> Result<Option<Box<dyn Journal>>, AppendError> {
        if self.copies.opening.load(Ordering::Acquire) && self.copies.app.get().is_none() {
            return Ok(None);
        }
        let Some(journal) = self.seat.claim()? else { return Ok(None) };
        match self.copies.lock().pull(self.copies.app.get()) {
            Ok(()) => Ok(Some(journal)),
            // Without its accounts nobody could sign in: the journal is given back, and claimed again.
            Err(error) => Err(AppendError::Failed(Box::new(error))),
        }
    }
}

/// The files that are kept in the database.
pub struct Copies {
    inner: Mutex<Inner>,
    /// The running app, once there is one: before that, copies are put where it will open them.
    app: OnceLock<App>,
    opening: AtomicBool,
    address: String,
}

struct Inner {
    beside: Beside,
    files: Vec<Watched>,
    shops: PathBuf,
}

struct Watched {
    name: &'static str,
    path: PathBuf,
    file: Option<KeptFile>,
}

/// Why the copies are not as they have to be.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error("keep accounts and inbox in the database")]
    Database(#[from] PostgresError),
    #[error("keep accounts and inbox in the database")]
    Kept(#[from] holdfast_journal::files::kept::KeptError),
    #[error("use {path}")]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("keep what is known of the shops")]
    Shops(#[from] holdfast_web::outward::memory::MemoryError),
    /// It stands in the way of everything after it: going on would forget which numbers have to be put back.
    #[error(
        "take over {path}: nothing was changed; if it is damaged, remove it and {noted}, so that it is read again"
    )]
    Recall {
        path: PathBuf,
        noted: PathBuf,
        #[source]
        source: holdfast_web::outward::memory::MemoryError,
    },
    #[error("take the copy of {name} over")]
    Replace {
        name: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Copies {
    fn new(options: Options, data: &Path, address: &str) -> Result<Self, PostgresError> {
        let files = [ACCESS, INBOX].map(|name| Watched { name, path: data.join(name), file: None });
        let inner = Inner { beside: Beside::new(options)?, files: files.into(), shops: data.join(SHOPS) };
        Ok(Self {
            inner: Mutex::new(inner),
            app: OnceLock::new(),
            opening: AtomicBool::new(false),
            address: address.to_owned(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the copies as they have to be until the service ends.
    pub fn follow(self: &Arc<Self>, app: &App) -> JoinHandle<()> {
        // It is set once: a second app would be a second service.
        let _ = self.app.set(app.clone());
        let (copies, app) = (self.clone(), app.clone());
        let run = move || {
            let mut told = String::new();
            while !app.service.health().phase.is_over() {
                match copies.round(&app) {
                    Ok(()) => told.clear(),
                    Err(error) => {
                        let text = chain(&error);
                        if text != told {
                            tracing::warn!(
                                error = text,
                                "accounts and inbox are not kept in the database yet"
                            );
                            told = text;
                        }
                    }
                }
                std::thread::sleep(LOOK_EVERY);
            }
        };
        std::thread::Builder::new()
            .name("holdfast-copies".to_owned())
            .spawn(run)
            .expect("the system gives a thread at start-up")
    }

    /// Keeps what is known of the shops before one of them hears of it; why it could not. It is read under the lock: of
    /// two that keep it at once the later one has what the earlier one has, and more.
    pub fn remember(&self, store: &Store) -> Result<(), String> {
        let app = self.app.get().ok_or("the service is not up yet")?;
        let epoch = app.service.health().head.epoch;
        let mut inner = self.lock();
        let bytes = store.memory().map_err(|error| chain(&error))?;
        match inner.keep_shops(epoch, &bytes) {
            Ok(true) => Ok(()),
            Ok(false) => Err("another service is the writer".to_owned()),
            Err(error) => Err(chain(&error)),
        }
    }

    fn round(&self, app: &App) -> Result<(), CopyError> {
        let mut inner = self.lock();
        if let Some(store) = app.outward.store() {
            recall(store, &inner.shops)?;
        }
        if app.service.is_writer() {
            let epoch = app.service.health().head.epoch;
            // Another epoch has begun: the service finds out by its next append.
            if !inner.beside.beat(epoch, &self.address)? {
                return Ok(());
            }
            inner.push(epoch, app)
        } else {
            inner.pull(Some(app))
        }
    }
}

impl Inner {
    fn keep_shops(&mut self, epoch: u64, bytes: &[u8]) -> Result<bool, CopyError> {
        let hash = kept::hash(bytes);
        if noted(&self.shops) == Some(hash) {
            return Ok(true);
        }
        let taken = self.beside.push(epoch, SHOPS, bytes)?;
        if taken {
            note(&self.shops, hash)?;
        }
        Ok(taken)
    }

    fn push(&mut self, epoch: u64, app: &App) -> Result<(), CopyError> {
        if let Some(store) = app.outward.store() {
            let bytes = store.memory()?;
            self.keep_shops(epoch, &bytes)?;
        }
        for watched in &mut self.files {
            let file = match &mut watched.file {
                Some(file) => file,
                none => none.insert(KeptFile::open(&watched.path)?),
            };
            let Some((at, bytes)) = file.changed()? else { continue };
            if self.beside.push(epoch, watched.name, &bytes)? {
                file.taken(at);
                note(&watched.path, kept::hash(&bytes))?;
            }
        }
        Ok(())
    }

    /// Takes over what is newer in the database. A file whose last copy is still the one in the database has nothing
    /// to learn from it: what was changed here since is newer.
    fn pull(&mut self, app: Option<&App>) -> Result<(), CopyError> {
        if let Some(copy) = self.beside.pull(SHOPS, noted(&self.shops))? {
            match app.and_then(|app| app.outward.store()) {
                Some(store) => store.recall(&copy.bytes)?,
                // Nothing is open yet that could take it: it waits beside the file.
                None => {
                    let path = sibling(&self.shops, PULLED);
                    let part = sibling(&path, "part");
                    // Whole or not at all: a part of it could not be taken over.
                    std::fs::write(&part, &copy.bytes)
                        .and_then(|()| std::fs::rename(&part, &path))
                        .map_err(|source| CopyError::File { path, source })?;
                }
            }
            note(&self.shops, copy.hash)?;
        }
        for watched in &mut self.files {
            let Some(copy) = self.beside.pull(watched.name, noted(&watched.path))? else { continue };
            let fault = |path: &Path| {
                let path = path.to_owned();
                move |source| CopyError::File { path, source }
            };
            let part = sibling(&watched.path, PULLED);
            std::fs::write(&part, &copy.bytes).map_err(fault(&part))?;
            match app {
                None => {
                    for end in ["-wal", "-shm"] {
                        let mut log = watched.path.as_os_str().to_owned();
                        log.push(end);
                        // A log that is left behind would be played into the new file.
                        let _ = std::fs::remove_file(log);
                    }
                    std::fs::rename(&part, &watched.path).map_err(fault(&watched.path))?;
                }
                Some(app) => {
                    let replaced = if watched.name == ACCESS {
                        app.access.replace(&part).map_err(|error| Box::new(error) as Box<_>)
                    } else {
                        app.inbox.replace(&part).map_err(|error| Box::new(error) as Box<_>)
                    };
                    replaced.map_err(|source| CopyError::Replace { name: watched.name, source })?;
                    let _ = std::fs::remove_file(&part);
                }
            }
            note(&watched.path, copy.hash)?;
        }
        Ok(())
    }
}

/// What ends the name of a copy that was not taken over yet.
const PULLED: &str = "pulled";
/// What ends the name of the note which copy was seen last.
const NOTED: &str = "kept";

/// Takes over what another machine knew of the shops, where it waits beside the file at `path`.
///
/// # Errors
/// It cannot be read or taken over: then nothing was changed, it still waits, and nothing may be told to a shop.
pub fn recall(store: &Store, path: &Path) -> Result<(), CopyError> {
    let waits = sibling(path, PULLED);
    let bytes = match std::fs::read(&waits) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(CopyError::File { path: waits, source }),
    };
    if let Err(source) = store.recall(&bytes) {
        return Err(CopyError::Recall { path: waits, noted: sibling(path, NOTED), source });
    }
    std::fs::remove_file(&waits).map_err(|source| CopyError::File { path: waits, source })
}

fn sibling(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    PathBuf::from(name)
}

/// Notes which copy this machine has seen last.
fn note(path: &Path, hash: [u8; 32]) -> Result<(), CopyError> {
    let at = sibling(path, NOTED);
    std::fs::write(&at, hash).map_err(|source| CopyError::File { path: at, source })
}

fn noted(path: &Path) -> Option<[u8; 32]> {
    std::fs::read(sibling(path, NOTED)).ok()?.try_into().ok()
}
