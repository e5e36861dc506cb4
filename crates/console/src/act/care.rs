//! The support desk's forms and the forms of notices, read into commands.

use holdfast_domain::care::{
    AnswerChannel, AnswerChoice, CareCommand, ContactKind, Evidence, NoticePolicy, RefundForm,
};
use holdfast_domain::command::Command;
use holdfast_domain::id::{IncidentId, NoticeId, OrderId};
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::table::fingerprint;
use holdfast_domain::time::Span;

use super::{Act, Asked, HOLD_MAX_MIN, Reader, Refused, commands};
use crate::page::Page;
use crate::viewer::Right;

fn care(command: CareCommand) -> Command {
    Command::Care(Box::new(command))
}

/// Milliseconds of a time of day written as `21:00`.
fn clock(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60 && hours * 60 + minutes <= 24 * 60).then_some((hours * 60 + minutes) * 60_000)
}

impl Reader<'_> {
    pub(super) fn care(&mut self) -> Result<Option<Asked>, Refused> {
        let Some(order) = self.need::<OrderId>("order") else { return Ok(None) };
        if !self.owner_of(order).is_some_and(|owner| self.viewer.sees(owner)) {
            return Err(Refused::NotAllowed);
        }
        // A supporter's word is the evidence: who gave it and when stands in the journal.
        let proof = fingerprint("console-desk", order.0, &self.now.to_string());
        let evidence = Evidence { channel: AnswerChannel::Phone, proof };
        let answer = |choice| CareCommand::RecordAnswer { order, notice: None, choice, evidence };
        let then = Page::Order(order);
        let contact = |kind| (CareCommand::NoteContact { order, kind }, "done-contact");
        let (command, done) = match self.fields.one("what") {
            "contact-call" => contact(ContactKind::Call),
            "contact-mail" => contact(ContactKind::Mail),
            "contact-chat" => contact(ContactKind::Chat),
            "contact-outgoing" => contact(ContactKind::Outgoing),
            "wait" => (answer(AnswerChoice::Wait), "done-answered"),
            "cancel-by-phone" => (answer(AnswerChoice::Cancel), "done-cancelled"),
            "give-up" => (CareCommand::GiveUpOrder { order }, "done-given-up"),
            "reship" => {
                return Ok(Some(Asked { act: Act::Reship(order), then, done: "done-reshipped" }));
            }
            "refund" => {
                let Some(amount) = self.need("refund") else { return Ok(None) };
                (CareCommand::RecordRefund { order, amount, form: RefundForm::Money }, "done-refunded")
            }
            "goodwill" => {
                let Some(amount) = self.need("goodwill") else { return Ok(None) };
                (CareCommand::GrantGoodwill { order, amount }, "done-goodwill")
            }
            _ => {
                self.fault("what", "fault-choose");
                return Ok(None);
            }
        };
        Ok(commands(vec![care(command)], then, done))
    }

    pub(super) fn notice(&mut self) -> Result<Option<Asked>, Refused> {
        if self.fields.one("what") == "approve" {
            if !self.viewer.may(Right::Command) {
                return Err(Refused::NotAllowed);
            }
            let Some(incident) = self.incident() else { return Ok(None) };
            let approve: IncidentId = incident;
            let command = CareCommand::ApproveNotices { incident: approve };
            return Ok(commands(vec![care(command)], Page::Notices, "done-notices-approved"));
        }
        let Some(notice) = self.need::<NoticeId>("notice") else { return Ok(None) };
        let known = self.state.notices.get(notice).filter(|known| self.viewer.sees(known.merchant));
        let Some(known) = known else { return Err(Refused::NotAllowed) };
        let then = known.orders.first().map_or(Page::Notices, |entry| Page::Order(entry.order));
        let settle = |arrived| (CareCommand::SettleNotice { notice, arrived }, "done-settled");
        let in_doubt = known.status == NoticeStatus::InDoubt && self.viewer.scope().is_none();
        let (command, done) = match self.fields.one("what") {
            "resend" => (CareCommand::ResendNotice { notice }, "done-resent"),
            "arrived" if in_doubt => settle(true),
            "not-arrived" if in_doubt => settle(false),
            _ => {
                self.fault("what", "fault-choose");
                return Ok(None);
            }
        };
        Ok(commands(vec![care(command)], then, done))
    }

    pub(super) fn policy(&mut self) -> Option<Asked> {
        let optional = |reader: &mut Self, field: &'static str| {
            let text = reader.fields.one(field).to_owned();
            if text.is_empty() {
                return None;
            }
            let read = text.parse::<u32>().ok();
            if read.is_none() {
                reader.fault(field, "fault-unreadable");
            }
            read
        };
        let hold: u64 = self.need("hold")?;
        if hold > HOLD_MAX_MIN {
            self.fault("hold", "fault-hold");
        }
        let (approve_above, per_hour) = (optional(self, "approve_above"), optional(self, "per_hour"));
        let goodwill_max: i64 = self.need("goodwill")?;
        if goodwill_max < 0 {
            self.fault("goodwill", "fault-unreadable");
        }
        let permille: u16 = self.need("hold_out")?;
        if permille > holdfast_domain::care::HOLD_OUT_MAX {
            self.fault("hold_out", "fault-hold-out");
        }
        let (from, until) =
            (self.fields.one("quiet_from").to_owned(), self.fields.one("quiet_until").to_owned());
        let quiet = clock(&from).zip(clock(&until));
        if quiet.is_none() && !(from.is_empty() && until.is_empty()) {
            self.fault("quiet_from", "fault-clock");
        }
        let policy = NoticePolicy {
            hold: Span::minutes(hold),
            approve_above,
            quiet,
            per_hour,
            cancel_untold: self.fields.one("cancel_untold") == "yes",
            goodwill_max,
        };
        let mut all = vec![care(CareCommand::SetPolicy(policy))];
        if permille != self.state.care.hold_out_permille {
            all.push(care(CareCommand::SetHoldOut { permille }));
        }
        commands(all, Page::Notices, "done-policy")
    }
}
