//! The envelopes: ISA/IEA, GS/GE, ST/SE, their counts and control numbers.

use std::collections::BTreeSet;

use super::{
    Acknowledged, ELEMENTS_MAX, Group, Interchange, Party, ReadError, SEGMENTS_MAX, Segment, Separators, Set,
    rules,
};

/// Elements of an ISA.
const ISA_ELEMENTS: usize = 16;

/// Reads an interchange with every fault a 997 can tell.
///
/// # Errors
/// [`ReadError`] for what cannot be answered.
pub fn read(bytes: &[u8]) -> Result<Interchange, ReadError> {
    // X12 knows no encoding beyond its characters: what is no UTF-8 is read byte by byte.
    let text = core::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), ToOwned::to_owned);
    let text = text.trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t']);
    let separators = separators(text)?;
    let segments = segments(text, separators)?;
    let isa = &segments[0];
    let mut out = Interchange {
        sender: Party { qualifier: isa.get(5).to_owned(), id: isa.get(6).trim().to_owned() },
        receiver: Party { qualifier: isa.get(7).to_owned(), id: isa.get(8).trim().to_owned() },
        control: isa.get(13).trim().to_owned(),
        date: isa.get(9).to_owned(),
        time: isa.get(10).to_owned(),
        version: isa.get(12).to_owned(),
        test: isa.get(15) == "T",
        separators,
        acknowledged: Vec::new(),
        groups: Vec::new(),
        code: None,
    };
    let end = groups(&segments, &mut out)?;
    if end + 1 < segments.len() {
        return Err(ReadError::Outside { segment: end + 2, id: segments[end + 1].id.clone() });
    }
    let iea = &segments[end];
    let groups = out.groups.len();
    out.code = if out.control.len() != 9 || !out.control.bytes().all(|byte| byte.is_ascii_digit()) {
        Some("018")
    } else if iea.get(2).trim() != out.control {
        Some("001")
    } else if number(iea.get(1)) != Some(groups) {
        Some("021")
    } else {
        None
    };
    Ok(out)
}

fn number(text: &str) -> Option<usize> {
    text.trim().parse().ok()
}

/// The separators, from where an ISA has them: after its name, before and after its last element.
fn separators(text: &str) -> Result<Separators, ReadError> {
    let rest = text.strip_prefix("ISA").ok_or(ReadError::NoIsa)?;
    let element = rest.chars().next().filter(|c| !c.is_alphanumeric()).ok_or(ReadError::NoIsa)?;
    let (last, _) = rest.match_indices(element).nth(ISA_ELEMENTS - 1).ok_or(ReadError::NoIsa)?;
    let mut tail = rest[last + element.len_utf8()..].chars();
    let component = tail.next().ok_or(ReadError::NoIsa)?;
    let terminator = match tail.next().ok_or(ReadError::NoIsa)? {
        // Lines ended by both characters are ended by the second: the first is trimmed off.
        '\r' if tail.next() == Some('\n') => '\n',
        other => other,
    };
    let apart = element != component && element != terminator && component != terminator;
    let plain = |c: char| !c.is_alphanumeric() && c != ' ';
    if !apart || !plain(terminator) || !plain(component) || component.is_control() {
        return Err(ReadError::NoIsa);
    }
    Ok(Separators { element, component, terminator })
}

fn segments(text: &str, separators: Separators) -> Result<Vec<Segment>, ReadError> {
    let mut out = Vec::new();
    for part in text.split(separators.terminator) {
        let part = part.trim_matches(['\r', '\n']);
        if part.trim().is_empty() {
            continue;
        }
        let mut elements = part.split(separators.element);
        let id = elements.next().unwrap_or_default().trim().to_owned();
        let elements: Vec<String> = elements.take(ELEMENTS_MAX + 1).map(ToOwned::to_owned).collect();
        if out.len() >= SEGMENTS_MAX || elements.len() > ELEMENTS_MAX {
            return Err(ReadError::Large);
        }
        out.push(Segment { id, elements });
    }
    Ok(out)
}

/// Reads the groups; gives the place of the IEA.
fn groups(segments: &[Segment], out: &mut Interchange) -> Result<usize, ReadError> {
    let mut at = 1;
    while let Some(segment) = segments.get(at) {
        match segment.id.as_str() {
            "IEA" => return Ok(at),
            "TA1" => {
                let (control, code) = (segment.get(1).trim().to_owned(), segment.get(4).trim().to_owned());
                out.acknowledged.push(Acknowledged { control, code });
                at += 1;
            }
            "GS" => at = group(segments, at, out)?,
            id => return Err(ReadError::Outside { segment: at + 1, id: id.to_owned() }),
        }
    }
    Err(ReadError::Broken { segment: segments.len() })
}

/// Reads the group that begins at `at`; gives the place behind it.
fn group(segments: &[Segment], at: usize, out: &mut Interchange) -> Result<usize, ReadError> {
    let gs = &segments[at];
    let mut group = Group {
        functional: gs.get(1).to_owned(),
        sender: gs.get(2).trim().to_owned(),
        receiver: gs.get(3).trim().to_owned(),
        control: gs.get(6).trim().to_owned(),
        version: gs.get(8).trim().to_owned(),
        ..Group::default()
    };
    if !rules::VERSIONS.iter().any(|known| group.version.starts_with(known)) {
        group.codes.push("2");
    }
    let mut controls = BTreeSet::new();
    let mut at = at + 1;
    loop {
        let segment = segments.get(at).ok_or(ReadError::Broken { segment: segments.len() })?;
        match segment.id.as_str() {
            "ST" => at = set(segments, at, &mut group, &mut controls),
            "GE" => {
                group.declared = number(segment.get(1)).unwrap_or(0);
                if group.declared != group.sets.len() {
                    group.codes.push("5");
                }
                if segment.get(2).trim() != group.control {
                    group.codes.push("4");
                }
                at += 1;
                break;
            }
            "GS" | "IEA" => {
                group.declared = group.sets.len();
                group.codes.push("3");
                break;
            }
            id => return Err(ReadError::Outside { segment: at + 1, id: id.to_owned() }),
        }
    }
    out.groups.push(group);
    Ok(at)
}

/// Reads the set that begins at `at`; gives the place behind it. `controls` are those of the group's sets before it.
fn set<'a>(segments: &'a [Segment], at: usize, group: &mut Group, controls: &mut BTreeSet<&'a str>) -> usize {
    let st = &segments[at];
    let mut set =
        Set { id: st.get(1).trim().to_owned(), control: st.get(2).trim().to_owned(), ..Set::default() };
    let is_new = controls.insert(st.get(2).trim());
    if !(4..=9).contains(&set.control.len()) {
        set.codes.push("7");
    } else if !is_new {
        set.codes.push("23");
    }
    let mut end = at + 1;
    let closed = loop {
        match segments.get(end).map(|segment| segment.id.as_str()) {
            Some("SE") => break true,
            None | Some("ST" | "GE" | "GS" | "IEA") => break false,
            Some(_) => end += 1,
        }
    };
    set.segments = segments[at + 1..end].to_vec();
    if closed {
        let se = &segments[end];
        if se.get(2).trim() != set.control {
            set.codes.push("3");
        }
        if number(se.get(1)) != Some(end - at + 1) {
            set.codes.push("4");
        }
        end += 1;
    } else {
        set.codes.push("2");
    }
    rules::check(&group.functional, &mut set);
    group.sets.push(set);
    end
}
