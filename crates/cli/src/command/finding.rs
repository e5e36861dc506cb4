//! `holdfast finding`: what a review found, who sees to it until when; open ones come up again in the next drill.

use std::path::PathBuf;

use holdfast_app::port::Clock as _;
use holdfast_domain::time::Day;

use crate::exit::{Code, Failure};
use crate::output::Output;
use crate::{records, world};

#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("what").args(["add", "done"])))]
pub struct Args {
    /// Data folder of the service.
    #[arg(long)]
    data: PathBuf,
    /// Record a finding: what was found.
    #[arg(long, value_name = "TEXT", requires = "owner", requires = "due")]
    add: Option<String>,
    /// Who sees to it.
    #[arg(long)]
    owner: Option<String>,
    /// Until which day, such as 2026-12-31.
    #[arg(long)]
    due: Option<Day>,
    /// The drill or incident it comes from.
    #[arg(long, default_value = "")]
    from: String,
    /// Record that the finding with this number was seen to.
    #[arg(long, value_name = "NUMBER")]
    done: Option<u32>,
    /// What was done.
    #[arg(long, default_value = "")]
    note: String,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let now = world::SystemClock.now();
    if let (Some(text), Some(owner), Some(due)) = (&args.add, &args.owner, args.due) {
        let number = records::raise(&args.data, now, text, owner, due, &args.from)?;
        out.line(format!("finding {number}: {owner} until {due}"));
    }
    if let Some(number) = args.done {
        records::settle(&args.data, now, number, &args.note)?;
        out.line(format!("finding {number} is done"));
    }
    let all = records::findings(&args.data)?;
    if args.add.is_none() && args.done.is_none() {
        for finding in &all {
            let stands = finding.done.as_ref().map_or_else(
                || format!("open, {} until {}", finding.owner, finding.due),
                |(at, note)| format!("done {at}: {note}"),
            );
            out.line(format!("{:>4}  {}  [{stands}]", finding.number, finding.text));
        }
        if all.is_empty() {
            out.line("no finding is recorded");
        }
    }
    out.json(&all)?;
    Ok(Code::Ok)
}
