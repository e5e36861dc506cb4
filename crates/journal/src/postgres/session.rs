//! One connection to the database: how it is made, how long anything may take, and what the server warns of.
//!
//! Everything runs on a runtime of the journal's own thread: the port is synchronous. It must therefore not be
//! called from a thread that runs another runtime.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Runtime;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Socket, Statement};

use super::PostgresError;

/// What the connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Writes: only a server that takes writes will do.
    Writer,
    /// Reads: any server will do, a standby too.
    Reader,
}

/// What must have the bytes before a group counts as durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The primary and a standby at least: the server must name its synchronous standbys.
    Quorum,
    /// The one server there is; its loss loses what no backup has.
    OneServer,
}

/// How a journal in PostgreSQL is reached.
#[derive(Clone)]
pub struct Options {
    /// Key words and values, or a `postgresql://` address; several hosts are tried in order.
    pub connection: String,
    /// The password, kept out of the connection string and of whatever prints that.
    pub password: Option<String>,
    /// Where the files beside the journal stand: `<local>.head` and `<local>.snapshots`.
    pub local: PathBuf,
    /// Writes or reads.
    pub role: Role,
    /// What durable means.
    pub durability: Durability,
    /// Certificates of who may vouch for the server, as PEM. Without them only a connection to this machine, or
    /// one that says `sslmode=disable`, is made.
    pub root_certificates: Option<PathBuf>,
    /// The longest a connection may take to be made.
    pub connect_max: Duration,
    /// The longest any request may take, a commit that waits for a standby included.
    pub request_max: Duration,
}

impl core::fmt::Debug for Options {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // A connection string may hold a password too.
        f.debug_struct("Options")
            .field("local", &self.local)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// A writer on a quorum, with ten seconds for a connection or a request.
    #[must_use]
    pub fn new(connection: &str, local: &Path) -> Self {
        Self {
            connection: connection.to_owned(),
            password: None,
            local: local.to_owned(),
            role: Role::Writer,
            durability: Durability::Quorum,
            root_certificates: None,
            connect_max: Duration::from_secs(10),
            request_max: Duration::from_secs(10),
        }
    }
}

/// How long the server bears a silent connection before it asks whether anybody is there: a writer whose machine died
/// must not hold its lease for the two hours systems grant by default.
const SILENT_S: u32 = 5;
/// How long the server bears bytes that nobody acknowledges.
const SILENT_MS: u32 = 12_000;

/// A connection that works until it does not.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) client: Client,
    /// The statement that appends, prepared once.
    pub(super) append: Option<Statement>,
    warned: Arc<AtomicBool>,
}

impl Session {
    /// Connects to one host, and sets what durability needs.
    pub(super) fn open(runtime: &Runtime, options: &Options, host: &Config) -> Result<Self, PostgresError> {
        let connected = runtime
            .block_on(async { tokio::time::timeout(options.connect_max, connect(options, host)).await });
        let session = connected.map_err(|_| PostgresError::TooLong(options.connect_max))??;
        let set = format!(
            "SET synchronous_commit = on; SET lock_timeout = {0}; SET idle_in_transaction_session_timeout = {0}; \
             SET search_path = pg_catalog; \
             SET tcp_keepalives_idle = {SILENT_S}; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; \
             SET tcp_user_timeout = {SILENT_MS}",
            options.request_max.as_millis()
        );
        session.run(runtime, options, session.client.batch_execute(&set))?;
        Ok(session)
    }

    /// Waits for an answer, as long as the options allow.
    pub(super) fn run<T>(
        &self,
        runtime: &Runtime,
        options: &Options,
        asked: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, PostgresError> {
        let answered = runtime.block_on(async { tokio::time::timeout(options.request_max, asked).await });
        Ok(answered.map_err(|_| PostgresError::TooLong(options.request_max))??)
    }

    /// Whether the server has warned since the last time this was asked. A commit whose wait for a standby was
    /// cancelled succeeds with a warning and nothing else.
    pub(super) fn has_warned(&self) -> bool {
        self.warned.swap(false, Ordering::SeqCst)
    }
}

/// The hosts of a connection string, each with everything else it says. Which of two servers that both take
/// writes is the primary cannot be asked of them: the caller tries to commit on each.
pub(super) fn hosts(options: &Options) -> Result<Vec<Config>, PostgresError> {
    let mut all: Config = options.connection.parse()?;
    if let Some(password) = &options.password {
        all.password(password);
    }
    all.application_name("holdfast").connect_timeout(options.connect_max);
    all.keepalives_idle(Duration::from_secs(5)).tcp_user_timeout(options.request_max);
    all.target_session_attrs(match options.role {
        Role::Writer => TargetSessionAttrs::ReadWrite,
        Role::Reader => TargetSessionAttrs::Any,
    });
    if all.get_hosts().len() < 2 {
        return Ok(vec![all]);
    }
    let mut each = apart(&all);
    if options.role == Role::Reader {
        // A primary shows what is newest; a standby will do.
        let mut primaries = each.clone();
        for host in &mut primaries {
            host.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        primaries.append(&mut each);
        each = primaries;
    }
    Ok(each)
}

/// One configuration for each host.
fn apart(all: &Config) -> Vec<Config> {
    let (hosts, ports) = (all.get_hosts(), all.get_ports());
    let one = |(at, host): (usize, &Host)| {
        let mut config = without_hosts(all);
        match host {
            Host::Tcp(name) => config.host(name),
            Host::Unix(path) => config.host_path(path),
        };
        if let Some(port) = ports.get(at).or(ports.first()) {
            config.port(*port);
        }
        config
    };
    hosts.iter().enumerate().map(one).collect()
}

async fn connect(options: &Options, config: &Config) -> Result<Session, PostgresError> {
    let mut config = config.clone();
    let warned = Arc::new(AtomicBool::new(false));
    let client = if let Some(roots) = &options.root_certificates {
        config.ssl_mode(SslMode::Require);
        let tls = tokio_postgres_rustls::MakeRustlsConnect::new(tls(roots)?);
        let (client, connection) = config.connect(tls).await?;
        drive(connection, Arc::clone(&warned));
        client
    } else {
        if config.get_ssl_mode() != SslMode::Disable && !config.get_hosts().iter().all(is_this_machine) {
            return Err(PostgresError::Bare);
        }
        let (client, connection) = config.connect(NoTls).await?;
        drive(connection, Arc::clone(&warned));
        client
    };
    Ok(Session { client, append: None, warned })
}

/// Everything a configuration says but the hosts, which it can only gain.
fn without_hosts(all: &Config) -> Config {
    let mut config = Config::new();
    if let Some(user) = all.get_user() {
        config.user(user);
    }
    if let Some(password) = all.get_password() {
        config.password(password);
    }
    if let Some(name) = all.get_dbname() {
        config.dbname(name);
    }
    if let Some(options) = all.get_options() {
        config.options(options);
    }
    if let Some(name) = all.get_application_name() {
        config.application_name(name);
    }
    if let Some(limit) = all.get_connect_timeout() {
        config.connect_timeout(*limit);
    }
    if let Some(limit) = all.get_tcp_user_timeout() {
        config.tcp_user_timeout(*limit);
    }
    config.ssl_mode(all.get_ssl_mode()).ssl_negotiation(all.get_ssl_negotiation());
    config.target_session_attrs(all.get_target_session_attrs()).channel_binding(all.get_channel_binding());
    config.keepalives(all.get_keepalives()).keepalives_idle(all.get_keepalives_idle());
    config
}

fn is_this_machine(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        Host::Unix(_) => true,
    }
}

fn tls(roots: &Path) -> Result<rustls::ClientConfig, PostgresError> {
    let refused = |why: String| PostgresError::Certificates { path: roots.to_owned(), why };
    let mut store = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(roots).map_err(|error| refused(error.to_string()))? {
        let certificate = certificate.map_err(|error| refused(error.to_string()))?;
        store.add(certificate).map_err(|error| refused(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(refused("there is no certificate in it".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(error.to_string()))?;
    Ok(builder.with_root_certificates(store).with_no_client_auth())
}

/// Moves bytes while the runtime waits for anything, and notes warnings before the answer they belong to.
fn drive<S>(mut connection: Connection<Socket, S>, warned: Arc<AtomicBool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        loop {
            match std::future::poll_fn(|context| connection.poll_message(context)).await {
                Some(Ok(AsyncMessage::Notice(notice))) if notice.severity() == "WARNING" => {
                    warned.store(true, Ordering::SeqCst);
                }
                Some(Ok(_)) => {}
                // The client's requests fail from now on; that is where it is seen.
                Some(Err(_)) | None => return,
            }
        }
    });
}
