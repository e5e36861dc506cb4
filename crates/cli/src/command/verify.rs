//! `holdfast verify`: a journal from its first entry to its last, replayed from nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use holdfast_access::{Access, Options};
use holdfast_app::port::Journal;
use holdfast_journal::verify::verify_until;
use holdfast_web::anchor;
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
    /// Folder with the anchors of `[anchors]`: the journal and the audit log have to be those that were anchored.
    #[arg(long, conflicts_with = "until")]
    anchors: Option<PathBuf>,
    /// The file of accounts with the audit log; `access.db` beside the journal, if not given.
    #[arg(long, requires = "anchors")]
    access: Option<PathBuf>,
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
    anchors: Option<usize>,
    anchor_faults: Vec<String>,
}

/// Compares both logs with their anchors: how many there are, and what does not hold.
fn compare(args: &Args, folder: &Path, journal: &mut dyn Journal) -> Result<(usize, Vec<String>), Failure> {
    let remedy = "check the folder of the anchors, and that no other hand has written to it";
    let anchors = anchor::read(folder).map_err(|error| Failure::input(error.to_string(), remedy))?;
    let wanted: BTreeSet<u64> = anchors.iter().map(|anchor| anchor.journal_version).collect();
    let mut chains = BTreeMap::new();
    if let Ok(groups) = journal.read(0) {
        // A journal that cannot be read is told of by the replay.
        for group in groups.map_while(Result::ok).filter(|group| wanted.contains(&group.head.version)) {
            chains.insert(group.head.version, group.head.chain);
        }
    }
    let mut faults: Vec<String> =
        anchor::compare_journal(&chains, &anchors).err().map(|error| error.to_string()).into_iter().collect();
    let beside = args.journal.parent().unwrap_or(Path::new(".")).join("access.db");
    let path = args.access.as_deref().unwrap_or(&beside);
    if !path.is_file() {
        let said = format!("read the audit log: there is no {}", path.display());
        return Err(Failure::input(said, "name the file of accounts with --access"));
    }
    let access = Access::open(path, Options::default())
        .map_err(|error| Failure::input(chain(&error), "name the file of accounts with --access"))?;
    faults.extend(access.audit_verify().err().map(|error| chain(&error)));
    faults.extend(anchor::compare_audit(&access, &anchors).err().map(|error| error.to_string()));
    Ok((anchors.len(), faults))
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
    let anchored = args.anchors.as_deref().map(|folder| compare(args, folder, &mut journal)).transpose()?;
    let (anchors, anchor_faults) =
        anchored.map_or((None, Vec::new()), |(count, faults)| (Some(count), faults));
    let answer = Answer {
        whole: report.fault.is_none() && file_faults.is_empty() && anchor_faults.is_empty(),
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
        anchors,
        anchor_faults,
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
    if let Some(anchors) = answer.anchors {
        out.line(format!("anchors       {anchors} compared"));
    }
    for fault in answer.fault.iter().chain(&answer.file_faults).chain(&answer.anchor_faults) {
        out.line(format!("FAULT         {fault}"));
    }
    if answer.whole {
        out.line("the journal is whole");
        return Ok(Code::Ok);
    }
    if answer.fault.is_none() && answer.file_faults.is_empty() {
        out.note("error: a log is not the one that was anchored\n  do: compare it with a backup made before, as docs/how-to/verify-and-restore.md says");
        return Ok(Code::Journal);
    }
    out.note(format!(
        "error: {} is damaged after version {}\n  do: restore a backup with `holdfast restore`, as docs/how-to/verify-and-restore.md says",
        args.journal.display(),
        answer.version
    ));
    Ok(Code::Journal)
}
