//! What the data folder holds that an auditor asks for.

use std::path::Path;

use holdfast_access::Access;
use holdfast_app::drills::DrillLine;
use holdfast_app::recover::recover;
use holdfast_domain::care;
use holdfast_domain::id::CallId;
use holdfast_domain::time::Stamp;
use serde::{Deserialize, Serialize};

use crate::command::plan::read_all;
use crate::exit::{Failure, chain};
use crate::records::{self, Finding};
use crate::{input, world};

/// Rows of the audit log that are read at once, and at most.
const PAGE: usize = 5_000;
const ROWS_MAX: usize = 1_000_000;
/// The file of backups and their proofs, a line of JSON each.
const BACKUPS: &str = "backups.jsonl";

/// All of it.
#[derive(Debug, Serialize)]
pub struct Evidence {
    /// Who runs the sites.
    pub operator: String,
    /// When it was gathered.
    pub at: Stamp,
    /// Version of the journal.
    pub version: u64,
    /// Digest of the state there.
    pub state_digest: String,
    /// Sites, and standby sites among them.
    pub sites: (usize, usize),
    /// Versions of the continuity plan.
    pub plans: Vec<Plan>,
    /// Second approvals that were given.
    pub approvals: Vec<Approval>,
    /// Whether the log they stand in is whole.
    pub log_whole: bool,
    /// Incidents, drills on the live service among them.
    pub incidents: Vec<Incident>,
    /// Re-plans that were approved and carried out.
    pub replans: Vec<Replan>,
    /// Drills of whole scenarios.
    pub drills: Vec<DrillLine>,
    /// Restores that were tried.
    pub restores: Vec<Restore>,
    /// Findings of reviews.
    pub findings: Vec<Finding>,
    /// What an auditor would ask for and is not there: keys of the words.
    pub missing: Vec<&'static str>,
}

/// A version of the continuity plan.
#[derive(Debug, Serialize)]
pub struct Plan {
    /// Its number.
    pub number: u32,
    /// When it was made.
    pub made: Stamp,
    /// Journal entry it was made from.
    pub state_version: u64,
    /// Digest of the English document.
    pub digest_en: String,
    /// Digest of the Korean document.
    pub digest_ko: String,
}

/// A second approval.
#[derive(Debug, Serialize)]
pub struct Approval {
    /// When.
    pub at: Stamp,
    /// Who said yes.
    pub who: String,
    /// Which one.
    pub id: String,
}

/// An incident.
#[derive(Debug, Serialize)]
pub struct Incident {
    /// Name.
    pub name: String,
    /// Hazard's key.
    pub hazard: &'static str,
    /// Whether it was a drill.
    pub drill: bool,
    /// When it was first recorded, declared, ended.
    pub opened: Stamp,
    /// When it was declared.
    pub declared: Option<Stamp>,
    /// When it ended.
    pub ended: Option<Stamp>,
    /// Sites it closed or limited.
    pub sites: usize,
    /// Notices because of it.
    pub notices: usize,
    /// Calls to partners and staff.
    pub calls: Vec<Call>,
}

/// A call to partners or staff.
#[derive(Debug, Serialize)]
pub struct Call {
    /// Its id.
    pub id: String,
    /// When it was made, and by whom.
    pub made: Stamp,
    /// By whom.
    pub by: String,
    /// Who was asked: `site`, `carrier`, `merchant` or `staff`.
    pub audience: &'static str,
    /// What was asked, as codes.
    pub asks: Vec<String>,
    /// The site, lane or area.
    pub place: String,
    /// The contacts that were asked, in their order.
    pub contacts: Vec<Contacted>,
    /// When it ended; none while it is open.
    pub ended: Option<Stamp>,
    /// `acknowledged`, `withdrawn` or `unanswered`.
    pub how: Option<&'static str>,
    /// A contact's code, or an account's.
    pub who: Option<String>,
}

/// A contact of a call.
#[derive(Debug, Serialize)]
pub struct Contacted {
    /// Its code.
    pub contact: String,
    /// How far it got.
    pub status: &'static str,
    /// When.
    pub at: Stamp,
    /// Until when an answer was waited for.
    pub due: Option<Stamp>,
}

fn call(id: CallId, call: &care::Call) -> Call {
    let texts = |texts: &[Box<str>]| texts.iter().map(ToString::to_string).collect();
    let ended = call.ended.as_ref();
    let asked = call.steps.iter().zip(&call.new.contacts).map(|(step, contact)| Contacted {
        contact: contact.to_string(),
        status: step.status.code(),
        at: step.at,
        due: step.due,
    });
    Call {
        id: id.to_string(),
        made: call.made,
        by: call.by.to_string(),
        audience: call.new.audience.code(),
        asks: texts(&call.new.asks),
        place: call.new.place.to_string(),
        contacts: asked.collect(),
        ended: ended.map(|(at, ..)| *at),
        how: ended.map(|(_, how, _)| how.code()),
        who: ended.map(|(.., who)| who.to_string()).filter(|who| !who.is_empty()),
    }
}

/// A re-plan.
#[derive(Debug, Serialize)]
pub struct Replan {
    /// Digest of the plan that was approved.
    pub digest: String,
    /// When.
    pub adopted: Stamp,
    /// Orders moved, and left because the move no longer fitted.
    pub moved: u32,
    /// Orders left.
    pub skipped: u32,
    /// Cost and proven bound, minor units.
    pub cost: i64,
    /// The bound.
    pub bound: i64,
}

/// A restore that was tried, or a backup that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restore {
    /// Milliseconds of Unix time.
    pub at: i64,
    /// `backup` or `proof`.
    pub kind: String,
    /// Whether it held.
    pub ok: bool,
    /// Version of the journal.
    pub version: u64,
    /// How long it took, seconds.
    #[serde(default)]
    pub seconds: f64,
}

/// Gathers it.
///
/// # Errors
/// [`Failure`] where something that is there cannot be read.
pub fn gather(data: &Path) -> Result<Evidence, Failure> {
    let path = data.join("holdfast.db");
    let mut journal = world::open(&path)?;
    let state = recover(&mut journal, None).map_err(|error| world::broken(&path, &error))?.engine.state;
    let (approvals, log_whole) = approvals(data)?;
    let notices = |id| state.notices.iter().filter(|(_, notice)| notice.incident == Some(id)).count();
    let calls = |incident| {
        let theirs = state.care.calls.iter().filter(|(_, call)| call.new.incident == incident);
        theirs.map(|(id, known)| call(id, known)).collect()
    };
    let incidents = state.incidents.iter().map(|(id, incident)| Incident {
        name: incident.name.to_string(),
        hazard: incident.hazard.key(),
        drill: incident.drill,
        opened: incident.opened,
        declared: incident.declared,
        ended: incident.ended,
        sites: incident.sites.len(),
        notices: notices(id),
        calls: calls(id),
    });
    let replans = state.plans.iter().map(|(_, plan)| Replan {
        digest: world::hex(&plan.digest),
        adopted: plan.adopted,
        moved: plan.moved,
        skipped: plan.skipped,
        cost: plan.cost,
        bound: plan.bound,
    });
    let plans = read_all(&data.join("plans"))?.into_iter().map(|kept| Plan {
        number: kept.number,
        made: kept.made,
        state_version: kept.state_version,
        digest_en: kept.digest_en,
        digest_ko: kept.digest_ko,
    });
    let mut found = Evidence {
        operator: state
            .network
            .operator
            .as_ref()
            .map_or_else(String::new, |operator| operator.name.to_string()),
        at: holdfast_app::port::Clock::now(&mut world::SystemClock),
        version: state.version,
        state_digest: world::hex(&state.digest()),
        sites: (
            state.network.sites.len(),
            state.network.sites.iter().filter(|site| site.standby.is_some()).count(),
        ),
        plans: plans.collect(),
        approvals,
        log_whole,
        incidents: incidents.collect(),
        replans: replans.collect(),
        drills: records::drills(data)?,
        restores: restores(data)?,
        findings: records::findings(data)?,
        missing: Vec::new(),
    };
    found.missing = missing(&found);
    Ok(found)
}

/// What an auditor would ask for and is not there.
fn missing(found: &Evidence) -> Vec<&'static str> {
    let drilled = !found.drills.is_empty() || found.incidents.iter().any(|incident| incident.drill);
    let proved = found.restores.iter().any(|restore| restore.kind == "proof" && restore.ok);
    let lacks = [
        (found.plans.is_empty(), "evidence-missing-plan"),
        (!drilled, "evidence-missing-drill"),
        (!proved, "evidence-missing-restore"),
        (found.findings.is_empty(), "evidence-missing-findings"),
        (!found.log_whole, "evidence-missing-log"),
    ];
    lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, key)| key).collect()
}

fn approvals(data: &Path) -> Result<(Vec<Approval>, bool), Failure> {
    let path = data.join("access.db");
    if !path.exists() {
        return Ok((Vec::new(), true));
    }
    let fault = |error: &dyn std::error::Error| {
        Failure::input(
            format!("read {}: {}", path.display(), chain(error)),
            "check the file and its permissions",
        )
    };
    let access = Access::open(&path, holdfast_access::Options::default()).map_err(|error| fault(&error))?;
    let (mut seq, mut given) = (0, Vec::new());
    while given.len() < ROWS_MAX {
        let page = access.audit_after(seq, PAGE).map_err(|error| fault(&error))?;
        let Some(last) = page.last() else { break };
        seq = last.seq;
        given.extend(page.into_iter().filter(|row| row.what == "approval-given").map(|row| Approval {
            at: Stamp(row.at),
            who: row.who,
            id: row.detail,
        }));
    }
    Ok((given, access.audit_verify().is_ok()))
}

fn restores(data: &Path) -> Result<Vec<Restore>, Failure> {
    let path = data.join(BACKUPS);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = input::text(&path)?;
    let read = |(index, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| {
            Failure::input(
                format!("{} line {}: {error}", path.display(), index + 1),
                "put the file back from a backup",
            )
        })
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(read).collect()
}
