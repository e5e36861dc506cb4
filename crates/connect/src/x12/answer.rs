//! The answer to an interchange: a 997 for each of its groups, and a TA1 where its envelope is wrong.

use super::write::{Envelope, Writer};
use super::{Group, Interchange, Set};

/// Whether anything of an interchange is to be applied: one whose envelope is wrong is told so and left alone.
#[must_use]
pub fn is_applied(interchange: &Interchange, group: &Group, set: &Set) -> bool {
    interchange.code.is_none() && group.codes.is_empty() && set.is_sound()
}

/// The interchange that answers another; `None` where there is nothing to answer: a 997 is not answered by a 997.
#[must_use]
pub fn answer(interchange: &Interchange, envelope: &Envelope) -> Option<String> {
    let answered: Vec<&Group> = interchange.groups.iter().filter(|group| group.functional != "FA").collect();
    if answered.is_empty() && interchange.code.is_none() {
        return None;
    }
    let mut out = Writer::begin(envelope);
    if let Some(code) = interchange.code {
        let Interchange { control, date, time, .. } = interchange;
        out.segment("TA1", &[control, date, time, "R", code]);
    }
    if !answered.is_empty() {
        out.group("FA", envelope);
        for (at, group) in answered.iter().enumerate() {
            out.open("997", at + 1);
            acknowledge(&mut out, interchange, group);
            out.close();
        }
    }
    Some(out.end())
}

fn acknowledge(out: &mut Writer, interchange: &Interchange, group: &Group) {
    let version = if out.is_5010() { group.version.as_str() } else { "" };
    out.segment("AK1", &[&group.functional, &group.control, version]);
    let mut accepted = 0;
    for set in &group.sets {
        out.segment("AK2", &[&set.id, &set.control]);
        for fault in &set.faults {
            out.segment("AK3", &[&fault.segment, &fault.position.to_string(), "", fault.code]);
            for element in &fault.elements {
                out.segment("AK4", &[&element.element.to_string(), "", element.code, &element.value]);
            }
        }
        let taken = is_applied(interchange, group, set);
        accepted += usize::from(taken);
        let word = match (taken, set.faults.is_empty()) {
            (false, _) => "R",
            (true, true) => "A",
            (true, false) => "E",
        };
        let mut elements = vec![word];
        elements.extend(set.codes.iter().take(5));
        out.segment("AK5", &elements);
    }
    let all = group.sets.len();
    let noted = group.sets.iter().any(|set| !set.faults.is_empty());
    let word = match accepted {
        0 => "R",
        some if some < all => "P",
        _ if noted => "E",
        _ => "A",
    };
    let (declared, received, accepted) = (group.declared.to_string(), all.to_string(), accepted.to_string());
    let mut elements: Vec<&str> = vec![word, &declared, &received, &accepted];
    elements.extend(group.codes.iter().take(5));
    out.segment("AK9", &elements);
}
