//! Which earlier sale a cancellation takes back.
//!
//! The file does not say it. A cancellation of a customer's goods is matched with that customer's earlier
//! lines of the same code: those at the same price first, the latest first, each up to its units that are
//! not taken back yet. Matched on the day of the sale it cancels the line before it leaves; matched later the
//! goods came back.

use std::cmp::Reverse;

use holdfast_domain::time::Day;
use rustc_hash::FxHashMap;

/// A line that was sold and may be taken back.
#[derive(Clone, Debug)]
struct Sold {
    line: usize,
    day: Day,
    price_milli: i64,
    left: i64,
}

/// Sales by customer and code, as they go by in time.
#[derive(Debug, Default)]
pub(super) struct Ledger(FxHashMap<(String, String), Vec<Sold>>);

/// Units of a cancellation that were found in an earlier line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Match {
    /// Index of the line that was sold.
    pub line: usize,
    /// Units.
    pub units: i64,
    /// Whether it was sold on the same day.
    pub same_day: bool,
}

impl Ledger {
    /// Notes a sale: line `line` sold `units` on `day`.
    pub fn sold(&mut self, customer: &str, code: &str, line: usize, day: Day, price_milli: i64, units: i64) {
        let sold = Sold { line, day, price_milli, left: units };
        self.0.entry((customer.to_owned(), code.to_owned())).or_default().push(sold);
    }

    /// Takes `units` back; what is found, and how many units are not.
    pub fn take_back(
        &mut self,
        customer: &str,
        code: &str,
        day: Day,
        price_milli: i64,
        units: i64,
    ) -> (Vec<Match>, i64) {
        let mut left = units;
        let mut found = Vec::new();
        let Some(sales) = self.0.get_mut(&(customer.to_owned(), code.to_owned())) else {
            return (found, left);
        };
        let mut order: Vec<usize> = (0..sales.len()).filter(|at| sales[*at].left > 0).collect();
        order.sort_by_key(|at| (sales[*at].price_milli != price_milli, Reverse(sales[*at].line)));
        for at in order {
            let units = left.min(sales[at].left);
            if units == 0 {
                break;
            }
            sales[at].left -= units;
            left -= units;
            found.push(Match { line: sales[at].line, units, same_day: sales[at].day == day });
        }
        (found, left)
    }
}

#[cfg(test)]
mod tests {
    use super::{Ledger, Match};
    use holdfast_domain::time::Day;

    #[test]
    fn the_same_price_comes_first_then_the_latest_sale_and_the_rest_is_unmatched() {
        let mut ledger = Ledger::default();
        ledger.sold("13085", "85048", 0, Day(1), 6950, 4);
        ledger.sold("13085", "85048", 1, Day(2), 5450, 6);
        let matched = |line, units, same_day| Match { line, units, same_day };
        assert_eq!(
            ledger.take_back("13085", "85048", Day(2), 6950, 5),
            (vec![matched(0, 4, false), matched(1, 1, true)], 0)
        );
        assert_eq!(ledger.take_back("13085", "85048", Day(3), 1, 9), (vec![matched(1, 5, false)], 4));
        ledger.sold("13085", "85048", 7, Day(4), 6950, 1);
        ledger.sold("13085", "85048", 8, Day(5), 6950, 1);
        assert_eq!(ledger.take_back("13085", "85048", Day(6), 6950, 1), (vec![matched(8, 1, false)], 0));
        assert_eq!(ledger.take_back("99", "85048", Day(3), 1, 9), (vec![], 9));
    }
}
