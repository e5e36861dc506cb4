//! The support desk's one box: an order by its number, a mail address, a telephone number or a name.
//!
//! Invariant: nobody searches people without a trace, and what is found are orders, not people.

use axum::extract::{Query, State};
use holdfast_app::desk::QUERY_MAX;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::guard::Who;
use crate::problem::Problem;
use crate::routes::network::merchant_code;
use crate::routes::orders::{day, status, status_word};

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Look {
    /// An order's number or id, a mail address, a telephone number, a name.
    q: String,
}

/// Orders found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Found {
    /// At most 100, the newest first.
    orders: Vec<FoundOrder>,
}

/// An order found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FoundOrder {
    /// Its id.
    id: String,
    /// Code of its merchant.
    merchant: String,
    /// The merchant's number.
    number: String,
    /// What it is.
    status: String,
    /// When the customer ordered.
    placed: String,
    /// The date the customer has.
    promise: Option<String>,
    /// The customer's language: in which to speak.
    language: String,
}

/// Finds orders by a number, a mail address, a telephone number or a name. Looking is logged.
#[utoipa::path(get, path = "/api/v1/desk", tag = "care", params(Look), responses(
    (status = 200, description = "What was found", body = Found),
    (status = 503, description = "People cannot be found yet after a start", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn find(
    State(app): State<App>,
    who: Who,
    Query(look): Query<Look>,
) -> Result<axum::Json<Found>, Problem> {
    if look.q.chars().count() > QUERY_MAX {
        return Err(Problem::field("q", "at most 200 characters"));
    }
    let (actor, now) = (who.actor().to_owned(), app.now());
    // What was looked for may be a name: that somebody looked is logged, and not for whom.
    app.block(move |app| app.access.audit(now, "desk-search", &actor, "")).await??;
    let view = app.view();
    let search = move |app: &App| {
        let state = view.state();
        let found = app.desk.find(state, &look.q, who.limit(state));
        let told = |id| {
            let order = state.order(id).ok()?;
            Some(FoundOrder {
                id: id.to_string(),
                merchant: merchant_code(state, order.merchant),
                number: order.number.to_string(),
                status: status_word(status(state, order)).to_owned(),
                placed: order.placed.to_string(),
                promise: day(order.promise),
                language: order.language.code().to_owned(),
            })
        };
        found.map(|found| Found { orders: found.into_iter().filter_map(told).collect() })
    };
    let found = app.block(search).await?;
    Ok(axum::Json(
        found.ok_or_else(|| Problem::busy("people cannot be found yet: the journal is being read"))?,
    ))
}
