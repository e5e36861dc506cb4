//! What a command prints: text or JSON on standard output, progress and failures on standard error.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::exit::{Code, Failure};

/// Where and how a command prints.
pub struct Output {
    json: bool,
}

impl Output {
    /// Text, or JSON.
    pub const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether machines read it.
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// A line for people; nothing with `--json`.
    pub fn line(&self, text: impl AsRef<str>) {
        if !self.json {
            Self::print(text.as_ref());
        }
    }

    /// The answer for machines; nothing without `--json`.
    pub fn json(&self, answer: &impl Serialize) -> Result<(), Failure> {
        if self.json {
            let bug = |error: serde_json::Error| {
                Failure::new(Code::Bug, format!("write JSON: {error}"), "report it")
            };
            Self::print(&serde_json::to_string_pretty(answer).map_err(bug)?);
        }
        Ok(())
    }

    /// A remark beside the answer, on standard error.
    pub fn note(&self, text: impl AsRef<str>) {
        // A closed standard error is no reason to stop.
        let _ = writeln!(std::io::stderr(), "{}", text.as_ref());
    }

    /// A failure: cause and remedy.
    pub fn failure(&self, failure: &Failure) {
        if self.json {
            let answer = serde_json::json!({
                "error": { "code": format!("{:?}", failure.code).to_lowercase(), "cause": failure.cause, "remedy": failure.remedy }
            });
            Self::print(&answer.to_string());
        }
        self.note(format!("error: {}\n  do: {}", failure.cause, failure.remedy));
    }

    /// A progress bar of `total` steps; invisible off a terminal.
    pub fn progress(&self, total: u64, what: &str) -> ProgressBar {
        let shown = std::io::stderr().is_terminal() && !self.json;
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let style = ProgressStyle::with_template("{msg:34} {bar:30} {percent:>3} %");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        bar
    }

    fn print(text: &str) {
        // A reader that has seen enough (`| head`) closes the pipe; that is no failure.
        let _ = writeln!(std::io::stdout(), "{text}");
    }
}
