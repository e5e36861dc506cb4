//! A mail as bytes (RFC 5322, MIME): written the same for the folder and for SMTP, and again the same on
//! every try, so that a server which already has it can tell.
//!
//! Invariant: no text becomes a header line. Addresses are plain ASCII without controls, everything else in
//! a header is an encoded word (RFC 2047), and bodies are base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use holdfast_domain::time::Stamp;
use sha2::{Digest, Sha256};

use crate::template::MailBody;
use crate::template::content::is_unfit;

/// The longest address (RFC 5321, section 4.5.3.1.3, less the brackets).
pub const ADDRESS_MAX: usize = 254;
/// The longest notice id.
pub const NOTICE_ID_MAX: usize = 64;
/// Bytes of UTF-8 in one encoded word: with the wrapping it stays under 75 characters.
const WORD_BYTES_MAX: usize = 42;
/// Base64 characters on a line of a body.
const BODY_LINE: usize = 76;

/// Why a mail cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Not an address.
    #[error("address a mail to {0:?}: write it as name@host.example, in ASCII, at most 254 characters")]
    NotAnAddress(String),
    /// Not an id.
    #[error(
        "name a mail {0:?}: a notice id has 1 to 64 letters, digits, dots and hyphens, and begins with none of the latter two"
    )]
    NotAnId(String),
    /// A control character in a name or subject.
    #[error("write {field} of a mail: it holds a line break or another control character")]
    ControlCharacter {
        /// Which text.
        field: &'static str,
    },
}

/// A mail address that can stand in a header and in an SMTP command.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Address(Box<str>);

impl Address {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl core::str::FromStr for Address {
    type Err = MailError;
    fn from_str(text: &str) -> Result<Self, MailError> {
        let local_fits = |local: &str| {
            let fits = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
            (1..=64).contains(&local.len())
                && local.bytes().all(fits)
                && !local.starts_with('.')
                && !local.ends_with('.')
                && !local.contains("..")
        };
        let label_fits = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        match text.split_once('@') {
            Some((local, domain))
                if text.len() <= ADDRESS_MAX && local_fits(local) && domain.split('.').all(label_fits) =>
            {
                Ok(Self(text.into()))
            }
            _ => Err(MailError::NotAnAddress(text.to_owned())),
        }
    }
}

/// The id of a notice: file name of its mail, and left part of its Message-ID.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NoticeKey(Box<str>);

impl NoticeKey {
    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::str::FromStr for NoticeKey {
    type Err = MailError;
    fn from_str(text: &str) -> Result<Self, MailError> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-';
        let begins = text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
        if begins && text.len() <= NOTICE_ID_MAX && text.bytes().all(fits) && !text.contains("..") {
            Ok(Self(text.into()))
        } else {
            Err(MailError::NotAnId(text.to_owned()))
        }
    }
}

/// Who writes to whom about which notice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Envelope {
    /// The notice.
    pub notice: NoticeKey,
    /// The sender.
    pub from: Address,
    /// The sender's name.
    pub from_name: Box<str>,
    /// The reader.
    pub to: Address,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<Address>,
    /// When the notice was decided; not when it is sent, or a second try would be another mail.
    pub dated: Stamp,
}

/// A mail ready to be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Who writes to whom.
    pub envelope: Envelope,
    /// Its Message-ID, with the angle brackets.
    pub message_id: String,
    /// The mail, with CRLF line ends.
    pub bytes: Vec<u8>,
}

/// The Message-ID of a notice from `domain`: the same on every try.
#[must_use]
pub fn message_id(notice: &NoticeKey, domain: &str) -> String {
    format!("<{}.holdfast@{domain}>", notice.as_str())
}

/// Writes `body` as a mail.
///
/// # Errors
/// [`MailError::ControlCharacter`] for a name or subject that would break a header.
pub fn write(envelope: Envelope, body: &MailBody) -> Result<Message, MailError> {
    let clean = |field: &'static str, text: &str| {
        if text.chars().any(is_unfit) { Err(MailError::ControlCharacter { field }) } else { Ok(()) }
    };
    clean("the sender's name", &envelope.from_name)?;
    clean("the subject", &body.subject)?;
    clean("the language", &body.language)?;
    let message_id = message_id(&envelope.notice, envelope.from.domain());
    let boundary = boundary(&envelope.notice);
    let mut mail = String::with_capacity((body.html.len() + body.text.len()) * 3 / 2 + 1_024);
    let mut header = |name: &str, value: &str| mail.push_str(&format!("{name}: {value}\r\n"));
    let from = encoded(&envelope.from_name);
    header("From", &format!("{from} <{}>", envelope.from.as_str()));
    header("To", &format!("<{}>", envelope.to.as_str()));
    if let Some(reply_to) = &envelope.reply_to {
        header("Reply-To", &format!("<{}>", reply_to.as_str()));
    }
    header("Subject", &encoded(&body.subject));
    header("Date", &envelope.dated.to_jiff().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string());
    header("Message-ID", &message_id);
    header("Auto-Submitted", "auto-generated");
    header("Content-Language", &body.language);
    header("MIME-Version", "1.0");
    header("Content-Type", &format!("multipart/alternative;\r\n boundary=\"{boundary}\""));
    mail.push_str("\r\n");
    for (kind, part) in [("plain", &body.text), ("html", &body.html)] {
        mail.push_str(&format!(
            "--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n"
        ));
        for line in STANDARD.encode(part).as_bytes().chunks(BODY_LINE) {
            mail.push_str(core::str::from_utf8(line).expect("base64 is ASCII"));
            mail.push_str("\r\n");
        }
    }
    mail.push_str(&format!("--{boundary}--\r\n"));
    Ok(Message { envelope, message_id, bytes: mail.into_bytes() })
}

/// A boundary that no base64 line can hold: `_` and `=` stand before letters.
fn boundary(notice: &NoticeKey) -> String {
    let digest = Sha256::digest(notice.as_str().as_bytes());
    let short: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("=_holdfast_{short}")
}

/// `text` as encoded words, folded. The first line has room for the header's name because words are short.
fn encoded(text: &str) -> String {
    let mut words = vec![];
    let mut word = String::new();
    for c in text.chars() {
        if word.len() + c.len_utf8() > WORD_BYTES_MAX {
            words.push(core::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    let encode = |word: &String| format!("=?utf-8?B?{}?=", STANDARD.encode(word));
    words.iter().map(encode).collect::<Vec<_>>().join("\r\n ")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Address, Envelope, MailError, NoticeKey, write};
    use crate::template::MailBody;

    pub(crate) fn envelope(notice: &str) -> Envelope {
        Envelope {
            notice: notice.parse().unwrap(),
            from: "orders@kelp.example".parse().unwrap(),
            from_name: "바다상점".into(),
            to: "ada@reader.example".parse().unwrap(),
            reply_to: None,
            dated: "2022-10-03T21:00:00Z".parse().unwrap(),
        }
    }

    pub(crate) fn body() -> MailBody {
        MailBody {
            subject: "[바다상점] 배송 지연 안내 – 10월 6일(목)~10월 8일(토) 도착 예정 (주문번호 A-1001)"
                .into(),
            text: "안내\n".repeat(50),
            html: "<p>안내</p>".into(),
            language: "ko".into(),
        }
    }

    #[test]
    fn a_mail_is_ascii_with_short_lines_and_the_same_every_time() {
        let mail = write(envelope("not-17"), &body()).unwrap();
        assert_eq!(mail, write(envelope("not-17"), &body()).unwrap());
        assert_eq!(mail.message_id, "<not-17.holdfast@kelp.example>");
        let text = String::from_utf8(mail.bytes).unwrap();
        assert!(text.is_ascii());
        for line in text.split("\r\n") {
            assert!(line.len() <= 78 && !line.contains(['\r', '\n']), "{line}");
        }
        assert!(text.contains("\r\nDate: Mon, 03 Oct 2022 21:00:00 +0000\r\n"), "{text}");
    }

    #[test]
    fn no_header_can_be_injected() {
        let mut bad = body();
        bad.subject = "Delay\r\nBcc: everyone@kelp.example".into();
        assert_eq!(write(envelope("not-1"), &bad), Err(MailError::ControlCharacter { field: "the subject" }));
        let mut named = envelope("not-1");
        named.from_name = "Kelp\nX: y".into();
        assert!(write(named, &body()).is_err());
        for address in
            ["a@b\r\nc", "a b@c.d", "<a@b.c>", "a@b@c", "@b.c", "a@", "a@-b.c", "ä@b.c", "a..b@c.d"]
        {
            assert!(address.parse::<Address>().is_err(), "{address:?}");
        }
        for id in ["", "../etc/passwd", "a/b", ".hidden", "a..b", "a b", "-x"] {
            assert!(id.parse::<NoticeKey>().is_err(), "{id:?}");
        }
        assert!("o'hara+kelp@mail.example".parse::<Address>().is_ok());
    }
}
