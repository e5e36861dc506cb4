//! United Kingdom: Consumer Rights Act 2015, section 28 (delivery of goods).
//!
//! What it says, in our words: deliver at the agreed time, or without undue delay and within 30 days after the
//! day of the contract (28(3)); where that fails, the consumer may end the contract at once if delivery was
//! refused or the time essential (28(6)), else after a period they set (28(7), (8)); all payments go back
//! without undue delay (28(9)). It is the Directive's shape; the Act has no rule that a period ending on a
//! holiday goes on to the next working day, so it does not.

use super::count::Count;
use super::eu_2011_83_18::{DAYS_UNAGREED, Delivery, delivery};
use super::{ClockFacts, LawError, Obligation, Rule};
use crate::holidays::{Calendars, Country};

pub(super) fn obligations(facts: &ClockFacts, calendars: &Calendars) -> Result<Vec<Obligation>, LawError> {
    let count = Count::new(facts, calendars, Country::UnitedKingdom);
    let version = Delivery {
        rule: Rule::UkCra2015S28,
        deliver: "Consumer Rights Act 2015, s. 28(3)",
        period: "Consumer Rights Act 2015, s. 28(6) to (8)",
        refund: "Consumer Rights Act 2015, s. 28(9)",
        unagreed_last_day: count.day(facts.ordered_at).plus(DAYS_UNAGREED),
    };
    Ok(delivery(facts, &count, &version))
}
