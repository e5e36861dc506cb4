//! What sending is, whatever the channel: one message, accepted once, or a failure that says whether to try
//! again.

use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

use crate::mail::Message;
use crate::retry::FailureKind;

/// A send under way.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Accepted, SendError>> + Send + 'a>>;

/// Takes mails to the world, or to a folder. A sender may be asked to send the same message again after an
/// unknown outcome; the Message-ID is then the same.
pub trait Sender: Send + Sync {
    /// Sends one message.
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a>;
}

/// The other side has taken the message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Accepted {
    /// The Message-ID it was taken under: what the outbox records, so that it is never sent again.
    pub message_id: String,
    /// What the other side said, its queue id for instance.
    pub reply: String,
}

/// A message that was not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("send a mail: {cause}")]
pub struct SendError {
    /// Whether to try again.
    pub kind: FailureKind,
    /// The reply code, where there was a reply.
    pub code: Option<u16>,
    /// What happened, without the reader's address.
    pub cause: String,
}

/// The sender of a drill: it sends nothing, whatever it is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DrillSender;

impl Sender for DrillSender {
    fn send<'a>(&'a self, _message: &'a Message) -> Sending<'a> {
        let cause = "this is a drill, nothing leaves the house".to_owned();
        Box::pin(async { Err(SendError { kind: FailureKind::Permanent, code: None, cause }) })
    }
}

/// What a report says became of a message a relay had taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It lies in its reader's mailbox.
    Delivered,
    /// It is tried again by others: nothing is decided.
    Late,
    /// Its address will never take it.
    Returned,
}

/// A report on a message that had been accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// The Message-ID of the mail it is about, with angle brackets.
    pub message_id: String,
    /// The status (RFC 3463), such as `5.1.1`.
    pub status: String,
    /// What it says.
    pub fate: Fate,
}

/// The longest report that is looked at, in bytes.
pub const REPORT_MAX: usize = 256 * 1024;

/// Reads a delivery status notification (RFC 3464): what became of its first recipient, and the Message-ID of the mail it
/// is about. Nothing for anything else: for a mail that was only handed on (`relayed`, `expanded`), and for a report
/// larger than [`REPORT_MAX`].
#[must_use]
pub fn read_report(report: &str) -> Option<Report> {
    if report.len() > REPORT_MAX {
        return None;
    }
    let field = |name: &str| {
        report
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find_map(|(key, value)| key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned()))
    };
    // A mail program writes a `Status: RO` of its own into its mailboxes.
    let coded = |status: &&str| matches!(status.as_bytes(), [b'2' | b'4' | b'5', b'.', ..]);
    let statuses = report.lines().filter_map(|line| line.split_once(':'));
    let status = statuses
        .filter(|(key, _)| key.trim().eq_ignore_ascii_case("Status"))
        .map(|(_, value)| value.trim())
        .find(coded)?
        .to_owned();
    let action = field("Action").unwrap_or_default();
    let fate = match status.split('.').next()? {
        "2" if action.eq_ignore_ascii_case("delivered") => Fate::Delivered,
        "4" => Fate::Late,
        "5" => Fate::Returned,
        _ => return None,
    };
    // The report has a Message-ID of its own; ours is the one this house makes.
    let ids = report.lines().filter_map(|line| line.split_once(':'));
    let message_id = ids
        .filter(|(key, _)| key.trim().eq_ignore_ascii_case("Message-ID"))
        .map(|(_, value)| value.trim())
        .find(|id| id.starts_with('<') && id.ends_with('>') && id.contains(".holdfast@"))?;
    Some(Report { message_id: message_id.to_owned(), status, fate })
}

#[cfg(test)]
mod tests {
    use super::{Fate, read_report};

    #[test]
    fn a_report_names_our_mail_and_says_no_more_than_it_knows() {
        let report = "From: mailer-daemon@mx.example\nMessage-ID: <123@mx.example>\n\n\
                      Final-Recipient: rfc822; ada@reader.example\nAction: failed\nStatus: 5.1.1\n\n\
                      Message-ID: <not-17.holdfast@kelp.example>\nSubject: x\n";
        let read = read_report(report).unwrap();
        assert_eq!(read.message_id, "<not-17.holdfast@kelp.example>");
        assert_eq!((read.fate, read.status.as_str()), (Fate::Returned, "5.1.1"));
        let of = |action: &str, status: &str| {
            let text = report.replace("Action: failed", &format!("Action: {action}"));
            read_report(&text.replace("5.1.1", status)).map(|read| read.fate)
        };
        assert_eq!(of("delivered", "2.0.0"), Some(Fate::Delivered));
        assert_eq!(of("relayed", "2.0.0"), None, "the next relay took it: nobody knows more");
        assert_eq!(of("delayed", "4.4.1"), Some(Fate::Late));
        assert_eq!(read_report("hello"), None);
        // As a mail program saves it.
        assert_eq!(read_report(&format!("Status: RO\n{report}")).map(|read| read.fate), Some(Fate::Returned));
    }
}
