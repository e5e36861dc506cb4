//! Carriers' tracking events, by one signed form for all: they move a shipment's stage, settle parcels in doubt and set
//! the day a parcel should arrive now. The same delivery twice changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::Method;
use axum::routing::post;
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

use super::body::{self, text};
use crate::app::App;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

pub(super) fn mount() -> Mount {
    // Each delivery carries a proof of its own: the signature, checked before anything else is done with it.
    Mount::default().page(Policy::Public, Method::POST, "/hooks/carriers/{carrier}", post(receive))
}

/// What became of a delivery's events.
#[derive(Debug, Default, Serialize)]
struct Told {
    /// Events that changed something.
    applied: usize,
    /// Events that were known, or tell of nothing that is kept here.
    known: usize,
    /// Parcels nobody knows here.
    unknown: Vec<String>,
    /// Events that do not fit what is known of their parcel: which, and why.
    refused: Vec<String>,
}

async fn receive(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<Told>, Problem> {
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
    let found = find(app.view().state(), &events);
    let mut told = Told::default();
    for (at, event) in events.iter().enumerate() {
        let Some(shipment) = found.get(&at).copied() else {
            let name = event.tracking.as_ref().or(event.shipment.as_ref());
            told.unknown.push(name.cloned().unwrap_or_default());
            continue;
        };
        let name = format!("{id} {delivery} {at}");
        match apply(&app, shipment, event, &name).await {
            Ok(true) => told.applied += 1,
            Ok(false) => told.known += 1,
            Err(problem) if problem.status >= 500 => return Err(problem),
            Err(problem) => told.refused.push(format!("{shipment}: {}", problem.detail)),
        }
    }
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
async fn apply(app: &App, id: ShipmentId, event: &Event, name: &str) -> Result<bool, Problem> {
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
        app.ask(Asked::new(command.clone(), "carrier").with_key(Some(key))).await?;
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
