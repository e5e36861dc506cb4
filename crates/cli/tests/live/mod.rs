//! A service as its users run it, and a client of it that is told when the server has gone.

#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::common::{arg, program};

const PASSWORD: &str = "tide pool at noon";

/// A service that runs.
pub struct Live {
    pub child: Child,
    /// Host and port.
    pub address: String,
    /// The one-time link's token.
    pub setup: Option<String>,
    /// How it is.
    pub phase: String,
}

impl Live {
    /// Starts it, and waits until it says where it listens.
    pub fn start(data: &Path, book: Option<&Path>, more: &[&str]) -> Self {
        let mut command = program();
        command.args(["--json", "serve", "--data", arg(data), "--listen", "127.0.0.1:0"]);
        if let Some(book) = book {
            command.args(["--book", arg(book)]);
        }
        command.args(more).env("HOLDFAST_LOG", "warn");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut text = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            text.push_str(&line);
            if line == "}" {
                break;
            }
        }
        let started: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let address = started["address"].as_str().unwrap().trim_start_matches("http://").to_owned();
        let setup = started["setup"].as_str().map(|link| link.rsplit('/').next().unwrap().to_owned());
        let phase = started["phase"].as_str().unwrap().to_owned();
        Self { child, address, setup, phase }
    }

    /// Asks it to end, and sees that it does.
    pub fn stop(mut self) {
        let told = std::process::Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(told.success());
        assert!(self.child.wait().unwrap().success(), "it ends by itself, and says that all is well");
    }
}

/// Sends a request; `None` when the server has gone.
pub fn send(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Option<(u16, String, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let body = body.to_string();
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, head.to_owned(), serde_json::from_str(body).unwrap_or(Value::Null)))
}

/// Makes the admin by the one-time link, signs in, and makes an API key.
pub fn key(live: &Live) -> String {
    let token = live.setup.clone().expect("a new service gives a link");
    let redeem = json!({"token": token, "name": "ada", "password": PASSWORD});
    assert_eq!(send(&live.address, "POST", "/api/v1/session/redeem", &[], &redeem).unwrap().0, 204);
    let credentials = json!({"name": "ada", "password": PASSWORD});
    let (status, head, me) = send(&live.address, "POST", "/api/v1/session", &[], &credentials).unwrap();
    assert_eq!(status, 200, "{me}");
    let cookies: Vec<&str> =
        head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next()).collect();
    let (cookie, csrf) = (cookies.join("; "), me["csrf"].as_str().unwrap().to_owned());
    let headers = [("Cookie", cookie.as_str()), ("X-CSRF-Token", csrf.as_str())];
    let asked = json!({"name": "test", "role": "commander"});
    let (status, _, made) = send(&live.address, "POST", "/api/v1/keys", &headers, &asked).unwrap();
    assert_eq!(status, 201, "{made}");
    format!("Bearer {}", made["secret"].as_str().unwrap())
}
