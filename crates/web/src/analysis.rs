//! The impact analysis of the live house: made beside the service from a fork of its state, kept until the next one.
//!
//! Invariant: one is made at a time, on half the machine's cores at most, and what is shown is always a whole one with
//! the version of the state it was made of.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use holdfast_access::Right;
use holdfast_console::before::{Analysis, Before};
use holdfast_continuity::bia;
use holdfast_continuity::house::{Effort, analyse};
use holdfast_domain::time::Stamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::app::{App, lock};
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;
use crate::routes::orders_bulk::safe;

/// How long after the start the first analysis is made by itself.
const FIRST_AFTER: Duration = Duration::from_secs(600);

/// The last analysis, and how it stands with the next.
#[derive(Default)]
pub struct Kept {
    last: Mutex<Option<Arc<Before>>>,
    standing: Mutex<Analysis>,
    busy: AtomicBool,
}

impl Kept {
    /// The last analysis.
    #[must_use]
    pub fn last(&self) -> Option<Arc<Before>> {
        lock(&self.last).clone()
    }

    /// How it stands with the next one.
    #[must_use]
    pub fn standing(&self) -> Analysis {
        lock(&self.standing).clone()
    }
}

pub(crate) fn mount() -> Mount {
    Mount::default()
        .api(Policy::all(Right::ReadIncidents), routes!(read))
        .api(Policy::all(Right::CommandIncidents), routes!(make))
        .page(
            Policy::all(Right::ReadIncidents),
            axum::http::Method::GET,
            "/before.csv",
            axum::routing::get(figures),
        )
}

/// Makes an analysis every so many hours until the service ends.
pub async fn keep_fresh(app: App) {
    let hours = app.config.before.every_hours;
    if hours == 0 {
        return;
    }
    let mut wait = FIRST_AFTER;
    let mut stop = app.stopping.subscribe();
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        // One that is being made already is as good.
        let _ = begin(&app);
        wait = Duration::from_secs(u64::from(hours) * 3_600);
    }
}

/// Begins an analysis of the state as it is.
///
/// # Errors
/// A problem when one is being made.
pub fn begin(app: &App) -> Result<(), Problem> {
    if app.before.busy.swap(true, Ordering::AcqRel) {
        return Err(Problem::new("already-running", "an analysis is being made", "wait until it is there"));
    }
    let view = app.view();
    let at = view.at.max(view.state().stamp);
    *lock(&app.before.standing) = Analysis::Running(at);
    let app = app.clone();
    tokio::task::spawn_blocking(move || {
        let effort = Effort { years: app.config.before.years, starts: app.config.before.starts };
        let work = || on_half(|| analyse(view.state(), at, effort).map_err(|error| chain(&error)));
        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
            .unwrap_or_else(|_| Err("the analysis broke off: report it with the service's log".to_owned()));
        let now = Stamp(app.now());
        *lock(&app.before.standing) = match made {
            Ok(mut made) => {
                made.took = now.since(at);
                *lock(&app.before.last) = Some(Arc::new(made));
                Analysis::Idle
            }
            Err(why) => {
                tracing::warn!(why, "analysis");
                Analysis::Failed(now, why)
            }
        };
        app.before.busy.store(false, Ordering::Release);
    });
    Ok(())
}

fn chain(error: &dyn core::error::Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// Runs work on half the cores at most: orders come in meanwhile. The answer is the same on any number.
pub(crate) fn on_half<T: Send>(work: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    let threads = std::thread::available_parallelism().map_or(1, |all| (all.get() / 2).max(1));
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| error.to_string())?;
    pool.install(work)
}

/// The last analysis of the house, and how it stands with the next.
#[derive(Serialize, ToSchema)]
pub struct AnalysisOut {
    /// `idle`, `running` or `failed`.
    standing: &'static str,
    /// Why the last try failed.
    failed: Option<String>,
    /// When the analysis below was made.
    made: Option<String>,
    /// Version of the state it was made of.
    version: Option<u64>,
    /// Orders it was made of.
    orders: Option<usize>,
    /// Orders left out: archived, cancelled, too many.
    left_out: Option<usize>,
    /// The impact analysis, as `holdfast bia --json` has it.
    #[schema(value_type = Option<Object>)]
    report: Option<serde_json::Value>,
    /// The critical inventory, as `holdfast critical --json` has it.
    #[schema(value_type = Option<Object>)]
    critical: Option<serde_json::Value>,
    /// The backups, as `holdfast sites --json` has them.
    #[schema(value_type = Option<Object>)]
    backups: Option<serde_json::Value>,
}

/// The last analysis of the house.
#[utoipa::path(get, path = "/api/v1/analysis", tag = "statistics", responses(
    (status = 200, description = "The analysis, if one was made", body = AnalysisOut)))]
async fn read(State(app): State<App>) -> Result<axum::Json<AnalysisOut>, Problem> {
    app.block(|app| {
        let (last, standing) = (app.before.last(), app.before.standing());
        let json = |value: Result<serde_json::Value, serde_json::Error>| {
            value.map_err(|error| Problem::internal(&error))
        };
        let (word, failed) = match standing {
            Analysis::Idle => ("idle", None),
            Analysis::Running(_) => ("running", None),
            Analysis::Failed(_, why) => ("failed", Some(why)),
        };
        let last = last.as_deref();
        Ok(axum::Json(AnalysisOut {
            standing: word,
            failed,
            made: last.map(|last| last.at.to_string()),
            version: last.map(|last| last.version),
            orders: last.map(|last| last.orders),
            left_out: last.map(|last| last.left_out),
            report: last.map(|last| json(serde_json::to_value(&last.report))).transpose()?,
            critical: last
                .and_then(|last| last.critical.as_ref())
                .map(|critical| json(serde_json::to_value(critical)))
                .transpose()?,
            backups: last
                .and_then(|last| last.backups.as_ref())
                .map(|backups| json(serde_json::to_value(backups)))
                .transpose()?,
        }))
    })
    .await?
}

/// Begins a new analysis; it is read when it is there.
#[utoipa::path(post, path = "/api/v1/analysis", tag = "statistics", responses(
    (status = 202, description = "It is being made"),
    (status = 409, description = "One is being made already", body = Problem, content_type = "application/problem+json")))]
async fn make(State(app): State<App>) -> Result<StatusCode, Problem> {
    begin(&app).map(|()| StatusCode::ACCEPTED)
}

/// Every figure of the analysis with what it rests on, its formula and its inputs, as CSV.
async fn figures(State(app): State<App>) -> Result<Response, Problem> {
    let Some(last) = app.before.last() else { return Err(Problem::not_found("analysis")) };
    let text = app.block(move |_| csv_of(&last)).await??;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"analysis.csv\""),
    ];
    Ok((headers, text).into_response())
}

fn csv_of(before: &Before) -> Result<Vec<u8>, Problem> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let fault = |error: csv::Error| Problem::internal(&error);
    out.write_record(["figure", "value", "unit", "basis", "formula", "inputs", "version"]).map_err(fault)?;
    for figure in &before.report.figures {
        let trace = bia::trace(&before.report, figure);
        let basis = format!("{:?}", figure.basis).to_lowercase();
        let value = figure.value.map_or_else(String::new, |value| value.to_string());
        let (id, inputs, formula) = (safe(&figure.id), safe(&trace.inputs.join("; ")), safe(&trace.formula));
        out.write_record([id.as_str(), &value, figure.unit, &basis, &formula, &inputs, trace.version])
            .map_err(fault)?;
    }
    out.into_inner().map_err(|error| Problem::internal(error.error()))
}
