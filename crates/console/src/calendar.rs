//! The schedule of drills as an iCalendar object (RFC 5545), for the calendar people already look at.
//!
//! Invariant: lines end with CR LF and are folded at 75 octets between characters; a drill keeps its UID for ever, and
//! one that is called off stays as a cancelled event with a higher sequence, so that calendars that have it drop it.

use holdfast_app::drills::Planned;
use holdfast_domain::time::{Span, Stamp};

use crate::drilled::Drilled;
use crate::words::{Words, say};

/// Octets of a line at most, its end not counted (RFC 5545, 3.1).
const LINE_MAX: usize = 75;

/// The schedule in a language; `address` is that of the house.
#[must_use]
pub fn of(drilled: &Drilled, words: Words, address: &str) -> String {
    let mut out = Lines::default();
    out.put("BEGIN", "VCALENDAR");
    out.put("VERSION", "2.0");
    out.put("PRODID", "-//Holdfast//Drills//EN");
    out.put("CALSCALE", "GREGORIAN");
    out.put("METHOD", "PUBLISH");
    out.put("X-WR-CALNAME", &escaped(&words.say("drills-calendar")));
    for planned in &drilled.planned {
        event(&mut out, drilled, planned, words, address);
    }
    out.put("END", "VCALENDAR");
    out.0
}

fn event(out: &mut Lines, drilled: &Drilled, planned: &Planned, words: Words, address: &str) {
    let known = drilled.scenario(&planned.scenario);
    let name = known.map_or(planned.scenario.as_str(), |known| known.name(words.locale.tag()));
    let end = planned.start.after(Span::minutes(u64::from(planned.minutes)));
    out.put("BEGIN", "VEVENT");
    out.put("UID", &format!("drill-{}-{}@holdfast", planned.number, planned.made.0));
    out.put("DTSTAMP", &moment(planned.called_off.unwrap_or(planned.made)));
    out.put("DTSTART", &moment(planned.start));
    out.put("DTEND", &moment(end));
    out.put("SUMMARY", &escaped(&say!(words, "drills-event", name = name)));
    out.put("DESCRIPTION", &escaped(&say!(words, "drills-event-more", who = planned.by.as_str())));
    out.put("URL", &format!("{}/drills", address.trim_end_matches('/')));
    out.put("CATEGORIES", "DRILL");
    let off = planned.called_off.is_some();
    out.put("STATUS", if off { "CANCELLED" } else { "CONFIRMED" });
    out.put("SEQUENCE", if off { "1" } else { "0" });
    if !off {
        out.put("BEGIN", "VALARM");
        out.put("ACTION", "DISPLAY");
        out.put("TRIGGER", "-P1D");
        out.put("DESCRIPTION", &escaped(&say!(words, "drills-event", name = name)));
        out.put("END", "VALARM");
    }
    out.put("END", "VEVENT");
}

/// A moment in the form of date with UTC time (3.3.5).
fn moment(at: Stamp) -> String {
    at.to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Text with what has a meaning of its own escaped (3.3.11); other control characters are no text.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            ',' => out.push_str("\\,"),
            '\n' => out.push_str("\\n"),
            other if other.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    /// A property; a long one is folded: each further line begins with a space, which counts.
    fn put(&mut self, name: &str, value: &str) {
        let mut used = 0;
        for letter in name.chars().chain([':']).chain(value.chars()) {
            if used + letter.len_utf8() > LINE_MAX {
                self.0.push_str("\r\n ");
                used = 1;
            }
            self.0.push(letter);
            used += letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use holdfast_app::drills::Planned;
    use holdfast_domain::time::Stamp;

    use super::{escaped, of};
    use crate::drilled::Drilled;
    use crate::words::{Locale, Words};

    fn schedule() -> Drilled {
        let start: Stamp = "2027-03-01T09:00:00Z".parse().unwrap();
        let planned = |number, scenario: &str, called_off| Planned {
            number,
            made: Stamp(1_700_000_000_000),
            start,
            minutes: 90,
            scenario: scenario.to_owned(),
            by: "Dana, of the night shift; deputy: 하나\nTom".to_owned(),
            called_off,
        };
        let long = "아주 긴 이름의 시나리오 ".repeat(12);
        let off = Some(Stamp(1_700_000_500_000));
        Drilled { planned: vec![planned(1, "fire", None), planned(2, &long, off)], ..Drilled::default() }
    }

    #[test]
    fn a_calendar_reads_as_the_standard_has_it() {
        for locale in Locale::ALL {
            let text = of(&schedule(), Words::of(locale), "https://holdfast.example.org/");
            assert!(text.ends_with("END:VCALENDAR\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
            assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
            let whole = text.replace("\r\n ", "");
            for wanted in [
                "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
                "UID:drill-1-1700000000000@holdfast\r\nDTSTAMP:20231114T221320Z\r\n",
                "DTSTART:20270301T090000Z\r\nDTEND:20270301T103000Z\r\n",
                "Dana\\, of the night shift\\; deputy: 하나\\nTom",
                "UID:drill-2-1700000000000@holdfast\r\nDTSTAMP:20231114T222140Z\r\n",
                "STATUS:CANCELLED\r\nSEQUENCE:1\r\nEND:VEVENT\r\n",
            ] {
                assert!(whole.contains(wanted), "{wanted:?} is not in {whole}");
            }
            let count = |what: &str| whole.matches(what).count();
            assert_eq!((count("BEGIN:VEVENT"), count("END:VEVENT"), count("BEGIN:VALARM")), (2, 2, 1));
        }
        assert_eq!(escaped("a\u{7}b\\"), "ab\\\\");
    }
}
