//! Sites in an incident: closed, expected to be shut, limited, brought back step by step.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use holdfast_app::service::Asked;
use holdfast_domain::command::Command;
use holdfast_domain::id::{IncidentId, SiteId};
use holdfast_domain::incident::StockAccess;
use holdfast_domain::state::State as DomainState;
use holdfast_engine::incident::failback_step;
use serde::Deserialize;
use utoipa::ToSchema;

use super::preview::counted;
use super::{day_of, incident_id, of_word, second_approver};
use crate::app::App;
use crate::guard::Who;
use crate::problem::Problem;
use crate::routes::body::Json;
use crate::routes::network::site_id;
use crate::routes::orders::{Done, done};

/// Sites to close.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseSites {
    /// Codes or ids.
    pub sites: Vec<String>,
    /// What is known of their stock: `inaccessible`, `unknown` or `lost`.
    pub stock: String,
}

/// A site.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OneSite {
    /// Code or id.
    pub site: String,
}

/// A site that works in part.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Code or id.
    pub site: String,
    /// Thousandths of its capacity, 1 to 1000.
    pub permille: u16,
}

/// Days on which a site is expected to be shut.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Code or id.
    pub site: String,
    /// First day.
    #[serde(default)]
    pub from: Option<String>,
    /// First day no longer; without days the expectation is taken back.
    #[serde(default)]
    pub until: Option<String>,
}

/// Closes sites: their stock is quarantined, what was released there is in doubt. Over the thresholds, and always
/// when no other site would be left open, a second person has to approve it.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/close-sites", tag = "incidents", params(("incident" = String, Path)), request_body = CloseSites, responses(
    (status = 200, description = "Closed", body = Done),
    (status = 403, description = "A second person has to approve it", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such incident or site", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is closed already", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn close_sites(
    State(app): State<App>,
    who: Who,
    Path(incident): Path<String>,
    Json(given): Json<CloseSites>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let state = view.state();
    let id = incident_id(state, &incident)?;
    let stock: StockAccess = of_word("stock", &given.stock)?;
    let mut sites = given.sites.iter().map(|site| site_id(state, site)).collect::<Result<Vec<_>, _>>()?;
    sites.sort_unstable();
    sites.dedup();
    if sites.is_empty() {
        return Err(Problem::field("sites", "name at least one"));
    }
    let (at, asked, fork) = (view.at, sites.clone(), view.clone());
    let touched = app.block(move |app| counted(app, fork.state(), &asked, &[], None, at)).await?;
    if touched.second_approver {
        let names: Vec<&str> =
            sites.iter().filter_map(|site| state.network.site(*site)).map(|site| &*site.code).collect();
        let what = format!("close {} for {id}: {} orders touched", names.join(", "), touched.orders);
        second_approver(&app, &who, format!("close {sites:?} {id} {stock:?}"), what).await?;
    }
    let (mut version, mut closed) = (0, None);
    for site in sites {
        match app.ask(Asked::new(Command::CloseSite { site, incident: id, stock }, who.actor())).await {
            Ok(outcome) => version = version.max(outcome.version()),
            // Asked again after a lost answer: the ones that are closed stay closed, and the others are closed now.
            Err(problem) if problem.code == "site-already-closed" => closed = Some(problem),
            Err(problem) => return Err(problem),
        }
    }
    if let (0, Some(problem)) = (version, closed) {
        return Err(problem);
    }
    Ok(axum::Json(Done { version, id: None }))
}

/// The incident of a path and the site of a body.
fn incident_and_site(
    state: &DomainState,
    incident: &str,
    site: &str,
) -> Result<(IncidentId, SiteId), Problem> {
    Ok((incident_id(state, incident)?, site_id(state, site)?))
}

/// Brings a site back by one step: first in part, then whole.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/all-clear", tag = "incidents", params(("incident" = String, Path)), request_body = OneSite, responses(
    (status = 200, description = "One step back", body = Done),
    (status = 404, description = "No such incident or site", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It works whole already", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn all_clear(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(incident): Path<String>,
    Json(given): Json<OneSite>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let state = view.state();
    let (id, site) = incident_and_site(state, &incident, &given.site)?;
    let command = failback_step(state, site, id).ok_or_else(|| {
        Problem::new(
            "nothing-to-do",
            "the site works whole, or is a standby that was not called",
            "nothing to do",
        )
    })?;
    done(&app, &who, command, &headers, &format!("all-clear {id} {site}")).await
}

/// Expects a site to be shut for some days, or no longer.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/expect", tag = "incidents", params(("incident" = String, Path)), request_body = Expect, responses(
    (status = 200, description = "Expected", body = Done),
    (status = 404, description = "No such incident or site", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn expect(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(incident): Path<String>,
    Json(given): Json<Expect>,
) -> Result<axum::Json<Done>, Problem> {
    let (id, site) = incident_and_site(app.view().state(), &incident, &given.site)?;
    let (from, until) = (day_of("from", given.from.as_deref())?, day_of("until", given.until.as_deref())?);
    let days = match (from, until) {
        (Some(from), Some(until)) if from < until => Some((from, until)),
        (None, None) => None,
        _ => return Err(Problem::field("until", "give both days, the first before the second, or neither")),
    };
    done(
        &app,
        &who,
        Command::ExpectOutage { site, incident: id, days },
        &headers,
        &format!("expect {id} {site}"),
    )
    .await
}

/// Lets a site work in part.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/limit", tag = "incidents", params(("incident" = String, Path)), request_body = Limit, responses(
    (status = 200, description = "Limited", body = Done),
    (status = 404, description = "No such incident or site", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn limit(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(incident): Path<String>,
    Json(given): Json<Limit>,
) -> Result<axum::Json<Done>, Problem> {
    let (id, site) = incident_and_site(app.view().state(), &incident, &given.site)?;
    let command = Command::LimitSite { site, permille: given.permille, incident: Some(id) };
    done(&app, &who, command, &headers, &format!("limit {id} {site} {}", given.permille)).await
}
