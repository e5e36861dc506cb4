//! Accounts, API keys, second approvals and the log, for admins.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use holdfast_access::{ApprovalError, NewAccount, Right, Rights, Role};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::body::Json;
use crate::app::App;
use crate::cursor;
use crate::guard::Who;
use crate::mount::Mount;
use crate::planning::hex;
use crate::policy::Policy;
use crate::problem::Problem;

pub(super) fn mount() -> Mount {
    use Right as R;
    Mount::default()
        .api(Policy::all(R::ManageAccess), routes!(users))
        .api(Policy::all(R::ManageAccess).fresh(), routes!(invite))
        .api(Policy::all(R::ManageAccess).fresh(), routes!(change))
        .api(Policy::all(R::ManageAccess), routes!(end_sessions))
        .api(Policy::all(R::ManageAccess), routes!(keys))
        .api(Policy::all(R::ManageAccess).fresh(), routes!(make_key))
        .api(Policy::all(R::ManageAccess), routes!(revoke_key))
        .api(Policy::all(R::CommandIncidents), routes!(approvals))
        .api(Policy::all(R::CommandIncidents).fresh(), routes!(approve))
        .api(Policy::all(R::ReadAudit), routes!(audit))
        .api(Policy::all(R::ReadAudit), routes!(verify))
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserOut {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: String,
    /// The only merchant it may see.
    pub merchant: Option<String>,
    /// Whether a second factor is set up.
    pub second_factor: bool,
    /// Whether it may not sign in.
    pub disabled: bool,
}

/// An account to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// `viewer`, `support`, `operator`, `commander`, `merchant` or `admin`.
    pub role: String,
    /// The merchant of a merchant's account.
    #[serde(default)]
    pub merchant: Option<String>,
    /// An account that gets a new password instead.
    #[serde(default)]
    pub user: Option<i64>,
}

/// A one-time link.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkOut {
    /// Its path: shown once.
    pub path: String,
}

/// What an account becomes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeUser {
    /// Its role.
    pub role: String,
    /// The merchant of a merchant's account.
    #[serde(default)]
    pub merchant: Option<String>,
    /// Whether it may not sign in.
    #[serde(default)]
    pub disabled: bool,
}

/// An API key.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyOut {
    /// Its number.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// The role its rights are taken from.
    pub role: String,
    /// The only merchant it may see.
    pub merchant: Option<String>,
    /// Its rights.
    pub rights: Vec<String>,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Its secret: shown once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// An API key to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeKey {
    /// What it is for.
    pub name: String,
    /// The role its rights are taken from.
    pub role: String,
    /// The merchant of a merchant's key.
    #[serde(default)]
    pub merchant: Option<String>,
    /// The rights it needs, such as `orders:place`; all of its role, if empty.
    #[serde(default)]
    pub rights: Vec<String>,
}

/// An act that waits for a second person.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApprovalOut {
    /// What names it.
    pub id: String,
    /// What is to be done.
    pub what: String,
    /// Who wants to.
    pub asked_by: String,
    /// Who has said yes.
    pub approved_by: Option<String>,
}

/// A row of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditOut {
    /// Its number.
    pub seq: i64,
    /// When, in milliseconds of Unix time.
    pub at: i64,
    /// What happened.
    pub what: String,
    /// Who did it.
    pub who: String,
    /// To whom or what.
    pub detail: String,
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    /// The rows, oldest first.
    pub rows: Vec<AuditOut>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// The log, checked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Verified {
    /// Rows in it.
    pub rows: i64,
    /// Its last chain: keep it outside.
    pub chain: String,
}

/// Where the log goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paged {
    /// Where the list goes on.
    pub cursor: Option<String>,
    /// Rows of a page, 500 at most.
    pub limit: Option<usize>,
}

fn role(word: &str) -> Result<Role, Problem> {
    Role::from_word(word).ok_or_else(|| {
        Problem::field("role", "it is viewer, support, operator, commander, merchant or admin")
    })
}

/// Lists accounts.
#[utoipa::path(get, path = "/api/v1/users", tag = "access", responses((status = 200, description = "The accounts", body = Vec<UserOut>)))]
async fn users(State(app): State<App>) -> Result<axum::Json<Vec<UserOut>>, Problem> {
    let users = app.block(|app| app.access.users()).await??;
    let told = users.into_iter().map(|user| UserOut {
        id: user.id,
        name: user.name,
        role: user.role.word().to_owned(),
        merchant: user.merchant,
        second_factor: user.second_factor,
        disabled: user.disabled,
    });
    Ok(axum::Json(told.collect()))
}

/// Makes a one-time link for a new account, or for a new password.
#[utoipa::path(post, path = "/api/v1/users/links", tag = "access", request_body = Invite, responses(
    (status = 200, description = "The link", body = LinkOut),
    (status = 422, description = "Something is wrong with it", body = Problem, content_type = "application/problem+json")))]
async fn invite(
    State(app): State<App>,
    who: Who,
    Json(given): Json<Invite>,
) -> Result<axum::Json<LinkOut>, Problem> {
    let account = NewAccount { role: role(&given.role)?, merchant: given.merchant, user: given.user };
    let (actor, now) = (who.actor().to_owned(), app.now());
    let token = app.block(move |app| app.access.invite(&account, &actor, now)).await??;
    Ok(axum::Json(LinkOut { path: format!("/setup/{token}") }))
}

/// Changes an account; its sessions end.
#[utoipa::path(put, path = "/api/v1/users/{user}", tag = "access", params(("user" = i64, Path)), request_body = ChangeUser, responses(
    (status = 204, description = "Changed"),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Something is wrong with it", body = Problem, content_type = "application/problem+json")))]
async fn change(
    State(app): State<App>,
    who: Who,
    Path(user): Path<i64>,
    Json(given): Json<ChangeUser>,
) -> Result<StatusCode, Problem> {
    let (role, actor, now) = (role(&given.role)?, who.actor().to_owned(), app.now());
    let work = move |app: &App| {
        app.access.user_change(user, role, given.merchant.as_deref(), given.disabled, &actor, now)
    };
    if app.block(work).await?? { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found("account")) }
}

/// Ends every session of an account.
#[utoipa::path(delete, path = "/api/v1/users/{user}/sessions", tag = "access", params(("user" = i64, Path)), responses((status = 204, description = "Ended")))]
async fn end_sessions(
    State(app): State<App>,
    who: Who,
    Path(user): Path<i64>,
) -> Result<StatusCode, Problem> {
    let (actor, now) = (who.actor().to_owned(), app.now());
    app.block(move |app| app.access.sessions_end(user, &actor, now)).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists API keys.
#[utoipa::path(get, path = "/api/v1/keys", tag = "access", responses((status = 200, description = "The keys", body = Vec<KeyOut>)))]
async fn keys(State(app): State<App>) -> Result<axum::Json<Vec<KeyOut>>, Problem> {
    let keys = app.block(|app| app.access.keys()).await??;
    let told = keys.into_iter().map(|key| KeyOut {
        id: key.id,
        name: key.name,
        role: key.role.word().to_owned(),
        merchant: key.merchant,
        rights: key.rights.words().into_iter().map(ToOwned::to_owned).collect(),
        revoked: key.revoked.is_some(),
        secret: None,
    });
    Ok(axum::Json(told.collect()))
}

/// Makes an API key. Its secret is shown once.
#[utoipa::path(post, path = "/api/v1/keys", tag = "access", request_body = MakeKey, responses(
    (status = 201, description = "The key with its secret", body = KeyOut),
    (status = 422, description = "Something is wrong with it", body = Problem, content_type = "application/problem+json")))]
async fn make_key(
    State(app): State<App>,
    who: Who,
    Json(given): Json<MakeKey>,
) -> Result<(StatusCode, axum::Json<KeyOut>), Problem> {
    let role = role(&given.role)?;
    let rights = if given.rights.is_empty() {
        role.rights()
    } else {
        Rights::from_words(given.rights.iter().map(String::as_str))
            .map_err(|word| Problem::field("rights", format!("{word:?} is no right")))?
    };
    let (actor, now) = (who.actor().to_owned(), app.now());
    let (name, merchant) = (given.name.clone(), given.merchant.clone());
    let work = move |app: &App| app.access.key_make(&name, role, rights, merchant.as_deref(), &actor, now);
    let (id, secret) = app.block(work).await??;
    let told = KeyOut {
        id,
        name: given.name,
        role: role.word().to_owned(),
        merchant: given.merchant,
        rights: rights.and(role.rights()).words().into_iter().map(ToOwned::to_owned).collect(),
        revoked: false,
        secret: Some(secret),
    };
    Ok((StatusCode::CREATED, axum::Json(told)))
}

/// Ends an API key at once.
#[utoipa::path(delete, path = "/api/v1/keys/{key}", tag = "access", params(("key" = i64, Path)), responses(
    (status = 204, description = "Ended"),
    (status = 404, description = "There is none in use", body = Problem, content_type = "application/problem+json")))]
async fn revoke_key(State(app): State<App>, who: Who, Path(key): Path<i64>) -> Result<StatusCode, Problem> {
    let (actor, now) = (who.actor().to_owned(), app.now());
    let ended = app.block(move |app| app.access.key_revoke(key, &actor, now)).await??;
    if ended { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found("key")) }
}

/// Lists acts that wait for a second person.
#[utoipa::path(get, path = "/api/v1/approvals", tag = "access", responses((status = 200, description = "The acts", body = Vec<ApprovalOut>)))]
async fn approvals(State(app): State<App>) -> Result<axum::Json<Vec<ApprovalOut>>, Problem> {
    let now = app.now();
    let waiting = app.block(move |app| app.access.approvals(now)).await??;
    Ok(axum::Json(waiting.into_iter().map(approval_out).collect()))
}

fn approval_out(approval: holdfast_access::Approval) -> ApprovalOut {
    let holdfast_access::Approval { id, what, asked_by, approved_by, .. } = approval;
    ApprovalOut { id, what, asked_by, approved_by }
}

/// Says yes to somebody else's act; they then ask for it again.
#[utoipa::path(post, path = "/api/v1/approvals/{approval}", tag = "access", params(("approval" = String, Path)), responses(
    (status = 200, description = "Approved", body = ApprovalOut),
    (status = 403, description = "It is your own act", body = Problem, content_type = "application/problem+json"),
    (status = 410, description = "It is gone", body = Problem, content_type = "application/problem+json")))]
async fn approve(
    State(app): State<App>,
    who: Who,
    Path(approval): Path<String>,
) -> Result<axum::Json<ApprovalOut>, Problem> {
    let (actor, now) = (who.actor().to_owned(), app.now());
    match app.block(move |app| app.access.approve(&approval, &actor, now)).await? {
        Ok(approval) => Ok(axum::Json(approval_out(approval))),
        Err(error @ ApprovalError::Gone) => {
            Err(Problem::new("gone", error.to_string(), "ask for the act again"))
        }
        Err(error @ ApprovalError::Same) => {
            Err(Problem::new("forbidden", error.to_string(), "ask another commander"))
        }
        Err(ApprovalError::Access(error)) => Err(error.into()),
    }
}

/// Lists the log, oldest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "access", params(Paged), responses((status = 200, description = "A page", body = AuditPage)))]
async fn audit(
    State(app): State<App>,
    Query(filter): Query<Paged>,
) -> Result<axum::Json<AuditPage>, Problem> {
    let after = match &filter.cursor {
        None => 0,
        Some(cursor) => i64::try_from(cursor::decode("audit", cursor)?).unwrap_or(0),
    };
    let most = cursor::page(filter.limit);
    let rows = app.block(move |app| app.access.audit_after(after, most)).await??;
    let next =
        rows.last().filter(|_| rows.len() == most).map(|row| cursor::encode("audit", row.seq.unsigned_abs()));
    let told = rows.into_iter().map(|row| AuditOut {
        seq: row.seq,
        at: row.at,
        what: row.what,
        who: row.who,
        detail: row.detail,
    });
    Ok(axum::Json(AuditPage { rows: told.collect(), next }))
}

/// Checks the log from its first row.
#[utoipa::path(get, path = "/api/v1/audit/verify", tag = "access", responses(
    (status = 200, description = "It is what was written", body = Verified),
    (status = 409, description = "It was altered", body = Problem, content_type = "application/problem+json")))]
async fn verify(State(app): State<App>) -> Result<axum::Json<Verified>, Problem> {
    match app.block(|app| app.access.audit_verify()).await? {
        Ok((rows, chain)) => Ok(axum::Json(Verified { rows, chain: hex(&chain) })),
        Err(holdfast_access::AccessError::Audit(fault)) => Err(Problem::new(
            "audit-altered",
            fault.to_string(),
            "compare it with a backup of the file of accounts",
        )),
        Err(error) => Err(error.into()),
    }
}
