//! Counting: local days, working days, and the moment a day is over.
//!
//! The day of an event is never counted: the first day of a period is the day after. All three legal orders
//! agree (Regulation 1182/71, Article 3(1); Korea's Civil Act, Article 157; FTC practice).

use super::{ClockFacts, Consequence, Duty, LawError, Obligation, Rule};
use crate::holidays::{Calendars, Country};
use holdfast_domain::time::{Calendar, Day, Stamp};

/// Counts days for one order by one country's calendar.
pub(super) struct Count<'a> {
    facts: &'a ClockFacts,
    calendar: &'a Calendar,
    calendars: &'a Calendars,
    country: Country,
}

impl<'a> Count<'a> {
    pub(super) fn new(facts: &'a ClockFacts, calendars: &'a Calendars, country: Country) -> Self {
        Self { facts, calendar: calendars.of(country), calendars, country }
    }

    /// The local day of a moment.
    pub(super) fn day(&self, at: Stamp) -> Day {
        at.local(&self.facts.zone).0
    }

    /// The first moment after `day`.
    pub(super) fn end(&self, day: Day) -> Stamp {
        day.plus(1).at(0, &self.facts.zone)
    }

    /// The `count`-th working day after `day`, which is itself not counted, worked or not.
    pub(super) fn working_after(&self, day: Day, count: u16) -> Result<Day, LawError> {
        let mut reached = day;
        for _ in 0..count {
            reached = self.open_day(reached.plus(1))?;
        }
        Ok(reached)
    }

    /// `day`, or the next working day if it is none: where the law lets a period end later for a holiday.
    pub(super) fn open_day(&self, day: Day) -> Result<Day, LawError> {
        let ends = || LawError::CalendarEnds { country: self.country, day };
        let open = self.calendar.at_or_after(day).ok_or_else(ends)?;
        if self.calendars.covers(self.country, open) { Ok(open) } else { Err(ends()) }
    }

    /// The obligation to do `duty` by the end of `last_day`.
    pub(super) fn obligation(
        &self,
        (rule, source): (Rule, &'static str),
        duty: Duty,
        last_day: Day,
        consequence: Consequence,
    ) -> Obligation {
        Obligation { rule, duty, last_day, due: self.end(last_day), consequence, source }
    }
}
