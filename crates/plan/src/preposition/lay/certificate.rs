//! The prices that prove how good one SKU's units are at a price of money.
//!
//! For any share `theta` in [0, 1] of each set's tight scenarios, `min(X, d) <= theta X + (1 - theta) d`; so prices of
//! stock at sites follow from the shares, and the shares are chosen so that no site's unit earns more than it
//! costs. Prices are never trusted to do that exactly: where a unit still earns more, they are cut back.

use super::good::{Form, at, order};
use super::{Good, Scenario};

/// Sweeps over the sets in search of shares; each is a coordinate step of a least-squares problem.
const SWEEPS: usize = 400;

/// A share for each set: of the scenarios that need exactly what lies there, how much counts as short.
fn shares(form: &Form, units: &[u32], price: f64) -> Vec<f64> {
    let parts: Vec<(f64, f64)> =
        form.cells.iter().map(|cell| cell.beyond_and_at(at(cell.set, units))).collect();
    let mut shares = vec![0.0_f64; parts.len()];
    // Earned less cost, by site; zero is wanted where something lies, no more than zero elsewhere.
    let mut over: Vec<f64> =
        form.lay.iter().map(|lay| lay.map_or(f64::NEG_INFINITY, |lay| -price * lay as f64)).collect();
    for (cell, (beyond, _)) in form.cells.iter().zip(&parts) {
        for (site, over) in over.iter_mut().enumerate() {
            if cell.set >> site & 1 == 1 {
                *over += beyond;
            }
        }
    }
    for _ in 0..SWEEPS {
        let mut most = 0.0_f64;
        for (index, cell) in form.cells.iter().enumerate() {
            let tight = parts[index].1;
            if tight <= 0.0 {
                continue;
            }
            let (mut sum, mut count) = (0.0, 0.0);
            for (site, over) in over.iter().enumerate() {
                let counts =
                    cell.set >> site & 1 == 1 && over.is_finite() && (units[site] > 0 || *over > 0.0);
                if counts {
                    sum += over;
                    count += 1.0;
                }
            }
            let wanted = if count > 0.0 { shares[index] - sum / (count * tight) } else { 1.0 };
            let next = wanted.clamp(0.0, 1.0);
            let change = (next - shares[index]) * tight;
            shares[index] = next;
            for (site, over) in over.iter_mut().enumerate() {
                if cell.set >> site & 1 == 1 {
                    *over += change;
                }
            }
            most = most.max(change.abs());
        }
        if most <= 1e-12 * (1.0 + price) {
            break;
        }
    }
    shares
}

/// By need, then site: prices of stock that support `units` at a price of money.
pub(super) fn prices(
    good: &Good,
    scenarios: &[Scenario],
    form: &Form,
    units: &[u32],
    price: f64,
) -> Vec<Vec<f64>> {
    let shares = shares(form, units, price);
    let share = |set: u16, need: u32| {
        let lies = at(set, units);
        if u64::from(need) > lies {
            1.0
        } else if u64::from(need) < lies {
            0.0
        } else {
            form.cells.iter().position(|cell| cell.set == set).map_or(0.0, |at| shares[at])
        }
    };
    good.needs
        .iter()
        .map(|need| {
            let mut out = vec![0.0; units.len()];
            let order = order(good, &scenarios[need.scenario as usize]);
            let mut sets = Vec::with_capacity(order.len());
            let mut set = 0_u16;
            for (site, _) in &order {
                set |= 1 << site;
                sets.push(set);
            }
            let mut sum = 0.0;
            for at in (0..order.len()).rev() {
                let next = order.get(at + 1).map_or(good.unserved_minor, |next| next.1);
                sum += (next - order[at].1) as f64 * share(sets[at], need.units);
                out[order[at].0] = sum;
            }
            out
        })
        .collect()
}

/// What prices prove: money at `price` and the expected cost of the needs laid stock could serve cannot be less.
pub(super) fn bound(good: &Good, scenarios: &[Scenario], prices: &[Vec<f64>], price: f64) -> f64 {
    let sites = good.lay_minor.len();
    let mut earned = vec![0.0; sites];
    for (need, prices) in good.needs.iter().zip(prices) {
        let scenario = &scenarios[need.scenario as usize];
        for site in 0..sites {
            if scenario.serve_minor[site].is_some() {
                earned[site] += scenario.per_year * prices[site];
            }
        }
    }
    let keep: Vec<f64> = good
        .lay_minor
        .iter()
        .zip(&earned)
        .map(|(lay, earned)| match lay {
            Some(lay) if *earned > price * *lay as f64 => price * *lay as f64 / earned,
            _ => 1.0,
        })
        .collect();
    let mut value = 0.0;
    for (need, prices) in good.needs.iter().zip(prices) {
        let scenario = &scenarios[need.scenario as usize];
        let mut unit = good.unserved_minor as f64;
        for site in (0..sites).filter(|site| good.lay_minor[*site].is_some()) {
            if let Some(serve) = scenario.serve_minor[site] {
                unit = unit.min(serve as f64 + prices[site] * keep[site]);
            }
        }
        value += scenario.per_year * unit * f64::from(need.units);
    }
    value
}
