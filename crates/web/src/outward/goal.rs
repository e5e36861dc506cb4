//! What each number of a shop should be, and which numbers have to be changed for it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_connect::shop::Change;
use holdfast_domain::id::{Id as _, MerchantId, SiteId, SkuId};
use holdfast_domain::state::{NameKind, State};
use holdfast_engine::sellable;

use super::settings::{Admin, StockRule};
use super::store::Spot;

/// What a number should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Goal {
    /// Units the shop may sell.
    pub units: u32,
    /// Whether something takes units of the SKU away now.
    pub restricted: bool,
}

/// Which site stands behind which place of the shop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Sites by place.
    pub sites: BTreeMap<String, Vec<SiteId>>,
    /// Places nobody has said a site for.
    pub unknown: Vec<(String, String)>,
}

/// The place of a shop with only one stands for all sites, unless sites are named for it.
pub const ONLY: &str = holdfast_connect::woo::rest::PLACE;

impl Places {
    /// Reads them: as configured, else by code or name.
    #[must_use]
    pub fn of(state: &State, admin: &Admin, locations: &[(String, String)]) -> Self {
        let mut places = Self::default();
        let by_code = |code: &str| state.named::<SiteId>(NameKind::Site, MerchantId(0), code);
        let all = || (0..state.network.sites.len()).map(SiteId::from_index).collect::<Vec<_>>();
        for (id, name) in locations {
            let short = id.rsplit('/').next().unwrap_or(id);
            let said = admin.locations.get(id).or_else(|| admin.locations.get(short));
            let site = match said {
                Some(code) => by_code(code),
                None => by_code(name).or_else(|| {
                    let named = state.network.sites.iter().position(|site| *site.name == **name);
                    named.map(SiteId::from_index)
                }),
            };
            match site {
                Some(site) => places.sites.entry(id.clone()).or_default().push(site),
                None if id == ONLY && said.is_none() => {
                    places.sites.insert(id.clone(), all());
                }
                None => places.unknown.push((id.clone(), name.clone())),
            }
        }
        places
    }

    /// The place a site is behind: the first one.
    #[must_use]
    pub fn place_of(&self, site: SiteId) -> Option<&str> {
        self.sites.iter().find(|(_, sites)| sites.contains(&site)).map(|(id, _)| id.as_str())
    }
}

/// The goals of every item the shop and this house both know, by item and place. Where the shop sells one SKU twice, the
/// first item has it; the others are given back.
#[must_use]
pub fn goals(
    state: &State,
    merchant: MerchantId,
    admin: &Admin,
    places: &Places,
    items: &BTreeMap<String, Vec<String>>,
) -> (BTreeMap<Spot, Goal>, Vec<String>) {
    let mut by_sku: BTreeMap<SkuId, Vec<sellable::Sellable>> = BTreeMap::new();
    for row in sellable::of(state, merchant, admin.keep_percent) {
        by_sku.entry(row.sku).or_default().push(row);
    }
    let (mut goals, mut twice) = (BTreeMap::new(), Vec::new());
    for (code, ids) in items.iter().filter(|(code, _)| !code.is_empty()) {
        let Some(sku) = state.named::<SkuId>(NameKind::Sku, merchant, code) else { continue };
        let rows = by_sku.get(&sku).map_or(&[][..], Vec::as_slice);
        let restricted = rows.iter().any(|row| row.restricted);
        let Some(first) = ids.first() else { continue };
        twice.extend(ids[1..].iter().map(|_| code.clone()));
        for (place, sites) in &places.sites {
            let units = rows.iter().filter(|row| sites.contains(&row.site)).map(|row| row.units);
            let goal = Goal { units: units.fold(0, u32::saturating_add), restricted };
            goals.insert((first.clone(), place.clone()), goal);
        }
    }
    (goals, twice)
}

/// What has to be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Down to nothing: never wrong, whatever the shop has sold meanwhile, so it is not compared and goes first.
    pub down: Vec<Change>,
    /// To another number: right only against what the shop sells at this moment and with all its orders taken here.
    pub other: Vec<Change>,
    /// What was taken down, is as it should be, and needs no more.
    pub settled: Vec<Spot>,
}

/// Compares. `cuts` are the numbers this house has taken down; `true` for those it has changed without knowing since what
/// the shop shows: an answer was lost, or the shop does not compare. They count once they have been read again.
#[must_use]
pub fn changes(
    rule: StockRule,
    goals: &BTreeMap<Spot, Goal>,
    levels: &BTreeMap<Spot, i64>,
    cuts: &BTreeMap<Spot, bool>,
) -> Changes {
    let mut out = Changes::default();
    for (spot, goal) in goals {
        // Where the shop keeps no stock of an item, there is none to change.
        let Some(level) = levels.get(spot).copied() else { continue };
        let cut = cuts.get(spot).copied();
        let goal_units = i64::from(goal.units);
        let want = match rule {
            StockRule::Always => goal_units,
            StockRule::Incident if goal.restricted => goal_units.min(level.max(0)),
            StockRule::Incident if cut.is_some() => goal_units,
            StockRule::Incident => continue,
        };
        let (item, location) = spot.clone();
        // A shop that has sold more than it had says a number below zero: nothing is for sale, and the debt is its own.
        let same = want == level || (want == 0 && level <= 0);
        if same {
            match cut {
                Some(true) => out.other.push(Change { item, location, from: Some(level), to: goal.units }),
                Some(false) if !goal.restricted => out.settled.push(spot.clone()),
                _ => {}
            }
            continue;
        }
        let to = u32::try_from(want).unwrap_or(u32::MAX);
        if to == 0 {
            out.down.push(Change { item, location, from: None, to });
        } else {
            out.other.push(Change { item, location, from: Some(level), to });
        }
    }
    out
}

/// The items of some changes, each once.
#[must_use]
pub fn items_of(changes: &[Change]) -> Vec<String> {
    changes.iter().map(|change| change.item.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{Changes, Goal, StockRule, changes};
    use std::collections::BTreeMap;

    /// Down, other (to), settled.
    fn check(
        rule: StockRule,
        goal: (u32, bool),
        level: i64,
        cut: Option<bool>,
    ) -> (usize, Option<u32>, usize) {
        let spot = ("i".to_owned(), "l".to_owned());
        let goal = Goal { units: goal.0, restricted: goal.1 };
        let Changes { down, other, settled } = changes(
            rule,
            &BTreeMap::from([(spot.clone(), goal)]),
            &BTreeMap::from([(spot.clone(), level)]),
            &cut.map(|raised| (spot, raised)).into_iter().collect(),
        );
        assert!(down.iter().all(|change| change.to == 0 && change.from.is_none()));
        assert!(other.iter().all(|change| change.from == Some(level)), "never raised blindly");
        (down.len(), other.first().map(|change| change.to), settled.len())
    }

    #[test]
    fn numbers_go_down_under_an_incident_and_back_up_after_it_and_are_otherwise_left_alone() {
        use StockRule::{Always, Incident};
        assert_eq!(check(Incident, (0, true), 7, None), (1, None, 0), "the site is dark");
        assert_eq!(check(Incident, (3, true), 7, None), (0, Some(3), 0), "some are set aside");
        assert_eq!(
            check(Incident, (9, true), 7, None),
            (0, None, 0),
            "never raised while something is taken away"
        );
        assert_eq!(check(Incident, (0, true), 0, Some(false)), (0, None, 0), "it is down");
        assert_eq!(check(Incident, (0, true), 0, Some(true)), (0, Some(0), 0), "is it?");
        assert_eq!(check(Incident, (0, true), -2, None), (0, None, 0), "the shop's own debt");
        assert_eq!(check(Incident, (7, false), 0, Some(false)), (0, Some(7), 0), "all clear");
        assert_eq!(check(Incident, (7, false), 7, Some(false)), (0, None, 1), "as it should be");
        assert_eq!(check(Incident, (7, false), 7, Some(true)), (0, Some(7), 0), "looked at once more");
        assert_eq!(check(Incident, (0, false), 5, Some(false)), (1, None, 0), "it was destroyed");
        assert_eq!(check(Incident, (7, false), 4, None), (0, None, 0), "a difference is for the comparison");
        assert_eq!(check(Always, (7, false), 4, None), (0, Some(7), 0));
        assert_eq!(check(Always, (0, false), 4, None), (1, None, 0));
    }
}
