//! `holdfast demo`: Hurricane Florence on a network of 14 sites, from the first order to the review.

use std::path::Path;

use holdfast_app::load::load;
use holdfast_book::Book;
use holdfast_book::demo::{Options, florence, ian, korea};
use holdfast_sim::scenario::Scenario;

use super::drill::{Wanted, show};
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
    #[arg(long, default_value_t = 20_000)]
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
}

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
    };
    show(&loaded, &scenario, Path::new("."), &notes, &wanted, out)
}
