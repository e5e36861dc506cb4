//! Accounts from the first link to the last guess.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use holdfast_access::{
    Access, AccessError, ApprovalError, Attempt, Denied, LinkError, NewAccount, Options, Right, Rights, Role,
};

const NOW: i64 = 1_790_000_000_000;
const PASSWORD: &str = "tide pool at noon";

fn open(folder: &tempfile::TempDir) -> Access {
    let options = Options { hash_cost: (64, 1), guesses_account: 3, ..Options::default() };
    Access::open(&folder.path().join("access.db"), options).unwrap()
}

fn attempt(name: &str, password: &str) -> Attempt {
    Attempt {
        name: name.into(),
        password: password.into(),
        code: None,
        address: "192.0.2.7".into(),
        device: None,
    }
}

#[test]
fn the_first_link_makes_the_admin_once() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(&folder);
    let old = access.setup_link(NOW).unwrap().unwrap();
    let link = access.setup_link(NOW).unwrap().unwrap();
    assert!(
        matches!(access.redeem(&old, "ada", PASSWORD, NOW), Err(LinkError::Gone)),
        "the older link ended"
    );
    assert!(matches!(access.redeem(&link, "ada", "short", NOW), Err(LinkError::Password(_))));
    access.redeem(&link, "ada", PASSWORD, NOW).unwrap();
    assert!(matches!(access.redeem(&link, "eve", PASSWORD, NOW), Err(LinkError::Gone)));
    assert_eq!(access.setup_link(NOW).unwrap(), None);
    let ada = access.sign_in(&attempt("Ada", PASSWORD), NOW).unwrap();
    assert_eq!(ada.principal.role, Role::Admin);
    let bytes = std::fs::read(folder.path().join("access.db")).unwrap();
    for secret in [PASSWORD, &link, &ada.session] {
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "no secret is stored");
    }
}

#[test]
fn sessions_end_by_themselves_by_hand_and_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(&folder);
    let link = access.setup_link(NOW).unwrap().unwrap();
    access.redeem(&link, "ada", PASSWORD, NOW).unwrap();
    let first = access.sign_in(&attempt("ada", PASSWORD), NOW).unwrap();
    let second = access.sign_in(&attempt("ada", PASSWORD), NOW).unwrap();
    let again = access.prove_again(&second.session, &attempt("ada", PASSWORD), NOW + 5).unwrap();
    assert!(access.session(&second.session, NOW + 5).is_none(), "the secret has changed");
    assert_eq!(again.principal.proved, Some(NOW + 5));
    drop(access);
    let access = open(&folder);
    let hour = access.options().idle_ms;
    assert_eq!(access.session(&first.session, NOW + hour).unwrap().name, "ada");
    assert!(access.session(&again.session, NOW + hour + 6).is_none(), "nobody used it for an hour");
    let used = (1..=11).map(|n| access.session(&first.session, NOW + n * hour).is_some()).collect::<Vec<_>>();
    assert!(used.iter().all(|there| *there), "{used:?}");
    assert!(access.session(&first.session, NOW + 12 * hour + 1).is_none(), "twelve hours are the most");
    let third = access.sign_in(&attempt("ada", PASSWORD), NOW).unwrap();
    access.sessions_end(1, "user:1", NOW).unwrap();
    assert!(access.session(&third.session, NOW).is_none());
}

#[test]
fn guesses_are_counted_before_they_are_hashed_and_a_known_device_is_never_locked_out() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(&folder);
    let link = access.setup_link(NOW).unwrap().unwrap();
    access.redeem(&link, "ada", PASSWORD, NOW).unwrap();
    let device = access.sign_in(&attempt("ada", PASSWORD), NOW).unwrap().device.unwrap();
    let later = NOW + 60 * 60_000;
    for _ in 0..3 {
        assert!(matches!(access.sign_in(&attempt("ada", "guess guess guess"), later), Err(Denied::Wrong)));
    }
    assert!(matches!(access.sign_in(&attempt("ada", PASSWORD), later), Err(Denied::Throttled { .. })));
    let known = Attempt { device: Some(device), ..attempt("ada", PASSWORD) };
    let inside = access.sign_in(&known, later).unwrap();
    assert_eq!(inside.device, None, "the device keeps its secret");
    let forged = Attempt { device: Some("forged".into()), ..attempt("ada", PASSWORD) };
    assert!(matches!(access.sign_in(&forged, later), Err(Denied::Throttled { .. })));
    assert!(matches!(access.sign_in(&attempt("nobody", PASSWORD), later), Err(Denied::Wrong)));
}

#[test]
fn the_second_factor_is_asked_for_and_each_code_opens_once() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(&folder);
    let link = access.setup_link(NOW).unwrap().unwrap();
    let user = access.redeem(&link, "ada", PASSWORD, NOW).unwrap();
    let (secret, address) = access.totp_offer("ada");
    assert!(address.starts_with("otpauth://totp/Holdfast:ada?secret="));
    let code = |at: i64| {
        let totp = totp_rs::Builder::new().with_secret(secret.clone()).build().unwrap();
        totp.generate(u64::try_from(at / 1000).unwrap()).to_string()
    };
    assert!(!access.totp_confirm(user, &secret, "000000x", NOW).unwrap());
    assert!(access.totp_confirm(user, &secret, &code(NOW), NOW).unwrap());
    assert!(matches!(access.sign_in(&attempt("ada", PASSWORD), NOW), Err(Denied::CodeNeeded)));
    let with = |code: String| Attempt { code: Some(code), ..attempt("ada", PASSWORD) };
    assert!(
        matches!(access.sign_in(&with(code(NOW)), NOW), Err(Denied::Wrong)),
        "it confirmed with this one"
    );
    let later = NOW + 30 * 60_000;
    access.sign_in(&with(code(later)), later).unwrap();
    assert!(matches!(access.sign_in(&with(code(later)), later), Err(Denied::Wrong)), "it was used");
}

#[test]
fn a_session_cannot_guess_without_end_by_saying_other_devices() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(&folder);
    let link = access.setup_link(NOW).unwrap().unwrap();
    let user = access.redeem(&link, "ada", PASSWORD, NOW).unwrap();
    let token = access.sign_in(&attempt("ada", PASSWORD), NOW).unwrap().session;
    let guess =
        |device: u32| Attempt { device: Some(format!("device-{device}")), ..attempt("", "a wrong password") };
    let throttled =
        |device| matches!(access.prove_again(&token, &guess(device), NOW), Err(Denied::Throttled { .. }));
    assert!((0..100).any(throttled), "a hundred guesses, each from another device");
    let later = NOW + 40 * 60_000;
    let token = access.prove_again(&token, &attempt("", PASSWORD), later).unwrap().session;
    assert!(access.still_works(&token, later));
    access.sessions_end(user, "user:9", later).unwrap();
    assert!(!access.still_works(&token, later));
}

#[test]
fn keys_have_the_rights_they_were_given_until_they_are_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(&folder);
    let wanted = Rights::of(&[Right::ReadOrders, Right::ManageAccess]);
    let (id, key) = access.key_make("shop", Role::Operator, wanted, None, "user:1", NOW).unwrap();
    let holder = access.key(&key).unwrap();
    assert_eq!(holder.actor, format!("key:{id}"));
    assert!(holder.rights.has(Right::ReadOrders));
    assert!(!holder.rights.has(Right::ManageAccess), "no more than its role");
    assert!(matches!(
        access.key_make("x", Role::Merchant, wanted, None, "user:1", NOW),
        Err(AccessError::Account(_))
    ));
    drop(access);
    let access = open(&folder);
    assert_eq!(access.key(&key), Some(holder));
    assert!(access.key_revoke(id, "user:1", NOW).unwrap());
    assert_eq!(access.key(&key), None);
    assert!(!access.key_revoke(id, "user:1", NOW).unwrap());
}

#[test]
fn a_dangerous_act_needs_another_person_for_exactly_this_act_once() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(&folder);
    let id = access.approval_take("close site-1", "close ATL", "user:1", NOW).unwrap().unwrap_err();
    assert_eq!(access.approval_take("close site-1", "close ATL", "user:1", NOW).unwrap(), Err(id.clone()));
    assert!(matches!(access.approve(&id, "user:1", NOW), Err(ApprovalError::Same)));
    access.approve(&id, "user:2", NOW).unwrap();
    assert!(access.approval_take("close site-2", "close SEA", "user:1", NOW).unwrap().is_err());
    assert!(access.approval_take("close site-1", "close ATL", "user:3", NOW).unwrap().is_err());
    assert_eq!(access.approval_take("close site-1", "close ATL", "user:1", NOW).unwrap(), Ok(()));
    assert!(access.approval_take("close site-1", "close ATL", "user:1", NOW).unwrap().is_err(), "once");
}

#[test]
fn the_log_shows_when_it_is_altered() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(&folder);
    let link = access.setup_link(NOW).unwrap().unwrap();
    access.redeem(&link, "ada", PASSWORD, NOW).unwrap();
    access.sign_in(&attempt("ada", PASSWORD), NOW).unwrap();
    let account = NewAccount { role: Role::Viewer, merchant: None, user: None };
    access.invite(&account, "user:1", NOW).unwrap();
    let (rows, _) = access.audit_verify().unwrap();
    let words: Vec<String> = access.audit_after(0, 100).unwrap().into_iter().map(|row| row.what).collect();
    assert_eq!(words, ["setup-link-made", "account-made", "signed-in", "link-made"]);
    assert_eq!(rows, 4);
    let outside = rusqlite::Connection::open(folder.path().join("access.db")).unwrap();
    outside.execute("UPDATE audit SET who = 'user:9' WHERE seq = 3", []).unwrap();
    assert!(matches!(access.audit_verify(), Err(AccessError::Audit(fault)) if fault.seq == 3));
    outside.execute("UPDATE audit SET who = 'user:1' WHERE seq = 3", []).unwrap();
    outside.execute("DELETE FROM audit WHERE seq = 2", []).unwrap();
    assert!(matches!(access.audit_verify(), Err(AccessError::Audit(fault)) if fault.seq == 2));
}
