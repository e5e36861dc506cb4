//! `holdfast takeover`: what an operator can offer a merchant whose sites are destroyed, and what it comes to.

use std::path::PathBuf;

use holdfast_app::load::{Loaded, load};
use holdfast_book::Book;
use holdfast_book::demo::{self, Options};
use holdfast_book::join::join;
use holdfast_domain::id::{Id, MerchantId, SiteId};
use holdfast_domain::takeover::TakeoverStage;
use holdfast_domain::time::Span;
use holdfast_engine::takeover::{GuestOffer, Offer, Statement, Tariff};
use holdfast_sim::takeover::{Played, Setting, TakeoverError, offer_only, play};
use serde::Serialize;

use super::drill::read_book;
use crate::exit::{Code, Failure, chain};
use crate::output::Output;
use crate::report::takeover::{self as report, Words};

#[derive(clap::Args)]
pub struct Args {
    /// Folder with the operator's book; absent: a demo book of 14 sites and 60 merchants.
    #[arg(long)]
    book: Option<PathBuf>,
    /// Folder with the book of a merchant who runs its own sites; absent: with --merchant one of the operator's own
    /// merchants, else a demo book of one warehouse.
    #[arg(long)]
    guest: Option<PathBuf>,
    /// Code of the merchant who is carried; absent: the guest's book's first.
    #[arg(long)]
    merchant: Option<String>,
    /// Code of a site that is destroyed, as the merchant's own book has it; absent: every site of the guest's book.
    #[arg(long)]
    home: Vec<String>,
    /// Hours after the first order at which it is destroyed.
    #[arg(long, default_value_t = 100)]
    after_h: u64,
    /// Days after which suppliers have sent again what was destroyed; absent: only what was on order comes.
    #[arg(long)]
    resupply_days: Option<u16>,
    /// Thousandths of its free capacity a host lends at most.
    #[arg(long, default_value_t = 500)]
    share: u16,
    /// The most hosts.
    #[arg(long, default_value_t = 4)]
    hosts: usize,
    /// Days from the acceptance until the first parcel can leave.
    #[arg(long, default_value_t = 1)]
    lead_days: u16,
    /// Play it to its end and print the statement.
    #[arg(long)]
    play: bool,
    /// Who reads it: the merchant sees nothing of anybody else.
    #[arg(long, value_enum, default_value_t = View::Operator)]
    view: View,
    /// Language of the text: en or ko.
    #[arg(long, default_value = "en")]
    lang: String,
    /// Orders of each demo book.
    #[arg(long, default_value_t = 5_000)]
    orders: u32,
    /// Seed of every chance.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

/// Whose eyes the answer is for.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum View {
    /// Free capacity and the effect on all merchants as well.
    Operator,
    /// What concerns the merchant who is carried, and nothing else.
    Merchant,
}

/// What was kept of a merchant's promises.
#[derive(Serialize)]
struct Promises {
    orders: u64,
    kept_without: u64,
    kept_with: u64,
}

/// The answer in JSON; what only the operator may see is absent for the merchant.
#[derive(Serialize)]
struct Answer<'a> {
    seed: u64,
    guest: &'a GuestOffer,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<&'a Offer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<TakeoverStage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promises: Option<Promises>,
    statements: &'a [Statement],
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let words = Words::of(&args.lang).ok_or_else(|| {
        Failure::new(Code::Usage, format!("there is no text in {:?}", args.lang), "write en or ko")
    })?;
    if args.share > 1000 {
        return Err(Failure::new(Code::Usage, "a share has at most 1000 thousandths", "write --share 500"));
    }
    let world = world(args, out)?;
    for fault in world.loaded.faults.iter().take(20) {
        out.note(format!("{} {}: {}", fault.file, fault.row, fault.cause));
    }
    let Some(first) = world.loaded.orders.first() else {
        return Err(Failure::input(
            "the books have no open orders",
            "add orders.csv and order_lines.csv to one of them",
        ));
    };
    let setting = Setting {
        loaded: &world.loaded,
        merchant: world.merchant,
        home: world.home.clone(),
        at: first.at.after(Span::hours(args.after_h)),
        tariff: Tariff {
            share_permille: args.share,
            hosts_max: args.hosts,
            lead_days: args.lead_days,
            ..Tariff::default()
        },
        resupply_days: args.resupply_days,
        seed: args.seed,
    };
    if args.play { played(args, &setting, words, out) } else { offered(args, &setting, words, out) }
}

fn offered(args: &Args, setting: &Setting<'_>, words: &Words, out: &Output) -> Result<Code, Failure> {
    let offer = offer_only(setting).map_err(|error| refused(&error))?;
    out.line(report::offer(&offer, setting.loaded, args.view == View::Operator, words));
    out.json(&Answer {
        seed: args.seed,
        guest: &offer.guest,
        offer: (args.view == View::Operator).then_some(&offer),
        stage: None,
        promises: None,
        statements: &[],
    })?;
    Ok(Code::Ok)
}

fn played(args: &Args, setting: &Setting<'_>, words: &Words, out: &Output) -> Result<Code, Failure> {
    let bar = out.progress(setting.loaded.orders.len() as u64, words.playing);
    let played = play(setting, &mut |tick| bar.set_position(tick.orders as u64));
    bar.finish_and_clear();
    let played = played.map_err(|error| refused(&error))?;
    let all = args.view == View::Operator;
    let statements = if all { &played.statements[..] } else { &played.statements[..1] };
    out.line(report::offer(&played.offer, setting.loaded, all, words));
    out.line(report::ending(&played, setting, all, words));
    for statement in statements.iter().take(if all { 6 } else { 1 }) {
        out.line(report::statement(statement, words));
    }
    if statements.len() > 6 {
        out.line(format!("{} {}", statements.len() - 6, words.more_statements));
    }
    out.json(&Answer {
        seed: args.seed,
        guest: &played.offer.guest,
        offer: all.then_some(&played.offer),
        stage: Some(played.stage),
        promises: Some(promises(&played, setting.merchant)),
        statements,
    })?;
    Ok(if played.stage == TakeoverStage::HandedBack { Code::Ok } else { Code::Found })
}

fn promises(played: &Played, merchant: MerchantId) -> Promises {
    let ((orders, kept_without), (_, kept_with)) = played.promises(merchant);
    Promises { orders, kept_without, kept_with }
}

fn refused(error: &TakeoverError) -> Failure {
    match error {
        TakeoverError::Offer(_) => Failure::new(
            Code::Found,
            chain(error),
            "raise --share, name other sites, or look at the operator's capacity and lanes",
        ),
        _ => Failure::new(Code::Bug, chain(error), "report it with the books and the seed"),
    }
}

/// The joined book, and who in it is carried.
struct World {
    loaded: Loaded,
    merchant: MerchantId,
    home: Vec<SiteId>,
}

fn world(args: &Args, out: &Output) -> Result<World, Failure> {
    let options = Options::orders(args.orders);
    let host = match &args.book {
        Some(folder) => read_book(folder, out)?,
        None => demo::fourteen_sites_sixty_merchants(args.seed, &options),
    };
    let guest: Option<Book> = match (&args.guest, &args.merchant) {
        (Some(folder), _) => Some(read_book(folder, out)?),
        (None, Some(_)) => None,
        (None, None) => Some(demo::one_warehouse(args.seed, &options)),
    };
    let Some(guest) = guest else {
        let code = args.merchant.as_deref().unwrap_or_default();
        if args.home.is_empty() {
            return Err(Failure::new(
                Code::Usage,
                "no site is named that the merchant loses",
                "add --home CODE, once for each site",
            ));
        }
        let loaded = load(&host);
        return found(loaded, code, &args.home);
    };
    let joined = join(&host, &guest);
    let code = args.merchant.as_ref().or_else(|| guest.merchants.first().map(|row| &row.code));
    let merchant = code.and_then(|code| joined.merchants.get(code));
    let named = |code: &String| joined.sites.get(code).cloned().unwrap_or_else(|| code.clone());
    let home: Vec<String> = if args.home.is_empty() {
        joined.sites.values().cloned().collect()
    } else {
        args.home.iter().map(named).collect()
    };
    let wanted = merchant.or(code).cloned().unwrap_or_default();
    found(load(&joined.book), &wanted, &home)
}

fn found(loaded: Loaded, merchant: &str, home: &[String]) -> Result<World, Failure> {
    let place = |what: &str, all: &[String], code: &str| {
        all.iter().position(|known| known == code).ok_or_else(|| {
            let known: Vec<&str> = all.iter().take(20).map(String::as_str).collect();
            Failure::input(
                format!("there is no {what} {code:?} in the books"),
                format!("write one of {}", known.join(", ")),
            )
        })
    };
    let id = MerchantId::from_index(place("merchant", &loaded.merchants, merchant)?);
    let sites: Result<Vec<SiteId>, Failure> =
        home.iter().map(|code| Ok(SiteId::from_index(place("site", &loaded.sites, code)?))).collect();
    let home = sites?;
    if home.is_empty() {
        return Err(Failure::input("the merchant has no site to lose", "add sites.csv to the guest's book"));
    }
    Ok(World { loaded, merchant: id, home })
}
