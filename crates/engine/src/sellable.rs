//! What a shop may sell now, by SKU and site: what can be promised, less what is wanted already and has no site, less
//! what is kept back while an incident raises the demand.
//!
//! Invariant: the units of a SKU, over all sites, are never more than what can be promised less what waits for stock;
//! a site that takes no orders shows none. A drill changes nothing here: what it closes is counted as if it were open.

use std::collections::BTreeMap;

use holdfast_domain::id::{Id as _, IncidentId, MerchantId, SiteId, SkuId};
use holdfast_domain::incident::{Phase, SiteAccess};
use holdfast_domain::state::State;

/// Share of what is there that is kept back at most, in hundredths.
pub const KEEP_MAX: u32 = 100;

/// What one shelf may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sellable {
    /// What.
    pub sku: SkuId,
    /// Where.
    pub site: SiteId,
    /// Units a shop may sell from it.
    pub units: u32,
    /// Whether an incident, a quarantine or orders without stock make it less than lies there for sale, at this or at
    /// any other site: the shop's own number cannot be left as it is.
    pub restricted: bool,
}

/// What `merchant` may sell, by SKU, then site; rows for every shelf something ever lay on. `keep_percent` is the share
/// kept back of a SKU whose demand a declared incident raises: in a surge, sales that are on their way here are many.
#[must_use]
pub fn of(state: &State, merchant: MerchantId, keep_percent: u32) -> Vec<Sellable> {
    let wanted = wanted(state, merchant);
    let surging = surging(state);
    let mut rows: Vec<Sellable> = Vec::new();
    let mine = |sku: SkuId| state.network.skus.get(sku).filter(|known| known.merchant == merchant);
    let mut shelves = state.stock.iter().filter(|(sku, ..)| mine(*sku).is_some()).peekable();
    while let Some(&(sku, ..)) = shelves.peek() {
        let from = rows.len();
        let mut restricted = false;
        while let Some((_, site, shelf)) = shelves.next_if(|(next, ..)| *next == sku) {
            let open = is_open(state, site);
            restricted |= (!open && shelf.on_hand > 0) || shelf.quarantined > 0;
            let units = if open { shelf.available().0 } else { 0 };
            rows.push(Sellable { sku, site, units, restricted: false });
        }
        let goods = mine(sku).expect("the shelf was let through because of it");
        let waiting = wanted.get(&sku).copied().unwrap_or(0);
        restricted |= waiting > 0;
        take_off(&mut rows[from..], waiting);
        if surging.contains(&&*goods.category) {
            restricted = true;
            for row in &mut rows[from..] {
                let keep = u64::from(row.units) * u64::from(keep_percent.min(KEEP_MAX));
                let keep = u32::try_from(keep.div_ceil(100)).expect("a share is no more than the whole");
                row.units -= keep.min(row.units);
            }
        }
        for row in &mut rows[from..] {
            row.restricted = restricted;
        }
    }
    rows
}

/// Takes units off the fullest shelves first, so that none is emptied while another is full; ties go to the lower site.
fn take_off(rows: &mut [Sellable], units: u64) {
    let mut left = units;
    while left > 0 {
        let Some(most) = rows.iter().map(|row| row.units).max().filter(|most| *most > 0) else { return };
        let next = rows.iter().map(|row| row.units).filter(|units| *units < most).max().unwrap_or(0);
        for row in rows.iter_mut().filter(|row| row.units == most) {
            let off = u64::from(most - next).min(left);
            row.units -= u32::try_from(off).expect("no more than the shelf has");
            left -= off;
        }
    }
}

/// Units that live orders want and that have no site, by SKU; units of held orders among them.
fn wanted(state: &State, merchant: MerchantId) -> BTreeMap<SkuId, u64> {
    let mut wanted: BTreeMap<SkuId, u64> = BTreeMap::new();
    for (_, order) in state.live_orders().filter(|(_, order)| order.merchant == merchant) {
        for line in &order.lines {
            let units = line.backordered().0;
            if units > 0 {
                *wanted.entry(line.sku).or_default() += u64::from(units);
            }
        }
    }
    wanted
}

/// Categories whose demand an incident raises now.
fn surging(state: &State) -> std::collections::BTreeSet<&str> {
    let live =
        state.incidents.iter().filter(|(_, incident)| !incident.drill && incident.phase == Phase::Declared);
    live.flat_map(|(_, incident)| &incident.surges)
        .filter(|(_, permille)| *permille > 1_000)
        .map(|(category, _)| &**category)
        .collect()
}

/// Whether a site takes orders, a drill aside.
fn is_open(state: &State, site: SiteId) -> bool {
    let drill = |incident: IncidentId| state.incidents.get(incident).is_some_and(|known| known.drill);
    state.sites.get(site.index()).is_some_and(|now| match now.access {
        SiteAccess::Closed { incident, .. } => drill(incident),
        access => access.takes_orders(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Sellable, take_off};
    use holdfast_domain::id::{SiteId, SkuId};

    #[test]
    fn what_is_wanted_already_comes_off_the_fullest_shelves() {
        let check = |units: &[u32], off: u64| {
            let row = |(site, units): (u16, &u32)| Sellable {
                sku: SkuId(0),
                site: SiteId(site),
                units: *units,
                restricted: false,
            };
            let mut rows: Vec<_> = (0..).zip(units).map(row).collect();
            take_off(&mut rows, off);
            rows.iter().map(|row| row.units).collect::<Vec<_>>()
        };
        assert_eq!(check(&[5, 9, 2], 4), [5, 5, 2]);
        assert_eq!(check(&[5, 9, 2], 6), [3, 5, 2]);
        assert_eq!(check(&[5, 9, 2], 16), [0, 0, 0]);
        assert_eq!(check(&[5, 9, 2], 1_000), [0, 0, 0]);
        assert_eq!(check(&[0, 0], 3), [0, 0]);
        assert_eq!(check(&[], 3), [0_u32; 0]);
    }
}
