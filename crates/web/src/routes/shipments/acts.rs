//! What sites and carriers report of a shipment, and what is asked of them.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use holdfast_app::service::Asked;
use holdfast_domain::command::Command;
use holdfast_domain::event::{DoubtEvidence, Event};
use holdfast_domain::id::{ShipmentId, SiteId};
use holdfast_domain::order::{Package, Shipment, ShipmentStage};
use holdfast_domain::state::State as DomainState;
use holdfast_domain::time::Day;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PackageInOut, shipment_to_change};
use crate::app::{App, Outcome};
use crate::guard::Who;
use crate::once;
use crate::problem::Problem;
use crate::routes::body::{Json, text};
use crate::routes::network::site_id;
use crate::routes::orders::{Done, done, moment};

/// Most parcels of a shipment.
const PACKAGES_MAX: usize = 200;
/// Longest tracking number.
const TRACKING_MAX: usize = 64;

/// What a site is told to ship.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Wave {
    /// Everything due by this day of the site; today, if not given.
    #[schema(example = "2026-11-05")]
    pub day: Option<String>,
}

/// What a wave has released.
#[derive(Debug, Serialize, ToSchema)]
pub struct Released {
    /// Journal entry.
    pub version: u64,
    /// The shipments, most urgent first.
    pub shipments: Vec<String>,
}

/// How a shipment left.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// Its parcels: one at least.
    pub packages: Vec<PackageInOut>,
    /// The site's day on which it left; today, if not given.
    #[serde(default)]
    pub day: Option<String>,
    /// It was packed, and its units were scanned, by a warehouse's own system that reports nothing before this.
    #[serde(default)]
    pub packed_elsewhere: bool,
}

/// When a shipment should arrive now.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Exception {
    /// The new day, if the carrier gave one.
    pub arrival: Option<String>,
}

/// On which day.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct On {
    /// The day; the site's today, if not given.
    pub day: Option<String>,
}

/// A site's answer to a recall.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Whether it gives the shipment back.
    pub accepted: bool,
}

/// What is known of a shipment in doubt.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Doubt {
    /// Whether it left.
    pub shipped: bool,
    /// How it is known: `scan`, `site` or `person`.
    pub evidence: String,
    /// The site's day on which it left, if so; today, if not given.
    #[serde(default)]
    pub day: Option<String>,
}

/// The day a body names, or today at the site.
///
/// # Errors
/// A problem for what is no day, or no site.
pub fn day_in(app: &App, state: &DomainState, site: SiteId, given: Option<&str>) -> Result<Day, Problem> {
    match given {
        Some(text) => text.parse().map_err(|_| Problem::field("day", "it is no day such as 2026-11-05")),
        None => {
            let site = state.network.site(site).ok_or_else(|| Problem::not_found("site"))?;
            Ok(moment(app).local(&site.zone).0)
        }
    }
}

/// Tells a site to ship what is due, most urgent first, as far as its capacity goes.
#[utoipa::path(post, path = "/api/v1/sites/{site}/wave", tag = "shipments", params(("site" = String, Path)), request_body = Wave, responses(
    (status = 200, description = "Released", body = Released),
    (status = 404, description = "No such site", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It is not what If-Match says", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The site is closed", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn wave(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(site): Path<String>,
    Json(given): Json<Wave>,
) -> Result<axum::Json<Released>, Problem> {
    let view = app.view();
    let id = site_id(view.state(), &site)?;
    let day = day_in(&app, view.state(), id, given.day.as_deref())?;
    let key = once::key(&who, "wave", text(&headers, "idempotency-key"));
    let asked = Asked::new(Command::ReleaseWave { site: id, day }, who.actor()).with_key(key);
    let outcome = app.ask(asked).await?;
    let view = app.view();
    let shipments = match &outcome {
        Outcome::Done { entry, .. } => released(view.state(), &entry.events),
        Outcome::Repeated(used) => {
            let version = used.version;
            let read = app.read(move |journal| crate::index::entries_after(journal, version - 1, 1)).await?;
            let entries = read.map_err(|error| Problem::internal(&error))?;
            entries.first().map_or_else(Vec::new, |durable| released(view.state(), &durable.entry.events))
        }
    };
    Ok(axum::Json(Released { version: outcome.version(), shipments }))
}

/// The shipments an entry has released: their orders name them.
fn released(state: &DomainState, events: &[Event]) -> Vec<String> {
    let of = |shipment: &Shipment| -> Option<ShipmentId> {
        let order = state.order(shipment.order).ok()?;
        let (line, _) = shipment.items.first()?;
        let units = order.lines.get(usize::from(*line))?.allocations.iter();
        let ids =
            units.filter(|a| a.site == shipment.site && a.lane == shipment.lane).filter_map(|a| a.shipment);
        // The newest one: an older wave may have released other units of the same line.
        ids.filter(|id| state.shipments.get(*id).is_some_and(|known| known.ship_day == shipment.ship_day))
            .max()
    };
    let released = events.iter().filter_map(|event| match event {
        Event::ShipmentReleased(shipment) => of(shipment),
        _ => None,
    });
    released.map(|id| id.to_string()).collect()
}

/// Asks for what needs nothing but the shipment.
async fn plain(
    app: &App,
    who: &Who,
    headers: &HeaderMap,
    (act, id): (&str, &str),
    command: impl FnOnce(ShipmentId) -> Command,
) -> Result<axum::Json<Done>, Problem> {
    let (shipment, _) = shipment_to_change(app.view().state(), who, headers, id)?;
    done(app, who, command(shipment), headers, &format!("{act} {id}")).await
}

/// Reports the units picked.
#[utoipa::path(post, path = "/api/v1/shipments/{id}/pick", tag = "shipments", params(("id" = String, Path)), responses(
    (status = 200, description = "Picked", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It is not what If-Match says", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is not to be picked", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn pick(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<axum::Json<Done>, Problem> {
    plain(&app, &who, &headers, ("pick", &id), |shipment| Command::PickShipment { shipment }).await
}

/// Reports a shipment handed to the carrier. It has to be packed, so that every unit of it was scanned.
#[utoipa::path(post, path = "/api/v1/shipments/{id}/ship", tag = "shipments", params(("id" = String, Path)), request_body = Left, responses(
    (status = 200, description = "Shipped", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It is not what If-Match says", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is not packed, or has left; or a label is on another shipment", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No parcel, or a tracking number that is none", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn ship(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Left>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let (shipment, known) = shipment_to_change(view.state(), &who, &headers, &id)?;
    let day = day_in(&app, view.state(), known.site, given.day.as_deref())?;
    let packages = packages(&given.packages)?;
    if matches!(known.stage, ShipmentStage::Released | ShipmentStage::Picked) && !given.packed_elsewhere {
        return Err(Problem::new(
            "not-packed",
            format!("{id} has not been packed: its units were not scanned"),
            "pack it by scan, or say packed_elsewhere where another system has",
        ));
    }
    let (fork, labels) = (view.clone(), packages.clone());
    let twice = app.block(move |_| label_of_another(fork.state(), shipment, &labels)).await?;
    if let Some((tracking, other)) = twice {
        return Err(Problem::new(
            "label-known",
            format!("tracking number {tracking} is on {other} already"),
            "take the label off and print this shipment's own",
        ));
    }
    let command = Command::ShipShipment { shipment, packages, day };
    done(&app, &who, command, &headers, &format!("ship {id}")).await
}

pub(super) fn packages(given: &[PackageInOut]) -> Result<Box<[Package]>, Problem> {
    if given.is_empty() || given.len() > PACKAGES_MAX {
        return Err(Problem::field("packages", format!("name 1 to {PACKAGES_MAX}")));
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut out = Vec::with_capacity(given.len());
    for (at, package) in given.iter().enumerate() {
        let tracking = package.tracking.trim();
        let field = format!("packages[{at}].tracking");
        if tracking.is_empty() || tracking.len() > TRACKING_MAX || tracking.chars().any(char::is_control) {
            return Err(Problem::field(&field, "it is empty, too long, or holds what no label shows"));
        }
        if !seen.insert(tracking) {
            return Err(Problem::field(&field, "two parcels have the same number"));
        }
        out.push(Package { tracking: tracking.into(), weight_g: package.weight_g });
    }
    Ok(out.into())
}

/// A label that another shipment still on its way carries.
pub(super) fn label_of_another(
    state: &DomainState,
    shipment: ShipmentId,
    labels: &[Package],
) -> Option<(String, ShipmentId)> {
    let on_its_way =
        state.shipments.iter().filter(|(id, known)| *id != shipment && known.stage.with_carrier());
    for (id, known) in on_its_way {
        let same = |label: &&Package| known.packages.iter().any(|package| package.tracking == label.tracking);
        if let Some(label) = labels.iter().find(same) {
            return Some((label.tracking.to_string(), id));
        }
    }
    None
}

/// Reports a carrier's problem, or new day.
#[utoipa::path(post, path = "/api/v1/shipments/{id}/exception", tag = "shipments", params(("id" = String, Path)), request_body = Exception, responses(
    (status = 200, description = "Noted", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It is not what If-Match says", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The carrier does not have it", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "It is no day", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn exception(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Exception>,
) -> Result<axum::Json<Done>, Problem> {
    let parsed = given.arrival.as_deref().map(str::parse::<Day>).transpose();
    let arrival = parsed.map_err(|_| Problem::field("arrival", "it is no day such as 2026-11-05"))?;
    let report = |shipment| Command::ReportException { shipment, arrival };
    plain(&app, &who, &headers, ("exception", &id), report).await
}

/// Reports a shipment delivered.
#[utoipa::path(post, path = "/api/v1/shipments/{id}/deliver", tag = "shipments", params(("id" = String, Path)), request_body = On, responses(
    (status = 200, description = "Delivered", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It is not what If-Match says", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The carrier does not have it", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "It is no day", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn deliver(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<On>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let (shipment, known) = shipment_to_change(view.state(), &who, &headers, &id)?;
    let day = day_in(&app, view.state(), known.site, given.day.as_deref())?;
    done(&app, &who, Command::DeliverShipment { shipment, day }, &headers, &format!("deliver {id}")).await
}

/// Reports a shipment lost by the carrier.
#[utoipa::path(post, path = "/api/v1/shipments/{id}/lose", tag = "shipments", params(("id" = String, Path)), responses(
    (status = 200, description = "Lost", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It is not what If-Match says", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The carrier does not have it", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn lose(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<axum::Json<Done>, Problem> {
    plain(&app, &who, &headers, ("lose", &id), |shipment| Command::LoseShipment { shipment }).await
}

/// Asks the site to give a shipment back. Its units are free once the site has said yes.
#[utoipa::path(post, path = "/api/v1/shipments/{id}/recall", tag = "shipments", params(("id" = String, Path)), responses(
    (status = 200, description = "Asked", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It is not what If-Match says", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The site does not have it", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn recall(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<axum::Json<Done>, Problem> {
    plain(&app, &who, &headers, ("recall", &id), |shipment| Command::AskRecall { shipment }).await
}

/// The site's answer to a recall.
#[utoipa::path(post, path = "/api/v1/shipments/{id}/recall-answer", tag = "shipments", params(("id" = String, Path)), request_body = Answer, responses(
    (status = 200, description = "Noted", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It is not what If-Match says", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Nobody asked", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn recall_answer(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Answer>,
) -> Result<axum::Json<Done>, Problem> {
    let answer = |shipment| Command::AnswerRecall { shipment, accepted: given.accepted };
    plain(&app, &who, &headers, ("recall-answer", &id), answer).await
}

/// Says what happened to a shipment in doubt.
#[utoipa::path(post, path = "/api/v1/shipments/{id}/doubt", tag = "shipments", params(("id" = String, Path)), request_body = Doubt, responses(
    (status = 200, description = "Settled", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It is not what If-Match says", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is not in doubt", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No such evidence, or no day", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn doubt(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Doubt>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let (shipment, known) = shipment_to_change(view.state(), &who, &headers, &id)?;
    let evidence = match given.evidence.as_str() {
        "scan" => DoubtEvidence::Scan,
        "site" => DoubtEvidence::Site,
        "person" => DoubtEvidence::Person,
        _ => return Err(Problem::field("evidence", "it is scan, site or person")),
    };
    let day = day_in(&app, view.state(), known.site, given.day.as_deref())?;
    let command = Command::ResolveDoubt { shipment, shipped: given.shipped, evidence, day };
    done(&app, &who, command, &headers, &format!("doubt {id}")).await
}
