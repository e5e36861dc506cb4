//! What is known of copies of the journal: when the last one was made, and whether it has proved itself.
//!
//! `holdfast backup` and `holdfast drill-restore` write it, a line each; the service only reads.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use axum::extract::State;
use holdfast_access::Right;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::app::App;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

/// The file of records in the data folder, one JSON object a line.
pub const RECORDS: &str = "backups.jsonl";
/// Bytes of its end that are read.
const TAIL_MAX: u64 = 64 << 10;
/// Records that are told.
const TOLD_MAX: usize = 50;

pub(super) fn mount() -> Mount {
    Mount::default().api(Policy::all(Right::ReadIncidents), routes!(list))
}

/// A copy of the journal, or the proof of one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Record {
    /// When, in milliseconds of Unix time.
    pub at: i64,
    /// `backup`, or `proof`: restored elsewhere and compared.
    pub kind: String,
    /// Whether it is good.
    pub ok: bool,
    /// Up to which journal entry.
    pub version: u64,
    /// Hash chain over the journal up to there.
    pub chain: String,
    /// Hash of the state there, of a proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_digest: Option<String>,
    /// Seconds it took; for a proof, what a restore takes.
    pub seconds: f64,
    /// What is wrong, if something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What is known of copies.
#[derive(Debug, Serialize, ToSchema)]
pub struct Backups {
    /// Seconds since the last copy was begun: what a total loss now would cost; none where none was recorded.
    pub age_seconds: Option<f64>,
    /// Seconds since a copy last proved itself.
    pub proved_age_seconds: Option<f64>,
    /// Seconds the last proof took to restore and replay.
    pub restore_seconds: Option<f64>,
    /// Journal entries since the last copy.
    pub entries_since: Option<u64>,
    /// The last records, newest first.
    pub records: Vec<Record>,
    /// The anchors of both logs; none where the configuration names no folder for them.
    pub anchors: Option<Anchors>,
}

/// How it stands with the heads of audit log and journal, written down outside.
#[derive(Debug, Serialize, ToSchema)]
pub struct Anchors {
    /// Seconds since this service wrote them down; none where it has not, as where it follows another.
    pub age_seconds: Option<f64>,
    /// Seconds since they first could not be written down; none where they can.
    pub failed_age_seconds: Option<f64>,
    /// Why not, last.
    pub why: Option<String>,
}

/// The last records of a folder, newest first. A line that is none is passed over.
#[must_use]
pub fn read(folder: Option<&Path>) -> Vec<Record> {
    let tail = || -> std::io::Result<String> {
        let Some(folder) = folder else { return Ok(String::new()) };
        let mut file = std::fs::File::open(folder.join(RECORDS))?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_MAX)))?;
        let mut bytes = Vec::new();
        file.take(TAIL_MAX).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = tail().unwrap_or_default();
    text.lines().rev().filter_map(|line| serde_json::from_str(line).ok()).take(TOLD_MAX).collect()
}

/// What is known now.
#[must_use]
pub fn known(app: &App) -> Backups {
    let records = read(app.config.data.as_deref());
    let age = |at: i64| (app.now() - at).max(0) as f64 / 1000.0;
    let last = |kind: &str| records.iter().find(|record| record.kind == kind && record.ok);
    let (backup, proof) = (last("backup"), last("proof"));
    let version = app.service.health().head.version;
    Backups {
        age_seconds: backup.map(|record| age(record.at)),
        proved_age_seconds: proof.map(|record| age(record.at)),
        restore_seconds: proof.map(|record| record.seconds),
        entries_since: backup.map(|record| version.saturating_sub(record.version)),
        records,
        anchors: app.config.anchors.as_ref().map(|_| {
            let standing = app.anchored.standing();
            let (failed, why) = standing.failed.unzip();
            Anchors { age_seconds: standing.last.map(age), failed_age_seconds: failed.map(age), why }
        }),
    }
}

/// Copies of the journal, whether they have proved themselves, and how it stands with the anchors of the logs.
#[utoipa::path(get, path = "/api/v1/backups", tag = "system", responses((status = 200, description = "What is known", body = Backups)))]
async fn list(State(app): State<App>) -> Result<axum::Json<Backups>, Problem> {
    app.block(known).await.map(axum::Json)
}
