//! Simulated years: every hazard's events, the sites each hits, and for how long.
//!
//! How sites are hit together at the right rates. For a hazard that reaches `r` metres, an event proposed by
//! site `i` lies anywhere within `r` of it, at the site's rate. It is kept only if no site within its reach
//! has a higher rate, so the same ground is never counted twice; and a reached site `j` is hit where one
//! number, the same for all, is below `rate j / rate i`. Each site is then hit exactly at its own rate, and
//! sites side by side at equal rates are always hit together. Country-wide, operator-wide and world-wide
//! hazards work alike with everyone in reach.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::incident::{Hazard, Severity};
use holdfast_domain::place::Place;

use super::chance::{normal, stream};
use super::hurricane::{self, HurricaneConfig, wind_severity};
use super::process::{Process, mix};
use super::rates::{Basis, Rate, RateOverride, RateTable, SiteRate};
use super::{CatalogueError, DowntimeTable};
use crate::loss::RateInterval;

/// Events of a year at most; more is an override that cannot be meant.
pub const EVENTS_PER_YEAR_MAX: usize = 100_000;
/// A yearly rate at a site at most.
pub const RATE_MAX: f64 = 1_000.0;
/// Sites at most: beyond, the pairs within reach no longer fit a laptop's patience.
pub const SITES_MAX: usize = 5_000;

/// A site as the catalogue sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct SitePlace {
    /// Where it is.
    pub place: Place,
    /// State letters, `FL`; empty outside the United States.
    pub state: String,
    /// Country, two letters, `US`.
    pub country: String,
}

/// What is simulated.
#[derive(Clone, Debug)]
pub struct CatalogueConfig {
    /// Rates by place.
    pub rates: RateTable,
    /// Downtimes by hazard and severity.
    pub downtime: DowntimeTable,
    /// What the operator knows better.
    pub overrides: Vec<RateOverride>,
    /// Hazards that are left out.
    pub without: BTreeSet<Hazard>,
    /// How hurricane seasons are drawn.
    pub hurricanes: HurricaneConfig,
}

impl Default for CatalogueConfig {
    fn default() -> Self {
        Self {
            rates: RateTable::bundled(),
            downtime: DowntimeTable::bundled(),
            overrides: Vec::new(),
            without: BTreeSet::new(),
            hurricanes: HurricaneConfig::default(),
        }
    }
}

/// What an event covers.
#[derive(Clone, Debug, PartialEq)]
pub enum Footprint {
    /// Everything within `radius_m` metres of a centre.
    Circle {
        /// The centre.
        centre: Place,
        /// The reach in metres.
        radius_m: f64,
    },
    /// A storm of the record, shifted.
    Storm {
        /// Its name and year, `Michael 2018`.
        name: String,
        /// Degrees it was shifted north, and east at the equator.
        shift_deg: (f64, f64),
    },
    /// One site, by index.
    Site(usize),
    /// A whole country.
    Country(String),
    /// All that share the operator's systems.
    Operator,
    /// The world.
    World,
}

/// A site that an event stops.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Index of the site.
    pub site: usize,
    /// How hard.
    pub severity: Severity,
    /// When it stops, hours into the year.
    pub from_h: f64,
    /// For how long, hours.
    pub downtime_h: f64,
    /// The greatest sustained wind, knots, of a hurricane.
    pub wind_kt: Option<f64>,
}

/// Something that happens once.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The hazard.
    pub hazard: Hazard,
    /// The worst at any site.
    pub severity: Severity,
    /// When it begins, hours into the year.
    pub start_h: f64,
    /// What it covers.
    pub footprint: Footprint,
    /// The sites it stops, by index; never empty.
    pub hits: Vec<Hit>,
}

/// One simulated year.
#[derive(Clone, Debug, PartialEq)]
pub struct YearEvents {
    /// Its number.
    pub year: u32,
    /// Its events, by beginning.
    pub events: Vec<Event>,
}

impl CatalogueConfig {
    /// The rates that apply at site `index`, overrides in, with their sources: where a number comes from.
    #[must_use]
    pub fn rates_at(&self, index: usize, site: &SitePlace) -> Vec<SiteRate> {
        let mut rates = self.rates.at(&site.country, &site.state);
        rates.retain(|row| !self.without.contains(&row.hazard));
        for change in self.overrides.iter().filter(|change| change.site == index) {
            apply(&mut rates, change);
        }
        rates
    }

    fn check(&self, sites: &[SitePlace]) -> Result<(), CatalogueError> {
        if sites.len() > SITES_MAX {
            return Err(CatalogueError::Config(format!("{} sites: at most {SITES_MAX}", sites.len())));
        }
        for change in &self.overrides {
            if change.site >= sites.len() || !(0.0..=RATE_MAX).contains(&change.rate) {
                return Err(CatalogueError::Config(format!(
                    "override of {} at site {} to {} a year: name a site from 0 to {} and a rate from 0 to {RATE_MAX}",
                    change.hazard.key(),
                    change.site,
                    change.rate,
                    sites.len().saturating_sub(1),
                )));
            }
        }
        let shift = self.hurricanes.shift_km;
        if !(0.0..=500.0).contains(&shift) {
            return Err(CatalogueError::Config(format!("a shift of {shift} km: give 0 to 500")));
        }
        Ok(())
    }

    fn processes(&self, sites: &[SitePlace]) -> Vec<Process> {
        let mut table: BTreeMap<(Hazard, Severity), Process> = BTreeMap::new();
        for (index, site) in sites.iter().enumerate() {
            for row in self.rates_at(index, site) {
                let process = table.entry((row.hazard, row.severity)).or_insert_with(|| Process {
                    hazard: row.hazard,
                    severity: row.severity,
                    radius_m: row.rate.radius_m,
                    rates: vec![0.0; sites.len()],
                    near: Vec::new(),
                });
                process.rates[index] = row.rate.interval.mean;
            }
        }
        let mut processes: Vec<Process> = table.into_values().collect();
        for process in &mut processes {
            process.near = process.neighbours(sites);
        }
        processes
    }
}

/// Puts an operator's rate in the place of the table's.
fn apply(rates: &mut Vec<SiteRate>, change: &RateOverride) {
    let concerned = |row: &SiteRate| {
        row.hazard == change.hazard && change.severity.is_none_or(|severity| severity == row.severity)
    };
    let sum: f64 = rates.iter().filter(|row| concerned(row)).map(|row| row.rate.interval.mean).sum();
    let declared = |share: f64, radius_m: f64| Rate {
        interval: RateInterval {
            low: change.rate * share,
            mean: change.rate * share,
            high: change.rate * share,
        },
        radius_m,
        basis: Basis::Declared,
        source: change.source.clone(),
        place: format!("site {}", change.site),
    };
    if sum > 0.0 {
        for row in rates.iter_mut().filter(|row| concerned(row)) {
            row.rate = declared(row.rate.interval.mean / sum, row.rate.radius_m);
        }
    } else {
        let severity = change.severity.unwrap_or(Severity::Moderate);
        rates.retain(|row| (row.hazard, row.severity) != (change.hazard, severity));
        rates.push(SiteRate { hazard: change.hazard, severity, rate: declared(1.0, 0.0) });
    }
}

fn storms(sites: &[SitePlace], config: &CatalogueConfig, seed: u64, year: u32) -> Vec<Event> {
    if config.without.contains(&Hazard::Hurricane) {
        return Vec::new();
    }
    let mut events = Vec::new();
    for (index, drawn) in hurricane::season(seed, year, &config.hurricanes).iter().enumerate() {
        let mut random = stream(seed, "hurricane downtime", year, index as u64);
        let common = normal(&mut random);
        let mut hits = Vec::new();
        for (site, place) in sites.iter().enumerate() {
            let own = normal(&mut random);
            // An operator's own rate takes the place of the tracks, it does not come on top of them.
            let declared = |c: &RateOverride| c.site == site && c.hazard == Hazard::Hurricane;
            if config.overrides.iter().any(declared) {
                continue;
            }
            let Some(struck) = drawn.strikes(place.place, config.hurricanes.wind_min_kt) else { continue };
            let Some(severity) = wind_severity(struck.wind_kt) else { continue };
            let hours = config.downtime.get(Hazard::Hurricane, severity);
            hits.push(Hit {
                site,
                severity,
                from_h: drawn.storm.start_h + struck.hours,
                downtime_h: hours.map_or(0.0, |row| row.at_normal(mix(common, own))),
                wind_kt: Some(struck.wind_kt),
            });
        }
        if let Some(severity) = hits.iter().map(|hit| hit.severity).max() {
            events.push(Event {
                hazard: Hazard::Hurricane,
                severity,
                start_h: hits.iter().map(|hit| hit.from_h).fold(f64::INFINITY, f64::min),
                footprint: Footprint::Storm {
                    name: format!("{} {}", drawn.storm.name, drawn.storm.year),
                    shift_deg: (drawn.north_deg, drawn.east_deg),
                },
                hits,
            });
        }
    }
    events
}

/// Simulates `years` years, numbered from 0.
///
/// # Errors
/// [`CatalogueError::Config`] for overrides of sites that are not there, or numbers outside their limits.
///
/// ```
/// use holdfast_domain::place::Place;
/// use holdfast_hazard::catalogue::{CatalogueConfig, SitePlace, simulate};
/// let miami = SitePlace { place: Place::new(25.76, -80.19)?, state: "FL".into(), country: "US".into() };
/// let years = simulate(&[miami], &CatalogueConfig::default(), 7, 100)?;
/// assert_eq!(years.len(), 100);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn simulate(
    sites: &[SitePlace],
    config: &CatalogueConfig,
    seed: u64,
    years: u32,
) -> Result<Vec<YearEvents>, CatalogueError> {
    let simulator = Simulator::new(sites, config)?;
    Ok((0..years).map(|year| simulator.year(seed, year)).collect())
}

/// One year, the same as [`simulate`] gives; for computing years in any order.
///
/// # Errors
/// As [`simulate`].
pub fn simulate_year(
    sites: &[SitePlace],
    config: &CatalogueConfig,
    seed: u64,
    year: u32,
) -> Result<YearEvents, CatalogueError> {
    Simulator::new(sites, config).map(|simulator| simulator.year(seed, year))
}

/// Sites and configuration, checked and prepared for many years. Shared freely between threads.
pub struct Simulator<'a> {
    sites: &'a [SitePlace],
    config: &'a CatalogueConfig,
    processes: Vec<Process>,
}

impl<'a> Simulator<'a> {
    /// Prepares.
    ///
    /// # Errors
    /// As [`simulate`].
    pub fn new(sites: &'a [SitePlace], config: &'a CatalogueConfig) -> Result<Self, CatalogueError> {
        config.check(sites)?;
        Ok(Self { sites, config, processes: config.processes(sites) })
    }

    /// The events of a year; depends on the seed and the year's number alone.
    #[must_use]
    pub fn year(&self, seed: u64, year: u32) -> YearEvents {
        let mut events = storms(self.sites, self.config, seed, year);
        for process in &self.processes {
            events.extend(process.year(self.sites, &self.config.downtime, seed, year));
        }
        // Stable: equal beginnings keep the order of hazards.
        events.sort_by(|a, b| a.start_h.total_cmp(&b.start_h));
        events.truncate(EVENTS_PER_YEAR_MAX);
        YearEvents { year, events }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        CatalogueConfig, Event, Footprint, Simulator, SitePlace, YearEvents, simulate, simulate_year,
    };
    use crate::catalogue::RateOverride;
    use crate::loss::gamma_quantile;
    use core::f64::consts::PI;
    use holdfast_domain::incident::{Hazard, Severity};
    use holdfast_domain::place::Place;
    use std::collections::BTreeMap;

    fn site(lat: f64, lon: f64, state: &str, country: &str) -> SitePlace {
        SitePlace { place: Place::new(lat, lon).unwrap(), state: state.into(), country: country.into() }
    }

    /// Two side by side, one close, two in neighbouring states, one abroad.
    fn sites() -> Vec<SitePlace> {
        vec![
            site(35.15, -90.05, "TN", "US"),
            site(35.16, -90.04, "TN", "US"),
            site(34.95, -89.85, "MS", "US"),
            site(38.63, -90.20, "MO", "US"),
            site(34.05, -118.24, "CA", "US"),
            site(37.27, 127.01, "", "KR"),
        ]
    }

    fn hits_of(years: &[YearEvents]) -> BTreeMap<(Hazard, Severity, usize), u32> {
        let mut counts = BTreeMap::new();
        for event in years.iter().flat_map(|year| &year.events) {
            for hit in &event.hits {
                *counts.entry((event.hazard, hit.severity, hit.site)).or_default() += 1;
            }
        }
        counts
    }

    /// Every rate of the table comes out: each count lies in the Poisson interval of its rate. With about 200
    /// counts and a tail of 1e-5 at each end, a false alarm comes once in 250 seeds; this seed has none.
    #[test]
    fn each_site_is_hit_at_the_rate_of_the_table() {
        let (seed, count) = (42, 6_000);
        eprintln!("seed {seed}, {count} years");
        let (sites, config) = (sites(), CatalogueConfig::default());
        let counts = hits_of(&simulate(&sites, &config, seed, count).unwrap());
        let mut checked = 0;
        for (index, site) in sites.iter().enumerate() {
            for row in config.rates_at(index, site) {
                let expected = row.rate.interval.mean * f64::from(count);
                let mut seen = f64::from(*counts.get(&(row.hazard, row.severity, index)).unwrap_or(&0));
                if row.hazard == Hazard::Hurricane && site.country == "US" {
                    continue;
                }
                // P(X >= seen) = P(Gamma(seen) <= expected): outside both quantiles is a failure.
                let low = gamma_quantile(seen.max(1e-9), 1e-5).unwrap_or(0.0);
                seen += 1.0;
                let high = gamma_quantile(seen, 1.0 - 1e-5).unwrap();
                assert!(low <= expected && expected <= high, "{index} {row:?}: {} of {expected}", seen - 1.0);
                checked += 1;
            }
        }
        assert!(checked > 150, "{checked}");
    }

    #[test]
    fn neighbours_are_hit_by_one_event_and_not_by_two() {
        let years = simulate(&sites(), &CatalogueConfig::default(), 3, 3_000).unwrap();
        let outages: Vec<&Event> = years
            .iter()
            .flat_map(|year| &year.events)
            .filter(|e| e.hazard == Hazard::PowerOutage && e.severity == Severity::Moderate)
            .collect();
        let hits = |event: &&&Event, site| event.hits.iter().any(|hit| hit.site == site);
        let first = outages.iter().filter(|e| hits(e, 0)).count() as f64;
        let both = outages.iter().filter(|e| hits(e, 0) && hits(e, 1)).count() as f64;
        let third = outages.iter().filter(|e| hits(e, 0) && hits(e, 3)).count();
        // 1.4 km apart within 100 km: the lens of two discs covers all but 2 d / (π r).
        let expected = 1.0 - 2.0 * 1.44 / (PI * 100.0);
        assert!((both / first - expected).abs() < 0.02, "{both} of {first}");
        assert_eq!(third, 0, "St. Louis is 390 km away");
        for event in &outages {
            let Footprint::Circle { centre, radius_m } = &event.footprint else { panic!() };
            assert!(event.hits.iter().all(|h| centre.distance_m(sites()[h.site].place) <= radius_m + 1.0));
        }
    }

    #[test]
    fn wide_hazards_hit_all_they_concern() {
        let years = simulate(&sites(), &CatalogueConfig::default(), 9, 3_000).unwrap();
        for event in years.iter().flat_map(|year| &year.events) {
            let struck: Vec<usize> = event.hits.iter().map(|hit| hit.site).collect();
            assert!(!struck.is_empty());
            match &event.footprint {
                Footprint::World | Footprint::Operator => assert_eq!(struck, [0, 1, 2, 3, 4, 5]),
                Footprint::Country(country) if country == "US" => assert_eq!(struck, [0, 1, 2, 3, 4]),
                Footprint::Country(_) => assert_eq!(struck, [5]),
                Footprint::Site(index) => assert_eq!(struck, [*index]),
                Footprint::Circle { .. } | Footprint::Storm { .. } => {}
            }
        }
    }

    #[test]
    fn a_year_is_the_same_in_any_order() {
        let (sites, config) = (sites(), CatalogueConfig::default());
        let years = simulate(&sites, &config, 5, 40).unwrap();
        let simulator = Simulator::new(&sites, &config).unwrap();
        for year in (0..40).rev() {
            assert_eq!(simulator.year(5, year), years[year as usize]);
        }
        assert_eq!(simulate_year(&sites, &config, 5, 17).unwrap(), years[17]);
        assert_ne!(simulate_year(&sites, &config, 6, 17).unwrap(), years[17]);
    }

    #[test]
    fn an_operator_knows_better() {
        let mut config = CatalogueConfig::default();
        let change = |site, severity, rate| RateOverride {
            site,
            hazard: Hazard::Flood,
            severity,
            rate,
            source: "dyke of 2021".into(),
        };
        config.overrides = vec![change(0, None, 0.0), change(3, Some(Severity::Severe), 0.5)];
        let count = 2_000;
        let counts = hits_of(&simulate(&sites(), &config, 1, count).unwrap());
        assert!(counts.keys().all(|(hazard, _, site)| (*hazard, *site) != (Hazard::Flood, 0)));
        let severe = f64::from(counts[&(Hazard::Flood, Severity::Severe, 3)]);
        assert!((severe / f64::from(count) - 0.5).abs() < 0.05, "{severe}");
        let miami = [site(25.76, -80.19, "FL", "US")];
        config.overrides = vec![RateOverride { hazard: Hazard::Hurricane, ..change(0, None, 0.0) }];
        let counts = hits_of(&simulate(&miami, &config, 1, 100).unwrap());
        assert!(counts.keys().all(|(hazard, ..)| *hazard != Hazard::Hurricane));
        config.overrides = vec![change(99, None, 1.0)];
        let told = simulate(&sites(), &config, 1, 1).unwrap_err().to_string();
        assert!(told.contains("site 99"), "{told}");
        config.overrides.clear();
        config.without = Hazard::ALL.into();
        assert!(simulate(&sites(), &config, 1, 50).unwrap().iter().all(|year| year.events.is_empty()));
    }
}
