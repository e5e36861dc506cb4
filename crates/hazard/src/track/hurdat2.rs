//! HURDAT2's own text: a header line a storm, then its fixes, with radii by quadrant since 2004.
//!
//! The header says how many fixes follow, and that is checked. -99 and -999 say "not known". Format: NOAA
//! NHC, "The revised Atlantic hurricane database (HURDAT2)" (Landsea and Franklin 2013).

use super::read::{Line, lines, utc};
use super::{Averaging, FIXES_MAX, Fix, Origin, ReadError, Stage, TRACKS_MAX, Track, WindRadii};

fn header(line: Line<'_>) -> Result<(String, String, usize), ReadError> {
    let fields: Vec<&str> = line.text.split(',').map(str::trim).collect();
    let [id, name, count, ..] = fields.as_slice() else {
        return line.structure("expected a header as AL062018, FLORENCE, 79,");
    };
    let shaped = match id.as_bytes() {
        [basin @ .., _, _, _, _, _, _] if id.len() == 8 => {
            let digits = &id.as_bytes()[2..];
            basin.iter().all(u8::is_ascii_uppercase) && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    };
    if !shaped {
        return line.wrong("storm", id, "a storm as AL062018");
    }
    let most = i32::try_from(FIXES_MAX).unwrap_or(i32::MAX);
    let count = line.whole("number of fixes", count, 1..=most, "a number from 1 to 10000")?;
    Ok(((*id).to_owned(), name.chars().take(20).collect(), count.unsigned_abs() as usize))
}

fn fix(line: Line<'_>) -> Result<Fix, ReadError> {
    let fields: Vec<&str> = line.text.split(',').map(str::trim).collect();
    if fields.len() < 8 {
        return line.structure("a HURDAT2 fix has at least 8 fields between commas");
    }
    let field = |i: usize| fields.get(i).copied().unwrap_or("");
    let day = line.hour("date", &format!("{}00", field(0)))?;
    let clock = field(1);
    if clock.len() != 4 {
        return line.wrong("time", clock, "a time as 0600, UTC");
    }
    let clock = line.whole("time", clock, 0..=2359, "a time as 0600, UTC")?;
    let civil = day.to_jiff().to_zoned(jiff::tz::TimeZone::UTC);
    let at = utc(civil.year(), civil.month(), civil.day(), (clock / 100) as i8, (clock % 100) as i8);
    let Some(at) = at else { return line.wrong("time", field(1), "a time as 0600, UTC") };
    let lat = line.degrees("latitude", field(4), ['N', 'S'], 1.0)?;
    let lon = line.degrees("longitude", field(5), ['E', 'W'], 1.0)?;
    let mut radii = Vec::new();
    for (i, threshold_kt) in [34, 50, 64].into_iter().enumerate() {
        let mut quadrants_nm = [0.0; 4];
        for (quadrant, radius) in quadrants_nm.iter_mut().enumerate() {
            let miles =
                line.known("radius", field(8 + 4 * i + quadrant), 2_000, "nautical miles up to 2000")?;
            *radius = f64::from(miles.unwrap_or(0));
        }
        if quadrants_nm.iter().any(|radius| *radius > 0.0) {
            radii.push(WindRadii { threshold_kt, quadrants_nm, origin: Origin::Reported });
        }
    }
    Ok(Fix {
        at,
        place: line.place(lat, lon)?,
        wind_kt: line.known("wind", field(6), 300, "knots up to 300, or -99")?,
        pressure_hpa: line.known("pressure", field(7), 1_100, "hectopascals up to 1100, or -999")?,
        stage: Stage::from_code(field(3)),
        radius_max_wind_nm: line.known("radius of maximum wind", field(20), 999, "miles, or -999")?,
        radii,
    })
}

/// The tracks of a HURDAT2 text, in its order.
///
/// # Errors
/// [`ReadError`] by line: fields, a count that does not hold, moments that do not rise.
pub fn tracks_from_hurdat2(text: &str) -> Result<Vec<Track>, ReadError> {
    let all = lines(text)?;
    let mut tracks = Vec::new();
    let mut next = 0;
    while let Some(top) = all.get(next).copied() {
        let (id, name, count) = header(top)?;
        if tracks.len() >= TRACKS_MAX {
            return Err(ReadError::TooMany { line: top.number, what: "storms", limit: TRACKS_MAX });
        }
        let Some(body) = all.get(next + 1..next + 1 + count) else {
            let rest = all.len() - next - 1;
            return top.structure(format!("{id} announces {count} fixes and {rest} lines follow"));
        };
        let mut fixes: Vec<Fix> = Vec::with_capacity(count);
        for line in body {
            let fix = fix(*line)?;
            if fixes.last().is_some_and(|last| last.at >= fix.at) {
                return line.structure(format!("the moment {} does not come after the one above", fix.at));
            }
            fixes.push(fix);
        }
        tracks.push(Track { id, name, averaging: Averaging::OneMinute, fixes });
        next += 1 + count;
    }
    if tracks.is_empty() {
        return Err(ReadError::Empty("a header as AL062018, FLORENCE, 79, and its fixes"));
    }
    Ok(tracks)
}

#[cfg(test)]
mod tests {
    use super::tracks_from_hurdat2;

    // Three lines of HURDAT2 (NOAA NHC): Florence 2018, before and at landfall.
    const TEXT: &str = "\
AL062018,           FLORENCE,      2,
20180914, 0600,  , HU, 34.2N,  77.2W,  85,  952,  170,  150,  130,  100,  100,   80,   80,   70,   70,   60,   60,   50,   20
20180914, 1115, L, HU, 34.2N,  77.8W,  80,  956,  170,  150,  140,   90,  100,   80,   80,   60,   70,   60,   60,   40, -999
";

    #[test]
    fn a_storm_reads_with_its_landfall() {
        let tracks = tracks_from_hurdat2(TEXT).unwrap();
        let [storm] = tracks.as_slice() else { panic!("one storm") };
        assert_eq!((storm.id.as_str(), storm.name.as_str(), storm.fixes.len()), ("AL062018", "FLORENCE", 2));
        assert_eq!(storm.fixes[1].at.to_string(), "2018-09-14T11:15:00Z");
        assert_eq!(storm.fixes[1].radii_of(64).unwrap().quadrants_nm, [70.0, 60.0, 60.0, 40.0]);
        assert_eq!((storm.fixes[0].radius_max_wind_nm, storm.fixes[1].radius_max_wind_nm), (Some(20), None));
    }

    #[test]
    fn counts_and_order_must_hold() {
        let check = |text: &str, expected: &str| {
            let message = tracks_from_hurdat2(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message:?} does not say {expected:?}");
        };
        check(&TEXT.replace("      2,", "      3,"), "line 1: AL062018 announces 3 fixes");
        check(&TEXT.replace("      2,", "      1,"), "line 3, field storm");
        check(&TEXT.replace("1115", "0600"), "line 3: the moment");
        check(&TEXT.replace("1115", "2560"), "line 3, field time");
        check(&TEXT.replace("34.2N", "34.2"), "line 2, field latitude");
        check("\u{feff}", "the text has none");
        check("aÄÄÄb,x,1,", "field storm");
    }
}
