//! Reading a folder of files into a book, with a report of what became of every row.
//!
//! Files are read in the order of their references, so that a row can be checked against the rows it refers
//! to. A row is in the book, or it is in the report with its reason; there is no third place.

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;
use holdfast_domain::money::Currency;
use holdfast_domain::time::Zone;
use rustc_hash::FxHashMap;

use crate::FILES;
use crate::cell::Context;
use crate::encoding::Encoding;
use crate::export;
use crate::known::Known;
use crate::mapping::Mapping;
use crate::model::{Book, Merchant};
use crate::refer::Refers;
use crate::report::{FileReport, Report};
use crate::row::{Cells, FileSpec, Row, RowError, quoted};
use crate::sheet::{Sheet, sheets};
use crate::view::View;

/// A book, and what became of every row that was to make it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reading {
    /// What is new.
    pub book: Book,
    /// What became of every row.
    pub report: Report,
}

/// Code of the merchant where no file names one.
pub const SOLE_MERCHANT: &str = "main";
/// Rows in which the header of another system's file is looked for.
const HEADER_ROWS: usize = 5;

/// Reads files (name and bytes) into a book. Rows that are in `known` are counted and left out; `mappings`
/// say how other systems' files are read, the first that fits a header wins.
///
/// ```
/// use holdfast_book::{known::Known, mapping, read::read_book};
/// let skus = "merchant,code,name\nacme,W-24,Water\nacme,,Nameless\n";
/// let reading = read_book(&[("skus.csv", skus.as_bytes())], &Known::none(), &mapping::shipped());
/// assert_eq!((reading.book.skus.len(), reading.report.refused()), (1, 1));
/// assert!(reading.report.adds_up());
/// ```
pub fn read_book<N: AsRef<str>, B: AsRef<[u8]>>(
    files: &[(N, B)],
    known: &Known,
    mappings: &[Mapping],
) -> Reading {
    let mut desk = Desk::new(known, mappings);
    for (name, bytes) in files {
        desk.take(name.as_ref(), bytes.as_ref());
    }
    let mut book = Book::default();
    let mut operators = Vec::new();
    desk.table(&mut operators);
    desk.keep_first(&mut operators);
    if let Some(operator) = operators.first() {
        desk.base.currency = operator.currency;
        desk.base.zone = operator.timezone.clone();
        desk.base.country.clone_from(&operator.country);
    }
    book.operator = operators.pop();
    desk.table(&mut book.merchants);
    desk.merchants(&book.merchants);
    desk.table(&mut book.sites);
    desk.table(&mut book.capacity_days);
    desk.table(&mut book.standby_contracts);
    desk.table(&mut book.zones);
    desk.table(&mut book.carriers);
    desk.table(&mut book.lanes);
    desk.table(&mut book.skus);
    desk.table(&mut book.customers);
    export::read(&mut desk, &mut book);
    desk.table(&mut book.stock);
    desk.table(&mut book.inbound);
    desk.table(&mut book.orders);
    desk.table(&mut book.order_lines);
    desk.table(&mut book.returns);
    desk.table(&mut book.contacts);
    desk.table(&mut book.processes);
    desk.derive_merchants(&mut book);
    Reading { book, report: desk.report }
}

/// What a sheet is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadAs {
    /// A file of the book, named as the book names it.
    File(&'static str),
    /// A file of the book, through a mapping.
    Mapped(&'static str, usize),
    /// Orders, lines, customers and SKUs at once, through a mapping.
    Export(usize),
}

/// The reader's desk: what lies on it while a book is read.
pub(crate) struct Desk<'a> {
    pub(crate) known: &'a Known,
    pub(crate) mappings: &'a [Mapping],
    pub(crate) base: Context,
    pub(crate) currencies: BTreeMap<String, Currency>,
    pub(crate) merchant: String,
    pub(crate) sheets: Vec<(ReadAs, Sheet)>,
    /// Files that were handed over; references into others are not checked.
    pub(crate) given: BTreeSet<&'static str>,
    /// Accepted rows by key, with their position and the row they came from.
    pub(crate) taken: BTreeMap<&'static str, FxHashMap<String, (usize, u64)>>,
    pub(crate) report: Report,
}

impl<'a> Desk<'a> {
    fn new(known: &'a Known, mappings: &'a [Mapping]) -> Self {
        let base = Context { currency: Currency::USD, zone: Zone::utc(), country: "US".to_owned() };
        let merchants: Vec<&str> = known.keys("merchants.csv").collect();
        let merchant = if let [sole] = merchants[..] { sole } else { SOLE_MERCHANT }.to_owned();
        Self {
            known,
            mappings,
            base,
            currencies: BTreeMap::new(),
            merchant,
            sheets: Vec::new(),
            given: BTreeSet::new(),
            taken: BTreeMap::new(),
            report: Report::default(),
        }
    }

    /// Opens a file and finds out what it is.
    fn take(&mut self, name: &str, bytes: &[u8]) {
        let is_book_file = |stem: &str| file_of(stem).is_some();
        let opened = match sheets(name, bytes, &is_book_file) {
            Ok(opened) => opened,
            Err(error) => {
                self.report.files_refused.push(RowError {
                    file: name.to_owned(),
                    row: 0,
                    column: String::new(),
                    value: String::new(),
                    cause: error.to_string(),
                    remedy: "the file was not read; mend it and read it again".to_owned(),
                });
                return;
            }
        };
        for mut sheet in opened {
            match self.read_as(&mut sheet) {
                Some(read_as) => {
                    if let ReadAs::File(file) | ReadAs::Mapped(file, _) = read_as {
                        self.given.insert(file);
                    }
                    self.sheets.push((read_as, sheet));
                }
                None => {
                    let mut report = FileReport::new(&sheet.name, "nothing", sheet.encoding, sheet.separator);
                    report.read = sheet.rows.len() as u64;
                    report.ignored.insert(
                        "rows of a file that is not one of the book's and fits no mapping".to_owned(),
                        report.read,
                    );
                    report.columns_unread = sheet.header;
                    self.report.files.push(report);
                }
            }
        }
    }

    fn read_as(&self, sheet: &mut Sheet) -> Option<ReadAs> {
        let named = file_of(&sheet.stem);
        if let Some(file) = named
            && View::plain(file, &sheet.header, &self.merchant).missing().is_empty()
        {
            return Some(ReadAs::File(file.name));
        }
        for (at, mapping) in self.mappings.iter().enumerate() {
            if rehead(sheet, mapping) {
                let gives: Vec<FileSpec> = FILES.iter().filter(|file| mapping.gives(file)).copied().collect();
                return match gives[..] {
                    [file] => Some(ReadAs::Mapped(file.name, at)),
                    _ => Some(ReadAs::Export(at)),
                };
            }
        }
        named.map(|file| ReadAs::File(file.name))
    }

    /// Reads every sheet of one file of the book.
    fn table<R: Row + Refers + PartialEq>(&mut self, rows: &mut Vec<R>) {
        let mine = |read_as: &ReadAs| matches!(read_as, ReadAs::File(file) | ReadAs::Mapped(file, _) if *file == R::FILE.name);
        let (sheets, rest) =
            std::mem::take(&mut self.sheets).into_iter().partition(|(read_as, _)| mine(read_as));
        self.sheets = rest;
        let sheets: Vec<(ReadAs, Sheet)> = sheets;
        for (read_as, sheet) in &sheets {
            self.sheet(*read_as, sheet, rows);
        }
    }

    fn sheet<R: Row + Refers + PartialEq>(&mut self, read_as: ReadAs, sheet: &Sheet, rows: &mut Vec<R>) {
        let (view, label, base) = match read_as {
            ReadAs::Mapped(_, at) => {
                let mapping = &self.mappings[at];
                let view = View::mapped(R::FILE, &sheet.header, mapping, self.merchant_of(mapping));
                (view, mapping.name.clone(), self.context_of(mapping))
            }
            ReadAs::File(_) | ReadAs::Export(_) => (
                View::plain(R::FILE, &sheet.header, &self.merchant),
                R::FILE.name.to_owned(),
                self.base.clone(),
            ),
        };
        let mut report = FileReport::new(&sheet.name, &label, sheet.encoding, sheet.separator);
        let read: BTreeSet<usize> = view.fields().collect();
        report.columns_unread = unread(sheet, &read);
        let missing = view.missing();
        if missing.is_empty() {
            let mut contexts = Contexts { base, by_currency: BTreeMap::new() };
            for (at, record) in &sheet.rows {
                report.read += 1;
                if !blank_or_uneven(sheet, *at, record, &mut report) {
                    self.row(&view, sheet, *at, record, &mut contexts, &mut report, rows);
                }
            }
        } else {
            report.read = sheet.rows.len() as u64;
            report.refused = report.read;
            report.errors(missing.iter().map(|column| RowError {
                file: sheet.name.clone(),
                row: 1,
                column: (*column).to_owned(),
                value: quoted(&sheet.header.join(",")),
                cause: "the header lacks a required column, so that every row is refused".to_owned(),
                remedy: format!(
                    "add the column {column}, or name the header it stands under in a column mapping"
                ),
            }));
        }
        self.report.files.push(report);
    }

    #[allow(clippy::too_many_arguments, reason = "the row, where it stands, and what it is read against")]
    fn row<R: Row + Refers + PartialEq>(
        &mut self,
        view: &View,
        sheet: &Sheet,
        at: u64,
        record: &StringRecord,
        contexts: &mut Contexts,
        report: &mut FileReport,
        rows: &mut Vec<R>,
    ) {
        let seen = view.see(record, 0);
        let currency = view.find(&seen, "currency").and_then(|text| text.trim().parse().ok()).or_else(|| {
            view.find(&seen, "merchant").and_then(|code| self.currencies.get(code.trim()).copied())
        });
        let context = contexts.of(currency);
        let find = |column: &str| view.find(&seen, column);
        let called = |column: &str| view.called(column);
        let mut cells = Cells::new(&sheet.name, at, context, &find, &called);
        let row = R::read(&mut cells);
        let (errors, repairs) = (std::mem::take(&mut cells.errors), std::mem::take(&mut cells.repairs));
        let row = match row {
            Some(row) if errors.is_empty() => row,
            _ => return report.refuse(errors),
        };
        match self.judge(&row, rows) {
            Verdict::New => {
                report.repaired(repairs);
                report.accepted += 1;
                self.accept(row, at, rows);
            }
            Verdict::Known => report.known += 1,
            Verdict::Duplicate => report.duplicates += 1,
            Verdict::Refused { column, value, cause, remedy } => report.refuse([RowError {
                file: sheet.name.clone(),
                row: at,
                column: view.called(column),
                value,
                cause,
                remedy,
            }]),
        }
    }

    pub(crate) fn accept<R: Row>(&mut self, row: R, at: u64, rows: &mut Vec<R>) {
        self.taken.entry(R::FILE.name).or_default().insert(row.key(), (rows.len(), at));
        rows.push(row);
    }

    /// What is to become of a row that could be read.
    pub(crate) fn judge<R: Row + Refers + PartialEq>(&self, row: &R, rows: &[R]) -> Verdict {
        let key = row.key();
        if self.known.has(R::FILE.name, &key) {
            return Verdict::Known;
        }
        if let Some((index, at)) = self.taken.get(R::FILE.name).and_then(|taken| taken.get(&key)) {
            if rows.get(*index) == Some(row) {
                return Verdict::Duplicate;
            }
            return Verdict::Refused {
                column: R::FILE.key.last().copied().unwrap_or(""),
                value: quoted(&key.replace('\u{1f}', " ")),
                cause: format!("row {at} has the same key and says something else"),
                remedy: format!("keep one of them; the key is {}", R::FILE.key.join(", ")),
            };
        }
        for reference in row.refers() {
            let there =
                self.taken.get(reference.file).is_some_and(|taken| taken.contains_key(&reference.key));
            let checked = self.given.contains(reference.file) || self.known.has_any(reference.file);
            if checked && !there && !self.known.has(reference.file, &reference.key) {
                return Verdict::Refused {
                    column: reference.column,
                    value: quoted(&reference.key.replace('\u{1f}', " ")),
                    cause: format!("{} has no such row, or it was refused", reference.file),
                    remedy: format!("add it to {}, or correct the cell", reference.file),
                };
            }
        }
        self.foreign(row).unwrap_or(Verdict::New)
    }

    /// Refuses a price in another currency than its merchant's: no sum of the two can be made.
    pub(crate) fn foreign<R: Refers>(&self, row: &R) -> Option<Verdict> {
        let (merchant, column, price) = row.price()?;
        let currency = self.currencies.get(merchant)?;
        (*currency != price.currency()).then(|| Verdict::Refused {
            column,
            value: price.to_string(),
            cause: format!("an amount in {} of a merchant who counts in {currency}", price.currency()),
            remedy: "convert it, or give those goods and orders a merchant of their own".to_owned(),
        })
    }

    pub(crate) fn merchant_of<'b>(&'b self, mapping: &'b Mapping) -> &'b str {
        mapping.defaults.merchant.as_deref().unwrap_or(&self.merchant)
    }

    /// What cells are read in under a mapping.
    pub(crate) fn context_of(&self, mapping: &Mapping) -> Context {
        let defaults = &mapping.defaults;
        let merchant = self.merchant_of(mapping);
        let currency = defaults.currency.as_deref().and_then(|code| code.parse().ok());
        let zone = defaults.timezone.as_deref().and_then(|name| Zone::named(name).ok());
        Context {
            currency: self.currencies.get(merchant).copied().or(currency).unwrap_or(self.base.currency),
            zone: zone.unwrap_or_else(|| self.base.zone.clone()),
            country: defaults.country.clone().unwrap_or_else(|| self.base.country.clone()),
        }
    }

    fn merchants(&mut self, merchants: &[Merchant]) {
        self.currencies =
            merchants.iter().map(|merchant| (merchant.code.clone(), merchant.currency)).collect();
        if let [sole] = merchants {
            self.merchant.clone_from(&sole.code);
        }
    }

    /// One operator a book: a second row is taken back.
    fn keep_first(&mut self, operators: &mut Vec<crate::model::Operator>) {
        for extra in operators.drain(1.min(operators.len())..) {
            let Some(report) = self.report.files.iter_mut().rev().find(|report| report.accepted > 0) else {
                continue;
            };
            report.accepted -= 1;
            report.refuse([RowError {
                file: report.file.clone(),
                row: 0,
                column: "name".to_owned(),
                value: quoted(&extra.name),
                cause: "a second operator".to_owned(),
                remedy: "keep one row: each operator has a book of its own".to_owned(),
            }]);
        }
    }

    /// Where no file names the merchants, they are the codes the other files use.
    fn derive_merchants(&mut self, book: &mut Book) {
        if self.given.contains("merchants.csv") || self.known.has_any("merchants.csv") {
            return;
        }
        let mut codes: BTreeMap<String, Currency> = BTreeMap::new();
        for order in &book.orders {
            codes.entry(order.merchant.clone()).or_insert(self.base.currency);
        }
        for sku in &book.skus {
            codes.entry(sku.merchant.clone()).or_insert(self.base.currency);
        }
        let mut priced = BTreeSet::new();
        let mut foreign = 0;
        for line in &book.order_lines {
            if let (Some(price), Some(currency)) = (line.unit_price, codes.get_mut(&line.merchant)) {
                // The first price of a merchant says what it counts in.
                if priced.insert(&line.merchant) {
                    *currency = price.currency();
                }
                foreign += u32::from(*currency != price.currency());
            }
        }
        if foreign > 0 {
            self.report.notes.push(format!(
                "{foreign} order lines are in another currency than their merchant's first: name the merchants in merchants.csv"
            ));
        }
        if !codes.is_empty() {
            let names: Vec<&str> = codes.keys().map(String::as_str).collect();
            self.report.notes.push(format!(
                "merchants.csv was not handed over: merchants taken from the other files: {}",
                names.join(", ")
            ));
        }
        book.merchants =
            codes.into_iter().map(|(code, currency)| Merchant::new(code.clone(), code, currency)).collect();
    }
}

/// What becomes of a row that could be read.
pub(crate) enum Verdict {
    New,
    Known,
    Duplicate,
    Refused { column: &'static str, value: String, cause: String, remedy: String },
}

/// Contexts by currency, made when they are first needed.
struct Contexts {
    base: Context,
    by_currency: BTreeMap<Currency, Context>,
}

impl Contexts {
    fn of(&mut self, currency: Option<Currency>) -> &Context {
        let currency = currency.unwrap_or(self.base.currency);
        let base = &self.base;
        self.by_currency.entry(currency).or_insert_with(|| Context { currency, ..base.clone() })
    }
}

/// The file of the book with this stem; case, blanks and hyphens do not matter.
fn file_of(stem: &str) -> Option<FileSpec> {
    let plain = stem.trim().to_lowercase().replace([' ', '-'], "_");
    FILES.iter().find(|file| file.name.trim_end_matches(".csv") == plain).copied()
}

/// Makes the row that `mapping` knows as a header the header of the sheet; whether there is one.
fn rehead(sheet: &mut Sheet, mapping: &Mapping) -> bool {
    if mapping.detects(&sheet.header) {
        return true;
    }
    let found = sheet
        .rows
        .iter()
        .take(HEADER_ROWS)
        .position(|(_, record)| mapping.detects(&record.iter().collect::<Vec<_>>()));
    let Some(at) = found else { return false };
    sheet.header = sheet.rows[at].1.iter().map(|field| field.trim().to_owned()).collect();
    sheet.rows.drain(..=at);
    true
}

/// The columns of a sheet that nothing reads.
pub(crate) fn unread(sheet: &Sheet, read: &BTreeSet<usize>) -> Vec<String> {
    let columns = sheet.header.iter().enumerate();
    columns
        .filter(|(at, name)| !read.contains(at) && !name.is_empty())
        .map(|(_, name)| name.clone())
        .collect()
}

/// Counts a row that is blank, or refuses one whose fields do not fit the header.
pub(crate) fn blank_or_uneven(
    sheet: &Sheet,
    at: u64,
    record: &StringRecord,
    report: &mut FileReport,
) -> bool {
    if record.iter().all(|field| field.trim().is_empty()) {
        report.ignore("blank rows");
        return true;
    }
    let extra = record.iter().skip(sheet.header.len()).any(|field| !field.trim().is_empty());
    // A workbook does not store the empty cells at the end of a row.
    let short = record.len() < sheet.header.len() && sheet.encoding != Encoding::Workbook;
    if !short && !extra {
        return false;
    }
    report.refuse([RowError {
        file: sheet.name.clone(),
        row: at,
        column: String::new(),
        value: quoted(&record.iter().collect::<Vec<_>>().join(&sheet.separator.to_string())),
        cause: format!("{} fields where the header has {}", record.len(), sheet.header.len()),
        remedy:
            "put quotes around fields with the separator in them, close open quotes; the file may be cut off"
                .to_owned(),
    }]);
    true
}
