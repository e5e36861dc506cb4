//! What happened in incidents.

use super::{Misfit, misfit};
use crate::event::Event;
use crate::id::Id;
use crate::incident::{Phase, SiteAccess};
use crate::state::State;
use crate::time::Stamp;
use crate::timer::Timer;

pub(super) fn evolve(state: &mut State, at: Stamp, event: &Event) -> Result<(), Misfit> {
    match event {
        Event::IncidentOpened(new) => {
            let id = state.incidents.push((**new).clone());
            if let Some(end) = new.expected_end {
                state.timers.set(end, Timer::IncidentEnd(id));
            }
        }
        Event::IncidentAssessed { incident, severity, expected_end, surges } => {
            let known = state.incidents.get_mut(*incident).ok_or(misfit("incident"))?;
            let before = std::mem::replace(&mut known.expected_end, *expected_end);
            known.severity = *severity;
            known.surges.clone_from(surges);
            if let Some(end) = before {
                state.timers.clear(end, Timer::IncidentEnd(*incident));
            }
            if let Some(end) = expected_end {
                state.timers.set(*end, Timer::IncidentEnd(*incident));
            }
        }
        Event::IncidentPhased { incident, phase } => {
            let known = state.incidents.get_mut(*incident).ok_or(misfit("incident"))?;
            known.phase = *phase;
            match phase {
                Phase::Declared => known.declared = known.declared.or(Some(at)),
                Phase::Recovering => known.ended = Some(at),
                Phase::Watch | Phase::Closed => {}
            }
            if *phase == Phase::Closed {
                for now in &mut state.sites {
                    now.outages.retain(|(by, ..)| by != incident);
                }
            }
        }
        Event::SiteAccessChanged { site, access, incident } => {
            let now = state.sites.get_mut(site.index()).ok_or(misfit("site"))?;
            if let SiteAccess::Activating { ready } = now.access {
                state.timers.clear(ready, Timer::StandbyReady(*site));
            }
            let closed = matches!(access, SiteAccess::Closed { .. });
            now.uncalled = closed && (now.uncalled || now.access == SiteAccess::Dormant);
            now.access = *access;
            if let SiteAccess::Activating { ready } = access {
                state.timers.set(*ready, Timer::StandbyReady(*site));
            }
            if let Some(incident) = incident {
                let known = state.incidents.get_mut(*incident).ok_or(misfit("incident"))?;
                if !known.sites.contains(site) {
                    known.sites.push(*site);
                }
            }
        }
        Event::OutageExpected { site, incident, days } => {
            let now = state.sites.get_mut(site.index()).ok_or(misfit("site"))?;
            now.outages.retain(|(by, ..)| by != incident);
            now.outages.extend(days.map(|(from, until)| (*incident, from, until)));
        }
        Event::LanesEmbargoed { incident, lanes } => {
            for lane in lanes {
                state.embargoes.get_mut(*lane).ok_or(misfit("lane"))?.push(*incident);
            }
            let known = state.incidents.get_mut(*incident).ok_or(misfit("incident"))?;
            known.lanes.extend(lanes);
            known.lanes.sort_unstable();
            known.lanes.dedup();
        }
        Event::EmbargoLifted { incident, lanes } => {
            for lane in lanes {
                state.embargoes.get_mut(*lane).ok_or(misfit("lane"))?.retain(|by| *by != *incident);
            }
        }
        _ => return Err(misfit("event")),
    }
    Ok(())
}
