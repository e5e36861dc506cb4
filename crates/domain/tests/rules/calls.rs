//! The call tree: each contact once, the next when nobody answers, nobody at all in a drill.

use holdfast_domain::care::{Call, CallAudience, CallEnd, CareCommand, NewCall, NoticePolicy, StepStatus};
use holdfast_domain::command::Command;
use holdfast_domain::decide::decide_as;
use holdfast_domain::id::{CallId, IncidentId, MerchantId, NoticeId};
use holdfast_domain::incident::Phase;
use holdfast_domain::time::Span;

use crate::care::{care, done, told};
use crate::world::World;

const CALL: CallId = CallId(0);

fn new() -> NewCall {
    NewCall {
        incident: IncidentId(0),
        audience: CallAudience::Staff,
        asks: Box::new(["take-role".into()]),
        place: "Wilmington".into(),
        touched: 12,
        contacts: Box::new(["lead".into(), "deputy".into()]),
        within: Span::minutes(15),
    }
}

fn make(new: NewCall) -> Command {
    care(CareCommand::MakeCall(Box::new(new)))
}

pub fn claim(position: u32) -> Command {
    care(CareCommand::ClaimCall { call: CALL, position })
}

fn report(position: u32, status: StepStatus) -> Command {
    care(CareCommand::ReportCall { call: CALL, position, status })
}

fn end(how: CallEnd) -> Command {
    care(CareCommand::EndCall { call: CALL, how, who: "lead".into() })
}

fn called(drill: bool) -> World {
    let mut world = told(drill, NoticePolicy::default());
    done(&mut world, &make(new()));
    world
}

pub fn withdrawn() -> World {
    let mut world = called(false);
    done(&mut world, &end(CallEnd::Withdrawn));
    world
}

fn call(world: &World) -> &Call {
    world.state.care.calls.get(CALL).unwrap()
}

/// How far each contact is, and how the call ended.
fn shown(world: &World) -> (Vec<&'static str>, Option<&'static str>) {
    let call = call(world);
    let steps = call.steps.iter().map(|step| step.status.code()).collect();
    (steps, call.ended.as_ref().map(|(_, how, _)| how.code()))
}

fn refused(world: &World, command: &Command) -> bool {
    decide_as(&world.state, command, "ann", world.now).is_err()
}

#[test]
fn whoever_does_not_answer_is_followed_by_the_next_and_the_last_silence_is_an_alarm() {
    let mut world = called(false);
    world.wait(Span::hours(1));
    assert_eq!(shown(&world), (vec!["waiting"], None), "the time runs from when a channel took it");
    done(&mut world, &claim(0));
    assert!(refused(&world, &claim(0)), "each contact is asked once");
    done(&mut world, &report(0, StepStatus::Sent));
    world.wait(Span::minutes(14));
    assert_eq!(shown(&world), (vec!["sent"], None), "there is time left");
    world.wait(Span::minutes(2));
    assert_eq!(shown(&world), (vec!["sent", "waiting"], None));
    done(&mut world, &claim(1));
    done(&mut world, &report(1, StepStatus::Failed));
    assert_eq!(
        shown(&world),
        (vec!["sent", "failed"], Some("unanswered")),
        "what no channel takes waits for nobody"
    );
    done(&mut world, &end(CallEnd::Acknowledged));
    assert_eq!(shown(&world).1, Some("acknowledged"), "a late yes counts");
    assert!(refused(&world, &end(CallEnd::Withdrawn)), "and stands");
    world.wait(Span::hours(9));
    assert_eq!(call(&world).ended.as_ref().unwrap().2, "lead".into());
}

#[test]
fn what_a_crash_left_open_is_in_doubt_and_its_time_runs() {
    let mut world = called(false);
    done(&mut world, &claim(0));
    done(&mut world, &report(0, StepStatus::InDoubt));
    assert!(refused(&world, &claim(0)) && refused(&world, &report(0, StepStatus::Sent)));
    world.wait(Span::minutes(16));
    assert_eq!(shown(&world), (vec!["in_doubt", "waiting"], None), "the next contact is asked");
    done(&mut world, &end(CallEnd::Withdrawn));
    assert!(refused(&world, &claim(1)), "nobody is asked of what was withdrawn");
}

#[test]
fn whom_no_channel_could_take_is_tried_again_until_the_time_to_answer_is_over() {
    let mut world = called(false);
    done(&mut world, &claim(0));
    done(&mut world, &report(0, StepStatus::Waiting));
    assert_eq!(shown(&world), (vec!["waiting"], None), "the next is not asked for a relay that rests");
    let due = call(&world).steps[0].due.unwrap();
    world.wait(Span::minutes(5));
    done(&mut world, &claim(0));
    done(&mut world, &report(0, StepStatus::Waiting));
    assert_eq!(call(&world).steps[0].due, Some(due), "a new try gives no new time");
    world.wait(Span::minutes(11));
    assert_eq!(shown(&world), (vec!["waiting", "waiting"], None), "then the next is asked");
    done(&mut world, &claim(1));
    world.wait(Span::minutes(20));
    done(&mut world, &report(1, StepStatus::Sent));
    assert_eq!(shown(&world), (vec!["waiting", "sent"], None));
}

#[test]
fn nobody_is_called_about_what_is_over() {
    let mut world = told(false, NoticePolicy::default());
    done(&mut world, &Command::PhaseIncident { incident: IncidentId(0), phase: Phase::Closed });
    assert!(refused(&world, &make(new())));
}

#[test]
fn a_drill_calls_nobody_and_its_clocks_run() {
    let mut world = called(true);
    assert_eq!(shown(&world), (vec!["practised"], None));
    assert!(refused(&world, &claim(0)), "nothing of a drill is handed over");
    world.wait(Span::minutes(16));
    assert_eq!(shown(&world), (vec!["practised", "practised"], None));
    world.wait(Span::minutes(16));
    assert_eq!(shown(&world).1, Some("unanswered"));
}

#[test]
fn a_call_is_bounded() {
    let world = told(false, NoticePolicy::default());
    let wrong: [fn(&mut NewCall); 6] = [
        |new| new.asks = Box::new([]),
        |new| new.contacts = Box::new([]),
        |new| new.contacts = vec!["lead".into(); 33].into(),
        |new| new.place = "a\nb".into(),
        |new| new.within = Span::days(8),
        |new| new.incident = IncidentId(7),
    ];
    for change in wrong {
        let mut bad = new();
        change(&mut bad);
        assert!(refused(&world, &make(bad.clone())), "{bad:?}");
    }
    assert!(!refused(&world, &make(new())));
}

#[test]
fn an_opened_notice_is_counted_once_and_only_where_its_merchant_wants_it() {
    let mut world = told(false, NoticePolicy::default());
    let count = |on| care(CareCommand::CountOpens { merchant: MerchantId(0), on });
    let open = care(CareCommand::OpenNotice { notice: NoticeId(0) });
    done(&mut world, &Command::ReportNotice { notice: NoticeId(0), sent: true });
    assert!(refused(&world, &open), "off unless somebody asks for it");
    assert!(refused(&world, &care(CareCommand::CountOpens { merchant: MerchantId(9), on: true })));
    done(&mut world, &count(true));
    done(&mut world, &open);
    assert!(refused(&world, &open), "once");
    done(&mut world, &count(false));
    assert!(world.state.care.opens.is_empty());
}
