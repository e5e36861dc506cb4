//! Order exports of shops: one row is one order line, with its order, customer and SKU repeated or carried.
//!
//! A row is accepted when its line is. What the row says of the order is checked against the first row of the
//! same order: another ship-to is refused, another state keeps the less advanced one.

use std::collections::BTreeSet;

use csv::StringRecord;
use holdfast_domain::money::Currency;
use rustc_hash::FxHashMap;

use crate::cell::Context;
use crate::kind::OrderStatus;
use crate::mapping::{CURRENCY, Mapping};
use crate::model::{Book, Customer, Order, OrderLine, Sku};
use crate::read::{Desk, ReadAs, Verdict, blank_or_uneven, unread};
use crate::report::FileReport;
use crate::row::{Cells, Repair, Row, RowError, quoted};
use crate::sheet::Sheet;
use crate::view::View;

/// Reads every export on the desk.
pub(crate) fn read(desk: &mut Desk<'_>, book: &mut Book) {
    let (exports, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut desk.sheets)
        .into_iter()
        .partition(|(read_as, _)| matches!(read_as, ReadAs::Export(_)));
    desk.sheets = rest;
    for (read_as, sheet) in &exports {
        if let ReadAs::Export(at) = read_as {
            let report = Export::new(desk, sheet, *at).run(desk, book);
            desk.report.files.push(report);
        }
    }
}

/// The four views of one export, and what is carried from row to row.
struct Export<'s> {
    sheet: &'s Sheet,
    mapping: Mapping,
    context: Context,
    skus: View,
    customers: View,
    orders: View,
    lines: View,
    currency_field: Option<usize>,
    /// Rows seen of each order, and the currency of its first.
    seen: FxHashMap<String, (u32, Currency)>,
}

/// What one row says, read but not yet in the book.
struct Parts {
    line: OrderLine,
    order: Option<Order>,
    customer: Option<Customer>,
    sku: Option<Sku>,
    repairs: Vec<Repair>,
}

impl<'s> Export<'s> {
    fn new(desk: &Desk<'_>, sheet: &'s Sheet, at: usize) -> Self {
        let mapping = desk.mappings[at].clone();
        let merchant = desk.merchant_of(&mapping).to_owned();
        let view = |file| View::mapped(file, &sheet.header, &mapping, &merchant);
        let currency = mapping.columns.get(CURRENCY).into_iter().flatten();
        let currency_field =
            currency.filter_map(|name| sheet.header.iter().position(|column| column == name)).next();
        Self {
            sheet,
            context: desk.context_of(&mapping),
            skus: view(Sku::FILE),
            customers: view(Customer::FILE),
            orders: view(Order::FILE),
            lines: view(OrderLine::FILE),
            currency_field,
            seen: FxHashMap::default(),
            mapping,
        }
    }

    fn run(mut self, desk: &mut Desk<'_>, book: &mut Book) -> FileReport {
        let sheet = self.sheet;
        let mut report = FileReport::new(&sheet.name, &self.mapping.name, sheet.encoding, sheet.separator);
        let views = [&self.skus, &self.customers, &self.orders, &self.lines];
        let mut read: BTreeSet<usize> = views.iter().flat_map(|view| view.fields()).collect();
        read.extend(self.currency_field);
        report.columns_unread = unread(sheet, &read);
        let before = [book.orders.len(), book.customers.len(), book.skus.len()];
        for (at, record) in &sheet.rows {
            report.read += 1;
            let refused = report.refused;
            if !blank_or_uneven(sheet, *at, record, &mut report) {
                self.take(desk, book, *at, record, &mut report);
            }
            if report.refused > refused {
                let number = self.orders.find(&self.orders.see(record, 0), "number").unwrap_or("").to_owned();
                report.orders_in_part.insert(number);
            }
        }
        desk.report.notes.push(format!(
            "{} by the mapping {}: {} lines in {} orders of {} customers; {} SKUs came with them",
            sheet.name,
            self.mapping.name,
            report.accepted,
            book.orders.len() - before[0],
            book.customers.len() - before[1],
            book.skus.len() - before[2]
        ));
        report
    }

    /// Takes a row, and counts what became of it.
    fn take(
        &mut self,
        desk: &mut Desk<'_>,
        book: &mut Book,
        at: u64,
        record: &StringRecord,
        report: &mut FileReport,
    ) {
        match self.row(desk, at, record) {
            Ok(parts) => match self.merge(desk, book, at, parts) {
                Ok(repairs) => {
                    report.accepted += 1;
                    report.repaired(repairs);
                }
                Err(Outcome::Known) => report.known += 1,
                Err(Outcome::Duplicate) => report.duplicates += 1,
                Err(Outcome::Refused(error)) => report.refuse([*error]),
            },
            Err(errors) => report.refuse(errors),
        }
    }

    /// Reads the four parts of a row.
    fn row(&mut self, desk: &Desk<'_>, at: u64, record: &StringRecord) -> Result<Parts, Vec<RowError>> {
        let number = self.orders.find(&self.orders.see(record, 0), "number").unwrap_or("").to_owned();
        let (running, carried) = self.seen.get(&number).copied().map_or((1, None), |(n, c)| (n + 1, Some(c)));
        let own = self.currency_field.and_then(|field| record.get(field)).and_then(|text| text.parse().ok());
        let currency = own.or(carried).unwrap_or(self.context.currency);
        self.seen.insert(number, (running, currency));
        let context = Context { currency, ..self.context.clone() };
        let mut errors = Vec::new();
        let mut repairs = Vec::new();
        let line: Option<OrderLine> =
            self.part(&self.lines, &context, at, record, running, &mut errors, &mut repairs);
        let order_key = line.as_ref().map(|line| format!("{}\u{1f}{}", line.merchant, line.order));
        let order_there = order_key.is_some_and(|key| {
            desk.known.has(Order::FILE.name, &key)
                || desk.taken.get(Order::FILE.name).is_some_and(|taken| taken.contains_key(&key))
        });
        let carried = self.mapping.carry && order_there;
        let order = if carried || line.is_none() {
            None
        } else {
            self.part(&self.orders, &context, at, record, running, &mut errors, &mut repairs)
        };
        let has = |view: &View, column: &str| {
            !view.find(&view.see(record, running), column).unwrap_or("").is_empty()
        };
        let customer = if carried || !has(&self.customers, "reference") {
            None
        } else {
            self.part(&self.customers, &context, at, record, running, &mut errors, &mut repairs)
        };
        let sku = if desk.given.contains(Sku::FILE.name) || !has(&self.skus, "code") {
            None
        } else {
            self.part(&self.skus, &context, at, record, running, &mut errors, &mut repairs)
        };
        // A cell that two parts read is repaired, and refused, once.
        repairs.dedup_by(|a, b| a.column == b.column);
        let mut columns = BTreeSet::new();
        errors.retain(|error: &RowError| columns.insert(error.column.clone()));
        match line {
            Some(line) if errors.is_empty() => Ok(Parts { line, order, customer, sku, repairs }),
            _ => Err(errors),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the view, the row, and where its errors and repairs go")]
    fn part<R: Row>(
        &self,
        view: &View,
        context: &Context,
        at: u64,
        record: &StringRecord,
        running: u32,
        errors: &mut Vec<RowError>,
        repairs: &mut Vec<Repair>,
    ) -> Option<R> {
        let seen = view.see(record, running);
        let find = |column: &str| view.find(&seen, column);
        let called = |column: &str| view.called(column);
        let mut cells = Cells::new(&self.sheet.name, at, context, &find, &called);
        let row = R::read(&mut cells);
        errors.append(&mut cells.errors);
        repairs.append(&mut cells.repairs);
        row
    }

    /// Puts the parts of a row into the book, all or none.
    fn merge(
        &self,
        desk: &mut Desk<'_>,
        book: &mut Book,
        at: u64,
        parts: Parts,
    ) -> Result<Vec<Repair>, Outcome> {
        let refused = |column: &str, value: &str, cause: String, remedy: String| {
            let file = self.sheet.name.clone();
            let (column, value) = (column.to_owned(), quoted(value));
            Outcome::Refused(Box::new(RowError { file, row: at, column, value, cause, remedy }))
        };
        let Parts { line, order, customer, sku, repairs } = parts;
        let line_key = line.key();
        if desk.known.has(OrderLine::FILE.name, &line_key) {
            return Err(Outcome::Known);
        }
        if let Some((index, row)) =
            desk.taken.get(OrderLine::FILE.name).and_then(|taken| taken.get(&line_key))
        {
            if book.order_lines[*index] == line {
                return Err(Outcome::Duplicate);
            }
            let cause = format!("row {row} has the same order and line and says something else");
            return Err(refused(
                &self.lines.called("line"),
                &line.line,
                cause,
                "keep one of them".to_owned(),
            ));
        }
        let sku_key = format!("{}\u{1f}{}", line.merchant, line.sku);
        let sku_there = taken(desk, Sku::FILE.name, &sku_key);
        let sku_checked = desk.given.contains(Sku::FILE.name);
        if sku_checked && !sku_there {
            let cause = "skus.csv has no such SKU, or it was refused".to_owned();
            let remedy = "add it to skus.csv, or correct the code in the shop".to_owned();
            return Err(refused(&self.lines.called("sku"), &line.sku, cause, remedy));
        }
        if let Some(Verdict::Refused { column, value, cause, remedy }) = desk.foreign(&line) {
            return Err(refused(&self.lines.called(column), &value, cause, remedy));
        }
        if let Some(order) = order {
            let verdict = desk.judge(&Order { customer: None, ..order.clone() }, &[]);
            let first = desk.taken.get(Order::FILE.name).and_then(|taken| taken.get(&order.key())).copied();
            match (first, verdict) {
                (Some((index, row)), _) => {
                    let earlier = &mut book.orders[index];
                    if (&earlier.ship_postal, &earlier.ship_street)
                        != (&order.ship_postal, &order.ship_street)
                    {
                        let cause = format!("row {row} sends the same order to another address");
                        let remedy = "give each address an order number of its own".to_owned();
                        return Err(refused(
                            &self.orders.called("ship_street"),
                            &order.number,
                            cause,
                            remedy,
                        ));
                    }
                    earlier.status = less_advanced(earlier.status, order.status);
                }
                (None, Verdict::Refused { column, value, cause, remedy }) => {
                    return Err(refused(&self.orders.called(column), &value, cause, remedy));
                }
                (None, Verdict::Known) => {}
                (None, _) => desk.accept(order, at, &mut book.orders),
            }
        }
        if let Some(customer) = customer.filter(|customer| !taken(desk, Customer::FILE.name, &customer.key()))
        {
            desk.accept(customer, at, &mut book.customers);
        }
        if let Some(sku) = sku.filter(|_| !sku_there) {
            desk.accept(sku, at, &mut book.skus);
        }
        desk.accept(line, at, &mut book.order_lines);
        Ok(repairs)
    }
}

/// What becomes of a row whose parts could be read, where it is not accepted.
enum Outcome {
    Known,
    Duplicate,
    Refused(Box<RowError>),
}

fn taken(desk: &Desk<'_>, file: &str, key: &str) -> bool {
    desk.known.has(file, key) || desk.taken.get(file).is_some_and(|taken| taken.contains_key(key))
}

/// The state that leaves more to be done: an order is as far as its slowest line.
fn less_advanced(a: OrderStatus, b: OrderStatus) -> OrderStatus {
    let rank = |status: OrderStatus| match status {
        OrderStatus::Open => 0,
        OrderStatus::Backordered => 1,
        OrderStatus::Held => 2,
        OrderStatus::Released => 3,
        OrderStatus::Shipped => 4,
        OrderStatus::Delivered => 5,
        OrderStatus::Cancelled => 6,
    };
    if rank(a) <= rank(b) { a } else { b }
}
