//! Care: what customers were told and answered, what they are owed, which clocks run, and what a supporter may do about
//! it: one order at a time.

mod acts;
mod desk;
pub(crate) mod notices;
mod opens;
mod policy;
mod told;
mod words;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Path, Query, State};
use holdfast_access::Right;
use holdfast_domain::id::MerchantId;
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::state::State as DomainState;
use holdfast_domain::time::Stamp;
use holdfast_engine::desk::measures;
use holdfast_engine::law::view::{Alarm, alarms, alarms_of};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::orders::order_id;
use crate::app::{App, lock};
use crate::guard::Who;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

pub(crate) use acts::{over_the_limit, reship_order};
pub use told::{CareOut, ClockOut, card_out};

/// Alarms that are listed at once.
const ALARMS_MAX: usize = 500;

pub(super) fn mount() -> Mount {
    use Right as R;
    Mount::default()
        .api(Policy::own(R::ReadOrders), routes!(care))
        .api(Policy::own(R::ReadOrders), routes!(alarm_list))
        .api(Policy::own(R::ReadIncidents), routes!(measured))
        .api(Policy::own(R::ReadIncidents), routes!(notices::one))
        .api(Policy::own(R::ReadIncidents), routes!(words::words))
        .api(Policy::all(R::CommandIncidents).fresh(), routes!(notices::approve))
        .api(Policy::all(R::ChangeNotices), routes!(notices::settle))
        .api(Policy::own(R::ChangeOrders), routes!(notices::resend))
        .api(Policy::all(R::ChangeNotices), routes!(notices::bounces))
        .api(Policy::own(R::ReadNetwork), routes!(opens::get))
        // A merchant's own setting, and not the support desk's: whoever may place orders for it.
        .api(Policy::own(R::PlaceOrders), routes!(opens::put))
        .api(Policy::all(R::ReadIncidents), routes!(policy::get))
        .api(Policy::all(R::CommandIncidents).fresh(), routes!(policy::put))
        .api(Policy::own(R::ReadPeople), routes!(desk::find))
        .api(Policy::own(R::ChangeOrders), routes!(acts::answer))
        .api(Policy::own(R::ChangeOrders), routes!(acts::destination))
        .api(Policy::own(R::ChangeOrders), routes!(acts::reship))
        .api(Policy::own(R::ChangeOrders).fresh(), routes!(acts::give_up))
        .api(Policy::own(R::ChangeOrders), routes!(acts::refund))
        .api(Policy::own(R::ChangeOrders), routes!(acts::goodwill))
        .api(Policy::own(R::ChangeOrders), routes!(acts::contact))
}

/// Everything a supporter has to know about an order: what may be said now, what was sent and when, what was answered,
/// which legal clocks run and until when, what is owed.
#[utoipa::path(get, path = "/api/v1/orders/{id}/care", tag = "care", params(("id" = String, Path)), responses(
    (status = 200, description = "The card", body = CareOut),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn care(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
) -> Result<axum::Json<CareOut>, Problem> {
    let view = app.view();
    let id = order_id(&id)?;
    who.order(view.state(), id)?;
    let card = holdfast_engine::desk::card(view.state(), id, view.at);
    let card = card.ok_or_else(|| Problem::not_found("order"))?;
    Ok(axum::Json(card_out(view.state(), &card)))
}

/// Something a person has to look at.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct AlarmOut {
    /// `overdue` (a legal duty), `uncountable` (a calendar ends), `not_reached` (no channel took a notice),
    /// `notice_in_doubt` (nobody knows whether it arrived), `approval` (notices wait for a second person),
    /// `call_unanswered` (no partner or nobody of the staff acknowledged).
    pub kind: String,
    /// The order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The merchant's number of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// The clock that is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockOut>,
    /// How many wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<usize>,
    /// Why it cannot be counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The call nobody answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
}

/// Alarms.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlarmsOut {
    /// How many there are.
    pub count: usize,
    /// The first 500.
    pub alarms: Vec<AlarmOut>,
}

fn alarm_out(state: &DomainState, alarm: Alarm) -> AlarmOut {
    let number = |order| state.order(order).ok().map(|known| known.number.to_string());
    match alarm {
        Alarm::Overdue { order, clock } => AlarmOut {
            kind: "overdue".into(),
            number: number(order),
            order: Some(order.to_string()),
            clock: Some(told::clock_out(&clock)),
            ..AlarmOut::default()
        },
        Alarm::Uncountable { order, why } => AlarmOut {
            kind: "uncountable".into(),
            number: number(order),
            order: Some(order.to_string()),
            why: Some(why),
            ..AlarmOut::default()
        },
        Alarm::NotReached { notice } => {
            AlarmOut { kind: "not_reached".into(), notice: Some(notice.to_string()), ..AlarmOut::default() }
        }
        Alarm::NoticeInDoubt { notice } => AlarmOut {
            kind: "notice_in_doubt".into(),
            notice: Some(notice.to_string()),
            ..AlarmOut::default()
        },
        Alarm::CallUnanswered { call } => {
            AlarmOut { kind: "call_unanswered".into(), call: Some(call.to_string()), ..AlarmOut::default() }
        }
        Alarm::Approval { notice, waiting } => AlarmOut {
            kind: "approval".into(),
            notice: Some(notice.to_string()),
            waiting: Some(waiting),
            ..AlarmOut::default()
        },
    }
}

/// Whose an alarm is; the operator's alone where it counts over all.
fn owner(state: &DomainState, alarm: &Alarm) -> Option<MerchantId> {
    match alarm {
        Alarm::Overdue { order, .. } | Alarm::Uncountable { order, .. } => {
            state.order(*order).ok().map(|order| order.merchant)
        }
        Alarm::NotReached { notice } | Alarm::NoticeInDoubt { notice } => {
            state.notices.get(*notice).map(|notice| notice.merchant)
        }
        Alarm::Approval { .. } | Alarm::CallUnanswered { .. } => None,
    }
}

/// What a person has to look at: legal duties that are overdue, customers no channel reached, notices nobody knows the
/// fate of, batches that wait for a second person, calls nobody answered.
#[utoipa::path(get, path = "/api/v1/alarms", tag = "care", responses((status = 200, description = "The alarms", body = AlarmsOut)))]
async fn alarm_list(State(app): State<App>, who: Who) -> Result<axum::Json<AlarmsOut>, Problem> {
    let view = app.view();
    let look = move |_: &App| {
        let state = view.state();
        let limited = who.limit(state).is_some();
        let mine = |alarm: &Alarm| match owner(state, alarm) {
            Some(merchant) => who.may_see(state, merchant),
            None => !limited,
        };
        let found = alarms_of(state, view.at, mine);
        let alarms = found.list.into_iter().take(ALARMS_MAX).map(|alarm| alarm_out(state, alarm)).collect();
        AlarmsOut { count: found.count, alarms }
    };
    Ok(axum::Json(app.block(look).await?))
}

/// Which measures.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MeasuresFilter {
    /// Code of one merchant; all of them without.
    merchant: Option<String>,
}

/// What is measured of everything that was told. Notices: sent, failed, in doubt, withdrawn and in the outbox add up to
/// all. Orders told of: cancelled, kept and open add up to them.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeasuresOut {
    /// Notices a channel took.
    pub sent: u64,
    /// Of those, notices a provider or a mail server says have arrived; most ways never say.
    pub delivered: u64,
    /// Of those sent, notices that were opened, of merchants who count that; many readers never say.
    pub opened: u64,
    /// Notices no channel took.
    pub failed: u64,
    /// Notices nobody knows the fate of.
    pub in_doubt: u64,
    /// Notices taken back before they left.
    pub withdrawn: u64,
    /// Notices that have not left yet.
    pub in_outbox: u64,
    /// Orders told of.
    pub orders_told: u64,
    /// Of those, orders whose customer answered.
    pub answered: u64,
    /// Of those told, orders that were cancelled.
    pub cancelled: u64,
    /// Of those told, orders that reached their customer whole.
    pub kept: u64,
    /// Of those told, orders that are neither.
    pub open: u64,
    /// Contacts noted about orders told of.
    pub contacts: u64,
    /// Contacts for each thousand orders told of.
    pub contacts_per_thousand: u64,
    /// Orders an update beyond what a law requires was due for, where its reader is held out and got none.
    pub held_out: HeldOut,
    /// The same of readers who are not held out, to compare with.
    pub updated: Updated,
}

/// Orders of customers who get no updates beyond what a law requires.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct HeldOut {
    /// Thousandths of all customers, as set now.
    pub permille: u16,
    /// Orders such an update was due for.
    pub orders: u64,
    /// Contacts noted about those.
    pub contacts: u64,
    /// Of those, orders that were cancelled.
    pub cancelled: u64,
}

/// Orders of customers who got updates beyond what a law requires.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Updated {
    /// Orders such an update was sent for.
    pub orders: u64,
    /// Contacts noted about those.
    pub contacts: u64,
    /// Of those, orders that were cancelled.
    pub cancelled: u64,
}

/// What was sent, delivered, opened, answered, cancelled and kept, and how often customers got in touch.
#[utoipa::path(get, path = "/api/v1/notices/measures", tag = "care", params(MeasuresFilter), responses(
    (status = 200, description = "The measures", body = MeasuresOut),
    (status = 404, description = "There is no such merchant", body = Problem, content_type = "application/problem+json")))]
async fn measured(
    State(app): State<App>,
    who: Who,
    Query(filter): Query<MeasuresFilter>,
) -> Result<axum::Json<MeasuresOut>, Problem> {
    let view = app.view();
    let state = view.state();
    let merchant = match &filter.merchant {
        None => who.limit(state),
        Some(code) => Some(merchant_of(state, &who, code)?),
    };
    let fork = view.clone();
    let out = app.block(move |_| measures_out(fork.state(), merchant)).await?;
    Ok(axum::Json(out))
}

/// The merchant of a code, where the caller may know of it.
fn merchant_of(state: &DomainState, who: &Who, code: &str) -> Result<MerchantId, Problem> {
    let named = state.named(holdfast_domain::state::NameKind::Merchant, MerchantId(0), code);
    let seen = named.filter(|merchant: &MerchantId| who.may_see(state, *merchant));
    seen.ok_or_else(|| Problem::not_found("merchant"))
}

/// What is measured of one merchant's notices and orders, or of all.
pub(crate) fn measures_out(state: &DomainState, merchant: Option<MerchantId>) -> MeasuresOut {
    let told = measures(state, merchant);
    // Held out or not: by orders an extra update was due for, each once, whatever else was sent about them.
    let mut groups = [BTreeSet::new(), BTreeSet::new()];
    for (_, notice) in state.notices.iter().filter(|(_, n)| merchant.is_none_or(|m| m == n.merchant)) {
        if notice.is_required() {
            continue;
        }
        let held = holdfast_app::dispatch::is_held_out(state, notice);
        let group = match notice.status {
            NoticeStatus::Withdrawn if held => 0,
            NoticeStatus::Sent if !held => 1,
            _ => continue,
        };
        groups[group].extend(notice.orders.iter().map(|entry| entry.order));
    }
    let counts = groups.map(|orders| {
        let files = orders.iter().filter_map(|order| state.care.file(*order));
        files.fold((orders.len() as u64, 0, 0), |(count, contacts, cancelled), file| {
            (count, contacts + file.contacts.len() as u64, cancelled + u64::from(file.ended.is_some()))
        })
    });
    MeasuresOut {
        sent: told.sent,
        delivered: told.delivered,
        opened: told.opened,
        failed: told.failed,
        in_doubt: told.in_doubt,
        withdrawn: told.withdrawn,
        in_outbox: told.in_outbox,
        orders_told: told.orders_told,
        answered: told.answered,
        cancelled: told.cancelled,
        kept: told.kept,
        open: told.open,
        contacts: told.contacts,
        contacts_per_thousand: (told.contacts * 1_000).checked_div(told.orders_told).unwrap_or(0),
        held_out: HeldOut {
            permille: state.care.hold_out_permille,
            orders: counts[0].0,
            contacts: counts[0].1,
            cancelled: counts[0].2,
        },
        updated: Updated { orders: counts[1].0, contacts: counts[1].1, cancelled: counts[1].2 },
    }
}

/// How many alarms there were when they were last counted: looking at every clock costs, and metrics are asked for often.
#[derive(Default)]
pub struct Alarmed {
    counting: AtomicBool,
    kept: Mutex<Option<(i64, [usize; 6])>>,
}

/// Lets others count again, however the count ends.
struct Counted<'a>(&'a AtomicBool);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Milliseconds for which a count of alarms is told again.
const COUNTED_FOR: i64 = 15_000;

impl Alarmed {
    /// How many alarms there are of each kind, in the order of [`Alarm::KINDS`], as of a moment ago; `None` before they
    /// were counted. One caller counts at a time, the others are told the last count.
    pub fn count(&self, app: &App) -> Option<[usize; 6]> {
        let (now, kept) = (app.now(), *lock(&self.kept));
        let fresh = kept.filter(|(at, _)| now.abs_diff(*at) < COUNTED_FOR.unsigned_abs());
        if fresh.is_some() || self.counting.swap(true, Ordering::AcqRel) {
            return kept.map(|(_, counts)| counts);
        }
        let _counted = Counted(&self.counting);
        let view = app.view();
        let counts = alarms(view.state(), view.at.max(Stamp(now))).kinds;
        *lock(&self.kept) = Some((now, counts));
        Some(counts)
    }
}
