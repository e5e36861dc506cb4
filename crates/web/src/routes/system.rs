//! Health, readiness, metrics, the API's description.

use std::fmt::Write as _;
use std::sync::atomic::Ordering::Relaxed;

use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use holdfast_app::service::Phase;
use holdfast_domain::time::Stamp;
use holdfast_engine::law::view::Alarm;
use holdfast_hazard::alert::SiteVoice;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::app::App;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;
use crate::watch::FeedStatus;

/// A view older than this is no longer fit to decide by.
const VIEW_BEHIND_MAX: u64 = 100_000;

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ready {
    /// Whether it takes asks.
    ready: bool,
    /// `running`, `recovering`, `stopping`, `stopped`, `fenced`, `broken` or `following`.
    phase: &'static str,
    /// Version of the journal.
    version: u64,
    /// Version a reader sees.
    view: u64,
    /// Asks that wait.
    queue: usize,
    /// While it follows: how the writer is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    writer: Option<String>,
    /// While it follows: seconds what it shows is old at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    age_seconds: Option<f64>,
}

pub(super) fn mount() -> Mount {
    Mount::default()
        .api(Policy::Public, routes!(healthz))
        .api(Policy::Public, routes!(readyz))
        .page(Policy::Public, Method::GET, "/metrics", get(metrics))
        .page(Policy::Public, Method::GET, "/openapi.json", get(openapi))
}

/// Whether the process lives.
#[utoipa::path(get, path = "/healthz", tag = "system", responses((status = 200, description = "It lives", body = String)))]
async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether it takes asks.
#[utoipa::path(get, path = "/readyz", tag = "system", responses(
    (status = 200, description = "It takes asks", body = Ready),
    (status = 503, description = "It does not", body = Ready)))]
async fn readyz(State(app): State<App>) -> Response {
    let health = app.service.health();
    let ready = health.phase == Phase::Running
        && health.queue < health.queue_max
        && health.head.version.saturating_sub(health.view) < VIEW_BEHIND_MAX;
    let followed = app.service.followed();
    let answer = Ready {
        ready,
        phase: health.phase.word(),
        version: health.head.version,
        view: health.view,
        queue: health.queue,
        age_seconds: followed.as_ref().and_then(|followed| Some(followed.age?.as_secs_f64())),
        writer: followed.and_then(|followed| followed.writer),
    };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(answer)).into_response()
}

async fn openapi(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], app.openapi().to_string()).into_response()
}

async fn metrics(State(app): State<App>) -> Result<Response, Problem> {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    // Counting alarms looks at every legal clock: away from the threads that serve.
    let text = app.block(exposition).await?;
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

/// What is watched: feeds, sites, orders, and what threatens.
fn watched(app: &App, one: &mut impl FnMut(&str, &str, &str, &[(&str, f64)])) {
    let now = Stamp(app.now());
    let feeds = app.watch.feeds(now);
    let labels: Vec<String> = feeds.iter().map(|feed| format!("{{feed=\"{}\"}}", feed.name)).collect();
    let of = |value: &dyn Fn(&FeedStatus) -> f64| -> Vec<(&str, f64)> {
        labels.iter().map(String::as_str).zip(feeds.iter().map(value)).collect()
    };
    one(
        "feed_age_seconds",
        "gauge",
        "Time since a feed has last spoken; since the start where it never has.",
        &of(&|feed| feed.age().0 as f64 / 1000.0),
    );
    one(
        "feed_stale",
        "gauge",
        "Whether a feed has not spoken for too long: an alarm.",
        &of(&|feed| f64::from(u8::from(feed.is_stale()))),
    );
    one("feed_failures_total", "counter", "Looks at a feed that failed.", &of(&|feed| feed.failures as f64));
    one("feed_alerts", "gauge", "Alerts of a feed in force.", &of(&|feed| feed.in_force as f64));
    one(
        "feed_alerts_dropped_total",
        "counter",
        "Alerts there was no room for.",
        &[("", app.watch.dropped() as f64)],
    );
    let silent = app
        .watch
        .sites(app, now)
        .iter()
        .filter(|site| matches!(site.voice, SiteVoice::Silent { .. }))
        .count();
    one("sites_silent", "gauge", "Sites that should be heard and are not.", &[("", silent as f64)]);
    let odd = app.watch.orders().iter().filter(|scope| scope.state.is_alarm()).count();
    one("order_feeds_unusual", "gauge", "Order feeds with a surge or a silence.", &[("", odd as f64)]);
    one(
        "threats",
        "gauge",
        "Potential incidents a person may declare.",
        &[("", app.watch.threats().len() as f64)],
    );
}

/// The metrics, as Prometheus reads them. They name nobody.
fn exposition(app: &App) -> String {
    let health = app.service.health();
    let counts = health.counts;
    let mut out = String::new();
    let mut one = |name: &str, kind: &str, help: &str, values: &[(&str, f64)]| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "# HELP holdfast_{name} {help}\n# TYPE holdfast_{name} {kind}");
        for (labels, value) in values {
            let _ = writeln!(out, "holdfast_{name}{labels} {value}");
        }
    };
    let running = f64::from(u8::from(health.phase == Phase::Running));
    one("up", "gauge", "Whether the service takes asks.", &[("", running)]);
    let writer = f64::from(u8::from(app.service.is_writer()));
    one("writer", "gauge", "Whether this service holds the journal, rather than follow.", &[("", writer)]);
    one("journal_epoch", "gauge", "Epoch of the journal's writer.", &[("", health.head.epoch as f64)]);
    one(
        "take_overs_total",
        "counter",
        "Times this service became the writer after another.",
        &[("", counts.take_overs as f64)],
    );
    let age = app.service.followed().and_then(|followed| followed.age).map_or(0.0, |age| age.as_secs_f64());
    one("follow_age_seconds", "gauge", "How old what is shown may be; 0 at the writer.", &[("", age)]);
    one("journal_version", "gauge", "Entries in the journal.", &[("", health.head.version as f64)]);
    one("view_version", "gauge", "Entries a reader sees.", &[("", health.view as f64)]);
    one("index_version", "gauge", "Entries the index covers.", &[("", app.index.version() as f64)]);
    one("queue_asks", "gauge", "Asks that wait to be decided.", &[("", health.queue as f64)]);
    let last = health.last_append.map_or(-1.0, |ago| ago.as_secs_f64());
    one(
        "append_age_seconds",
        "gauge",
        "Time since a group became durable; -1 before the first.",
        &[("", last)],
    );
    one("append_seconds", "gauge", "Time the last append took.", &[("", health.append_took.as_secs_f64())]);
    one("groups_total", "counter", "Groups that became durable.", &[("", counts.groups as f64)]);
    one("entries_total", "counter", "Entries that became durable.", &[("", counts.entries as f64)]);
    one("asks_rejected_total", "counter", "Asks a rule has refused.", &[("", counts.rejected as f64)]);
    one("asks_repeated_total", "counter", "Asks that had been done before.", &[("", counts.repeated as f64)]);
    one("asks_refused_total", "counter", "Asks there was no room for.", &[("", counts.refused as f64)]);
    one(
        "appends_failed_total",
        "counter",
        "Appends that failed or whose outcome was unknown.",
        &[("", counts.appends_failed as f64)],
    );
    one("recoveries_total", "counter", "Times the state was read back.", &[("", counts.recoveries as f64)]);
    one("timers_total", "counter", "Timers fired.", &[("", counts.timers as f64)]);
    let view = app.view();
    let state = view.state();
    one("orders", "gauge", "Orders ever taken.", &[("", state.orders.len() as f64)]);
    one("shipments", "gauge", "Shipments ever released.", &[("", state.shipments.len() as f64)]);
    one("incidents", "gauge", "Incidents ever opened.", &[("", state.incidents.len() as f64)]);
    let closed = state.sites.iter().filter(|now| !now.access.takes_orders()).count();
    one("sites_closed", "gauge", "Sites that take no orders.", &[("", closed as f64)]);
    let counts = app.alarmed.count(app);
    let labels = Alarm::KINDS.map(|kind| format!("{{kind=\"{kind}\"}}"));
    let alarms: Vec<(&str, f64)> = labels
        .iter()
        .enumerate()
        .map(|(at, label)| (label.as_str(), counts.map_or(f64::NAN, |counts| counts[at] as f64)))
        .collect();
    one(
        "alarms",
        "gauge",
        "What a person has to look at, by kind; `overdue` are legal duties whose time is over; NaN before they were counted.",
        &alarms,
    );
    let waiting = app.inbox.count().map_or(f64::NAN, |waiting| waiting as f64);
    one("inbox_items", "gauge", "Deliveries a person has to mend; NaN if unreadable.", &[("", waiting)]);
    let known = super::backups::known(app);
    let or_none = |value: Option<f64>| value.unwrap_or(-1.0);
    one(
        "backup_age_seconds",
        "gauge",
        "Time since the last copy of the journal; -1 where none was recorded.",
        &[("", or_none(known.age_seconds))],
    );
    one(
        "restore_proof_age_seconds",
        "gauge",
        "Time since a copy was last restored elsewhere with the same hash; -1 for never.",
        &[("", or_none(known.proved_age_seconds))],
    );
    one(
        "restore_seconds",
        "gauge",
        "Time that restore took; -1 for never.",
        &[("", or_none(known.restore_seconds))],
    );
    let failed = known.records.iter().find(|record| record.kind == "proof").is_some_and(|record| !record.ok);
    one(
        "restore_proof_failed",
        "gauge",
        "Whether the last copy that was tried did not prove itself.",
        &[("", f64::from(u8::from(failed)))],
    );
    if app.config.anchors.is_some() {
        let standing = app.anchored.standing();
        let age = standing.last.map(|last| app.now().saturating_sub(last).max(0) as f64 / 1000.0);
        one(
            "anchor_age_seconds",
            "gauge",
            "Time since this service wrote the logs' heads down outside; -1 for never, as where it follows.",
            &[("", or_none(age))],
        );
        one(
            "anchor_failed",
            "gauge",
            "Whether the logs' heads could not be written down outside: an alarm.",
            &[("", f64::from(u8::from(standing.failed.is_some())))],
        );
    }
    watched(app, &mut one);
    let counters = &app.counters;
    let classes =
        ["{class=\"1xx\"}", "{class=\"2xx\"}", "{class=\"3xx\"}", "{class=\"4xx\"}", "{class=\"5xx\"}"];
    let requests: Vec<(&str, f64)> =
        classes.into_iter().zip(counters.requests.iter().map(|count| count.load(Relaxed) as f64)).collect();
    one("http_requests_total", "counter", "Requests by the class of their status.", &requests);
    one(
        "http_request_seconds_total",
        "counter",
        "Time spent on requests.",
        &[("", counters.took_ms.load(Relaxed) as f64 / 1000.0)],
    );
    one("http_connections", "gauge", "Open connections.", &[("", counters.connections.load(Relaxed) as f64)]);
    one("http_streams", "gauge", "Open streams of events.", &[("", counters.streams.load(Relaxed) as f64)]);
    let outcomes =
        ["{outcome=\"applied\"}", "{outcome=\"known\"}", "{outcome=\"kept\"}", "{outcome=\"refused\"}"];
    let hooks: Vec<(&str, f64)> =
        outcomes.into_iter().zip(counters.hooks.iter().map(|count| count.load(Relaxed) as f64)).collect();
    one("hook_deliveries_total", "counter", "Deliveries of webhooks by what became of them.", &hooks);
    out
}
