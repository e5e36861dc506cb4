//! Warehouses by X12: what they are to send goes out once, what has left moves shipments, what lies there is counted,
//! and whatever is wrong is answered.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{Answer, Server, config, order};
use holdfast_access::{Right, Rights, Role};
use holdfast_connect::x12;
use serde_json::{Value, json};

const WAREHOUSES: &str = "[[warehouses]]\nid = 'south'\nsite = 'south'\nours = 'ZZ:HOLDFAST'\ntheirs = 'ZZ:SOUTH3PL'\nversion = '004010'\n\
    [[warehouses]]\nid = 'lines'\nsite = 'north'\nours = 'ZZ:HOLDFAST'\ntheirs = '01:123456789'\nterminator = 'newline'\ncaller = 'key:99'\n";

struct Mill {
    server: Server,
    key: String,
}

impl Mill {
    /// Orders of `units` each, released at the south.
    fn start(units: &[u32]) -> Self {
        Self::with(WAREHOUSES, units)
    }

    fn with(warehouses: &str, units: &[u32]) -> Self {
        let server = Server::with(config(warehouses), 500);
        let key = server.key(Role::Commander, None);
        for (at, units) in units.iter().enumerate() {
            let mut order = order("m1", &format!("100{at}"), "sku1");
            order["lines"][0]["quantity"] = json!(units);
            assert_eq!(server.post(&key, "/api/v1/orders", &order).status, 201);
        }
        let mill = Self { server, key };
        let day = mill
            .server
            .app
            .view()
            .state()
            .live_orders()
            .next()
            .map(|(_, o)| o.lines[0].allocations[0].ship_day);
        if let Some(day) = day {
            let released = mill.post("/api/v1/sites/south/wave", &json!({"day": day.to_string()}));
            assert_eq!(released["shipments"].as_array().unwrap().len(), units.len(), "{released}");
        }
        mill
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.server.post(&self.key, path, body);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    fn send_as(&self, key: &str, accept: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {key}");
        let headers =
            [("Authorization", bearer.as_str()), ("Content-Type", "application/edi-x12"), ("Accept", accept)];
        self.server.send("POST", "/api/v1/warehouses/south/x12", &headers, body.as_bytes())
    }

    fn send(&self, body: &str) -> Value {
        let answer = self.send_as(&self.key, "*/*", body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    fn stage(&self, shipment: &str) -> String {
        let got = self.server.get(&self.key, &format!("/api/v1/shipments/{shipment}")).json();
        got["stage"].as_str().unwrap().to_owned()
    }

    fn tell(&self, body: &Value) -> Answer {
        self.server.post(&self.key, "/api/v1/warehouses/south/x12/940", body)
    }
}

/// An interchange of the south's, with all counts right.
fn interchange(control: u32, functional: &str, sets: &[(&str, &str)]) -> String {
    let mut out = format!(
        "ISA*00*          *00*          *ZZ*SOUTH3PL       *ZZ*HOLDFAST       *260921*1005*U*00401*{control:09}*0*P*>~\
         GS*{functional}*SOUTH3PL*HOLDFAST*20260921*1005*{control}*X*004010~"
    );
    for (at, (id, segments)) in (1..).zip(sets) {
        let count = segments.matches('~').count() + 2;
        out.push_str(&format!("ST*{id}*{at:04}~{segments}SE*{count}*{at:04}~"));
    }
    out.push_str(&format!("GE*{}*{control}~IEA*1*{control:09}~", sets.len()));
    out
}

fn advice(shipment: &str, label: &str, units: u32) -> String {
    format!("W06*F*{shipment}*20260921~LX*1~MAN*CP*{label}~W12*CC*{units}*{units}*0*EA**VN*sku1~")
}

#[test]
fn a_shipment_is_told_once_and_what_left_moves_it() {
    let mill = Mill::start(&[1, 2, 3]);
    let told = mill.tell(&json!({}));
    assert_eq!(
        (told.status, told.header("content-type")),
        (200, Some("application/edi-x12")),
        "{}",
        told.text()
    );
    let text = told.text();
    assert!(text.contains("N1*ST*Jo Tern~N3*1 Old Road~N4*Wilmington**28401*US~"), "{text}");
    let read = x12::read(text.as_bytes()).unwrap();
    assert_eq!((read.receiver.id.as_str(), read.groups[0].sets.len()), ("SOUTH3PL", 3));
    assert_eq!(mill.tell(&json!({})).status, 204, "each shipment once");
    let control = read.groups[0].control.clone();
    let path = format!("/api/v1/warehouses/south/x12/940/{control}");
    assert_eq!(mill.server.get(&mill.key, &path).text(), text, "the answer may get lost: it is there again");
    let audit = mill.server.get(&mill.server.key(Role::Admin, None), "/api/v1/audit").text();
    assert!(audit.contains("person-read") && audit.contains(&format!("940 {control} to south")), "{audit}");

    // The warehouse refuses the second set; it is told again on purpose, under a number of its own.
    let answer =
        format!("AK1*OW*{control}~AK2*940*0001~AK5*A~AK2*940*0002~AK5*R*5~AK2*940*0003~AK5*A~AK9*P*3*3*2~");
    let taken = mill.send(&interchange(1, "FA", &[("997", &answer)]));
    assert_eq!((taken["applied"].as_u64(), taken["acknowledgement"].is_null()), (Some(1), true), "{taken}");
    let sent = mill.server.get(&mill.key, "/api/v1/warehouses/south/x12/940").json();
    let second = sent["interchanges"][0]["shipments"][1].as_str().unwrap().to_owned();
    assert_eq!(sent["interchanges"][0]["refused"], json!([second]), "{sent}");
    let again = mill.tell(&json!({"again": [second]})).text();
    assert_eq!(x12::read(again.as_bytes()).unwrap().groups[0].sets.len(), 1);
    assert!(!again.contains(&format!("*{control}*")), "{again}");

    let names: Vec<String> = sent["interchanges"][0]["shipments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect();
    let (first, third) = (advice(&names[0], "1Z1", 1), advice("", "1Z3", 3).replace("~LX", "***1002~LX"));
    let body = interchange(2, "SW", &[("945", &first), ("945", &third)]);
    let taken = mill.send(&body);
    assert_eq!((taken["applied"].as_u64(), &taken["refused"]), (Some(2), &json!([])), "{taken}");
    assert!(taken["acknowledgement"].as_str().unwrap().contains("~AK9*A*2*2*2~"), "{taken}");
    assert_eq!(
        [mill.stage(&names[0]), mill.stage(&names[2])],
        ["shipped", "shipped"],
        "one by its order's number"
    );
    let shipment = mill.server.get(&mill.key, &format!("/api/v1/shipments/{}", names[0])).json();
    assert_eq!(shipment["packages"][0]["tracking"], "1Z1");
    // The same interchange again does nothing; another one under its number is refused.
    let version = mill.server.app.service.health().head.version;
    let known = mill.send(&body);
    assert_eq!((known["applied"].as_u64(), known["known"].as_u64()), (Some(0), Some(2)), "{known}");
    assert_eq!(known["acknowledgement"], taken["acknowledgement"], "the same answer");
    assert_eq!(mill.server.app.service.health().head.version, version);
    let other = mill.send_as(&mill.key, "*/*", &body.replace("1Z3", "1Z4"));
    assert_eq!((other.status, other.json()["code"].as_str()), (409, Some("control-number-used")));
}

#[test]
fn what_does_not_fit_is_told_and_changes_nothing() {
    let mill = Mill::start(&[2, 5]);
    let version = mill.server.app.service.health().head.version;
    let sets = [
        advice("shp-0", "1Z1", 1),
        advice("shp-0", "1Z1", 3),
        advice("shp-77", "1Z1", 1),
        advice("shp-0", "1Z1", 2).replace("sku1", "sku2"),
        advice("shp-0", "1Z1", 2).replace("20260921", "20250921"),
        advice("shp-0", "1Z1", 2).replace("W12*CC", "W12*"),
    ];
    let sets: Vec<(&str, &str)> = sets.iter().map(|set| ("945", set.as_str())).collect();
    let taken = mill.send(&interchange(1, "SW", &sets));
    let why: Vec<&str> =
        taken["refused"].as_array().unwrap().iter().map(|one| one["why"].as_str().unwrap()).collect();
    for (why, expected) in why.iter().zip([
        "1 of sku1 are missing",
        "1 of sku1 are too many",
        "no shipment",
        "sku2 does not belong",
        "2025-09-21",
    ]) {
        assert!(why.contains(expected), "{why} / {expected}");
    }
    assert_eq!(
        (why.len(), taken["rejected"].as_u64(), taken["applied"].as_u64()),
        (5, Some(1), Some(0)),
        "{taken}"
    );
    let answer = taken["acknowledgement"].as_str().unwrap();
    assert!(answer.contains("AK3*W12*5**8~AK4*1**1~AK5*R*5~AK9*P*6*6*5~"), "{answer}");
    assert_eq!(mill.server.app.service.health().head.version, version, "nothing was changed");
    let list = mill.server.get(&mill.key, "/api/v1/warehouses/south/x12").json();
    assert_eq!(list["interchanges"][0]["refused"].as_array().unwrap().len(), 5, "{list}");

    // Mended and sent again: what was refused before is done now.
    let body = interchange(2, "SW", &[("945", &advice("shp-1", "1Z9", 5))]);
    let north = body.replace("SOUTH3PL ", "NORTH3PL ");
    for (wrong, status, named) in [
        (north.as_str(), 422, "ISA06"),
        (&body.replace("HOLDFAST  ", "OTHER     "), 422, "ISA08"),
        (&body.replace("*0*P*", "*0*T*"), 422, "ISA15"),
        (&body[..body.len() - 20], 400, "IEA"),
        ("UNB+UNOC:3", 400, "ISA"),
    ] {
        let answer = mill.send_as(&mill.key, "*/*", wrong);
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.text().contains(named), "{}", answer.text());
    }
    // Damaged on its way: told, left alone, and taken when it comes whole.
    let damaged = mill.send(&body[..body.len() - 3]);
    assert!(
        damaged["acknowledgement"].as_str().unwrap().contains("~TA1*000000002*260921*1005*R*001~"),
        "{damaged}"
    );
    assert_eq!((damaged["applied"].as_u64(), mill.stage("shp-1").as_str()), (Some(0), "released"));
    let plain = mill.send_as(&mill.key, "application/edi-x12", &body);
    assert_eq!(plain.header("content-type"), Some("application/edi-x12"));
    assert!(plain.text().starts_with("ISA*") && plain.text().contains("AK9*A*1*1*1"), "{}", plain.text());
    // Another warehouse's caller does not find it; a merchant never does.
    assert_eq!(mill.server.get(&mill.key, "/api/v1/warehouses/lines/x12").status, 404);
    let merchant = mill.server.key(Role::Merchant, Some("m1"));
    assert_eq!(mill.send_as(&merchant, "*/*", &body).status, 403);
}

#[test]
fn an_implausible_count_by_846_waits_for_a_second_look() {
    let mill = Mill::start(&[]);
    let count =
        |qualifier: &str, units: u32, sku: &str| format!("LIN*1*VN*{sku}~QTY*{qualifier}*{units}*EA~");
    let body = |control, lines: &str| {
        interchange(control, "IB", &[("846", &format!("BIA*00*SI*R1*20260921~{lines}"))])
    };
    let on_hand = |sku: &str| {
        let shelves = mill.server.get(&mill.key, &format!("/api/v1/stock?site=south&sku={sku}")).json();
        shelves["shelves"][0]["on_hand"].as_u64()
    };
    let lines =
        [count("17", 490, "sku1"), count("17", 5, "sku2"), count("33", 7, "other"), count("17", 9, "none")]
            .concat();
    let taken = mill.send(&body(1, &lines));
    assert_eq!((taken["applied"].as_u64(), on_hand("sku1")), (Some(1), Some(490)), "{taken}");
    assert_eq!(on_hand("sku2"), Some(500), "5 of 500 is held");
    let why: Vec<&str> =
        taken["refused"].as_array().unwrap().iter().map(|one| one["why"].as_str().unwrap()).collect();
    assert!(why[0].contains("held as") && why[1].contains("QTY 17") && why[2].contains("no SKU"), "{why:?}");
    // The warehouse says it again: that is no second look. Another person's approval is; the warehouse sends it again.
    assert_eq!(mill.send(&body(2, &count("17", 5, "sku2")))["applied"], 0);
    assert_eq!(on_hand("sku2"), Some(500));
    let second = mill.server.key(Role::Commander, None);
    let waiting = mill.server.get(&second, "/api/v1/approvals").json();
    let id = waiting[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(mill.server.post(&second, &format!("/api/v1/approvals/{id}"), &json!({})).status, 200);
    let again = mill.send(&body(2, &count("17", 5, "sku2")));
    assert_eq!((again["applied"].as_u64(), on_hand("sku2")), (Some(1), Some(5)), "{again}");
    // Each again, after goods have come: what was counted before says nothing of them.
    for sku in ["sku1", "sku2"] {
        let merchant = if sku == "sku1" { "m1" } else { "m2" };
        let come = json!({"site": "south", "merchant": merchant, "sku": sku, "quantity": 3});
        assert_eq!(mill.server.post(&mill.key, "/api/v1/stock/receive", &come).status, 200);
    }
    let again = mill.send(&body(2, &count("17", 5, "sku2")));
    assert_eq!((again["known"].as_u64(), on_hand("sku2")), (Some(1), Some(8)), "{again}");
    let again = mill.send(&body(1, &lines));
    assert_eq!((again["applied"].as_u64(), on_hand("sku1")), (Some(0), Some(493)), "{again}");
    // One that agrees is taken as well: sent again later, it is as old.
    assert_eq!(mill.send(&body(4, &count("17", 493, "sku1")))["applied"], 1);
    let come = json!({"site": "south", "merchant": "m1", "sku": "sku1", "quantity": 2});
    assert_eq!(mill.server.post(&mill.key, "/api/v1/stock/receive", &come).status, 200);
    assert_eq!(
        (mill.send(&body(4, &count("17", 493, "sku1")))["known"].as_u64(), on_hand("sku1")),
        (Some(1), Some(495))
    );
    // Lots and bins are one shelf, under whatever codes.
    let lots = [
        "LIN*1*VN*sku1*LT*A~QTY*17*400~",
        "LIN*2*VN*sku1*LT*B~QTY*17*80~",
        "LIN*3*VP*sku1*UP*012345678905~QTY*17*9~",
    ];
    let taken = mill.send(&body(5, &lots.concat()));
    assert_eq!((taken["applied"].as_u64(), on_hand("sku1")), (Some(1), Some(489)), "{taken}");
    // Who may report shipments may not count by it.
    let rights = Rights::of(&[Right::ReportShipments]);
    let narrow =
        mill.server.app.access.key_make("edi", Role::Operator, rights, None, "test", common::NOW).unwrap().1;
    let refused = mill.send_as(&narrow, "*/*", &body(3, &count("17", 480, "sku1"))).json();
    assert!(refused["refused"][0]["why"].as_str().unwrap().contains("stock:change"), "{refused}");
    let told = mill.server.send(
        "POST",
        "/api/v1/warehouses/south/x12/940",
        &[("Authorization", &format!("Bearer {narrow}")), ("Content-Type", "application/json")],
        b"{}",
    );
    assert_eq!(told.status, 403, "a 940 names people");
}

#[test]
fn what_was_recalled_or_has_left_is_not_told_again() {
    let mill = Mill::start(&[1, 2, 3]);
    let text = mill.tell(&json!({})).text();
    let read = x12::read(text.as_bytes()).unwrap();
    let names: Vec<String> =
        read.groups[0].sets.iter().map(|set| set.segments[0].get(2).to_owned()).collect();
    let control = read.groups[0].control.clone();
    let path = format!("/api/v1/warehouses/south/x12/940/{control}");
    let left = mill.send(&interchange(1, "SW", &[("945", &advice(&names[0], "1Z1", 1))]));
    assert_eq!(left["applied"], 1, "{left}");
    mill.post(&format!("/api/v1/shipments/{}/recall", names[1]), &json!({}));
    let again = mill.server.get(&mill.key, &path).text();
    let read = x12::read(again.as_bytes()).unwrap();
    let sets: Vec<(&str, &str)> =
        read.groups[0].sets.iter().map(|set| (set.control.as_str(), set.segments[0].get(2))).collect();
    assert_eq!(sets, [("0003", names[2].as_str())], "it keeps its number: {again}");
    // A 997 of it names the third.
    let answer = format!("AK1*OW*{control}~AK2*940*0003~AK5*R*5~AK9*P*1*1*0~");
    mill.send(&interchange(2, "FA", &[("997", &answer)]));
    let refused = |key: &str| {
        let all = mill.server.get(key, "/api/v1/warehouses").json();
        all.as_array().unwrap().iter().map(|one| one["refused"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(refused(&mill.key), [json!([names[2]])], "another caller's warehouse is not listed");
    // What does not wait there is not told again, and nothing else is.
    let wrong = mill.tell(&json!({"again": [names[2], names[0], "shp-99"]}));
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    let gone = format!("{} shp-99: not released here", names[0]);
    assert!(wrong.text().contains(&gone), "{}", wrong.text());
    assert_eq!(mill.tell(&json!({})).status, 204, "nothing was noted");
    let told = mill.tell(&json!({"again": [names[2]]}));
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(refused(&mill.key), [json!([])], "it was told again");
    // The whole of it is rejected by its envelope; one that is none of ours is told.
    let second = x12::read(told.text().as_bytes()).unwrap().control;
    let envelope = |control: u32, told: &str| {
        let empty = interchange(control, "FA", &[]);
        let (head, rest) = empty.split_once("~GS*").unwrap();
        let tail = rest.split_once("~IEA*1*").unwrap().1;
        format!("{head}~{told}IEA*0*{tail}")
    };
    let ta1 = |control: &str, code: &str| format!("TA1*{control}*260921*1005*{code}*022~");
    let said = [ta1(&second, "A"), ta1(&second, "E"), ta1("000000005", "R")].concat();
    let taken = mill.send(&envelope(3, &said));
    assert_eq!((taken["known"].as_u64(), taken["applied"].as_u64()), (Some(2), Some(0)), "{taken}");
    assert_eq!(
        (&taken["refused"][0]["set"], &taken["refused"][0]["what"]),
        (&json!("TA1"), &json!("000000005"))
    );
    assert_eq!(refused(&mill.key), [json!([])]);
    let taken = mill.send(&envelope(4, &ta1(&second, "R")));
    assert_eq!((taken["applied"].as_u64(), taken["acknowledgement"].is_null()), (Some(1), true), "{taken}");
    assert_eq!(refused(&mill.key), [json!([names[2]])]);
    // All of the first is gone: there is nothing to tell.
    mill.send(&interchange(5, "SW", &[("945", &advice(&names[2], "1Z3", 3))]));
    let empty = mill.server.get(&mill.key, &path);
    assert_eq!((empty.status, empty.text().as_str()), (204, ""));
}

#[test]
fn a_warehouse_of_one_merchant_moves_no_other_ones_goods() {
    let one = WAREHOUSES.replacen("version = '004010'", "version = '004010'\nmerchant = 'm2'", 1);
    let mill = Mill::with(&one, &[2]);
    let taken = mill.send(&interchange(1, "SW", &[("945", &advice("shp-0", "1Z1", 2))]));
    assert_eq!((taken["applied"].as_u64(), mill.stage("shp-0").as_str()), (Some(0), "released"), "{taken}");
    let why = taken["refused"][0]["why"].as_str().unwrap();
    assert!(why.contains("no shipment of this site"), "{why}");
    assert_eq!(mill.tell(&json!({"again": ["shp-0"]})).status, 422);
}

#[test]
fn what_is_refused_beyond_what_is_told_is_counted() {
    let mill = Mill::start(&[]);
    let lines: String = (0..1_003).map(|at| format!("LIN*{at}*VN*none{at}~QTY*17*1*EA~")).collect();
    let body = interchange(1, "IB", &[("846", &format!("BIA*00*SI*R1*20260921~{lines}"))]);
    let taken = mill.send(&body);
    assert_eq!(taken["refused"].as_array().unwrap().len(), 1_000);
    assert_eq!(taken["refused_more"], 3);
}
