//! `holdfast evidence`: what an auditor asks for, from the live data, mapped to the clauses of ISO 22301:2019.
//!
//! Plan versions with their digests, approvals, incidents and drills, restore proofs, findings with owner and date.
//! Nothing is said that the data folder does not hold; what it lacks is said to be missing.

mod gather;
mod page;

use std::path::{Path, PathBuf};

use holdfast_console::words::Locale;
use holdfast_print::html;
use serde::Serialize;

use crate::exit::{Code, Failure};
use crate::output::Output;
use crate::words::Lang;

use gather::gather;

#[derive(clap::Args)]
pub struct Args {
    /// Data folder of the service.
    #[arg(long)]
    data: PathBuf,
    /// Folder for evidence.html and evidence.json.
    #[arg(long)]
    out: PathBuf,
    /// Language of the page.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
}

#[derive(Serialize)]
struct Answer<'a> {
    folder: &'a Path,
    digest: String,
    plans: usize,
    approvals: usize,
    incidents: usize,
    drills: usize,
    restores: usize,
    findings_open: usize,
    missing: &'a [&'static str],
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let found = gather(&args.data)?;
    let locale = if args.lang == Lang::Ko { Locale::Ko } else { Locale::En };
    let document = page::document(&found, locale);
    let json = serde_json::to_string_pretty(&found)
        .map_err(|error| Failure::new(Code::Bug, format!("write JSON: {error}"), "report it"))?;
    let unwritten = |path: &Path, error: &std::io::Error| {
        Failure::input(format!("write {}: {error}", path.display()), "name another folder with --out")
    };
    std::fs::create_dir_all(&args.out).map_err(|error| unwritten(&args.out, &error))?;
    for (name, text) in [("evidence.html", html(&document)), ("evidence.json", json)] {
        let path = args.out.join(name);
        std::fs::write(&path, text).map_err(|error| unwritten(&path, &error))?;
    }
    let answer = Answer {
        folder: &args.out,
        digest: document.digest(),
        plans: found.plans.len(),
        approvals: found.approvals.len(),
        incidents: found.incidents.iter().filter(|incident| !incident.drill).count(),
        drills: found.drills.len() + found.incidents.iter().filter(|incident| incident.drill).count(),
        restores: found.restores.len(),
        findings_open: found.findings.iter().filter(|finding| finding.done.is_none()).count(),
        missing: &found.missing,
    };
    out.line(format!(
        "{}: {} plan versions, {} approvals, {} incidents, {} drills, {} restore proofs, {} findings open; digest {}",
        args.out.display(),
        answer.plans,
        answer.approvals,
        answer.incidents,
        answer.drills,
        answer.restores,
        answer.findings_open,
        &answer.digest[..16]
    ));
    for missing in &found.missing {
        out.note(format!("missing: {missing}"));
    }
    out.json(&answer)?;
    Ok(if found.missing.is_empty() { Code::Ok } else { Code::Found })
}
