//! What the page of connections shows: the same as the interface tells, as far as the viewer may see it.

use holdfast_access::Right;
use holdfast_console::connections::{Connections, Difference, Hook, Shop};
use holdfast_console::page::Page;
use holdfast_domain::time::Stamp;

use crate::app::App;
use crate::guard::Who;
use crate::routes::{connections, webhooks};

/// Differences on a page.
const DIFFERENCES: usize = 200;

/// The connections a page shows; none for other pages. What cannot be read is left out and logged.
pub(super) fn of(app: &App, who: &Who, page: &Page) -> Connections {
    let one = match page {
        Page::Connections => None,
        Page::Connection(id) => Some(id.as_str()),
        _ => return Connections::default(),
    };
    let mine = app.config.connections.iter().filter(|known| connections::may(who, known));
    let wanted = mine.filter(|known| one.is_none_or(|id| id == known.id));
    let told = wanted.filter_map(|known| kept(connections::told(app, known)));
    let mut known = Connections {
        shops: told.map(shop).collect(),
        may_compare: who.has(Right::MendInbox),
        may_replay: who.has(Right::ChangeConnections) && app.outward.store().is_some(),
        ..Connections::default()
    };
    if let (Some(id), Some(_)) = (one, known.shops.first())
        && let Some(line) = app.outward.line(id)
    {
        let found = line.store().differences(id, 0, DIFFERENCES + 1).unwrap_or_default();
        known.more = found.len() > DIFFERENCES;
        known.differences = found
            .into_iter()
            .take(DIFFERENCES)
            .map(|(_, one)| Difference {
                at: Stamp(one.at),
                kind: one.kind,
                sku: one.sku,
                place: one.location,
                shop: one.shop,
                here: one.here,
                on_the_way: one.way,
                right: one.who,
                why: one.why,
            })
            .collect();
    }
    // Endpoints, carriers and what waits are about all merchants.
    let limited = who.principal().is_some_and(|principal| principal.merchant.is_some());
    if one.is_none() && !limited {
        let hooks = app.config.webhooks.iter().filter_map(|known| kept(webhooks::told(app, known)));
        known.hooks = hooks.map(hook).collect();
        known.carriers = app.config.carriers.iter().map(|carrier| carrier.id.clone()).collect();
        known.waiting = app.inbox.count().unwrap_or_default() as u64;
    }
    known
}

fn kept<T>(told: Result<T, crate::problem::Problem>) -> Option<T> {
    told.inspect_err(|problem| tracing::warn!(code = problem.code, "a connection cannot be shown")).ok()
}

fn shop(one: connections::ConnectionOut) -> Shop {
    Shop {
        id: one.id,
        kind: one.kind.to_owned(),
        merchant: one.merchant,
        watch: one.watch,
        asked: one.asked,
        stock: one.stock.unwrap_or_default().to_owned(),
        read: one.read,
        compared: one.compared.map(Stamp),
        missed: one.missed,
        well: one.well.map(Stamp),
        error: one.error,
        down: one.down,
        other: one.other,
        cuts: one.cuts,
        written: one.written,
        moves: one.moves,
        alarm: one.alarm,
        notes: one.notes,
    }
}

fn hook(one: webhooks::WebhookOut) -> Hook {
    Hook {
        id: one.id,
        merchant: one.merchant,
        version: one.version,
        behind: one.behind,
        failures: one.failures,
        off: one.off.map(Stamp),
        error: one.error,
    }
}
