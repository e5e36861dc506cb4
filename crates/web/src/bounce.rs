//! Reports on mails: taken apart, and the notice each is about. What a relay took is sent; only a report of success
//! (RFC 3464, action `delivered`) says that it was delivered, and a report of failure that it was not.

use holdfast_domain::care::CareCommand;
use holdfast_domain::id::NoticeId;
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::reject::Rejection;
use holdfast_domain::state::State;
use holdfast_notify::letter::notice_of;
use holdfast_notify::send::read_report;

pub use holdfast_notify::send::Fate;

/// A mail somebody reports on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The notice it was.
    pub notice: NoticeId,
    /// What became of it.
    pub fate: Fate,
}

impl Reported {
    /// The command that takes the report down; none for a mail that is only late. `next` is the way to try where it came
    /// back, as the sender numbers them.
    #[must_use]
    pub const fn command(self, next: Option<u8>) -> Option<CareCommand> {
        let notice = self.notice;
        match self.fate {
            Fate::Late => None,
            Fate::Delivered => Some(CareCommand::DeliverNotice { notice }),
            Fate::Returned => Some(CareCommand::BounceNotice { notice, next }),
        }
    }
}

/// Whether a report on a notice that was rejected says only what is known: it came before, and what it says was done. Any
/// other rejection is one a person has to hear of: what is reported was not taken down.
#[must_use]
pub fn is_known(state: &State, notice: NoticeId, rejection: &Rejection) -> bool {
    match rejection {
        Rejection::NoticeKnown { .. } => true,
        // A mail that came back has gone by the next way since, or waits for it, or there is none.
        Rejection::NoticeGone { .. } => state.notices.get(notice).is_some_and(|known| {
            matches!(known.status, NoticeStatus::Failed | NoticeStatus::Released | NoticeStatus::Sending)
        }),
        _ => false,
    }
}

/// What to do about a report that was rejected.
#[must_use]
pub const fn action(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::NoticeGone { .. } => {
            "look at the notice: where nobody knows whether it arrived, settle it by what the report says"
        }
        other => other.action(),
    }
}

/// The messages of an mbox; a single message is one.
#[must_use]
pub fn messages(text: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = Vec::new();
    if text.starts_with("From ") {
        starts.push(0);
    }
    starts.extend(text.match_indices("\nFrom ").map(|(at, _)| at + 1));
    if starts.first() != Some(&0) {
        starts.insert(0, 0);
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(from, to)| &text[*from..to]).filter(|one| !one.trim().is_empty()).collect()
}

/// What a report says of a notice; nothing where it is none, or about somebody else's mail.
#[must_use]
pub fn read(report: &str) -> Option<Reported> {
    let report = read_report(report)?;
    Some(Reported { notice: notice_of(&report.message_id)?, fate: report.fate })
}

#[cfg(test)]
mod tests {
    use super::{Fate, messages, read};
    use holdfast_domain::id::NoticeId;

    #[test]
    fn an_mbox_is_taken_apart_and_each_report_names_its_notice() {
        let report = |id: &str, action: &str, status: &str| {
            format!(
                "From mailer\nMessage-ID: <1@mx.example>\n\nAction: {action}\nStatus: {status}\n\n\
                 Message-ID: <{id}.holdfast@kelp.example>\n"
            )
        };
        let mbox = report("not-17", "failed", "5.1.1")
            + &report("not-3-r2", "delayed", "4.2.2")
            + "From me\nSubject: hello\n\nhi\n"
            + &report("not-4", "delivered", "2.0.0")
            + &report("not-5", "relayed", "2.0.0");
        let found: Vec<_> = messages(&mbox).into_iter().map(read).collect();
        let of = |at: usize| found[at].map(|one| (one.notice, one.fate));
        assert_eq!(of(0), Some((NoticeId(17), Fate::Returned)));
        assert_eq!((of(1), of(2)), (Some((NoticeId(3), Fate::Late)), None));
        assert_eq!(
            (of(3), of(4)),
            (Some((NoticeId(4), Fate::Delivered)), None),
            "handed on is not delivered"
        );
        assert_eq!(messages("Status: 5.1.1\n").len(), 1);
        assert!(messages("").is_empty());
    }
}
