//! Forms of drills, of connections, of shipments and of the packing table.

use holdfast_app::drills::{KEY_MAX, MINUTES_MAX};
use holdfast_app::packing::{self, Wrong, is_at_table};
use holdfast_domain::command::Command;
use holdfast_domain::id::{ShipmentId, SiteId};
use holdfast_domain::order::{Package, Shipment, ShipmentStage};

use super::{Act, Asked, Reader, commands};
use crate::page::{PackingQuery, Page, ShipmentQuery};
use crate::reading::LOOKED_MAX;

/// Units that are packed at the screen: more are packed by the warehouse's own system through the interface.
pub const TABLE_MAX: usize = 300;
/// Longest tracking number.
const TRACKING_MAX: usize = 64;

/// The shipments at the table whose papers these are: by the order's number, or by the shipment's own.
#[must_use]
pub fn of_papers(state: &holdfast_domain::state::State, papers: &str) -> Vec<ShipmentId> {
    let papers = papers.trim();
    let at_table =
        |id: &ShipmentId| state.shipments.get(*id).is_some_and(|known| is_at_table(known) && is_ready(known));
    if let Ok(id) = papers.parse::<ShipmentId>() {
        return Some(id).filter(at_table).into_iter().collect();
    }
    let all = state.shipments.len();
    let newest = (all.saturating_sub(LOOKED_MAX)..all).rev().map(holdfast_domain::id::Id::from_index);
    let its = |id: &ShipmentId| {
        let order = state.shipments.get(*id).and_then(|known| state.order(known.order).ok());
        order.is_some_and(|order| &*order.number == papers)
    };
    newest.filter(at_table).filter(its).collect()
}

/// Whether a scan that is turned away was goods that do not belong there. What was mistyped, misread or scanned too early is
/// no mis-pick, and is not counted as one.
const fn is_mispick(why: &Wrong) -> bool {
    matches!(why, Wrong::Foreign | Wrong::TooMany | Wrong::Unknown)
}

/// Whether it waits to be packed.
const fn is_ready(known: &Shipment) -> bool {
    matches!(known.stage, ShipmentStage::Released | ShipmentStage::Picked)
}

fn packing(query: PackingQuery) -> Page {
    Page::Packing(query)
}

impl Reader<'_> {
    fn key(&mut self, field: &'static str) -> Option<String> {
        let key = self.fields.one(field).to_owned();
        if key.is_empty() || key.chars().count() > KEY_MAX {
            self.fault(field, "fault-choose");
            return None;
        }
        Some(key)
    }

    pub(super) fn drill(&mut self) -> Option<Asked> {
        let key = self.key("scenario")?;
        Some(Asked { act: Act::Drill(key), then: Page::Drills, done: "done-drill" })
    }

    pub(super) fn drill_plan(&mut self) -> Option<Asked> {
        let key = self.key("scenario");
        let start = self.moment("start");
        if self.fields.one("start").is_empty() {
            self.fault("start", "fault-empty");
        }
        if start.is_some_and(|start| start <= self.now) {
            self.fault("start", "fault-past");
        }
        let minutes: Option<u32> = self.need("minutes");
        if minutes.is_some_and(|minutes| !(1..=MINUTES_MAX).contains(&minutes)) {
            self.fault("minutes", "fault-minutes");
        }
        Some(Asked {
            act: Act::PlanDrill(key?, start?, minutes?),
            then: Page::Drills,
            done: "done-drill-planned",
        })
    }

    pub(super) fn drill_off(&mut self) -> Option<Asked> {
        let number = self.need("number")?;
        Some(Asked { act: Act::CallOffDrill(number), then: Page::Drills, done: "done-drill-off" })
    }

    pub(super) fn compare(&mut self) -> Option<Asked> {
        let id = self.key("connection")?;
        let then = Page::Connection(id.clone());
        Some(Asked { act: Act::Compare(id), then, done: "done-comparing" })
    }

    pub(super) fn replay(&mut self) -> Option<Asked> {
        let id = self.key("webhook");
        let from: Option<u64> = self.need("from");
        if self.fields.one("sure") != "yes" {
            self.fault("sure", "fault-tick");
        }
        Some(Asked { act: Act::Replay(id?, from?), then: Page::Connections, done: "done-replayed" })
    }

    pub(super) fn wave(&mut self) -> Option<Asked> {
        let site: SiteId = self.site_id()?;
        let known = self.state.network.site(site)?;
        let day = self.now.local(&known.zone).0;
        let query = ShipmentQuery { site: Some(site), stage: "released".to_owned(), before: None };
        commands(vec![Command::ReleaseWave { site, day }], Page::Shipments(query), "done-wave")
    }

    fn shipment(&mut self) -> Option<(ShipmentId, &Shipment)> {
        let id: ShipmentId = self.need("shipment")?;
        let known = self.state.shipments.get(id);
        if known.is_none() {
            self.fault("shipment", "fault-unknown");
        }
        known.map(|known| (id, known))
    }

    pub(super) fn pick(&mut self) -> Option<Asked> {
        let (shipment, known) = self.shipment()?;
        let query = ShipmentQuery { site: Some(known.site), ..ShipmentQuery::default() };
        commands(vec![Command::PickShipment { shipment }], Page::Shipments(query), "done-picked")
    }

    /// One scan: papers where nothing is on the table, a unit where something is, and the papers again to say that it
    /// is packed.
    pub(super) fn scan(&mut self) -> Option<Asked> {
        let next = self.fields.one("next").to_owned();
        let mut query = PackingQuery { refused: None, ..PackingQuery::of(self.fields) };
        let look = |query| Some(Asked { act: Act::Look, then: packing(query), done: "" });
        let turned_away = |mut query: PackingQuery, why: &str| {
            query.refused = Some((next.clone(), why.to_owned()));
            Some(Asked { act: Act::Look, then: packing(query), done: "" })
        };
        if next.is_empty() {
            return look(query);
        }
        let Some(id) = query.shipment else {
            return match of_papers(self.state, &next).as_slice() {
                [] => turned_away(query, "no-papers"),
                [one] => {
                    let papers = self.number_of(*one).unwrap_or_else(|| next.clone());
                    look(PackingQuery { shipment: Some(*one), papers, ..query })
                }
                _ => look(PackingQuery { papers: next.clone(), ..query }),
            };
        };
        let compared = |query: &PackingQuery| {
            let known = self.state.shipments.get(id)?;
            packing::compare(self.state, known, &query.papers, &query.scans).ok()
        };
        let Some(so_far) = compared(&query) else {
            self.fault("shipment", "fault-parcel-gone");
            return None;
        };
        // The papers close what they opened: by the order's number, or by the shipment's own.
        if next == query.papers || next.trim().parse() == Ok(id) {
            return if so_far.is_complete() {
                let (papers, scans) = (query.papers, query.scans);
                let then = packing(PackingQuery::default());
                Some(Asked { act: Act::Pack(id, papers, scans), then, done: "done-packed" })
            } else {
                turned_away(query, "not-all")
            };
        }
        if query.scans.len() >= TABLE_MAX {
            return turned_away(query, "table-full");
        }
        query.scans.push(next.clone());
        match compared(&query).and_then(|mut found| found.wrong.pop()) {
            Some((Some(at), why)) if at + 1 == query.scans.len() => {
                query.scans.pop();
                let act = if is_mispick(&why) { Act::WrongScan } else { Act::Look };
                turned_away(query, why.word()).map(|asked| Asked { act, ..asked })
            }
            _ => look(query),
        }
    }

    fn number_of(&self, id: ShipmentId) -> Option<String> {
        let order = self.state.order(self.state.shipments.get(id)?.order).ok()?;
        Some(order.number.to_string())
    }

    pub(super) fn pack(&mut self) -> Option<Asked> {
        let (id, _) = self.shipment()?;
        let PackingQuery { papers, scans, .. } = PackingQuery::of(self.fields);
        let then = packing(PackingQuery::default());
        Some(Asked { act: Act::Pack(id, papers, scans), then, done: "done-packed" })
    }

    pub(super) fn ship(&mut self) -> Option<Asked> {
        let tracking = self.fields.one("tracking").to_owned();
        if tracking.is_empty() || tracking.chars().count() > TRACKING_MAX {
            self.fault("tracking", "fault-tracking");
        }
        let (shipment, known) = self.shipment()?;
        let site = known.site;
        if known.stage != ShipmentStage::Packed {
            // Units nobody has scanned do not leave by this form.
            self.fault("shipment", "fault-not-packed");
        }
        let day = self.state.network.site(site).map(|site| self.now.local(&site.zone).0)?;
        let packages = Box::new([Package { tracking: tracking.as_str().into(), weight_g: 0 }]);
        let query = ShipmentQuery { site: Some(site), ..ShipmentQuery::default() };
        commands(
            vec![Command::ShipShipment { shipment, packages, day }],
            Page::Shipments(query),
            "done-shipped",
        )
    }
}
