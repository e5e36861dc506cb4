//! Which encoding a text file is in: UTF-8 with or without BOM, UTF-16 with BOM, or CP949 (EUC-KR).
//!
//! Nothing is replaced by a question mark: bytes that fit no encoding are an error with their place.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The encoding a file was found to be in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Encoding {
    /// UTF-8 without a byte-order mark.
    Utf8,
    /// UTF-8 with a byte-order mark, as Excel saves it.
    Utf8Bom,
    /// UTF-16, little or big endian, by its byte-order mark.
    Utf16,
    /// CP949, the Korean code page of Windows; EUC-KR is within it.
    Cp949,
    /// A workbook: text is UTF-8 inside.
    Workbook,
}

/// Bytes that are no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bytes that are neither UTF-8 nor CP949, the first of them in line {line}")]
pub struct EncodingError {
    /// Line, from 1, with the first byte that is not UTF-8.
    pub line: usize,
}

/// The text of a file and its encoding.
///
/// # Errors
/// [`EncodingError`] where no encoding fits all bytes.
pub fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Encoding), EncodingError> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return std::str::from_utf8(rest)
            .map(|text| (Cow::Borrowed(text), Encoding::Utf8Bom))
            .map_err(|error| at(rest, error.valid_up_to()));
    }
    for (bom, encoding) in
        [(&b"\xFF\xFE"[..], encoding_rs::UTF_16LE), (&b"\xFE\xFF"[..], encoding_rs::UTF_16BE)]
    {
        if let Some(rest) = bytes.strip_prefix(bom) {
            return encoding
                .decode_without_bom_handling_and_without_replacement(rest)
                .map(|text| (Cow::Owned(text.into_owned()), Encoding::Utf16))
                .ok_or(EncodingError { line: 1 });
        }
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((Cow::Borrowed(text), Encoding::Utf8)),
        Err(error) => encoding_rs::EUC_KR
            .decode_without_bom_handling_and_without_replacement(bytes)
            .map(|text| (text, Encoding::Cp949))
            .ok_or_else(|| at(bytes, error.valid_up_to())),
    }
}

fn at(bytes: &[u8], offset: usize) -> EncodingError {
    EncodingError { line: 1 + bytes[..offset].iter().filter(|byte| **byte == b'\n').count() }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, decode};

    #[test]
    fn each_encoding_is_recognised_and_noise_is_refused_with_its_line() {
        let check = |bytes: &[u8], text: &str, encoding: Encoding| {
            assert_eq!(decode(bytes), Ok((text.into(), encoding)));
        };
        check("수량".as_bytes(), "수량", Encoding::Utf8);
        check("\u{feff}수량".as_bytes(), "수량", Encoding::Utf8Bom);
        check(b"\xBC\xF6\xB7\xAE", "수량", Encoding::Cp949);
        // A syllable that CP949 has and EUC-KR proper has not.
        check(b"\x8C\x63\xB9\xE6\xB0\xA2\xC7\xCF", "똠방각하", Encoding::Cp949);
        check(b"\xFF\xFE\x18\xC2\xC9\xB7", "수량", Encoding::Utf16);
        check(b"\xFE\xFF\xC2\x18\xB7\xC9", "수량", Encoding::Utf16);
        assert_eq!(decode(b"a\nb\nc\xFF\xFF\n").unwrap_err().line, 3);
    }
}
