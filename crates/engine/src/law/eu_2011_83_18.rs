//! European Union: Directive 2011/83/EU on consumer rights, Article 18 (delivery).
//!
//! What it says, in our words:
//! - Deliver, that is put the goods into the consumer's hands, at the time agreed, or without undue delay and
//!   no later than 30 days from the conclusion of the contract (Article 18(1)).
//! - If that fails, the consumer calls for delivery within an additional period appropriate to the
//!   circumstances, and may end the contract when that fails too; at once, where the trader refuses to
//!   deliver or the time was essential (Article 18(2)).
//! - On termination the trader pays back everything without undue delay (Article 18(3)).
//!
//! Periods follow Regulation (EEC, Euratom) No 1182/71, Article 3: the day of the event is not counted, and a
//! period that ends on a Saturday, Sunday or holiday ends with the next working day. Nothing is cancelled by
//! silence: the right is the consumer's, and an expiry tells them so.

use super::count::Count;
use super::{Choice, ClockFacts, Consequence, Duty, Happened, LawError, Obligation, Rule, history};
use crate::holidays::{Calendars, Country};
use holdfast_domain::time::Day;

/// Days to deliver in where nothing was agreed.
pub(super) const DAYS_UNAGREED: i32 = 30;
/// "Without undue delay" has no number in Article 18(3): we take the outer limit that Article 13(1) of the same
/// Directive sets for the refund after a withdrawal.
pub(super) const REFUND_DAYS: i32 = 14;

/// How one state's version of the rule is cited, and the last day of its unagreed period.
pub(super) struct Delivery {
    pub(super) rule: Rule,
    pub(super) deliver: &'static str,
    pub(super) period: &'static str,
    pub(super) refund: &'static str,
    pub(super) unagreed_last_day: Day,
}

pub(super) fn obligations(
    facts: &ClockFacts,
    calendars: &Calendars,
    country: Country,
) -> Result<Vec<Obligation>, LawError> {
    let count = Count::new(facts, calendars, country);
    let unagreed_last_day = count.open_day(count.day(facts.ordered_at).plus(DAYS_UNAGREED))?;
    let version = Delivery {
        rule: Rule::Eu2011Art18,
        deliver: "Directive 2011/83/EU, Art. 18(1)",
        period: "Directive 2011/83/EU, Art. 18(2)",
        refund: "Directive 2011/83/EU, Art. 18(3)",
        unagreed_last_day,
    };
    Ok(delivery(facts, &count, &version))
}

/// The day in force, and whether the consumer's additional period has been set.
struct Term {
    by: Option<Day>,
    additional: bool,
}

/// The clocks of a rule of this shape, which the United Kingdom kept.
pub(super) fn delivery(facts: &ClockFacts, count: &Count<'_>, version: &Delivery) -> Vec<Obligation> {
    let ended = facts
        .answers
        .iter()
        .filter(|answer| answer.choice == Choice::Cancel)
        .map(|answer| answer.at)
        .chain(facts.cancelled_at)
        .chain(facts.will_not_ship_since)
        .min()
        .filter(|ended| facts.delivered_at.is_none_or(|delivered| *ended < delivered));
    if let Some(ended) = ended {
        let by = count.day(ended).plus(REFUND_DAYS);
        let source = (version.rule, version.refund);
        let refund = count.obligation(source, Duty::Refund, by, Consequence::Overdue);
        return if facts.money_is_owed() { vec![refund] } else { vec![] };
    }
    let term = term(facts, version.unagreed_last_day);
    let (None, Some(by)) = (facts.delivered_at, term.by) else { return vec![] };
    let may_end = term.additional || facts.date_is_essential;
    let (source, then) = if may_end {
        (version.period, Consequence::CustomerMayTerminate)
    } else {
        (version.deliver, Consequence::CustomerMaySetPeriod)
    };
    vec![count.obligation((version.rule, source), Duty::Deliver, by, then)]
}

/// A consumer who agrees to a notice's day agrees on another time; one who names a day sets the period.
fn term(facts: &ClockFacts, unagreed_last_day: Day) -> Term {
    let mut term = Term { by: Some(facts.promised.unwrap_or(unagreed_last_day)), additional: false };
    let mut proposed = None;
    for happened in history(facts) {
        match happened {
            Happened::Sent(notice) => proposed = Some(notice.revised),
            Happened::Answered(answer) => match (answer.choice, proposed) {
                (Choice::Wait, Some(revised)) => term.by = revised,
                (Choice::WaitUntil(day), _) => term = Term { by: Some(day), additional: true },
                (Choice::Wait, None) | (Choice::Cancel, _) => {}
            },
        }
    }
    term
}
