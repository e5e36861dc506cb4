//! What to do, in the order it is done: the first page, when the plan is activated, and a page for each kind of
//! disaster.

use holdfast_print::{Block, Item, Section};

use super::Draft;
use crate::words::say;

/// Things to do on the first page.
const FIRST: usize = 8;
/// The kinds of disaster with a page of their own, and how many things to do before, during and after.
const KINDS: [(&str, [usize; 3]); 6] = [
    ("storm", [5, 5, 4]),
    ("destroyed", [3, 6, 3]),
    ("cyber", [4, 6, 4]),
    ("power", [3, 4, 3]),
    ("carrier", [3, 4, 3]),
    ("surge", [4, 4, 2]),
];
const PHASES: [&str; 3] = ["before", "during", "after"];

fn heads(draft: &Draft<'_>) -> [String; 4] {
    ["bcp-what", "bcp-who", "bcp-within", "bcp-done"].map(|key| draft.w.say(key))
}

/// A message of three parts: what, who, within which time.
fn item(draft: &Draft<'_>, key: &str) -> Item {
    let text = draft.w.say(key);
    let mut parts = text.split(" | ").map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    Item { what: next(), who: next(), within: next() }
}

fn list(draft: &Draft<'_>, caption: &str, start: &str, count: usize) -> Block {
    Block::Checklist {
        caption: if caption.is_empty() { String::new() } else { draft.w.say(caption) },
        head: heads(draft),
        items: (1..=count).map(|number| item(draft, &format!("{start}-{number}"))).collect(),
    }
}

pub(super) fn first(draft: &Draft<'_>) -> Section {
    let w = draft.w;
    let mut blocks = vec![Block::Box { text: w.say("bcp-first-rule") }, list(draft, "", "bcp-first", FIRST)];
    let calls =
        draft.input.contacts.iter().filter(|contact| !contact.deputy && contact.site.is_empty()).take(6);
    let rows: Vec<Vec<String>> = calls
        .map(|contact| vec![draft.role(&contact.role), contact.name.clone(), contact.phone.clone()])
        .collect();
    if rows.is_empty() {
        blocks.push(Block::Box { text: w.say("bcp-contacts-missing") });
    } else {
        blocks.push(draft.table("bcp-call-first", &["bcp-role", "bcp-name", "bcp-phone"], &[], rows));
    }
    draft.section("first", true, blocks)
}

pub(super) fn activation(draft: &Draft<'_>) -> Section {
    let w = draft.w;
    let rows = ["watch", "declared", "recovering", "closed"].map(|phase| {
        vec![
            w.say(&format!("phase-{phase}")),
            w.say(&format!("bcp-activate-{phase}")),
            w.say(&format!("bcp-activate-{phase}-who")),
        ]
    });
    let heads = ["bcp-phase", "bcp-criterion", "bcp-who"];
    let mut blocks = vec![draft.table("", &heads, &[], rows.to_vec())];
    let limits = draft.input.state.network.sites.iter().filter_map(|site| {
        let limit = site.wind_limit_kt?;
        Some(format!("{} {limit} kt", site.code))
    });
    let limits: Vec<String> = limits.collect();
    let text = if limits.is_empty() {
        w.say("bcp-wind-none")
    } else {
        say!(w, "bcp-wind-limits", limits = limits.join(", "))
    };
    blocks.push(Block::Text { text });
    blocks.push(draft.text("bcp-second-person"));
    draft.section("activation", false, blocks)
}

/// A page for each kind of disaster.
pub(super) fn all(draft: &Draft<'_>) -> Vec<Section> {
    KINDS
        .iter()
        .map(|(kind, counts)| {
            let blocks = PHASES
                .iter()
                .zip(counts)
                .map(|(phase, count)| {
                    list(draft, &format!("bcp-phase-{phase}"), &format!("bcp-{kind}-{phase}"), *count)
                })
                .collect();
            draft.section(kind, true, blocks)
        })
        .collect()
}
