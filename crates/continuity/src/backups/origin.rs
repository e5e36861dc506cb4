//! Where each figure of an answer comes from.

use crate::trace::{Trace, VERSION};

/// The way to a field of an [`Answer`](super::Answer) or [`Kept`](super::Kept).
#[must_use]
pub fn origin(within: &str, name: &str) -> Option<Trace> {
    let orders = "orders.csv, order_lines.csv: orders a day by destination, worth, units and weight";
    let ways = "lanes.csv, sites.csv, merchants.csv: carriage, handling, capacity, cost of a backorder";
    let events =
        "--years of the event catalogue, --seed: closures of 8 h and more, sites of one event together";
    let terms = "standby_contracts.csv, or --candidate";
    let plan = || vec![orders.to_owned(), ways.to_owned(), events.to_owned(), terms.to_owned()];
    let (inputs, formula): (Vec<String>, &str) = match (within, name) {
        (_, "currency") => (vec!["operator.csv".into()], "as declared"),
        (_, "seed" | "years" | "keep") => (vec!["command line".into()], "as given"),
        (_, "capacity") => (vec!["command line: --no-capacity".into()], "as given"),
        (_, "events") => {
            (vec![events.into()], "groups of closures of the same sites for about as long, counted")
        }
        (_, "closed_days_held") => {
            (vec![events.into()], "closed days in the groups looked at / all closed days")
        }
        (_, "groups") => (
            vec![orders.into(), ways.into()],
            "destinations by the two sites that reach them most cheaply, counted",
        ),
        ("terms", _) => (
            vec![terms.into()],
            "as declared (assumed 0 where its source says that nobody declared any); activation with the daily cost over a mean closure",
        ),
        (_, "source") => (vec![terms.into()], "who says so"),
        (_, "orders_per_day") => (
            vec!["sites.csv, capacity_days.csv".into(), orders.into()],
            "capacity a day / work of a mean order",
        ),
        (_, "closed_days") => (vec![events.into()], "sum of its closures / years"),
        (_, "orders_per_year") => (plan(), "orders the plan sends there over all events x their rates"),
        (_, "saves_minor") => {
            (plan(), "expected cost of a year's events without this contract, the others kept, less with it")
        }
        (_, "fails_too") => (
            vec![events.into()],
            "days on which it and a main site are closed by one event / days on which a main site is",
        ),
        (_, "cost") if within == "kept" => {
            (vec![orders.into(), ways.into()], "carriage and handling of a year's usual orders")
        }
        (_, "cost") => (plan(), "contracts + rate x (activation + carriage + unserved orders), a year"),
        (_, "bound") => (plan(), "Lagrangian bound of branch and bound: no choice costs less"),
        (_, "gap") => (plan(), "(cost - bound) / cost"),
        (_, "proven") => (plan(), "the search ended by itself"),
        (_, "cost_without") => (plan(), "the same with no contract"),
        (_, "unserved_orders") => (plan(), "orders left unserved over all events x their rates"),
        (_, "unserved_orders_without") => (plan(), "the same with no contract"),
        ("violations", _) => (plan(), "the independent checker's words"),
        ("assumed", _) => (vec!["no file says it".into()], "an assumption"),
        (_, "site") | ("open_sites", _) => (vec!["sites.csv".into()], "the plan's choice, by code"),
        (_, "violations" | "assumed" | "contracts" | "candidates" | "open_sites") => (plan(), "a list"),
        _ => return None,
    };
    Some(Trace { inputs, formula: formula.to_owned(), version: VERSION })
}
