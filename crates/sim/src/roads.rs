//! Roads in a drill: what was really closed and when, and what of it could be known.
//!
//! The world's trucks go by the truth. A policy plans by the closures that have begun and by the latest forecast that
//! was public: what closes later makes its trucks late, or leaves them no way.

use holdfast_app::load::Loaded;
use holdfast_app::roads::{BegunBy, ClosedRoads, RoadNet};
use holdfast_domain::id::SiteId;
use holdfast_domain::money::Currency;
use holdfast_domain::place::Place;
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use holdfast_hazard::geo::{Area, Circle, Polygon};
use holdfast_hazard::track::{Forecast, Track};
use holdfast_plan::route::haul::HaulTerms;
use holdfast_plan::route::way::{Closures, Interval};

use crate::scenario::{RoadClosure, Scenario, ScenarioError};
use crate::truth::{busiest, forwards, site_named};

/// Roads, what really closes them, and what a truck on them costs.
#[derive(Debug)]
pub struct RoadTruth {
    /// The roads.
    pub net: RoadNet,
    /// What trucks cost, and how fast they are.
    pub terms: HaulTerms,
    /// What is really closed.
    pub closed: ClosedRoads,
    /// What forecasts said would be, by when they were public.
    forecasts: Vec<(Stamp, ClosedRoads)>,
}

impl Default for RoadTruth {
    fn default() -> Self {
        let terms = HaulTerms::assumed(Currency::USD);
        Self { net: RoadNet::bundled(), terms, closed: ClosedRoads::default(), forecasts: Vec::new() }
    }
}

impl RoadTruth {
    /// The book's roads with nothing closed.
    #[must_use]
    pub fn open(state: &State, loaded: &Loaded, scenario: &Scenario) -> Self {
        let terms = if scenario.trucks == Default::default() { loaded.trucks } else { scenario.trucks };
        let net = loaded.roads.clone().unwrap_or_else(RoadNet::bundled);
        Self { net, terms: terms.of_state(state), ..Self::default() }
    }

    /// The book's roads with what the scenario closes.
    ///
    /// # Errors
    /// [`ScenarioError`] for sites the book does not have, areas that are none, times that end before they begin.
    pub fn of(
        state: &State,
        loaded: &Loaded,
        scenario: &Scenario,
        (track, forecasts): (Option<&Track>, &[Forecast]),
        start: Stamp,
    ) -> Result<Self, ScenarioError> {
        let areas = || -> Result<Vec<(Area, Interval)>, ScenarioError> {
            scenario.roads.iter().map(|closure| area(state, closure, start)).collect()
        };
        let rest = Span::hours(u64::from(scenario.road_recovery_h));
        let mut out = Self::open(state, loaded, scenario);
        out.closed = ClosedRoads::areas(areas()?);
        if let (Some(track), Some(limit_kt)) = (track, scenario.road_wind_kt) {
            out.closed = out.closed.and_storm(track, limit_kt, rest);
            let foretold = |forecast: &Forecast| {
                (forecast.public_at(), ClosedRoads::default().and_storm(&forecast.track, limit_kt, rest))
            };
            out.forecasts = forecasts.iter().filter(|_| scenario.forecasts).map(foretold).collect();
            out.forecasts.sort_by_key(|(public_at, _)| *public_at);
        }
        Ok(out)
    }

    /// What a policy may know at `at`.
    #[must_use]
    pub fn known(&self, at: Stamp) -> KnownRoads<'_> {
        let public = self.forecasts.iter().rev().find(|(public_at, _)| *public_at <= at);
        KnownRoads { begun: self.closed.begun_by(at), foretold: public.map(|(_, closed)| closed) }
    }
}

/// Closed roads as a policy knows them.
#[derive(Clone, Copy, Debug)]
pub struct KnownRoads<'a> {
    begun: BegunBy<'a>,
    foretold: Option<&'a ClosedRoads>,
}

impl Closures for KnownRoads<'_> {
    fn closed(&self, segment: (Place, Place), window: Interval) -> Vec<Interval> {
        let mut times = self.begun.closed(segment, window);
        times.extend(self.foretold.into_iter().flat_map(|roads| roads.closed(segment, window)));
        times
    }
}

fn area(state: &State, closure: &RoadClosure, start: Stamp) -> Result<(Area, Interval), ScenarioError> {
    let (from, until) = (closure.from.of(start), closure.until.of(start));
    forwards(&crate::truth::Out { from, until: Some(until) }, "a road closure")?;
    let time = Interval { from, until };
    let place = |(lat, lon): (f64, f64)| {
        Place::new(lat, lon).map_err(|error| ScenarioError::Text(format!("a road closure: {error}")))
    };
    if !closure.polygon.is_empty() {
        let corners = closure.polygon.iter().map(|corner| place(*corner)).collect::<Result<Vec<_>, _>>()?;
        let polygon = Polygon::new(&corners, &[])
            .map_err(|error| ScenarioError::Text(format!("a road closure: {error}")))?;
        return Ok((Area::Polygons(vec![polygon]), time));
    }
    let at = |site: SiteId| state.network.sites[usize::from(site.0)].place;
    let centre = match (&closure.site, closure.busiest, closure.centre) {
        (Some(code), ..) => at(site_named(state, code)?),
        (None, Some(rank), _) => at(busiest(state, rank)),
        (None, None, Some(centre)) => place(centre)?,
        (None, None, None) => {
            return Err(ScenarioError::Text(
                "a road closure names `polygon`, or `radius_km` about `centre`, `site` or `busiest`"
                    .to_owned(),
            ));
        }
    };
    let circle = Circle::new(centre, closure.radius_km * 1000.0)
        .map_err(|error| ScenarioError::Text(format!("a road closure: {error}")))?;
    Ok((Area::Circle(circle), time))
}
