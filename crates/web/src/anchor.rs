//! Anchors: the heads of the audit log and of the journal, written down in a folder outside, so that a log that was
//! rewritten whole shows. Nothing here is ever changed, only added to.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use holdfast_access::Access;
use serde::{Deserialize, Serialize};

use crate::app::{App, lock};

/// The file anchors are added to, in the folder of the configuration.
pub const FILE: &str = "anchors.jsonl";
/// How often it is looked whether an anchor is due, or the service ends.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Bytes of anchors that are read.
const READ_MAX: u64 = 256 << 20;

/// Where both logs were at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// When, in milliseconds of Unix time.
    pub at: i64,
    /// Rows of the audit log.
    pub audit_rows: i64,
    /// Chain over them, hexadecimal.
    pub audit_chain: String,
    /// Entries of the journal.
    pub journal_version: u64,
    /// Chain over them, hexadecimal.
    pub journal_chain: String,
}

/// Why anchors cannot be read or do not hold.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// They cannot be read.
    #[error("read the anchors in {path}: {source}")]
    Read {
        /// Where.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A line is none.
    #[error("read the anchors: line {0} is none; compare the file with its copies")]
    Line(usize),
    /// The log is not the one that was anchored.
    #[error("the {log} is not the one that was anchored at {at}: {why}")]
    Other {
        /// Which log.
        log: &'static str,
        /// When it was anchored, as RFC 3339.
        at: String,
        /// What differs.
        why: String,
    },
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Adds an anchor, durable when this returns.
///
/// # Errors
/// The system's.
pub fn add(folder: &Path, anchor: &Anchor) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut line = serde_json::to_vec(anchor).map_err(std::io::Error::other)?;
    line.push(b'\n');
    let mut file = OpenOptions::new().create(true).append(true).open(folder.join(FILE))?;
    // One write: two services that share the folder do not write into each other's line.
    file.write_all(&line)?;
    file.sync_all()
}

/// All anchors of a folder, in the order they were written.
///
/// # Errors
/// [`AnchorError`].
pub fn read(folder: &Path) -> Result<Vec<Anchor>, AnchorError> {
    use std::io::Read as _;
    let path = folder.join(FILE);
    let fault = |source| AnchorError::Read { path: path.display().to_string(), source };
    let mut text = String::new();
    std::fs::File::open(&path).map_err(fault)?.take(READ_MAX).read_to_string(&mut text).map_err(fault)?;
    let lines = text.lines().enumerate();
    lines.map(|(at, line)| serde_json::from_str(line).map_err(|_| AnchorError::Line(at + 1))).collect()
}

fn moment(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |at| at.to_string())
}

/// Compares the audit log with all anchors: it must go as far as each, and be the same up to there.
///
/// # Errors
/// [`AnchorError::Other`] for the first that does not hold; [`AnchorError::Read`] where the log cannot be read.
pub fn compare_audit(access: &Access, anchors: &[Anchor]) -> Result<(), AnchorError> {
    for anchor in anchors.iter().filter(|anchor| anchor.audit_rows > 0) {
        let other = |why: String| AnchorError::Other { log: "audit log", at: moment(anchor.at), why };
        let rows = access.audit_after(anchor.audit_rows - 1, 1).map_err(|error| other(error.to_string()))?;
        match rows.first().filter(|row| row.seq == anchor.audit_rows) {
            None => return Err(other(format!("row {} is gone", anchor.audit_rows))),
            Some(row) if hex(&row.chain) != anchor.audit_chain => {
                let why = format!("rows up to {} are others than those that were written", anchor.audit_rows);
                return Err(other(why));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Compares the journal's groups with all anchors; `chains` are the chains behind the groups, by their versions.
///
/// # Errors
/// [`AnchorError::Other`] for the first that does not hold.
pub fn compare_journal(
    chains: &std::collections::BTreeMap<u64, [u8; 32]>,
    anchors: &[Anchor],
) -> Result<(), AnchorError> {
    for anchor in anchors.iter().filter(|anchor| anchor.journal_version > 0) {
        let other = |why: String| AnchorError::Other { log: "journal", at: moment(anchor.at), why };
        match chains.get(&anchor.journal_version) {
            None => return Err(other(format!("no group ends at version {}", anchor.journal_version))),
            Some(chain) if hex(chain) != anchor.journal_chain => {
                return Err(other(format!("entries up to {} are others", anchor.journal_version)));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// How it stands with the anchors of this service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// When this service last wrote one down, in milliseconds of Unix time.
    pub last: Option<i64>,
    /// Since when the first of those that could not be written was due, and why the last one could not.
    pub failed: Option<(i64, String)>,
}

/// How it stands with the anchors, for who shows it.
#[derive(Debug, Default)]
pub struct Anchored(Mutex<Standing>);

impl Anchored {
    /// How it stands now.
    #[must_use]
    pub fn standing(&self) -> Standing {
        lock(&self.0).clone()
    }

    fn wrote(&self, at: i64) {
        *lock(&self.0) = Standing { last: Some(at), failed: None };
    }

    /// Notes a failure; whether the log has to hear of it.
    fn failed(&self, at: i64, why: String) -> bool {
        let mut standing = lock(&self.0);
        let (since, news) = match &standing.failed {
            Some((since, before)) => (*since, *before != why),
            None => (at, true),
        };
        standing.failed = Some((since, why));
        news
    }
}

/// Where both logs are now.
///
/// # Errors
/// The file of accounts'.
pub fn now(app: &App) -> Result<Anchor, holdfast_access::AccessError> {
    let (audit_rows, chain) = app.access.audit_head()?;
    let head = app.service.health().head;
    Ok(Anchor {
        at: app.now(),
        audit_rows,
        audit_chain: hex(&chain),
        journal_version: head.version,
        journal_chain: hex(&head.chain),
    })
}

/// Writes anchors down as the configuration says, and one more when the service ends. A service that follows another
/// anchors nothing: its logs are copies.
pub async fn keep(app: App) {
    let Some(anchors) = app.config.anchors.clone() else { return };
    let every = i64::from(anchors.every_minutes) * 60_000;
    let mut last = i64::MIN / 2;
    loop {
        let ends = *app.stopping.borrow();
        if app.service.is_writer() && (ends || app.now().saturating_sub(last) >= every) {
            let folder = anchors.folder.clone();
            let written = app.block(move |app| -> Result<(), String> {
                let anchor = now(app).map_err(|error| error.to_string())?;
                add(&folder, &anchor).map_err(|error| format!("{}: {error}", folder.display()))
            });
            match written.await {
                Ok(Ok(())) => {
                    last = app.now();
                    app.anchored.wrote(last);
                }
                Ok(Err(why)) => {
                    if app.anchored.failed(app.now(), why.clone()) {
                        tracing::error!(why, "the logs' heads are not written down outside: mend [anchors]");
                    }
                }
                Err(problem) => {
                    app.anchored.failed(app.now(), problem.detail);
                }
            }
        }
        if ends {
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
