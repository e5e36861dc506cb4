//! `holdfast sites`: backup sites for a book, and facility location on the literature's instances, with a bound.

mod book;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use holdfast_plan::facility::answer::{SitesAnswer, daskin, orlib_cap, orlib_pmedian};
use holdfast_plan::facility::{Budget, Progress};
use serde::Serialize;

use crate::exit::{Code, Failure, chain};
use crate::input;
use crate::output::Output;

#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("instance").required(true).args(["orlib_cap", "orlib_pmedian", "daskin", "book", "book_demo", "demo", "uci"])))]
pub struct Args {
    #[command(flatten)]
    book: book::BookArgs,
    /// OR-Library's capacitated warehouse location.
    #[arg(long)]
    orlib_cap: Option<PathBuf>,
    /// OR-Library's p-median.
    #[arg(long)]
    orlib_pmedian: Option<PathBuf>,
    /// Daskin's table of cities, for reliable location.
    #[arg(long, requires = "failure_probability")]
    daskin: Option<PathBuf>,
    /// How likely each site fails, from 0 to 1.
    #[arg(long, allow_negative_numbers = true)]
    failure_probability: Option<f64>,
    /// How many sites a customer is assigned to, one after another.
    #[arg(long, default_value_t = 5)]
    levels: usize,
    /// Rounds of pricing after which the search stops; the same rounds give the same answer.
    #[arg(long)]
    rounds: Option<u64>,
}

#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    answer: SitesAnswer,
    bound: f64,
    open_sites: Vec<usize>,
    seconds: f64,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let start = Instant::now();
    let path = [&args.orlib_cap, &args.orlib_pmedian, &args.daskin].into_iter().flatten().next();
    let Some(path) = path else { return book::run(&args.book, out) };
    if let Some(option) = args.book.asked() {
        return Err(Failure::new(
            Code::Usage,
            format!("use {option} with an instance of the literature"),
            "leave it out, or name a book with --book, --demo or --uci",
        ));
    }
    if let Some(wrong) = args.failure_probability.filter(|q| !(0.0..1.0).contains(q)) {
        return Err(Failure::new(
            Code::Usage,
            format!("let each site fail with probability {wrong}"),
            "give --failure-probability from 0 to less than 1, such as 0.05",
        ));
    }
    let text = String::from_utf8(input::maybe_gz(path)?).map_err(|error| {
        Failure::input(format!("read {}: {error}", path.display()), "save the file as text")
    })?;
    let budget = args.rounds.map_or_else(Budget::default, |rounds| Budget { rounds });
    let bar = out.progress(1000, "locating");
    let watch = &mut |now: &Progress| {
        let gap = if now.cost > 0.0 { (now.cost - now.lower_bound) / now.cost } else { 0.0 };
        bar.set_position(((1.0 - gap.clamp(0.0, 1.0)) * 1000.0) as u64);
        ControlFlow::Continue(())
    };
    let solved = if args.orlib_cap.is_some() {
        orlib_cap(&text, budget, watch)
    } else if args.orlib_pmedian.is_some() {
        orlib_pmedian(&text, budget, watch)
    } else {
        daskin(&text, args.failure_probability.unwrap_or(0.05), args.levels, budget, watch)
    };
    bar.finish_and_clear();
    let answer = solved.map_err(|error| {
        Failure::input(
            format!("{}: {}", path.display(), chain(&error)),
            "check the file against its format, and that the option names the right kind",
        )
    })?;
    let seconds = start.elapsed().as_secs_f64();
    let open_sites = answer.open.iter().map(|site| site.number).collect();
    let answer = Answer { bound: answer.lower_bound, open_sites, seconds, answer };
    out.json(&answer)?;
    print(&answer, out);
    Ok(if answer.answer.violations.is_empty() { Code::Ok } else { Code::Bug })
}

fn print(answer: &Answer, out: &Output) {
    let it = &answer.answer;
    out.line(format!(
        "{}: cost {:.3}, bound {:.3}, gap {:.4} %{}, {:.2} s",
        it.model,
        it.cost,
        it.lower_bound,
        100.0 * it.gap,
        if it.proven { " (proven optimal)" } else { "" },
        answer.seconds
    ));
    out.line(format!("{} sites open", it.open.len()));
    for site in &it.open {
        let name = if site.name.is_empty() { String::new() } else { format!(" {}", site.name) };
        let without =
            site.cost_without.map_or("cannot be missed".to_owned(), |cost| format!("{:.3} without it", cost));
        out.line(format!("  {}{name}: first choice of {}, {without}", site.number, site.customers_first));
    }
    for violation in &it.violations {
        out.note(format!("REFUSED by the checker: {violation}"));
    }
}
