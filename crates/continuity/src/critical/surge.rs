//! How demand changes in a disaster: factors of the literature by hazard, phase and category, and factors learnt from
//! the operator's own history where an incident lies in it.
//!
//! Invariant: every factor says who says so; a factor is learnt only where its interval leaves 1 out.

use holdfast_domain::id::SkuId;
use holdfast_domain::incident::Hazard;
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use holdfast_hazard::exposure::{Basis as TrackBasis, Footprint, Target, exposures};
use holdfast_hazard::loss::jeffreys;
use holdfast_hazard::storms::SHIPPED;
use serde::Serialize;

use crate::fluid::World;
use crate::trace::Basis;

/// How demand for a category changes in a disaster.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Surge {
    /// In which hazard.
    pub hazard: Hazard,
    /// Before it strikes, or after.
    pub before: bool,
    /// Words of a category or name, lower case, any of which names it; for a learnt factor the category itself.
    pub words: Vec<String>,
    /// Demand is multiplied by this.
    pub factor: f64,
    /// Ends of the interval, where it was learnt: nine in ten.
    pub interval: Option<(f64, f64)>,
    /// What it rests on.
    pub basis: Basis,
    /// Who says so.
    pub source: String,
}

struct Typed {
    hazard: Hazard,
    before: bool,
    words: &'static [&'static str],
    factor: f64,
    basis: Basis,
    source: &'static str,
}

const ADOBE: &str = "Adobe Digital Economy Index, 31 March 2020: online purchases in the United States, 1 January to \
     11 March 2020 (80 of the 100 largest online retailers)";
const WATER: &str = "T. Beatty, J. Shimshack, R. Volpe, Disaster preparedness and disaster response: evidence from \
     bottled water sales before and after tropical cyclones, University of Virginia 2015 (Journal of the Association of \
     Environmental and Resource Economists 6, 2019), as the university summed it up";

/// Typed factors.
const TYPED: [Typed; 10] = [
    Typed {
        hazard: Hazard::Hurricane,
        before: false,
        words: &["bottled water", "drinking water", "mineral water", "water bottles"],
        factor: 2.35,
        basis: Basis::Published,
        source: "up to +135 % in affected communities after landfall",
    },
    Typed {
        hazard: Hazard::Hurricane,
        before: true,
        words: &["bottled water", "drinking water", "mineral water", "water bottles"],
        factor: 1.10,
        basis: Basis::Published,
        source: "+5 to +15 % in coastal areas as a hurricane approaches; the middle",
    },
    Typed {
        hazard: Hazard::Hurricane,
        before: true,
        words: &["pop-tart", "toaster pastr"],
        factor: 7.0,
        basis: Basis::Published,
        source: "C. Hays, What Wal-Mart knows about customers' habits, New York Times, 14 November 2004: strawberry \
                 Pop-Tarts seven times their normal rate ahead of a hurricane",
    },
    Typed {
        hazard: Hazard::PandemicSurge,
        before: false,
        words: &[
            "hygiene",
            "sanitizer",
            "sanitiser",
            "face mask",
            "glove",
            "anti-bacterial",
            "antibacterial",
        ],
        factor: 9.07,
        basis: Basis::Published,
        source: "hand sanitizers, gloves, masks and anti-bacterial sprays +807 %",
    },
    Typed {
        hazard: Hazard::PandemicSurge,
        before: false,
        words: &["toilet paper", "toilet roll", "toilet tissue"],
        factor: 3.31,
        basis: Basis::Published,
        source: "toilet paper +231 %",
    },
    Typed {
        hazard: Hazard::PandemicSurge,
        before: false,
        words: &["canned", "tinned", "shelf-stable", "pasta", "rice"],
        factor: 1.87,
        basis: Basis::Published,
        source: "canned goods and shelf-stable items +87 %",
    },
    Typed {
        hazard: Hazard::PandemicSurge,
        before: false,
        words: &["cold remedy", "cough", "flu ", "pain reliever", "over-the-counter"],
        factor: 3.17,
        basis: Basis::Published,
        source: "over-the-counter remedies for cold, flu and pain +217 %",
    },
    Typed {
        hazard: Hazard::Hurricane,
        before: false,
        words: &["battery", "batteries", "flashlight", "torch", "tarp", "generator", "first aid"],
        factor: 2.0,
        basis: Basis::Assumed,
        source: "no source found",
    },
    Typed {
        hazard: Hazard::Hurricane,
        before: false,
        words: &["furniture", "bookcase", "furnishing"],
        factor: 0.6,
        basis: Basis::Assumed,
        source: "what can wait falls below normal; no source found",
    },
    Typed {
        hazard: Hazard::PowerOutage,
        before: false,
        words: &["battery", "batteries", "flashlight", "torch", "generator", "candle"],
        factor: 3.0,
        basis: Basis::Assumed,
        source: "no source found",
    },
];

/// The factors that ship, each with its source.
#[must_use]
pub fn shipped() -> Vec<Surge> {
    let of = |typed: &Typed| {
        let source = match (typed.hazard, typed.basis, typed.words[0]) {
            (Hazard::PandemicSurge, Basis::Published, _) => format!("{ADOBE}: {}", typed.source),
            (Hazard::Hurricane, Basis::Published, "bottled water") => format!("{WATER}: {}", typed.source),
            _ => typed.source.to_owned(),
        };
        Surge {
            hazard: typed.hazard,
            before: typed.before,
            words: typed.words.iter().map(|word| (*word).to_owned()).collect(),
            factor: typed.factor,
            interval: None,
            basis: typed.basis,
            source,
        }
    };
    TYPED.iter().map(of).collect()
}

/// The factor of a table that applies to goods in a hazard and phase: what was learnt goes before what is typed, then the
/// one furthest from 1.
#[must_use]
pub fn surge_of<'a>(
    table: &'a [Surge],
    hazard: Hazard,
    before: bool,
    category: &str,
    name: &str,
) -> Option<&'a Surge> {
    let category = category.to_lowercase();
    let text = format!("{category} {}", name.to_lowercase());
    let names = |surge: &&Surge| {
        let words = &surge.words;
        if surge.basis == Basis::Computed {
            words.iter().any(|word| *word == category)
        } else {
            words.iter().any(|word| text.contains(word.as_str()))
        }
    };
    let far = |surge: &Surge| surge.factor.max(1e-9).ln().abs();
    let found = table.iter().filter(|surge| surge.hazard == hazard && surge.before == before).filter(names);
    found.max_by(|a, b| {
        (a.basis == Basis::Computed).cmp(&(b.basis == Basis::Computed)).then(far(a).total_cmp(&far(b)))
    })
}

/// An incident that lies in the operator's history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PastIncident {
    /// What it is called.
    pub name: String,
    /// Its hazard.
    pub hazard: Hazard,
    /// When it struck.
    pub from: Stamp,
    /// When it was over.
    pub until: Stamp,
    /// Codes of the zones it struck; empty for all.
    pub zones: Vec<String>,
}

/// Days before an incident in which people prepare.
pub const BEFORE_DAYS: i64 = 3;
/// Days after an incident in which people make good.
pub const AFTER_DAYS: i64 = 7;
/// Orders a phase needs before a factor is learnt from it, and orders of the usual days.
const ORDERS_MIN: u32 = 10;
const USUAL_MIN: u32 = 50;
/// Days of each weekday that tell what is usual, at least.
const WEEKS_MIN: u32 = 2;
const DAY_MS: i64 = 86_400_000;
/// Winds, in knots, in which a zone counts as struck.
const STRUCK_KT: u16 = 34;

/// The storms that ship and passed over the operator's zones while orders came in.
#[must_use]
pub fn past_storms(state: &State, world: &World) -> Vec<PastIncident> {
    let (Some(first), end) = (world.orders.first().map(|order| order.at), world.end) else {
        return Vec::new();
    };
    let zones: Vec<(usize, Target)> =
        state.network.zones.iter().map(|zone| Target::Site(zone.place)).enumerate().collect();
    let mut found = Vec::new();
    for storm in SHIPPED {
        let track = storm.track();
        let Some((begin, over)) = track.lifetime() else { continue };
        if over.0 < first || begin.0 > end {
            continue;
        }
        let name = format!("{} {}", track.name, track.id);
        let hit = exposures(&Footprint::Storm { track, basis: TrackBasis::Observed }, &zones);
        let (mut from, mut until, mut codes) = (i64::MAX, i64::MIN, Vec::new());
        for zone in &hit {
            let struck = zone.exposures.iter().filter(|e| e.threshold_kt.is_none_or(|kt| kt <= STRUCK_KT));
            let mut any = false;
            for exposure in struck {
                any = true;
                from = from.min(exposure.enters.0);
                until = until.max(exposure.leaves.map_or(exposure.enters.0, |leaves| leaves.0));
            }
            if any {
                codes.push(state.network.zones[zone.key].code.to_string());
            }
        }
        if !codes.is_empty() && from < end && until > first {
            found.push(PastIncident {
                name,
                hazard: Hazard::Hurricane,
                from: Stamp(from),
                until: Stamp(until),
                zones: codes,
            });
        }
    }
    found
}

/// What one category did in one phase of one incident.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Learnt {
    /// The incident.
    pub incident: String,
    /// Its hazard.
    pub hazard: Hazard,
    /// Before it struck, or after.
    pub before: bool,
    /// The category.
    pub category: String,
    /// Orders that came.
    pub orders: u32,
    /// Orders that would have come on such weekdays.
    pub usual: f64,
    /// One over the other.
    pub factor: f64,
    /// Nine in ten.
    pub interval: (f64, f64),
    /// Whether the interval leaves 1 out, so that the factor is used.
    pub used: bool,
}

/// What the operator's own orders say about past incidents, by category and phase; nothing where there are too few orders.
#[must_use]
pub fn learn(state: &State, world: &World, incidents: &[PastIncident]) -> Vec<Learnt> {
    let mut categories: Vec<String> =
        state.network.skus.iter().map(|(_, sku)| sku.category.to_lowercase()).collect();
    categories.sort();
    categories.dedup();
    let of_sku: Vec<usize> = (0..)
        .map_while(|index| state.network.skus.get(SkuId(index)))
        .map(|sku| categories.binary_search(&sku.category.to_lowercase()).unwrap_or(0))
        .collect();
    let mut out = Vec::new();
    for incident in incidents {
        let zones: Vec<bool> = state
            .network
            .zones
            .iter()
            .map(|zone| incident.zones.is_empty() || incident.zones.iter().any(|code| **code == *zone.code))
            .collect();
        let by_day = by_day(world, &zones, &of_sku, categories.len());
        for (category, days) in categories.iter().zip(&by_day) {
            for before in [true, false] {
                out.extend(phase(world, incident, category, days, before));
            }
        }
    }
    out
}

/// By category, then day since the first: orders that hold it.
fn by_day(world: &World, zones: &[bool], of_sku: &[usize], categories: usize) -> Vec<Vec<u32>> {
    let first = world.orders[0].at.div_euclid(DAY_MS);
    let days = (world.end.div_euclid(DAY_MS) - first + 1).max(1) as usize;
    let mut table = vec![vec![0_u32; days]; categories];
    let mut held = Vec::new();
    for order in world.orders.iter().filter(|order| zones.get(order.zone).copied().unwrap_or(false)) {
        held.clear();
        held.extend(order.lines.iter().filter_map(|line| of_sku.get(line.sku as usize).copied()));
        held.sort_unstable();
        held.dedup();
        let day = (order.at.div_euclid(DAY_MS) - first) as usize;
        for category in &held {
            table[*category][day] += 1;
        }
    }
    table
}

fn phase(
    world: &World,
    incident: &PastIncident,
    category: &str,
    days: &[u32],
    before: bool,
) -> Option<Learnt> {
    let first = world.orders[0].at.div_euclid(DAY_MS);
    let day = |stamp: Stamp| stamp.0.div_euclid(DAY_MS) - first;
    let (from, until) = (day(incident.from), day(incident.until));
    let (begin, end) = if before { (from - BEFORE_DAYS, from) } else { (from, until + 1 + AFTER_DAYS) };
    let count = days.len() as i64;
    let (begin, end) = (begin.clamp(0, count), end.clamp(0, count));
    let away = |at: i64| at < from - BEFORE_DAYS - 1 || at > until + AFTER_DAYS + 1;
    let (mut sums, mut seen, mut usual_orders) = ([0_u32; 7], [0_u32; 7], 0);
    for (at, orders) in (0..).zip(days) {
        if away(at) {
            let weekday = at.rem_euclid(7) as usize;
            sums[weekday] += orders;
            seen[weekday] += 1;
            usual_orders += orders;
        }
    }
    let mut expected = 0.0;
    let mut orders = 0;
    for at in begin..end {
        let weekday = at.rem_euclid(7) as usize;
        if seen[weekday] < WEEKS_MIN {
            return None;
        }
        expected += f64::from(sums[weekday]) / f64::from(seen[weekday]);
        orders += days[at as usize];
    }
    if usual_orders < USUAL_MIN || expected < f64::from(ORDERS_MIN) / 2.0 || end <= begin {
        return None;
    }
    let interval = jeffreys(orders, expected, 0.9)?;
    let used = orders.max(expected as u32) >= ORDERS_MIN && (interval.low > 1.0 || interval.high < 1.0);
    Some(Learnt {
        incident: incident.name.clone(),
        hazard: incident.hazard,
        before,
        category: category.to_owned(),
        orders,
        usual: expected,
        factor: f64::from(orders) / expected,
        interval: (interval.low, interval.high),
        used,
    })
}

/// The table with what was learnt in front of what is typed.
#[must_use]
pub fn table(learnt: &[Learnt]) -> Vec<Surge> {
    let own = learnt.iter().filter(|learnt| learnt.used).map(|learnt| Surge {
        hazard: learnt.hazard,
        before: learnt.before,
        words: vec![learnt.category.clone()],
        factor: learnt.factor,
        interval: Some(learnt.interval),
        basis: Basis::Computed,
        source: format!(
            "own orders in {}: {} where {:.1} are usual on such weekdays",
            learnt.incident, learnt.orders, learnt.usual
        ),
    });
    own.chain(shipped()).collect()
}

/// An incident from `HAZARD,FROM,UNTIL` and optional prefixes of zone codes, days as 2010-04-15.
///
/// # Errors
/// A sentence that names the part that is wrong and what it may say.
pub fn incident_of(text: &str, state: &State) -> Result<PastIncident, String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let [hazard, from, until, prefixes @ ..] = parts.as_slice() else {
        return Err(format!(
            "read incident {text:?}: write HAZARD,FROM,UNTIL such as carrier_stoppage,2010-04-15,2010-04-22"
        ));
    };
    let known = Hazard::ALL.into_iter().find(|known| known.key() == *hazard);
    let known = known.ok_or_else(|| {
        let keys: Vec<&str> = Hazard::ALL.iter().map(|hazard| hazard.key()).collect();
        format!("read incident {text:?}: no hazard {hazard:?}; write one of {}", keys.join(", "))
    })?;
    let moment = |day: &str| {
        day.parse::<holdfast_domain::time::Day>()
            .map(|day| day.at(0, &holdfast_domain::time::Zone::utc()))
            .map_err(|error| format!("read incident {text:?}: {error}; write a day as 2010-04-15"))
    };
    let (from, until) = (moment(from)?, moment(until)?.after(Span::days(1)));
    if until <= from {
        return Err(format!("read incident {text:?}: it ends before it begins; swap the days"));
    }
    let zones: Vec<String> = state
        .network
        .zones
        .iter()
        .map(|zone| zone.code.to_string())
        .filter(|code| prefixes.iter().any(|prefix| code.starts_with(prefix)))
        .collect();
    if !prefixes.is_empty() && zones.is_empty() {
        return Err(format!(
            "read incident {text:?}: no zone begins with {}; see zones.csv",
            prefixes.join(" or ")
        ));
    }
    Ok(PastIncident { name: text.to_owned(), hazard: known, from, until, zones })
}

#[cfg(test)]
mod tests {
    use super::{shipped, surge_of};
    use crate::trace::Basis;
    use holdfast_domain::incident::Hazard;

    #[test]
    fn published_factors_are_those_of_their_sources() {
        let table = shipped();
        let of = |hazard, before, category, name| {
            surge_of(&table, hazard, before, category, name).map(|surge| (surge.factor, surge.basis))
        };
        let published = |factor| Some((factor, Basis::Published));
        assert_eq!(of(Hazard::Hurricane, true, "Snacks", "Strawberry Pop-Tarts"), published(7.0));
        assert_eq!(of(Hazard::Hurricane, false, "Drinks", "Bottled water 24x"), published(2.35));
        assert_eq!(of(Hazard::PandemicSurge, false, "Hygiene", "Soap"), published(9.07));
        assert_eq!(of(Hazard::PandemicSurge, true, "Hygiene", "Soap"), None);
        assert!(
            of(Hazard::Hurricane, false, "Bookcases", "").is_some_and(|s| s.0 < 1.0 && s.1 == Basis::Assumed)
        );
        assert_eq!(of(Hazard::Hurricane, false, "Watercolours", "Paint set"), None);
        assert!(table.iter().all(|surge| surge.factor > 0.0 && !surge.source.is_empty()));
    }

    #[test]
    fn what_was_learnt_goes_before_what_is_typed() {
        let mut table = shipped();
        let mut own = table[0].clone();
        own.words = vec!["bottled water".to_owned()];
        (own.factor, own.basis) = (1.3, Basis::Computed);
        table.push(own);
        let found = surge_of(&table, Hazard::Hurricane, false, "Bottled water", "");
        assert_eq!(found.map(|surge| surge.factor), Some(1.3));
        // A learnt factor is for its category, not for names.
        let found = surge_of(&table, Hazard::Hurricane, false, "Drinks", "Bottled water");
        assert_eq!(found.map(|surge| surge.factor), Some(2.35));
    }
}
