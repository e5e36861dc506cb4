//! Setting up: operator, merchants, sites, services, zones, lanes, SKUs.

use super::{Decision, misplaced};
use crate::command::Command;
use crate::event::Event;
use crate::id::{Id, MerchantId, SiteId};
use crate::network::{Lane, Network, Site, SiteKind};
use crate::reject::Rejection;
use crate::state::{NameKind, State, name_key, unknown};

pub(super) fn decide(state: &State, command: &Command) -> Decision {
    let network = &state.network;
    let event = match command {
        Command::SetOperator(operator) => Event::OperatorSet(operator.clone()),
        Command::AddMerchant(merchant) => {
            free(state, NameKind::Merchant, "merchant", MerchantId(0), &merchant.code)?;
            Event::MerchantAdded(merchant.clone())
        }
        Command::ChangeMerchant(id, merchant) => {
            let old = network.merchant(*id).ok_or_else(|| unknown("merchant", *id))?;
            same_code(&old.code, &merchant.code)?;
            Event::MerchantChanged(*id, merchant.clone())
        }
        Command::AddSite(site) => {
            free(state, NameKind::Site, "site", MerchantId(0), &site.code)?;
            if network.sites.len() >= Network::SITES_MAX {
                return Err(Rejection::TooManySites { most: Network::SITES_MAX });
            }
            sound_site(site)?;
            Event::SiteAdded(site.clone())
        }
        Command::ChangeSite(id, site) => {
            unbound(state, *id)?;
            same_code(&state.site(*id)?.0.code, &site.code)?;
            sound_site(site)?;
            Event::SiteChanged(*id, site.clone())
        }
        Command::AddService(service) => {
            let name = format!("{}/{}", service.carrier, service.name);
            free(state, NameKind::Service, "service", MerchantId(0), &name)?;
            Event::ServiceAdded(service.clone())
        }
        Command::AddZone(zone) => {
            free(state, NameKind::Zone, "zone", MerchantId(0), &zone.code)?;
            Event::ZoneAdded(zone.clone())
        }
        Command::AddLane(lane) => {
            known_ends(network, lane)?;
            unbound(state, lane.site)?;
            paid(lane.cost_parcel, lane.cost_kg)?;
            Event::LaneAdded(lane.clone())
        }
        Command::RateLane { lane, cost_parcel, cost_kg, transit_days } => {
            let known = network.lanes.get(*lane).ok_or_else(|| unknown("lane", *lane))?;
            unbound(state, known.site)?;
            paid(*cost_parcel, *cost_kg)?;
            let (cost_parcel, cost_kg, transit_days) = (*cost_parcel, *cost_kg, *transit_days);
            Event::LaneRated { lane: *lane, cost_parcel, cost_kg, transit_days }
        }
        Command::AddSku(sku) => {
            network.merchant(sku.merchant).ok_or_else(|| unknown("merchant", sku.merchant))?;
            free(state, NameKind::Sku, "SKU", sku.merchant, &sku.code)?;
            if sku.storage >= 32 {
                return Err(Rejection::Invalid { field: "storage", why: "storage classes go from 0 to 31" });
            }
            Event::SkuAdded(sku.clone())
        }
        _ => return Err(misplaced()),
    };
    Ok(vec![event])
}

fn free(
    state: &State,
    kind: NameKind,
    what: &'static str,
    scope: MerchantId,
    name: &str,
) -> Result<(), Rejection> {
    if name.is_empty() {
        return Err(Rejection::Invalid { field: "code", why: "it is empty" });
    }
    match state.names.get(name_key(kind, scope, name)) {
        Some(_) => Err(Rejection::NameTaken { what, name: name.into() }),
        None => Ok(()),
    }
}

/// A section of a take-over is described by the terms alone.
fn unbound(state: &State, site: SiteId) -> Result<(), Rejection> {
    match state.site(site)?.1.section {
        Some(_) => Err(Rejection::TakeoverBound { site }),
        None => Ok(()),
    }
}

fn same_code(old: &str, new: &str) -> Result<(), Rejection> {
    if old == new {
        Ok(())
    } else {
        Err(Rejection::Invalid { field: "code", why: "a code cannot be changed" })
    }
}

fn sound_site(site: &Site) -> Result<(), Rejection> {
    if (site.kind == SiteKind::Standby) != site.standby.is_some() {
        return Err(Rejection::Invalid {
            field: "standby",
            why: "a standby site, and no other, has a standby contract",
        });
    }
    if site.cutoff_ms > 86_400_000 {
        return Err(Rejection::Invalid { field: "cutoff", why: "it is later than the end of the day" });
    }
    if site.cost_parcel < 0 || site.cost_unit < 0 {
        return Err(Rejection::Invalid { field: "handling cost", why: "it is negative" });
    }
    Ok(())
}

fn known_ends(network: &Network, lane: &Lane) -> Result<(), Rejection> {
    network.site(lane.site).ok_or_else(|| unknown("site", lane.site))?;
    network.zones.get(lane.zone.index()).ok_or_else(|| unknown("zone", lane.zone))?;
    network.services.get(lane.service.index()).ok_or_else(|| unknown("service", lane.service))?;
    Ok(())
}

fn paid(cost_parcel: i64, cost_kg: i64) -> Result<(), Rejection> {
    if cost_parcel < 0 || cost_kg < 0 {
        return Err(Rejection::Invalid { field: "rate", why: "it is negative" });
    }
    Ok(())
}
