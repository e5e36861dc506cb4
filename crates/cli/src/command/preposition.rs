//! `holdfast preposition`: how much to lay down where before a storm, on Rawls and Turnquist's case.

use std::path::PathBuf;
use std::time::Instant;

use holdfast_plan::preposition::hurricane::{HurricaneCase, PrepositionAnswer, answer};
use serde::Serialize;

use crate::exit::{Code, Failure, chain};
use crate::input;
use crate::output::Output;
use crate::report::say::Say;
use crate::words::Lang;

#[derive(clap::Args)]
pub struct Args {
    /// The case as JSON: cities, roads, storms, goods.
    case: PathBuf,
    /// How many sets of depots are tried; the same number gives the same answer.
    #[arg(long, default_value_t = 60)]
    trials: u32,
    /// Language of the text.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
}

#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    answer: PrepositionAnswer,
    bound: f64,
    open_sites: Vec<String>,
    seconds: f64,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let start = Instant::now();
    let shown = args.case.display();
    let case: HurricaneCase = serde_json::from_slice(&input::maybe_gz(&args.case)?).map_err(|error| {
        Failure::input(format!("read {shown}: {error}"), "mend the file at that line and column")
    })?;
    let bar = out.progress(1, "laying down stock");
    let solved = answer(&case, args.trials);
    bar.finish_and_clear();
    let solved = solved.map_err(|error| {
        Failure::input(format!("{shown}: {}", chain(&error)), "mend the case: its parts do not fit together")
    })?;
    let answer = Answer {
        bound: solved.lower_bound,
        open_sites: solved.depots.iter().map(|depot| depot.node.clone()).collect(),
        seconds: start.elapsed().as_secs_f64(),
        answer: solved,
    };
    out.json(&answer)?;
    let it = &answer.answer;
    let say = Say::new(args.lang);
    let line = |text: String| out.line(say.of(&text));
    line(format!(
        "expected cost {:.0}, bound {:.0}, gap {:.3} %, {:.2} s",
        it.cost,
        it.lower_bound,
        100.0 * it.gap,
        answer.seconds
    ));
    for depot in &it.depots {
        let stock: Vec<String> = depot.stock.iter().map(|units| format!("{units:.0}")).collect();
        line(format!("  {} ({}): {}", depot.node, depot.size, stock.join(" / ")));
    }
    for (good, units) in &it.stock {
        line(format!("  {good}: {units:.0} in all"));
    }
    for violation in &it.violations {
        out.note(format!("REFUSED by the checker: {violation}"));
    }
    Ok(if it.violations.is_empty() { Code::Ok } else { Code::Bug })
}
