//! The house's rooms: dependencies point one way, and the pure crates reach nothing that is not pure.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// What each crate may know of the others, straight and through others: everything that stands before it.
const MAY_USE: &[(&str, &[&str])] = &[
    ("holdfast-domain", &[]),
    ("holdfast-plan", &["holdfast-domain"]),
    ("holdfast-hazard", &["holdfast-domain"]),
    ("holdfast-book", &["holdfast-domain"]),
    ("holdfast-engine", &["holdfast-domain", "holdfast-plan", "holdfast-hazard"]),
    ("holdfast-continuity", &["holdfast-domain", "holdfast-plan", "holdfast-hazard", "holdfast-engine"]),
    (
        "holdfast-console",
        &[
            "holdfast-domain",
            "holdfast-plan",
            "holdfast-hazard",
            "holdfast-book",
            "holdfast-engine",
            "holdfast-continuity",
            "holdfast-app",
            "holdfast-print",
        ],
    ),
    (
        "holdfast-app",
        &[
            "holdfast-domain",
            "holdfast-plan",
            "holdfast-hazard",
            "holdfast-book",
            "holdfast-engine",
            "holdfast-continuity",
        ],
    ),
    ("holdfast-journal", &["holdfast-domain", "holdfast-engine", "holdfast-app"]),
    ("holdfast-notify", &["holdfast-domain", "holdfast-engine", "holdfast-app", "holdfast-connect"]),
    ("holdfast-connect", &["holdfast-domain"]),
    ("holdfast-outbound", &["holdfast-domain", "holdfast-connect"]),
    ("holdfast-access", &[]),
    ("holdfast-print", &[]),
    (
        "holdfast-web",
        &[
            "holdfast-domain",
            "holdfast-plan",
            "holdfast-hazard",
            "holdfast-book",
            "holdfast-engine",
            "holdfast-continuity",
            "holdfast-app",
            "holdfast-connect",
            "holdfast-access",
            "holdfast-console",
            "holdfast-notify",
            "holdfast-print",
        ],
    ),
    (
        "holdfast-sim",
        &[
            "holdfast-domain",
            "holdfast-plan",
            "holdfast-hazard",
            "holdfast-book",
            "holdfast-engine",
            "holdfast-continuity",
            "holdfast-app",
            "holdfast-journal",
        ],
    ),
];

/// Crates that know no clock, no entropy, no network, no file and no thread of their own.
const PURE: &[&str] = &[
    "holdfast-domain",
    "holdfast-plan",
    "holdfast-hazard",
    "holdfast-book",
    "holdfast-engine",
    "holdfast-continuity",
    "holdfast-console",
    "holdfast-print",
];

/// Libraries a pure crate must not reach, not even through others. `getrandom` is not named: the resolved graph shows
/// it under `rand_core` as soon as any crate of the workspace asks for it; Clippy bans its use here instead.
const IMPURE: &[&str] = &[
    "tokio",
    "rusqlite",
    "axum",
    "hyper",
    "reqwest",
    "ureq",
    "lettre",
    "mio",
    "socket2",
    "tracing-subscriber",
    "indicatif",
    "clap",
    "tempfile",
];

struct Graph {
    straight: BTreeMap<String, BTreeSet<String>>,
}

fn graph() -> Graph {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let name_of = |id: &serde_json::Value| {
        let packages = metadata["packages"].as_array().expect("a list");
        let found = packages.iter().find(|package| package["id"] == *id).expect("listed");
        found["name"].as_str().expect("a name").to_owned()
    };
    let mut straight: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().expect("a list") {
        // Development and build dependencies are not part of what ships.
        let ships = |dep: &&serde_json::Value| {
            dep["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
        };
        let deps =
            node["deps"].as_array().expect("a list").iter().filter(ships).map(|dep| name_of(&dep["pkg"]));
        straight.entry(name_of(&node["id"])).or_default().extend(deps);
    }
    Graph { straight }
}

impl Graph {
    fn reach(&self, from: &str) -> BTreeSet<String> {
        let (mut reached, mut todo) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(next) = todo.pop() {
            for dep in self.straight.get(&next).into_iter().flatten() {
                if reached.insert(dep.clone()) {
                    todo.push(dep.clone());
                }
            }
        }
        reached
    }
}

#[test]
fn dependencies_point_one_way() {
    let graph = graph();
    for (name, allowed) in MAY_USE {
        let reached = graph.reach(name);
        let ours: Vec<&String> = reached.iter().filter(|dep| dep.starts_with("holdfast-")).collect();
        let stray: Vec<_> = ours.iter().filter(|dep| !allowed.contains(&dep.as_str())).collect();
        let through_app = allowed.contains(&"holdfast-app");
        // Whoever may use the app reaches what the app reaches.
        let stray: Vec<_> = stray
            .into_iter()
            .filter(|dep| !through_app || !graph.reach("holdfast-app").contains(dep.as_str()))
            .collect();
        assert!(stray.is_empty(), "{name} reaches {stray:?}");
    }
    for name in graph.straight.keys().filter(|name| name.starts_with("holdfast-")) {
        let known = MAY_USE.iter().any(|(known, _)| known == name) || name == "holdfast-cli";
        assert!(known, "{name} has no place in the house: add it to MAY_USE");
    }
}

#[test]
fn pure_crates_reach_nothing_impure() {
    let graph = graph();
    for name in PURE {
        let reached = graph.reach(name);
        let stray: Vec<&&str> = IMPURE.iter().filter(|dep| reached.contains(**dep)).collect();
        assert!(stray.is_empty(), "{name} reaches {stray:?}");
    }
}

/// Korean texts say one word for a site (docs/reference/korean.md).
#[test]
fn korean_texts_say_one_word_for_a_site() {
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut read = 0;
    for folder in std::fs::read_dir(crates).unwrap() {
        let Ok(texts) = std::fs::read_dir(folder.unwrap().path().join("locales/ko")) else { continue };
        for file in texts {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            for wrong in ["거점", "물류 센터"] {
                let line = text.lines().find(|line| line.contains(wrong));
                assert_eq!(line, None, "{}: write 물류센터 instead of {wrong}", path.display());
            }
            read += 1;
        }
    }
    assert!(read > 5, "{read} files were read");
}
