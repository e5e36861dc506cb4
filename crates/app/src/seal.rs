//! Personal data: sealed by subject before anything is journaled, opened only where a person must be reached.
//!
//! Each subject has a key of its own (XChaCha20-Poly1305, 256 bits). Erasing the key erases the person, while every
//! hash over the sealed form stays right. The fingerprint that recognises a returning customer is keyed as well, so
//! it cannot be guessed from a list of mail addresses.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};

use crate::port::{Entropy, SubjectKey};

/// What is known of a person. Every field may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalData {
    /// Name.
    pub name: String,
    /// Street, or road-name address.
    pub street: String,
    /// City.
    pub city: String,
    /// Mail address.
    pub mail: String,
    /// Phone.
    pub phone: String,
    /// Channels the person agreed to beyond what the law requires.
    pub consents: Vec<String>,
}

/// Length of a nonce in front of a sealed text.
const NONCE: usize = 24;

/// Why sealed data could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenSealedError {
    /// Too short, altered, or sealed under another key.
    #[error("open sealed data: it was altered, or belongs to another person")]
    Altered,
    /// The sealed text is not what this program writes.
    #[error("open sealed data: its content is of another format")]
    Format,
}

/// A fresh key for a subject.
pub fn new_key(entropy: &mut dyn Entropy) -> SubjectKey {
    let mut key = [0; 32];
    entropy.fill(&mut key);
    SubjectKey(key)
}

/// The keyed fingerprint of what identifies a person to a merchant: the mail address, else the phone, else the
/// merchant's own reference.
#[must_use]
pub fn fingerprint(operator_key: &SubjectKey, merchant: u16, identity: &str) -> u128 {
    let mut hasher = blake3::Hasher::new_keyed(&operator_key.0);
    hasher.update(&merchant.to_le_bytes());
    hasher.update(identity.trim().to_lowercase().as_bytes());
    let bytes: [u8; 16] = hasher.finalize().as_bytes()[..16].try_into().expect("sixteen bytes of thirty-two");
    u128::from_le_bytes(bytes)
}

/// The secret that signs links to customers' pages: follows from the operator's key, so every process of the operator
/// has the same and none is kept beside it.
#[must_use]
pub fn link_secret(operator_key: &SubjectKey) -> [u8; 32] {
    blake3::derive_key("holdfast 2026-11 links to customers' pages", &operator_key.0)
}

/// Seals a person's data. The fingerprint is bound in, so that a blob cannot be passed off as another's.
#[must_use]
pub fn seal(
    key: &SubjectKey,
    fingerprint: u128,
    data: &PersonalData,
    entropy: &mut dyn Entropy,
) -> Box<[u8]> {
    let plain = postcard::to_stdvec(data).expect("strings have known lengths, all postcard asks for");
    let mut nonce = [0; NONCE];
    entropy.fill(&mut nonce);
    let payload = Payload { msg: &plain, aad: &fingerprint.to_le_bytes() };
    let sealed = XChaCha20Poly1305::new(&key.0.into())
        .encrypt(XNonce::from_slice(&nonce), payload)
        .expect("a blob in memory is shorter than the cipher's limit");
    [nonce.as_slice(), &sealed].concat().into()
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`OpenSealedError`] for anything else.
pub fn open(key: &SubjectKey, fingerprint: u128, sealed: &[u8]) -> Result<PersonalData, OpenSealedError> {
    let (nonce, text) = sealed.split_at_checked(NONCE).ok_or(OpenSealedError::Altered)?;
    let payload = Payload { msg: text, aad: &fingerprint.to_le_bytes() };
    let plain = XChaCha20Poly1305::new(&key.0.into())
        .decrypt(XNonce::from_slice(nonce), payload)
        .map_err(|_| OpenSealedError::Altered)?;
    postcard::from_bytes(&plain).map_err(|_| OpenSealedError::Format)
}

#[cfg(test)]
mod tests {
    use super::{OpenSealedError, PersonalData, fingerprint, open, seal};
    use crate::port::{Entropy, SubjectKey};

    struct Count(u8);
    impl Entropy for Count {
        fn fill(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                self.0 = self.0.wrapping_add(1);
                *byte = self.0;
            }
        }
    }

    #[test]
    fn sealed_data_open_with_their_key_and_fingerprint_only() {
        let data =
            PersonalData { name: "Jo Tern".into(), mail: "jo@example.org".into(), ..PersonalData::default() };
        let key = SubjectKey([7; 32]);
        let print = fingerprint(&key, 3, " Jo@Example.org ");
        assert_eq!(print, fingerprint(&key, 3, "jo@example.org"));
        assert_ne!(print, fingerprint(&key, 4, "jo@example.org"));
        let sealed = seal(&key, print, &data, &mut Count(0));
        assert!(!sealed.windows(7).any(|part| part == b"Jo Tern"));
        assert_eq!(open(&key, print, &sealed), Ok(data));
        assert_eq!(open(&SubjectKey([8; 32]), print, &sealed), Err(OpenSealedError::Altered));
        assert_eq!(open(&key, print + 1, &sealed), Err(OpenSealedError::Altered));
        assert_eq!(open(&key, print, &sealed[..10]), Err(OpenSealedError::Altered));
    }
}
