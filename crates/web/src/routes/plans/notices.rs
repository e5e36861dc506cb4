//! Notices: listed, and taken back before they leave.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use holdfast_app::core::Reply;
use holdfast_app::service::Asked;
use holdfast_domain::command::Command;
use holdfast_domain::id::{Id, NoticeId};
use holdfast_domain::notice::{Notice, NoticeStatus};
use holdfast_domain::state::State as DomainState;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::cursor::{self, Paged};
use crate::guard::Who;
use crate::problem::Problem;
use crate::routes::incidents::incident_id;
use crate::routes::network::merchant_code;
use crate::routes::orders::{Done, day, done};
use crate::routes::stats::notice_word;

/// Notices taken back at once.
const AT_ONCE: usize = 64;

/// A notice.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeOut {
    /// Its id.
    pub id: String,
    /// Code of its merchant.
    pub merchant: String,
    /// Its incident.
    pub incident: Option<String>,
    /// Its language.
    pub language: String,
    /// `queued`, `waiting`, `withdrawn`, `released`, `sending`, `sent`, `failed` or `in_doubt`.
    pub status: String,
    /// When it leaves unless withdrawn before.
    pub hold_until: String,
    /// Its orders: id, date before, date now, cause.
    pub orders: Vec<NoticeOrderOut>,
}

/// What changes for one order.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeOrderOut {
    /// The order.
    pub order: String,
    /// The date the customer had.
    pub before: Option<String>,
    /// The date now.
    pub after: Option<String>,
    /// What was done about it.
    pub cause: String,
}

/// A page of notices.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticePage {
    /// The notices, oldest first.
    pub notices: Vec<NoticeOut>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// Lists notices.
#[utoipa::path(get, path = "/api/v1/notices", tag = "notices", params(Paged), responses((status = 200, description = "A page", body = NoticePage)))]
pub(super) async fn notices(
    State(app): State<App>,
    who: Who,
    Query(filter): Query<Paged>,
) -> Result<axum::Json<NoticePage>, Problem> {
    let view = app.view();
    let state = view.state();
    let from = cursor::first("notices", filter.cursor.as_deref())?;
    let most = cursor::page(filter.limit);
    let all = state.notices.iter();
    let mine = all.filter(|(id, notice)| id.index() as u64 >= from && who.may_see(state, notice.merchant));
    let (found, next) = cursor::cut("notices", most, mine, |(id, _)| id.index() as u64);
    let told = |(id, notice): (NoticeId, &Notice)| notice_out(state, id, notice);
    Ok(axum::Json(NoticePage { notices: found.into_iter().map(told).collect(), next }))
}

/// A notice as it is told.
#[must_use]
pub fn notice_out(state: &DomainState, id: NoticeId, notice: &Notice) -> NoticeOut {
    NoticeOut {
        id: id.to_string(),
        merchant: merchant_code(state, notice.merchant),
        incident: notice.incident.map(|incident| incident.to_string()),
        language: notice.language.code().to_owned(),
        status: notice_word(notice.status).to_owned(),
        hold_until: notice.hold_until.to_string(),
        orders: notice
            .orders
            .iter()
            .map(|order| NoticeOrderOut {
                order: order.order.to_string(),
                before: day(order.before),
                after: order.after.and_then(day),
                cause: serde_json::to_value(order.cause)
                    .ok()
                    .and_then(|cause| cause.as_str().map(ToOwned::to_owned))
                    .unwrap_or_default(),
            })
            .collect(),
    }
}

/// Takes a notice back before it leaves.
#[utoipa::path(delete, path = "/api/v1/notices/{notice}", tag = "notices", params(("notice" = String, Path)), responses(
    (status = 200, description = "Taken back", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It has left", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn withdraw(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(notice): Path<String>,
) -> Result<axum::Json<Done>, Problem> {
    let id: NoticeId = notice.parse().map_err(|_| Problem::not_found("notice"))?;
    done(&app, &who, Command::WithdrawNotice { notice: id }, &headers, &format!("withdraw {id}")).await
}

/// What was taken back.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct TakenBack {
    /// Notices that leave no more.
    withdrawn: u32,
    /// Notices that left in the meantime.
    gone: u32,
}

/// Takes back all notices of an incident that have not left: those that are held, and those that wait for a second person.
/// Told again later, their customers hear of the date they had.
#[utoipa::path(delete, path = "/api/v1/incidents/{incident}/notices", tag = "notices", params(("incident" = String, Path)), responses(
    (status = 200, description = "Taken back", body = TakenBack),
    (status = 404, description = "There is no such incident", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn withdraw_all(
    State(app): State<App>,
    who: Who,
    Path(incident): Path<String>,
) -> Result<axum::Json<TakenBack>, Problem> {
    let view = app.view();
    let id = incident_id(view.state(), &incident)?;
    let waits = |notice: &Notice| {
        notice.incident == Some(id) && matches!(notice.status, NoticeStatus::Queued | NoticeStatus::Waiting)
    };
    let waiting: Vec<NoticeId> =
        view.state().notices.iter().filter(|(_, notice)| waits(notice)).map(|(id, _)| id).collect();
    let mut out = TakenBack::default();
    let mut seen = 0;
    // Many at once: they become durable in groups.
    for some in waiting.chunks(AT_ONCE) {
        let mut asks = tokio::task::JoinSet::new();
        for notice in some {
            let (app, asked) =
                (app.clone(), Asked::new(Command::WithdrawNotice { notice: *notice }, who.actor()));
            asks.spawn(async move { app.reply(asked).await });
        }
        while let Some(reply) = asks.join_next().await {
            match reply.map_err(|error| Problem::internal(&error))?? {
                Reply::Done { version, .. } => {
                    seen = seen.max(version);
                    out.withdrawn += 1;
                }
                Reply::Repeated(_) | Reply::Rejected(_) => out.gone += 1,
                Reply::Retry => return Err(Problem::busy("not all of them were taken back")),
                Reply::Unknown => return Err(Problem::unknown_outcome()),
            }
        }
    }
    app.seen(seen).await;
    Ok(axum::Json(out))
}
