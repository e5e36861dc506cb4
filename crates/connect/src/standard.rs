//! Signatures of the Standard Webhooks specification, for partners who send here: carriers and warehouses.
//!
//! Source: standardwebhooks.com, specification 1.0.0 (read in November 2026): `webhook-id`, `webhook-timestamp` in
//! seconds and the body are joined by dots and signed by HMAC-SHA256; `webhook-signature` lists signatures, each with
//! its version, such as `v1,…`; a secret is `whsec_` and base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// Seconds by which the sender's clock may differ from ours.
pub const TOLERANCE_S: i64 = 300;
/// Signatures that are looked at.
const SIGNATURES_MAX: usize = 16;
/// Bytes of a key at least, and at most, as the specification has them.
const KEY_BYTES: core::ops::RangeInclusive<usize> = 24..=64;

/// Why a delivery is not taken for genuine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// A header is missing or is not what it should be.
    #[error("{0} is missing or cannot be read")]
    Header(&'static str),
    /// Its moment is too far from now: it may be an old one sent again.
    #[error("its timestamp is more than {TOLERANCE_S} seconds from now")]
    Old,
    /// No signature is that of this body under the secret.
    #[error("no signature fits")]
    Signature,
}

/// The key of a secret `whsec_…`; `None` for what is none.
#[must_use]
pub fn key(secret: &str) -> Option<Vec<u8>> {
    let key = STANDARD.decode(secret.trim().strip_prefix("whsec_")?).ok()?;
    KEY_BYTES.contains(&key.len()).then_some(key)
}

fn mac(key: &[u8], id: &str, at_s: i64, body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(format!("{id}.{at_s}.").as_bytes());
    mac.update(body);
    mac.finalize().into_bytes().into()
}

/// The value of `webhook-signature`.
#[must_use]
pub fn sign(key: &[u8], id: &str, at_s: i64, body: &[u8]) -> String {
    format!("v1,{}", STANDARD.encode(mac(key, id, at_s, body)))
}

/// Makes sure that a delivery is genuine and of now; gives its id.
///
/// # Errors
/// [`Forged`].
pub fn verify<'a>(
    key: &[u8],
    header: impl Fn(&str) -> Option<&'a str>,
    body: &[u8],
    now_ms: i64,
) -> Result<&'a str, Forged> {
    let found = |name: &'static str| header(name).filter(|text| !text.is_empty()).ok_or(Forged::Header(name));
    let id = found("webhook-id")?;
    let at: i64 = found("webhook-timestamp")?.parse().map_err(|_| Forged::Header("webhook-timestamp"))?;
    let given = found("webhook-signature")?;
    if at.abs_diff(now_ms.div_euclid(1_000)) > TOLERANCE_S.unsigned_abs() {
        return Err(Forged::Old);
    }
    let made = mac(key, id, at, body);
    let fits = given
        .split(' ')
        .take(SIGNATURES_MAX)
        .filter_map(|one| one.strip_prefix("v1,"))
        .any(|one| STANDARD.decode(one).is_ok_and(|one| bool::from(made[..].ct_eq(&one[..]))));
    if fits { Ok(id) } else { Err(Forged::Signature) }
}

#[cfg(test)]
mod tests {
    use super::{Forged, key, sign, verify};

    #[test]
    fn deliveries_are_those_of_the_specification_and_nothing_old_or_forged_is_taken() {
        // The example of the specification's libraries.
        let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (id, at, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        let made = sign(&key, id, at, body);
        assert_eq!(made, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let check = |signature: &str, at_text: &str, body: &[u8], now_s: i64| {
            let header = |name: &str| match name {
                "webhook-id" => Some(id),
                "webhook-timestamp" => Some(at_text),
                "webhook-signature" => Some(signature),
                _ => None,
            };
            // The closure's borrows end with the call.
            verify(&key, header, body, now_s * 1_000).map(ToOwned::to_owned)
        };
        let several = format!("v1a,AAAA v1,AAAA {made}");
        assert_eq!(check(&several, "1614265330", body, at + 10), Ok(id.to_owned()));
        assert_eq!(check(&made, "1614265330", body, at + 301), Err(Forged::Old));
        assert_eq!(check(&made, "1614265331", body, at), Err(Forged::Signature));
        assert_eq!(check(&made, "1614265330", b"{}", at), Err(Forged::Signature));
        assert_eq!(check("", "1614265330", body, at), Err(Forged::Header("webhook-signature")));
        assert_eq!(check(&made, "now", body, at), Err(Forged::Header("webhook-timestamp")));
        for wrong in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_AAAA", "whsec_!"] {
            assert_eq!(super::key(wrong), None);
        }
    }
}
