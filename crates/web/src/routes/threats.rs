//! What is watched and what it means: feeds with their age, sites that are listened for, the order feed, and the
//! potential incidents a person may open.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use holdfast_access::Right;
use holdfast_app::service::Asked;
use holdfast_domain::command::{Command, NewIncident};
use holdfast_domain::id::IncidentId;
use holdfast_domain::incident::Severity;
use holdfast_domain::state::State as DomainState;
use holdfast_domain::time::Stamp;
use holdfast_hazard::alert::{FeedState, SiteVoice};
use holdfast_hazard::threat::{Evidence, Threat};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::body::text;
use super::incidents::opened_at;
use super::orders::Done;
use crate::app::{App, Outcome};
use crate::guard::Who;
use crate::mount::Mount;
use crate::once;
use crate::policy::Policy;
use crate::problem::Problem;
use crate::watch::{self, FeedStatus, OrderAlarm, SiteBeat, Unheard};

pub(super) fn mount() -> Mount {
    Mount::default()
        .api(Policy::all(Right::ReadIncidents), routes!(feeds))
        .api(Policy::all(Right::ReadIncidents), routes!(threats))
        .api(Policy::all(Right::PrepareIncidents), routes!(open))
        .api(Policy::all(Right::ReportShipments), routes!(beat))
}

/// A feed of alerts.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedOut {
    /// Its name.
    pub name: String,
    /// What it serves.
    pub kind: String,
    /// Its address, without what follows a question mark, or its folder.
    pub from: String,
    /// Seconds between two looks.
    pub every_seconds: f64,
    /// Seconds without a word after which it is stale.
    pub stale_after_seconds: f64,
    /// `fresh`, `late` or `stale`: nothing from a stale feed can be taken as "no alerts".
    pub state: String,
    /// Whether it is stale, which is an alarm.
    pub stale: bool,
    /// Seconds since it has last spoken; since the start where it never has.
    pub age_seconds: f64,
    /// When it has last spoken, by its own cache's word; none since the start.
    pub last: Option<String>,
    /// What is wrong with its last document or with the last look.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<String>,
    /// Documents read since the start.
    pub read: u64,
    /// Looks that brought nothing new.
    pub unchanged: u64,
    /// Looks that failed.
    pub failures: u64,
    /// Entries of the last document that could not be read.
    pub refused: usize,
    /// Its alerts that are in force.
    pub alerts: usize,
}

/// A site that is listened for.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeartbeatOut {
    /// Its code.
    pub site: String,
    /// `answers`, `late` or `silent`, which is an alarm.
    pub state: String,
    /// Seconds between two beats.
    pub every_seconds: f64,
    /// When it was last heard; none since the start.
    pub last: Option<String>,
    /// Beats since the start.
    pub count: u64,
}

/// What orders do against the same hours of the weeks before.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderFeedOut {
    /// The merchant; none for all orders.
    pub merchant: Option<String>,
    /// `unknown` (too little history), `usual`, `surge` or `silent`; the last two are alarms.
    pub state: String,
    /// Orders of the hour that was judged, as far as it has run.
    pub orders: u32,
    /// What such an hour usually brings by then, where that is out of the usual.
    pub expected: Option<f64>,
    /// When that hour began.
    pub hour: String,
}

/// What is watched.
#[derive(Debug, Serialize, ToSchema)]
pub struct Watched {
    /// Feeds of alerts.
    pub feeds: Vec<FeedOut>,
    /// Sites.
    pub heartbeats: Vec<HeartbeatOut>,
    /// Orders.
    pub order_feeds: Vec<OrderFeedOut>,
}

/// Why an incident is proposed.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceOut {
    /// `alert` or `forecast`.
    pub kind: String,
    /// Who sent the alert, or the storm.
    pub source: String,
    /// The alert's identifier, or the forecast's initial hour.
    pub id: String,
    /// The alert's event; the winds a forecast was asked about.
    pub what: String,
    /// The chance a forecast gives, 0 to 1.
    pub chance: Option<f64>,
    /// How exactly the alert's area could be placed: `drawn`, `county`, `state`.
    pub precision: Option<String>,
}

/// A potential incident: everything an incident needs, filled in.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThreatOut {
    /// Its name in addresses: the same as long as hazard and sites are; a later one of the same has `-2` behind it.
    pub id: String,
    /// What kind.
    pub hazard: String,
    /// A name for the incident.
    pub name: String,
    /// `minor`, `moderate`, `severe` or `extreme`.
    pub severity: String,
    /// When the first site is threatened.
    pub from: Option<String>,
    /// When it should be over.
    pub expected_end: Option<String>,
    /// The greatest chance a forecast gives any of the sites.
    pub chance: Option<f64>,
    /// The sites.
    pub sites: Vec<String>,
    /// Why.
    pub evidence: Vec<EvidenceOut>,
    /// The open incident that is about it already.
    pub incident: Option<String>,
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

fn feed_out(feed: FeedStatus) -> FeedOut {
    let state = match feed.state {
        FeedState::Fresh(_) => "fresh",
        FeedState::Late(_) => "late",
        FeedState::Stale(_) => "stale",
    };
    let (at, error) = feed.error.clone().map_or((None, None), |(at, why)| (Some(at.to_string()), Some(why)));
    FeedOut {
        state: state.to_owned(),
        stale: feed.is_stale(),
        age_seconds: seconds(feed.age().0),
        every_seconds: seconds(feed.every.0),
        stale_after_seconds: seconds(feed.stale_after.0),
        last: feed.last.map(|at| at.to_string()),
        last_error: error,
        last_error_at: at,
        read: feed.read,
        unchanged: feed.unchanged,
        failures: feed.failures,
        refused: feed.refused,
        alerts: feed.in_force,
        name: feed.name,
        kind: feed.kind,
        from: feed.origin,
    }
}

fn beat_out(beat: SiteBeat) -> HeartbeatOut {
    let state = match beat.voice {
        SiteVoice::Answers => "answers",
        SiteVoice::Late { .. } => "late",
        SiteVoice::Silent { .. } => "silent",
    };
    HeartbeatOut {
        site: beat.site,
        state: state.to_owned(),
        every_seconds: seconds(beat.every.0),
        last: beat.last.map(|at| at.to_string()),
        count: beat.count,
    }
}

fn orders_out(scope: OrderAlarm) -> OrderFeedOut {
    OrderFeedOut {
        merchant: scope.merchant,
        state: scope.state.word().to_owned(),
        orders: scope.orders,
        expected: scope.expected,
        hour: scope.hour.to_string(),
    }
}

fn evidence_out(evidence: &Evidence) -> EvidenceOut {
    match evidence {
        Evidence::Alert { sender, id, event, precision } => EvidenceOut {
            kind: "alert".to_owned(),
            source: sender.clone(),
            id: id.clone(),
            what: event.clone(),
            chance: None,
            precision: serde_json::to_value(precision)
                .ok()
                .and_then(|word| word.as_str().map(ToOwned::to_owned)),
        },
        Evidence::Forecast { storm, initial, threshold_kt, chance } => EvidenceOut {
            kind: "forecast".to_owned(),
            source: storm.clone(),
            id: initial.to_string(),
            what: format!("{threshold_kt} kt"),
            chance: Some(*chance),
            precision: None,
        },
    }
}

const fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Minor => "minor",
        Severity::Moderate => "moderate",
        Severity::Severe => "severe",
        Severity::Extreme => "extreme",
    }
}

fn threat_out(state: &DomainState, threat: &Threat) -> ThreatOut {
    ThreatOut {
        id: threat.id.clone(),
        hazard: threat.hazard.key().to_owned(),
        name: threat.name.clone(),
        severity: severity_word(threat.severity).to_owned(),
        from: threat.from.map(|at| at.to_string()),
        expected_end: threat.until.map(|at| at.to_string()),
        chance: threat.chance,
        sites: threat.sites.clone(),
        evidence: threat.evidence.iter().map(evidence_out).collect(),
        incident: watch::declared(state, threat).map(|id| id.to_string()),
    }
}

/// What is watched, with the age of each feed's last word. A feed that is stale, a site that is silent and orders out of
/// the usual are alarms.
#[utoipa::path(get, path = "/api/v1/feeds", tag = "incidents", responses((status = 200, description = "What is watched", body = Watched)))]
async fn feeds(State(app): State<App>) -> axum::Json<Watched> {
    let now = Stamp(app.now());
    axum::Json(Watched {
        feeds: app.watch.feeds(now).into_iter().map(feed_out).collect(),
        heartbeats: app.watch.sites(&app, now).into_iter().map(beat_out).collect(),
        order_feeds: app.watch.orders().into_iter().map(orders_out).collect(),
    })
}

/// Potential incidents: what the feeds and silent sites mean for the sites, the worst first. Nothing is done about them
/// until a person says so.
#[utoipa::path(get, path = "/api/v1/threats", tag = "incidents", responses((status = 200, description = "The potential incidents", body = Vec<ThreatOut>)))]
async fn threats(State(app): State<App>) -> axum::Json<Vec<ThreatOut>> {
    let view = app.view();
    axum::Json(app.watch.threats().iter().map(|threat| threat_out(view.state(), threat)).collect())
}

/// Opens an incident to watch from a potential one, with hazard, name, severity and expected end filled in. No site is
/// closed: that is asked for by itself.
#[utoipa::path(post, path = "/api/v1/threats/{threat}/open", tag = "incidents", params(("threat" = String, Path)), responses(
    (status = 200, description = "Opened", body = Done),
    (status = 404, description = "There is none, or it is over", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "An open incident is about it already", body = Problem, content_type = "application/problem+json")))]
async fn open(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(threat): Path<String>,
) -> Result<axum::Json<Done>, Problem> {
    let all = app.watch.threats();
    let found = all
        .iter()
        .find(|known| known.id == threat)
        .ok_or_else(|| Problem::not_found("potential incident"))?;
    let key = once::key(&who, &format!("threat {threat}"), text(&headers, "idempotency-key"));
    // One at a time: two who ask at once would both find that nobody has declared it.
    let _turn = app.watch.opening().await;
    let view = app.view();
    // What this key has done is told again; another key opens no second one.
    let repeats = key.is_some_and(|key| view.state().keys.get(key).is_some());
    if !repeats && let Some(incident) = watch::declared(view.state(), found) {
        return Err(Problem::new(
            "already-running",
            format!("{incident} is about it already"),
            format!("go on at /api/v1/incidents/{incident}"),
        ));
    }
    let incident = NewIncident {
        hazard: found.hazard,
        name: found.name.as_str().into(),
        severity: found.severity,
        expected_end: found.until.filter(|end| *end > view.at),
        surges: Vec::new(),
        drill: false,
    };
    let outcome =
        app.ask(Asked::new(Command::OpenIncident(Box::new(incident)), who.actor()).with_key(key)).await?;
    let id = match &outcome {
        Outcome::Repeated(used) => used.made.map(IncidentId),
        Outcome::Done { version, .. } => opened_at(&app, *version).await?,
    };
    Ok(axum::Json(Done { version: outcome.version(), id: id.map(|id| id.to_string()) }))
}

/// A site's beat: it is there. Sent by the site's own key at the cadence of the configuration; a site that has not been
/// heard for four times as long is silent, which is an alarm and a potential incident. A key that the configuration binds
/// to other sites is not heard for this one.
#[utoipa::path(post, path = "/api/v1/sites/{site}/heartbeat", tag = "shipments", params(("site" = String, Path)), responses(
    (status = 204, description = "Heard"),
    (status = 403, description = "The key is another site's", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Nobody listens for this site", body = Problem, content_type = "application/problem+json")))]
async fn beat(
    State(app): State<App>,
    who: Who,
    Path(site): Path<String>,
) -> Result<axum::http::StatusCode, Problem> {
    app.watch.heard(&app, &site, who.actor()).map_err(|why| match why {
        Unheard::NotListenedFor => Problem::new(
            "unknown",
            format!("nobody listens for a site {site:?}"),
            "name it under [[heartbeats]] in the configuration",
        ),
        Unheard::NotItsOwn => Problem::new(
            "forbidden",
            format!("{} does not beat for {site:?}", who.actor()),
            "beat with the site's own key: caller under [[heartbeats]] and [[warehouses]] names whose it is",
        ),
    })?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}
