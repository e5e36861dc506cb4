//! United States: the Mail, Internet, or Telephone Order Merchandise Rule, 16 CFR Part 435 (79 FR 55619).
//!
//! What it says, in our words:
//! - Ship within the time stated; without one, within 30 days of the complete order, 50 where the buyer
//!   applied to the seller for credit (§ 435.2(a)(1)).
//! - If that cannot be, offer before it is over the choice between the delay and a prompt refund
//!   (§ 435.2(b)(1)). With a definite revised day no later than 30 days after the first, silence is consent
//!   (§ 435.2(b)(1)(ii)). With a later day or none, the order is cancelled unless it ships, or the buyer
//!   expressly consents, within 30 days of the first (§ 435.2(b)(1)(iii)).
//! - If the revised day cannot be kept either, offer the choice again before it is over; now silence is
//!   refusal (§ 435.2(b)(2)).
//! - Who consented to an indefinite delay may cancel at any time before shipment (§ 435.2(b)(1)(iii)(B)).
//! - Cancel and refund on the buyer's word, on silence where it is refusal, on deciding not to ship, and
//!   where the choice was never offered in time (§ 435.2(c)(1) to (5)).
//! - A refund is sent within seven working days of the day the right to it vests, or within one billing cycle
//!   where the seller is the creditor (§ 435.1(b)); credit towards another purchase is none (§ 435.1(d)).
//!
//! Choices where the Rule is silent: a right that vests when a day is over counts from that day, the earlier
//! of the two readings; working days are Monday to Friday less the federal holidays.

use super::count::Count;
use super::{
    Choice, ClockFacts, Consequence, Duty, Happened, LawError, NoticeSent, Obligation, Rule, history,
};
use crate::holidays::{Calendars, Country};
use holdfast_domain::time::{Day, Stamp};

/// Days to ship in where no time was stated.
const DAYS_UNSTATED: i32 = 30;
/// The same, where the buyer applied to the seller for credit.
const DAYS_ON_CREDIT: i32 = 50;
/// The longest first delay that silence consents to, and the time to answer a longer one.
const DAYS_SILENCE: i32 = 30;
/// Working days in which a refund is sent.
const REFUND_WORKING_DAYS: u16 = 7;

const FIRST_TIME: &str = "16 CFR 435.2(a)(1), (c)(5)";
const FIRST_OPTION: &str = "16 CFR 435.2(b)(1), (c)(5)";
const REVISED_TIME: &str = "16 CFR 435.2(b)(2), (c)(3)";
const EXPRESS_CONSENT: &str = "16 CFR 435.2(b)(1)(iii), (c)(2)";
const RENEWED_CONSENT: &str = "16 CFR 435.2(b)(2)(ii), (c)(3)";
const REFUND: &str = "16 CFR 435.1(b), (d)";

/// Where an order stands. Each day named is the last one of its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// No valid choice has been offered.
    Untold { ship_by: Day },
    /// The buyer agreed to wait, by silence or expressly.
    Waiting { until: Day },
    /// A first notice with a far day or none asks for express consent.
    Asked { by: Day, revised: Option<Day> },
    /// A later notice asks for express consent before the day in force is over.
    AskedAgain { by: Day, revised: Option<Day> },
    /// The buyer agreed to wait without a day, and may cancel whenever they like.
    WaitingOpen,
    /// Cancelled, by the buyer or by law; the right to the refund vested on this day.
    Cancelled { vested: Day },
}

pub(super) fn obligations(facts: &ClockFacts, calendars: &Calendars) -> Result<Vec<Obligation>, LawError> {
    let count = Count::new(facts, calendars, Country::UnitedStates);
    let stage = stage(facts, &count);
    let refund_day = |vested: Day| match facts.seller_credit_cycle_days {
        Some(days) => Ok(vested.plus(i32::from(days))),
        None => count.working_after(vested, REFUND_WORKING_DAYS),
    };
    if let Stage::Cancelled { vested } = stage {
        let mut owed = vec![];
        let refund_by = refund_day(vested)?;
        if facts.cancelled_at.is_none() && facts.shipped_at.is_none() {
            let then = Consequence::CancelAndRefund { refund_due: count.end(refund_by) };
            owed.push(count.obligation((Rule::Us16Cfr435, "16 CFR 435.2(c)"), Duty::Cancel, vested, then));
        }
        if facts.money_is_owed() {
            let source = (Rule::Us16Cfr435, REFUND);
            owed.push(count.obligation(source, Duty::Refund, refund_by, Consequence::Overdue));
        }
        return Ok(owed);
    }
    if facts.shipped_at.is_some() {
        return Ok(vec![]);
    }
    // A revised day that is known to fail asks for the next choice; the notice that gave it does not.
    let told_at = facts.notices.iter().map(|notice| notice.sent_at).max();
    let unable = facts.unable_since.is_some_and(|since| told_at.is_none_or(|told| since > told));
    let (duty, source, by) = match stage {
        Stage::Untold { ship_by } if facts.unable_since.is_some() => {
            (Duty::OfferDelayOption, FIRST_OPTION, ship_by)
        }
        Stage::Untold { ship_by } => (Duty::Ship, FIRST_TIME, ship_by),
        Stage::Waiting { until } if unable => (Duty::OfferRenewedOption, REVISED_TIME, until),
        Stage::Waiting { until } => (Duty::Ship, REVISED_TIME, until),
        Stage::Asked { by, .. } => (Duty::ObtainConsent, EXPRESS_CONSENT, by),
        Stage::AskedAgain { by, .. } => (Duty::ObtainConsent, RENEWED_CONSENT, by),
        Stage::WaitingOpen | Stage::Cancelled { .. } => return Ok(vec![]),
    };
    let then = Consequence::CancelAndRefund { refund_due: count.end(refund_day(by)?) };
    Ok(vec![count.obligation((Rule::Us16Cfr435, source), duty, by, then)])
}

/// Follows the order from its first day through every notice and answer before it shipped or was cancelled.
fn stage(facts: &ClockFacts, count: &Count<'_>) -> Stage {
    let unstated = if facts.seller_credit_cycle_days.is_some() { DAYS_ON_CREDIT } else { DAYS_UNSTATED };
    let first = facts.promised.unwrap_or_else(|| count.day(facts.ordered_at).plus(unstated));
    let mut stage = Stage::Untold { ship_by: first };
    let stop = [facts.shipped_at, facts.cancelled_at, facts.will_not_ship_since].into_iter().flatten().min();
    for happened in history(facts) {
        if stop.is_some_and(|stop| happened.at() > stop) {
            break;
        }
        stage = expire(stage, happened.at(), count);
        stage = match happened {
            Happened::Sent(notice) => told(stage, notice, first),
            Happened::Answered(answer) => answered(stage, answer.choice, count.day(answer.at)),
        };
    }
    if let Some(stop) = stop {
        stage = expire(stage, stop, count);
        let ended = [facts.cancelled_at, facts.will_not_ship_since].into_iter().flatten().min();
        let unshipped = facts.shipped_at.is_none_or(|shipped| ended.is_some_and(|ended| ended < shipped));
        if let (Some(ended), true, false) = (ended, unshipped, matches!(stage, Stage::Cancelled { .. })) {
            stage = Stage::Cancelled { vested: count.day(ended) };
        }
    }
    stage
}

/// The stage at `now`: cancelled by law if the time of the stage was over before.
fn expire(stage: Stage, now: Stamp, count: &Count<'_>) -> Stage {
    match stage {
        Stage::Untold { ship_by: day }
        | Stage::Waiting { until: day }
        | Stage::Asked { by: day, .. }
        | Stage::AskedAgain { by: day, .. }
            if now >= count.end(day) =>
        {
            Stage::Cancelled { vested: day }
        }
        other => other,
    }
}

/// The stage after a notice. A notice that offers no cancellation, or no later day, changes nothing.
fn told(stage: Stage, notice: &NoticeSent, first: Day) -> Stage {
    if !notice.offers_cancellation {
        return stage;
    }
    let revised = notice.revised;
    match stage {
        Stage::Untold { ship_by } => match revised {
            Some(day) if day <= ship_by => stage,
            Some(day) if day <= first.plus(DAYS_SILENCE) => Stage::Waiting { until: day },
            _ => Stage::Asked { by: first.plus(DAYS_SILENCE), revised },
        },
        Stage::Waiting { until } => match revised {
            Some(day) if day <= until => stage,
            _ => Stage::AskedAgain { by: until, revised },
        },
        Stage::Asked { by, .. } => Stage::Asked { by, revised },
        Stage::AskedAgain { by, .. } => Stage::AskedAgain { by, revised },
        Stage::WaitingOpen | Stage::Cancelled { .. } => stage,
    }
}

fn answered(stage: Stage, choice: Choice, today: Day) -> Stage {
    match (stage, choice) {
        (Stage::Cancelled { .. }, _) => stage,
        (_, Choice::Cancel) => Stage::Cancelled { vested: today },
        (Stage::Asked { revised, .. } | Stage::AskedAgain { revised, .. }, Choice::Wait) => {
            revised.map_or(Stage::WaitingOpen, |until| Stage::Waiting { until })
        }
        // Consent given ahead to a delay nobody foresees, § 435.2(b)(1)(iv), or to less than was asked.
        (Stage::Asked { by, .. } | Stage::AskedAgain { by, .. }, Choice::WaitUntil(day)) => {
            Stage::Waiting { until: day.max(by) }
        }
        (Stage::Waiting { until }, Choice::WaitUntil(day)) => Stage::Waiting { until: day.max(until) },
        (Stage::Untold { .. } | Stage::Waiting { .. } | Stage::WaitingOpen, _) => stage,
    }
}
