//! The best remaining way through a road graph while stretches of it are closed, by time and by stretch.
//!
//! What closes a stretch is the caller's: [`Closures`] answers, for the two ends of a stretch and a window of
//! time, from when to when it is shut. A way never uses a stretch while it is shut, from entering to leaving it.
//! Where there is no way, the answer is the *cut*: the closed stretches that keep the destination apart.
//!
//! With waiting allowed the arrival is the earliest there is: a later start never arrives before an earlier one
//! (Dijkstra's condition). Without waiting each node is taken at its earliest arrival only; the way found is
//! valid, but one that dawdles until a road opens is not looked for.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use holdfast_domain::place::Place;
use holdfast_domain::time::{Span, Stamp};
use serde::{Deserialize, Serialize};

use super::road::{EdgeId, NodeId, RoadGraph};

/// A stretch of time: from a moment until, and without, another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Interval {
    /// First moment.
    pub from: Stamp,
    /// First moment after it.
    pub until: Stamp,
}

impl Interval {
    /// All of time.
    pub const ALWAYS: Self = Self { from: Stamp(i64::MIN), until: Stamp(i64::MAX) };

    /// Whether the two share a moment.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.from < other.until && other.from < self.until
    }
}

/// What closes roads.
pub trait Closures {
    /// When the stretch between two places is closed within `window`; in any order, overlapping or not.
    fn closed(&self, segment: (Place, Place), window: Interval) -> Vec<Interval>;
}

impl<F: Fn((Place, Place), Interval) -> Vec<Interval>> Closures for F {
    fn closed(&self, segment: (Place, Place), window: Interval) -> Vec<Interval> {
        self(segment, window)
    }
}

/// Nothing is closed.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllOpen;

impl Closures for AllOpen {
    fn closed(&self, _: (Place, Place), _: Interval) -> Vec<Interval> {
        Vec::new()
    }
}

/// How a truck goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Journey {
    /// When it sets out.
    pub depart: Stamp,
    /// When it must have arrived; closures are asked for up to here.
    pub latest: Stamp,
    /// Mean speed, km/h; 0 counts as 1.
    pub speed_kmh: u32,
    /// Whether it may wait at a node until the next stretch opens.
    pub waits: bool,
}

/// A way through the graph.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Way {
    /// Nodes from start to destination.
    pub nodes: Vec<NodeId>,
    /// Stretches between them.
    pub edges: Vec<EdgeId>,
    /// Length, metres.
    pub length_m: u64,
    /// When it arrives.
    pub arrive: Stamp,
    /// Time spent waiting for roads to open.
    pub waited: Span,
}

/// A closed stretch of a cut.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClosedEdge {
    /// The stretch.
    pub edge: EdgeId,
    /// When it is closed within the journey, in order, without overlaps.
    pub closed: Vec<Interval>,
}

/// Why there is no way.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize, Deserialize)]
pub enum NoWay {
    /// Start and destination are not joined even with every road open.
    #[error("find a way: node {} and node {} lie in parts of the graph that no road joins", .from.0, .to.0)]
    Apart {
        /// Start.
        from: NodeId,
        /// Destination.
        to: NodeId,
    },
    /// Closed roads keep them apart, or none is open in time.
    #[error("find a way: {} closed roads keep node {} apart; {reached} nodes can be reached", .cut.len(), .to.0)]
    Cut {
        /// Destination.
        to: NodeId,
        /// Nodes that can be reached in time.
        reached: usize,
        /// The closed stretches between those and the destination's side.
        cut: Vec<ClosedEdge>,
    },
    /// There is a way, but it takes longer than the journey allows.
    #[error("find a way: the roads to node {} are open, but it cannot be reached by {latest}", .to.0)]
    TooLate {
        /// Destination.
        to: NodeId,
        /// When it had to be reached.
        latest: Stamp,
    },
    /// A node that is not of the graph.
    #[error("find a way: node {} is not of this graph of {nodes} nodes", .node.0)]
    NoSuchNode {
        /// The node.
        node: NodeId,
        /// How many there are.
        nodes: usize,
    },
}

/// How a node was reached.
#[derive(Clone, Copy)]
struct Reached {
    arrive: Stamp,
    length_m: u64,
    waited_ms: u64,
    by: Option<EdgeId>,
    done: bool,
}

/// The way that arrives first; of ways that arrive together the shortest, then the one by lower node numbers.
///
/// # Errors
/// [`NoWay`], with the cut where closed roads are the reason.
pub fn find_way(
    graph: &RoadGraph,
    from: NodeId,
    to: NodeId,
    journey: &Journey,
    closures: &impl Closures,
) -> Result<Way, NoWay> {
    for node in [from, to] {
        if node.0 as usize >= graph.node_count() {
            return Err(NoWay::NoSuchNode { node, nodes: graph.node_count() });
        }
    }
    let mut search = Search { graph, journey, closures, closed: vec![None; graph.edges().len()] };
    let reached = search.run(from, Some(to));
    if reached[to.0 as usize].is_some_and(|node| node.done) {
        return Ok(way(graph, &reached, to));
    }
    Err(search.why_not(from, to, &reached))
}

/// The shortest length from one node to every other in metres, `None` where closed roads or the sea lie
/// between; `shut` says which stretches are closed, for the whole time.
#[must_use]
pub fn lengths_m(graph: &RoadGraph, from: NodeId, shut: impl Fn(EdgeId) -> bool) -> Vec<Option<u64>> {
    let mut best: Vec<Option<u64>> = vec![None; graph.node_count()];
    let mut open = BinaryHeap::from([Reverse((0_u64, from))]);
    while let Some(Reverse((length_m, node))) = open.pop() {
        match best.get(node.0 as usize) {
            Some(None) => {}
            _ => continue,
        }
        best[node.0 as usize] = Some(length_m);
        for edge in graph.touching(node).iter().filter(|edge| !shut(**edge)) {
            let stretch = graph.edge(*edge);
            open.push(Reverse((length_m + u64::from(stretch.length_m), stretch.other(node))));
        }
    }
    best
}

struct Search<'a, C> {
    graph: &'a RoadGraph,
    journey: &'a Journey,
    closures: &'a C,
    /// Closed times of the stretches asked for so far.
    closed: Vec<Option<Vec<Interval>>>,
}

impl<C: Closures> Search<'_, C> {
    fn run(&mut self, from: NodeId, to: Option<NodeId>) -> Vec<Option<Reached>> {
        let mut reached: Vec<Option<Reached>> = vec![None; self.graph.node_count()];
        let start = Reached { arrive: self.journey.depart, length_m: 0, waited_ms: 0, by: None, done: false };
        reached[from.0 as usize] = Some(start);
        let mut open = BinaryHeap::from([Reverse((start.arrive, 0_u64, from))]);
        while let Some(Reverse((_, _, node))) = open.pop() {
            let Some(here) = reached[node.0 as usize].filter(|here| !here.done) else { continue };
            reached[node.0 as usize] = Some(Reached { done: true, ..here });
            if to == Some(node) {
                break;
            }
            for edge in self.graph.touching(node) {
                let other = self.graph.edge(*edge).other(node);
                let Some(next) = self.step(*edge, here) else { continue };
                let better = reached[other.0 as usize].is_none_or(|known| {
                    !known.done && (next.arrive, next.length_m) < (known.arrive, known.length_m)
                });
                if better {
                    reached[other.0 as usize] = Some(next);
                    open.push(Reverse((next.arrive, next.length_m, other)));
                }
            }
        }
        reached
    }

    /// Where one stretch leads from `here`, if it is open and the journey is not over.
    fn step(&mut self, edge: EdgeId, here: Reached) -> Option<Reached> {
        let length_m = u64::from(self.graph.edge(edge).length_m);
        let takes = Span((length_m * 3600).div_ceil(u64::from(self.journey.speed_kmh.max(1))));
        let waits = self.journey.waits;
        let mut leave = here.arrive;
        for shut in self.closed_times(edge) {
            // A stretch of no length still has a moment in which it is crossed.
            let on_it = Interval { from: leave, until: leave.after(Span(takes.0.max(1))) };
            if on_it.meets(*shut) {
                if !waits {
                    return None;
                }
                leave = shut.until;
            }
        }
        let arrive = leave.after(takes);
        (arrive <= self.journey.latest).then(|| Reached {
            arrive,
            length_m: here.length_m + length_m,
            waited_ms: here.waited_ms + leave.since(here.arrive).0,
            by: Some(edge),
            done: false,
        })
    }

    /// When a stretch is closed, in order and without overlaps.
    fn closed_times(&mut self, edge: EdgeId) -> &[Interval] {
        let slot = &mut self.closed[edge.0 as usize];
        slot.get_or_insert_with(|| {
            let window = Interval { from: self.journey.depart, until: self.journey.latest };
            in_order(self.closures.closed(self.graph.segment(edge), window))
        })
    }

    fn why_not(&mut self, from: NodeId, to: NodeId, reached: &[Option<Reached>]) -> NoWay {
        let parts = self.graph.parts();
        if parts[from.0 as usize] != parts[to.0 as usize] {
            return NoWay::Apart { from, to };
        }
        let is_reached = |node: NodeId| reached[node.0 as usize].is_some();
        let (mut side, mut open) = (vec![false; self.graph.node_count()], vec![to]);
        side[to.0 as usize] = true;
        let mut border = vec![];
        while let Some(node) = open.pop() {
            for edge in self.graph.touching(node) {
                let other = self.graph.edge(*edge).other(node);
                if is_reached(other) {
                    border.push(*edge);
                } else if !side[other.0 as usize] {
                    side[other.0 as usize] = true;
                    open.push(other);
                }
            }
        }
        border.sort_unstable();
        let cut =
            border.into_iter().map(|edge| ClosedEdge { edge, closed: self.closed_times(edge).to_vec() });
        let cut: Vec<ClosedEdge> = cut.filter(|stretch| !stretch.closed.is_empty()).collect();
        if cut.is_empty() {
            return NoWay::TooLate { to, latest: self.journey.latest };
        }
        NoWay::Cut { to, reached: reached.iter().flatten().count(), cut }
    }
}

/// Sorts, joins what touches, and drops what is empty.
fn in_order(mut times: Vec<Interval>) -> Vec<Interval> {
    times.retain(|time| time.from < time.until);
    times.sort_unstable();
    let mut joined: Vec<Interval> = Vec::with_capacity(times.len());
    for time in times {
        match joined.last_mut() {
            Some(last) if time.from <= last.until => last.until = last.until.max(time.until),
            _ => joined.push(time),
        }
    }
    joined
}

fn way(graph: &RoadGraph, reached: &[Option<Reached>], to: NodeId) -> Way {
    let at = |node: NodeId| reached[node.0 as usize].expect("every node of a way was reached");
    let (mut nodes, mut edges) = (vec![to], vec![]);
    let mut node = to;
    while let Some(edge) = at(node).by {
        node = graph.edge(edge).other(node);
        edges.push(edge);
        nodes.push(node);
    }
    nodes.reverse();
    edges.reverse();
    let last = at(to);
    Way { nodes, edges, length_m: last.length_m, arrive: last.arrive, waited: Span(last.waited_ms) }
}

#[cfg(test)]
mod tests {
    use super::{AllOpen, Interval, Journey, NoWay, find_way, in_order, lengths_m};
    use crate::route::road::{NodeId, RoadGraph};
    use holdfast_domain::place::Place;
    use holdfast_domain::time::{Span, Stamp};

    /// A ring of four nodes, 10 km a side, and a fifth node apart. Node 0 to 2 by 1 or by 3, a bit longer by 3.
    fn ring() -> RoadGraph {
        let place = |lon: f64| Place::new(30.0, lon).unwrap();
        let places = (0..5).map(|at| place(-80.0 + f64::from(at))).collect();
        let side = |a, b, m| (NodeId(a), NodeId(b), m);
        RoadGraph::new(
            places,
            [side(0, 1, 10_000), side(1, 2, 10_000), side(2, 3, 10_000), side(3, 0, 11_000)],
        )
        .unwrap()
    }

    fn journey(waits: bool) -> Journey {
        Journey { depart: Stamp(0), latest: Stamp(36_000_000), speed_kmh: 60, waits }
    }

    /// Closes the stretch whose ends lie at these longitudes, for so many minutes.
    fn shut(at: (f64, f64), minutes: (i64, i64)) -> impl Fn((Place, Place), Interval) -> Vec<Interval> {
        move |segment, _| {
            let ends = (segment.0.lon(), segment.1.lon());
            let time = Interval { from: Stamp(minutes.0 * 60_000), until: Stamp(minutes.1 * 60_000) };
            if ends == at { vec![time] } else { vec![] }
        }
    }

    #[test]
    fn the_shortest_way_and_a_detour_while_it_is_closed() {
        let graph = ring();
        let open = find_way(&graph, NodeId(0), NodeId(2), &journey(false), &AllOpen).unwrap();
        assert_eq!((open.length_m, open.arrive), (20_000, Stamp(20 * 60_000)));
        // From minute 15 to 40 the stretch 1-2 is shut; the truck would be on it from minute 10 to 20.
        let closed = shut((-79.0, -78.0), (15, 40));
        let around = find_way(&graph, NodeId(0), NodeId(2), &journey(false), &closed).unwrap();
        assert_eq!(around.nodes, vec![NodeId(0), NodeId(3), NodeId(2)]);
        assert_eq!(around.length_m, 21_000);
        // Shut only after the truck has left it.
        let later = find_way(&graph, NodeId(0), NodeId(2), &journey(false), &shut((-79.0, -78.0), (20, 40)));
        assert_eq!(later.unwrap().length_m, 20_000);
    }

    #[test]
    fn waiting_is_worth_it_only_when_it_is_allowed_and_shorter() {
        let graph = ring();
        let both = |segment: (Place, Place), window| {
            let mut times = shut((-79.0, -78.0), (5, 12))(segment, window);
            times.extend(shut((-78.0, -77.0), (0, 600))(segment, window));
            times
        };
        let waited = find_way(&graph, NodeId(0), NodeId(2), &journey(true), &both).unwrap();
        assert_eq!((waited.waited, waited.arrive), (Span::minutes(2), Stamp(22 * 60_000)));
        let refused = find_way(&graph, NodeId(0), NodeId(2), &journey(false), &both).unwrap_err();
        let NoWay::Cut { cut, reached, .. } = refused else { panic!("{refused}") };
        assert_eq!((cut.len(), reached), (2, 3), "both ways to node 2 are named");
    }

    #[test]
    fn a_cut_names_every_closed_road_into_the_destinations_side() {
        // Node 0 - 1 - 2 - 3 in a row, and a second road 0 - 2 that is closed as well as 0 - 1.
        let place = |at: u32| Place::new(30.0, -80.0 + f64::from(at)).unwrap();
        let side = |a, b| (NodeId(a), NodeId(b), 10_000);
        let graph =
            RoadGraph::new((0..4).map(place).collect(), [side(0, 1), side(1, 2), side(2, 3), side(0, 2)])
                .unwrap();
        let shut = |segment: (Place, Place), _: Interval| {
            if segment.0 == place(0) { vec![Interval::ALWAYS] } else { vec![] }
        };
        let none = find_way(&graph, NodeId(0), NodeId(3), &journey(true), &shut).unwrap_err();
        let NoWay::Cut { cut, reached, .. } = none else { panic!("{none}") };
        let ends: Vec<_> = cut.iter().map(|closed| graph.edge(closed.edge).to).collect();
        assert_eq!((ends, reached), (vec![NodeId(1), NodeId(2)], 1));
    }

    #[test]
    fn no_way_says_why() {
        let graph = ring();
        let apart = find_way(&graph, NodeId(0), NodeId(4), &journey(true), &AllOpen).unwrap_err();
        assert_eq!(apart, NoWay::Apart { from: NodeId(0), to: NodeId(4) });
        let hurry = Journey { latest: Stamp(60_000), ..journey(true) };
        let late = find_way(&graph, NodeId(0), NodeId(2), &hurry, &AllOpen).unwrap_err();
        assert!(matches!(late, NoWay::TooLate { .. }), "{late}");
        let foreign = find_way(&graph, NodeId(0), NodeId(9), &hurry, &AllOpen).unwrap_err();
        assert!(matches!(foreign, NoWay::NoSuchNode { .. }), "{foreign}");
    }

    #[test]
    fn overlapping_closures_are_one() {
        let time = |from, until| Interval { from: Stamp(from), until: Stamp(until) };
        let joined = in_order(vec![time(5, 9), time(0, 2), time(2, 4), time(6, 7), time(3, 3)]);
        assert_eq!(joined, vec![time(0, 4), time(5, 9)]);
    }

    #[test]
    fn lengths_go_around_what_is_shut() {
        let graph = ring();
        let all = lengths_m(&graph, NodeId(0), |_| false);
        assert_eq!(all, vec![Some(0), Some(10_000), Some(20_000), Some(11_000), None]);
        let shut = lengths_m(&graph, NodeId(0), |edge| graph.edge(edge).from == NodeId(0));
        assert_eq!(shut, vec![Some(0), None, None, None, None]);
    }
}
