//! X12 as it comes: others' samples, other terminators, what is wrong and its answer, and bytes that mean harm.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

use std::path::PathBuf;

use holdfast_connect::x12::{
    self, Envelope, Line, Party, ReadError, ShippingOrder, advices, counts, functional, read,
};
use proptest::prelude::{Strategy, any, prop, proptest};

fn envelope(version: &str, terminator: char) -> Envelope {
    Envelope {
        sender: Party::parse("ZZ:HOLDFAST").unwrap(),
        receiver: Party::parse("ZZ:NORTH3PL").unwrap(),
        control: 42,
        version: version.to_owned(),
        at: "2026-11-23T10:05:00Z".to_owned(),
        test: false,
        terminator,
    }
}

/// An interchange of one group with these sets' segments, with all counts right.
fn interchange(functional: &str, version: &str, sets: &[(&str, &[&str])], end: &str) -> String {
    let mut lines = vec![
        format!(
            "ISA*00*          *00*          *ZZ*NORTH3PL       *ZZ*HOLDFAST       *261123*1005*U*{}*000000007*0*P*>",
            if version.starts_with("005") { "00501" } else { "00401" }
        ),
        format!("GS*{functional}*NORTH3PL*HOLDFAST*20261123*1005*7*X*{version}"),
    ];
    for (at, (id, segments)) in (1..).zip(sets) {
        lines.push(format!("ST*{id}*{at:04}"));
        lines.extend(segments.iter().map(|segment| (*segment).to_owned()));
        lines.push(format!("SE*{}*{at:04}", segments.len() + 2));
    }
    lines.extend([format!("GE*{}*7", sets.len()), "IEA*1*000000007".to_owned()]);
    lines.iter().map(|line| format!("{line}{end}")).collect()
}

const ADVICE: [&str; 9] = [
    "W06*F*shp-7*20261123***1001",
    "N9*CN*PRO-9",
    "G62*11*20261124",
    "LX*1",
    "MAN*CP*1Z999AA1",
    "MAN*CP*1Z999AA2",
    "W12*CC*3*3*0*EA**VN*A-1",
    "W12*CC*1*1*0*EA*00012345600012",
    "W03*4",
];

/// The answer's segments behind its ST, without SE, GE and IEA.
fn answered(bytes: &str) -> Vec<String> {
    let read = read(bytes.as_bytes()).unwrap();
    let text = x12::answer(&read, &envelope("005010", '~')).unwrap();
    // What answers has to be right itself.
    let again = x12::read(text.as_bytes()).unwrap();
    assert!(again.code.is_none() && again.groups.iter().all(|group| group.codes.is_empty()), "{text}");
    for set in again.groups.iter().flat_map(|group| &group.sets) {
        assert!(set.is_sound() && set.faults.is_empty(), "{text}: {set:?}");
    }
    let envelopes = ["ISA", "GS*", "ST*", "SE*", "GE*", "IEA"];
    text.split('~')
        .filter(|part| !part.is_empty() && !envelopes.iter().any(|id| part.starts_with(id)))
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn a_ship_advice_is_read_whatever_ends_its_segments() {
    for version in ["004010", "005010"] {
        for end in ["~", "\n", "\r\n", "~\r\n", "'", "~\n\n"] {
            let text = interchange("SW", version, &[("945", &ADVICE)], end);
            let read = read(text.as_bytes()).unwrap();
            assert_eq!(
                (read.control.as_str(), read.code, read.sender.id.as_str()),
                ("000000007", None, "NORTH3PL")
            );
            let set = &read.groups[0].sets[0];
            assert!(set.is_sound() && set.faults.is_empty(), "{end:?}: {set:?}");
            let advice = &advices(set)[0];
            assert_eq!((advice.shipment.as_str(), advice.order.as_str()), ("shp-7", "1001"));
            let left = advice.day.as_deref();
            assert_eq!(left, Some("2026-11-24"), "the day it left, not the day it was written");
            assert_eq!(advice.tracking, ["1Z999AA1", "1Z999AA2"], "labels before the carrier's reference");
            let lines: Vec<_> =
                advice.lines.iter().map(|line| (line.codes[0].as_str(), line.units)).collect();
            assert_eq!(lines, [("A-1", 3), ("00012345600012", 1)]);
            let group = format!("AK1*SW*7*{version}");
            assert_eq!(answered(&text), [group.as_str(), "AK2*945*0001", "AK5*A", "AK9*A*1*1*1"]);
        }
    }
}

#[test]
fn what_is_wrong_is_answered_by_its_codes_and_the_other_sets_are_taken() {
    let wrong = [
        "W06*F*shp-8*20261341",
        "W06*F*shp-8*20261123",
        "LX*",
        "w!2*CC",
        "ZZZ*1",
        "W12*CC*3*3.5*0*EACH**VN*A-1",
        "MAN*CP",
        "W03*1",
    ];
    let missing = ["LX*1", "W12*CC*1*1*0*EA**VN*A-1"];
    let odd = ["W06*F*shp-9*20261123", "W12*CC*1*1*0*EA**VN*A-1", "ZZZ*1"];
    let sets: [(&str, &[&str]); 5] =
        [("945", &ADVICE), ("945", &wrong), ("945", &missing), ("945", &odd), ("944", &["W17*F"])];
    let text = interchange("SW", "005010", &sets, "~");
    let expected = "AK1*SW*7*005010
        AK2*945*0001~AK5*A
        AK2*945*0002
        AK3*W06*2**8~AK4*3**8*20261341
        AK3*W06*3**5
        AK3*LX*4**8~AK4*1**1
        AK3*w!2*5**1
        AK3*ZZZ*6**6
        AK3*W12*7**8~AK4*3**6*3.5~AK4*5**5*EACH
        AK3*MAN*8**8~AK4*2**1
        AK5*R*5
        AK2*945*0003~AK3*W06*4**3~AK5*R*5
        AK2*945*0004~AK3*ZZZ*4**6~AK5*E
        AK2*944*0005~AK5*R*1
        AK9*P*5*5*2";
    let expected: Vec<&str> = expected.split(['~', '\n']).map(str::trim).collect();
    assert_eq!(answered(&text), expected);
    let read = read(text.as_bytes()).unwrap();
    let group = &read.groups[0];
    let taken: Vec<bool> = group.sets.iter().map(|set| x12::is_applied(&read, group, set)).collect();
    assert_eq!(taken, [true, false, false, true, false]);
}

#[test]
fn counts_and_control_numbers_of_every_envelope_are_checked() {
    let good = interchange("SW", "004010", &[("945", &ADVICE), ("945", &ADVICE)], "~");
    let check = |from: &str, to: &str, expected: &str| {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        let answer = answered(&changed).join("~");
        assert!(answer.contains(expected), "{from} -> {to}: {answer}");
    };
    check("SE*11*0001", "SE*12*0001", "AK5*R*4");
    check("SE*11*0001", "SE*11*0009", "AK5*R*3");
    check("SE*11*0001~", "", "AK2*945*0001~AK5*R*2~AK2*945*0002~AK5*A~AK9*P*2*2*1");
    check("ST*945*0002", "ST*945*0001", "AK5*R*23*3");
    check("ST*945*0002", "ST*945*2", "AK5*R*7*3");
    check("GE*2*7", "GE*3*7", "AK9*R*3*2*0*5");
    check("GE*2*7", "GE*2*8", "AK9*R*2*2*0*4");
    check("GE*2*7~", "", "AK9*R*2*2*0*3");
    check("*X*004010", "*X*003060", "AK9*R*2*2*0*2");
    check("GS*SW", "GS*SH", "AK5*R*6");
    check("IEA*1*000000007", "IEA*1*000000008", "TA1*000000007*261123*1005*R*001");
    check("IEA*1*", "IEA*2*", "TA1*000000007*261123*1005*R*021");
    check("*000000007*0*P", "*00000007*0*P", "TA1*00000007*261123*1005*R*018");
    for (bytes, error) in [
        ("", ReadError::NoIsa),
        ("ISA*00*x", ReadError::NoIsa),
        ("UNA:+.? 'UNB+UNOC", ReadError::NoIsa),
        (good.trim_end_matches("IEA*1*000000007~"), ReadError::Broken { segment: 25 }),
        (&format!("{good}{good}"), ReadError::Outside { segment: 27, id: "ISA".to_owned() }),
    ] {
        assert_eq!(read(bytes.as_bytes()).unwrap_err(), error, "{bytes}");
    }
}

#[test]
fn an_856_tells_of_each_order_and_an_846_of_each_shelf() {
    let notice = "BSN*00*LOAD-3*20261123*1005~HL*1**S~REF*BM*BOL123~DTM*011*20261124
        HL*2*1*O~PRF*1001~HL*3*2*P~MAN*CP*1Z1~HL*4*3*I~LIN**VP*A-1*UP*012345678905~SN1**2*EA
        HL*5*2*P~MAN*CP*1Z2~HL*6*5*I~LIN**VP*A-1~SN1**1*EA
        HL*7*1*O~PRF*1002~REF*SI*shp-9~HL*8*7*I~LIN**SK*B-2~SN1**5.00*EA~CTT*8";
    let notice: Vec<&str> = notice.split(['~', '\n']).map(str::trim).collect();
    let text = interchange("SH", "005010", &[("856", &notice)], "\n");
    let all = read(text.as_bytes()).unwrap();
    let told = advices(&all.groups[0].sets[0]);
    assert_eq!(told.len(), 2);
    let first = (told[0].order.as_str(), told[0].shipment.as_str());
    assert_eq!(first, ("1001", ""), "a load of two orders names neither");
    assert_eq!((told[0].tracking.join(" "), told[0].day.as_deref()), ("1Z1 1Z2".into(), Some("2026-11-24")));
    assert_eq!(told[0].lines.iter().map(|line| line.units).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(told[0].lines[0].codes, ["A-1", "012345678905"]);
    assert_eq!((told[1].shipment.as_str(), told[1].tracking.join(" ")), ("shp-9", "BOL123".into()));
    let inquiry = "BIA*00*SI*R1*20261123~LIN*1*VN*A-1~QTY*33*40~QTY*17*50*EA~QTY*17*5~QTY*20*9
        LIN*2*UP*012345678905~QTY*33*7";
    let inquiry: Vec<&str> = inquiry.split(['~', '\n']).map(str::trim).collect();
    let text = interchange("IB", "004010", &[("846", &inquiry)], "~");
    let all = read(text.as_bytes()).unwrap();
    let told = counts(&all.groups[0].sets[0]);
    assert_eq!((told[0].on_hand, told[0].available, &told[0].codes[0][..]), (Some(55), Some(40), "A-1"));
    assert_eq!((told[1].on_hand, told[1].available), (None, Some(7)));
}

#[test]
fn lots_and_bins_of_an_item_are_one_count() {
    let inquiry = "BIA*00*SI*R1*20261123~LIN*1*VN*A-1*LT*L1~QTY*17*40~LIN*2*VN*B-2~QTY*17*5
        LIN*3*VN*A-1*LT*L2~QTY*17*10~QTY*33*3~LIN*4*LT*L3~QTY*17*1~LIN*5*LT*L3~QTY*17*2";
    let inquiry: Vec<&str> = inquiry.split(['~', '\n']).map(str::trim).collect();
    let all = read(interchange("IB", "005010", &[("846", &inquiry)], "~").as_bytes()).unwrap();
    let told = counts(&all.groups[0].sets[0]);
    let told: Vec<_> = told.iter().map(|one| (one.codes.join(" "), one.on_hand, one.available)).collect();
    let expected =
        [("A-1", Some(50), Some(3)), ("B-2", Some(5), None), ("", Some(1), None), ("", Some(2), None)];
    assert_eq!(told, expected.map(|(code, units, free)| (code.to_owned(), units, free)));
}

#[test]
fn what_is_said_of_a_whole_interchange_is_read() {
    let text = interchange("FA", "004010", &[("997", &["AK1*OW*42", "AK9*A*1*1*1"])], "~");
    let text = text.replace("~GS*", "~TA1*000000042*261123*1005*R*022~TA1*000000043*261123*1005*A*000~GS*");
    let read = read(text.as_bytes()).unwrap();
    let told: Vec<_> =
        read.acknowledged.iter().map(|one| (one.control.as_str(), one.code.as_str())).collect();
    assert_eq!((told, read.code), (vec![("000000042", "R"), ("000000043", "A")], None));
    assert_eq!(x12::answer(&read, &envelope("004010", '~')), None, "an answer is not answered");
}

/// Work that grows with the square of its input would be felt here by whoever waits for the test.
#[test]
fn a_group_of_very_many_sets_is_read_in_one_go() {
    let mut text = interchange("SW", "004010", &[], "~");
    let sets: String =
        (0..90_000).map(|at| format!("ST*945*{:06}~SE*2*{:06}~", at % 89_999, at % 89_999)).collect();
    text = text.replace("GE*0*7", &format!("{sets}GE*90000*7"));
    let read = read(text.as_bytes()).unwrap();
    let twice: Vec<usize> = (0..)
        .zip(&read.groups[0].sets)
        .filter(|(_, set)| set.codes.contains(&"23"))
        .map(|(at, _)| at)
        .collect();
    assert_eq!((read.groups[0].sets.len(), twice), (90_000, vec![89_999]), "the number of the first, again");
}

fn order(set: usize, text: &str, units: u32) -> ShippingOrder {
    ShippingOrder {
        set,
        shipment: "shp-7".to_owned(),
        order: "1001".to_owned(),
        day: "2026-11-24".to_owned(),
        carrier: "c ground".to_owned(),
        name: text.to_owned(),
        street: text.repeat(3),
        city: text.to_owned(),
        postal: "28401".to_owned(),
        country: "US".to_owned(),
        phone: text.to_owned(),
        lines: vec![Line { sku: "A-1".to_owned(), units }, Line { sku: text.to_owned(), units: 1 }],
    }
}

#[test]
fn a_940_says_what_to_send_and_whom_it_is_for() {
    let orders = [order(1, "Jo Tern", 3), order(3, "An~Re*ed", 1)];
    let text = x12::shipping_orders(&envelope("004010", '~'), &orders);
    let begins = "ISA*00*          *00*          *ZZ*HOLDFAST       *ZZ*NORTH3PL       *261123*1005*U*00401*000000042*0*P*>~\
        GS*OW*HOLDFAST*NORTH3PL*20261123*1005*42*X*004010~ST*940*0001~W05*N*shp-7*1001~N1*ST*Jo Tern~";
    assert!(text.starts_with(begins), "{text}");
    assert_eq!(text.find('~'), Some(105), "an ISA has 106 characters");
    let lines = "G62*10*20261124~W66*PP*U***c ground~LX*1~W01*3*EA**VN*A-1~LX*2~W01*1*EA**VN*Jo Tern~W76*4~SE*14*0001~";
    assert!(text.contains(lines), "{text}");
    assert!(text.contains("N1*ST*An Re ed~"), "a name cannot end a segment: {text}");
    let third = text.contains("~ST*940*0003~") && text.contains("*0003~GE*");
    assert!(third, "one that is left out leaves the others their numbers: {text}");
    assert!(text.ends_with("GE*2*42~IEA*1*000000042~"), "{text}");
    // What the warehouse makes of it comes back.
    let told =
        ["AK1*OW*42", "AK2*940*0001", "AK5*A", "AK2*940*0002", "AK3*N4*5**8", "AK5*R*5", "AK9*P*2*2*1"];
    let answer = interchange("FA", "004010", &[("997", &told)], "~");
    let answer = read(answer.as_bytes()).unwrap();
    let told = functional(&answer.groups[0].sets[0]).unwrap();
    assert_eq!((told.control.as_str(), told.status.as_str()), ("42", "P"));
    assert_eq!(told.refused, [("0002".to_owned(), "R".to_owned())]);
    assert_eq!(x12::answer(&answer, &envelope("004010", '~')), None, "an answer is not answered");
}

#[test]
fn others_samples_are_read_and_their_own_faults_are_told() {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let folder = std::env::var_os("HOLDFAST_DATA").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let file = |name: &str| std::fs::read(folder.join("edi").join(name)).ok();
    let Some(advice) = file("005010_945.edi") else {
        assert!(std::env::var_os("HOLDFAST_STRICT").is_none(), "HOLDFAST_STRICT=1 and no data folder");
        eprintln!("SKIPPED: others' X12 samples (no data folder)");
        return;
    };
    let advice = String::from_utf8(advice).unwrap();
    let sample = read(advice.as_bytes()).unwrap();
    let told = &advices(&sample.groups[0].sets[0])[0];
    assert_eq!(
        (told.shipment.as_str(), told.order.as_str(), told.lines[0].units),
        ("IF102", "PO9865", 3_000)
    );
    assert!(answered(&advice).contains(&"AK5*R*4".to_owned()), "it says 12 segments and has 16");
    let stock = file("005010_846.edi").unwrap();
    let told = counts(&read(&stock).unwrap().groups[0].sets[0]);
    assert_eq!(told.iter().map(|count| count.available).collect::<Vec<_>>(), [Some(100), Some(50)]);
    let old = String::from_utf8(file("004060_856.edi").unwrap()).unwrap();
    let sample = read(old.as_bytes()).unwrap();
    assert_eq!(sample.separators.terminator, '\n');
    assert_eq!(advices(&sample.groups[0].sets[0])[0].tracking, ["5787970539"]);
    assert!(answered(&old).contains(&"AK9*R*1*1*0*2".to_owned()), "004060 is not read");
    let notice = read(&file("005010_856.edi").unwrap()).unwrap();
    assert_eq!(advices(&notice.groups[0].sets[0])[0].lines[0].units, 100);
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        drop(read(&bytes));
    }

    #[test]
    fn an_interchange_that_was_tampered_with_is_answered_or_refused(
        at in 0_usize..700, byte in any::<u8>(), cut in 0_usize..700, copies in 1_usize..4,
    ) {
        let sets: Vec<(&str, &[&str])> = (0..copies).map(|_| ("945", &ADVICE[..])).collect();
        let mut bytes = interchange("SW", "005010", &sets, "~").into_bytes();
        let (len, place) = (bytes.len(), at % bytes.len());
        bytes[place] = byte;
        if cut < 100 {
            bytes.remove(cut % len);
        }
        if let Ok(read) = read(&bytes) {
            for set in read.groups.iter().flat_map(|group| &group.sets) {
                drop((advices(set), counts(set), functional(set)));
            }
            if let Some(answer) = x12::answer(&read, &envelope("005010", '~')) {
                let again = x12::read(answer.as_bytes()).unwrap();
                assert!(again.groups.iter().flat_map(|group| &group.sets).count() <= read.groups.len());
            }
        }
    }

    #[test]
    fn a_940_survives_any_names(
        text in "\\PC{0,40}".prop_map(|text| format!("x{text}")), units in 1_u32..1_000_000,
        newline in any::<bool>(), five in any::<bool>(),
    ) {
        let version = if five { "005010" } else { "004010" };
        let envelope = envelope(version, if newline { '\n' } else { '~' });
        let written = x12::shipping_orders(&envelope, &[order(1, &text, units)]);
        let read = read(written.as_bytes()).unwrap();
        assert_eq!(read.code, None, "{written}");
        let set = &read.groups[0].sets[0];
        assert_eq!(set.codes, ["1"], "this house takes no 940, and nothing else is wrong: {written}");
        let lines = set.segments.iter().filter(|segment| segment.id == "W01");
        let lines: Vec<&str> = lines.map(|segment| segment.get(1)).collect();
        assert_eq!(lines, [units.to_string(), "1".to_owned()]);
    }
}
