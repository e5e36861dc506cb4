//! Orders in bulk: NDJSON as it streams in, CSV in and out, other systems' files by a saved column mapping.

mod mapped;

use std::collections::VecDeque;

use axum::body::{Body, Bytes};
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt as _};
use holdfast_access::Right;
use holdfast_app::core::Reply;
use holdfast_app::service::{Asked, Refused};
use holdfast_domain::order::OrderSlot;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::body::{self, text};
use super::orders::{moment, order_out};
use crate::app::{App, Outcome, outcome};
use crate::guard::Who;
use crate::intake::{self, OrderIn, ShipTo};
use crate::mount::Mount;
use crate::once;
use crate::policy::Policy;
use crate::problem::Problem;

/// Longest line of a bulk body.
const LINE_MAX: usize = 1 << 20;
/// How long to wait when the service has no room.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(5);
/// Orders in an exported file.
const EXPORT_MAX: usize = 1_000_000;

pub(super) fn mount() -> Mount {
    Mount::default()
        .api(Policy::own(Right::PlaceOrders), routes!(bulk))
        .api(Policy::own(Right::PlaceOrders), routes!(csv_in))
        .api(Policy::own(Right::PlaceOrders), routes!(mapped::list))
        .api(Policy::own(Right::ReadOrders), routes!(csv_out))
}

/// What became of one line.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineResult {
    /// The line, from 1.
    pub line: u64,
    /// `taken`, `known` or `refused`.
    pub outcome: String,
    /// The order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

type Answer = (u64, Result<oneshot::Receiver<Reply>, Box<Problem>>);

/// Takes many orders, one JSON object a line. The answers stream back in the order of the lines, each once it is
/// durable. A line that is refused stops nobody else; sent again, what was taken is answered as known.
#[utoipa::path(post, path = "/api/v1/orders/bulk", tag = "orders",
    request_body(content = OrderIn, content_type = "application/x-ndjson", description = "One order a line"),
    params(("Idempotency-Key" = Option<String>, Header, description = "Each line is keyed by this and its number")),
    responses((status = 200, description = "One result a line", body = LineResult, content_type = "application/x-ndjson")))]
async fn bulk(State(app): State<App>, who: Who, request: Request) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::new(
            "not-json",
            "a bulk body is sent plain",
            "send it without Content-Encoding",
        ));
    }
    let key = text(&headers, "idempotency-key").map(ToOwned::to_owned);
    let (send, results) = mpsc::channel::<Answer>(app.config.limits.bulk_window.max(1));
    let stream = request.into_body().into_data_stream();
    tokio::spawn(take_lines(app.clone(), who, key, stream, send));
    let lines = futures_util::stream::unfold((app, results), |(app, mut results)| async {
        let (line, asked) = results.recv().await?;
        let result = match asked {
            Ok(reply) => result_of(line, outcome(reply.await.unwrap_or(Reply::Unknown))),
            Err(problem) => refused(line, *problem),
        };
        let mut bytes = serde_json::to_vec(&result).unwrap_or_default();
        bytes.push(b'\n');
        Some((Ok::<_, std::io::Error>(Bytes::from(bytes)), (app, results)))
    });
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}

fn result_of(line: u64, outcome: Result<Outcome, Problem>) -> LineResult {
    match outcome {
        Ok(Outcome::Done { .. }) => {
            LineResult { line, outcome: "taken".to_owned(), order: None, problem: None }
        }
        Ok(Outcome::Repeated(used)) => LineResult {
            line,
            outcome: "known".to_owned(),
            order: used.made.map(|id| format!("ord-{id}")),
            problem: None,
        },
        Err(problem) if problem.code == "order-known" => {
            LineResult { line, outcome: "known".to_owned(), order: None, problem: Some(problem) }
        }
        Err(problem) => refused(line, problem),
    }
}

fn refused(line: u64, problem: Problem) -> LineResult {
    LineResult { line, outcome: "refused".to_owned(), order: None, problem: Some(problem) }
}

async fn take_lines(
    app: App,
    who: Who,
    key: Option<String>,
    mut stream: impl Stream<Item = Result<Bytes, axum::Error>> + Unpin,
    send: mpsc::Sender<Answer>,
) {
    let (mut buffer, mut line, mut read) = (VecDeque::<u8>::new(), 0_u64, 0_usize);
    loop {
        let chunk = stream.next().await;
        let ended = chunk.is_none();
        match chunk {
            Some(Ok(bytes)) => {
                read += bytes.len();
                buffer.extend(bytes);
            }
            // The caller has gone: what was asked is done, and nobody waits for the rest.
            Some(Err(_)) => return,
            None => {}
        }
        while let Some(one) = next_line(&mut buffer, ended) {
            line += 1;
            if one.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let asked = ask(&app, &who, key.as_deref(), line, &one).await.map_err(Box::new);
            if send.send((line, asked)).await.is_err() {
                return;
            }
        }
        let problem = if buffer.len() > LINE_MAX {
            Some(body::too_large(LINE_MAX))
        } else if read > app.config.limits.bulk_bytes {
            Some(body::too_large(app.config.limits.bulk_bytes))
        } else {
            None
        };
        if let Some(problem) = problem {
            drop(send.send((line + 1, Err(Box::new(problem)))).await);
            return;
        }
        if ended {
            return;
        }
    }
}

fn next_line(buffer: &mut VecDeque<u8>, ended: bool) -> Option<Vec<u8>> {
    match buffer.iter().position(|byte| *byte == b'\n') {
        Some(end) => {
            let line = buffer.drain(..end).collect();
            buffer.pop_front();
            Some(line)
        }
        None if ended && !buffer.is_empty() => Some(buffer.drain(..).collect()),
        None => None,
    }
}

async fn ask(
    app: &App,
    who: &Who,
    key: Option<&str>,
    line: u64,
    bytes: &[u8],
) -> Result<oneshot::Receiver<Reply>, Problem> {
    let order: OrderIn = body::parse(bytes)?;
    let (new, person) = intake::resolve(app.view().state(), who, &order, moment(app))?;
    let key = key.map(|key| format!("{key} {line} {}", order.number));
    let asked = Asked::place(new, person, who.actor()).with_key(once::key(who, "bulk", key.as_deref()));
    place(app, asked).await
}

/// Asks as soon as there is room: a bulk caller waits, others are served in between.
async fn place(app: &App, asked: Asked) -> Result<oneshot::Receiver<Reply>, Problem> {
    loop {
        let (tell, told) = oneshot::channel();
        let reply = Box::new(move |reply| {
            let _ = tell.send(reply);
        });
        match app.service.ask(asked.clone(), reply) {
            Ok(()) => return Ok(told),
            Err(Refused::Full) => tokio::time::sleep(PAUSE).await,
            Err(refused) => return Err(refused.into()),
        }
    }
}

/// What became of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileResult {
    /// Orders taken.
    pub taken: usize,
    /// Orders that were known.
    pub known: usize,
    /// Orders the file says are finished: sent, or cancelled. Nothing is done for them.
    pub finished: usize,
    /// Lines refused, each with its reason; line 0 where an order's row is not known.
    pub refused: Vec<LineResult>,
}

/// How a file is read.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FileIn {
    /// Column mapping of another system's export, in CSV or xlsx: one of `/api/v1/mappings`.
    pub mapping: Option<String>,
    /// Code of the merchant, where the file does not name one.
    pub merchant: Option<String>,
}

/// Columns of an order file. Rows of the same merchant and number are one order.
const COLUMNS: [&str; 15] = [
    "merchant", "number", "placed", "promise", "priority", "country", "postal", "name", "street", "city",
    "mail", "phone", "sku", "quantity", "price",
];

/// Takes orders from a CSV file in UTF-8, one row a line of an order, with a header row; with `mapping`, from another
/// system's export as it is, in its own encoding.
#[utoipa::path(post, path = "/api/v1/orders/csv", tag = "orders", params(FileIn),
    request_body(content = String, content_type = "text/csv", description = "merchant, number, placed, promise, priority, country, postal, name, street, city, mail, phone, sku, quantity, price"),
    responses(
        (status = 200, description = "What became of each row", body = FileResult),
        (status = 422, description = "The header row lacks a column", body = Problem, content_type = "application/problem+json")))]
async fn csv_in(
    State(app): State<App>,
    who: Who,
    Query(given): Query<FileIn>,
    request: Request,
) -> Result<axum::Json<FileResult>, Problem> {
    let bytes = body::whole(&app, request).await?;
    let mut out = FileResult { taken: 0, known: 0, finished: 0, refused: Vec::new() };
    let mut waiting = Vec::new();
    let mut orders = match &given.mapping {
        None => read_csv(&bytes)?,
        Some(name) => {
            let mapping = mapped::named(&app, name)?;
            let read = app.block(move |_| mapped::read(&bytes, &mapping)).await??;
            (out.finished, out.refused) = (read.finished, read.refused);
            read.orders
        }
    };
    for (_, order, _) in &mut orders {
        order.merchant = order.merchant.take().or_else(|| given.merchant.clone());
    }
    for (line, order, fault) in orders {
        if let Some(fault) = fault {
            out.refused.push(refused(line, fault));
            continue;
        }
        let asked = match intake::resolve(app.view().state(), &who, &order, moment(&app)) {
            Ok((new, person)) => place(&app, Asked::place(new, person, who.actor())).await,
            Err(problem) => Err(problem),
        };
        match asked {
            Ok(told) => waiting.push((line, told)),
            Err(problem) => out.refused.push(refused(line, problem)),
        }
    }
    let mut last = 0;
    for (line, told) in waiting {
        let outcome = outcome(told.await.unwrap_or(Reply::Unknown));
        if let Ok(outcome) = &outcome {
            last = last.max(outcome.version());
        }
        let result = result_of(line, outcome);
        match result.outcome.as_str() {
            "taken" => out.taken += 1,
            "known" => out.known += 1,
            _ => out.refused.push(result),
        }
    }
    out.refused.sort_by_key(|result| result.line);
    app.seen(last).await;
    Ok(axum::Json(out))
}

/// An order of a file with the row it begins in, and what cannot be read of its rows.
type Rows = (u64, OrderIn, Option<Problem>);

fn read_csv(bytes: &[u8]) -> Result<Vec<Rows>, Problem> {
    let mut table = body::csv(bytes)?;
    let at: Vec<Option<usize>> = COLUMNS.iter().map(|column| table.place(column)).collect();
    for needed in ["number", "country", "postal", "sku", "quantity"] {
        table.needed(needed)?;
    }
    let mut orders: Vec<Rows> = Vec::new();
    let mut known = std::collections::BTreeMap::new();
    for (row, record) in table.rows() {
        let record = record?;
        let cell = |column: usize| at[column].and_then(|at| record.get(at)).unwrap_or_default().to_owned();
        let some = |column: usize| Some(cell(column)).filter(|text| !text.is_empty());
        let line = intake::LineIn {
            sku: cell(12),
            // What is no number is refused with its row: no order has a line of nothing.
            quantity: cell(13).parse().unwrap_or(0),
            price: some(14).and_then(|price| price.parse().ok()),
        };
        // A price that cannot be read is not the SKU's own price, and a priority none.
        let unread = [(14, "price", line.price.is_none()), (4, "priority", cell(4).parse::<u8>().is_err())];
        let unread = unread.into_iter().find(|(column, _, wrong)| *wrong && some(*column).is_some());
        let fault = unread.map(|(column, name, _)| {
            let number = if column == 14 { "whole number of minor units" } else { "number from 0 to 255" };
            Problem::field(name, format!("row {row}: {:?} is no {number}", cell(column)))
        });
        let index = *known.entry((cell(0), cell(1))).or_insert_with(|| {
            orders.push((
                row,
                OrderIn {
                    merchant: some(0),
                    number: cell(1),
                    placed: some(2),
                    promise: some(3),
                    priority: cell(4).parse().unwrap_or(0),
                    ship_to: ShipTo {
                        country: cell(5),
                        postal: cell(6),
                        name: cell(7),
                        street: cell(8),
                        city: cell(9),
                        mail: cell(10),
                        phone: cell(11),
                        ..ShipTo::default()
                    },
                    ..OrderIn::default()
                },
                None,
            ));
            orders.len() - 1
        });
        orders[index].1.lines.push(line);
        orders[index].2 = orders[index].2.take().or(fault);
    }
    Ok(orders)
}

/// The live orders as CSV, one row a line; without the people behind them.
#[utoipa::path(get, path = "/api/v1/orders/csv", tag = "orders", responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn csv_out(State(app): State<App>, who: Who, _headers: HeaderMap) -> Result<Response, Problem> {
    let view = app.view();
    let bytes = app
        .block(move |_| write_csv(view.state(), &who))
        .await?
        .map_err(|error| Problem::internal(&error))?;
    let name = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"orders.csv\""),
    ];
    Ok((name, bytes).into_response())
}

fn write_csv(state: &holdfast_domain::state::State, who: &Who) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record([
        "id",
        "merchant",
        "number",
        "status",
        "placed",
        "promise",
        "country",
        "postal",
        "sku",
        "quantity",
        "price",
        "currency",
        "backordered",
        "sites",
    ])?;
    let limit = who.limit(state);
    let live = state.orders.iter().filter_map(|(id, slot)| match slot {
        OrderSlot::Live(order) => Some((id, order)),
        OrderSlot::Archived(_) => None,
    });
    let mine = live.filter(|(_, order)| limit.is_none_or(|limit| limit == order.merchant));
    for (id, order) in mine.take(EXPORT_MAX) {
        let told = order_out(state, id, order);
        for line in &told.lines {
            let mut sites: Vec<&str> = line.allocations.iter().map(|a| a.site.as_str()).collect();
            sites.dedup();
            out.write_record([
                told.id.as_str(),
                &safe(&told.merchant),
                &safe(&told.number),
                &told.status,
                &told.placed,
                told.promise.as_deref().unwrap_or_default(),
                &told.country,
                &safe(&told.postal),
                &safe(&line.sku),
                &(line.ordered - line.cancelled).to_string(),
                &line.price.to_string(),
                &told.currency,
                &line.backordered.to_string(),
                &sites.join(" "),
            ])?;
        }
    }
    out.into_inner().map_err(|error| error.into_error().into())
}

/// A cell no spreadsheet takes for a formula.
#[must_use]
pub fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{next_line, read_csv, safe};

    #[test]
    fn rows_of_one_number_are_one_order() {
        let csv = "\u{feff}Number,Country,Postal,SKU,Quantity,merchant\n1,US,28401,a,2,m\n1,US,28401,b,1,m\n2,KR,06236,a,x,m\n";
        let orders = read_csv(csv.as_bytes()).unwrap();
        assert_eq!(orders.len(), 2);
        assert_eq!(orders[0].1.lines.len(), 2);
        assert_eq!((orders[1].0, orders[1].1.lines[0].quantity), (4, 0));
        assert!(read_csv(b"number,country\n").is_err());
        let priced = "number,country,postal,sku,quantity,price,priority\n1,US,28401,a,1,1990,\n2,US,28401,a,1,19.90,1\n3,US,28401,a,1,,high\n";
        let orders = read_csv(priced.as_bytes()).unwrap();
        assert_eq!(orders[0].1.lines[0].price, Some(1990));
        let faults: Vec<bool> = orders.iter().map(|(.., fault)| fault.is_some()).collect();
        assert_eq!(faults, [false, true, true]);
    }

    #[test]
    fn lines_are_cut_as_they_come() {
        let mut buffer = b"a\nbc".to_vec().into();
        assert_eq!(next_line(&mut buffer, false), Some(b"a".to_vec()));
        assert_eq!(next_line(&mut buffer, false), None);
        assert_eq!(next_line(&mut buffer, true), Some(b"bc".to_vec()));
        assert_eq!(next_line(&mut buffer, true), None);
        assert_eq!(safe("=1+1"), "'=1+1");
    }
}
