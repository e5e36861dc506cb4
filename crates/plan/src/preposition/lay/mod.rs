//! How many units of which SKU to lay at which site under a budget, before sites close.
//!
//! Two stages: units are laid; then one of the scenarios comes (a sample of the event catalogue's closures, each with
//! the units that nobody else can serve, surges included) and what lies at the sites that are left serves what it
//! can. Money is the limit, so the plan minimises the expected second stage within the budget. For each SKU that
//! is a convex function of whole units ([`good`]); the SKUs share only the money, which gets a price `mu`: the
//! saving the last unit of money brings. Under a price each SKU is solved alone, and the sum less the price of
//! the budget is a bound for any price (Lagrangian). Invariants: figures are evaluated exactly for the published
//! units; a published bound follows from published prices ([`super::check_lay`] rebuilds it).

mod certificate;
mod good;
mod solve;

use holdfast_domain::id::{SiteId, SkuId};
use serde::Serialize;

pub use solve::{doubled, evaluate, frontier, full_minor, least_for, solve, worth_it};

/// The most sites stock may be laid at.
pub const SITES_MAX: usize = 12;
/// The most needs (SKU x scenario) a problem may have.
pub const NEEDS_MAX: usize = 20_000_000;
/// The most units a need may have.
pub const UNITS_MAX: u32 = 1 << 24;
/// The most money, minor units: 10^15.
pub const MONEY_MAX: i64 = 1_000_000_000_000_000;

/// What to lay where.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The sites where stock may be laid.
    pub sites: Vec<SiteId>,
    /// What may happen.
    pub scenarios: Vec<Scenario>,
    /// The SKUs.
    pub goods: Vec<Good>,
}

/// One thing that may happen.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// How often a year it is expected.
    pub per_year: f64,
    /// By site: what serving a unit from there costs beyond the usual, minor units; `None` where the site is closed too
    /// or has no way to those customers.
    pub serve_minor: Vec<Option<i64>>,
}

/// One SKU.
#[derive(Clone, Debug, PartialEq)]
pub struct Good {
    /// Which.
    pub sku: SkuId,
    /// By site: what laying a unit there costs for a year, minor units; `None` where it may not lie.
    pub lay_minor: Vec<Option<i64>>,
    /// What a unit costs to buy, minor units: capital that is tied, not spent.
    pub value_minor: i64,
    /// Cost of a unit not served: margin and the broken promise, minor units.
    pub unserved_minor: i64,
    /// Revenue of a unit, minor units.
    pub revenue_minor: i64,
    /// By rising scenario, what is needed.
    pub needs: Vec<Need>,
}

/// What a scenario asks of one SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// Which scenario.
    pub scenario: u32,
    /// Units that only laid stock can serve.
    pub units: u32,
    /// Units that stock elsewhere serves anyway.
    pub elsewhere: u32,
    /// Units no stock helps, for want of hands.
    pub beyond: u32,
}

/// Units laid of one SKU at one site, and why.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Lay {
    /// The SKU.
    pub sku: SkuId,
    /// The site.
    pub site: SiteId,
    /// Units.
    pub units: u32,
    /// What they cost a year, minor units.
    pub cost_minor: i64,
    /// What the last of them saves a year in expectation, minor units.
    pub last_unit_saves_minor: f64,
}

/// What a stock does in an average year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Money spent a year, minor units.
    pub spent_minor: i64,
    /// Capital tied, minor units.
    pub value_minor: i64,
    /// Units laid.
    pub units: u64,
    /// Expected margins lost, promises broken and extra carriage a year, minor units.
    pub second_stage_minor: f64,
    /// Expected units a year that customers of closed sites ask for.
    pub demanded: f64,
    /// Expected units of those not served.
    pub unserved: f64,
    /// Share of them served.
    pub promises_kept: f64,
    /// Expected revenue of them kept a year, minor units.
    pub revenue_kept_minor: f64,
    /// Expected revenue of them lost a year, minor units.
    pub revenue_lost_minor: f64,
}

impl Figures {
    /// Money spent and expected second stage, minor units a year.
    #[must_use]
    pub fn total_minor(&self) -> f64 {
        self.spent_minor as f64 + self.second_stage_minor
    }
}

/// What to lay, with its proof.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The budget, minor units a year.
    pub budget_minor: i64,
    /// What to lay, by SKU, then site.
    pub lays: Vec<Lay>,
    /// What it does.
    pub figures: Figures,
    /// No stock within the budget has a lower expected second stage; minor units a year.
    pub lower_bound_minor: f64,
    /// `(second stage - bound) / second stage`; 0 where nothing is left to save.
    pub gap: f64,
    /// What one more unit of money would save.
    pub budget_price: f64,
    /// By good, need, then site: the prices of stock that prove the bound, minor units.
    #[serde(skip)]
    pub prices: Vec<Vec<Vec<f64>>>,
}

/// The least money that protects as well as something else does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Least {
    /// The stock.
    pub plan: Plan,
    /// No stock that protects as well costs less, minor units a year.
    pub spent_bound_minor: f64,
    /// `(spent - bound) / spent`.
    pub gap: f64,
}

/// Why no plan was made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LayError {
    /// A list with another length than it needs.
    #[error("use {list} of {of} with {found} entries: it needs {expected}")]
    Length {
        /// The list.
        list: &'static str,
        /// Whose.
        of: String,
        /// What it has.
        found: usize,
        /// What it needs.
        expected: usize,
    },
    /// A number out of its range.
    #[error("use {value} as {field} of {of}: give a number {range}")]
    Number {
        /// What it is.
        field: &'static str,
        /// Whose.
        of: String,
        /// The value.
        value: f64,
        /// What is accepted.
        range: &'static str,
    },
    /// Needs that are not in order, or of a scenario that does not exist.
    #[error("use the needs of {0}: list each of the problem's scenarios at most once, rising")]
    Needs(SkuId),
    /// More than this solver takes.
    #[error("solve {found} {what}: at most {most} are taken, plan in parts")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// The limit.
        most: usize,
    },
    /// The same site or SKU listed again.
    #[error("list {0} twice: each is listed once")]
    Twice(String),
    /// A stock in another shape.
    #[error("evaluate a stock of {found} SKUs by sites: the problem has {expected}")]
    Shape {
        /// What it has.
        found: usize,
        /// What it needs.
        expected: usize,
    },
}

/// Refuses a problem whose tables are wrong.
///
/// # Errors
/// [`LayError`], the first that is found.
pub fn validate(problem: &Problem) -> Result<(), LayError> {
    let sites = problem.sites.len();
    let too = |what: &'static str, found: usize, most: usize| {
        if found > most { Err(LayError::TooLarge { what, found, most }) } else { Ok(()) }
    };
    too("sites", sites, SITES_MAX)?;
    too("needs", problem.goods.iter().map(|good| good.needs.len()).sum(), NEEDS_MAX)?;
    listed_once(&problem.sites)?;
    listed_once(&problem.goods.iter().map(|good| good.sku).collect::<Vec<_>>())?;
    let length = |list: &'static str, of: String, found: usize| {
        let expected = sites;
        if found == expected { Ok(()) } else { Err(LayError::Length { list, of, found, expected }) }
    };
    let money = |field: &'static str, of: &str, value: i64, least: i64| {
        let fine = (least..=MONEY_MAX).contains(&value);
        let range = if least > 0 { "of 1 to 10^15" } else { "of 0 to 10^15" };
        let wrong = || LayError::Number { field, of: of.to_owned(), value: value as f64, range };
        if fine { Ok(()) } else { Err(wrong()) }
    };
    for (index, scenario) in problem.scenarios.iter().enumerate() {
        let of = format!("scenario number {index}");
        length("serve_minor", of.clone(), scenario.serve_minor.len())?;
        let value = scenario.per_year;
        if !(value.is_finite() && (0.0..=1e6).contains(&value)) {
            return Err(LayError::Number { field: "per_year", of, value, range: "of 0 to 10^6" });
        }
        scenario.serve_minor.iter().flatten().try_for_each(|cost| money("serve_minor", &of, *cost, 0))?;
    }
    for good in &problem.goods {
        let of = good.sku.to_string();
        length("lay_minor", of.clone(), good.lay_minor.len())?;
        // A unit that costs nothing to lay would make the least stock undefined.
        good.lay_minor.iter().flatten().try_for_each(|cost| money("lay_minor", &of, *cost, 1))?;
        money("value_minor", &of, good.value_minor, 0)?;
        money("unserved_minor", &of, good.unserved_minor, 0)?;
        money("revenue_minor", &of, good.revenue_minor, 0)?;
        let known = good.needs.iter().all(|need| (need.scenario as usize) < problem.scenarios.len());
        if !known || good.needs.windows(2).any(|pair| pair[0].scenario >= pair[1].scenario) {
            return Err(LayError::Needs(good.sku));
        }
        let most = |need: &Need| need.units.max(need.elsewhere).max(need.beyond);
        if let Some(value) = good.needs.iter().map(most).max().filter(|units| *units > UNITS_MAX) {
            let value = f64::from(value);
            return Err(LayError::Number { field: "units", of, value, range: "of 0 to 2^24" });
        }
    }
    Ok(())
}

fn listed_once<T: Ord + core::fmt::Display>(ids: &[T]) -> Result<(), LayError> {
    let mut seen = std::collections::BTreeSet::new();
    match ids.iter().find(|id| !seen.insert(*id)) {
        Some(id) => Err(LayError::Twice(id.to_string())),
        None => Ok(()),
    }
}
