//! `holdfast demo`: Hurricane Florence on a network of 14 sites, from the first order to the review.

use std::io::IsTerminal as _;
use std::path::Path;

use holdfast_app::load::load;
use holdfast_book::Book;
use holdfast_book::demo::{Options, florence, ian, korea};
use holdfast_sim::scenario::Scenario;

use super::drill::{Wanted, show};
use super::serve::{self, play::Play};
use crate::exit::{Code, Failure};
use crate::output::Output;
use crate::report::Note;
use crate::words::{Lang, Words};

#[derive(clap::Args)]
pub struct Args {
    /// Which storm.
    #[arg(long, value_enum, default_value_t = Storm::Florence)]
    storm: Storm,
    /// How many orders.
    #[arg(long, default_value_t = 5_000)]
    orders: u32,
    /// Seed of every chance.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Folder for the report and the outbox.
    #[arg(long, default_value = "holdfast-demo")]
    out: std::path::PathBuf,
    /// Folder for a page for each merchant that holds nothing of any other's.
    #[arg(long, value_name = "DIR")]
    merchant_reports: Option<std::path::PathBuf>,
    /// Language of the report.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
    /// End after the report. Off a terminal the demo always ends; on one it goes on serving the console.
    #[arg(long)]
    no_serve: bool,
    /// Go on serving, and play the storm on the console: hours of the storm in a minute.
    #[arg(long, value_name = "SPEED", conflicts_with = "no_serve")]
    play: Option<f64>,
}

/// Hours of the storm in a minute, where nobody says.
const SPEED: f64 = 24.0;

/// Storms that ship with a book of their own.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Storm {
    /// Hurricane Florence, September 2018, with the official forecasts as issued.
    Florence,
    /// Hurricane Ian, September 2022.
    Ian,
    /// Typhoon Hinnamnor, September 2022, on a Korean book.
    Hinnamnor,
}

impl Storm {
    fn book(self, seed: u64, orders: u32) -> Book {
        let options = Options::orders(orders);
        match self {
            Self::Florence => florence(seed, &options),
            Self::Ian => ian(seed, &options),
            Self::Hinnamnor => korea(seed, &options),
        }
    }

    const fn scenario(self) -> &'static str {
        match self {
            Self::Florence => include_str!("../../../../scenarios/florence.toml"),
            Self::Ian => include_str!("../../../../scenarios/ian.toml"),
            Self::Hinnamnor => include_str!("../../../../scenarios/hinnamnor.toml"),
        }
    }
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let book = args.storm.book(args.seed, args.orders);
    let scenario = Scenario::parse(args.storm.scenario())
        .map_err(|error| Failure::new(Code::Bug, error.to_string(), "report it"))?;
    let loaded = load(&book);
    let words = Words::new(args.lang);
    let name = match scenario.texts.get(args.lang.code()) {
        Some(text) => &text.name,
        None => &scenario.name,
    };
    out.line(words.tell(
        "book-line",
        &[
            ("name", name),
            ("sites", &book.sites.len()),
            ("merchants", &book.merchants.len()),
            ("skus", &book.skus.len()),
            ("lanes", &book.lanes.len()),
            ("orders", &loaded.orders.len()),
            ("seed", &args.seed),
        ],
    ));
    let mut notes = vec![Note::Key("note-sample")];
    if matches!(args.storm, Storm::Hinnamnor) {
        notes.push(Note::Key("note-korea"));
    }
    let wanted = Wanted {
        out: args.out.clone(),
        merchant_reports: args.merchant_reports.clone(),
        lang: args.lang,
        seed: args.seed,
        record: None,
        key: String::new(),
    };
    let code = show(&book, &loaded, &scenario, Path::new("."), &notes, &wanted, out)?;
    if args.play.is_none() && (args.no_serve || out.is_json() || !on_terminal()) {
        return Ok(code);
    }
    go_on(args, &words, out)
}

fn on_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Serves the sample network, and plays the storm if somebody wants to watch.
fn go_on(args: &Args, words: &Words, out: &Output) -> Result<Code, Failure> {
    if !matches!(args.storm, Storm::Florence) {
        out.line(words.say("demo-serves-florence"));
    }
    let speed = match args.play {
        Some(speed) => Some(speed),
        None => ask_speed(words, out)?,
    };
    let play = speed
        .map(|speed| {
            Play::florence(speed).ok_or_else(|| {
                Failure::new(
                    Code::Usage,
                    format!("play a storm at {speed} hours a minute"),
                    "give a number above 0, such as --play 24",
                )
            })
        })
        .transpose()?;
    if play.is_some() {
        out.line(words.say("demo-plays"));
    }
    out.line(words.say("demo-own-data"));
    serve::demo(&free_folder(&args.out), play, out)
}

/// How fast the storm is to be played; `None` for not at all.
fn ask_speed(words: &Words, out: &Output) -> Result<Option<f64>, Failure> {
    out.line(words.tell("demo-offer", &[("speed", &SPEED)]));
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| {
        Failure::input(format!("read the answer: {error}"), "start again with --play SPEED or --no-serve")
    })?;
    let answer = line.trim();
    if answer.is_empty() {
        return Ok(Some(SPEED));
    }
    let speed: f64 = answer.parse().map_err(|_| {
        Failure::new(
            Code::Usage,
            format!("{answer:?} is no number"),
            "write hours of the storm in a minute, or 0",
        )
    })?;
    Ok((speed > 0.0).then_some(speed))
}

/// A data folder of its own for each run: nothing of an earlier one is touched.
fn free_folder(out: &Path) -> std::path::PathBuf {
    let folder =
        |number: u32| out.join(if number == 1 { "service".to_owned() } else { format!("service-{number}") });
    (1..1_000).map(folder).find(|path| !path.exists()).unwrap_or_else(|| folder(1_000))
}

#[cfg(test)]
mod tests {
    use super::free_folder;

    #[test]
    fn a_second_demo_leaves_the_first_ones_service_alone() {
        let out = tempfile::tempdir().unwrap();
        assert_eq!(free_folder(out.path()), out.path().join("service"));
        std::fs::create_dir(out.path().join("service")).unwrap();
        assert_eq!(free_folder(out.path()), out.path().join("service-2"));
    }
}
