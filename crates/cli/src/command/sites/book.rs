//! `holdfast sites` on a book: which backups to contract, and which sites to keep.

use std::ops::ControlFlow;
use std::time::Instant;

use holdfast_continuity::backups::{Answer, Ask, Kept, Offered, Said, Terms, backups, keep, origin};
use holdfast_continuity::bia::Question;
use holdfast_continuity::fluid::{Patience, World};
use holdfast_domain::id::SiteId;
use holdfast_domain::money::{Currency, group_thousands};
use holdfast_hazard::catalogue::CatalogueConfig;
use holdfast_plan::facility::Progress;
use serde::Serialize;

use crate::command::bia::{Loaded, Source, load, on_threads, table};
use crate::exit::{Code, Failure, chain};
use crate::output::Output;
use crate::report::origin as where_from;
use crate::report::say::Say;
use crate::words::Lang;

#[derive(clap::Args)]
pub struct BookArgs {
    #[command(flatten)]
    source: Source,
    /// Years to simulate.
    #[arg(long, default_value_t = 2_000)]
    years: u32,
    /// Contracts at most.
    #[arg(long, default_value_t = 3)]
    most: usize,
    /// A candidate: CODE, or CODE=CONTRACT,ACTIVATION,LEAD_DAYS with money a year and for each call in whole units. May be
    /// given again. Without it the standby sites of the book; for a book without any, every site but the greatest.
    #[arg(long)]
    candidate: Vec<String>,
    /// Say as well which so many sites would serve the usual orders most cheaply (p-median).
    #[arg(long)]
    keep: Option<usize>,
    /// Leave the sites' capacity out of --keep.
    #[arg(long)]
    no_capacity: bool,
    /// Say where the figures with this name, or below it, come from: `contracts.CODE` or `cost`.
    #[arg(long = "where")]
    where_from: Option<String>,
    /// Language of the text.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
}

impl BookArgs {
    /// The first option given that only a book can answer.
    pub fn asked(&self) -> Option<&'static str> {
        let given = [
            ("--where", self.where_from.is_some()),
            ("--candidate", !self.candidate.is_empty()),
            ("--keep", self.keep.is_some()),
            ("--no-capacity", self.no_capacity),
        ];
        given.into_iter().find_map(|(option, is)| is.then_some(option))
    }
}

#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    answer: Answer,
    open_sites: Vec<String>,
    kept: Option<Kept>,
    notes: Vec<String>,
    seconds: f64,
}

pub fn run(args: &BookArgs, out: &Output) -> Result<Code, Failure> {
    let mut loaded = load(&args.source)?;
    let catalogue = CatalogueConfig::default();
    let world = World::new(&loaded.state, &loaded.orders)
        .map_err(|e| Failure::input(chain(&e), "mend the book or the option"))?;
    let terms = candidates(args, &mut loaded, &world)?;
    let question = Question {
        state: &loaded.state,
        orders: &loaded.orders,
        processes: &[],
        catalogue: &catalogue,
        seed: args.source.seed,
        years: args.years,
        patience: Patience { days: args.source.patience },
    };
    if args.years == 0 || args.years > holdfast_continuity::bia::YEARS_MAX {
        return Err(Failure::new(
            Code::Usage,
            format!("simulate {} years", args.years),
            "give 1 to 1,000,000",
        ));
    }
    let start = Instant::now();
    let ask = Ask { question: &question, world: &world, terms: &terms, most: args.most };
    let bar = out.progress(1000, "choosing backups");
    let mut watch = |now: &Progress| {
        let gap = if now.cost > 0.0 { (now.cost - now.lower_bound) / now.cost } else { 0.0 };
        bar.set_position(((1.0 - gap.clamp(0.0, 1.0)) * 1000.0) as u64);
        ControlFlow::Continue(())
    };
    let refuse = |error: &dyn std::error::Error| {
        Failure::input(chain(error), "mend the book, or name --candidate CODE")
    };
    let answer = on_threads(args.source.threads, || backups(&ask, &mut |_| ControlFlow::Continue(())))?
        .map_err(|e| refuse(&e))?;
    let kept = args.keep.map(|count| keep(&ask, count, !args.no_capacity, &mut watch)).transpose();
    bar.finish_and_clear();
    let kept = kept.map_err(|e| refuse(&e))?;
    let told = Told {
        open_sites: answer.contracts.iter().map(|contract| contract.site.clone()).collect(),
        answer,
        kept,
        notes: loaded.notes.clone(),
        seconds: start.elapsed().as_secs_f64(),
    };
    if let Some(key) = &args.where_from {
        let tree = serde_json::to_value(&told)
            .map_err(|error| Failure::new(Code::Bug, format!("write JSON: {error}"), "report it"))?;
        let figures = where_from::figures(&tree, &|within, name| match (within, name) {
            (_, "seconds") => Some(where_from::measured()),
            ("", "kept") => Some(where_from::said("command line", "null: --keep was not given")),
            ("notes", _) => {
                Some(where_from::said("the book's files", "a remark of the reader or the loader"))
            }
            _ => origin(within, name),
        });
        return where_from::tell(
            &figures,
            key,
            "`cost`, `contracts.CODE`, `candidates.CODE`",
            &Say::new(args.lang),
            out,
        );
    }
    out.json(&told)?;
    print(&told, &Say::new(args.lang), out);
    Ok(if told.answer.violations.is_empty() { Code::Ok } else { Code::Bug })
}

fn unit_of(loaded: &Loaded) -> i64 {
    let currency = loaded.state.network.operator.as_ref().map_or(Currency::USD, |operator| operator.currency);
    10_i64.pow(currency.digits())
}

fn candidates(args: &BookArgs, loaded: &mut Loaded, world: &World) -> Result<Vec<Offered>, Failure> {
    let unit = unit_of(loaded);
    let sites = &loaded.state.network.sites;
    let mut terms = Vec::new();
    for text in &args.candidate {
        let (code, numbers) = text.split_once('=').unwrap_or((text, "0,0,0"));
        let wrong = |what: String| {
            Failure::new(Code::Usage, what, "write --candidate CODE=CONTRACT,ACTIVATION,LEAD_DAYS")
        };
        let at = sites.iter().position(|site| *site.code == *code);
        let at = at.and_then(|at| u16::try_from(at).ok()).ok_or_else(|| {
            let known: Vec<&str> = sites.iter().map(|site| &*site.code).collect();
            wrong(format!("no site is called {code:?}; there are {}", known.join(", ")))
        })?;
        let numbers: Vec<f64> = numbers
            .split(',')
            .map(|number| {
                number.trim().parse::<f64>().ok().filter(|v| v.is_finite() && (0.0..=1e12).contains(v))
            })
            .collect::<Option<_>>()
            .ok_or_else(|| wrong(format!("read {text:?}: each number is 0 to 10^12")))?;
        let [contract, activation, lead_days] = numbers.as_slice() else {
            return Err(wrong(format!("read {text:?}: it has {} numbers and needs three", numbers.len())));
        };
        let minor = |whole: &f64| (whole * unit as f64).round() as i64;
        let own = Terms {
            contract_minor: minor(contract),
            activation_minor: minor(activation),
            lead_days: *lead_days,
        };
        if terms.iter().any(|known: &Offered| known.site == SiteId(at)) {
            return Err(wrong(format!("{code} is named twice")));
        }
        // A code alone says nothing of what it costs.
        let said = if text.contains('=') { Said::Declared } else { Said::Nobody };
        terms.push(Offered { site: SiteId(at), terms: own, said });
    }
    if terms.is_empty() && sites.iter().all(|site| site.standby.is_none()) {
        let main = (0..world.sites_count)
            .filter(|site| world.is_open(*site))
            .max_by(|a, b| world.capacity_per_day(*a).total_cmp(&world.capacity_per_day(*b)).then(b.cmp(a)));
        let free = Terms { contract_minor: 0, activation_minor: 0, lead_days: 0.0 };
        let others = (0..world.sites_count).filter(|site| world.is_open(*site) && Some(*site) != main);
        let offered = |site: usize| {
            let site = SiteId(u16::try_from(site).ok()?);
            Some(Offered { site, terms: free, said: Said::Nobody })
        };
        terms = others.filter_map(offered).collect();
        loaded.notes.push(
            "the book has no standby site: every site but the greatest is looked at as a backup that costs nothing to hold and to call; \
             what it saves is what it may cost"
                .to_owned(),
        );
    }
    Ok(terms)
}

fn print(told: &Told, say: &Say, out: &Output) {
    let it = &told.answer;
    for note in &told.notes {
        out.note(say.of(&format!("note: {note}")));
    }
    let line = |text: String| out.line(say.of(&text));
    let unit = 10_f64.powi(it.currency.parse::<Currency>().map_or(2, Currency::digits) as i32);
    let money = |minor: f64| group_thousands((minor / unit).round().abs() as u64);
    line(format!(
        "events of a year cost {} {} with {} backups, bound {}, gap {:.4} %{}; {} without any; {:.2} s",
        money(it.cost as f64),
        it.currency,
        it.contracts.len(),
        money(it.bound as f64),
        100.0 * it.gap,
        if it.proven { " (proven optimal)" } else { "" },
        money(it.cost_without as f64),
        told.seconds
    ));
    line(format!(
        "orders nobody serves: {:.1} a year, {:.1} without backups; {} groups of closures hold {:.1} % of all closed days in {} years",
        it.unserved_orders,
        it.unserved_orders_without,
        it.events,
        100.0 * it.closed_days_held,
        it.years
    ));
    let mut rows = table(&[
        "candidate",
        "contract a year",
        "a call",
        "lead days",
        "orders a day",
        "closed days a year",
        "contract it",
        "orders a year",
        "saves a year",
        "closed with a main site",
    ]);
    for one in &it.candidates {
        let contract = it.contracts.iter().find(|contract| contract.site == one.site);
        rows.add_row([
            one.site.clone(),
            money(one.terms.contract_minor as f64),
            money(one.terms.activation_minor as f64),
            format!("{:.1}", one.terms.lead_days),
            format!("{:.0}", one.orders_per_day),
            format!("{:.2}", one.closed_days),
            if contract.is_some() { "yes" } else { "no" }.to_owned(),
            contract.map_or_else(String::new, |c| format!("{:.1}", c.orders_per_year)),
            contract.map_or_else(String::new, |c| money(c.saves_minor as f64)),
            contract.map_or_else(String::new, |c| format!("{:.2} %", 100.0 * c.fails_too)),
        ]);
    }
    out.line(say.table(&rows).to_string());
    for one in &it.candidates {
        line(format!("{}: terms {}", one.site, one.source));
    }
    if let Some(kept) = &told.kept {
        line(format!(
            "the {} sites that serve the usual orders most cheaply{}: {}; {} a year, bound {}, gap {:.4} %{}",
            kept.keep,
            if kept.capacity { " within capacity" } else { "" },
            kept.open_sites.join(", "),
            money(kept.cost),
            money(kept.bound),
            100.0 * kept.gap,
            if kept.proven { " (proven optimal)" } else { "" }
        ));
    }
    for assumed in &it.assumed {
        line(format!("assumed: {assumed}"));
    }
    for violation in &it.violations {
        out.note(format!("REFUSED by the checker: {violation}"));
    }
}
