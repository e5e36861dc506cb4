//! The event catalogue: years of hazard events with footprint, severity and duration.
//!
//! Hurricanes are real seasons, drawn again and shifted; everything else comes from published rates by place.
//! Invariants: an event is drawn once and hits every site in its footprint, so sites are never struck by
//! independent draws of the same thing; the rate at which a site is hit is the rate of the table; a year
//! depends on the seed and its own number alone, so any order of computing gives the same years.

mod chance;
mod downtime;
mod hurricane;
mod nri;
mod process;
mod rates;
mod season;
mod simulate;

pub use downtime::{Downtime, DowntimeTable};
pub use hurricane::{HurricaneConfig, wind_severity};
pub use nri::{NriCounty, NriHazard, read_nri};
pub use rates::{Basis, Rate, RateOverride, RateTable, SiteRate, source_text};
pub use season::{Fix, Storm, atlantic_seasons, storms_within};
pub use simulate::{
    CatalogueConfig, EVENTS_PER_YEAR_MAX, Event, Footprint, Hit, Simulator, SitePlace, YearEvents, simulate,
    simulate_year,
};

/// The rows of a tab-separated table with their places in it; comments, empty lines, a spreadsheet's byte-order mark and a
/// line of column names are no rows.
fn table_rows(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_row = |line: &str| {
        !line.starts_with('#') && !line.trim().is_empty() && line.split('\t').next() != Some("hazard")
    };
    text.lines().enumerate().filter(move |(_, line)| is_row(line))
}

/// A table without a row says nothing, and was hardly meant to.
fn no_row(table: &'static str) -> CatalogueError {
    CatalogueError::Row {
        table,
        line: 1,
        field: "row".to_owned(),
        value: String::new(),
        expected: "at least one row",
    }
}

/// A table or file that cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CatalogueError {
    /// A row of a table.
    #[error("read {table}, line {line}, {field} {value:?}: expected {expected}")]
    Row {
        /// Which table.
        table: &'static str,
        /// Line, from 1.
        line: usize,
        /// Which field.
        field: String,
        /// What it says.
        value: String,
        /// What it may say.
        expected: &'static str,
    },
    /// A column that has to be there.
    #[error("find column {column} in {table}: download the county table of the National Risk Index as CSV")]
    Column {
        /// Which table.
        table: &'static str,
        /// Which column.
        column: &'static str,
    },
    /// Larger than the table can be.
    #[error("read {table} of {bytes} bytes: at most {max} are read")]
    TooLarge {
        /// Which table.
        table: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// A configuration that cannot be simulated.
    #[error("simulate events: {0}")]
    Config(String),
}
