//! `holdfast serve`: the live service on a data folder, until it is told to stop.

pub(crate) mod answers;
mod calling;
pub(crate) mod database;
mod plan_page;
pub mod play;
mod rehearsal;
mod sending;
pub(crate) mod shops;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use holdfast_access::Access;
use holdfast_app::load::{Loaded, load};
use holdfast_app::service::{Options, Phase, Service};
use holdfast_book::demo::{self, florence};
use holdfast_book::known::Known;
use holdfast_book::{mapping, read_book};
use holdfast_domain::time::Span;
use holdfast_web::config::{Config, ConfigError};
use holdfast_web::console::Console;
use holdfast_web::desk::Desk;
use holdfast_web::index::Index;
use holdfast_web::routes::inbox::Inbox;
use holdfast_web::{App, Parts, planning, routes, serve};
use serde::Serialize;
use tracing_subscriber::EnvFilter;

use self::database::Copies;
use super::import::{Importer, Refusal};
use crate::exit::{Code, Failure, chain};
use crate::input;
use crate::output::Output;
use crate::world::{self, LiveWriter, OsEntropy, SystemClock};

/// Orders of the demo book.
const DEMO_ORDERS: u32 = 2_000;
/// The days over which its orders were placed: what an analysis needs to learn a week from.
const DEMO_SPAN: Span = Span::days(9);
/// How often the service is looked after.
const WATCH_EVERY: Duration = Duration::from_millis(300);

#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("start").args(["book", "demo"])))]
pub struct Args {
    /// Folder with the journal and everything beside it; it is made if it is not there.
    #[arg(long)]
    data: PathBuf,
    /// Bring this book in first; what is known already is left alone.
    #[arg(long)]
    book: Option<PathBuf>,
    /// Bring a sample book in first: 14 sites, 2,000 orders.
    #[arg(long)]
    demo: bool,
    /// Address and port; port 0 takes any that is free.
    #[arg(long)]
    listen: Option<String>,
    /// Configuration (docs/how-to/serve.md); `holdfast.toml` in the data folder, if it is there.
    #[arg(long)]
    config: Option<PathBuf>,
    #[command(flatten)]
    database: database::DatabaseArgs,
}

#[derive(Serialize)]
struct Started {
    address: String,
    setup: Option<String>,
    version: u64,
    orders: usize,
    resumed: Vec<u64>,
    /// `mail` where notices leave, `drill` where nothing does whatever is told, `off` where no way out is configured.
    sending: &'static str,
    /// `running`, or `following` behind another writer.
    phase: &'static str,
}

/// What `holdfast serve` is asked with, for whoever starts it from another command.
#[derive(clap::Parser)]
struct Alone {
    #[command(flatten)]
    args: Args,
}

/// Serves the demo's book from `data` on an address of this machine alone; `play` plays its storm meanwhile.
pub fn demo(data: &Path, play: Option<play::Play>, out: &Output) -> Result<Code, Failure> {
    let words = ["serve", "--demo", "--listen", "127.0.0.1:0", "--data"].map(std::ffi::OsString::from);
    let words = words.into_iter().chain([data.as_os_str().to_owned()]);
    let alone = <Alone as clap::Parser>::try_parse_from(words)
        .map_err(|error| Failure::new(Code::Bug, error.to_string(), "report it"))?;
    start(&alone.args, play, out)
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    start(args, None, out)
}

fn start(args: &Args, play: Option<play::Play>, out: &Output) -> Result<Code, Failure> {
    logs();
    folder(&args.data)?;
    let config = configuration(args)?;
    let path = args.data.join("holdfast.db");
    if let Some(loaded) = first_book(args)? {
        let writer = match &config.database {
            None => Some(world::writer(&path, world::open_or_make(&path)?)?),
            Some(database) => database::writer(database, &args.data, public(&config))?,
        };
        match writer {
            Some(writer) => bring_in(&path, writer, &loaded, out)?,
            None => {
                out.note("another service writes to the database: the book is not brought in by this one")
            }
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Failure::new(Code::Bug, format!("start: {error}"), "check the system's limits on threads")
    })?;
    let ended = runtime.block_on(live(args, &path, config, play, out));
    // A plan or an analysis that is still being made is nobody's any more: it changes nothing, and is not waited for.
    runtime.shutdown_timeout(WATCH_EVERY);
    ended
}

fn logs() {
    let filter = EnvFilter::try_from_env("HOLDFAST_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let json = std::env::var("HOLDFAST_LOG_FORMAT").is_ok_and(|format| format == "json");
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber is refused; the first one stands.
    let _ = if json { logs.json().try_init() } else { logs.try_init() };
}

/// Makes the data folder, readable by its owner alone.
fn folder(path: &Path) -> Result<(), Failure> {
    let fault = |error: std::io::Error| {
        Failure::input(
            format!("use folder {}: {error}", path.display()),
            "name a folder that can be written to",
        )
    };
    if path.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(path).map_err(fault)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).map_err(fault)?;
    }
    Ok(())
}

fn configuration(args: &Args) -> Result<Config, Failure> {
    let beside = args.data.join("holdfast.toml");
    let path = args.config.clone().or_else(|| beside.exists().then_some(beside));
    let mut config = read_config(path.as_deref())?;
    if let Some(listen) = &args.listen {
        config.listen.clone_from(listen);
    }
    config.database = args.database.over(config.database.take());
    config.data = Some(args.data.clone());
    Ok(config)
}

/// Reads a configuration, or the defaults.
pub(crate) fn read_config(path: Option<&Path>) -> Result<Config, Failure> {
    let text = path.map(input::text).transpose()?.unwrap_or_default();
    let named = path.map_or_else(|| "the environment".to_owned(), |path| path.display().to_string());
    Config::read(&text, |name| std::env::var(name).ok()).map_err(|error: ConfigError| {
        Failure::input(format!("{named}: {error}"), "correct it; docs/how-to/serve.md lists every setting")
    })
}

fn first_book(args: &Args) -> Result<Option<Loaded>, Failure> {
    if args.demo {
        let mut loaded = load(&florence(7, &demo::Options::orders(DEMO_ORDERS)));
        let now = holdfast_app::port::Clock::now(&mut SystemClock);
        let (first, last) = (loaded.orders.first().map(|o| o.at), loaded.orders.last().map(|o| o.at));
        let span = first.zip(last).map_or(1, |(first, last)| last.since(first).0.max(1));
        let first = first.unwrap_or(now);
        for timed in &mut loaded.orders {
            // The sample's storm was in 2018; its orders are placed over the last days, in their order, and promised what
            // can be kept.
            let ahead = u128::from(timed.at.since(first).0) * u128::from(DEMO_SPAN.0) / u128::from(span);
            let placed = now.before(DEMO_SPAN).after(Span(u64::try_from(ahead).unwrap_or(0)));
            (timed.order.placed, timed.order.paid, timed.order.promise) = (placed, Some(placed), None);
        }
        return Ok(Some(loaded));
    }
    let Some(book) = &args.book else { return Ok(None) };
    let files = input::folder(book)?;
    if files.is_empty() {
        return Err(Failure::input(
            format!("read folder {}: it holds no .csv, .tsv or .xlsx file", book.display()),
            "name the folder that holds the book; docs/reference/formats.md lists its files",
        ));
    }
    Ok(Some(load(&read_book(&files, &Known::none(), &mapping::shipped()).book)))
}

fn bring_in(path: &Path, mut writer: LiveWriter, loaded: &Loaded, out: &Output) -> Result<(), Failure> {
    let bar = out.progress((loaded.setup.len() + loaded.orders.len()) as u64, "bringing the book in");
    let mut importer = Importer::new(path, &mut writer);
    let mut durable = |done: u64, _: u64| bar.inc(done);
    importer.setup(&loaded.setup, &mut durable)?;
    importer.orders(&loaded.orders, 1_000, &mut durable)?;
    let (counts, refusals) = importer.done();
    bar.finish_and_clear();
    out.line(format!(
        "book: {} of network and stock new, {} known; {} orders new, {} known; {} refused",
        counts.setup.new,
        counts.setup.known,
        counts.orders.new,
        counts.orders.known,
        refusals.len() + loaded.faults.len()
    ));
    let faults =
        loaded.faults.iter().map(|fault| format!("{} row {}: {}", fault.file, fault.row, fault.cause));
    for refusal in faults.chain(refusals.iter().map(Refusal::to_string)).take(20) {
        out.note(format!("refused: {refusal}"));
    }
    writer.keep_snapshot().map_err(|error| world::unwritten(path, &error))
}

/// Milliseconds of Unix time.
fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// How other people reach this service: what a follower names when it is asked to write.
fn public(config: &Config) -> &str {
    config.public_url.as_deref().unwrap_or(&config.listen)
}

/// The service on its journal, and what a database keeps beside it.
fn service(
    args: &Args,
    path: &Path,
    config: &Config,
    address: &str,
) -> Result<(Service, Option<Arc<Copies>>), Failure> {
    let duplicate_within = Duration::from_secs(60 * u64::from(config.intake.duplicate_minutes));
    let options = Options { duplicate_within, ..Options::default() };
    if let Some(database) = &config.database {
        let (service, copies) = database::start(database, &args.data, address, options)?;
        return Ok((service, Some(copies)));
    }
    let (journal, reader) = (Box::new(world::open_or_make(path)?), Box::new(world::open(path)?));
    let service = Service::start(journal, Some(reader), SystemClock, Box::new(OsEntropy), options)
        .map_err(|error| world::unwritten(path, &error))?;
    Ok((service, None))
}

fn parts(args: &Args, service: Service, config: Config) -> Result<Parts, Failure> {
    let beside = |name: &str| args.data.join(name);
    let fault = |what: &str, error: &dyn std::error::Error| {
        Failure::input(format!("open {what}: {}", chain(error)), "check the data folder and its permissions")
    };
    let mut options = holdfast_access::Options {
        breached: config.sign_in.breached_passwords.clone(),
        ..holdfast_access::Options::default()
    };
    if let Some(minutes) = config.sign_in.idle_minutes {
        options.idle_ms = i64::from(minutes) * 60_000;
    }
    if let Some(hours) = config.sign_in.session_hours {
        options.session_ms = i64::from(hours) * 3_600_000;
    }
    let access = Access::open(&beside("access.db"), options).map_err(|error| fault("access.db", &error))?;
    let index = Index::open(Some(&beside("index.db"))).map_err(|error| fault("index.db", &error))?;
    let inbox = Inbox::open(Some(&beside("inbox.db"))).map_err(|error| fault("inbox.db", &error))?;
    if beside("calls.db").exists() {
        // Calls stood in a file of their own before they came into the journal.
        tracing::warn!(
            "calls.db is read no more: calls are in the journal; make again what is still open in it"
        );
    }
    Ok(Parts { service, access, index, inbox, config, now })
}

async fn live(
    args: &Args,
    path: &Path,
    config: Config,
    play: Option<play::Play>,
    out: &Output,
) -> Result<Code, Failure> {
    let tls = match &config.tls {
        None => None,
        Some(files) => Some(serve::tls(files).map_err(|error| {
            Failure::input(chain(&error), "check the certificate and its key: PEM, and they fit each other")
        })?),
    };
    let listener = tokio::net::TcpListener::bind(&config.listen).await.map_err(|error| {
        Failure::input(
            format!("listen on {}: {error}", config.listen),
            "choose another address with --listen",
        )
    })?;
    let at =
        listener.local_addr().map_err(|error| Failure::input(error.to_string(), "choose another address"))?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let address = format!("{scheme}://{at}");
    let url = config.public_url.clone().unwrap_or_else(|| address.clone());
    let drill = config.mode == holdfast_web::config::Mode::Drill;
    // A connection to a database has a runtime of its own, and so wants a thread of its own.
    let (service, copies) = tokio::task::block_in_place(|| {
        std::thread::scope(|scope| scope.spawn(|| service(args, path, &config, &url)).join())
    })
    .map_err(|_| Failure::new(Code::Bug, "the start broke off", "report it with its log"))??;
    let app = App::new(parts(args, service, config)?);
    let sending = sending::Sending::prepare(&app.config, &app.service)?;
    let mut following =
        vec![app.index.follow(app.service.clone()), Console::follow(&app), Desk::follow(&app)];
    following.extend(copies.iter().map(|copies| copies.follow(&app)));
    let link = if app.service.is_writer() {
        setup_link(&app, &url)
            .map_err(|error| Failure::input(chain(&error), "check the data folder and its permissions"))?
    } else {
        None
    };
    let begun = app.service.is_writer();
    let resumed = if begun { planning::resume(&app) } else { Vec::new() };
    let started = Started {
        address,
        setup: link,
        version: app.view().state().version,
        orders: app.view().state().orders.len(),
        resumed,
        sending: if drill { "drill" } else { sending.as_ref().map_or("off", |_| "mail") },
        phase: app.service.health().phase.word(),
    };
    tell(&started, out)?;
    tokio::spawn(begin_again(app.clone(), url.clone(), begun));
    let quiet = Arc::new(AtomicBool::new(false));
    let sender = sending.map(|sending| sending.start(app.clone(), quiet.clone()));
    tokio::spawn(routes::hooks::retry_kept(app.clone()));
    if let Some(play) = play {
        tokio::spawn(play.run(app.clone()));
    }
    tokio::spawn(holdfast_web::analysis::keep_fresh(app.clone()));
    app.drills.by(Arc::new(rehearsal::Beside::new(args.data.clone())));
    app.tally.open(&args.data.join("tally.db")).map_err(|error| {
        Failure::input(format!("open tally.db: {error}"), "check the data folder and its permissions")
    })?;
    let tallied = tokio::spawn(holdfast_web::tally::keep(app.clone()));
    shops::start(&app, &args.data, copies.as_ref())?;
    shops::watch(&app);
    let anchored = tokio::spawn(holdfast_web::anchor::keep(app.clone()));
    let mut serving = tokio::spawn(serve::serve(
        app.clone(),
        routes::all()
            .with(answers::mount(&app.service, &app.config))
            .with(plan_page::mount(args.data.join("plans"))),
        listener,
        tls,
    ));
    let (phase, deaf) = tokio::select! {
        phase = until_the_end(&app) => (phase, false),
        // Nobody has told it to end: it broke off, and nothing listens any more.
        _ = &mut serving => (Phase::Running, true),
    };
    app.stopping.send_replace(true);
    // Counts are statistics: that the last of them could not be written ends nothing.
    drop(tallied.await);
    drop(anchored.await);
    if let Some(desk) = app.outward.desk().cloned() {
        drop(tokio::task::spawn_blocking(move || desk.join()).await);
    }
    let watching = app.clone();
    drop(tokio::task::spawn_blocking(move || watching.watch.join()).await);
    if !deaf && serving.await.is_err() {
        tracing::error!("the server broke off while it ended");
    }
    // What was handed over is reported before the service ends: nothing is left in doubt by an orderly end.
    quiet.store(true, Ordering::Release);
    drop(tokio::task::spawn_blocking(move || sender.map(JoinHandle::join)).await);
    let service = app.service.clone();
    let ended = tokio::task::spawn_blocking(move || service.stop()).await.unwrap_or(Phase::Broken);
    let join = move || following.into_iter().map(JoinHandle::join).for_each(drop);
    drop(tokio::task::spawn_blocking(join).await);
    match if phase == Phase::Running { ended } else { phase } {
        Phase::Fenced => Err(Failure::new(
            Code::Journal,
            format!("{}: another writer has taken the journal over", path.display()),
            "look at the other writer; this one has acknowledged nothing since",
        )),
        _ if deaf => Err(Failure::new(
            Code::Bug,
            "the server broke off; everything that was acknowledged is durable",
            "start it again, and report it with its log",
        )),
        Phase::Broken => Err(Failure::new(Code::Bug, "the service broke off", "report it with its log")),
        _ => {
            out.line("stopped: everything that was acknowledged is durable");
            Ok(Code::Ok)
        }
    }
}

fn setup_link(app: &App, url: &str) -> Result<Option<String>, holdfast_access::AccessError> {
    let token = app.access.setup_link(now())?;
    Ok(token.map(|token| format!("{}/setup/{token}", url.trim_end_matches('/'))))
}

/// Does what a start does each time the service becomes the writer again; `begun` says that it is one already.
async fn begin_again(app: App, url: String, mut begun: bool) {
    loop {
        tokio::time::sleep(WATCH_EVERY).await;
        let writes = app.service.is_writer();
        if writes && !begun {
            let epoch = app.service.health().head.epoch;
            tracing::warn!(epoch, "this service is the writer now");
            let resumed = planning::resume(&app).len();
            tracing::info!(resumed, "plans that were interrupted go on");
            match setup_link(&app, &url) {
                // A secret: it goes where the first start's link goes, and not into a log that is shipped elsewhere.
                Ok(Some(_)) => {
                    tracing::warn!("there is no admin yet: start the service anew for a one-time link")
                }
                Ok(None) => {}
                Err(error) => tracing::error!(error = chain(&error), "the file of accounts cannot be used"),
            }
        } else if begun && !writes && app.service.health().phase == Phase::Following {
            let writer = app.service.followed().and_then(|followed| followed.writer);
            tracing::warn!(writer, "another service is the writer now: this one follows");
        }
        begun = writes;
    }
}

fn tell(started: &Started, out: &Output) -> Result<(), Failure> {
    out.json(started)?;
    if started.phase == Phase::Following.word() {
        out.line(
            "another service writes to the database: this one follows, and takes over when that one is gone",
        );
    }
    out.line(format!("{} orders in the journal at version {}", started.orders, started.version));
    if !started.resumed.is_empty() {
        out.line(format!("{} plans that were interrupted go on", started.resumed.len()));
    }
    out.line(format!("listening on {}", started.address));
    match started.sending {
        "mail" => {}
        "drill" => out.line("mode = \"drill\": no notice leaves"),
        _ => out.line("no notice leaves: the configuration has no [mail]"),
    }
    if let Some(link) = &started.setup {
        out.line(format!("make the first account (this link works once, for 24 hours): {link}"));
    }
    Ok(())
}

/// Waits until somebody asks the service to stop, or it ends by itself.
async fn until_the_end(app: &App) -> Phase {
    let watched = async {
        loop {
            tokio::time::sleep(WATCH_EVERY).await;
            if let Some(fault) = app.service.take_fault() {
                tracing::error!(fault, "journal");
            }
            let phase = app.service.health().phase;
            if matches!(phase, Phase::Fenced | Phase::Broken | Phase::Stopped) {
                return phase;
            }
        }
    };
    tokio::select! {
        phase = watched => phase,
        () = asked_to_stop() => Phase::Running,
    }
}

#[cfg(unix)]
async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() {
    // Without a signal nobody asks.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
