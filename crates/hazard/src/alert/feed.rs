//! Silence: a feed that went stale, a site that stopped answering.
//!
//! Pure functions of the last word, the expected cadence and a moment. Invariant: a state only gets worse as
//! time passes without a word.

use holdfast_domain::incident::Hazard;
use holdfast_domain::place::Place;
use holdfast_domain::time::{Span, Stamp};
use serde::{Deserialize, Serialize};

use super::{Alert, AlertArea, Certainty, Severity, Source, Urgency};
use crate::geo::{Area, Circle};

/// A feed is late after this many cadences without a word, and stale after twice as many.
pub const LATE_CADENCES: u64 = 2;
/// A site is silent after this many beats that did not come.
pub const BEATS_MISSED_MAX: u64 = 3;
/// The area of an alert about one site, metres.
const SITE_RADIUS_M: f64 = 1_000.0;

/// A feed as the poller knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedWatch {
    /// Its name.
    pub name: String,
    /// How often it should answer with a document that can be read.
    pub cadence: Span,
    /// When polling began.
    pub since: Stamp,
    /// When it last did.
    pub last_read: Option<Stamp>,
}

/// Whether a feed can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedState {
    /// Within its cadence; the age of its last document.
    Fresh(Span),
    /// Later than expected.
    Late(Span),
    /// An alarm: nothing from it can be taken as "no alerts".
    Stale(Span),
}

impl FeedWatch {
    /// The state at `now`.
    #[must_use]
    pub fn state(&self, now: Stamp) -> FeedState {
        let age = now.since(self.last_read.unwrap_or(self.since));
        let late = self.cadence.0.max(1).saturating_mul(LATE_CADENCES);
        match age.0 {
            ms if ms > late.saturating_mul(2) => FeedState::Stale(age),
            ms if ms > late => FeedState::Late(age),
            _ => FeedState::Fresh(age),
        }
    }
}

/// Whether a site answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteVoice {
    /// As expected.
    Answers,
    /// Some beats are missing.
    Late {
        /// How many.
        missed: u64,
    },
    /// More than [`BEATS_MISSED_MAX`] are missing.
    Silent {
        /// The last beat there was.
        since: Stamp,
    },
}

/// What a site's heartbeat says at `now`, with one beat expected every `interval`.
#[must_use]
pub fn heartbeat(last_beat: Stamp, interval: Span, now: Stamp) -> SiteVoice {
    match now.since(last_beat).0 / interval.0.max(1) {
        0 | 1 => SiteVoice::Answers,
        beats if beats - 1 < BEATS_MISSED_MAX => SiteVoice::Late { missed: beats - 1 },
        _ => SiteVoice::Silent { since: last_beat },
    }
}

/// The alert about a silent site; `site` is its name in the book. It ends when the site answers.
#[must_use]
pub fn silent_site(site: &str, at: Place, since: Stamp, now: Stamp) -> Alert {
    let mut alert = Alert::blank(Source::Heartbeat, "heartbeat", site, now);
    alert.hazard = Hazard::Other;
    "Site silent".clone_into(&mut alert.event);
    alert.severity = Severity::Moderate;
    alert.certainty = Certainty::Possible;
    alert.urgency = Urgency::Immediate;
    alert.onset = Some(since);
    let circle = Circle::new(at, SITE_RADIUS_M).expect("a kilometre is a distance on earth");
    alert.areas.push(AlertArea {
        description: super::clip(site),
        shapes: vec![Area::Circle(circle)],
        codes: Vec::new(),
    });
    alert
}

#[cfg(test)]
mod tests {
    use super::{FeedState, FeedWatch, SiteVoice, heartbeat};
    use holdfast_domain::time::{Span, Stamp};

    #[test]
    fn a_feed_grows_stale() {
        let minute = |count: i64| Stamp(count * 60_000);
        let mut feed = FeedWatch {
            name: "nws".to_owned(),
            cadence: Span::minutes(5),
            since: minute(0),
            last_read: None,
        };
        assert!(matches!(feed.state(minute(5)), FeedState::Fresh(_)));
        assert!(matches!(feed.state(minute(15)), FeedState::Late(_)));
        assert_eq!(feed.state(minute(30)), FeedState::Stale(Span::minutes(30)));
        feed.last_read = Some(minute(29));
        assert_eq!(feed.state(minute(30)), FeedState::Fresh(Span::minutes(1)));
        // A clock that went back is no alarm.
        assert_eq!(feed.state(minute(0)), FeedState::Fresh(Span(0)));
    }

    #[test]
    fn a_site_falls_silent() {
        let beat = |seconds: i64| heartbeat(Stamp(0), Span(60_000), Stamp(seconds * 1000));
        assert_eq!(beat(119), SiteVoice::Answers);
        assert_eq!(beat(120), SiteVoice::Late { missed: 1 });
        assert_eq!(beat(239), SiteVoice::Late { missed: 2 });
        assert_eq!(beat(240), SiteVoice::Silent { since: Stamp(0) });
    }
}
