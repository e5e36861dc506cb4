//! A merchant who is carried by others: the offer, its acceptance, and where its goods go from then on.

use holdfast_app::core::Reply;
use holdfast_app::writer::WriterError;
use holdfast_domain::id::{Id, IncidentId, MerchantId, SiteId, SkuId, TakeoverId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_engine::takeover::{Inbound, Offer, Tariff, Wish, offer, to_commands};

use crate::world::World;

/// A take-over that was accepted.
#[derive(Clone, Debug)]
pub struct Carried {
    /// Which.
    pub takeover: TakeoverId,
    /// What was offered.
    pub offer: Offer,
    /// When it was accepted.
    pub accepted: Stamp,
}

impl Carried {
    /// Asks for an offer for what of the merchant's is shut or lost, and accepts it; `None` if nobody can carry it.
    ///
    /// # Errors
    /// [`WriterError`] if the writer cannot go on.
    pub(super) fn settle(
        world: &mut World,
        merchant: MerchantId,
        incident: IncidentId,
        at: Stamp,
    ) -> Result<Option<Self>, WriterError> {
        let wish = wish(world, merchant, incident);
        let Ok(offer) = offer(world.state(), &wish, &Tariff::default(), at) else { return Ok(None) };
        let takeover = world.state().takeovers.next_id();
        let replies = world.ask_all(to_commands(world.state(), &offer), "holdfast")?;
        let done = replies.iter().all(|reply| matches!(reply, Reply::Done { .. }));
        Ok(done.then_some(Self { takeover, offer, accepted: at }))
    }

    /// Where units of a SKU go, if it is the guest's: to its sections in proportion to what each host lends.
    pub(super) fn portions(&self, state: &State, sku: SkuId, quantity: Quantity) -> Vec<(SiteId, Quantity)> {
        let goods = state.network.skus.get(sku).filter(|goods| goods.merchant == self.offer.merchant);
        let (Some(goods), Some(known)) = (goods, state.takeovers.get(self.takeover)) else {
            return Vec::new();
        };
        let open = |site: SiteId| {
            let keeps = state.network.site(site).is_some_and(|it| it.storage.accepts(goods.storage));
            keeps && state.sites[site.index()].access.takes_orders()
        };
        let lends = |index: usize| -> u64 {
            let host = self.offer.terms.hosts.get(index);
            host.map_or(0, |host| host.capacity.iter().map(|units| u64::from(*units)).sum())
        };
        let sections: Vec<(SiteId, u64)> = known
            .sections
            .iter()
            .enumerate()
            .map(|(index, site)| (*site, lends(index)))
            .filter(|(site, lends)| *lends > 0 && open(*site))
            .collect();
        let whole: u64 = sections.iter().map(|(_, lends)| lends).sum();
        let part = |(site, lends): &(SiteId, u64)| {
            let units = u64::from(quantity.0) * lends / whole.max(1);
            (*site, Quantity(u32::try_from(units).unwrap_or(u32::MAX)))
        };
        let mut parts: Vec<(SiteId, Quantity)> = sections.iter().map(part).collect();
        // Rounding leaves a few over: they go to the one that takes most, which stands last.
        parts.sort_by_key(|(site, units)| (units.0, *site));
        let given: u32 = parts.iter().map(|(_, units)| units.0).sum();
        if let Some((_, last)) = parts.last_mut() {
            last.0 += quantity.0.saturating_sub(given);
        }
        parts.retain(|(_, units)| !units.is_zero());
        parts
    }
}

/// What the merchant asks for: the sites that are shut with goods of its own, and the goods on order for them.
fn wish(world: &World, merchant: MerchantId, incident: IncidentId) -> Wish {
    let state = world.state();
    let own = |sku: SkuId| state.network.skus.get(sku).is_some_and(|goods| goods.merchant == merchant);
    let shut = |site: SiteId| matches!(state.sites[site.index()].access, SiteAccess::Closed { .. });
    let shelves = state.stock.iter().filter(|(sku, site, _)| own(*sku) && shut(*site));
    let mut home: Vec<SiteId> = shelves.map(|(_, site, _)| site).collect();
    home.sort_unstable();
    home.dedup();
    let inbound = world
        .inbound_expected()
        .filter(|(_, site, sku, _)| home.contains(site) && own(*sku))
        .map(|(day, _, sku, quantity)| Inbound { day, sku, quantity })
        .collect();
    Wish { merchant, incident, contract: None, home, inbound, orders_a_day: None }
}
