//! Incidents: opened, assessed, previewed, commanded, brought back step by step.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use holdfast_access::Right;
use holdfast_app::service::Asked;
use holdfast_domain::command::{Command, NewIncident};
use holdfast_domain::event::Event;
use holdfast_domain::id::{Id, IncidentId, LaneId, MerchantId, SiteId};
use holdfast_domain::incident::{Hazard, Incident, LaneRule, Phase, Severity, StockAccess};
use holdfast_domain::network::Country;
use holdfast_domain::state::{NameKind, State as DomainState};
use holdfast_domain::time::{Day, Stamp};
use holdfast_engine::incident::{failback_step, preview};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::body::{Json, text};
use super::network::site_id;
use super::orders::{Done, done};
use crate::app::{App, Outcome, idempotency};
use crate::guard::Who;
use crate::mount::Mount;
use crate::planning;
use crate::policy::Policy;
use crate::problem::Problem;

pub(super) fn mount() -> Mount {
    use Right as R;
    Mount::default()
        .api(Policy::all(R::ReadIncidents), routes!(list))
        .api(Policy::all(R::ReadIncidents), routes!(get))
        .api(Policy::all(R::PrepareIncidents), routes!(open))
        .api(Policy::all(R::PrepareIncidents), routes!(assess))
        .api(Policy::all(R::PrepareIncidents), routes!(look_ahead))
        .api(Policy::all(R::CommandIncidents), routes!(phase))
        .api(Policy::all(R::CommandIncidents).fresh(), routes!(close_sites))
        .api(Policy::all(R::CommandIncidents), routes!(all_clear))
        .api(Policy::all(R::CommandIncidents), routes!(expect))
        .api(Policy::all(R::CommandIncidents), routes!(limit))
        .api(Policy::all(R::CommandIncidents).fresh(), routes!(embargo))
        .api(Policy::all(R::CommandIncidents), routes!(lift))
        .api(Policy::all(R::CommandIncidents).fresh(), routes!(tell))
}

/// An incident.
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentOut {
    /// Its id.
    pub id: String,
    /// What kind.
    pub hazard: String,
    /// Its name.
    pub name: String,
    /// `watch`, `declared`, `recovering` or `closed`.
    pub phase: String,
    /// `minor`, `moderate`, `severe` or `extreme`.
    pub severity: String,
    /// When it was first recorded.
    pub opened: String,
    /// When it was declared.
    pub declared: Option<String>,
    /// When it should be over.
    pub expected_end: Option<String>,
    /// When it was.
    pub ended: Option<String>,
    /// Codes of the sites it has touched.
    pub sites: Vec<String>,
    /// Lanes it keeps closed.
    pub lanes_closed: usize,
    /// Whether nothing may leave the house.
    pub drill: bool,
    /// Plans adopted for it.
    pub plans: Vec<String>,
}

/// An incident to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// What kind, such as `hurricane` or `power_outage`.
    pub hazard: String,
    /// Its name.
    pub name: String,
    /// `minor`, `moderate`, `severe` or `extreme`.
    pub severity: String,
    /// When it should be over.
    #[serde(default)]
    pub expected_end: Option<String>,
    /// Demand it changes, by category: thousandths of normal.
    #[serde(default)]
    pub surges: Vec<(String, u32)>,
    /// Whether nothing may leave the house.
    #[serde(default)]
    pub drill: bool,
}

/// An incident assessed anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assess {
    /// `minor`, `moderate`, `severe` or `extreme`.
    pub severity: String,
    /// When it should be over.
    #[serde(default)]
    pub expected_end: Option<String>,
    /// Demand it changes, by category: thousandths of normal.
    #[serde(default)]
    pub surges: Vec<(String, u32)>,
}

/// A phase.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhaseIn {
    /// `watch`, `declared`, `recovering` or `closed`.
    pub phase: String,
}

/// What is to be closed, or looked at as if it were.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LookAhead {
    /// Codes or ids of sites.
    pub sites: Vec<String>,
    /// Lanes.
    pub lanes: Option<Rule>,
    /// The day they should be back.
    pub back: Option<String>,
}

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

/// What a loss would touch.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewOut {
    /// Version of the state it was counted in.
    pub version: u64,
    /// Orders touched.
    pub orders: u32,
    /// Lines touched.
    pub lines: u32,
    /// Units touched.
    pub units: u64,
    /// What these orders are worth, by currency, in minor units.
    pub revenue: std::collections::BTreeMap<String, i64>,
    /// Orders by merchant.
    pub merchants: std::collections::BTreeMap<String, u32>,
    /// Promises that break if nothing is done.
    pub promises_broken: u32,
    /// Orders with parcels in doubt.
    pub in_doubt: u32,
    /// Parcels with carriers on lanes that are lost.
    pub on_the_way: u32,
    /// SKUs that lie nowhere else.
    pub skus_at_risk: Vec<String>,
    /// Orders that cannot move, by why.
    pub stuck: std::collections::BTreeMap<String, u32>,
    /// Work units the open sites have left over the next seven days.
    pub capacity_left: u64,
    /// Work units the touched orders need.
    pub work_needed: u64,
    /// Whether closing needs a second person.
    pub second_approver: bool,
}

/// Customers who are told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Told {
    /// How many.
    pub notices: u32,
}

fn word<T: Serialize>(value: T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(ToOwned::to_owned))
        .unwrap_or_default()
}

fn of_word<T: serde::de::DeserializeOwned>(field: &str, word: &str) -> Result<T, Problem> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).map_err(|_| {
        Problem::field(field, format!("there is no {word:?}: see the description of this route"))
    })
}

fn moment_of(field: &str, text: Option<&str>) -> Result<Option<Stamp>, Problem> {
    text.map(|text| {
        text.parse().map_err(|_| Problem::field(field, "it is no moment such as 2026-11-01T12:00:00Z"))
    })
    .transpose()
}

fn day_of(field: &str, text: Option<&str>) -> Result<Option<Day>, Problem> {
    text.map(|text| text.parse().map_err(|_| Problem::field(field, "it is no day such as 2026-11-01")))
        .transpose()
}

fn surges(given: Vec<(String, u32)>) -> Vec<(Box<str>, u32)> {
    given.into_iter().map(|(category, permille)| (category.into(), permille)).collect()
}

/// The incident of a path.
///
/// # Errors
/// A problem for one that is not there.
pub fn incident_id(state: &DomainState, path: &str) -> Result<IncidentId, Problem> {
    let id: Option<IncidentId> = path.parse().ok();
    id.filter(|id| state.incidents.get(*id).is_some()).ok_or_else(|| Problem::not_found("incident"))
}

fn incident_out(state: &DomainState, id: IncidentId, incident: &Incident) -> IncidentOut {
    let code =
        |site: &SiteId| state.network.site(*site).map_or_else(String::new, |site| site.code.to_string());
    let closed = |lane: &&LaneId| state.embargoes.get(**lane).is_some_and(|closed| closed.contains(&id));
    IncidentOut {
        id: id.to_string(),
        hazard: incident.hazard.key().to_owned(),
        name: incident.name.to_string(),
        phase: word(incident.phase),
        severity: word(incident.severity),
        opened: incident.opened.to_string(),
        declared: incident.declared.map(|at| at.to_string()),
        expected_end: incident.expected_end.map(|at| at.to_string()),
        ended: incident.ended.map(|at| at.to_string()),
        sites: incident.sites.iter().map(code).collect(),
        lanes_closed: incident.lanes.iter().filter(closed).count(),
        drill: incident.drill,
        plans: state
            .plans
            .iter()
            .filter(|(_, plan)| plan.incident == Some(id))
            .map(|(plan, _)| plan.to_string())
            .collect(),
    }
}

/// Lists incidents, newest first.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", responses((status = 200, description = "The incidents", body = Vec<IncidentOut>)))]
async fn list(State(app): State<App>) -> axum::Json<Vec<IncidentOut>> {
    let view = app.view();
    let state = view.state();
    let mut all: Vec<IncidentOut> =
        state.incidents.iter().map(|(id, incident)| incident_out(state, id, incident)).collect();
    all.reverse();
    axum::Json(all)
}

/// An incident.
#[utoipa::path(get, path = "/api/v1/incidents/{incident}", tag = "incidents", params(("incident" = String, Path)), responses(
    (status = 200, description = "The incident", body = IncidentOut),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn get(
    State(app): State<App>,
    Path(incident): Path<String>,
) -> Result<axum::Json<IncidentOut>, Problem> {
    let view = app.view();
    let id = incident_id(view.state(), &incident)?;
    Ok(axum::Json(incident_out(view.state(), id, view.state().incident(id)?)))
}

/// Opens an incident to watch.
#[utoipa::path(post, path = "/api/v1/incidents", tag = "incidents", request_body = Open, responses(
    (status = 200, description = "Opened", body = Done),
    (status = 422, description = "Something is wrong with it", body = Problem, content_type = "application/problem+json")))]
async fn open(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Json(given): Json<Open>,
) -> Result<axum::Json<Done>, Problem> {
    let hazard =
        Hazard::from_key(&given.hazard).ok_or_else(|| Problem::field("hazard", "there is no such hazard"))?;
    let severity: Severity = of_word("severity", &given.severity)?;
    let incident = NewIncident {
        hazard,
        name: given.name.as_str().into(),
        severity,
        expected_end: moment_of("expected_end", given.expected_end.as_deref())?,
        surges: surges(given.surges),
        drill: given.drill,
    };
    let key = idempotency(&who, "POST incidents", text(&headers, "idempotency-key"));
    let asked = Asked::new(Command::OpenIncident(Box::new(incident)), who.actor()).with_key(key);
    let outcome = app.ask(asked).await?;
    let id = match &outcome {
        Outcome::Repeated(used) => used.made.map(IncidentId),
        Outcome::Done { version, .. } => opened_at(&app, *version).await?,
    };
    Ok(axum::Json(Done { version: outcome.version(), id: id.map(|id| id.to_string()) }))
}

/// The incident an entry has opened: as many as were opened up to it, less one.
async fn opened_at(app: &App, version: u64) -> Result<Option<IncidentId>, Problem> {
    let view = app.view();
    let count = view.state().incidents.len();
    if view.state().version == version {
        return Ok(count.checked_sub(1).map(IncidentId::from_index));
    }
    // Others may have opened one since: the journal says how many came later.
    let later = app
        .read(move |journal| crate::index::entries_after(journal, version, crate::cursor::PAGE_MAX))
        .await?
        .map_err(|error| Problem::internal(&error))?;
    let is_open = |event: &Event| matches!(event, Event::IncidentOpened(_));
    let seen = later.iter().filter(|durable| durable.version <= view.state().version);
    let later = seen.flat_map(|durable| &durable.entry.events).filter(|event| is_open(event)).count();
    Ok(count.checked_sub(1 + later).map(IncidentId::from_index))
}

/// Assesses an incident anew.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/assess", tag = "incidents", params(("incident" = String, Path)), request_body = Assess, responses(
    (status = 200, description = "Assessed", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn assess(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(incident): Path<String>,
    Json(given): Json<Assess>,
) -> Result<axum::Json<Done>, Problem> {
    let id = incident_id(app.view().state(), &incident)?;
    let command = Command::AssessIncident {
        incident: id,
        severity: of_word("severity", &given.severity)?,
        expected_end: moment_of("expected_end", given.expected_end.as_deref())?,
        surges: surges(given.surges),
    };
    done(&app, &who, command, &headers, &format!("assess {id}")).await
}

/// Takes an incident into its next phase.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/phase", tag = "incidents", params(("incident" = String, Path)), request_body = PhaseIn, responses(
    (status = 200, description = "Done", body = Done),
    (status = 409, description = "It cannot go there from where it is", body = Problem, content_type = "application/problem+json")))]
async fn phase(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(incident): Path<String>,
    Json(given): Json<PhaseIn>,
) -> Result<axum::Json<Done>, Problem> {
    let id = incident_id(app.view().state(), &incident)?;
    let phase: Phase = of_word("phase", &given.phase)?;
    done(
        &app,
        &who,
        Command::PhaseIncident { incident: id, phase },
        &headers,
        &format!("phase {id} {}", given.phase),
    )
    .await
}

/// Counts what a loss would touch, before anybody acts on it.
#[utoipa::path(post, path = "/api/v1/previews", tag = "incidents", request_body = LookAhead, responses(
    (status = 200, description = "The blast radius", body = PreviewOut),
    (status = 404, description = "No such site", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No lane matches the rule", body = Problem, content_type = "application/problem+json")))]
async fn look_ahead(
    State(app): State<App>,
    Json(given): Json<LookAhead>,
) -> Result<axum::Json<PreviewOut>, Problem> {
    let view = app.view();
    let work = move |app: &App| {
        let state = view.state();
        let sites = given.sites.iter().map(|site| site_id(state, site)).collect::<Result<Vec<_>, _>>()?;
        let lanes = match &given.lanes {
            None => Vec::new(),
            Some(given) => lanes_of(state, &rule(state, given)?)?,
        };
        let back = day_of("back", given.back.as_deref())?;
        Ok::<_, Problem>(counted(app, state, &sites, &lanes, back, view.at))
    };
    app.block(work).await?.map(axum::Json)
}

/// Counts what losing sites and lanes touches.
#[must_use]
pub fn counted(
    app: &App,
    state: &DomainState,
    sites: &[SiteId],
    lanes: &[LaneId],
    back: Option<Day>,
    at: Stamp,
) -> PreviewOut {
    let found = preview(state, sites, lanes, back, at.max(state.stamp));
    let mut stuck = std::collections::BTreeMap::new();
    for order in &found.stuck {
        *stuck.entry(word(order.reason)).or_insert(0) += 1;
    }
    PreviewOut {
        version: state.version,
        orders: found.orders,
        lines: found.lines,
        units: found.units,
        revenue: found.revenue,
        merchants: found
            .merchants
            .iter()
            .map(|(merchant, count)| (super::network::merchant_code(state, *merchant), *count))
            .collect(),
        promises_broken: found.promises_broken,
        in_doubt: found.in_doubt,
        on_the_way: found.on_the_way,
        skus_at_risk: found
            .skus_at_risk
            .iter()
            .filter_map(|sku| state.network.skus.get(*sku))
            .map(|sku| sku.code.to_string())
            .collect(),
        stuck,
        capacity_left: found.capacity_left,
        work_needed: found.work_needed,
        second_approver: closing_needs_two(app, state, sites, found.orders),
    }
}

/// Whether closing these sites needs a second person: over the configured thresholds, or when no other site is left
/// open. The last is a hard floor that no configuration lowers.
#[must_use]
pub fn closing_needs_two(app: &App, state: &DomainState, sites: &[SiteId], orders: u32) -> bool {
    let limits = app.config.second_approver;
    let open = |site: &SiteId| state.sites.get(site.index()).is_some_and(|now| now.access.takes_orders());
    let open_now = (0..state.sites.len()).map(SiteId::from_index).filter(open).count();
    let mut closing: Vec<SiteId> = sites.iter().copied().filter(open).collect();
    closing.sort_unstable();
    closing.dedup();
    let none_left = !closing.is_empty() && closing.len() == open_now;
    let share = closing.len() * 100 > open_now * limits.sites_percent as usize;
    none_left || (open_now > 2 && share) || orders >= limits.orders
}

/// Lets an act over the threshold through once another person has approved exactly this act.
///
/// # Errors
/// A problem that names the approval to be given.
pub async fn second_approver(app: &App, who: &Who, act: String, what: String) -> Result<(), Problem> {
    let (actor, now) = (who.actor().to_owned(), app.now());
    let taken = app.block(move |app| app.access.approval_take(&act, &what, &actor, now)).await??;
    taken.map_err(|id| {
        Problem::new(
            "second-approver-needed",
            format!("this act needs a second person: approval {id}"),
            format!(
                "let another commander approve it at /api/v1/approvals/{id}, then ask for the same act again"
            ),
        )
    })
}

fn rule(state: &DomainState, given: &Rule) -> Result<LaneRule, Problem> {
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
fn lanes_of(state: &DomainState, rule: &LaneRule) -> Result<Vec<LaneId>, Problem> {
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

/// Closes sites: their stock is quarantined, what was released there is in doubt. Over the thresholds, and always
/// when no other site would be left open, a second person has to approve it.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/close-sites", tag = "incidents", params(("incident" = String, Path)), request_body = CloseSites, responses(
    (status = 200, description = "Closed", body = Done),
    (status = 403, description = "A second person has to approve it", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such incident or site", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is closed already", body = Problem, content_type = "application/problem+json")))]
async fn close_sites(
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
    let mut version = 0;
    for site in sites {
        match app.ask(Asked::new(Command::CloseSite { site, incident: id, stock }, who.actor())).await {
            Ok(outcome) => version = version.max(outcome.version()),
            // Asked again after a lost answer: the ones that are closed stay closed.
            Err(problem) if problem.code == "site-already-closed" && version > 0 => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(axum::Json(Done { version, id: None }))
}

/// Brings a site back by one step: first in part, then whole.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/all-clear", tag = "incidents", params(("incident" = String, Path)), request_body = OneSite, responses(
    (status = 200, description = "One step back", body = Done),
    (status = 404, description = "No such incident or site", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It works whole already", body = Problem, content_type = "application/problem+json")))]
async fn all_clear(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(incident): Path<String>,
    Json(given): Json<OneSite>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let state = view.state();
    let id = incident_id(state, &incident)?;
    let site = site_id(state, &given.site)?;
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
async fn expect(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(incident): Path<String>,
    Json(given): Json<Expect>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let id = incident_id(view.state(), &incident)?;
    let site = site_id(view.state(), &given.site)?;
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
async fn limit(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(incident): Path<String>,
    Json(given): Json<Limit>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let id = incident_id(view.state(), &incident)?;
    let site = site_id(view.state(), &given.site)?;
    let command = Command::LimitSite { site, permille: given.permille, incident: Some(id) };
    done(&app, &who, command, &headers, &format!("limit {id} {site} {}", given.permille)).await
}

/// Closes all lanes a rule matches. Over the threshold a second person has to approve it.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/embargo", tag = "incidents", params(("incident" = String, Path)), request_body = Rule, responses(
    (status = 200, description = "Closed", body = Done),
    (status = 403, description = "A second person has to approve it", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No lane matches", body = Problem, content_type = "application/problem+json")))]
async fn embargo(
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
async fn lift(
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

/// Tells every customer whose promise has moved since they were last told. Over the threshold, and always when it
/// would write to everybody, a second person has to approve it.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/notices", tag = "incidents", params(("incident" = String, Path)), responses(
    (status = 200, description = "Queued; each can be taken back for a while", body = Told),
    (status = 403, description = "A second person has to approve it", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn tell(
    State(app): State<App>,
    who: Who,
    Path(incident): Path<String>,
) -> Result<axum::Json<Told>, Problem> {
    let view = app.view();
    let id = incident_id(view.state(), &incident)?;
    let fork = view.clone();
    let (due, customers) = app
        .block(move |_| {
            let commands = planning::due(fork.state(), id, fork.at);
            let notices =
                commands.iter().filter(|command| matches!(command, Command::QueueNotice(_))).count();
            let customers = fork.state().live_orders().filter_map(|(_, order)| order.subject);
            (notices, customers.collect::<std::collections::BTreeSet<_>>().len())
        })
        .await?;
    if due > 1 && (due >= app.config.second_approver.notices as usize || due >= customers) {
        let what = format!("write to {due} customers about {id}");
        second_approver(&app, &who, format!("notices {id}"), what).await?;
    }
    let notices = planning::tell_customers(&app, id, who.actor()).await?;
    Ok(axum::Json(Told { notices }))
}
