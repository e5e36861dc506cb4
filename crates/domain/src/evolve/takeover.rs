//! What happened to take-overs. What a host lends and what its section may do are kept with the sites, so that no
//! look at capacity has to search for them.

use super::{Misfit, misfit};
use crate::event::Event;
use crate::id::TakeoverId;
use crate::state::State;
use crate::takeover::{Lent, Section, Takeover, TakeoverStage};
use crate::time::Stamp;

pub(super) fn evolve(state: &mut State, at: Stamp, event: &Event) -> Result<(), Misfit> {
    match event {
        Event::TakeoverAsked(new) => {
            state.takeovers.push((**new).clone());
        }
        Event::TakeoverOffered { takeover, terms } => {
            let known = get(state, *takeover)?;
            known.stage = TakeoverStage::Offered;
            known.terms = Some(terms.clone());
        }
        Event::TakeoverAccepted { takeover, sections } => {
            let known = get(state, *takeover)?;
            known.stage = TakeoverStage::Accepted;
            known.accepted = Some(at);
            known.sections = sections.clone();
            let known = known.clone();
            set_aside(state, *takeover, &known)?;
        }
        Event::TakeoverDeclined { takeover, .. } => close(state, *takeover, TakeoverStage::Declined, at)?,
        Event::TakeoverLapsed { takeover } => close(state, *takeover, TakeoverStage::Lapsed, at)?,
        Event::TakeoverEnded { takeover } => {
            let known = get(state, *takeover)?;
            known.stage = TakeoverStage::Ending;
            known.ended = Some(at);
            stage_sections(state, *takeover, TakeoverStage::Ending);
        }
        Event::TakeoverHandedBack { takeover, .. } => {
            close(state, *takeover, TakeoverStage::HandedBack, at)?;
            stage_sections(state, *takeover, TakeoverStage::HandedBack);
            for now in &mut state.sites {
                now.lent.retain(|lent| lent.takeover != *takeover);
            }
        }
        _ => return Err(misfit("event")),
    }
    Ok(())
}

fn get(state: &mut State, id: TakeoverId) -> Result<&mut Takeover, Misfit> {
    state.takeovers.get_mut(id).ok_or(misfit("take-over"))
}

fn close(state: &mut State, id: TakeoverId, stage: TakeoverStage, at: Stamp) -> Result<(), Misfit> {
    let known = get(state, id)?;
    known.stage = stage;
    known.closed = Some(at);
    Ok(())
}

fn set_aside(state: &mut State, takeover: TakeoverId, known: &Takeover) -> Result<(), Misfit> {
    let terms = known.terms.as_ref().ok_or(misfit("take-over without terms"))?;
    if terms.hosts.len() != known.sections.len() {
        return Err(misfit("take-over's sections"));
    }
    let (first_day, until) = (terms.first_day, terms.until);
    for (host, section) in terms.hosts.iter().zip(&known.sections) {
        let lends = state.sites.get_mut(usize::from(host.site.0)).ok_or(misfit("host"))?;
        lends.lent.push(Lent { takeover, first_day, until, capacity: host.capacity });
        let part = state.sites.get_mut(usize::from(section.0)).ok_or(misfit("section"))?;
        part.section = Some(Section {
            takeover,
            merchant: known.merchant,
            host: host.site,
            first_day,
            until,
            stage: TakeoverStage::Accepted,
        });
    }
    Ok(())
}

fn stage_sections(state: &mut State, takeover: TakeoverId, stage: TakeoverStage) {
    let parts = state.sites.iter_mut().filter_map(|now| now.section.as_mut());
    parts.filter(|part| part.takeover == takeover).for_each(|part| part.stage = stage);
}
