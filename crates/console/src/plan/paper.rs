//! Words customers are sent, the computers' runbook, the calendar of tests, the form after an action and the sign-off.

use holdfast_domain::time::Day;
use holdfast_print::{Block, Item, Section};

use super::Draft;
use crate::words::say;

/// Steps of the computers' runbook.
const RUNBOOK: usize = 7;
/// Tests of the calendar: key and days between two of them.
const TESTS: [(&str, i32); 6] =
    [("calls", 30), ("restore", 30), ("table", 91), ("drill", 91), ("paper", 182), ("full", 365)];
const QUESTIONS: usize = 8;

pub(super) fn messages(draft: &Draft<'_>) -> Section {
    let w = draft.w;
    let mut blocks = vec![draft.text("bcp-messages-explained")];
    let quotes = draft.input.messages.iter().map(|message| Block::Quote {
        caption: w.say(&format!("bcp-message-{}", message.when)),
        language: message.language.clone(),
        subject: message.subject.clone(),
        text: message.text.clone(),
    });
    blocks.extend(quotes);
    if draft.input.messages.is_empty() {
        blocks.push(draft.text("bcp-messages-none"));
    }
    draft.section("messages", true, blocks)
}

pub(super) fn computers(draft: &Draft<'_>) -> Section {
    let w = draft.w;
    let items = (1..=RUNBOOK).map(|number| {
        let text = w.say(&format!("bcp-runbook-{number}"));
        let mut parts = text.split(" | ").map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        Item { what: next(), who: next(), within: next() }
    });
    let head = ["bcp-what", "bcp-who", "bcp-within", "bcp-done"].map(|key| w.say(key));
    let blocks = vec![
        draft.text("bcp-runbook-explained"),
        Block::Checklist { caption: String::new(), head, items: items.collect() },
    ];
    draft.section("computers", true, blocks)
}

pub(super) fn calendar(draft: &Draft<'_>) -> Section {
    let w = draft.w;
    let today = draft.input.made.local(&draft.zone).0;
    let rows = TESTS.map(|(key, days)| {
        vec![
            w.say(&format!("bcp-test-{key}")),
            w.say(&format!("bcp-test-{key}-proves")),
            say!(w, "bcp-every-days", n = days),
            w.day(due(today, days)),
            String::new(),
        ]
    });
    let heads = ["bcp-test", "bcp-test-proves", "bcp-test-every", "bcp-test-next", "bcp-test-held"];
    draft.section("calendar", true, vec![draft.table("", &heads, &[], rows.to_vec())])
}

/// The end of the month, quarter, half or year `today` lies in: the same plan stays the same until then.
fn due(today: Day, every_days: i32) -> Day {
    let months = match every_days {
        ..=31 => 1,
        ..=92 => 3,
        ..=183 => 6,
        _ => 12,
    };
    let date = today.to_civil();
    let last = (i32::from(date.month()) - 1) / months * months + months;
    let month = i8::try_from(last).unwrap_or(12);
    let first = date.with().month(month).day(1).build().unwrap_or(date);
    Day::from_civil(first.last_of_month())
}

pub(super) fn after_action(draft: &Draft<'_>) -> Section {
    let w = draft.w;
    let lines = (1..=QUESTIONS).map(|number| w.say(&format!("bcp-after-{number}"))).collect();
    let findings = (1..=6).map(|number| format!("{number}")).collect();
    let blocks = vec![
        draft.text("bcp-after-explained"),
        Block::Form { head: draft.heads(&["bcp-question", "bcp-answer"]), lines },
        Block::Form {
            head: draft.heads(&["bcp-finding-number", "bcp-finding", "bcp-owner", "bcp-due", "bcp-done"]),
            lines: findings,
        },
    ];
    draft.section("after-action", true, blocks)
}

pub(super) fn sign_off(draft: &Draft<'_>) -> Section {
    let w = draft.w;
    let lines = ["bcp-sign-made", "bcp-sign-checked", "bcp-sign-approved", "bcp-sign-received"];
    let blocks = vec![
        draft.text("bcp-sign-explained"),
        Block::Form {
            head: draft.heads(&["bcp-sign-as", "bcp-name", "bcp-sign-role", "bcp-sign-date", "bcp-sign"]),
            lines: lines.iter().map(|key| w.say(key)).collect(),
        },
    ];
    draft.section("sign-off", true, blocks)
}
