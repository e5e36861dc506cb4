//! What a set must hold and may hold: the segments and elements this house reads, by the standard.

use super::{ElementFault, FAULTS_MAX, Fault, Segment, Set};

/// Versions that are read; a version may go on behind them (`005010X220`).
pub(super) const VERSIONS: [&str; 2] = ["004010", "005010"];

/// What an element may be.
#[derive(Clone, Copy)]
enum Is {
    /// Text of so many characters.
    Text(usize, usize),
    /// One of these.
    One(&'static [&'static str]),
    /// A decimal number, as whole as units are.
    Units,
    /// A day, CCYYMMDD.
    Day,
}

/// An element: its number, whether it has to be there, what it may be.
struct Element(usize, bool, Is);

/// A segment: its id, whether it has to be there, how often it may be in a set (0: any number), its elements.
struct Rule(&'static str, bool, usize, &'static [Element]);

struct SetRule {
    id: &'static str,
    functional: &'static str,
    rules: &'static [Rule],
    /// Segments that may stand in it and are not read.
    others: &'static [&'static str],
}

const QUALIFIER: Is = Is::Text(2, 3);
const CODE: Is = Is::Text(1, 80);

const SETS: &[SetRule] = &[
    SetRule {
        id: "945",
        functional: "SW",
        rules: &[
            Rule(
                "W06",
                true,
                1,
                &[Element(1, true, Is::Text(1, 1)), Element(2, false, CODE), Element(3, false, Is::Day)],
            ),
            Rule("G62", false, 0, &[Element(1, false, Is::Text(2, 2)), Element(2, false, Is::Day)]),
            Rule("N9", false, 0, &[Element(1, true, QUALIFIER)]),
            Rule("LX", false, 0, &[Element(1, true, Is::Text(1, 6))]),
            Rule("MAN", false, 0, &[Element(1, true, Is::Text(1, 2)), Element(2, true, Is::Text(1, 48))]),
            Rule(
                "W12",
                true,
                0,
                &[
                    Element(1, true, Is::Text(2, 2)),
                    Element(2, false, Is::Units),
                    Element(3, false, Is::Units),
                    Element(5, false, Is::Text(2, 2)),
                ],
            ),
            Rule("W03", false, 1, &[Element(1, true, Is::Units)]),
        ],
        others: &[
            "N1", "N2", "N3", "N4", "PER", "NTE", "W27", "W28", "W10", "G69", "PAL", "QTY", "MEA", "AMT",
            "G72", "G73", "SAC", "FA1", "FA2", "LH2", "LHR", "R4", "DM", "CSH", "G66", "G61", "LS", "LE",
            "PWK", "LN1", "PID", "N10", "SLN", "TD1", "TD5", "REF",
        ],
    },
    SetRule {
        id: "856",
        functional: "SH",
        rules: &[
            Rule(
                "BSN",
                true,
                1,
                &[
                    Element(1, true, Is::Text(2, 2)),
                    Element(2, true, Is::Text(2, 30)),
                    Element(3, true, Is::Day),
                ],
            ),
            Rule("HL", true, 0, &[Element(1, true, Is::Text(1, 12)), Element(3, true, Is::Text(1, 2))]),
            Rule("DTM", false, 0, &[Element(1, true, QUALIFIER), Element(2, false, Is::Day)]),
            Rule("REF", false, 0, &[Element(1, true, QUALIFIER)]),
            Rule("MAN", false, 0, &[Element(1, true, Is::Text(1, 2)), Element(2, true, Is::Text(1, 48))]),
            Rule("SN1", false, 0, &[Element(2, true, Is::Units), Element(3, true, Is::Text(2, 2))]),
        ],
        others: &[
            "LIN", "PRF", "N1", "N2", "N3", "N4", "PER", "TD1", "TD3", "TD4", "TD5", "PO4", "PID", "MEA",
            "CTT", "SLN", "PAL", "FOB", "SDQ", "ETD", "CUR", "ITD", "PWK", "CLD", "SAC", "AMT", "G05", "LM",
            "LQ", "V1", "R4", "NTE", "PKG", "DMG", "EFI", "LS", "LE", "DTP", "YNQ", "J2X", "TSD",
        ],
    },
    SetRule {
        id: "846",
        functional: "IB",
        rules: &[
            Rule(
                "BIA",
                true,
                1,
                &[
                    Element(1, true, Is::Text(2, 2)),
                    Element(2, true, Is::Text(2, 2)),
                    Element(3, true, Is::Text(1, 50)),
                    Element(4, true, Is::Day),
                ],
            ),
            Rule("N1", false, 0, &[Element(1, true, QUALIFIER)]),
            Rule("LIN", true, 0, &[Element(2, true, Is::Text(2, 2)), Element(3, true, CODE)]),
            Rule("QTY", false, 0, &[Element(1, true, Is::Text(2, 2)), Element(2, true, Is::Units)]),
        ],
        others: &[
            "CUR", "DTM", "REF", "PER", "N2", "N3", "N4", "PID", "MEA", "PKG", "DTP", "CTP", "PO4", "SCH",
            "CTT", "SLN", "UIT", "SAC", "TD1", "TD5", "LDT", "LM", "LQ", "G53", "PO3", "ITD", "FOB", "SDQ",
            "TXI", "MAN", "LS", "LE", "N9", "PKL", "YNQ",
        ],
    },
    SetRule {
        id: "997",
        functional: "FA",
        rules: &[
            Rule("AK1", true, 1, &[Element(1, true, Is::Text(2, 2)), Element(2, true, Is::Text(1, 9))]),
            Rule("AK2", false, 0, &[Element(1, true, Is::Text(1, 3)), Element(2, true, Is::Text(1, 9))]),
            Rule("AK5", false, 0, &[Element(1, true, Is::One(&["A", "E", "M", "P", "R", "W", "X"]))]),
            Rule("AK9", true, 1, &[Element(1, true, Is::One(&["A", "E", "M", "P", "R", "W", "X"]))]),
        ],
        others: &["AK3", "AK4"],
    },
];

/// Whether an id has the form of a segment's.
fn is_id(id: &str) -> bool {
    (2..=3).contains(&id.len())
        && id.starts_with(|c: char| c.is_ascii_uppercase())
        && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Looks through a set and notes what is wrong.
pub(super) fn check(functional: &str, set: &mut Set) {
    let Some(rule) = SETS.iter().find(|rule| rule.id == set.id) else {
        set.codes.push("1");
        return;
    };
    if rule.functional != functional {
        set.codes.push("6");
    }
    let mut faults = Vec::new();
    let mut seen = vec![0_usize; rule.rules.len()];
    for (position, segment) in (2..).zip(&set.segments) {
        let mut note = |code, fatal, elements| {
            let segment = segment.id.chars().take(3).collect();
            faults.push(Fault { segment, position, code, elements, fatal });
        };
        let Some(at) = rule.rules.iter().position(|rule| rule.0 == segment.id) else {
            if !is_id(&segment.id) {
                note("1", true, Vec::new());
            } else if !rule.others.contains(&segment.id.as_str()) {
                note("6", false, Vec::new());
            }
            continue;
        };
        let Rule(_, _, most, elements) = &rule.rules[at];
        seen[at] += 1;
        if *most > 0 && seen[at] > *most {
            note("5", true, Vec::new());
        }
        let wrong: Vec<ElementFault> =
            elements.iter().filter_map(|element| element_fault(segment, element)).collect();
        if !wrong.is_empty() {
            note("8", true, wrong);
        }
    }
    let end = set.segments.len() + 2;
    for (Rule(id, needed, ..), seen) in rule.rules.iter().zip(&seen) {
        if *needed && *seen == 0 {
            let segment = (*id).to_owned();
            faults.push(Fault { segment, position: end, code: "3", elements: Vec::new(), fatal: true });
        }
    }
    // Whether it can be taken is known from all of them, whatever can be told.
    faults.sort_by_key(|fault| !fault.fatal);
    faults.truncate(FAULTS_MAX);
    faults.sort_by_key(|fault| fault.position);
    if faults.iter().any(|fault| fault.fatal) {
        set.codes.push("5");
    }
    set.faults = faults;
}

fn element_fault(segment: &Segment, Element(number, needed, is): &Element) -> Option<ElementFault> {
    let value = segment.get(*number).trim();
    let length = value.chars().count();
    let code = if value.is_empty() {
        if *needed { "1" } else { return None }
    } else {
        match is {
            Is::Text(least, _) if length < *least => "4",
            Is::Text(_, most) if length > *most => "5",
            Is::Text(..) if value.chars().any(char::is_control) => "6",
            Is::One(values) if !values.contains(&value) => "7",
            Is::Units if units(value).is_none() => "6",
            Is::Day if day(value).is_none() => "8",
            _ => return None,
        }
    };
    Some(ElementFault { element: *number, code, value: value.to_owned() })
}

/// Whole units, however they are written: `12`, `12.0`, `12.`.
pub(super) fn units(text: &str) -> Option<u32> {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!whole.is_empty() && digits(whole) && part.bytes().all(|byte| byte == b'0'))
        .then(|| whole.parse().ok())?
}

/// A day as `2026-11-23`, of `20261123` or, in older sets, of `261123`.
pub(super) fn day(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole = match text.len() {
        8 => text.to_owned(),
        6 => format!("20{text}"),
        _ => return None,
    };
    let day = format!("{}-{}-{}", &whole[..4], &whole[4..6], &whole[6..]);
    day.parse::<jiff::civil::Date>().ok().map(|_| day)
}
