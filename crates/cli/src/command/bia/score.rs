//! `holdfast bia --score FILE`: what the analysis says of a drill's closures against what each policy came to.

use std::path::Path;

use holdfast_continuity::fluid::Patience;
use holdfast_continuity::score::{Closure, Score, ScoreError, Toll, forecast, score};
use holdfast_domain::time::Stamp;
use serde::{Deserialize, Serialize};

use super::Loaded;
use super::tell::{Coin, percent, table};
use crate::exit::{Code, Failure, chain};
use crate::input;
use crate::output::Output;
use crate::report::say::Say;

/// The parts of a drill's `report.json` that are scored.
#[derive(Deserialize)]
struct Drill {
    scenario: String,
    seed: u64,
    closures: Vec<Shut>,
    policies: Vec<(String, Tally)>,
    sites: Vec<String>,
    surge_orders: u64,
}

#[derive(Deserialize)]
struct Shut {
    site: usize,
    from: Stamp,
    until: Option<Stamp>,
}

#[derive(Deserialize)]
struct Tally {
    orders: u64,
    late: u64,
    open: u64,
    #[serde(default)]
    cancelled_by_law: u64,
    shipping: i64,
    handling: i64,
    late_cost: i64,
    activation: i64,
}

/// A policy's score.
#[derive(Serialize)]
struct Row {
    policy: String,
    #[serde(flatten)]
    score: Score,
}

/// The answer in JSON.
#[derive(Serialize)]
struct Answer<'a> {
    scenario: &'a str,
    orders: u64,
    forecast: Toll,
    policies: &'a [Row],
    notes: &'a [String],
}

/// Reads the report, forecasts its closures on the book, and prints both.
pub fn run(
    path: &Path,
    loaded: &Loaded,
    patience: Patience,
    say: &Say,
    out: &Output,
) -> Result<Code, Failure> {
    let text = input::text(path)?;
    let drill: Drill = serde_json::from_str(&text).map_err(|error| {
        Failure::input(
            format!("read {}: {error}", path.display()),
            "give the report.json that `holdfast drill` or `holdfast demo` writes into its folder",
        )
    })?;
    let closures: Vec<Closure> = drill
        .closures
        .iter()
        .map(|shut| Closure {
            site: drill.sites.get(shut.site).cloned().unwrap_or_else(|| format!("site {}", shut.site)),
            from: shut.from,
            until: shut.until,
        })
        .collect();
    let said = forecast(&loaded.state, &loaded.orders, &closures, patience).map_err(|error| {
        let remedy = match &error {
            ScoreError::NoClosure => "score a drill in which a site closes",
            _ => "give the same book, --orders and --seed as the drill was run with",
        };
        Failure::input(chain(&error), remedy)
    })?;
    let rows: Vec<Row> = drill
        .policies
        .iter()
        .map(|(policy, tally)| {
            let came = Toll {
                late: tally.late as f64,
                unserved: (tally.open + tally.cancelled_by_law) as f64,
                cost: (tally.shipping + tally.handling + tally.late_cost + tally.activation) as f64,
            };
            Row { policy: policy.clone(), score: score(&said, &came) }
        })
        .collect();
    let orders = drill.policies.first().map_or(0, |(_, tally)| tally.orders);
    let notes = notes(&drill, loaded, orders);
    let shown: Vec<String> = closures.iter().map(|closure| closure.site.clone()).collect();
    let line = |text: String| out.line(say.of(&text));
    line(format!("{} (seed {}): closed {}", drill.scenario, drill.seed, shown.join(", ")));
    for note in &notes {
        line(format!("note: {note}"));
    }
    let operator = loaded.state.network.operator.as_ref();
    let coin = Coin::of(&operator.map_or_else(String::new, |operator| operator.currency.to_string()));
    let mut printed = table(&["policy", "figure", "forecast", "came", "off"]);
    for row in &rows {
        let figures = [("late", row.score.late), ("unserved", row.score.unserved), ("cost", row.score.cost)];
        for (what, one) in figures {
            let show = |value: f64| if what == "cost" { coin.whole(value) } else { format!("{value:.0}") };
            printed.add_row([
                row.policy.clone(),
                what.to_owned(),
                show(one.forecast),
                show(one.actual),
                one.off.map_or_else(|| "nothing came".to_owned(), percent),
            ]);
        }
    }
    out.line(say.table(&printed).to_string());
    out.json(&Answer { scenario: &drill.scenario, orders, forecast: said, policies: &rows, notes: &notes })?;
    Ok(Code::Ok)
}

/// What sets the two apart by construction.
fn notes(drill: &Drill, loaded: &Loaded, orders: u64) -> Vec<String> {
    let mut notes = vec![
        "the forecast knows the closures, each site's from the begin of the first; it knows no zone in which \
         deliveries rest and no plan: it leads orders to the cheapest open site one by one"
            .to_owned(),
    ];
    if drill.surge_orders > 0 {
        notes.push(format!(
            "the drill adds {} orders by surge; the forecast has none of them",
            drill.surge_orders
        ));
    }
    let known = loaded.orders.len() as u64;
    if known + drill.surge_orders != orders {
        notes.push(format!(
            "the book gives {known} orders, the drill took {orders}: is it the same book, --orders and --seed?"
        ));
    }
    notes
}
