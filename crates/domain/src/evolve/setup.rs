//! What was set up.

use std::sync::Arc;

use super::{Misfit, misfit};
use crate::event::Event;
use crate::id::{Id, MerchantId};
use crate::incident::{Embargoes, SiteAccess};
use crate::network::SiteKind;
use crate::state::{NameKind, SiteState, State, name_key};
use crate::time::Day;

pub(super) fn evolve(state: &mut State, event: &Event) -> Result<(), Misfit> {
    let network = Arc::make_mut(&mut state.network);
    let mut name = |kind: NameKind, scope: MerchantId, name: &str, index: usize| {
        let index = u32::try_from(index).map_err(|_| misfit("index"))?;
        state.names.insert(name_key(kind, scope, name), index);
        Ok(())
    };
    let operator = MerchantId(0);
    match event {
        Event::OperatorSet(new) => {
            network.operator = Some((**new).clone());
            Ok(())
        }
        Event::MerchantAdded(new) => {
            network.merchants.push((**new).clone());
            name(NameKind::Merchant, operator, &new.code, network.merchants.len() - 1)
        }
        Event::MerchantChanged(id, new) => {
            *network.merchants.get_mut(id.index()).ok_or(misfit("merchant"))? = (**new).clone();
            Ok(())
        }
        Event::SiteAdded(new) => {
            network.sites.push((**new).clone());
            name(NameKind::Site, operator, &new.code, network.sites.len() - 1)?;
            let access = if new.kind == SiteKind::Standby { SiteAccess::Dormant } else { SiteAccess::FULL };
            state.sites.push(SiteState {
                access,
                load: std::collections::BTreeMap::new(),
                waved: (Day(i32::MIN), 0),
                outages: Vec::new(),
                uncalled: false,
                lent: Vec::new(),
                section: None,
            });
            Ok(())
        }
        Event::SiteChanged(id, new) => {
            *network.sites.get_mut(id.index()).ok_or(misfit("site"))? = (**new).clone();
            Ok(())
        }
        Event::ServiceAdded(new) => {
            network.services.push((**new).clone());
            let full = format!("{}/{}", new.carrier, new.name);
            name(NameKind::Service, operator, &full, network.services.len() - 1)
        }
        Event::ZoneAdded(new) => {
            let id = network.push_zone((**new).clone());
            name(NameKind::Zone, operator, &new.code, id.index())
        }
        Event::LaneAdded(new) => {
            if new.zone.index() >= network.zones.len() || new.site.index() >= network.sites.len() {
                return Err(misfit("lane"));
            }
            network.push_lane((**new).clone());
            state.embargoes.push(Embargoes::new());
            Ok(())
        }
        Event::LaneRated { lane, cost_parcel, cost_kg, transit_days } => {
            let known = network.lanes.get_mut(*lane).ok_or(misfit("lane"))?;
            (known.cost_parcel, known.cost_kg, known.transit_days) = (*cost_parcel, *cost_kg, *transit_days);
            Ok(())
        }
        Event::SkuAdded(new) => {
            let id = network.skus.push((**new).clone());
            name(NameKind::Sku, new.merchant, &new.code, id.index())
        }
        _ => Err(misfit("event")),
    }
}
