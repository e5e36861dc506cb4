//! What sets tell: what left a warehouse (945, 856), what lies there (846), what it makes of ours (997).

use std::collections::{BTreeMap, BTreeSet};

use super::rules::{day, units};
use super::{Segment, Set};

/// What a warehouse says has left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// This house's number for the shipment, where it is told.
    pub shipment: String,
    /// The order's number, where it is told.
    pub order: String,
    /// The day it left, as `2026-11-23`.
    pub day: Option<String>,
    /// The carrier's numbers for its parcels.
    pub tracking: Vec<String>,
    /// What is in it.
    pub lines: Vec<Shipped>,
}

/// Units of an item that left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shipped {
    /// All codes that stand for it: the merchant's own, GTINs.
    pub codes: Vec<String>,
    /// Units.
    pub units: u32,
}

/// Units that lie in a warehouse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// All codes that stand for the item.
    pub codes: Vec<String>,
    /// Units on hand (QTY 17); several are added up, those of several LIN with the same codes too.
    pub on_hand: Option<u32>,
    /// Units that can be promised (QTY 33); several are added up.
    pub available: Option<u32>,
}

/// What became of a group of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Functional {
    /// GS01 of the group.
    pub functional: String,
    /// GS06 of the group.
    pub control: String,
    /// AK901: `A` accepted, `E` accepted with errors noted, `P` in part, `R` rejected, and others for rejected.
    pub status: String,
    /// The sets that were not accepted: ST02 and AK501.
    pub refused: Vec<(String, String)>,
}

/// Qualifiers of codes in pairs (data element 235) that name an item.
const ITEM: [&str; 12] = ["VN", "VP", "SK", "BP", "IN", "UP", "UK", "EN", "UA", "UI", "MG", "PI"];
/// Qualifiers of references (data element 128) that name a parcel.
const PARCEL: [&str; 3] = ["2I", "CN", "BM"];

/// Pairs of qualifier and code from element `from` on.
fn codes(segment: &Segment, from: usize) -> Vec<String> {
    let pairs = (from..segment.elements.len()).step_by(2);
    let is_item = |at: &usize| ITEM.contains(&segment.get(*at).trim());
    let found = pairs.filter(is_item).map(|at| segment.get(at + 1).trim().to_owned());
    found.filter(|code| !code.is_empty()).collect()
}

fn push_once(list: &mut Vec<String>, text: &str) {
    let text = text.trim();
    if !text.is_empty() && !list.iter().any(|known| known == text) {
        list.push(text.to_owned());
    }
}

/// Numbers of parcels by how well they name one: a tracking number before a carrier's reference, that before a bill of
/// lading.
#[derive(Default)]
struct Parcels {
    lists: [Vec<String>; 3],
    /// What is in them: a load may have thousands of labels.
    known: BTreeSet<(usize, String)>,
}

impl Parcels {
    fn push(&mut self, rank: usize, text: &str) {
        let text = text.trim();
        if !text.is_empty() && self.known.insert((rank, text.to_owned())) {
            self.lists[rank].push(text.to_owned());
        }
    }

    fn hear(&mut self, segment: &Segment) {
        match segment.id.as_str() {
            // Marks: CP is a carrier's package, SM the shipper's; GM is a pallet's or carton's own label.
            "MAN" if matches!(segment.get(1), "CP" | "SM") => {
                for number in [2, 3] {
                    self.push(0, segment.get(number));
                }
            }
            "N9" | "REF" => {
                if let Some(at) = PARCEL.iter().position(|known| *known == segment.get(1).trim()) {
                    self.push(at, segment.get(2));
                }
            }
            _ => {}
        }
    }

    fn best(&self) -> Vec<String> {
        self.lists.iter().find(|list| !list.is_empty()).cloned().unwrap_or_default()
    }
}

/// What a 945 or 856 says has left. A 945 tells of one shipment, an 856 of one for each of its orders.
#[must_use]
pub fn advices(set: &Set) -> Vec<Advice> {
    match set.id.as_str() {
        "945" => vec![advice_945(set)],
        "856" => advices_856(set),
        _ => Vec::new(),
    }
}

fn advice_945(set: &Set) -> Advice {
    let (mut out, mut parcels, mut left) = (Advice::default(), Parcels::default(), None);
    for segment in &set.segments {
        parcels.hear(segment);
        match segment.id.as_str() {
            "W06" => {
                out.shipment = segment.get(2).trim().to_owned();
                out.order = segment.get(6).trim().to_owned();
                out.day = day(segment.get(3));
            }
            // 11: it left on this day.
            "G62" if segment.get(1) == "11" => left = day(segment.get(2)),
            "W12" => {
                let mut codes: Vec<String> = Vec::new();
                for pair in [7, 17, 21] {
                    if ITEM.contains(&segment.get(pair).trim()) {
                        push_once(&mut codes, segment.get(pair + 1));
                    }
                }
                push_once(&mut codes, segment.get(6));
                out.lines.push(Shipped { codes, units: units(segment.get(3)).unwrap_or(0) });
            }
            _ => {}
        }
    }
    out.day = left.or(out.day);
    out.tracking = parcels.best();
    out
}

fn advices_856(set: &Set) -> Vec<Advice> {
    let mut whole = Parcels::default();
    let (mut all, mut level): (Vec<(Advice, Parcels)>, &str) = (Vec::new(), "");
    let (mut named, mut left, mut shipment) = (String::new(), None, String::new());
    for segment in &set.segments {
        match segment.id.as_str() {
            "BSN" => {
                named = segment.get(2).trim().to_owned();
                left = day(segment.get(3));
            }
            "HL" => {
                level = segment.get(3).trim();
                if level == "O" {
                    all.push((Advice::default(), Parcels::default()));
                }
            }
            "DTM" if segment.get(1) == "011" => left = day(segment.get(2)).or(left),
            "PRF" => {
                if let Some((advice, _)) = all.last_mut() {
                    advice.order = segment.get(1).trim().to_owned();
                }
            }
            "REF" if segment.get(1).trim() == "SI" => {
                let number = segment.get(2).trim().to_owned();
                match all.last_mut() {
                    Some((advice, _)) => advice.shipment = number,
                    None => shipment = number,
                }
            }
            "LIN" => {
                if let Some((advice, _)) = all.last_mut() {
                    advice.lines.push(Shipped { codes: codes(segment, 2), units: 0 });
                }
            }
            "SN1" => {
                if let Some(line) = all.last_mut().and_then(|(advice, _)| advice.lines.last_mut()) {
                    line.units = line.units.saturating_add(units(segment.get(2)).unwrap_or(0));
                }
            }
            _ => {}
        }
        match all.last_mut() {
            Some((_, parcels)) if level != "S" => parcels.hear(segment),
            _ => whole.hear(segment),
        }
    }
    let alone = all.len() == 1;
    let close = |(advice, parcels): (Advice, Parcels)| {
        let own = parcels.best();
        // What the shipment as a whole is named by names its only order, and no order where there are several.
        let whole_names =
            |own: String, whole: &str| if own.is_empty() && alone { whole.to_owned() } else { own };
        Advice {
            day: left.clone(),
            tracking: if own.is_empty() { whole.best() } else { own },
            shipment: whole_names(whole_names(advice.shipment, &shipment), &named),
            ..advice
        }
    };
    all.into_iter().map(close).collect()
}

/// What an 846 says lies in the warehouse: one count for each item, whatever lots and bins it is told of in.
#[must_use]
pub fn counts(set: &Set) -> Vec<Count> {
    let mut all: Vec<Count> = Vec::new();
    let mut places: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let mut current = None;
    for segment in set.segments.iter().filter(|_| set.id == "846") {
        match segment.id.as_str() {
            "LIN" => {
                let (codes, new) = (codes(segment, 2), all.len());
                // Items without a code are not known to be the same one.
                let at = if codes.is_empty() { new } else { *places.entry(codes.clone()).or_insert(new) };
                if at == new {
                    all.push(Count { codes, ..Count::default() });
                }
                current = Some(at);
            }
            "QTY" => {
                let count = current.and_then(|at: usize| all.get_mut(at));
                let (Some(count), Some(units)) = (count, units(segment.get(2))) else { continue };
                let sum = match segment.get(1).trim() {
                    "17" => &mut count.on_hand,
                    "33" => &mut count.available,
                    _ => continue,
                };
                *sum = Some(sum.unwrap_or(0).saturating_add(units));
            }
            _ => {}
        }
    }
    all
}

/// What a 997 says of a group of ours.
#[must_use]
pub fn functional(set: &Set) -> Option<Functional> {
    let mut out = Functional::default();
    let mut current = String::new();
    for segment in set.segments.iter().filter(|_| set.id == "997") {
        match segment.id.as_str() {
            "AK1" => {
                out.functional = segment.get(1).trim().to_owned();
                out.control = segment.get(2).trim().to_owned();
            }
            "AK2" => current = segment.get(2).trim().to_owned(),
            "AK5" if !matches!(segment.get(1).trim(), "A" | "E") => {
                out.refused.push((core::mem::take(&mut current), segment.get(1).trim().to_owned()));
            }
            "AK9" => out.status = segment.get(1).trim().to_owned(),
            _ => {}
        }
    }
    (!out.control.is_empty()).then_some(out)
}
