//! How long a site stands still, by hazard and severity: a table that can be edited.
//!
//! Log-normal, given by its median and its 95th percentile in hours. The bundled table says of each row
//! whether it is published or assumed; most are assumed, and an operator's own history should replace them.

use std::collections::BTreeMap;

use holdfast_domain::incident::{Hazard, Severity};

use super::rates::severity_of;
use super::{CatalogueError, no_row, table_rows};

/// The 95 % quantile of the standard normal distribution.
const Z_95: f64 = 1.644_853_626_951_472_7;
/// Nothing stands still for longer than this many hours (three years): by then the site is another one.
pub const HOURS_MAX: f64 = 26_280.0;

const BUNDLED: &str = include_str!("../../data/rates/downtime.tsv");

/// A log-normal time to stand still.
#[derive(Clone, Debug, PartialEq)]
pub struct Downtime {
    /// Half of the cases are shorter, hours.
    pub median_h: f64,
    /// One in twenty is longer, hours.
    pub p95_h: f64,
    /// Whether this is published or assumed, and where it comes from.
    pub basis: String,
}

impl Downtime {
    /// Checked: both above zero, the second not below the first.
    ///
    /// # Errors
    /// [`CatalogueError::Config`] for other numbers.
    pub fn new(median_h: f64, p95_h: f64, basis: &str) -> Result<Self, CatalogueError> {
        if median_h.is_finite() && p95_h.is_finite() && median_h > 0.0 && p95_h >= median_h {
            Ok(Self { median_h, p95_h, basis: basis.to_owned() })
        } else {
            Err(CatalogueError::Config(format!(
                "a downtime of median {median_h} h and 95th percentile {p95_h} h: give 0 < median <= percentile"
            )))
        }
    }

    /// The hours at a standard normal `z`: 0 gives the median.
    #[must_use]
    pub fn at_normal(&self, z: f64) -> f64 {
        let sigma = (self.p95_h / self.median_h).ln() / Z_95;
        (self.median_h * (sigma * z).exp()).min(HOURS_MAX)
    }

    /// Whether a part of it is assumed: the row itself, or the spread about a published mean.
    #[must_use]
    pub fn is_assumed_in_part(&self) -> bool {
        let said = self.basis.split(" (").next().unwrap_or_default();
        said.contains("assumed") || said.contains("coarse")
    }

    /// The mean in hours, before the cap.
    #[must_use]
    pub fn mean_h(&self) -> f64 {
        let sigma = (self.p95_h / self.median_h).ln() / Z_95;
        self.median_h * (sigma * sigma / 2.0).exp()
    }
}

/// Downtimes by hazard and severity.
#[derive(Clone, Debug, PartialEq)]
pub struct DowntimeTable {
    rows: BTreeMap<(Hazard, Severity), Downtime>,
}

impl DowntimeTable {
    /// The bundled table.
    ///
    /// # Panics
    /// Never: a test reads it.
    #[must_use]
    pub fn bundled() -> Self {
        Self::read(BUNDLED).expect("the bundled table of downtimes is read by a test")
    }

    /// Reads tab-separated hazard, class, median, 95th percentile, basis and source.
    ///
    /// # Errors
    /// [`CatalogueError::Row`] naming line and field.
    pub fn read(text: &str) -> Result<Self, CatalogueError> {
        let mut rows = BTreeMap::new();
        for (at, line) in table_rows(text) {
            let fields: Vec<&str> = line.split('\t').collect();
            let refuse = |field: &str, value: &str, expected: &'static str| CatalogueError::Row {
                table: "the table of downtimes",
                line: at + 1,
                field: field.to_owned(),
                value: value.to_owned(),
                expected,
            };
            let [hazard, class, median, p95, basis, source] = fields.as_slice() else {
                return Err(refuse(
                    "row",
                    line,
                    "hazard, class, median_h, p95_h, basis, source with tabs between",
                ));
            };
            let key = (
                Hazard::from_key(hazard).ok_or_else(|| refuse("hazard", hazard, "a hazard's key"))?,
                severity_of(class)
                    .ok_or_else(|| refuse("class", class, "minor, moderate, severe or extreme"))?,
            );
            let hours = |field: &str, text: &str| text.parse().map_err(|_| refuse(field, text, "hours"));
            let (median, p95): (f64, f64) = (hours("median_h", median)?, hours("p95_h", p95)?);
            if !(median > 0.0 && median.is_finite()) {
                return Err(refuse("median_h", fields[2], "hours above zero"));
            }
            // `published mean, assumed spread` is a basis too: the first word says what it is.
            let known = ["declared", "published", "coarse", "assumed"];
            if !known.contains(&basis.split(' ').next().unwrap_or_default()) {
                return Err(refuse("basis", basis, "declared, published, coarse or assumed"));
            }
            if source.trim().is_empty() {
                return Err(refuse("source", source, "who says so"));
            }
            if p95 > HOURS_MAX {
                return Err(refuse("p95_h", &p95.to_string(), "at most 26,280 hours, three years"));
            }
            let row = Downtime::new(median, p95, &format!("{basis} ({source})"))
                .map_err(|_| refuse("p95_h", &p95.to_string(), "0 < median <= 95th percentile"))?;
            if rows.insert(key, row).is_some() {
                return Err(refuse("class", class, "one row for each hazard and class"));
            }
        }
        if rows.is_empty() {
            return Err(no_row("the table of downtimes"));
        }
        Ok(Self { rows })
    }

    /// Puts the rows of a text as [`DowntimeTable::read`] takes it in the place of those that are here.
    ///
    /// # Errors
    /// [`CatalogueError::Row`] naming line and field; nothing changes then.
    pub fn merge(&mut self, text: &str) -> Result<(), CatalogueError> {
        self.rows.extend(Self::read(text)?.rows);
        Ok(())
    }

    /// Replaces a row.
    pub fn set(&mut self, hazard: Hazard, severity: Severity, downtime: Downtime) {
        self.rows.insert((hazard, severity), downtime);
    }

    /// The row of a hazard and severity; that of "other" where there is none.
    #[must_use]
    pub fn get(&self, hazard: Hazard, severity: Severity) -> Option<&Downtime> {
        self.rows.get(&(hazard, severity)).or_else(|| self.rows.get(&(Hazard::Other, severity)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Downtime, DowntimeTable};
    use holdfast_domain::incident::{Hazard, Severity};

    #[test]
    fn every_hazard_and_severity_has_a_row_and_worse_is_longer() {
        let table = DowntimeTable::bundled();
        for hazard in Hazard::ALL {
            let medians: Vec<f64> =
                [Severity::Minor, Severity::Moderate, Severity::Severe, Severity::Extreme]
                    .map(|severity| table.rows[&(hazard, severity)].median_h)
                    .to_vec();
            assert!(medians.is_sorted(), "{hazard:?} {medians:?}");
        }
    }

    /// EIA-861, mean of states and years 2013 to 2023: 1.92 h an interruption without major event days, and
    /// 11.2 h for those of major event days.
    #[test]
    fn outages_last_as_long_as_published() {
        let table = DowntimeTable::bundled();
        let mean = |severity| table.get(Hazard::PowerOutage, severity).unwrap().mean_h();
        assert!((mean(Severity::Minor) - 1.92).abs() < 0.15, "{}", mean(Severity::Minor));
        assert!((mean(Severity::Moderate) - 11.2).abs() < 0.6, "{}", mean(Severity::Moderate));
    }

    #[test]
    fn quantiles_and_edits() {
        let mut table = DowntimeTable::bundled();
        let row = Downtime::new(10.0, 100.0, "own").unwrap();
        assert_eq!(row.at_normal(0.0), 10.0);
        assert!((row.at_normal(1.644_853_626_951_472_7) - 100.0).abs() < 1e-9);
        table.set(Hazard::Flood, Severity::Minor, row);
        assert_eq!(table.get(Hazard::Flood, Severity::Minor).unwrap().median_h, 10.0);
        assert!(Downtime::new(10.0, 5.0, "").is_err() && Downtime::new(0.0, 5.0, "").is_err());
        table.merge("flood\tsevere\t7\t70\tdeclared\town").unwrap();
        assert_eq!(table.get(Hazard::Flood, Severity::Severe).unwrap().median_h, 7.0);
        assert_eq!(table.get(Hazard::Flood, Severity::Minor).unwrap().median_h, 10.0);
        assert!(table.merge("flood\tsevere\t8\t4\tdeclared\town").is_err());
        assert_eq!(table.get(Hazard::Flood, Severity::Severe).unwrap().median_h, 7.0);
        let told = DowntimeTable::read("flood\tminor\tx\t5\ta\tb").unwrap_err().to_string();
        assert!(told.contains("line 1") && told.contains("median_h"), "{told}");
    }

    #[test]
    fn a_row_says_what_it_rests_on() {
        let check = |row: &str, field: &str| {
            let told = DowntimeTable::read(row).unwrap_err().to_string();
            assert!(told.contains("line 1") && told.contains(field), "{told}");
        };
        check("flood\tminor\t4\t5\tguessed\tme", "basis \"guessed\"");
        check("flood\tminor\t4\t5\tdeclared\t", "source");
        check("flood\tminor\tNaN\t5\tdeclared\tme", "median_h \"NaN\"");
        check("flood\tminor\t-4\t5\tdeclared\tme", "median_h \"-4\"");
        let assumed = |text: &str| {
            let table = DowntimeTable::read(text).unwrap();
            table.get(Hazard::Flood, Severity::Minor).unwrap().is_assumed_in_part()
        };
        assert!(assumed("flood\tminor\t4\t5\tpublished mean, assumed spread\teia"));
        assert!(!assumed("flood\tminor\t4\t5\tpublished\tnothing assumed (me)"));
    }
}
