//! Carriers' tracking events, by one signed form for all or as a file a person brings: they move a shipment's stage, settle parcels in doubt and set
//! the day a parcel should arrive now. The same delivery twice changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::Method;
use axum::routing::post;
use holdfast_access::Right;
use holdfast_app::service::Asked;
use holdfast_connect::standard;
use holdfast_connect::tracking::{self, Event, Happened};
use holdfast_domain::command::Command;
use holdfast_domain::event::DoubtEvidence;
use holdfast_domain::id::ShipmentId;
use holdfast_domain::order::{Package, Shipment, ShipmentStage};
use holdfast_domain::state::State as DomainState;
use holdfast_domain::table::fingerprint;
use holdfast_domain::time::{Day, Stamp};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::body::{self, text};
use crate::app::App;
use crate::guard::Who;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

/// Events of one file.
const ROWS_MAX: usize = 50_000;

pub(super) fn mount() -> Mount {
    // Each delivery carries a proof of its own: the signature, checked before anything else is done with it.
    Mount::default()
        .page(Policy::Public, Method::POST, "/hooks/carriers/{carrier}", post(receive))
        .api(Policy::all(Right::ReportShipments), routes!(csv_in))
}

/// What became of events of parcels.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct TrackingTold {
    /// Events that changed something.
    pub applied: usize,
    /// Events that were known, or tell of nothing that is kept here.
    pub known: usize,
    /// Parcels nobody knows here.
    pub unknown: Vec<String>,
    /// Events that do not fit what is known of their parcel: which, and why.
    pub refused: Vec<String>,
}

async fn receive(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<TrackingTold>, Problem> {
    let headers = request.headers().clone();
    let carrier = app.config.carriers.iter().find(|carrier| carrier.id == id).cloned();
    let carrier = carrier.ok_or_else(|| Problem::not_found("carrier"))?;
    let raw = body::raw(&app, request.into_body(), app.config.limits.body_bytes).await?;
    let key = carrier.secret.as_ref().and_then(|secret| standard::key(secret.reveal()));
    let key = key.ok_or_else(|| Problem::not_found("carrier"))?;
    let delivery = standard::verify(&key, |name| text(&headers, name), &raw, app.now()).map_err(|why| {
        Problem::new("wrong-signature", why.to_string(), "sign as docs/how-to/connect-a-carrier.md says")
    })?;
    let events = tracking::read(&raw).map_err(|error| {
        Problem::new("malformed", error.to_string(), "send the form of docs/how-to/connect-a-carrier.md")
    })?;
    let told = work(&app, "carrier", &events, &format!("{id} {delivery}")).await?;
    if !told.unknown.is_empty() || !told.refused.is_empty() {
        tracing::warn!(
            carrier = id,
            unknown = told.unknown.len(),
            refused = told.refused.len(),
            "tracking events"
        );
    }
    Ok(Json(told))
}

/// Applies events in their order; `delivery` names them, so that the same again changes nothing.
async fn work(app: &App, actor: &str, events: &[Event], delivery: &str) -> Result<TrackingTold, Problem> {
    let found = find(app.view().state(), events);
    let mut told = TrackingTold::default();
    for (at, event) in events.iter().enumerate() {
        let Some(shipment) = found.get(&at).copied() else {
            let name = event.tracking.as_ref().or(event.shipment.as_ref());
            told.unknown.push(name.cloned().unwrap_or_default());
            continue;
        };
        let name = format!("{delivery} {at}");
        match apply(app, actor, shipment, event, &name).await {
            Ok(true) => told.applied += 1,
            Ok(false) => told.known += 1,
            Err(problem) if problem.status >= 500 => return Err(problem),
            Err(problem) => told.refused.push(format!("{shipment}: {}", problem.detail)),
        }
    }
    Ok(told)
}

/// Takes a carrier's tracking events from a CSV file in UTF-8: `event` (accepted, departed, exception, delivered,
/// returned, lost), `at`, `tracking` or `shipment`, and `arrival` where there is a new day. The same file again changes
/// nothing.
#[utoipa::path(post, path = "/api/v1/tracking/csv", tag = "shipments", request_body(content = String, content_type = "text/csv"), responses(
    (status = 200, description = "What became of them", body = TrackingTold),
    (status = 400, description = "It is no CSV", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "It is too large", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The header row lacks a column, or there are too many rows", body = Problem, content_type = "application/problem+json")))]
async fn csv_in(State(app): State<App>, who: Who, request: Request) -> Result<Json<TrackingTold>, Problem> {
    let bytes = body::whole(&app, request).await?;
    let (events, mut refused) = read_csv(&bytes)?;
    let delivery = format!("csv {}", blake3::hash(&bytes).to_hex());
    let mut told = work(&app, who.actor(), &events, &delivery).await?;
    refused.append(&mut told.refused);
    Ok(Json(TrackingTold { refused, ..told }))
}

/// Events of a file, and rows that are none.
fn read_csv(bytes: &[u8]) -> Result<(Vec<Event>, Vec<String>), Problem> {
    let mut table = body::csv(bytes)?;
    let (event, at) = (table.needed("event")?, table.needed("at")?);
    let (shipment, arrival) = (table.place("shipment"), table.place("arrival"));
    let tracking = if shipment.is_none() { Some(table.needed("tracking")?) } else { table.place("tracking") };
    let (mut events, mut refused) = (Vec::new(), Vec::new());
    for (row, record) in table.rows() {
        if events.len() >= ROWS_MAX {
            return Err(Problem::field("rows", format!("there are more than {ROWS_MAX}: send it in parts")));
        }
        let record = record?;
        let cell = |at: Option<usize>| {
            at.and_then(|at| record.get(at)).filter(|text| !text.is_empty()).map(ToOwned::to_owned)
        };
        let word = cell(Some(event)).unwrap_or_default();
        let Some(happened) = Happened::of_word(&word) else {
            refused.push(format!("row {row}: {word:?} is no event"));
            continue;
        };
        let (tracking, shipment) = (cell(tracking), cell(shipment));
        if tracking.is_none() && shipment.is_none() {
            refused.push(format!("row {row}: it names no parcel"));
            continue;
        }
        let at = cell(Some(at)).unwrap_or_default();
        events.push(Event { tracking, shipment, event: happened, at, arrival: cell(arrival) });
    }
    Ok((events, refused))
}

/// The shipments of events, by the place of the event.
fn find(state: &DomainState, events: &[Event]) -> BTreeMap<usize, ShipmentId> {
    let wanted: BTreeSet<&str> = events.iter().filter_map(|event| event.tracking.as_deref()).collect();
    let mut by_tracking: BTreeMap<&str, ShipmentId> = BTreeMap::new();
    if !wanted.is_empty() {
        for (id, shipment) in state.shipments.iter() {
            for package in shipment.packages.iter().filter(|package| wanted.contains(&*package.tracking)) {
                // A carrier uses a number again after years: the newest is meant.
                by_tracking.insert(&package.tracking, id);
            }
        }
    }
    let of = |event: &Event| {
        let named = event.shipment.as_deref().and_then(|text| text.parse::<ShipmentId>().ok());
        let named = named.filter(|id| state.shipments.get(*id).is_some());
        named.or_else(|| by_tracking.get(event.tracking.as_deref()?).copied())
    };
    events.iter().enumerate().filter_map(|(at, event)| Some((at, of(event)?))).collect()
}

/// Applies an event; whether it changed anything.
async fn apply(app: &App, actor: &str, id: ShipmentId, event: &Event, name: &str) -> Result<bool, Problem> {
    let view = app.view();
    let shipment = view.state().shipment(id).map_err(Problem::from)?.clone();
    let zone = view.state().network.site(shipment.site).map(|site| site.zone.clone());
    let at: Stamp =
        event.at.parse().map_err(|_| Problem::field("at", "it is no moment such as 2026-11-23T10:00:00Z"))?;
    let day = zone.map_or_else(|| Day(0), |zone| at.local(&zone).0);
    let arrival = match event.arrival.as_deref().map(str::parse::<Day>) {
        None => None,
        Some(Ok(day)) => Some(day),
        Some(Err(_)) => return Err(Problem::field("arrival", "it is no day such as 2026-11-25")),
    };
    let commands = commands(id, &shipment, event, day, arrival);
    for (step, command) in commands.iter().enumerate() {
        let key = fingerprint("carrier", 0, &format!("{name} {step}"));
        app.ask(Asked::new(command.clone(), actor).with_key(Some(key))).await?;
    }
    Ok(!commands.is_empty())
}

/// What an event asks for, from what is known of its shipment.
pub(super) fn commands(
    id: ShipmentId,
    known: &Shipment,
    event: &Event,
    day: Day,
    arrival: Option<Day>,
) -> Vec<Command> {
    let mut out = Vec::new();
    let scanned = event.event != Happened::Lost || known.stage.with_carrier();
    match known.stage {
        // A scan by the carrier proves that it left.
        ShipmentStage::InDoubt { .. } if scanned => {
            out.push(Command::ResolveDoubt {
                shipment: id,
                shipped: true,
                evidence: DoubtEvidence::Scan,
                day,
            });
        }
        ShipmentStage::Released | ShipmentStage::Picked | ShipmentStage::Packed if scanned => {
            let tracking = event
                .tracking
                .iter()
                .map(|tracking| Package { tracking: tracking.as_str().into(), weight_g: 0 });
            out.push(Command::ShipShipment { shipment: id, packages: tracking.collect(), day });
        }
        ShipmentStage::Shipped | ShipmentStage::Exception => {}
        _ => return out,
    }
    match event.event {
        Happened::Accepted | Happened::Departed => {
            if let Some(arrival) = arrival.filter(|day| known.arrival.is_some_and(|known| *day > known)) {
                out.push(Command::ReportException { shipment: id, arrival: Some(arrival) });
            }
        }
        Happened::Exception => out.push(Command::ReportException { shipment: id, arrival }),
        // What comes back is counted at its site, line by line.
        Happened::Returned => out.push(Command::ReportException { shipment: id, arrival: None }),
        Happened::Delivered => out.push(Command::DeliverShipment { shipment: id, day }),
        Happened::Lost => out.push(Command::LoseShipment { shipment: id }),
    }
    out
}

#[cfg(test)]
mod tests {
    use super::commands;
    use holdfast_connect::tracking::{Event, Happened};
    use holdfast_domain::command::Command;
    use holdfast_domain::id::{IncidentId, LaneId, OrderId, ShipmentId, SiteId};
    use holdfast_domain::order::{LastSeen, Shipment, ShipmentStage};
    use holdfast_domain::time::Day;

    fn check(stage: ShipmentStage, event: Happened, arrival: Option<i32>) -> Vec<&'static str> {
        let known = Shipment {
            order: OrderId(0),
            site: SiteId(0),
            lane: LaneId(0),
            ship_day: Day(10),
            items: smallvec::SmallVec::new(),
            stage,
            packages: Box::new([]),
            arrival: Some(Day(12)),
        };
        let event =
            Event { tracking: Some("1Z".into()), shipment: None, event, at: String::new(), arrival: None };
        let word = |command: &Command| match command {
            Command::ResolveDoubt { shipped: true, .. } => "left",
            Command::ShipShipment { .. } => "ship",
            Command::ReportException { .. } => "exception",
            Command::DeliverShipment { .. } => "deliver",
            Command::LoseShipment { .. } => "lose",
            other => panic!("{other:?}"),
        };
        commands(ShipmentId(0), &known, &event, Day(11), arrival.map(Day)).iter().map(word).collect()
    }

    #[test]
    fn a_scan_says_what_happened_to_a_parcel_wherever_it_was_thought_to_be() {
        use Happened::{Accepted, Delivered, Departed, Exception, Lost};
        let doubt = ShipmentStage::InDoubt { incident: IncidentId(0), was: LastSeen::Packed };
        assert_eq!(check(doubt, Accepted, None), ["left"]);
        assert_eq!(check(doubt, Delivered, None), ["left", "deliver"]);
        assert_eq!(check(doubt, Lost, None), [""; 0], "who has not had it cannot lose it");
        assert_eq!(check(ShipmentStage::Packed, Departed, None), ["ship"]);
        assert_eq!(check(ShipmentStage::Shipped, Departed, Some(12)), [""; 0]);
        assert_eq!(check(ShipmentStage::Shipped, Departed, Some(14)), ["exception"], "a new day");
        assert_eq!(check(ShipmentStage::Shipped, Exception, None), ["exception"]);
        assert_eq!(check(ShipmentStage::Exception, Delivered, None), ["deliver"]);
        assert_eq!(check(ShipmentStage::Delivered, Delivered, None), [""; 0]);
        assert_eq!(check(ShipmentStage::Recalled, Accepted, None), [""; 0]);
    }
}
