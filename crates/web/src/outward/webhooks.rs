//! Webhooks of this house: everything that happens, told to those who asked for it, signed, in the order of the journal.
//!
//! Invariant: an endpoint hears the entries it asked for in the order of their versions, each at least once and each time
//! under the same id; the next is not told before the last was taken. After a kill it goes on with the entry that was not
//! known to be taken. An endpoint that fails as often as its schedule is long is switched off, and that is an alarm.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use holdfast_access::{Principal, Rights, Role};
use holdfast_app::service::Durable;
use holdfast_connect::http::{Address, Http, HttpError, Pace, Reach, Request, Secret, retry_after_ms};
use holdfast_connect::standard;
use rusqlite::{OptionalExtension as _, params};
use serde::Deserialize;

use super::store::{Fault, Store};
use crate::app::App;
use crate::config::secret_of;
use crate::guard::Who;
use crate::index::entries_after;
use crate::routes::events::{EntryOut, entry_out};

/// Endpoints there may be: each has a thread.
pub const ENDPOINTS_MAX: usize = 50;
/// Seconds between tries, as the specification of Standard Webhooks proposes them; after the last it is switched off.
const SCHEDULE_S: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// Tries of a schedule.
const TRIES_MAX: usize = 100;
/// Entries read from the journal at once.
const CHUNK: usize = 500;
/// How often it is looked for something new.
const TICK: Duration = Duration::from_millis(500);

pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS endpoints (id TEXT PRIMARY KEY, version INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
  due INTEGER NOT NULL DEFAULT 0, off INTEGER, error TEXT) STRICT, WITHOUT ROWID;";

/// An endpoint in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its name.
    pub id: String,
    /// Where it is told.
    pub url: String,
    /// The secret its deliveries are signed with: `whsec_…`.
    #[serde(default)]
    pub secret: Option<Secret>,
    /// Variable of the environment that holds the secret.
    #[serde(default)]
    pub secret_env: Option<String>,
    /// File that holds the secret.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// The only merchant whose events it hears; all, if not given.
    #[serde(default)]
    pub merchant: Option<String>,
    /// The kinds of events it hears, such as `OrderMoved`; all, if not given.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Whether it may lie inside the house's own network.
    #[serde(default)]
    pub inside: bool,
    /// Seconds between tries; it is switched off after the last.
    #[serde(default)]
    pub schedule_s: Vec<u64>,
}

impl Endpoint {
    /// Takes the secret from where it is kept and looks whether all of it can be.
    ///
    /// # Errors
    /// What is wrong.
    pub fn resolve(&mut self, env: &impl Fn(&str) -> Option<String>) -> Result<(), String> {
        let address = Address::parse(&self.url).map_err(|error| error.to_string())?;
        if !self.inside && (!address.tls || address.is_internal()) {
            return Err("url: give an https address outside the house, or say inside = true".to_owned());
        }
        let kept = secret_of(self.secret_env.as_deref(), self.secret_file.as_ref(), env)?;
        self.secret = kept.map(Secret::new).or(self.secret.take());
        if self.key().is_none() {
            return Err(
                "give a secret of the form whsec_ and base64 of 24 to 64 bytes, by secret_env or secret_file"
                    .to_owned(),
            );
        }
        if self.schedule_s.len() > TRIES_MAX {
            return Err(format!("schedule_s: it has more than {TRIES_MAX} tries"));
        }
        Ok(())
    }

    fn key(&self) -> Option<Vec<u8>> {
        standard::key(self.secret.as_ref()?.reveal())
    }

    fn schedule(&self) -> &[u64] {
        if self.schedule_s.is_empty() { &SCHEDULE_S } else { &self.schedule_s }
    }

    /// The endpoint as one who asks: its merchant's events, or all.
    fn who(&self) -> Who {
        Who::known(Principal {
            actor: format!("webhook:{}", self.id),
            name: self.id.clone(),
            role: if self.merchant.is_some() { Role::Merchant } else { Role::Viewer },
            rights: Rights::default(),
            merchant: self.merchant.clone(),
            proved: None,
            csrf: None,
            second_factor: false,
        })
    }
}

/// How an endpoint is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The last entry it has taken, or that was not for it.
    pub version: u64,
    /// Tries in a row that failed.
    pub failures: u32,
    /// When it is tried next, in milliseconds of Unix time.
    pub due: i64,
    /// Since when it is switched off.
    pub off: Option<i64>,
    /// Why it failed, last.
    pub error: Option<String>,
}

impl Store {
    /// How an endpoint is; `None` before its first entry.
    ///
    /// # Errors
    /// SQLite's.
    pub fn endpoint(&self, id: &str) -> Result<Option<State>, Fault> {
        let select = "SELECT version, failures, due, off, error FROM endpoints WHERE id = ?1";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(State {
                version: row.get::<_, i64>(0)?.unsigned_abs(),
                failures: row.get(1)?,
                due: row.get(2)?,
                off: row.get(3)?,
                error: row.get(4)?,
            })
        };
        self.db().query_row(select, [id], read).optional()
    }

    /// Keeps how an endpoint is, if it still stands at `before`; somebody may have begun a replay meanwhile.
    ///
    /// # Errors
    /// SQLite's.
    pub fn advance_endpoint(&self, id: &str, before: u64, state: &State) -> Result<bool, Fault> {
        let update = "UPDATE endpoints SET version = ?3, failures = ?4, due = ?5, off = ?6, error = ?7 WHERE id = ?1 AND version = ?2";
        let State { version, failures, due, off, error } = state;
        let row = params![id, before as i64, *version as i64, failures, due, off, error];
        self.db().execute(update, row).map(|changed| changed == 1)
    }

    /// Keeps how an endpoint is.
    ///
    /// # Errors
    /// SQLite's.
    pub fn keep_endpoint(&self, id: &str, state: &State) -> Result<(), Fault> {
        let insert = "INSERT OR REPLACE INTO endpoints VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let State { version, failures, due, off, error } = state;
        self.db().execute(insert, params![id, *version as i64, failures, due, off, error]).map(drop)
    }
}

/// One endpoint's work.
pub(super) struct Teller {
    pub(super) endpoint: Endpoint,
    pub(super) store: Store,
    pub(super) http: Arc<dyn Http>,
    pub(super) pace: Arc<dyn Pace>,
}

impl Teller {
    pub(super) fn run(&self, app: &App) {
        while !*app.stopping.borrow() {
            let allowed = app.service.is_writer() && app.config.mode != crate::config::Mode::Drill;
            let more = allowed
                && self.round(app).unwrap_or_else(|error| {
                    tracing::warn!(endpoint = self.endpoint.id, %error, "webhooks are put off");
                    false
                });
            if !more {
                std::thread::sleep(TICK);
            }
        }
    }

    /// Tells what is due; whether there may be more at once.
    fn round(&self, app: &App) -> Result<bool, Fault> {
        let head = app.view().state().version;
        let Some(mut state) = self.store.endpoint(&self.endpoint.id)? else {
            // What was before it was asked for is not told; a replay tells it.
            self.store.keep_endpoint(&self.endpoint.id, &State { version: head, ..State::default() })?;
            return Ok(false);
        };
        if state.off.is_some() || state.due > self.pace.now_ms() || state.version >= head {
            return Ok(false);
        }
        let after = state.version;
        let Ok(Ok(entries)) = app.service.read_and_wait(move |journal| entries_after(journal, after, CHUNK))
        else {
            return Ok(false);
        };
        let (who, view) = (self.endpoint.who(), app.view());
        let mut passed = state.version;
        for durable in entries.iter().filter(|durable| durable.version <= view.state().version) {
            if *app.stopping.borrow() {
                return Ok(false);
            }
            let Some(entry) = self.wanted(entry_out(view.state(), &who, durable, None)) else {
                passed = durable.version;
                continue;
            };
            if !self.tell(&mut state, durable, &entry)? {
                return Ok(false);
            }
            passed = durable.version;
        }
        let before = state.version;
        state.version = passed.max(before);
        self.store.advance_endpoint(&self.endpoint.id, before, &state)
    }

    /// What of an entry the endpoint has asked for.
    fn wanted(&self, entry: Option<EntryOut>) -> Option<EntryOut> {
        let mut entry = entry?;
        if !self.endpoint.kinds.is_empty() {
            entry.events.retain(|event| self.endpoint.kinds.contains(&event.kind));
        }
        (!entry.events.is_empty()).then_some(entry)
    }

    /// Tells an entry; whether it was taken. What became of it is kept.
    fn tell(&self, state: &mut State, durable: &Durable, entry: &EntryOut) -> Result<bool, Fault> {
        let now = self.pace.now_ms();
        let body = serde_json::json!({ "type": "entry", "timestamp": entry.at, "data": entry }).to_string();
        let id = format!("{}-{}", self.endpoint.id, durable.version);
        let seconds = now.div_euclid(1_000);
        let key = self.endpoint.key().expect("the configuration is refused without one");
        let signature = standard::sign(&key, &id, seconds, body.as_bytes());
        let reach = if self.endpoint.inside { Reach::PLAIN } else { Reach::PUBLIC };
        let request = Request::post_json(&self.endpoint.url, body.into_bytes())
            .with("webhook-id", &id)
            .with("webhook-timestamp", &seconds.to_string())
            .with_secret("webhook-signature", Secret::new(signature))
            .reaching(reach);
        let (why, gone, asked) = match self.http.send(&request) {
            Ok(answer) if answer.is_done() => {
                let before = state.version;
                *state = State { version: durable.version, ..State::default() };
                return self.store.advance_endpoint(&self.endpoint.id, before, state);
            }
            Ok(answer) => {
                let asked = answer.header("retry-after").and_then(|header| retry_after_ms(header, now));
                (format!("it answers {}", answer.status), answer.status == 410, asked)
            }
            Err(error @ HttpError::Refused { .. }) => (error.to_string(), true, None),
            Err(error) => (error.to_string(), false, None),
        };
        let schedule = self.endpoint.schedule();
        let wait = schedule.get(state.failures as usize).copied();
        state.failures = state.failures.saturating_add(1);
        state.error = Some(why.clone());
        match wait.filter(|_| !gone) {
            Some(seconds) => {
                let wait = (seconds * 1_000).max(asked.unwrap_or(0));
                // A tenth by chance, so that endpoints of one house do not come back together.
                let wait = wait + self.pace.chance() % (wait / 10 + 1);
                state.due = now.saturating_add(i64::try_from(wait).unwrap_or(i64::MAX));
            }
            None => {
                state.off = Some(now);
                tracing::error!(
                    endpoint = self.endpoint.id,
                    why,
                    "a webhook is switched off: mend it and replay"
                );
            }
        }
        self.store.advance_endpoint(&self.endpoint.id, state.version, state)?;
        Ok(false)
    }
}
