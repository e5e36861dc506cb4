//! The ATCF's text format: b-decks (best tracks) and a-decks (forecasts as issued, by technique).
//!
//! One fix takes a line for each wind threshold; lines of the same moment must agree on everything else. A
//! line whose radii are all zero reports none: the official forecasts beyond 72 hours are filled so. Format:
//! NRL, "ATCF Best Track/Objective Aid/Wind Radii Format".

use std::collections::BTreeMap;

use holdfast_domain::time::{Span, Stamp};

use super::read::{Line, lines};
use super::{Averaging, FIXES_MAX, Fix, Forecast, Origin, ReadError, Stage, TRACKS_MAX, Track, WindRadii};

/// One line, read; the fix stands its lead, or in best tracks its minutes, after the synoptic hour.
struct Record {
    storm: [String; 2],
    name: String,
    initial: Stamp,
    technique: String,
    lead_h: i32,
    fix: Fix,
}

const WIND_MAX_KT: u16 = 300;
const RADIUS_MAX_NM: u16 = 2_000;
const LEAD_MAX_H: i32 = 240;

fn record(line: Line<'_>) -> Result<Record, ReadError> {
    let fields: Vec<&str> = line.text.split(',').map(str::trim).collect();
    if fields.len() < 8 {
        return line.structure("an ATCF line has at least 8 fields between commas");
    }
    let field = |i: usize| fields.get(i).copied().unwrap_or("");
    let basin = field(0);
    if basin.len() != 2 || !basin.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return line.wrong("basin", basin, "two capital letters as AL, EP or WP");
    }
    let number = line.whole("cyclone number", field(1), 1..=99, "a number from 1 to 99")?;
    let initial = line.hour("date-time group", field(2))?;
    let technique = field(4);
    if technique.is_empty() || technique.len() > 8 {
        return line.wrong("technique", technique, "a short name as BEST or OFCL");
    }
    let lead_h = line.whole("forecast hour", field(5), -24..=LEAD_MAX_H, "hours from -24 to 240")?;
    // Minutes stand where forecasts have the technique's number, and only in best tracks.
    let minutes = match (technique, field(3)) {
        ("BEST", text) if !text.is_empty() => {
            line.whole("minutes", text, 0..=59, "minutes from 00 to 59")?.unsigned_abs().into()
        }
        _ => 0,
    };
    let lead = Span::hours(u64::from(lead_h.max(0).unsigned_abs()));
    let at = initial.after(lead).after(Span::minutes(minutes));
    let lat = line.degrees("latitude", field(6), ['N', 'S'], 10.0)?;
    let lon = line.degrees("longitude", field(7), ['E', 'W'], 10.0)?;
    let fix = Fix {
        at,
        place: line.place(lat, lon)?,
        wind_kt: line.known("wind", field(8), WIND_MAX_KT, "knots from 0 to 300")?,
        pressure_hpa: line.known("pressure", field(9), 1_100, "hectopascals up to 1100")?,
        stage: Stage::from_code(field(10)),
        radius_max_wind_nm: line.known("radius of maximum wind", field(19), 999, "miles up to 999")?,
        radii: radii(line, &fields)?.into_iter().collect(),
    };
    Ok(Record {
        storm: [format!("{basin}{number:02}"), field(2)[..4].to_owned()],
        name: field(27).chars().take(20).collect(),
        initial,
        technique: technique.to_owned(),
        lead_h,
        fix,
    })
}

fn radii(line: Line<'_>, fields: &[&str]) -> Result<Option<WindRadii>, ReadError> {
    let field = |i: usize| fields.get(i).copied().unwrap_or("");
    let Some(threshold_kt) = line.known("radii threshold", field(11), 200, "knots up to 200")? else {
        return Ok(None);
    };
    let mut given = [0.0; 4];
    for (i, radius) in given.iter_mut().enumerate() {
        let miles = line.known("radius", field(13 + i), RADIUS_MAX_NM, "nautical miles up to 2000")?;
        *radius = f64::from(miles.unwrap_or(0));
    }
    // The code names the quadrant the first number stands for; the others follow clockwise.
    let quadrants_nm = match field(12) {
        "AAA" => [given[0]; 4],
        "NEQ" => given,
        "SEQ" => [given[3], given[0], given[1], given[2]],
        "SWQ" => [given[2], given[3], given[0], given[1]],
        "NWQ" => [given[1], given[2], given[3], given[0]],
        code => return line.wrong("radii code", code, "AAA, NEQ, SEQ, SWQ or NWQ"),
    };
    let none = quadrants_nm.iter().all(|radius| *radius == 0.0);
    Ok((!none).then_some(WindRadii { threshold_kt, quadrants_nm, origin: Origin::Reported }))
}

/// Puts a line's fix among the others: a new moment, or one more threshold of a known moment.
fn merge(fixes: &mut BTreeMap<Stamp, Fix>, fix: Fix, line: Line<'_>) -> Result<(), ReadError> {
    let at = fix.at;
    let contradiction = |what| Err(ReadError::Contradiction { line: line.number, at: at.to_string(), what });
    let Some(known) = fixes.get_mut(&at) else {
        if fixes.len() >= FIXES_MAX {
            return Err(ReadError::TooMany { line: line.number, what: "fixes", limit: FIXES_MAX });
        }
        fixes.insert(at, fix);
        return Ok(());
    };
    if known.place != fix.place {
        return contradiction("position");
    }
    if known.wind_kt != fix.wind_kt {
        return contradiction("wind");
    }
    for radii in fix.radii {
        match known.radii.binary_search_by_key(&radii.threshold_kt, |radii| radii.threshold_kt) {
            Ok(i) if known.radii[i] != radii => return contradiction("radius of the same threshold"),
            Ok(_) => {}
            Err(i) => known.radii.insert(i, radii),
        }
    }
    Ok(())
}

/// A storm is its basin and number; its season is the year of its first line, for some last into January.
fn same_storm(storm: &mut Option<[String; 2]>, found: [String; 2], line: Line<'_>) -> Result<(), ReadError> {
    match storm {
        Some(known) if known[0] != found[0] => {
            line.structure(format!("storm {} after {}; one storm a file", found[0], known[0]))
        }
        Some(_) => Ok(()),
        None => {
            *storm = Some(found);
            Ok(())
        }
    }
}

/// The best track of one storm from a b-deck.
///
/// # Errors
/// [`ReadError`] by line; lines of a second storm and lines that are not `BEST` are refused.
pub fn best_track_from_atcf(text: &str) -> Result<Track, ReadError> {
    let mut fixes = BTreeMap::new();
    let mut storm = None;
    let mut name = String::new();
    for line in lines(text)? {
        let record = record(line)?;
        if record.technique != "BEST" {
            return line.structure(format!(
                "technique {} in a best track; forecasts are read as an a-deck",
                record.technique
            ));
        }
        same_storm(&mut storm, record.storm, line)?;
        if !record.name.is_empty() {
            name = record.name;
        }
        merge(&mut fixes, record.fix, line)?;
    }
    if fixes.is_empty() {
        return Err(ReadError::Empty("lines as AL, 06, 2018083006,   , BEST, 0, 128N, 169W, 20, 1008, LO"));
    }
    let fixes = fixes.into_values().collect();
    let id = storm.unwrap_or_default().concat();
    Ok(Track { id, name, averaging: Averaging::OneMinute, fixes })
}

/// The forecasts of one technique from an a-deck, in order of their initial hour; lines of other techniques
/// are passed over, for an a-deck holds dozens. Hours before lead 0 are no forecast and are left out.
///
/// # Errors
/// [`ReadError`] by line; lines of a second storm are refused.
pub fn forecasts_from_atcf(text: &str, technique: &str) -> Result<Vec<Forecast>, ReadError> {
    let mut issued: BTreeMap<Stamp, BTreeMap<Stamp, Fix>> = BTreeMap::new();
    let mut storm = None;
    let mut name = String::new();
    for line in lines(text)? {
        if line.text.split(',').nth(4).map(str::trim) != Some(technique) {
            // A line too broken to have a technique is still refused.
            record(line)?;
            continue;
        }
        let record = record(line)?;
        same_storm(&mut storm, record.storm, line)?;
        if !record.name.is_empty() {
            name = record.name;
        }
        if record.lead_h < 0 {
            continue;
        }
        if issued.len() >= TRACKS_MAX && !issued.contains_key(&record.initial) {
            return Err(ReadError::TooMany { line: line.number, what: "forecasts", limit: TRACKS_MAX });
        }
        merge(issued.entry(record.initial).or_default(), record.fix, line)?;
    }
    if issued.is_empty() {
        return Err(ReadError::Empty(
            "lines of the technique asked for, as AL, 06, 2018083012, 03, OFCL, 12",
        ));
    }
    let id = storm.unwrap_or_default().concat();
    Ok(issued
        .into_iter()
        .map(|(initial, fixes)| Forecast {
            initial,
            technique: technique.to_owned(),
            track: Track {
                id: id.clone(),
                name: name.clone(),
                averaging: Averaging::OneMinute,
                fixes: fixes.into_values().collect(),
            },
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{best_track_from_atcf, forecasts_from_atcf};
    use crate::track::Stage;
    use crate::track::read::utc;

    const FIX: &str = "AL, 06, 2018091406,   , BEST,   0, 342N,  772W,  85,  952, HU,  34, NEQ,  170,  150,  130,  100, 1012,  200,  20, 100,   0,   L,   0,    , 289,   6,   FLORENCE,";
    const FIX_64: &str = "AL, 06, 2018091406,   , BEST,   0, 342N,  772W,  85,  952, HU,  64, NEQ,   70,   60,   60,   50, 1012,  200,  20, 100,   0,   L,   0,    , 289,   6,   FLORENCE,";
    const LANDFALL: &str = "AL, 06, 2018091411, 15, BEST,   0, 342N,  778W,  80,  956, HU,  34, NEQ,  170,  150,  140,   90, 1012,  200,  25,   0,   0,    ,   0,    , 270,   6,   FLORENCE,";

    #[test]
    fn thresholds_of_a_moment_come_together_and_landfall_has_its_minutes() {
        let track = best_track_from_atcf(&[FIX, FIX_64, LANDFALL].join("\n")).unwrap();
        assert_eq!((track.id.as_str(), track.name.as_str()), ("AL062018", "FLORENCE"));
        let fix = &track.fixes[0];
        assert_eq!((fix.wind_kt, fix.pressure_hpa, fix.stage), (Some(85), Some(952), Stage::Hurricane));
        assert_eq!((fix.place.lat(), fix.place.lon(), fix.radius_max_wind_nm), (34.2, -77.2, Some(20)));
        assert_eq!(fix.radii_of(64).unwrap().quadrants_nm, [70.0, 60.0, 60.0, 50.0]);
        assert_eq!(fix.radii.len(), 2);
        assert_eq!(track.fixes[1].at, utc(2018, 9, 14, 11, 15).unwrap());
    }

    #[test]
    fn the_code_names_the_quadrant_of_the_first_radius() {
        for (code, quadrants_nm) in [
            ("NEQ", [170.0, 150.0, 130.0, 100.0]),
            ("SEQ", [100.0, 170.0, 150.0, 130.0]),
            ("SWQ", [130.0, 100.0, 170.0, 150.0]),
            ("NWQ", [150.0, 130.0, 100.0, 170.0]),
            ("AAA", [170.0; 4]),
        ] {
            let track = best_track_from_atcf(&FIX.replace("NEQ", code)).unwrap();
            assert_eq!(track.fixes[0].radii_of(34).unwrap().quadrants_nm, quadrants_nm, "{code}");
        }
    }

    #[test]
    fn what_does_not_read_is_refused_by_line_and_field() {
        let check = |text: &str, expected: &str| {
            let message = best_track_from_atcf(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message:?} does not say {expected:?}");
        };
        check("", "the text has none");
        check(&format!("{FIX}\nnonsense"), "line 2: an ATCF line has at least 8 fields");
        check(&FIX.replace("2018091406", "2018133106"), "field date-time group");
        check(&FIX.replace("342N", "34.2"), "field latitude");
        check(&FIX.replace("342N", "942N"), "field position");
        check(&FIX.replace("  85,", "  8x,"), "field wind");
        check(&FIX.replace("NEQ", "NNQ"), "field radii code");
        check(&FIX.replace(" 170", " -70"), "field radius");
        check(&format!("{FIX}\n{}", FIX_64.replace("772W", "773W")), "another position");
        check(&format!("{FIX}\n{}", LANDFALL.replace("AL, 06", "AL, 07")), "one storm a file");
        check(&FIX.replace("BEST", "OFCL"), "read as an a-deck");
        check(&"x".repeat(5_000), "5000 bytes");
        assert!(forecasts_from_atcf(FIX, "OFCL").is_err());
    }
}
