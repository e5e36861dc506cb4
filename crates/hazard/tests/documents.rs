//! Documents of every kind: the shared samples are read as what they are; broken and hostile ones are refused with place,
//! cause and remedy, and never read as nothing.

use std::path::PathBuf;

use holdfast_domain::incident::Hazard;
use holdfast_domain::place::Place;
use holdfast_domain::time::{Span, Stamp};
use holdfast_hazard::alert::{
    DrawnHead, FeedState, FeedWatch, OrderBaseline, OrderFeedState, Severity, SiteVoice, around, heartbeat,
    order_feed, read_drawn, silent_site,
};
use holdfast_hazard::document::{Document, DocumentError, Kind, kind_of, read};

#[allow(clippy::disallowed_methods)] // Tests read files; the crate does not.
fn data(path: &str) -> Option<Vec<u8>> {
    let folder = std::env::var("HOLDFAST_DATA").map_or_else(
        |_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    match std::fs::read(folder.join(path)) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            assert!(std::env::var("HOLDFAST_STRICT").as_deref() != Ok("1"), "{path}: {error}");
            eprintln!("SKIPPED: {path} (no data folder)");
            None
        }
    }
}

/// How much a document holds that can be acted on, and how many entries were refused.
fn counted(document: &Document) -> (usize, usize) {
    match document {
        Document::Alerts(reading) | Document::Storms(_, reading) => {
            (reading.alerts.len(), reading.refused.len())
        }
        Document::Areas(areas) => (areas.len(), 0),
        Document::Tracks(tracks) => (tracks.len(), 0),
        Document::Forecasts(forecasts) => (forecasts.len(), 0),
    }
}

#[test]
fn the_shared_samples_are_read_as_what_they_are() {
    let storms = ["ian2022", "ida2021", "irma2017", "sandy2012", "florence2018", "michael2018"];
    let mut samples: Vec<(String, Kind, usize)> =
        storms.iter().map(|name| (format!("storms/{name}-bdeck.dat"), Kind::Track, 1)).collect();
    samples.extend([
        ("storms/florence2018_OFCL_adeck.dat".to_owned(), Kind::Forecasts, 60),
        ("storms/atlantic_storms_1975_2024.csv".to_owned(), Kind::Track, 690),
        ("alerts/TCVMLB.txt".to_owned(), Kind::NwsText, 10),
        ("alerts/google-canada.cap".to_owned(), Kind::Cap, 1),
        ("alerts/google-weather.cap".to_owned(), Kind::Cap, 1),
        ("alerts/ipaws-5e7e0fc5023f1930efcf3deb.xml".to_owned(), Kind::Cap, 1),
        ("alerts/nws-5c2cf27b1f56885d61654dc47fa411d5.xml".to_owned(), Kind::Cap, 1),
    ]);
    for (path, kind, least) in samples {
        let Some(bytes) = data(&format!("hazards/{path}")) else { return };
        let (found, document) = read(&bytes, None).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(found, kind, "{path}");
        let (read, refused) = counted(&document);
        assert!(read >= least && refused == 0, "{path}: {read} read, {refused} refused");
    }
    let Some(bomb) = data("hazards/alerts/google-xee.cap") else { return };
    let told = read(&bomb, None).unwrap_err().to_string();
    assert!(told.contains("document type declarations are refused"), "{told}");
}

const QUAKE: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":"us1","geometry":{"type":"Point","coordinates":[-118.2,34.0,10]},"properties":{"mag":6.5,"time":1536900000000,"title":"M 6.5"}}]}"#;
const STORMS: &str = r#"{"activeStorms":[{"id":"al062018","name":"Florence","classification":"HU","intensity":"90","latitude":"29.0N","longitude":"70.1W","lastUpdate":"2018-09-12T15:00:00.000Z"}]}"#;
const GDACS: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[130,30]},"properties":{"eventtype":"TC","eventid":1000910,"alertlevel":"Red","name":"Hinnamnor","fromdate":"2022-08-28T06:00:00","todate":"2022-09-06T06:00:00"}}]}"#;
const NWS: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[-78,34],[-77,34],[-77,35],[-78,34]]]},"properties":{"id":"urn:1","areaDesc":"New Hanover","sent":"2018-09-14T07:15:00Z","status":"Actual","messageType":"Alert","severity":"Extreme","certainty":"Observed","urgency":"Immediate","event":"Hurricane Warning"}}]}"#;
const DRAWN: &str = r#"{"type":"Polygon","coordinates":[[[-78,34],[-77,34],[-77,35],[-78,34]]]}"#;
const CAP: &str = "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>a</identifier><sender>s</sender>\
    <sent>2018-09-14T07:15:00-00:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info>\
    <category>Met</category><event>Flood</event><urgency>Immediate</urgency><severity>Severe</severity>\
    <certainty>Observed</certainty><area><areaDesc>x</areaDesc><circle>34.0,-78.0 20</circle></area></info></alert>";
const ATOM: &str = "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:cap=\"urn:oasis:names:tc:emergency:cap:1.2\">\
    <entry><id>urn:1</id><updated>2018-09-14T07:15:00-00:00</updated><published>2018-09-14T07:15:00-00:00</published>\
    <cap:event>Flood Warning</cap:event><cap:sent>2018-09-14T07:15:00-00:00</cap:sent>\
    <cap:effective>2018-09-14T07:15:00-00:00</cap:effective><cap:expires>2018-09-14T17:15:00-00:00</cap:expires>\
    <cap:status>Actual</cap:status><cap:msgType>Alert</cap:msgType><cap:urgency>Immediate</cap:urgency>\
    <cap:severity>Severe</cap:severity><cap:certainty>Observed</cap:certainty><cap:areaDesc>x</cap:areaDesc>\
    <cap:polygon>34,-78 34,-77 35,-77 34,-78</cap:polygon></entry></feed>";
const BEST: &str = "AL, 06, 2018091412,   , BEST,   0, 340N,  779W,  75,  957, HU,  64, NEQ,   40,   30,   20,   20,\n\
    AL, 06, 2018091418,   , BEST,   0, 340N,  783W,  60,  968, TS,  34, NEQ,  160,  140,   80,  100,\n";
const ISSUED: &str = "AL, 06, 2018091206, 03, OFCL,   0, 283N,  692W, 115,    0, HU,  34, NEQ,  150,  125,   80,  130,\n\
    AL, 06, 2018091206, 03, OFCL,  12, 297N,  708W, 120,    0, HU,  34, NEQ,  170,  140,   90,  140,\n";
const HURDAT: &str = "AL062018,           FLORENCE,      2,\n\
    20180914, 1115, L, HU, 34.2N,  77.8W,  80,  956,  170,  130,   90,  140,   90,   70,   50,   60,   40,   30,   20,   20,\n\
    20180914, 1200,  , HU, 34.1N,  77.9W,  80,  957,  170,  130,   90,  140,   90,   70,   50,   60,   40,   30,   20,   20,\n";

/// Good documents of each kind that is not among the samples.
const GOOD: [(&str, Kind, &str); 10] = [
    ("quake", Kind::Usgs, QUAKE),
    ("storms", Kind::CurrentStorms, STORMS),
    ("gdacs", Kind::Gdacs, GDACS),
    ("nws", Kind::NwsGeoJson, NWS),
    ("drawn", Kind::Drawn, DRAWN),
    ("cap", Kind::Cap, CAP),
    ("atom", Kind::Atom, ATOM),
    ("best", Kind::Track, BEST),
    ("issued", Kind::Forecasts, ISSUED),
    ("hurdat", Kind::Track, HURDAT),
];

/// What a document says of itself: an error, or the first entry that was refused.
fn told(bytes: &[u8], kind: Option<Kind>) -> String {
    match read(bytes, kind) {
        Err(error) => {
            let mut text = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(inner) = source {
                text = format!("{text}: {inner}");
                source = inner.source();
            }
            text
        }
        Ok((_, Document::Alerts(reading) | Document::Storms(_, reading))) => {
            reading.refused.first().map_or_else(|| "READ".to_owned(), ToString::to_string)
        }
        Ok(_) => "READ".to_owned(),
    }
}

#[test]
fn good_documents_of_every_kind_are_read() {
    for (name, kind, text) in GOOD {
        assert_eq!(kind_of(text.as_bytes()), Ok(kind), "{name}");
        let (_, document) = read(text.as_bytes(), None).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            (counted(&document).0.min(1), told(text.as_bytes(), None).as_str()),
            (1, "READ"),
            "{name}: {document:?}"
        );
        // A byte-order mark and blanks before it change nothing.
        let marked = format!("\u{feff}{text}");
        assert_eq!(kind_of(marked.as_bytes()), Ok(kind), "{name}");
    }
}

#[test]
fn broken_documents_say_where_and_what_to_do() {
    // (what is done, to which document, the parts of what is said)
    let table: Vec<(&str, Vec<u8>, Option<Kind>, &[&str])> = vec![
        ("empty", Vec::new(), None, &["without content", "fetch it again"]),
        ("blank", b" \n\t ".to_vec(), None, &["without content"]),
        ("another kind", b"hello world".to_vec(), None, &["begins \"hello world\"", "cap, atom"]),
        ("a page", b"<html><body>503</body></html>".to_vec(), None, &["begins \"<html>", "name its kind"]),
        ("a picture", vec![0x89, b'P', b'N', b'G', 0xFF], None, &["begins"]),
        ("packed", vec![0x1F, 0x8B, 8, 0, 0, 0], Some(Kind::Track), &["byte 1", "0x8b", "unpack"]),
        (
            "UTF-16",
            [vec![0xFF, 0xFE], "<alert/>".encode_utf16().flat_map(u16::to_le_bytes).collect()].concat(),
            None,
            &["UTF-16", "save it as UTF-8"],
        ),
        (
            "UTF-16 unmarked",
            "<alert/>".encode_utf16().flat_map(u16::to_le_bytes).collect(),
            None,
            &["UTF-16"],
        ),
        ("UTF-32", vec![0xFF, 0xFE, 0, 0, 60, 0, 0, 0], None, &["UTF-32"]),
        ("cut XML", CAP.as_bytes()[..CAP.len() - 30].to_vec(), None, &["line 1", "fetch the document again"]),
        (
            "cut JSON",
            QUAKE.as_bytes()[..QUAKE.len() - 30].to_vec(),
            None,
            &["line 1", "fetch the document again"],
        ),
        ("cut drawing", DRAWN.as_bytes()[..40].to_vec(), None, &["line 1, column"]),
        ("cut track", BEST.as_bytes()[..BEST.len() - 75].to_vec(), None, &["line 2", "field"]),
        (
            "a bomb",
            [
                b"<!DOCTYPE x [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]><alert>".to_vec(),
                b"&b;</alert>".to_vec(),
            ]
            .concat(),
            None,
            &["document type", "do not trust"],
        ),
        (
            "an entity",
            CAP.replace("<areaDesc>x", "<areaDesc>&nbsp;").into_bytes(),
            None,
            &["&nbsp;", "not defined"],
        ),
        ("deep", "<alert>".repeat(500).into_bytes(), None, &["inside each other"]),
        (
            "deep JSON",
            format!("{}{}", "{\"activeStorms\":".repeat(300), "}".repeat(300)).into_bytes(),
            None,
            &["line 1"],
        ),
        (
            "huge",
            [CAP.as_bytes(), &vec![b' '; holdfast_hazard::alert::BYTES_MAX][..]].concat(),
            None,
            &["at most", "check what the feed's address serves"],
        ),
        (
            "a long line",
            format!("AL, 06, 2018091412,   , BEST,{}", " ".repeat(5_000)).into_bytes(),
            None,
            &["line 1", "bytes"],
        ),
        ("NaN place", STORMS.replace("29.0N", "NaNN").into_bytes(), None, &["activeStorms[0]"]),
        ("no place", STORMS.replace("29.0N", "91.0N").into_bytes(), None, &["activeStorms[0]", "latitude"]),
        ("NaN in JSON", QUAKE.replace("34.0", "NaN").into_bytes(), None, &["line 1"]),
        ("off the globe", QUAKE.replace("34.0", "340.0").into_bytes(), None, &["features[0]"]),
        (
            "far off",
            DRAWN.replace("35", "1e308").into_bytes(),
            None,
            &["not on the globe", "longitude comes first"],
        ),
        (
            "a line is no area",
            DRAWN.replace("Polygon", "LineString").into_bytes(),
            None,
            &["read GeoJSON at"],
        ),
        ("CAP circle", CAP.replace("34.0,-78.0 20", "34.0,-78.0 inf").into_bytes(), None, &["circle"]),
        ("CAP place", CAP.replace("34.0,-78.0 20", "134.0,-78.0 20").into_bytes(), None, &["circle"]),
        (
            "CAP date",
            CAP.replace("2018-09-14", "2018-13-44").into_bytes(),
            None,
            &["sent", "a moment with its offset"],
        ),
        ("CAP status", CAP.replace("Actual", "Perhaps").into_bytes(), None, &["status", "Perhaps"]),
        (
            "no severity word",
            NWS.replace("Extreme", "Awful").into_bytes(),
            None,
            &["features[0].properties", "severity", "Awful"],
        ),
        (
            "no date",
            NWS.replace("2018-09-14T07:15:00Z", "yesterday").into_bytes(),
            None,
            &["features[0].properties", "sent", "yesterday"],
        ),
        ("no magnitude", QUAKE.replace("6.5,", "null,").into_bytes(), None, &["features[0]"]),
        (
            "Atom date",
            ATOM.replace("2018-09-14", "14.9.2018").into_bytes(),
            None,
            &["a moment with its offset"],
        ),
        ("GDACS place", GDACS.replace("[130,30]", "[130,300]").into_bytes(), None, &["features[0]"]),
        ("ATCF wind", BEST.replace("  75,", " 975,").into_bytes(), None, &["line 1", "field"]),
        ("ATCF place", BEST.replace("340N", "9x0N").into_bytes(), None, &["line 1", "field"]),
        ("ATCF date", BEST.replace("2018091412", "2018991412").into_bytes(), None, &["line 1", "field"]),
        ("a-deck lead", ISSUED.replace("OFCL,  12", "OFCL, x12").into_bytes(), None, &["line 2", "field"]),
        ("another technique", ISSUED.replace("OFCL", "AVNO").into_bytes(), None, &["has none"]),
        ("HURDAT count", HURDAT.replace("      2,", "      3,").into_bytes(), None, &["line"]),
        ("HURDAT place", HURDAT.replace("34.2N", "94.2N").into_bytes(), None, &["line 2", "field"]),
        ("the wrong reader", QUAKE.as_bytes().to_vec(), Some(Kind::Cap), &["line 1"]),
        ("the wrong reader", CAP.as_bytes().to_vec(), Some(Kind::Usgs), &["line 1"]),
        ("the wrong reader", CAP.as_bytes().to_vec(), Some(Kind::Atom), &["check which reader"]),
        ("the wrong reader", BEST.as_bytes().to_vec(), Some(Kind::NwsText), &["WTUS82"]),
    ];
    let mut wrong = Vec::new();
    for (what, bytes, kind, parts) in table {
        let said = told(&bytes, kind);
        if !parts.iter().all(|part| said.contains(part)) {
            wrong.push(format!("{what}: {said}\n   wanted {parts:?}"));
        }
        assert!(said.len() < 1_000, "{what}: what is said is {} bytes long", said.len());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_last_years_of_the_calendar_are_read_or_refused_but_never_break() {
    for (name, _, text) in GOOD {
        for year in ["9999", "0001", "1583"] {
            let said = told(text.replace("2018", year).replace("2022", year).as_bytes(), None);
            assert!(!said.is_empty(), "{name}");
        }
        for big in ["1e400", "-1e400", "9223372036854775807", "99999999999999999999"] {
            let said = told(
                text.replace("1536900000000", big)
                    .replace("6.5", big)
                    .replace("20<", &format!("{big}<"))
                    .as_bytes(),
                None,
            );
            assert!(!said.is_empty(), "{name}");
        }
    }
}

#[test]
fn every_cut_is_an_answer_or_an_error() {
    for (name, kind, text) in GOOD {
        for end in 0..text.len() {
            if text.is_char_boundary(end) {
                let said = told(&text.as_bytes()[..end], Some(kind));
                assert!(!said.is_empty(), "{name} cut at {end}");
            }
        }
    }
}

#[test]
fn drawn_areas_beats_and_order_feeds_bear_wrong_numbers() {
    let head = DrawnHead {
        id: "a",
        operator: "op",
        hazard: Hazard::Flood,
        name: "x",
        severity: Severity::Severe,
        drawn: Stamp(0),
        onset: Stamp(0),
        ends: Stamp(1),
    };
    let here = Place::new(34.0, -78.0).unwrap();
    for radius in [f64::NAN, f64::INFINITY, -1.0, 1e30] {
        assert!(around(&head, here, radius).is_err(), "radius {radius}");
    }
    assert!(Place::new(f64::NAN, 0.0).is_err() && Place::new(0.0, f64::INFINITY).is_err());
    let point = r#"{"type":"Point","coordinates":[-78,34]}"#;
    let said = read_drawn(&head, point).unwrap_err().to_string();
    assert!(said.contains("radius"), "{said}");
    // Clocks that went back, beats from the end of time, no interval at all.
    let late = Stamp(i64::MAX);
    assert_eq!(heartbeat(late, Span(0), Stamp(0)), SiteVoice::Answers);
    assert!(matches!(heartbeat(Stamp(i64::MIN / 2), Span(0), Stamp(0)), SiteVoice::Silent { .. }));
    assert_eq!(silent_site("WH1", here, Stamp(0), Stamp(1)).areas.len(), 1);
    let watch = FeedWatch { name: "x".into(), cadence: Span(0), since: Stamp(0), last_read: Some(late) };
    assert!(matches!(watch.state(Stamp(5)), FeedState::Fresh(_)));
    let baseline = OrderBaseline::learn(std::iter::empty());
    for (hour, share) in [(0, 1.0), (167, 0.0), (500, f64::NAN), (3, f64::INFINITY), (5, -1.0)] {
        let state = order_feed(&baseline, hour, share, u32::MAX);
        assert!(!matches!(state, OrderFeedState::Silent { .. }), "{hour} {share}: {state:?}");
    }
}

#[test]
fn a_document_in_latin_1_names_the_byte() {
    let mut bytes = BEST.as_bytes().to_vec();
    bytes[60] = 0xE9;
    let found = read(&bytes, None).unwrap_err();
    assert_eq!(found, DocumentError::NotText { at: 60, byte: 0xE9 });
}
