//! Runs the shipped Florence scenario and prints what came of it.

use holdfast_book::demo::{Options, florence};
use holdfast_hazard::storms::{florence_2018, florence_2018_forecasts};
use holdfast_sim::drill::{Setting, drill};
use holdfast_sim::scenario::Scenario;

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]
fn main() {
    let orders = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(25_000);
    let t = std::time::Instant::now();
    let book = florence(7, &Options::orders(orders));
    eprintln!("book {:?}", t.elapsed());
    let loaded = holdfast_app::load::load(&book);
    eprintln!(
        "loaded {:?} faults {:?} assumptions {:?}",
        t.elapsed(),
        loaded.faults.len(),
        loaded.assumptions
    );
    for fault in loaded.faults.iter().take(5) {
        eprintln!("{fault:?}");
    }
    let scenario = Scenario::parse(include_str!("../../../scenarios/florence.toml"))
        .expect("the scenario is read by a test");
    let (track, forecasts) = (florence_2018(), florence_2018_forecasts());
    let setting =
        Setting { loaded: &loaded, scenario: &scenario, track: Some(&track), forecasts: &forecasts, seed: 7 };
    let mut last = None;
    let found = drill(&setting, &mut |now| {
        if last != Some(now.policy) {
            eprintln!("{:?} {:?}", now.policy, t.elapsed());
            last = Some(now.policy);
        }
    });
    let found = found.expect("the drill runs");
    eprintln!("done {:?}", t.elapsed());
    for (policy, tally) in &found.report.policies {
        println!("{policy:?} {tally:?}");
    }
    for closed in &found.report.closures {
        println!("{} {closed:?}", found.report.sites[usize::from(closed.site.0)]);
    }
    for act in &found.report.log {
        println!("{act:?}");
    }
    println!("winds {:?}", found.report.winds);
    println!(
        "saved vs trade {:?} vs wait {:?}",
        found.report.saved_against_trade, found.report.saved_against_wait
    );
    println!("plans {:?} {:?}", found.report.plans_checked, found.report.violations);
}
