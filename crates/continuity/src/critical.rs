//! Critical inventory: which SKUs are ordered most and most evenly, which surge in a disaster, which only one site
//! has, and how many units of which to lay where under a budget.
//!
//! Invariant: a SKU is critical for a reason that is named; the frontier is the solver's, with its bound.

use holdfast_domain::id::{Id, SiteId, SkuId, ZoneId};
use holdfast_domain::incident::Hazard;
use holdfast_domain::state::State;
use holdfast_plan::preposition::product::{
    Figures, Frontier, Problem, ProductError, Scenario, Sku, frontier,
};
use serde::Serialize;

use crate::bia::Report;
use crate::fluid::World;
use crate::trace::Basis;

/// How demand for a category changes in a disaster.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Surge {
    /// In which hazard.
    pub hazard: Hazard,
    /// Before it strikes, or after.
    pub before: bool,
    /// Words of a category or name, lower case, any of which names it.
    pub words: &'static [&'static str],
    /// Demand is multiplied by this.
    pub factor: f64,
    /// What it rests on.
    pub basis: Basis,
    /// Who says so.
    pub source: &'static str,
}

/// Factors by hazard, phase and category.
pub const SURGES: [Surge; 7] = [
    Surge {
        hazard: Hazard::Hurricane,
        before: false,
        words: &["water"],
        factor: 2.35,
        basis: Basis::Assumed,
        source: "bottled water +135 % in stricken areas after landfall; no primary source found yet",
    },
    Surge {
        hazard: Hazard::Hurricane,
        before: true,
        words: &["pop-tart", "pastry", "snack", "granola"],
        factor: 7.0,
        basis: Basis::Published,
        source: "C. Hays, What Wal-Mart knows about customers' habits, New York Times, 14 November 2004: \
                 strawberry Pop-Tarts seven times their normal rate ahead of a hurricane",
    },
    Surge {
        hazard: Hazard::PandemicSurge,
        before: false,
        words: &["hygiene", "sanitizer", "sanitiser", "mask", "glove"],
        factor: 9.07,
        basis: Basis::Assumed,
        source: "March 2020, hygiene articles +807 %; no primary source found yet",
    },
    Surge {
        hazard: Hazard::Hurricane,
        before: true,
        words: &["water"],
        factor: 3.0,
        basis: Basis::Assumed,
        source: "assumed: no source found",
    },
    Surge {
        hazard: Hazard::Hurricane,
        before: false,
        words: &["battery", "batteries", "flashlight", "tarp", "generator", "first aid", "storm"],
        factor: 2.0,
        basis: Basis::Assumed,
        source: "assumed: no source found",
    },
    Surge {
        hazard: Hazard::Hurricane,
        before: false,
        words: &["furniture", "bookcase", "furnishing"],
        factor: 0.6,
        basis: Basis::Assumed,
        source: "assumed: what can wait falls below normal",
    },
    Surge {
        hazard: Hazard::PowerOutage,
        before: false,
        words: &["battery", "batteries", "flashlight", "generator"],
        factor: 3.0,
        basis: Basis::Assumed,
        source: "assumed: no source found",
    },
];

/// One SKU.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SkuRow {
    /// Code.
    pub sku: String,
    /// A to C by revenue: 80 %, the next 15 %, the rest.
    pub abc: char,
    /// X to Z by the variation of daily units: up to 0.5, up to 1, beyond.
    pub xyz: char,
    /// Units a day.
    pub units_per_day: f64,
    /// Revenue in the history, minor units.
    pub revenue: i64,
    /// Days of cover left in the network when the site that holds most of it fails.
    pub cover_days: Option<f64>,
    /// That site.
    pub main_site: Option<String>,
    /// Greatest factor of the table that applies, and its source.
    pub surge: Option<(f64, Basis, &'static str)>,
    /// Why it is critical, if it is.
    pub reason: Option<String>,
}

/// What to hold, and what to lay where.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Critical {
    /// SKUs by revenue.
    pub skus: Vec<SkuRow>,
    /// How many are critical.
    pub critical: usize,
    /// Budget, frontier and comparison with doubling.
    pub frontier: Option<Frontier>,
    /// The saving as a sentence.
    pub statement: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CriticalError {
    /// The stock problem cannot be solved.
    #[error(transparent)]
    Product(#[from] ProductError),
}

/// Critical below this cover, days.
pub const COVER_MIN_DAYS: f64 = 7.0;
/// SKUs that are planned in detail at most, by revenue.
const PLANNED_SKUS: usize = 400;

/// Classes of SKUs by revenue: A to 80 %, B to 95 %, C the rest; input in any order.
#[must_use]
pub fn abc(revenues: &[i64]) -> Vec<char> {
    let total: i64 = revenues.iter().sum();
    let mut order: Vec<usize> = (0..revenues.len()).collect();
    order.sort_by_key(|index| (core::cmp::Reverse(revenues[*index]), *index));
    let mut classes = vec!['C'; revenues.len()];
    let mut before = 0;
    for index in order {
        let share = before as f64 / total.max(1) as f64;
        classes[index] = if revenues[index] == 0 || share >= 0.95 {
            'C'
        } else if share < 0.8 {
            'A'
        } else {
            'B'
        };
        before += revenues[index];
    }
    classes
}

/// Class of a series of daily units by its coefficient of variation.
#[must_use]
pub fn xyz(daily: &[f64]) -> char {
    let count = daily.len().max(1) as f64;
    let mean = daily.iter().sum::<f64>() / count;
    if mean <= 0.0 {
        return 'Z';
    }
    let spread = (daily.iter().map(|units| (units - mean).powi(2)).sum::<f64>() / count).sqrt() / mean;
    if spread <= 0.5 {
        'X'
    } else if spread <= 1.0 {
        'Y'
    } else {
        'Z'
    }
}

/// The greatest factor of the table that names the category or name.
#[must_use]
pub fn surge_of(category: &str, name: &str) -> Option<&'static Surge> {
    let text = format!("{category} {name}").to_lowercase();
    SURGES
        .iter()
        .filter(|surge| surge.words.iter().any(|word| text.contains(word)))
        .max_by(|a, b| a.factor.total_cmp(&b.factor))
}

/// Says which SKUs are critical and what to lay where under a budget, minor units.
///
/// # Errors
/// [`CriticalError`] if the stock problem is refused.
pub fn critical(
    state: &State,
    world: &World,
    report: &Report,
    budget_minor: i64,
) -> Result<Critical, CriticalError> {
    let skus = rows(state, world);
    let count = skus.iter().filter(|row| row.reason.is_some()).count();
    let frontier = lay(state, world, report, budget_minor)?;
    let statement = statement(frontier.as_ref(), &report.currency);
    let mut skus = skus;
    skus.sort_by_key(|row| core::cmp::Reverse(row.revenue));
    Ok(Critical { skus, critical: count, frontier, statement })
}

fn rows(state: &State, world: &World) -> Vec<SkuRow> {
    let (n, count) = (world.sites_count, state.network.skus.len());
    let days = world.span_days().ceil() as usize + 1;
    let mut daily = vec![vec![0.0; days]; count];
    let mut revenue = vec![0_i64; count];
    let begin = world.orders[0].at;
    for order in &world.orders {
        let day = ((order.at - begin) / 86_400_000) as usize;
        for line in &order.lines {
            daily[line.sku as usize][day.min(days - 1)] += f64::from(line.quantity);
            revenue[line.sku as usize] += line.price * i64::from(line.quantity);
        }
    }
    let classes = abc(&revenue);
    state
        .network
        .skus
        .iter()
        .map(|(id, sku)| {
            let index = id.index();
            let units_per_day = daily[index].iter().sum::<f64>() / world.span_days();
            let held: Vec<u32> = (0..n).map(|site| world.stock[index * n + site]).collect();
            let main = (0..n)
                .filter(|site| held[*site] > 0)
                .max_by_key(|site| (held[*site], core::cmp::Reverse(*site)));
            let rest: u32 = held.iter().sum::<u32>() - main.map_or(0, |site| held[site]);
            let cover = (units_per_day > 0.0).then(|| f64::from(rest) / units_per_day);
            let surge = surge_of(&sku.category, &sku.name);
            let mut row = SkuRow {
                sku: sku.code.to_string(),
                abc: classes[index],
                xyz: xyz(&daily[index]),
                units_per_day,
                revenue: revenue[index],
                cover_days: cover,
                main_site: main.map(|site| state.network.sites[site].code.to_string()),
                surge: surge.map(|surge| (surge.factor, surge.basis, surge.source)),
                reason: None,
            };
            row.reason = reason(&row, rest);
            row
        })
        .collect()
}

fn reason(row: &SkuRow, rest: u32) -> Option<String> {
    let cover = row.cover_days?;
    if row.abc == 'A' && rest == 0 {
        return Some("much ordered, and one site alone has it".to_owned());
    }
    let factor = row.surge.map_or(1.0, |surge| surge.0);
    if factor > 1.0 && cover / factor < COVER_MIN_DAYS {
        return Some(format!("surges {factor:.2} times; {:.1} days of cover then", cover / factor));
    }
    (row.abc == 'A' && cover < COVER_MIN_DAYS).then(|| format!("much ordered; {cover:.1} days of cover"))
}

/// The stock problem: each site lost alone for its time to recover, with the chance that a year brings it.
fn lay(
    state: &State,
    world: &World,
    report: &Report,
    budget_minor: i64,
) -> Result<Option<Frontier>, CriticalError> {
    let open: Vec<usize> = (0..world.sites_count).filter(|site| world.is_open(*site)).collect();
    let (Some(main), true) = (
        open.iter().copied().max_by(|a, b| {
            report.sites[*a].loss_per_year.total_cmp(&report.sites[*b].loss_per_year).then(b.cmp(a))
        }),
        open.len() > 1,
    ) else {
        return Ok(None);
    };
    let backup = report.sites[main]
        .backup
        .as_ref()
        .and_then(|(code, _)| open.iter().copied().find(|site| *state.network.sites[*site].code == **code));
    let second = backup.or_else(|| open.iter().copied().find(|site| *site != main)).unwrap_or(main);
    let pair = [main, second];
    let mut units = vec![0.0; state.network.skus.len()];
    let mut revenue = vec![0_i64; units.len()];
    for (order, base) in world.orders.iter().zip(&world.base) {
        for pick in base.picks.iter().filter(|pick| usize::from(pick.site) == main) {
            let line = order.lines[usize::from(pick.line)];
            units[line.sku as usize] += f64::from(pick.quantity) / world.span_days();
            revenue[line.sku as usize] += line.price * i64::from(pick.quantity);
        }
    }
    let mut chosen: Vec<usize> = (0..units.len()).filter(|sku| units[*sku] > 0.0).collect();
    chosen.sort_by_key(|sku| (core::cmp::Reverse(revenue[*sku]), *sku));
    chosen.truncate(PLANNED_SKUS);
    chosen.sort_unstable();
    let n = world.sites_count;
    let good = |sku: &usize| {
        let id = SkuId::from_index(*sku);
        let known = state.network.skus.get(id);
        let (price, cost) = known.map_or((0, 0), |known| (known.price, known.cost));
        let late = known.and_then(|k| state.network.merchant(k.merchant)).map_or(0, |m| m.backorder_cost);
        Sku {
            sku: id,
            held: pair.iter().map(|site| world.stock[sku * n + site]).collect(),
            // A fifth of its cost a year for holding a unit: assumed.
            lay_minor: vec![None, Some((cost.max(price / 2) / 5).max(1))],
            unserved_minor: (price - cost).max(0) + late,
            revenue_minor: price,
            units_per_day: vec![units[*sku]],
        }
    };
    let loss = &report.sites[main];
    let scenario = Scenario {
        name: format!("{} closed", loss.site),
        probability: loss.p_longer[0].clamp(0.0, 1.0),
        days: loss.ttr_p95_h.unwrap_or(72.0) / 24.0,
        survives: vec![0.0, 1.0],
        surge: Vec::new(),
        zone_surge: Vec::new(),
    };
    let problem = Problem {
        sites: pair.iter().map(|site| SiteId::from_index(*site)).collect(),
        zones: vec![ZoneId(0)],
        ship_minor: vec![vec![Some(0)], vec![Some(0)]],
        skus: chosen.iter().map(good).collect(),
        scenarios: vec![scenario],
    };
    let budgets: Vec<i64> = [0, 1, 2, 4, 8].iter().map(|part| budget_minor / 8 * part).collect();
    Ok(Some(frontier(&problem, &budgets, 0, 1)?))
}

fn statement(frontier: Option<&Frontier>, currency: &str) -> String {
    let Some(frontier) = frontier else {
        return "one site takes orders: there is nowhere to lay a second stock".to_owned();
    };
    let money = |minor: i64| holdfast_domain::money::group_thousands((minor / 100).unsigned_abs());
    let Figures { spent_minor, .. } = frontier.doubled;
    match (&frontier.as_good_as_doubled, frontier.saving_minor) {
        (Some(same), Some(saving)) => format!(
            "laying {} units for {} {currency} protects as much as doubling every SKU for {} {currency}: it saves {} {currency}",
            same.units,
            money(same.spent_minor),
            money(spent_minor),
            money(saving),
        ),
        _ => format!(
            "doubling every SKU costs {} {currency}; no cheaper stock on the path protects as much",
            money(spent_minor)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{abc, surge_of, xyz};

    #[test]
    fn classes_by_revenue_and_variation() {
        assert_eq!(abc(&[80, 15, 5, 0]), ['A', 'B', 'C', 'C']);
        assert_eq!((xyz(&[5.0, 5.0, 5.0]), xyz(&[0.0, 0.0, 9.0]), xyz(&[])), ('X', 'Z', 'Z'));
    }

    #[test]
    fn published_factors_are_those_of_their_sources() {
        assert_eq!(surge_of("Snacks", "Strawberry pop-tart").map(|s| s.factor), Some(7.0));
        assert_eq!(surge_of("Hygiene", "").map(|s| s.factor), Some(9.07));
        assert!(surge_of("Bookcases", "").is_some_and(|s| s.factor < 1.0));
        assert!(surge_of("Phones", "").is_none());
    }
}
