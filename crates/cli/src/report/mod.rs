//! What a drill is shown as: a table on the terminal, a text file, one HTML page.

pub mod html;
pub mod text;

use holdfast_domain::money::{Currency, Money};
use holdfast_sim::drill::PolicyName;

/// What a policy is called.
pub const fn policy(name: PolicyName) -> &'static str {
    match name {
        PolicyName::Wait => "do nothing and wait",
        PolicyName::Trade => "what the trade does",
        PolicyName::HoldfastAtClosure => "Holdfast, at the closure",
        PolicyName::Holdfast => "Holdfast",
    }
}

/// What an act in the log is called.
pub fn act(what: &str) -> &'static str {
    match what {
        "outage_expected" => "outage expected: orders are led round it",
        "outage_no_longer_expected" => "outage no longer expected",
        "closure_announced" => "closure announced: orders are led round it",
        "replan_on_announcement" => "planned again on the announcement",
        "replan_on_forecast" => "planned again on the forecast",
        "replan_on_closure" => "site closed, planned again",
        "replan_on_return" => "site is back, planned again",
        "replan_on_limit" => "site limited, planned again",
        "replan_on_embargo" => "lanes closed, planned again",
        "replan_on_reopening" => "lanes open again, planned again",
        _ => "acted",
    }
}

/// An amount in minor units as money.
pub fn money(minor: i64, currency: Currency) -> String {
    Money::new(minor, currency).to_string()
}

/// A share in per cent with one decimal.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) }
}
