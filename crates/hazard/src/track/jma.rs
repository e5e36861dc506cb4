//! The best-track text of RSMC Tokyo, Japan Meteorological Agency: typhoons of the western North Pacific.
//!
//! Winds are ten-minute means; radii are given for 50 and 30 kt as the longest one, where it points, and the
//! shortest one, opposite: a circle whose centre is moved half their difference towards the longest. Each
//! quadrant gets the furthest reach of that circle within it, which is how the American centres define a
//! quadrant's radius. Format: RSMC Tokyo, "Format of RSMC Best Track Data".

use super::read::{Line, lines, utc};
use super::{Averaging, FIXES_MAX, Fix, Origin, ReadError, Stage, TRACKS_MAX, Track, WindRadii};

fn cut(line: Line<'_>, from: usize, to: usize) -> &str {
    line.text.get(from..to.min(line.text.len())).unwrap_or("").trim()
}

fn header(line: Line<'_>) -> Result<(String, String, usize), ReadError> {
    if cut(line, 0, 5) != "66666" {
        return line.structure("expected a header that starts with 66666");
    }
    let id = cut(line, 6, 10);
    if id.len() != 4 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return line.wrong("international number", id, "four digits as 2211");
    }
    let count = line.whole("number of lines", cut(line, 12, 15), 1..=999, "a number from 1 to 999")?;
    Ok((format!("JMA{id}"), cut(line, 30, 50).to_owned(), count.unsigned_abs() as usize))
}

/// The furthest the moved circle reaches into each quadrant; `direction` is 1 for north-east and goes on
/// clockwise by eighths to 8 for north, 9 for all round.
fn quadrants(direction: i32, longest: f64, shortest: f64) -> [f64; 4] {
    if direction == 9 || longest <= shortest {
        return [longest; 4];
    }
    let (radius, moved) = (f64::midpoint(longest, shortest), (longest - shortest) / 2.0);
    let towards = 45.0 * f64::from(direction);
    let reach = |bearing: f64| {
        let angle = (bearing - towards).to_radians();
        moved * angle.cos() + (radius * radius - (moved * angle.sin()).powi(2)).max(0.0).sqrt()
    };
    core::array::from_fn(|quadrant| {
        let furthest =
            (0..=90).map(|degree| reach(90.0 * quadrant as f64 + f64::from(degree))).fold(0.0, f64::max);
        (furthest * 10.0).round() / 10.0
    })
}

fn radii(line: Line<'_>, threshold_kt: u16, from: usize) -> Result<Option<WindRadii>, ReadError> {
    let direction = match cut(line, from, from + 1) {
        "" | "0" => return Ok(None),
        text => line.whole("direction of the longest radius", text, 1..=9, "a digit from 1 to 9")?,
    };
    let miles = |from: usize| line.whole("radius", cut(line, from, from + 4), 0..=2_000, "nautical miles");
    let (longest, shortest) = (miles(from + 1)?, miles(from + 6)?);
    let quadrants_nm = quadrants(direction, f64::from(longest), f64::from(shortest));
    Ok((longest > 0).then_some(WindRadii { threshold_kt, quadrants_nm, origin: Origin::Reported }))
}

fn fix(line: Line<'_>) -> Result<Fix, ReadError> {
    let (when, year) = (cut(line, 0, 8), cut(line, 0, 2));
    let part = |from: usize, to: usize| cut(line, from, to).parse::<i8>().ok();
    let moment = match (when.len(), year.parse::<i16>(), part(2, 4), part(4, 6), part(6, 8)) {
        // Two digits: the record begins in 1951.
        (8, Ok(year), Some(month), Some(day), Some(hour)) => {
            utc(if year >= 51 { 1900 + year } else { 2000 + year }, month, day, hour, 0)
        }
        _ => None,
    };
    let Some(at) = moment else { return line.wrong("time", when, "a moment as 22090518, UTC") };
    let lat = line.whole("latitude", cut(line, 15, 18), 0..=900, "tenths of degrees north")?;
    let lon = line.whole("longitude", cut(line, 19, 23), 0..=3_600, "tenths of degrees east")?;
    let stage = match cut(line, 13, 14) {
        "2" => Stage::Depression,
        "3" | "4" | "9" => Stage::Storm,
        "5" => Stage::Hurricane,
        "6" => Stage::Extratropical,
        "7" => Stage::Other,
        grade => return line.wrong("grade", grade, "a digit from 2 to 9"),
    };
    let mut all = Vec::new();
    all.extend(radii(line, 30, 52)?);
    all.extend(radii(line, 50, 41)?);
    Ok(Fix {
        at,
        place: line.place(f64::from(lat) / 10.0, f64::from(lon) / 10.0)?,
        wind_kt: line.known("wind", cut(line, 33, 36), 200, "knots up to 200")?,
        pressure_hpa: line.known("pressure", cut(line, 24, 28), 1_100, "hectopascals up to 1100")?,
        stage,
        radius_max_wind_nm: None,
        radii: all,
    })
}

/// The tracks of an RSMC Tokyo best-track text, in its order.
///
/// # Errors
/// [`ReadError`] by line: fields, a count that does not hold, moments that do not rise.
pub fn tracks_from_jma(text: &str) -> Result<Vec<Track>, ReadError> {
    let all = lines(text)?;
    let mut tracks = Vec::new();
    let mut next = 0;
    while let Some(top) = all.get(next).copied() {
        let (id, name, count) = header(top)?;
        if tracks.len() >= TRACKS_MAX {
            return Err(ReadError::TooMany { line: top.number, what: "storms", limit: TRACKS_MAX });
        }
        let Some(body) = all.get(next + 1..next + 1 + count.min(FIXES_MAX)) else {
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
        tracks.push(Track { id, name, averaging: Averaging::TenMinutes, fixes });
        next += 1 + count;
    }
    if tracks.is_empty() {
        return Err(ReadError::Empty("a header that starts with 66666 and its fixes"));
    }
    Ok(tracks)
}

#[cfg(test)]
mod tests {
    use super::{quadrants, tracks_from_jma};
    use crate::track::{Averaging, Stage};

    // Four lines of the RSMC Tokyo best track of Hinnamnor as of 24 November 2022.
    const TEXT: &str = "\
66666 2211  003 0013 2211 1 0            HINNAMNOR              20221124        \n\
22090500 002 5 298 1249  945     085     20120 0090 30325 0270                  \n\
22090518 002 5 342 1281  965     070     90120 0120 20350 0270                  \n\
22090612 002 6 440 1370  980     000                                            \n";

    #[test]
    fn a_typhoon_reads_with_its_axes() {
        let tracks = tracks_from_jma(TEXT).unwrap();
        let [storm] = tracks.as_slice() else { panic!("one storm") };
        assert_eq!((storm.id.as_str(), storm.name.as_str()), ("JMA2211", "HINNAMNOR"));
        assert_eq!(storm.averaging, Averaging::TenMinutes);
        let near = &storm.fixes[1];
        assert_eq!(near.at.to_string(), "2022-09-05T18:00:00Z");
        assert_eq!((near.place.lat(), near.place.lon(), near.wind_kt), (34.2, 128.1, Some(70)));
        assert_eq!(near.radii_of(50).unwrap().quadrants_nm, [120.0; 4]);
        // The longest 30 kt radius, 350 miles, points east: both eastern quadrants reach it.
        let wide = near.radii_of(30).unwrap().quadrants_nm;
        assert!((wide[0] - 350.0).abs() < 0.1 && (wide[1] - 350.0).abs() < 0.1);
        assert!((wide[2] - 307.4).abs() < 0.1 && (wide[3] - wide[2]).abs() < 0.1, "{wide:?}");
        assert_eq!((storm.fixes[2].wind_kt, storm.fixes[2].stage), (None, Stage::Extratropical));
    }

    #[test]
    fn a_moved_circle_reaches_its_two_radii() {
        let [ne, se, sw, nw] = quadrants(1, 100.0, 60.0);
        assert!((ne - 100.0).abs() < 1e-9 && (se - nw).abs() < 1e-9 && sw < se && sw >= 60.0);
    }

    #[test]
    fn lines_that_do_not_read_are_refused() {
        let check = |text: &str, expected: &str| {
            let message = tracks_from_jma(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message:?} does not say {expected:?}");
        };
        check(&TEXT.replace(" 003 ", " 004 "), "announces 4");
        check(&TEXT.replace("66666", "6666"), "expected a header");
        check(&TEXT.replace("22090518", "22093518"), "line 3, field time");
        check(&TEXT.replace("22090518", "22090418"), "line 3: the moment");
        check(&TEXT.replace(" 342 ", " 3x2 "), "line 3, field latitude");
        check("", "the text has none");
    }
}
