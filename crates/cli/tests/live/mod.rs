//! The live service as a process, and a client without a library.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "every test file uses a part of it, and ends where something is missing"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::common::{arg, program};

const PASSWORD: &str = "tide pool at noon";

/// The service, killed when dropped.
pub struct Live {
    pub child: Child,
    /// Host and port.
    pub address: String,
    /// The one-time link's token, of a service that has no account yet.
    pub setup: Option<String>,
    /// How it is: it writes, or follows.
    pub phase: String,
    /// All it said when it started.
    pub started: Value,
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Live {
    /// Starts it on a data folder, with a book and other options, and waits until it says where it listens.
    pub fn start(data: &Path, book: Option<&Path>, options: &[&str]) -> Self {
        let mut command = program();
        command.args(["--json", "serve", "--data", arg(data), "--listen", "127.0.0.1:0"]);
        if let Some(book) = book {
            command.args(["--book", arg(book)]);
        }
        command.args(options);
        command.env("HOLDFAST_LOG", "warn");
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
        Self { child, address, setup, phase, started }
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(mut self) {
        let told = std::process::Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(told.success());
        assert!(self.child.wait().unwrap().success(), "it ends by itself, and says that all is well");
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Reads something.
    pub fn get(&self, key: &str, path: &str) -> Value {
        let (status, _, body) =
            send(&self.address, "GET", path, &[("Authorization", key)], &Value::Null).unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Asks for something.
    pub fn post(&self, key: &str, path: &str, body: &Value) -> (u16, Value) {
        let (status, _, body) = send(&self.address, "POST", path, &[("Authorization", key)], body).unwrap();
        (status, body)
    }

    /// Asks for something that has to be done.
    pub fn done(&self, key: &str, path: &str, body: &Value) -> Value {
        let (status, told) = self.post(key, path, body);
        assert!(status < 300, "{path}: {status} {told}");
        told
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
    let (status, head, body) = raw(
        address,
        method,
        path,
        &[headers, &[("Content-Type", "application/json")]].concat(),
        &body.to_string(),
    )?;
    Some((status, head, serde_json::from_str(&body).unwrap_or(Value::Null)))
}

/// Sends a request as it is; `None` when the server has gone.
pub fn raw(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<(u16, String, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n",
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
    Some((status, head.to_owned(), body.to_owned()))
}

/// Makes the admin by the one-time link, signs in, and makes an API key of each role.
pub fn keys(live: &Live, roles: &[&str]) -> Vec<String> {
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
    let make = |(number, role): (usize, &&str)| {
        let asked = json!({"name": format!("test{number}"), "role": role});
        let (status, _, made) = send(&live.address, "POST", "/api/v1/keys", &headers, &asked).unwrap();
        assert_eq!(status, 201, "{made}");
        format!("Bearer {}", made["secret"].as_str().unwrap())
    };
    roles.iter().enumerate().map(make).collect()
}

/// Makes the admin by the one-time link, signs in, and makes a commander's API key.
pub fn key(live: &Live) -> String {
    keys(live, &["commander"]).remove(0)
}
