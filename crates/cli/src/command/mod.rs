//! One file for each command, one line here that registers it.

mod demo;
mod drill;
mod replan;

use clap::Subcommand;

use crate::exit::{Code, Failure};
use crate::output::Output;

/// What can be asked for.
#[derive(Subcommand)]
pub enum Command {
    /// Run the main job on a storm that ships: orders, closure, plan, notices, failback, comparison.
    Demo(demo::Args),
    /// Run a scenario on your own book under every policy, and compare.
    Drill(drill::Args),
    /// Plan an instance of the benchmark format again after a loss, with a proven bound.
    Replan(replan::Args),
}

/// Runs a command.
pub fn run(command: Command, out: &Output) -> Result<Code, Failure> {
    match command {
        Command::Demo(args) => demo::run(&args, out),
        Command::Drill(args) => drill::run(&args, out),
        Command::Replan(args) => replan::run(&args, out),
    }
}
