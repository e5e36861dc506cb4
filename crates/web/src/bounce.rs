//! Mails that came back: reports taken apart, and the notice each is about.

use holdfast_domain::id::NoticeId;
use holdfast_domain::time::Stamp;
use holdfast_notify::letter::notice_of;
use holdfast_notify::retry::FailureKind;
use holdfast_notify::send::read_bounce;

/// A mail that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The notice it was.
    pub notice: NoticeId,
    /// Whether its address will never take it; else it is only late.
    pub permanent: bool,
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
pub fn read(report: &str) -> Option<Returned> {
    let bounce = read_bounce(report, Stamp(0))?;
    let notice = notice_of(&bounce.message_id)?;
    Some(Returned { notice, permanent: bounce.kind == FailureKind::Permanent })
}

#[cfg(test)]
mod tests {
    use super::{messages, read};
    use holdfast_domain::id::NoticeId;

    #[test]
    fn an_mbox_is_taken_apart_and_each_report_names_its_notice() {
        let report = |id: &str, status: &str| {
            format!(
                "From mailer\nMessage-ID: <1@mx.example>\n\nStatus: {status}\n\nMessage-ID: <{id}.holdfast@kelp.example>\n"
            )
        };
        let mbox =
            report("not-17", "5.1.1") + &report("not-3-r2", "4.2.2") + "From me\nSubject: hello\n\nhi\n";
        let found: Vec<_> = messages(&mbox).into_iter().map(read).collect();
        let of = |at: usize| found[at].map(|one| (one.notice, one.permanent));
        assert_eq!((of(0), of(1), of(2)), (Some((NoticeId(17), true)), Some((NoticeId(3), false)), None));
        assert_eq!(messages("Status: 5.1.1\n").len(), 1);
        assert!(messages("").is_empty());
    }
}
