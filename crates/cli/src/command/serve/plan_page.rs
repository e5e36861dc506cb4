//! The continuity plan as the service would print it now: drawn from the live state and the last analysis.
//!
//! Looking changes nothing: a version is kept by `holdfast plan --data` alone.

use std::path::PathBuf;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use holdfast_access::Right;
use holdfast_console::plan::Input;
use holdfast_print::html;
use holdfast_web::guard::form_field;
use holdfast_web::{App, Mount, Policy, Problem};

use crate::command::plan::draft;
use crate::words::Lang;

/// Where it is.
pub const PATH: &str = "/plan.html";

/// The route of the plan; `versions` is the folder its versions are kept in.
pub fn mount(versions: PathBuf) -> Mount {
    let show = move |State(app): State<App>, uri: Uri, headers: HeaderMap| {
        let versions = versions.clone();
        async move { page(&app, versions, language(&uri, &headers)).await }
    };
    // It names every site, partner and person to call: nothing for a merchant alone.
    Mount::default().page(Policy::all(Right::ReadIncidents), Method::GET, PATH, get(show))
}

fn language(uri: &Uri, headers: &HeaderMap) -> Lang {
    let asked = form_field(uri.query().unwrap_or_default().as_bytes(), "lang");
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let tag = asked.as_deref().or(wanted).unwrap_or("en");
    if tag.starts_with("ko") { Lang::Ko } else { Lang::En }
}

async fn page(app: &App, versions: PathBuf, lang: Lang) -> Result<Response, Problem> {
    let view = app.view();
    let drawn = app
        .block(move |app| {
            let before = app.before.last();
            let input = Input {
                state: view.state(),
                made: view.at,
                analysis: before.as_deref().map(|before| &before.report),
                critical: before.as_deref().and_then(|before| before.critical.as_ref()),
                contacts: &[],
                messages: &[],
                remarks: &[],
                say: &str::to_owned,
            };
            draft(input, lang, &versions).map(|document| html(&document))
        })
        .await?;
    match drawn {
        Ok(page) => {
            Ok((StatusCode::OK, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response())
        }
        Err(failure) => {
            tracing::error!(cause = failure.cause, "draw the continuity plan");
            Err(Problem::internal(&std::io::Error::other(failure.cause)))
        }
    }
}
