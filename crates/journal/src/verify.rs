//! Verifying a journal from its first entry to its last: chain, versions, records, and the rules themselves.
//!
//! Everything is replayed from nothing, so what this finds whole is whole; the first fault ends it.

use holdfast_app::port::{Head, Journal, ReadError};
use holdfast_domain::evolve::evolve_entry;
use holdfast_domain::invariant::breaches;
use holdfast_domain::state::{STATE_FORMAT, State};
use holdfast_domain::table::Digest;

/// Breaches that are listed before the rest is left out.
const BREACHES_MAX: usize = 10;

/// What was found.
#[derive(Debug)]
pub struct Report {
    /// Where the last whole group ends.
    pub head: Head,
    /// Groups that are whole.
    pub groups: u64,
    /// Entries in them.
    pub entries: u64,
    /// Events in these.
    pub events: u64,
    /// Checkpoints whose state digest was compared and is the same.
    pub checkpoints_compared: u64,
    /// Checkpoints of another state format, which cannot be compared.
    pub checkpoints_passed_over: u64,
    /// Digest of the state at the end, in [`STATE_FORMAT`].
    pub digest: Digest,
    /// The first thing that is wrong; `None` for a whole journal.
    pub fault: Option<Fault>,
}

/// What is wrong with a journal.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It cannot be read any further.
    #[error(transparent)]
    Unreadable(ReadError),
    /// An event does not fit the state before it.
    #[error("replay the journal: entry {version} does not fit what was before it ({what})")]
    Misfit {
        /// The entry's version.
        version: u64,
        /// Which part.
        what: String,
    },
    /// The state is another one than the writer had.
    #[error("replay the journal: at version {version} the state is not the one the writer had")]
    OtherState {
        /// The checkpoint's version.
        version: u64,
    },
    /// The state at the end breaks a rule that must always hold.
    #[error("replay the journal: at version {version} rules are broken ({what})")]
    Broken {
        /// The last version.
        version: u64,
        /// Which rules.
        what: String,
    },
    /// The head is not where the groups end.
    #[error("read the journal: its head is at version {head}, its groups end at {groups}")]
    OtherHead {
        /// The head's version.
        head: u64,
        /// The last group's.
        groups: u64,
    },
}

/// Walks a journal from its beginning and reports the first fault.
#[must_use]
pub fn verify(journal: &mut dyn Journal) -> Report {
    verify_until(journal, u64::MAX).0
}

/// As [`verify`], up to the last group that ends at or before `until`; gives the state there too, which is
/// meaningless after a fault.
#[must_use]
pub fn verify_until(journal: &mut dyn Journal, until: u64) -> (Report, State) {
    let mut report = Report {
        head: Head::default(),
        groups: 0,
        entries: 0,
        events: 0,
        checkpoints_compared: 0,
        checkpoints_passed_over: 0,
        digest: Digest::default(),
        fault: None,
    };
    let mut state = State::default();
    report.fault = walk(journal, until, &mut report, &mut state).err();
    report.digest = state.digest();
    (report, state)
}

fn walk(journal: &mut dyn Journal, until: u64, report: &mut Report, state: &mut State) -> Result<(), Fault> {
    let head = journal.head().map_err(Fault::Unreadable)?;
    let mut cut = false;
    let mut groups = journal.read(0).map_err(Fault::Unreadable)?;
    // What lies after `until` is not even read: it may be damaged.
    while report.head.version < until {
        let Some(group) = groups.next() else { break };
        let group = group.map_err(Fault::Unreadable)?;
        if group.head.version > until {
            cut = true;
            break;
        }
        for entry in &group.entries {
            let misfit = |error: holdfast_domain::evolve::Misfit, version: u64| Fault::Misfit {
                version,
                what: error.what.to_owned(),
            };
            let version = state.version + 1;
            evolve_entry(state, entry).map_err(|error| misfit(error, version))?;
            report.entries += 1;
            report.events += entry.events.len() as u64;
        }
        match group.checkpoint {
            Some((STATE_FORMAT, digest)) if digest != state.digest() => {
                return Err(Fault::OtherState { version: group.head.version });
            }
            Some((STATE_FORMAT, _)) => report.checkpoints_compared += 1,
            Some(_) => report.checkpoints_passed_over += 1,
            None => {}
        }
        report.groups += 1;
        report.head = group.head;
    }
    // A writer may have gone on meanwhile, so only a head beyond the groups is wrong.
    if !cut && report.head.version < head.version.min(until) {
        return Err(Fault::OtherHead { head: head.version, groups: report.head.version });
    }
    let broken = breaches(state);
    if !broken.is_empty() {
        let listed: Vec<String> =
            broken.iter().take(BREACHES_MAX).map(|breach| format!("{breach:?}")).collect();
        return Err(Fault::Broken { version: state.version, what: listed.join(", ") });
    }
    Ok(())
}
