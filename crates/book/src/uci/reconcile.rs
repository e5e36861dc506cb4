//! The reconciliation: every line and every thousandth of a pound is in exactly one class, and the sums say so.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::time::Day;
use serde::{Deserialize, Serialize};

use super::line::{Line, LineClass};
use crate::row::RowError;

/// Lines, units and money of one class.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Lines.
    pub lines: u64,
    /// Units, with their signs.
    pub units: i64,
    /// Quantity times price, thousandths of a pound, with its sign.
    pub amount_milli: i64,
}

impl Tally {
    pub(super) fn add(&mut self, units: i64, price_milli: i64) {
        self.lines += 1;
        self.units += units;
        self.amount_milli += units * price_milli;
    }
}

/// One invoice number, as it counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invoice {
    /// Its number.
    pub number: String,
    /// Local day of its first line.
    pub day: Day,
    /// Country as the file writes it.
    pub country: String,
    /// What kind of invoice it is.
    pub kind: InvoiceKind,
    /// Whether it became an order.
    pub is_order: bool,
}

/// What an invoice number says of its invoice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceKind {
    /// Digits only.
    Sale,
    /// `C…`.
    Cancellation,
    /// `A…`.
    Adjustment,
}

/// How many sale invoices fall into some days. The rule: distinct invoice numbers of digits only, by the
/// local day of their first line, whatever their lines hold; abroad is every country but the United Kingdom.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InvoiceCount {
    /// Sale invoices.
    pub sales: usize,
    /// Those of them to another country.
    pub abroad: usize,
    /// How many countries those go to.
    pub countries_abroad: usize,
    /// Sale invoices that became orders: at least one line of goods leaves.
    pub orders: usize,
}

/// Where every line and every amount went.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Reconciliation {
    /// Lines under the header.
    pub lines_read: u64,
    /// Lines by class. Refused lines count without units and amount, since they have none that can be read.
    pub classes: BTreeMap<LineClass, Tally>,
    /// Units and money of all readable lines, added up as they were read.
    pub total: Tally,
    /// Every invoice number, in order of appearance.
    pub invoices: Vec<Invoice>,
    /// Distinct customer numbers.
    pub customers: usize,
    /// Lines without a customer.
    pub lines_without_customer: u64,
    /// Distinct countries as the file writes them, `Unspecified` included.
    pub countries: usize,
    /// Order lines whose price has thousandths: what rounding to the penny adds to the orders' sum,
    /// thousandths of a pound.
    pub rounding_milli: i64,
    /// Value of the book's order lines before cancellations, pence.
    pub ordered_pence: i64,
    /// Units of cancellation lines by what they did.
    pub units_back: UnitsBack,
    /// Lines that could not be read.
    pub errors: Vec<RowError>,
}

/// Units of cancellation lines by what they did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct UnitsBack {
    /// Taken off order lines on the day of the sale.
    pub cancelled: i64,
    /// Back to stock, with the order line they belong to.
    pub returned: i64,
    /// Back to stock, without one.
    pub returned_unmatched: i64,
}

impl Reconciliation {
    /// Counts sale invoices of the days from `first` to `last`, both included.
    #[must_use]
    pub fn invoices_between(&self, first: Day, last: Day) -> InvoiceCount {
        let sales: Vec<&Invoice> = self
            .invoices
            .iter()
            .filter(|invoice| invoice.kind == InvoiceKind::Sale && (first..=last).contains(&invoice.day))
            .collect();
        let abroad: Vec<&&Invoice> = sales.iter().filter(|invoice| invoice.country != HOME).collect();
        let countries: BTreeSet<&str> = abroad.iter().map(|invoice| invoice.country.as_str()).collect();
        InvoiceCount {
            sales: sales.len(),
            abroad: abroad.len(),
            countries_abroad: countries.len(),
            orders: sales.iter().filter(|invoice| invoice.is_order).count(),
        }
    }

    /// Whether lines, units and money add up, and the orders' value is that of their classes.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let sum = self.classes.values().fold(Tally::default(), |sum, class| Tally {
            lines: sum.lines + class.lines,
            units: sum.units + class.units,
            amount_milli: sum.amount_milli + class.amount_milli,
        });
        let of = |class| self.classes.get(&class).copied().unwrap_or_default();
        let ordered = of(LineClass::OrderLine).amount_milli + of(LineClass::FreeOrderLine).amount_milli;
        let back =
            [LineClass::Cancellation, LineClass::Return, LineClass::ReturnPart, LineClass::ReturnUnmatched];
        let back: i64 = back.into_iter().map(|class| -of(class).units).sum();
        sum.lines == self.lines_read
            && (sum.units, sum.amount_milli) == (self.total.units, self.total.amount_milli)
            && ordered + self.rounding_milli == self.ordered_pence * 10
            && back
                == self.units_back.cancelled + self.units_back.returned + self.units_back.returned_unmatched
    }

    pub(super) fn count(&mut self, class: LineClass, line: &Line) {
        self.classes.entry(class).or_default().add(line.quantity, line.price_milli);
    }
}

/// The country the retailer is at home in, as the file writes it.
pub const HOME: &str = "United Kingdom";

impl core::fmt::Display for Reconciliation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let pounds = |milli: i64| {
            format!(
                "{}{}.{:03}",
                if milli < 0 { "-" } else { "" },
                milli.unsigned_abs() / 1000,
                milli.unsigned_abs() % 1000
            )
        };
        writeln!(f, "{:<20} {:>9} {:>11} {:>18}", "class", "lines", "units", "GBP")?;
        for (class, tally) in &self.classes {
            writeln!(
                f,
                "{:<20} {:>9} {:>11} {:>18}",
                format!("{class:?}"),
                tally.lines,
                tally.units,
                pounds(tally.amount_milli)
            )?;
        }
        writeln!(
            f,
            "{:<20} {:>9} {:>11} {:>18}",
            "all",
            self.lines_read,
            self.total.units,
            pounds(self.total.amount_milli)
        )?;
        writeln!(
            f,
            "{} invoices, {} customers, {} lines without one, {} countries",
            self.invoices.len(),
            self.customers,
            self.lines_without_customer,
            self.countries
        )?;
        writeln!(
            f,
            "units back: {} cancelled before they left, {} returned, {} returned without a sale to match",
            self.units_back.cancelled, self.units_back.returned, self.units_back.returned_unmatched
        )
    }
}
