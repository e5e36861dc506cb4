//! What a notice says, as plain facts; the words come from the locale files.
//!
//! A content is complete or it is refused: [`NoticeContent::problems`] lists everything that is missing or
//! unfit, each with its field, so that no blank and no half-known date ever reaches a reader.

use holdfast_domain::money::Money;
use holdfast_domain::time::{Day, Stamp, Zone};
use serde::{Deserialize, Serialize};

/// The longest single text in a content, in characters.
pub const TEXT_MAX: usize = 300;
/// The longest link, in bytes: what the oldest mail readers and AlimTalk buttons still open.
pub const LINK_MAX: usize = 2_000;
/// The most orders one merged notice lists.
pub const ORDERS_MAX: usize = 50;
/// The most items listed under one order.
pub const ITEMS_MAX: usize = 100;

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable code: part of the message ids in the locale files, and of the API.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The one with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.code() == code)
            }
        }
    };
}

coded! {
    /// Who reads it.
    Audience {
        /// The person who ordered.
        Customer = "customer",
        /// The shop whose orders are touched.
        Merchant = "merchant",
        /// A fulfilment centre.
        Site = "site",
        /// A carrier.
        Carrier = "carrier",
        /// The operator's own people: the call tree.
        Staff = "staff",
        /// The press.
        Press = "press",
    }
}

coded! {
    /// What the notice is about. The first seven are for customers, the last three for everyone else.
    Phase {
        /// The promised day has moved.
        Delayed = "delayed",
        /// The promised day cannot be kept and no new one is known.
        DateUnknown = "date-unknown",
        /// The day has moved again.
        DelayedAgain = "delayed-again",
        /// The first promise holds after all.
        BackOnSchedule = "back-on-schedule",
        /// The parcel is on its way and meets the disaster.
        InTransit = "in-transit",
        /// The order is cancelled and the money goes back.
        Cancelled = "cancelled",
        /// The money has gone back.
        Refunded = "refunded",
        /// An incident has begun.
        Declared = "declared",
        /// An incident has changed.
        Updated = "updated",
        /// An incident is over.
        AllClear = "all-clear",
    }
}

coded! {
    /// What has struck.
    Hazard {
        /// Hurricane, typhoon, tropical storm.
        Hurricane = "hurricane",
        /// Flood or heavy rain.
        Flood = "flood",
        /// Wildfire.
        Wildfire = "wildfire",
        /// Tornado.
        Tornado = "tornado",
        /// Snow, ice, extreme cold.
        WinterStorm = "winter-storm",
        /// Earthquake.
        Earthquake = "earthquake",
        /// Power outage.
        PowerOutage = "power-outage",
        /// Attack on computers.
        CyberAttack = "cyber-attack",
        /// A surge of illness or of orders because of it.
        Pandemic = "pandemic",
        /// A mistake by a person.
        HumanError = "human-error",
        /// A closed road, bridge, port or airport.
        RouteClosed = "route-closed",
        /// A carrier that does not run.
        CarrierDown = "carrier-down",
        /// A closed fulfilment centre, fire included.
        SiteClosed = "site-closed",
        /// Whatever else closes a site or a lane.
        Other = "other",
    }
}

coded! {
    /// How the hazard reached the order: reasons as carriers report them for an exception.
    Cause {
        /// Weather or natural disaster (reason AO of X12 214's AT7).
        Weather = "weather",
        /// Damaged or closed roads.
        RoadDamaged = "road-damaged",
        /// The centre that keeps the goods is closed.
        SiteClosed = "site-closed",
        /// The centre is evacuated.
        Evacuated = "evacuated",
        /// No power or no computers.
        SystemsDown = "systems-down",
        /// The carrier has suspended the area.
        CarrierSuspended = "carrier-suspended",
        /// Too few people can work.
        StaffShort = "staff-short",
        /// More orders than can be processed.
        Volume = "volume",
        /// The goods were damaged or lost.
        StockLost = "stock-lost",
        /// The order was handled wrongly.
        WrongHandling = "wrong-handling",
    }
}

coded! {
    /// What was done about it.
    Action {
        /// Another centre ships it.
        OtherSite = "other-site",
        /// Another carrier or route brings it.
        OtherCarrier = "other-carrier",
        /// A faster service was chosen at the shop's cost.
        FasterService = "faster-service",
        /// It is held safely until it can leave.
        HeldSafely = "held-safely",
        /// It ships in parts, what is there first.
        SplitShipment = "split-shipment",
        /// New stock is on its way.
        Restocking = "restocking",
        /// The carrier traces the parcel.
        Tracing = "tracing",
        /// Teams are on it; nothing more can be said yet.
        Assessing = "assessing",
    }
}

coded! {
    /// What the customer may choose.
    Choice {
        /// Wait for the new date.
        Wait = "wait",
        /// Cancel for a full refund.
        Cancel = "cancel",
        /// Change the delivery address.
        ChangeAddress = "change-address",
    }
}

coded! {
    /// What a partner is asked to do.
    Ask {
        /// Site: stop work and close.
        CloseSite = "close-site",
        /// Site: open again.
        OpenSite = "open-site",
        /// Site: pull back what has not left.
        RecallOrders = "recall-orders",
        /// Site: take over another's orders.
        TakeOver = "take-over",
        /// Carrier: bring nothing into the area.
        Embargo = "embargo",
        /// Carrier: collect from another place.
        NewPickup = "new-pickup",
        /// Carrier: bring back or hold parcels on the way.
        HoldParcels = "hold-parcels",
        /// Merchant: confirm the plan.
        ConfirmPlan = "confirm-plan",
        /// Merchant: stop promising days in the area.
        PausePromises = "pause-promises",
        /// Staff: report safe.
        ReportSafe = "report-safe",
        /// Staff: acknowledge and take the role of the plan.
        TakeRole = "take-role",
    }
}

/// What silence means, by law or by the merchant's word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Silence {
    /// Nothing is asked.
    Nothing,
    /// No answer means the customer waits.
    Waits,
    /// Without an answer by the end of this day the order is cancelled and refunded.
    Cancels {
        /// The last day to answer.
        answer_by: Day,
    },
}

/// One order in a notice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrderShown {
    /// The merchant's order number.
    pub number: Box<str>,
    /// What it holds; may be empty.
    pub items: Vec<ItemShown>,
}

/// One line of an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ItemShown {
    /// Its name.
    pub name: Box<str>,
    /// Units.
    pub quantity: u64,
}

/// The new date, as a range of days.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DayRange {
    /// The first day it may be.
    pub first: Day,
    /// The last.
    pub last: Day,
    /// How likely the last day is kept, in percent, 1 to 99.
    pub confidence_pct: u8,
}

/// Something the customer may choose, and where.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Offer {
    /// The choice.
    pub choice: Choice,
    /// Its signed link, `https://`.
    pub link: Box<str>,
}

/// Money that goes back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refund {
    /// How much.
    pub amount: Money,
    /// The last day it is sent, or the day it was.
    pub by: Day,
}

/// A moment and where its clock hangs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Moment {
    /// When.
    pub at: Stamp,
    /// In whose time it is told.
    pub zone: Zone,
}

/// How the reader reaches a person.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Contact {
    /// A mail address.
    pub mail: Option<Box<str>>,
    /// A telephone number as it is dialled.
    pub phone: Option<Box<str>>,
}

/// Everything a notice says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NoticeContent {
    /// The reader's language, BCP 47 (`ko`, `en-US`).
    pub language: Box<str>,
    /// Who reads it.
    pub audience: Audience,
    /// What it is about.
    pub phase: Phase,
    /// What has struck.
    pub hazard: Hazard,
    /// How that reached the order.
    pub cause: Option<Cause>,
    /// Where it struck, as people call it, in the reader's language.
    pub region: Option<Box<str>>,
    /// The shop's name, or the operator's to its partners.
    pub merchant: Box<str>,
    /// The reader's name.
    pub name: Option<Box<str>>,
    /// The orders touched; all of one customer in one notice.
    pub orders: Vec<OrderShown>,
    /// What was done, most important first.
    pub done: Vec<Action>,
    /// The day told before.
    pub old_day: Option<Day>,
    /// The new days.
    pub new_days: Option<DayRange>,
    /// What the customer may choose.
    pub offers: Vec<Offer>,
    /// What silence means.
    pub silence: Silence,
    /// Money that goes back.
    pub refund: Option<Refund>,
    /// When the next word comes.
    pub next_word: Option<Moment>,
    /// How to reach a person.
    pub contact: Contact,
    /// What partners are asked to do.
    pub asks: Vec<Ask>,
    /// The site or lane a partner notice is about.
    pub place: Option<Box<str>>,
    /// How many orders are touched, in a partner notice.
    pub orders_touched: Option<u64>,
    /// Where the reader acknowledges, or the public status page.
    pub link: Option<Box<str>>,
}

/// One thing that is wrong with a content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field {field}: {what}")]
pub struct ContentProblem {
    /// The field's path.
    pub field: String,
    /// What is wrong and what would be right.
    pub what: &'static str,
}

impl NoticeContent {
    /// A content with nothing in it but what every notice needs; the other fields are filled in by name.
    #[must_use]
    pub fn new(language: &str, audience: Audience, phase: Phase, hazard: Hazard, merchant: &str) -> Self {
        Self {
            language: language.into(),
            audience,
            phase,
            hazard,
            cause: None,
            region: None,
            merchant: merchant.into(),
            name: None,
            orders: vec![],
            done: vec![],
            old_day: None,
            new_days: None,
            offers: vec![],
            silence: Silence::Nothing,
            refund: None,
            next_word: None,
            contact: Contact::default(),
            asks: vec![],
            place: None,
            orders_touched: None,
            link: None,
        }
    }

    /// All that is missing or unfit; empty means it may be rendered.
    #[must_use]
    pub fn problems(&self) -> Vec<ContentProblem> {
        let mut found = vec![];
        let mut need = |met: bool, field: &str, what: &'static str| {
            if !met {
                found.push(ContentProblem { field: field.to_owned(), what });
            }
        };
        let to_customer = self.audience == Audience::Customer;
        need(to_customer == self.phase.is_for_customers(), "phase", "not a phase for this audience");
        need(
            self.contact.mail.is_some() || self.contact.phone.is_some(),
            "contact",
            "give a mail address or a telephone number",
        );
        if to_customer {
            self.customer_needs(&mut need);
        } else {
            need(self.orders_touched.is_some(), "orders_touched", "say how many orders are touched");
            need(self.place.is_some(), "place", "name the site, lane or area");
        }
        if let Some(range) = self.new_days {
            need(range.first <= range.last, "new_days", "the first day comes after the last");
            need((1..=99).contains(&range.confidence_pct), "new_days.confidence_pct", "go from 1 to 99");
        }
        need(self.orders.len() <= ORDERS_MAX, "orders", "list at most 50");
        need(
            self.orders.iter().all(|order| order.items.len() <= ITEMS_MAX),
            "orders.items",
            "list at most 100",
        );
        found.extend(self.text_problems());
        found
    }

    fn customer_needs(&self, need: &mut impl FnMut(bool, &str, &'static str)) {
        let offered = |choice| self.offers.iter().any(|offer| offer.choice == choice);
        need(!self.orders.is_empty(), "orders", "name at least one order");
        match self.phase {
            Phase::Delayed | Phase::DelayedAgain => {
                need(self.old_day.is_some(), "old_day", "say which day was promised");
                need(self.new_days.is_some(), "new_days", "give the new days, or send date-unknown");
                need(offered(Choice::Cancel), "offers", "offer to cancel for a full refund");
                need(self.silence != Silence::Nothing, "silence", "say what no answer means");
            }
            Phase::DateUnknown => {
                need(offered(Choice::Cancel), "offers", "offer to cancel for a full refund");
                need(self.silence != Silence::Nothing, "silence", "say what no answer means");
                need(self.next_word.is_some(), "next_word", "say when the next word comes");
            }
            Phase::BackOnSchedule => need(self.new_days.is_some(), "new_days", "give the days that hold"),
            Phase::InTransit => {
                need(self.next_word.is_some(), "next_word", "say when the next word comes");
            }
            Phase::Cancelled | Phase::Refunded => {
                need(self.refund.is_some(), "refund", "say how much goes back and by when");
            }
            Phase::Declared | Phase::Updated | Phase::AllClear => {}
        }
        let explained = matches!(self.phase, Phase::BackOnSchedule | Phase::Refunded | Phase::Cancelled);
        need(
            explained || !self.done.is_empty(),
            "done",
            "say what was done, if only that it is being assessed",
        );
    }

    /// Texts are one line, no longer than [`TEXT_MAX`], and links lead to `https://` and nowhere else.
    fn text_problems(&self) -> Vec<ContentProblem> {
        let mut found = vec![];
        let mut text = |field: String, text: &str| {
            let what = if text.trim().is_empty() {
                "is empty"
            } else if text.chars().any(is_unfit) {
                "holds a line break or another control character"
            } else if text.chars().count() > TEXT_MAX {
                "is longer than 300 characters"
            } else {
                return;
            };
            found.push(ContentProblem { field, what });
        };
        text("language".into(), &self.language);
        text("merchant".into(), &self.merchant);
        let named = [
            ("region", &self.region),
            ("name", &self.name),
            ("place", &self.place),
            ("contact.mail", &self.contact.mail),
            ("contact.phone", &self.contact.phone),
        ];
        for (field, value) in named {
            if let Some(value) = value {
                text(field.into(), value);
            }
        }
        for (at, order) in self.orders.iter().enumerate() {
            text(format!("orders[{at}].number"), &order.number);
            for (line, item) in order.items.iter().enumerate() {
                text(format!("orders[{at}].items[{line}].name"), &item.name);
            }
        }
        let links = self.offers.iter().map(|offer| ("offers.link", &offer.link));
        for (field, link) in links.chain(self.link.iter().map(|link| ("link", link))) {
            if !is_link(link) {
                let what = "must begin with https://, be printable ASCII without spaces, quotes or angle \
                            brackets, and have at most 2,000 bytes";
                found.push(ContentProblem { field: field.into(), what });
            }
        }
        found
    }
}

impl Phase {
    /// Whether it is about one customer's orders, not about an incident as a whole.
    #[must_use]
    pub const fn is_for_customers(self) -> bool {
        !matches!(self, Self::Declared | Self::Updated | Self::AllClear)
    }
}

/// Controls, line separators, and the marks that turn the direction of text around.
pub(crate) fn is_unfit(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether `link` may stand in an `href` and behind a button.
pub(crate) fn is_link(link: &str) -> bool {
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\');
    link.strip_prefix("https://").is_some_and(|rest| !rest.is_empty())
        && link.len() <= LINK_MAX
        && link.bytes().all(plain)
}
