//! Numbers at a glance: orders by state, sites, promises, what is due when.

use axum::extract::{Query, State};
use holdfast_access::Right;
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::timer::Timer;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::network::access_word;
use super::orders::{status, status_word};
use crate::app::{App, ByName};
use crate::guard::Who;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

/// Timers that are listed.
const TIMERS_MAX: usize = 500;

pub(super) fn mount() -> Mount {
    Mount::default()
        .api(Policy::own(Right::ReadOrders), routes!(stats))
        .api(Policy::all(Right::ReadIncidents), routes!(timers))
}

/// Numbers at a glance.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Stats {
    /// Version of the state they are of.
    pub version: u64,
    /// Live orders by state.
    pub orders: ByName,
    /// Live orders by merchant.
    pub merchants: ByName,
    /// Orders with units at each site that have not left.
    pub sites: ByName,
    /// Sites by what they can do.
    pub access: ByName,
    /// Orders whose promise a plan or a person has moved to a later day.
    pub promises_moved: u64,
    /// Notices by how far they are.
    pub notices: ByName,
    /// What open orders are worth, by currency, in minor units.
    pub value: std::collections::BTreeMap<String, i64>,
}

/// The numbers.
#[utoipa::path(get, path = "/api/v1/stats", tag = "statistics", responses((status = 200, description = "The numbers", body = Stats)))]
async fn stats(State(app): State<App>, who: Who) -> Result<axum::Json<Stats>, Problem> {
    let view = app.view();
    let count = move |_: &App| {
        let state = view.state();
        let mut out = Stats { version: state.version, ..Stats::default() };
        for (_, order) in state.live_orders().filter(|(_, order)| who.may_see(state, order.merchant)) {
            *out.orders.entry(status_word(status(state, order)).to_owned()).or_default() += 1;
            if let Some(merchant) = state.network.merchant(order.merchant) {
                *out.merchants.entry(merchant.code.to_string()).or_default() += 1;
                // Two orders of absurd prices must not take the numbers from everybody.
                let value = out.value.entry(merchant.currency.code().to_owned()).or_default();
                *value = value.saturating_add(order.value());
            }
            out.promises_moved += u64::from(order.promise > order.promise_first);
            let mut sites: Vec<_> = order
                .lines
                .iter()
                .flat_map(|line| &line.allocations)
                .filter(|a| {
                    let stage =
                        a.shipment.and_then(|id| state.shipments.get(id)).map(|shipment| shipment.stage);
                    stage.is_none_or(|stage| stage.at_site().is_some())
                })
                .map(|a| a.site)
                .collect();
            sites.sort_unstable();
            sites.dedup();
            for site in sites {
                let code = state.network.site(site).map_or_else(String::new, |site| site.code.to_string());
                *out.sites.entry(code).or_default() += 1;
            }
        }
        for now in &state.sites {
            *out.access.entry(access_word(now.access).to_owned()).or_default() += 1;
        }
        for (_, notice) in state.notices.iter().filter(|(_, notice)| who.may_see(state, notice.merchant)) {
            *out.notices.entry(notice_word(notice.status).to_owned()).or_default() += 1;
        }
        out
    };
    Ok(axum::Json(app.block(count).await?))
}

/// The word for how far a notice is.
#[must_use]
pub const fn notice_word(status: NoticeStatus) -> &'static str {
    match status {
        NoticeStatus::Queued => "queued",
        NoticeStatus::Withdrawn => "withdrawn",
        NoticeStatus::Released => "released",
        NoticeStatus::Sent => "sent",
        NoticeStatus::Failed => "failed",
        NoticeStatus::Waiting => "waiting",
        NoticeStatus::Sending => "sending",
        NoticeStatus::InDoubt => "in_doubt",
    }
}

/// Something that is due.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimerOut {
    /// When.
    pub due: String,
    /// What: `standby_ready`, `notice_hold`, `doubt`, `incident_end`, `law`, `takeover` or `call`.
    pub what: String,
    /// Of what.
    pub id: String,
    /// The number of a legal clock's rule.
    pub rule: Option<u16>,
}

/// Which timers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TimerFilter {
    /// Only of this kind, such as `law`.
    pub what: Option<String>,
}

/// What is due, first things first: the first 500.
#[utoipa::path(get, path = "/api/v1/timers", tag = "statistics", params(TimerFilter), responses((status = 200, description = "The timers", body = Vec<TimerOut>)))]
async fn timers(State(app): State<App>, Query(filter): Query<TimerFilter>) -> axum::Json<Vec<TimerOut>> {
    let view = app.view();
    let told = view.state().timers.iter().map(|(due, timer)| {
        let (what, id, rule) = match timer {
            Timer::StandbyReady(site) => ("standby_ready", site.to_string(), None),
            Timer::NoticeHold(notice) => ("notice_hold", notice.to_string(), None),
            Timer::Doubt(shipment) => ("doubt", shipment.to_string(), None),
            Timer::IncidentEnd(incident) => ("incident_end", incident.to_string(), None),
            Timer::Law(order, rule) => ("law", order.to_string(), Some(rule)),
            Timer::Call(call, _) => ("call", call.to_string(), None),
            Timer::Takeover(takeover) => ("takeover", takeover.to_string(), None),
        };
        TimerOut { due: due.to_string(), what: what.to_owned(), id, rule }
    });
    let fits = |timer: &TimerOut| filter.what.as_ref().is_none_or(|what| *what == timer.what);
    axum::Json(told.filter(fits).take(TIMERS_MAX).collect())
}
