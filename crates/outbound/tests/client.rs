//! The client against real servers on this machine: what goes wrong on the wire, and what is said of it.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use holdfast_connect::http::{Http as _, HttpError, Limits, Reach, Request, Secret};
use holdfast_outbound::Client;

/// Takes one connection, reads a request and lets `answer` do with it what it likes; gives back what was read.
fn server(answer: impl FnOnce(&mut TcpStream) + Send + 'static) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut read, mut bytes) = (String::new(), [0; 4096]);
        loop {
            let count = stream.read(&mut bytes).unwrap();
            read.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
            let Some((head, body)) = read.split_once("\r\n\r\n") else { continue };
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if count == 0 || body.len() >= length.unwrap_or(0) {
                break;
            }
        }
        answer(&mut stream);
        read
    });
    (url, served)
}

fn say(text: &'static str) -> impl FnOnce(&mut TcpStream) + Send + 'static {
    move |stream| stream.write_all(text.as_bytes()).unwrap()
}

#[test]
fn a_request_goes_out_whole_and_its_answer_comes_back_whatever_its_status() {
    let (url, served) = server(say("HTTP/1.1 422 No\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\nno"));
    let request = Request::post_json(&format!("{url}/a?b=c"), b"{\"a\":1}".to_vec())
        .with_secret("X-Shopify-Access-Token", Secret::new("shpat_1"))
        .once("k-1");
    let answer = Client::new().send(&request).unwrap();
    assert_eq!((answer.status, answer.header("retry-after"), &answer.body[..]), (422, Some("3"), &b"no"[..]));
    let sent = served.join().unwrap().to_lowercase();
    for part in [
        "post /a?b=c http/1.1",
        "x-shopify-access-token: shpat_1",
        "idempotency-key: k-1",
        "content-length: 7",
        "{\"a\":1}",
    ] {
        assert!(sent.contains(part), "{part}: {sent}");
    }
}

#[test]
fn a_redirect_is_told_and_not_followed() {
    let (url, served) =
        server(say("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"));
    let moved = Client::new().send(&Request::get(&url)).unwrap_err();
    assert!(matches!(&moved, HttpError::Moved { to, .. } if to.contains("169.254")), "{moved:?}");
    drop(served.join());
}

#[test]
fn an_answer_that_is_lost_late_or_too_large_is_told_apart_from_a_house_nobody_reaches() {
    let (url, lost) = server(|_| ());
    let error = Client::new().send(&Request::get(&url)).unwrap_err();
    assert!(matches!(error, HttpError::Unheard { .. }), "{error:?}");
    drop(lost.join());

    let (url, cut) = server(say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
    let error = Client::new().send(&Request::get(&url)).unwrap_err();
    assert!(matches!(error, HttpError::Unheard { .. }), "{error:?}");
    drop(cut.join());

    let (url, large) = server(say("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"));
    let few = |answer_bytes| Limits { answer_bytes, ..Limits::default() };
    let error = Client::new().send(&Request::get(&url).within(few(10))).unwrap_err();
    assert!(matches!(error, HttpError::TooLarge { limit: 10, .. }), "{error:?}");
    drop(large.join());

    let (url, late) = server(|stream| drop(stream.read(&mut [0; 1])));
    let short = Limits { total_ms: 100, ..Limits::default() };
    let error = Client::new().send(&Request::get(&url).within(short)).unwrap_err();
    assert!(error.may_have_arrived(), "{error:?}");
    drop(late.join());

    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = Client::new().send(&Request::get(&format!("http://{closed}/"))).unwrap_err();
    assert!(matches!(error, HttpError::Unreached { .. }) && !error.may_have_arrived(), "{error:?}");
}

#[test]
fn nothing_is_sent_into_the_house_for_others() {
    let (url, _served) = server(say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    let public = Reach { plain: true, internal: false };
    let error = Client::new().send(&Request::get(&url).reaching(public)).unwrap_err();
    assert!(matches!(error, HttpError::Refused { .. }), "{error:?}");
}
