//! Take-overs: asked for, offered, accepted, declined, ended, handed back; each step once and in its turn.
//!
//! Acceptance is one entry: all sections and lanes are there, and what they need is missing at the hosts, or nothing
//! happened. What follows (goods taken in, orders sourced) goes by the commands everybody uses.

use super::{Decision, misplaced};
use crate::command::Command;
use crate::event::{AdjustReason, Event};
use crate::id::{Id, IncidentId, MerchantId, SiteId, SkuId, TakeoverId};
use crate::incident::{Phase, SiteAccess};
use crate::network::{Lane, Network, Site, SiteKind};
use crate::quantity::Quantity;
use crate::reject::Rejection;
use crate::state::{NameKind, State, name_key, unknown};
use crate::takeover::{
    HOSTS_MAX, HostTerms, LANES_MAX, ROOM_DAYS, Takeover, TakeoverParty, TakeoverStage, TakeoverTerms,
};
use crate::time::Stamp;
use crate::timer::Timer;

pub(super) fn decide(state: &State, command: &Command, at: Stamp) -> Decision {
    match command {
        Command::AskTakeover { merchant, incident, contract, home } => {
            ask(state, *merchant, *incident, *contract, home, at)
        }
        Command::OfferTakeover { takeover, terms } => {
            let known = in_stage(state, *takeover, &[TakeoverStage::Asked])?;
            running(state, known.incident)?;
            sound_terms(state, terms, at)?;
            if let Some(site) = known.contract {
                as_contracted(state, site, known, terms)?;
            }
            has_room(state, terms)?;
            let timer = Timer::Takeover(*takeover);
            Ok(vec![
                Event::TakeoverOffered { takeover: *takeover, terms: terms.clone() },
                Event::TimerSet { due: terms.valid_until, timer },
            ])
        }
        Command::AcceptTakeover { takeover } => accept(state, *takeover, at),
        Command::DeclineTakeover { takeover, by } => {
            let stages: &[TakeoverStage] = match by {
                // Nobody can decline what was not offered yet, but the operator the question itself.
                TakeoverParty::Operator => &[TakeoverStage::Asked, TakeoverStage::Offered],
                TakeoverParty::Merchant => &[TakeoverStage::Offered],
            };
            in_stage(state, *takeover, stages)?;
            Ok(vec![Event::TakeoverDeclined { takeover: *takeover, by: *by }])
        }
        Command::EndTakeover { takeover } => {
            in_stage(state, *takeover, &[TakeoverStage::Accepted])?;
            Ok(vec![Event::TakeoverEnded { takeover: *takeover }])
        }
        Command::HandBackTakeover { takeover, keep_goods } => hand_back(state, *takeover, *keep_goods),
        _ => Err(misplaced()),
    }
}

/// What a take-over's timer does: terms nobody accepted lapse, and one that has run its time ends.
pub(super) fn fire(state: &State, id: TakeoverId, at: Stamp) -> Option<Event> {
    let known = state.takeovers.get(id)?;
    let terms = known.terms.as_ref()?;
    match known.stage {
        TakeoverStage::Offered if terms.valid_until <= at => Some(Event::TakeoverLapsed { takeover: id }),
        TakeoverStage::Accepted if ends(state, terms).is_some_and(|end| end <= at) => {
            Some(Event::TakeoverEnded { takeover: id })
        }
        _ => None,
    }
}

fn in_stage<'a>(
    state: &'a State,
    id: TakeoverId,
    stages: &[TakeoverStage],
) -> Result<&'a Takeover, Rejection> {
    let known = state.takeovers.get(id).ok_or_else(|| unknown("take-over", id))?;
    if stages.contains(&known.stage) {
        return Ok(known);
    }
    Err(match known.stage {
        TakeoverStage::Lapsed => Rejection::TakeoverLapsed { takeover: id },
        stage => Rejection::TakeoverStep { takeover: id, stage: stage.key() },
    })
}

fn running(state: &State, id: IncidentId) -> Result<(), Rejection> {
    if state.incident(id)?.phase == Phase::Closed {
        return Err(Rejection::IncidentClosed { incident: id });
    }
    Ok(())
}

fn ask(
    state: &State,
    merchant: MerchantId,
    incident: IncidentId,
    contract: Option<SiteId>,
    home: &[SiteId],
    at: Stamp,
) -> Decision {
    state.network.merchant(merchant).ok_or_else(|| unknown("merchant", merchant))?;
    running(state, incident)?;
    for site in home {
        not_a_section(state, *site)?;
    }
    if let Some(site) = contract {
        not_a_section(state, site)?;
        state.site(site)?.0.standby.ok_or(Rejection::NotStandby { site })?;
    }
    let open = state.takeovers.iter().find(|(_, known)| known.merchant == merchant && !known.stage.is_over());
    if let Some((takeover, _)) = open {
        return Err(Rejection::TakeoverOpen { takeover });
    }
    Ok(vec![Event::TakeoverAsked(Box::new(Takeover {
        merchant,
        incident,
        contract,
        home: home.into(),
        stage: TakeoverStage::Asked,
        terms: None,
        sections: Box::new([]),
        asked: at,
        accepted: None,
        ended: None,
        closed: None,
    }))])
}

fn not_a_section(state: &State, site: SiteId) -> Result<(), Rejection> {
    match state.site(site)?.1.section {
        Some(_) => Err(Rejection::TakeoverBound { site }),
        None => Ok(()),
    }
}

fn sound_terms(state: &State, terms: &TakeoverTerms, at: Stamp) -> Result<(), Rejection> {
    let invalid = |field, why| Err(Rejection::Invalid { field, why });
    if terms.hosts.is_empty() || terms.hosts.len() > HOSTS_MAX {
        return invalid("hosts", "a take-over has 1 to 16 of them");
    }
    if terms.lanes.is_empty() || terms.lanes.len() > LANES_MAX {
        return invalid("lanes", "a take-over has 1 to 20,000 of them");
    }
    for (number, host) in terms.hosts.iter().enumerate() {
        not_a_section(state, host.site)?;
        if terms.hosts[..number].iter().any(|other| other.site == host.site) {
            return invalid("hosts", "a site is named twice");
        }
        if host.capacity.iter().all(|units| *units == 0) {
            return invalid("capacity", "a host lends none on any weekday");
        }
        if host.cost_parcel < 0 || host.cost_unit < 0 {
            return invalid("handling cost", "it is negative");
        }
        if terms.first_day < at.local(&state.site(host.site)?.0.zone).0 {
            return invalid("first day", "it is over");
        }
    }
    for lane in &terms.lanes {
        if usize::from(lane.host) >= terms.hosts.len() {
            return invalid("lanes", "a lane begins at a host that is not named");
        }
        state.network.zones.get(lane.zone.index()).ok_or_else(|| unknown("zone", lane.zone))?;
        state.network.services.get(lane.service.index()).ok_or_else(|| unknown("service", lane.service))?;
        if lane.cost_parcel < 0 || lane.cost_kg < 0 {
            return invalid("rate", "it is negative");
        }
    }
    if terms.until.is_some_and(|until| until <= terms.first_day) {
        return invalid("until", "it is not after the first day");
    }
    if terms.valid_until <= at {
        return invalid("valid until", "it is over");
    }
    if terms.set_up < 0 || terms.daily < 0 || terms.goods_unit < 0 {
        return invalid("price", "it is negative");
    }
    if terms.merchant_bears.iter().any(|permille| *permille > 1000) {
        return invalid("share", "a share has at most 1000 thousandths");
    }
    Ok(())
}

/// A standby contract binds the operator: its site is among the hosts, no later and no dearer than agreed.
fn as_contracted(
    state: &State,
    site: SiteId,
    known: &Takeover,
    terms: &TakeoverTerms,
) -> Result<(), Rejection> {
    let (description, _) = state.site(site)?;
    let agreed = description.standby.ok_or(Rejection::NotStandby { site })?;
    let ready = known.asked.after(agreed.lead_time).local(&description.zone).0;
    let latest = description.calendar.at_or_after(ready).unwrap_or(ready);
    let kept = terms.hosts.iter().any(|host| host.site == site)
        && terms.first_day <= latest
        && terms.set_up <= agreed.activation_cost
        && terms.daily <= agreed.daily_cost;
    if kept { Ok(()) } else { Err(Rejection::TakeoverContract { site }) }
}

/// Whether each host has, on every day it works, what it is to lend: nobody's promise is taken for it.
fn has_room(state: &State, terms: &TakeoverTerms) -> Result<(), Rejection> {
    for host in &terms.hosts {
        let (site, now) = state.site(host.site)?;
        if matches!(now.access, SiteAccess::Closed { .. }) {
            return Err(Rejection::SiteClosed { site: host.site });
        }
        if now.access == SiteAccess::Dormant && site.standby.is_none() {
            return Err(Rejection::SiteClosed { site: host.site });
        }
        let days = (0..ROOM_DAYS).map(|ahead| terms.first_day.plus(ahead));
        for day in days.filter(|day| terms.until.is_none_or(|until| *day < until)) {
            if !site.calendar.works(day) {
                continue;
            }
            let free = match now.access {
                SiteAccess::Dormant => site.capacity_on(day),
                _ => state.capacity_left(host.site, day),
            };
            if host.capacity[usize::from(day.weekday())] > free {
                return Err(Rejection::TakeoverNoRoom { site: host.site, day });
            }
        }
    }
    Ok(())
}

fn accept(state: &State, id: TakeoverId, at: Stamp) -> Decision {
    let known = in_stage(state, id, &[TakeoverStage::Offered])?;
    running(state, known.incident)?;
    let Some(terms) = known.terms.as_deref() else {
        return Err(Rejection::TakeoverStep { takeover: id, stage: known.stage.key() });
    };
    if terms.valid_until <= at {
        return Err(Rejection::TakeoverLapsed { takeover: id });
    }
    has_room(state, terms)?;
    let first = state.network.sites.len();
    if first + terms.hosts.len() > Network::SITES_MAX {
        return Err(Rejection::TooManySites { most: Network::SITES_MAX });
    }
    let (mut events, mut sections) = (Vec::new(), Vec::new());
    for (number, host) in terms.hosts.iter().enumerate() {
        let section = SiteId::from_index(first + number);
        let (site, now) = state.site(host.site)?;
        let description = section_of(site, host, id);
        if state.names.get(name_key(NameKind::Site, MerchantId(0), &description.code)).is_some() {
            return Err(Rejection::NameTaken { what: "site", name: description.code });
        }
        let standby = site.standby;
        events.push(Event::SiteAdded(Box::new(description)));
        let access = match (now.access, standby) {
            (SiteAccess::Dormant, Some(contract)) => {
                let access = SiteAccess::Activating { ready: at.after(contract.lead_time) };
                let incident = Some(known.incident);
                events.push(Event::SiteAccessChanged { site: host.site, access, incident });
                access
            }
            (access, _) => access,
        };
        if access != SiteAccess::FULL {
            events.push(Event::SiteAccessChanged { site: section, access, incident: None });
        }
        sections.push(section);
    }
    for lane in &terms.lanes {
        events.push(Event::LaneAdded(Box::new(Lane {
            site: sections[usize::from(lane.host)],
            zone: lane.zone,
            service: lane.service,
            cost_parcel: lane.cost_parcel,
            cost_kg: lane.cost_kg,
            transit_days: lane.transit_days,
        })));
    }
    events.push(Event::TakeoverAccepted { takeover: id, sections: sections.into() });
    if let Some(due) = ends(state, terms) {
        events.push(Event::TimerSet { due, timer: Timer::Takeover(id) });
    }
    Ok(events)
}

/// The moment at which terms with a last day end: midnight at the first host.
fn ends(state: &State, terms: &TakeoverTerms) -> Option<Stamp> {
    let zone = &state.network.site(terms.hosts.first()?.site)?.zone;
    Some(terms.until?.at(0, zone))
}

/// The part of `host` that is set aside: everything physical is the host's. Its name does not tell whose it is.
fn section_of(site: &Site, host: &HostTerms, id: TakeoverId) -> Site {
    Site {
        code: format!("{}.{id}", site.code).into(),
        name: site.name.clone(),
        kind: SiteKind::ThirdParty,
        capacity: host.capacity,
        cost_parcel: host.cost_parcel,
        cost_unit: host.cost_unit,
        standby: None,
        ..site.clone()
    }
}

fn hand_back(state: &State, id: TakeoverId, keep_goods: bool) -> Decision {
    let known = in_stage(state, id, &[TakeoverStage::Ending])?;
    let coming = |site: SiteId| state.transfers.iter().any(|(_, sent)| sent.to == site && !sent.received);
    if let Some(site) = known.sections.iter().copied().find(|site| coming(*site)) {
        return Err(Rejection::TakeoverBusy { takeover: id, site });
    }
    let mut events = Vec::new();
    for (sku, site, shelf) in state.stock.iter() {
        let Some(number) = known.sections.iter().position(|section| *section == site) else { continue };
        if shelf.reserved > 0 {
            return Err(Rejection::TakeoverBusy { takeover: id, site });
        }
        let host = known.terms.as_ref().and_then(|terms| terms.hosts.get(number)).map(|host| host.site);
        let host = host.filter(|_| keep_goods);
        goods_out(state, (site, sku), (shelf.on_hand, shelf.quarantined), host, &mut events)?;
    }
    for site in &known.sections {
        events.push(Event::SiteAccessChanged { site: *site, access: SiteAccess::Dormant, incident: None });
    }
    events.push(Event::TakeoverHandedBack { takeover: id, kept: keep_goods });
    Ok(events)
}

/// A shelf of a section is emptied: the goods leave the house, or lie at the host from now on.
fn goods_out(
    state: &State,
    (site, sku): (SiteId, SkuId),
    (on_hand, quarantined): (u32, u32),
    host: Option<SiteId>,
    events: &mut Vec<Event>,
) -> Result<(), Rejection> {
    if on_hand == 0 {
        return Ok(());
    }
    if quarantined > 0 {
        events.push(Event::StockCleared { site, sku, quantity: Quantity(quarantined) });
    }
    let (by, reason) = (-i64::from(on_hand), AdjustReason::HandedBack);
    events.push(Event::StockAdjusted { site, sku, by, reason });
    if let Some(site) = host {
        let there = Quantity(state.stock.shelf(site, sku).on_hand);
        there.plus(Quantity(on_hand)).ok_or(Rejection::TooMuch {})?;
        events.push(Event::StockReceived { site, sku, quantity: Quantity(on_hand) });
        if quarantined > 0 {
            events.push(Event::StockQuarantined { site, sku, quantity: Quantity(quarantined) });
        }
    }
    Ok(())
}
