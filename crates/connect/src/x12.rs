//! X12, versions 004010 and 005010, as warehouses speak it: 940 out; 945, 856 and 846 in; 997 both ways.
//!
//! Pure: bytes in, data out. An interchange says itself what separates its parts, so any terminator is read, a newline
//! among them. What is wrong inside an interchange is a [`Fault`] that a 997 tells its sender, by the codes of the
//! standard; only what cannot be answered, because nobody knows whom to answer, is a [`ReadError`].
//!
//! Source: X12 005010 and 004010, transaction sets 940, 945, 856, 846, 997; data elements 716, 718, 720 and 723 (codes
//! of AK9, AK5, AK3 and AK4). The sets' rules here hold what this house reads; segments it does not read may be there.

mod answer;
mod envelope;
mod rules;
mod told;
mod write;

pub use answer::{answer, is_applied};
pub use envelope::read;
pub use told::{Advice, Count, Functional, Shipped, advices, counts, functional};
pub use write::{Envelope, Line, ShippingOrder, shipping_orders};

/// Segments of an interchange that are read.
pub const SEGMENTS_MAX: usize = 200_000;
/// Elements of a segment that are read.
pub const ELEMENTS_MAX: usize = 200;
/// Faults of a set that are told.
pub const FAULTS_MAX: usize = 50;

/// Who sends, or receives: a qualifier (ISA05, ISA07) and an id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// Two characters, such as `ZZ`.
    pub qualifier: String,
    /// The id, without the blanks that fill it up.
    pub id: String,
}

impl Party {
    /// A party of `ZZ:ID`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (qualifier, id) = text.split_once(':')?;
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() && !b"*~^>:|".contains(&b));
        let fits = qualifier.len() == 2 && (1..=15).contains(&id.len()) && plain(qualifier) && plain(id);
        fits.then(|| Self { qualifier: qualifier.to_owned(), id: id.to_owned() })
    }
}

/// What separates the parts of an interchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Separators {
    /// Between elements.
    pub element: char,
    /// Between the parts of an element.
    pub component: char,
    /// After a segment.
    pub terminator: char,
}

/// A segment: its id, and its elements from the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// Such as `W06`.
    pub id: String,
    /// Element 1 stands at 0.
    pub elements: Vec<String>,
}

impl Segment {
    /// Element `number` from 1; empty where it is not there.
    #[must_use]
    pub fn get(&self, number: usize) -> &str {
        number.checked_sub(1).and_then(|at| self.elements.get(at)).map_or("", String::as_str)
    }
}

/// What is wrong with an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementFault {
    /// Its number from 1.
    pub element: usize,
    /// Code of data element 723.
    pub code: &'static str,
    /// What stands there.
    pub value: String,
}

/// What is wrong with a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its id, or that of the one that is missing.
    pub segment: String,
    /// Its number in the set, ST being 1.
    pub position: usize,
    /// Code of data element 720.
    pub code: &'static str,
    /// What is wrong in it.
    pub elements: Vec<ElementFault>,
    /// Whether the set cannot be taken for it.
    pub fatal: bool,
}

/// A transaction set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    /// ST01, such as `945`.
    pub id: String,
    /// ST02.
    pub control: String,
    /// Its segments between ST and SE.
    pub segments: Vec<Segment>,
    /// What is wrong with them.
    pub faults: Vec<Fault>,
    /// Codes of data element 718: what is wrong with the set itself.
    pub codes: Vec<&'static str>,
}

impl Set {
    /// Whether it can be taken.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.codes.is_empty() && self.faults.iter().all(|fault| !fault.fatal)
    }
}

/// A functional group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// GS01, such as `SW`.
    pub functional: String,
    /// GS02.
    pub sender: String,
    /// GS03.
    pub receiver: String,
    /// GS06.
    pub control: String,
    /// GS08, such as `005010`.
    pub version: String,
    /// Its sets.
    pub sets: Vec<Set>,
    /// How many there are by GE01.
    pub declared: usize,
    /// Codes of data element 716: what is wrong with the group itself.
    pub codes: Vec<&'static str>,
}

/// What a TA1 says of an interchange of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acknowledged {
    /// TA101: the ISA13 of the interchange it is about.
    pub control: String,
    /// TA104: `A` accepted, `E` accepted with errors in its envelope, `R` rejected as a whole.
    pub code: String,
}

/// An interchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interchange {
    /// Who sends it.
    pub sender: Party,
    /// Who is to have it.
    pub receiver: Party,
    /// ISA13, nine digits.
    pub control: String,
    /// ISA09 and ISA10, as they are written.
    pub date: String,
    /// ISA10.
    pub time: String,
    /// ISA12, such as `00501`.
    pub version: String,
    /// Whether it is a test (ISA15).
    pub test: bool,
    /// What separates its parts.
    pub separators: Separators,
    /// What it says of whole interchanges of ours, by its TA1s.
    pub acknowledged: Vec<Acknowledged>,
    /// Its groups.
    pub groups: Vec<Group>,
    /// The code of data element I18 that a TA1 tells, where the envelope itself is wrong.
    pub code: Option<&'static str>,
}

/// Why an interchange cannot even be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It does not begin as one.
    #[error("read the interchange: it does not begin with an ISA segment of 16 elements")]
    NoIsa,
    /// It has more than is read.
    #[error(
        "read the interchange: it has more than {SEGMENTS_MAX} segments, or a segment of more than {ELEMENTS_MAX} elements"
    )]
    Large,
    /// It does not end as one.
    #[error(
        "read the interchange: it ends without its IEA: segment {segment} is the last; send all of it again"
    )]
    Broken {
        /// Segments that are there.
        segment: usize,
    },
    /// Something follows it, or stands where nothing may.
    #[error(
        "read the interchange: segment {segment} ({id:?}) stands outside of every group or set; send one interchange at a time"
    )]
    Outside {
        /// Its number from 1.
        segment: usize,
        /// Its id.
        id: String,
    },
}
