//! Critical inventory: which SKUs are ordered most and most evenly, which surge in a disaster, which only one site
//! has, and how many units of which to lay where under a budget.
//!
//! Invariant: a SKU is critical for a reason that is named; every plan of the frontier is the solver's, with its bound, and
//! is accepted by the checker or says that it is not; every figure of the answer has a way to it ([`origin`]).

mod origin;
mod rows;
pub(crate) mod scenario;
mod surge;

use holdfast_domain::id::{Id, SiteId, SkuId};
use holdfast_domain::money::group_thousands;
use holdfast_plan::preposition::check_lay::lay as check;
use holdfast_plan::preposition::lay::{
    Figures, LayError, Plan, Problem, SITES_MAX, doubled, evaluate, frontier, full_minor, least_for, worth_it,
};
use serde::Serialize;

use crate::bia::{BiaError, Question, Report};
use crate::fluid::World;

pub use origin::origin;
pub use rows::{COVER_MIN_DAYS, CoverWithout, SkuRow, SkuSurge, Substitute, abc, variation, xyz};
pub use surge::{
    AFTER_DAYS, BEFORE_DAYS, Learnt, PastIncident, Surge, incident_of, learn, past_storms, shipped, surge_of,
    table,
};

/// What is asked.
pub struct Ask<'a> {
    /// State, orders, hazards, seed and years.
    pub question: &'a Question<'a>,
    /// The network and its orders, frozen.
    pub world: &'a World,
    /// The impact analysis: which site is lost most, and who takes over.
    pub report: &'a Report,
    /// Money a year for laid stock, minor units; `None` for as much as brings itself back.
    pub budget_minor: Option<i64>,
    /// What holding stock costs a year, per cent of what it cost to buy.
    pub carry_percent: u32,
    /// Days after which fresh stock reaches a backup site, so that laid stock need not last longer.
    pub restock_days: u32,
    /// Closures sampled.
    pub samples: usize,
    /// Points of the frontier, beside laying nothing.
    pub points: usize,
    /// Sites where stock may be laid; empty for the best three.
    pub at: &'a [SiteId],
    /// Incidents in the operator's own history.
    pub incidents: &'a [PastIncident],
}

/// Sites chosen where nobody names any.
const SITES_CHOSEN: usize = 3;
/// Points of a frontier at most.
const POINTS_MAX: usize = 50;
/// Closures sampled at most.
const SAMPLES_MAX: usize = 5_000;

/// A point of the frontier.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// What it does, in the sample it was planned on.
    pub figures: Figures,
    /// SKUs that lie somewhere.
    pub skus: usize,
    /// No stock for this money has less expected loss; minor units a year.
    pub bound_minor: f64,
    /// `(loss - bound) / loss`.
    pub gap: f64,
    /// What one more unit of money would save.
    pub next_money_saves: f64,
    /// Promises kept on closures the plan was not made on.
    pub fresh_promises_kept: f64,
    /// Expected loss on those, minor units a year.
    pub fresh_loss_minor: f64,
    /// Whether the independent checker accepts the plan, bound included.
    pub accepted: bool,
}

/// Units of one SKU at one site.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayRow {
    /// SKU.
    pub sku: String,
    /// Site.
    pub site: String,
    /// Units.
    pub units: u32,
    /// What they cost a year, minor units.
    pub cost_minor: i64,
    /// What the last of them saves a year, minor units.
    pub last_unit_saves_minor: f64,
    /// Why.
    pub why: String,
}

/// Laid stock under a budget.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Laid {
    /// The site whose loss costs most a year.
    pub main_site: String,
    /// The site that takes over most of its orders: where "doubling every SKU" would double.
    pub second_site: String,
    /// Where stock may be laid.
    pub sites: Vec<String>,
    /// Closures in the simulated years, and how many were looked at.
    pub closures: (usize, usize),
    /// From laying nothing to laying all that saves anything.
    pub points: Vec<Point>,
    /// Where the last unit of money just brings itself back.
    pub worth_it: Point,
    /// The plan for the budget.
    pub chosen: Point,
    /// Its money, minor units a year.
    pub budget_minor: i64,
    /// Its lays, dearest first.
    pub lays: Vec<LayRow>,
    /// The main site's whole stock once more at the second site.
    pub doubled: Figures,
    /// The least money that protects as well as that.
    pub as_good_as_doubled: Option<Point>,
    /// No stock that protects as well costs less, minor units a year.
    pub as_good_bound_minor: Option<f64>,
    /// What it saves against doubling, minor units a year.
    pub saving_minor: Option<i64>,
    /// Capital it leaves free against doubling, minor units.
    pub saving_value_minor: Option<i64>,
}

/// What to hold, and what to lay where.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Critical {
    /// Currency of all money, in minor units.
    pub currency: String,
    /// Seed of every draw.
    pub seed: u64,
    /// Simulated years; as many fresh ones judge the plans.
    pub years: u32,
    /// Per cent a year of what stock cost.
    pub carry_percent: u32,
    /// Days until fresh stock comes.
    pub restock_days: u32,
    /// SKUs by revenue.
    pub skus: Vec<SkuRow>,
    /// How many are critical.
    pub critical: usize,
    /// SKUs by class: AX, AY, AZ, BX ... CZ.
    pub classes: Vec<(String, usize)>,
    /// Factors in use, those of the own history first.
    pub surges: Vec<Surge>,
    /// Incidents in the own history.
    pub incidents: Vec<PastIncident>,
    /// What they taught.
    pub learnt: Vec<Learnt>,
    /// What to lay where; `None` where one site alone takes orders.
    pub laid: Option<Laid>,
    /// The saving as a sentence.
    pub statement: String,
    /// What is assumed, a sentence each.
    pub assumed: Vec<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CriticalError {
    /// The stock problem cannot be solved.
    #[error(transparent)]
    Lay(#[from] LayError),
    /// The hazards cannot be simulated.
    #[error(transparent)]
    Bia(#[from] BiaError),
    /// A number out of its range.
    #[error("ask for {value} {what}: give {range}")]
    Number {
        /// Of what.
        what: &'static str,
        /// The number.
        value: u64,
        /// What is accepted.
        range: &'static str,
    },
    /// A site named twice or unknown, or too many.
    #[error("lay stock at {0} sites: name each site once, at most 12")]
    Sites(usize),
}

/// The money of one SKU, minor units.
pub(crate) struct SkuMoney {
    pub(crate) price_minor: i64,
    pub(crate) cost_minor: i64,
    pub(crate) carry_minor: i64,
    pub(crate) unserved_minor: i64,
}

pub(crate) fn money_of(ask: &Ask<'_>, index: usize) -> SkuMoney {
    let network = &ask.question.state.network;
    let sku = network.skus.get(SkuId::from_index(index));
    let (price, cost) = sku.map_or((0, 0), |sku| (sku.price.max(0), sku.cost.max(0)));
    // Where the book has no cost, half the price is assumed; the answer says so.
    let cost = if cost > 0 { cost } else { price / 2 };
    let broken =
        sku.and_then(|sku| network.merchant(sku.merchant)).map_or(0, |merchant| merchant.backorder_cost);
    SkuMoney {
        price_minor: price,
        cost_minor: cost,
        carry_minor: (cost.saturating_mul(i64::from(ask.carry_percent)) / 100).max(1),
        unserved_minor: (price - cost).max(0) + broken.max(0),
    }
}

/// Says which SKUs are critical and what to lay where under a budget.
///
/// # Errors
/// [`CriticalError`].
pub fn critical(ask: &Ask<'_>) -> Result<Critical, CriticalError> {
    check_ask(ask)?;
    let (state, world) = (ask.question.state, ask.world);
    let learnt = learn(state, world, ask.incidents);
    let surges = table(&learnt);
    let mut skus = rows::rows(state, world, &surges);
    let laid = lay(ask, &surges, &skus)?;
    skus.sort_by(|a, b| b.revenue.cmp(&a.revenue).then(a.sku.cmp(&b.sku)));
    let mut classes = Vec::new();
    for abc in ['A', 'B', 'C'] {
        for xyz in ['X', 'Y', 'Z'] {
            classes.push((
                format!("{abc}{xyz}"),
                skus.iter().filter(|row| (row.abc, row.xyz) == (abc, xyz)).count(),
            ));
        }
    }
    Ok(Critical {
        currency: ask.report.currency.clone(),
        seed: ask.question.seed,
        years: ask.question.years,
        carry_percent: ask.carry_percent,
        restock_days: ask.restock_days,
        critical: skus.iter().filter(|row| row.reason.is_some()).count(),
        classes,
        skus,
        surges,
        incidents: ask.incidents.to_vec(),
        learnt,
        statement: statement(laid.as_ref(), &ask.report.currency),
        laid,
        assumed: assumed(ask),
    })
}

fn check_ask(ask: &Ask<'_>) -> Result<(), CriticalError> {
    let number = |what, value: u64, most: u64, range| {
        if (1..=most).contains(&value) { Ok(()) } else { Err(CriticalError::Number { what, value, range }) }
    };
    number("closures", ask.samples as u64, SAMPLES_MAX as u64, "1 to 5,000")?;
    number("points", ask.points as u64, POINTS_MAX as u64, "1 to 50")?;
    number("per cent a year for holding stock", u64::from(ask.carry_percent), 1_000, "1 to 1,000")?;
    number("days until fresh stock comes", u64::from(ask.restock_days), 365, "1 to 365")?;
    number("years", u64::from(ask.question.years), u64::from(crate::bia::YEARS_MAX) / 2, "1 to 500,000")?;
    let mut sites = ask.at.to_vec();
    sites.sort_unstable();
    sites.dedup();
    if sites.len() != ask.at.len() || sites.len() > SITES_MAX {
        return Err(CriticalError::Sites(ask.at.len()));
    }
    Ok(())
}

fn assumed(ask: &Ask<'_>) -> Vec<String> {
    let skus = &ask.question.state.network.skus;
    let without = skus.iter().filter(|(_, sku)| sku.cost <= 0).count();
    let mut out = vec![
        format!(
            "holding a unit costs {} % of its purchase price a year (--carry-percent)",
            ask.carry_percent
        ),
        format!("fresh stock reaches a backup site after {} days (--restock-days)", ask.restock_days),
        "a unit nobody serves costs its margin and the merchant's cost of a backorder".to_owned(),
        "laid stock is made good between two events of a year".to_owned(),
        "stoppages of carriers and attacks on systems are left out: stock laid elsewhere does not help against them; \
         a pandemic changes demand and closes no site"
            .to_owned(),
        format!("people prepare {BEFORE_DAYS} days before a hazard strikes"),
    ];
    if without > 0 {
        out.push(format!(
            "{without} SKUs have no purchase price in skus.csv: half their list price stands for it"
        ));
    }
    out
}

/// The site whose loss costs most a year, and the one that takes over most of its orders.
fn main_and_second(ask: &Ask<'_>) -> Option<(usize, usize)> {
    let (world, report) = (ask.world, ask.report);
    let open: Vec<usize> = (0..world.sites_count).filter(|site| world.is_open(*site)).collect();
    let worse = |a: &usize, b: &usize| {
        report.sites[*a].loss_per_year.total_cmp(&report.sites[*b].loss_per_year).then(b.cmp(a))
    };
    let main = open.iter().copied().max_by(worse)?;
    let code = |site: &usize| &*ask.question.state.network.sites[*site].code;
    let backup = report.sites[main].backup.as_ref();
    let backup = backup.and_then(|(best, _)| open.iter().copied().find(|site| code(site) == best.as_str()));
    Some((main, backup.or_else(|| open.into_iter().find(|site| *site != main))?))
}

fn lay(ask: &Ask<'_>, surges: &[Surge], rows: &[SkuRow]) -> Result<Option<Laid>, CriticalError> {
    let Some((main, second)) = main_and_second(ask) else { return Ok(None) };
    let sample = scenario::sample(ask, surges, 0)?;
    let fresh = scenario::sample(ask, surges, ask.question.years)?;
    let mut sites: Vec<usize> = ask.at.iter().map(|site| site.index()).collect();
    if sites.is_empty() {
        sites = scenario::best_sites(ask, &sample, second, SITES_CHOSEN);
    }
    sites.sort_unstable();
    let double_at = sites.iter().position(|site| *site == second);
    let problem = scenario::problem(ask, &sample, &sites);
    let judge = scenario::problem(ask, &fresh, &sites);
    let full = full_minor(&problem)?;
    let parts = ask.points as i64;
    // More points where little money does much.
    let budgets: Vec<i64> = (0..=parts)
        .map(|part| (i128::from(full) * i128::from(part * part) / i128::from(parts * parts)) as i64)
        .collect();
    let mut points: Vec<Point> = Vec::new();
    for plan in frontier(&problem, &budgets)? {
        let one = point(&problem, &judge, &plan)?;
        // A budget that buys no more than the one before is no point of its own.
        if points.last().is_none_or(|last| one.figures.spent_minor > last.figures.spent_minor) {
            points.push(one);
        }
    }
    let worth = worth_it(&problem)?;
    let budget = ask.budget_minor.unwrap_or(worth.figures.spent_minor).max(0);
    let chosen = frontier(&problem, &[budget])?.into_iter().next();
    let chosen = chosen.unwrap_or_else(|| worth.clone());
    let n = ask.world.sites_count;
    let held: Vec<u32> = (0..problem.goods.len()).map(|sku| ask.world.stock[sku * n + main]).collect();
    // Where the second site is not among those named, doubling is judged at the first of them.
    let twice = evaluate(&problem, &doubled(&problem, &held, double_at.unwrap_or(0)))?;
    let least = least_for(&problem, twice.second_stage_minor)?;
    let code = |site: usize| ask.question.state.network.sites[site].code.to_string();
    let same = least.as_ref().map(|least| point(&problem, &judge, &least.plan)).transpose()?;
    Ok(Some(Laid {
        main_site: code(main),
        second_site: code(double_at.map_or(sites[0], |at| sites[at])),
        sites: sites.iter().map(|site| code(*site)).collect(),
        closures: (sample.of, sample.events.len()),
        points,
        worth_it: point(&problem, &judge, &worth)?,
        chosen: point(&problem, &judge, &chosen)?,
        budget_minor: budget,
        lays: lay_rows(ask, rows, &chosen),
        doubled: twice,
        as_good_bound_minor: least.as_ref().map(|least| least.spent_bound_minor),
        saving_minor: same.as_ref().map(|same| twice.spent_minor - same.figures.spent_minor),
        saving_value_minor: same.as_ref().map(|same| twice.value_minor - same.figures.value_minor),
        as_good_as_doubled: same,
    }))
}

fn point(problem: &Problem, fresh: &Problem, plan: &Plan) -> Result<Point, CriticalError> {
    let mut stock = vec![vec![0_u32; problem.sites.len()]; problem.goods.len()];
    let mut last = None;
    let mut skus = 0;
    for lay in &plan.lays {
        // Goods are the network's SKUs in their order.
        let site = problem.sites.iter().position(|site| *site == lay.site).unwrap_or(0);
        stock[lay.sku.index()][site] = lay.units;
        skus += usize::from(last != Some(lay.sku));
        last = Some(lay.sku);
    }
    let (fresh_promises_kept, fresh_loss_minor) = judged(fresh, &stock);
    Ok(Point {
        figures: plan.figures,
        skus,
        bound_minor: plan.lower_bound_minor,
        gap: plan.gap,
        next_money_saves: plan.budget_price,
        fresh_promises_kept,
        fresh_loss_minor,
        accepted: check(problem, plan).is_empty(),
    })
}

/// Promises kept and expected loss of a stock on closures it was not planned on, need by need, cheapest site first.
fn judged(problem: &Problem, stock: &[Vec<u32>]) -> (f64, f64) {
    let (mut asked, mut short, mut loss) = (0.0, 0.0, 0.0);
    for (good, laid) in problem.goods.iter().zip(stock) {
        for need in &good.needs {
            let scenario = &problem.scenarios[need.scenario as usize];
            let mut ways: Vec<(i64, u32)> = scenario
                .serve_minor
                .iter()
                .zip(laid)
                .filter_map(|(serve, units)| serve.map(|serve| (serve, *units)))
                .filter(|(serve, units)| *units > 0 && *serve < good.unserved_minor)
                .collect();
            ways.sort_unstable();
            let (mut left, mut cost) = (need.units, 0.0);
            for (serve, units) in ways {
                let served = left.min(units);
                cost += f64::from(served) * serve as f64;
                left -= served;
            }
            let missing = f64::from(left) + f64::from(need.beyond);
            asked += scenario.per_year
                * (f64::from(need.units) + f64::from(need.elsewhere) + f64::from(need.beyond));
            short += scenario.per_year * missing;
            loss += scenario.per_year * (cost + missing * good.unserved_minor as f64);
        }
    }
    (if asked > 0.0 { 1.0 - short / asked } else { 1.0 }, loss)
}

fn lay_rows(ask: &Ask<'_>, rows: &[SkuRow], plan: &Plan) -> Vec<LayRow> {
    let network = &ask.question.state.network;
    let why = |row: &SkuRow| match (&row.reason, row.cover_days) {
        (Some(reason), _) => reason.clone(),
        (None, Some(days)) => {
            format!("{days:.1} days of cover without {}", row.main_site.as_deref().unwrap_or("-"))
        }
        (None, None) => "asked for only in a surge".to_owned(),
    };
    let mut lays: Vec<LayRow> = plan
        .lays
        .iter()
        .map(|lay| LayRow {
            sku: rows[lay.sku.index()].sku.clone(),
            site: network.sites[lay.site.index()].code.to_string(),
            units: lay.units,
            cost_minor: lay.cost_minor,
            last_unit_saves_minor: lay.last_unit_saves_minor,
            why: why(&rows[lay.sku.index()]),
        })
        .collect();
    lays.sort_by(|a, b| {
        b.cost_minor.cmp(&a.cost_minor).then_with(|| (&a.sku, &a.site).cmp(&(&b.sku, &b.site)))
    });
    lays
}

fn statement(laid: Option<&Laid>, currency: &str) -> String {
    let Some(laid) = laid else {
        return "one site takes orders: there is nowhere to lay a second stock".to_owned();
    };
    let digits = currency
        .parse::<holdfast_domain::money::Currency>()
        .map_or(2, holdfast_domain::money::Currency::digits);
    let money = |minor: i64| group_thousands((minor / 10_i64.pow(digits)).unsigned_abs());
    match (&laid.as_good_as_doubled, laid.saving_minor, laid.saving_value_minor) {
        (Some(same), Some(saving), Some(value)) => format!(
            "laying {} units of {} SKUs at {} for {} {currency} a year protects as well as doubling every SKU of {} at {} for {} {currency}: \
             it saves {} {currency} a year and leaves {} {currency} of capital free",
            group_thousands(same.figures.units),
            group_thousands(same.skus as u64),
            laid.sites.join(", "),
            money(same.figures.spent_minor),
            laid.main_site,
            laid.second_site,
            money(laid.doubled.spent_minor),
            money(saving),
            money(value),
        ),
        _ => format!(
            "doubling every SKU of {} at {} costs {} {currency} a year; no stock at the sites named protects as well",
            laid.main_site,
            laid.second_site,
            money(laid.doubled.spent_minor)
        ),
    }
}
