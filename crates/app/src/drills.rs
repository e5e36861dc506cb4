//! Drills of whole scenarios beside the live service: what there is to rehearse, what was held, what is planned.
//!
//! Invariant: a drill is given a copy of the state and nothing it could change the house by; whoever runs it ([`Drills`])
//! holds no channel, no connection and no writer.

use std::collections::BTreeMap;

use holdfast_domain::incident::{Hazard, Severity};
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use serde::{Deserialize, Serialize};

/// Drills that may be planned and not held at once.
pub const PLANNED_MAX: usize = 200;
/// The longest a planned drill may be given, minutes.
pub const MINUTES_MAX: u32 = 24 * 60;
/// The longest key of a scenario, letters.
pub const KEY_MAX: usize = 80;

/// A scenario that can be rehearsed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rehearsal {
    /// Its key: the name of its file without the ending.
    pub key: String,
    /// What kind.
    pub hazard: Hazard,
    /// How bad.
    pub severity: Severity,
    /// Name by language; English is always there.
    pub names: BTreeMap<String, String>,
    /// What is fact, what is assumed, by language.
    pub notes: BTreeMap<String, Vec<String>>,
    /// The demo book it is written for; on another house its codes may be missing.
    pub book: Option<String>,
    /// Whether it is the operator's own, from the data folder.
    pub own: bool,
}

impl Rehearsal {
    /// Its name in a language, in English where it has none.
    #[must_use]
    pub fn name(&self, language: &str) -> &str {
        self.names.get(language).or_else(|| self.names.get("en")).map_or(&self.key, String::as_str)
    }

    /// Its notes in a language, in English where it has none.
    #[must_use]
    pub fn notes(&self, language: &str) -> &[String] {
        self.notes.get(language).or_else(|| self.notes.get("en")).map_or(&[], Vec::as_slice)
    }
}

/// What a drill is scored against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objectives {
    /// Hours from the declaration within which orders flow again.
    pub rto_h: Option<u32>,
    /// Of hundred promises, how many are kept.
    pub kept_percent: Option<u8>,
}

/// What one policy came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyResult {
    /// `wait`, `trade`, `holdfast_at_closure`, `holdfast`, `holdfast_take_over` or `calm`.
    pub policy: String,
    /// Orders.
    pub orders: u64,
    /// Promises kept.
    pub on_time: u64,
    /// Delivered later.
    pub late: u64,
    /// Not delivered when it ended.
    pub open: u64,
    /// Orders a plan moved.
    pub moved: u64,
    /// Notices that would have left.
    pub notices: u64,
    /// All costs, minor units of the operator.
    pub cost: i64,
}

/// A site that was out in a drill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// Code of the site.
    pub site: String,
    /// From when, in the drill's time.
    pub from: Stamp,
    /// Until when; `None`: it did not come back.
    pub until: Option<Stamp>,
}

/// What a drill came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillResult {
    /// Key of the scenario.
    pub key: String,
    /// Version of the state the copy was made of.
    pub version: u64,
    /// Milliseconds it took.
    pub took_ms: u64,
    /// Code of the operator's currency.
    pub currency: String,
    /// By policy, and the same orders had nothing happened.
    pub policies: Vec<PolicyResult>,
    /// No policy can cost less; minor units.
    pub bound: Option<i64>,
    /// Sites that were out.
    pub outages: Vec<Outage>,
    /// Minutes from the declaration until orders flowed again; `None` where no plan was needed.
    pub recovered_min: Option<u64>,
    /// What it was scored against.
    pub objectives: Objectives,
    /// Policies whose numbers were counted again from their journals, and found the same.
    pub recounted: u32,
    /// What the checks said that is wrong.
    pub wrong: Vec<String>,
    /// Orders that were left out because there were more than a drill plays.
    pub left_out: u64,
}

impl DrillResult {
    /// A policy's row.
    #[must_use]
    pub fn policy(&self, name: &str) -> Option<&PolicyResult> {
        self.policies.iter().find(|row| row.policy == name)
    }

    /// Thousandths by which a cost is over the bound; `None` without one.
    #[must_use]
    pub fn gap_permille(&self, cost: i64) -> Option<i64> {
        let bound = self.bound.filter(|bound| *bound > 0)?;
        Some(((i128::from(cost) - i128::from(bound)) * 1000 / i128::from(bound)) as i64)
    }

    /// Whether orders flowed again in time; `None` where nothing was declared, or nothing was to be recovered. Where sites
    /// were out, orders stayed open and no plan brought any of them on its way, they did not.
    #[must_use]
    pub fn rto_met(&self) -> Option<bool> {
        let wanted = self.objectives.rto_h?;
        match self.recovered_min {
            Some(reached) => Some(reached <= u64::from(wanted) * 60),
            None => {
                let left = self.policy("holdfast").is_some_and(|ours| ours.open > 0);
                (left && !self.outages.is_empty()).then_some(false)
            }
        }
    }

    /// Whether enough promises were kept; `None` where nothing was declared.
    #[must_use]
    pub fn kept_met(&self) -> Option<bool> {
        let (ours, wanted) = (self.policy("holdfast")?, self.objectives.kept_percent?);
        Some(ours.on_time * 100 >= ours.orders * u64::from(wanted))
    }
}

/// A drill that was held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillLine {
    /// When.
    pub at: Stamp,
    /// The scenario's name.
    pub scenario: String,
    /// Seed of every chance.
    pub seed: u64,
    /// Orders.
    pub orders: u64,
    /// Promises Holdfast kept.
    pub kept: u64,
    /// Promises kept by doing nothing.
    pub waiting: u64,
    /// Plans made, and how many the checker accepts.
    pub plans: (usize, usize),
    /// Whether the recount and every check agree.
    pub sound: bool,
    /// Numbers of the findings that were open.
    pub open_findings: Vec<u32>,
    /// All it came to; absent in lines of versions that did not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<DrillResult>,
}

/// What happened to a planned drill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum PlanLine {
    /// Somebody planned it.
    Planned {
        /// Its number, from 1.
        number: u32,
        /// When that was.
        at: Stamp,
        /// When it is held.
        start: Stamp,
        /// How long it may take.
        minutes: u32,
        /// Key of the scenario.
        scenario: String,
        /// Who planned it.
        by: String,
    },
    /// Somebody called it off.
    CalledOff {
        /// Its number.
        number: u32,
        /// When that was.
        at: Stamp,
        /// Who.
        by: String,
    },
}

/// A planned drill as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Planned {
    /// Its number.
    pub number: u32,
    /// When it was planned.
    pub made: Stamp,
    /// When it is held.
    pub start: Stamp,
    /// How long it may take, minutes.
    pub minutes: u32,
    /// Key of the scenario.
    pub scenario: String,
    /// Who planned it.
    pub by: String,
    /// When it was called off.
    pub called_off: Option<Stamp>,
}

/// Planned drills as they stand, in the order of their numbers.
#[must_use]
pub fn stand(lines: Vec<PlanLine>) -> Vec<Planned> {
    let mut all: Vec<Planned> = Vec::new();
    for line in lines {
        match line {
            PlanLine::Planned { number, at, start, minutes, scenario, by } => {
                all.push(Planned { number, made: at, start, minutes, scenario, by, called_off: None });
            }
            PlanLine::CalledOff { number, at, .. } => {
                if let Some(planned) = all.iter_mut().find(|planned| planned.number == number) {
                    planned.called_off.get_or_insert(at);
                }
            }
        }
    }
    all
}

/// What can be said of a planned drill against those that were held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// It is still to come.
    Ahead,
    /// Its time has come and nobody has held it.
    Overdue,
    /// A drill of its scenario was held from an hour before its time on.
    Held,
    /// It was called off.
    CalledOff,
}

/// A drill that is held later than this after its time is another one.
const HELD_WITHIN: Span = Span::days(30);

/// How a planned drill stands.
#[must_use]
pub fn due(planned: &Planned, held: &[DrillLine], now: Stamp) -> Due {
    let (from, until) = (planned.start.before(Span::hours(1)), planned.start.after(HELD_WITHIN));
    let its = |line: &&DrillLine| line.result.as_ref().is_some_and(|result| result.key == planned.scenario);
    if planned.called_off.is_some() {
        Due::CalledOff
    } else if held.iter().filter(its).any(|line| line.at >= from && line.at <= until) {
        Due::Held
    } else if planned.start <= now {
        Due::Overdue
    } else {
        Due::Ahead
    }
}

/// How far a drill is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Key of the scenario.
    pub key: String,
    /// Since when it runs.
    pub since: Stamp,
    /// The policy that is played now; empty before the first and while the numbers are checked.
    pub policy: String,
    /// Orders that have come in.
    pub orders: usize,
    /// Orders in all.
    pub of: usize,
}

/// How it stands with the next drill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// None runs.
    #[default]
    Idle,
    /// One runs.
    Running(Progress),
    /// The last one broke off then: its key, and why, in English.
    Failed(Stamp, String, String),
}

/// What a drill is begun with.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Key of the scenario.
    pub key: String,
    /// Now, on the wall clock.
    pub now: Stamp,
    /// What it is scored against.
    pub objectives: Objectives,
    /// Orders that are played at most, the newest.
    pub orders_max: usize,
}

/// What there is to rehearse, and what cannot be read of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Library {
    /// The scenarios.
    pub all: Vec<Rehearsal>,
    /// The operator's own that cannot be read, each with file, cause and remedy: a sentence in English.
    pub faults: Vec<String>,
}

impl Library {
    /// Whether there is a scenario of this key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.all.iter().any(|one| one.key == key)
    }
}

/// Whoever runs drills and keeps their records. Errors are sentences in English with their cause.
pub trait Drills: Send + Sync {
    /// What there is to rehearse.
    ///
    /// # Errors
    /// The folder of the operator's own cannot be read.
    fn library(&self) -> Result<Library, String>;
    /// What was held, in its order.
    ///
    /// # Errors
    /// A file that cannot be read.
    fn held(&self) -> Result<Vec<DrillLine>, String>;
    /// What is planned.
    ///
    /// # Errors
    /// A file that cannot be read.
    fn planned(&self) -> Result<Vec<Planned>, String>;
    /// Writes what happens to a planned drill; `Planned` is given its number here.
    ///
    /// # Errors
    /// A file that cannot be written, or a number nobody planned.
    fn plan(&self, line: PlanLine) -> Result<u32, String>;
    /// Holds a drill on a copy of `live` and records it.
    ///
    /// # Errors
    /// No such scenario, one that does not fit the house, a file that cannot be written.
    fn hold(
        &self,
        live: &State,
        wanted: &Wanted,
        tell: &mut dyn FnMut(Progress),
    ) -> Result<DrillLine, String>;
}

#[cfg(test)]
mod tests {
    use holdfast_domain::time::{Span, Stamp};

    use super::{DrillLine, DrillResult, Due, Objectives, Outage, PlanLine, PolicyResult, due, stand};

    fn result(key: &str) -> DrillResult {
        let ours = PolicyResult {
            policy: "holdfast".to_owned(),
            orders: 10,
            on_time: 6,
            late: 0,
            open: 4,
            moved: 0,
            notices: 0,
            cost: 0,
        };
        DrillResult {
            key: key.to_owned(),
            version: 1,
            took_ms: 1,
            currency: "USD".to_owned(),
            policies: vec![ours],
            bound: None,
            outages: Vec::new(),
            recovered_min: None,
            objectives: Objectives { rto_h: Some(4), kept_percent: None },
            recounted: 1,
            wrong: Vec::new(),
            left_out: 0,
        }
    }

    fn held_line(key: &str) -> DrillLine {
        DrillLine {
            at: Stamp(0),
            scenario: key.to_owned(),
            seed: 1,
            orders: 10,
            kept: 6,
            waiting: 5,
            plans: (1, 1),
            sound: true,
            open_findings: Vec::new(),
            result: Some(result(key)),
        }
    }

    #[test]
    fn what_never_flowed_again_has_missed_its_time() {
        let mut result = result("fire");
        assert_eq!(result.rto_met(), None, "nothing was out");
        result.outages.push(Outage { site: "ILM1".to_owned(), from: Stamp(0), until: None });
        assert_eq!(result.rto_met(), Some(false), "and now four orders lie there");
        result.recovered_min = Some(240);
        assert_eq!(result.rto_met(), Some(true));
        result.recovered_min = Some(241);
        assert_eq!(result.rto_met(), Some(false));
    }

    #[test]
    fn a_planned_drill_is_ahead_overdue_or_called_off() {
        let start = Stamp(1_000_000_000);
        let line = |number| PlanLine::Planned {
            number,
            at: Stamp(1),
            start,
            minutes: 60,
            scenario: "fire".to_owned(),
            by: "dana".to_owned(),
        };
        let off = PlanLine::CalledOff { number: 2, at: Stamp(5), by: "dana".to_owned() };
        let all = stand(vec![line(1), line(2), off]);
        assert_eq!(due(&all[0], &[], Stamp(5)), Due::Ahead);
        assert_eq!(due(&all[0], &[], start.after(Span(1))), Due::Overdue);
        let held = |at: Stamp| DrillLine { at, ..held_line("fire") };
        assert_eq!(due(&all[0], &[held(start.after(Span::days(2)))], start.after(Span::days(3))), Due::Held);
        let late = [held(start.after(Span::days(150)))];
        assert_eq!(due(&all[0], &late, start.after(Span::days(151))), Due::Overdue, "that is the next one's");
        assert_eq!((all[1].called_off, due(&all[1], &[], Stamp(5))), (Some(Stamp(5)), Due::CalledOff));
    }
}
