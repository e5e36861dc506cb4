//! One file for each command, one line here that registers it.

mod replan;

use clap::Subcommand;

use crate::exit::{Code, Failure};
use crate::output::Output;

/// What can be asked for.
#[derive(Subcommand)]
pub enum Command {
    /// Plan an instance of the benchmark format again after a loss, with a proven bound.
    Replan(replan::Args),
}

/// Runs a command.
pub fn run(command: Command, out: &Output) -> Result<Code, Failure> {
    match command {
        Command::Replan(args) => replan::run(&args, out),
    }
}
