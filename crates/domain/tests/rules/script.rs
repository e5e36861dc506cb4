//! Scenarios as text: one command a line, `! code` behind it where a rejection is expected, and then what is true.

use std::collections::BTreeMap;

use holdfast_domain::command::{Command, NewIncident, NewOrder};
use holdfast_domain::event::{AdjustReason, Allocations, DoubtEvidence, Terms};
use holdfast_domain::id::{
    Id as _, IncidentId, LaneId, MerchantId, NoticeId, OrderId, PlanId, ShipmentId, SiteId, SkuId, SubjectId,
    TransferId, ZoneId,
};
use holdfast_domain::incident::{Hazard, LaneRule, Phase, Severity, SiteAccess, StockAccess};
use holdfast_domain::invariant::breaches;
use holdfast_domain::network::Language;
use holdfast_domain::notice::{Notice, NoticeCause, NoticeOrder, NoticeStatus};
use holdfast_domain::order::{Allocation, HoldReason, OrderSlot, Package};
use holdfast_domain::plan_record::{Move, PlanRecord, step_digest};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Span};

use crate::world::{DAY, MERCHANTS, SITES, SKUS, World, site_id, sku_id, us};

/// Runs a scenario on the small network and compares what is true then. Each line of `expected` names a thing:
/// an order (`A`), a shelf (`ilm batt`: on hand/reserved/quarantined), a shipment, site, incident, plan, notice,
/// transfer, subject or lane.
pub fn check(scenario: &str, expected: &str) {
    let run = run(scenario);
    for line in lines(expected) {
        let (subject, wanted) = line.split_once(": ").unwrap_or_else(|| panic!("expected {line}"));
        assert_eq!(run.describe(subject.trim()), wanted.trim(), "{subject}");
    }
}

/// Runs a scenario and gives the world after it.
pub fn world_after(scenario: &str) -> World {
    run(scenario).world
}

fn run(scenario: &str) -> Run {
    let mut run = Run { world: World::new(), orders: BTreeMap::new(), plans: Vec::new() };
    for line in lines(scenario) {
        let (words, wanted) = match line.split_once('!') {
            Some((words, code)) => (words, Some(code.trim())),
            None => (line, None),
        };
        let before = run.world.state.digest();
        let refused = run.line(words.trim());
        assert_eq!(refused, wanted, "{line}");
        if refused.is_some() {
            assert_eq!(run.world.state.digest(), before, "{line}: a rejection changes nothing");
        }
        assert_eq!(breaches(&run.world.state), [], "after {line}");
        assert_eq!(run.world.state.digest(), run.world.state.digest_afresh(), "after {line}");
    }
    run
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

struct Run {
    world: World,
    orders: BTreeMap<String, OrderId>,
    plans: Vec<Vec<Vec<Move>>>,
}

impl Run {
    /// Carries a line out; gives the rejection's code.
    fn line(&mut self, line: &str) -> Option<&'static str> {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let ["wait", hours] = words[..] {
            self.world.wait(Span::hours(hours.parse().unwrap()));
            return None;
        }
        let command = self.command(&words);
        let outcome = self.world.ask(&command);
        if outcome.is_ok() && words[0] == "order" {
            self.orders.insert(words[1].to_owned(), OrderId(self.world.state.orders.len() as u32 - 1));
        }
        outcome.err().map(|rejection| rejection.code())
    }

    fn command(&mut self, words: &[&str]) -> Command {
        match words {
            ["receive" | "adjust" | "count" | "quarantine" | "clear", site, sku, units] => {
                stock(words[0], site_id(site), sku_id(sku), units)
            }
            ["send", from, to, items] => {
                let (from, to) = (site_id(from), site_id(to));
                Command::SendTransfer { from, to, items: list(items), due: DAY.plus(2) }
            }
            ["arrive", transfer, items] => {
                Command::ReceiveTransfer { transfer: TransferId(number(transfer)), items: list(items) }
            }
            ["order", label, merchant, items, rest @ ..] => place(label, merchant, items, rest),
            ["source", order, units @ ..] => {
                let order = self.orders[*order];
                let allocations = self.allocations(order, units);
                Command::SourceOrder {
                    order,
                    allocations,
                    terms: Terms::default(),
                    promise: Some(DAY.plus(4)),
                }
            }
            ["hold", order] => Command::HoldOrder { order: self.orders[*order], reason: HoldReason::Person },
            ["free", order] => Command::FreeOrder { order: self.orders[*order] },
            ["cancel", order] => Command::CancelOrder { order: self.orders[*order] },
            ["cancel", order, sku, units] => {
                let (order, quantity) = (self.orders[*order], Quantity(units.parse().unwrap()));
                Command::CancelLine { order, line: self.line_of(order, sku), quantity }
            }
            ["promise", order, to] => Command::MovePromise { order: self.orders[*order], to: day(to) },
            ["archive", order] => Command::ArchiveOrder { order: self.orders[*order] },
            ["return", order, sku, units, site, how] => {
                let order = self.orders[*order];
                let (line, quantity) = (self.line_of(order, sku), Quantity(units.parse().unwrap()));
                Command::ReceiveReturn {
                    order,
                    line,
                    quantity,
                    site: site_id(site),
                    restock: *how == "restock",
                }
            }
            ["wave", site] => Command::ReleaseWave { site: site_id(site), day: DAY },
            ["wave", site, on] => Command::ReleaseWave { site: site_id(site), day: day(on) },
            ["adopt" | "execute" | "undo", ..] => self.plan(words),
            ["notice", order] => {
                let entry = NoticeOrder {
                    order: self.orders[*order],
                    before: DAY,
                    after: Some(DAY.plus(1)),
                    cause: NoticeCause::Delayed,
                };
                Command::QueueNotice(Box::new(Notice {
                    merchant: MerchantId(0),
                    subject: None,
                    language: Language::EN,
                    incident: None,
                    orders: vec![entry],
                    hold_until: self.world.now.after(Span::hours(1)),
                    status: NoticeStatus::Queued,
                }))
            }
            _ => shipment(words)
                .or_else(|| incident(words))
                .or_else(|| rest(words))
                .unwrap_or_else(|| panic!("{words:?}")),
        }
    }

    fn line_of(&self, order: OrderId, sku: &str) -> u16 {
        let order = self.world.state.order(order).unwrap();
        order.lines.iter().position(|line| line.sku == sku_id(sku)).unwrap() as u16
    }

    /// `batt:4@ilm` or `batt:4@ilm+2` for another day, `batt:4@ilm~air` for another service.
    fn allocations(&self, order: OrderId, units: &[&str]) -> Allocations {
        let zone = self.world.state.order(order).unwrap().zone;
        let one = |unit: &&str| {
            let (sku, rest) = unit.split_once(':').unwrap();
            (self.line_of(order, sku), allocation(zone, rest))
        };
        units.iter().map(one).collect()
    }

    /// Moves as `A batt 2@ilm>2@atl`, joined by `,`; steps by `/`; units of a move by `&`; `none` for no site.
    fn plan(&mut self, words: &[&str]) -> Command {
        if words[0] == "adopt" {
            let text = words[1..].join(" ");
            let step = |step: &str| {
                step.split(',').filter(|text| !text.trim().is_empty()).map(|one| self.one_move(one)).collect()
            };
            let steps: Vec<Vec<Move>> = text.split('/').map(step).collect();
            let record = PlanRecord {
                digest: [1; 32],
                incident: None,
                parent: self.world.state.version,
                steps: steps.iter().map(|moves| step_digest(moves)).collect(),
                done: 0,
                moved: 0,
                skipped: 0,
                cost: 0,
                bound: 0,
                adopted: self.world.now,
                undone: false,
            };
            self.plans.push(steps);
            return Command::AdoptPlan(Box::new(record));
        }
        let plan = number(words[1]);
        let steps = &self.plans[plan as usize];
        if words[0] == "undo" {
            return Command::UndoPlan { plan: PlanId(plan), moves: steps.concat().into() };
        }
        let step: usize = words[2].parse().unwrap();
        Command::ExecuteStep {
            plan: PlanId(plan),
            step: step as u32,
            moves: steps.get(step).cloned().unwrap_or_default().into(),
        }
    }

    fn one_move(&self, text: &str) -> Move {
        let [order, sku, change] = text.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("move {text}")
        };
        let order = self.orders[order];
        let (zone, line) = (self.world.state.order(order).unwrap().zone, self.line_of(order, sku));
        let units = |text: &str| -> Allocations {
            text.split('&')
                .filter(|part| *part != "none")
                .map(|part| (line, allocation(zone, part)))
                .collect()
        };
        let (from, to) = change.split_once('>').unwrap();
        Move { order, from: units(from), to: units(to), promise: None }
    }

    fn describe(&self, subject: &str) -> String {
        let state = &self.world.state;
        if let Some(order) = self.orders.get(subject) {
            return describe_order(state, *order);
        }
        if let Some((site, sku)) = subject.split_once(' ') {
            if site == "lane" {
                return if state.lane_is_open(LaneId(number(sku))) { "open".into() } else { "closed".into() };
            }
            let shelf = state.stock.shelf(site_id(site), sku_id(sku));
            return format!("{}/{}/{}", shelf.on_hand, shelf.reserved, shelf.quarantined);
        }
        if SITES.contains(&subject) {
            return match state.sites[site_id(subject).index()].access {
                SiteAccess::Open { permille } => format!("open {permille}"),
                SiteAccess::Closed { incident, .. } => format!("closed by {incident}"),
                SiteAccess::Dormant => "dormant".into(),
                SiteAccess::Activating { ready } => {
                    format!("activating, ready in {} h", ready.since(self.world.now).as_hours())
                }
            };
        }
        let index = number(subject);
        match &subject[..1] {
            "s" => format!("{:?}", state.shipments.get(ShipmentId(index)).unwrap().stage)
                .split(' ')
                .next()
                .unwrap()
                .to_lowercase(),
            "i" => format!("{:?}", state.incidents.get(IncidentId(index)).unwrap().phase).to_lowercase(),
            "n" => format!("{:?}", state.notices.get(NoticeId(index)).unwrap().status).to_lowercase(),
            "t" => {
                if state.transfers.get(TransferId(index)).unwrap().received {
                    "arrived".into()
                } else {
                    "on the way".into()
                }
            }
            "u" => {
                if state.subjects.get(SubjectId(index)).unwrap().erased {
                    "erased".into()
                } else {
                    "known".into()
                }
            }
            "p" => {
                let plan = state.plans.get(PlanId(index)).unwrap();
                let undone = if plan.undone { ", undone" } else { "" };
                format!(
                    "{} of {} steps, {} moved, {} skipped{undone}",
                    plan.done,
                    plan.steps.len(),
                    plan.moved,
                    plan.skipped
                )
            }
            _ => panic!("describe {subject}"),
        }
    }
}

fn describe_order(state: &State, id: OrderId) -> String {
    let Some(OrderSlot::Live(order)) = state.orders.get(id) else { return "archived".into() };
    let line = |line: &holdfast_domain::order::Line| {
        let mut text = format!("{} {}", SKUS[line.sku.index()], line.ordered);
        for (word, units) in
            [("cancelled", line.cancelled), ("returned", line.returned), ("waiting", line.backordered())]
        {
            if !units.is_zero() {
                text += &format!(" {units} {word}");
            }
        }
        for a in &line.allocations {
            let days = a.ship_day.since(DAY);
            let day = if days == 0 { String::new() } else { format!("+{days}") };
            let shipment = a.shipment.map_or(String::new(), |id| format!("#s{}", id.0));
            text += &format!(" {}@{}{day}{shipment}", a.quantity, SITES[a.site.index()]);
        }
        text
    };
    let held = if order.hold.is_some() { "held; " } else { "" };
    held.to_owned() + &order.lines.iter().map(line).collect::<Vec<_>>().join("; ")
}

/// The number in `s3`, `i0`, `p1`.
fn number(text: &str) -> u32 {
    text.trim_start_matches(|c: char| c.is_ascii_alphabetic())
        .parse()
        .unwrap_or_else(|_| panic!("number in {text}"))
}

fn day(text: &str) -> Day {
    DAY.plus(text.trim_start_matches('+').parse().unwrap())
}

fn list(text: &str) -> Box<[(SkuId, Quantity)]> {
    let one = |item: &str| {
        let (sku, units) = item.split_once(':').unwrap();
        (sku_id(sku), Quantity(units.parse().unwrap()))
    };
    text.split(',').map(one).collect()
}

/// `4@ilm`, `4@ilm+2`, `4@ilm~air`; lanes are numbered by zone, site and service.
fn allocation(zone: ZoneId, text: &str) -> Allocation {
    let (units, rest) = text.split_once('@').unwrap_or_else(|| panic!("allocation {text}"));
    let (rest, service) = rest.split_once('~').map_or((rest, 0), |(rest, _)| (rest, 1));
    let (site, days) = rest.split_once('+').map_or((rest, 0), |(site, days)| (site, days.parse().unwrap()));
    let site = site_id(site);
    let lane = LaneId(u32::from(zone.0) * 6 + u32::from(site.0) * 2 + service);
    Allocation {
        site,
        lane,
        ship_day: DAY.plus(days),
        quantity: Quantity(units.parse().unwrap()),
        shipment: None,
    }
}

fn stock(verb: &str, site: SiteId, sku: SkuId, units: &str) -> Command {
    let quantity = || Quantity(units.parse().unwrap());
    match verb {
        "receive" => Command::ReceiveStock { site, sku, quantity: quantity() },
        "adjust" => {
            Command::AdjustStock { site, sku, by: units.parse().unwrap(), reason: AdjustReason::Lost }
        }
        "count" => Command::CountStock { site, sku, found: quantity() },
        "quarantine" => Command::QuarantineStock { site, sku, quantity: quantity() },
        _ => Command::ClearStock { site, sku, quantity: quantity() },
    }
}

/// `order A acme batt:4 [p9] [held] [abroad] [u0]`.
fn place(label: &str, merchant: &str, items: &str, rest: &[&str]) -> Command {
    let merchant = MerchantId(MERCHANTS.iter().position(|known| *known == merchant).unwrap() as u16);
    let find =
        |letter: char| rest.iter().find(|word| word.starts_with(letter) && word[1..].parse::<u32>().is_ok());
    Command::PlaceOrder(Box::new(NewOrder {
        merchant,
        number: label.into(),
        subject: find('u').map(|word| SubjectId(number(word))),
        zone: ZoneId(u16::from(rest.contains(&"abroad"))),
        country: us(),
        postal: "28401".into(),
        language: Language::EN,
        placed: crate::world::START,
        paid: None,
        promise: None,
        priority: find('p').map_or(0, |word| number(word) as u8),
        hold: rest.contains(&"held").then_some(HoldReason::Fraud),
        lines: list(items).iter().map(|(sku, units)| (*sku, *units, 1_000)).collect(),
    }))
}

fn shipment(words: &[&str]) -> Option<Command> {
    let shipment = ShipmentId(words.get(1).and_then(|word| word.strip_prefix('s'))?.parse().ok()?);
    Some(match words {
        ["pick", _] => Command::PickShipment { shipment },
        ["pack", _] => Command::PackShipment { shipment },
        ["ship", _] => {
            let packages = Box::new([Package { tracking: "1Z".into(), weight_g: 900 }]);
            Command::ShipShipment { shipment, packages, day: DAY }
        }
        ["exception", _] => Command::ReportException { shipment, arrival: Some(DAY.plus(6)) },
        ["deliver", _] => Command::DeliverShipment { shipment, day: DAY.plus(3) },
        ["lose", _] => Command::LoseShipment { shipment },
        ["recall", _] => Command::AskRecall { shipment },
        ["answer", _, answer] => Command::AnswerRecall { shipment, accepted: *answer == "yes" },
        ["resolve", _, left] => Command::ResolveDoubt {
            shipment,
            shipped: *left == "shipped",
            evidence: DoubtEvidence::Person,
            day: DAY,
        },
        _ => return None,
    })
}

fn incident(words: &[&str]) -> Option<Command> {
    let id = |text: &str| IncidentId(number(text));
    Some(match words {
        ["incident"] => Command::OpenIncident(Box::new(NewIncident {
            hazard: Hazard::Hurricane,
            name: "Florence".into(),
            severity: Severity::Severe,
            expected_end: None,
            surges: vec![],
            drill: false,
        })),
        ["phase", incident, phase] => {
            let phase = match *phase {
                "watch" => Phase::Watch,
                "declared" => Phase::Declared,
                "recovering" => Phase::Recovering,
                _ => Phase::Closed,
            };
            Command::PhaseIncident { incident: id(incident), phase }
        }
        ["close", site, incident] => {
            Command::CloseSite { site: site_id(site), incident: id(incident), stock: StockAccess::Unknown }
        }
        ["limit", site, permille] => {
            Command::LimitSite { site: site_id(site), permille: permille.parse().unwrap(), incident: None }
        }
        ["expect", site, incident, from, until] => {
            let days = Some((day(from), day(until)));
            Command::ExpectOutage { site: site_id(site), incident: id(incident), days }
        }
        ["expect", site, incident, "none"] => {
            Command::ExpectOutage { site: site_id(site), incident: id(incident), days: None }
        }
        ["activate", site] => Command::ActivateStandby { site: site_id(site), incident: None },
        ["activate", site, incident] => {
            Command::ActivateStandby { site: site_id(site), incident: Some(id(incident)) }
        }
        ["dismiss", site] => Command::ReleaseStandby { site: site_id(site) },
        ["embargo", incident, rule @ ..] => {
            Command::EmbargoLanes { incident: id(incident), rule: Box::new(lanes(rule)) }
        }
        ["lift", incident, rule @ ..] => {
            Command::LiftEmbargo { incident: id(incident), rule: Box::new(lanes(rule)) }
        }
        _ => return None,
    })
}

/// `site=ilm carrier=ups abroad air`.
fn lanes(words: &[&str]) -> LaneRule {
    let mut rule = LaneRule::default();
    for word in words {
        match word.split_once('=') {
            Some(("site", site)) => rule.site = Some(site_id(site)),
            Some(("carrier", carrier)) => rule.carrier = Some(carrier.into()),
            None if *word == "abroad" => rule.cross_border = true,
            None if *word == "air" => rule.kind = Some(holdfast_domain::network::LaneKind::Air),
            _ => panic!("lane rule {word}"),
        }
    }
    rule
}

fn rest(words: &[&str]) -> Option<Command> {
    Some(match words {
        ["seal", fingerprint] => {
            Command::SealSubject { fingerprint: fingerprint.parse().unwrap(), sealed: Box::new([1, 2, 3]) }
        }
        ["erase", subject] => Command::EraseSubject { subject: SubjectId(number(subject)) },
        ["withdraw", notice] => Command::WithdrawNotice { notice: NoticeId(number(notice)) },
        ["report", notice, sent] => {
            Command::ReportNotice { notice: NoticeId(number(notice)), sent: *sent == "sent" }
        }
        _ => return None,
    })
}
