//! Readers of the public benchmark formats, pure and from text.
//!
//! Every error names the line and what was expected there; counts are checked against named limits before
//! memory is taken, so a hostile header costs nothing.

use super::location::{Count, LocationProblem, Scenario};
use super::{MAX_CELLS, MAX_CUSTOMERS, MAX_SITES};

/// The most bytes a benchmark file may have.
pub const MAX_TEXT_BYTES: usize = 64 * 1024 * 1024;

/// Why a benchmark file could not be read. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The text is longer than [`MAX_TEXT_BYTES`].
    #[error("read a text of {bytes} bytes: at most {MAX_TEXT_BYTES} are taken")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The text ended early.
    #[error("read {what}: the text ends at line {line}, is the file complete?")]
    Ended {
        /// What was expected next.
        what: String,
        /// The last line.
        line: usize,
    },
    /// A word that is no number of the kind expected.
    #[error("read {word:?} at line {line} as {what}: expected {expected}")]
    NotANumber {
        /// The line.
        line: usize,
        /// What it should say.
        what: String,
        /// What stands there.
        word: String,
        /// What is accepted.
        expected: &'static str,
    },
    /// Something stands after the end.
    #[error("read {word:?} at line {line}: the data are complete before it, remove what follows")]
    Trailing {
        /// The line.
        line: usize,
        /// What stands there.
        word: String,
    },
    /// A network in which a node cannot be reached.
    #[error("reach node {to} from node {from}: the network is not connected, add the missing edge")]
    Unconnected {
        /// From 1, as in the file.
        from: usize,
        /// From 1, as in the file.
        to: usize,
    },
}

/// The words of a text with their lines.
struct Words<'a> {
    words: Box<dyn Iterator<Item = (usize, &'a str)> + 'a>,
    line: usize,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Result<Self, ReadError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(ReadError::TooLong { bytes: text.len() });
        }
        let words = text
            .lines()
            .enumerate()
            .flat_map(|(i, line)| line.split_whitespace().map(move |word| (i + 1, word)));
        Ok(Self { words: Box::new(words), line: 1 })
    }

    fn next(&mut self, what: impl Fn() -> String) -> Result<(usize, &'a str), ReadError> {
        let (line, word) =
            self.words.next().ok_or_else(|| ReadError::Ended { what: what(), line: self.line })?;
        self.line = line;
        Ok((line, word))
    }

    /// A whole number within `least..=most`.
    fn count(&mut self, what: impl Fn() -> String, least: usize, most: usize) -> Result<usize, ReadError> {
        let (line, word) = self.next(&what)?;
        match word.parse::<usize>() {
            Ok(count) if (least..=most).contains(&count) => Ok(count),
            _ => Err(ReadError::NotANumber {
                line,
                what: format!("{} ({least} to {most})", what()),
                word: shorten(word),
                expected: "a whole number in that range",
            }),
        }
    }

    /// A finite number, 0 or more.
    fn amount(&mut self, what: impl Fn() -> String) -> Result<f64, ReadError> {
        let (line, word) = self.next(&what)?;
        amount(line, word, what)
    }

    fn end(&mut self) -> Result<(), ReadError> {
        match self.words.next() {
            Some((line, word)) => Err(ReadError::Trailing { line, word: shorten(word) }),
            None => Ok(()),
        }
    }
}

fn amount(line: usize, word: &str, what: impl Fn() -> String) -> Result<f64, ReadError> {
    match word.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        _ => Err(ReadError::NotANumber {
            line,
            what: what(),
            word: shorten(word),
            expected: "a number of 0 or more (a placeholder such as `capacity` must be replaced)",
        }),
    }
}

/// The first characters of a word, so that a hostile line does not become the error.
fn shorten(word: &str) -> String {
    word.chars().take(40).collect()
}

/// Reads an OR-Library capacitated warehouse file (Beasley): counts, then capacity and fixed cost of each
/// warehouse, then for each customer its demand and the cost of serving all of it from each warehouse.
/// Demand may be split between warehouses.
///
/// # Errors
/// [`ReadError`] with the line.
///
/// ```
/// let text = "2 1\n 10 5.\n 10 7.\n 4\n 20. 30.";
/// let problem = holdfast_plan::facility::read::orlib_cap(text).unwrap();
/// assert_eq!((problem.fixed.len(), problem.scenarios[0].load.len()), (2, 1));
/// ```
pub fn orlib_cap(text: &str) -> Result<LocationProblem, ReadError> {
    let mut words = Words::new(text)?;
    let sites = words.count(|| "number of warehouses".to_owned(), 1, MAX_SITES)?;
    let customers =
        words.count(|| "number of customers".to_owned(), 1, MAX_CUSTOMERS.min(MAX_CELLS / sites))?;
    let (mut capacity, mut fixed) = (Vec::new(), Vec::new());
    for site in 1..=sites {
        capacity.push(words.amount(|| format!("capacity of warehouse {site}"))?);
        fixed.push(words.amount(|| format!("fixed cost of warehouse {site}"))?);
    }
    let (mut load, mut rows) = (Vec::new(), Vec::new());
    for customer in 1..=customers {
        load.push(words.amount(|| format!("demand of customer {customer}"))?);
        for site in 1..=sites {
            rows.push(words.amount(|| format!("cost of customer {customer} from warehouse {site}"))?);
        }
    }
    words.end()?;
    let serve = (0..sites).map(|site| (0..customers).map(|c| rows[c * sites + site]).collect()).collect();
    Ok(LocationProblem {
        fixed,
        serve,
        unserved: vec![f64::INFINITY; customers],
        scenarios: vec![Scenario { probability: 1.0, scale: vec![1.0; customers], load, capacity }],
        forced: vec![false; sites],
        count: Count { least: 1, most: sites },
    })
}

/// Reads an OR-Library uncapacitated p-median file: nodes, edges and p, then the edges. A repeated edge's
/// LAST length counts (Beasley's note), distances are shortest paths, every node is customer and candidate.
///
/// # Errors
/// [`ReadError`] with the line; [`ReadError::Unconnected`] where a node cannot be reached.
pub fn orlib_pmedian(text: &str) -> Result<LocationProblem, ReadError> {
    const MAX_EDGES: usize = 5_000_000;
    let mut words = Words::new(text)?;
    let nodes = words.count(|| "number of nodes".to_owned(), 1, MAX_SITES)?;
    let edges = words.count(|| "number of edges".to_owned(), 0, MAX_EDGES)?;
    let p = words.count(|| "p, the sites to open".to_owned(), 1, nodes)?;
    let mut length = vec![f64::INFINITY; nodes * nodes];
    for edge in 1..=edges {
        let a = words.count(|| format!("first end of edge {edge}"), 1, nodes)? - 1;
        let b = words.count(|| format!("second end of edge {edge}"), 1, nodes)? - 1;
        let long = words.amount(|| format!("length of edge {edge}"))?;
        length[a * nodes + b] = long;
        length[b * nodes + a] = long;
    }
    words.end()?;
    let serve = shortest_paths(&length, nodes);
    for (from, row) in serve.iter().enumerate() {
        if let Some(to) = row.iter().position(|distance| distance.is_infinite()) {
            return Err(ReadError::Unconnected { from: from + 1, to: to + 1 });
        }
    }
    Ok(LocationProblem {
        fixed: vec![0.0; nodes],
        serve,
        unserved: vec![f64::INFINITY; nodes],
        scenarios: vec![Scenario::uncapacitated(nodes, nodes)],
        forced: vec![false; nodes],
        count: Count { least: p, most: p },
    })
}

/// Shortest distances between all pairs, by Dijkstra over the dense table from each node.
pub(crate) fn shortest_paths(length: &[f64], nodes: usize) -> Vec<Vec<f64>> {
    let from = |start: usize| {
        let mut distance = vec![f64::INFINITY; nodes];
        let mut done = vec![false; nodes];
        distance[start] = 0.0;
        loop {
            let mut next = None;
            for node in 0..nodes {
                if !done[node] && distance[node] < next.map_or(f64::INFINITY, |n: usize| distance[n]) {
                    next = Some(node);
                }
            }
            let Some(node) = next else { return distance };
            done[node] = true;
            let reached = distance[node];
            for (to, long) in length[node * nodes..(node + 1) * nodes].iter().enumerate() {
                if reached + long < distance[to] {
                    distance[to] = reached + long;
                }
            }
        }
    };
    (0..nodes).map(from).collect()
}

/// One city of a Daskin file.
#[derive(Clone, Debug, PartialEq)]
pub struct City {
    /// Its name.
    pub name: String,
    /// Its state's letters.
    pub state: String,
    /// Degrees west.
    pub west_deg: f64,
    /// Degrees north.
    pub north_deg: f64,
    /// First demand: state population.
    pub demand: f64,
    /// Second demand: city population.
    pub demand_second: f64,
    /// Cost of opening, in dollars.
    pub fixed: f64,
}

impl City {
    /// Great-circle distance in statute miles at 69 miles a degree, as Snyder and Daskin's figures need it.
    #[must_use]
    pub fn miles_to(&self, other: &Self) -> f64 {
        let (a, b) = (self.north_deg.to_radians(), other.north_deg.to_radians());
        let turn = (self.west_deg - other.west_deg).to_radians();
        let cosine = (a.sin() * b.sin() + a.cos() * b.cos() * turn.cos()).clamp(-1.0, 1.0);
        if self.west_deg == other.west_deg && self.north_deg == other.north_deg {
            return 0.0;
        }
        cosine.acos().to_degrees() * 69.0
    }
}

/// Reads Daskin's city table: a header line, then number, degrees west, degrees north, two demands with
/// grouping commas, fixed cost, city and state.
///
/// # Errors
/// [`ReadError`] with the line.
pub fn daskin(text: &str) -> Result<Vec<City>, ReadError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(ReadError::TooLong { bytes: text.len() });
    }
    // A first line that is a city already is no header: that city would be passed over.
    if let Some(word) = text.lines().next().and_then(|row| row.split_whitespace().next())
        && word.parse::<f64>().is_ok()
    {
        return Err(ReadError::NotANumber {
            line: 1,
            what: "the header".to_owned(),
            word: shorten(word),
            expected: "a line of column names above the first city",
        });
    }
    let mut cities = Vec::new();
    for (i, row) in text.lines().enumerate().skip(1) {
        let line = i + 1;
        let words: Vec<&str> = row.split_whitespace().collect();
        if words.is_empty() {
            continue;
        }
        let field = |at: usize, what: &str| {
            let word = words.get(at).ok_or_else(|| ReadError::Ended { what: what.to_owned(), line })?;
            let plain: String = word.chars().filter(|c| *c != ',').collect();
            amount(line, &plain, || what.to_owned())
        };
        let degrees = |at: usize, what: &str, most: f64| {
            field(at, what).and_then(|value| {
                let word = shorten(words[at]);
                if value <= most {
                    Ok(value)
                } else {
                    Err(ReadError::NotANumber { line, what: what.to_owned(), word, expected: "degrees" })
                }
            })
        };
        if words.len() < 8 {
            return Err(ReadError::Ended {
                what: "eight columns, the last two city and state".to_owned(),
                line,
            });
        }
        if cities.len() == MAX_SITES {
            return Err(ReadError::Trailing { line, word: shorten(words[0]) });
        }
        cities.push(City {
            west_deg: degrees(1, "longitude, degrees west", 180.0)?,
            north_deg: degrees(2, "latitude, degrees north", 90.0)?,
            demand: field(3, "first demand")?,
            demand_second: field(4, "second demand")?,
            fixed: field(5, "fixed cost")?,
            name: words[6..words.len() - 1].join(" "),
            state: words[words.len() - 1].to_owned(),
        });
    }
    if cities.is_empty() {
        return Err(ReadError::Ended { what: "the first city, after a header line".to_owned(), line: 1 });
    }
    Ok(cities)
}

#[cfg(test)]
mod tests {
    use super::{ReadError, daskin, orlib_cap, orlib_pmedian};

    #[test]
    fn the_last_length_of_a_repeated_edge_counts_even_when_longer() {
        let problem = orlib_pmedian("3 3 1\n1 2 5\n2 3 1\n2 1 9\n").unwrap();
        assert_eq!(problem.serve[0], vec![0.0, 9.0, 10.0]);
    }

    #[test]
    fn errors_name_the_line_the_meaning_and_the_remedy() {
        let check = |result: Result<String, ReadError>, expected: &str| {
            let said = result.unwrap_err().to_string();
            assert!(said.contains(expected), "{said}");
        };
        let cap = |text| orlib_cap(text).map(|_| String::new());
        check(cap("2 1\n capacity 5\n"), "\"capacity\" at line 2 as capacity of warehouse 1");
        check(
            cap("2 1\n 1 5\n 1 5\n 3\n 20."),
            "cost of customer 1 from warehouse 2: the text ends at line 5",
        );
        check(cap("1 1\n 1 5\n 3\n 20. 7"), "\"7\" at line 4: the data are complete");
        check(cap("99999999999 1"), "number of warehouses (1 to 2000)");
        check(cap("1 1\n -1 5"), "\"-1\" at line 2");
        check(cap("1 1\n NaN 5"), "\"NaN\" at line 2");
        let median = |text| orlib_pmedian(text).map(|_| String::new());
        check(median("3 1 1\n1 2 5"), "reach node 3 from node 1");
        check(median("3 1 4\n1 2 5"), "p, the sites to open (1 to 3)");
        check(median("3 1 1\n1 4 5"), "second end of edge 1 (1 to 3)");
        let cities = |text| daskin(text).map(|_| String::new());
        check(cities("header\n 1 121.4 x 1 1 1 A B"), "\"x\" at line 2 as latitude");
        check(cities("header\n 1 121.4 91 1 1 1 A B"), "\"91\" at line 2 as latitude");
        check(cities("header\n 1 121.4 38.5 1\n"), "eight columns");
        check(cities(""), "the first city");
        check(
            cities("1 121.4 38.5 1 1 1 A B\n2 120.4 38.5 1 1 1 C D\n"),
            "column names above the first city",
        );
    }
}
