//! Incidents: opened, assessed, phased; sites closed, limited, called; lanes closed and opened.

use super::{Decision, misplaced};
use crate::command::{Command, NewIncident};
use crate::event::Event;
use crate::id::{IncidentId, LaneId, ShipmentId, SiteId};
use crate::incident::{Incident, LaneRule, Phase, SiteAccess, StockAccess};
use crate::network::{Lane, Network};
use crate::order::ShipmentStage;
use crate::reject::Rejection;
use crate::state::State;
use crate::time::Stamp;

pub(super) fn decide(state: &State, command: &Command, at: Stamp) -> Decision {
    let one = |event: Event| Ok(vec![event]);
    match command {
        Command::OpenIncident(ask) => one(Event::IncidentOpened(Box::new(open(ask, at)))),
        Command::AssessIncident { incident, severity, expected_end, surges } => {
            running(state, *incident)?;
            one(Event::IncidentAssessed {
                incident: *incident,
                severity: *severity,
                expected_end: *expected_end,
                surges: surges.clone(),
            })
        }
        Command::PhaseIncident { incident, phase } => phase_to(state, *incident, *phase),
        Command::CloseSite { site, incident, stock } => close_site(state, *site, *incident, *stock, at),
        Command::LimitSite { site, permille, incident } => {
            let (_, now) = state.site(*site)?;
            if !(1..=1000).contains(permille) {
                return Err(Rejection::Invalid {
                    field: "permille",
                    why: "it goes from 1 to 1000; close the site for 0",
                });
            }
            if let Some(incident) = incident {
                state.incident(*incident)?;
            }
            if now.uncalled || matches!(now.access, SiteAccess::Dormant | SiteAccess::Activating { .. }) {
                return Err(Rejection::SiteClosed { site: *site });
            }
            open_section(state, *site)?;
            let access = SiteAccess::Open { permille: *permille };
            // A section is in the same building: it goes with its host as long as nothing else keeps it.
            let follows = state.sections_of(*site).filter(|part| {
                state.sites.get(usize::from(part.0)).is_some_and(|part| part.access == now.access)
            });
            let changed = |site| Event::SiteAccessChanged { site, access, incident: *incident };
            Ok(core::iter::once(*site).chain(follows).map(changed).collect())
        }
        Command::ExpectOutage { site, incident, days } => {
            let (_, now) = state.site(*site)?;
            running(state, *incident)?;
            open_section(state, *site)?;
            if days.is_some_and(|(from, until)| until <= from) {
                return Err(Rejection::Invalid {
                    field: "days",
                    why: "the first day no longer is not after the first",
                });
            }
            if days.is_none() && !now.outages.iter().any(|(by, ..)| by == incident) {
                return Err(Rejection::Invalid { field: "days", why: "no outage is expected there" });
            }
            let expects = |site: &SiteId| {
                days.is_some()
                    || state
                        .sites
                        .get(usize::from(site.0))
                        .is_some_and(|now| now.outages.iter().any(|(by, ..)| by == incident))
            };
            let sites = core::iter::once(*site).chain(state.sections_of(*site)).filter(expects);
            let expected = |site| Event::OutageExpected { site, incident: *incident, days: *days };
            Ok(sites.map(expected).collect())
        }
        Command::ActivateStandby { site, incident } => {
            let (description, now) = state.site(*site)?;
            let terms = description.standby.ok_or(Rejection::NotStandby { site: *site })?;
            if now.access != SiteAccess::Dormant {
                return Err(Rejection::StandbyActive { site: *site });
            }
            if let Some(incident) = incident {
                state.incident(*incident)?;
            }
            let access = SiteAccess::Activating { ready: at.after(terms.lead_time) };
            one(Event::SiteAccessChanged { site: *site, access, incident: *incident })
        }
        Command::ReleaseStandby { site } => {
            let (description, now) = state.site(*site)?;
            // One that was closed asleep comes back by this; one that worked opens again first.
            if !now.uncalled {
                description.standby.ok_or(Rejection::NotStandby { site: *site })?;
                if matches!(now.access, SiteAccess::Closed { .. }) {
                    return Err(Rejection::SiteClosed { site: *site });
                }
            }
            let lends = state.sections_of(*site).next().is_some();
            if lends || state.stock.iter().any(|(_, at, shelf)| at == *site && shelf.reserved > 0) {
                return Err(Rejection::StandbyBusy { site: *site });
            }
            one(Event::SiteAccessChanged { site: *site, access: SiteAccess::Dormant, incident: None })
        }
        Command::EmbargoLanes { incident, rule } => {
            running(state, *incident)?;
            let lanes = matching_lanes(&state.network, rule);
            let new = lanes.into_iter().filter(|lane| !closed_by(state, *lane, *incident));
            let lanes: Box<[LaneId]> = new.collect();
            if lanes.is_empty() {
                return Err(Rejection::NoLanes {});
            }
            one(Event::LanesEmbargoed { incident: *incident, lanes })
        }
        Command::LiftEmbargo { incident, rule } => {
            state.incident(*incident)?;
            let lanes = matching_lanes(&state.network, rule);
            let lanes: Box<[LaneId]> =
                lanes.into_iter().filter(|lane| closed_by(state, *lane, *incident)).collect();
            if lanes.is_empty() {
                return Err(Rejection::NoLanes {});
            }
            one(Event::EmbargoLifted { incident: *incident, lanes })
        }
        _ => Err(misplaced()),
    }
}

fn open(ask: &NewIncident, at: Stamp) -> Incident {
    Incident {
        hazard: ask.hazard,
        name: ask.name.clone(),
        phase: Phase::Watch,
        severity: ask.severity,
        opened: at,
        declared: None,
        expected_end: ask.expected_end,
        ended: None,
        sites: Vec::new(),
        lanes: Vec::new(),
        surges: ask.surges.clone(),
        drill: ask.drill,
    }
}

fn running(state: &State, id: IncidentId) -> Result<&Incident, Rejection> {
    let incident = state.incident(id)?;
    if incident.phase == Phase::Closed {
        return Err(Rejection::IncidentClosed { incident: id });
    }
    Ok(incident)
}

fn phase_to(state: &State, id: IncidentId, phase: Phase) -> Decision {
    let incident = running(state, id)?;
    // A watch may end without ever being declared; a recovery may fall back when the disaster returns.
    let fits = matches!(
        (incident.phase, phase),
        (Phase::Watch, Phase::Declared | Phase::Closed)
            | (Phase::Declared, Phase::Recovering)
            | (Phase::Recovering, Phase::Declared | Phase::Closed)
    );
    if !fits {
        return Err(Rejection::WrongPhase { incident: id });
    }
    let mut events = Vec::new();
    if phase == Phase::Closed {
        let closed = |site: &SiteId| {
            state.sites.get(usize::from(site.0)).is_some_and(
                |now| matches!(now.access, SiteAccess::Closed { incident, .. } if incident == id),
            )
        };
        if let Some(site) = incident.sites.iter().copied().find(closed) {
            return Err(Rejection::StillClosed { incident: id, site });
        }
        let lanes: Box<[LaneId]> =
            incident.lanes.iter().copied().filter(|lane| closed_by(state, *lane, id)).collect();
        if !lanes.is_empty() {
            events.push(Event::EmbargoLifted { incident: id, lanes });
        }
    }
    events.push(Event::IncidentPhased { incident: id, phase });
    Ok(events)
}

fn close_site(state: &State, site: SiteId, incident: IncidentId, stock: StockAccess, at: Stamp) -> Decision {
    let (_, now) = state.site(site)?;
    running(state, incident)?;
    let access = SiteAccess::Closed { incident, stock };
    if now.access == access {
        return Err(Rejection::SiteAlreadyClosed { site });
    }
    open_section(state, site)?;
    // Its sections are in the same building.
    let sites: Vec<SiteId> = core::iter::once(site).chain(state.sections_of(site)).collect();
    let closed = |site: &SiteId| Event::SiteAccessChanged { site: *site, access, incident: Some(incident) };
    let mut events: Vec<Event> = sites.iter().map(closed).collect();
    let doubtful: Vec<ShipmentId> = state
        .shipments
        .iter()
        .filter(|(_, shipment)| {
            sites.contains(&shipment.site)
                && matches!(
                    shipment.stage,
                    ShipmentStage::Released
                        | ShipmentStage::Picked
                        | ShipmentStage::Packed
                        | ShipmentStage::Recalling { .. }
                )
        })
        .map(|(id, _)| id)
        .collect();
    if !doubtful.is_empty() {
        let rule = |id: &ShipmentId| {
            let order = state.order(state.shipments.get(*id)?.order).ok()?;
            let rule = state.network.merchant(order.merchant)?.doubt?;
            Some((at.after(rule.after), *id))
        };
        let timers = doubtful.iter().filter_map(rule).collect();
        events.push(Event::ShipmentsInDoubt { incident, shipments: doubtful.into(), timers });
    }
    Ok(events)
}

/// A section that was handed back is nobody's to open, close or limit.
fn open_section(state: &State, site: SiteId) -> Result<(), Rejection> {
    match state.site(site)?.1.section {
        Some(part) if part.stage.is_over() => Err(Rejection::TakeoverOver { takeover: part.takeover, site }),
        _ => Ok(()),
    }
}

fn closed_by(state: &State, lane: LaneId, incident: IncidentId) -> bool {
    state.embargoes.get(lane).is_some_and(|incidents| incidents.contains(&incident))
}

/// The lanes a rule matches, in the order of their ids.
#[must_use]
pub fn matching_lanes(network: &Network, rule: &LaneRule) -> Vec<LaneId> {
    network.lanes.iter().filter(|(_, lane)| matches_rule(network, rule, lane)).map(|(id, _)| id).collect()
}

fn matches_rule(network: &Network, rule: &LaneRule, lane: &Lane) -> bool {
    let Some(service) = network.services.get(usize::from(lane.service.0)) else { return false };
    let Some(zone) = network.zones.get(usize::from(lane.zone.0)) else { return false };
    let Some(site) = network.site(lane.site) else { return false };
    rule.site.is_none_or(|site| site == lane.site)
        && rule.service.is_none_or(|service| service == lane.service)
        && rule.carrier.as_ref().is_none_or(|carrier| *carrier == service.carrier)
        && (rule.zones.is_empty() || rule.zones.contains(&lane.zone))
        && rule.country.is_none_or(|country| country == zone.country)
        && (!rule.cross_border || site.country != zone.country)
        && rule.kind.is_none_or(|kind| kind == service.kind)
}
