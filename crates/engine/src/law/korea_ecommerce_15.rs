//! Korea: Act on the Consumer Protection in Electronic Commerce (전자상거래 등에서의 소비자보호에 관한 법률), Article 15.
//!
//! What it says, in our words:
//! - Take the measures needed to supply within 7 days of the order; where any part of the price was paid
//!   ahead, within 3 business days of that payment; unless another time of supply was agreed (Article 15(1)).
//! - On learning that supply is difficult, tell the consumer the reason without delay; where the price was paid
//!   ahead, refund within 3 business days of the payment (Article 15(2)).
//! - A consumer who withdraws before the goods were supplied is refunded within 3 business days of the
//!   withdrawal (Articles 15(4), 18(2) no. 3), with interest for delay at the rate of the Enforcement Decree.
//!
//! Periods follow the Civil Act: the first day is not counted (Article 157), and one that ends on a Saturday or
//! a public holiday ends on the next day that is neither (Article 161). Business days are Monday to Friday
//! less the public holidays. The refund of Article 15(2) counts from the payment, so where the shop learns
//! of the difficulty later than that, it is overdue from the first moment, and so the clock says.

use super::count::Count;
use super::{Choice, ClockFacts, Consequence, Duty, Happened, LawError, Obligation, Rule, history};
use crate::holidays::{Calendars, Country};
use holdfast_domain::time::{Day, Stamp};

/// Days to supply in, from the order.
const SUPPLY_DAYS: i32 = 7;
/// Business days to supply in, from a payment ahead.
const SUPPLY_BUSINESS_DAYS: u16 = 3;
/// Business days to refund in.
const REFUND_BUSINESS_DAYS: u16 = 3;
/// "Without delay" (지체 없이) has no number in Article 15(2): we take the next business day.
const REASON_BUSINESS_DAYS: u16 = 1;

const SUPPLY: &str = "전자상거래법 제15조제1항 (E-Commerce Act, Art. 15(1))";
const REASON: &str = "전자상거래법 제15조제2항 (E-Commerce Act, Art. 15(2))";
const WITHDRAWN: &str =
    "전자상거래법 제15조제4항, 제18조제2항제3호 (E-Commerce Act, Arts. 15(4), 18(2) no. 3)";

pub(super) fn obligations(facts: &ClockFacts, calendars: &Calendars) -> Result<Vec<Obligation>, LawError> {
    let count = Count::new(facts, calendars, Country::Korea);
    let rule = Rule::KoreaEcommerceArt15;
    let mut owed = vec![];
    let supplied = |at: Stamp| facts.shipped_at.is_some_and(|shipped| shipped <= at);
    let withdrawn = facts
        .answers
        .iter()
        .find(|answer| answer.choice == Choice::Cancel && !supplied(answer.at))
        .map(|answer| answer.at);
    let given_up = [facts.will_not_ship_since, facts.cancelled_at].into_iter().flatten().min();
    let given_up = given_up.filter(|at| !supplied(*at));
    let reason_owed =
        [facts.unable_since, given_up].into_iter().flatten().max().filter(|_| withdrawn.is_none());
    if let (Some(since), None) = (reason_owed, facts.shipped_at) {
        let told = facts.notices.iter().any(|notice| notice.gives_reason && notice.sent_at >= since);
        if !told {
            let by = count.working_after(count.day(since), REASON_BUSINESS_DAYS)?;
            owed.push(count.obligation((rule, REASON), Duty::GiveReason, by, Consequence::Overdue));
        }
    }
    if withdrawn.is_some() || given_up.is_some() {
        owed.extend(refund(facts, &count, withdrawn)?);
        return Ok(owed);
    }
    if let (None, Some(by)) = (facts.shipped_at, supply_by(facts, &count)?) {
        owed.push(count.obligation((rule, SUPPLY), Duty::Ship, by, Consequence::CustomerMayTerminate));
    }
    Ok(owed)
}

fn refund(
    facts: &ClockFacts,
    count: &Count<'_>,
    withdrawn: Option<Stamp>,
) -> Result<Option<Obligation>, LawError> {
    let (true, Some(paid_at)) = (facts.money_is_owed(), facts.paid_at) else { return Ok(None) };
    let (from, source) = withdrawn.map_or((paid_at, REASON), |at| (at, WITHDRAWN));
    let by = count.working_after(count.day(from), REFUND_BUSINESS_DAYS)?;
    let source = (Rule::KoreaEcommerceArt15, source);
    Ok(Some(count.obligation(source, Duty::Refund, by, Consequence::Overdue)))
}

/// The last day to supply: what was agreed last, or the statute's; none after an agreement without a day.
fn supply_by(facts: &ClockFacts, count: &Count<'_>) -> Result<Option<Day>, LawError> {
    let statutory = match (facts.promised, facts.paid_at) {
        (Some(agreed), _) => agreed,
        (None, Some(paid_at)) => count.working_after(count.day(paid_at), SUPPLY_BUSINESS_DAYS)?,
        (None, None) => count.open_day(count.day(facts.ordered_at).plus(SUPPLY_DAYS))?,
    };
    let (mut by, mut proposed) = (Some(statutory), None);
    for happened in history(facts) {
        match happened {
            Happened::Sent(notice) => proposed = Some(notice.revised),
            Happened::Answered(answer) => match (answer.choice, proposed) {
                (Choice::Wait, Some(revised)) => by = revised,
                (Choice::WaitUntil(day), _) => by = Some(day),
                (Choice::Wait, None) | (Choice::Cancel, _) => {}
            },
        }
    }
    Ok(by)
}
