//! Where the numbers of an answer come from: every leaf of its JSON with a name and the way to it.

use holdfast_continuity::trace::{Trace, VERSION};
use serde::Serialize;
use serde_json::Value;

use super::say::Say;
use crate::exit::{Code, Failure};
use crate::output::Output;

/// A figure with the way to it.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// Its name: the path in the JSON, entries of a list by their code where they have one.
    pub key: String,
    /// Its value as text.
    pub value: String,
    /// The way; nothing is a fault of this program.
    pub trace: Option<Trace>,
}

impl Asked {
    /// How it was computed.
    pub fn formula(&self) -> &str {
        self.trace.as_ref().map_or("", |trace| &trace.formula)
    }

    /// What went in.
    pub fn inputs(&self) -> &[String] {
        self.trace.as_ref().map_or(&[], |trace| &trace.inputs)
    }

    /// Version of the formula.
    pub fn version(&self) -> &str {
        self.trace.as_ref().map_or("", |trace| trace.version)
    }
}

/// The way to a time that was measured.
pub fn measured() -> Trace {
    said("this machine's clock", "measured while it ran")
}

/// The way to something that is said, not computed.
pub fn said(input: &str, formula: &str) -> Trace {
    Trace { inputs: vec![input.to_owned()], formula: formula.to_owned(), version: VERSION }
}

/// Finds the way to a figure by the name it stands within and its own.
pub type Find<'a> = &'a dyn Fn(&str, &str) -> Option<Trace>;

/// Every leaf of an answer, in its order.
pub fn figures(tree: &Value, find: Find<'_>) -> Vec<Asked> {
    let mut out = Vec::new();
    walk(tree, String::new(), "", "", find, &mut out);
    out
}

/// What names an entry of a list.
const CODES: [&str; 3] = ["sku", "site", "code"];

fn walk(value: &Value, key: String, within: &str, name: &str, find: Find<'_>, out: &mut Vec<Asked>) {
    let below = |part: &str| if key.is_empty() { part.to_owned() } else { format!("{key}.{part}") };
    match value {
        Value::Object(fields) => {
            // What a figure stands within is the nearest name above it that is not an entry's code or number.
            let inner = if name.is_empty() { within } else { name };
            for (field, value) in fields {
                walk(value, below(field), inner, field, find, out);
            }
        }
        Value::Array(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                let code = CODES.iter().find_map(|code| entry.get(code)?.as_str());
                let same = code.is_some_and(|code| {
                    let with =
                        |other: &&Value| CODES.iter().find_map(|c| other.get(c)?.as_str()) == Some(code);
                    entries.iter().take(64).filter(with).count() > 1
                });
                let part = match code {
                    Some(code) if !same => code.to_owned(),
                    Some(code) => format!("{code}.{index}"),
                    None => index.to_string(),
                };
                match entry {
                    Value::Object(_) => walk(entry, below(&part), within, name, find, out),
                    _ => {
                        // A list within a list stands within what the outer one is called.
                        let inner = if name.bytes().all(|b| b.is_ascii_digit()) { within } else { name };
                        // An entry without a way of its own has the list's.
                        let way = |_: &str, own: &str| find(inner, own).or_else(|| find(within, name));
                        walk(entry, below(&part), inner, &index.to_string(), &way, out);
                    }
                }
            }
        }
        leaf => {
            let value = leaf.as_str().map_or_else(|| leaf.to_string(), str::to_owned);
            out.push(Asked { key, value, trace: find(within, name) });
        }
    }
}

/// Tells formula and inputs.
pub fn tell_trace(trace: &Trace, say: &Say, out: &Output) {
    out.line(format!("  {} {}  [{}]", say.of("formula:"), say.of(&trace.formula), trace.version));
    for input in &trace.inputs {
        out.line(format!("  {} {}", say.of("input:"), say.of(input)));
    }
}

/// Asks for every figure.
const ALL: &str = "all";

/// Tells where the figures called `key`, or below it, come from.
pub fn tell(figures: &[Asked], key: &str, hint: &str, say: &Say, out: &Output) -> Result<Code, Failure> {
    let below = |figure: &&Asked| {
        let part = |rest: &str| rest.starts_with('.');
        key == ALL || figure.key == key || figure.key.strip_prefix(key).is_some_and(part)
    };
    let found: Vec<&Asked> = figures.iter().filter(below).collect();
    if found.is_empty() {
        return Err(Failure::new(
            Code::Usage,
            format!("find figure {key:?}: there is none"),
            format!("ask for a key of the JSON, such as {hint}, or for `all`"),
        ));
    }
    for figure in &found {
        out.line(format!("{} = {}", figure.key, figure.value));
        if let Some(trace) = &figure.trace {
            tell_trace(trace, say, out);
        }
    }
    out.json(&found)?;
    Ok(Code::Ok)
}
