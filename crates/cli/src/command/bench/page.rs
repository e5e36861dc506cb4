//! The figures as a page of the documentation: made by the program, never edited.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use super::{Answer, Figure};
use crate::exit::Failure;

/// Writes the page.
pub(crate) fn write(path: &Path, answer: &Answer) -> Result<(), Failure> {
    std::fs::write(path, text(answer)).map_err(|error| {
        Failure::input(format!("write {}: {error}", path.display()), "check the path and its permissions")
    })
}

fn text(answer: &Answer) -> String {
    let mut out = String::from("# Figures of one run\n\n");
    out.push_str(
        "Made by `holdfast bench --page docs/reference/benchmarks.md`; made again by the same command.\n",
    );
    out.push_str(
        "They are of this machine and this run; other processes may have had their share of it.\n\n",
    );
    let quick = if answer.quick { ", a tenth of everything or less" } else { "" };
    let (commit, load) = (commit(), load());
    // Writing to a string does not fail.
    let _ = writeln!(out, "- Machine: {}; load over the last minute {load}", answer.hardware);
    let _ = writeln!(out, "- holdfast {}, commit {commit}, {} build{quick}", answer.version, answer.build);
    let _ = writeln!(out, "- Seed {}\n", answer.seed);
    if !answer.figures.is_empty() {
        out.push_str("| what | figure | floor | note |\n|---|---|---|---|\n");
        for figure in &answer.figures {
            let digits = if figure.value < 100.0 { 2 } else { 0 };
            let (what, value, unit, note) = (&figure.what, figure.value, figure.unit, &figure.note);
            let _ = writeln!(out, "| {what} | {value:.digits$} {unit} | {} | {note} |", floor(figure));
        }
        out.push('\n');
    }
    if !answer.replans.is_empty() {
        out.push_str("## Shared re-plan instances\n\nEach run is a process of its own, ended by its clock, reading included.\n\n");
        out.push_str("| instance | cost | bound | gap | seconds | MiB | over reference | floor |\n|---|---|---|---|---|---|---|---|\n");
        for row in &answer.replans {
            let _ = writeln!(out, "{}", row.cells());
        }
        out.push('\n');
    }
    let missed = missed(answer);
    out.push_str("## Floors missed\n\n");
    if missed.is_empty() {
        out.push_str("None of those measured here.\n");
    }
    for what in missed {
        let _ = writeln!(out, "- {what}");
    }
    out
}

fn floor(figure: &Figure) -> String {
    let (Some(floor), Some(met)) = (figure.floor, figure.met()) else { return String::new() };
    let sign = if figure.at_most { "at most" } else { "at least" };
    format!("{sign} {floor}, {}", if met { "met" } else { "**missed**" })
}

fn missed(answer: &Answer) -> Vec<String> {
    let figures = answer.figures.iter().filter(|figure| figure.met() == Some(false));
    let figures = figures.map(|figure| format!("{}: {:.2} {}", figure.what, figure.value, figure.unit));
    figures.chain(answer.replans.iter().filter_map(super::replan::Row::missed)).collect()
}

/// The commit of the folder it runs in, where git tells.
fn commit() -> String {
    let told = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    let text =
        told.ok().filter(|told| told.status.success()).and_then(|told| String::from_utf8(told.stdout).ok());
    text.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").to_owned()
}
