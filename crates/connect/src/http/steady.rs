//! Asking steadily: again where that does no harm, not at all where a house is ill.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::pace::{Backoff, Breaker, Pace, retry_after_ms};
use super::{Http, HttpError, Request, Response};

/// Houses that are remembered; with more, those that are well are forgotten.
const HOUSES_MAX: usize = 4_096;

/// Asks through `http`, again after passing failures.
///
/// A request is sent again when nothing has arrived for sure, when the answer says that there was no room (429), or
/// when it is repeatable. Each house, by host and port, has a breaker of its own.
pub struct Steady<H, P> {
    http: H,
    pace: P,
    backoff: Backoff,
    breakers: Mutex<BTreeMap<(String, u16), Breaker>>,
}

impl<H: Http, P: Pace> Steady<H, P> {
    /// Asks through `http` at the pace of `pace`.
    pub const fn new(http: H, pace: P, backoff: Backoff) -> Self {
        Self { http, pace, backoff, breakers: Mutex::new(BTreeMap::new()) }
    }

    /// Houses that are left alone now.
    #[must_use]
    pub fn resting(&self) -> Vec<String> {
        let breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        breakers.iter().filter(|(_, one)| one.is_open()).map(|((host, _), _)| host.clone()).collect()
    }

    fn breaker<T>(&self, house: &(String, u16), change: impl FnOnce(&mut Breaker) -> T) -> T {
        // A breaker is changed in one step, so no panic leaves half of one.
        let mut breakers = self.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        if breakers.len() >= HOUSES_MAX && !breakers.contains_key(house) {
            breakers.retain(|_, breaker| breaker.is_open());
        }
        change(breakers.entry(house.clone()).or_default())
    }
}

impl<H: Http, P: Pace> Http for Steady<H, P> {
    fn send(&self, request: &Request) -> Result<Response, HttpError> {
        let address = request.address()?;
        let house = (address.host, address.port);
        let mut failed = 0;
        loop {
            let now = self.pace.now_ms();
            let resting = |for_ms| HttpError::Resting { host: house.0.clone(), for_ms };
            self.breaker(&house, |breaker| breaker.may(now)).map_err(resting)?;
            let answer = self.http.send(request);
            let now = self.pace.now_ms();
            let ill = match &answer {
                Ok(response) => response.status >= 500,
                Err(error) => error.is_passing(),
            };
            self.breaker(&house, |breaker| if ill { breaker.failed(now) } else { breaker.worked() });
            let harmless = match &answer {
                Ok(response) => response.is_passing() && (request.repeatable || response.status == 429),
                Err(error) => error.is_passing() && (request.repeatable || !error.may_have_arrived()),
            };
            if !harmless {
                return answer;
            }
            failed += 1;
            let asked = answer.as_ref().ok().and_then(|response| response.header("retry-after"));
            let asked = asked.and_then(|header| retry_after_ms(header, now));
            let Some(wait) = self.backoff.wait_ms(failed, self.pace.chance(), asked) else { return answer };
            self.pace.sleep(wait);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::Steady;
    use crate::http::pace::{Backoff, Pace};
    use crate::http::{Http, HttpError, Request, Response};

    /// Answers from a list, the last one for ever; counts.
    struct Script(Mutex<(usize, Vec<Result<Response, HttpError>>)>);

    impl Http for Script {
        fn send(&self, _: &Request) -> Result<Response, HttpError> {
            let mut script = self.0.lock().unwrap();
            let at = script.0.min(script.1.len() - 1);
            script.0 += 1;
            script.1[at].clone()
        }
    }

    #[derive(Default)]
    struct Clock(Mutex<u64>);

    impl Pace for Clock {
        fn now_ms(&self) -> i64 {
            *self.0.lock().unwrap() as i64
        }
        fn chance(&self) -> u64 {
            7
        }
        fn sleep(&self, ms: u64) {
            *self.0.lock().unwrap() += ms;
        }
    }

    fn status(status: u16, after: Option<&str>) -> Result<Response, HttpError> {
        let headers = after.map(|after| ("retry-after".into(), after.into())).into_iter().collect();
        Ok(Response { status, headers, body: Vec::new() })
    }

    fn unheard() -> Result<Response, HttpError> {
        Err(HttpError::Unheard { host: "a".to_owned(), why: "time".to_owned() })
    }

    /// How often it was sent, milliseconds it took, and the status in the end.
    fn check(request: &Request, script: Vec<Result<Response, HttpError>>) -> (usize, u64, Option<u16>) {
        let steady = Steady::new(Script(Mutex::new((0, script))), Clock::default(), Backoff::default());
        let answer = steady.send(request);
        let (sent, took) = (steady.http.0.lock().unwrap().0, *steady.pace.0.lock().unwrap());
        (sent, took, answer.ok().map(|response| response.status))
    }

    #[test]
    fn what_may_have_arrived_is_sent_again_only_under_a_key() {
        let post = Request::post_json("https://a.example/", b"{}".to_vec());
        assert_eq!(check(&post, vec![unheard(), status(200, None)]), (1, 0, None));
        assert_eq!(check(&post, vec![status(503, None), status(200, None)]).0, 1);
        let keyed = post.clone().once("k");
        assert_eq!(check(&keyed, vec![unheard(), status(200, None)]).2, Some(200));
        assert_eq!(check(&keyed, vec![status(503, None), status(200, None)]).0, 2);
        let unreached = Err(HttpError::Unreached { host: "a".to_owned(), why: "refused".to_owned() });
        assert_eq!(check(&post, vec![unreached, status(200, None)]).2, Some(200));
    }

    #[test]
    fn the_other_side_says_how_long_to_wait() {
        let get = Request::get("https://a.example/");
        assert_eq!(check(&get, vec![status(429, Some("2")), status(200, None)]), (2, 2_000, Some(200)));
        assert_eq!(check(&get, vec![status(429, Some("60")), status(200, None)]), (1, 0, Some(429)));
        assert_eq!(check(&get, vec![status(404, None)]).0, 1);
        assert_eq!(check(&get, vec![status(500, None)]).0, 4);
    }

    #[test]
    fn a_house_that_fails_is_not_asked_for_a_while_and_others_are() {
        let script = Script(Mutex::new((0, vec![status(500, None)])));
        let steady = Steady::new(script, Clock::default(), Backoff::default());
        let (ill, other) = (Request::get("https://a.example/"), Request::get("https://b.example/"));
        drop(steady.send(&ill));
        assert!(matches!(steady.send(&ill), Err(HttpError::Resting { .. })));
        assert_eq!(steady.resting(), ["a.example"]);
        let sent = steady.http.0.lock().unwrap().0;
        drop(steady.send(&ill));
        assert_eq!(steady.http.0.lock().unwrap().0, sent);
        assert_eq!(steady.send(&other).unwrap().status, 500);
    }
}
