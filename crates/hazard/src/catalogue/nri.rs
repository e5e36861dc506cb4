//! The county table of FEMA's National Risk Index, as CSV.
//!
//! The full table has for each of 18 hazards a frequency (`TRND_AFREQ`), an exposure (`TRND_EXPB` or
//! `TRND_EXPT`), a loss ratio (`TRND_HLRB`) and an expected annual loss (`TRND_EALT`); short tables have only
//! the county's own columns. Invariant: columns are found by name, never by position.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::incident::Hazard;

use super::simulate::RATE_MAX;
use super::{CatalogueError, no_row};

const TABLE: &str = "the county table of the National Risk Index";
/// Bytes of the table at most; the full one has about 40 MB.
pub const BYTES_MAX: usize = 128 << 20;
/// Columns at most; the full table has 467.
const COLUMNS_MAX: usize = 1_000;

/// One hazard of a county.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct NriHazard {
    /// Events, or event days, a year.
    pub frequency: Option<f64>,
    /// Buildings exposed, USD.
    pub exposure_usd: Option<f64>,
    /// The share of the exposure an event takes.
    pub loss_ratio: Option<f64>,
    /// Expected annual loss of everything, USD.
    pub annual_loss_usd: Option<f64>,
}

/// A county of the index.
#[derive(Clone, Debug, PartialEq)]
pub struct NriCounty {
    /// Five-digit FIPS code.
    pub fips: String,
    /// State letters.
    pub state: String,
    /// County name.
    pub name: String,
    /// People.
    pub population: f64,
    /// Building value, USD.
    pub buildings_usd: f64,
    /// Expected annual loss of all hazards, USD.
    pub annual_loss_usd: f64,
    /// Risk score, 0 to 100.
    pub risk_score: f64,
    /// Community resilience score, 0 to 100.
    pub resilience_score: f64,
    /// By the index's four letters, `TRND`; empty where the table has no hazard columns.
    pub hazards: BTreeMap<String, NriHazard>,
}

impl NriCounty {
    /// Frequencies a year by kind of hazard, for a site's override; the parts of a kind (river and coastal
    /// flood) are added. A frequency is of the county: a site is hit less often than that.
    #[must_use]
    pub fn frequencies(&self) -> BTreeMap<Hazard, f64> {
        let mut sums = BTreeMap::new();
        for (code, hazard) in &self.hazards {
            if let (Some(kind), Some(frequency)) = (kind(code), hazard.frequency) {
                *sums.entry(kind).or_default() += frequency;
            }
        }
        sums
    }
}

fn kind(code: &str) -> Option<Hazard> {
    Some(match code {
        "TRND" => Hazard::Tornado,
        "RFLD" | "IFLD" | "CFLD" | "TSUN" => Hazard::Flood,
        "WFIR" => Hazard::Wildfire,
        "WNTW" | "ISTM" | "CWAV" => Hazard::WinterStorm,
        "ERQK" => Hazard::Earthquake,
        "HRCN" => Hazard::Hurricane,
        "VLCN" => Hazard::VolcanicAsh,
        _ => return None,
    })
}

/// Reads the table.
///
/// # Errors
/// [`CatalogueError`] for a table that is too large, lacks a column, or a row that is none.
pub fn read_nri(bytes: &[u8]) -> Result<Vec<NriCounty>, CatalogueError> {
    if bytes.len() > BYTES_MAX {
        return Err(CatalogueError::TooLarge { table: TABLE, bytes: bytes.len(), max: BYTES_MAX });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(bytes);
    let refuse = |line: usize, field: &str, value: &str, expected: &'static str| CatalogueError::Row {
        table: TABLE,
        line,
        field: field.to_owned(),
        value: value.chars().take(80).collect(),
        expected,
    };
    let header =
        reader.headers().map_err(|error| refuse(1, "header", &error.to_string(), "column names"))?.clone();
    if header.len() > COLUMNS_MAX {
        return Err(refuse(1, "header", &header.len().to_string(), "at most 1000 columns"));
    }
    let mut columns: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, name) in header.iter().enumerate().map(|(at, name)| (at, name.trim())) {
        if !name.is_empty() && columns.insert(name, at).is_some() {
            return Err(refuse(1, "header", name, "each column once"));
        }
    }
    let column = |name: &'static str| {
        columns.get(name).copied().ok_or(CatalogueError::Column { table: TABLE, column: name })
    };
    let text = [column("STCOFIPS")?, column("STATEABBRV")?, column("COUNTY")?];
    let numbers = ["POPULATION", "BUILDVALUE", "EAL_VALT", "RISK_SCORE", "RESL_SCORE"];
    let places = numbers.map(column);
    let hazards: Vec<(String, [Option<usize>; 4])> = columns
        .keys()
        .filter_map(|name| name.strip_suffix("_AFREQ"))
        .map(|code| {
            let at = |ends: &[&str]| {
                ends.iter().find_map(|end| columns.get(format!("{code}{end}").as_str()).copied())
            };
            (code.to_owned(), [at(&["_AFREQ"]), at(&["_EXPB", "_EXPT"]), at(&["_HLRB"]), at(&["_EALT"])])
        })
        .collect();
    let (mut counties, mut known) = (Vec::new(), BTreeSet::new());
    for (row, record) in reader.records().enumerate() {
        let line = row + 2;
        let record = record
            .map_err(|error| refuse(line, "row", &error.to_string(), "as many fields as the header"))?;
        let get = |at: usize| record.get(at).unwrap_or("").trim();
        let number = |at: usize, name: &str| -> Result<f64, CatalogueError> {
            let value = if get(at).is_empty() { "0" } else { get(at) };
            let parsed = value.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
            parsed.ok_or_else(|| refuse(line, name, value, "a number of zero or more"))
        };
        let digits = get(text[0]);
        if digits.is_empty() || digits.len() > 5 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refuse(line, "STCOFIPS", digits, "a county's five digits"));
        }
        let mut values = [0.0; 5];
        for (at, place) in places.iter().enumerate() {
            values[at] = number(place.clone()?, numbers[at])?;
        }
        // An empty field is a hazard the county does not have; anything else that is no number is a mistake.
        let optional = |at: Option<usize>| -> Result<Option<f64>, CatalogueError> {
            let Some(at) = at.filter(|at| !get(*at).is_empty()) else { return Ok(None) };
            let name = header.get(at).unwrap_or_default().trim();
            let value = number(at, name)?;
            if name.ends_with("_AFREQ") && value > RATE_MAX {
                return Err(refuse(line, name, get(at), "at most 1,000 events a year"));
            }
            Ok(Some(value))
        };
        let fips = format!("{digits:0>5}");
        if !known.insert(fips.clone()) {
            return Err(refuse(line, "STCOFIPS", digits, "each county once"));
        }
        let mut by_hazard = BTreeMap::new();
        for (code, [frequency, exposure, ratio, loss]) in &hazards {
            let hazard = NriHazard {
                frequency: optional(*frequency)?,
                exposure_usd: optional(*exposure)?,
                loss_ratio: optional(*ratio)?,
                annual_loss_usd: optional(*loss)?,
            };
            by_hazard.insert(code.clone(), hazard);
        }
        counties.push(NriCounty {
            // Spreadsheets drop the leading zero of the first states.
            fips,
            state: get(text[1]).to_owned(),
            name: get(text[2]).to_owned(),
            population: values[0],
            buildings_usd: values[1],
            annual_loss_usd: values[2],
            risk_score: values[3],
            resilience_score: values[4],
            hazards: by_hazard,
        });
    }
    if counties.is_empty() {
        return Err(no_row(TABLE));
    }
    Ok(counties)
}

#[cfg(test)]
mod tests {
    use super::read_nri;
    use crate::alert::samples::data;
    use crate::loss::nri_expected_annual_loss;
    use holdfast_domain::incident::Hazard;

    #[test]
    fn the_shared_table_is_read() {
        let Some(bytes) = data("hazards/NRI_Table_Counties.csv") else { return };
        let counties = read_nri(&bytes).unwrap();
        let lines = String::from_utf8_lossy(&bytes).lines().filter(|line| !line.trim().is_empty()).count();
        assert_eq!(counties.len(), lines - 1);
        let johnson = counties.iter().find(|county| county.fips == "21115").unwrap();
        assert_eq!(
            (johnson.name.as_str(), johnson.state.as_str(), johnson.population),
            ("Johnson", "KY", 23_356.0)
        );
        assert_eq!((johnson.annual_loss_usd, johnson.risk_score), (3_523_410.287, 9.281_418_624));
        for cut in (0..bytes.len()).step_by(bytes.len() / 150) {
            if let Ok(part) = read_nri(&bytes[..cut]) {
                assert!(part.len() < counties.len(), "{cut}");
            }
        }
    }

    const FULL: &str = "\u{feff}STATEABBRV,COUNTY,STCOFIPS,POPULATION,BUILDVALUE,EAL_VALT,RISK_SCORE,RESL_SCORE,TRND_AFREQ,TRND_EXPB,\
        TRND_HLRB,TRND_EALT,CFLD_AFREQ,RFLD_AFREQ\nAL,\"Autauga\",1001,58764,1,2,3,4,0.511228975,10241406107,0.000280486,1,,2.5\n";

    #[test]
    fn hazard_columns_are_found_by_name() {
        let county = read_nri(FULL.as_bytes()).unwrap().remove(0);
        assert_eq!(county.fips, "01001");
        let tornado = county.hazards["TRND"];
        let loss = nri_expected_annual_loss(
            tornado.frequency.unwrap(),
            tornado.exposure_usd.unwrap(),
            tornado.loss_ratio.unwrap(),
        );
        assert!((loss / 1_468_539.0 - 1.0).abs() < 5e-6);
        assert_eq!(county.frequencies()[&Hazard::Flood], 2.5);
    }

    #[test]
    fn errors_name_line_and_column() {
        let check = |text: String, parts: &[&str]| {
            let told = read_nri(text.as_bytes()).unwrap_err().to_string();
            assert!(parts.iter().all(|part| told.contains(part)), "{told}");
        };
        check(FULL.replace("POPULATION", "PEOPLE"), &["POPULATION"]);
        check(FULL.replace("58764", "many"), &["line 2", "POPULATION", "many"]);
        check(FULL.replace(",1001,", ",x,"), &["line 2", "STCOFIPS"]);
        check(FULL.replace(",2.5", ""), &["line 2", "header"]);
        check(FULL.replace(",2.5", ",often"), &["line 2", "RFLD_AFREQ", "often"]);
        check(FULL.replace(",2.5", ",NaN"), &["line 2", "RFLD_AFREQ", "NaN"]);
        check(FULL.replace(",2.5", ",-2.5"), &["line 2", "RFLD_AFREQ", "zero or more"]);
        check(FULL.replace(",2.5", ",2500"), &["line 2", "RFLD_AFREQ", "1,000 events"]);
        check(FULL.replace("58764", "-1"), &["line 2", "POPULATION", "zero or more"]);
        check(FULL.replace("CFLD_AFREQ", "RFLD_AFREQ"), &["RFLD_AFREQ", "each column once"]);
        check(format!("{FULL}{}", FULL.lines().last().unwrap()), &["line 3", "each county once"]);
        check(FULL.lines().next().unwrap().to_owned(), &["at least one row"]);
    }
}
