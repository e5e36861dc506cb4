//! What alerts and forecasts mean for sites: potential incidents, each with the evidence it rests on.
//!
//! A threat is a proposal for a person: hazard, name, sites, times and severity, ready to be declared. Invariants: a
//! threat names at least one site and one piece of evidence; alerts about the same hazard, at the same time, at sites
//! near each other are one threat; the same evidence in any order gives the same list. Nothing here acts or decides.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::incident::{Hazard, Severity as Grade};
use holdfast_domain::place::Place;
use holdfast_domain::table::fingerprint;
use holdfast_domain::time::{Span, Stamp};
use serde::{Deserialize, Serialize};

use crate::alert::{Alert, Precision, Severity, resolve};
use crate::exposure::Chance;

/// Sites this near each other, metres, are threatened by one thing where hazard and time are the same: the breadth of a
/// landfalling hurricane's warnings.
pub const NEAR_M: f64 = 600_000.0;
/// Threats are about one thing where their times are no further apart than this.
pub const APART_MAX: Span = Span::hours(24);
/// Characters of a name that is proposed: what the form for incidents takes.
pub const NAME_MAX: usize = 80;

/// What a threat rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Evidence {
    /// An alert in force whose area holds a site.
    Alert {
        /// Who sent it.
        sender: String,
        /// The identifier they gave it.
        id: String,
        /// Its event, as they call it.
        event: String,
        /// How exactly its area could be placed.
        precision: Precision,
    },
    /// A forecast as issued, and the chance it gives.
    Forecast {
        /// The storm.
        storm: String,
        /// The forecast's initial hour.
        initial: Stamp,
        /// The winds asked about, knots.
        threshold_kt: u16,
        /// Their chance at the site, 0 to 1.
        chance: f64,
    },
}

/// One sign that one site is threatened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sign {
    /// The site's code.
    pub site: String,
    /// The kind of hazard.
    pub hazard: Hazard,
    /// How bad.
    pub severity: Grade,
    /// What it is called: an alert's event, a storm's name.
    pub called: String,
    /// From when on, where that is known.
    pub from: Option<Stamp>,
    /// Until when, where that is known.
    pub until: Option<Stamp>,
    /// Why.
    pub evidence: Evidence,
}

/// A potential incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threat {
    /// Its name in addresses: the same as long as hazard and sites are. Later threats of the same hazard at the same
    /// sites have `-2`, `-3`, … behind it, in order of their beginning.
    pub id: String,
    /// The kind of hazard.
    pub hazard: Hazard,
    /// How bad, the worst of its evidence.
    pub severity: Grade,
    /// A name for the incident, for people.
    pub name: String,
    /// The first moment any site is threatened.
    pub from: Option<Stamp>,
    /// When the last of it should be over.
    pub until: Option<Stamp>,
    /// The greatest chance a forecast gives any of its sites, 0 to 1; nothing where only alerts speak.
    pub chance: Option<f64>,
    /// Codes of the sites, in order.
    pub sites: Vec<String>,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
}

/// The grade of an incident an alert's severity asks for; what is not said is taken as moderate.
#[must_use]
pub const fn grade(severity: Severity) -> Grade {
    match severity {
        Severity::Extreme => Grade::Extreme,
        Severity::Severe => Grade::Severe,
        Severity::Moderate | Severity::Unknown => Grade::Moderate,
        Severity::Minor => Grade::Minor,
    }
}

/// The sites inside an alert's areas, if it is at least as bad as `least`.
#[must_use]
pub fn signs_of_alert(alert: &Alert, sites: &[(String, Place)], least: Grade) -> Vec<Sign> {
    let severity = grade(alert.severity);
    if severity < least {
        return Vec::new();
    }
    let mut best: BTreeMap<&str, Precision> = BTreeMap::new();
    for area in &alert.areas {
        let placed = resolve(area);
        for (code, _) in sites.iter().filter(|(_, place)| placed.contains(*place)) {
            let known = best.entry(code).or_insert(placed.precision);
            *known = (*known).min(placed.precision);
        }
    }
    let called = if alert.event.is_empty() { alert.hazard.key() } else { &alert.event };
    let sign = |(site, precision): (&str, Precision)| Sign {
        site: site.to_owned(),
        hazard: alert.hazard,
        severity,
        called: called.to_owned(),
        from: alert.onset.or(Some(alert.sent)),
        until: alert.ends.or(alert.expires),
        evidence: Evidence::Alert {
            sender: alert.sender.clone(),
            id: alert.id.clone(),
            event: alert.event.clone(),
            precision,
        },
    };
    best.into_iter().map(sign).collect()
}

/// The sites a forecast gives at least `least` chance of the winds it was asked about.
#[must_use]
pub fn signs_of_forecast(storm: &str, initial: Stamp, chances: &[Chance<String>], least: f64) -> Vec<Sign> {
    let likely = chances.iter().filter(|chance| chance.probability > 0.0 && chance.probability >= least);
    let sign = |chance: &Chance<String>| Sign {
        site: chance.key.clone(),
        hazard: Hazard::Hurricane,
        severity: if chance.threshold_kt >= 64 { Grade::Severe } else { Grade::Moderate },
        called: storm.to_owned(),
        from: chance.enters.map(|enters| enters.p10),
        until: chance.leaves.map(|leaves| leaves.p90),
        evidence: Evidence::Forecast {
            storm: storm.to_owned(),
            initial,
            threshold_kt: chance.threshold_kt,
            chance: chance.probability,
        },
    };
    likely.map(sign).collect()
}

/// Puts what belongs together into threats, the worst first. Signs of sites that are not in `sites` are passed over.
#[must_use]
pub fn threats(signs: &[Sign], sites: &[(String, Place)]) -> Vec<Threat> {
    let places: BTreeMap<&str, Place> = sites.iter().map(|(code, place)| (code.as_str(), *place)).collect();
    let mut sorted: Vec<&Sign> =
        signs.iter().filter(|sign| places.contains_key(sign.site.as_str())).collect();
    sorted.sort_by(|a, b| {
        let key = |sign: &Sign| (sign.hazard, sign.site.clone(), sign.from, sign.until, sign.called.clone());
        key(a).cmp(&key(b)).then_with(|| named(&a.evidence).cmp(&named(&b.evidence)))
    });
    let mut groups: Vec<Vec<&Sign>> = Vec::new();
    for sign in sorted {
        // Everything it touches becomes one group: the order in which signs come does not matter.
        let (near, mut apart): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|group| group.iter().any(|other| is_one(sign, other, &places)));
        let mut joined: Vec<&Sign> = near.into_iter().flatten().collect();
        joined.push(sign);
        apart.push(joined);
        groups = apart;
    }
    let mut all: Vec<Threat> = groups.iter().map(|group| threat(group)).collect();
    all.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.from.cmp(&b.from)).then_with(|| a.id.cmp(&b.id)));
    tell_apart(&mut all);
    all
}

/// Gives the later ones of those that share hazard and sites a name of their own.
fn tell_apart(all: &mut [Threat]) {
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|a, b| {
        let key = |at: &usize| (&all[*at].id, all[*at].from, all[*at].until, *at);
        key(a).cmp(&key(b))
    });
    let later: Vec<(usize, usize)> = order
        .chunk_by(|a, b| all[*a].id == all[*b].id)
        .flat_map(|same| same.iter().enumerate().skip(1).map(|(place, at)| (*at, place + 1)))
        .collect();
    for (at, number) in later {
        all[at].id = format!("{}-{number}", all[at].id);
    }
}

fn is_one(a: &Sign, b: &Sign, places: &BTreeMap<&str, Place>) -> bool {
    let before = |one: &Sign, other: &Sign| match (one.until, other.from) {
        (Some(until), Some(from)) => until.after(APART_MAX) < from,
        _ => false,
    };
    a.hazard == b.hazard
        && !before(a, b)
        && !before(b, a)
        && places[a.site.as_str()].distance_m(places[b.site.as_str()]) <= NEAR_M
}

/// What tells one piece of evidence from another.
fn named(evidence: &Evidence) -> (&str, &str, i64) {
    match evidence {
        Evidence::Alert { sender, id, .. } => (sender, id, 0),
        Evidence::Forecast { storm, initial, .. } => ("forecast", storm, initial.0),
    }
}

fn threat(group: &[&Sign]) -> Threat {
    let sites: BTreeSet<&str> = group.iter().map(|sign| sign.site.as_str()).collect();
    let sites: Vec<String> = sites.into_iter().map(ToOwned::to_owned).collect();
    let first = group.first().expect("a group begins with a sign");
    let worst = group.iter().map(|sign| sign.severity).max().unwrap_or(first.severity);
    // The worst names it; of equals a forecast does, for it names the storm.
    let forecast = |sign: &Sign| matches!(sign.evidence, Evidence::Forecast { .. });
    let called = group
        .iter()
        .filter(|sign| sign.severity == worst)
        .max_by_key(|sign| (forecast(sign), std::cmp::Reverse(sign.called.as_str())))
        .map_or(first.called.as_str(), |sign| sign.called.as_str());
    let mut evidence: Vec<Evidence> = Vec::new();
    for sign in group {
        match evidence.iter_mut().find(|known| named(known) == named(&sign.evidence)) {
            None => evidence.push(sign.evidence.clone()),
            // The same alert or forecast at another site: the greater chance, the less exact area.
            Some(known) => widen(known, &sign.evidence),
        }
    }
    evidence.sort_by(|a, b| named(a).cmp(&named(b)));
    let chance = group.iter().filter_map(|sign| match sign.evidence {
        Evidence::Forecast { chance, .. } => Some(chance),
        Evidence::Alert { .. } => None,
    });
    let hazard = first.hazard;
    Threat {
        id: format!(
            "{:016x}",
            fingerprint("threat", 0, &format!("{} {}", hazard.key(), sites.join(" "))) as u64
        ),
        hazard,
        severity: worst,
        name: format!("{called}: {}", sites.join(", ")).chars().take(NAME_MAX).collect(),
        from: group.iter().filter_map(|sign| sign.from).min(),
        // Where one of them has no end, none is known for the whole.
        until: group
            .iter()
            .map(|sign| sign.until)
            .collect::<Option<Vec<_>>>()
            .and_then(|all| all.into_iter().max()),
        chance: chance.reduce(f64::max),
        sites,
        evidence,
    }
}

fn widen(known: &mut Evidence, other: &Evidence) {
    match (known, other) {
        (Evidence::Alert { precision, .. }, Evidence::Alert { precision: more, .. }) => {
            *precision = (*precision).max(*more);
        }
        (Evidence::Forecast { chance, .. }, Evidence::Forecast { chance: more, .. }) => {
            *chance = chance.max(*more);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use holdfast_domain::incident::{Hazard, Severity as Grade};
    use holdfast_domain::place::Place;
    use holdfast_domain::time::{Span, Stamp};

    use super::{Evidence, Sign, grade, signs_of_alert, signs_of_forecast, threats};
    use crate::alert::{Alert, AlertArea, AreaCode, Precision, Severity, Source};
    use crate::exposure::{Chance, Quantiles};

    fn sites() -> Vec<(String, Place)> {
        let site = |code: &str, lat, lon| (code.to_owned(), Place::new(lat, lon).unwrap());
        vec![site("ILM", 34.2257, -77.9447), site("RDU", 35.87, -78.78), site("RNO", 39.53, -119.81)]
    }

    fn county(id: &str, event: &str, hazard: Hazard, fips: &str) -> Alert {
        let mut alert = Alert::blank(Source::Cap, "nws", id, Stamp(1_000));
        (alert.hazard, alert.severity, alert.event) = (hazard, Severity::Severe, event.to_owned());
        (alert.onset, alert.ends) = (Some(Stamp(1_000)), Some(Stamp(9_000_000)));
        let codes = vec![AreaCode::Same(fips.to_owned())];
        alert.areas.push(AlertArea { description: String::new(), shapes: Vec::new(), codes });
        alert
    }

    fn chance(site: &str, probability: f64) -> Chance<String> {
        let when = |h: u64| {
            let at = Stamp(1_000).after(Span::hours(h));
            Some(Quantiles { p10: at, p50: at, p90: at })
        };
        Chance {
            key: site.to_owned(),
            threshold_kt: 64,
            probability,
            samples: 100,
            enters: when(10),
            leaves: when(30),
        }
    }

    #[test]
    fn what_belongs_together_is_one_threat_in_whatever_order_it_comes() {
        let sites = sites();
        // New Hanover NC, Wake NC, Washoe NV; a storm's forecast for the coast alone.
        let mut signs: Vec<Sign> = [
            county("a", "Hurricane Warning", Hazard::Hurricane, "037129"),
            county("b", "Hurricane Watch", Hazard::Hurricane, "037183"),
            county("c", "Flash Flood Warning", Hazard::Flood, "032031"),
        ]
        .iter()
        .flat_map(|alert| signs_of_alert(alert, &sites, Grade::Moderate))
        .collect();
        signs.extend(signs_of_forecast("FLORENCE", Stamp(0), &[chance("ILM", 0.4), chance("RNO", 0.0)], 0.1));
        let found = threats(&signs, &sites);
        assert_eq!(found.len(), 2, "{found:#?}");
        let of = |hazard| found.iter().find(|threat| threat.hazard == hazard).unwrap();
        let storm = of(Hazard::Hurricane);
        assert_eq!((storm.sites.join(" "), storm.hazard), ("ILM RDU".to_owned(), Hazard::Hurricane));
        assert_eq!((storm.name.as_str(), storm.chance), ("FLORENCE: ILM, RDU", Some(0.4)));
        assert_eq!((storm.from, storm.evidence.len()), (Some(Stamp(1_000)), 3));
        assert_eq!(storm.until, Some(Stamp(1_000).after(Span::hours(30))));
        let precise =
            |evidence: &Evidence| matches!(evidence, Evidence::Alert { precision: Precision::County, .. });
        assert!(storm.evidence.iter().any(precise));
        assert_eq!(of(Hazard::Flood).sites, ["RNO"]);
        let mut turned = signs.clone();
        turned.reverse();
        assert_eq!(threats(&turned, &sites), found);
        turned.swap(0, 2);
        assert_eq!(threats(&turned, &sites), found);
    }

    #[test]
    fn what_is_slight_or_elsewhere_or_unlikely_is_none() {
        let sites = sites();
        let mut slight = county("a", "Frost Advisory", Hazard::WinterStorm, "037129");
        slight.severity = Severity::Minor;
        assert!(signs_of_alert(&slight, &sites, Grade::Moderate).is_empty());
        assert_eq!(signs_of_alert(&slight, &sites, Grade::Minor).len(), 1);
        let elsewhere = county("b", "Flood Warning", Hazard::Flood, "012086");
        assert!(signs_of_alert(&elsewhere, &sites, Grade::Minor).is_empty());
        assert!(signs_of_forecast("X", Stamp(0), &[chance("ILM", 0.05)], 0.1).is_empty());
        assert_eq!(grade(Severity::Unknown), Grade::Moderate);
        let gone =
            Sign { site: "GONE".to_owned(), ..signs_of_alert(&slight, &sites, Grade::Minor)[0].clone() };
        assert!(threats(&[gone], &sites).is_empty());
    }

    #[test]
    fn the_same_flood_a_week_later_is_another_one() {
        let sites = sites();
        let first = county("a", "Flood Warning", Hazard::Flood, "037129");
        let mut later = county("b", "Flood Warning", Hazard::Flood, "037129");
        later.onset = Some(Stamp(1_000).after(Span::days(7)));
        later.ends = None;
        // The worse one stands first in the list; the earlier one keeps the plain name.
        later.severity = Severity::Extreme;
        let signs: Vec<Sign> = [&first, &later]
            .into_iter()
            .flat_map(|alert| signs_of_alert(alert, &sites, Grade::Minor))
            .collect();
        let found = threats(&signs, &sites);
        assert_eq!(found.iter().map(|threat| threat.sites.join("")).collect::<Vec<_>>(), ["ILM", "ILM"]);
        assert_eq!((found[0].severity, found[0].until), (Grade::Extreme, None));
        let alone = threats(&signs_of_alert(&first, &sites, Grade::Minor), &sites);
        assert_eq!(found[1].id, alone[0].id, "the first keeps its name when a second is told of");
        assert_eq!(found[0].id, format!("{}-2", alone[0].id));
        assert_ne!(found[0].id, found[1].id);
    }
}
