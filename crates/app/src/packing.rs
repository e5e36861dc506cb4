//! Packing by scan: every unit is scanned, one scan stands for one unit, and the papers of the order are scanned too.
//!
//! Pure: what belongs into a shipment against what was scanned. The interface and the screen at the table ask the same.

use std::collections::BTreeMap;

use holdfast_domain::id::{MerchantId, SkuId};
use holdfast_domain::order::{LastSeen, Shipment, ShipmentStage};
use holdfast_domain::reject::Rejection;
use holdfast_domain::state::{NameKind, State};

use crate::scan::{self, Misread, Scan};

/// Most units of one shipment that are packed by scan.
pub const SCANS_MAX: usize = 10_000;

/// What is wrong with a scan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The papers of another order.
    #[error("these are the papers of {scanned}, and {wanted} is packed here")]
    Papers {
        /// What was scanned.
        scanned: String,
        /// What is packed here.
        wanted: String,
    },
    /// No unit's code.
    #[error(transparent)]
    Misread(#[from] Misread),
    /// Nobody's code.
    #[error("no SKU of this merchant has this code")]
    Unknown,
    /// Another order's goods.
    #[error("it does not belong into this shipment")]
    Foreign,
    /// One too many.
    #[error("one more than was ordered")]
    TooMany,
}

impl Wrong {
    /// A stable word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Papers { .. } => "papers",
            Self::Misread(Misread::Length) => "length",
            Self::Misread(Misread::CheckDigit) => "check-digit",
            Self::Misread(Misread::Case) => "case",
            Self::Unknown => "unknown",
            Self::Foreign => "foreign",
            Self::TooMany => "too-many",
        }
    }
}

/// How far packing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// Units that belong into it, by SKU.
    pub wanted: BTreeMap<SkuId, u32>,
    /// Units still to be scanned, by SKU.
    pub missing: BTreeMap<SkuId, u32>,
    /// What is wrong: the scan's place in the list, `None` for the papers, and why.
    pub wrong: Vec<(Option<usize>, Wrong)>,
}

impl Packed {
    /// Whether everything is there, and nothing else.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.wrong.is_empty()
    }
}

/// Whether a shipment can be at the packing table.
#[must_use]
pub fn is_at_table(shipment: &Shipment) -> bool {
    matches!(shipment.stage, ShipmentStage::Released | ShipmentStage::Picked)
        || shipment.stage.at_site() == Some(LastSeen::Packed)
}

/// Compares what was scanned with what belongs into a shipment: the papers, then a scan for each unit.
///
/// # Errors
/// [`Rejection`] where the shipment's order is not there.
pub fn compare(
    state: &State,
    shipment: &Shipment,
    papers: &str,
    scans: &[impl AsRef<str>],
) -> Result<Packed, Rejection> {
    let order = state.order(shipment.order)?;
    let mut wanted: BTreeMap<SkuId, u32> = BTreeMap::new();
    for (line, quantity) in &shipment.items {
        if let Some(line) = order.lines.get(usize::from(*line)) {
            *wanted.entry(line.sku).or_default() += quantity.0;
        }
    }
    let (mut left, mut wrong) = (wanted.clone(), Vec::new());
    if papers.trim() != &*order.number {
        let scanned = papers.trim().to_owned();
        wrong.push((None, Wrong::Papers { scanned, wanted: order.number.to_string() }));
    }
    for (at, text) in scans.iter().enumerate() {
        match sku_of(state, order.merchant, &wanted, text.as_ref()) {
            Err(why) => wrong.push((Some(at), why)),
            Ok(sku) => match left.get_mut(&sku) {
                Some(0) => wrong.push((Some(at), Wrong::TooMany)),
                Some(units) => *units -= 1,
                None => wrong.push((Some(at), Wrong::Foreign)),
            },
        }
    }
    let missing = left.into_iter().filter(|(_, units)| *units > 0).collect();
    Ok(Packed { wanted, missing, wrong })
}

/// The SKU of one scan.
fn sku_of(
    state: &State,
    merchant: MerchantId,
    wanted: &BTreeMap<SkuId, u32>,
    text: &str,
) -> Result<SkuId, Wrong> {
    let named = |code: &str| state.named::<SkuId>(NameKind::Sku, merchant, code);
    match scan::read(text, |code| named(code).is_some())? {
        Scan::Code(code) => named(&code).ok_or(Wrong::Unknown),
        Scan::Item(item) => {
            let code = |sku: &SkuId| state.network.skus.get(*sku).map(|sku| &*sku.code);
            let is = |sku: &&SkuId| code(sku).is_some_and(|code| scan::is_item(code, &item));
            wanted.keys().find(is).copied().ok_or(Wrong::Foreign)
        }
    }
}
