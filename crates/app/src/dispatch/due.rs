//! When a notice may leave: at once where a law asks for it, else outside quiet hours and no faster than agreed.

use holdfast_domain::notice::Notice;
use holdfast_domain::state::State;
use holdfast_domain::table::fingerprint;
use holdfast_domain::time::{Span, Stamp, Zone};
use holdfast_engine::law::facts::zone;

/// The consent by which a person refuses every notice no law requires.
pub const OPT_OUT: &str = "no-extra-notices";

/// Whether a notice's reader is among those who get no updates beyond what a law requires: the same people for all of
/// an incident, chosen by number and never by who they are.
#[must_use]
pub fn is_held_out(state: &State, notice: &Notice) -> bool {
    let share = u128::from(state.care.hold_out_permille);
    let Some(subject) = notice.subject.filter(|_| share > 0) else { return false };
    let incident = notice.incident.map_or_else(String::new, |incident| incident.to_string());
    fingerprint("hold-out", subject.0, &incident) % 1_000 < share
}

/// Whether `notice` may leave at `now`, given how many that no law requires left in the last hour.
///
/// # Errors
/// The moment to look again.
pub fn may_leave(state: &State, notice: &Notice, now: Stamp, in_last_hour: usize) -> Result<(), Stamp> {
    if notice.is_required() {
        return Ok(());
    }
    let policy = &state.care.policy;
    if policy.per_hour.is_some_and(|most| in_last_hour >= most as usize) {
        return Err(now.after(Span::minutes(1)));
    }
    let Some((from, until)) = policy.quiet else { return Ok(()) };
    let order = notice.orders.first().and_then(|entry| state.order(entry.order).ok());
    let zone = order.map_or_else(Zone::utc, |order| zone(&state.network, order));
    let (day, ms) = now.local(&zone);
    let quiet = if from <= until { from <= ms && ms < until } else { ms >= from || ms < until };
    if !quiet {
        return Ok(());
    }
    Err(if ms < until { day.at(until, &zone) } else { day.plus(1).at(until, &zone) })
}
