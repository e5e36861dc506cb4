//! A road graph: places joined by stretches of road, each with its length.
//!
//! Roads run both ways, a stretch from a node to itself does not exist, and between two nodes only the
//! shortest stretch is kept. Nodes keep the numbers they were given, so a node never shifts. Searching the
//! graph while parts of it are closed is in [`super::way`].

use std::collections::BTreeMap;

use holdfast_domain::place::Place;
use serde::{Deserialize, Serialize};

/// A node of the graph, by its position.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub u32);

/// A stretch of road between two nodes, by its position.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EdgeId(pub u32);

/// A stretch of road.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Edge {
    /// One end; the lower number.
    pub from: NodeId,
    /// The other end.
    pub to: NodeId,
    /// Length, metres.
    pub length_m: u32,
}

impl Edge {
    /// The end that is not `node`.
    #[must_use]
    pub fn other(&self, node: NodeId) -> NodeId {
        if self.from == node { self.to } else { self.from }
    }
}

/// The graph as graphjson has it, before it is checked: for each node its neighbours by number with the length
/// in kilometres, and its latitude and longitude. Any self-describing serde format gives it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GraphFile {
    /// Neighbours of each node and kilometres to them.
    pub graph: Vec<BTreeMap<String, f64>>,
    /// Latitude and longitude of each node, degrees.
    pub nodes: Vec<(f64, f64)>,
}

/// Why a road graph could not be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RoadError {
    /// The two lists of a graph file differ in length.
    #[error(
        "read road graph: {places} places but {rows} rows of neighbours; give one of each for every node"
    )]
    Uneven {
        /// Places given.
        places: usize,
        /// Rows of neighbours given.
        rows: usize,
    },
    /// More than the named limit.
    #[error("read road graph: more than {max} {what}; cut out the region that is needed")]
    TooLarge {
        /// What there are too many of.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// A place that is not on the globe.
    #[error(
        "read road graph: node {node} lies at {lat}, {lon}; latitude goes from -90 to 90, longitude from -180 to 180"
    )]
    NotAPlace {
        /// The node.
        node: usize,
        /// Latitude given.
        lat: f64,
        /// Longitude given.
        lon: f64,
    },
    /// A neighbour that is no node.
    #[error(
        "read road graph: node {node} has the neighbour {neighbour:?}, and there are {nodes} nodes; number them from 0"
    )]
    NoSuchNeighbour {
        /// The node.
        node: usize,
        /// Its neighbour as given.
        neighbour: String,
        /// How many nodes there are.
        nodes: usize,
    },
    /// A length that is none.
    #[error("read road graph: the road from node {node} to {neighbour} is {km} km long; give 0 to 20000")]
    NotALength {
        /// The node.
        node: usize,
        /// Its neighbour.
        neighbour: usize,
        /// Length given.
        km: f64,
    },
    /// A line of the compact text that cannot be read.
    #[error("read road graph, line {line}: expected {wanted}")]
    Line {
        /// Line, from 1.
        line: usize,
        /// What belongs there.
        wanted: &'static str,
    },
}

/// Places joined by stretches of road that run both ways.
#[derive(Clone, Debug, PartialEq)]
pub struct RoadGraph {
    places: Vec<Place>,
    edges: Vec<Edge>,
    /// Where each node's stretches begin in `touching`; one more than there are nodes.
    starts: Vec<u32>,
    /// Stretches by node.
    touching: Vec<EdgeId>,
}

impl RoadGraph {
    /// The most nodes a graph may have.
    pub const NODES_MAX: usize = 4_000_000;
    /// The most stretches a graph may have.
    pub const EDGES_MAX: usize = 16_000_000;
    /// The longest stretch, km: half the way around the earth.
    pub const KM_MAX: f64 = 20_000.0;

    /// Joins `places` by stretches of so many metres. Stretches to the same node are dropped, of several between
    /// two nodes the shortest is kept.
    ///
    /// # Errors
    /// [`RoadError::TooLarge`], [`RoadError::NoSuchNeighbour`].
    pub fn new(
        places: Vec<Place>,
        stretches: impl IntoIterator<Item = (NodeId, NodeId, u32)>,
    ) -> Result<Self, RoadError> {
        if places.len() > Self::NODES_MAX {
            return Err(RoadError::TooLarge { what: "nodes", max: Self::NODES_MAX });
        }
        let nodes = places.len();
        let mut kept: Vec<(NodeId, NodeId, u32)> = Vec::new();
        for (a, b, length_m) in stretches {
            if let Some(wrong) = [a, b].into_iter().find(|end| end.0 as usize >= nodes) {
                let (node, neighbour) = (a.0 as usize, wrong.0.to_string());
                return Err(RoadError::NoSuchNeighbour { node, neighbour, nodes });
            }
            if kept.len() >= Self::EDGES_MAX {
                return Err(RoadError::TooLarge { what: "stretches", max: Self::EDGES_MAX });
            }
            if a != b {
                kept.push((a.min(b), a.max(b), length_m));
            }
        }
        kept.sort_unstable();
        kept.dedup_by_key(|stretch| (stretch.0, stretch.1));
        let edges: Vec<Edge> =
            kept.into_iter().map(|(from, to, length_m)| Edge { from, to, length_m }).collect();
        let (starts, touching) = adjacency(nodes, &edges);
        Ok(Self { places, edges, starts, touching })
    }

    /// Checks a graph file and joins its nodes.
    ///
    /// # Errors
    /// Any [`RoadError`] but [`RoadError::Line`].
    pub fn from_file(file: &GraphFile) -> Result<Self, RoadError> {
        if file.graph.len() != file.nodes.len() {
            return Err(RoadError::Uneven { places: file.nodes.len(), rows: file.graph.len() });
        }
        let place = |(node, (lat, lon)): (usize, &(f64, f64))| {
            Place::new(*lat, *lon).map_err(|_| RoadError::NotAPlace { node, lat: *lat, lon: *lon })
        };
        let places = file.nodes.iter().enumerate().map(place).collect::<Result<Vec<_>, _>>()?;
        let nodes = places.len();
        let mut stretches = vec![];
        for (node, row) in file.graph.iter().enumerate() {
            for (name, km) in row {
                let wrong = || RoadError::NoSuchNeighbour { node, neighbour: name.clone(), nodes };
                let neighbour: usize = name.parse().map_err(|_| wrong())?;
                if neighbour >= nodes {
                    return Err(wrong());
                }
                if !(0.0..=Self::KM_MAX).contains(km) {
                    return Err(RoadError::NotALength { node, neighbour, km: *km });
                }
                let metres = (km * 1000.0).round() as u32;
                stretches.push((NodeId(node as u32), NodeId(neighbour as u32), metres));
            }
        }
        Self::new(places, stretches)
    }

    /// Reads the compact text: a first line `holdfast-roads 1`; a line that begins with the number of nodes, then
    /// a line for each, latitude and longitude in milli-degrees as differences to the node before; a line that
    /// begins with the number of edges, then a line for each: its first node as the difference to the edge before,
    /// its second as the difference to its first, its length in metres.
    ///
    /// # Errors
    /// [`RoadError::Line`] with the line, or what [`RoadGraph::new`] refuses.
    pub fn from_text(text: &str) -> Result<Self, RoadError> {
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
        let mut next = |wanted| lines.next().ok_or(RoadError::Line { line: 0, wanted });
        let (line, head) = next("`holdfast-roads 1`")?;
        if head.trim() != "holdfast-roads 1" {
            return Err(RoadError::Line { line, wanted: "`holdfast-roads 1`" });
        }
        let count = |(line, text): (usize, &str), wanted, max: usize| {
            let number = text.split(' ').next().and_then(|word| word.parse::<usize>().ok());
            let number = number.ok_or(RoadError::Line { line, wanted })?;
            if number > max { Err(RoadError::TooLarge { what: wanted, max }) } else { Ok(number) }
        };
        let nodes = count(next("number of nodes")?, "number of nodes", Self::NODES_MAX)?;
        let (mut places, mut at) = (vec![], (0_i64, 0_i64));
        for _ in 0..nodes {
            let (line, text) = next("a node")?;
            let bad = RoadError::Line { line, wanted: "two differences in milli-degrees, on the globe" };
            let [lat, lon] = numbers::<2>(text).ok_or(bad.clone())?;
            at = (at.0.saturating_add(lat), at.1.saturating_add(lon));
            places.push(Place::new(at.0 as f64 / 1000.0, at.1 as f64 / 1000.0).map_err(|_| bad)?);
        }
        let edges = count(next("number of edges")?, "number of edges", Self::EDGES_MAX)?;
        let (mut stretches, mut first) = (vec![], 0_i64);
        for _ in 0..edges {
            let (line, text) = next("an edge")?;
            let bad = RoadError::Line { line, wanted: "two node differences and a length in metres" };
            let [step, reach, length] = numbers::<3>(text).ok_or(bad.clone())?;
            first = first.saturating_add(step);
            let node = |number: i64| u32::try_from(number).map(NodeId).map_err(|_| bad.clone());
            let length_m = u32::try_from(length).map_err(|_| bad.clone())?;
            stretches.push((node(first)?, node(first.saturating_add(reach))?, length_m));
        }
        Self::new(places, stretches)
    }

    /// Number of nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.places.len()
    }

    /// Every stretch, by number.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Where a node is.
    ///
    /// # Panics
    /// If the node is not of this graph.
    #[must_use]
    pub fn place(&self, node: NodeId) -> Place {
        self.places[node.0 as usize]
    }

    /// The stretch of a number.
    ///
    /// # Panics
    /// If the edge is not of this graph.
    #[must_use]
    pub fn edge(&self, edge: EdgeId) -> Edge {
        self.edges[edge.0 as usize]
    }

    /// The two ends of a stretch.
    #[must_use]
    pub fn segment(&self, edge: EdgeId) -> (Place, Place) {
        let Edge { from, to, .. } = self.edge(edge);
        (self.place(from), self.place(to))
    }

    /// Stretches that touch a node.
    #[must_use]
    pub fn touching(&self, node: NodeId) -> &[EdgeId] {
        let node = node.0 as usize;
        &self.touching[self.starts[node] as usize..self.starts[node + 1] as usize]
    }

    /// The node nearest to `place` and its great-circle distance in metres; of two as near, the lower number.
    /// `None` for a graph without nodes.
    #[must_use]
    pub fn nearest(&self, place: Place) -> Option<(NodeId, f64)> {
        self.nearest_where(place, |_| true)
    }

    /// As [`RoadGraph::nearest`], among the nodes that `suits` accepts.
    #[must_use]
    pub fn nearest_where(&self, place: Place, suits: impl Fn(NodeId) -> bool) -> Option<(NodeId, f64)> {
        let nodes = (0..self.places.len() as u32).map(NodeId).filter(|node| suits(*node));
        let measured = nodes.map(|node| (node, place.distance_m(self.place(node))));
        measured.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
    }

    /// For each node the lowest node that can be reached from it: one number for each connected part.
    #[must_use]
    pub fn parts(&self) -> Vec<NodeId> {
        let mut part = vec![NodeId(u32::MAX); self.places.len()];
        for start in (0..self.places.len() as u32).map(NodeId) {
            if part[start.0 as usize].0 != u32::MAX {
                continue;
            }
            part[start.0 as usize] = start;
            let mut open = vec![start];
            while let Some(node) = open.pop() {
                for edge in self.touching(node) {
                    let other = self.edge(*edge).other(node);
                    if part[other.0 as usize].0 == u32::MAX {
                        part[other.0 as usize] = start;
                        open.push(other);
                    }
                }
            }
        }
        part
    }
}

/// Exactly `N` whole numbers separated by single blanks.
fn numbers<const N: usize>(text: &str) -> Option<[i64; N]> {
    let mut words = text.split(' ');
    let mut out = [0; N];
    for slot in &mut out {
        *slot = words.next()?.parse().ok()?;
    }
    words.next().is_none().then_some(out)
}

fn adjacency(nodes: usize, edges: &[Edge]) -> (Vec<u32>, Vec<EdgeId>) {
    let mut starts = vec![0_u32; nodes + 1];
    for edge in edges {
        starts[edge.from.0 as usize + 1] += 1;
        starts[edge.to.0 as usize + 1] += 1;
    }
    for node in 0..nodes {
        starts[node + 1] += starts[node];
    }
    let mut next = starts.clone();
    let mut touching = vec![EdgeId(0); edges.len() * 2];
    for (number, edge) in edges.iter().enumerate() {
        for end in [edge.from, edge.to] {
            touching[next[end.0 as usize] as usize] = EdgeId(number as u32);
            next[end.0 as usize] += 1;
        }
    }
    (starts, touching)
}

#[cfg(test)]
mod tests {
    use super::{GraphFile, NodeId, RoadError, RoadGraph};
    use std::collections::BTreeMap;

    fn file(rows: &[&[(&str, f64)]]) -> GraphFile {
        let row = |row: &&[(&str, f64)]| row.iter().map(|(to, km)| ((*to).to_owned(), *km)).collect();
        let graph: Vec<BTreeMap<String, f64>> = rows.iter().map(row).collect();
        let nodes = (0..graph.len()).map(|node| (30.0, -80.0 + node as f64 / 10.0)).collect();
        GraphFile { graph, nodes }
    }

    #[test]
    fn roads_run_both_ways_and_self_loops_are_dropped() {
        let graph = RoadGraph::from_file(&file(&[
            &[("0", 0.0), ("1", 1.5)],
            &[("0", 1.4), ("1", 0.0)],
            &[("2", 0.0)],
        ]))
        .unwrap();
        assert_eq!(graph.edges().len(), 1);
        assert_eq!(graph.edges()[0].length_m, 1400, "the shortest of two between the same nodes");
        assert_eq!(graph.touching(NodeId(1)).len(), 1);
        assert_eq!(graph.parts(), vec![NodeId(0), NodeId(0), NodeId(2)]);
        assert_eq!(graph.nearest(graph.place(NodeId(2))).unwrap().0, NodeId(2));
    }

    #[test]
    fn a_damaged_graph_is_refused_with_the_place() {
        let check = |damaged: &GraphFile, expected: &str| {
            let error = RoadGraph::from_file(damaged).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(&file(&[&[("7", 1.0)]]), "node 0 has the neighbour \"7\"");
        check(&file(&[&[("-1", 1.0)]]), "neighbour \"-1\"");
        check(&file(&[&[("1", -2.0)], &[]]), "the road from node 0 to 1 is -2 km long");
        check(&file(&[&[("1", f64::NAN)], &[]]), "NaN km");
        let mut uneven = file(&[&[], &[]]);
        uneven.nodes.pop();
        check(&uneven, "1 places but 2 rows");
        let mut off = file(&[&[]]);
        off.nodes[0].0 = 99.0;
        check(&off, "node 0 lies at 99, -80");
    }

    #[test]
    fn compact_text_reads_and_says_the_line_that_does_not() {
        let text = "holdfast-roads 1\n2 nodes\n30000 -80000\n0 100\n1 edges\n0 1 9630\n";
        let graph = RoadGraph::from_text(text).unwrap();
        assert_eq!((graph.node_count(), graph.edges()[0].length_m), (2, 9630));
        let check = |text: &str, line| {
            let error = RoadGraph::from_text(text).unwrap_err();
            assert!(matches!(error, RoadError::Line { line: found, .. } if found == line), "{error}");
        };
        check("roads 1\n", 1);
        check("holdfast-roads 1\nmany\n", 2);
        check("holdfast-roads 1\n1 nodes\n30000\n", 3);
        check("holdfast-roads 1\n1 nodes\n300000 0\n", 3);
        check("holdfast-roads 1\n1 nodes\n0 0\n1 edges\n-1 1 5\n", 5);
        check("holdfast-roads 1\n2 nodes\n0 0\n", 0);
        assert!(RoadGraph::from_text("holdfast-roads 1\n99999999999 nodes\n").is_err());
    }
}
