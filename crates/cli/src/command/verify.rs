//! `holdfast verify`: a journal from its first entry to its last, replayed from nothing.

use std::path::PathBuf;

use holdfast_journal::verify::verify_until;
use serde::Serialize;

use crate::exit::{Code, Failure, chain};
use crate::output::Output;
use crate::world;

#[derive(clap::Args)]
pub struct Args {
    /// The journal.
    journal: PathBuf,
    /// Stop at the last group that ends at or before this version.
    #[arg(long)]
    until: Option<u64>,
}

#[derive(Serialize)]
struct Answer {
    whole: bool,
    version: u64,
    epoch: u64,
    chain: String,
    state_digest: String,
    groups: u64,
    entries: u64,
    events: u64,
    checkpoints_compared: u64,
    checkpoints_passed_over: u64,
    orders: usize,
    shipments: usize,
    fault: Option<String>,
    file_faults: Vec<String>,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let mut journal = world::open(&args.journal)?;
    let (report, state) = verify_until(&mut journal, args.until.unwrap_or(u64::MAX));
    // Pages after `until` may be damaged, and that is why somebody stops there.
    let file_faults = match args.until {
        Some(_) => Vec::new(),
        None => match journal.check_files() {
            Ok(faults) => faults.iter().map(ToString::to_string).collect(),
            Err(error) => vec![chain(&error)],
        },
    };
    let answer = Answer {
        whole: report.fault.is_none() && file_faults.is_empty(),
        version: report.head.version,
        epoch: report.head.epoch,
        chain: world::hex(&report.head.chain),
        state_digest: world::hex(&report.digest),
        groups: report.groups,
        entries: report.entries,
        events: report.events,
        checkpoints_compared: report.checkpoints_compared,
        checkpoints_passed_over: report.checkpoints_passed_over,
        orders: state.orders.len(),
        shipments: state.shipments.len(),
        fault: report.fault.as_ref().map(|fault| chain(fault)),
        file_faults,
    };
    out.json(&answer)?;
    out.line(format!(
        "version       {} in {} groups, {} events",
        answer.version, answer.groups, answer.events
    ));
    out.line(format!("chain head    {}", answer.chain));
    out.line(format!("state digest  {}", answer.state_digest));
    out.line(format!(
        "checkpoints   {} compared, {} of another format passed over",
        answer.checkpoints_compared, answer.checkpoints_passed_over
    ));
    out.line(format!("orders        {}, shipments {}", answer.orders, answer.shipments));
    for fault in answer.fault.iter().chain(&answer.file_faults) {
        out.line(format!("FAULT         {fault}"));
    }
    if answer.whole {
        out.line("the journal is whole");
        return Ok(Code::Ok);
    }
    out.note(format!(
        "error: {} is damaged after version {}\n  do: restore a backup with `holdfast restore`, as docs/how-to/verify-and-restore.md says",
        args.journal.display(),
        answer.version
    ));
    Ok(Code::Journal)
}
