//! What sending is, whatever the channel: one message, accepted once, or a failure that says whether to try
//! again.

use std::future::Future;
use std::pin::Pin;

use holdfast_domain::time::Stamp;
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

/// A message that came back after it had been accepted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Bounce {
    /// The Message-ID of the mail that bounced, with angle brackets.
    pub message_id: String,
    /// When it was reported.
    pub at: Stamp,
    /// The status (RFC 3463), such as `5.1.1`.
    pub status: String,
    /// Whether the address is to be used again: a permanent one is not.
    pub kind: FailureKind,
}

/// The longest report that is looked at, in bytes.
pub const REPORT_MAX: usize = 256 * 1024;

/// Reads a delivery status notification (RFC 3464): its first failed or delayed recipient, and the Message-ID
/// of the returned mail. Nothing for anything else, a report larger than [`REPORT_MAX`] included.
#[must_use]
pub fn read_bounce(report: &str, at: Stamp) -> Option<Bounce> {
    if report.len() > REPORT_MAX {
        return None;
    }
    let field = |name: &str| {
        report
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find_map(|(key, value)| key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned()))
    };
    let status = field("Status")?;
    let kind = match status.split('.').next()? {
        "5" => FailureKind::Permanent,
        "4" => FailureKind::Transient,
        _ => return None,
    };
    // The report has a Message-ID of its own; ours is the one this house makes.
    let ids = report.lines().filter_map(|line| line.split_once(':'));
    let message_id = ids
        .filter(|(key, _)| key.trim().eq_ignore_ascii_case("Message-ID"))
        .map(|(_, value)| value.trim())
        .find(|id| id.starts_with('<') && id.ends_with('>') && id.contains(".holdfast@"))?;
    Some(Bounce { message_id: message_id.to_owned(), at, status, kind })
}

#[cfg(test)]
mod tests {
    use super::read_bounce;
    use crate::retry::FailureKind;
    use holdfast_domain::time::Stamp;

    #[test]
    fn a_bounce_names_our_mail_and_not_the_report() {
        let report = "From: mailer-daemon@mx.example\nMessage-ID: <123@mx.example>\n\n\
                      Final-Recipient: rfc822; ada@reader.example\nAction: failed\nStatus: 5.1.1\n\n\
                      Message-ID: <not-17.holdfast@kelp.example>\nSubject: x\n";
        let bounce = read_bounce(report, Stamp(5)).unwrap();
        assert_eq!(bounce.message_id, "<not-17.holdfast@kelp.example>");
        assert_eq!((bounce.kind, bounce.status.as_str()), (FailureKind::Permanent, "5.1.1"));
        assert_eq!(read_bounce(&report.replace("5.1.1", "2.0.0"), Stamp(5)), None);
        assert_eq!(read_bounce("hello", Stamp(5)), None);
    }
}
