//! A copy made while the service runs, encrypted, restored elsewhere with the same hash, shown by the service, and
//! served again from there; and a journal put back as it was at an earlier moment.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

mod common;
mod live;

use age::secrecy::ExposeSecret as _;
use common::{arg, book, code, json as read_json, run, said};
use live::{Live, key, send};
use serde_json::{Value, json};

const ORDERS: u32 = 60;

#[test]
fn last_nights_copy_is_restored_elsewhere_with_the_same_hash() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    book(&at("book"), ORDERS);
    let live = Live::start(&at("data"), Some(&at("book")), &[]);
    let bearer = key(&live);
    let headers = [("Authorization", bearer.as_str())];
    let get = |live: &Live, path: &str| send(&live.address, "GET", path, &headers, &Value::Null).unwrap();
    let some = get(&live, "/api/v1/orders?limit=1").2["orders"][0].clone();
    let place = |live: &Live, number: &str| {
        let order = json!({"merchant": some["merchant"], "number": number,
            "ship_to": {"country": some["country"], "postal": some["postal"], "name": "Jo Tern", "mail": format!("{number}@example.org")},
            "lines": [{"sku": some["lines"][0]["sku"], "quantity": 1}]});
        let (status, _, body) = send(&live.address, "POST", "/api/v1/orders", &headers, &order).unwrap();
        assert_eq!(status, 201, "{body}");
        body["version"].as_u64().unwrap()
    };
    customers_pages_open_with_their_own_link_alone(&live);
    let early = place(&live, "before-1");
    place(&live, "before-2");

    // The copy is made beside the running service, every file encrypted, and proves itself.
    let identity = age::x25519::Identity::generate();
    std::fs::write(at("identity"), identity.to_string().expose_secret()).unwrap();
    let recipient = identity.to_public().to_string();
    let journal = at("data").join("holdfast.db");
    let (copy, keys) = (at("copy"), at("keys"));
    let args = ["--json", "backup", arg(&journal), "--to", arg(&copy), "--keys", arg(&keys)];
    let sealed =
        ["--encrypt-to", &recipient, "--identity", arg(&at("identity")), "--prove"].map(ToOwned::to_owned);
    let all: Vec<&str> = args.into_iter().chain(sealed.iter().map(String::as_str)).collect();
    let made = run(&all);
    assert_eq!(code(&made), 0, "{}", said(&made));
    let made = read_json(&made);
    assert_eq!(
        (made["encrypted"].as_bool(), made["proof"]["ok"].as_bool()),
        (Some(true), Some(true)),
        "{made}"
    );
    for file in [copy.join("holdfast.db.age"), keys.join("holdfast.keys.age"), copy.join("access.db.age")] {
        let bytes = std::fs::read(&file).unwrap();
        assert!(bytes.starts_with(b"age-encryption.org"), "{}", file.display());
    }
    assert!(!copy.join("holdfast.db").exists(), "nothing plain is left behind");
    place(&live, "after");
    let known = get(&live, "/api/v1/backups").2;
    assert_eq!(known["records"][0]["kind"], "proof", "{known}");
    assert_eq!(known["records"][0]["state_digest"], made["proof"]["state_digest"]);
    assert!(known["entries_since"].as_u64().unwrap() > 0 && known["restore_seconds"].as_f64().unwrap() > 0.0);
    live.stop();

    // Elsewhere: the same hash as the journal itself has at that version.
    let restore = |to: &str, more: &[&str]| {
        std::fs::create_dir_all(at(to)).unwrap();
        let (locked, locked_keys, target) =
            (copy.join("holdfast.db.age"), keys.join("holdfast.keys.age"), at(to).join("holdfast.db"));
        let identity = at("identity");
        let args = [
            "--json",
            "restore",
            arg(&locked),
            "--keys",
            arg(&locked_keys),
            "--identity",
            arg(&identity),
            "--to",
            arg(&target),
        ];
        let all: Vec<&str> = args.into_iter().chain(more.iter().copied()).collect();
        let restored = run(&all);
        assert_eq!(code(&restored), 0, "{}", said(&restored));
        read_json(&restored)
    };
    let restored = restore("elsewhere", &[]);
    let version = restored["version"].as_u64().unwrap();
    let digest = |path: &std::path::Path, until: u64| {
        let verified = run(&["--json", "verify", arg(path), "--until", &until.to_string()]);
        assert_eq!(code(&verified), 0, "{}", said(&verified));
        read_json(&verified)["state_digest"].as_str().unwrap().to_owned()
    };
    let elsewhere = at("elsewhere").join("holdfast.db");
    assert_eq!(digest(&elsewhere, version), digest(&journal, version), "the same hash");
    eprintln!("restored version {version} elsewhere, proved in {} s", made["proof"]["seconds"]);

    // It is a service again, with its accounts.
    let again = Live::start(&at("elsewhere"), None, &[]);
    assert_eq!(again.setup, None, "the admin is there");
    assert_eq!(get(&again, "/api/v1/orders?number=before-2").2["orders"].as_array().unwrap().len(), 1);
    assert_eq!(get(&again, "/api/v1/orders?number=after").2["orders"].as_array().unwrap().len(), 0);
    place(&again, "elsewhere");
    again.stop();

    // As it was at an earlier moment.
    let earlier = restore("earlier", &["--until", &early.to_string()]);
    let cut = earlier["version"].as_u64().unwrap();
    assert!(cut <= early && cut + 3 >= early, "{earlier}");
    let verified = run(&["--json", "verify", arg(&at("earlier").join("holdfast.db"))]);
    assert_eq!(code(&verified), 0, "{}", said(&verified));
    let none = restore("before", &["--at", "2001-01-01T00:00:00Z"]);
    assert_eq!(none["version"], 0);

    // A copy that was tampered with does not prove itself, and that is recorded.
    let (other, plain) = (at("other").join("holdfast.db"), at("plain"));
    std::fs::create_dir_all(at("other")).unwrap();
    assert_eq!(code(&run(&["--json", "import", "--book", arg(&at("book")), "--journal", arg(&other)])), 0);
    assert_eq!(code(&run(&["--json", "backup", arg(&other), "--to", arg(&plain)])), 0);
    let drilled =
        run(&["--json", "drill-restore", arg(&plain.join("holdfast.db")), "--journal", arg(&journal)]);
    assert_eq!(code(&drilled), 4, "{}", said(&drilled));
    let records = std::fs::read_to_string(at("data").join("backups.jsonl")).unwrap();
    let last: Value = serde_json::from_str(records.lines().last().unwrap()).unwrap();
    assert_eq!((last["kind"].as_str(), last["ok"].as_bool()), (Some("proof"), Some(false)), "{last}");
}

/// `/a/{token}` is open to everybody, because the link is the proof: one that was not signed here opens nothing, by
/// any method, and tells nothing. (The routes of the service itself are walked over in `web/tests/tenancy.rs`.)
fn customers_pages_open_with_their_own_link_alone(live: &Live) {
    for token in
        ["x", "1.0.0.AAAAAAAAAAAAAAAAAAAAAA", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "..%2Forders%2Ford-0"]
    {
        for (method, path) in [
            ("GET", format!("/a/{token}")),
            ("GET", format!("/a/{token}?choice=cancel")),
            ("POST", format!("/a/{token}")),
        ] {
            let (status, head, _) =
                send(&live.address, method, &path, &[], &json!({"choice": "cancel"})).unwrap();
            assert!((400..500).contains(&status), "{method} {path}: {status}");
            assert!(!head.contains("set-cookie"), "{head}");
        }
    }
}
