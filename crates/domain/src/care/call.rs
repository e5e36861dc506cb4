//! Calls to partners and staff: who is asked to do what, who has said yes, and who is asked next when nobody does.
//!
//! A call names contacts by their codes and holds no name and no address. Invariants: the contacts are asked in their
//! order, each once; one is handed to a channel only after that is durable (`Sending`), and what a crash leaves there is
//! in doubt and never handed over again; in a drill nobody is written to, and everything else runs as it would.

use serde::{Deserialize, Serialize};

use super::CareEvent;
use crate::decide::Decision;
use crate::event::Event;
use crate::evolve::{Misfit, misfit};
use crate::id::{CallId, Id as _, IncidentId};
use crate::incident::Phase;
use crate::reject::Rejection;
use crate::state::{State, unknown};
use crate::time::{Span, Stamp};
use crate::timer::Timer;

/// The most contacts of one call.
pub const CALL_CONTACTS_MAX: usize = 32;
/// The most things one call asks for.
pub const CALL_ASKS_MAX: usize = 16;
/// The longest code of a contact or of what is asked, in bytes.
pub const CALL_CODE_MAX: usize = 64;
/// The longest name of a place, in characters.
pub const CALL_PLACE_MAX: usize = 80;
/// The longest a contact may have to answer.
pub const CALL_WITHIN_MAX: Span = Span::days(7);
/// The most calls there may be.
pub const CALLS_MAX: usize = 100_000;

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallAudience {
    /// A site.
    Site,
    /// A carrier.
    Carrier,
    /// A merchant.
    Merchant,
    /// The operator's own people: the call tree.
    Staff,
}

impl CallAudience {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Site, Self::Carrier, Self::Merchant, Self::Staff];

    /// The word for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Carrier => "carrier",
            Self::Merchant => "merchant",
            Self::Staff => "staff",
        }
    }
}

/// How far it is to ask one contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// To be asked now.
    Waiting,
    /// About to be handed over: from here it may have left.
    Sending,
    /// A channel took it.
    Sent,
    /// No channel took it.
    Failed,
    /// Nobody knows whether it left.
    InDoubt,
    /// A drill: nobody was written to, and the time to answer runs.
    Practised,
}

impl StepStatus {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Sending, Self::Sent, Self::Failed, Self::InDoubt, Self::Practised];

    /// The word for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::InDoubt => "in_doubt",
            Self::Practised => "practised",
        }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallEnd {
    /// Somebody has said yes.
    Acknowledged,
    /// It was taken back.
    Withdrawn,
    /// Nobody has answered: an alarm.
    Unanswered,
}

impl CallEnd {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Acknowledged, Self::Withdrawn, Self::Unanswered];

    /// The word for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::Withdrawn => "withdrawn",
            Self::Unanswered => "unanswered",
        }
    }
}

/// A call to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCall {
    /// Because of what.
    pub incident: IncidentId,
    /// Who is asked.
    pub audience: CallAudience,
    /// What, as codes.
    pub asks: Box<[Box<str>]>,
    /// The site, lane or area, as people call it.
    pub place: Box<str>,
    /// Orders touched when it was made.
    pub touched: u32,
    /// Whom to ask, in this order, by code.
    pub contacts: Box<[Box<str>]>,
    /// How long a contact has to answer.
    pub within: Span,
}

/// One contact of a call that has been asked, or is to be asked now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallStep {
    /// How far it is.
    pub status: StepStatus,
    /// When it came so far.
    pub at: Stamp,
    /// Until when an answer is waited for.
    pub due: Option<Stamp>,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// What it asks of whom.
    pub new: NewCall,
    /// When it was made.
    pub made: Stamp,
    /// Who made it.
    pub by: Box<str>,
    /// The contacts asked so far, in the order of [`NewCall::contacts`].
    pub steps: Vec<CallStep>,
    /// When it ended, how, and by whom: a contact's code or an account's; empty where nobody answered.
    pub ended: Option<(Stamp, CallEnd, Box<str>)>,
}

impl Call {
    /// Whether somebody is still waited for.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.ended.is_none()
    }
}

/// Whether an incident is a drill's.
fn is_drill(state: &State, incident: IncidentId) -> bool {
    state.incidents.get(incident).is_some_and(|known| known.drill)
}

fn known(state: &State, id: CallId) -> Result<&Call, Rejection> {
    state.care.calls.get(id).ok_or_else(|| unknown("call", id))
}

fn stepped(call: CallId, position: u32, status: StepStatus, due: Option<Stamp>) -> Event {
    Event::Care(Box::new(CareEvent::CallStepped { call, position, status, due }))
}

/// The events with which a contact is asked: in a drill their time runs at once.
fn ask(call: CallId, position: u32, new: &NewCall, drill: bool, at: Stamp) -> Vec<Event> {
    if !drill {
        return vec![stepped(call, position, StepStatus::Waiting, None)];
    }
    let due = at.after(new.within);
    let timer = Event::TimerSet { due, timer: Timer::Call(call, position) };
    vec![stepped(call, position, StepStatus::Practised, Some(due)), timer]
}

/// Whoever comes after `position`; where nobody does, nobody has answered.
fn next(state: &State, id: CallId, call: &Call, position: u32, at: Stamp) -> Vec<Event> {
    let next = position + 1;
    if call.new.contacts.len() > next as usize {
        return ask(id, next, &call.new, is_drill(state, call.new.incident), at);
    }
    let (how, who) = (CallEnd::Unanswered, "".into());
    vec![Event::Care(Box::new(CareEvent::CallEnded { call: id, how, who }))]
}

/// A call is made, and its first contact is to be asked.
pub(super) fn make(state: &State, new: &NewCall, actor: &str, at: Stamp) -> Decision {
    if state.incident(new.incident)?.phase == Phase::Closed {
        return Err(Rejection::IncidentClosed { incident: new.incident });
    }
    let invalid = |field, why| Err(Rejection::Invalid { field, why });
    let is_code = |code: &str| !code.is_empty() && code.len() <= CALL_CODE_MAX;
    if new.asks.is_empty() || new.asks.len() > CALL_ASKS_MAX || !new.asks.iter().all(|ask| is_code(ask)) {
        return invalid("asks", "name what is asked, 16 things at most");
    }
    if new.contacts.is_empty()
        || new.contacts.len() > CALL_CONTACTS_MAX
        || !new.contacts.iter().all(|contact| is_code(contact))
    {
        return invalid("contacts", "name contacts by their codes, 32 at most");
    }
    let place = &new.place;
    if place.is_empty() || place.chars().count() > CALL_PLACE_MAX || place.chars().any(char::is_control) {
        return invalid("place", "name the site, lane or area in at most 80 characters");
    }
    if new.within < Span::minutes(1) || new.within > CALL_WITHIN_MAX {
        return invalid("within", "from one minute to a week");
    }
    if state.care.calls.len() >= CALLS_MAX {
        return invalid("calls", "there are 100,000 calls already");
    }
    let id = CallId::from_index(state.care.calls.len());
    let made = CareEvent::CallMade { call: Box::new(new.clone()), by: actor.into() };
    let mut events = vec![Event::Care(Box::new(made))];
    events.extend(ask(id, 0, new, is_drill(state, new.incident), at));
    Ok(events)
}

/// A contact is about to be handed to a channel.
pub(super) fn claim(state: &State, id: CallId, position: u32) -> Decision {
    let call = known(state, id)?;
    let waits = call.steps.get(position as usize).is_some_and(|step| step.status == StepStatus::Waiting);
    if !call.is_open() || !waits {
        return Err(Rejection::CallEnded { call: id });
    }
    // The time that runs for one who could not be reached yet goes on.
    let due = call.steps[position as usize].due;
    Ok(vec![stepped(id, position, StepStatus::Sending, due)])
}

/// What became of a contact that was handed over; its time to answer runs from now. One who could not be handed over
/// waits for another try within the time to answer that ran from the first.
pub(super) fn report(state: &State, id: CallId, position: u32, status: StepStatus, at: Stamp) -> Decision {
    let call = known(state, id)?;
    if status == StepStatus::Sending {
        return Err(Rejection::Invalid { field: "status", why: "say what became of it" });
    }
    if call.steps.get(position as usize).is_none_or(|step| step.status != StepStatus::Sending) {
        return Err(Rejection::CallEnded { call: id });
    }
    if status == StepStatus::Waiting {
        let known = call.steps[position as usize].due;
        let due = known.unwrap_or_else(|| at.after(call.new.within));
        if due <= at {
            return report(state, id, position, StepStatus::Failed, at);
        }
        let mut events = vec![stepped(id, position, status, Some(due))];
        if known.is_none() {
            events.push(Event::TimerSet { due, timer: Timer::Call(id, position) });
        }
        return Ok(events);
    }
    if status == StepStatus::Failed {
        let mut events = vec![stepped(id, position, status, None)];
        if call.is_open() {
            events.extend(next(state, id, call, position, at));
        }
        return Ok(events);
    }
    let due = at.after(call.new.within);
    let timer = Event::TimerSet { due, timer: Timer::Call(id, position) };
    Ok(vec![stepped(id, position, status, Some(due)), timer])
}

/// Somebody says yes, or the call is taken back. A late yes is worth more than the alarm that nobody answered.
pub(super) fn end(state: &State, id: CallId, how: CallEnd, who: &str) -> Decision {
    let call = known(state, id)?;
    if how == CallEnd::Unanswered {
        return Err(Rejection::Invalid { field: "how", why: "only time says that nobody answered" });
    }
    if call.ended.as_ref().is_some_and(|(_, was, _)| *was != CallEnd::Unanswered) {
        return Err(Rejection::CallEnded { call: id });
    }
    let who = who.chars().take(CALL_CODE_MAX).collect::<String>().into();
    Ok(vec![Event::Care(Box::new(CareEvent::CallEnded { call: id, how, who }))])
}

/// A contact's time is over: the next one is asked, or nobody has answered.
pub(crate) fn fire(state: &State, id: CallId, position: u32, at: Stamp) -> Vec<Event> {
    let Some(call) = state.care.calls.get(id).filter(|call| call.is_open()) else { return Vec::new() };
    let is_last = call.steps.len() == position as usize + 1;
    // One that is just being handed over is reported by whoever does it.
    let over = |step: &CallStep| step.status != StepStatus::Sending && step.due.is_some_and(|due| due <= at);
    let runs = call.steps.last().is_some_and(over);
    if is_last && runs { next(state, id, call, position, at) } else { Vec::new() }
}

/// What happened to calls.
pub(super) fn evolve(state: &mut State, at: Stamp, event: &CareEvent) -> Result<(), Misfit> {
    match event {
        CareEvent::CallMade { call, by } => {
            let call =
                Call { new: (**call).clone(), made: at, by: by.clone(), steps: Vec::new(), ended: None };
            state.care.calls.push(call);
        }
        CareEvent::CallStepped { call, position, status, due } => {
            let call = state.care.calls.get_mut(*call).ok_or(misfit("call"))?;
            let step = CallStep { status: *status, at, due: *due };
            let (position, asked) = (*position as usize, call.steps.len());
            if position > asked {
                return Err(misfit("call"));
            }
            if position == asked {
                call.steps.push(step);
            } else {
                call.steps[position] = step;
            }
        }
        CareEvent::CallEnded { call, how, who } => {
            let call = state.care.calls.get_mut(*call).ok_or(misfit("call"))?;
            call.ended = Some((at, *how, who.clone()));
        }
        _ => return Err(misfit("call")),
    }
    Ok(())
}
