//! Events to fill journals with: one of each kind, and every variant of what they carry.
//!
//! They are not a history: they encode and decode, and need not fit a state.
//!
//! One file, so that a kind or a variant that is missing is seen at once beside the others.

use holdfast_domain::care::{
    AnswerChannel, AnswerChoice, CallAudience, CallEnd, CareEvent, Clock, ContactKind, EndCause, Evidence,
    NewCall, NoticePolicy, RefundForm, StepStatus,
};
use holdfast_domain::event::{AdjustReason, DoubtEvidence, DropCause, Event, Terms};
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::{
    CallId, IncidentId, LaneId, MerchantId, NoticeId, OrderId, PlanId, ServiceId, ShipmentId, SiteId, SkuId,
    SubjectId, TakeoverId, TransferId, ZoneId,
};
use holdfast_domain::incident::{Hazard, Incident, Phase, Severity, SiteAccess, StockAccess};
use holdfast_domain::money::Currency;
use holdfast_domain::network::{
    Country, DestinationZone, DoubtRule, Lane, LaneKind, Language, Merchant, Operator, Presumption, Service,
    Site, SiteKind, Sku, StandbyTerms, StorageSet,
};
use holdfast_domain::notice::{Notice, NoticeCause, NoticeOrder, NoticeStatus};
use holdfast_domain::order::{
    Allocation, HoldReason, LastSeen, Line, Order, Package, Shipment, ShipmentStage,
};
use holdfast_domain::place::Place;
use holdfast_domain::plan_record::PlanRecord;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::takeover::{
    HostTerms, LaneTerms, Takeover, TakeoverParty, TakeoverStage, TakeoverTerms,
};
use holdfast_domain::time::{Calendar, Day, Span, Stamp, Zone};
use holdfast_domain::timer::Timer;

/// A Friday: 14 September 2018.
const DAY: Day = Day(17_788);
/// Noon of it in UTC.
const NOON: Stamp = Stamp(1_536_926_400_000);

/// `n` entries that go through all events again and again, beginning with number `from`.
///
/// # Panics
/// Never.
#[must_use]
pub fn entries(from: usize, n: usize) -> Vec<Entry> {
    let events = every_event();
    (from..from + n)
        .map(|number| Entry {
            at: NOON.after(Span(number as u64)),
            actor: if number % 3 == 0 { "shop".into() } else { format!("user-{}", number % 7).into() },
            key: (number % 2 == 0).then_some(number as u128 * 0x1_0000_0000_0000_0001),
            events: (0..number % 3 + usize::from(number % 3 == 0))
                .map(|more| events[(number + more) % events.len()].clone())
                .collect(),
        })
        .collect()
}

/// `n` entries that follow on one another from number `from` and on an empty state: people are sealed, goods arrive.
///
/// # Panics
/// Never.
#[must_use]
pub fn history(from: usize, n: usize) -> Vec<Entry> {
    let event = |number: usize| match number {
        0 => Event::MerchantAdded(Box::new(merchant(None))),
        1 => Event::SiteAdded(Box::new(site(SiteKind::Centre, None))),
        2 => Event::SkuAdded(Box::new(Sku { merchant: MerchantId(0), ..sku() })),
        _ if number.is_multiple_of(2) => {
            Event::StockReceived { site: SiteId(0), sku: SkuId(0), quantity: Quantity(number as u32 % 5 + 1) }
        }
        _ => Event::SubjectSealed {
            subject: SubjectId(number as u32 / 2 - 1),
            fingerprint: number as u128,
            sealed: vec![number as u8; 40 + number % 90].into(),
        },
    };
    let at = |number: usize| NOON.after(Span::minutes(number as u64));
    let entry =
        |number| Entry { at: at(number), actor: "shop".into(), key: None, events: vec![event(number)] };
    (from..from + n).map(entry).collect()
}

/// One entry for each event, as the fixtures hold them.
#[must_use]
pub fn fixture() -> Vec<Entry> {
    let entry = |(number, event)| Entry {
        at: NOON.after(Span(number)),
        actor: "fixture".into(),
        key: number.is_multiple_of(2).then(|| u128::from(number) << 64 | 1),
        events: vec![event],
    };
    (0_u64..).zip(first_events()).map(entry).collect()
}

/// One entry for each event that came to format 1 with take-overs, as their fixture holds them.
#[must_use]
pub fn fixture_takeovers() -> Vec<Entry> {
    let entry = |(number, event)| Entry {
        at: NOON.after(Span(number)),
        actor: "fixture".into(),
        key: None,
        events: vec![event],
    };
    (0_u64..).zip(takeovers()).map(entry).collect()
}

/// One entry for each event of care, as its fixture holds them.
#[must_use]
pub fn fixture_care() -> Vec<Entry> {
    let entry = |(number, event)| Entry {
        at: NOON.after(Span(number)),
        actor: "fixture".into(),
        key: None,
        events: vec![event],
    };
    (0_u64..).zip(care()).map(entry).collect()
}

/// One entry for each event the sending of notices brought later, as its fixture holds them.
#[must_use]
pub fn fixture_sending() -> Vec<Entry> {
    let entry = |(number, event)| Entry {
        at: NOON.after(Span(number)),
        actor: "fixture".into(),
        key: None,
        events: vec![event],
    };
    (0_u64..).zip(sending()).map(entry).collect()
}

/// One entry for each event calls and opened notices brought, as their fixture holds them.
#[must_use]
pub fn fixture_calling() -> Vec<Entry> {
    let entry = |(number, event)| Entry {
        at: NOON.after(Span(number)),
        actor: "fixture".into(),
        key: None,
        events: vec![event],
    };
    (0_u64..).zip(calling()).map(entry).collect()
}

fn calling() -> Vec<Event> {
    let (merchant, notice, call) = (MerchantId(1), NoticeId(7), CallId(2));
    let mut events = vec![
        CareEvent::OpensCounted { merchant, on: true },
        CareEvent::OpensCounted { merchant, on: false },
        CareEvent::NoticeOpened { notice },
    ];
    events.extend(CallAudience::ALL.map(|audience| CareEvent::CallMade {
        call: Box::new(NewCall {
            incident: IncidentId(2),
            audience,
            asks: Box::new(["close-site".into(), "report-safe".into()]),
            place: "윌밍턴".into(),
            touched: 940,
            contacts: Box::new(["lead".into(), "deputy".into()]),
            within: Span::minutes(15),
        }),
        by: "user:1".into(),
    }));
    let stepped = |status| CareEvent::CallStepped { call, position: 1, status, due: Some(NOON) };
    events.extend(StepStatus::ALL.map(stepped));
    events.push(CareEvent::CallStepped { call, position: 0, status: StepStatus::Waiting, due: None });
    events.extend(CallEnd::ALL.map(|how| CareEvent::CallEnded { call, how, who: "lead".into() }));
    let mut events: Vec<Event> = events.into_iter().map(|event| Event::Care(Box::new(event))).collect();
    let timer = Timer::Call(call, 1);
    events.push(Event::TimerSet { due: NOON, timer });
    events.push(Event::TimerFired { due: NOON, timer });
    events
}

fn sending() -> Vec<Event> {
    let notice = NoticeId(7);
    let events = [
        CareEvent::NoticeResent { notice },
        CareEvent::NoticeBounced { notice },
        CareEvent::NoticeDelivered { notice },
        CareEvent::HoldOutSet { permille: 50 },
    ];
    events.into_iter().map(|event| Event::Care(Box::new(event))).collect()
}

/// At least one event of each kind, with every variant of every type in it.
#[must_use]
pub fn every_event() -> Vec<Event> {
    let mut events = first_events();
    events.extend(takeovers());
    events.extend(care());
    events.extend(sending());
    events.extend(calling());
    events
}

/// The events there were when format 1 was made.
fn first_events() -> Vec<Event> {
    let mut events = setup();
    events.extend(stock());
    events.extend(orders());
    events.extend(shipments());
    events.extend(incidents());
    events.extend(rest());
    events
}

/// The kinds there are: a new one does not compile until it has a number here, and a sample.
#[must_use]
pub const fn kind(event: &Event) -> usize {
    match event {
        Event::OperatorSet(_) => 0,
        Event::MerchantAdded(_) => 1,
        Event::MerchantChanged(..) => 2,
        Event::SiteAdded(_) => 3,
        Event::SiteChanged(..) => 4,
        Event::ServiceAdded(_) => 5,
        Event::ZoneAdded(_) => 6,
        Event::LaneAdded(_) => 7,
        Event::LaneRated { .. } => 8,
        Event::SkuAdded(_) => 9,
        Event::StockReceived { .. } => 10,
        Event::StockAdjusted { .. } => 11,
        Event::StockCounted { .. } => 12,
        Event::StockQuarantined { .. } => 13,
        Event::StockCleared { .. } => 14,
        Event::TransferSent { .. } => 15,
        Event::TransferReceived { .. } => 16,
        Event::SubjectSealed { .. } => 17,
        Event::SubjectErased { .. } => 18,
        Event::OrderReceived(_) => 19,
        Event::OrderHeld { .. } => 20,
        Event::OrderFreed { .. } => 21,
        Event::OrderSourced { .. } => 22,
        Event::OrderMoved { .. } => 23,
        Event::UnitsDropped { .. } => 24,
        Event::LineCancelled { .. } => 25,
        Event::PromiseMoved { .. } => 26,
        Event::OrderArchived { .. } => 27,
        Event::ShipmentReleased(_) => 28,
        Event::ShipmentPicked { .. } => 29,
        Event::ShipmentPacked { .. } => 30,
        Event::ShipmentShipped { .. } => 31,
        Event::ShipmentException { .. } => 32,
        Event::ShipmentDelivered { .. } => 33,
        Event::ShipmentLost { .. } => 34,
        Event::ShipmentsInDoubt { .. } => 35,
        Event::RecallAsked { .. } => 36,
        Event::RecallRefused { .. } => 37,
        Event::ShipmentRecalled { .. } => 38,
        Event::ReturnReceived { .. } => 39,
        Event::IncidentOpened(_) => 40,
        Event::IncidentAssessed { .. } => 41,
        Event::IncidentPhased { .. } => 42,
        Event::SiteAccessChanged { .. } => 43,
        Event::LanesEmbargoed { .. } => 44,
        Event::EmbargoLifted { .. } => 45,
        Event::PlanAdopted(_) => 46,
        Event::PlanStepped { .. } => 47,
        Event::PlanUndone { .. } => 48,
        Event::PricesAdopted { .. } => 49,
        Event::NoticeQueued(_) => 50,
        Event::NoticeChanged { .. } => 51,
        Event::TimerFired { .. } => 52,
        Event::TimerSet { .. } => 53,
        Event::KeysForgotten { .. } => 54,
        Event::OutageExpected { .. } => 55,
        Event::TakeoverAsked(_) => 56,
        Event::TakeoverOffered { .. } => 57,
        Event::TakeoverAccepted { .. } => 58,
        Event::TakeoverDeclined { .. } => 59,
        Event::TakeoverLapsed { .. } => 60,
        Event::TakeoverEnded { .. } => 61,
        Event::TakeoverHandedBack { .. } => 62,
        Event::Care(_) => 63,
    }
}

/// How many kinds [`kind`] tells apart.
pub const KINDS: usize = 64;

fn us() -> Country {
    Country::new("US").expect("two letters")
}

fn place() -> Place {
    Place::new(34.2257, -77.9447).expect("on the globe")
}

fn merchant(doubt: Option<DoubtRule>) -> Merchant {
    Merchant {
        code: "acme".into(),
        name: "Acme 상점".into(),
        currency: Currency::KRW,
        language: Language::KO,
        contact: "help@acme.example".into(),
        split_quantity: doubt.is_some(),
        weight: 3,
        notice_after_days: 1,
        late_cost: 250,
        backorder_cost: 900,
        move_cost: -1,
        doubt,
    }
}

fn site(kind: SiteKind, standby: Option<StandbyTerms>) -> Site {
    Site {
        code: "ilm".into(),
        name: "Wilmington NC".into(),
        kind,
        place: place(),
        country: us(),
        region: "NC".into(),
        zone: Zone::named("America/New_York").expect("a known zone"),
        calendar: Calendar { holidays: [DAY, DAY.plus(7)].into(), ..Calendar::weekdays_only() },
        cutoff_ms: 54_000_000,
        capacity: [100, 200, 300, 400, 500, 60, 0],
        work_parcel: 3,
        work_unit: 1,
        cost_parcel: 120,
        cost_unit: 15,
        storage: StorageSet(0b1011),
        wind_limit_kt: standby.map(|_| 64),
        standby,
    }
}

fn sku() -> Sku {
    Sku {
        merchant: MerchantId(1),
        code: "BATT-D".into(),
        name: "Batteries, size D".into(),
        category: "storm".into(),
        weight_g: 140,
        pack: 4,
        price: 1_299,
        cost: 610,
        storage: 2,
    }
}

fn setup() -> Vec<Event> {
    let rules = [None, Some(Presumption::Shipped), Some(Presumption::NotShipped)];
    let kinds = [SiteKind::Centre, SiteKind::StoreHub, SiteKind::ThirdParty, SiteKind::Standby];
    let lanes = [
        LaneKind::Parcel,
        LaneKind::Air,
        LaneKind::Ferry,
        LaneKind::StoreHub,
        LaneKind::PickUp,
        LaneKind::Courier,
        LaneKind::ZoneSkip,
        LaneKind::OwnVan,
    ];
    let terms = StandbyTerms { lead_time: Span::hours(36), activation_cost: 500_000, daily_cost: 20_000 };
    let mut events = vec![Event::OperatorSet(Box::new(Operator {
        name: "Harbour".into(),
        currency: Currency::USD,
        zone: Zone::utc(),
        language: Language::EN,
    }))];
    events.extend(rules.map(|presume| {
        let doubt = presume.map(|presume| DoubtRule { after: Span::days(3), presume });
        Event::MerchantAdded(Box::new(merchant(doubt)))
    }));
    events.push(Event::MerchantChanged(MerchantId(1), Box::new(merchant(None))));
    events
        .extend(kinds.map(|kind| {
            Event::SiteAdded(Box::new(site(kind, (kind == SiteKind::Standby).then_some(terms))))
        }));
    events.push(Event::SiteChanged(SiteId(2), Box::new(site(SiteKind::Centre, None))));
    events.extend(lanes.map(|kind| {
        Event::ServiceAdded(Box::new(Service {
            carrier: "UPS".into(),
            name: "Ground".into(),
            kind,
            calendar: Calendar::every_day(),
        }))
    }));
    events.push(Event::ZoneAdded(Box::new(DestinationZone {
        code: "284".into(),
        country: us(),
        prefixes: vec!["284".into(), "285".into()],
        place: place(),
        population: 390_000,
    })));
    let (site, zone, service) = (SiteId(1), ZoneId(300), ServiceId(2));
    let lane = Lane { site, zone, service, cost_parcel: 780, cost_kg: 55, transit_days: 2 };
    events.push(Event::LaneAdded(Box::new(lane)));
    events.push(Event::LaneRated { lane: LaneId(70_000), cost_parcel: 1, cost_kg: 2, transit_days: 255 });
    events.push(Event::SkuAdded(Box::new(sku())));
    events
}

fn stock() -> Vec<Event> {
    let (site, sku, quantity) = (SiteId(3), SkuId(99_999), Quantity(u32::MAX));
    let items: Box<[(SkuId, Quantity)]> = Box::new([(SkuId(1), Quantity(5)), (SkuId(2), Quantity(0))]);
    let reasons = [
        AdjustReason::Damaged,
        AdjustReason::Found,
        AdjustReason::Lost,
        AdjustReason::Correction,
        AdjustReason::Destroyed,
    ];
    let mut events = vec![Event::StockReceived { site, sku, quantity }];
    events.extend(reasons.map(|reason| Event::StockAdjusted { site, sku, by: i64::MIN, reason }));
    events.extend([
        Event::StockCounted { site, sku, found: Quantity(12) },
        Event::StockQuarantined { site, sku, quantity },
        Event::StockCleared { site, sku, quantity },
        Event::TransferSent { from: SiteId(0), to: SiteId(1), items: items.clone(), due: DAY },
        Event::TransferReceived { transfer: TransferId(4), items },
        Event::SubjectSealed {
            subject: SubjectId(8),
            fingerprint: u128::MAX - 5,
            sealed: Box::new([1, 2, 255]),
        },
        Event::SubjectErased { subject: SubjectId(8) },
    ]);
    events
}

fn allocation(shipment: Option<u32>) -> Allocation {
    Allocation {
        site: SiteId(1),
        lane: LaneId(70_000),
        ship_day: DAY,
        quantity: Quantity(2),
        shipment: shipment.map(ShipmentId),
    }
}

fn order(hold: Option<HoldReason>) -> Order {
    let line = |sku, allocations: Vec<Allocation>| Line {
        sku: SkuId(sku),
        ordered: Quantity(5),
        cancelled: Quantity(1),
        returned: Quantity(0),
        price: 1_299,
        allocations: allocations.into(),
    };
    Order {
        merchant: MerchantId(1),
        number: "#1001-가".into(),
        subject: hold.map(|_| SubjectId(8)),
        zone: ZoneId(300),
        country: us(),
        postal: "28401".into(),
        language: Language::EN,
        placed: NOON,
        paid: hold.is_none().then_some(NOON),
        promise: DAY.plus(3),
        promise_first: DAY.plus(2),
        priority: 200,
        hold,
        moved: 2,
        lines: [line(1, vec![]), line(2, vec![allocation(None), allocation(Some(7))])].into_iter().collect(),
    }
}

fn orders() -> Vec<Event> {
    let holds = [
        HoldReason::Unpaid,
        HoldReason::Duplicate,
        HoldReason::ImplausibleQuantity,
        HoldReason::Address,
        HoldReason::Fraud,
        HoldReason::Person,
    ];
    let (id, plan) = (OrderId(1_000_000), PlanId(2));
    let units = || [(0, allocation(None)), (1, allocation(Some(7)))].into_iter().collect();
    let mut events = vec![Event::OrderReceived(Box::new(order(None)))];
    events.extend(holds.map(|hold| Event::OrderReceived(Box::new(order(Some(hold))))));
    events.extend(holds.map(|reason| Event::OrderHeld { order: id, reason }));
    events.extend([
        Event::OrderFreed { order: id },
        Event::OrderSourced {
            order: id,
            allocations: units(),
            terms: Terms { parcel: 780, line: 110, late: 0, price: -3 },
            promise: Some(DAY),
        },
        Event::OrderMoved { order: id, plan, from: units(), to: [].into_iter().collect() },
    ]);
    let causes = [DropCause::StockMissing, DropCause::Held, DropCause::Person];
    events.extend(causes.map(|cause| Event::UnitsDropped { order: id, dropped: units(), cause }));
    events.extend([
        Event::LineCancelled { order: id, line: 1, quantity: Quantity(3), dropped: units() },
        Event::PromiseMoved { order: id, to: Day(-1) },
        Event::OrderArchived { order: id, record: [9; 32] },
    ]);
    events
}

fn shipments() -> Vec<Event> {
    let shipment = ShipmentId(300);
    let (released, picked, packed) = (LastSeen::Released, LastSeen::Picked, LastSeen::Packed);
    let incident = IncidentId(2);
    let stages = [
        ShipmentStage::Released,
        ShipmentStage::Picked,
        ShipmentStage::Packed,
        ShipmentStage::InDoubt { incident, was: released },
        ShipmentStage::InDoubt { incident, was: picked },
        ShipmentStage::Recalling { was: packed },
        ShipmentStage::Shipped,
        ShipmentStage::Exception,
        ShipmentStage::Delivered,
        ShipmentStage::Recalled,
        ShipmentStage::Lost,
    ];
    let packages: Box<[Package]> = Box::new([Package { tracking: "1Z999".into(), weight_g: 840 }]);
    let mut events: Vec<Event> = Vec::new();
    events.extend(stages.map(|stage| {
        Event::ShipmentReleased(Box::new(Shipment {
            order: OrderId(5),
            site: SiteId(1),
            lane: LaneId(2),
            ship_day: DAY,
            items: [(0, Quantity(1)), (1, Quantity(2))].into_iter().collect(),
            stage,
            packages: packages.clone(),
            arrival: Some(DAY.plus(2)),
        }))
    }));
    events.push(Event::ShipmentPicked { shipment });
    events.push(Event::ShipmentPacked { shipment });
    let evidence = [
        None,
        Some(DoubtEvidence::Scan),
        Some(DoubtEvidence::Site),
        Some(DoubtEvidence::Rule),
        Some(DoubtEvidence::Person),
    ];
    events.extend(evidence.map(|evidence| Event::ShipmentShipped {
        shipment,
        packages: packages.clone(),
        arrival: evidence.map(|_| DAY),
        evidence,
    }));
    events.extend([
        Event::ShipmentException { shipment, arrival: None },
        Event::ShipmentDelivered { shipment, day: DAY },
        Event::ShipmentLost { shipment },
        Event::ShipmentsInDoubt {
            incident,
            shipments: Box::new([ShipmentId(1), shipment]),
            timers: Box::new([(NOON, shipment)]),
        },
        Event::RecallAsked { shipment },
        Event::RecallRefused { shipment },
        Event::ShipmentRecalled { shipment, evidence: None },
        Event::ShipmentRecalled { shipment, evidence: Some(DoubtEvidence::Person) },
        Event::ReturnReceived {
            order: OrderId(5),
            line: 1,
            quantity: Quantity(1),
            site: SiteId(0),
            restock: true,
        },
    ]);
    events
}

fn incidents() -> Vec<Event> {
    let incident = IncidentId(2);
    let phases = [Phase::Watch, Phase::Declared, Phase::Recovering, Phase::Closed];
    let severities = [Severity::Minor, Severity::Moderate, Severity::Severe, Severity::Extreme];
    let mut events = Vec::new();
    events.extend(Hazard::ALL.map(|hazard| {
        Event::IncidentOpened(Box::new(Incident {
            hazard,
            name: "Florence".into(),
            phase: Phase::Watch,
            severity: Severity::Severe,
            opened: NOON,
            declared: Some(NOON.after(Span::hours(2))),
            expected_end: None,
            ended: Some(NOON.after(Span::days(9))),
            sites: vec![SiteId(1)],
            lanes: vec![LaneId(4), LaneId(5)],
            surges: vec![("storm".into(), 3_500)],
            drill: hazard == Hazard::Other,
        }))
    }));
    events.extend(severities.map(|severity| Event::IncidentAssessed {
        incident,
        severity,
        expected_end: Some(NOON),
        surges: vec![("water".into(), 2_000)],
    }));
    events.extend(phases.map(|phase| Event::IncidentPhased { incident, phase }));
    let stock = [StockAccess::Inaccessible, StockAccess::Unknown, StockAccess::Lost];
    let closed = stock.map(|stock| SiteAccess::Closed { incident, stock });
    let others =
        [SiteAccess::Open { permille: 250 }, SiteAccess::Dormant, SiteAccess::Activating { ready: NOON }];
    events.extend(closed.into_iter().chain(others).map(|access| Event::SiteAccessChanged {
        site: SiteId(1),
        access,
        incident: Some(incident),
    }));
    let lanes: Box<[LaneId]> = Box::new([LaneId(4), LaneId(70_000)]);
    events.push(Event::LanesEmbargoed { incident, lanes: lanes.clone() });
    events.push(Event::EmbargoLifted { incident, lanes });
    events
}

/// What was appended for customers' care: its events, and the states of a notice and of an order's end.
fn care() -> Vec<Event> {
    let (order, notice, incident) = (OrderId(5), NoticeId(6), IncidentId(2));
    let evidence = |channel| Evidence { channel, proof: 7 << 100 };
    let clock = |rule| Some(Clock { wake: NOON, rule });
    let policy = NoticePolicy {
        hold: Span::minutes(30),
        approve_above: Some(500),
        quiet: Some((75_600_000, 28_800_000)),
        per_hour: Some(2_000),
        cancel_untold: true,
        goodwill_max: 5_000,
    };
    let mut events = vec![CareEvent::PolicySet(NoticePolicy::default()), CareEvent::PolicySet(policy)];
    let channels = [
        AnswerChannel::Link,
        AnswerChannel::Mail,
        AnswerChannel::Phone,
        AnswerChannel::Shop,
        AnswerChannel::Desk,
    ];
    let choices = [
        AnswerChoice::Wait,
        AnswerChoice::WaitUntil(DAY),
        AnswerChoice::Cancel,
        AnswerChoice::Address,
        AnswerChoice::Wait,
    ];
    events.extend(channels.into_iter().zip(choices).map(|(channel, choice)| CareEvent::AnswerRecorded {
        order,
        notice: (channel == AnswerChannel::Link).then_some(notice),
        choice,
        evidence: evidence(channel),
    }));
    events.push(CareEvent::AddressChanged { order, zone: ZoneId(3), country: us(), postal: "28401".into() });
    let causes = [EndCause::Customer, EndCause::Shop, EndCause::GivenUp, EndCause::Law(1, DAY)];
    events.extend(causes.map(|why| CareEvent::OrderEnded { order, why }));
    events.push(CareEvent::RefundDue { order, amount: 12_345 });
    let forms = [RefundForm::Money, RefundForm::Credit];
    events.extend(forms.map(|form| CareEvent::RefundRecorded { order, amount: 12_345, form }));
    events.push(CareEvent::ClockSet { order, from: clock(1), to: clock(4) });
    events.push(CareEvent::ClockSet { order, from: None, to: None });
    events.push(CareEvent::LawWarned { order, due: NOON });
    events.push(CareEvent::BatchOpened { incident, by: "lead".into(), first: notice });
    events.push(CareEvent::NoticesApproved { incident, by: "second".into() });
    events.push(CareEvent::NoticeTried { notice, channel: 1, again_at: NOON });
    events.push(CareEvent::GoodwillGranted { order, amount: 500, by: "desk".into() });
    let kinds = [ContactKind::Call, ContactKind::Mail, ContactKind::Chat, ContactKind::Outgoing];
    events.extend(kinds.map(|kind| CareEvent::ContactNoted { order, kind }));
    let statuses = [NoticeStatus::Waiting, NoticeStatus::Sending, NoticeStatus::InDoubt];
    let mut events: Vec<Event> = events.into_iter().map(|event| Event::Care(Box::new(event))).collect();
    events.extend(statuses.map(|status| Event::NoticeChanged { notice, status }));
    events
}

fn rest() -> Vec<Event> {
    let plan = PlanId(2);
    let mut events = vec![
        Event::PlanAdopted(Box::new(PlanRecord {
            digest: [4; 32],
            incident: Some(IncidentId(2)),
            parent: 1_000_000_000_000,
            steps: Box::new([[5; 32], [6; 32]]),
            done: 0,
            moved: 0,
            skipped: 0,
            cost: 123_456,
            bound: 120_000,
            adopted: NOON,
            undone: false,
        })),
        Event::PlanStepped { plan, step: 1, moved: 940, skipped: 3 },
        Event::PlanUndone { plan, undone: 900, kept: 40 },
        Event::PricesAdopted { table: [8; 32] },
    ];
    let causes = [
        NoticeCause::Rerouted,
        NoticeCause::Delayed,
        NoticeCause::Backordered,
        NoticeCause::InDoubt,
        NoticeCause::OnTheWay,
        NoticeCause::BackOnSchedule,
        NoticeCause::Cancelled,
    ];
    let order = |cause| NoticeOrder { order: OrderId(5), before: DAY, after: Some(DAY.plus(1)), cause };
    events.push(Event::NoticeQueued(Box::new(Notice {
        merchant: MerchantId(1),
        subject: Some(SubjectId(8)),
        language: Language::KO,
        incident: Some(IncidentId(2)),
        orders: causes.map(order).to_vec(),
        hold_until: NOON.after(Span::minutes(30)),
        status: NoticeStatus::Queued,
    })));
    let statuses = [
        NoticeStatus::Queued,
        NoticeStatus::Withdrawn,
        NoticeStatus::Released,
        NoticeStatus::Sent,
        NoticeStatus::Failed,
    ];
    events.extend(statuses.map(|status| Event::NoticeChanged { notice: NoticeId(6), status }));
    let timers = [
        Timer::StandbyReady(SiteId(1)),
        Timer::NoticeHold(NoticeId(6)),
        Timer::Doubt(ShipmentId(300)),
        Timer::IncidentEnd(IncidentId(2)),
        Timer::Law(OrderId(5), 435),
    ];
    events.extend(timers.map(|timer| Event::TimerFired { due: NOON, timer }));
    events.extend(timers.map(|timer| Event::TimerSet { due: NOON, timer }));
    let (site, incident) = (SiteId(1), IncidentId(2));
    let outages = [Some((DAY, DAY.plus(4))), None];
    events.extend(outages.map(|days| Event::OutageExpected { site, incident, days }));
    events.push(Event::KeysForgotten { before: NOON.before(Span::days(30)) });
    events
}

/// What take-overs brought: their events, and the variants they added to others.
fn takeovers() -> Vec<Event> {
    let takeover = TakeoverId(3);
    let stages = [
        TakeoverStage::Asked,
        TakeoverStage::Offered,
        TakeoverStage::Accepted,
        TakeoverStage::Ending,
        TakeoverStage::HandedBack,
        TakeoverStage::Declined,
        TakeoverStage::Lapsed,
    ];
    let terms = TakeoverTerms {
        hosts: Box::new([HostTerms {
            site: SiteId(1),
            capacity: [100, 100, 100, 100, 100, 20, 0],
            cost_parcel: 132,
            cost_unit: 17,
        }]),
        lanes: Box::new([LaneTerms {
            host: 0,
            zone: ZoneId(300),
            service: ServiceId(2),
            cost_parcel: 819,
            cost_kg: 58,
            transit_days: 2,
        }]),
        first_day: DAY.plus(2),
        until: Some(DAY.plus(30)),
        valid_until: NOON.after(Span::hours(24)),
        set_up: 50_000,
        daily: 5_000,
        goods_unit: 10,
        merchant_bears: [1000, 900, 500, 0, 1000, 1000, 1],
    };
    let asked = |stage| {
        Event::TakeoverAsked(Box::new(Takeover {
            merchant: MerchantId(1),
            incident: IncidentId(2),
            contract: Some(SiteId(3)),
            home: Box::new([SiteId(0)]),
            stage,
            terms: Some(Box::new(terms.clone())),
            sections: Box::new([SiteId(9)]),
            asked: NOON,
            accepted: Some(NOON),
            ended: None,
            closed: None,
        }))
    };
    let mut events: Vec<Event> = stages.map(asked).to_vec();
    events.push(Event::TakeoverOffered { takeover, terms: Box::new(terms.clone()) });
    events.push(Event::TakeoverAccepted { takeover, sections: Box::new([SiteId(14), SiteId(15)]) });
    let sides = [TakeoverParty::Merchant, TakeoverParty::Operator];
    events.extend(sides.map(|by| Event::TakeoverDeclined { takeover, by }));
    events.push(Event::TakeoverLapsed { takeover });
    events.push(Event::TakeoverEnded { takeover });
    events.extend([true, false].map(|kept| Event::TakeoverHandedBack { takeover, kept }));
    let timer = Timer::Takeover(takeover);
    events.push(Event::TimerSet { due: NOON, timer });
    events.push(Event::TimerFired { due: NOON, timer });
    let (site, sku, by) = (SiteId(14), SkuId(99_999), -40);
    events.push(Event::StockAdjusted { site, sku, by, reason: AdjustReason::HandedBack });
    events
}
