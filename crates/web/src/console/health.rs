//! How the parts outside the state are, for the first page: journal, backups, feeds of alerts, connections.

use holdfast_app::service::Phase;
use holdfast_console::health::{Condition, Health, Part};
use holdfast_domain::time::{Span, Stamp};
use holdfast_hazard::alert::{FeedState, SiteVoice};

use crate::app::App;
use crate::routes::backups;
use crate::watch::OrderState;

/// A backup older than this has been missed: one is made every night.
const BACKUP_MAX: Span = Span::hours(26);
/// A backup older than this is as good as none.
const BACKUP_GONE: Span = Span::days(7);
/// Anchors that were due and did not come, even without a fault: whoever writes them hangs.
const ANCHORS_MISSED: u64 = 3;
/// A backup should prove itself once in so long.
const PROOF_MAX: Span = Span::days(8);

/// All parts, the journal first.
pub(super) fn of(app: &App) -> Vec<Health> {
    let now = Stamp(app.now());
    let mut out = vec![journal(app, now)];
    out.extend(copies(app, now));
    out.extend(anchors(app, now));
    watched(app, now, &mut out);
    let waiting = app.inbox.count();
    for connection in &app.config.connections {
        let line = app.outward.line(&connection.id);
        let status = line.as_ref().map(|line| line.status());
        let alarmed = status.as_ref().is_some_and(|status| status.alarm(app.now()).is_some());
        let troubled = status.as_ref().is_some_and(|status| status.error.is_some());
        let condition = match waiting {
            // What comes by it cannot be kept.
            Err(_) => Condition::Bad,
            Ok(_) if alarmed => Condition::Bad,
            Ok(waiting) if waiting > 0 || troubled => Condition::Weak,
            Ok(_) => Condition::Good,
        };
        let last = status.and_then(|status| status.well).map(Stamp);
        out.push(Health { part: Part::Connection, name: connection.id.clone(), condition, last });
    }
    out
}

/// Feeds, sites and orders that are watched.
fn watched(app: &App, now: Stamp, out: &mut Vec<Health>) {
    for feed in app.watch.feeds(now) {
        let condition = match feed.state {
            FeedState::Stale(_) => Condition::Bad,
            FeedState::Fresh(_) if feed.error.is_none() => Condition::Good,
            _ => Condition::Weak,
        };
        out.push(Health { part: Part::Feed, name: feed.name, condition, last: feed.last });
    }
    for site in app.watch.sites(app, now) {
        let condition = match site.voice {
            SiteVoice::Answers => Condition::Good,
            SiteVoice::Late { .. } => Condition::Weak,
            SiteVoice::Silent { .. } => Condition::Bad,
        };
        out.push(Health { part: Part::Heartbeat, name: site.site, condition, last: site.last });
    }
    for scope in app.watch.orders() {
        let condition = match scope.state {
            OrderState::Unknown | OrderState::Usual => continue,
            OrderState::Surge => Condition::Weak,
            OrderState::Silent => Condition::Bad,
        };
        let name = scope.merchant.unwrap_or_default();
        out.push(Health { part: Part::Orders, name, condition, last: Some(scope.hour) });
    }
}

fn journal(app: &App, now: Stamp) -> Health {
    let known = app.service.health();
    let condition = match known.phase {
        Phase::Running if known.queue * 2 < known.queue_max => Condition::Good,
        Phase::Running | Phase::Recovering => Condition::Weak,
        _ => Condition::Bad,
    };
    let ago = known.last_append.map(|ago| u64::try_from(ago.as_millis()).unwrap_or(u64::MAX));
    let last = ago.map(|ago| now.before(Span(ago)));
    Health { part: Part::Journal, name: String::new(), condition, last }
}

/// The heads of the logs, where they are to be written down outside. A service that follows another writes none.
fn anchors(app: &App, now: Stamp) -> Option<Health> {
    let every = app.config.anchors.as_ref().filter(|_| app.service.is_writer())?.every_minutes;
    let standing = app.anchored.standing();
    let missed = Span::minutes(u64::from(every) * ANCHORS_MISSED);
    let last = standing.last.map(Stamp);
    let condition = if standing.failed.is_some() || last.is_some_and(|last| now.since(last).0 > missed.0) {
        // What is written meanwhile could be written anew by whoever has this machine.
        Condition::Bad
    } else if last.is_none() {
        Condition::Weak
    } else {
        Condition::Good
    };
    Some(Health { part: Part::Anchors, name: String::new(), condition, last })
}

/// The last backup, and the last one that proved itself. A service without a data folder keeps none.
fn copies(app: &App, now: Stamp) -> Vec<Health> {
    if app.config.data.is_none() {
        return Vec::new();
    }
    let records = backups::read(app.config.data.as_deref());
    let last = |kind: &str| records.iter().find(|record| record.kind == kind && record.ok);
    let age = |at: i64| now.since(Stamp(at));
    let backup = last("backup").map(|record| record.at);
    let condition = match backup.map(age) {
        Some(age) if age.0 <= BACKUP_MAX.0 => Condition::Good,
        Some(age) if age.0 > BACKUP_GONE.0 => Condition::Bad,
        // One that was never made is asked for; it is not broken.
        _ => Condition::Weak,
    };
    let mut out =
        vec![Health { part: Part::Backup, name: String::new(), condition, last: backup.map(Stamp) }];
    // Whether it can be restored is asked once there is one.
    if backup.is_some() {
        let newest = records.iter().find(|record| record.kind == "proof");
        let condition = match newest {
            Some(record) if !record.ok => Condition::Bad,
            Some(record) if age(record.at).0 <= PROOF_MAX.0 => Condition::Good,
            _ => Condition::Weak,
        };
        let last = last("proof").map(|record| Stamp(record.at));
        out.push(Health { part: Part::Proof, name: String::new(), condition, last });
    }
    out
}
