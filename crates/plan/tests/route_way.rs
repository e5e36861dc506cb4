//! Ways on random small graphs against a slow search that shares no code with the fast one.

use holdfast_domain::place::Place;
use holdfast_domain::time::Stamp;
use holdfast_plan::route::road::{NodeId, RoadGraph};
use holdfast_plan::route::way::{Interval, Journey, NoWay, find_way};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const NODES: u32 = 7;
const MINUTE: i64 = 60_000;
const LATEST: i64 = 300;

/// A graph of whole-minute roads (1 km a minute) and the minutes in which each is closed.
struct Case {
    graph: RoadGraph,
    closed: Vec<Vec<(i64, i64)>>,
}

fn case(seed: u64) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let places = (0..NODES).map(|at| Place::new(10.0 + f64::from(at), 20.0).unwrap()).collect();
    let mut stretches = vec![];
    for _ in 0..rng.random_range(5..14) {
        let mut node = || NodeId(rng.random_range(0..NODES));
        let (a, b) = (node(), node());
        stretches.push((a, b, rng.random_range(0..40) * 1000));
    }
    let graph = RoadGraph::new(places, stretches).unwrap();
    let mut times = || {
        let closures = rng.random_range(0..3);
        (0..closures)
            .map(|_| {
                let from = rng.random_range(-20..120);
                let minutes = if rng.random_range(0..4) == 0 { 1000 } else { rng.random_range(0..90) };
                (from, from + minutes)
            })
            .collect()
    };
    let closed = graph.edges().iter().map(|_| times()).collect();
    Case { graph, closed }
}

/// Whether the road is free from entering it at `from` for `takes` minutes, at least for a moment.
fn free(closed: &[(i64, i64)], from: i64, takes: i64) -> bool {
    closed.iter().all(|(shut, open)| shut >= open || from + takes.max(1) <= *shut || from >= *open)
}

/// Earliest minute at every node with waiting, by relaxing every road until nothing changes, minute by minute.
fn slow(case: &Case, from: usize) -> Vec<Option<i64>> {
    let mut best: Vec<Option<i64>> = vec![None; NODES as usize];
    best[from] = Some(0);
    loop {
        let before = best.clone();
        for (edge, closed) in case.graph.edges().iter().zip(&case.closed) {
            let takes = i64::from(edge.length_m) / 1000;
            for (a, b) in [(edge.from, edge.to), (edge.to, edge.from)] {
                let Some(here) = best[a.0 as usize] else { continue };
                let leave = (here..=LATEST).find(|leave| free(closed, *leave, takes));
                let Some(there) = leave.map(|leave| leave + takes).filter(|there| *there <= LATEST) else {
                    continue;
                };
                let known = &mut best[b.0 as usize];
                *known = Some(known.map_or(there, |known| known.min(there)));
            }
        }
        if best == before {
            return best;
        }
    }
}

#[test]
fn arrivals_are_the_earliest_and_cuts_are_closed_on_two_thousand_random_graphs() {
    let (mut found, mut cut_off) = (0, 0);
    for seed in 0..2_000 {
        let case = case(seed);
        let by_place = |segment: (Place, Place), _: Interval| -> Vec<Interval> {
            let at = |edge: &&holdfast_plan::route::road::Edge| {
                (case.graph.place(edge.from), case.graph.place(edge.to)) == segment
            };
            let number = case.graph.edges().iter().position(|edge| at(&edge)).unwrap();
            let time = |(from, until): &(i64, i64)| Interval {
                from: Stamp(from * MINUTE),
                until: Stamp(until * MINUTE),
            };
            case.closed[number].iter().map(time).collect()
        };
        let journey =
            Journey { depart: Stamp(0), latest: Stamp(LATEST * MINUTE), speed_kmh: 60, waits: true };
        let expected = slow(&case, 0);
        for to in 0..NODES {
            let way = find_way(&case.graph, NodeId(0), NodeId(to), &journey, &by_place);
            match way {
                Ok(way) => {
                    found += 1;
                    assert_eq!(Some(way.arrive.0 / MINUTE), expected[to as usize], "seed {seed}, node {to}");
                    let metres: u64 =
                        way.edges.iter().map(|edge| u64::from(case.graph.edge(*edge).length_m)).sum();
                    assert_eq!(metres, way.length_m, "seed {seed}, node {to}");
                    let minutes = metres as i64 / 1000 + way.waited.0 as i64 / MINUTE;
                    assert_eq!(minutes, way.arrive.0 / MINUTE, "seed {seed}, node {to}");
                }
                Err(none) => {
                    assert_eq!(expected[to as usize], None, "seed {seed}, node {to}: {none}");
                    if let NoWay::Cut { cut, .. } = none {
                        cut_off += 1;
                        assert!(cut.iter().all(|closed| !closed.closed.is_empty()), "seed {seed}");
                    }
                }
            }
            // Without waiting nothing arrives earlier than with it.
            let hurried = Journey { waits: false, ..journey };
            if let Ok(way) = find_way(&case.graph, NodeId(0), NodeId(to), &hurried, &by_place) {
                assert!(way.arrive.0 / MINUTE >= expected[to as usize].unwrap(), "seed {seed}, node {to}");
                assert_eq!(way.waited.0, 0);
            }
        }
    }
    eprintln!("{found} ways, {cut_off} cuts over seeds 0 to 1999");
    assert!(found > 5_000 && cut_off > 300);
}
