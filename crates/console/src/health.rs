//! How the parts outside the state are: journal, backup, feeds, mail. Filled in by who serves; shown as it is said.

use holdfast_domain::time::Stamp;

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// Works.
    Good,
    /// Works, and somebody should look.
    Weak,
    /// Does not work.
    Bad,
}

/// Which part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The journal.
    Journal,
    /// The last backup.
    Backup,
    /// A feed of alerts.
    Feed,
    /// Mail.
    Mail,
    /// A shop's, carrier's or warehouse's connection.
    Connection,
    /// The machine's clock.
    Clock,
    /// The last backup that was restored elsewhere and compared.
    Proof,
    /// A site that has to be heard from.
    Heartbeat,
    /// The orders that come in, against what they usually do.
    Orders,
    /// The heads of the logs, written down outside.
    Anchors,
}

impl Part {
    /// The word used in keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Backup => "backup",
            Self::Feed => "feed",
            Self::Mail => "mail",
            Self::Connection => "connection",
            Self::Clock => "clock",
            Self::Proof => "proof",
            Self::Heartbeat => "heartbeat",
            Self::Orders => "orders",
            Self::Anchors => "anchors",
        }
    }
}

/// One part's health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Which part.
    pub part: Part,
    /// Its own name, where there are several: a feed's, a shop's.
    pub name: String,
    /// How it is.
    pub condition: Condition,
    /// When it last did its work.
    pub last: Option<Stamp>,
}
