//! The benchmark's text format `holdfast-replan 1`, and its answers.
//!
//! A record a line, space separated, `#` starts a comment, money in whole cents; the format is told in
//! `docs/` and beside the instances. Reading names the line and the field of the first fault.

use holdfast_domain::id::{SiteId, SkuId, ZoneId};

use super::plan::Plan;
use super::problem::{
    Draft, Lane, LaneKind, Line, Merchant, Order, Problem, ProblemError, Site, SiteStatus, Sku, Stock,
};

/// Largest instance read, in bytes.
pub const INSTANCE_BYTES_MAX: usize = 1 << 30;
/// Most sites, zones and SKUs a header may announce.
pub const HEADER_COUNT_MAX: usize = 1 << 22;
/// Most (site, zone) pairs a header may announce.
pub const PLACES_MAX: usize = 1 << 22;

/// Why an instance could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// A record that does not say what it must.
    #[error("read the instance, line {line}: {cause}; {remedy}")]
    Record {
        /// Line number, from 1.
        line: usize,
        /// What is wrong.
        cause: String,
        /// What to write instead.
        remedy: &'static str,
    },
    /// More bytes than [`INSTANCE_BYTES_MAX`].
    #[error("read the instance: it has {bytes} bytes, the limit is {INSTANCE_BYTES_MAX}")]
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
    /// The file ends before what its header announces.
    #[error("read the instance: it ends with {found} of {expected} {what}; is the file cut short?")]
    CutShort {
        /// What is missing.
        what: &'static str,
        /// How many are there.
        found: usize,
        /// How many were announced.
        expected: usize,
    },
    /// Indices or numbers out of range.
    #[error("read the instance")]
    Problem(#[source] ProblemError),
}

/// Reads an instance.
///
/// # Errors
/// [`FormatError`] with the place of the first fault.
///
/// ```
/// use holdfast_plan::replan::bench_format::parse;
/// let text = "H holdfast-replan 1 1 1 1 1 7\nK 2 1 2500 30\nF 0 U 10\nL 0 0 500 10 2 1\nS 0 0 4\nO 0 0 3 400 1 0:2:-1\n";
/// let problem = parse(text.as_bytes()).unwrap();
/// assert_eq!(problem.orders[0].lines[0].quantity, 2);
/// let error = parse(b"H holdfast-replan 1 1 1 1 1 7\nK 2 x 2500 30\n").unwrap_err();
/// assert!(error.to_string().contains("line 2"));
/// ```
pub fn parse(bytes: &[u8]) -> Result<Problem, FormatError> {
    if bytes.len() > INSTANCE_BYTES_MAX {
        return Err(FormatError::TooLarge { bytes: bytes.len() });
    }
    let mut reader = Reader::default();
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let mut record = Record { line: index + 1, rest: line };
        if let Some(kind) = record.word() {
            reader.record(kind, &mut record)?;
        }
    }
    reader.finish()
}

/// Writes the answer: `order line site` for each line in the instance's order, -1 for backorder.
///
/// Where a line was split the site of its first piece is written; benchmark lines never split.
#[must_use]
pub fn write_plan(problem: &Problem, plan: &Plan) -> String {
    use core::fmt::Write as _;
    let mut out = String::with_capacity(problem.line_count() * 12);
    for (index, order) in problem.orders.iter().enumerate() {
        for number in 0..order.lines.len() {
            let site = plan.pieces_of(problem.first_line(index) + number).first();
            let site = site.map_or(-1, |piece| i32::from(piece.site.0));
            writeln!(out, "{index} {number} {site}").expect("writing to a string cannot fail");
        }
    }
    out
}

/// Writes a problem as an instance.
///
/// # Errors
/// What the format cannot say: more than a day, several services a lane, weights, splitting and the like.
pub fn write_instance(problem: &Problem, seed: u64) -> Result<String, &'static str> {
    use core::fmt::Write as _;
    let mut out = String::new();
    let line = problem.orders.iter().flat_map(|order| &order.lines).next();
    let (backorder, moving) = line.map_or((0, 0), |line| (line.backorder_cost, line.move_cost));
    if problem.horizon_days != 1 {
        return Err("the format has one day only");
    }
    let mut put = |text: core::fmt::Arguments| out.write_fmt(text).expect("writing to a string cannot fail");
    put(format_args!(
        "H holdfast-replan 1 {} {} {} {} {seed}\n",
        problem.sites.len(),
        problem.zones,
        problem.skus.len(),
        problem.orders.len()
    ));
    let work = problem.sites.first().map_or((0, 0), |site| (site.work_parcel, site.work_unit));
    put(format_args!("K {} {} {backorder} {moving}\n", work.0, work.1));
    for (index, site) in problem.sites.iter().enumerate() {
        let down = site.status == SiteStatus::Down;
        let capacity = if down { 0 } else { site.capacity[0] };
        put(format_args!("F {index} {} {capacity}\n", if down { 'D' } else { 'U' }));
    }
    for lane in &problem.lanes {
        let open = u8::from(lane.open_from < lane.open_until);
        let Lane { site, zone, fix, per_unit, .. } = lane;
        put(format_args!("L {} {} {fix} {per_unit} {} {open}\n", site.0, zone.0, lane.transit(0)));
    }
    for stock in &problem.stock {
        put(format_args!("S {} {} {}\n", stock.site.0, stock.sku.0, stock.quantity));
    }
    for (index, order) in problem.orders.iter().enumerate() {
        let Order { zone, promise_day, late_cost, lines, .. } = order;
        put(format_args!("O {index} {} {promise_day} {late_cost} {}", zone.0, lines.len()));
        for line in lines {
            let planned = line.planned.map_or(-1, |site| i64::from(site.0));
            put(format_args!(" {}:{}:{planned}", line.sku.0, line.quantity));
        }
        put(format_args!("\n"));
    }
    Ok(out)
}

struct Record<'a> {
    line: usize,
    rest: &'a [u8],
}

impl<'a> Record<'a> {
    fn word(&mut self) -> Option<&'a [u8]> {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
        let start = self.rest.iter().position(|byte| !blank(byte))?;
        if self.rest[start] == b'#' {
            self.rest = &[];
            return None;
        }
        let word = &self.rest[start..];
        let end = word.iter().position(|byte| blank(byte) || *byte == b'#').unwrap_or(word.len());
        self.rest = &word[end..];
        Some(&word[..end])
    }

    fn fault(&self, cause: String, remedy: &'static str) -> FormatError {
        FormatError::Record { line: self.line, cause, remedy }
    }

    fn number(&mut self, field: &'static str, least: i64, most: i64) -> Result<i64, FormatError> {
        let Some(word) = self.word() else {
            return Err(self.fault(format!("{field} is missing"), "write every field of the record"));
        };
        self.whole(word, field, least, most)
    }

    fn whole(&self, word: &[u8], field: &'static str, least: i64, most: i64) -> Result<i64, FormatError> {
        let bad = |cause: String| self.fault(cause, "write a whole number within the field's limits");
        let (negative, digits) = word.strip_prefix(b"-").map_or((false, word), |digits| (true, digits));
        let shown = || String::from_utf8_lossy(&word[..word.len().min(40)]).into_owned();
        if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
            return Err(bad(format!("{field} is {:?}, not a whole number", shown())));
        }
        let amount = digits.iter().fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        let value = if negative { -amount } else { amount };
        if value < least || value > most {
            return Err(bad(format!("{field} is {value}, its limits are {least} to {most}")));
        }
        Ok(value)
    }

    fn end(&mut self) -> Result<(), FormatError> {
        match self.word() {
            None => Ok(()),
            Some(word) => {
                let shown = String::from_utf8_lossy(&word[..word.len().min(40)]).into_owned();
                Err(self.fault(format!("{shown:?} after the last field"), "end the record there"))
            }
        }
    }
}

#[derive(Default)]
struct Reader {
    draft: Draft,
    header: Option<usize>,
    known: bool,
    work: (u32, u32),
    backorder: i64,
    moving: i64,
    sites_seen: Vec<bool>,
}

const MONEY_MAX: i64 = super::problem::COST_MAX;

impl Reader {
    fn record(&mut self, kind: &[u8], record: &mut Record) -> Result<(), FormatError> {
        if self.header.is_none() && kind != b"H" {
            return Err(record.fault("no header yet".into(), "start with H holdfast-replan 1 ..."));
        }
        if matches!(kind, b"F" | b"L" | b"S" | b"O") && !self.known {
            return Err(record.fault("no K record yet".into(), "write K before F, L, S and O"));
        }
        match kind {
            b"H" => self.header(record),
            b"K" => self.constants(record),
            b"F" => self.site(record),
            b"L" => self.lane(record),
            b"S" => self.stock(record),
            b"O" => self.order(record),
            _ => {
                let shown = String::from_utf8_lossy(&kind[..kind.len().min(40)]).into_owned();
                Err(record.fault(format!("record {shown:?} is not known"), "write H, K, F, L, S, O or #"))
            }
        }?;
        record.end()
    }

    fn header(&mut self, record: &mut Record) -> Result<(), FormatError> {
        if self.header.is_some() {
            return Err(record.fault("a second header".into(), "one instance a file"));
        }
        let name = record.word().unwrap_or_default();
        let version = record.word().unwrap_or_default();
        if name != b"holdfast-replan" || version != b"1" {
            return Err(record.fault("not holdfast-replan 1".into(), "convert it to version 1 of the format"));
        }
        let most = HEADER_COUNT_MAX as i64;
        let sites = record.number("n_fc", 1, super::problem::SITES_MAX as i64)? as usize;
        let zones = record.number("n_zone", 1, i64::from(u16::MAX))? as usize;
        let skus = record.number("n_sku", 1, most)? as usize;
        let orders = record.number("n_order", 0, super::problem::ORDERS_MAX as i64)? as usize;
        record.number("seed", i64::MIN / 2, i64::MAX / 2)?;
        if sites * zones > PLACES_MAX {
            return Err(
                record.fault(format!("{sites} x {zones} lanes"), "keep sites x zones below the limit")
            );
        }
        let down = Site {
            status: SiteStatus::Down,
            capacity: vec![0],
            work_parcel: 0,
            work_unit: 0,
            allows: u32::MAX,
        };
        self.draft.horizon_days = 1;
        self.draft.zones = zones;
        self.draft.sites = vec![down; sites];
        self.draft.skus = vec![Sku { weight_g: 0, class: 0 }; skus];
        self.draft.merchants = vec![Merchant::default()];
        self.sites_seen = vec![false; sites];
        self.header = Some(orders);
        Ok(())
    }

    fn constants(&mut self, record: &mut Record) -> Result<(), FormatError> {
        self.known = true;
        let parcel = record.number("work_parcel", 0, 1 << 20)? as u32;
        let unit = record.number("work_unit", 0, 1 << 20)? as u32;
        self.work = (parcel, unit);
        self.backorder = record.number("backorder_cents", 0, MONEY_MAX)?;
        self.moving = record.number("move_cents", 0, MONEY_MAX)?;
        Ok(())
    }

    fn site(&mut self, record: &mut Record) -> Result<(), FormatError> {
        let site = record.number("fc", 0, self.draft.sites.len() as i64 - 1)? as usize;
        let status = match record.word() {
            Some(b"U") => SiteStatus::Usable,
            Some(b"D") => SiteStatus::Down,
            _ => return Err(record.fault("status is neither U nor D".into(), "write U (usable) or D (down)")),
        };
        let capacity = record.number("capacity", 0, MONEY_MAX)? as u64;
        if core::mem::replace(&mut self.sites_seen[site], true) {
            return Err(record.fault(format!("site {site} a second time"), "write each site once"));
        }
        let (work_parcel, work_unit) = self.work;
        self.draft.sites[site] =
            Site { status, capacity: vec![capacity], work_parcel, work_unit, allows: u32::MAX };
        Ok(())
    }

    fn lane(&mut self, record: &mut Record) -> Result<(), FormatError> {
        let site = SiteId(record.number("fc", 0, self.draft.sites.len() as i64 - 1)? as u16);
        let zone = ZoneId(record.number("zone", 0, self.draft.zones as i64 - 1)? as u16);
        let fix = record.number("fix_cents", 0, MONEY_MAX)?;
        let per_unit = record.number("var_cents", 0, 1 << 28)?;
        let transit = record.number("transit_days", 0, i64::from(u16::MAX))? as u16;
        let open_until = record.number("open", 0, 1)? as u16;
        self.draft.lanes.push(Lane {
            site,
            zone,
            service: 0,
            kind: LaneKind::Parcel,
            fix,
            per_unit,
            per_kg: 0,
            handling_parcel: 0,
            handling_unit: 0,
            transit_days: vec![transit],
            open_from: 0,
            open_until,
            allows: u32::MAX,
            unit_max_g: u32::MAX,
        });
        Ok(())
    }

    fn stock(&mut self, record: &mut Record) -> Result<(), FormatError> {
        let site = SiteId(record.number("fc", 0, self.draft.sites.len() as i64 - 1)? as u16);
        let sku = SkuId(record.number("sku", 0, self.draft.skus.len() as i64 - 1)? as u32);
        let quantity = record.number("qty", 0, i64::from(u32::MAX))? as u32;
        self.draft.stock.push(Stock { site, sku, quantity, from_day: 0 });
        Ok(())
    }

    fn order(&mut self, record: &mut Record) -> Result<(), FormatError> {
        let index = self.draft.orders.len() as i64;
        if index >= self.header.unwrap_or(0) as i64 {
            return Err(record.fault("more orders than announced".into(), "correct n_order in the header"));
        }
        if record.number("order", 0, i64::MAX / 2)? != index {
            return Err(
                record.fault(format!("order {index} expected"), "number the orders from 0 without gaps")
            );
        }
        let zone = ZoneId(record.number("zone", 0, self.draft.zones as i64 - 1)? as u16);
        let promise_day = record.number("promise_days", 0, i64::from(u16::MAX))? as u16;
        let late_cost = record.number("late_cents", 0, MONEY_MAX)?;
        let count = record.number("n_lines", 0, super::problem::ORDER_LINES_MAX as i64)? as usize;
        let mut lines = Vec::with_capacity(count);
        for _ in 0..count {
            lines.push(self.line(record)?);
        }
        self.draft.orders.push(Order {
            merchant: 0,
            zone,
            promise_day,
            earliest_day: 0,
            late_cost,
            late_cost_day: 0,
            split_cost: 0,
            weight: 1,
            lines,
        });
        Ok(())
    }

    fn line(&self, record: &mut Record) -> Result<Line, FormatError> {
        let Some(word) = record.word() else {
            return Err(record.fault("a line is missing".into(), "write n_lines times sku:qty:planned_fc"));
        };
        let mut parts = word.split(|&byte| byte == b':');
        let (Some(sku), Some(quantity), Some(planned), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(
                record.fault("a line is not sku:qty:planned_fc".into(), "write three numbers with colons")
            );
        };
        let sku = record.whole(sku, "sku", 0, self.draft.skus.len() as i64 - 1)?;
        let quantity = record.whole(quantity, "qty", 1, i64::from(super::problem::LINE_QUANTITY_MAX))?;
        let planned = record.whole(planned, "planned_fc", -1, self.draft.sites.len() as i64 - 1)?;
        Ok(Line {
            sku: SkuId(sku as u32),
            quantity: quantity as u32,
            planned: u16::try_from(planned).ok().map(SiteId),
            move_cost: self.moving,
            may_split: false,
            backorder_cost: self.backorder,
            backorder_unit: 0,
            held: None,
        })
    }

    fn finish(self) -> Result<Problem, FormatError> {
        let Some(expected) = self.header else {
            return Err(FormatError::CutShort { what: "headers", found: 0, expected: 1 });
        };
        let found = self.draft.orders.len();
        if found != expected {
            return Err(FormatError::CutShort { what: "orders", found, expected });
        }
        let sites = self.sites_seen.iter().filter(|seen| **seen).count();
        if sites != self.sites_seen.len() {
            return Err(FormatError::CutShort {
                what: "sites",
                found: sites,
                expected: self.sites_seen.len(),
            });
        }
        Problem::freeze(self.draft).map_err(FormatError::Problem)
    }
}
