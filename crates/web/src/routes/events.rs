//! Everything that happens: in pages, and as a stream that goes on where it was broken off.

use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method};
use axum::response::sse::{Event as Sse, KeepAlive, Sse as SseResponse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use holdfast_access::Right;
use holdfast_app::service::Durable;
use holdfast_domain::event::Event;
use holdfast_domain::id::OrderId;
use holdfast_domain::state::State as DomainState;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::body::text;
use crate::app::App;
use crate::cursor;
use crate::guard::{Who, proof};
use crate::index::{entries_after, merchant_of, orders_of};
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

/// Entries read at once for a stream that catches up.
const CHUNK: usize = 500;
/// Entries on their way to one stream.
const WINDOW: usize = 256;
/// How often a silent stream says that it lives.
const ALIVE: Duration = Duration::from_secs(15);

pub(super) fn mount() -> Mount {
    Mount::default().api(Policy::own(Right::ReadEvents), routes!(list)).page(
        Policy::own(Right::ReadEvents),
        Method::GET,
        "/api/v1/events/stream",
        get(stream),
    )
}

/// A journal entry as it is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryOut {
    /// Its version: the place in the journal.
    pub version: u64,
    /// When it was decided.
    pub at: String,
    /// Who asked.
    pub actor: String,
    /// What happened.
    pub events: Vec<EventOut>,
}

/// A fact.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventOut {
    /// Its kind, such as `OrderReceived`.
    pub kind: String,
    /// What it says.
    pub data: serde_json::Value,
}

/// A page of entries.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryPage {
    /// The entries, oldest first.
    pub entries: Vec<EntryOut>,
    /// Where the list goes on: also at its end, where more will come.
    pub next: String,
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Where the list goes on.
    pub cursor: Option<String>,
    /// Entries of a page, 500 at most.
    pub limit: Option<usize>,
}

/// An entry as `who` may see it: of other merchants nothing, of people nothing, of `only` alone if given. `None` where
/// nothing is left.
#[must_use]
pub fn entry_out(
    state: &DomainState,
    who: &Who,
    durable: &Durable,
    only: Option<OrderId>,
) -> Option<EntryOut> {
    let limit = who.limit(state);
    let mine = |event: &&Event| {
        only.is_none_or(|only| orders_of(event, state).contains(&only))
            && limit.is_none_or(|limit| merchant_of(event, state) == Some(limit))
    };
    let events: Vec<EventOut> = durable.entry.events.iter().filter(mine).map(event_out).collect();
    (!events.is_empty()).then(|| EntryOut {
        version: durable.version,
        at: durable.entry.at.to_string(),
        // A merchant is not told who of the operator's people did it.
        actor: if limit.is_some() { "operator".to_owned() } else { durable.entry.actor.to_string() },
        events,
    })
}

fn event_out(event: &Event) -> EventOut {
    if let Event::SubjectSealed { subject, .. } = event {
        // The ciphertext is nobody's business here.
        return EventOut {
            kind: "SubjectSealed".to_owned(),
            data: serde_json::json!({ "subject": subject.to_string() }),
        };
    }
    match serde_json::to_value(event) {
        Ok(serde_json::Value::Object(fields)) => match fields.into_iter().next() {
            Some((kind, data)) => EventOut { kind, data },
            None => EventOut { kind: "Unknown".to_owned(), data: serde_json::Value::Null },
        },
        Ok(serde_json::Value::String(kind)) => EventOut { kind, data: serde_json::Value::Null },
        _ => EventOut { kind: "Unknown".to_owned(), data: serde_json::Value::Null },
    }
}

/// Lists what has happened, oldest first.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(Filter), responses(
    (status = 200, description = "A page", body = EntryPage),
    (status = 422, description = "A cursor that is none", body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(app): State<App>,
    who: Who,
    Query(filter): Query<Filter>,
) -> Result<axum::Json<EntryPage>, Problem> {
    let after = match &filter.cursor {
        None => 0,
        Some(cursor) => cursor::decode("events", cursor)?,
    };
    let most = cursor::page(filter.limit);
    let read = app.read(move |journal| entries_after(journal, after, most)).await?;
    let entries = read.map_err(|error| Problem::internal(&error))?;
    let last = entries.last().map_or(after, |durable| durable.version);
    app.seen(last).await;
    let view = app.view();
    let entries = entries.iter().filter_map(|durable| entry_out(view.state(), &who, durable, None)).collect();
    Ok(axum::Json(EntryPage { entries, next: cursor::encode("events", last) }))
}

/// Streams what happens. `Last-Event-ID` (or `?after=`) is the version of the last entry the caller has; without it
/// the stream begins now.
async fn stream(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Query(from): Query<From>,
) -> Result<Response, Problem> {
    if app.counters.streams.fetch_add(1, Ordering::AcqRel) >= app.config.limits.streams {
        app.counters.streams.fetch_sub(1, Ordering::AcqRel);
        return Err(Problem::busy("as many streams are open as may be"));
    }
    let given = text(&headers, "last-event-id").map(str::parse::<u64>);
    let after = match given {
        Some(Ok(version)) => version,
        Some(Err(_)) => {
            app.counters.streams.fetch_sub(1, Ordering::AcqRel);
            return Err(Problem::field("Last-Event-ID", "it is no version"));
        }
        None => from.after.unwrap_or_else(|| app.view().state().version),
    };
    let (send, receive) = mpsc::channel(WINDOW);
    let (told, proof) = (app.clone(), proof(&headers));
    tokio::spawn(async move {
        let ended = async {
            // A stream that is open must not outlive the session or the key it was opened with.
            while proof.as_ref().is_some_and(|proof| told.access.still_works(proof, told.now())) {
                tokio::time::sleep(ALIVE).await;
            }
        };
        tokio::select! {
            () = follow(&told, &who, after, &send) => {}
            () = ended => {}
        }
        told.counters.streams.fetch_sub(1, Ordering::AcqRel);
    });
    let events = futures_util::stream::unfold(receive, |mut receive| async {
        receive.recv().await.map(|event| (Ok::<Sse, Infallible>(event), receive))
    });
    Ok(SseResponse::new(events).keep_alive(KeepAlive::new().interval(ALIVE)).into_response())
}

/// Where a stream begins.
#[derive(Debug, Deserialize)]
struct From {
    after: Option<u64>,
}

/// Sends entries after `after` until the caller goes: from the journal until it has caught up, then as they come, and
/// from the journal again whenever it was too slow.
async fn follow(app: &App, who: &Who, mut after: u64, send: &mpsc::Sender<Sse>) {
    let mut live = app.events.subscribe();
    let mut stopping = app.stopping.subscribe();
    loop {
        // The subscription stands before the journal is read, so nothing falls between the two.
        loop {
            let from = after;
            let Ok(Ok(chunk)) = app.read(move |journal| entries_after(journal, from, CHUNK)).await else {
                return;
            };
            if chunk.is_empty() {
                break;
            }
            for durable in &chunk {
                after = durable.version;
                if !tell(app, who, durable, send).await {
                    return;
                }
            }
        }
        loop {
            let heard = tokio::select! {
                heard = live.recv() => heard,
                () = send.closed() => return,
                _ = stopping.wait_for(|stopping| *stopping) => return,
            };
            match heard {
                Ok(durable) if durable.version <= after => {}
                Ok(durable) if durable.version == after + 1 => {
                    after = durable.version;
                    if !tell(app, who, &durable, send).await {
                        return;
                    }
                }
                // Something was missed: the journal has it.
                Ok(_) | Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return,
            }
        }
    }
}

async fn tell(app: &App, who: &Who, durable: &Durable, send: &mpsc::Sender<Sse>) -> bool {
    app.seen(durable.version).await;
    let view = app.view();
    let Some(entry) = entry_out(view.state(), who, durable, None) else { return !send.is_closed() };
    let Ok(event) = Sse::default().id(durable.version.to_string()).event("entry").json_data(&entry) else {
        return false;
    };
    send.send(event).await.is_ok()
}
