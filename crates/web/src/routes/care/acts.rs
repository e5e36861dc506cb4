//! What a supporter does about one order: an answer taken down, another destination, a parcel sent once more, money
//! that went back, goodwill, a contact; or the order given up.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use holdfast_app::service::{Asked, What};
use holdfast_domain::care::{AnswerChannel, AnswerChoice, CareCommand, ContactKind, Evidence, RefundForm};
use holdfast_domain::command::{Command, NewOrder};
use holdfast_domain::id::OrderId;
use holdfast_domain::network::Country;
use holdfast_domain::order::Order;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::{NameKind, State as DomainState};
use holdfast_domain::table::fingerprint;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::guard::Who;
use crate::intake::{self, ShipTo};
use crate::once;
use crate::problem::Problem;
use crate::routes::body::{Json, text};
use crate::routes::incidents::second_approver;
use crate::routes::orders::{Done, done, order_id};

/// The longest text that proves an answer, in characters.
const PROOF_MAX: usize = 200;
/// The most times one order is sent once more.
const RESHIPS_MAX: u32 = 9;

fn channel(word: &str) -> Option<AnswerChannel> {
    use AnswerChannel as A;
    [A::Mail, A::Phone, A::Shop, A::Desk].into_iter().find(|known| super::told::channel_word(*known) == word)
}

/// How a customer's wish can be proved, from what the desk gives.
fn evidence(way: &str, proof: &str) -> Result<Evidence, Problem> {
    let channel =
        channel(way).ok_or_else(|| Problem::field("channel", "one of mail, phone, shop or desk"))?;
    if proof.trim().is_empty() || proof.chars().count() > PROOF_MAX {
        let why = "say what proves it, such as the ticket's number, in at most 200 characters";
        return Err(Problem::field("proof", why));
    }
    Ok(Evidence { channel, proof: fingerprint("desk-proof", 0, proof.trim()) })
}

/// An answer a customer gave to a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerIn {
    /// `wait`, `wait_until` or `cancel`.
    choice: String,
    /// Until when the customer agreed to wait, with `wait_until`.
    #[serde(default)]
    until: Option<String>,
    /// By what way it came: `mail`, `phone`, `shop` or `desk`.
    channel: String,
    /// What proves it: the number of the ticket or recording. Only a fingerprint of it is kept.
    proof: String,
    /// The notice it answers.
    #[serde(default)]
    notice: Option<String>,
}

/// Records a customer's answer that came by mail, by telephone or to a person. A cancellation is carried out with it.
#[utoipa::path(post, path = "/api/v1/orders/{id}/answers", tag = "care", params(("id" = String, Path)), request_body = AnswerIn, responses(
    (status = 200, description = "Recorded", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The same answer stands, or the order has ended", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn answer(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<AnswerIn>,
) -> Result<axum::Json<Done>, Problem> {
    let order = order_id(&id)?;
    who.order(app.view().state(), order)?;
    let choice = match (given.choice.as_str(), &given.until) {
        ("wait", None) => AnswerChoice::Wait,
        ("cancel", None) => AnswerChoice::Cancel,
        ("wait_until", Some(day)) => {
            let day = day.parse().map_err(|_| Problem::field("until", "write a day as 2026-11-30"))?;
            AnswerChoice::WaitUntil(day)
        }
        _ => return Err(Problem::field("choice", "wait, cancel, or wait_until with a day in until")),
    };
    let notice = given.notice.as_deref().map(str::parse).transpose();
    let notice = notice.map_err(|_| Problem::field("notice", "there is no such notice"))?;
    let evidence = evidence(&given.channel, &given.proof)?;
    let command = Command::Care(Box::new(CareCommand::RecordAnswer { order, notice, choice, evidence }));
    done(&app, &who, command, &headers, &format!("answer {id} {}", given.choice)).await
}

/// Another destination a customer asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Destination {
    /// Where it goes.
    ship_to: ShipTo,
    /// By what way the wish came: `mail`, `phone`, `shop` or `desk`.
    channel: String,
    /// What proves it: the number of the ticket or recording. Only a fingerprint of it is kept.
    proof: String,
}

/// Sends an order elsewhere, into another zone if need be, as long as nothing of it was released to a site.
#[utoipa::path(post, path = "/api/v1/orders/{id}/destination", tag = "care", params(("id" = String, Path)), request_body = Destination, responses(
    (status = 200, description = "It goes there", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "A site has it already", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn destination(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Destination>,
) -> Result<axum::Json<Done>, Problem> {
    let order = order_id(&id)?;
    let view = app.view();
    let known = who.order(view.state(), order)?;
    let to = &given.ship_to;
    intake::bounded(to).map_err(|error| Problem::invalid(vec![error]))?;
    let country = Country::new(&to.country).ok_or_else(|| Problem::field("country", "two letters"))?;
    let zone = view.state().network.zone_of(country, &to.postal);
    let zone = zone.ok_or_else(|| Problem::field("postal", "the shop does not deliver there"))?;
    let (postal, evidence) = (to.postal.trim().into(), evidence(&given.channel, &given.proof)?);
    let subject = known.subject;
    let command =
        Command::Care(Box::new(CareCommand::ChangeAddress { order, zone, country, postal, evidence }));
    let answered = done(&app, &who, command, &headers, &format!("destination {id} {zone}")).await?;
    let Some(subject) = subject else { return Ok(answered) };
    let what = What::Renew(subject, Box::new(intake::personal(to)));
    let outcome = app.ask(Asked { what, actor: who.actor().into(), key: None, artefact: None }).await?;
    Ok(axum::Json(Done { version: outcome.version(), id: None }))
}

/// What is sent once more.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Reship {
    /// Lines, from 0; all of them without.
    lines: Vec<u16>,
}

/// Sends goods once more at no charge: an order of its own, numbered after the first (`-R1`), to the same person and
/// place, sourced as any other.
#[utoipa::path(post, path = "/api/v1/orders/{id}/reship", tag = "care", params(("id" = String, Path)), request_body = Reship, responses(
    (status = 200, description = "Taken; `id` is the new order", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It was sent once more nine times", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "There is nothing to send", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn reship(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Reship>,
) -> Result<axum::Json<Done>, Problem> {
    let order = order_id(&id)?;
    let key = once::key(&who, &format!("reship {id}"), text(&headers, "idempotency-key"));
    let (version, made) = reship_order(&app, &who, order, &given.lines, key).await?;
    Ok(axum::Json(Done { version, id: made.map(|made| made.to_string()) }))
}

/// Sends lines of an order once more; gives the journal entry and the order it made.
///
/// # Errors
/// A problem when there is nothing to send, or the journal does not take it.
pub(crate) async fn reship_order(
    app: &App,
    who: &Who,
    order: OrderId,
    lines: &[u16],
    key: Option<u128>,
) -> Result<(u64, Option<OrderId>), Problem> {
    let view = app.view();
    let known = who.order(view.state(), order)?;
    let again = again(view.state(), known, lines, view.at)?;
    let (merchant, number) = (again.merchant, again.number.clone());
    let asked = Asked::new(Command::PlaceOrder(Box::new(again)), who.actor()).with_key(key);
    let outcome = app.ask(asked).await?;
    Ok((outcome.version(), app.view().state().named::<OrderId>(NameKind::Order, merchant, &number)))
}

fn again(
    state: &DomainState,
    known: &Order,
    lines: &[u16],
    at: holdfast_domain::time::Stamp,
) -> Result<NewOrder, Problem> {
    let wanted = |at: usize| lines.is_empty() || lines.iter().any(|line| usize::from(*line) == at);
    let units = known.lines.iter().enumerate().filter(|(at, _)| wanted(*at));
    let units: smallvec::SmallVec<[_; 2]> = units
        .map(|(_, line)| (line.sku, Quantity(line.ordered.0.saturating_sub(line.cancelled.0)), 0))
        .filter(|(_, units, _)| !units.is_zero())
        .collect();
    if units.is_empty() {
        return Err(Problem::field("lines", "nothing of these lines was to be sent"));
    }
    let free = (1..=RESHIPS_MAX)
        .map(|times| format!("{}-R{times}", known.number))
        .find(|number| state.named::<OrderId>(NameKind::Order, known.merchant, number).is_none());
    let number = free.ok_or_else(|| {
        Problem::new("reshipped-often", "it was sent once more nine times", "look into what happens to it")
    })?;
    Ok(NewOrder {
        merchant: known.merchant,
        number: number.as_str().into(),
        subject: known.subject,
        zone: known.zone,
        country: known.country,
        postal: known.postal.clone(),
        language: known.language,
        placed: at,
        paid: Some(at),
        promise: None,
        priority: known.priority.saturating_add(1),
        hold: None,
        lines: units,
    })
}

/// Decides not to send an order at all: what no site has is cancelled, what a site has is asked back, the customer is
/// told, the refund is due.
#[utoipa::path(post, path = "/api/v1/orders/{id}/give-up", tag = "care", params(("id" = String, Path)), responses(
    (status = 200, description = "Given up", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It has ended, or is with a carrier", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn give_up(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<axum::Json<Done>, Problem> {
    let order = order_id(&id)?;
    who.order(app.view().state(), order)?;
    let command = Command::Care(Box::new(CareCommand::GiveUpOrder { order }));
    done(&app, &who, command, &headers, &format!("give up {id}")).await
}

/// Money that went back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Refund {
    /// How much, in the merchant's minor units.
    amount: i64,
    /// `money` (to the means of payment, or in cash) or `credit`, which settles nothing.
    form: String,
}

/// Records money that went back: Holdfast moves none. Over the configured amount a second person has to approve it.
#[utoipa::path(post, path = "/api/v1/orders/{id}/refunds", tag = "care", params(("id" = String, Path)), request_body = Refund, responses(
    (status = 200, description = "Recorded", body = Done),
    (status = 403, description = "A second person has to approve it", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "More than is owed", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn refund(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Refund>,
) -> Result<axum::Json<Done>, Problem> {
    let order = order_id(&id)?;
    who.order(app.view().state(), order)?;
    let form = match given.form.as_str() {
        "money" => RefundForm::Money,
        "credit" => RefundForm::Credit,
        _ => return Err(Problem::field("form", "money or credit")),
    };
    over_the_limit(&app, &who, order, given.amount).await?;
    let command = Command::Care(Box::new(CareCommand::RecordRefund { order, amount: given.amount, form }));
    done(&app, &who, command, &headers, &format!("refund {id} {} {}", given.amount, given.form)).await
}

/// A refund over the configured amount needs a second person.
///
/// # Errors
/// A problem that names the approval to be given.
pub(crate) async fn over_the_limit(app: &App, who: &Who, order: OrderId, amount: i64) -> Result<(), Problem> {
    if app.config.second_approver.refund.is_some_and(|most| amount > most) {
        let what = format!("record a refund of {amount} minor units for {order}");
        second_approver(app, who, format!("refund {order} {amount}"), what).await?;
    }
    Ok(())
}

/// Something for the trouble.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Goodwill {
    /// How much, in the merchant's minor units.
    amount: i64,
}

/// Grants a customer something for the trouble, within the limit the policy sets for one order.
#[utoipa::path(post, path = "/api/v1/orders/{id}/goodwill", tag = "care", params(("id" = String, Path)), request_body = Goodwill, responses(
    (status = 200, description = "Granted", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "More than the limit leaves", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn goodwill(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Goodwill>,
) -> Result<axum::Json<Done>, Problem> {
    let order = order_id(&id)?;
    who.order(app.view().state(), order)?;
    let command = Command::Care(Box::new(CareCommand::GrantGoodwill { order, amount: given.amount }));
    done(&app, &who, command, &headers, &format!("goodwill {id} {}", given.amount)).await
}

/// Somebody got in touch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Contact {
    /// `call`, `mail`, `chat` or `outgoing`.
    kind: String,
}

/// Notes that the customer got in touch, or was.
#[utoipa::path(post, path = "/api/v1/orders/{id}/contacts", tag = "care", params(("id" = String, Path)), request_body = Contact, responses(
    (status = 200, description = "Noted", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn contact(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Contact>,
) -> Result<axum::Json<Done>, Problem> {
    let order = order_id(&id)?;
    who.order(app.view().state(), order)?;
    use ContactKind as K;
    let kinds = [K::Call, K::Mail, K::Chat, K::Outgoing];
    let kind = kinds.into_iter().find(|kind| super::told::contact_word(*kind) == given.kind);
    let kind = kind.ok_or_else(|| Problem::field("kind", "call, mail, chat or outgoing"))?;
    let command = Command::Care(Box::new(CareCommand::NoteContact { order, kind }));
    done(&app, &who, command, &headers, &format!("contact {id} {}", given.kind)).await
}
