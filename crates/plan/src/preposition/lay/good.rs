//! One SKU alone: what units laid at sites save, and the best units at a price of money.
//!
//! In a scenario the sites that can serve are used in the order of their cost `u1 <= u2 <= ...`, as long as that is
//! below the cost `p` of going without. With `X_i` the units at the first `i` of them and `d` needed, the saving is
//! `sum of (u_{i+1} - u_i) min(X_i, d)`, the last `u` being `p`. Summed over scenarios, the saving is a sum of concave
//! functions of the units at *sets* of sites, one function for each set that occurs: that is what is kept here.
//! Whole units lose nothing against fractions where the sets are intervals of some order of the sites, as they
//! always are for two sites; for more the certificate says what is lost.

use super::{Good, Scenario};

/// The concave function of one set of sites.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// The sites, a bit each.
    pub set: u16,
    /// Needs at which the slope falls, rising, each once.
    pub needs: Vec<u32>,
    /// By need: the yearly weight of the scenarios with exactly that need.
    pub weights: Vec<f64>,
    /// By need: the saving at that many units.
    saved: Vec<f64>,
    /// By need: the slope for the unit after it.
    slope: Vec<f64>,
    /// The slope before the first need.
    first: f64,
}

/// One SKU, prepared.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub cells: Vec<Cell>,
    /// By site: cost of a unit, `None` where it may not lie or can never serve.
    pub lay: Vec<Option<i64>>,
    /// By set of sites and need, before they are put together.
    pub most: u32,
}

impl Cell {
    fn new(set: u16, mut parts: Vec<(u32, f64)>) -> Self {
        parts.sort_by_key(|part| part.0);
        let mut needs: Vec<u32> = Vec::new();
        let mut weights: Vec<f64> = Vec::new();
        for (need, weight) in parts {
            if needs.last() == Some(&need) {
                *weights.last_mut().expect("as long as the needs") += weight;
            } else {
                needs.push(need);
                weights.push(weight);
            }
        }
        let first: f64 = weights.iter().rev().sum();
        let (mut saved, mut slope) = (Vec::with_capacity(needs.len()), Vec::with_capacity(needs.len()));
        // Slopes are summed from the end so that the last is exactly zero.
        let mut tail = vec![0.0; needs.len() + 1];
        for at in (0..needs.len()).rev() {
            tail[at] = tail[at + 1] + weights[at];
        }
        let (mut value, mut before) = (0.0, 0_u32);
        for at in 0..needs.len() {
            value += f64::from(needs[at] - before) * tail[at];
            before = needs[at];
            saved.push(value);
            slope.push(tail[at + 1]);
        }
        Self { set, needs, weights, saved, slope, first }
    }

    /// What so many units at the set save a year.
    pub fn saving(&self, units: u64) -> f64 {
        let at = self.needs.partition_point(|need| u64::from(*need) <= units);
        match at.checked_sub(1) {
            None => self.first * units as f64,
            Some(at) => self.saved[at] + self.slope[at] * (units - u64::from(self.needs[at])) as f64,
        }
    }

    /// The weight of the scenarios that need more than so many units, and of those that need exactly so many.
    pub fn beyond_and_at(&self, units: u64) -> (f64, f64) {
        let at = self.needs.partition_point(|need| u64::from(*need) <= units);
        match at.checked_sub(1) {
            None => (self.first, 0.0),
            Some(at) if u64::from(self.needs[at]) == units => (self.slope[at], self.weights[at]),
            Some(at) => (self.slope[at], 0.0),
        }
    }
}

/// The sites that can serve a scenario below `unserved`, cheapest first, with their costs.
pub(super) fn order(good: &Good, scenario: &Scenario) -> Vec<(usize, i64)> {
    let mut order: Vec<(usize, i64)> = scenario
        .serve_minor
        .iter()
        .enumerate()
        .filter(|(site, _)| good.lay_minor[*site].is_some())
        .filter_map(|(site, cost)| cost.filter(|cost| *cost < good.unserved_minor).map(|cost| (site, cost)))
        .collect();
    order.sort_by_key(|(site, cost)| (*cost, *site));
    order
}

impl Form {
    pub fn new(good: &Good, scenarios: &[Scenario]) -> Self {
        let mut parts: std::collections::BTreeMap<u16, Vec<(u32, f64)>> = std::collections::BTreeMap::new();
        let mut most = 0;
        for need in good.needs.iter().filter(|need| need.units > 0) {
            let scenario = &scenarios[need.scenario as usize];
            if scenario.per_year <= 0.0 {
                continue;
            }
            let order = order(good, scenario);
            let mut set = 0_u16;
            for (at, (site, cost)) in order.iter().enumerate() {
                set |= 1 << site;
                let next = order.get(at + 1).map_or(good.unserved_minor, |next| next.1);
                if next > *cost {
                    let weight = scenario.per_year * (next - cost) as f64;
                    parts.entry(set).or_default().push((need.units, weight));
                }
            }
            most = most.max(need.units);
        }
        let cells: Vec<Cell> = parts.into_iter().map(|(set, parts)| Cell::new(set, parts)).collect();
        let serves = |site: usize| cells.iter().any(|cell| cell.set >> site & 1 == 1);
        let lay = good.lay_minor.iter().enumerate();
        let lay = lay.map(|(site, lay)| lay.filter(|_| serves(site))).collect();
        Self { cells, lay, most }
    }

    /// What units by site save a year.
    pub fn saving(&self, units: &[u32]) -> f64 {
        self.cells.iter().map(|cell| cell.saving(at(cell.set, units))).sum()
    }

    /// What units by site cost a year; nothing is counted where none may lie.
    pub fn spend(&self, units: &[u32]) -> i64 {
        units.iter().zip(&self.lay).map(|(units, lay)| i64::from(*units) * lay.unwrap_or(0)).sum()
    }

    /// The units that save most at a price of money, from units that are thought near; fewer rather than more where
    /// it makes no difference.
    pub fn best(&self, price: f64, from: &[u32]) -> Vec<u32> {
        let mut units = from.to_vec();
        if self.cells.is_empty() {
            units.fill(0);
            return units;
        }
        let moves = self.moves();
        let value = |units: &[u32]| self.saving(units) - price * self.spend(units) as f64;
        let mut now = value(&units);
        let mut step = self.most.next_power_of_two().max(1);
        loop {
            let mut gained = false;
            for one in &moves {
                // The same move is made again while it pays: a step's length is a power of two.
                while let Some(other) = moved(&units, one, step) {
                    let then = value(&other);
                    // Taking back what makes no difference leaves the cheaper stock.
                    let cheaper = self.spend(&other) < self.spend(&units);
                    let slack = 1e-9 * (1.0 + now.abs());
                    if then > now + slack || (cheaper && then >= now - slack * 1e-3) {
                        (units, now, gained) = (other, then, true);
                    } else {
                        break;
                    }
                }
            }
            if !gained {
                if step == 1 {
                    return units;
                }
                step /= 2;
            }
        }
    }

    /// Directions of descent: all of -1, 0, 1 for up to three sites, which is exact where whole units lose nothing; one or
    /// two sites at a time for more.
    fn moves(&self) -> Vec<Vec<i8>> {
        let places: Vec<usize> = (0..self.lay.len()).filter(|site| self.lay[*site].is_some()).collect();
        let blank = vec![0_i8; self.lay.len()];
        if places.len() <= 3 {
            let count = 3_usize.pow(places.len() as u32);
            return (0..count)
                .map(|code| {
                    let mut one = blank.clone();
                    let mut rest = code;
                    for site in &places {
                        one[*site] = (rest % 3) as i8 - 1;
                        rest /= 3;
                    }
                    one
                })
                .filter(|one| one.iter().any(|by| *by != 0))
                .collect();
        }
        let mut all = Vec::new();
        for a in &places {
            for by in [1, -1] {
                let mut one = blank.clone();
                one[*a] = by;
                all.push(one.clone());
                for b in places.iter().filter(|b| *b != a) {
                    let mut two = one.clone();
                    two[*b] = -by;
                    all.push(two);
                }
            }
        }
        all
    }
}

/// Units at a set of sites.
pub(super) fn at(set: u16, units: &[u32]) -> u64 {
    units
        .iter()
        .enumerate()
        .filter(|(site, _)| set >> site & 1 == 1)
        .map(|(_, units)| u64::from(*units))
        .sum()
}

fn moved(units: &[u32], by: &[i8], step: u32) -> Option<Vec<u32>> {
    units
        .iter()
        .zip(by)
        .map(|(units, by)| match by {
            1 => units.checked_add(step),
            -1 => units.checked_sub(step),
            _ => Some(*units),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Cell;

    #[test]
    fn a_cell_is_the_sum_of_its_minima() {
        let parts = vec![(3, 2.0), (1, 0.5), (3, 1.0), (7, 0.25)];
        let cell = Cell::new(1, parts.clone());
        for units in 0..10_u64 {
            let by_hand: f64 =
                parts.iter().map(|(need, weight)| weight * units.min(u64::from(*need)) as f64).sum();
            assert!((cell.saving(units) - by_hand).abs() < 1e-12, "{units}");
            let beyond: f64 = parts.iter().filter(|p| u64::from(p.0) > units).map(|p| p.1).sum();
            let at: f64 = parts.iter().filter(|p| u64::from(p.0) == units).map(|p| p.1).sum();
            assert_eq!(cell.beyond_and_at(units), (beyond, at), "{units}");
        }
    }
}
