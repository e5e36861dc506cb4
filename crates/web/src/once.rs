//! What is known of the request that is being answered, wherever in the handler: a fingerprint of its body, and
//! whether its answer is that of an earlier request.
//!
//! Invariant: an idempotency key belongs to a caller, a route and a body. The same key with another body is refused by
//! the writer itself, so no two requests that race each other can both pass.

use core::cell::Cell;
use core::future::Future;

use holdfast_domain::table::Keyed;

use crate::guard::Who;

tokio::task_local! {
    static REQUEST: Request;
}

/// The request of this task.
#[derive(Debug, Default)]
struct Request {
    /// Method and path.
    route: String,
    /// Of the body's bytes; that of an empty body until it was read.
    body: Cell<u32>,
    replayed: Cell<bool>,
}

/// Answers the request of a method and path; the flag says whether what was asked had been done before.
pub async fn answer<T>(route: String, handler: impl Future<Output = T>) -> (T, bool) {
    REQUEST
        .scope(Request { route, ..Request::default() }, async {
            let answer = handler.await;
            (answer, REQUEST.with(|request| request.replayed.get()))
        })
        .await
}

/// Notes the body of this request.
pub fn body(bytes: &[u8]) {
    let digest = blake3::hash(bytes);
    let four = digest.as_bytes()[..4].try_into().unwrap_or_default();
    // Outside a request, as in a job, nobody asks for it.
    let _ = REQUEST.try_with(|request| request.body.set(u32::from_le_bytes(four)));
}

/// Notes that what this request asks had been done before.
pub fn replayed() {
    let _ = REQUEST.try_with(|request| request.replayed.set(true));
}

/// The journal's key for a caller's `Idempotency-Key`: scoped to the caller and the request's method and path, so that
/// nobody can ask what another caller has done, and bound to the body. `act` stands for the request where there is
/// none, as in a job.
#[must_use]
pub fn key(who: &Who, act: &str, key: Option<&str>) -> Option<u128> {
    let request = REQUEST.try_with(|request| (request.route.clone(), request.body.get()));
    let (route, body) = request.unwrap_or_else(|_| (act.to_owned(), 0));
    key.map(|key| Keyed::of(&format!("{} {route} {key}", who.actor())).with(body))
}
