//! `holdfast erase`: forgets a person. The fact is journaled, the key is destroyed; what is sealed stays sealed.

use std::path::PathBuf;

use holdfast_app::core::Reply;
use holdfast_app::port::Journal as _;
use holdfast_domain::command::Command as Ask;
use holdfast_domain::id::SubjectId;
use holdfast_domain::reject::Rejection;
use serde::Serialize;

use crate::exit::{Code, Failure};
use crate::output::Output;
use crate::world;

#[derive(clap::Args)]
pub struct Args {
    /// The journal.
    journal: PathBuf,
    /// The person, such as sub-17; `holdfast explain` names the person of an order.
    subject: String,
}

#[derive(Serialize)]
struct Answer {
    subject: String,
    erased_before: bool,
    version: u64,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let subject: SubjectId = args
        .subject
        .parse()
        .map_err(|error| Failure::new(Code::Usage, format!("{error}"), "write the person as sub-17"))?;
    let mut writer = world::writer(&args.journal, world::open(&args.journal)?)?;
    let reply = writer
        .ask(Ask::EraseSubject { subject }, "cli")
        .map_err(|error| world::unwritten(&args.journal, &error))?;
    let erased_before = match reply {
        Reply::Done { .. } | Reply::Repeated(_) => false,
        // The key is destroyed again all the same: it may have come back with a copy.
        Reply::Rejected(Rejection::SubjectErased {}) => true,
        Reply::Rejected(why) => return Err(Failure::input(why.to_string(), why.action())),
        Reply::Retry | Reply::Unknown => {
            return Err(Failure::new(
                Code::Journal,
                "the journal did not take the erasure",
                "check the disk and run the command again",
            ));
        }
    };
    let version = writer.engine().state.version;
    writer.journal().destroy_keys(&[subject]).map_err(|error| world::broken(&args.journal, &error))?;
    let answer = Answer { subject: subject.to_string(), erased_before, version };
    out.json(&answer)?;
    out.line(format!(
        "{} is erased{}: version {}, key destroyed; copies of the keys are to be made anew",
        answer.subject,
        if erased_before { " (it was before)" } else { "" },
        answer.version
    ));
    Ok(Code::Ok)
}
