//! Roads and trucks as an operator has them: whose graph, what closes it, what a truck costs.
//!
//! The graph is the operator's own where there is one; else the bundled freeways of the United States, which leave
//! every other place to the great circle. What closes roads is a storm's winds, an area with its time, or both.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use holdfast_book::demo::geo::US_FREEWAYS;
use holdfast_domain::money::Currency;
use holdfast_domain::place::Place;
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use holdfast_engine::incident::Transport;
use holdfast_hazard::geo::Area;
use holdfast_hazard::track::{Sweep, Track};
use holdfast_plan::route::haul::{HaulTerms, OffGraph, Roads};
use holdfast_plan::route::road::{GraphFile, RoadError, RoadGraph};
use holdfast_plan::route::way::{Closures, Interval};
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};

/// A place farther than this from every road is not joined to them, in metres.
pub const ACCESS_M: f64 = 100_000.0;
/// How closely a stretch of road is looked at against an area, in metres.
const SPACING_M: f64 = 5_000.0;

/// A road graph with whose it is.
#[derive(Clone)]
pub struct RoadNet {
    graph: Arc<RoadGraph>,
    off_graph: OffGraph,
}

impl core::fmt::Debug for RoadNet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("RoadNet").field("nodes", &self.graph.node_count()).finish_non_exhaustive()
    }
}

/// Why an operator's road graph cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RoadFileError {
    /// Neither of the two forms.
    #[error(
        "read road graph: it is neither graphjson ({source}) nor begins with `holdfast-roads 1`; \
         docs/reference/incident-plan.md has both forms"
    )]
    Form {
        /// What JSON has against it.
        #[source]
        source: serde_json::Error,
    },
    /// A graph that cannot be.
    #[error(transparent)]
    Graph(#[from] RoadError),
}

impl RoadNet {
    /// The bundled freeways of the United States.
    ///
    /// # Panics
    /// Never for the table that is compiled in: a test reads it.
    #[must_use]
    pub fn bundled() -> Self {
        static GRAPH: OnceLock<Arc<RoadGraph>> = OnceLock::new();
        let graph = GRAPH.get_or_init(|| {
            let graph = RoadGraph::from_text(US_FREEWAYS);
            Arc::new(graph.expect("the bundled road graph is read by a test"))
        });
        Self { graph: graph.clone(), off_graph: OffGraph::GreatCircle }
    }

    /// An operator's own graph: graphjson, or the compact text.
    ///
    /// # Errors
    /// [`RoadFileError`].
    pub fn read(text: &str) -> Result<Self, RoadFileError> {
        let text = text.trim_start_matches('\u{feff}');
        let graph = if text.starts_with("holdfast-roads") {
            RoadGraph::from_text(text)?
        } else {
            let file: GraphFile =
                serde_json::from_str(text).map_err(|source| RoadFileError::Form { source })?;
            RoadGraph::from_file(&file)?
        };
        Ok(Self { graph: Arc::new(graph), off_graph: OffGraph::NoTruck })
    }

    /// The graph with what closes it.
    #[must_use]
    pub fn roads<'a>(&'a self, closures: &'a (dyn Closures + Sync)) -> Roads<'a> {
        Roads { graph: &self.graph, closures, access_m: ACCESS_M, off_graph: self.off_graph }
    }

    /// Trucks on these roads, for the planner.
    #[must_use]
    pub fn transport<'a>(&'a self, terms: HaulTerms, closures: &'a (dyn Closures + Sync)) -> Transport<'a> {
        Transport { terms, roads: Some(self.roads(closures)) }
    }
}

/// What an operator says of its trucks; what is not said is assumed ([`HaulTerms::assumed`]). Money in the operator's
/// minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TruckTerms {
    /// Mean speed, km/h.
    pub speed_kmh: Option<u32>,
    /// Hours from the decision to the truck's leaving.
    pub loading_h: Option<u16>,
    /// Hours from its arrival until the goods can be picked.
    pub unloading_h: Option<u16>,
    /// Longest journey, hours.
    pub longest_h: Option<u16>,
    /// Road length over the great circle where no roads are known, in thousandths.
    pub detour_permille: Option<u32>,
    /// Cost of each kilometre.
    pub per_km: Option<u32>,
    /// Cost of the trip besides.
    pub fixed: Option<u32>,
    /// Kilograms the cost of a trip is shared by.
    pub load_kg: Option<u32>,
    /// Cost of taking a unit out of one site's shelves and into another's.
    pub per_unit: Option<u32>,
}

impl TruckTerms {
    /// The terms in full, for an operator who counts in `currency`.
    #[must_use]
    pub fn of(self, currency: Currency) -> HaulTerms {
        let assumed = HaulTerms::assumed(currency);
        let hours =
            |given: Option<u16>, assumed| given.map_or(assumed, |hours| Span::hours(u64::from(hours)));
        HaulTerms {
            speed_kmh: self.speed_kmh.unwrap_or(assumed.speed_kmh),
            loading: hours(self.loading_h, assumed.loading),
            unloading: hours(self.unloading_h, assumed.unloading),
            longest: hours(self.longest_h, assumed.longest),
            detour_permille: self.detour_permille.unwrap_or(assumed.detour_permille),
            per_km: self.per_km.map_or(assumed.per_km, i64::from),
            fixed: self.fixed.map_or(assumed.fixed, i64::from),
            load_kg: self.load_kg.unwrap_or(assumed.load_kg),
            per_unit: self.per_unit.map_or(assumed.per_unit, i64::from),
        }
    }

    /// The terms in full for a state's operator.
    #[must_use]
    pub fn of_state(self, state: &State) -> HaulTerms {
        let currency = state.network.operator.as_ref().map_or(Currency::USD, |operator| operator.currency);
        self.of(currency)
    }
}

/// Roads that are closed: where, and when. Answers for a stretch are kept, for they are asked for often.
#[derive(Debug, Default)]
pub struct ClosedRoads {
    areas: Vec<(Area, Interval)>,
    storm: Option<Storm>,
    kept: Mutex<HashMap<[u64; 4], Vec<Interval>, FxBuildHasher>>,
}

#[derive(Debug)]
struct Storm {
    sweep: Sweep,
    threshold_kt: u16,
    rest: Span,
}

impl ClosedRoads {
    /// Areas, each closed for a time.
    #[must_use]
    pub fn areas(areas: Vec<(Area, Interval)>) -> Self {
        Self { areas, ..Self::default() }
    }

    /// The same, and closed while the storm's winds of `threshold_kt` knots are there and for `rest` after.
    #[must_use]
    pub fn and_storm(mut self, track: &Track, threshold_kt: u16, rest: Span) -> Self {
        let sweep = Sweep::for_thresholds(track, &[threshold_kt]);
        self.storm = Some(Storm { sweep, threshold_kt, rest });
        self
    }

    /// Whether it closes anything anywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.areas.is_empty() && self.storm.is_none()
    }

    /// As far as it is known at `at`: closures that have begun by then.
    #[must_use]
    pub const fn begun_by(&self, at: Stamp) -> BegunBy<'_> {
        BegunBy { roads: self, at }
    }

    fn ask(&self, (from, to): (Place, Place)) -> Vec<Interval> {
        let stretch = [from, to];
        let hit = self.areas.iter().filter(|(area, _)| area.crosses(&stretch, SPACING_M));
        let mut times: Vec<Interval> = hit.map(|(_, time)| *time).collect();
        if let Some(storm) = &self.storm {
            let windows = storm.sweep.windows_on_line(&stretch, storm.threshold_kt);
            let closed = |window: holdfast_hazard::track::Window| Interval {
                from: window.enters,
                until: window.leaves.after(storm.rest),
            };
            times.extend(windows.into_iter().map(closed));
        }
        times
    }
}

impl Closures for ClosedRoads {
    fn closed(&self, segment: (Place, Place), _: Interval) -> Vec<Interval> {
        if self.is_empty() {
            return Vec::new();
        }
        let key = [segment.0.lat(), segment.0.lon(), segment.1.lat(), segment.1.lon()].map(f64::to_bits);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entry(key).or_insert_with(|| self.ask(segment)).clone()
    }
}

/// Closed roads as far as they are known at a moment.
#[derive(Clone, Copy, Debug)]
pub struct BegunBy<'a> {
    roads: &'a ClosedRoads,
    at: Stamp,
}

impl Closures for BegunBy<'_> {
    fn closed(&self, segment: (Place, Place), window: Interval) -> Vec<Interval> {
        let mut times = self.roads.closed(segment, window);
        times.retain(|time| time.from <= self.at);
        times
    }
}

#[cfg(test)]
mod tests {
    use holdfast_domain::money::Currency;
    use holdfast_domain::place::Place;
    use holdfast_domain::time::{Span, Stamp};
    use holdfast_hazard::geo::{Area, Circle};
    use holdfast_plan::route::haul::{NoHaul, haul_way};
    use holdfast_plan::route::way::{AllOpen, Closures as _, Interval, NoWay};

    use super::{ClosedRoads, RoadFileError, RoadNet, TruckTerms};

    fn place(lat: f64, lon: f64) -> Place {
        Place::new(lat, lon).expect("on the globe")
    }

    #[test]
    fn the_bundled_roads_lead_round_an_area_while_it_is_closed_and_leave_the_rest_of_the_world_alone() {
        let net = RoadNet::bundled();
        let terms = TruckTerms::default().of(Currency::USD);
        let (charlotte, wilmington) = (place(35.2, -80.8), place(34.2, -77.9));
        let open = haul_way(&terms, Some(&net.roads(&AllOpen)), charlotte, wilmington, Stamp(0));
        let open = open.expect("freeways join the two");
        assert!(open.by_road && open.length_m > 280_000 && open.length_m < 500_000, "{open:?}");
        // Everything about Wilmington is under water for ten hours, and for good.
        let shut = |hours: i64| {
            let circle = Circle::new(wilmington, 60_000.0).expect("a circle");
            let time = Interval { from: Stamp(0), until: Stamp(hours * 3_600_000) };
            ClosedRoads::areas(vec![(Area::Circle(circle), time)])
        };
        let ten = shut(10);
        let late = haul_way(&terms, Some(&net.roads(&ten)), charlotte, wilmington, Stamp(0));
        let late = late.expect("it waits");
        assert!(late.arrive > open.arrive && late.waited > Span(0), "{late:?}");
        let week = shut(24 * 7);
        let none = haul_way(&terms, Some(&net.roads(&week)), charlotte, wilmington, Stamp(0));
        assert!(matches!(none, Err(NoHaul::NoWay(NoWay::Cut { .. }))), "{none:?}");
        // Nobody knows on the eve what will be closed.
        let eve = week.begun_by(Stamp(-1));
        assert!(haul_way(&terms, Some(&net.roads(&eve)), charlotte, wilmington, Stamp(0)).is_ok());
        // Seoul to Busan is beyond these roads.
        let seoul =
            haul_way(&terms, Some(&net.roads(&week)), place(37.5, 127.0), place(35.2, 129.1), Stamp(0));
        assert!(!seoul.expect("measured by the great circle").by_road);
        assert_eq!(week.closed((charlotte, charlotte), Interval::ALWAYS), vec![]);
    }

    #[test]
    fn an_operators_graph_is_read_in_both_forms_and_what_is_neither_is_refused() {
        let json = r#"{"graph": [{"1": 12.5}, {"0": 12.5}], "nodes": [[35.0, -80.0], [35.1, -80.0]]}"#;
        let text = "holdfast-roads 1\n2 nodes\n35000 -80000\n100 0\n1 edges\n0 1 12500\n";
        for given in [json, text] {
            let net = RoadNet::read(given).unwrap_or_else(|error| panic!("{error}"));
            let terms = TruckTerms { per_km: Some(200), ..TruckTerms::default() }.of(Currency::USD);
            assert_eq!(terms.per_km, 200);
            let way = haul_way(
                &terms,
                Some(&net.roads(&AllOpen)),
                place(35.0, -80.0),
                place(35.1, -80.0),
                Stamp(0),
            );
            assert_eq!(way.expect("they are joined").length_m, 12_500);
            let far = haul_way(
                &terms,
                Some(&net.roads(&AllOpen)),
                place(40.0, -80.0),
                place(35.1, -80.0),
                Stamp(0),
            );
            assert!(matches!(far, Err(NoHaul::OffRoad { .. })), "an own graph has every road that counts");
        }
        assert!(matches!(RoadNet::read("a,b\n1,2\n"), Err(RoadFileError::Form { .. })));
        assert!(matches!(RoadNet::read(r#"{"graph": [], "nodes": [[1, 2]]}"#), Err(RoadFileError::Graph(_))));
    }
}
