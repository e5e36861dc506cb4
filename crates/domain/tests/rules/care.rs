//! What care refuses: answers twice, money that is not owed, notices nobody may send.

use holdfast_domain::care::{
    ANSWERS_MAX, AnswerChannel, AnswerChoice, CareCommand, CareEvent, Evidence, NoticePolicy, RefundForm,
};
use holdfast_domain::command::{Command, NewIncident};
use holdfast_domain::decide::decide_as;
use holdfast_domain::event::Event;
use holdfast_domain::evolve::{Entry, evolve_entry};
use holdfast_domain::id::{IncidentId, LaneId, MerchantId, NoticeId, OrderId, SiteId};
use holdfast_domain::incident::{Hazard, Severity};
use holdfast_domain::network::Language;
use holdfast_domain::notice::{Notice, NoticeCause, NoticeOrder, NoticeStatus};
use holdfast_domain::time::Span;

use crate::script::world_after;
use crate::world::{DAY, World};

const ORDER: OrderId = OrderId(0);
const INCIDENT: IncidentId = IncidentId(0);
const EVIDENCE: Evidence = Evidence { channel: AnswerChannel::Mail, proof: 7 };

pub(crate) fn care(command: CareCommand) -> Command {
    Command::Care(Box::new(command))
}

fn answer(choice: AnswerChoice) -> Command {
    care(CareCommand::RecordAnswer { order: ORDER, notice: None, choice, evidence: EVIDENCE })
}

pub(crate) fn done(world: &mut World, command: &Command) {
    let events = decide_as(&world.state, command, "ann", world.now).unwrap();
    let entry = Entry { at: world.now, actor: "ann".into(), key: None, events };
    evolve_entry(&mut world.state, &entry).unwrap();
}

/// A world with an order, an incident, and a notice of it that may leave.
pub(crate) fn told(drill: bool, policy: NoticePolicy) -> World {
    let mut world = world_after("order A acme batt:1");
    done(&mut world, &care(CareCommand::SetPolicy(policy)));
    done(
        &mut world,
        &Command::OpenIncident(Box::new(NewIncident {
            hazard: Hazard::Hurricane,
            name: "Florence".into(),
            severity: Severity::Severe,
            expected_end: None,
            surges: vec![],
            drill,
        })),
    );
    let entry =
        NoticeOrder { order: ORDER, before: DAY, after: Some(DAY.plus(1)), cause: NoticeCause::Delayed };
    let notice = Notice {
        merchant: MerchantId(0),
        subject: None,
        language: Language::EN,
        incident: Some(INCIDENT),
        orders: vec![entry],
        hold_until: world.now.after(Span::hours(1)),
        status: NoticeStatus::Queued,
    };
    // The engine opens a batch with the first notice of an incident.
    let opened = CareEvent::BatchOpened { incident: INCIDENT, by: "ann".into(), first: NoticeId(0) };
    let entry =
        Entry { at: world.now, actor: "ann".into(), key: None, events: vec![Event::Care(Box::new(opened))] };
    evolve_entry(&mut world.state, &entry).unwrap();
    done(&mut world, &Command::QueueNotice(Box::new(notice)));
    world.wait(Span::hours(2));
    world
}

/// Each code of care with the world and the command that reach it.
pub fn refused() -> Vec<(&'static str, World, Command)> {
    let ordered = || world_after("order A acme batt:1");
    let mut answered = ordered();
    done(&mut answered, &answer(AnswerChoice::Wait));
    let mut talkative = ordered();
    for day in 0..ANSWERS_MAX {
        let until = DAY.plus(i32::try_from(day).unwrap());
        done(&mut talkative, &answer(AnswerChoice::WaitUntil(until)));
    }
    let give_up = care(CareCommand::GiveUpOrder { order: ORDER });
    let mut ended = ordered();
    done(&mut ended, &give_up);
    let refund = CareCommand::RecordRefund { order: ORDER, amount: 1, form: RefundForm::Money };
    let approve = || care(CareCommand::ApproveNotices { incident: INCIDENT });
    let strict = NoticePolicy { approve_above: Some(0), ..NoticePolicy::default() };
    let on_paper = Command::ShipOnPaper {
        order: ORDER,
        site: SiteId(0),
        lane: LaneId(0),
        packages: Box::new([]),
        day: DAY,
    };
    let sent = || {
        let mut sent = told(false, NoticePolicy::default());
        done(&mut sent, &Command::ReportNotice { notice: NoticeId(0), sent: true });
        sent
    };
    let mut delivered = sent();
    done(&mut delivered, &care(CareCommand::DeliverNotice { notice: NoticeId(0) }));
    vec![
        ("answer-stands", answered, answer(AnswerChoice::Wait)),
        ("too-many-answers", talkative, answer(AnswerChoice::Wait)),
        ("order-ended", ended, give_up),
        ("refund-too-much", ordered(), care(refund)),
        ("goodwill-too-much", ordered(), care(CareCommand::GrantGoodwill { order: ORDER, amount: 1 })),
        ("nothing-to-approve", told(false, NoticePolicy::default()), approve()),
        // Whoever is not named is nobody's second person.
        ("second-person-needed", told(false, strict), approve()),
        (
            "drill-notice",
            told(true, NoticePolicy::default()),
            care(CareCommand::ClaimNotice { notice: NoticeId(0) }),
        ),
        ("notice-known", delivered, care(CareCommand::DeliverNotice { notice: NoticeId(0) })),
        ("opens-not-counted", sent(), care(CareCommand::OpenNotice { notice: NoticeId(0) })),
        ("call-ended", crate::calls::withdrawn(), crate::calls::claim(0)),
        ("nothing-waiting", ordered(), on_paper),
    ]
}
