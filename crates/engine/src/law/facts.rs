//! The facts of one order as the rules ask for them, read off the state.
//!
//! What an order without a file is asked for is read off the order alone: nothing was told, answered or refunded.

use holdfast_domain::care::{AnswerChoice, OrderFile};
use holdfast_domain::id::{Id, OrderId};
use holdfast_domain::money::Currency;
use holdfast_domain::network::Network;
use holdfast_domain::order::{Order, ShipmentStage};
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Stamp, Zone};

use super::{Answer, Choice, ClockFacts, Jurisdiction, NoticeSent, RefundForm, Refunded};

/// A promise that was never given: the sourcing has found no day yet.
const NO_PROMISE: Day = Day(i32::MAX);

/// The facts of a live order; `None` for one that is archived, unknown, or held before it is complete.
#[must_use]
pub fn facts(state: &State, id: OrderId) -> Option<ClockFacts> {
    let order = state.order(id).ok()?;
    let jurisdiction = jurisdiction(&state.network, order)?;
    let mut facts = ClockFacts::new(jurisdiction, zone(&state.network, order), order.placed);
    facts.paid_at = order.paid;
    facts.promised = (order.promise_first != NO_PROMISE).then_some(order.promise_first);
    match state.care.file(id) {
        Some(file) => from_file(&mut facts, state, order, file),
        None => from_parts(&mut facts, state, order),
    }
    Some(facts)
}

/// Whose rule applies to an order. A merchant's country is not kept: its currency stands for it.
#[must_use]
pub fn jurisdiction(network: &Network, order: &Order) -> Option<Jurisdiction> {
    let merchant = network.merchant(order.merchant)?;
    let home = match merchant.currency {
        Currency::USD => "US",
        Currency::KRW => "KR",
        Currency::GBP => "GB",
        Currency::EUR => "FR",
        _ => "",
    };
    Some(Jurisdiction::of(order.country.code(), home))
}

/// The zone a customer's days are counted in: by country, in a country of several by the destination's longitude
/// (standard meridians, so that borders between zones are off by at most an hour).
#[must_use]
pub fn zone(network: &Network, order: &Order) -> Zone {
    let longitude = network.zones.get(order.zone.index()).map_or(-75.0, |zone| zone.place.lon());
    let name = match order.country.code() {
        "KR" => "Asia/Seoul",
        "JP" => "Asia/Tokyo",
        "GB" | "UK" => "Europe/London",
        "IE" => "Europe/Dublin",
        "PT" => "Europe/Lisbon",
        "FI" => "Europe/Helsinki",
        "GR" => "Europe/Athens",
        "EE" | "LV" | "LT" => "Europe/Riga",
        "BG" | "RO" | "CY" => "Europe/Bucharest",
        "IS" => "Atlantic/Reykjavik",
        "AT" | "BE" | "CZ" | "DE" | "DK" | "ES" | "FR" | "HR" | "HU" | "IT" | "LI" | "LU" | "MT" | "NL"
        | "NO" | "PL" | "SE" | "SI" | "SK" => "Europe/Berlin",
        "PR" | "VI" => "America/Puerto_Rico",
        "GU" | "MP" => "Pacific/Guam",
        "AS" => "Pacific/Pago_Pago",
        "US" | "CA" | "MX" => match longitude {
            east if east > -86.5 => "America/New_York",
            east if east > -101.5 => "America/Chicago",
            east if east > -114.5 => "America/Denver",
            east if east > -130.0 => "America/Los_Angeles",
            east if east > -152.0 => "America/Anchorage",
            _ => "Pacific/Honolulu",
        },
        _ => "",
    };
    let of_operator = || network.operator.as_ref().map_or(Zone::utc(), |operator| operator.zone.clone());
    if name.is_empty() { of_operator() } else { Zone::named(name).unwrap_or_else(|_| of_operator()) }
}

fn from_file(facts: &mut ClockFacts, state: &State, order: &Order, file: &OrderFile) {
    facts.unable_since = file.unable_since;
    facts.will_not_ship_since = file.will_not_ship_since;
    facts.notices = file
        .told
        .iter()
        .map(|told| NoticeSent {
            sent_at: told.at,
            revised: told.revised,
            offers_cancellation: told.offers_cancellation,
            gives_reason: true,
        })
        .collect();
    facts.answers = file
        .answers
        .iter()
        .filter_map(|answer| {
            let choice = match answer.choice {
                AnswerChoice::Wait => Choice::Wait,
                AnswerChoice::WaitUntil(day) => Choice::WaitUntil(day),
                AnswerChoice::Cancel => Choice::Cancel,
                AnswerChoice::Address => return None,
            };
            Some(Answer { at: answer.at, choice })
        })
        .collect();
    facts.cancelled_at = file.ended.map(|(at, _)| at);
    let settled = file.refund.owed > 0 && file.refund.open() <= 0;
    facts.refunded = match (settled, file.refund.last) {
        (true, Some(at)) => Some(Refunded { at, form: RefundForm::Money }),
        _ => None,
    };
    // Money that is owed is owed for units that were paid; where none is, nothing has to go back.
    if file.refund.owed == 0 && file.ended.is_some() {
        facts.paid_at = None;
    }
    from_parts(facts, state, order);
    facts.shipped_at = file.shipped_at.or(facts.shipped_at);
    facts.delivered_at = file.delivered_at.or(facts.delivered_at);
}

/// When everything left and arrived, as far as the shipments' days tell.
fn from_parts(facts: &mut ClockFacts, state: &State, order: &Order) {
    if !order.backordered().is_zero() {
        return;
    }
    let (mut left, mut arrived) = (None::<Stamp>, None::<Stamp>);
    let (mut all_left, mut all_arrived, mut any) = (true, true, false);
    for allocation in order.lines.iter().flat_map(|line| &line.allocations) {
        any = true;
        let Some(shipment) = allocation.shipment.and_then(|id| state.shipments.get(id)) else {
            (all_left, all_arrived) = (false, false);
            break;
        };
        let gone = shipment.stage.with_carrier()
            || matches!(shipment.stage, ShipmentStage::Delivered | ShipmentStage::Lost);
        let shipped = shipment.ship_day.at(0, &facts.zone).max(order.placed);
        left = left.max(Some(shipped));
        all_left &= gone;
        all_arrived &= shipment.stage == ShipmentStage::Delivered;
        arrived = arrived.max(shipment.arrival.map(|day| day.at(0, &facts.zone).max(shipped)));
    }
    if any && all_left {
        facts.shipped_at = left;
    }
    if any && all_arrived {
        facts.delivered_at = arrived;
    }
    if !any && facts.cancelled_at.is_none() && order.lines.iter().all(|line| line.wanted().is_zero()) {
        facts.cancelled_at = Some(order.placed);
        facts.paid_at = None;
    }
}
