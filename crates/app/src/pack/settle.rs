//! After the dark: what the ticks say, against what the journal says, made one truth.
//!
//! Nothing is guessed: a row without an answer is a fault, unless the caller says what the rest are. What left on
//! paper and was given to another site meanwhile is held, and named: a person has to look.

use std::collections::BTreeMap;

use holdfast_domain::command::Command;
use holdfast_domain::event::DoubtEvidence;
use holdfast_domain::id::{ExternalRef, OrderId, ShipmentId, SiteId};
use holdfast_domain::order::{HoldReason, Package, ShipmentStage};
use holdfast_domain::state::State;
use holdfast_domain::time::Day;
use holdfast_engine::step::Ask;
use serde::Serialize;

use super::{Pack, Row, check_digit};

/// What a row's tick says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It left.
    Shipped,
    /// It did not leave.
    Stayed,
    /// Nobody can say.
    Unclear,
}

/// A row of the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// The row's number with its check digit.
    pub row: String,
    /// What it says; `None` where nothing was entered.
    pub answer: Option<Answer>,
    /// The site's day on which it left.
    pub day: Option<Day>,
    /// The carrier's number.
    pub tracking: Option<String>,
}

/// What is wrong with a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
pub enum TickFault {
    /// No row of this pack.
    #[error("row {row:?} is none of pack {pack}: check the number and its check digits")]
    Unknown {
        /// The row as entered.
        row: String,
        /// The pack.
        pack: String,
    },
    /// Two answers.
    #[error("row {row} is answered twice, and differently: look at the paper")]
    Twice {
        /// The row.
        row: String,
    },
    /// No answer.
    #[error(
        "row {row} (order {number}, page {page} of {site}) has no answer: enter one, or say what the rest are"
    )]
    Missing {
        /// The row.
        row: String,
        /// Its order.
        number: String,
        /// Its page.
        page: u32,
        /// Its site.
        site: String,
    },
    /// It left, and nobody says when.
    #[error("row {row} was shipped, and has no day: enter the day it left")]
    NoDay {
        /// The row.
        row: String,
    },
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is recorded as shipped now.
    Shipped,
    /// The journal knew already that it was shipped.
    KnownShipped,
    /// It is there to be shipped.
    Stayed,
    /// Nobody knows: it is held, or asked back from the site, until a person has looked.
    InDoubt,
    /// It left on paper and meanwhile goes from elsewhere, or not at all: held where it still can be.
    Conflict,
}

/// A row with what becomes of it and what has to be asked for that.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The row's number.
    pub row: String,
    /// The merchant's order number.
    pub number: String,
    /// The order.
    pub order: OrderId,
    /// What becomes of it.
    pub outcome: Outcome,
    /// What to ask the writer, in order; each with a key, so that asking twice is asking once.
    pub asks: Vec<Ask>,
}

/// Settles every row of a pack. `rest` is the answer of rows without one.
///
/// # Errors
/// All faults of the sheet; nothing is settled then.
pub fn settle(
    state: &State,
    pack: &Pack,
    ticks: &[Tick],
    rest: Option<Answer>,
    actor: &str,
) -> Result<Vec<Settled>, Vec<TickFault>> {
    let answers = answers(pack, ticks, rest)?;
    let rows = pack.sites.iter().flat_map(|site| site.rows.iter().map(move |row| (site.site, row)));
    let mut settled: Vec<Settled> = rows
        .map(|(site, row)| {
            let tick = &answers[row.code.as_str()];
            let (outcome, commands) = outcome(state, site, row, tick);
            let asks = (0..).zip(commands).map(|(step, command)| Ask {
                command,
                actor: actor.into(),
                key: Some(key(pack, row, step)),
            });
            Settled {
                row: row.code.clone(),
                number: row.number.clone(),
                order: row.order,
                outcome,
                asks: asks.collect(),
            }
        })
        .collect();
    // What left comes first: an order that is held for another of its rows gives up what it has waiting.
    settled.sort_by_key(|row| row.outcome);
    Ok(settled)
}

/// A complete answer to a row.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Complete {
    answer: Answer,
    day: Day,
    tracking: Option<String>,
}

/// The answer of every row, or all that is wrong with the sheet.
fn answers<'a>(
    pack: &'a Pack,
    ticks: &[Tick],
    rest: Option<Answer>,
) -> Result<BTreeMap<&'a str, Complete>, Vec<TickFault>> {
    let mut faults = Vec::new();
    let mut entered: BTreeMap<&str, &Tick> = BTreeMap::new();
    for tick in ticks {
        let row = tick.row.trim();
        let fits = row.split_once('-').and_then(|(number, check)| {
            Some(check.parse::<u32>().ok()? == check_digit(&pack.id, number.parse().ok()?))
        });
        if fits != Some(true)
            || !pack.sites.iter().any(|site| site.rows.iter().any(|known| known.code == row))
        {
            faults.push(TickFault::Unknown { row: row.to_owned(), pack: pack.id.clone() });
        } else if tick.answer.is_some()
            && entered.insert(row, tick).is_some_and(|before| before.answer != tick.answer)
        {
            faults.push(TickFault::Twice { row: row.to_owned() });
        }
    }
    let mut out = BTreeMap::new();
    for site in &pack.sites {
        for row in &site.rows {
            let tick = entered.get(row.code.as_str());
            let Some(answer) = tick.and_then(|tick| tick.answer).or(rest) else {
                faults.push(TickFault::Missing {
                    row: row.code.clone(),
                    number: row.number.clone(),
                    page: row.page,
                    site: site.code.clone(),
                });
                continue;
            };
            let day = tick.and_then(|tick| tick.day);
            if answer == Answer::Shipped && day.is_none() {
                faults.push(TickFault::NoDay { row: row.code.clone() });
            }
            let tracking = tick.and_then(|tick| tick.tracking.clone()).filter(|text| !text.trim().is_empty());
            out.insert(row.code.as_str(), Complete { answer, day: day.unwrap_or(row.due), tracking });
        }
    }
    if faults.is_empty() { Ok(out) } else { Err(faults) }
}

fn outcome(state: &State, site: SiteId, row: &Row, tick: &Complete) -> (Outcome, Vec<Command>) {
    let Ok(order) = state.order(row.order) else {
        // Archived: it was over long ago.
        return (Outcome::KnownShipped, Vec::new());
    };
    let hold = || match order.hold {
        Some(_) => Vec::new(),
        None => vec![Command::HoldOrder { order: row.order, reason: HoldReason::Person }],
    };
    let waits = order
        .lines
        .iter()
        .flat_map(|line| &line.allocations)
        .any(|a| a.site == site && a.lane == row.lane && a.shipment.is_none());
    let shipment = row.shipment.or_else(|| released_since(state, site, row));
    let stage = shipment.and_then(|id| Some((id, state.shipments.get(id)?.stage)));
    match (tick.answer, stage) {
        (Answer::Shipped, Some((id, stage))) => match stage {
            ShipmentStage::Released
            | ShipmentStage::Picked
            | ShipmentStage::Packed
            | ShipmentStage::Recalling { .. } => {
                let ship = Command::ShipShipment { shipment: id, packages: packages(tick), day: tick.day };
                (Outcome::Shipped, vec![ship])
            }
            ShipmentStage::InDoubt { .. } => (Outcome::Shipped, vec![doubt(id, true, tick)]),
            ShipmentStage::Shipped
            | ShipmentStage::Exception
            | ShipmentStage::Delivered
            | ShipmentStage::Lost => (Outcome::KnownShipped, Vec::new()),
            // Its units were given back, and perhaps to another site.
            ShipmentStage::Recalled => (Outcome::Conflict, hold()),
        },
        (Answer::Shipped, None) if waits => {
            let (order, lane, day) = (row.order, row.lane, tick.day);
            let ship = Command::ShipOnPaper { order, site, lane, packages: packages(tick), day };
            (Outcome::Shipped, vec![ship])
        }
        (Answer::Shipped, None) => (Outcome::Conflict, hold()),
        (Answer::Stayed, Some((id, ShipmentStage::InDoubt { .. }))) => {
            (Outcome::Stayed, vec![doubt(id, false, tick)])
        }
        (Answer::Stayed, Some((_, stage)))
            if stage.at_site().is_none() && stage != ShipmentStage::Recalled =>
        {
            // The journal says it left, the paper says it did not: the journal's report is the later one.
            (Outcome::KnownShipped, Vec::new())
        }
        (Answer::Stayed, _) => (Outcome::Stayed, Vec::new()),
        (Answer::Unclear, Some((id, stage))) => match stage {
            ShipmentStage::Released | ShipmentStage::Picked | ShipmentStage::Packed => {
                (Outcome::InDoubt, vec![Command::AskRecall { shipment: id }])
            }
            ShipmentStage::InDoubt { .. } | ShipmentStage::Recalling { .. } => (Outcome::InDoubt, Vec::new()),
            ShipmentStage::Recalled => (Outcome::InDoubt, hold()),
            _ => (Outcome::KnownShipped, Vec::new()),
        },
        (Answer::Unclear, None) => (Outcome::InDoubt, hold()),
    }
}

/// The shipment of what a row's order had waiting, where the site was told of it after the pack was made.
fn released_since(state: &State, site: SiteId, row: &Row) -> Option<ShipmentId> {
    let order = state.order(row.order).ok()?;
    let mut ids: Vec<ShipmentId> = order
        .lines
        .iter()
        .flat_map(|line| &line.allocations)
        .filter(|a| a.site == site && a.lane == row.lane)
        .filter_map(|a| a.shipment)
        .collect();
    ids.sort_unstable();
    ids.pop()
}

fn doubt(shipment: ShipmentId, shipped: bool, tick: &Complete) -> Command {
    Command::ResolveDoubt { shipment, shipped, evidence: DoubtEvidence::Site, day: tick.day }
}

fn packages(tick: &Complete) -> Box<[Package]> {
    let tracking = tick
        .tracking
        .as_deref()
        .map(|text| Package { tracking: ExternalRef::from(text.trim()), weight_g: 0 });
    tracking.into_iter().collect()
}

/// The key of a row's ask: the same for the same pack, however often it is settled.
fn key(pack: &Pack, row: &Row, step: u32) -> u128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"holdfast pack ").update(pack.id.as_bytes()).update(&pack.version.to_le_bytes());
    hasher.update(row.code.as_bytes()).update(&step.to_le_bytes());
    u128::from_le_bytes(hasher.finalize().as_bytes()[..16].try_into().expect("sixteen bytes of thirty-two"))
}
