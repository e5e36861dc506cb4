//! The shared re-plan instances: cost, bound, gap, seconds, memory, each in a process of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::exit::{Code, Failure};
use crate::output::Output;

/// Instance, seconds, and the gap over the best known cost the project wants at most there.
const RUNS: [(&str, f64, Option<(i64, f64)>); 5] = [
    ("r1000.txt.gz", 1.0, None),
    ("r10000.txt.gz", 1.0, Some((14_225_045, 0.4))),
    ("r10000.txt.gz", 10.0, Some((14_225_045, 0.15))),
    ("r50000.txt.gz", 3.0, Some((65_952_616, 0.8))),
    ("r50000.txt.gz", 30.0, Some((65_952_616, 0.5))),
];

/// One run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    instance: String,
    #[serde(flatten)]
    said: Said,
    /// Reference cost of the instance, and how far over it the plan is in per cent.
    over_reference: Option<(i64, f64)>,
    /// How far over it may be, in per cent.
    floor: Option<f64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Said {
    cost_cents: i64,
    bound_cents: i64,
    gap: f64,
    seconds: f64,
    peak_rss_mb: Option<f64>,
    work: u64,
    checked: bool,
}

impl Row {
    /// The row of a table.
    pub(crate) fn cells(&self) -> String {
        let said = &self.said;
        let over =
            self.over_reference.map_or_else(String::new, |(best, over)| format!("{over:+.3} % over {best}"));
        let floor = self.floor.map_or_else(String::new, |floor| {
            format!("at most {floor} %, {}", if self.missed().is_some() { "**missed**" } else { "met" })
        });
        format!(
            "| {} | {} | {} | {:.3} % | {:.2} | {:.0} | {over} | {floor} |",
            self.instance,
            said.cost_cents,
            said.bound_cents,
            100.0 * said.gap,
            said.seconds,
            said.peak_rss_mb.unwrap_or(f64::NAN),
        )
    }

    /// What is missed, if its floor is.
    pub(crate) fn missed(&self) -> Option<String> {
        let ((_, over), floor) = (self.over_reference?, self.floor?);
        let seconds = self.said.seconds;
        (over > floor)
            .then(|| format!("{} in {seconds:.1} s: {over:+.3} %, at most {floor} %", self.instance))
    }
}

/// Runs the instances that are there.
pub(crate) fn measure(data: Option<&Path>, quick: bool, out: &Output) -> Result<Vec<Row>, Failure> {
    let Some(folder) = folder(data) else {
        out.note("SKIPPED: the re-plan instances (no data folder; name it with --data or HOLDFAST_DATA)");
        return Ok(Vec::new());
    };
    let runs = RUNS.iter().filter(|(_, seconds, _)| !quick || *seconds <= 1.0);
    let mut rows = Vec::new();
    for (name, seconds, reference) in runs {
        let said = run(&folder.join(name), *seconds)?;
        let row = Row {
            instance: (*name).to_owned(),
            over_reference: reference
                .map(|(best, _)| (best, 100.0 * (said.cost_cents - best) as f64 / best as f64)),
            floor: reference.map(|(_, floor)| floor),
            said,
        };
        out.line(row.to_string());
        rows.push(row);
    }
    Ok(rows)
}

fn folder(data: Option<&Path>) -> Option<PathBuf> {
    let named = data.map(Path::to_owned).or_else(|| std::env::var_os("HOLDFAST_DATA").map(PathBuf::from));
    let beside = std::env::current_dir().ok().map(|here| here.join("../shared/data"));
    named.or(beside).map(|data| data.join("benchmarks/replan")).filter(|folder| folder.is_dir())
}

fn run(path: &Path, seconds: f64) -> Result<Said, Failure> {
    let bug = |what: String| Failure::new(Code::Bug, what, "run `holdfast replan` on that file to see why");
    let program = std::env::current_exe().map_err(|error| bug(format!("find this program: {error}")))?;
    let ended = Command::new(program)
        .args(["--json", "replan", "--seconds", &seconds.to_string()])
        .arg(path)
        .output()
        .map_err(|error| bug(format!("start the planning process: {error}")))?;
    if !ended.status.success() {
        return Err(bug(format!("{}: the planning process ended with {}", path.display(), ended.status)));
    }
    serde_json::from_slice(&ended.stdout).map_err(|error| bug(format!("read the planning process: {error}")))
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let said = &self.said;
        write!(
            f,
            "replan {:14} cost {:>10} bound {:>10} gap {:.3} % {:6.2} s {:>6.0} MiB{}",
            self.instance,
            said.cost_cents,
            said.bound_cents,
            100.0 * said.gap,
            said.seconds,
            said.peak_rss_mb.unwrap_or(f64::NAN),
            if said.checked { "" } else { " REFUSED by the checker" }
        )?;
        if let (Some((best, over)), Some(floor)) = (self.over_reference, self.floor) {
            let met = if over <= floor { "met" } else { "MISSED" };
            write!(f, "  {over:+.3} % over {best} (floor: at most {floor}, {met})")?;
        }
        Ok(())
    }
}
