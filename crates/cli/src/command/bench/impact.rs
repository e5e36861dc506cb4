//! Business impact analysis over simulated years, with all its figures, on the demo's fourteen sites.

use std::time::Instant;

use holdfast_continuity::bia::{Question, Report, analyse_sites, analyse_with};
use holdfast_continuity::calibrate::calibrate;
use holdfast_continuity::fluid::{Patience, World};
use holdfast_hazard::catalogue::CatalogueConfig;

use super::Figure;
use crate::command::bia::{Source, load, on_threads};
use crate::exit::{Code, Failure, chain};
use crate::output::Output;

/// Years of a whole run, and the seconds the project wants them in.
const YEARS: u32 = 10_000;
const SECONDS: f64 = 10.0;
/// Orders of the history.
const ORDERS: u32 = 25_000;
/// Years that are computed on one thread and on two.
const TWICE_YEARS: u32 = 200;
/// Events held against the engine.
const COMPARED: usize = 200;

/// Measures it.
pub(crate) fn measure(quick: bool, seed: u64, out: &Output) -> Result<Vec<Figure>, Failure> {
    let (years, orders) = if quick { (YEARS / 50, ORDERS / 5) } else { (YEARS, ORDERS) };
    let source = Source {
        book: None,
        book_demo: None,
        demo: true,
        uci: None,
        orders,
        seed,
        patience: Patience::default().days,
        threads: None,
    };
    let loaded = load(&source)?;
    let bug = |what: String| Failure::new(Code::Bug, what, "report it");
    let catalogue = CatalogueConfig::default();
    let question = |years: u32| Question {
        state: &loaded.state,
        orders: &loaded.orders,
        processes: &loaded.processes,
        catalogue: &catalogue,
        seed,
        years,
        patience: Patience::default(),
    };
    let bar = out.progress(3, "simulating years");
    let start = Instant::now();
    let world = World::new(&loaded.state, &loaded.orders).map_err(|error| bug(chain(&error)))?;
    let report = analyse_with(&question(years), &world, &loaded.facts).map_err(|error| bug(chain(&error)))?;
    let seconds = start.elapsed().as_secs_f64();
    bar.inc(1);
    let on = |threads: usize| -> Result<Report, Failure> {
        on_threads(Some(threads), || analyse_sites(&question(TWICE_YEARS.min(years)), &world))?
            .map_err(|error| bug(chain(&error)))
    };
    if on(1)? != on(2)? {
        return Err(bug("the years are others on two threads than on one".to_owned()));
    }
    bar.inc(1);
    let compared = calibrate(&question(years), COMPARED).map_err(|error| bug(chain(&error)))?;
    bar.finish_and_clear();
    let apart = [compared.used.late, compared.used.unserved, compared.used.cost];
    let most = |figure: fn(&holdfast_continuity::calibrate::Difference) -> f64| {
        apart.iter().map(figure).fold(0.0, f64::max) * 100.0
    };
    let quality = format!(
        "{} events, {} runs; the same bits on one thread and on two; off the engine by at most {:.2} % in the sum and \
         {:.1} % at the 95th percentile of {} events",
        report.events,
        report.runs,
        most(|one| one.aggregate),
        most(|one| one.p95),
        compared.events,
    );
    let what = format!("impact: {years} years, 14 sites, {orders} orders");
    let whole = Figure::new(what, seconds, "s").note(quality);
    let whole = if quick { whole } else { whole.at_most(SECONDS) };
    let per_second = Figure::new("impact: events", report.events as f64 / seconds, "1/s");
    Ok(vec![whole, per_second])
}
