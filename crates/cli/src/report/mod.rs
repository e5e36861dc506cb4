//! What a drill is shown as: a table on the terminal, a text file, one HTML page, one page for each merchant.
//!
//! No sentence stands in this code: each comes from `words` by its key.

pub mod html;
pub mod merchant;
pub mod opened;
pub mod origin;
mod particle;
pub mod parts;
pub mod say;
pub mod takeover;
pub mod text;

use std::collections::BTreeMap;
use std::fmt::Display;

use holdfast_domain::id::MerchantId;
use holdfast_domain::money::{Currency, Money, group_thousands};
use holdfast_domain::time::{Stamp, Zone};
use holdfast_sim::drill::{PolicyName, Report};
use holdfast_sim::policy::ActLog;

use crate::words::{Lang, Words};

/// A remark on the book that stands beside the scenario's own notes.
pub enum Note {
    /// A message by its key.
    Key(&'static str),
    /// Text that came with the data.
    Text(String),
}

/// A report with what it takes to show it: words, currency, time zone, remarks.
pub struct Shown<'a> {
    pub report: &'a Report,
    pub words: &'a Words,
    pub currency: Currency,
    pub zone: Zone,
    pub notes: &'a [Note],
    /// Currencies of the merchants' own prices, by id.
    pub currencies: Vec<Currency>,
}

impl Shown<'_> {
    /// A message.
    pub fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    /// A message with variables.
    pub fn tell(&self, key: &str, variables: &[(&str, &dyn Display)]) -> String {
        self.words.tell(key, variables)
    }

    /// An amount in the operator's minor units.
    pub fn money(&self, minor: i64) -> String {
        money(self.words, minor, self.currency)
    }

    /// Amounts by currency.
    pub fn amounts(&self, amounts: &BTreeMap<String, i64>) -> String {
        let known = amounts.iter().filter_map(|(code, minor)| Some((code.parse::<Currency>().ok()?, *minor)));
        let shown: Vec<String> = known.map(|(currency, minor)| money(self.words, minor, currency)).collect();
        if shown.is_empty() { "–".to_owned() } else { shown.join(", ") }
    }

    /// The currency of a merchant's own prices.
    pub fn goods_currency(&self, merchant: MerchantId) -> Currency {
        self.currencies.get(usize::from(merchant.0)).copied().unwrap_or(self.currency)
    }

    /// A share.
    pub fn percent(&self, part: u64, whole: u64) -> String {
        percent(self.words, part, whole)
    }

    /// What a policy is called.
    pub fn policy(&self, name: PolicyName) -> String {
        policy(self.words, name)
    }

    /// A moment in the operator's zone, to the minute.
    pub fn moment(&self, at: Stamp) -> String {
        moment(at, &self.zone)
    }

    /// The scenario's name.
    pub fn title(&self) -> &str {
        let own = self.report.texts.get(self.words.lang.code()).filter(|_| self.words.lang != Lang::En);
        own.map_or(&self.report.scenario, |text| &text.name)
    }

    /// Whether the law held any order to be cancelled under any policy: then a column says how many.
    pub fn any_cancelled(&self) -> bool {
        let any = |tally: &holdfast_sim::tally::Tally| tally.cancelled_by_law > 0;
        any(&self.report.calm) || self.report.policies.iter().any(|(_, tally)| any(tally))
    }

    /// The policies that were run, for a list.
    pub fn policies(&self, names: &[PolicyName]) -> String {
        let names: Vec<String> = names.iter().map(|name| self.policy(*name)).collect();
        names.join(", ")
    }

    /// What is fact and what is assumed, one a line.
    pub fn facts(&self) -> Vec<String> {
        let report = self.report;
        let own = report.texts.get(self.words.lang.code()).filter(|text| !text.notes.is_empty());
        let notes = own.map_or(&report.notes, |text| &text.notes);
        let beside = self.notes.iter().map(|note| match note {
            Note::Key(key) => self.say(key),
            Note::Text(text) => text.clone(),
        });
        let assumed = report.assumptions.iter().map(|assumption| {
            let key = format!("assumed-{}", slug(assumption.what));
            let what = if self.words.has(&key) { self.say(&key) } else { assumption.what.to_owned() };
            let rows = group_thousands(assumption.rows as u64);
            self.tell("assumed-for-want", &[("file", &assumption.file), ("what", &what), ("rows", &rows)])
        });
        notes.iter().cloned().chain(beside).chain(assumed).collect()
    }

    /// One act in words, without its moment.
    pub fn act(&self, entry: &ActLog) -> String {
        let mut text = entry.site.map_or(String::new(), |site| format!("{}: ", self.report.site(site)));
        text.push_str(&self.say(&format!("act-{}", entry.what.replace('_', "-"))));
        let mut add = |part: String| {
            text.push_str(", ");
            text.push_str(&part);
        };
        if let Some(chance) = entry.chance {
            add(self.tell("act-with-chance", &[("chance", &format!("{:.0}", 100.0 * chance))]));
        }
        if let Some(gain) = entry.expected_gain {
            add(self.tell("act-with-gain", &[("gain", &self.money(gain))]));
        }
        if let Some((from, until)) = entry.days {
            add(self.tell("act-with-days", &[("first", &from), ("last", &until.plus(-1))]));
        }
        if entry.plan.is_none() && entry.notices > 0 {
            add(self.tell("act-with-notices", &[("notices", &entry.notices)]));
        }
        text
    }

    /// What was saved, in one sentence.
    pub fn headline(&self) -> String {
        let of = |name| self.report.tally(name);
        let (Some(ours), Some(trade), Some(wait)) =
            (of(PolicyName::Holdfast), of(PolicyName::Trade), of(PolicyName::Wait))
        else {
            return String::new();
        };
        let (kept, all) = (group_thousands(ours.on_time), group_thousands(ours.orders));
        let more = |other: u64| signed(ours.on_time as i64 - other as i64);
        self.tell(
            "headline",
            &[("kept", &kept), ("all", &all), ("trade", &more(trade.on_time)), ("wait", &more(wait.on_time))],
        )
    }

    /// What a take-over saved and from when, in one sentence; `None` without one.
    pub fn saved_by_takeover(&self) -> Option<String> {
        let takeover = self.report.takeover.as_ref()?;
        let of = |policy| {
            let all = self.report.tally(policy)?;
            Some(all.merchants.get(&takeover.merchant).copied().unwrap_or_default())
        };
        let (with, without) = (of(PolicyName::HoldfastTakeOver)?, of(PolicyName::Holdfast)?);
        let code = self.report.merchants.get(usize::from(takeover.merchant.0)).map_or("?", String::as_str);
        let first = takeover.first_parcel.map_or_else(|| self.say("never"), |day| day.to_string());
        let currency = self.goods_currency(takeover.merchant);
        let sold = money(self.words, without.revenue_open - with.revenue_open, currency);
        Some(self.tell(
            "takeover-saved",
            &[
                ("merchant", &code),
                ("kept", &signed(with.on_time as i64 - without.on_time as i64)),
                (
                    "served",
                    &signed(
                        (without.open + without.cancelled_by_law) as i64
                            - (with.open + with.cancelled_by_law) as i64,
                    ),
                ),
                ("sold", &sold),
                ("first", &first),
            ],
        ))
    }

    /// What acting so early would have been worth, against acting at the closure.
    pub fn lead(&self, lead: &holdfast_sim::drill::Lead) -> String {
        let closure = self.report.tally(PolicyName::HoldfastAtClosure);
        let (kept, saved) = closure.map_or((0, 0), |late| {
            (lead.on_time as i64 - late.on_time as i64, late.total_cost - lead.total_cost)
        });
        let sites: Vec<String> =
            lead.sites.iter().map(|(code, chance)| format!("{code} ({:.0} %)", 100.0 * chance)).collect();
        let list = |list: Vec<String>| if list.is_empty() { self.say("none") } else { list.join(", ") };
        let (sites, alarms) = (list(sites), list(lead.false_alarms.clone()));
        self.tell(
            "lead-line",
            &[
                ("hours", &lead.hours),
                ("sites", &sites),
                ("alarms", &alarms),
                ("kept", &signed(kept)),
                ("saved", &self.money(saved)),
            ],
        )
    }

    /// What a needless closure came to.
    pub fn needless(&self, needless: &holdfast_sim::drill::Needless) -> String {
        let ours = self.report.tally(PolicyName::Holdfast);
        let (lost, cost) = ours.map_or((0, 0), |ours| {
            (needless.on_time as i64 - ours.on_time as i64, ours.total_cost - needless.total_cost)
        });
        let sites = needless.sites.join(", ");
        self.tell("needless-line", &[("sites", &sites), ("lost", &lost), ("cost", &self.money(cost))])
    }
}

/// What a policy is called.
pub fn policy(words: &Words, name: PolicyName) -> String {
    words.say(match name {
        PolicyName::Wait => "policy-wait",
        PolicyName::Trade => "policy-trade",
        PolicyName::HoldfastAtClosure => "policy-at-closure",
        PolicyName::Holdfast => "policy-holdfast",
        PolicyName::HoldfastTakeOver => "policy-takeover",
    })
}

/// An amount in minor units as money.
pub fn money(words: &Words, minor: i64, currency: Currency) -> String {
    let text = Money::new(minor, currency).to_string();
    match (words.lang, text.strip_suffix(" KRW")) {
        (Lang::Ko, Some(amount)) => format!("{amount}원"),
        _ => text,
    }
}

/// A share in per cent with one decimal.
pub fn percent(words: &Words, part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let share = format!("{:.1}", 100.0 * part as f64 / whole as f64);
    words.tell("per-cent", &[("share", &share)])
}

/// A moment in a zone, to the minute.
pub fn moment(at: Stamp, zone: &Zone) -> String {
    let (day, ms) = at.local(zone);
    format!("{day} {:02}:{:02}", ms / 3_600_000, ms / 60_000 % 60)
}

/// A number with its sign.
pub fn signed(number: i64) -> String {
    let digits = group_thousands(number.unsigned_abs());
    match number {
        0 => digits,
        1.. => format!("+{digits}"),
        _ => format!("−{digits}"),
    }
}

/// A sentence as a part of a key: its letters and digits, with hyphens between.
fn slug(text: &str) -> String {
    let words: Vec<String> = text
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}
