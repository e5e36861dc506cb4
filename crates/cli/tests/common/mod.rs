//! Running the program as its users do: as a process, on folders of files.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "every test file uses a part of it, and ends where something is missing"
)]

use std::path::Path;
use std::process::{Command, Output};

use holdfast_book::demo::{Options, florence};
use holdfast_book::write_book;

/// The program, without colours or a terminal.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.env("NO_COLOR", "1").env_remove("HOLDFAST_DATA");
    command
}

/// Runs it.
pub fn run(args: &[&str]) -> Output {
    program().args(args).output().unwrap()
}

/// How it ended.
pub fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

/// What it printed.
pub fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it said beside it.
pub fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What it printed, as JSON.
pub fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", text(output), said(output)))
}

/// Writes a demo book of so many orders into a folder.
pub fn book(folder: &Path, orders: u32) {
    std::fs::create_dir_all(folder).unwrap();
    for (name, bytes) in write_book(&florence(7, &Options::orders(orders))) {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

/// A path as an argument.
pub fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}
