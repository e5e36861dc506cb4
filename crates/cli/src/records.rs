//! Records beside the journal: findings of reviews and drills that were held. A line each, only ever appended.
//!
//! Invariant: nothing that was recorded is changed; a finding is done when a later line says so.

use std::io::{Read as _, Write as _};
use std::path::Path;

use holdfast_app::drills::{DrillLine, PLANNED_MAX, PlanLine, Planned, stand as plan_stands};
use holdfast_domain::time::{Day, Stamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::exit::Failure;

/// The largest file of records, bytes.
const BYTES_MAX: u64 = 64 * 1024 * 1024;
/// The longest text of a finding, letters.
pub const TEXT_MAX: usize = 2_000;

/// What happened to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum FindingLine {
    /// Somebody found it.
    Raised {
        /// Its number, from 1.
        number: u32,
        /// When.
        at: Stamp,
        /// What.
        text: String,
        /// Who sees to it.
        owner: String,
        /// Until when.
        due: Day,
        /// The drill or incident it comes from.
        from: String,
    },
    /// It was seen to.
    Done {
        /// Its number.
        number: u32,
        /// When.
        at: Stamp,
        /// What was done.
        note: String,
    },
}

/// A finding as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its number.
    pub number: u32,
    /// When it was found.
    pub at: Stamp,
    /// What.
    pub text: String,
    /// Who sees to it.
    pub owner: String,
    /// Until when.
    pub due: Day,
    /// The drill or incident it comes from.
    pub from: String,
    /// When it was seen to, and how.
    pub done: Option<(Stamp, String)>,
}

const FINDINGS: &str = "findings.jsonl";
const DRILLS: &str = "drills.jsonl";
const DRILL_PLAN: &str = "drill-plan.jsonl";

fn lines<T: DeserializeOwned>(text: &str, path: &Path) -> Result<Vec<T>, Failure> {
    let read = |(index, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| {
            Failure::input(
                format!("{} line {}: {error}", path.display(), index + 1),
                "put the file back from a backup; a line is never changed by hand",
            )
        })
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(read).collect()
}

fn read<T: DeserializeOwned>(data: &Path, name: &str) -> Result<Vec<T>, Failure> {
    let path = data.join(name);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let fault = |error: &dyn std::fmt::Display| {
        Failure::input(format!("read {}: {error}", path.display()), "check the file and its permissions")
    };
    let size = std::fs::metadata(&path).map_err(|error| fault(&error))?.len();
    if size > BYTES_MAX {
        return Err(fault(&format!("{size} bytes, {BYTES_MAX} are the most")));
    }
    let text = std::fs::read_to_string(&path).map_err(|error| fault(&error))?;
    lines(&text, &path)
}

/// Appends what `make` says, given what is there; one at a time, durable when it returns.
fn append<T: DeserializeOwned + Serialize>(
    data: &Path,
    name: &str,
    make: impl FnOnce(Vec<T>) -> Result<T, Failure>,
) -> Result<(), Failure> {
    let path = data.join(name);
    let fault = |error: std::io::Error| {
        Failure::input(
            format!("write {}: {error}", path.display()),
            "check the data folder and its permissions",
        )
    };
    if !data.is_dir() {
        return Err(Failure::input(
            format!("{} is no folder", data.display()),
            "name the data folder of `holdfast serve`",
        ));
    }
    let mut file =
        std::fs::OpenOptions::new().create(true).append(true).read(true).open(&path).map_err(fault)?;
    // Freed when the file is closed.
    file.lock().map_err(fault)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(fault)?;
    let line = make(lines(&text, &path)?)?;
    let mut line = serde_json::to_string(&line).map_err(|error| fault(std::io::Error::other(error)))?;
    line.push('\n');
    file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)
}

fn stand(all: Vec<FindingLine>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for line in all {
        match line {
            FindingLine::Raised { number, at, text, owner, due, from } => {
                found.push(Finding { number, at, text, owner, due, from, done: None });
            }
            FindingLine::Done { number, at, note } => {
                if let Some(finding) = found.iter_mut().find(|finding| finding.number == number) {
                    finding.done = Some((at, note));
                }
            }
        }
    }
    found
}

/// All findings, as they stand.
///
/// # Errors
/// [`Failure`] for a file that cannot be read.
pub fn findings(data: &Path) -> Result<Vec<Finding>, Failure> {
    Ok(stand(read(data, FINDINGS)?))
}

/// Records a finding and gives it its number.
///
/// # Errors
/// [`Failure`] where it cannot be written, or says nothing.
pub fn raise(data: &Path, at: Stamp, text: &str, owner: &str, due: Day, from: &str) -> Result<u32, Failure> {
    let fits = |text: &str| !text.trim().is_empty() && text.chars().count() <= TEXT_MAX;
    if !fits(text) || !fits(owner) {
        return Err(Failure::new(
            crate::exit::Code::Usage,
            format!("a finding needs a text and an owner of 1 to {TEXT_MAX} letters"),
            "write --add TEXT --owner NAME --due 2026-12-31",
        ));
    }
    let mut given = 0;
    append(data, FINDINGS, |all: Vec<FindingLine>| {
        given = stand(all).last().map_or(0, |finding| finding.number) + 1;
        let (text, owner, from) = (text.trim().to_owned(), owner.trim().to_owned(), from.to_owned());
        Ok(FindingLine::Raised { number: given, at, text, owner, due, from })
    })?;
    Ok(given)
}

/// Records that a finding was seen to.
///
/// # Errors
/// [`Failure`] where there is no such open finding, or it cannot be written.
pub fn settle(data: &Path, at: Stamp, number: u32, note: &str) -> Result<(), Failure> {
    append(data, FINDINGS, |all: Vec<FindingLine>| {
        let all = stand(all);
        if !all.iter().any(|finding| finding.number == number && finding.done.is_none()) {
            return Err(Failure::new(
                crate::exit::Code::Found,
                format!("finding {number} is not open"),
                "list them with `holdfast finding --data FOLDER`",
            ));
        }
        Ok(FindingLine::Done { number, at, note: note.to_owned() })
    })
}

/// Drills that were held, in their order.
///
/// # Errors
/// [`Failure`] for a file that cannot be read.
pub fn drills(data: &Path) -> Result<Vec<DrillLine>, Failure> {
    read(data, DRILLS)
}

/// Records a drill.
///
/// # Errors
/// [`Failure`] where it cannot be written.
pub fn held(data: &Path, drill: DrillLine) -> Result<(), Failure> {
    append(data, DRILLS, |_: Vec<DrillLine>| Ok(drill))
}

/// Drills that are planned, as they stand.
///
/// # Errors
/// [`Failure`] for a file that cannot be read.
pub fn planned_drills(data: &Path) -> Result<Vec<Planned>, Failure> {
    Ok(plan_stands(read(data, DRILL_PLAN)?))
}

/// Records what happens to a planned drill; one that is planned now gets its number here.
///
/// # Errors
/// [`Failure`] where nobody planned it, too many are planned, or it cannot be written.
pub fn plan_drill(data: &Path, line: PlanLine) -> Result<u32, Failure> {
    let mut given = 0;
    append(data, DRILL_PLAN, |all: Vec<PlanLine>| {
        let all = plan_stands(all);
        let refuse =
            |cause: String, remedy: &str| Failure::new(crate::exit::Code::Found, cause, remedy.to_owned());
        match line {
            PlanLine::Planned { at, start, minutes, scenario, by, .. } => {
                let ahead = |planned: &&Planned| planned.called_off.is_none() && planned.start > at;
                if all.iter().filter(ahead).count() >= PLANNED_MAX {
                    return Err(refuse(
                        format!("{PLANNED_MAX} drills are planned already"),
                        "call one of them off",
                    ));
                }
                given = all.last().map_or(0, |planned| planned.number) + 1;
                Ok(PlanLine::Planned { number: given, at, start, minutes, scenario, by })
            }
            PlanLine::CalledOff { number, at, by } => {
                given = number;
                if !all.iter().any(|planned| planned.number == number && planned.called_off.is_none()) {
                    return Err(refuse(
                        format!("no drill {number} is planned"),
                        "look at the schedule again",
                    ));
                }
                Ok(PlanLine::CalledOff { number, at, by })
            }
        }
    })?;
    Ok(given)
}

#[cfg(test)]
mod tests {
    use holdfast_domain::time::{Day, Stamp};

    use super::{findings, raise, settle};

    #[test]
    fn a_finding_stays_open_until_it_is_done_and_nothing_is_written_over() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path();
        assert_eq!(raise(path, Stamp(1), "no torch at the gate", "Ada", Day(20_000), "drill 1").unwrap(), 1);
        assert_eq!(raise(path, Stamp(2), "deputy unknown", "Tom", Day(20_010), "drill 1").unwrap(), 2);
        let before = std::fs::read_to_string(path.join("findings.jsonl")).unwrap();
        settle(path, Stamp(3), 1, "two torches hang there").unwrap();
        let after = std::fs::read_to_string(path.join("findings.jsonl")).unwrap();
        assert!(after.starts_with(&before), "lines are appended and never changed");
        let all = findings(path).unwrap();
        let open: Vec<u32> = all.iter().filter(|f| f.done.is_none()).map(|f| f.number).collect();
        assert_eq!((all.len(), open), (2, vec![2]));
        assert!(settle(path, Stamp(4), 1, "again").is_err(), "what is done is done once");
        assert!(raise(path, Stamp(5), " ", "Ada", Day(0), "").is_err());
        std::fs::write(path.join("findings.jsonl"), "{}\n").unwrap();
        assert!(findings(path).unwrap_err().cause.contains("line 1"));
    }
}
