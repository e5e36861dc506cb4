//! The law's clocks: what a shop owes a customer whose order is late, until when, and what follows if not.
//!
//! Pure functions from plain facts to obligations. Nothing here reads a clock: an obligation names its due
//! moment for a timer, and [`on_expiry`] asks the facts again when it fires, so that a timer
//! which has become stale does nothing. [`clock`] keeps one timer for each threatened order. Each rule is one file that quotes its source; a rule counts in the
//! local days of the facts' zone and in the working days of its own country. A day is over at the following
//! midnight: [`Obligation::due`] is the first moment that is too late.
//!
//! These are operational clocks and no legal advice; where a statute names no number ("without delay"), the
//! number used is a constant that says so.

pub mod clock;
mod count;
mod eu_2011_83_18;
pub mod facts;
mod jurisdiction;
mod korea_ecommerce_15;
mod uk_cra_2015_28;
mod us_16_cfr_435;
pub mod view;

use holdfast_domain::time::{Day, Stamp, Zone};
use serde::{Deserialize, Serialize};

use crate::holidays::{Calendars, Country};

pub use jurisdiction::Jurisdiction;

/// A sent notice as far as the law asks about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NoticeSent {
    /// When it was sent.
    pub sent_at: Stamp,
    /// The new last day, for the milestone of [`Jurisdiction::milestone`]; none if none could be given.
    pub revised: Option<Day>,
    /// Whether it offered to cancel for a full refund, at no cost. A notice that did not is no option at all.
    pub offers_cancellation: bool,
    /// Whether it gave the reason.
    pub gives_reason: bool,
}

/// What a customer answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Choice {
    /// Agrees to what the latest notice proposed.
    Wait,
    /// Agrees to wait until the end of this day and no longer.
    WaitUntil(Day),
    /// Cancels.
    Cancel,
}

/// An answer and when it arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// When it arrived.
    pub at: Stamp,
    /// What it said.
    pub choice: Choice,
}

/// Money that went back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refunded {
    /// When it was sent.
    pub at: Stamp,
    /// How.
    pub form: RefundForm,
}

/// In what form a refund was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum RefundForm {
    /// All of it, to the means of payment or in cash.
    Money,
    /// A voucher, points or store credit. No law here takes it for a refund.
    StoreCredit,
}

/// All the facts about one order that the rules ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockFacts {
    /// Whose rule applies.
    pub jurisdiction: Jurisdiction,
    /// The zone days are counted in: the customer's.
    pub zone: Zone,
    /// When the complete order arrived.
    pub ordered_at: Stamp,
    /// When any part of the price was first paid or charged; without a payment nothing is refunded.
    pub paid_at: Option<Stamp>,
    /// The last day promised for the milestone of [`Jurisdiction::milestone`], if any was.
    pub promised: Option<Day>,
    /// The length of the billing cycle in days, where the customer buys on the seller's own credit.
    pub seller_credit_cycle_days: Option<u16>,
    /// Whether delivery by the promised day was essential to the customer (a wedding, said when ordering).
    pub date_is_essential: bool,
    /// Since when the shop has known that the time in force cannot be kept.
    pub unable_since: Option<Stamp>,
    /// Since when it has been decided not to ship at all.
    pub will_not_ship_since: Option<Stamp>,
    /// What was sent, oldest first.
    pub notices: Vec<NoticeSent>,
    /// What was answered, oldest first.
    pub answers: Vec<Answer>,
    /// When the goods were handed to the carrier.
    pub shipped_at: Option<Stamp>,
    /// When the customer had them.
    pub delivered_at: Option<Stamp>,
    /// When the order was recorded as cancelled.
    pub cancelled_at: Option<Stamp>,
    /// What was refunded.
    pub refunded: Option<Refunded>,
}

impl ClockFacts {
    /// The facts of an order of which nothing but its beginning is known.
    #[must_use]
    pub fn new(jurisdiction: Jurisdiction, zone: Zone, ordered_at: Stamp) -> Self {
        Self {
            jurisdiction,
            zone,
            ordered_at,
            paid_at: None,
            promised: None,
            seller_credit_cycle_days: None,
            date_is_essential: false,
            unable_since: None,
            will_not_ship_since: None,
            notices: vec![],
            answers: vec![],
            shipped_at: None,
            delivered_at: None,
            cancelled_at: None,
            refunded: None,
        }
    }

    /// Whether something was paid and has not gone back as money.
    fn money_is_owed(&self) -> bool {
        let paid_back = self.refunded.is_some_and(|refund| refund.form == RefundForm::Money);
        self.paid_at.is_some() && !paid_back
    }
}

/// A rule of law.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Rule {
    /// The FTC's Mail, Internet, or Telephone Order Merchandise Rule.
    Us16Cfr435,
    /// Directive 2011/83/EU, Article 18.
    Eu2011Art18,
    /// Consumer Rights Act 2015 (UK), section 28.
    UkCra2015S28,
    /// Korea's Act on the Consumer Protection in Electronic Commerce, Article 15.
    KoreaEcommerceArt15,
}

impl Rule {
    /// A stable code for messages, metrics and the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Us16Cfr435 => "us-16cfr435",
            Self::Eu2011Art18 => "eu-2011-83-art18",
            Self::UkCra2015S28 => "uk-cra2015-s28",
            Self::KoreaEcommerceArt15 => "kr-ecommerce-art15",
        }
    }
}

/// What has to be done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Duty {
    /// Hand the goods to the carrier.
    Ship,
    /// Bring the goods into the customer's hands.
    Deliver,
    /// Offer the customer the first choice between the delay and a refund.
    OfferDelayOption,
    /// Offer the choice again, because the revised day cannot be kept either.
    OfferRenewedOption,
    /// Ship, or have the customer's express consent; silence is none.
    ObtainConsent,
    /// Tell the customer why the goods cannot be supplied.
    GiveReason,
    /// Record the order as cancelled: the law already holds it to be.
    Cancel,
    /// Send all the money back.
    Refund,
}

impl Duty {
    /// A stable code for messages, metrics and the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ship => "ship",
            Self::Deliver => "deliver",
            Self::OfferDelayOption => "offer-delay-option",
            Self::OfferRenewedOption => "offer-renewed-option",
            Self::ObtainConsent => "obtain-consent",
            Self::GiveReason => "give-reason",
            Self::Cancel => "cancel",
            Self::Refund => "refund",
        }
    }

    /// Whether the duty is fulfilled by a notice, which then goes out whatever the customer opted out of and
    /// whatever the hour.
    #[must_use]
    pub const fn is_a_notice(self) -> bool {
        matches!(
            self,
            Self::OfferDelayOption | Self::OfferRenewedOption | Self::ObtainConsent | Self::GiveReason
        )
    }
}

/// What follows when a duty's time is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Consequence {
    /// The order is cancelled by law; all money goes back before `refund_due`.
    CancelAndRefund {
        /// The first moment that is too late for the refund.
        refund_due: Stamp,
    },
    /// The customer may set a reasonable additional period; ask them, and alarm.
    CustomerMaySetPeriod,
    /// The customer may end the contract; tell them, and alarm.
    CustomerMayTerminate,
    /// The duty is overdue; alarm until it is done.
    Overdue,
}

/// One duty of one order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Obligation {
    /// The rule it comes from.
    pub rule: Rule,
    /// What has to be done.
    pub duty: Duty,
    /// The last day on which it is done in time, in the facts' zone.
    pub last_day: Day,
    /// The first moment that is too late: the midnight after `last_day`.
    pub due: Stamp,
    /// What follows then.
    pub consequence: Consequence,
    /// The provision, as it is cited.
    pub source: &'static str,
}

/// Why no clock can be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LawError {
    /// A period reaches into a year whose holidays nobody has entered.
    #[error("count working days of {country:?} at {day}: its holidays are not known for that year")]
    CalendarEnds {
        /// The calendar.
        country: Country,
        /// The day reached.
        day: Day,
    },
}

/// What is owed under the rule that applies, in the order it falls due; nothing where no rule applies or
/// all is done.
///
/// # Errors
/// [`LawError::CalendarEnds`] where a period reaches past the known holidays.
///
/// ```
/// use holdfast_domain::time::Zone;
/// use holdfast_engine::holidays::Calendars;
/// use holdfast_engine::law::{ClockFacts, Duty, Jurisdiction, obligations};
/// let zone = Zone::named("America/New_York").unwrap();
/// let facts = ClockFacts::new(Jurisdiction::UnitedStates, zone, "2022-09-01T12:00:00Z".parse().unwrap());
/// let owed = obligations(&facts, &Calendars::all_known()).unwrap();
/// assert_eq!((owed[0].duty, owed[0].last_day.to_string().as_str()), (Duty::Ship, "2022-10-01"));
/// ```
pub fn obligations(facts: &ClockFacts, calendars: &Calendars) -> Result<Vec<Obligation>, LawError> {
    let mut owed = match facts.jurisdiction {
        Jurisdiction::UnitedStates => us_16_cfr_435::obligations(facts, calendars),
        Jurisdiction::EuropeanUnion(country) => eu_2011_83_18::obligations(facts, calendars, country),
        Jurisdiction::UnitedKingdom => uk_cra_2015_28::obligations(facts, calendars),
        Jurisdiction::Korea => korea_ecommerce_15::obligations(facts, calendars),
        Jurisdiction::Unregulated => Ok(vec![]),
    }?;
    owed.sort_by_key(|obligation| (obligation.due, obligation.duty));
    Ok(owed)
}

/// What to do now that the timer of `duty`, set for `due`, has fired: nothing if the facts have moved on.
///
/// # Errors
/// As [`obligations`].
pub fn on_expiry(
    facts: &ClockFacts,
    duty: Duty,
    due: Stamp,
    calendars: &Calendars,
) -> Result<Option<Consequence>, LawError> {
    let owed = obligations(facts, calendars)?;
    Ok(owed.into_iter().find(|o| o.duty == duty && o.due == due).map(|o| o.consequence))
}

/// What happened between shop and customer, in the order it happened; a notice before an answer of the
/// same millisecond.
enum Happened<'a> {
    Sent(&'a NoticeSent),
    Answered(&'a Answer),
}

impl Happened<'_> {
    fn at(&self) -> Stamp {
        match self {
            Self::Sent(notice) => notice.sent_at,
            Self::Answered(answer) => answer.at,
        }
    }
}

fn history(facts: &ClockFacts) -> Vec<Happened<'_>> {
    let sent = facts.notices.iter().map(Happened::Sent);
    let mut all: Vec<_> = sent.chain(facts.answers.iter().map(Happened::Answered)).collect();
    all.sort_by_key(Happened::at);
    all
}

#[cfg(test)]
mod tests;
