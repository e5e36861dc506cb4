//! Care: what customers were told and answered, what they are owed, which clocks run, and what a supporter may do about
//! it: one order at a time.

mod acts;
mod desk;
mod notices;
mod policy;
mod told;

use axum::extract::{Path, Query, State};
use holdfast_access::Right;
use holdfast_domain::id::MerchantId;
use holdfast_domain::state::State as DomainState;
use holdfast_engine::desk::{Measures, measures};
use holdfast_engine::law::view::{Alarm, alarms};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::orders::order_id;
use crate::app::App;
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
        .api(Policy::all(R::CommandIncidents).fresh(), routes!(notices::approve))
        .api(Policy::all(R::ChangeNotices), routes!(notices::settle))
        .api(Policy::own(R::ChangeOrders), routes!(notices::resend))
        .api(Policy::all(R::ChangeNotices), routes!(notices::bounces))
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
    pub call: Option<i64>,
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
        Alarm::Approval { .. } => None,
    }
}

/// What a person has to look at: legal duties that are overdue, customers no channel reached, notices nobody knows the
/// fate of, batches that wait for a second person, calls nobody answered.
#[utoipa::path(get, path = "/api/v1/alarms", tag = "care", responses((status = 200, description = "The alarms", body = AlarmsOut)))]
async fn alarm_list(State(app): State<App>, who: Who) -> Result<axum::Json<AlarmsOut>, Problem> {
    let view = app.view();
    let look = move |app: &App| {
        let state = view.state();
        let all = alarms(state, view.at);
        let limited = who.limit(state).is_some();
        let mine = |alarm: &Alarm| match owner(state, alarm) {
            Some(merchant) => who.may_see(state, merchant),
            None => !limited,
        };
        let found: Vec<Alarm> = all.list.into_iter().filter(mine).collect();
        let count = if limited { found.len() } else { all.count };
        let mut alarms = Vec::new();
        if !limited {
            // A call to partners is the operator's own.
            let unanswered = |call: &crate::calls::Call| {
                call.ended.as_ref().is_some_and(|(_, how, _)| how == "unanswered")
            };
            let calls = app.calls.list()?;
            alarms.extend(calls.iter().filter(|call| unanswered(call)).map(|call| AlarmOut {
                kind: "call_unanswered".into(),
                call: Some(call.id),
                ..AlarmOut::default()
            }));
        }
        let count = count + alarms.len();
        alarms.extend(found.into_iter().take(ALARMS_MAX).map(|alarm| alarm_out(state, alarm)));
        Ok::<_, rusqlite::Error>(AlarmsOut { count, alarms })
    };
    Ok(axum::Json(app.block(look).await?.map_err(|error| Problem::internal(&error))?))
}

/// Which measures.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MeasuresFilter {
    /// Code of one merchant; all of them without.
    merchant: Option<String>,
}

/// What is measured of everything that was told.
#[derive(Debug, Serialize, ToSchema)]
struct MeasuresOut {
    /// Notices a channel took.
    sent: u64,
    /// Of those, notices a provider says have arrived; most ways never say.
    delivered: u64,
    /// Notices no channel took.
    failed: u64,
    /// Notices nobody knows the fate of.
    in_doubt: u64,
    /// Notices taken back before they left.
    withdrawn: u64,
    /// Orders told of.
    orders_told: u64,
    /// Of those, orders whose customer answered.
    answered: u64,
    /// Of those told, orders that were cancelled.
    cancelled: u64,
    /// Of those told, orders that reached their customer whole.
    kept: u64,
    /// Contacts noted about orders told of.
    contacts: u64,
    /// Contacts for each thousand orders told of.
    contacts_per_thousand: u64,
    /// The same of customers who get no updates beyond what a law requires, where a share is held out.
    held_out: HeldOut,
}

/// Customers who get no updates beyond what a law requires.
#[derive(Debug, Default, Serialize, ToSchema)]
struct HeldOut {
    /// Thousandths of all customers.
    permille: u16,
    /// Their orders told of.
    orders_told: u64,
    /// Contacts noted about those.
    contacts: u64,
    /// Of those, orders that were cancelled.
    cancelled: u64,
}

/// What was sent, delivered, answered, cancelled and kept, and how often customers got in touch.
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
        Some(code) => {
            let named = state.named(holdfast_domain::state::NameKind::Merchant, MerchantId(0), code);
            let seen = named.filter(|merchant: &MerchantId| who.may_see(state, *merchant));
            Some(seen.ok_or_else(|| Problem::not_found("merchant"))?)
        }
    };
    let fork = view.clone();
    let out = app.block(move |_| measures_out(fork.state(), merchant)).await?;
    Ok(axum::Json(out))
}

fn measures_out(state: &DomainState, merchant: Option<MerchantId>) -> MeasuresOut {
    let Measures { sent, failed, in_doubt, withdrawn, orders_told, answered, cancelled, kept, contacts } =
        measures(state, merchant);
    let mut delivered = std::collections::BTreeSet::new();
    let mut held_out = HeldOut { permille: state.care.hold_out_permille, ..HeldOut::default() };
    for (_, file) in state.care.files.iter() {
        let order = state.order(file.order).ok();
        if merchant.is_some() && order.map(|order| order.merchant) != merchant {
            continue;
        }
        delivered.extend(file.told.iter().filter(|told| told.delivered.is_some()).map(|told| told.notice));
        let notice = file.told.first().and_then(|told| state.notices.get(told.notice));
        if notice.is_some_and(|notice| holdfast_app::dispatch::is_held_out(state, notice)) {
            held_out.orders_told += 1;
            held_out.contacts += file.contacts.len() as u64;
            held_out.cancelled += u64::from(file.ended.is_some());
        }
    }
    MeasuresOut {
        sent,
        delivered: delivered.len() as u64,
        failed,
        in_doubt,
        withdrawn,
        orders_told,
        answered,
        cancelled,
        kept,
        contacts,
        contacts_per_thousand: (contacts * 1_000).checked_div(orders_told).unwrap_or(0),
        held_out,
    }
}
