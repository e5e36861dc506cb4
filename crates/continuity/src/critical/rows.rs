//! The SKUs: classes, cover when each site fails, surges, substitutes, and why one is critical.

use std::collections::BTreeMap;

use holdfast_domain::id::{Id, SkuId};
use holdfast_domain::incident::Hazard;
use holdfast_domain::state::State;
use serde::Serialize;

use super::surge::{Surge, surge_of};
use crate::fluid::World;
use crate::trace::Basis;

/// Critical below this cover, days.
pub const COVER_MIN_DAYS: f64 = 7.0;
/// Substitutes told of a SKU.
const SUBSTITUTES_MAX: usize = 3;
/// A substitute costs no more than this share above or below.
const PRICE_NEAR: f64 = 0.3;
/// A substitute's name and this one's share at least this much of their words.
const WORDS_NEAR: f64 = 0.4;
/// SKUs with the same rare word that are compared.
const COMPARED_MAX: usize = 400;
const DAY_MS: i64 = 86_400_000;

/// Cover without a site.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CoverWithout {
    /// The site that fails.
    pub site: String,
    /// Days the stock of the others lasts; `None` where nothing is sold.
    pub days: Option<f64>,
    /// Units the others hold.
    pub units: u32,
}

/// A surge that applies to a SKU.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SkuSurge {
    /// In which hazard.
    pub hazard: Hazard,
    /// Before it strikes, or after.
    pub before: bool,
    /// Factor.
    pub factor: f64,
    /// What it rests on.
    pub basis: Basis,
    /// Who says so.
    pub source: String,
}

/// Another SKU that could be offered instead.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Substitute {
    /// Its code.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// Share of words in common, 0 to 1.
    pub likeness: f64,
    /// Its own cover without the site that holds most of the SKU, days.
    pub cover_days: Option<f64>,
}

/// One SKU.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SkuRow {
    /// Code.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Category, as the book has it.
    pub category: String,
    /// A to C by revenue: 80 %, the next 15 %, the rest.
    pub abc: char,
    /// X to Z by the variation of daily units: up to 0.5, up to 1, beyond.
    pub xyz: char,
    /// Units a day.
    pub units_per_day: f64,
    /// Standard deviation of daily units over their mean.
    pub variation: Option<f64>,
    /// Revenue in the history, minor units.
    pub revenue: i64,
    /// Days of cover left in the network when the site that holds most of it fails.
    pub cover_days: Option<f64>,
    /// That site.
    pub main_site: Option<String>,
    /// Cover when each site that holds it fails.
    pub cover_without: Vec<CoverWithout>,
    /// Surges that apply to it.
    pub surges: Vec<SkuSurge>,
    /// What could be offered instead: computed for critical SKUs and class A.
    pub substitutes: Vec<Substitute>,
    /// Why it is critical, if it is.
    pub reason: Option<String>,
}

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

/// Coefficient of variation of a series of daily units; `None` where nothing is sold.
#[must_use]
pub fn variation(daily: &[f64]) -> Option<f64> {
    let count = daily.len().max(1) as f64;
    let mean = daily.iter().sum::<f64>() / count;
    (mean > 0.0)
        .then(|| (daily.iter().map(|units| (units - mean).powi(2)).sum::<f64>() / count).sqrt() / mean)
}

/// Class of a series of daily units by its coefficient of variation.
#[must_use]
pub fn xyz(daily: &[f64]) -> char {
    match variation(daily) {
        Some(spread) if spread <= 0.5 => 'X',
        Some(spread) if spread <= 1.0 => 'Y',
        _ => 'Z',
    }
}

pub(super) fn rows(state: &State, world: &World, table: &[Surge]) -> Vec<SkuRow> {
    let (n, count) = (world.sites_count, state.network.skus.len());
    let days = world.span_days().ceil() as usize + 1;
    let mut daily = vec![vec![0.0; days]; count];
    let mut revenue = vec![0_i64; count];
    let begin = world.orders[0].at;
    for order in &world.orders {
        let day = ((order.at - begin) / DAY_MS) as usize;
        for line in &order.lines {
            daily[line.sku as usize][day.min(days - 1)] += f64::from(line.quantity);
            revenue[line.sku as usize] += line.price * i64::from(line.quantity);
        }
    }
    let classes = abc(&revenue);
    let mut rows: Vec<SkuRow> = state
        .network
        .skus
        .iter()
        .map(|(id, sku)| {
            let index = id.index();
            let units_per_day = daily[index].iter().sum::<f64>() / world.span_days();
            let held: Vec<u32> = (0..n).map(|site| world.stock[index * n + site]).collect();
            let all: u32 = held.iter().sum();
            let main = (0..n)
                .filter(|site| held[*site] > 0)
                .max_by_key(|site| (held[*site], core::cmp::Reverse(*site)));
            let cover = |units: u32| (units_per_day > 0.0).then(|| f64::from(units) / units_per_day);
            let without = (0..n).filter(|site| held[*site] > 0).map(|site| CoverWithout {
                site: state.network.sites[site].code.to_string(),
                days: cover(all - held[site]),
                units: all - held[site],
            });
            let mut row = SkuRow {
                sku: sku.code.to_string(),
                name: sku.name.to_string(),
                category: sku.category.to_string(),
                abc: classes[index],
                xyz: xyz(&daily[index]),
                units_per_day,
                variation: variation(&daily[index]),
                revenue: revenue[index],
                cover_days: cover(all - main.map_or(0, |site| held[site])),
                main_site: main.map(|site| state.network.sites[site].code.to_string()),
                cover_without: without.collect(),
                surges: surges(table, &sku.category, &sku.name),
                substitutes: Vec::new(),
                reason: None,
            };
            row.reason = reason(&row, all - main.map_or(0, |site| held[site]));
            row
        })
        .collect();
    substitutes(state, world, &mut rows);
    rows
}

fn surges(table: &[Surge], category: &str, name: &str) -> Vec<SkuSurge> {
    let mut out = Vec::new();
    for hazard in Hazard::ALL {
        for before in [true, false] {
            if let Some(surge) = surge_of(table, hazard, before, category, name) {
                out.push(SkuSurge {
                    hazard,
                    before,
                    factor: surge.factor,
                    basis: surge.basis,
                    source: surge.source.clone(),
                });
            }
        }
    }
    out
}

fn reason(row: &SkuRow, rest: u32) -> Option<String> {
    let cover = row.cover_days?;
    if row.abc == 'A' && rest == 0 {
        return Some("much ordered, and one site alone has it".to_owned());
    }
    let most = row.surges.iter().max_by(|a, b| a.factor.total_cmp(&b.factor));
    if let Some(surge) = most.filter(|surge| surge.factor > 1.0 && cover / surge.factor < COVER_MIN_DAYS) {
        let when = if surge.before { "before" } else { "after" };
        return Some(format!(
            "asked for {:.2} times as much {when} a {}; {:.1} days of cover then",
            surge.factor,
            surge.hazard.key().replace('_', " "),
            cover / surge.factor
        ));
    }
    (row.abc == 'A' && cover < COVER_MIN_DAYS).then(|| format!("much ordered; {cover:.1} days of cover"))
}

fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = name
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 1)
        .map(str::to_owned)
        .collect();
    words.sort();
    words.dedup();
    words
}

/// What could be offered instead: same merchant, category and storage, a near price, a name with words in common.
fn substitutes(state: &State, world: &World, rows: &mut [SkuRow]) {
    let names: Vec<Vec<String>> = rows.iter().map(|row| words(&row.name)).collect();
    let mut by_word: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, words) in names.iter().enumerate() {
        for word in words {
            by_word.entry(word).or_default().push(index);
        }
    }
    let sku = |index: usize| state.network.skus.get(SkuId::from_index(index));
    let found: Vec<Vec<Substitute>> = (0..rows.len())
        .map(|index| {
            if rows[index].reason.is_none() && rows[index].abc != 'A' {
                return Vec::new();
            }
            let Some(mine) = sku(index) else { return Vec::new() };
            let mut others: Vec<usize> = names[index]
                .iter()
                .map(|word| &by_word[word.as_str()])
                .filter(|with| with.len() <= COMPARED_MAX)
                .flatten()
                .copied()
                .filter(|other| *other != index)
                .collect();
            others.sort_unstable();
            others.dedup();
            let mut near: Vec<(f64, usize)> = others
                .into_iter()
                .filter(|other| {
                    sku(*other).is_some_and(|theirs| {
                        let price = (mine.price - theirs.price).abs() as f64;
                        theirs.merchant == mine.merchant
                            && theirs.category == mine.category
                            && theirs.storage == mine.storage
                            && price <= PRICE_NEAR * mine.price.max(1) as f64
                    })
                })
                .map(|other| (likeness(&names[index], &names[other]), other))
                .filter(|(likeness, _)| *likeness >= WORDS_NEAR)
                .collect();
            near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            near.truncate(SUBSTITUTES_MAX);
            let failing = rows[index].main_site.as_deref();
            near.into_iter()
                .map(|(likeness, other)| Substitute {
                    sku: rows[other].sku.clone(),
                    name: rows[other].name.clone(),
                    likeness,
                    cover_days: cover_without(world, state, &rows[other], other, failing),
                })
                .collect()
        })
        .collect();
    for (row, found) in rows.iter_mut().zip(found) {
        row.substitutes = found;
    }
}

fn cover_without(
    world: &World,
    state: &State,
    row: &SkuRow,
    index: usize,
    site: Option<&str>,
) -> Option<f64> {
    let n = world.sites_count;
    let rest: u32 = (0..n)
        .filter(|at| Some(&*state.network.sites[*at].code) != site)
        .map(|at| world.stock[index * n + at])
        .sum();
    (row.units_per_day > 0.0).then(|| f64::from(rest) / row.units_per_day)
}

/// Words in common over words in all; both lists are sorted and hold each word once.
fn likeness(a: &[String], b: &[String]) -> f64 {
    let common = a.iter().filter(|word| b.binary_search(word).is_ok()).count();
    let all = a.len() + b.len() - common;
    if all == 0 { 0.0 } else { common as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::{abc, likeness, words, xyz};

    #[test]
    fn classes_by_revenue_and_variation() {
        assert_eq!(abc(&[80, 15, 5, 0]), ['A', 'B', 'C', 'C']);
        assert_eq!((xyz(&[5.0, 5.0, 5.0]), xyz(&[0.0, 0.0, 9.0]), xyz(&[])), ('X', 'Z', 'Z'));
    }

    #[test]
    fn names_are_alike_by_their_words() {
        let of = |a: &str, b: &str| likeness(&words(a), &words(b));
        assert!(
            (of("WHITE HANGING HEART T-LIGHT HOLDER", "Red hanging heart t-light holder") - 4.0 / 6.0).abs()
                < 1e-12
        );
        assert_eq!((of("", ""), of("a b", "c d"), of("blue cup", "cup, blue")), (0.0, 0.0, 1.0));
    }
}
