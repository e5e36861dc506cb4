//! Which sites could carry a guest, and what of their capacity is free.

use std::collections::BTreeMap;

use holdfast_domain::id::{Id, LaneId, ServiceId, SiteId, ZoneId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::network::Site;
use holdfast_domain::state::State;
use holdfast_domain::takeover::{HostTerms, LANES_MAX, LaneTerms};
use holdfast_domain::time::Day;
use serde::{Deserialize, Serialize};

use super::offer::{Tariff, Wish};

/// What is free at a site on a day, in work units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeDay {
    /// The site.
    pub site: SiteId,
    /// Its day.
    pub day: Day,
    /// What it can do.
    pub whole: u32,
    /// What its own merchants' orders are expected to take: as much as on the days of the last week, on average and a
    /// standard deviation more.
    pub expected: u32,
    /// What nobody has yet and nobody is expected to take.
    pub free: u32,
}

/// Sites that may carry: open, not the guest's, no section; and the standby site whose contract calls.
pub(super) fn candidates(state: &State, wish: &Wish) -> Vec<SiteId> {
    (0..state.network.sites.len())
        .map(SiteId::from_index)
        .filter(|site| {
            let Ok((_, now)) = state.site(*site) else { return false };
            let open = matches!(now.access, SiteAccess::Open { permille: 1.. });
            let called = wish.contract == Some(*site) && now.access == SiteAccess::Dormant;
            now.section.is_none() && !wish.home.contains(site) && (open || called)
        })
        .collect()
}

/// What is free at `sites` on each of `days` days from `first` on that they work.
pub(super) fn free_days(state: &State, sites: &[SiteId], first: Day, days: i32) -> Vec<FreeDay> {
    let mut out = Vec::new();
    for site in sites {
        let Ok((description, now)) = state.site(*site) else { continue };
        let expected = expected_load(description, &now.load, first);
        for day in (0..days).map(|ahead| first.plus(ahead)) {
            if !description.calendar.works(day) {
                continue;
            }
            let (whole, left) = if now.access == SiteAccess::Dormant {
                (description.capacity_on(day), description.capacity_on(day))
            } else {
                (state.capacity_whole(*site, day), state.capacity_left(*site, day))
            };
            let free = left.min(whole.saturating_sub(expected));
            out.push(FreeDay { site: *site, day, whole, expected, free });
        }
    }
    out
}

/// Work units a day that orders have taken at a site over the week before `today`: the mean over its working days and
/// a standard deviation, rounded up. Nothing where none is known.
fn expected_load(site: &Site, load: &BTreeMap<Day, u32>, today: Day) -> u32 {
    let days = (1..=7).map(|ago| today.plus(-ago)).filter(|day| site.calendar.works(*day));
    let known: Vec<u64> = days.filter_map(|day| load.get(&day)).map(|units| u64::from(*units)).collect();
    let count = known.len() as u64;
    if count == 0 {
        return 0;
    }
    let (sum, squares) =
        known.iter().fold((0, 0), |(sum, squares), units| (sum + units, squares + units * units));
    // Variance times the square of the count, so that nothing is rounded before the root.
    let variance = (count * squares).saturating_sub(sum * sum);
    u32::try_from((sum + variance.isqrt()).div_ceil(count)).unwrap_or(u32::MAX)
}

/// What a site could lend on each weekday: the tariff's share of the least that is free on any of them from `first`.
pub(super) fn lendable(free: &[FreeDay], site: SiteId, first: Day, permille: u16) -> [u32; 7] {
    let mut least: [Option<u32>; 7] = [None; 7];
    for known in free.iter().filter(|known| known.site == site && known.day >= first) {
        let least = &mut least[usize::from(known.day.weekday())];
        *least = Some(least.map_or(known.free, |had| had.min(known.free)));
    }
    let share = |units: u32| u64::from(units) * u64::from(permille) / 1000;
    least.map(|units| u32::try_from(units.map_or(0, share)).unwrap_or(u32::MAX))
}

/// What a parcel with a kilogram in it costs from `site` into the zones of the demand on average, in minor units;
/// `None` where the site reaches none of them.
pub(super) fn mean_cost(state: &State, site: SiteId, demand: &BTreeMap<ZoneId, u64>) -> Option<i64> {
    let description = state.network.site(site)?;
    let (mut sum, mut orders) = (0_i128, 0_i128);
    for (zone, count) in demand {
        let lanes = state
            .network
            .lanes_to(*zone)
            .iter()
            .filter(|(from, lane)| *from == site && state.lane_is_open(*lane));
        let cost = lanes
            .filter_map(|(_, lane)| state.network.lanes.get(*lane))
            .map(|lane| lane.cost_parcel + lane.cost_kg)
            .min();
        // A zone out of reach counts as dear, not as free.
        let cost = cost.map_or(1_000_000, |cost| cost + description.cost_parcel);
        sum += i128::from(cost) * i128::from(*count);
        orders += i128::from(*count);
    }
    if orders == 0 {
        return Some(0);
    }
    i64::try_from(sum / orders).ok()
}

/// The terms of one host.
pub(super) fn host_terms(site: SiteId, description: &Site, capacity: [u32; 7], tariff: &Tariff) -> HostTerms {
    HostTerms {
        site,
        capacity,
        cost_parcel: dearer(description.cost_parcel, tariff.handling_permille),
        cost_unit: dearer(description.cost_unit, tariff.handling_permille),
    }
}

/// The open lanes of the hosts at the tariff's prices, ordered by host, zone and service; the cheapest where a host
/// has two of one service. Where there are too many, zones the guest ships to come first.
pub(super) fn lane_terms(
    state: &State,
    hosts: &[SiteId],
    demand: &BTreeMap<ZoneId, u64>,
    tariff: &Tariff,
) -> Vec<LaneTerms> {
    let mut best: BTreeMap<(bool, u8, ZoneId, ServiceId), LaneTerms> = BTreeMap::new();
    for (id, lane) in state.network.lanes.iter() {
        let Some(host) = hosts.iter().position(|site| *site == lane.site) else { continue };
        let Ok(host) = u8::try_from(host) else { continue };
        if !is_offered(state, id) {
            continue;
        }
        let terms = LaneTerms {
            host,
            zone: lane.zone,
            service: lane.service,
            cost_parcel: dearer(lane.cost_parcel, tariff.lane_permille),
            cost_kg: dearer(lane.cost_kg, tariff.lane_permille),
            transit_days: lane.transit_days,
        };
        let key = (!demand.contains_key(&lane.zone), host, lane.zone, lane.service);
        best.entry(key)
            .and_modify(|had| {
                if terms.cost_parcel < had.cost_parcel {
                    *had = terms;
                }
            })
            .or_insert(terms);
    }
    best.into_values().take(LANES_MAX).collect()
}

/// A lane under embargo is not offered: its price would be for nothing.
fn is_offered(state: &State, lane: LaneId) -> bool {
    state.lane_is_open(lane)
}

/// An amount with the tariff on it, rounded up to a minor unit.
fn dearer(cost: i64, permille: u32) -> i64 {
    let scaled = i128::from(cost) * i128::from(permille);
    i64::try_from((scaled + 999).div_euclid(1000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{FreeDay, dearer, lendable};
    use holdfast_domain::id::SiteId;
    use holdfast_domain::time::Day;

    #[test]
    fn a_share_is_taken_of_the_least_free_day_of_each_weekday() {
        let day = |day, free| FreeDay { site: SiteId(0), day: Day(day), whole: 100, expected: 0, free };
        // 1970-01-05 was a Monday: days 4, 11 and 18 are.
        let free = [day(4, 5), day(11, 80), day(18, 60), day(12, 90)];
        assert_eq!(lendable(&free, SiteId(0), Day(5), 500), [30, 45, 0, 0, 0, 0, 0]);
        assert_eq!(lendable(&free, SiteId(1), Day(5), 500), [0; 7]);
    }

    #[test]
    fn a_tariff_never_rounds_to_the_operator_s_loss() {
        assert_eq!((dearer(101, 1050), dearer(100, 1000), dearer(0, 2000)), (107, 100, 0));
    }
}
