//! One line of the file, read and classified by itself: what it is before it is matched with others.

use csv::StringRecord;
use holdfast_domain::time::{Day, Stamp, Zone};

use crate::cell::{Cell, Context};
use crate::row::{RowError, quoted};

/// The columns, as the file names them.
pub const HEADER: [&str; 8] =
    ["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"];

/// A line of the file. Prices are in thousandths of a pound: fourteen lines sell at 0.001.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Line of the file.
    pub row: u64,
    /// Invoice number; `C…` cancels, `A…` adjusts.
    pub invoice: String,
    /// Stock code, trimmed and in capitals: the file writes 85123a and 85123A.
    pub code: String,
    /// Description, trimmed.
    pub description: String,
    /// Units; negative for what comes back or is written off.
    pub quantity: i64,
    /// Moment of the invoice.
    pub at: Stamp,
    /// Local day of the invoice in London.
    pub day: Day,
    /// Price of one unit, thousandths of a pound.
    pub price_milli: i64,
    /// Customer number, where there is one.
    pub customer: Option<String>,
    /// Country as the file writes it.
    pub country: String,
}

/// All of a line but its place in the file: a line with the fingerprint of an earlier one repeats it.
pub(super) type Fingerprint<'a> = (&'a str, &'a str, &'a str, (i64, i64, i64), Option<&'a str>, &'a str);

impl Line {
    pub(super) fn fingerprint(&self) -> Fingerprint<'_> {
        let numbers = (self.quantity, self.at.0, self.price_milli);
        (&self.invoice, &self.code, &self.description, numbers, self.customer.as_deref(), &self.country)
    }
}

/// What a line is. Every line is exactly one of these.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineClass {
    /// Goods sold: a line of an order.
    OrderLine,
    /// Goods given to a known customer at no price: a line of an order.
    FreeOrderLine,
    /// A cancellation on the day of the sale, all of it matched: cancels lines of orders before they leave.
    Cancellation,
    /// A later cancellation, all of it matched with earlier lines of the same customer: goods that came back.
    Return,
    /// A cancellation of which a part finds no earlier sale in the file: goods that came back.
    ReturnPart,
    /// A cancellation that finds no earlier sale in the file, or names no customer: goods that came back.
    ReturnUnmatched,
    /// Postage and carriage: POST, DOT, C2, C3.
    Carriage,
    /// Amounts entered by hand: M.
    Manual,
    /// Discounts: D.
    Discount,
    /// Samples: S.
    Sample,
    /// Fees of banks and market places: BANK CHARGES, AMAZONFEE.
    Fee,
    /// Gift vouchers: nothing is shipped.
    Voucher,
    /// Test products.
    Test,
    /// Adjustments of the books: ADJUST, and the bad debts (B) of invoices `A…`.
    BookAdjustment,
    /// Stock found or taken on, without price or customer.
    StockUp,
    /// Stock lost, damaged or thrown away: negative, no price.
    StockDown,
    /// A line that repeats an earlier one in every field.
    Duplicate,
    /// Outside the days that were asked for.
    OutsideWindow,
    /// Imported before.
    Known,
    /// Not readable.
    Refused,
}

/// What a single line is by its own words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nature {
    /// Goods that leave.
    Sale,
    /// Goods of a cancellation invoice.
    Back,
    /// Settled already.
    Is(LineClass),
}

/// The nature of a line.
#[must_use]
pub fn nature(line: &Line) -> Nature {
    if let Some(class) = class_of_code(&line.code) {
        return Nature::Is(class);
    }
    match (line.invoice.as_bytes().first(), line.quantity, line.price_milli) {
        (Some(b'A'), ..) => Nature::Is(LineClass::BookAdjustment),
        (Some(b'C'), quantity, _) if quantity < 0 => Nature::Back,
        (Some(b'C'), ..) => Nature::Is(LineClass::Manual),
        (_, quantity, _) if quantity <= 0 => Nature::Is(LineClass::StockDown),
        (_, _, 0) if line.customer.is_none() => Nature::Is(LineClass::StockUp),
        (_, _, price) if price < 0 => Nature::Is(LineClass::BookAdjustment),
        _ => Nature::Sale,
    }
}

/// The class of a stock code that is not goods. Goods begin with five digits, or with DCGS, SP or PADS.
fn class_of_code(code: &str) -> Option<LineClass> {
    match code {
        "POST" | "DOT" | "C2" | "C3" => Some(LineClass::Carriage),
        "M" => Some(LineClass::Manual),
        "D" => Some(LineClass::Discount),
        "S" => Some(LineClass::Sample),
        "B" | "ADJUST" | "ADJUST2" => Some(LineClass::BookAdjustment),
        "BANK CHARGES" | "AMAZONFEE" | "CRUK" => Some(LineClass::Fee),
        "GIFT" => Some(LineClass::Voucher),
        _ if code.starts_with("GIFT_") => Some(LineClass::Voucher),
        _ if code.starts_with("TEST") => Some(LineClass::Test),
        _ => None,
    }
}

/// Where each of the eight columns stands.
pub(super) type Fields = [usize; 8];

/// Moments as they are read; the lines of an invoice repeat theirs, so the last one is kept.
pub(super) struct Moments<'a> {
    zone: &'a Zone,
    context: &'a Context,
    last: Option<(String, Stamp, Day)>,
}

impl<'a> Moments<'a> {
    pub fn new(zone: &'a Zone, context: &'a Context) -> Self {
        Self { zone, context, last: None }
    }

    fn read(&mut self, text: &str) -> Option<(Stamp, Day)> {
        if let Some((_, at, day)) = self.last.as_ref().filter(|(last, ..)| last == text) {
            return Some((*at, *day));
        }
        let at: Stamp = Cell::parse(text, self.context).ok()?;
        let day = at.local(self.zone).0;
        self.last = Some((text.to_owned(), at, day));
        Some((at, day))
    }
}

/// Reads a line.
pub(super) fn parse(
    file: &str,
    row: u64,
    record: &StringRecord,
    fields: &Fields,
    moments: &mut Moments<'_>,
) -> Result<Line, Box<RowError>> {
    let text = |column: usize| record.get(fields[column]).unwrap_or("").trim();
    let refuse = |column: usize, cause: &str, remedy: &str| {
        Box::new(RowError {
            file: file.to_owned(),
            row,
            column: HEADER[column].to_owned(),
            value: quoted(text(column)),
            cause: cause.to_owned(),
            remedy: remedy.to_owned(),
        })
    };
    for column in [0, 1, 7] {
        if text(column).is_empty() {
            return Err(refuse(column, "the cell is empty", "fill the cell; the column is required"));
        }
    }
    let quantity: i64 = text(3)
        .parse()
        .ok()
        .filter(|quantity: &i64| quantity.unsigned_abs() <= u64::from(u32::MAX))
        .ok_or_else(|| refuse(3, "not a whole number of units", "write digits, with a minus for returns"))?;
    let (at, day) = moments
        .read(text(4))
        .ok_or_else(|| refuse(4, "not a moment", "write it as 2009-12-01 07:45:00, London time"))?;
    let price_milli =
        milli(text(5)).ok_or_else(|| refuse(5, "not a price", "write pounds with at most three decimals"))?;
    let customer = text(6).strip_suffix(".0").unwrap_or(text(6));
    Ok(Line {
        row,
        invoice: text(0).to_owned(),
        code: text(1).to_uppercase(),
        description: text(2).to_owned(),
        quantity,
        at,
        day,
        price_milli,
        customer: (!customer.is_empty()).then(|| customer.to_owned()),
        country: text(7).to_owned(),
    })
}

/// Pounds in thousandths; `None` for anything that is not a plain decimal within a billion pounds.
fn milli(text: &str) -> Option<i64> {
    let (negative, plain) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() > 9 || fraction.len() > 3 {
        return None;
    }
    let amount = whole.parse::<i64>().ok()? * 1000 + format!("{fraction:0<3}").parse::<i64>().ok()?;
    Some(if negative { -amount } else { amount })
}
