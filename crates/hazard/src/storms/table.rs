//! The product's own table of tracks: one row a fix, fields between tabs, `-` for what is not known.
//!
//! ```text
//! # holdfast-tracks 1
//! # source: NOAA National Hurricane Center, ...
//! track     AL062018  FLORENCE  1
//! fix       2018-09-14T06:00:00Z  34.2  -77.2  85  952  HU  20  34:170/150/130/100 64:70/60/60/50
//! forecast  2018-09-10T18:00:00Z  OFCL
//! fix       72  33.7  -77  120  942  HU  20  34:150/140/100/100
//! ```
//!
//! A track row has the id, the name and the minutes its winds are averaged over. A forecast belongs to the
//! track row above it; its fixes have the lead in hours. A fix has the moment, latitude and longitude (north
//! and east positive), wind in knots, pressure in hPa, stage, radius of maximum wind and radii by threshold as
//! NE/SE/SW/NW in nautical miles; a radius that was derived has a `~` before its threshold.

use core::fmt::Write as _;

use holdfast_domain::time::{Span, Stamp};

use crate::track::{
    Averaging, FIXES_MAX, Fix, Forecast, LINE_BYTES_MAX, Origin, ReadError, Stage, TRACKS_MAX, Track,
    WindRadii,
};

/// How every table begins.
pub(super) const HEADING: &str = "# holdfast-tracks 1";
const LEAD_MAX_H: u64 = 240;

/// What a table holds.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    /// Where the facts come from and under what terms.
    pub source: String,
    /// Observed tracks; a track that only names the storm of forecasts is not among them.
    pub tracks: Vec<Track>,
    /// Forecasts as issued.
    pub forecasts: Vec<Forecast>,
}

struct Row<'a> {
    line: usize,
    fields: Vec<&'a str>,
}

impl Row<'_> {
    fn field(&self, i: usize) -> &str {
        self.fields.get(i).copied().unwrap_or("")
    }

    fn wrong<T>(&self, i: usize, field: &'static str, expected: &'static str) -> Result<T, ReadError> {
        let text = self.field(i).chars().take(40).collect();
        Err(ReadError::Field { line: self.line, field, text, expected })
    }

    fn structure<T>(&self, cause: &str) -> Result<T, ReadError> {
        Err(ReadError::Structure { line: self.line, cause: cause.to_owned() })
    }

    fn known(&self, i: usize, field: &'static str, most: u16) -> Result<Option<u16>, ReadError> {
        match self.field(i) {
            "-" => Ok(None),
            text => match text.parse::<u16>() {
                Ok(value) if value <= most => Ok(Some(value)),
                _ => self.wrong(i, field, "a whole number in its range, or -"),
            },
        }
    }

    fn degrees(&self, i: usize, field: &'static str) -> Result<f64, ReadError> {
        match self.field(i).parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => self.wrong(i, field, "decimal degrees"),
        }
    }
}

/// Reads a table.
///
/// # Errors
/// [`ReadError`] by line: rows out of place, fields that do not read, moments that do not rise.
pub fn read_table(text: &str) -> Result<Table, ReadError> {
    if text.len() > crate::track::BYTES_MAX {
        return Err(ReadError::TooLong(text.len()));
    }
    let mut table = Table { source: String::new(), tracks: Vec::new(), forecasts: Vec::new() };
    let mut storm: Option<Track> = None;
    let mut in_forecast = false;
    if text.trim_start_matches('\u{feff}').lines().next().map(str::trim_end) != Some(HEADING) {
        return Err(ReadError::Empty("the heading \"# holdfast-tracks 1\""));
    }
    for (i, line) in text.lines().enumerate() {
        if line.len() > LINE_BYTES_MAX {
            return Err(ReadError::LineTooLong { line: i + 1, bytes: line.len() });
        }
        if let Some(source) = line.strip_prefix("# source: ") {
            table.source = source.trim().to_owned();
        }
        if line.trim_start_matches('\u{feff}').starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let row = Row { line: i + 1, fields: line.trim_end().split('\t').map(str::trim).collect() };
        match row.field(0) {
            "track" => {
                table.tracks.extend(storm.take().filter(|track| !track.fixes.is_empty()));
                storm = Some(track(&row)?);
                in_forecast = false;
            }
            "forecast" => {
                let Some(storm) = &storm else { return row.structure("a forecast before any track row") };
                table.forecasts.push(forecast(&row, storm)?);
                in_forecast = true;
            }
            "fix" => {
                let target = if in_forecast {
                    table.forecasts.last_mut().map(|forecast| (Some(forecast.initial), &mut forecast.track))
                } else {
                    storm.as_mut().map(|track| (None, track))
                };
                let Some((initial, track)) = target else {
                    return row.structure("a fix before any track row");
                };
                push(&row, track, fix(&row, initial)?)?;
            }
            _ => return row.wrong(0, "row", "track, forecast or fix"),
        }
        if table.tracks.len() + table.forecasts.len() > TRACKS_MAX {
            return Err(ReadError::TooMany { line: row.line, what: "tracks", limit: TRACKS_MAX });
        }
    }
    table.tracks.extend(storm.take().filter(|track| !track.fixes.is_empty()));
    if table.tracks.is_empty() && table.forecasts.is_empty() {
        return Err(ReadError::Empty("rows of tracks and fixes"));
    }
    Ok(table)
}

fn push(row: &Row<'_>, track: &mut Track, fix: Fix) -> Result<(), ReadError> {
    if track.fixes.last().is_some_and(|last| last.at >= fix.at) {
        return row.structure("a moment that does not come after the one above");
    }
    if track.fixes.len() >= FIXES_MAX {
        return Err(ReadError::TooMany { line: row.line, what: "fixes", limit: FIXES_MAX });
    }
    track.fixes.push(fix);
    Ok(())
}

fn track(row: &Row<'_>) -> Result<Track, ReadError> {
    let averaging = match row.field(3) {
        "1" => Averaging::OneMinute,
        "10" => Averaging::TenMinutes,
        _ => return row.wrong(3, "averaging", "1 or 10 minutes"),
    };
    if row.field(1).is_empty() {
        return row.wrong(1, "id", "a storm's identifier");
    }
    Ok(Track { id: row.field(1).to_owned(), name: row.field(2).to_owned(), averaging, fixes: Vec::new() })
}

fn forecast(row: &Row<'_>, storm: &Track) -> Result<Forecast, ReadError> {
    let Ok(initial) = row.field(1).parse::<Stamp>() else {
        return row.wrong(1, "initial", "a moment as 2018-09-10T18:00:00Z");
    };
    let track = Track { fixes: Vec::new(), ..storm.clone() };
    Ok(Forecast { initial, technique: row.field(2).to_owned(), track })
}

fn fix(row: &Row<'_>, initial: Option<Stamp>) -> Result<Fix, ReadError> {
    let at = match initial {
        Some(initial) => match row.field(1).parse::<u64>() {
            Ok(lead) if lead <= LEAD_MAX_H => initial.after(Span::hours(lead)),
            _ => return row.wrong(1, "lead", "whole hours up to 240"),
        },
        None => match row.field(1).parse::<Stamp>() {
            Ok(at) => at,
            Err(_) => return row.wrong(1, "moment", "a moment as 2018-09-14T06:00:00Z"),
        },
    };
    let (lat, lon) = (row.degrees(2, "latitude")?, row.degrees(3, "longitude")?);
    let Ok(place) = holdfast_domain::place::Place::new(lat, lon) else {
        return row.wrong(2, "position", "a place on the globe");
    };
    let stage = Stage::from_code(row.field(6));
    if stage.code() != row.field(6) {
        return row.wrong(6, "stage", "two letters as TD, TS or HU");
    }
    Ok(Fix {
        at,
        place,
        wind_kt: row.known(4, "wind", 300)?,
        pressure_hpa: row.known(5, "pressure", 1_100)?,
        stage,
        radius_max_wind_nm: row.known(7, "radius of maximum wind", 999)?,
        radii: radii(row)?,
    })
}

fn radii(row: &Row<'_>) -> Result<Vec<WindRadii>, ReadError> {
    const EXPECTED: &str = "radii by rising threshold as 34:90/80/40/90, or -";
    let mut out: Vec<WindRadii> = Vec::new();
    if row.field(8) == "-" {
        return Ok(out);
    }
    for word in row.field(8).split(' ') {
        let (origin, word) = match word.strip_prefix('~') {
            Some(word) => (Origin::Derived, word),
            None => (Origin::Reported, word),
        };
        let Some((threshold, list)) = word.split_once(':') else { return row.wrong(8, "radii", EXPECTED) };
        let miles: Vec<f64> = list.split('/').filter_map(|text| text.parse().ok()).collect();
        let bounded = miles.iter().all(|nm| (0.0..=2_000.0).contains(nm));
        let (Ok(threshold_kt), Ok(quadrants_nm), true) =
            (threshold.parse::<u16>(), <[f64; 4]>::try_from(miles), bounded)
        else {
            return row.wrong(8, "radii", EXPECTED);
        };
        if out.last().is_some_and(|last| last.threshold_kt >= threshold_kt) {
            return row.wrong(8, "radii", EXPECTED);
        }
        out.push(WindRadii { threshold_kt, quadrants_nm, origin });
    }
    Ok(out)
}

/// Writes a table; [`read_table`] gives back the same. Forecasts go under a row of their storm.
#[must_use]
pub fn write_table(table: &Table) -> String {
    let mut out = format!(
        "{HEADING}\n# source: {}\n# track: id, name, averaging in minutes; forecast: initial hour, technique; fix: moment or \
         lead in h, latitude, longitude, kt, hPa, stage, radius of maximum wind in nm, radii kt:NE/SE/SW/NW in nm\n",
        table.source
    );
    for track in &table.tracks {
        write_storm(&mut out, track);
        for fix in &track.fixes {
            write_fix(&mut out, &fix.at.to_string(), fix);
        }
    }
    let mut storm: Option<(&str, &str)> = None;
    for forecast in &table.forecasts {
        let key = (forecast.track.id.as_str(), forecast.track.name.as_str());
        if storm != Some(key) {
            write_storm(&mut out, &forecast.track);
            storm = Some(key);
        }
        // Writing to a string cannot fail.
        let _ = writeln!(out, "forecast\t{}\t{}", forecast.initial, forecast.technique);
        for fix in &forecast.track.fixes {
            let lead_h = fix.at.since(forecast.initial).0 / Span::hours(1).0;
            write_fix(&mut out, &lead_h.to_string(), fix);
        }
    }
    out
}

fn write_storm(out: &mut String, track: &Track) {
    let minutes = match track.averaging {
        Averaging::OneMinute => 1,
        Averaging::TenMinutes => 10,
    };
    // A tab in a name would end its field.
    let plain = |text: &str| text.replace(|c: char| c.is_control(), " ");
    let _ = writeln!(out, "track\t{}\t{}\t{minutes}", plain(&track.id), plain(&track.name));
}

fn write_fix(out: &mut String, moment: &str, fix: &Fix) {
    let known = |value: Option<u16>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
    let radii: Vec<String> = fix
        .radii
        .iter()
        .map(|radii| {
            let mark = if radii.origin == Origin::Derived { "~" } else { "" };
            let [ne, se, sw, nw] = radii.quadrants_nm;
            format!("{mark}{}:{ne}/{se}/{sw}/{nw}", radii.threshold_kt)
        })
        .collect();
    let radii = if radii.is_empty() { "-".to_owned() } else { radii.join(" ") };
    let _ = writeln!(
        out,
        "fix\t{moment}\t{}\t{}\t{}\t{}\t{}\t{}\t{radii}",
        fix.place.lat(),
        fix.place.lon(),
        known(fix.wind_kt),
        known(fix.pressure_hpa),
        fix.stage.code(),
        known(fix.radius_max_wind_nm),
    );
}
