//! Take-overs: an operator carries a merchant who has lost the sites its orders left from.
//!
//! A take-over is asked for (by the merchant, or because a standby contract says so), offered with terms, and then
//! accepted, declined or lapsed. Accepted, it becomes *sections*: parts of the host sites that are sites of their
//! own, with the share of capacity that was lent, the handling prices and the lanes of the terms, and with nobody's
//! goods but the guest's. What is lent is missing at the host. It ends when nothing new may be reserved there, and
//! is handed back once nothing is left to ship: the goods go out, or stay as ordinary stock of the host.

use serde::{Deserialize, Serialize};

use crate::id::{IncidentId, MerchantId, ServiceId, SiteId, TakeoverId, ZoneId};
use crate::time::{Day, Stamp};

/// The most hosts of one take-over.
pub const HOSTS_MAX: usize = 16;
/// The most lanes of one take-over: all of them are in one journal entry.
pub const LANES_MAX: usize = 20_000;
/// Days from the first shipping day on for which a host must have what it lends, counted when terms are offered
/// and again when they are accepted.
pub const ROOM_DAYS: i32 = 28;

/// A take-over, from the question to the day it was handed back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Takeover {
    /// Who is carried: the guest.
    pub merchant: MerchantId,
    /// Because of this.
    pub incident: IncidentId,
    /// The standby site whose contract called, where it was not the merchant who asked.
    pub contract: Option<SiteId>,
    /// The guest's own sites that are out, as far as the operator knows them: what is usual is counted from here.
    pub home: Box<[SiteId]>,
    /// How far it is.
    pub stage: TakeoverStage,
    /// What was offered, once it was.
    pub terms: Option<Box<TakeoverTerms>>,
    /// The sections, one for each host in the order of the terms; empty until it is accepted.
    pub sections: Box<[SiteId]>,
    /// When it was asked for.
    pub asked: Stamp,
    /// When the terms were accepted.
    pub accepted: Option<Stamp>,
    /// When it ended: nothing new was taken from then on.
    pub ended: Option<Stamp>,
    /// When it was over: handed back, declined or lapsed.
    pub closed: Option<Stamp>,
}

/// How far a take-over is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakeoverStage {
    /// Somebody has asked for it.
    Asked,
    /// The operator has offered terms.
    Offered,
    /// The merchant has accepted them: sections and lanes are there.
    Accepted,
    /// Nothing new is reserved; what is reserved still leaves.
    Ending,
    /// Everything is out, the capacity is the host's again.
    HandedBack,
    /// One side did not want it.
    Declined,
    /// The terms were not accepted in time.
    Lapsed,
}

impl TakeoverStage {
    /// Whether it is over, whichever way.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::HandedBack | Self::Declined | Self::Lapsed)
    }

    /// Whether its sections are there and not handed back.
    #[must_use]
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Accepted | Self::Ending)
    }

    /// The word for messages, files and JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Offered => "offered",
            Self::Accepted => "accepted",
            Self::Ending => "ending",
            Self::HandedBack => "handed back",
            Self::Declined => "declined",
            Self::Lapsed => "lapsed",
        }
    }
}

/// One of the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakeoverParty {
    /// The merchant who is carried.
    Merchant,
    /// Who runs the host sites.
    Operator,
}

/// Why a take-over costs more than usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostCause {
    /// The carrier's price of an order's first parcel, and of the weight of all of them.
    Shipping,
    /// Handling of the first parcel, and of all units.
    Handling,
    /// Days after the date the customer was told first.
    Late,
    /// Parcels of an order after its first.
    Split,
    /// Setting up, each day it runs, and a standby site's activation.
    Standby,
    /// Order lines that were given another site.
    Move,
    /// Taking goods in.
    Goods,
}

impl CostCause {
    /// All causes, in the order of statements and of [`TakeoverTerms::merchant_bears`].
    pub const ALL: [Self; 7] =
        [Self::Shipping, Self::Handling, Self::Late, Self::Split, Self::Standby, Self::Move, Self::Goods];

    /// The word for files, keys and JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Shipping => "shipping",
            Self::Handling => "handling",
            Self::Late => "late",
            Self::Split => "split",
            Self::Standby => "standby",
            Self::Move => "move",
            Self::Goods => "goods",
        }
    }
}

/// What the operator offers; amounts in the operator's minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeoverTerms {
    /// Sites that carry it, each once.
    pub hosts: Box<[HostTerms]>,
    /// Lanes out of the sections, with their prices.
    pub lanes: Box<[LaneTerms]>,
    /// The first day on which a parcel can leave.
    pub first_day: Day,
    /// The first day on which it no longer runs; `None` runs until somebody ends it.
    pub until: Option<Day>,
    /// Until when the terms can be accepted.
    pub valid_until: Stamp,
    /// Paid once.
    pub set_up: i64,
    /// Paid for each day from the first shipping day until it ends.
    pub daily: i64,
    /// Paid for each unit taken in.
    pub goods_unit: i64,
    /// Thousandths of the extra cost the merchant bears, by cause as in [`CostCause::ALL`]; the operator bears the
    /// rest.
    pub merchant_bears: [u16; 7],
}

/// What one site lends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostTerms {
    /// The site.
    pub site: SiteId,
    /// Work units a day, Monday first, on days the site works.
    pub capacity: [u32; 7],
    /// Handling of a parcel.
    pub cost_parcel: i64,
    /// Handling of each unit.
    pub cost_unit: i64,
}

/// The price of one lane out of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneTerms {
    /// From the section of this host, by its place in [`TakeoverTerms::hosts`].
    pub host: u8,
    /// To there.
    pub zone: ZoneId,
    /// By this.
    pub service: ServiceId,
    /// For each parcel.
    pub cost_parcel: i64,
    /// For each kilogram, rounded up by unit.
    pub cost_kg: i64,
    /// Working days of the service.
    pub transit_days: u8,
}

/// What a section's state says of the take-over it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// The take-over.
    pub takeover: TakeoverId,
    /// Whose goods may lie here.
    pub merchant: MerchantId,
    /// The site it is a part of.
    pub host: SiteId,
    /// The first day it ships.
    pub first_day: Day,
    /// The first day it no longer ships.
    pub until: Option<Day>,
    /// How far the take-over is.
    pub stage: TakeoverStage,
}

impl Section {
    /// Whether anything new may leave on `day`.
    #[must_use]
    pub fn runs_on(&self, day: Day) -> bool {
        self.first_day <= day && self.until.is_none_or(|until| day < until)
    }
}

/// What a host has lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lent {
    /// To this take-over.
    pub takeover: TakeoverId,
    /// From this day on.
    pub first_day: Day,
    /// The first day on which it is the host's again.
    pub until: Option<Day>,
    /// Work units a day, Monday first.
    pub capacity: [u32; 7],
}

impl Lent {
    /// Work units that are missing at the host on `day`.
    #[must_use]
    pub fn on(&self, day: Day) -> u32 {
        let runs = self.first_day <= day && self.until.is_none_or(|until| day < until);
        if runs { self.capacity[day.weekday() as usize] } else { 0 }
    }
}
