//! Notices and timers: queued, withdrawn, released, reported; what is due is done once.

use super::{Decision, misplaced, shipment};
use crate::command::Command;
use crate::event::{DoubtEvidence, Event};
use crate::id::NoticeId;
use crate::incident::SiteAccess;
use crate::network::Network;
use crate::notice::{Notice, NoticeStatus};
use crate::order::ShipmentStage;
use crate::reject::Rejection;
use crate::state::{State, unknown};
use crate::time::Stamp;
use crate::timer::Timer;

pub(super) fn decide(state: &State, command: &Command, at: Stamp) -> Decision {
    match command {
        Command::QueueNotice(notice) => {
            for entry in &notice.orders {
                state.order(entry.order)?;
            }
            let fresh = Notice { status: NoticeStatus::Queued, ..(**notice).clone() };
            Ok(vec![Event::NoticeQueued(Box::new(fresh))])
        }
        Command::WithdrawNotice { notice } => {
            in_outbox(state, *notice, &[NoticeStatus::Queued, NoticeStatus::Waiting])?;
            Ok(vec![Event::NoticeChanged { notice: *notice, status: NoticeStatus::Withdrawn }])
        }
        Command::ReportNotice { notice, sent } => {
            in_outbox(state, *notice, &[NoticeStatus::Released, NoticeStatus::Sending])?;
            let status = if *sent { NoticeStatus::Sent } else { NoticeStatus::Failed };
            Ok(vec![Event::NoticeChanged { notice: *notice, status }])
        }
        Command::FireTimer { due, timer } => fire(state, *due, *timer, at),
        Command::ForgetKeys { before } => Ok(vec![Event::KeysForgotten { before: *before }]),
        _ => Err(misplaced()),
    }
}

fn in_outbox<'a>(state: &'a State, id: NoticeId, wanted: &[NoticeStatus]) -> Result<&'a Notice, Rejection> {
    let notice = state.notices.get(id).ok_or_else(|| unknown("notice", id))?;
    if wanted.contains(&notice.status) {
        Ok(notice)
    } else {
        Err(Rejection::NoticeGone { index: u64::from(id.0) })
    }
}

fn fire(state: &State, due: Stamp, timer: Timer, at: Stamp) -> Decision {
    if !state.timers.is_set(due, timer) {
        return Err(Rejection::NoTimer {});
    }
    if due > at {
        return Err(Rejection::NotDue {});
    }
    let mut events = vec![Event::TimerFired { due, timer }];
    match timer {
        Timer::StandbyReady(site) => {
            if matches!(state.site(site)?.1.access, SiteAccess::Activating { .. }) {
                events.push(Event::SiteAccessChanged { site, access: SiteAccess::FULL, incident: None });
            }
        }
        Timer::NoticeHold(notice) => {
            if let Ok(held) = in_outbox(state, notice, &[NoticeStatus::Queued]) {
                let status = if needs_approval(state, notice, held) {
                    NoticeStatus::Waiting
                } else {
                    NoticeStatus::Released
                };
                events.push(Event::NoticeChanged { notice, status });
            }
        }
        Timer::Doubt(id) => events.extend(presume(state, id, at)?),
        // The engine answers these two: a review of the incident, a legal consequence.
        Timer::IncidentEnd(_) | Timer::Law(..) => {}
        Timer::Call(call, position) => events.extend(crate::care::fire_call(state, call, position, at)),
        Timer::Takeover(takeover) => events.extend(super::takeover::fire(state, takeover, at)),
    }
    Ok(events)
}

/// Whether the batch of a notice is so large that a second person has to let it go.
fn needs_approval(state: &State, id: NoticeId, notice: &Notice) -> bool {
    let batch = notice.incident.and_then(|incident| state.care.batches.get(&incident));
    let above = state.care.policy.approve_above;
    batch.zip(above).is_some_and(|(batch, above)| batch.first <= id && batch.pending > above)
}

/// What the merchant's rule takes to be true of a parcel nobody has seen; nothing if it is known meanwhile.
fn presume(state: &State, id: crate::id::ShipmentId, at: Stamp) -> Decision {
    let doubtful = state.shipment(id)?;
    if !matches!(doubtful.stage, ShipmentStage::InDoubt { .. }) {
        return Ok(Vec::new());
    }
    let order = state.order(doubtful.order)?;
    let network: &Network = &state.network;
    let Some(rule) = network.merchant(order.merchant).and_then(|merchant| merchant.doubt) else {
        return Ok(Vec::new());
    };
    let day = network.site(doubtful.site).map_or(doubtful.ship_day, |site| at.local(&site.zone).0);
    let left = rule.presume == crate::network::Presumption::Shipped;
    shipment::resolve(state, id, left, DoubtEvidence::Rule, day)
}
