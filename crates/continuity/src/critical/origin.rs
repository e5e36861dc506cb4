//! Where each number of a critical-inventory answer comes from, by its name.

use super::Critical;
use crate::trace::{Trace, VERSION};

/// The way to a field of the answer; `name` is the last part of its path, `within` the part before it that is a name. `None`
/// for what is no figure of this answer.
#[must_use]
pub fn origin(answer: &Critical, within: &str, name: &str) -> Option<Trace> {
    let orders = || "orders.csv, order_lines.csv: units, prices and days of the history".to_owned();
    let stock = || "stock.csv: units on hand at the beginning, by site".to_owned();
    let skus = || "skus.csv: name, category, list price, purchase price".to_owned();
    let events = || {
        let seen = answer.laid.as_ref().map_or((0, 0), |laid| laid.closures);
        format!(
            "{} years of the event catalogue, seed {}: {} closures, {} of them looked at",
            answer.years, answer.seed, seen.0, seen.1
        )
    };
    let surges =
        || "surge factors with their sources (docs/reference/critical.md), own history first".to_owned();
    let ways = || {
        "lanes.csv, sites.csv, merchants.csv: carriage, capacity, cut-offs, cost of lateness and backorder"
            .to_owned()
    };
    let carry = || format!("--carry-percent {} of the purchase price a year", answer.carry_percent);
    let restock = || format!("--restock-days {}", answer.restock_days);
    let plan = || vec![orders(), stock(), skus(), ways(), events(), surges(), carry(), restock()];
    let option = |name: &str, formula: &str| (vec![format!("command line: {name}")], formula.to_owned());
    let (inputs, formula): (Vec<String>, String) = match (within, name) {
        (_, "currency") => (vec!["operator.csv".into()], "as declared".into()),
        (_, "seed") => option("--seed", "as given"),
        (_, "years") => option("--years", "as given; as many years after them judge the plans"),
        (_, "carry_percent") => option("--carry-percent", "as given"),
        (_, "restock_days") => option("--restock-days", "as given"),
        ("classes", _) => (vec![orders()], "SKUs of this class, counted".into()),
        ("substitutes", "likeness") => (vec![skus()], "words in common / words in all, of the two names".into()),
        ("substitutes", "cover_days") => {
            (vec![stock(), orders()], "units at all sites but the one that fails / units a day".into())
        }
        ("substitutes", _) => (vec![skus()], "same merchant, category and storage, price within 30 %, 40 % of the words".into()),
        ("incidents", _) => (
            vec!["--incident, or a storm that ships and passed over the zones while orders came in".into()],
            "as given, or the hours its winds of 34 kt lay over a zone".into(),
        ),
        ("learnt" | "interval", "orders") => (vec![orders()], "orders that hold the category, zones struck, in the phase".into()),
        ("learnt", "usual") => (vec![orders()], "mean orders of the same weekdays away from the incident, summed over the phase".into()),
        ("learnt", "factor") => (vec![orders()], "orders / usual".into()),
        ("learnt", "used") => (vec![orders()], "the interval leaves 1 out, and at least 10 orders".into()),
        ("learnt", "interval" | "0" | "1") | ("interval", _) => {
            (vec![orders()], "Jeffreys' interval of the orders / usual, nine in ten".into())
        }
        ("learnt", _) => (vec![orders()], "the incident, phase and category it was counted for".into()),
        ("surges", _) | ("words", _) => (
            vec!["factors typed with their source, or own orders".into()],
            "as its source says: see `source` and `basis` beside it".into(),
        ),
        ("closures", _) => (vec![events()], "closures of 8 h and more of sites that take orders; the greatest surely, the others drawn".into()),
        ("cover_without", "days") => (vec![stock(), orders()], "units at the other sites / units a day".into()),
        ("cover_without", _) => (vec![stock()], "units at all sites but this one".into()),
        (_, "abc") => (vec![orders()], "by revenue: A up to 80 %, B up to 95 %, C the rest".into()),
        (_, "xyz") => (vec![orders()], "by variation: X up to 0.5, Y up to 1, Z beyond".into()),
        (_, "variation") => (vec![orders()], "standard deviation of daily units / their mean".into()),
        (_, "units_per_day") => (vec![orders()], "units ordered / days from the first order to the last".into()),
        (_, "revenue") => (vec![orders()], "sum of units x price".into()),
        (_, "cover_days") => (vec![stock(), orders()], "units at all sites but the main one / units a day".into()),
        (_, "main_site") if within != "laid" => (vec![stock()], "the site that holds most units".into()),
        (_, "main_site") => (plan(), "the site whose loss costs most a year (`holdfast bia`)".into()),
        (_, "second_site") => (plan(), "the site that takes over most of the main site's orders (`holdfast bia`)".into()),
        (_, "reason") => (
            vec![orders(), stock(), surges()],
            "class A at one site alone; or cover over the greatest surge below 7 days; or class A with cover below 7 days".into(),
        ),
        ("skus", "sku" | "name" | "category") => (vec![skus()], "as declared".into()),
        (_, "critical") => (vec![orders(), stock(), surges()], "SKUs with a reason, counted".into()),
        ("lays", "units") => (plan(), "the plan for the budget: least expected loss for the money".into()),
        ("lays", "cost_minor") => (vec![skus(), carry()], "units x purchase price x carrying cost".into()),
        (_, "last_unit_saves_minor") => (plan(), "expected loss with one unit less, less that of the plan".into()),
        ("lays", "why") => (vec![orders(), stock(), surges()], "the SKU's reason, or its cover".into()),
        ("lays", _) => (plan(), "where the plan lays it".into()),
        ("sites", _) => (plan(), "--at, or the second site and the two where laid stock saves most".into()),
        (_, "budget_minor") => (plan(), "--budget, or the money at which the last unit just brings itself back".into()),
        (_, "spent_minor") => (vec![skus(), carry()], "sum of units x purchase price x carrying cost, a year".into()),
        (_, "value_minor") => (vec![skus()], "sum of units x purchase price".into()),
        (_, "units") => (plan(), "units laid, counted".into()),
        ("points" | "worth_it" | "chosen" | "as_good_as_doubled", "skus") => (plan(), "SKUs with a unit laid, counted".into()),
        (_, "second_stage_minor") => (
            plan(),
            "sum over sampled closures of rate x (margin and backorder of units unserved + carriage and lateness beyond the usual of laid units)".into(),
        ),
        (_, "demanded") => (plan(), "sum over sampled closures of rate x units customers of closed sites ask for, surges included".into()),
        (_, "unserved") => (plan(), "of those, units neither spare stock elsewhere nor laid stock serves, or no hands".into()),
        (_, "promises_kept") => (plan(), "1 - unserved / demanded".into()),
        (_, "revenue_kept_minor") => (plan(), "units served x list price".into()),
        (_, "revenue_lost_minor") => (plan(), "units unserved x list price".into()),
        (_, "bound_minor") => (plan(), "Lagrangian: the SKUs' bounds at the price of money, less the price of the budget; rebuilt by the checker".into()),
        (_, "gap") => (plan(), "(expected loss - bound) / expected loss".into()),
        (_, "next_money_saves") => (plan(), "the price of money: what one more unit of it would save".into()),
        (_, "fresh_promises_kept") => (plan(), "as promises_kept, on closures of years the plan was not made on".into()),
        (_, "fresh_loss_minor") => (plan(), "as second_stage_minor, on closures of years the plan was not made on".into()),
        (_, "accepted") => (plan(), "the independent checker, bound included".into()),
        (_, "as_good_bound_minor") => (plan(), "the same prices with the expected loss held at the doubled stock's".into()),
        (_, "saving_minor") => (plan(), "spent by doubling - spent by the least stock that protects as well".into()),
        (_, "saving_value_minor") => (plan(), "capital tied by doubling - by the least stock that protects as well".into()),
        (_, "statement") => (plan(), "the least stock as good as doubling, in words".into()),
        ("assumed", _) => (vec!["no file says it".into()], "an assumption, changed by the option it names".into()),
        _ => return None,
    };
    Some(Trace { inputs, formula, version: VERSION })
}
