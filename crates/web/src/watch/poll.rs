//! A feed and its thread: asked at its cadence, what it says folded into the book, what fails told.

use std::sync::Mutex;

use holdfast_connect::http::{Backoff, Http, Pace};
use holdfast_domain::time::{Span, Stamp};
use holdfast_hazard::alert::{FeedState, Folded, Reading};
use holdfast_hazard::document::{Document, read};
use holdfast_hazard::track::Forecast;

use super::fetch::{self, Failed, Known, Look, clip};
use super::settings::Feed;
use super::{rest, state_of};
use crate::app::{App, lock};

/// The first wait after a failure, milliseconds; the longest is the feed's cadence.
const AGAIN_FIRST_MS: u64 = 5_000;

/// A feed.
pub struct Line {
    index: usize,
    feed: Feed,
    /// When polling began.
    since: Stamp,
    now: Mutex<Now>,
}

#[derive(Clone, Debug, Default)]
struct Now {
    known: Known,
    /// As of when it has last spoken.
    last: Option<Stamp>,
    error: Option<(Stamp, String)>,
    failed: u32,
    read: u64,
    unchanged: u64,
    failures: u64,
    refused: usize,
}

/// How a feed is.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedStatus {
    /// Its name.
    pub name: String,
    /// What it serves.
    pub kind: String,
    /// Its address or folder.
    pub origin: String,
    /// How often it is looked at.
    pub every: Span,
    /// Without a word for so long it is stale.
    pub stale_after: Span,
    /// Since when it is polled.
    pub since: Stamp,
    /// As of when it has last spoken.
    pub last: Option<Stamp>,
    /// Whether it can be relied on, and how old its last word is.
    pub state: FeedState,
    /// What went wrong last, and when; none after a look that went well.
    pub error: Option<(Stamp, String)>,
    /// Documents read, looks that brought nothing new, looks that failed, since the start.
    pub read: u64,
    /// Looks that brought nothing new.
    pub unchanged: u64,
    /// Looks that failed.
    pub failures: u64,
    /// Entries of the last document that could not be read.
    pub refused: usize,
    /// Its alerts that are in force.
    pub in_force: usize,
}

impl FeedStatus {
    /// Whether it is an alarm.
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        matches!(self.state, FeedState::Stale(_))
    }

    /// How old its last word is; since the start where there was none.
    #[must_use]
    pub const fn age(&self) -> Span {
        match self.state {
            FeedState::Fresh(age) | FeedState::Late(age) | FeedState::Stale(age) => age,
        }
    }
}

impl Line {
    pub(super) fn new(index: usize, feed: Feed, since_ms: i64) -> Self {
        Self { index, feed, since: Stamp(since_ms), now: Mutex::default() }
    }

    pub(super) fn status(&self, now: Stamp, in_force: usize) -> FeedStatus {
        let known = lock(&self.now).clone();
        FeedStatus {
            name: self.feed.name.clone(),
            kind: self.feed.kind.clone(),
            origin: self.feed.origin(),
            every: Span(self.feed.every_seconds * 1_000),
            stale_after: Span(self.feed.stale_after_ms()),
            since: self.since,
            last: known.last,
            state: state_of(known.last, self.since, self.feed.stale_after_ms(), now),
            error: known.error,
            read: known.read,
            unchanged: known.unchanged,
            failures: known.failures,
            refused: known.refused,
            in_force,
        }
    }

    pub(super) fn run(&self, app: &App, http: &dyn Http, pace: &dyn Pace) {
        let mut due = self.since.0;
        while rest(app) {
            if pace.now_ms() < due {
                continue;
            }
            let wait = self.round(app, http, pace.now_ms(), pace.chance());
            due = pace.now_ms().saturating_add(i64::try_from(wait).unwrap_or(i64::MAX));
        }
    }

    /// Looks once; gives the milliseconds until the next look.
    pub(super) fn round(&self, app: &App, http: &dyn Http, now_ms: i64, chance: u64) -> u64 {
        let known = lock(&self.now).known.clone();
        let looked = fetch::look(&self.feed, &known, http, now_ms);
        let whole = self.feed.every_seconds * 1_000;
        let outcome = looked.and_then(|look| self.take(app, look, Stamp(now_ms)));
        let mut now = lock(&self.now);
        match outcome {
            Ok(()) => {
                if now.failed > 0 {
                    tracing::info!(feed = self.feed.name, "the feed is well again");
                }
                now.failed = 0;
                // A tenth of the cadence by chance: many feeds of one house do not ask in the same second.
                whole - whole / 20 + chance % (whole / 10 + 1)
            }
            Err(Failed { why, again_after_ms }) => {
                if now.failed == 0 {
                    tracing::warn!(feed = self.feed.name, why, "a feed could not be read");
                }
                now.failed = now.failed.saturating_add(1);
                now.failures += 1;
                now.error = Some((Stamp(now_ms), why));
                let again = Backoff { tries: u32::MAX, first_ms: AGAIN_FIRST_MS.min(whole), most_ms: whole };
                again.spread_ms(now.failed, chance).max(again_after_ms.unwrap_or(0))
            }
        }
    }

    /// Takes what a look has brought.
    fn take(&self, app: &App, look: Look, now: Stamp) -> Result<(), Failed> {
        let Look { documents, mut faults, spoken, known: mut remembered } = look;
        let (count, mut unread, mut refused) = (documents.len(), 0, 0);
        for (name, bytes) in &documents {
            let told = |why: String| if name.is_empty() { why } else { format!("{name}: {why}") };
            match self.take_one(app, bytes, now) {
                Ok(entries) => {
                    refused += entries.len();
                    faults.extend(entries.first().map(|first| {
                        told(format!("{} entries could not be read, the first: {first}", entries.len()))
                    }));
                }
                Err(why) => {
                    unread += 1;
                    // A file that could not be read is tried again at every look, until it can or is gone.
                    remembered.files.retain(|path, _| {
                        path.file_name().is_none_or(|file| file.to_string_lossy() != **name)
                    });
                    faults.push(told(why));
                }
            }
        }
        let first = faults.first().map(|first| match faults.len() {
            1 => clip(first),
            more => clip(&format!("{first} (and {} more)", more - 1)),
        });
        if unread > 0 && unread == count {
            return Err(Failed::from(first.unwrap_or_default()));
        }
        let mut mine = lock(&self.now);
        mine.known = remembered;
        mine.last = spoken.map(Stamp).max(mine.last);
        mine.error = first.map(|why| (now, why));
        mine.read += (count - unread) as u64;
        if count == 0 {
            mine.unchanged += 1;
        } else {
            mine.refused = refused;
        }
        Ok(())
    }

    /// Folds a document into the book; gives the entries that could not be read.
    fn take_one(&self, app: &App, bytes: &[u8], now: Stamp) -> Result<Vec<String>, String> {
        let (_, document) = read(bytes, self.feed.kind()).map_err(|error| error.to_string())?;
        match document {
            Document::Alerts(reading) | Document::Storms(_, reading) => self.fold(app, reading, now),
            Document::Forecasts(forecasts) => {
                self.forecast(app, forecasts, now);
                Ok(Vec::new())
            }
            Document::Areas(_) | Document::Tracks(_) => {
                Err("it says where something was, and not what threatens now".to_owned())
            }
        }
    }

    fn fold(&self, app: &App, reading: Reading, now: Stamp) -> Result<Vec<String>, String> {
        let refused: Vec<String> = reading.refused.iter().map(|error| clip(&error.to_string())).collect();
        if reading.alerts.is_empty()
            && let Some(first) = refused.first()
        {
            return Err(format!("none of its {} entries could be read, the first: {first}", refused.len()));
        }
        let mut full = 0_u64;
        {
            let mut book = lock(&app.watch.book);
            for alert in reading.alerts {
                let key = (alert.sender.clone(), alert.id.clone());
                match book.alerts.fold(alert, now) {
                    Folded::New | Folded::Updated => {
                        book.from.insert(key, self.index);
                    }
                    Folded::Full => full += 1,
                    Folded::Cancelled | Folded::Known | Folded::Ignored => {}
                }
            }
            book.dropped += full;
        }
        app.watch.dirty.store(true, std::sync::atomic::Ordering::Release);
        if full > 0 {
            return Err(format!(
                "there is no room for {full} of its alerts: narrow the feed to your regions"
            ));
        }
        Ok(refused)
    }

    /// Keeps the last forecast of each storm that was public by now.
    fn forecast(&self, app: &App, forecasts: Vec<Forecast>, now: Stamp) {
        let mut book = lock(&app.watch.book);
        for forecast in forecasts.into_iter().filter(|forecast| forecast.initial <= now) {
            let known = book.forecasts.get(&forecast.track.id);
            if known.is_none_or(|(known, _)| known.initial < forecast.initial) {
                book.forecasts.insert(forecast.track.id.clone(), (forecast, self.index));
            }
        }
        app.watch.dirty.store(true, std::sync::atomic::Ordering::Release);
    }
}
