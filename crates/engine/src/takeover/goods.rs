//! A guest's goods: what can be reached, what is on its way, and at which host it arrives.

use std::collections::BTreeMap;

use holdfast_domain::id::{MerchantId, SiteId, SkuId};
use holdfast_domain::incident::{SiteAccess, StockAccess};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::takeover::HostTerms;
use holdfast_domain::time::Day;
use serde::{Deserialize, Serialize};

use super::offer::Wish;

/// Goods on their way to a site that is out, which can be sent to a host instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Inbound {
    /// The day they were expected.
    pub day: Day,
    /// What.
    pub sku: SkuId,
    /// How much.
    pub quantity: Quantity,
}

/// Where goods of the guest are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whereabouts {
    /// At a site that ships: they need no host.
    AtOpenSite,
    /// Set aside at a site that ships; somebody has to look at them.
    SetAside,
    /// Whole, at a site that is closed.
    BehindTheDoor,
    /// At a closed site, and nobody knows how they are.
    Unknown,
    /// At a site where they are gone.
    Lost,
    /// On the way.
    Inbound,
}

/// Goods of the guest, by SKU and place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reachable {
    /// What.
    pub sku: SkuId,
    /// How many units.
    pub quantity: Quantity,
    /// Where they are.
    pub whereabouts: Whereabouts,
    /// The site they lie at, unless they are on the way.
    pub site: Option<SiteId>,
    /// The day they could be at a host, where that is known.
    pub ready: Option<Day>,
}

/// Goods that arrive at a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Receipt {
    /// When.
    pub day: Day,
    /// At this host, by its place in the terms.
    pub host: usize,
    /// What.
    pub sku: SkuId,
    /// How much.
    pub quantity: Quantity,
}

/// Everything that is known of the guest's goods, by whereabouts, SKU and site.
pub(super) fn reachable(state: &State, wish: &Wish, divert_days: u16, today: Day) -> Vec<Reachable> {
    let mut out = Vec::new();
    for (sku, site, shelf) in state.stock.iter() {
        if !is_of(state, sku, wish.merchant) {
            continue;
        }
        let Ok((_, now)) = state.site(site) else { continue };
        let mut push = |whereabouts, units: u32| {
            if units > 0 {
                let (quantity, site) = (Quantity(units), Some(site));
                out.push(Reachable { sku, quantity, whereabouts, site, ready: None });
            }
        };
        match now.access {
            SiteAccess::Closed { stock: StockAccess::Lost, .. } => push(Whereabouts::Lost, shelf.on_hand),
            SiteAccess::Closed { stock: StockAccess::Unknown, .. } => {
                push(Whereabouts::Unknown, shelf.on_hand);
            }
            SiteAccess::Closed { .. } | SiteAccess::Dormant => {
                push(Whereabouts::BehindTheDoor, shelf.on_hand);
            }
            SiteAccess::Open { .. } | SiteAccess::Activating { .. } => {
                push(Whereabouts::AtOpenSite, shelf.on_hand - shelf.quarantined);
                push(Whereabouts::SetAside, shelf.quarantined);
            }
        }
    }
    out.extend(diverted(state, wish, divert_days, today).map(|(day, inbound)| Reachable {
        sku: inbound.sku,
        quantity: inbound.quantity,
        whereabouts: Whereabouts::Inbound,
        site: None,
        ready: Some(day),
    }));
    out.sort_by_key(|known| (known.whereabouts, known.sku, known.site, known.ready));
    out
}

fn is_of(state: &State, sku: SkuId, merchant: MerchantId) -> bool {
    state.network.skus.get(sku).is_some_and(|known| known.merchant == merchant)
}

/// Inbound goods of the guest with the day they can be at a host. Goods that are overdue come as if they came today.
fn diverted<'a>(
    state: &'a State,
    wish: &'a Wish,
    divert_days: u16,
    today: Day,
) -> impl Iterator<Item = (Day, Inbound)> + 'a {
    let mine =
        wish.inbound.iter().filter(|row| is_of(state, row.sku, wish.merchant) && !row.quantity.is_zero());
    mine.map(move |row| (row.day.max(today).plus(i32::from(divert_days)), *row))
}

/// The first day on which any of the inbound goods can be at a host.
pub(super) fn first_arrival(state: &State, wish: &Wish, divert_days: u16, today: Day) -> Option<Day> {
    diverted(state, wish, divert_days, today).map(|(day, _)| day).min()
}

/// Which host takes which of the inbound goods: in proportion to what each lends in a week, among those that may
/// keep them, so that an order finds all its lines at each of them.
pub(super) fn allot(
    state: &State,
    wish: &Wish,
    hosts: &[HostTerms],
    divert_days: u16,
    today: Day,
) -> Vec<Receipt> {
    let mut sums: BTreeMap<(Day, SkuId), u64> = BTreeMap::new();
    for (day, row) in diverted(state, wish, divert_days, today) {
        *sums.entry((day, row.sku)).or_default() += u64::from(row.quantity.0);
    }
    let mut out = Vec::new();
    for ((day, sku), units) in sums {
        let class = state.network.skus.get(sku).map_or(u8::MAX, |known| known.storage);
        let weight = |host: &HostTerms| {
            let keeps = state.network.site(host.site).is_some_and(|site| site.storage.accepts(class));
            if keeps { host.capacity.iter().map(|units| u64::from(*units)).sum() } else { 0 }
        };
        let weights: Vec<u64> = hosts.iter().map(weight).collect();
        for (host, part) in portions(units, &weights).into_iter().enumerate() {
            if let Some(quantity) = u32::try_from(part).ok().filter(|part| *part > 0).map(Quantity) {
                out.push(Receipt { day, host, sku, quantity });
            }
        }
    }
    out
}

/// `units` in whole parts in proportion to `weights`; the largest remainders are rounded up, the first of equals.
/// Nothing where all weights are 0.
fn portions(units: u64, weights: &[u64]) -> Vec<u64> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: &u64| u128::from(units) * u128::from(*weight);
    let mut parts: Vec<u64> =
        weights.iter().map(|weight| u64::try_from(exact(weight) / sum).unwrap_or(u64::MAX)).collect();
    let mut left = units.saturating_sub(parts.iter().sum());
    let mut turns: Vec<usize> = (0..weights.len()).collect();
    turns.sort_by_key(|at| (core::cmp::Reverse(exact(&weights[*at]) % sum), *at));
    for at in turns {
        if left > 0 {
            parts[at] += 1;
            left -= 1;
        }
    }
    parts
}

/// What a plan over the guest's open orders may count on: for each host and SKU, the units and the day from which
/// they are there. Goods beyond what is open are left out, so that they hold nothing up.
pub(super) fn plannable(
    receipts: &[Receipt],
    wanted: &BTreeMap<SkuId, u64>,
) -> Vec<(usize, SkuId, Day, u32)> {
    let mut out: BTreeMap<(usize, SkuId), (Day, u64)> = BTreeMap::new();
    let mut sorted = receipts.to_vec();
    sorted.sort_unstable();
    for receipt in sorted {
        let need = wanted.get(&receipt.sku).copied().unwrap_or(0);
        let known = out.entry((receipt.host, receipt.sku)).or_insert((receipt.day, 0));
        if known.1 < need {
            *known = (receipt.day, known.1 + u64::from(receipt.quantity.0));
        }
    }
    let row = |((host, sku), (day, units)): ((usize, SkuId), (Day, u64))| {
        (host, sku, day, u32::try_from(units).unwrap_or(u32::MAX))
    };
    out.into_iter().filter(|(_, (_, units))| *units > 0).map(row).collect()
}

/// Units of a merchant's orders that no parcel has taken yet, by SKU.
pub(super) fn wanted(state: &State, merchant: MerchantId) -> BTreeMap<SkuId, u64> {
    let mut out = BTreeMap::new();
    for (_, order) in
        state.live_orders().filter(|(_, order)| order.merchant == merchant && order.hold.is_none())
    {
        for line in &order.lines {
            let told: u32 =
                line.allocations.iter().filter(|a| a.shipment.is_some()).map(|a| a.quantity.0).sum();
            *out.entry(line.sku).or_default() += u64::from(line.wanted().0.saturating_sub(told));
        }
    }
    out.retain(|_, units| *units > 0);
    out
}

/// Whether the guest has goods at a site that ships and is not one of those that are out: then its orders already
/// compete there.
pub(super) fn is_client(state: &State, wish: &Wish) -> bool {
    state.stock.iter().any(|(sku, site, shelf)| {
        shelf.on_hand > 0
            && !wish.home.contains(&site)
            && state.site(site).is_ok_and(|(_, now)| now.access.takes_orders())
            && is_of(state, sku, wish.merchant)
    })
}

#[cfg(test)]
mod tests {
    use super::{Receipt, plannable, portions};
    use holdfast_domain::id::SkuId;
    use holdfast_domain::quantity::Quantity;
    use holdfast_domain::time::Day;

    #[test]
    fn parts_add_up_and_follow_the_weights() {
        assert_eq!(portions(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(portions(7, &[0, 300, 100]), [0, 5, 2]);
        assert_eq!(portions(7, &[0, 0]), [0, 0]);
        assert_eq!(
            portions(u64::from(u32::MAX), &[u64::from(u32::MAX); 2]).iter().sum::<u64>(),
            u64::from(u32::MAX)
        );
    }

    #[test]
    fn a_later_truck_that_is_not_needed_holds_nothing_up() {
        let row = |day, units| Receipt { day: Day(day), host: 0, sku: SkuId(3), quantity: Quantity(units) };
        let rows = [row(9, 50), row(2, 5), row(4, 6)];
        let with = |need: u64| plannable(&rows, &[(SkuId(3), need)].into_iter().collect());
        assert_eq!(with(5), [(0, SkuId(3), Day(2), 5)]);
        assert_eq!(with(11), [(0, SkuId(3), Day(4), 11)]);
        assert_eq!(with(12), [(0, SkuId(3), Day(9), 61)]);
        assert_eq!(with(0), []);
    }
}
