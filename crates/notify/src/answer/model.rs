//! What a customer may see of an order: its own state and nothing else.

use holdfast_domain::care::{AnswerChoice, EndCause};
use holdfast_domain::id::OrderId;
use holdfast_domain::money::Money;
use holdfast_domain::order::ShipmentStage;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Stamp};
use holdfast_engine::law::Duty;
use holdfast_engine::law::clock::owed;
use holdfast_engine::law::facts::zone;
use holdfast_engine::promise::{Expected, expected};
use serde::Serialize;

/// How far an order is, in a customer's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Not packed yet.
    Waiting,
    /// Being packed.
    Preparing,
    /// With a carrier.
    OnTheWay,
    /// With the customer.
    Delivered,
    /// Cancelled whole.
    Cancelled,
    /// Cancelled, and a site is asked to stop.
    Ending,
    /// Nobody has seen the parcel.
    Doubt,
}

impl Standing {
    /// Its code in the words.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Preparing => "preparing",
            Self::OnTheWay => "on-the-way",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
            Self::Ending => "ending",
            Self::Doubt => "doubt",
        }
    }
}

/// Everything a page shows of one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderPage {
    /// The order.
    pub order: OrderId,
    /// The merchant's number.
    pub number: String,
    /// Names and units.
    pub items: Vec<(String, u64)>,
    /// How far it is.
    pub standing: Standing,
    /// When it should arrive.
    pub expected: Option<Day>,
    /// The last answer, and the customer's day it was given on.
    pub answered: Option<(AnswerChoice, Day)>,
    /// The last day to answer, where silence cancels.
    pub answer_by: Option<Day>,
    /// What was paid for what can still be cancelled.
    pub value: Money,
    /// What goes back, and by when or whether it has.
    pub refund: Option<(Money, Option<Day>)>,
    /// Whether waiting can be answered.
    pub may_wait: bool,
    /// Whether it can be cancelled.
    pub may_cancel: bool,
    /// Whether the address can be changed.
    pub may_change_address: bool,
}

/// The page of one order; `None` for one that is archived.
#[must_use]
pub fn order_page(state: &State, id: OrderId, now: Stamp) -> Option<OrderPage> {
    let order = state.order(id).ok()?;
    let currency = state.network.merchant(order.merchant)?.currency;
    let zone = zone(&state.network, order);
    let file = state.care.file(id);
    let stages: Vec<Option<ShipmentStage>> = order
        .lines
        .iter()
        .flat_map(|line| &line.allocations)
        .map(|a| a.shipment.and_then(|id| state.shipments.get(id)).map(|known| known.stage))
        .collect();
    let ended = file.and_then(|file| file.ended);
    let standing = standing(order.lines.iter().all(|line| line.wanted().is_zero()), ended, &stages, order);
    let item = |line: &holdfast_domain::order::Line| {
        let sku = state.network.skus.get(line.sku)?;
        Some((sku.name.to_string(), u64::from(line.ordered.0)))
    };
    let duties = owed(state, id).unwrap_or_default();
    let consent = duties.iter().find(|duty| duty.duty == Duty::ObtainConsent && duty.due > now);
    let by = duties.iter().find(|duty| duty.duty == Duty::Refund).map(|duty| duty.last_day);
    let refund = file.filter(|file| file.refund.owed > 0).map(|file| {
        let open = file.refund.open() > 0;
        // Where no law names a day, two weeks: the longest any law here gives.
        let by = by.or_else(|| Some(file.refund.since?.local(&zone).0.plus(14)));
        (Money::new(file.refund.owed, currency), by.filter(|_| open))
    });
    let free = standing == Standing::Waiting;
    let answered =
        file.and_then(|file| file.answers.last()).map(|last| (last.choice, last.at.local(&zone).0));
    let waits = matches!(answered, Some((AnswerChoice::Wait | AnswerChoice::WaitUntil(_), _)));
    Some(OrderPage {
        order: id,
        number: order.number.to_string(),
        items: order.lines.iter().filter_map(item).collect(),
        standing,
        expected: match expected(state, order) {
            Expected::On(day) => Some(day),
            Expected::Unknown | Expected::Nothing => None,
        },
        answered,
        answer_by: consent.map(|duty| duty.last_day),
        value: Money::new(order.value(), currency),
        refund,
        may_wait: (free || standing == Standing::Doubt) && (!waits || consent.is_some()),
        may_cancel: matches!(standing, Standing::Waiting | Standing::Preparing | Standing::Doubt),
        may_change_address: free && stages.iter().all(Option::is_none),
    })
}

fn standing(
    nothing_left: bool,
    ended: Option<(Stamp, EndCause)>,
    stages: &[Option<ShipmentStage>],
    order: &holdfast_domain::order::Order,
) -> Standing {
    let any = |fits: fn(ShipmentStage) -> bool| stages.iter().flatten().any(|stage| fits(*stage));
    let all = |fits: fn(ShipmentStage) -> bool| {
        !stages.is_empty() && stages.iter().all(|stage| stage.is_some_and(fits))
    };
    if nothing_left {
        return Standing::Cancelled;
    }
    if ended.is_some() && any(|stage| stage.at_site().is_some()) {
        return Standing::Ending;
    }
    if any(|stage| matches!(stage, ShipmentStage::InDoubt { .. } | ShipmentStage::Lost)) {
        return Standing::Doubt;
    }
    if order.backordered().is_zero() && all(|stage| stage == ShipmentStage::Delivered) {
        return Standing::Delivered;
    }
    let gone = |stage: ShipmentStage| stage.with_carrier() || stage == ShipmentStage::Delivered;
    if order.backordered().is_zero() && all(gone) {
        return Standing::OnTheWay;
    }
    if any(|stage| stage.at_site().is_some()) {
        return Standing::Preparing;
    }
    Standing::Waiting
}
