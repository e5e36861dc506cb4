//! Line-haul: a truck between two sites, or to a hub, by the best way that is left.
//!
//! With a road graph the way goes round what is closed while the truck would be there, and where closed roads leave no
//! way the answer says so. Without one the length is the great circle times a stated factor, and closed roads cannot
//! be seen: the answer says that too ([`HaulWay::by_road`]).

use holdfast_domain::money::Currency;
use holdfast_domain::place::Place;
use holdfast_domain::time::{Span, Stamp};
use serde::{Deserialize, Serialize};

use super::road::RoadGraph;
use super::way::{AllOpen, Closures, Interval, Journey, NoWay, find_way};

/// How the operator's trucks go, and what they cost in the operator's minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HaulTerms {
    /// Mean speed, km/h; 0 counts as 1.
    pub speed_kmh: u32,
    /// From the decision to the truck's leaving.
    pub loading: Span,
    /// From its arrival until the goods can be picked.
    pub unloading: Span,
    /// Longest journey that is worth sending, loading and unloading aside.
    pub longest: Span,
    /// Road length over the great circle where no road graph is given, in thousandths.
    pub detour_permille: u32,
    /// Cost of each kilometre.
    pub per_km: i64,
    /// Cost of the trip besides its kilometres.
    pub fixed: i64,
    /// Kilograms the cost of a trip is shared by: a truck's usual load.
    pub load_kg: u32,
    /// Cost of taking a unit out of one site's shelves and into another's.
    pub per_unit: i64,
}

impl HaulTerms {
    /// Terms assumed where the operator gives none: 70 km/h, two hours at either end, two days at most, roads a
    /// quarter longer than the great circle; a usual load of eight tonnes at 1.40 dollars a kilometre and 150 dollars
    /// a trip, and 20 cents a unit (in won 1,800, 200,000 and 260).
    #[must_use]
    pub fn assumed(currency: Currency) -> Self {
        let (per_km, fixed, per_unit) =
            if currency == Currency::KRW { (1_800, 200_000, 260) } else { (140, 15_000, 20) };
        Self {
            speed_kmh: 70,
            loading: Span::hours(2),
            unloading: Span::hours(2),
            longest: Span::hours(48),
            detour_permille: 1_250,
            per_km,
            fixed,
            load_kg: 8_000,
            per_unit,
        }
    }

    /// What each kilogram bears of a trip of this length, rounded up.
    #[must_use]
    pub fn per_kg(&self, length_m: u64) -> i64 {
        let metres = i64::try_from(length_m).unwrap_or(i64::MAX);
        let trip = self.fixed.saturating_add(self.per_km.saturating_mul(metres) / 1000 + 1);
        let load = i64::from(self.load_kg.max(1));
        trip / load + i64::from(trip % load > 0)
    }
}

/// Roads with what closes them.
#[derive(Clone, Copy)]
pub struct Roads<'a> {
    /// The roads.
    pub graph: &'a RoadGraph,
    /// What is closed, and when.
    pub closures: &'a (dyn Closures + Sync),
    /// A place farther than this from every road is not joined to them, metres.
    pub access_m: f64,
    /// What holds for such a place.
    pub off_graph: OffGraph,
}

/// What holds for a place that lies off every road of a graph.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OffGraph {
    /// No truck goes there: the graph is the operator's own and has every road that counts.
    #[default]
    NoTruck,
    /// The graph covers a part of the world only: the way is measured as without one, and closed roads are not seen.
    GreatCircle,
}

impl core::fmt::Debug for Roads<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Roads").field("nodes", &self.graph.node_count()).finish_non_exhaustive()
    }
}

/// The way a truck takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HaulWay {
    /// Length, metres, with the stretches from the places to the road and back.
    pub length_m: u64,
    /// Length with every road open; the same without a road graph.
    pub open_length_m: u64,
    /// When it leaves.
    pub depart: Stamp,
    /// When it arrives.
    pub arrive: Stamp,
    /// Time spent waiting for roads to open.
    pub waited: Span,
    /// Whether a road graph was asked; if not, closed roads are not seen.
    pub by_road: bool,
}

/// Why no truck can go.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize, Deserialize)]
pub enum NoHaul {
    /// No road near one end.
    #[error("find a way for a truck: the nearest road is {metres} m off")]
    OffRoad {
        /// Metres to the nearest road.
        metres: u64,
    },
    /// The roads there are do not lead there in time.
    #[error(transparent)]
    NoWay(#[from] NoWay),
    /// Farther than a truck is sent.
    #[error("find a way for a truck: {length_m} m take longer than the {hours} hours allowed")]
    TooFar {
        /// Length, metres.
        length_m: u64,
        /// Longest journey, whole hours.
        hours: u64,
    },
}

impl NoHaul {
    /// A stable code of the reason.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OffRoad { .. } => "off_road",
            Self::NoWay(NoWay::Cut { .. }) => "roads_closed",
            Self::NoWay(NoWay::Apart { .. } | NoWay::NoSuchNode { .. }) => "no_road",
            Self::NoWay(NoWay::TooLate { .. }) => "too_late",
            Self::TooFar { .. } => "too_far",
        }
    }
}

/// The best way for a truck that may leave at `depart`.
///
/// # Errors
/// [`NoHaul`]: where roads are closed, with the cut.
///
/// ```
/// use holdfast_domain::{money::Currency, place::Place, time::{Span, Stamp}};
/// use holdfast_plan::route::haul::{HaulTerms, haul_way};
/// let (charlotte, memphis) = (Place::new(35.2, -80.8).unwrap(), Place::new(35.1, -90.0).unwrap());
/// let way = haul_way(&HaulTerms::assumed(Currency::USD), None, charlotte, memphis, Stamp(0)).unwrap();
/// assert!(!way.by_road && way.length_m > 1_000_000 && way.arrive > Stamp(0).after(Span::hours(14)));
/// ```
pub fn haul_way(
    terms: &HaulTerms,
    roads: Option<&Roads<'_>>,
    from: Place,
    to: Place,
    depart: Stamp,
) -> Result<HaulWay, NoHaul> {
    let takes = |length_m: u64| Span((length_m * 3600).div_ceil(u64::from(terms.speed_kmh.max(1))));
    let detour = |metres: f64| (metres * f64::from(terms.detour_permille) / 1000.0).round() as u64;
    let off = |roads: &Roads<'_>| {
        let near = |place| roads.graph.nearest(place).is_some_and(|(_, metres)| metres <= roads.access_m);
        roads.off_graph == OffGraph::GreatCircle && !(near(from) && near(to))
    };
    let Some(roads) = roads.filter(|roads| !off(roads)) else {
        let length_m = detour(from.distance_m(to));
        if takes(length_m) > terms.longest {
            return Err(NoHaul::TooFar { length_m, hours: terms.longest.0 / 3_600_000 });
        }
        let arrive = depart.after(takes(length_m));
        let waited = Span(0);
        return Ok(HaulWay { length_m, open_length_m: length_m, depart, arrive, waited, by_road: false });
    };
    let node = |place: Place| match roads.graph.nearest(place) {
        Some((node, metres)) if metres <= roads.access_m => Ok((node, detour(metres))),
        Some((_, metres)) => Err(NoHaul::OffRoad { metres: metres.round() as u64 }),
        None => Err(NoHaul::OffRoad { metres: u64::MAX }),
    };
    let ((start, before_m), (end, after_m)) = (node(from)?, node(to)?);
    let on_road = depart.after(takes(before_m));
    let journey = Journey {
        depart: on_road,
        latest: depart.after(terms.longest),
        speed_kmh: terms.speed_kmh,
        waits: true,
    };
    let closed = |segment: (Place, Place), window: Interval| roads.closures.closed(segment, window);
    let way = find_way(roads.graph, start, end, &journey, &closed)?;
    // With every road open there is a way if there is one with some closed.
    let open_m =
        find_way(roads.graph, start, end, &journey, &AllOpen).map_or(way.length_m, |open| open.length_m);
    Ok(HaulWay {
        length_m: before_m + way.length_m + after_m,
        open_length_m: before_m + open_m + after_m,
        depart,
        arrive: way.arrive.after(takes(after_m)),
        waited: way.waited,
        by_road: true,
    })
}

#[cfg(test)]
mod tests {
    use super::{HaulTerms, NoHaul, OffGraph, Roads, haul_way};
    use crate::route::road::{NodeId, RoadGraph};
    use crate::route::way::{AllOpen, Interval, NoWay};
    use holdfast_domain::money::Currency;
    use holdfast_domain::place::Place;
    use holdfast_domain::time::{Span, Stamp};

    fn place(lon: f64) -> Place {
        Place::new(30.0, lon).unwrap()
    }

    /// Two roads from node 0 to node 3: by 1 (200 km) and by 2 (300 km).
    fn graph() -> RoadGraph {
        let places = [-80.0, -79.5, -79.4, -79.0].map(place).to_vec();
        let road = |a, b, km: u32| (NodeId(a), NodeId(b), km * 1000);
        RoadGraph::new(places, [road(0, 1, 100), road(1, 3, 100), road(0, 2, 150), road(2, 3, 150)]).unwrap()
    }

    fn terms() -> HaulTerms {
        HaulTerms { speed_kmh: 50, longest: Span::hours(10), ..HaulTerms::assumed(Currency::USD) }
    }

    #[test]
    fn a_truck_goes_round_what_is_closed_waits_where_that_is_sooner_and_says_when_there_is_no_way() {
        let graph = graph();
        let ask = |hours: i64, both: bool| {
            let shut = move |segment: (Place, Place), _: Interval| {
                let first = (segment.0.lon(), segment.1.lon()) == (-80.0, -79.5);
                let until = Stamp(hours * 3_600_000);
                if first || both { vec![Interval { from: Stamp(0), until }] } else { vec![] }
            };
            let roads =
                Roads { graph: &graph, closures: &shut, access_m: 1000.0, off_graph: OffGraph::NoTruck };
            haul_way(&terms(), Some(&roads), place(-80.0), place(-79.0), Stamp(0))
        };
        let free = ask(0, false).unwrap();
        assert_eq!((free.length_m, free.arrive), (200_000, Stamp(4 * 3_600_000)));
        let round = ask(5, false).unwrap();
        assert_eq!((round.length_m, round.open_length_m, round.waited), (300_000, 200_000, Span(0)));
        let waits = ask(1, false).unwrap();
        assert_eq!((waits.length_m, waits.waited), (200_000, Span::hours(1)));
        let none = ask(1000, true).unwrap_err();
        assert!(matches!(none, NoHaul::NoWay(NoWay::Cut { .. })), "{none}");
    }

    #[test]
    fn without_roads_the_length_is_the_great_circle_with_its_factor() {
        let (from, to) = (place(-80.0), place(-79.0));
        let way = haul_way(&terms(), None, from, to, Stamp(0)).unwrap();
        assert_eq!(way.length_m, (from.distance_m(to) * 1.25).round() as u64);
        let far = haul_way(&terms(), None, from, place(100.0), Stamp(0));
        assert!(matches!(far, Err(NoHaul::TooFar { .. })), "{far:?}");
        let graph = graph();
        let roads =
            Roads { graph: &graph, closures: &AllOpen, access_m: 1000.0, off_graph: OffGraph::NoTruck };
        let off = haul_way(&terms(), Some(&roads), place(-70.0), to, Stamp(0));
        assert!(matches!(off, Err(NoHaul::OffRoad { .. })), "{off:?}");
        // A graph of a part of the world leaves the rest to the great circle, and says that it was not asked.
        let part = Roads { off_graph: OffGraph::GreatCircle, ..roads };
        let beside = haul_way(&terms(), Some(&part), place(-79.6), to, Stamp(0)).unwrap();
        assert!(!beside.by_road && beside.length_m < 100_000, "{beside:?}");
        assert!(haul_way(&terms(), Some(&part), from, to, Stamp(0)).unwrap().by_road);
    }

    #[test]
    fn a_trip_is_shared_by_its_usual_load() {
        // 1,000 km at 1.40 dollars and 150 for the trip are 1,550.01 dollars, over 8,000 kg: 19.4 cents, so 20.
        assert_eq!(HaulTerms::assumed(Currency::USD).per_kg(1_000_000), 20);
    }
}
