//! Re-planning open orders after a loss, with a proven bound.
//!
//! [`solve()`] takes a frozen [`Problem`] to an immutable [`Plan`]; [`check()`] and [`check_bound`] verify one
//! from scratch and share no code with it. Stock, capacity and fairness floors are relaxed with prices; each
//! order is then solved alone, exactly up to six lines, and the sum is a lower bound for any prices that are
//! not negative. Integer plans are made from the prices and improved by taking orders out, putting them back
//! and pushing others aside. Everything counts in whole numbers, the bound included.

pub mod bench_format;
mod chain;
mod check;
mod construct;
mod dual;
mod fair;
mod finish;
mod generate;
mod improve;
mod keepable;
mod long_order;
#[cfg(test)]
mod long_order_tests;
mod model;
mod plan;
mod price;
mod problem;
mod repair;
mod ruin;
mod rules;
mod search;
mod solve;
mod state;
mod subproblem;

pub use check::{Code, Violation, check, check_bound, check_fair};
pub use fair::{FAIR_PART, FAIR_SCALE, Fair, Share, fair_floors, solve_fair};
pub use generate::{World, generate};
pub use plan::{
    BackorderedBecause, CostParts, LinePlan, MovedBecause, PRICE_SCALE, Piece, Plan, PlanParts, Prices,
    Reason, Stopped, Work, gap,
};
pub use problem::{
    COST_MAX, Draft, FAULTS_MAX, HAULS_MAX, HORIZON_MAX, Haul, Held, LINE_QUANTITY_MAX, Lane, LaneKind, Line,
    Merchant, ORDER_LINES_MAX, ORDERS_MAX, Order, Problem, ProblemError, ProblemFault, SITES_MAX, Site,
    SiteStatus, Sku, Stock,
};
pub use solve::{Control, Options, Progress, solve};
