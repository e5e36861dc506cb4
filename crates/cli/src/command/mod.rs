//! One file for each command, one line here that registers it.

mod backup;
mod bench;
mod bia;
mod critical;
mod demo;
mod doctor;
mod drill;
mod erase;
mod evidence;
mod explain;
mod finding;
mod hazards;
mod import;
pub mod migrate;
mod notices;
mod pack;
mod plan;
mod preposition;
mod replan;
mod sample;
mod sellable;
mod serve;
mod sites;
mod takeover;
mod verify;

use clap::Subcommand;

use crate::exit::{Code, Failure};
use crate::output::Output;

/// What can be asked for.
#[derive(Subcommand)]
pub enum Command {
    /// Run the live service: API, webhooks, sign-in, on a data folder.
    Serve(serve::Args),
    /// Run the main job on a storm that ships: orders, closure, plan, notices, failback, comparison.
    Demo(demo::Args),
    /// Run a scenario on your own book under every policy, and compare.
    Drill(drill::Args),
    /// Plan an instance of the benchmark format again after a loss, with a proven bound.
    Replan(replan::Args),
    /// Bring a book, or a year of Online Retail II, into a journal; every row accounted for, nothing twice.
    Import(import::Args),
    /// Write a demo book as the files a book consists of: the quickest way to one of your own.
    Sample(sample::Args),
    /// Say what a book can answer, what it cannot for want of which file, and what in it cannot work.
    Doctor(doctor::Args),
    /// Check a journal from its first entry to its last.
    Verify(verify::Args),
    /// Copy a journal while it is written to, its keys apart.
    Backup(backup::Args),
    /// Put a copy of a journal back, whole or as it was at a moment.
    Restore(backup::RestoreArgs),
    /// Restore a copy elsewhere, compare its state's hash with the journal's own, and record the result.
    DrillRestore(backup::DrillArgs),
    /// Move a journal from its file into PostgreSQL, verified by state hash.
    Migrate(migrate::Args),
    /// Print what is to be shipped, for a day on which no screen works.
    Pack(pack::Args),
    /// Write the continuity plan: print-ready, versioned, from live data or a book, in English or Korean.
    Plan(plan::Args),
    /// Gather what an auditor asks for, by clause of ISO 22301: plan versions, approvals, drills, restores, findings.
    Evidence(evidence::Args),
    /// Record what a review found, who sees to it until when; open ones come up in the next drill.
    Finding(finding::Args),
    /// Enter what was shipped on paper, so that nothing is shipped twice.
    Settle(pack::SettleArgs),
    /// Say why an order goes where it goes, and why nowhere else.
    Explain(explain::Args),
    /// Forget a person: journal the erasure and destroy the key.
    Erase(erase::Args),
    /// Choose backup sites for a book, or sites on an instance of the literature, with a bound.
    Sites(sites::Args),
    /// Choose depots and stock before storms, with a bound.
    Preposition(preposition::Args),
    /// Say what the loss of each site, process, lane and merchant costs, over thousands of simulated years.
    Bia(bia::Args),
    /// Say which SKUs must not run out, and what to lay where under a budget.
    Critical(critical::Args),
    /// Write every merchant's public status page as files.
    Status(notices::StatusArgs),
    /// List what a person has to look at: legal duties overdue, customers not reached, notices that wait.
    Alarms(notices::AlarmsArgs),
    /// Send the notices that may leave: each once, whatever dies in between.
    Send(notices::SendArgs),
    /// Take down what mail servers report on notices that left: came back, or delivered.
    Bounces(notices::BouncesArgs),
    /// Say what a feed's document or a storm's track says, and which sites of a book are in its way.
    Hazards(hazards::Args),
    /// Say what a merchant's shops may sell now: nothing that lies at a site that is out, nothing twice.
    Sellable(sellable::Args),
    /// Say what an operator can offer a merchant whose sites are destroyed, and play it to the statement.
    Takeover(takeover::Args),
    /// Measure this machine: orders, journal, recovery, memory, re-plans.
    Bench(bench::Args),
}

/// Runs a command.
pub fn run(command: Command, out: &Output) -> Result<Code, Failure> {
    match command {
        Command::Serve(args) => serve::run(&args, out),
        Command::Demo(args) => demo::run(&args, out),
        Command::Drill(args) => drill::run(&args, out),
        Command::Replan(args) => replan::run(&args, out),
        Command::Import(args) => import::run(&args, out),
        Command::Sample(args) => sample::run(&args, out),
        Command::Doctor(args) => doctor::run(&args, out),
        Command::Verify(args) => verify::run(&args, out),
        Command::Backup(args) => backup::run(&args, out),
        Command::Restore(args) => backup::restore(&args, out),
        Command::DrillRestore(args) => backup::drill(&args, out),
        Command::Migrate(args) => migrate::run(&args, out),
        Command::Pack(args) => pack::run(&args, out),
        Command::Plan(args) => plan::run(&args, out),
        Command::Evidence(args) => evidence::run(&args, out),
        Command::Finding(args) => finding::run(&args, out),
        Command::Settle(args) => pack::settle(&args, out),
        Command::Explain(args) => explain::run(&args, out),
        Command::Erase(args) => erase::run(&args, out),
        Command::Sites(args) => sites::run(&args, out),
        Command::Preposition(args) => preposition::run(&args, out),
        Command::Bia(args) => bia::run(&args, out),
        Command::Critical(args) => critical::run(&args, out),
        Command::Status(args) => notices::status(&args, out),
        Command::Alarms(args) => notices::show_alarms(&args, out),
        Command::Send(args) => notices::send(&args, out),
        Command::Bounces(args) => notices::bounces(&args, out),
        Command::Hazards(args) => hazards::run(&args, out),
        Command::Sellable(args) => sellable::run(&args, out),
        Command::Takeover(args) => takeover::run(&args, out),
        Command::Bench(args) => bench::run(&args, out),
    }
}
