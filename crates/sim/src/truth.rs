//! The truth of a disaster: when which site, zone and lane was really out, computed from the scenario and its storm.
//!
//! Policies do not see this; they see what can be known when they act.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast_domain::decide::matching_lanes;
use holdfast_domain::id::{Id, LaneId, SiteId, ZoneId};
use holdfast_domain::incident::{LaneRule, StockAccess};
use holdfast_domain::network::{Country, LaneKind};
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use holdfast_hazard::exposure::{Basis, Exposed, Footprint, Target, exposures};
use holdfast_hazard::track::Track;
use serde::Serialize;

use crate::roads::RoadTruth;
use crate::scenario::{Scenario, ScenarioError};

/// A time during which something is out; without an end it never comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Out {
    /// From when.
    pub from: Stamp,
    /// Until before when.
    pub until: Option<Stamp>,
}

impl Out {
    /// Whether it is out at `at`.
    #[must_use]
    pub fn covers(&self, at: Stamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// Why a site closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Winds of its own limit reached it.
    Wind,
    /// The scenario says so.
    Declared,
}

/// A site's closure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SiteOut {
    /// The site.
    pub site: SiteId,
    /// When.
    #[serde(flatten)]
    pub out: Out,
    /// What becomes of its stock.
    pub stock: StockAccess,
    /// Why.
    pub cause: Cause,
    /// From when a policy may know of it.
    pub known: Stamp,
    /// Highest wind there, in knots, and when.
    pub peak_wind_kt: Option<f64>,
}

/// Everything that is really out, and when.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// Sites, by the time they close.
    pub sites: Vec<SiteOut>,
    /// Zones in which nothing is delivered.
    pub zones: BTreeMap<ZoneId, Vec<Out>>,
    /// Lanes nothing leaves by, with the rule that names them.
    pub lanes: Vec<(LaneRule, Vec<LaneId>, Out)>,
    /// Sites that can do less: thousandths.
    pub limits: Vec<(SiteId, u16, Out)>,
    /// Goods sent again to a site that closed: days after it, thousandths of what lay there.
    pub supplies: Vec<(SiteId, u16, u16)>,
    /// Highest wind at each site, in knots; empty without a storm.
    pub winds: Vec<(SiteId, f64)>,
    /// Roads, what closes them, and what trucks cost.
    pub roads: Arc<RoadTruth>,
}

/// Works the truth out for a network.
///
/// # Errors
/// [`ScenarioError`] for codes the book does not have.
pub fn truth(
    state: &State,
    scenario: &Scenario,
    track: Option<&Track>,
    start: Stamp,
) -> Result<Truth, ScenarioError> {
    let mut truth = Truth::default();
    if let Some(track) = track {
        by_wind(state, scenario, track, &mut truth);
    }
    for closure in &scenario.closures {
        let site = match (&closure.site, closure.busiest) {
            (Some(code), _) => site_named(state, code)?,
            (None, Some(rank)) => busiest(state, rank),
            (None, None) => {
                return Err(ScenarioError::Text("a closure names a site or `busiest`".to_owned()));
            }
        };
        let out = Out { from: closure.from.of(start), until: closure.until.map(|until| until.of(start)) };
        forwards(&out, "a closure")?;
        let known = out.from.before(Span::hours(u64::from(closure.known_h)));
        truth.sites.push(SiteOut {
            site,
            out,
            stock: closure.stock,
            cause: Cause::Declared,
            known,
            peak_wind_kt: None,
        });
    }
    truth.sites.sort_by_key(|closed| (closed.out.from, closed.site));
    for limit in &scenario.limits {
        let out = Out { from: limit.from.of(start), until: Some(limit.until.of(start)) };
        forwards(&out, "a limit")?;
        let sites: Vec<SiteId> = match &limit.site {
            Some(code) => vec![site_named(state, code)?],
            None => (0..state.sites.len()).map(SiteId::from_index).collect(),
        };
        truth.limits.extend(sites.into_iter().map(|site| (site, limit.permille, out)));
    }
    for supply in &scenario.supplies {
        truth.supplies.push((site_named(state, &supply.site)?, supply.days, supply.permille));
    }
    for embargo in &scenario.embargoes {
        let out = Out { from: embargo.from.of(start), until: Some(embargo.until.of(start)) };
        forwards(&out, "an embargo")?;
        let rule = rule(state, embargo)?;
        let lanes = matching_lanes(&state.network, &rule);
        truth.lanes.push((rule, lanes, out));
    }
    Ok(truth)
}

impl Truth {
    /// The closure of a site that covers `at`.
    #[must_use]
    pub fn site_out(&self, site: SiteId, at: Stamp) -> Option<&SiteOut> {
        self.sites.iter().find(|closed| closed.site == site && closed.out.covers(at))
    }

    /// Whether nothing leaves by the lane at `at`.
    #[must_use]
    pub fn lane_out(&self, lane: LaneId, at: Stamp) -> bool {
        self.lanes.iter().any(|(_, lanes, out)| out.covers(at) && lanes.binary_search(&lane).is_ok())
    }

    /// When deliveries in the zone go on, if they rest at `at`.
    #[must_use]
    pub fn zone_back(&self, zone: ZoneId, at: Stamp) -> Option<Option<Stamp>> {
        self.zones.get(&zone)?.iter().find(|out| out.covers(at)).map(|out| out.until)
    }

    /// Thousandths of its capacity the site really has at `at`.
    #[must_use]
    pub fn permille(&self, site: SiteId, at: Stamp) -> u16 {
        let here = self.limits.iter().filter(|(limited, _, out)| *limited == site && out.covers(at));
        here.map(|(_, permille, _)| *permille).min().unwrap_or(1000)
    }
}

pub(crate) fn forwards(out: &Out, what: &str) -> Result<(), ScenarioError> {
    if out.until.is_some_and(|until| until <= out.from) {
        return Err(ScenarioError::Backwards { what: what.to_owned() });
    }
    Ok(())
}

/// A site closes by its own wind limit, never by name: change the track and other sites close.
fn by_wind(state: &State, scenario: &Scenario, track: &Track, truth: &mut Truth) {
    let footprint = Footprint::Storm { track: track.clone(), basis: Basis::Observed };
    let targets: Vec<(SiteId, Target)> = (0..)
        .zip(&state.network.sites)
        .map(|(index, site)| (SiteId(index), Target::Site(site.place)))
        .collect();
    for hit in exposures(&footprint, &targets) {
        let Exposed { key: site, exposures: windows, peak_wind_kt } = hit;
        let peak = peak_wind_kt.map(|(_, wind)| wind);
        truth.winds.extend(peak.map(|wind| (site, wind)));
        let description = &state.network.sites[site.index()];
        let Some(limit) = description.wind_limit_kt else { continue };
        // The lowest reported threshold that is not below the site's limit.
        let threshold = windows.iter().filter_map(|w| w.threshold_kt).filter(|kt| *kt >= limit).min();
        let Some(threshold) = threshold else { continue };
        let inside = || windows.iter().filter(|w| w.threshold_kt == Some(threshold));
        let (Some(from), Some(last)) =
            (inside().map(|w| w.enters).min(), inside().filter_map(|w| w.leaves).max())
        else {
            continue;
        };
        let own = scenario.recoveries.iter().find(|recovery| *recovery.site == *description.code);
        let hours = own.map_or(scenario.recovery_h, |recovery| recovery.hours);
        let out = Out { from, until: Some(last.after(Span::hours(u64::from(hours)))) };
        let (stock, cause) = (StockAccess::Inaccessible, Cause::Wind);
        truth.sites.push(SiteOut { site, out, stock, cause, known: from, peak_wind_kt: peak });
    }
    let Some(limit) = scenario.zone_wind_kt else { return };
    let zones: Vec<(ZoneId, Target)> = (0..)
        .zip(&state.network.zones)
        .map(|(index, zone)| (ZoneId(index), Target::Zone { centre: zone.place, radius_m: 0.0 }))
        .collect();
    for hit in exposures(&footprint, &zones) {
        let inside = hit.exposures.iter().filter(|w| w.threshold_kt == Some(limit));
        let rest = Span::hours(u64::from(scenario.zone_recovery_h));
        let outs = inside.map(|w| Out { from: w.enters, until: w.leaves.map(|leaves| leaves.after(rest)) });
        let outs: Vec<Out> = outs.collect();
        if !outs.is_empty() {
            truth.zones.insert(hit.key, outs);
        }
    }
}

/// The site of a code.
///
/// # Errors
/// [`ScenarioError::Unknown`] with the codes there are.
pub fn site_named(state: &State, code: &str) -> Result<SiteId, ScenarioError> {
    let found = state.network.sites.iter().position(|site| *site.code == *code);
    found.map(SiteId::from_index).ok_or_else(|| ScenarioError::Unknown {
        what: "site",
        code: code.to_owned(),
        known: state.network.sites.iter().map(|site| &*site.code).collect::<Vec<_>>().join(", "),
    })
}

/// The site with the `rank`th greatest capacity over a week (1 is the greatest), standby sites aside.
pub(crate) fn busiest(state: &State, rank: usize) -> SiteId {
    let mut sites: Vec<(u64, SiteId)> = (0..)
        .zip(&state.network.sites)
        .filter(|(_, site)| site.standby.is_none())
        .map(|(index, site)| (site.capacity.iter().map(|units| u64::from(*units)).sum(), SiteId(index)))
        .collect();
    sites.sort_by_key(|(capacity, site)| (core::cmp::Reverse(*capacity), *site));
    sites.get(rank.saturating_sub(1)).or(sites.last()).map_or(SiteId(0), |(_, site)| *site)
}

fn rule(state: &State, embargo: &crate::scenario::Embargo) -> Result<LaneRule, ScenarioError> {
    let zones: Vec<ZoneId> = (0..)
        .zip(&state.network.zones)
        .filter(|(_, zone)| embargo.zones.iter().any(|prefix| zone.code.starts_with(&**prefix)))
        .map(|(index, _)| ZoneId(index))
        .collect();
    if let (Some(first), true) = (embargo.zones.first(), zones.is_empty()) {
        let known =
            state.network.zones.iter().take(20).map(|zone| &*zone.code).collect::<Vec<_>>().join(", ");
        return Err(ScenarioError::Unknown { what: "zone", code: first.clone(), known });
    }
    let kinds = [
        ("parcel", LaneKind::Parcel),
        ("air", LaneKind::Air),
        ("ferry", LaneKind::Ferry),
        ("store_hub", LaneKind::StoreHub),
        ("pickup", LaneKind::PickUp),
        ("courier", LaneKind::Courier),
        ("hub", LaneKind::ZoneSkip),
        ("own_van", LaneKind::OwnVan),
    ];
    let kind = match &embargo.kind {
        None => None,
        Some(word) => {
            Some(kinds.iter().find(|(name, _)| name == word).map(|(_, kind)| *kind).ok_or_else(|| {
                let known = kinds.map(|(name, _)| name).join(", ");
                ScenarioError::Unknown { what: "lane kind", code: word.clone(), known }
            })?)
        }
    };
    Ok(LaneRule {
        site: embargo.site.as_deref().map(|code| site_named(state, code)).transpose()?,
        service: None,
        carrier: embargo.carrier.as_deref().map(Into::into),
        zones,
        country: embargo.country.as_deref().and_then(Country::new),
        cross_border: embargo.cross_border,
        kind,
    })
}
