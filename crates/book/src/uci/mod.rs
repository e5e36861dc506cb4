//! UCI Online Retail II: a year of a British online retailer's invoices becomes a book, line by line.
//!
//! The data set (Chen, 2019, UCI Machine Learning Repository, CC BY 4.0) has eight columns and no sites, stock
//! or lanes. What is in the file is read and accounted for in a [`Reconciliation`] that adds up in lines, units
//! and money; what is not is declared by [`UciOptions`] or derived by a rule that the notes state.

mod line;
mod matching;
mod network;
mod reconcile;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use holdfast_domain::money::{Currency, Money};
use holdfast_domain::place::Place;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Calendar, Day, Zone};
use rustc_hash::{FxHashMap, FxHashSet};

pub use line::{HEADER, Line, LineClass};
pub use network::{MERCHANT, SITE_HOME, SITE_SECOND};
pub use reconcile::{HOME, Invoice, InvoiceCount, InvoiceKind, Reconciliation, Tally, UnitsBack};

use crate::cell::Context;
use crate::known::Known;
use crate::limits::{ERRORS_KEPT_MAX, FILE_BYTES_MAX};
use crate::model::{Book, Customer, Order, OrderLine, Return, Sku};
use crate::row::Row;
use crate::sheet::{Sheet, SheetError, sheets};
use line::Nature;
use matching::Ledger;

/// What the file does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UciOptions {
    /// Where the site in the United Kingdom stands.
    pub home: Place,
    /// A second site on the continent, and its share of the stock.
    pub second: Option<SecondSite>,
    /// Stock of a SKU in per cent of the units ordered of it.
    pub cover_percent: u32,
    /// Lines that repeat another in every field: left out as duplicates, or kept.
    pub duplicates_kept: bool,
    /// Local days to import, both included; the others are counted as outside.
    pub window: Option<(Day, Day)>,
}

/// The second site, declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondSite {
    /// Its name.
    pub name: String,
    /// Country, ISO 3166 alpha-2.
    pub country: String,
    /// Where it stands.
    pub place: Place,
    /// Its share of the stock of every SKU, per cent.
    pub stock_percent: u32,
}

impl Default for UciOptions {
    /// Northampton and Lille, a quarter of the stock at Lille, cover of 110 %, the whole file.
    fn default() -> Self {
        let at = |lat, lon| Place::new(lat, lon).expect("both are on the globe");
        Self {
            home: at(52.24, -0.90),
            second: Some(SecondSite {
                name: "Lille (declared)".to_owned(),
                country: "FR".to_owned(),
                place: at(50.63, 3.06),
                stock_percent: 25,
            }),
            cover_percent: 110,
            duplicates_kept: false,
            window: None,
        }
    }
}

/// The book made from the file, where everything went, and what was declared.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct UciReading {
    /// What is new.
    pub book: Book,
    /// Where every line and amount went.
    pub reconciliation: Reconciliation,
    /// What was declared or derived, in sentences.
    pub notes: Vec<String>,
}

/// Why the file as a whole was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UciError {
    /// Not a table.
    #[error("read the file: {0}")]
    Sheet(#[from] SheetError),
    /// Not packed by gzip as its first bytes say.
    #[error("unpack the file: it is cut off, damaged, or larger than {FILE_BYTES_MAX} bytes")]
    Gzip,
    /// Not these columns.
    #[error("read the header: column {0:?} is missing; Online Retail II has {expected}", expected = HEADER.join(", "))]
    NoColumn(&'static str),
}

/// Reads the file (CSV, gzip of it, or the workbook's first sheet). Orders in `known` are not imported again.
///
/// # Errors
/// [`UciError`] for a file that is not this table. Single lines that cannot be read are in the reconciliation.
pub fn read(name: &str, bytes: &[u8], options: &UciOptions, known: &Known) -> Result<UciReading, UciError> {
    let unpacked;
    let bytes = if bytes.starts_with(b"\x1F\x8B") {
        unpacked = gunzip(bytes)?;
        &unpacked
    } else {
        bytes
    };
    let sheet = sheets(name, bytes, &|_| false)?.into_iter().next().ok_or(SheetError::NoHeader)?;
    let (lines, mut reconciliation) = lines(&sheet)?;
    let mut making = Making::new(options, known);
    making.classify(&lines, &mut reconciliation);
    making.finish(&lines, &mut reconciliation);
    Ok(UciReading { book: making.book, reconciliation, notes: making.notes })
}

fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, UciError> {
    let mut out = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(bytes).take(FILE_BYTES_MAX as u64 + 1);
    reader.read_to_end(&mut out).map_err(|_| UciError::Gzip)?;
    if out.len() > FILE_BYTES_MAX { Err(UciError::Gzip) } else { Ok(out) }
}

/// Reads every line; those that cannot be read are counted as refused.
fn lines(sheet: &Sheet) -> Result<(Vec<Line>, Reconciliation), UciError> {
    let mut fields = [0; 8];
    for (at, column) in HEADER.iter().enumerate() {
        let found = sheet.header.iter().position(|name| name == column);
        fields[at] = found.ok_or(UciError::NoColumn(column))?;
    }
    let zone = Zone::named("Europe/London").unwrap_or_else(|_| Zone::utc());
    let context = Context { currency: Currency::GBP, zone: zone.clone(), country: "GB".to_owned() };
    let mut reconciliation = Reconciliation::default();
    let mut lines = Vec::with_capacity(sheet.rows.len());
    let mut moments = line::Moments::new(&zone, &context);
    for (row, record) in &sheet.rows {
        reconciliation.lines_read += 1;
        match line::parse(&sheet.name, *row, record, &fields, &mut moments) {
            Ok(line) => lines.push(line),
            Err(error) => {
                reconciliation.classes.entry(LineClass::Refused).or_default().lines += 1;
                if reconciliation.errors.len() < ERRORS_KEPT_MAX {
                    reconciliation.errors.push(*error);
                }
            }
        }
    }
    // A cancellation is matched with what was sold before it: by time, and in the order of the file within it.
    lines.sort_by_key(|line| (line.at, line.row));
    Ok((lines, reconciliation))
}

/// The book while it is made.
struct Making<'a> {
    options: &'a UciOptions,
    known: &'a Known,
    book: Book,
    notes: Vec<String>,
    ledger: Ledger,
    /// Order line of the book by line of the file.
    order_line: FxHashMap<usize, usize>,
    orders: FxHashMap<String, usize>,
    /// Lines seen of each invoice: the line number is the position in the invoice.
    positions: FxHashMap<String, u32>,
    skus: BTreeMap<String, Sku>,
    demand: BTreeMap<String, i64>,
    customers: BTreeMap<String, String>,
    per_day: BTreeMap<Day, BTreeSet<String>>,
    /// Country codes by the file's names: there are forty of them in half a million lines.
    codes: BTreeMap<String, &'static str>,
}

impl<'a> Making<'a> {
    fn new(options: &'a UciOptions, known: &'a Known) -> Self {
        Self {
            options,
            known,
            book: Book::default(),
            notes: Vec::new(),
            ledger: Ledger::default(),
            order_line: FxHashMap::default(),
            orders: FxHashMap::default(),
            positions: FxHashMap::default(),
            skus: BTreeMap::new(),
            demand: BTreeMap::new(),
            customers: BTreeMap::new(),
            per_day: BTreeMap::new(),
            codes: BTreeMap::new(),
        }
    }

    fn classify(&mut self, lines: &[Line], reconciliation: &mut Reconciliation) {
        let mut seen: FxHashSet<line::Fingerprint<'_>> = FxHashSet::default();
        for (at, line) in lines.iter().enumerate() {
            reconciliation.total.add(line.quantity, line.price_milli);
            let position = self.positions.entry(line.invoice.clone()).or_default();
            *position += 1;
            let position = *position;
            let fresh = seen.insert(line.fingerprint());
            let class = match line::nature(line) {
                _ if !fresh && !self.options.duplicates_kept => LineClass::Duplicate,
                _ if self.outside(line.day) => LineClass::OutsideWindow,
                _ if self.is_known(line, position) => LineClass::Known,
                Nature::Is(class) => class,
                Nature::Sale => self.sale(at, line, position, reconciliation),
                Nature::Back => self.back(lines, line, position, reconciliation),
            };
            reconciliation.count(class, line);
        }
        self.count_distinct(lines, reconciliation);
    }

    fn outside(&self, day: Day) -> bool {
        self.options.window.is_some_and(|(first, last)| day < first || day > last)
    }

    fn is_known(&self, line: &Line, position: u32) -> bool {
        let key = |number: &str| format!("{MERCHANT}\u{1f}{number}\u{1f}{position}");
        self.known.has(OrderLine::FILE.name, &key(&line.invoice))
            || self.known.has(Return::FILE.name, &key(&line.invoice))
            || self.known.has(Return::FILE.name, &format!("{}.1", key(&line.invoice)))
    }

    /// Goods that leave: a line of an order.
    fn sale(
        &mut self,
        at: usize,
        line: &Line,
        position: u32,
        reconciliation: &mut Reconciliation,
    ) -> LineClass {
        let units = u32::try_from(line.quantity).unwrap_or(u32::MAX);
        // Half a penny and more is a penny.
        let pence = (line.price_milli + 5).div_euclid(10);
        reconciliation.rounding_milli += (pence * 10 - line.price_milli) * line.quantity;
        reconciliation.ordered_pence += pence * line.quantity;
        let country = self.country(&line.country);
        if !self.orders.contains_key(&line.invoice) {
            self.orders.insert(line.invoice.clone(), self.book.orders.len());
            self.per_day.entry(line.day).or_default().insert(line.invoice.clone());
            self.book.orders.push(Order {
                customer: line.customer.clone(),
                paid_at: Some(line.at),
                promised: Calendar::weekdays_only().plus_working(line.day, network::promise_days(country)),
                ..Order::new(MERCHANT.to_owned(), line.invoice.clone(), line.at, country.to_owned())
            });
        }
        if let Some(customer) = &line.customer {
            self.customers.insert(customer.clone(), country.to_owned());
            self.ledger.sold(customer, &line.code, at, line.day, line.price_milli, line.quantity);
        }
        let price = Money::new(pence, Currency::GBP);
        self.order_line.insert(at, self.book.order_lines.len());
        self.book.order_lines.push(OrderLine {
            unit_price: Some(price),
            ..OrderLine::new(
                MERCHANT.to_owned(),
                line.invoice.clone(),
                position.to_string(),
                line.code.clone(),
                Quantity(units),
            )
        });
        *self.demand.entry(line.code.clone()).or_default() += line.quantity;
        let sku = self.sku(line);
        if line.price_milli > 0 {
            sku.price = Some(price);
        }
        if line.price_milli == 0 { LineClass::FreeOrderLine } else { LineClass::OrderLine }
    }

    fn country(&mut self, name: &str) -> &'static str {
        if let Some(code) = self.codes.get(name) {
            return code;
        }
        let code = network::country_code(name).unwrap_or("ZZ");
        self.codes.insert(name.to_owned(), code);
        code
    }

    /// The SKU of a line, with the latest description that says something.
    fn sku(&mut self, line: &Line) -> &mut Sku {
        let sku = self
            .skus
            .entry(line.code.clone())
            .or_insert_with(|| Sku::new(MERCHANT.to_owned(), line.code.clone(), line.code.clone()));
        if !line.description.is_empty() {
            sku.name.clone_from(&line.description);
        }
        sku
    }

    /// Goods of a cancellation: off an order line on the day of the sale, else back to stock.
    fn back(
        &mut self,
        lines: &[Line],
        line: &Line,
        position: u32,
        reconciliation: &mut Reconciliation,
    ) -> LineClass {
        let units = -line.quantity;
        let (matches, unmatched) = match &line.customer {
            Some(customer) => self.ledger.take_back(customer, &line.code, line.day, line.price_milli, units),
            None => (Vec::new(), units),
        };
        let mut part = 0;
        for found in &matches {
            let sold = &mut self.book.order_lines[self.order_line[&found.line]];
            if found.same_day {
                sold.cancelled =
                    Quantity(sold.cancelled.0.saturating_add(u32::try_from(found.units).unwrap_or(u32::MAX)));
                sold.cancelled_at = Some(line.at);
                *self.demand.entry(line.code.clone()).or_default() -= found.units;
                reconciliation.units_back.cancelled += found.units;
            } else {
                part += 1;
                let of = (lines[found.line].invoice.clone(), sold.line.clone());
                self.returned(line, position, part, found.units, Some(of));
                reconciliation.units_back.returned += found.units;
            }
        }
        if unmatched > 0 {
            self.returned(line, position, part + 1, unmatched, None);
            reconciliation.units_back.returned_unmatched += unmatched;
        }
        match (matches.is_empty(), unmatched > 0) {
            (true, _) => LineClass::ReturnUnmatched,
            (false, true) => LineClass::ReturnPart,
            (false, false) if matches.iter().all(|found| found.same_day) => LineClass::Cancellation,
            (false, false) => LineClass::Return,
        }
    }

    fn returned(&mut self, line: &Line, position: u32, part: u32, units: i64, of: Option<(String, String)>) {
        let refund = Money::new((line.price_milli + 5).div_euclid(10), Currency::GBP);
        let units = Quantity(u32::try_from(units).unwrap_or(u32::MAX));
        let (order, order_line) = of.unzip();
        self.sku(line);
        self.book.returns.push(Return {
            order,
            order_line,
            unit_refund: Some(refund),
            site: Some(SITE_HOME.to_owned()),
            ..Return::new(
                MERCHANT.to_owned(),
                line.invoice.clone(),
                format!("{position}.{part}"),
                line.code.clone(),
                units,
                line.at,
            )
        });
    }

    fn count_distinct(&self, lines: &[Line], reconciliation: &mut Reconciliation) {
        let mut numbers: FxHashSet<&str> = FxHashSet::default();
        for line in lines.iter().filter(|line| numbers.insert(line.invoice.as_str())) {
            let kind = match line.invoice.as_bytes().first() {
                Some(b'C') => InvoiceKind::Cancellation,
                Some(b'A') => InvoiceKind::Adjustment,
                _ => InvoiceKind::Sale,
            };
            reconciliation.invoices.push(Invoice {
                number: line.invoice.clone(),
                day: line.day,
                country: line.country.clone(),
                kind,
                is_order: self.orders.contains_key(&line.invoice),
            });
        }
        let customers: BTreeSet<&str> = lines.iter().filter_map(|line| line.customer.as_deref()).collect();
        let countries: BTreeSet<&str> = lines.iter().map(|line| line.country.as_str()).collect();
        reconciliation.customers = customers.len();
        reconciliation.countries = countries.len();
        reconciliation.lines_without_customer =
            lines.iter().filter(|line| line.customer.is_none()).count() as u64;
    }

    /// Declares the network, derives the stock, and says so.
    fn finish(&mut self, lines: &[Line], reconciliation: &mut Reconciliation) {
        self.book.customers = self
            .customers
            .iter()
            .map(|(reference, country)| Customer {
                language: Some(network::language(country).to_owned()),
                country: Some(country.clone()),
                ..Customer::new(reference.clone())
            })
            .collect();
        self.book.skus = std::mem::take(&mut self.skus).into_values().collect();
        let mut codes: BTreeMap<String, u64> = BTreeMap::new();
        for order in &self.book.orders {
            *codes.entry(order.ship_country.clone()).or_default() += 1;
        }
        let busiest = self.per_day.values().map(BTreeSet::len).max().unwrap_or(0);
        let busiest = u32::try_from(busiest).unwrap_or(u32::MAX);
        network::declare(&mut self.book, &codes, self.options, busiest);
        let first = self.book.orders.iter().map(|order| order.ordered_at).min();
        let first = first.map_or(Day(0), |at| at.local(&Zone::utc()).0);
        network::stock(&mut self.book, &self.demand, self.options, first);
        self.note(lines, busiest, reconciliation);
        self.drop_known();
    }

    fn note(&mut self, lines: &[Line], busiest: u32, reconciliation: &Reconciliation) {
        let options = self.options;
        let mut notes = vec![
            "orders, lines, prices, moments, customers and countries are real (UCI Online Retail II, CC BY 4.0)".to_owned(),
            format!("declared: site {SITE_HOME} in the United Kingdom; capacity 120 % of the busiest day's {busiest} orders"),
            format!("derived: stock of a SKU is {} % of its units ordered less those cancelled on the day", options.cover_percent),
            "declared: lanes by post, road, ferry and air, their costs and days; zones are countries, their middle the largest city".to_owned(),
            "derived: promise 3 working days at home, 7 where road and ferry reach, 10 elsewhere; language by country".to_owned(),
            "Channel Islands taken as Guernsey (GG); West Indies (XW) and Unspecified (ZZ) are no countries of ISO 3166".to_owned(),
            "a cancellation is matched with earlier lines of the same customer and code, same price first, latest first; on the same day it cancels, later it returns".to_owned(),
        ];
        if let Some(second) = &options.second {
            notes.push(format!(
                "declared: second site {SITE_SECOND}, {}, holds {} % of the stock of every SKU, capacity 60 % of the busiest day",
                second.name, second.stock_percent
            ));
        }
        if !options.duplicates_kept {
            let count = reconciliation.classes.get(&LineClass::Duplicate).map_or(0, |tally| tally.lines);
            notes.push(format!(
                "{count} lines repeat an earlier one in every field and are left out as duplicates"
            ));
        }
        let strange: BTreeSet<&str> = lines
            .iter()
            .map(|line| line.country.as_str())
            .filter(|country| network::country_code(country).is_none())
            .collect();
        if !strange.is_empty() {
            let names: Vec<&str> = strange.into_iter().collect();
            notes.push(format!("countries without a code, taken as unspecified (ZZ): {}", names.join(", ")));
        }
        self.notes = notes;
    }

    /// Leaves out rows that were imported before.
    fn drop_known(&mut self) {
        fn fresh<R: Row>(known: &Known, rows: &mut Vec<R>) {
            if known.has_any(R::FILE.name) {
                rows.retain(|row| !known.has(R::FILE.name, &row.key()));
            }
        }
        let (known, book) = (self.known, &mut self.book);
        fresh(known, &mut book.merchants);
        fresh(known, &mut book.sites);
        fresh(known, &mut book.skus);
        fresh(known, &mut book.stock);
        fresh(known, &mut book.zones);
        fresh(known, &mut book.carriers);
        fresh(known, &mut book.lanes);
        fresh(known, &mut book.customers);
        fresh(known, &mut book.orders);
        if known.has_any("operator.csv") {
            book.operator = None;
        }
    }
}
