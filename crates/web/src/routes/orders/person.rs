//! The person behind an order: read, corrected, forgotten.
//!
//! Invariant: nobody is read without a trace.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use holdfast_app::seal::{self, PersonalData};
use holdfast_app::service::{Asked, What};
use holdfast_domain::command::Command;
use holdfast_domain::event::Event;
use holdfast_domain::id::OrderId;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Done, done, order_id};
use crate::app::App;
use crate::guard::Who;
use crate::index::entries_after;
use crate::intake::{self, ShipTo};
use crate::problem::Problem;
use crate::routes::body::Json;

/// The person behind an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonOut {
    /// Name.
    pub name: String,
    /// Street.
    pub street: String,
    /// City.
    pub city: String,
    /// Mail.
    pub mail: String,
    /// Phone.
    pub phone: String,
}

/// The person behind the order, from the data that came with it. Reading it is logged.
#[utoipa::path(get, path = "/api/v1/orders/{id}/person", tag = "orders", params(("id" = String, Path)), responses(
    (status = 200, description = "The person", body = PersonOut),
    (status = 404, description = "There is none, or they are forgotten", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn person(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
) -> Result<axum::Json<PersonOut>, Problem> {
    let view = app.view();
    let id = order_id(&id)?;
    who.order(view.state(), id)?;
    let (actor, now) = (who.actor().to_owned(), app.now());
    // Nobody reads without a trace: no log, no person.
    app.block(move |app| app.access.audit(now, "person-read", &actor, &id.to_string())).await??;
    let found = person_of(&app, id).await?.ok_or_else(|| Problem::not_found("person"))?;
    Ok(axum::Json(PersonOut {
        name: found.name,
        street: found.street,
        city: found.city,
        mail: found.mail,
        phone: found.phone,
    }))
}

/// What is known of the person behind an order: the data sealed last. `None` where the order names nobody, or the
/// person is forgotten.
///
/// # Errors
/// A problem when journal or index cannot be read.
pub async fn person_of(app: &App, id: OrderId) -> Result<Option<PersonalData>, Problem> {
    let view = app.view();
    let Some(subject) = view.state().order(id)?.subject else { return Ok(None) };
    app.indexed(view.state().version).await;
    let known = view.state().subjects.get(subject).filter(|known| !known.erased);
    let Some(fingerprint) = known.map(|known| known.fingerprint) else { return Ok(None) };
    let sealed = app.block(move |app| app.index.seal(subject, u64::MAX >> 1)).await?;
    let Some(version) = sealed.map_err(|error| Problem::internal(&error))? else {
        return Err(Problem::busy("the index has not come so far yet"));
    };
    app.read(move |journal| {
        let fault = |error: holdfast_app::port::ReadError| Problem::internal(&error);
        let Some(key) = journal.subject_key(subject).map_err(fault)? else { return Ok(None) };
        let entries = entries_after(journal, version - 1, 1).map_err(fault)?;
        let blob = entries.iter().flat_map(|durable| &durable.entry.events).find_map(|event| match event {
            Event::SubjectSealed { subject: of, sealed, .. } if *of == subject => Some(sealed),
            _ => None,
        });
        Ok(blob.and_then(|blob| seal::open(&key, fingerprint, blob).ok()))
    })
    .await?
}

/// Corrects the address within the order's zone: name, street, city, mail, phone. A parcel that has left keeps the one
/// it has. Another country or zone is another order: cancel this one and place it anew.
#[utoipa::path(post, path = "/api/v1/orders/{id}/address", tag = "orders", params(("id" = String, Path)), request_body = ShipTo, responses(
    (status = 200, description = "Corrected", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The new address lies in another zone", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn address(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
    Json(given): Json<ShipTo>,
) -> Result<axum::Json<Done>, Problem> {
    let id = order_id(&id)?;
    let view = app.view();
    let order = who.order(view.state(), id)?;
    let country = holdfast_domain::network::Country::new(&given.country);
    let zone = country.and_then(|country| view.state().network.zone_of(country, &given.postal));
    if zone != Some(order.zone) || *given.postal != *order.postal {
        return Err(Problem::new(
            "other-zone",
            "the new country or postal code is not the order's",
            "cancel the order and place it anew with its new address",
        ));
    }
    let subject = order.subject.ok_or_else(|| Problem::not_found("person"))?;
    intake::bounded(&given).map_err(|error| Problem::invalid(vec![error]))?;
    let asked = Asked {
        what: What::Renew(subject, Box::new(intake::personal(&given))),
        actor: who.actor().into(),
        key: None,
        artefact: None,
    };
    let outcome = app.ask(asked).await?;
    Ok(axum::Json(Done { version: outcome.version(), id: None }))
}

/// Forgets the person: the key to their data is destroyed, here and again after every restore.
#[utoipa::path(delete, path = "/api/v1/people/{id}", tag = "orders", params(("id" = String, Path, description = "Such as sub-17")), responses(
    (status = 200, description = "Forgotten", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "They were forgotten before", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn erase(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<axum::Json<Done>, Problem> {
    let subject = id.parse().map_err(|_| Problem::not_found("person"))?;
    done(&app, &who, Command::EraseSubject { subject }, &headers, &format!("erase {id}")).await
}
