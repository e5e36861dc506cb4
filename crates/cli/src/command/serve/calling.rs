//! Calls to partners and staff leave by the mail channel of the sending loop; time and answers move them on in the journal.
//!
//! A contact is claimed durably before it is handed over. Whatever is claimed when a round begins was left by a crash or an
//! answer that got lost: it may have left, so it is in doubt and never handed over again.

use holdfast_app::core::Reply;
use holdfast_app::dispatch::{ACTOR, Books, Channel, Outcome};
use holdfast_domain::care::{Call, CallStep, CareCommand, StepStatus};
use holdfast_domain::command::Command;
use holdfast_domain::id::CallId;
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use holdfast_engine::step::Ask;
use holdfast_notify::call::{Calling, letter};
use holdfast_notify::letter::{Letters, shown_hazard};
use holdfast_notify::template::{Ask as Asked, Audience, Hazard};
use holdfast_web::config::CallContact;

/// How long a contact rests whom the channel could not take.
const RETRY: Span = Span::minutes(1);

/// Asks who is to be asked now; gives how many were written to. Without a channel (a drill) nobody is, and the time to
/// answer runs all the same.
///
/// # Errors
/// When the books give no answer: nothing was handed over that is not claimed.
pub fn round<B: Books>(
    books: &mut B,
    contacts: &[CallContact],
    letters: &Letters,
    mut mail: Option<&mut (dyn Channel + '_)>,
) -> Result<usize, B::Error> {
    let mut asked = 0;
    let now = books.now();
    for (id, position, status) in to_do(books.state(), now) {
        if status == StepStatus::Sending {
            report(books, id, position, StepStatus::InDoubt)?;
            continue;
        }
        let made = books
            .state()
            .care
            .calls
            .get(id)
            .map(|call| say(books.state(), id, call, position, contacts, letters));
        let Some(made) = made else { continue };
        let claimed = ask(books, CareCommand::ClaimCall { call: id, position })?;
        if !matches!(claimed, Reply::Done { .. }) {
            continue;
        }
        let status = match (made, &mut mail) {
            (_, None) => StepStatus::Practised,
            (Err(why), Some(_)) => {
                tracing::error!(call = %id, why, "a call could not be put into words");
                StepStatus::Failed
            }
            (Ok(letter), Some(mail)) => match mail.send(std::slice::from_ref(&letter)).first() {
                Some(Outcome::Taken) => StepStatus::Sent,
                Some(Outcome::Refused) => StepStatus::Failed,
                Some(Outcome::Later) => StepStatus::Waiting,
                Some(Outcome::Doubt) | None => StepStatus::InDoubt,
            },
        };
        report(books, id, position, status)?;
        asked += usize::from(status == StepStatus::Sent);
    }
    Ok(asked)
}

/// The contacts that are to be asked, or were about to be. Whoever could not be reached has a due, and rests.
fn to_do(state: &State, now: Stamp) -> Vec<(CallId, u32, StepStatus)> {
    let open = state.care.calls.iter().filter(|(_, call)| call.is_open());
    let last = open.filter_map(|(id, call)| Some((id, call.steps.len().checked_sub(1)?, call.steps.last()?)));
    let rests = |step: &CallStep| step.due.is_some() && now < step.at.after(RETRY);
    last.filter(|(.., step)| match step.status {
        StepStatus::Waiting => !rests(step),
        status => status == StepStatus::Sending,
    })
    .filter_map(|(id, position, step)| Some((id, u32::try_from(position).ok()?, step.status)))
    .collect()
}

fn ask<B: Books>(books: &mut B, command: CareCommand) -> Result<Reply, B::Error> {
    let ask = Ask { command: Command::Care(Box::new(command)), actor: ACTOR.into(), key: None };
    Ok(books.ask_all(vec![ask])?.pop().unwrap_or(Reply::Unknown))
}

fn report<B: Books>(books: &mut B, call: CallId, position: u32, status: StepStatus) -> Result<(), B::Error> {
    // What cannot be written down now stays claimed: the next round finds it in doubt.
    ask(books, CareCommand::ReportCall { call, position, status }).map(drop)
}

fn say(
    state: &State,
    id: CallId,
    call: &Call,
    position: u32,
    contacts: &[CallContact],
    letters: &Letters,
) -> Result<holdfast_app::dispatch::Letter, String> {
    let code = call.new.contacts.get(position as usize).ok_or("there is no such contact")?;
    let contact = contacts.iter().find(|contact| *contact.code == **code);
    let contact = contact.ok_or_else(|| format!("the configuration has no contact {code}"))?;
    let incident = state.incidents.get(call.new.incident);
    let operator = state.network.operator.as_ref();
    let calling = Calling {
        call: id.0,
        position,
        made: call.made,
        audience: Audience::from_code(call.new.audience.code()).ok_or("nobody is asked")?,
        asks: call.new.asks.iter().filter_map(|ask| Asked::from_code(ask)).collect(),
        hazard: incident.map_or(Hazard::Other, |incident| shown_hazard(incident.hazard)),
        place: call.new.place.clone(),
        touched: u64::from(call.new.touched),
        operator: operator.map_or_else(|| "Holdfast".into(), |known| known.name.clone()),
        name: contact.name.as_str().into(),
        mail: contact.mail.as_str().into(),
        language: contact.language.as_str().into(),
    };
    letter(&letters.catalog, &letters.keys, &letters.base, &letters.from, &calling)
}
