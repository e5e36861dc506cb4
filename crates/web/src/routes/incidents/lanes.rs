//! Lanes in an incident: the rule that names them, closed, opened again.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use holdfast_domain::command::Command;
use holdfast_domain::id::{Id, LaneId, MerchantId};
use holdfast_domain::incident::LaneRule;
use holdfast_domain::network::Country;
use holdfast_domain::state::{NameKind, State as DomainState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::preview::counted;
use super::{incident_id, second_approver};
use crate::app::App;
use crate::guard::Who;
use crate::problem::Problem;
use crate::routes::body::Json;
use crate::routes::network::site_id;
use crate::routes::orders::{Done, done};

/// Which lanes: every field that is given must match.
#[derive(Debug, Default, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// Code or id of a site.
    pub site: Option<String>,
    /// A carrier.
    pub carrier: Option<String>,
    /// Codes of zones.
    pub zones: Vec<String>,
    /// A country.
    pub country: Option<String>,
    /// Only across a border.
    pub cross_border: bool,
}

pub(super) fn rule(state: &DomainState, given: &Rule) -> Result<LaneRule, Problem> {
    let zone = |code: &String| {
        state
            .named(NameKind::Zone, MerchantId(0), code)
            .ok_or_else(|| Problem::field("zones", format!("there is no zone {code:?}")))
    };
    let country = given
        .country
        .as_deref()
        .map(|code| {
            Country::new(code).ok_or_else(|| Problem::field("country", "it is no country of two letters"))
        })
        .transpose()?;
    let empty =
        given.site.is_none() && given.carrier.is_none() && given.zones.is_empty() && country.is_none();
    if empty && !given.cross_border {
        return Err(Problem::field(
            "lanes",
            "name a site, a carrier, zones or a country: all lanes at once is no rule",
        ));
    }
    Ok(LaneRule {
        site: given.site.as_deref().map(|code| site_id(state, code)).transpose()?,
        carrier: given.carrier.as_deref().map(Into::into),
        zones: given.zones.iter().map(zone).collect::<Result<_, _>>()?,
        country,
        cross_border: given.cross_border,
        ..LaneRule::default()
    })
}

/// The lanes a rule matches, as closing them would find them.
pub(super) fn lanes_of(state: &DomainState, rule: &LaneRule) -> Result<Vec<LaneId>, Problem> {
    let network = &state.network;
    let fits = |lane: &holdfast_domain::network::Lane| {
        let service = network.services.get(lane.service.index());
        let zone = network.zones.get(lane.zone.index());
        let site = network.site(lane.site);
        rule.site.is_none_or(|site| site == lane.site)
            && rule
                .carrier
                .as_ref()
                .is_none_or(|carrier| service.is_some_and(|known| known.carrier == *carrier))
            && (rule.zones.is_empty() || rule.zones.contains(&lane.zone))
            && rule.country.is_none_or(|country| zone.is_some_and(|zone| zone.country == country))
            && (!rule.cross_border || site.map(|site| site.country) != zone.map(|zone| zone.country))
    };
    let found: Vec<LaneId> = network.lanes.iter().filter(|(_, lane)| fits(lane)).map(|(id, _)| id).collect();
    if found.is_empty() { Err(holdfast_domain::reject::Rejection::NoLanes {}.into()) } else { Ok(found) }
}

/// Closes all lanes a rule matches. Over the threshold a second person has to approve it.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/embargo", tag = "incidents", params(("incident" = String, Path)), request_body = Rule, responses(
    (status = 200, description = "Closed", body = Done),
    (status = 403, description = "A second person has to approve it", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No lane matches", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn embargo(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(incident): Path<String>,
    Json(given): Json<Rule>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let id = incident_id(view.state(), &incident)?;
    let rule = rule(view.state(), &given)?;
    let lanes = lanes_of(view.state(), &rule)?;
    let every = lanes.len() == view.state().network.lanes.len();
    let (fork, at) = (view.clone(), view.at);
    let touched = app.block(move |app| counted(app, fork.state(), &[], &lanes, None, at)).await?;
    if every || touched.second_approver {
        let what = format!("close lanes for {id}: {} orders touched", touched.orders);
        second_approver(&app, &who, format!("embargo {rule:?} {id}"), what).await?;
    }
    done(
        &app,
        &who,
        Command::EmbargoLanes { incident: id, rule: Box::new(rule) },
        &headers,
        &format!("embargo {id}"),
    )
    .await
}

/// Opens all lanes again that the incident closed and a rule matches.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/lift", tag = "incidents", params(("incident" = String, Path)), request_body = Rule, responses(
    (status = 200, description = "Opened", body = Done),
    (status = 422, description = "No lane matches", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn lift(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(incident): Path<String>,
    Json(given): Json<Rule>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let id = incident_id(view.state(), &incident)?;
    let rule = rule(view.state(), &given)?;
    done(
        &app,
        &who,
        Command::LiftEmbargo { incident: id, rule: Box::new(rule) },
        &headers,
        &format!("lift {id}"),
    )
    .await
}
