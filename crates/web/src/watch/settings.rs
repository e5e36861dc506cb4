//! What is watched: feeds of alerts, sites that have to answer, the order feed. Parts of the configuration.

use std::path::PathBuf;

use holdfast_connect::http::{Address, Reach};
use holdfast_domain::incident::Severity;
use holdfast_hazard::document::Kind;
use serde::Deserialize;

/// Feeds at most.
pub const FEEDS_MAX: usize = 32;
/// Sites that are listened for at most.
pub const HEARTBEATS_MAX: usize = 1_000;
/// The shortest and the longest time between two looks, seconds.
pub const EVERY: core::ops::RangeInclusive<u64> = 5..=86_400;
/// Without a word for this many times its cadence a feed is stale, where no other time is given.
const STALE_AFTER_TIMES: u64 = 4;
/// Kinds that can be polled: what says who is threatened now.
pub const KINDS: [Kind; 8] = [
    Kind::Cap,
    Kind::Atom,
    Kind::NwsGeoJson,
    Kind::NwsText,
    Kind::Usgs,
    Kind::Gdacs,
    Kind::CurrentStorms,
    Kind::Forecasts,
];

/// A feed of alerts or forecasts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// Its name, for people and metrics.
    pub name: String,
    /// What it serves, by the word `holdfast hazards --kind` has for it.
    pub kind: String,
    /// Where it is asked.
    #[serde(default)]
    pub url: Option<String>,
    /// A folder another program puts its documents into.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// Seconds between two looks.
    #[serde(default = "every")]
    pub every_seconds: u64,
    /// Seconds without a word after which it is stale, which is an alarm.
    #[serde(default)]
    pub stale_after_seconds: Option<u64>,
    /// Whether it may be asked without TLS from another machine. This machine itself always may.
    #[serde(default)]
    pub plain: bool,
    /// Alerts less bad than this propose no incident.
    #[serde(default = "least")]
    pub least: Severity,
    /// Of forecasts: the winds asked about, knots.
    #[serde(default = "winds")]
    pub winds_kt: u16,
    /// Of forecasts: from this chance on, in hundredths, they propose an incident.
    #[serde(default = "chance")]
    pub chance_percent: u32,
}

const fn every() -> u64 {
    120
}

const fn least() -> Severity {
    Severity::Moderate
}

const fn winds() -> u16 {
    64
}

const fn chance() -> u32 {
    10
}

/// A site that has to be heard from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// Its code.
    pub site: String,
    /// Seconds between two beats.
    #[serde(default = "beat")]
    pub every_seconds: u64,
    /// The only caller that may beat for it, such as `key:7`; if not given, everybody with the rights who is bound to no
    /// other site.
    #[serde(default)]
    pub caller: Option<String>,
}

const fn beat() -> u64 {
    60
}

/// How the order feed is looked at.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OrderWatch {
    /// Seconds between two looks; 0 for never.
    pub every_seconds: u64,
}

impl Default for OrderWatch {
    fn default() -> Self {
        Self { every_seconds: 60 }
    }
}

impl Feed {
    /// Its kind. A configuration that names another was refused.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        KINDS.into_iter().find(|kind| kind.key() == self.kind)
    }

    /// How far its requests may reach.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        if self.plain { Reach::PLAIN } else { Reach::CONFIGURED }
    }

    /// Milliseconds without a word after which it is stale.
    #[must_use]
    pub fn stale_after_ms(&self) -> u64 {
        self.stale_after_seconds.unwrap_or(self.every_seconds * STALE_AFTER_TIMES) * 1_000
    }

    /// Where it comes from, as it is told: an address without what follows a question mark, or a folder.
    #[must_use]
    pub fn origin(&self) -> String {
        match (&self.url, &self.folder) {
            (Some(url), _) => url.split('?').next().unwrap_or_default().to_owned(),
            (None, Some(folder)) => folder.display().to_string(),
            (None, None) => String::new(),
        }
    }
}

fn seconds(field: &str, value: u64) -> Result<(), (String, String)> {
    if EVERY.contains(&value) {
        Ok(())
    } else {
        Err((field.to_owned(), "it is 5 to 86,400 seconds".to_owned()))
    }
}

/// Looks whether all of it can be.
///
/// # Errors
/// The field, and what is wrong with it.
pub fn check(feeds: &[Feed], beats: &[Heartbeat], orders: OrderWatch) -> Result<(), (String, String)> {
    let wrong = |field: &str, why: &str| Err((field.to_owned(), why.to_owned()));
    if feeds.len() > FEEDS_MAX || beats.len() > HEARTBEATS_MAX {
        return wrong("feeds", "there are more than 32 feeds or 1,000 heartbeats");
    }
    for (at, feed) in feeds.iter().enumerate() {
        let name = format!("feeds.{}", feed.name);
        if feed.name.is_empty()
            || !feed.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        {
            return wrong(&name, "its name may hold letters, digits, - and _ only");
        }
        if feeds[..at].iter().any(|other| other.name == feed.name) {
            return wrong(&name, "there are two of that name");
        }
        if feed.kind().is_none() {
            return wrong(
                &name,
                &format!(
                    "there is no kind {:?}: write one of {}",
                    feed.kind,
                    KINDS.map(Kind::key).join(", ")
                ),
            );
        }
        match (&feed.url, &feed.folder) {
            (Some(url), None) => {
                let address = Address::parse(url).map_err(|error| (name.clone(), error.to_string()))?;
                if !address.tls && !feed.plain && !address.is_loopback() {
                    return wrong(&name, "url: give an https address, or say plain = true");
                }
            }
            (None, Some(_)) => {}
            _ => return wrong(&name, "give a url or a folder, one of them"),
        }
        seconds(&format!("{name}.every_seconds"), feed.every_seconds)?;
        let stale = feed.stale_after_seconds.unwrap_or(u64::MAX);
        if stale <= feed.every_seconds || (stale != u64::MAX && stale > 31 * 86_400) {
            return wrong(&name, "stale_after_seconds: more than every_seconds, and a month at most");
        }
        if !(1..=100).contains(&feed.chance_percent) {
            return wrong(&name, "chance_percent: it is 1 to 100");
        }
        if !matches!(feed.winds_kt, 34 | 50 | 64) {
            return wrong(&name, "winds_kt: forecasts have 34, 50 or 64");
        }
    }
    for (at, beat) in beats.iter().enumerate() {
        let name = format!("heartbeats.{}", beat.site);
        if beat.site.is_empty() || beats[..at].iter().any(|other| other.site == beat.site) {
            return wrong(&name, "give each site's code once");
        }
        seconds(&format!("{name}.every_seconds"), beat.every_seconds)?;
    }
    if orders.every_seconds != 0 {
        seconds("order_feed.every_seconds", orders.every_seconds)?;
    }
    Ok(())
}
