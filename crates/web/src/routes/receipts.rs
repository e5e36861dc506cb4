//! Delivery receipts: what a provider says became of a letter it took. Signed by Standard Webhooks, as what the house
//! hears from carriers is; a receipt is counted once however often it comes.

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use holdfast_connect::standard;
use holdfast_domain::care::CareCommand;
use holdfast_domain::id::NoticeId;
use holdfast_domain::state::State as DomainState;
use holdfast_notify::letter::notice_of;
use serde::{Deserialize, Serialize};

use super::body::{raw, text};
use super::care::notices::{Noted, report_on};
use super::network::merchant_code;
use crate::app::App;
use crate::config::{Outgoing, Way};
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

/// The most receipts in one delivery.
const RECEIPTS_MAX: usize = 1_000;

pub(super) fn mount() -> Mount {
    // Each delivery carries a proof of its own: the signature, checked before anything else is done with it.
    Mount::default().page(Policy::Public, Method::POST, "/receipts/{channel}", post(receive))
}

/// One letter, and what became of it.
#[derive(Debug, Deserialize)]
struct Receipt {
    /// The letter's key, as it was handed over.
    key: String,
    /// `delivered`, `failed` or `opened`; anything else says nothing here.
    status: String,
}

/// A delivery: one receipt, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Delivery {
    Many { receipts: Vec<Receipt> },
    One(Receipt),
}

/// What became of a delivery's receipts.
#[derive(Debug, Default, Serialize)]
struct Taken {
    /// They were news.
    taken: u32,
    /// They were known.
    known: u32,
    /// They were not taken: their notice is not one that left, or its merchant does not count who opens.
    refused: u32,
    /// They name no notice of this channel, or a status that says nothing.
    unread: u32,
}

async fn receive(
    State(app): State<App>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let channel = app.config.channels.get(&name).ok_or_else(|| Problem::not_found("channel"))?;
    let body = raw(&app, request.into_body(), app.config.limits.body_bytes).await?;
    let key = channel.receipts.as_deref().and_then(standard::key);
    let genuine = key
        .is_some_and(|key| standard::verify(&key, |header| text(&headers, header), &body, app.now()).is_ok());
    if !genuine {
        return Err(Problem::new(
            "wrong-signature",
            "the signature is not the one of this body under the secret of the channel's receipts",
            "sign by Standard Webhooks with the secret of receipts_env or receipts_file",
        ));
    }
    let taken = take(&app, &name, channel, &body).await?;
    Ok(axum::Json(taken).into_response())
}

async fn take(app: &App, name: &str, channel: &Outgoing, body: &Bytes) -> Result<Taken, Problem> {
    let delivery: Delivery = serde_json::from_slice(body).map_err(|_| {
        let action = "send {\"key\": …, \"status\": \"delivered\"}, or several under receipts";
        Problem::new("malformed", "the body is no receipt", action)
    })?;
    let receipts = match delivery {
        Delivery::Many { receipts } => receipts,
        Delivery::One(receipt) => vec![receipt],
    };
    if receipts.len() > RECEIPTS_MAX {
        return Err(Problem::new("too-large", "there are more than 1,000 receipts", "send fewer at once"));
    }
    let (actor, next) = (format!("receipts:{name}"), app.config.way_after(Way::Provider(name)));
    let mut out = Taken::default();
    for receipt in &receipts {
        let notice = notice_of(&receipt.key).filter(|notice| is_theirs(app.view().state(), channel, *notice));
        let command = notice.and_then(|notice| match receipt.status.as_str() {
            "delivered" => Some(CareCommand::DeliverNotice { notice }),
            "failed" => Some(CareCommand::BounceNotice { notice, next }),
            "opened" => Some(CareCommand::OpenNotice { notice }),
            _ => None,
        });
        let (Some(notice), Some(command)) = (notice, command) else {
            out.unread += 1;
            continue;
        };
        let count = match report_on(app, &actor, notice, command).await? {
            Noted::News => &mut out.taken,
            Noted::Known => &mut out.known,
            Noted::Refused(_) => &mut out.refused,
        };
        *count += 1;
    }
    Ok(out)
}

/// Whether a channel may speak of a notice: it carries those of its merchants.
fn is_theirs(state: &DomainState, channel: &Outgoing, notice: NoticeId) -> bool {
    let Some(known) = state.notices.get(notice) else { return false };
    channel.merchants.is_empty() || channel.merchants.contains(&merchant_code(state, known.merchant))
}
