//! The table of storms that R's dplyr made common: one row a fix, with diameters instead of radii.
//!
//! Columns are found by name. A diameter is the larger of the two sums of opposite quadrants (checked against
//! the b-deck of Florence), so half of it is taken as the radius all round and is marked as derived. The
//! table has lost its minutes: a second row of the same hour (a landfall) is taken as half an hour later.

use holdfast_domain::time::Span;

use super::read::{Line, lines, utc};
use super::{Averaging, FIXES_MAX, Fix, Origin, ReadError, Stage, TRACKS_MAX, Track, WindRadii};

const NAMES: [&str; 12] = [
    "name",
    "year",
    "month",
    "day",
    "hour",
    "lat",
    "long",
    "status",
    "wind",
    "pressure",
    "tropicalstorm_force_diameter",
    "hurricane_force_diameter",
];

fn columns(line: Line<'_>) -> Result<[usize; 12], ReadError> {
    let heads: Vec<&str> = line.text.split(',').map(|head| head.trim().trim_matches('"')).collect();
    let mut found = [0; 12];
    for (at, name) in found.iter_mut().zip(NAMES) {
        match heads.iter().position(|head| *head == name) {
            Some(i) => *at = i,
            None => {
                return line.structure(format!("the column {name} is missing; expected {}", NAMES.join(",")));
            }
        }
    }
    Ok(found)
}

fn stage(status: &str) -> Stage {
    match status {
        "tropical depression" => Stage::Depression,
        "tropical storm" => Stage::Storm,
        "hurricane" => Stage::Hurricane,
        "extratropical" => Stage::Extratropical,
        "subtropical depression" => Stage::SubtropicalDepression,
        "subtropical storm" => Stage::SubtropicalStorm,
        "disturbance" => Stage::Disturbance,
        "tropical wave" => Stage::Wave,
        "other low" => Stage::Low,
        _ => Stage::Other,
    }
}

fn fix(line: Line<'_>, fields: &[&str; 12]) -> Result<Fix, ReadError> {
    let number = |i: usize, bounds, expected| line.whole(NAMES[i], fields[i], bounds, expected);
    let year = number(1, 1850..=2200, "a year")?;
    let month = number(2, 1..=12, "a month")?;
    let day = number(3, 1..=31, "a day")?;
    let hour = number(4, 0..=23, "an hour, UTC")?;
    let Some(at) = utc(year as i16, month as i8, day as i8, hour as i8, 0) else {
        return line.wrong("day", fields[3], "a day of that month");
    };
    let degrees = |i: usize| match fields[i].parse::<f64>() {
        Ok(value) if value.abs() <= 360.0 => Ok(value),
        _ => line.wrong(NAMES[i], fields[i], "decimal degrees, north and east positive"),
    };
    let mut radii = Vec::new();
    for (i, threshold_kt) in [(10, 34), (11, 64)] {
        if let Some(diameter) = line.known(NAMES[i], fields[i], 4_000, "nautical miles up to 4000, or NA")? {
            let quadrants_nm = [f64::from(diameter) / 2.0; 4];
            radii.push(WindRadii { threshold_kt, quadrants_nm, origin: Origin::Derived });
        }
    }
    Ok(Fix {
        at,
        place: line.place(degrees(5)?, degrees(6)?)?,
        wind_kt: line.known(NAMES[8], fields[8], 300, "knots up to 300, or NA")?,
        pressure_hpa: line.known(NAMES[9], fields[9], 1_100, "hectopascals up to 1100, or NA")?,
        stage: stage(fields[7]),
        radius_max_wind_nm: None,
        radii,
    })
}

/// The tracks of the table, in its order; a storm is a run of rows of one name and season.
///
/// Its id is the season and the name, as `2018-Florence`. A storm that lasts into January stays one storm.
///
/// # Errors
/// [`ReadError`] by line.
pub fn tracks_from_csv(text: &str) -> Result<Vec<Track>, ReadError> {
    let all = lines(text)?;
    let Some((head, rows)) = all.split_first() else {
        return Err(ReadError::Empty("a heading and rows"));
    };
    let columns = columns(*head)?;
    let mut tracks: Vec<Track> = Vec::new();
    for line in rows {
        let cells: Vec<&str> = line.text.split(',').map(|cell| cell.trim().trim_matches('"')).collect();
        let mut fields = [""; 12];
        for (field, at) in fields.iter_mut().zip(columns) {
            match cells.get(at) {
                Some(cell) => *field = cell,
                None => return line.structure(format!("{} cells; the heading has more", cells.len())),
            }
        }
        let mut fix = fix(*line, &fields)?;
        let name: String = fields[0].chars().take(20).collect();
        if name.is_empty() {
            return line.wrong("name", "", "a storm's name");
        }
        let known = tracks.last().filter(|track| track.name == name);
        let last = known.and_then(|track| track.fixes.last()).map(|last| last.at);
        if last == Some(fix.at) {
            fix.at = fix.at.after(LOST_MINUTES);
        } else if last == Some(fix.at.after(LOST_MINUTES)) {
            let at = fix.at.to_string();
            return Err(ReadError::Contradiction { line: line.number, at, what: "row" });
        }
        if known.is_some_and(|track| follows(track, &fix)) {
            let track = tracks.last_mut().expect("the storm just looked at");
            if track.fixes.len() >= FIXES_MAX {
                return Err(ReadError::TooMany { line: line.number, what: "fixes", limit: FIXES_MAX });
            }
            track.fixes.push(fix);
            continue;
        }
        if tracks.len() >= TRACKS_MAX {
            return Err(ReadError::TooMany { line: line.number, what: "storms", limit: TRACKS_MAX });
        }
        let id = format!("{}-{name}", fields[1]);
        tracks.push(Track { id, name, averaging: Averaging::OneMinute, fixes: vec![fix] });
    }
    if tracks.is_empty() {
        return Err(ReadError::Empty("rows under the heading"));
    }
    Ok(tracks)
}

/// The longest a storm of the table goes without a fix; two storms of one name are years apart.
const GAP_MAX: Span = Span::days(30);
/// How long after the hour a second row of it is taken to be.
const LOST_MINUTES: Span = Span::minutes(30);

fn follows(track: &Track, fix: &Fix) -> bool {
    track.fixes.last().is_some_and(|last| last.at < fix.at && fix.at.since(last.at) <= GAP_MAX)
}

#[cfg(test)]
mod tests {
    use super::tracks_from_csv;
    use crate::track::Origin;

    const TEXT: &str = "\
name,year,month,day,hour,lat,long,status,category,wind,pressure,tropicalstorm_force_diameter,hurricane_force_diameter
Amy,1975,6,27,0,27.5,-79,tropical depression,NA,25,1013,NA,NA
Amy,1975,6,27,6,28.5,-79,tropical depression,NA,25,1013,NA,NA
Florence,2018,9,14,6,34.2,-77.2,hurricane,2,85,952,300,130
";

    #[test]
    fn rows_of_a_name_make_a_track() {
        let tracks = tracks_from_csv(TEXT).unwrap();
        assert_eq!(
            tracks.iter().map(|track| track.id.as_str()).collect::<Vec<_>>(),
            ["1975-Amy", "2018-Florence"]
        );
        assert_eq!(tracks[0].fixes.len(), 2);
        let radii = tracks[1].fixes[0].radii_of(64).unwrap();
        assert_eq!((radii.quadrants_nm, radii.origin), ([65.0; 4], Origin::Derived));
    }

    #[test]
    fn rows_that_do_not_read_are_refused() {
        let check = |text: &str, expected: &str| {
            let message = tracks_from_csv(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message:?} does not say {expected:?}");
        };
        check(&TEXT.replace(",wind,", ",gust,"), "column wind is missing");
        check(&TEXT.replace("27,6,", "31,6,"), "line 3, field day");
        let thrice = TEXT
            .replace("27,6,", "27,0,")
            .replace("Florence", "Amy,1975,6,27,0,28,-79,hurricane,1,65,990,NA,NA\nFlorence");
        check(&thrice, "line 4: the moment");
        check(&TEXT.replace("28.5", "north"), "line 3, field lat");
        check(&TEXT.replace(",952,300,130", ""), "line 4: 10 cells");
        check("", "the text has none");
    }
}
