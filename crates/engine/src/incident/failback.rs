//! Failback: a site comes back step by step, so that a second failure finds little there.

use holdfast_domain::command::Command;
use holdfast_domain::id::{IncidentId, SiteId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::state::State;

/// Thousandths of capacity at each step.
pub const FAILBACK_STEPS: [u16; 2] = [600, 1000];

/// The command of a site's next failback step; `None` once it works whole, or for a standby.
#[must_use]
pub fn failback_step(state: &State, site: SiteId, incident: IncidentId) -> Option<Command> {
    let site_now = state.sites.get(usize::from(site.0))?;
    let now = match site_now.access {
        SiteAccess::Closed { .. } if site_now.uncalled => return Some(Command::ReleaseStandby { site }),
        SiteAccess::Closed { .. } => 0,
        SiteAccess::Open { permille } => permille,
        SiteAccess::Dormant | SiteAccess::Activating { .. } => return None,
    };
    let permille = FAILBACK_STEPS.into_iter().find(|step| *step > now)?;
    Some(Command::LimitSite { site, permille, incident: Some(incident) })
}
