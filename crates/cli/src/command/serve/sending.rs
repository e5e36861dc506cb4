//! The sending loop beside the service: a thread that hands over what may leave, until the service ends.
//!
//! It reads the durable state and asks the service for every change, so it holds nothing that is lost with it. In
//! `mode = "drill"` its outlet holds no channel, and nothing leaves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use holdfast_app::dispatch::{Channel, Dispatcher, Drill, Live, LiveBooks, LiveError, Outlet, Round};
use holdfast_app::port::Clock as _;
use holdfast_app::retry::{Breaker, Schedule};
use holdfast_app::service::Service;
use holdfast_connect::http::{Http, Secret};
use holdfast_domain::id::SubjectId;
use holdfast_domain::time::Span;
use holdfast_notify::folder_channel::FolderChannel;
use holdfast_notify::letter::{self, Letters};
use holdfast_notify::outbox_folder::OutboxFolder;
use holdfast_notify::smtp::{Protection, SmtpSettings};
use holdfast_notify::smtp_channel::SmtpChannel;
use holdfast_notify::template::Channel as Kind;
use holdfast_notify::webhook_channel::{WebhookChannel, WebhookSettings};
use holdfast_web::App;
use holdfast_web::config::{ChannelKind, Config, Mail, MailTls, Mode, Outgoing, Relay, Way};
use holdfast_web::index::Index;

use super::answers::links;
use super::calling;
use crate::exit::{Failure, chain};
use crate::world::SystemClock;

/// How often it is looked whether there is anything new to send.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How often calls to partners and staff are looked at.
const CALLS_EVERY: Duration = Duration::from_millis(500);
/// How long to wait after the service or the index could not follow.
const AGAIN: Duration = Duration::from_secs(1);
/// How long, at most, until timers and quiet hours are looked at again.
const REST_MAX: Duration = Duration::from_secs(30);
/// How long the index may take to come as far as the notices.
const INDEX_WITHIN: Duration = Duration::from_secs(20);
const INDEX_EVERY: Duration = Duration::from_millis(20);
/// Failures in a row after which a channel rests.
const FAILURES_MAX: u32 = 20;
/// How long it rests.
const RESTS: Span = Span::minutes(1);
/// The longest wait for a relay.
const RELAY_WITHIN: Duration = Duration::from_secs(60);

/// Everything the loop needs, made before the service is told to listen: what is wrong is said at the start.
pub struct Sending {
    letters: Letters,
    channels: Vec<Box<dyn Channel>>,
    drill: bool,
}

impl Sending {
    /// What the configuration asks for; nothing where it names no way out. `answers` is the service's own address.
    ///
    /// # Errors
    /// A failure that names the setting.
    pub fn prepare(config: &Config, service: &Service) -> Result<Option<Self>, Failure> {
        let Some(mail) = &config.mail else { return Ok(None) };
        let base = mail.answers.clone().or_else(|| config.public_url.clone()).unwrap_or_default();
        let drill = config.mode == Mode::Drill;
        let ways = config.ways();
        let mut channels: Vec<Box<dyn Channel>> = Vec::new();
        let http = holdfast_outbound::once();
        for way in ways.iter().filter(|_| !drill) {
            channels.push(match way {
                Way::Mail => mail_channel(mail)?,
                Way::Provider(name) => provider(name, &config.channels[*name], http.clone()),
            });
        }
        let letters = Letters {
            catalog: config.words.catalog(),
            keys: links(service, config),
            base: base.trim_end_matches('/').into(),
            from: mail.from.as_str().into(),
            regions: BTreeMap::new(),
            channels: ways
                .iter()
                .map(|way| match way {
                    Way::Mail => Kind::Mail.into(),
                    Way::Provider(name) => carries(&config.channels[*name]),
                })
                .collect(),
        };
        Ok(Some(Self { letters, channels, drill }))
    }

    /// Starts the loop on a thread of its own. It ends once `stopping` is set, after what it has begun.
    pub fn start(self, app: App, stopping: Arc<AtomicBool>) -> JoinHandle<()> {
        let run = move || {
            let books = LiveBooks::new(app.service.clone(), SystemClock, finder(app.index.clone()));
            let mail = app.config.ways().iter().position(|way| *way == Way::Mail).unwrap_or(0);
            let with = With { app, mail };
            let schedule = Schedule::MAIL;
            let breaker = Breaker::new(FAILURES_MAX, RESTS);
            if self.drill {
                run(Dispatcher::new(Drill, schedule, breaker), books, self.letters, &with, &stopping);
            } else {
                let live = Dispatcher::new(Live(self.channels), schedule, breaker);
                run(live, books, self.letters, &with, &stopping);
            }
        };
        std::thread::Builder::new()
            .name("holdfast-sending".to_owned())
            .spawn(run)
            .expect("the system gives a thread at start-up")
    }
}

/// What a provider carries, and for whom.
fn carries(channel: &Outgoing) -> letter::Way {
    letter::Way {
        kind: match channel.kind {
            ChannelKind::Sms => Kind::Sms,
            ChannelKind::Alimtalk => Kind::AlimTalk,
            ChannelKind::Chat | ChannelKind::Smartstore => Kind::Webhook,
        },
        merchants: channel.merchants.iter().map(|code| code.as_str().into()).collect(),
        registers: channel.kind == ChannelKind::Smartstore,
    }
}

/// A provider's channel.
fn provider(name: &str, channel: &Outgoing, http: Arc<dyn Http>) -> Box<dyn Channel> {
    let settings = WebhookSettings {
        // Made once at the start, and kept as long as the program runs.
        name: Box::leak(name.to_owned().into_boxed_str()),
        kind: channel.kind.word(),
        url: channel.url.clone(),
        secret: Secret::new(channel.secret.as_str()),
        templates: channel.templates.clone(),
        repeatable: channel.keeps_keys,
        now: || jiff::Timestamp::now().as_second(),
    };
    Box::new(WebhookChannel::new(settings, http))
}

/// What the loop needs beside its channels.
struct With {
    app: App,
    /// The number of the mail channel.
    mail: usize,
}

/// The channel mails leave by.
fn mail_channel(mail: &Mail) -> Result<Box<dyn Channel>, Failure> {
    if let Some(folder) = &mail.folder {
        let folder = OutboxFolder::open(folder)
            .map_err(|error| Failure::input(chain(&error), "name another folder as mail.folder"))?;
        return Ok(Box::new(FolderChannel(folder)));
    }
    let relay = Relay::parse(mail.smtp.as_deref().unwrap_or_default())
        .map_err(|why| Failure::input(format!("mail.smtp: {why}"), "correct it in the configuration"))?;
    let settings = SmtpSettings {
        host: relay.host,
        port: relay.port,
        protection: match relay.tls {
            MailTls::Implicit => Protection::Implicit,
            MailTls::StartTls => Protection::StartTls,
            MailTls::None => Protection::LoopbackPlain,
        },
        sign_in: relay.user.zip(mail.password.clone()),
        timeout: RELAY_WITHIN,
        connections_max: mail.connections.unwrap_or(8).clamp(1, 64),
        reports: mail.reports,
    };
    let channel = SmtpChannel::new(settings, &mail.from, mail.receipts.clone())
        .map_err(|error| Failure::input(chain(&error), "check mail.smtp and mail.from"))?;
    Ok(Box::new(channel))
}

/// Where people's data lie, once the index goes as far as the notices.
fn finder(index: Index) -> holdfast_app::dispatch::Finder {
    Box::new(move |wanted: &[SubjectId], version: u64| {
        let until = Instant::now() + INDEX_WITHIN;
        while index.version() < version {
            if Instant::now() >= until {
                return Err(LiveError::Behind);
            }
            std::thread::sleep(INDEX_EVERY);
        }
        let mut found = Vec::with_capacity(wanted.len());
        for subject in wanted {
            match index.seal(*subject, u64::MAX >> 1) {
                Ok(Some(version)) => found.push((*subject, version)),
                // Somebody the journal never sealed has no address; a cache that cannot be read knows nothing.
                Ok(None) => {}
                Err(_) => return Err(LiveError::Behind),
            }
        }
        Ok(found)
    })
}

fn run<O: Outlet>(
    mut dispatcher: Dispatcher<O>,
    mut books: LiveBooks<SystemClock>,
    mut letters: Letters,
    with: &With,
    stopping: &AtomicBool,
) {
    let service = &with.app.service;
    let (mut seen, mut due, mut writes) = (None, Instant::now(), false);
    let mut called = Instant::now();
    let mut rested = Vec::new();
    while !stopping.load(Ordering::Acquire) {
        // A service that follows leaves the sending to the writer.
        if !service.is_writer() && service.followed().is_some() {
            writes = false;
            std::thread::sleep(LOOK_EVERY);
            continue;
        }
        if !writes {
            // The secret of links is known by now, whoever made it.
            (writes, seen) = (true, None);
            letters.keys = links(service, &with.app.config);
        }
        let version = books.refresh();
        if called.elapsed() >= CALLS_EVERY {
            called = Instant::now();
            let app = &with.app;
            // A drill's outlet holds no channel: nobody is called, and the call tree's clocks run.
            let mail = dispatcher.outlet().channels().get_mut(with.mail);
            let mail = mail.map(|mail| &mut **mail as &mut dyn Channel);
            match calling::round(&mut books, &app.config.contacts, &letters, mail) {
                Ok(0) => {}
                Ok(asked) => tracing::info!(asked, "calls"),
                Err(LiveError::Ended) => {}
                Err(error) => tracing::warn!(error = %chain(&error), "calls wait"),
            }
        }
        if seen == Some(version) && Instant::now() < due {
            std::thread::sleep(LOOK_EVERY);
            continue;
        }
        match dispatcher.round(&mut books, &mut letters) {
            Ok(round) => {
                tell(&round);
                due = Instant::now() + rest(&round);
                // What it has done itself is no news.
                seen = Some(books.refresh());
                let idle = round.sent + round.failed + round.suppressed == 0;
                if idle {
                    // Orders come in all the time; each is no reason to look again at once.
                    std::thread::sleep(LOOK_EVERY);
                } else {
                    due = due.min(Instant::now() + LOOK_EVERY);
                }
            }
            Err(LiveError::Ended) if service.followed().is_some() => {}
            Err(LiveError::Ended) => return,
            Err(error) => {
                tracing::warn!(error = %chain(&error), "sending waits");
                std::thread::sleep(AGAIN);
            }
        }
        let resting = dispatcher.resting();
        if resting != rested {
            for channel in &resting {
                let name = dispatcher.outlet().channels().get(*channel).map_or("", |channel| channel.name());
                tracing::warn!(
                    channel = name,
                    "it failed again and again, and rests before it is tried once more"
                );
            }
            rested = resting;
        }
    }
}

/// How long there is nothing to do, as far as the round could tell.
fn rest(round: &Round) -> Duration {
    let now = SystemClock.now();
    round.next.map_or(REST_MAX, |next| Duration::from_millis(next.since(now).0).min(REST_MAX))
}

fn tell(round: &Round) {
    if round.sent + round.failed + round.later + round.doubt + round.suppressed > 0 {
        tracing::info!(
            sent = round.sent,
            failed = round.failed,
            later = round.later,
            in_doubt = round.doubt,
            suppressed = round.suppressed,
            "notices"
        );
    }
    for (notice, why) in &round.unsaid {
        tracing::error!(%notice, why, "a notice could not be put into words");
    }
}
