//! Calls to partners and staff leave by the mail channel of the sending loop, and are followed up.

use holdfast_app::dispatch::{Channel, Outcome};
use holdfast_domain::id::{Id as _, IncidentId};
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_notify::call::{Calling, letter};
use holdfast_notify::letter::{Letters, shown_hazard};
use holdfast_notify::template::{Ask, Audience, Hazard};
use holdfast_web::calls::{Call, Calls, StepStatus};
use holdfast_web::config::CallContact;

/// Asks who is to be asked now, and lets time pass for the rest. Of a drill nobody is written to.
///
/// # Errors
/// SQLite's, when the calls cannot be read or written: nothing was handed over that is not claimed.
pub fn round(
    calls: &Calls,
    contacts: &[CallContact],
    state: &State,
    letters: &Letters,
    mail: &mut dyn Channel,
    now: Stamp,
) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
    calls.escalate(now.0)?;
    let mut asked = 0;
    for call in calls.list()?.into_iter().filter(|call| call.ended.is_none()) {
        let incident = state.incidents.get(IncidentId::from_index(call.incident as usize));
        if incident.is_some_and(|incident| incident.drill) {
            continue;
        }
        let hazard = incident.map_or(Hazard::Other, |incident| shown_hazard(incident.hazard));
        let Some(step) = call.steps.iter().find(|step| step.status == StepStatus::Waiting) else { continue };
        let made = contacts
            .iter()
            .find(|contact| contact.code == step.contact)
            .ok_or_else(|| format!("the configuration has no contact {}", step.contact))
            .and_then(|contact| calling(state, &call, step.position, contact, hazard))
            .and_then(|calling| {
                letter(&letters.catalog, &letters.keys, &letters.base, &letters.from, &calling)
            });
        if !calls.claim(call.id, step.position)? {
            continue;
        }
        let status = match made {
            Err(why) => {
                tracing::error!(call = call.id, why, "a call could not be put into words");
                StepStatus::Failed
            }
            Ok(letter) => match mail.send(std::slice::from_ref(&letter)).first() {
                Some(Outcome::Taken) => StepStatus::Sent,
                Some(Outcome::Refused | Outcome::Later) => StepStatus::Failed,
                Some(Outcome::Doubt) | None => StepStatus::InDoubt,
            },
        };
        calls.report(call.id, step.position, status, now.0)?;
        asked += usize::from(status == StepStatus::Sent);
    }
    Ok(asked)
}

fn calling(
    state: &State,
    call: &Call,
    position: u32,
    contact: &CallContact,
    hazard: Hazard,
) -> Result<Calling, String> {
    let audience = Audience::from_code(&call.audience).ok_or("nobody is asked")?;
    Ok(Calling {
        call: u32::try_from(call.id).map_err(|_| "there are too many calls")?,
        position,
        made: Stamp(call.made),
        audience,
        asks: call.asks.iter().filter_map(|ask| Ask::from_code(ask)).collect(),
        hazard,
        place: call.place.as_str().into(),
        touched: call.touched,
        operator: state
            .network
            .operator
            .as_ref()
            .map_or_else(|| "Holdfast".into(), |known| known.name.clone()),
        name: contact.name.as_str().into(),
        mail: contact.mail.as_str().into(),
        language: contact.language.as_str().into(),
    })
}
