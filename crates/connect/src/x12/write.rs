//! Interchanges of this house: envelopes with their counts, and 940s.

use super::Party;

/// The envelope of an interchange that goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Who sends it: this house.
    pub sender: Party,
    /// Who is to have it.
    pub receiver: Party,
    /// Its number, 1 to 999,999,999: ISA13 and GS06.
    pub control: u32,
    /// The version, `004010` or `005010`.
    pub version: String,
    /// When, as `2026-11-23T10:00:00Z`: ISA09, ISA10, GS04, GS05.
    pub at: String,
    /// Whether it is a test.
    pub test: bool,
    /// After each segment: `~`, or a newline.
    pub terminator: char,
}

/// Writes an interchange: counts segments, sets and groups.
pub(super) struct Writer {
    out: String,
    terminator: char,
    control: String,
    group: Option<String>,
    five: bool,
    sets: usize,
    groups: usize,
    segments: usize,
    set: String,
}

const ELEMENT: char = '*';
const COMPONENT: char = '>';
const REPETITION: char = '^';

impl Writer {
    pub(super) fn begin(envelope: &Envelope) -> Self {
        let five = envelope.version.starts_with("005");
        let control = format!("{:09}", envelope.control % 1_000_000_000);
        let mut out = Self {
            out: String::new(),
            terminator: envelope.terminator,
            control: control.clone(),
            group: None,
            five,
            sets: 0,
            groups: 0,
            segments: 0,
            set: String::new(),
        };
        let fill = |text: &str, width: usize| format!("{text:<width$}");
        let (date, time) = moment(&envelope.at);
        let isa = [
            "00".to_owned(),
            fill("", 10),
            "00".to_owned(),
            fill("", 10),
            envelope.sender.qualifier.clone(),
            fill(&envelope.sender.id, 15),
            envelope.receiver.qualifier.clone(),
            fill(&envelope.receiver.id, 15),
            date[2..].to_owned(),
            time,
            if five { REPETITION.to_string() } else { "U".to_owned() },
            if five { "00501" } else { "00401" }.to_owned(),
            control,
            "0".to_owned(),
            if envelope.test { "T" } else { "P" }.to_owned(),
            COMPONENT.to_string(),
        ];
        // The ISA alone has a fixed width and keeps its blanks.
        out.out.push_str("ISA");
        for element in isa {
            out.out.push(ELEMENT);
            out.out.push_str(&element);
        }
        out.out.push(out.terminator);
        out
    }

    pub(super) const fn is_5010(&self) -> bool {
        self.five
    }

    pub(super) fn group(&mut self, functional: &str, envelope: &Envelope) {
        self.shut();
        let (date, time) = moment(&envelope.at);
        let control = envelope.control.to_string();
        let version = if self.five { "005010" } else { "004010" };
        let (from, to) = (&envelope.sender.id, &envelope.receiver.id);
        self.segment("GS", &[functional, from, to, &date, &time, &control, "X", version]);
        (self.group, self.sets) = (Some(control), 0);
        self.groups += 1;
    }

    pub(super) fn open(&mut self, id: &str, number: usize) {
        self.set = format!("{number:04}");
        self.segments = 0;
        self.sets += 1;
        let set = self.set.clone();
        self.segment("ST", &[id, &set]);
    }

    pub(super) fn close(&mut self) {
        let (count, set) = ((self.segments + 1).to_string(), self.set.clone());
        self.segment("SE", &[&count, &set]);
    }

    /// A segment; what would be taken for a separator becomes a blank, and empty elements at its end are left out.
    pub(super) fn segment(&mut self, id: &str, elements: &[&str]) {
        self.segments += 1;
        self.out.push_str(id);
        let last = elements.iter().rposition(|element| !element.trim().is_empty()).map_or(0, |at| at + 1);
        for element in &elements[..last] {
            self.out.push(ELEMENT);
            let terminator = self.terminator;
            let safe = |c: char| match c {
                ELEMENT | COMPONENT | REPETITION | '~' => ' ',
                c if c == terminator || c.is_control() => ' ',
                c => c,
            };
            self.out.push_str(element.chars().map(safe).collect::<String>().trim());
        }
        self.out.push(self.terminator);
    }

    fn shut(&mut self) {
        if let Some(control) = self.group.take() {
            let sets = self.sets.to_string();
            self.segment("GE", &[&sets, &control]);
        }
    }

    pub(super) fn end(mut self) -> String {
        self.shut();
        let (groups, control) = (self.groups.to_string(), self.control.clone());
        self.segment("IEA", &[&groups, &control]);
        self.out
    }
}

/// A moment as CCYYMMDD and HHMM.
fn moment(at: &str) -> (String, String) {
    let digits: String = at.chars().filter(char::is_ascii_digit).collect();
    let digits = format!("{digits:0<12}");
    (digits[..8].to_owned(), digits[8..12].to_owned())
}

/// What a warehouse is to send: one shipment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShippingOrder {
    /// Number of its set from 1, by which a 997 names it: ST02. It stays the same when others are left out.
    pub set: usize,
    /// This house's number for the shipment: W05 02, which comes back in W06 02.
    pub shipment: String,
    /// The merchant's number of the order: W05 03.
    pub order: String,
    /// The site's day on which it is to leave, `2026-11-23`.
    pub day: String,
    /// Carrier and service, as people say it.
    pub carrier: String,
    /// Name of who gets it.
    pub name: String,
    /// Street.
    pub street: String,
    /// City.
    pub city: String,
    /// Postal code.
    pub postal: String,
    /// ISO 3166-1, two letters.
    pub country: String,
    /// Phone, where there is one.
    pub phone: String,
    /// What goes into it.
    pub lines: Vec<Line>,
}

/// Units of a SKU.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The merchant's code.
    pub sku: String,
    /// Units.
    pub units: u32,
}

/// An interchange of 940s, one set for each shipment.
#[must_use]
pub fn shipping_orders(envelope: &Envelope, orders: &[ShippingOrder]) -> String {
    let mut out = Writer::begin(envelope);
    out.group("OW", envelope);
    for order in orders {
        out.open("940", order.set);
        out.segment("W05", &["N", &cut(&order.shipment, 22), &cut(&order.order, 22)]);
        out.segment("N1", &["ST", &cut(&order.name, 60)]);
        if !order.street.trim().is_empty() {
            let (first, second) = halves(&order.street, 55);
            out.segment("N3", &[&first, &second]);
        }
        out.segment("N4", &[&cut(&order.city, 30), "", &cut(&order.postal, 15), &cut(&order.country, 3)]);
        if !order.phone.trim().is_empty() {
            out.segment("PER", &["RE", "", "TE", &cut(&order.phone, 80)]);
        }
        let day: String = order.day.chars().filter(char::is_ascii_digit).collect();
        out.segment("G62", &["10", &day]);
        if !order.carrier.trim().is_empty() {
            out.segment("W66", &["PP", "U", "", "", &cut(&order.carrier, 35)]);
        }
        for (number, line) in (1..).zip(&order.lines) {
            let (number, units): (usize, _) = (number, line.units.to_string());
            out.segment("LX", &[&number.to_string()]);
            out.segment("W01", &[&units, "EA", "", "VN", &cut(&line.sku, 48)]);
        }
        let units: u64 = order.lines.iter().map(|line| u64::from(line.units)).sum();
        out.segment("W76", &[&units.to_string()]);
        out.close();
    }
    out.end()
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// A text in two elements of at most `most` characters.
fn halves(text: &str, most: usize) -> (String, String) {
    (cut(text, most), text.chars().skip(most).take(most).collect())
}
