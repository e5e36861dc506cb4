//! Text messages and AlimTalk, within the limits their carriers set.
//!
//! Sources: Korean carriers: SMS 90 bytes, LMS 2,000 bytes, counted in EUC-KR (KS X 1001 with the extensions
//! of code page 949). 3GPP TS 23.038: 160 septets, or 70 UTF-16 units, 153 and 67 for each part of a longer
//! one. Kakao AlimTalk: 1,000 characters, at most 5 buttons of at most 14 characters.

use super::RenderError;
use super::document::Document;
use serde::Serialize;

/// Bytes of a Korean short message.
pub const SMS_BYTES_MAX: usize = 90;
/// Bytes of a Korean long message.
pub const LMS_BYTES_MAX: usize = 2_000;
/// Characters of an AlimTalk text.
pub const ALIMTALK_CHARS_MAX: usize = 1_000;
/// Buttons under an AlimTalk text.
pub const ALIMTALK_BUTTONS_MAX: usize = 5;
/// Characters on an AlimTalk button.
pub const ALIMTALK_LABEL_MAX: usize = 14;
/// Parts a text message outside Korea may be cut into by the network.
pub const SMS_PARTS_MAX: usize = 10;

/// What kind of text message it is; kinds are priced differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SmsKind {
    /// A Korean short message.
    Sms,
    /// A Korean long message.
    Lms,
    /// A message by 3GPP, in this many parts.
    Parts(usize),
}

/// A text message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SmsText {
    /// The text.
    pub text: String,
    /// Its kind.
    pub kind: SmsKind,
    /// Its length: EUC-KR bytes, or septets or UTF-16 units outside Korea.
    pub length: usize,
}

/// A button under an AlimTalk text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// Where it leads.
    pub link: String,
}

/// An AlimTalk message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AlimTalk {
    /// The text, without links.
    pub text: String,
    /// The buttons.
    pub buttons: Vec<Button>,
}

/// The text message of `document`: the short form if it fits, else in Korea the long one.
pub(super) fn sms(document: &Document) -> Result<SmsText, RenderError> {
    if document.language.split('-').next() != Some("ko") {
        return by_3gpp(&document.short);
    }
    let length = euc_kr_bytes(&document.short)?;
    if length <= SMS_BYTES_MAX {
        return Ok(SmsText { text: document.short.clone(), kind: SmsKind::Sms, length });
    }
    let text = document.to_message(true);
    let length = euc_kr_bytes(&text)?;
    if length > LMS_BYTES_MAX {
        return Err(RenderError::TooLong { channel: "an LMS", length, max: LMS_BYTES_MAX, unit: "bytes" });
    }
    Ok(SmsText { text, kind: SmsKind::Lms, length })
}

/// The AlimTalk message of `document`; links are on its buttons only.
pub(super) fn alimtalk(document: &Document) -> Result<AlimTalk, RenderError> {
    let too_long = |length, max, unit| Err(RenderError::TooLong { channel: "AlimTalk", length, max, unit });
    let text = document.to_message(false);
    let length = text.chars().count();
    if length > ALIMTALK_CHARS_MAX {
        return too_long(length, ALIMTALK_CHARS_MAX, "characters");
    }
    if document.actions.len() > ALIMTALK_BUTTONS_MAX {
        return too_long(document.actions.len(), ALIMTALK_BUTTONS_MAX, "buttons");
    }
    let mut buttons = vec![];
    for action in &document.actions {
        let length = action.button.chars().count();
        if length > ALIMTALK_LABEL_MAX {
            return too_long(length, ALIMTALK_LABEL_MAX, "characters on a button");
        }
        buttons.push(Button { label: action.button.clone(), link: action.link.clone() });
    }
    Ok(AlimTalk { text, buttons })
}

/// The bytes of `text` in EUC-KR.
pub(super) fn euc_kr_bytes(text: &str) -> Result<usize, RenderError> {
    let mut bytes = 0;
    let mut buffer = [0_u8; 4];
    for character in text.chars() {
        let (encoded, _, unmappable) = encoding_rs::EUC_KR.encode(character.encode_utf8(&mut buffer));
        if unmappable {
            return Err(RenderError::Unencodable { channel: "a Korean text message", character });
        }
        bytes += encoded.len();
    }
    Ok(bytes)
}

/// The default alphabet of TS 23.038, and what its escape reaches for two septets.
const GSM_BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
                         ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const GSM_ESCAPED: &str = "^{}\\[~]|€";

fn by_3gpp(text: &str) -> Result<SmsText, RenderError> {
    let septets: Option<usize> = text
        .chars()
        .map(|c| match (GSM_BASIC.contains(c), GSM_ESCAPED.contains(c)) {
            (true, _) => Some(1),
            (_, true) => Some(2),
            _ => None,
        })
        .sum();
    let (length, alone, part) = match septets {
        Some(septets) => (septets, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    let parts = if length <= alone { 1 } else { length.div_ceil(part) };
    if parts > SMS_PARTS_MAX {
        let max = SMS_PARTS_MAX * part;
        return Err(RenderError::TooLong { channel: "a text message", length, max, unit: "units" });
    }
    Ok(SmsText { text: text.to_owned(), kind: SmsKind::Parts(parts), length })
}
