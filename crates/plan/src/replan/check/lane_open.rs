//! A parcel leaves only on a day on which its lane is open.

use super::{Code, Found, Seen};

pub(super) fn check(seen: &Seen, found: &mut Found) {
    for at in &seen.pieces {
        let day = at.piece.day;
        if day < at.lane.open_from || day >= at.lane.open_until {
            let open =
                format!("{} is open from day {} to {}", at.piece.lane, at.lane.open_from, at.lane.open_until);
            found.add(Code::LaneClosed, at.place(), format!("ships on day {day}; {open}"));
        }
    }
}
