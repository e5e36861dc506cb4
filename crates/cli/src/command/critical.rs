//! `holdfast critical`: which SKUs must not run out, and what to lay where under a budget.

mod page;

use std::path::PathBuf;
use std::time::Instant;

use holdfast_continuity::bia::{Question, Report, analyse_sites};
use holdfast_continuity::critical::{
    Ask, Critical, Laid, PastIncident, Point, critical, incident_of, past_storms,
};
use holdfast_continuity::fluid::{Patience, World};
use holdfast_domain::id::SiteId;
use holdfast_domain::money::{Currency, group_thousands};
use holdfast_hazard::catalogue::CatalogueConfig;
use serde::Serialize;

use super::bia::{Loaded, Source, load, on_threads};
use crate::exit::{Code, Failure, chain};
use crate::output::Output;
use crate::report::origin::{self, Asked};
use crate::report::say::Say;
use crate::words::Lang;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// Money a year for laid stock, in whole units of the operator's currency; without it as much as brings itself back.
    #[arg(long)]
    budget: Option<i64>,
    /// Years to simulate; as many fresh ones judge the plans.
    #[arg(long, default_value_t = 2_000)]
    years: u32,
    /// Closures of those years that are looked at, the greatest among them.
    #[arg(long, default_value_t = 300)]
    samples: usize,
    /// Points of the frontier.
    #[arg(long, default_value_t = 8)]
    points: usize,
    /// What holding stock costs a year, per cent of what it cost to buy: 20 is assumed.
    #[arg(long, default_value_t = 20)]
    carry_percent: u32,
    /// Days until fresh stock reaches a backup site: 14 is assumed.
    #[arg(long, default_value_t = 14)]
    restock_days: u32,
    /// Site where stock may be laid; may be given again; without it the three where it saves most.
    #[arg(long)]
    at: Vec<String>,
    /// An incident in your own history to learn from: HAZARD,FROM,UNTIL and prefixes of zones, such as
    /// carrier_stoppage,2010-04-15,2010-04-22. Storms that ship are found by themselves.
    #[arg(long)]
    incident: Vec<String>,
    /// Say where the figures with this name, or below it, come from: `laid.worth_it` or `skus.CODE.cover_days`.
    #[arg(long = "where")]
    where_from: Option<String>,
    /// Write skus.csv, lays.csv, frontier.csv and figures.csv into this folder.
    #[arg(long)]
    csv: Option<PathBuf>,
    /// Write the report with its plot into this file.
    #[arg(long)]
    html: Option<PathBuf>,
    /// Language of text and page.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
}

/// How long the parts took.
#[derive(Clone, Copy, Serialize)]
struct Seconds {
    load: f64,
    impact: f64,
    critical: f64,
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    critical: &'a Critical,
    notes: &'a [String],
    seconds: Seconds,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let start = Instant::now();
    let say = Say::new(args.lang);
    let loaded = load(&args.source)?;
    let catalogue = CatalogueConfig::default();
    let question = Question {
        state: &loaded.state,
        orders: &loaded.orders,
        processes: &[],
        catalogue: &catalogue,
        seed: args.source.seed,
        years: args.years,
        patience: Patience { days: args.source.patience },
    };
    let at = sites(args, &loaded)?;
    let given = args.incident.iter().map(|text| incident_of(text, &loaded.state));
    let given: Vec<PastIncident> = given.collect::<Result<_, _>>().map_err(|error| {
        Failure::new(Code::Usage, error, "write --incident HAZARD,FROM,UNTIL[,ZONE PREFIX…]")
    })?;
    let load_s = start.elapsed().as_secs_f64();
    let bar = out.progress(3, "reading the history");
    let refuse = |error: &dyn std::error::Error| Failure::input(chain(error), "mend the book or the option");
    let world = World::new(&loaded.state, &loaded.orders).map_err(|e| refuse(&e))?;
    bar.inc(1);
    bar.set_message("simulating years");
    let begun = Instant::now();
    let report: Report =
        on_threads(args.source.threads, || analyse_sites(&question, &world))?.map_err(|e| refuse(&e))?;
    let impact = begun.elapsed().as_secs_f64();
    bar.inc(1);
    bar.set_message("laying stock");
    let begun = Instant::now();
    let incidents = [given, past_storms(&loaded.state, &world)].concat();
    let unit = unit_of(&report.currency);
    let ask = Ask {
        question: &question,
        world: &world,
        report: &report,
        budget_minor: args.budget.map(|budget| budget.saturating_mul(unit)),
        carry_percent: args.carry_percent,
        restock_days: args.restock_days,
        samples: args.samples,
        points: args.points,
        at: &at,
        incidents: &incidents,
    };
    let found = on_threads(args.source.threads, || critical(&ask))?.map_err(|e| refuse(&e))?;
    bar.finish_and_clear();
    let seconds = Seconds { load: load_s, impact, critical: begun.elapsed().as_secs_f64() };
    let answer = Answer { critical: &found, notes: &loaded.notes, seconds };
    let figures = figures(&answer)?;
    if let Some(key) = &args.where_from {
        return origin::tell(
            &figures,
            key,
            "`skus.CODE`, `laid.points.0`, `laid.worth_it`, `surges.0`",
            &say,
            out,
        );
    }
    if let Some(folder) = &args.csv {
        write_csv(&found, &figures, folder)?;
    }
    if let Some(file) = &args.html {
        write(file, &say.page(&page::page(&found, &loaded.notes)))?;
    }
    out.json(&answer)?;
    tell(&found, &loaded, seconds, &say, out);
    let sound = found.laid.as_ref().is_none_or(|laid| all_points(laid).all(|point| point.accepted));
    Ok(if sound { Code::Ok } else { Code::Bug })
}

/// Minor units in a whole one.
fn unit_of(currency: &str) -> i64 {
    10_i64.pow(currency.parse::<Currency>().map_or(2, Currency::digits))
}

fn sites(args: &Args, loaded: &Loaded) -> Result<Vec<SiteId>, Failure> {
    let sites = &loaded.state.network.sites;
    let of = |code: &String| {
        let at = sites.iter().position(|site| *site.code == **code);
        let at = at.and_then(|at| u16::try_from(at).ok()).map(SiteId);
        at.ok_or_else(|| {
            let known: Vec<&str> = sites.iter().map(|site| &*site.code).collect();
            Failure::new(
                Code::Usage,
                format!("no site is called {code:?}"),
                format!("name one of {}", known.join(", ")),
            )
        })
    };
    args.at.iter().map(of).collect()
}

fn all_points(laid: &Laid) -> impl Iterator<Item = &Point> {
    laid.points.iter().chain([&laid.worth_it, &laid.chosen]).chain(&laid.as_good_as_doubled)
}

/// Every figure of the JSON with the way to it.
fn figures(answer: &Answer<'_>) -> Result<Vec<Asked>, Failure> {
    let tree = serde_json::to_value(answer)
        .map_err(|error| Failure::new(Code::Bug, format!("write JSON: {error}"), "report it"))?;
    Ok(origin::figures(&tree, &|within, name| match (within, name) {
        ("seconds", _) => Some(origin::measured()),
        ("notes", _) => Some(origin::said("the book's files", "a remark of the reader or the loader")),
        _ => holdfast_continuity::critical::origin(answer.critical, within, name),
    }))
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

/// Whole units of the currency, grouped.
fn money(minor: f64, unit: i64) -> String {
    let whole = (minor / unit as f64).round();
    let text = group_thousands(whole.abs() as u64);
    if whole < 0.0 { format!("-{text}") } else { text }
}

fn tell(found: &Critical, loaded: &Loaded, seconds: Seconds, say: &Say, out: &Output) {
    for note in &loaded.notes {
        out.note(say.of(&format!("note: {note}")));
    }
    let mut rows = super::bia::table(&[
        "SKU",
        "class",
        "a day",
        "main site",
        "cover without it",
        "instead",
        "critical because",
    ]);
    for row in found.skus.iter().filter(|row| row.reason.is_some()).take(25) {
        rows.add_row([
            row.sku.clone(),
            format!("{}{}", row.abc, row.xyz),
            format!("{:.1}", row.units_per_day),
            row.main_site.clone().unwrap_or_default(),
            row.cover_days.map_or_else(|| "-".to_owned(), |days| format!("{days:.1} d")),
            row.substitutes.first().map_or_else(|| "none".to_owned(), |one| one.sku.clone()),
            row.reason.clone().unwrap_or_default(),
        ]);
    }
    let classes: Vec<String> = found.classes.iter().map(|(name, count)| format!("{name} {count}")).collect();
    let head = format!(
        "{} of {} SKUs are critical ({}); the first 25 by revenue",
        found.critical,
        found.skus.len(),
        classes.join(", ")
    );
    out.line(format!("{}\n{}", say.of(&head), say.table(&rows)));
    for learnt in &found.learnt {
        out.line(say.of(&format!(
            "learnt from {}: {} {} {}: {} orders where {:.1} are usual, factor {:.2} ({:.2} to {:.2}){}",
            learnt.incident,
            if learnt.category.is_empty() { "all goods" } else { &learnt.category },
            if learnt.before { "before" } else { "after" },
            learnt.hazard.key(),
            learnt.orders,
            learnt.usual,
            learnt.factor,
            learnt.interval.0,
            learnt.interval.1,
            if learnt.used { "; used" } else { "; not used: the interval holds 1" }
        )));
    }
    if let Some(laid) = &found.laid {
        tell_laid(found, laid, say, out);
    }
    out.line(say.of(&found.statement));
    for assumed in &found.assumed {
        out.line(say.of(&format!("assumed: {assumed}")));
    }
    out.line(say.of(&format!(
        "time: {:.1} s to read the book, {:.1} s for the impact, {:.1} s to lay stock",
        seconds.load, seconds.impact, seconds.critical
    )));
}

fn tell_laid(found: &Critical, laid: &Laid, say: &Say, out: &Output) {
    let unit = unit_of(&found.currency);
    let mut rows = super::bia::table(&[
        "",
        "a year",
        "tied",
        "units",
        "SKUs",
        "promises kept",
        "fresh years",
        "revenue kept",
        "expected loss",
        "gap",
        "checker",
    ]);
    let mut add = |name: &str, point: &Point| {
        let f = &point.figures;
        rows.add_row([
            name.to_owned(),
            money(f.spent_minor as f64, unit),
            money(f.value_minor as f64, unit),
            group_thousands(f.units),
            point.skus.to_string(),
            percent(f.promises_kept),
            percent(point.fresh_promises_kept),
            money(f.revenue_kept_minor, unit),
            money(f.second_stage_minor, unit),
            format!("{:.3} %", point.gap * 100.0),
            if point.accepted { "accepts" } else { "REFUSES" }.to_owned(),
        ]);
    };
    for point in &laid.points {
        add("", point);
    }
    add("brings itself back", &laid.worth_it);
    add("chosen", &laid.chosen);
    if let Some(same) = &laid.as_good_as_doubled {
        add("as good as doubling", same);
    }
    let double = &laid.doubled;
    rows.add_row([
        "doubling every SKU".to_owned(),
        money(double.spent_minor as f64, unit),
        money(double.value_minor as f64, unit),
        group_thousands(double.units),
        "all".to_owned(),
        percent(double.promises_kept),
        String::new(),
        money(double.revenue_kept_minor, unit),
        money(double.second_stage_minor, unit),
        String::new(),
        String::new(),
    ]);
    let head = format!(
        "stock laid at {} against {} closures of {} in {} years; money in whole {} a year, of customers whose site is closed",
        laid.sites.join(", "),
        laid.closures.1,
        laid.closures.0,
        found.years,
        found.currency
    );
    out.line(format!("{}\n{}", say.of(&head), say.table(&rows)));
    let mut rows = super::bia::table(&["lay", "at", "units", "a year", "the last saves", "because"]);
    for lay in laid.lays.iter().take(15) {
        rows.add_row([
            lay.sku.clone(),
            lay.site.clone(),
            lay.units.to_string(),
            money(lay.cost_minor as f64, unit),
            money(lay.last_unit_saves_minor, unit),
            lay.why.clone(),
        ]);
    }
    let head = format!("the chosen plan, the first 15 of {}; --csv writes all", laid.lays.len());
    out.line(format!("{}\n{}", say.of(&head), say.table(&rows)));
}

fn write(file: &std::path::Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text).map_err(|error| {
        Failure::input(format!("write {}: {error}", file.display()), "check the path and its permissions")
    })
}

/// A field of a CSV file; what begins like a formula is kept from being one.
fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

fn write_csv(found: &Critical, figures: &[Asked], folder: &std::path::Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::input(
            format!("make folder {}: {error}", folder.display()),
            "check the path and its permissions",
        )
    })?;
    let opt = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let mut text = String::from(
        "sku,name,category,class,units_per_day,variation,revenue_minor,main_site,cover_days,substitutes,reason\n",
    );
    for row in &found.skus {
        let instead: Vec<&str> = row.substitutes.iter().map(|one| one.sku.as_str()).collect();
        text.push_str(&format!(
            "{},{},{},{}{},{},{},{},{},{},{},{}\n",
            quoted(&row.sku),
            quoted(&row.name),
            quoted(&row.category),
            row.abc,
            row.xyz,
            row.units_per_day,
            opt(row.variation),
            row.revenue,
            quoted(row.main_site.as_deref().unwrap_or_default()),
            opt(row.cover_days),
            quoted(&instead.join(" ")),
            quoted(row.reason.as_deref().unwrap_or_default()),
        ));
    }
    write(&folder.join("skus.csv"), &text)?;
    if let Some(laid) = &found.laid {
        let mut text = String::from("sku,site,units,cost_minor,last_unit_saves_minor,why\n");
        for lay in &laid.lays {
            text.push_str(&format!(
                "{},{},{},{},{},{}\n",
                quoted(&lay.sku),
                quoted(&lay.site),
                lay.units,
                lay.cost_minor,
                lay.last_unit_saves_minor,
                quoted(&lay.why)
            ));
        }
        write(&folder.join("lays.csv"), &text)?;
        let mut text = String::from(
            "spent_minor,value_minor,units,promises_kept,fresh_promises_kept,revenue_kept_minor,expected_loss_minor,bound_minor,gap,accepted\n",
        );
        for point in &laid.points {
            let f = &point.figures;
            text.push_str(&format!(
                "{},{},{},{},{},{},{},{},{},{}\n",
                f.spent_minor,
                f.value_minor,
                f.units,
                f.promises_kept,
                point.fresh_promises_kept,
                f.revenue_kept_minor,
                f.second_stage_minor,
                point.bound_minor,
                point.gap,
                point.accepted
            ));
        }
        write(&folder.join("frontier.csv"), &text)?;
    }
    let mut text = String::from("key,value,formula,inputs,version\n");
    for figure in figures {
        text.push_str(&format!(
            "{},{},{},{},{}\n",
            quoted(&figure.key),
            quoted(&figure.value),
            quoted(figure.formula()),
            quoted(&figure.inputs().join("; ")),
            figure.version()
        ));
    }
    write(&folder.join("figures.csv"), &text)
}
