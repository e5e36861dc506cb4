//! How notices leave: read and set.

use axum::extract::State;
use axum::http::HeaderMap;
use holdfast_domain::care::{CareCommand, NoticePolicy};
use holdfast_domain::command::Command;
use holdfast_domain::time::Span;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::guard::Who;
use crate::problem::Problem;
use crate::routes::body::Json;
use crate::routes::orders::{Done, done};

/// The longest a notice may be held, in minutes.
const HOLD_MAX: u64 = 1_440;
const HOUR_MS: u32 = 3_600_000;
const MINUTE_MS: u32 = 60_000;

/// How notices leave.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyIo {
    /// Minutes in which a notice the law's clocks queue can be taken back.
    #[schema(example = 10)]
    hold_minutes: u64,
    /// Batches of more notices than this wait for a second person; null never.
    approve_above: Option<u32>,
    /// Hours in which nothing leaves that no law requires, in the customer's time: first and end, such as
    /// `["21:00", "08:00"]`.
    #[schema(value_type = Option<Vec<String>>)]
    quiet: Option<(String, String)>,
    /// The most notices in an hour that no law requires.
    per_hour: Option<u32>,
    /// Whether an order whose customer was told nothing at all is cancelled too when the law holds it to be.
    cancel_untold: bool,
    /// The most a supporter may grant of their own accord for one order, in minor units.
    goodwill_max: i64,
    /// How many customers of a thousand get no updates beyond what a law requires, to compare others with them.
    #[serde(default)]
    hold_out_permille: u16,
}

fn clock(ms: u32) -> String {
    format!("{:02}:{:02}", ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS)
}

/// Milliseconds of a time of day, `24:00` included.
fn of_clock(text: &str) -> Result<u32, Problem> {
    let fault = || Problem::field("quiet", "write times as [\"21:00\", \"08:00\"]");
    let (hours, minutes) = text.split_once(':').ok_or_else(fault)?;
    let (hours, minutes): (u32, u32) =
        (hours.parse().map_err(|_| fault())?, minutes.parse().map_err(|_| fault())?);
    if minutes > 59 || hours > 24 || (hours == 24 && minutes > 0) {
        return Err(fault());
    }
    Ok(hours * HOUR_MS + minutes * MINUTE_MS)
}

/// How notices leave.
#[utoipa::path(get, path = "/api/v1/care/policy", tag = "care", responses((status = 200, description = "The policy", body = PolicyIo)))]
pub(super) async fn get(State(app): State<App>) -> axum::Json<PolicyIo> {
    let view = app.view();
    let care = &view.state().care;
    axum::Json(PolicyIo {
        hold_minutes: care.policy.hold.0 / u64::from(MINUTE_MS),
        approve_above: care.policy.approve_above,
        quiet: care.policy.quiet.map(|(from, until)| (clock(from), clock(until))),
        per_hour: care.policy.per_hour,
        cancel_untold: care.policy.cancel_untold,
        goodwill_max: care.policy.goodwill_max,
        hold_out_permille: care.hold_out_permille,
    })
}

/// Sets how notices leave, all of it at once.
#[utoipa::path(put, path = "/api/v1/care/policy", tag = "care", request_body = PolicyIo, responses(
    (status = 200, description = "Set", body = Done),
    (status = 422, description = "A value cannot be", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn put(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Json(given): Json<PolicyIo>,
) -> Result<axum::Json<Done>, Problem> {
    if given.hold_minutes > HOLD_MAX {
        return Err(Problem::field("hold_minutes", "at most 1,440"));
    }
    if given.goodwill_max < 0 {
        return Err(Problem::field("goodwill_max", "not below nought"));
    }
    let quiet = match &given.quiet {
        Some((from, until)) => Some((of_clock(from)?, of_clock(until)?)),
        None => None,
    };
    let policy = NoticePolicy {
        hold: Span::minutes(given.hold_minutes),
        approve_above: given.approve_above,
        quiet,
        per_hour: given.per_hour,
        cancel_untold: given.cancel_untold,
        goodwill_max: given.goodwill_max,
    };
    if given.hold_out_permille != app.view().state().care.hold_out_permille {
        let command = CareCommand::SetHoldOut { permille: given.hold_out_permille };
        let command = Command::Care(Box::new(command));
        drop(done(&app, &who, command, &headers, "hold out").await?);
    }
    let command = Command::Care(Box::new(CareCommand::SetPolicy(policy)));
    done(&app, &who, command, &headers, "care policy").await
}

#[cfg(test)]
mod tests {
    use super::{clock, of_clock};

    #[test]
    fn times_of_day_are_read_and_written() {
        for text in ["00:00", "08:30", "21:00", "24:00"] {
            assert_eq!(clock(of_clock(text).unwrap_or(1)), text);
        }
        for wrong in ["", "8", "25:00", "24:01", "12:60", "aa:bb"] {
            assert!(of_clock(wrong).is_err(), "{wrong}");
        }
    }
}
