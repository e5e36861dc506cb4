//! Acts: what a form asks for, read into commands before anything is asked of the writer.
//!
//! Invariant: an act that comes out of [`Act::parse`] is one its asker may ask for, and touches only things the asker
//! may see. Who serves checks the token of the form and the age of the sign-in before.
//!
//! One file for all acts, because what may be asked is checked in one match; their forms lie in `act/`.

mod care;
mod table;

pub(crate) use table::of_papers;

use holdfast_domain::command::{Command, NewIncident};
use holdfast_domain::event::DoubtEvidence;
use holdfast_domain::id::{
    IncidentId, MerchantId, NoticeId, OrderId, PlanId, ShipmentId, SiteId, SkuId, TransferId,
};
use holdfast_domain::incident::{Hazard, LaneRule, Phase, Severity, SiteAccess, StockAccess};
use holdfast_domain::order::HoldReason;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::table::Digest;
use holdfast_domain::time::{Day, Span, Stamp, Zone};
use holdfast_engine::incident::failback_step;

use crate::page::{Fields, Page, lane_rule};
use crate::view::View;
use crate::viewer::{Right, Viewer};

/// The addresses forms are sent to, by POST, with the right each asks for.
pub const ROUTES: [(&str, Right); 35] = [
    ("/act/declare", Right::Command),
    ("/act/assess", Right::Command),
    ("/act/phase", Right::Command),
    ("/act/close", Right::Command),
    ("/act/limit", Right::Command),
    ("/act/outage", Right::Command),
    ("/act/standby", Right::Command),
    ("/act/embargo", Right::Command),
    ("/act/lift", Right::Command),
    ("/act/failback", Right::Command),
    ("/act/plan", Right::Command),
    ("/act/approve", Right::Command),
    ("/act/carry-on", Right::Command),
    ("/act/undo", Right::Command),
    ("/act/tell", Right::Command),
    ("/act/withdraw", Right::Command),
    ("/act/doubt", Right::ActOnOrders),
    ("/act/order", Right::ActOnOrders),
    ("/act/stock", Right::ActOnStock),
    ("/act/second", Right::Command),
    ("/act/analyse", Right::Command),
    ("/act/care", Right::ActOnOrders),
    ("/act/notice", Right::ActOnOrders),
    ("/act/policy", Right::Command),
    ("/act/truck-in", Right::ActOnStock),
    ("/act/drill", Right::Command),
    ("/act/drill-plan", Right::Command),
    ("/act/drill-off", Right::Command),
    ("/act/compare", Right::ActOnStock),
    ("/act/replay", Right::Manage),
    ("/act/wave", Right::ActOnStock),
    ("/act/pick", Right::ActOnStock),
    ("/act/scan", Right::ActOnStock),
    ("/act/pack", Right::ActOnStock),
    ("/act/ship", Right::ActOnStock),
];

/// The form field that carries the token.
pub const CSRF_FIELD: &str = "csrf";
/// Which acts ask for a recent sign-in.
pub const DANGEROUS: [&str; 8] = [
    "/act/close",
    "/act/embargo",
    "/act/approve",
    "/act/undo",
    "/act/tell",
    "/act/declare",
    "/act/second",
    "/act/policy",
];
/// The longest name of an incident, in characters.
pub const NAME_MAX: usize = 80;
/// How long a notice may be held, in minutes.
pub const HOLD_MAX_MIN: u64 = 24 * 60;

/// Which moves of a plan are approved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// Only orders with a unit that goes to one of these sites, or that gets none; empty keeps all.
    pub sites: Vec<SiteId>,
    /// But none of these orders.
    pub except: Vec<OrderId>,
}

/// What an order's form asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// These commands, in order; each is decided by itself.
    Commands(Vec<Command>),
    /// Open an incident; then, with the id it got, [`consequences`].
    Declare(Box<Declare>),
    /// Plan what an incident touches; work of seconds, to be done beside the writer.
    MakePlan(IncidentId),
    /// Adopt the proposal of an incident, whole or in part, and carry it out step by step.
    Approve(IncidentId, Digest, Keep),
    /// Carry an adopted plan on from the step that is due.
    CarryOn(PlanId),
    /// Take an adopted plan back.
    Undo(PlanId),
    /// Queue what customers are to be told; [`holdfast_engine::incident::notices_due`] says what.
    Tell(IncidentId, Span),
    /// Say yes to an act of another person that waits under this number.
    Second(String),
    /// Make a new impact analysis; work of a minute, to be done beside the writer.
    Analyse,
    /// Send the goods of an order once more, as an order of its own.
    Reship(OrderId),
    /// Hold a drill of a scenario on a copy of the house.
    Drill(String),
    /// Plan a drill: scenario, when, minutes.
    PlanDrill(String, Stamp, u32),
    /// Call a planned drill off.
    CallOffDrill(u32),
    /// Compare a shop with the house now.
    Compare(String),
    /// Tell an endpoint again from an entry on.
    Replay(String, u64),
    /// Goods that were scanned at the packing table and do not belong there: counted as a mis-pick, and shown.
    WrongScan,
    /// Report a shipment packed: the papers and the units, as they were scanned.
    Pack(ShipmentId, String, Vec<String>),
    /// Nothing but another page.
    Look,
}

/// A disaster, and what is done about it at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Declare {
    /// The incident.
    pub open: NewIncident,
    /// Whether it has come, or is only watched.
    pub declared: bool,
    /// Sites to close.
    pub sites: Vec<SiteId>,
    /// What is known of their stock.
    pub stock: StockAccess,
    /// Lanes to close.
    pub rule: Option<LaneRule>,
}

impl Declare {
    /// The commands that follow once the incident has its id.
    #[must_use]
    pub fn consequences(&self, incident: IncidentId) -> Vec<Command> {
        let mut commands = Vec::new();
        if self.declared {
            commands.push(Command::PhaseIncident { incident, phase: Phase::Declared });
        }
        let close = |site: &SiteId| Command::CloseSite { site: *site, incident, stock: self.stock };
        commands.extend(self.sites.iter().map(close));
        commands
            .extend(self.rule.clone().map(|rule| Command::EmbargoLanes { incident, rule: Box::new(rule) }));
        commands
    }
}

/// A field that cannot be read, with the key of what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field.
    pub field: &'static str,
    /// Key of the message.
    pub why: &'static str,
}

/// Why a form is not an act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No form goes there.
    #[error("no form is sent to this address")]
    NoSuch,
    /// The asker may not, or the thing is not theirs to see.
    #[error("the role does not include this")]
    NotAllowed,
    /// Fields to mend.
    #[error("{} fields cannot be read", .0.len())]
    Faults(Vec<Fault>),
}

/// A form read: what is asked, and the page to show afterwards with what to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What.
    pub act: Act,
    /// The page afterwards; for [`Act::Declare`] the room of the new incident instead.
    pub then: Page,
    /// Key of what to say when it is done.
    pub done: &'static str,
}

struct Reader<'a> {
    fields: &'a Fields,
    state: &'a State,
    zone: Zone,
    now: Stamp,
    viewer: &'a Viewer,
    faults: Vec<Fault>,
}

impl Act {
    /// Reads the form sent to `path`.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn parse(path: &str, fields: &Fields, view: &View<'_>, viewer: &Viewer) -> Result<Asked, Refused> {
        let (_, right) = ROUTES.iter().find(|(route, _)| *route == path).ok_or(Refused::NoSuch)?;
        if !viewer.may(*right) {
            return Err(Refused::NotAllowed);
        }
        let mut reader = Reader {
            fields,
            state: view.state(),
            zone: view.zone(),
            now: view.now,
            viewer,
            faults: Vec::new(),
        };
        let asked = match path.trim_start_matches("/act/") {
            "declare" => reader.declare(),
            "assess" | "phase" => reader.incident_change(path == "/act/phase"),
            "close" => reader.close(),
            "limit" | "outage" | "standby" | "failback" => reader.site(path.trim_start_matches("/act/")),
            "embargo" | "lift" => reader.lanes(path == "/act/lift"),
            "plan" => reader.plan(Act::MakePlan, "done-planning"),
            "approve" => reader.approve(),
            "carry-on" => reader.adopted(Act::CarryOn, "done-carry-on"),
            "undo" => reader.adopted(Act::Undo, "done-undo"),
            "tell" => reader.tell(),
            "withdraw" => reader.withdraw(),
            "doubt" => reader.doubt()?,
            "order" => reader.order()?,
            "stock" => reader.stock(),
            "second" => reader.second(),
            "analyse" => Some(Asked { act: Act::Analyse, then: Page::Before, done: "done-analysing" }),
            "care" => reader.care()?,
            "notice" => reader.notice()?,
            "policy" => reader.policy(),
            "truck-in" => reader.truck_in(),
            "drill" => reader.drill(),
            "drill-plan" => reader.drill_plan(),
            "drill-off" => reader.drill_off(),
            "compare" => reader.compare(),
            "replay" => reader.replay(),
            "wave" => reader.wave(),
            "pick" => reader.pick(),
            "scan" => reader.scan(),
            "pack" => reader.pack(),
            "ship" => reader.ship(),
            _ => return Err(Refused::NoSuch),
        };
        match asked {
            Some(asked) if reader.faults.is_empty() => Ok(asked),
            _ => Err(Refused::Faults(reader.faults)),
        }
    }
}

fn commands(commands: Vec<Command>, then: Page, done: &'static str) -> Option<Asked> {
    Some(Asked { act: Act::Commands(commands), then, done })
}

impl Reader<'_> {
    fn fault(&mut self, field: &'static str, why: &'static str) {
        self.faults.push(Fault { field, why });
    }

    fn need<T: core::str::FromStr>(&mut self, field: &'static str) -> Option<T> {
        let found = self.fields.read(field);
        if found.is_none() {
            self.fault(
                field,
                if self.fields.one(field).is_empty() { "fault-empty" } else { "fault-unreadable" },
            );
        }
        found
    }

    fn incident(&mut self) -> Option<IncidentId> {
        let id = self.need("incident")?;
        if self.state.incident(id).is_err() {
            self.fault("incident", "fault-unknown");
            return None;
        }
        Some(id)
    }

    fn site_id(&mut self) -> Option<SiteId> {
        let id = self.need("site")?;
        if self.state.site(id).is_err() {
            self.fault("site", "fault-unknown");
            return None;
        }
        Some(id)
    }

    fn severity(&mut self) -> Severity {
        match self.fields.one("severity") {
            "minor" => Severity::Minor,
            "severe" => Severity::Severe,
            "extreme" => Severity::Extreme,
            "" | "moderate" => Severity::Moderate,
            _ => {
                self.fault("severity", "fault-unreadable");
                Severity::Moderate
            }
        }
    }

    fn stock_access(&mut self) -> StockAccess {
        match self.fields.one("stock") {
            "" | "inaccessible" => StockAccess::Inaccessible,
            "unknown" => StockAccess::Unknown,
            "lost" => StockAccess::Lost,
            _ => {
                self.fault("stock", "fault-unreadable");
                StockAccess::Unknown
            }
        }
    }

    /// A moment by the wall clock of the head office, as a browser's field gives it; or one with an offset.
    fn moment(&mut self, field: &'static str) -> Option<Stamp> {
        let text = self.fields.one(field);
        if text.is_empty() {
            return None;
        }
        let civil = text.parse::<jiff::civil::DateTime>().ok().map(|moment| {
            let time = moment.time();
            let ms = (i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60) * 1000;
            Day::from_civil(moment.date()).at(u32::try_from(ms).unwrap_or(0), &self.zone)
        });
        let found = text.parse().ok().or(civil);
        if found.is_none() {
            self.fault(field, "fault-moment");
        }
        found
    }

    fn declare(&mut self) -> Option<Asked> {
        let hazard = Hazard::from_key(self.fields.one("hazard"));
        if hazard.is_none() {
            self.fault("hazard", "fault-choose");
        }
        let name = self.fields.one("name").to_owned();
        if name.is_empty() {
            self.fault("name", "fault-empty");
        } else if name.chars().count() > NAME_MAX {
            self.fault("name", "fault-long");
        }
        let (severity, stock, expected_end) =
            (self.severity(), self.stock_access(), self.moment("expected_end"));
        if expected_end.is_some_and(|end| end <= self.now) {
            self.fault("expected_end", "fault-past");
        }
        let sites: Vec<SiteId> = self.fields.reads("site");
        if sites.iter().any(|site| self.state.site(*site).is_err()) {
            self.fault("site", "fault-unknown");
        }
        let drill = self.fields.one("drill") == "yes";
        let open = NewIncident {
            hazard: hazard?,
            name: name.into(),
            severity,
            expected_end,
            surges: Vec::new(),
            drill,
        };
        let declare = Declare {
            open,
            declared: self.fields.one("phase") != "watch",
            sites,
            stock,
            rule: lane_rule(self.fields),
        };
        Some(Asked { act: Act::Declare(Box::new(declare)), then: Page::Incidents, done: "done-declared" })
    }

    fn incident_change(&mut self, phase: bool) -> Option<Asked> {
        let id = self.incident()?;
        let then = Page::Incident(id, 0);
        if phase {
            let to = match self.fields.one("phase") {
                "declared" => Phase::Declared,
                "recovering" => Phase::Recovering,
                "closed" => Phase::Closed,
                _ => {
                    self.fault("phase", "fault-choose");
                    return None;
                }
            };
            return commands(vec![Command::PhaseIncident { incident: id, phase: to }], then, "done-phase");
        }
        let (severity, expected_end) = (self.severity(), self.moment("expected_end"));
        let surges = self.state.incident(id).ok()?.surges.clone();
        let assess = Command::AssessIncident { incident: id, severity, expected_end, surges };
        commands(vec![assess], then, "done-assessed")
    }

    fn close(&mut self) -> Option<Asked> {
        let incident = self.incident();
        let stock = self.stock_access();
        let sites: Vec<SiteId> = self.fields.reads("site");
        if sites.is_empty() {
            self.fault("site", "fault-choose");
        } else if sites.iter().any(|site| self.state.site(*site).is_err()) {
            self.fault("site", "fault-unknown");
        }
        let incident = incident?;
        let close = |site: SiteId| Command::CloseSite { site, incident, stock };
        commands(sites.into_iter().map(close).collect(), Page::Incident(incident, 0), "done-closed")
    }

    fn site(&mut self, what: &str) -> Option<Asked> {
        let site = self.site_id()?;
        let then = Page::Site(site);
        match what {
            "limit" => {
                let percent: u16 = self.need("percent")?;
                if !(1..=100).contains(&percent) {
                    self.fault("percent", "fault-percent");
                    return None;
                }
                let incident = self.fields.read("incident");
                let limit = Command::LimitSite { site, permille: percent * 10, incident };
                commands(vec![limit], then, "done-limited")
            }
            "outage" => {
                let incident = self.incident()?;
                let (from, until) = (self.fields.read::<Day>("from"), self.fields.read::<Day>("until"));
                let days = from.zip(until);
                if days.is_none() && !self.fields.one("from").is_empty() {
                    self.fault("until", "fault-date");
                    return None;
                }
                let outage = Command::ExpectOutage { site, incident, days };
                commands(vec![outage], Page::Incident(incident, 0), "done-outage")
            }
            "standby" => {
                let incident = self.fields.read("incident");
                let dormant = self.state.site(site).is_ok_and(|(_, now)| now.access == SiteAccess::Dormant);
                if dormant {
                    commands(vec![Command::ActivateStandby { site, incident }], then, "done-standby-called")
                } else {
                    commands(vec![Command::ReleaseStandby { site }], then, "done-standby-released")
                }
            }
            _ => {
                let incident = self.incident()?;
                let Some(step) = failback_step(self.state, site, incident) else {
                    self.fault("site", "fault-no-step");
                    return None;
                };
                commands(vec![step], Page::Incident(incident, 0), "done-failback")
            }
        }
    }

    fn lanes(&mut self, lift: bool) -> Option<Asked> {
        let incident = self.incident()?;
        let all = self.fields.one("all") == "yes";
        let Some(rule) = lane_rule(self.fields).or_else(|| (lift && all).then(LaneRule::default)) else {
            self.fault("carrier", "fault-rule");
            return None;
        };
        let then = Page::Incident(incident, 0);
        let rule = Box::new(rule);
        if lift {
            commands(vec![Command::LiftEmbargo { incident, rule }], then, "done-lifted")
        } else {
            commands(vec![Command::EmbargoLanes { incident, rule }], then, "done-embargoed")
        }
    }

    fn plan(&mut self, act: impl FnOnce(IncidentId) -> Act, done: &'static str) -> Option<Asked> {
        let incident = self.incident()?;
        Some(Asked { act: act(incident), then: Page::Incident(incident, 0), done })
    }

    fn second(&mut self) -> Option<Asked> {
        let id = self.fields.one("approval").to_owned();
        if id.is_empty() {
            self.fault("approval", "fault-empty");
        }
        Some(Asked { act: Act::Second(id), then: Page::Now, done: "done-second" })
    }

    fn approve(&mut self) -> Option<Asked> {
        let incident = self.incident()?;
        let Some(digest) = digest_of_hex(self.fields.one("plan")) else {
            self.fault("plan", "fault-unreadable");
            return None;
        };
        let part = self.fields.one("part") == "sites";
        let sites: Vec<SiteId> = if part { self.fields.reads("to") } else { Vec::new() };
        if part && sites.is_empty() {
            self.fault("to", "fault-choose");
        }
        let keep = Keep { sites, except: self.fields.reads("except") };
        Some(Asked {
            act: Act::Approve(incident, digest, keep),
            then: Page::Incident(incident, 0),
            done: "done-approved",
        })
    }

    fn adopted(&mut self, act: impl FnOnce(PlanId) -> Act, done: &'static str) -> Option<Asked> {
        let plan: PlanId = self.need("plan")?;
        let Some(record) = self.state.plans.get(plan) else {
            self.fault("plan", "fault-unknown");
            return None;
        };
        let then = record.incident.map_or(Page::Incidents, |incident| Page::Incident(incident, 0));
        Some(Asked { act: act(plan), then, done })
    }

    fn tell(&mut self) -> Option<Asked> {
        let incident = self.incident()?;
        let minutes: u64 = self.need("hold")?;
        if minutes > HOLD_MAX_MIN {
            self.fault("hold", "fault-hold");
        }
        let act = Act::Tell(incident, Span::minutes(minutes));
        Some(Asked { act, then: Page::Incident(incident, 0), done: "done-told" })
    }

    fn truck_in(&mut self) -> Option<Asked> {
        let transfer: TransferId = self.need("transfer")?;
        let Some(sent) = self.state.transfers.get(transfer) else {
            self.fault("transfer", "fault-unknown");
            return None;
        };
        let take = Command::ReceiveTransfer { transfer, items: sent.items.clone() };
        commands(vec![take], Page::Site(sent.to), "done-truck-in")
    }

    fn withdraw(&mut self) -> Option<Asked> {
        let numbers: Vec<NoticeId> = self.fields.reads("notice");
        if numbers.is_empty() {
            self.fault("notice", "fault-choose");
        }
        let incident = numbers.first().and_then(|notice| self.state.notices.get(*notice)?.incident);
        let then = incident.map_or(Page::Incidents, |incident| Page::Incident(incident, 0));
        let withdraw = |notice: NoticeId| Command::WithdrawNotice { notice };
        commands(numbers.into_iter().map(withdraw).collect(), then, "done-withdrawn")
    }

    fn owner_of(&self, order: OrderId) -> Option<MerchantId> {
        self.state.order(order).ok().map(|order| order.merchant)
    }

    fn doubt(&mut self) -> Result<Option<Asked>, Refused> {
        let Some(shipment) = self.need::<ShipmentId>("shipment") else { return Ok(None) };
        let Ok(known) = self.state.shipment(shipment) else {
            self.fault("shipment", "fault-unknown");
            return Ok(None);
        };
        // A foreign thing is refused as one that is not there would be for the asker.
        if !self.owner_of(known.order).is_some_and(|owner| self.viewer.sees(owner)) {
            return Err(Refused::NotAllowed);
        }
        let shipped = match self.fields.one("shipped") {
            "yes" => true,
            "no" => false,
            _ => {
                self.fault("shipped", "fault-choose");
                return Ok(None);
            }
        };
        let today =
            self.state.site(known.site).map_or(known.ship_day, |(site, _)| self.now.local(&site.zone).0);
        let day = self.fields.read("day").unwrap_or_else(|| known.ship_day.min(today));
        let resolve = Command::ResolveDoubt { shipment, shipped, evidence: DoubtEvidence::Person, day };
        Ok(commands(vec![resolve], Page::Order(known.order), "done-doubt"))
    }

    fn order(&mut self) -> Result<Option<Asked>, Refused> {
        let Some(order) = self.need::<OrderId>("order") else { return Ok(None) };
        if !self.owner_of(order).is_some_and(|owner| self.viewer.sees(owner)) {
            return Err(Refused::NotAllowed);
        }
        let (command, done) = match self.fields.one("what") {
            "hold" => (Command::HoldOrder { order, reason: HoldReason::Person }, "done-held"),
            "free" => (Command::FreeOrder { order }, "done-freed"),
            "cancel" => (Command::CancelOrder { order }, "done-cancelled"),
            _ => {
                self.fault("what", "fault-choose");
                return Ok(None);
            }
        };
        Ok(commands(vec![command], Page::Order(order), done))
    }

    fn stock(&mut self) -> Option<Asked> {
        let site = self.site_id();
        let sku: Option<SkuId> = self.need("sku");
        let units: Option<u32> = self.need("units");
        let (site, sku, quantity) = (site?, sku?, Quantity(units?));
        if self.state.network.skus.get(sku).is_none() {
            self.fault("sku", "fault-unknown");
            return None;
        }
        let (command, done) = match self.fields.one("what") {
            "count" => (Command::CountStock { site, sku, found: quantity }, "done-counted"),
            "quarantine" => (Command::QuarantineStock { site, sku, quantity }, "done-quarantined"),
            "clear" => (Command::ClearStock { site, sku, quantity }, "done-cleared"),
            _ => {
                self.fault("what", "fault-choose");
                return None;
            }
        };
        commands(vec![command], Page::Sku(sku), done)
    }
}

/// A digest as hexadecimal text.
#[must_use]
pub fn hex(digest: &Digest) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest of hexadecimal text.
#[must_use]
pub fn digest_of_hex(text: &str) -> Option<Digest> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut digest = [0; 32];
    for (index, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(digest)
}

impl Keep {
    /// Whether a plan's move is kept.
    #[must_use]
    pub fn keeps(&self, change: &holdfast_domain::plan_record::Move) -> bool {
        let wanted = self.sites.is_empty()
            || change.to.is_empty()
            || change.to.iter().any(|(_, allocation)| self.sites.contains(&allocation.site));
        wanted && !self.except.contains(&change.order)
    }
}
