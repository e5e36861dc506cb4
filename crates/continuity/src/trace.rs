//! Where a number comes from: its input, its formula and the version of the model.

use serde::Serialize;

/// Version of the formulas of this crate; it changes whenever one of them does.
pub const VERSION: &str = "continuity 2";

/// What a figure rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// From the operator's orders, stock and network, and the event catalogue.
    Computed,
    /// Said by the operator in the book.
    Declared,
    /// Printed by the source that is named.
    Published,
    /// Nobody has said it and no source prints it.
    Assumed,
    /// Only a person can say it, and the book does not.
    Missing,
}

/// A number that can be asked where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// Its id, such as `site.ILM1.ttr_h`; the last part names the formula.
    pub id: String,
    /// The value; `None` where it is missing or cannot be computed.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: &'static str,
    /// What it rests on.
    pub basis: Basis,
    /// What has to be said with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The way to a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// What went in.
    pub inputs: Vec<String>,
    /// How it was computed.
    pub formula: String,
    /// Version of the formula.
    pub version: &'static str,
}
