//! Why an order goes where it goes, from the state it was decided in.

use axum::extract::{Path, State};
use holdfast_domain::event::Event;
use holdfast_domain::evolve::evolve;
use holdfast_domain::id::OrderId;
use serde::Serialize;
use utoipa::ToSchema;

use super::told::carrier;
use super::{HISTORY_MAX, order_id};
use crate::app::App;
use crate::guard::Who;
use crate::index::entries_after;
use crate::problem::Problem;

/// Why the order goes where it goes, and why nowhere else, from the state it was decided in.
#[utoipa::path(get, path = "/api/v1/orders/{id}/why", tag = "orders", params(("id" = String, Path)), responses(
    (status = 200, description = "Every site's verdict", body = Why),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn why(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
) -> Result<axum::Json<Why>, Problem> {
    let view = app.view();
    let id = order_id(&id)?;
    who.order(view.state(), id)?;
    app.indexed(view.state().version).await;
    let versions = app.block(move |app| app.index.of_order(id, HISTORY_MAX)).await?;
    let versions = versions.map_err(|error| Problem::internal(&error))?;
    let mut why = app.read(move |journal| explain(journal, id, &versions)).await??;
    if who.limit(view.state()).is_some() {
        // As in the order's history: a merchant is not told who of the operator's people did it.
        why.by = "operator".to_owned();
    }
    Ok(axum::Json(why))
}

/// Why an order goes where it goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Why {
    /// Journal entry that gave it its first site, or took it.
    pub version: u64,
    /// When.
    pub at: String,
    /// By whom.
    pub by: String,
    /// What the choice cost, shadow prices included, in the operator's minor units.
    pub cost: i64,
    /// For and against each site.
    pub sites: Vec<SiteWhy>,
}

/// For and against one site.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteWhy {
    /// Code of the site.
    pub site: String,
    /// Its best carrier and service.
    pub carrier: Option<String>,
    /// The day it could ship.
    pub ship_day: Option<String>,
    /// The day it could arrive.
    pub arrival: Option<String>,
    /// What it would cost to send all lines from there.
    pub cost: Option<i64>,
    /// `chosen`, `dearer`, `no_stock`, `not_open` or `no_lane`.
    pub verdict: String,
    /// Minor units it costs more, or line numbers it serves or lacks.
    pub detail: Option<serde_json::Value>,
}

fn explain(
    journal: &mut dyn holdfast_app::port::Journal,
    id: OrderId,
    versions: &[u64],
) -> Result<Why, Problem> {
    let mut decided = None;
    for version in versions {
        let entries = entries_after(journal, version - 1, 1).map_err(|error| Problem::internal(&error))?;
        let Some(durable) = entries.into_iter().next() else { continue };
        let sourced = |event: &Event| matches!(event, Event::OrderSourced { order, .. } if *order == id);
        let received = |event: &Event| matches!(event, Event::OrderReceived(_));
        if durable.entry.events.iter().any(sourced)
            || (decided.is_none() && durable.entry.events.iter().any(received))
        {
            let stop = durable.entry.events.iter().any(sourced);
            decided = Some(durable);
            if stop {
                break;
            }
        }
    }
    let decided = decided.ok_or_else(|| Problem::busy("the index has not come so far yet"))?;
    let before = holdfast_app::recover::recover(journal, Some(decided.version - 1))
        .map_err(|error| Problem::internal(&error))?
        .engine;
    let mut state = before.state;
    for event in &decided.entry.events {
        if matches!(event, Event::OrderSourced { order, .. } if *order == id) {
            break;
        }
        evolve(&mut state, decided.entry.at, event).map_err(|error| Problem::internal(&error))?;
    }
    let found = holdfast_engine::route::explain(&state, &before.prices, id, decided.entry.at)?;
    let site = |verdict: &holdfast_engine::route::SiteVerdict| {
        let mut told = serde_json::to_value(&verdict.verdict).unwrap_or_default();
        let word = told["verdict"].as_str().unwrap_or_default().to_owned();
        let detail = told.as_object_mut().and_then(|fields| {
            fields.remove("verdict");
            fields.values().next().cloned()
        });
        SiteWhy {
            site: state.network.site(verdict.site).map_or_else(String::new, |site| site.code.to_string()),
            carrier: verdict.lane.map(|lane| carrier(&state, lane)),
            ship_day: verdict.ship_day.map(|day| day.to_string()),
            arrival: verdict.arrival.map(|day| day.to_string()),
            cost: verdict.cost,
            verdict: word,
            detail,
        }
    };
    Ok(Why {
        version: decided.version,
        at: decided.entry.at.to_string(),
        by: decided.entry.actor.to_string(),
        cost: found.cost,
        sites: found.sites.iter().map(site).collect(),
    })
}
