//! `holdfast critical`: which SKUs must not run out, and what to lay where under a budget.

use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};
use holdfast_continuity::bia::{Question, analyse_world};
use holdfast_continuity::critical::critical;
use holdfast_continuity::fluid::{Patience, World};
use holdfast_hazard::catalogue::CatalogueConfig;

use super::bia::{Source, load, on_threads};
use crate::exit::{Code, Failure, chain};
use crate::output::Output;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
    /// Money to lay stock with, in whole units of the operator's currency.
    #[arg(long, default_value_t = 100_000)]
    budget: i64,
    /// Years to simulate for the chances of closures.
    #[arg(long, default_value_t = 2_000)]
    years: u32,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
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
    let refuse = |error: &dyn std::error::Error| Failure::input(chain(error), "mend the book or the option");
    let world = World::new(&loaded.state, &loaded.orders).map_err(|e| refuse(&e))?;
    let work = || analyse_world(&question, &world);
    let report = on_threads(args.source.threads, work)?.map_err(|e| refuse(&e))?;
    let answer =
        critical(&loaded.state, &world, &report, args.budget.saturating_mul(100)).map_err(|e| refuse(&e))?;
    out.json(&answer)?;
    for note in &loaded.notes {
        out.note(format!("note: {note}"));
    }
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(["SKU", "class", "a day", "main site", "cover without it", "surge", "critical because"]);
    for row in answer.skus.iter().filter(|row| row.reason.is_some()).take(25) {
        table.add_row([
            row.sku.clone(),
            format!("{}{}", row.abc, row.xyz),
            format!("{:.1}", row.units_per_day),
            row.main_site.clone().unwrap_or_default(),
            row.cover_days.map_or_else(|| "-".to_owned(), |days| format!("{days:.1} d")),
            row.surge.map_or_else(|| "none known".to_owned(), |(f, basis, _)| format!("{f:.2} ({basis:?})")),
            row.reason.clone().unwrap_or_default(),
        ]);
    }
    out.line(format!(
        "{} of {} SKUs are critical; the first 25 by revenue\n{table}",
        answer.critical,
        answer.skus.len()
    ));
    if let Some(frontier) = &answer.frontier {
        let mut table = Table::new();
        table.load_style(UTF8_HORIZONTAL_ONLY);
        table.set_header(["spent", "units", "promises kept", "revenue kept", "gap to the bound"]);
        for plan in &frontier.plans {
            table.add_row([
                format!("{}", plan.figures.spent_minor / 100),
                format!("{}", plan.figures.units),
                format!("{:.2} %", plan.figures.promises_kept * 100.0),
                format!("{}", plan.figures.revenue_kept_minor / 100),
                format!("{:.3} %", plan.gap * 100.0),
            ]);
        }
        out.line(format!("{table}"));
    }
    out.line(answer.statement);
    Ok(Code::Ok)
}
