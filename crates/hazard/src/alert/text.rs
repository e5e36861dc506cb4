//! Text products of the National Weather Service: segments with UGC and VTEC (NWS Directives 10-1701 to 1703).
//!
//! Each zone or county of each event becomes an alert of its own, named by event, year and code, because
//! offices cancel and extend an event zone by zone. Invariant: a segment that cannot be read is reported and
//! does not hide the others.

use holdfast_domain::place::Place;
use holdfast_domain::time::{Span, Stamp};

use super::codes::{AreaCode, Vtec, hazard_of_words, ugc};
use super::xml;
use super::{
    Alert, AlertArea, AlertError, AlertText, Certainty, Message, Reading, Severity, Source, Status, Urgency,
    clip,
};
use crate::geo::{Area, Polygon};

/// Segments of one product at most.
const SEGMENTS_MAX: usize = 2_000;
/// Alerts of one product at most.
const ALERTS_MAX: usize = 5_000;
/// Characters of a segment's text that are kept with each of its alerts.
const TEXT_CHARS_MAX: usize = 8_000;

/// The time zones of product headers, minutes east of Greenwich.
const ZONES: [(&str, i64); 17] = [
    ("GMT", 0),
    ("UTC", 0),
    ("AST", -240),
    ("ADT", -180),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
    ("SST", -660),
    ("CHST", 600),
];

/// Reads one text product.
///
/// # Errors
/// [`AlertError`] for a text that has no header or no date, or is over the limits.
pub fn read_nws_text(bytes: &[u8]) -> Result<Reading, AlertError> {
    let text = xml::text_of(bytes)?;
    let lines: Vec<&str> =
        text.lines().map(|line| line.trim_matches(['\r', '\u{1}', '\u{3}', ' '])).collect();
    let header = header(&lines)?;
    let mut reading = Reading::default();
    let mut start = header.body;
    for (count, end) in segment_ends(&lines, header.body).into_iter().enumerate() {
        if count >= SEGMENTS_MAX {
            return Err(AlertError::TooMany { what: "segments", max: SEGMENTS_MAX });
        }
        if lines[start..end].iter().any(|line| !line.is_empty()) {
            reading.take(segment(&lines[start..end], start + 1, &header));
        }
        if reading.alerts.len() > ALERTS_MAX {
            return Err(AlertError::TooMany { what: "zones with an event", max: ALERTS_MAX });
        }
        start = end + 1;
    }
    let open = lines[start.min(lines.len())..].iter().position(|line| ugc_line(line));
    if let Some(at) = open {
        reading.refused.push(AlertError::Malformed {
            line: start + at + 1,
            what: "the segment has no closing $$".to_owned(),
        });
    }
    Ok(reading)
}

struct Header {
    office: String,
    product: String,
    sent: Stamp,
    /// Index of the first line after the header.
    body: usize,
}

/// Where the segments end: the lines of `$$`.
fn segment_ends(lines: &[&str], from: usize) -> Vec<usize> {
    (from..lines.len()).filter(|at| lines[*at] == "$$").collect()
}

fn header(lines: &[&str]) -> Result<Header, AlertError> {
    let not_this = || AlertError::NotThisFormat {
        found: clip(lines.iter().find(|line| !line.is_empty()).unwrap_or(&"an empty text")),
        expected: "a text product with a line such as WTUS82 KMLB 042044",
    };
    let wmo = lines.iter().take(10).position(|line| wmo_office(line).is_some()).ok_or_else(not_this)?;
    let office = wmo_office(lines[wmo]).ok_or_else(not_this)?;
    let product = lines.get(wmo + 1).copied().unwrap_or("");
    // The first line with a whole local date says when it was written.
    let dated =
        lines.iter().enumerate().skip(wmo + 1).take(200).find_map(|(at, line)| Some((at, issued(line)?)));
    let Some((_, sent)) = dated else {
        return Err(AlertError::Missing {
            place: format!("line {} and after", wmo + 2),
            what: "a date such as 444 PM EDT Sat Jun 4 2022",
        });
    };
    let body = lines.iter().position(|line| ugc_line(line)).unwrap_or(lines.len());
    Ok(Header { office: office.to_owned(), product: clip(product), sent, body })
}

/// The office of `WTUS82 KMLB 042044`.
fn wmo_office(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let (id, office, time) = (words.next()?, words.next()?, words.next()?);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (id.len() == 6
        && id.is_ascii()
        && digits(&id[4..])
        && office.len() == 4
        && office.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && time.len() == 6
        && digits(time))
    .then_some(office)
}

/// `444 PM EDT Sat Jun 4 2022`, also with a second zone in slashes.
fn issued(line: &str) -> Option<Stamp> {
    let line = line.split('/').next()?;
    let words: Vec<&str> = line.split_whitespace().collect();
    let [clock, half, zone, _weekday, month, day, year] = words.as_slice() else { return None };
    if !(3..=4).contains(&clock.len()) || !clock.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hour, minute) = clock.split_at(clock.len() - 2);
    let (hour, minute): (i8, i8) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match (half.to_ascii_uppercase().as_str(), hour) {
        ("AM", 12) => 0,
        ("PM", 12) => 12,
        ("AM", hour @ 1..=11) => hour,
        ("PM", hour @ 1..=11) => hour + 12,
        _ => return None,
    };
    let zone = zone.to_ascii_uppercase();
    let offset_min = ZONES.iter().find(|(name, _)| *name == zone)?.1;
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let month = MONTHS.iter().position(|name| *name == month.to_ascii_lowercase())? as i8 + 1;
    let civil =
        jiff::civil::DateTime::new(year.parse().ok()?, month, day.parse().ok()?, hour, minute, 0, 0).ok()?;
    let utc = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Stamp(Stamp::from_jiff(utc.timestamp()).0 - offset_min * 60_000))
}

fn ugc_line(line: &str) -> bool {
    line.len() >= 6
        && line.ends_with('-')
        && line.is_ascii()
        && line.as_bytes()[..2].iter().all(u8::is_ascii_uppercase)
        && matches!(line.as_bytes()[2], b'C' | b'Z')
        && (line.as_bytes()[3].is_ascii_digit() || &line[3..6] == "ALL")
}

/// A moment given as day of the month, hour and minute, after `sent`.
fn expiry((day, hour, minute): (u8, u8, u8), sent: Stamp) -> Option<Stamp> {
    let civil = jiff::tz::TimeZone::UTC.to_datetime(sent.to_jiff()).date();
    // The day may be in the next month; a product never expires more than some days before it is sent.
    [civil, civil.first_of_month().checked_add(jiff::Span::new().months(1)).ok()?].into_iter().find_map(
        |month| {
            let date = jiff::civil::Date::new(month.year(), month.month(), i8::try_from(day).ok()?).ok()?;
            let time =
                jiff::civil::Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()?;
            let stamp =
                Stamp::from_jiff(date.to_datetime(time).to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp());
            (stamp.after(Span::days(2)) >= sent).then_some(stamp)
        },
    )
}

fn segment(lines: &[&str], first_line: usize, header: &Header) -> Result<Vec<Alert>, AlertError> {
    let malformed =
        |at: usize, what: &str| AlertError::Malformed { line: first_line + at, what: what.to_owned() };
    let Some(begin) = lines.iter().position(|line| ugc_line(line)) else { return Ok(Vec::new()) };
    // The code goes on until a part of six digits says when it expires.
    let is_expiry = |line: &str| {
        line.trim_end_matches('-')
            .rsplit('-')
            .next()
            .is_some_and(|l| l.len() == 6 && l.bytes().all(|b| b.is_ascii_digit()))
    };
    let end = (begin..lines.len().min(begin + 200))
        .find(|at| is_expiry(lines[*at]))
        .ok_or_else(|| malformed(begin, "the area code has no expiry such as 042145-"))?;
    let (codes, expires) = ugc(&lines[begin..=end].concat())
        .ok_or_else(|| malformed(begin, "the area code is none such as FLZ447-042145-"))?;
    let expires = expires.and_then(|parts| expiry(parts, header.sent));
    let mut at = end + 1;
    let mut vtec = Vec::new();
    while let Some(line) = lines.get(at).filter(|line| line.starts_with('/')) {
        vtec.extend(Vtec::parse(line));
        at += 1;
    }
    let names_end = (at..lines.len()).find(|at| !lines[*at].ends_with('-')).unwrap_or(lines.len());
    let names_text = lines[at..names_end].concat();
    let names: Vec<&str> = names_text.split('-').map(str::trim).filter(|name| !name.is_empty()).collect();
    let body = &lines[names_end..];
    let shapes = polygon(body);
    let headline = body
        .iter()
        .find(|line| line.starts_with("...") && line.len() > 6)
        .map(|line| line.trim_matches('.').to_owned())
        .unwrap_or_default();
    let text: String = body.join("\n").trim().chars().take(TEXT_CHARS_MAX).collect();
    let mut alerts = Vec::new();
    let events: Vec<Option<&Vtec>> =
        if vtec.is_empty() { vec![None] } else { vtec.iter().map(Some).collect() };
    if events.len() * codes.len() > ALERTS_MAX {
        return Err(AlertError::TooMany { what: "zones with an event", max: ALERTS_MAX });
    }
    for event in events {
        for (index, code) in codes.iter().enumerate() {
            let mut alert = blank(header, event, code);
            alert.expires = expires;
            alert.event = if headline.is_empty() { header.product.clone() } else { clip(&headline) };
            if event.is_none() {
                alert.hazard = hazard_of_words(&alert.event);
            }
            let name = if names.len() == codes.len() { names[index].to_owned() } else { names.join("-") };
            alert.areas.push(AlertArea {
                description: clip(&name),
                shapes: shapes.clone(),
                codes: vec![code.clone()],
            });
            alert.texts.insert(
                "en-US".to_owned(),
                AlertText {
                    event: alert.event.clone(),
                    headline: headline.clone(),
                    description: text.clone(),
                    instruction: String::new(),
                },
            );
            alerts.push(alert);
        }
    }
    Ok(alerts)
}

/// An alert with what event and code say.
fn blank(header: &Header, event: Option<&Vtec>, code: &AreaCode) -> Alert {
    let code = match code {
        AreaCode::UgcCounty(state, number) => format!("{state}C{number:03}"),
        AreaCode::UgcZone(state, number) => format!("{state}Z{number:03}"),
        AreaCode::Same(code) => code.clone(),
        AreaCode::Other(list, code) => format!("{list} {code}"),
    };
    let year = jiff::tz::TimeZone::UTC.to_datetime(header.sent.to_jiff()).year();
    let name = match event {
        Some(event) => format!("{}.{year}/{code}", event.event_key()),
        None => format!("{}/{code}", header.product),
    };
    let mut alert = Alert::blank(Source::NwsText, &header.office, &name, header.sent);
    let Some(event) = event else { return alert };
    alert.status = if event.class == 'T' { Status::Test } else { Status::Actual };
    alert.message = match event.action.as_str() {
        "NEW" => Message::Alert,
        _ if event.ends_event() => Message::Cancel,
        _ => Message::Update,
    };
    alert.hazard = event.hazard();
    alert.onset = event.begin;
    alert.ends = event.end;
    (alert.severity, alert.certainty, alert.urgency) = match event.significance {
        'W' => (Severity::Severe, Certainty::Likely, Urgency::Expected),
        'A' => (Severity::Severe, Certainty::Possible, Urgency::Future),
        'Y' => (Severity::Moderate, Certainty::Likely, Urgency::Expected),
        _ => (Severity::Minor, Certainty::Unknown, Urgency::Unknown),
    };
    alert.vtec.push(event.clone());
    alert
}

/// The ring of `LAT...LON 3385 7890 3397 7841 ...`: hundredths of a degree, longitudes west.
fn polygon(body: &[&str]) -> Vec<Area> {
    let Some(at) = body.iter().position(|line| line.starts_with("LAT...LON")) else { return Vec::new() };
    let mut numbers = Vec::new();
    for (index, line) in body[at..].iter().enumerate() {
        let rest = if index == 0 { line.trim_start_matches("LAT...LON") } else { line };
        let words: Vec<&str> = rest.split_whitespace().collect();
        if words.is_empty() || !words.iter().all(|word| word.bytes().all(|b| b.is_ascii_digit())) {
            break;
        }
        numbers.extend(words.iter().filter_map(|word| word.parse::<f64>().ok()));
    }
    let places: Vec<Place> = numbers
        .chunks_exact(2)
        .filter_map(|pair| Place::new(pair[0] / 100.0, -pair[1] / 100.0).ok())
        .collect();
    Polygon::new(&places, &[]).map(|ring| vec![Area::Polygons(vec![ring])]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::read_nws_text;
    use crate::alert::samples::sample;
    use crate::alert::{AlertError, Message, Precision, resolve};
    use holdfast_domain::incident::Hazard;
    use holdfast_domain::place::Place;

    #[test]
    fn melbourne_cancels_its_tropical_storm_warning_zone_by_zone() {
        let Some(bytes) = sample("TCVMLB.txt") else { return };
        let reading = read_nws_text(&bytes).unwrap();
        assert_eq!(reading.refused, []);
        let ids: Vec<&str> = reading.alerts.iter().map(|alert| alert.id.as_str()).collect();
        assert_eq!(ids[0], "KMLB.TR.W.1001.2022/FLZ447");
        let count = String::from_utf8_lossy(&bytes).matches("/O.CAN.KMLB.TR.W.1001").count();
        assert_eq!(ids.len(), count);
        let first = &reading.alerts[0];
        assert_eq!((first.hazard, first.message), (Hazard::Hurricane, Message::Cancel));
        assert_eq!(first.sent.to_string(), "2022-06-04T20:44:00Z");
        assert_eq!(first.expires.unwrap().to_string(), "2022-06-04T21:45:00Z");
        assert_eq!(first.areas[0].description, "Northern Brevard Barrier Islands");
        let titusville = resolve(&reading.alerts[1].areas[0]);
        assert_eq!(titusville.precision, Precision::County);
        assert!(titusville.contains(Place::new(28.6122, -80.8076).unwrap()));
    }

    #[test]
    fn every_truncation_keeps_whole_segments_and_reports_the_open_one() {
        let Some(bytes) = sample("TCVMLB.txt") else { return };
        let whole = read_nws_text(&bytes).unwrap().alerts.len();
        for cut in (0..bytes.len() - 20).step_by(211) {
            match read_nws_text(&bytes[..cut]) {
                Ok(reading) => assert!(!reading.refused.is_empty() || reading.alerts.len() < whole, "{cut}"),
                Err(error) => {
                    assert!(matches!(error, AlertError::NotThisFormat { .. } | AlertError::Missing { .. }))
                }
            }
        }
    }

    const WARNING: &str = "000\nWUUS52 KILM 140710\nFFWILM\n\nFlash Flood Warning\nNational Weather Service Wilmington NC\n\
        310 AM EDT Fri Sep 14 2018\n\nNCC019-129-141315-\n/O.NEW.KILM.FF.W.0051.180914T0710Z-180914T1315Z/\n\
        /00000.0.ER.000000T0000Z.000000T0000Z.000000T0000Z.OO/\nBrunswick-New Hanover-\n310 AM EDT Fri Sep 14 2018\n\n\
        ...FLASH FLOOD WARNING IN EFFECT UNTIL 915 AM...\n\nLAT...LON 3422 7842 3438 7795 3420 7780 3390 7795\n      3390 7842\n\n$$\n";

    #[test]
    fn a_warning_with_a_polygon_and_two_counties() {
        let reading = read_nws_text(WARNING.as_bytes()).unwrap();
        let [brunswick, hanover] = reading.alerts.as_slice() else { panic!("{:?}", reading.refused) };
        assert_eq!((brunswick.hazard, brunswick.message), (Hazard::Flood, Message::Alert));
        assert_eq!(brunswick.ends.unwrap().to_string(), "2018-09-14T13:15:00Z");
        assert_eq!(hanover.areas[0].description, "New Hanover");
        let area = resolve(&hanover.areas[0]);
        assert_eq!(area.precision, Precision::Drawn);
        assert!(area.contains(Place::new(34.2257, -77.9447).unwrap()));
        assert_eq!(brunswick.event, "FLASH FLOOD WARNING IN EFFECT UNTIL 915 AM");
    }

    #[test]
    fn texts_that_are_none_say_so() {
        let check = |text: String, part: &str| {
            let told = match read_nws_text(text.as_bytes()) {
                Ok(reading) => reading.refused[0].to_string(),
                Err(error) => error.to_string(),
            };
            assert!(told.contains(part), "{told}");
        };
        check("hello".to_owned(), "WTUS82");
        check(WARNING.replace("310 AM EDT Fri Sep 14 2018", "early"), "a date such as");
        check(WARNING.replace("-141315-", "-"), "expiry");
        check(WARNING.replace("$$", ""), "closing $$");
    }
}
