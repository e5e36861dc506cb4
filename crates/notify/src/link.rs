//! Signed links: what a customer may do without signing in, for how long, and only that.
//!
//! A token is `version.key.payload.signature`, payload and signature in base64url without padding; the
//! signature is HMAC-SHA256 over everything before it (RFC 2104, FIPS 180-4). It is verified in constant time
//! and before the payload is read, so nothing of a forged link is ever parsed. Forged, expired and replayed
//! links are told apart for the log; the customer sees one page for all of them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use holdfast_domain::time::Stamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// The longest token that is looked at, in bytes.
pub const TOKEN_MAX: usize = 1_024;
/// The shortest key, in bytes: the output of the hash (RFC 2104, section 3).
pub const KEY_MIN: usize = 32;
const VERSION: &str = "h1";

/// What a link is for; a link for one purpose opens nothing else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Purpose {
    /// The page of an order: look, and choose.
    Answer,
    /// A partner's acknowledgement.
    Acknowledge,
    /// The image that says a mail was shown.
    Open,
}

/// Something a link allows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Act {
    /// See the state of the order.
    View,
    /// Agree to wait.
    Wait,
    /// Cancel for a full refund.
    Cancel,
    /// Change the delivery address.
    ChangeAddress,
    /// Acknowledge a request.
    Acknowledge,
}

/// What a link says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// What it is for.
    pub purpose: Purpose,
    /// The notice it was sent with.
    pub notice: u32,
    /// The order it is about, where there is one.
    pub order: Option<u32>,
    /// What it allows.
    pub acts: BTreeSet<Act>,
    /// The first moment it no longer holds.
    pub expires_at: Stamp,
    /// Tells this link from every other; the caller draws it and remembers the used ones.
    pub nonce: u64,
}

/// Why a link is not honoured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not made by us, or changed since.
    #[error("open a link: its signature does not match; it was forged or cut off")]
    Forged,
    /// Its time is over.
    #[error("open a link: it expired at {0}; send the customer a new one")]
    Expired(Stamp),
    /// An act that changes something was done with it before.
    #[error("open a link: it was used before; its answer stands")]
    Replayed,
    /// It does not allow what was tried.
    #[error("open a link: it does not allow {0:?}")]
    NotAllowed(Act),
    /// It is for something else.
    #[error("open a link: it is for {0:?}")]
    OtherPurpose(Purpose),
}

/// Why a key is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Too short.
    #[error("add a link key of {0} bytes: draw at least 32 random ones")]
    Short(usize),
    /// The number is taken.
    #[error("add link key {0}: there is one with this number; a key is never replaced")]
    Taken(u16),
}

/// The keys that sign and verify. The newest signs; older ones verify until they are retired.
#[derive(Clone, Default)]
pub struct KeyRing {
    keys: BTreeMap<u16, Box<[u8]>>,
}

impl core::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("KeyRing").field("numbers", &self.keys.keys()).finish_non_exhaustive()
    }
}

impl KeyRing {
    /// A ring with one key.
    ///
    /// # Errors
    /// [`KeyError::Short`] below [`KEY_MIN`] bytes.
    pub fn new(number: u16, secret: &[u8]) -> Result<Self, KeyError> {
        let mut ring = Self::default();
        ring.add(number, secret)?;
        Ok(ring)
    }

    /// Adds a key; the one with the highest number signs from now on.
    ///
    /// # Errors
    /// [`KeyError`] for a short secret or a number that is taken.
    pub fn add(&mut self, number: u16, secret: &[u8]) -> Result<(), KeyError> {
        if secret.len() < KEY_MIN {
            return Err(KeyError::Short(secret.len()));
        }
        if self.keys.contains_key(&number) {
            return Err(KeyError::Taken(number));
        }
        self.keys.insert(number, secret.into());
        Ok(())
    }

    /// Forgets a key: links signed with it are forged from now on.
    pub fn retire(&mut self, number: u16) {
        self.keys.remove(&number);
    }

    /// The token of `claim`, for the end of a link.
    ///
    /// # Panics
    /// If every key was retired: a ring is made with one, and retiring the last is a fault of the caller.
    #[must_use]
    pub fn sign(&self, claim: &Claim) -> String {
        let (number, key) = self.keys.last_key_value().expect("a ring keeps at least one key");
        let payload = serde_json::to_vec(claim).expect("a claim is numbers and names");
        let head = format!("{VERSION}.{number}.{}", URL_SAFE_NO_PAD.encode(payload));
        let signature = mac(key, &head).finalize().into_bytes();
        format!("{head}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The claim of `token` if it is ours and its time is not over at `now`.
    ///
    /// # Errors
    /// [`LinkError::Forged`] or [`LinkError::Expired`].
    pub fn verify(&self, token: &str, now: Stamp) -> Result<Claim, LinkError> {
        if token.len() > TOKEN_MAX {
            return Err(LinkError::Forged);
        }
        let (head, signature) = token.rsplit_once('.').ok_or(LinkError::Forged)?;
        let mut parts = head.split('.');
        let (Some(VERSION), Some(number), Some(payload), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(LinkError::Forged);
        };
        let number: u16 = number.parse().map_err(|_| LinkError::Forged)?;
        let key = self.keys.get(&number).ok_or(LinkError::Forged)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| LinkError::Forged)?;
        mac(key, head).verify_slice(&signature).map_err(|_| LinkError::Forged)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| LinkError::Forged)?;
        let claim: Claim = serde_json::from_slice(&payload).map_err(|_| LinkError::Forged)?;
        if now >= claim.expires_at { Err(LinkError::Expired(claim.expires_at)) } else { Ok(claim) }
    }
}

impl Claim {
    /// Whether `act` may be done for `purpose`, given whether the nonce was used before. Looking is allowed
    /// again and again; whatever changes something, once.
    ///
    /// # Errors
    /// [`LinkError::OtherPurpose`], [`LinkError::NotAllowed`] or [`LinkError::Replayed`].
    pub fn allow(&self, purpose: Purpose, act: Act, was_used: bool) -> Result<(), LinkError> {
        if self.purpose != purpose {
            Err(LinkError::OtherPurpose(self.purpose))
        } else if !self.acts.contains(&act) {
            Err(LinkError::NotAllowed(act))
        } else if was_used && act != Act::View {
            Err(LinkError::Replayed)
        } else {
            Ok(())
        }
    }
}

fn mac(key: &[u8], head: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(head.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::{Act, Claim, KeyError, KeyRing, LinkError, Purpose};
    use holdfast_domain::time::Stamp;
    use proptest::prelude::{any, proptest};

    fn ring() -> KeyRing {
        KeyRing::new(1, &[7; 32]).unwrap()
    }

    fn claim() -> Claim {
        Claim {
            purpose: Purpose::Answer,
            notice: 17,
            order: Some(4),
            acts: [Act::View, Act::Wait, Act::Cancel].into(),
            expires_at: Stamp(1_000),
            nonce: 99,
        }
    }

    #[test]
    fn a_link_holds_until_it_expires_and_once() {
        let token = ring().sign(&claim());
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)), "{token}");
        let read = ring().verify(&token, Stamp(999)).unwrap();
        assert_eq!(read, claim());
        assert_eq!(ring().verify(&token, Stamp(1_000)), Err(LinkError::Expired(Stamp(1_000))));
        assert_eq!(read.allow(Purpose::Answer, Act::Cancel, false), Ok(()));
        assert_eq!(read.allow(Purpose::Answer, Act::Cancel, true), Err(LinkError::Replayed));
        assert_eq!(read.allow(Purpose::Answer, Act::View, true), Ok(()));
        assert_eq!(
            read.allow(Purpose::Answer, Act::ChangeAddress, false),
            Err(LinkError::NotAllowed(Act::ChangeAddress))
        );
        assert_eq!(
            read.allow(Purpose::Acknowledge, Act::View, false),
            Err(LinkError::OtherPurpose(Purpose::Answer))
        );
    }

    #[test]
    fn forged_is_told_from_expired_even_when_both() {
        let other = KeyRing::new(1, &[8; 32]).unwrap().sign(&claim());
        assert_eq!(ring().verify(&other, Stamp(5_000)), Err(LinkError::Forged));
        for broken in ["", ".", "...", "h1.1..", "h2.1.e30.AAAA", &"a".repeat(2_000)] {
            assert_eq!(ring().verify(broken, Stamp(0)), Err(LinkError::Forged), "{broken:?}");
        }
    }

    #[test]
    fn keys_rotate_and_retire() {
        let mut keys = ring();
        let old = keys.sign(&claim());
        keys.add(2, &[9; 32]).unwrap();
        let new = keys.sign(&claim());
        assert!(new.starts_with("h1.2."));
        assert!(keys.verify(&old, Stamp(0)).is_ok() && keys.verify(&new, Stamp(0)).is_ok());
        keys.retire(1);
        assert_eq!(keys.verify(&old, Stamp(0)), Err(LinkError::Forged));
        assert_eq!(keys.add(2, &[1; 32]), Err(KeyError::Taken(2)));
        assert_eq!(keys.add(3, b"short"), Err(KeyError::Short(5)));
        assert!(!format!("{keys:?}").contains('9'), "a key is never shown");
    }

    proptest! {
        #[test]
        fn no_changed_byte_is_accepted(at in any::<proptest::sample::Index>(), byte in any::<u8>()) {
            let token = ring().sign(&claim());
            let mut bytes = token.clone().into_bytes();
            let at = at.index(bytes.len());
            if bytes[at] != byte {
                bytes[at] = byte;
                if let Ok(changed) = String::from_utf8(bytes) {
                    assert_eq!(ring().verify(&changed, Stamp(0)), Err(LinkError::Forged));
                }
            }
        }
    }
}
