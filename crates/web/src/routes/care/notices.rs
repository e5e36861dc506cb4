//! One notice at a time: looked at, settled, sent once more, let go with its batch, taken to have come back.

use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use holdfast_app::core::Reply;
use holdfast_domain::care::CareCommand;
use holdfast_domain::command::Command;
use holdfast_domain::id::NoticeId;
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::state::State as DomainState;
use holdfast_notify::send::Fate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::bounce::{action, is_known};
use crate::guard::Who;
use crate::problem::Problem;
use crate::routes::body::{Json, whole};
use crate::routes::incidents::incident_id;
use crate::routes::orders::{Done, done};
use crate::routes::plans::{NoticeOut, notice_out};

/// The most reports of mails that came back read at once.
const BOUNCES_MAX: usize = 1_000;

pub(super) fn of_path(who: &Who, state: &DomainState, path: &str) -> Result<NoticeId, Problem> {
    let missing = || Problem::not_found("notice");
    let id: NoticeId = path.parse().map_err(|_| missing())?;
    let known = state.notices.get(id).ok_or_else(missing)?;
    if who.may_see(state, known.merchant) { Ok(id) } else { Err(missing()) }
}

/// A notice.
#[utoipa::path(get, path = "/api/v1/notices/{notice}", tag = "notices", params(("notice" = String, Path)), responses(
    (status = 200, description = "The notice", body = NoticeOut),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn one(
    State(app): State<App>,
    who: Who,
    Path(notice): Path<String>,
) -> Result<axum::Json<NoticeOut>, Problem> {
    let view = app.view();
    let id = of_path(&who, view.state(), &notice)?;
    let known = view.state().notices.get(id).ok_or_else(|| Problem::not_found("notice"))?;
    Ok(axum::Json(notice_out(view.state(), id, known)))
}

/// Lets all notices of an incident leave that wait for a second person. Whoever queued the first of them cannot.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/notices/approve", tag = "notices", params(("incident" = String, Path)), responses(
    (status = 200, description = "They leave", body = Done),
    (status = 404, description = "There is no such incident", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "None waits, or you queued them yourself", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn approve(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(incident): Path<String>,
) -> Result<axum::Json<Done>, Problem> {
    let id = incident_id(app.view().state(), &incident)?;
    let command = Command::Care(Box::new(CareCommand::ApproveNotices { incident: id }));
    done(&app, &who, command, &headers, &format!("approve notices {id}")).await
}

/// What became of a notice in doubt.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Settle {
    /// Whether it arrived; if not, it is sent again.
    arrived: bool,
}

/// Says what became of a notice nobody knows the fate of.
#[utoipa::path(post, path = "/api/v1/notices/{notice}/settle", tag = "notices", params(("notice" = String, Path)), request_body = Settle, responses(
    (status = 200, description = "Settled", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is not in doubt", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn settle(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(notice): Path<String>,
    Json(given): Json<Settle>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let id = of_path(&who, view.state(), &notice)?;
    // What is being handed over right now is the sending loop's: only it knows.
    let in_doubt = view.state().notices.get(id).is_some_and(|known| known.status == NoticeStatus::InDoubt);
    if !in_doubt {
        let rejection = holdfast_domain::reject::Rejection::NoticeGone { index: u64::from(id.0) };
        return Err(rejection.into());
    }
    let command = Command::Care(Box::new(CareCommand::SettleNotice { notice: id, arrived: given.arrived }));
    done(&app, &who, command, &headers, &format!("settle {id}")).await
}

/// Sends a notice once more, to the address its reader has now. It stays one notice: no clock of the law moves.
#[utoipa::path(post, path = "/api/v1/notices/{notice}/resend", tag = "notices", params(("notice" = String, Path)), responses(
    (status = 200, description = "It leaves once more", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It has not left yet, or belongs to a drill", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn resend(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(notice): Path<String>,
) -> Result<axum::Json<Done>, Problem> {
    let id = of_path(&who, app.view().state(), &notice)?;
    let command = Command::Care(Box::new(CareCommand::ResendNotice { notice: id }));
    done(&app, &who, command, &headers, &format!("resend {id}")).await
}

/// A report that was not taken down.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RefusedReport {
    /// The notice it names.
    notice: String,
    /// Why.
    why: String,
    /// What to do.
    action: String,
}

/// What was reported.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct Bounced {
    /// Notices whose readers were not told: they go by the next channel, or are an alarm.
    bounced: Vec<String>,
    /// Notices that lie in their readers' mailboxes.
    delivered: Vec<String>,
    /// Reports about notices of which that was known.
    known: u32,
    /// Reports that were not taken down: of notices there are not, or that never left, or nobody knows whether they left.
    refused: Vec<RefusedReport>,
    /// Reports of a delay, which change nothing.
    delayed: u32,
    /// What is no report about a notice of this house.
    unread: u32,
}

/// Takes reports on mails (RFC 3464), as they lie in the mailbox notices are sent from: one message, or several joined as
/// an mbox. A mail that came back was not told; one that is reported as delivered was. That a relay handed it on says
/// neither.
#[utoipa::path(post, path = "/api/v1/notices/bounces", tag = "notices", request_body(content = String, content_type = "message/rfc822"), responses(
    (status = 200, description = "Taken", body = Bounced),
    (status = 413, description = "More than 1,000 reports", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn bounces(
    State(app): State<App>,
    who: Who,
    request: Request,
) -> Result<axum::Json<Bounced>, Problem> {
    let bytes = whole(&app, request).await?;
    let text = String::from_utf8_lossy(&bytes);
    let reports = crate::bounce::messages(&text);
    if reports.len() > BOUNCES_MAX {
        return Err(Problem::new("too-large", "there are more than 1,000 reports", "send fewer at once"));
    }
    let mut out = Bounced::default();
    let next = app.config.way_after_mail();
    for report in reports {
        let Some(found) = crate::bounce::read(report) else {
            out.unread += 1;
            continue;
        };
        let Some(command) = found.command(next) else {
            out.delayed += 1;
            continue;
        };
        match report_on(&app, who.actor(), found.notice, command).await? {
            Noted::Known => out.known += 1,
            Noted::Refused(problem) => out.refused.push(RefusedReport {
                notice: found.notice.to_string(),
                why: problem.detail,
                action: problem.action,
            }),
            Noted::News if found.fate == Fate::Delivered => out.delivered.push(found.notice.to_string()),
            Noted::News => out.bounced.push(found.notice.to_string()),
        }
    }
    Ok(axum::Json(out))
}

/// What became of a report on a notice.
pub(crate) enum Noted {
    /// It was taken down.
    News,
    /// It was known.
    Known,
    /// It was not taken down: a rule stands against it.
    Refused(Box<Problem>),
}

/// Takes down what somebody reports on a notice.
///
/// # Errors
/// A problem when the service could not: then it is to be reported again.
pub(crate) async fn report_on(
    app: &App,
    actor: &str,
    notice: NoticeId,
    command: CareCommand,
) -> Result<Noted, Problem> {
    let asked = holdfast_app::service::Asked::new(Command::Care(Box::new(command)), actor);
    match app.reply(asked).await? {
        Reply::Done { version, .. } => {
            app.seen(version).await;
            Ok(Noted::News)
        }
        Reply::Repeated(_) => Ok(Noted::Known),
        Reply::Rejected(rejection) if is_known(app.view().state(), notice, &rejection) => Ok(Noted::Known),
        Reply::Rejected(rejection) => {
            let action = action(&rejection).to_owned();
            Ok(Noted::Refused(Box::new(Problem { action, ..rejection.into() })))
        }
        Reply::Retry => Err(Problem::busy("the service did not take all of it")),
        Reply::Unknown => Err(Problem::unknown_outcome()),
    }
}
