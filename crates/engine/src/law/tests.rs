//! Whole histories as small texts: a line for each fact, and what is owed at its end.
//!
//! A date without a time is noon of the jurisdiction's zone. Expected: one text for each obligation,
//! `duty last-day > consequence`.

use super::{
    Answer, Choice, ClockFacts, Consequence, Jurisdiction, NoticeSent, RefundForm, Refunded, obligations,
    on_expiry,
};
use crate::holidays::{Calendars, Country};
use holdfast_domain::time::{Day, Stamp, Zone};

const US: (Jurisdiction, &str) = (Jurisdiction::UnitedStates, "America/New_York");
const KOREA: (Jurisdiction, &str) = (Jurisdiction::Korea, "Asia/Seoul");
const GERMANY: (Jurisdiction, &str) = (Jurisdiction::EuropeanUnion(Country::Germany), "Europe/Berlin");
const UK: (Jurisdiction, &str) = (Jurisdiction::UnitedKingdom, "Europe/London");

fn moment(text: &str, zone: &Zone) -> Stamp {
    let (day, hour) = text.split_once('T').unwrap_or((text, "12:00"));
    let (hours, minutes) = hour.split_once(':').unwrap();
    let ms = hours.parse::<u32>().unwrap() * 3_600_000 + minutes.parse::<u32>().unwrap() * 60_000;
    day.parse::<Day>().unwrap().at(ms, zone)
}

fn facts((jurisdiction, zone): (Jurisdiction, &str), history: &str) -> ClockFacts {
    let zone = Zone::named(zone).unwrap();
    let mut facts = ClockFacts::new(jurisdiction, zone.clone(), Stamp(0));
    for line in history.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = || moment(words[1], &zone);
        let day = |index: usize| words.get(index).and_then(|word| word.parse::<Day>().ok());
        let notice = |offers, gives| NoticeSent {
            sent_at: at(),
            revised: day(2),
            offers_cancellation: offers,
            gives_reason: gives,
        };
        match words[0] {
            "ordered" => facts.ordered_at = at(),
            "paid" => facts.paid_at = Some(at()),
            "promised" => facts.promised = day(1),
            "on-credit" => facts.seller_credit_cycle_days = words[1].parse().ok(),
            "essential" => facts.date_is_essential = true,
            "unable" => facts.unable_since = Some(at()),
            "gives-up" => facts.will_not_ship_since = Some(at()),
            "told" => facts.notices.push(notice(true, true)),
            "told-without-option" => facts.notices.push(notice(false, true)),
            "waits" => facts.answers.push(Answer { at: at(), choice: Choice::Wait }),
            "waits-until" => {
                facts.answers.push(Answer { at: at(), choice: Choice::WaitUntil(day(2).unwrap()) });
            }
            "cancels" => facts.answers.push(Answer { at: at(), choice: Choice::Cancel }),
            "shipped" => facts.shipped_at = Some(at()),
            "delivered" => facts.delivered_at = Some(at()),
            "cancelled" => facts.cancelled_at = Some(at()),
            "refunded" => facts.refunded = Some(Refunded { at: at(), form: RefundForm::Money }),
            "voucher" => facts.refunded = Some(Refunded { at: at(), form: RefundForm::StoreCredit }),
            other => panic!("no such fact: {other}"),
        }
    }
    facts
}

fn check(place: (Jurisdiction, &str), history: &str, expected: &[&str]) {
    let facts = facts(place, history);
    let owed: Vec<String> = obligations(&facts, &Calendars::all_known())
        .unwrap()
        .into_iter()
        .map(|o| {
            assert_eq!(o.due, o.last_day.plus(1).at(0, &facts.zone));
            let then = match o.consequence {
                Consequence::CancelAndRefund { refund_due } => {
                    format!("cancel, refund {}", refund_due.local(&facts.zone).0.plus(-1))
                }
                Consequence::CustomerMaySetPeriod => "may set period".to_owned(),
                Consequence::CustomerMayTerminate => "may terminate".to_owned(),
                Consequence::Overdue => "overdue".to_owned(),
            };
            format!("{} {} > {then}", o.duty.code(), o.last_day)
        })
        .collect();
    assert_eq!(owed, expected, "{history}");
}

#[test]
fn us_time_to_ship() {
    // 7 working days after 1 October 2022 (a Saturday), with Columbus Day on the 10th: 12 October.
    check(US, "ordered 2022-09-01", &["ship 2022-10-01 > cancel, refund 2022-10-12"]);
    check(US, "ordered 2022-09-01\n on-credit 30", &["ship 2022-10-21 > cancel, refund 2022-11-20"]);
    check(US, "ordered 2022-09-01\n promised 2022-09-08", &["ship 2022-09-08 > cancel, refund 2022-09-19"]);
    // 23:30 in New York is the next day in Greenwich, and counts as the evening it was.
    check(US, "ordered 2022-09-01T23:30", &["ship 2022-10-01 > cancel, refund 2022-10-12"]);
    check(US, "ordered 2022-09-01\n shipped 2022-09-20", &[]);
}

#[test]
fn us_first_delay() {
    let late = "ordered 2022-09-01\n paid 2022-09-01\n promised 2022-09-30\n unable 2022-09-29\n";
    check(US, late, &["offer-delay-option 2022-09-30 > cancel, refund 2022-10-12"]);
    // Up to 30 days later: silence consents, the new day is in force.
    check(
        US,
        &format!("{late} told 2022-09-29 2022-10-30"),
        &["ship 2022-10-30 > cancel, refund 2022-11-08"],
    );
    // A day more, or no day: express consent within 30 days of the first.
    check(
        US,
        &format!("{late} told 2022-09-29 2022-10-31"),
        &["obtain-consent 2022-10-30 > cancel, refund 2022-11-08"],
    );
    check(
        US,
        &format!("{late} told 2022-09-29 ?"),
        &["obtain-consent 2022-10-30 > cancel, refund 2022-11-08"],
    );
    check(
        US,
        &format!("{late} told 2022-09-29 2022-12-01\n waits 2022-10-10"),
        &["ship 2022-12-01 > cancel, refund 2022-12-12"],
    );
    check(US, &format!("{late} told 2022-09-29 ?\n waits 2022-10-10"), &[]);
    check(
        US,
        &format!("{late} told 2022-09-29 ?\n waits 2022-10-10\n cancels 2023-01-03"),
        &["cancel 2023-01-03 > cancel, refund 2023-01-12", "refund 2023-01-12 > overdue"],
    );
    // A notice that does not offer to cancel is no option; one after the time was over comes too late.
    check(
        US,
        &format!("{late} told-without-option 2022-09-29 2022-10-15"),
        &["offer-delay-option 2022-09-30 > cancel, refund 2022-10-12"],
    );
    check(
        US,
        &format!("{late} told 2022-10-01T00:00 2022-10-15"),
        &["cancel 2022-09-30 > cancel, refund 2022-10-12", "refund 2022-10-12 > overdue"],
    );
    check(
        US,
        &format!("{late} told 2022-09-30T23:59 2022-10-15"),
        &["ship 2022-10-15 > cancel, refund 2022-10-25"],
    );
}

#[test]
fn us_second_delay_without_an_answer_cancels_and_refunds_on_the_right_day() {
    let once = "ordered 2022-09-01\n paid 2022-09-01\n promised 2022-09-30\n unable 2022-09-28\n \
                told 2022-09-28 2022-10-14\n";
    let again = format!("{once} unable 2022-10-12\n");
    check(US, &again, &["offer-renewed-option 2022-10-14 > cancel, refund 2022-10-25"]);
    let asked = format!("{again} told 2022-10-12 2022-10-28\n");
    check(US, &asked, &["obtain-consent 2022-10-14 > cancel, refund 2022-10-25"]);

    // The timer fires at midnight in New York, at 04:00 in Greenwich, and finds the duty still owed.
    let calendars = Calendars::all_known();
    let waiting = facts(US, &asked);
    let duty = obligations(&waiting, &calendars).unwrap()[0];
    assert_eq!(duty.due.to_string(), "2022-10-15T04:00:00Z");
    let Some(Consequence::CancelAndRefund { refund_due }) =
        on_expiry(&waiting, duty.duty, duty.due, &calendars).unwrap()
    else {
        panic!("silence after a second delay cancels");
    };
    assert_eq!(refund_due.to_string(), "2022-10-26T04:00:00Z");
    // Consent that arrived before makes the timer stale.
    let consented = facts(US, &format!("{asked} waits 2022-10-14T23:00"));
    assert_eq!(on_expiry(&consented, duty.duty, duty.due, &calendars).unwrap(), None);

    // Cancelled by the timer: the refund counts from the day that expired, and a voucher does not settle it.
    let cancelled = format!("{asked} cancelled 2022-10-15T00:00\n");
    check(US, &cancelled, &["refund 2022-10-25 > overdue"]);
    check(US, &format!("{cancelled} voucher 2022-10-17"), &["refund 2022-10-25 > overdue"]);
    check(US, &format!("{cancelled} refunded 2022-10-17"), &[]);
    // Consent a minute late consents to nothing; shipping late after all does not undo the cancellation.
    check(
        US,
        &format!("{asked} waits 2022-10-15T00:01"),
        &["cancel 2022-10-14 > cancel, refund 2022-10-25", "refund 2022-10-25 > overdue"],
    );
    check(US, &format!("{asked} shipped 2022-10-17"), &["refund 2022-10-25 > overdue"]);
    check(US, &format!("{asked} shipped 2022-10-14"), &[]);
    // Expressly agreed, and a third time.
    let third = format!("{asked} waits 2022-10-13\n unable 2022-10-27\n told 2022-10-27 ?\n");
    check(US, &third, &["obtain-consent 2022-10-28 > cancel, refund 2022-11-08"]);
}

#[test]
fn us_consent_given_ahead() {
    let told = "ordered 2022-09-01\n promised 2022-09-30\n told 2022-09-28 2022-10-14\n";
    check(
        US,
        &format!("{told} waits-until 2022-10-01 2022-11-15"),
        &["ship 2022-11-15 > cancel, refund 2022-11-25"],
    );
    // 24 November 2022 is Thanksgiving: the seventh working day after the 15th is the 25th.
}

#[test]
fn us_who_decides_not_to_ship_refunds() {
    check(
        US,
        "ordered 2022-09-01\n paid 2022-09-01\n gives-up 2022-09-05",
        &["cancel 2022-09-05 > cancel, refund 2022-09-14", "refund 2022-09-14 > overdue"],
    );
    check(US, "ordered 2022-09-01\n cancelled 2022-09-05", &[]);
}

#[test]
fn korean_deadlines_pass_chuseok() {
    // Chuseok 2022: Friday 9 to Monday 12 September, the substitute day included.
    check(KOREA, "ordered 2022-09-07\n paid 2022-09-07", &["ship 2022-09-14 > may terminate"]);
    check(KOREA, "ordered 2022-09-08\n paid 2022-09-08T23:30", &["ship 2022-09-15 > may terminate"]);
    // Not paid ahead: 7 days, and the last one is a holiday.
    check(KOREA, "ordered 2022-09-04", &["ship 2022-09-13 > may terminate"]);
    check(KOREA, "ordered 2022-09-01", &["ship 2022-09-08 > may terminate"]);
    // Paid within the holidays.
    check(KOREA, "ordered 2022-09-10\n paid 2022-09-10", &["ship 2022-09-15 > may terminate"]);
    // 2025: nobody works from 3 to 9 October; the 10th is a Friday.
    check(KOREA, "ordered 2025-10-02\n paid 2025-10-02", &["ship 2025-10-14 > may terminate"]);
    check(
        KOREA,
        "ordered 2025-10-01\n paid 2025-10-01\n cancels 2025-10-02",
        &["refund 2025-10-14 > overdue"],
    );
}

#[test]
fn korean_reason_refund_and_agreement() {
    let late = "ordered 2022-09-05\n paid 2022-09-05\n unable 2022-09-08\n";
    check(KOREA, late, &["ship 2022-09-08 > may terminate", "give-reason 2022-09-13 > overdue"]);
    // A reason alone moves nothing; another day, agreed, does.
    let told = format!("{late} told 2022-09-08T14:00 2022-09-20\n");
    check(KOREA, &told, &["ship 2022-09-08 > may terminate"]);
    check(KOREA, &format!("{told} waits 2022-09-08T18:00"), &["ship 2022-09-20 > may terminate"]);
    // Given up: reason, and the refund counts from the payment.
    check(
        KOREA,
        "ordered 2022-09-07\n paid 2022-09-07\n gives-up 2022-09-08",
        &["give-reason 2022-09-13 > overdue", "refund 2022-09-14 > overdue"],
    );
    check(
        KOREA,
        "ordered 2022-08-01\n paid 2022-08-01\n promised 2022-09-20\n gives-up 2022-09-08\n told 2022-09-08T13:00",
        &["refund 2022-08-04 > overdue"],
    );
    // Withdrawn by the customer: from the withdrawal; a voucher is no refund.
    check(KOREA, &format!("{told} cancels 2022-09-08"), &["refund 2022-09-15 > overdue"]);
    check(
        KOREA,
        &format!("{told} cancels 2022-09-08\n voucher 2022-09-13"),
        &["refund 2022-09-15 > overdue"],
    );
    check(KOREA, &format!("{told} cancels 2022-09-08\n refunded 2022-09-13"), &[]);
    check(KOREA, &format!("{late} shipped 2022-09-08"), &[]);
}

#[test]
fn union_delivery() {
    // 30 days from 16 November 2024 would be 16 December, a Monday; from 26 November Boxing Day, a Thursday.
    check(GERMANY, "ordered 2024-11-16", &["deliver 2024-12-16 > may set period"]);
    check(GERMANY, "ordered 2024-11-26", &["deliver 2024-12-27 > may set period"]);
    check(GERMANY, "ordered 2024-11-16\n promised 2024-12-01", &["deliver 2024-12-01 > may set period"]);
    check(
        GERMANY,
        "ordered 2024-11-16\n promised 2024-12-01\n essential",
        &["deliver 2024-12-01 > may terminate"],
    );
    // Shipped is not delivered.
    check(GERMANY, "ordered 2024-11-16\n shipped 2024-12-01", &["deliver 2024-12-16 > may set period"]);
    check(GERMANY, "ordered 2024-11-16\n delivered 2024-12-01", &[]);
    let asked = "ordered 2024-11-16\n paid 2024-11-16\n waits-until 2024-12-17 2024-12-31\n";
    check(GERMANY, asked, &["deliver 2024-12-31 > may terminate"]);
    check(GERMANY, &format!("{asked} cancels 2025-01-01"), &["refund 2025-01-15 > overdue"]);
    check(
        GERMANY,
        "ordered 2024-11-16\n told 2024-12-10 2025-01-20\n waits 2024-12-11",
        &["deliver 2025-01-20 > may set period"],
    );
}

#[test]
fn united_kingdom_does_not_wait_for_holidays() {
    check(UK, "ordered 2024-11-25", &["deliver 2024-12-25 > may set period"]);
}

#[test]
fn no_rule_and_no_calendar() {
    check((Jurisdiction::Unregulated, "UTC"), "ordered 2022-09-01", &[]);
    let beyond = facts(KOREA, "ordered 2030-12-31\n paid 2030-12-31");
    assert!(obligations(&beyond, &Calendars::all_known()).is_err());
}
