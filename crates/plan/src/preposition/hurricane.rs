//! Rawls and Turnquist's hurricane case as a file: cities, roads, storms and scenarios.
//!
//! The file's shape is plain data for a deserialiser of the caller's choice; [`HurricaneCase::problem`] checks
//! every reference and turns it into a [`SitingProblem`]. Link lengths are not in print: each is its great-circle
//! length times [`ROAD_FACTOR`]. Roads a storm cuts are gone in its scenarios, storms of one scenario add their
//! demands, and stock at a place of landfall survives in the share the file gives.

use super::check;
use super::outlook::{Good, Outlook};
use super::siting::{self, SitingProblem, Size};
use crate::facility::read::shortest_paths;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Road length over great-circle length.
pub const ROAD_FACTOR: f64 = 1.2;
/// Mean radius of the earth in statute miles.
const EARTH_RADIUS_MILES: f64 = 3_958.8;
/// The most nodes, storms or scenarios a case may have.
pub const MAX_ENTRIES: usize = 1_000;

/// The file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct HurricaneCase {
    /// Names of the goods.
    pub commodities: Vec<String>,
    /// By good: cost of a unit.
    pub unit_cost_usd: Vec<f64>,
    /// By good: room a unit takes.
    pub unit_volume_ft3: Vec<f64>,
    /// By good: transport.
    pub transport_usd_per_unit_mile: Vec<f64>,
    /// By size: cost of a depot.
    pub facility_fixed_usd: BTreeMap<String, f64>,
    /// By size: room of a depot.
    pub facility_capacity_ft3: BTreeMap<String, f64>,
    /// A unit short costs so many times its price.
    pub shortage_penalty_times_unit_cost: f64,
    /// A unit left over costs so many times its price.
    pub holding_of_unused_times_unit_cost: f64,
    /// What a storm leaves of stock where it makes landfall.
    pub stock_surviving_at_landfall_node: Surviving,
    /// The cities.
    pub nodes: Vec<Node>,
    /// The roads.
    pub arcs: Vec<Arc>,
    /// The storms.
    pub hurricanes: Vec<Hurricane>,
    /// Which storms come together, and how likely.
    pub scenarios: Vec<CaseScenario>,
}

/// What a storm leaves of stock where it makes landfall, as a share.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Surviving {
    /// Storms of category 1 and 2.
    pub category_below_3: f64,
    /// Storms of category 3 and more.
    pub category_3_and_above: f64,
}

/// A city.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Node {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
}

/// A road both ways.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Arc {
    /// One end.
    pub a: u32,
    /// The other.
    pub b: u32,
}

/// A storm.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Hurricane {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Saffir-Simpson category.
    pub category: u8,
    /// Where stock suffers.
    pub landfall_nodes: Vec<u32>,
    /// Roads it cuts.
    pub cut_arcs: Vec<[u32; 2]>,
    /// By node number: demand by good.
    pub demand: BTreeMap<String, Vec<f64>>,
}

/// Storms that come together.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CaseScenario {
    /// Numbers of storms; none in a quiet season.
    pub hurricanes: Vec<u32>,
    /// How likely.
    pub probability: f64,
}

/// Why a case does not hold together.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CaseError {
    /// A list with another length than it needs, or over the limit.
    #[error("use {list} with {found} entries: it needs {expected}")]
    Length {
        /// The list.
        list: &'static str,
        /// What it has.
        found: usize,
        /// What it needs.
        expected: String,
    },
    /// A reference to something that is not there.
    #[error("find {what} {name:?} named by {place}: add it or correct the reference")]
    Unknown {
        /// Node, storm, road or size.
        what: &'static str,
        /// Its name or number.
        name: String,
        /// Where it is named.
        place: String,
    },
    /// A number out of its range.
    #[error("use {} as {field}: give a number {range}", shown(*value))]
    Number {
        /// What it is.
        field: String,
        /// The value.
        value: f64,
        /// What is accepted.
        range: &'static str,
    },
}

/// A number for people: three hundred digits tell nobody more than its power of ten.
fn shown(value: f64) -> String {
    if value.abs() < 1e15 { value.to_string() } else { format!("{value:e}") }
}

fn number(
    field: impl Fn() -> String,
    value: f64,
    least: f64,
    most: f64,
    range: &'static str,
) -> Result<(), CaseError> {
    if value.is_finite() && value >= least && value <= most {
        Ok(())
    } else {
        Err(CaseError::Number { field: field(), value, range })
    }
}

fn length(list: &'static str, found: usize, expected: usize) -> Result<(), CaseError> {
    if found == expected {
        Ok(())
    } else {
        Err(CaseError::Length { list, found, expected: expected.to_string() })
    }
}

impl HurricaneCase {
    /// The two-stage problem of this case.
    ///
    /// # Errors
    /// [`CaseError`] for lists that do not fit, references into nothing and numbers out of range.
    pub fn problem(&self) -> Result<SitingProblem, CaseError> {
        self.check_lengths()?;
        let place: BTreeMap<u32, usize> =
            self.nodes.iter().enumerate().map(|(i, node)| (node.id, i)).collect();
        length("nodes with different ids", place.len(), self.nodes.len())?;
        let sizes = self.sizes()?;
        let roads = self.roads(&place)?;
        let outlooks: Vec<Season> = self
            .scenarios
            .iter()
            .enumerate()
            .map(|(s, _)| self.season(s, &place, &roads))
            .collect::<Result<_, _>>()?;
        let goods = (0..self.commodities.len()).map(|good| self.good(good, &outlooks)).collect();
        Ok(SitingProblem {
            goods,
            unit_cost: self.unit_cost_usd.clone(),
            volume: self.unit_volume_ft3.clone(),
            sizes,
        })
    }

    fn check_lengths(&self) -> Result<(), CaseError> {
        let goods = self.commodities.len();
        for (list, found) in
            [("commodities", goods), ("nodes", self.nodes.len()), ("scenarios", self.scenarios.len())]
        {
            if found == 0 || found > MAX_ENTRIES {
                return Err(CaseError::Length { list, found, expected: format!("1 to {MAX_ENTRIES}") });
            }
        }
        length("unit_cost_usd", self.unit_cost_usd.len(), goods)?;
        length("unit_volume_ft3", self.unit_volume_ft3.len(), goods)?;
        length("transport_usd_per_unit_mile", self.transport_usd_per_unit_mile.len(), goods)?;
        let tables = [&self.unit_cost_usd, &self.unit_volume_ft3, &self.transport_usd_per_unit_mile];
        for value in tables.into_iter().flatten() {
            number(
                || "cost, volume or transport of a good".to_owned(),
                *value,
                1e-9,
                1e12,
                "over 0, to 10^12",
            )?;
        }
        let times = [self.shortage_penalty_times_unit_cost, self.holding_of_unused_times_unit_cost];
        for value in times {
            number(|| "shortage or holding, times unit cost".to_owned(), value, 0.0, 1e6, "of 0 to 10^6")?;
        }
        let left = self.stock_surviving_at_landfall_node;
        for value in [left.category_below_3, left.category_3_and_above] {
            number(|| "share of stock surviving".to_owned(), value, 0.0, 1.0, "of 0 to 1")?;
        }
        for scenario in &self.scenarios {
            number(|| "probability of a scenario".to_owned(), scenario.probability, 0.0, 1.0, "of 0 to 1")?;
        }
        let whole: f64 = self.scenarios.iter().map(|scenario| scenario.probability).sum();
        let near = "within 0.01 of 1: add the scenario that is missing, or mend one";
        number(|| "sum of the scenarios' probabilities".to_owned(), whole, 0.99, 1.01, near)?;
        for node in &self.nodes {
            // Whoever swaps the two learns it here: a longitude is often no latitude.
            let range = if node.lon.abs() <= 90.0 && (-180.0..=180.0).contains(&node.lat) {
                "of -90 to 90; are latitude and longitude swapped?"
            } else {
                "of -90 to 90"
            };
            number(|| format!("latitude of {}", node.name), node.lat, -90.0, 90.0, range)?;
            number(|| format!("longitude of {}", node.name), node.lon, -180.0, 180.0, "of -180 to 180")?;
        }
        Ok(())
    }

    fn sizes(&self) -> Result<Vec<Size>, CaseError> {
        let mut sizes = Vec::new();
        for (name, fixed) in &self.facility_fixed_usd {
            let room = self.facility_capacity_ft3.get(name).ok_or_else(|| CaseError::Unknown {
                what: "size",
                name: name.clone(),
                place: "facility_fixed_usd, in facility_capacity_ft3".to_owned(),
            })?;
            number(|| format!("cost of a {name} depot"), *fixed, 0.0, 1e12, "of 0 to 10^12")?;
            number(|| format!("room of a {name} depot"), *room, 1e-6, 1e12, "over 0")?;
            sizes.push(Size { name: name.clone(), fixed: *fixed, room: *room });
        }
        sizes.sort_by(|a, b| a.room.total_cmp(&b.room));
        if sizes.is_empty() {
            return Err(CaseError::Length {
                list: "facility_fixed_usd",
                found: 0,
                expected: "1 or more".to_owned(),
            });
        }
        Ok(sizes)
    }

    fn node(
        &self,
        places: &BTreeMap<u32, usize>,
        id: u32,
        at: impl Fn() -> String,
    ) -> Result<usize, CaseError> {
        let unknown = || CaseError::Unknown { what: "node", name: id.to_string(), place: at() };
        places.get(&id).copied().ok_or_else(unknown)
    }

    /// Miles of each road, a square table, infinite where there is none.
    fn roads(&self, places: &BTreeMap<u32, usize>) -> Result<Vec<f64>, CaseError> {
        let nodes = self.nodes.len();
        let mut miles = vec![f64::INFINITY; nodes * nodes];
        for arc in &self.arcs {
            let a = self.node(places, arc.a, || "an arc".to_owned())?;
            let b = self.node(places, arc.b, || "an arc".to_owned())?;
            let long = great_circle_miles(&self.nodes[a], &self.nodes[b]) * ROAD_FACTOR;
            miles[a * nodes + b] = long;
            miles[b * nodes + a] = long;
        }
        Ok(miles)
    }

    fn season(
        &self,
        index: usize,
        places: &BTreeMap<u32, usize>,
        roads: &[f64],
    ) -> Result<Season, CaseError> {
        let nodes = self.nodes.len();
        let mut season = Season {
            probability: self.scenarios[index].probability,
            survives: vec![1.0; nodes],
            demand: vec![vec![0.0; nodes]; self.commodities.len()],
            miles: Vec::new(),
        };
        let mut open = roads.to_vec();
        for id in &self.scenarios[index].hurricanes {
            let storm =
                self.hurricanes.iter().find(|storm| storm.id == *id).ok_or_else(|| CaseError::Unknown {
                    what: "hurricane",
                    name: id.to_string(),
                    place: format!("scenario {}", index + 1),
                })?;
            let at = || format!("hurricane {}", storm.name);
            let left = self.stock_surviving_at_landfall_node;
            let left = if storm.category < 3 { left.category_below_3 } else { left.category_3_and_above };
            for node in &storm.landfall_nodes {
                let node = self.node(places, *node, at)?;
                season.survives[node] = season.survives[node].min(left);
            }
            for [a, b] in &storm.cut_arcs {
                let (a, b) = (self.node(places, *a, at)?, self.node(places, *b, at)?);
                if roads[a * nodes + b].is_infinite() {
                    let name = format!("{} - {}", self.nodes[a].name, self.nodes[b].name);
                    return Err(CaseError::Unknown { what: "road", name, place: at() });
                }
                open[a * nodes + b] = f64::INFINITY;
                open[b * nodes + a] = f64::INFINITY;
            }
            for (node, units) in &storm.demand {
                let unknown = || CaseError::Unknown { what: "node", name: node.clone(), place: at() };
                let node = self.node(places, node.parse().map_err(|_| unknown())?, at)?;
                length("demand of a node", units.len(), self.commodities.len())?;
                for (good, units) in units.iter().enumerate() {
                    number(|| format!("demand in {}", at()), *units, 0.0, 1e12, "of 0 to 10^12")?;
                    season.demand[good][node] += units;
                }
            }
        }
        season.miles = shortest_paths(&open, nodes);
        Ok(season)
    }

    fn good(&self, good: usize, seasons: &[Season]) -> Good {
        let price = self.unit_cost_usd[good];
        let outlooks = seasons.iter().map(|season| {
            let sinks: Vec<usize> =
                (0..self.nodes.len()).filter(|node| season.demand[good][*node] > 0.0).collect();
            let per_mile = self.transport_usd_per_unit_mile[good];
            let row =
                |miles: &Vec<f64>| sinks.iter().map(|sink| miles[*sink] * per_mile).collect::<Vec<f64>>();
            Outlook {
                probability: season.probability,
                survives: season.survives.clone(),
                demand: sinks.iter().map(|sink| season.demand[good][*sink]).collect(),
                unit_cost: season.miles.iter().flat_map(row).collect(),
                unserved: vec![price * self.shortage_penalty_times_unit_cost; sinks.len()],
            }
        });
        Good {
            held: vec![0.0; self.nodes.len()],
            holding: price * self.holding_of_unused_times_unit_cost,
            outlooks: outlooks.collect(),
        }
    }
}

/// What `holdfast preposition` says about a case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrepositionAnswer {
    /// Depots, stock and expected second stage, in the case's money.
    pub cost: f64,
    /// No plan costs less.
    pub lower_bound: f64,
    /// `(cost - lower_bound) / cost`.
    pub gap: f64,
    /// The depots opened.
    pub depots: Vec<Depot>,
    /// By good: name and units laid down in all.
    pub stock: Vec<(String, f64)>,
    /// Rounds of the primal-dual method.
    pub rounds: u64,
    /// What the checker, which shares no code with the solver, objects to; empty when all is well.
    pub violations: Vec<String>,
}

/// One depot and what lies in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Depot {
    /// The city.
    pub node: String,
    /// Its size.
    pub size: String,
    /// By good: units.
    pub stock: Vec<f64>,
}

/// `holdfast preposition FILE`: solves a case and checks its plan.
///
/// # Errors
/// [`CaseError`] where the case does not hold together.
pub fn answer(case: &HurricaneCase, trials: u32) -> Result<PrepositionAnswer, CaseError> {
    let problem = case.problem()?;
    let plan = siting::solve(&problem, trials);
    let depots = plan.depots.iter().enumerate().filter_map(|(place, size)| {
        size.map(|size| Depot {
            node: case.nodes[place].name.clone(),
            size: problem.sizes[size].name.clone(),
            stock: plan.stock.iter().map(|stock| stock[place]).collect(),
        })
    });
    let total = |stock: &Vec<f64>| stock.iter().sum::<f64>();
    Ok(PrepositionAnswer {
        cost: plan.cost,
        lower_bound: plan.lower_bound,
        gap: plan.gap,
        depots: depots.collect(),
        stock: case.commodities.iter().cloned().zip(plan.stock.iter().map(total)).collect(),
        rounds: plan.rounds,
        violations: check::siting(&problem, &plan).iter().map(ToString::to_string).collect(),
    })
}

/// One scenario with the storms put together.
struct Season {
    probability: f64,
    survives: Vec<f64>,
    demand: Vec<Vec<f64>>,
    miles: Vec<Vec<f64>>,
}

fn great_circle_miles(a: &Node, b: &Node) -> f64 {
    let (north, south) = (a.lat.to_radians(), b.lat.to_radians());
    let (rise, turn) = ((south - north) / 2.0, (b.lon - a.lon).to_radians() / 2.0);
    let h = rise.sin().powi(2) + north.cos() * south.cos() * turn.sin().powi(2);
    2.0 * EARTH_RADIUS_MILES * h.sqrt().min(1.0).asin()
}
