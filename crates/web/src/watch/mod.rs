//! The watch: feeds of alerts polled, sites listened for, the order feed compared with itself; what they mean for the
//! sites, as potential incidents a person may declare.
//!
//! Invariants: nothing here closes, moves or tells anything; a feed that has gone stale is an alarm, and an empty one is
//! never taken for "no threat"; each feed has a thread of its own, so that a slow one holds up no other. What is known
//! is kept in memory: after a start everything is asked for anew.

mod fetch;
mod orders;
mod poll;
pub mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use holdfast_connect::http::{Http, Pace};
use holdfast_console::beside::silent_name;
use holdfast_console::words::{Locale, Words};
use holdfast_domain::id::IncidentId;
use holdfast_domain::incident::{Hazard, Phase, Severity, SiteAccess};
use holdfast_domain::place::Place;
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use holdfast_hazard::alert::{AlertBook, FeedState, FeedWatch, Precision, SiteVoice, heartbeat};
use holdfast_hazard::exposure::{Chance, ErrorModel, Target, chances};
use holdfast_hazard::threat::{Evidence, Sign, Threat, signs_of_alert, signs_of_forecast, threats};
use holdfast_hazard::track::Forecast;

use crate::app::{App, lock};

pub use orders::{OrderAlarm, OrderState};
pub use poll::FeedStatus;
use settings::Feed;

/// How often it is looked whether there is something to do.
const TICK: Duration = Duration::from_millis(250);
/// How often threats are judged anew though no feed has brought anything: alerts begin and end by themselves.
const JUDGE_EVERY_MS: i64 = 60_000;
/// How long after its initial hour a forecast is still gone by: the next two of the usual cadence have not come.
pub const FORECAST_HOLDS: Span = Span::hours(18);
/// Who says that a site is silent.
const HEARTBEAT: &str = "heartbeat";
/// What it says; threats are called so in the interface and the log.
const SILENT: &str = "Site silent";
/// Sampled tracks for a chance.
const SAMPLES: u32 = 400;
/// Seed of those samples: chances of one forecast are the same at every look.
const SEED: u64 = 1;

/// What is watched.
#[derive(Default)]
pub struct Watch {
    feeds: OnceLock<Vec<Arc<poll::Line>>>,
    since: OnceLock<i64>,
    book: Mutex<Book>,
    beats: Mutex<BTreeMap<String, Beat>>,
    orders: Mutex<Vec<OrderAlarm>>,
    threats: Mutex<Arc<Vec<Threat>>>,
    dirty: AtomicBool,
    opening: tokio::sync::Mutex<()>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What the feeds have said.
#[derive(Default)]
struct Book {
    alerts: AlertBook,
    /// Which feed brought an alert, by sender and id.
    from: BTreeMap<(String, String), usize>,
    /// The last forecast of each storm, and the feed it came by.
    forecasts: BTreeMap<String, (Forecast, usize)>,
    /// Chances of a forecast at so many sites: its initial hour, how many sites, and what was found.
    chances: BTreeMap<String, (Stamp, usize, Vec<Chance<String>>)>,
    /// Alerts there was no room for.
    dropped: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Beat {
    last: Option<i64>,
    count: u64,
}

/// A site that is listened for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteBeat {
    /// Its code.
    pub site: String,
    /// How often it should be heard.
    pub every: Span,
    /// When it was last heard since the start.
    pub last: Option<Stamp>,
    /// How often it was heard since the start.
    pub count: u64,
    /// Whether it answers.
    pub voice: SiteVoice,
}

/// Why a beat was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unheard {
    /// Nobody listens for the site.
    NotListenedFor,
    /// Whoever beats is another site's, or not the one this site's beats come from.
    NotItsOwn,
}

/// Starts the feeds and the watch of sites and orders, on threads of their own. `http` sends once.
pub fn start(app: &App, http: &Arc<dyn Http>, pace: &Arc<dyn Pace>) {
    let now = pace.now_ms();
    let lines: Vec<Arc<poll::Line>> = app
        .config
        .feeds
        .iter()
        .enumerate()
        .map(|(index, feed)| Arc::new(poll::Line::new(index, feed.clone(), now)))
        .collect();
    if app.watch.since.set(now).is_err() || app.watch.feeds.set(lines.clone()).is_err() {
        tracing::error!("the watch was started twice");
        return;
    }
    let mut threads = Vec::new();
    let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
    for line in lines {
        let (app, http, pace) = (app.clone(), http.clone(), pace.clone());
        let spawned = thread("holdfast-feed").spawn(move || line.run(&app, &*http, &*pace));
        threads.push(spawned.expect("the system gives a thread at start-up"));
    }
    let (judged, pace) = (app.clone(), pace.clone());
    let spawned = thread("holdfast-watch").spawn(move || judged.watch.run(&judged, &*pace));
    threads.push(spawned.expect("the system gives a thread at start-up"));
    *lock(&app.watch.threads) = threads;
}

/// Waits a moment; false when the app stops.
fn rest(app: &App) -> bool {
    if *app.stopping.borrow() {
        return false;
    }
    std::thread::sleep(TICK);
    !*app.stopping.borrow()
}

impl Watch {
    /// Waits until its threads have ended; the app has to be stopping.
    pub fn join(&self) {
        for thread in std::mem::take(&mut *lock(&self.threads)) {
            // A thread that broke off has said so in the log.
            drop(thread.join());
        }
    }

    /// The feeds, as they are at `now`.
    #[must_use]
    pub fn feeds(&self, now: Stamp) -> Vec<FeedStatus> {
        let lines = self.feeds.get().map_or(&[][..], Vec::as_slice);
        let mut in_force = vec![0; lines.len()];
        {
            let book = lock(&self.book);
            for alert in book.alerts.valid(now) {
                let feed = book.from.get(&(alert.sender.clone(), alert.id.clone()));
                if let Some(count) = feed.and_then(|feed| in_force.get_mut(*feed)) {
                    *count += 1;
                }
            }
        }
        lines.iter().zip(in_force).map(|(line, in_force)| line.status(now, in_force)).collect()
    }

    /// Alerts there was no room for since the start: an alarm when there are any.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        lock(&self.book).dropped
    }

    /// The sites that are listened for, as they are at `now`.
    #[must_use]
    pub fn sites(&self, app: &App, now: Stamp) -> Vec<SiteBeat> {
        let since = Stamp(*self.since.get().unwrap_or(&now.0));
        let heard = lock(&self.beats);
        let beat = |configured: &settings::Heartbeat| {
            let beat = heard.get(&configured.site).copied().unwrap_or_default();
            let (every, last) = (Span(configured.every_seconds * 1_000), beat.last.map(Stamp));
            let voice = heartbeat(last.unwrap_or(since), every, now);
            SiteBeat { site: configured.site.clone(), every, last, count: beat.count, voice }
        };
        app.config.heartbeats.iter().map(beat).collect()
    }

    /// A site was heard by a beat of `actor`.
    ///
    /// # Errors
    /// Nobody listens for it, or not to them: a beat of somebody else would hide that the site is silent.
    pub fn heard(&self, app: &App, site: &str, actor: &str) -> Result<(), Unheard> {
        let config = &app.config;
        let listened = config.heartbeats.iter().find(|beat| beat.site == site);
        let listened = listened.ok_or(Unheard::NotListenedFor)?;
        let theirs = |caller: &Option<String>| caller.as_deref() == Some(actor);
        let beats = config.heartbeats.iter().filter(|beat| theirs(&beat.caller)).map(|beat| &beat.site);
        let warehouses = config.warehouses.iter().filter(|one| theirs(&one.caller)).map(|one| &one.site);
        // A key that is named for sites speaks for those alone.
        let mut bound = beats.chain(warehouses).peekable();
        let may = match &listened.caller {
            Some(caller) => caller == actor,
            None => bound.peek().is_none() || bound.any(|bound| bound == site),
        };
        if !may {
            return Err(Unheard::NotItsOwn);
        }
        let mut beats = lock(&self.beats);
        let beat = beats.entry(site.to_owned()).or_default();
        (beat.last, beat.count) = (Some(app.now()), beat.count + 1);
        self.dirty.store(true, Ordering::Release);
        Ok(())
    }

    /// What the order feed did at the last look: first all orders, then each merchant's.
    #[must_use]
    pub fn orders(&self) -> Vec<OrderAlarm> {
        lock(&self.orders).clone()
    }

    /// The turn to open an incident from a potential one.
    pub async fn opening(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.opening.lock().await
    }

    /// Potential incidents, the worst first.
    #[must_use]
    pub fn threats(&self) -> Arc<Vec<Threat>> {
        lock(&self.threats).clone()
    }

    fn run(&self, app: &App, pace: &dyn Pace) {
        let (mut judged, mut counted) = (i64::MIN, i64::MIN);
        let mut history = orders::History::default();
        let mut told = Told::default();
        let mut tick = 0_u64;
        while rest(app) {
            let now = pace.now_ms();
            tick = tick.wrapping_add(1);
            let every = i64::try_from(app.config.order_feed.every_seconds).unwrap_or(i64::MAX) * 1_000;
            if every > 0 && now.saturating_sub(counted) >= every {
                counted = now;
                let found = history.look(&app.view(), Stamp(now));
                *lock(&self.orders) = found;
            }
            if self.dirty.swap(false, Ordering::AcqRel) || now.saturating_sub(judged) >= JUDGE_EVERY_MS {
                judged = now;
                self.judge(app, Stamp(now));
            }
            // The log is no place to look in every quarter of a second.
            if tick.is_multiple_of(8) {
                told.tell(self, app, Stamp(now));
            }
        }
    }

    /// Finds what threatens the sites at `now`.
    fn judge(&self, app: &App, now: Stamp) {
        let view = app.view();
        let sites: Vec<(String, Place)> =
            view.state().network.sites.iter().map(|site| (site.code.to_string(), site.place)).collect();
        let mut signs = self.signs_of_alerts(&app.config.feeds, &sites, now);
        signs.extend(self.signs_of_forecasts(&app.config.feeds, &sites, now));
        signs.extend(self.silent(app, view.state(), now));
        *lock(&self.threats) = Arc::new(threats(&signs, &sites));
    }

    fn signs_of_alerts(&self, feeds: &[Feed], sites: &[(String, Place)], now: Stamp) -> Vec<Sign> {
        let mut book = lock(&self.book);
        let (mut signs, mut there) = (Vec::new(), BTreeMap::new());
        for alert in book.alerts.valid(now) {
            let key = (alert.sender.clone(), alert.id.clone());
            let feed = book.from.get(&key).copied();
            let least = feed.and_then(|feed| feeds.get(feed)).map_or(Severity::Moderate, |feed| feed.least);
            signs.extend(signs_of_alert(alert, sites, least));
            if let Some(feed) = feed {
                there.insert(key, feed);
            }
        }
        // What is over never comes back.
        book.from = there;
        signs
    }

    fn signs_of_forecasts(&self, feeds: &[Feed], sites: &[(String, Place)], now: Stamp) -> Vec<Sign> {
        let held: Vec<(String, Forecast, usize)> = {
            let mut book = lock(&self.book);
            book.forecasts.retain(|_, (forecast, _)| now.since(forecast.initial) <= FORECAST_HOLDS);
            let there: BTreeSet<String> = book.forecasts.keys().cloned().collect();
            book.chances.retain(|storm, _| there.contains(storm));
            book.forecasts
                .iter()
                .map(|(storm, (forecast, feed))| (storm.clone(), forecast.clone(), *feed))
                .collect()
        };
        let mut signs = Vec::new();
        for (storm, forecast, feed) in held {
            let Some(feed) = feeds.get(feed) else { continue };
            let known = lock(&self.book).chances.get(&storm).cloned();
            let found = match known {
                Some((initial, count, found)) if initial == forecast.initial && count == sites.len() => found,
                _ => {
                    let targets: Vec<(String, Target)> =
                        sites.iter().map(|(code, place)| (code.clone(), Target::Site(*place))).collect();
                    let model = ErrorModel::nhc_atlantic_2018();
                    let found = chances(&forecast, &model, &targets, &[feed.winds_kt], SAMPLES, SEED);
                    let kept = (forecast.initial, sites.len(), found.clone());
                    lock(&self.book).chances.insert(storm.clone(), kept);
                    found
                }
            };
            let least = f64::from(feed.chance_percent) / 100.0;
            signs.extend(signs_of_forecast(&forecast.track.name, forecast.initial, &found, least));
        }
        signs
    }

    /// Sites that should work and are not heard.
    fn silent(&self, app: &App, state: &State, now: Stamp) -> Vec<Sign> {
        let works = |code: &str| {
            let at = state.network.sites.iter().position(|site| &*site.code == code);
            at.and_then(|at| state.sites.get(at))
                .is_some_and(|site| matches!(site.access, SiteAccess::Open { .. }))
        };
        let silent = self.sites(app, now).into_iter().filter(|beat| works(&beat.site));
        let sign = |beat: SiteBeat| match beat.voice {
            SiteVoice::Silent { since } => Some(Sign {
                site: beat.site.clone(),
                hazard: Hazard::Other,
                severity: Severity::Moderate,
                called: SILENT.to_owned(),
                from: Some(since),
                until: None,
                evidence: Evidence::Alert {
                    sender: HEARTBEAT.to_owned(),
                    id: beat.site,
                    event: SILENT.to_owned(),
                    precision: Precision::Drawn,
                },
            }),
            _ => None,
        };
        silent.filter_map(sign).collect()
    }
}

/// Whether a feed's last word is recent enough.
fn state_of(last: Option<Stamp>, since: Stamp, stale_after_ms: u64, now: Stamp) -> FeedState {
    // A watch is stale after four of its cadences.
    let cadence = Span((stale_after_ms / 4).max(1));
    FeedWatch { name: String::new(), cadence, since, last_read: last }.state(now)
}

/// Whether a piece of evidence is that a site is not heard.
#[must_use]
pub fn is_silence(evidence: &Evidence) -> bool {
    matches!(evidence, Evidence::Alert { sender, event, .. } if sender == HEARTBEAT && event == SILENT)
}

/// Whether a threat has its name from sites that are not heard.
#[must_use]
pub fn is_silent(threat: &Threat) -> bool {
    let called = threat.name.strip_prefix(SILENT).is_some_and(|rest| rest.starts_with(':'));
    called && threat.evidence.iter().any(is_silence)
}

/// The names an incident may have that was opened from a threat: the console gives it one in the reader's language.
fn names(threat: &Threat) -> Vec<String> {
    let mut names = vec![threat.name.clone()];
    if is_silent(threat) {
        names.extend(Locale::ALL.map(|locale| silent_name(Words::of(locale), &threat.sites)));
    }
    names
}

/// The open incident that is about a threat already: the same hazard, at one of its sites, or of its name.
#[must_use]
pub fn declared(state: &State, threat: &Threat) -> Option<IncidentId> {
    let code = |site: holdfast_domain::id::SiteId| {
        state.network.site(site).is_some_and(|site| threat.sites.iter().any(|code| **code == *site.code))
    };
    let names = names(threat);
    let about = |incident: &holdfast_domain::incident::Incident| {
        incident.phase != Phase::Closed
            && incident.hazard == threat.hazard
            && !incident.drill
            && (incident.sites.iter().any(|site| code(*site))
                || names.iter().any(|name| **name == *incident.name))
    };
    state.incidents.iter().filter(|(_, incident)| about(incident)).map(|(id, _)| id).last()
}

/// What the log was told, so that it is told once.
#[derive(Default)]
struct Told {
    alarms: BTreeSet<String>,
}

impl Told {
    fn tell(&mut self, watch: &Watch, app: &App, now: Stamp) {
        let mut alarms = BTreeSet::new();
        for feed in watch.feeds(now).into_iter().filter(FeedStatus::is_stale) {
            alarms.insert(format!("feed {} is stale", feed.name));
        }
        for site in watch.sites(app, now) {
            if matches!(site.voice, SiteVoice::Silent { .. }) {
                alarms.insert(format!("site {} is silent", site.site));
            }
        }
        for scope in watch.orders() {
            if scope.state.is_alarm() {
                alarms.insert(format!("orders of {} are {}", scope.of(), scope.state.word()));
            }
        }
        for threat in watch.threats().iter() {
            alarms.insert(format!("potential incident {} ({})", threat.name, threat.id));
        }
        for alarm in alarms.difference(&self.alarms) {
            tracing::warn!(alarm, "watch");
        }
        for over in self.alarms.difference(&alarms) {
            tracing::info!(over, "watch: over");
        }
        self.alarms = alarms;
    }
}
