//! The `holdfast` command: composition root, commands, exit codes.
//!
//! Every command prints for people by default and JSON with `--json`, shows progress on a terminal only, honours
//! `NO_COLOR`, and ends with a code of [`exit`].

mod command;
mod exit;
mod input;
mod outbox;
mod output;
mod records;
mod report;
mod words;
mod world;

use clap::Parser;

/// Keeps an online shop's orders flowing when a warehouse, a lane, a computer or a person fails.
#[derive(Parser)]
#[command(name = "holdfast", version, about, disable_help_subcommand = true)]
struct Cli {
    /// Print JSON instead of text.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: command::Command,
}

fn main() -> std::process::ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { exit::Code::Usage } else { exit::Code::Ok };
            // Nothing is left to tell if even this cannot be printed.
            let _ = error.print();
            return code.into();
        }
    };
    let out = output::Output::new(cli.json);
    match command::run(cli.command, &out) {
        Ok(code) => code.into(),
        Err(failure) => {
            out.failure(&failure);
            failure.code.into()
        }
    }
}
