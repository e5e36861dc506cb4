//! The US freeway graph: Miami to Tampa, open and with Hurricane Ian on it.

use std::path::PathBuf;

use holdfast_domain::place::{NAUTICAL_MILE_M, Place};
use holdfast_domain::time::Stamp;
use holdfast_plan::route::road::{GraphFile, NodeId, RoadGraph};
use holdfast_plan::route::way::{AllOpen, Interval, Journey, NoWay, find_way, lengths_m};

const FREEWAYS: &str = include_str!("../../book/data/geo/us_freeways.txt");

fn bundled() -> RoadGraph {
    RoadGraph::from_text(FREEWAYS).unwrap()
}

fn place(lat: f64, lon: f64) -> Place {
    Place::new(lat, lon).unwrap()
}

/// Nearest nodes to the two cities: Miami 25.7617 N 80.1918 W, Tampa 27.9506 N 82.4572 W.
fn ends(graph: &RoadGraph) -> (NodeId, NodeId) {
    let node = |city| {
        let (node, far_m) = graph.nearest(city).unwrap();
        assert!(far_m < 5_000.0, "{far_m} m from a freeway");
        node
    };
    (node(place(25.7617, -80.1918)), node(place(27.9506, -82.4572)))
}

/// The data folder, or `None` after saying what is skipped.
fn data(what: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("HOLDFAST_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("HOLDFAST_STRICT").is_none_or(|v| v != "1"), "no data folder for {what}");
    eprintln!("SKIPPED: {what} (no data folder)");
    None
}

fn journey(depart: &str, hours: i64, waits: bool) -> Journey {
    let depart: Stamp = depart.parse().unwrap();
    Journey { depart, latest: Stamp(depart.0 + hours * 3_600_000), speed_kmh: 90, waits }
}

#[test]
fn miami_to_tampa_is_452_km_of_freeway() {
    let graph = bundled();
    assert_eq!(graph.node_count(), 14_591);
    assert_eq!(graph.edges().len(), 15_595);
    let parts = graph.parts();
    let mut roots: Vec<_> = parts.clone();
    roots.sort_unstable();
    roots.dedup();
    assert_eq!(roots.len(), 3);

    let (miami, tampa) = ends(&graph);
    let way = find_way(&graph, miami, tampa, &journey("2022-09-20T00:00:00Z", 48, false), &AllOpen).unwrap();
    let km = way.length_m as f64 / 1000.0;
    eprintln!("Miami to Tampa {km:.1} km over {} stretches", way.edges.len());
    assert!((451.5..452.5).contains(&km), "{km} km");
    assert_eq!(lengths_m(&graph, miami, |_| false)[tampa.0 as usize], Some(way.length_m));
    // A way is whole: each stretch begins where the one before ends.
    for (at, edge) in way.edges.iter().enumerate() {
        assert_eq!(graph.edge(*edge).other(way.nodes[at]), way.nodes[at + 1]);
    }
}

#[test]
fn the_bundled_text_is_the_published_graph() {
    let Some(folder) = data("the freeway graph") else { return };
    let json = std::fs::read_to_string(folder.join("roads/us_freeway.graphjson")).unwrap();
    let file: GraphFile = serde_json::from_str(&json).unwrap();
    assert_eq!(RoadGraph::from_file(&file).unwrap(), bundled());
}

/// Time, centre and the widest radius of winds of at least `knots` of each fix of a b-deck, metres.
fn fixes(deck: &str, knots: &str) -> Vec<(Stamp, Place, f64)> {
    let mut list = vec![];
    for row in deck.lines() {
        let cells: Vec<&str> = row.split(',').map(str::trim).collect();
        if cells.len() < 17 || cells[11] != knots {
            continue;
        }
        let degrees = |text: &str, minus: char| {
            let number: f64 = text[..text.len() - 1].parse().unwrap();
            if text.ends_with(minus) { -number / 10.0 } else { number / 10.0 }
        };
        let widest = cells[13..17].iter().map(|cell| cell.parse::<f64>().unwrap()).fold(0.0, f64::max);
        let time = cells[2];
        let text = format!("{}-{}-{}T{}:00:00Z", &time[..4], &time[4..6], &time[6..8], &time[8..10]);
        let centre = place(degrees(cells[6], 'S'), degrees(cells[7], 'W'));
        list.push((text.parse().unwrap(), centre, widest * NAUTICAL_MILE_M));
    }
    list
}

#[test]
fn ian_closes_the_way_while_it_is_there_and_for_good_if_every_fix_closes_at_once() {
    let Some(folder) = data("Ian's best track") else { return };
    let deck = std::fs::read_to_string(folder.join("hazards/storms/ian2022-bdeck.dat")).unwrap();
    let graph = bundled();
    let (miami, tampa) = ends(&graph);
    let middle = |(a, b): (Place, Place)| place((a.lat() + b.lat()) / 2.0, (a.lon() + b.lon()) / 2.0);

    // Each fix closes its circle of 50 kt winds for the three hours before and after it.
    let circles = fixes(&deck, "50");
    let by_time = |segment: (Place, Place), _: Interval| -> Vec<Interval> {
        let half = 3 * 3_600_000;
        let near = |(_, centre, reach): &&(Stamp, Place, f64)| middle(segment).distance_m(*centre) <= *reach;
        let time = |(at, _, _): &(Stamp, Place, f64)| Interval {
            from: Stamp(at.0 - half),
            until: Stamp(at.0 + half),
        };
        circles.iter().filter(near).map(time).collect()
    };
    let early =
        find_way(&graph, miami, tampa, &journey("2022-09-26T00:00:00Z", 24, false), &by_time).unwrap();
    assert!((451_500..452_500).contains(&early.length_m), "the straight way is open two days before");
    let during = find_way(&graph, miami, tampa, &journey("2022-09-28T18:00:00Z", 12, false), &by_time);
    let waits = find_way(&graph, miami, tampa, &journey("2022-09-28T18:00:00Z", 72, true), &by_time).unwrap();
    eprintln!(
        "leaving at landfall: {during:?}; waiting {:.1} h, {} m",
        waits.waited.as_hours(),
        waits.length_m
    );
    assert!(during.is_err() || during.unwrap().length_m > 460_000, "no way or a longer one during landfall");

    // Every fix's 50 kt winds at once, for the whole time: no way at all, and the cut is named.
    let all = fixes(&deck, "50");
    let at_once = |segment: (Place, Place), _: Interval| -> Vec<Interval> {
        let hit = all.iter().any(|(_, centre, reach)| middle(segment).distance_m(*centre) <= *reach);
        if hit { vec![Interval::ALWAYS] } else { vec![] }
    };
    let none =
        find_way(&graph, miami, tampa, &journey("2022-09-28T18:00:00Z", 240, true), &at_once).unwrap_err();
    eprintln!("every fix at once: {none}");
    let NoWay::Cut { cut, .. } = none else { panic!("{none}") };
    assert!(!cut.is_empty());
}
