//! Which clock runs for an order and until when, and what is overdue: read off a state whenever somebody asks.

use holdfast_domain::care::{Call, CallEnd, StepStatus};
use holdfast_domain::id::{CallId, NoticeId, OrderId};
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Stamp};
use serde::Serialize;

use super::clock::owed;
use super::{Consequence, Obligation};

/// The most alarms one list holds; beyond, the count goes on.
pub const ALARMS_MAX: usize = 10_000;

/// One clock of one order, as the console and the API show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClockShown {
    /// The rule's code.
    pub rule: &'static str,
    /// What has to be done, as a code.
    pub duty: &'static str,
    /// The last day on which it is in time, in the customer's days.
    pub last_day: Day,
    /// The first moment that is too late.
    pub due: Stamp,
    /// What follows then, as a code.
    pub then: &'static str,
    /// The provision.
    pub source: &'static str,
    /// Whether that moment has passed.
    pub overdue: bool,
    /// Whether a timer is set for it; where not, nobody was told of the order and the clock is only shown.
    pub timed: bool,
}

/// Something a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Alarm {
    /// A legal duty is overdue.
    Overdue {
        /// The order.
        order: OrderId,
        /// The duty.
        clock: ClockShown,
    },
    /// A clock cannot be counted: a calendar ends.
    Uncountable {
        /// The order.
        order: OrderId,
        /// Why.
        why: String,
    },
    /// No channel took a notice.
    NotReached {
        /// The notice.
        notice: NoticeId,
    },
    /// Nobody knows whether a notice arrived.
    NoticeInDoubt {
        /// The notice.
        notice: NoticeId,
    },
    /// Notices wait for a second person.
    Approval {
        /// The notice that waits longest.
        notice: NoticeId,
        /// How many wait.
        waiting: usize,
    },
    /// No partner, or nobody of the staff, answered a call.
    CallUnanswered {
        /// The call.
        call: CallId,
    },
}

impl Alarm {
    /// The codes of all kinds.
    pub const KINDS: [&'static str; 6] =
        ["overdue", "uncountable", "not_reached", "notice_in_doubt", "approval", "call_unanswered"];

    /// The code of its kind.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Overdue { .. } => "overdue",
            Self::Uncountable { .. } => "uncountable",
            Self::NotReached { .. } => "not_reached",
            Self::NoticeInDoubt { .. } => "notice_in_doubt",
            Self::Approval { .. } => "approval",
            Self::CallUnanswered { .. } => "call_unanswered",
        }
    }
}

/// Alarms, and how many there are in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Alarms {
    /// At most [`ALARMS_MAX`] of them.
    pub list: Vec<Alarm>,
    /// All of them.
    pub count: usize,
    /// How many there are of each kind, in the order of [`Alarm::KINDS`].
    pub kinds: [usize; 6],
}

/// The code of what follows when a duty's time is over.
#[must_use]
pub const fn consequence_code(consequence: Consequence) -> &'static str {
    match consequence {
        Consequence::CancelAndRefund { .. } => "cancel-and-refund",
        Consequence::CustomerMaySetPeriod => "customer-may-set-period",
        Consequence::CustomerMayTerminate => "customer-may-terminate",
        Consequence::Overdue => "overdue",
    }
}

/// The clocks of an order at `at`, the first due first.
///
/// # Errors
/// A sentence for a person where a calendar ends.
pub fn clocks(state: &State, order: OrderId, at: Stamp) -> Result<Vec<ClockShown>, String> {
    let timed = state.care.file(order).is_some_and(|file| file.clock.is_some());
    let owed = owed(state, order).map_err(|error| error.to_string())?;
    Ok(owed.iter().map(|duty| shown(duty, at, timed)).collect())
}

fn shown(duty: &Obligation, at: Stamp, timed: bool) -> ClockShown {
    ClockShown {
        rule: duty.rule.code(),
        duty: duty.duty.code(),
        last_day: duty.last_day,
        due: duty.due,
        then: consequence_code(duty.consequence),
        source: duty.source,
        overdue: duty.due <= at,
        timed,
    }
}

/// Everything a person has to look at, by order and then by notice.
#[must_use]
pub fn alarms(state: &State, at: Stamp) -> Alarms {
    alarms_of(state, at, |_| true)
}

/// Those of the alarms that are `wanted`, in the same order: what somebody may not see takes no place in their list and
/// is not counted.
#[must_use]
pub fn alarms_of(state: &State, at: Stamp, wanted: impl Fn(&Alarm) -> bool) -> Alarms {
    let mut found = Alarms::default();
    let mut add = |alarm: Alarm| {
        if !wanted(&alarm) {
            return;
        }
        found.count += 1;
        let kind = Alarm::KINDS.iter().position(|kind| *kind == Alarm::code(&alarm));
        found.kinds[kind.unwrap_or_default()] += 1;
        if found.list.len() < ALARMS_MAX {
            found.list.push(alarm);
        }
    };
    for (order, _) in state.live_orders() {
        match clocks(state, order, at) {
            Ok(clocks) => clocks
                .into_iter()
                .filter(|clock| clock.overdue)
                .for_each(|clock| add(Alarm::Overdue { order, clock })),
            Err(why) => add(Alarm::Uncountable { order, why }),
        }
    }
    let mut waiting = (None, 0_usize);
    for (id, notice) in state.notices.iter() {
        match notice.status {
            NoticeStatus::Failed => add(Alarm::NotReached { notice: id }),
            NoticeStatus::InDoubt => add(Alarm::NoticeInDoubt { notice: id }),
            NoticeStatus::Waiting => waiting = (waiting.0.or(Some(id)), waiting.1 + 1),
            _ => {}
        }
    }
    if let (Some(notice), waiting) = waiting {
        add(Alarm::Approval { notice, waiting });
    }
    // Where nobody was written to, in a drill, it is a finding of its review that nobody answered, and no alarm.
    let asked = |call: &Call| call.steps.iter().any(|step| step.status != StepStatus::Practised);
    for (id, call) in state.care.calls.iter() {
        let silent = call.ended.as_ref().is_some_and(|(_, how, _)| *how == CallEnd::Unanswered);
        if silent && asked(call) {
            add(Alarm::CallUnanswered { call: id });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use holdfast_domain::id::MerchantId;
    use holdfast_domain::network::Language;
    use holdfast_domain::notice::{Notice, NoticeStatus};
    use holdfast_domain::state::State;
    use holdfast_domain::time::Stamp;

    use super::{ALARMS_MAX, Alarm, alarms, alarms_of};

    /// As it was: behind ten thousand alarms of others, a merchant was told that there are none.
    #[test]
    fn alarms_of_others_take_no_place_in_a_list() {
        let failed = |merchant| Notice {
            merchant: MerchantId(merchant),
            subject: None,
            language: Language::EN,
            incident: None,
            orders: Vec::new(),
            hold_until: Stamp(0),
            status: NoticeStatus::Failed,
        };
        let mut state = State::default();
        for _ in 0..=ALARMS_MAX {
            state.notices.push(failed(0));
        }
        let last = state.notices.push(failed(1));
        let theirs = |alarm: &Alarm| matches!(alarm, Alarm::NotReached { notice } if state.notices.get(*notice).is_some_and(|one| one.merchant.0 == 1));
        let found = alarms_of(&state, Stamp(0), theirs);
        assert_eq!((found.list, found.count), (vec![Alarm::NotReached { notice: last }], 1));
        assert_eq!(found.kinds.iter().sum::<usize>(), 1);
        let all = alarms(&state, Stamp(0));
        assert_eq!((all.list.len(), all.count), (ALARMS_MAX, ALARMS_MAX + 2));
    }
}
