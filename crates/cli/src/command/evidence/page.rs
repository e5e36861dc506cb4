//! The evidence as a document, by clause of ISO 22301:2019.

use holdfast_console::words::{Arg, Locale, Words};
use holdfast_domain::money::group_thousands;
use holdfast_domain::time::{Stamp, Zone};
use holdfast_print::{Block, Document, Section};

use super::gather::Evidence;

struct Page<'a> {
    found: &'a Evidence,
    w: Words,
    zone: Zone,
}

/// The document.
pub fn document(found: &Evidence, locale: Locale) -> Document {
    let page = Page { found, w: Words::of(locale), zone: Zone::utc() };
    let w = page.w;
    let sections = vec![
        page.section("8-2", page.analysis()),
        page.section("8-3", page.strategies()),
        page.section("8-4", page.procedures()),
        page.section("8-5", page.exercises()),
        page.section("8-6", page.capabilities()),
        page.section("9", page.performance()),
        page.section("10", page.improvement()),
    ];
    let mut document = Document {
        language: locale.tag().to_owned(),
        title: w.say("evidence-title"),
        owner: found.operator.clone(),
        cover: Vec::new(),
        running: String::new(),
        contents: w.say("bcp-contents"),
        sections,
    };
    let digest = document.digest();
    document.cover = vec![
        (w.say("bcp-cover-made"), page.moment(found.at)),
        (w.say("bcp-cover-state"), w.with("bcp-cover-entry", &[("version", Arg::from(found.version))])),
        (w.say("evidence-state-digest"), found.state_digest.clone()),
        (w.say("bcp-cover-digest"), digest.clone()),
    ];
    document.running = format!("{} · {} · {}", found.operator, document.title, &digest[..16]);
    document
}

impl Page<'_> {
    fn section(&self, clause: &str, blocks: Vec<Block>) -> Section {
        let id = format!("clause-{clause}");
        Section { title: self.w.say(&format!("evidence-{id}")), id, own_page: false, blocks }
    }

    fn moment(&self, at: Stamp) -> String {
        self.w.moment(at, &self.zone)
    }

    fn text(&self, key: &str) -> Block {
        Block::Text { text: self.w.say(key) }
    }

    fn table(&self, heads: &[&str], right: &[usize], rows: Vec<Vec<String>>) -> Block {
        if rows.is_empty() {
            return Block::Box { text: self.w.say("evidence-none") };
        }
        let head = heads.iter().map(|key| self.w.say(key)).collect();
        Block::Table { caption: String::new(), head, right: right.to_vec(), rows }
    }

    fn versions(&self) -> Block {
        let rows = self.found.plans.iter().map(|plan| {
            vec![
                plan.number.to_string(),
                self.moment(plan.made),
                group_thousands(plan.state_version),
                plan.digest_en.clone(),
                plan.digest_ko.clone(),
            ]
        });
        let heads = [
            "bcp-cover-version",
            "bcp-cover-made",
            "bcp-cover-state",
            "evidence-digest-en",
            "evidence-digest-ko",
        ];
        self.table(&heads, &[0, 2], rows.collect())
    }

    fn analysis(&self) -> Vec<Block> {
        vec![self.text("evidence-8-2-says"), self.versions()]
    }

    fn strategies(&self) -> Vec<Block> {
        let (sites, standby) = self.found.sites;
        let counted = self
            .w
            .with("evidence-8-3-counts", &[("sites", Arg::from(sites)), ("standby", Arg::from(standby))]);
        vec![self.text("evidence-8-3-says"), Block::Text { text: counted }]
    }

    fn procedures(&self) -> Vec<Block> {
        let rows = self
            .found
            .approvals
            .iter()
            .map(|approval| vec![self.moment(approval.at), approval.who.clone(), approval.id.clone()]);
        let approvals = self.table(&["evidence-when", "evidence-who", "evidence-what"], &[], rows.collect());
        let rows = self.found.replans.iter().map(|plan| {
            vec![
                self.moment(plan.adopted),
                plan.digest.clone(),
                plan.moved.to_string(),
                plan.skipped.to_string(),
                group_thousands(plan.cost.unsigned_abs()),
                group_thousands(plan.bound.unsigned_abs()),
            ]
        });
        let heads = [
            "evidence-when",
            "evidence-digest",
            "evidence-moved",
            "evidence-skipped",
            "evidence-cost",
            "evidence-bound",
        ];
        let replans = self.table(&heads, &[2, 3, 4, 5], rows.collect());
        vec![
            self.text("evidence-8-4-says"),
            self.text("evidence-approvals"),
            approvals,
            self.text("evidence-replans"),
            replans,
        ]
    }

    fn incidents(&self, drill: bool) -> Block {
        let rows = self.found.incidents.iter().filter(|incident| incident.drill == drill).map(|incident| {
            let at = |at: Option<Stamp>| at.map_or_else(|| self.w.say("none"), |at| self.moment(at));
            vec![
                incident.name.clone(),
                self.w.say(&format!("hazard-{}", incident.hazard.replace('_', "-"))),
                self.moment(incident.opened),
                at(incident.declared),
                at(incident.ended),
                incident.sites.to_string(),
                incident.notices.to_string(),
            ]
        });
        let heads = [
            "bcp-name",
            "bcp-threat",
            "evidence-opened",
            "evidence-declared",
            "evidence-ended",
            "bcp-sites-count",
            "evidence-notices",
        ];
        self.table(&heads, &[5, 6], rows.collect())
    }

    fn calls(&self, drill: bool) -> Block {
        let incidents = self.found.incidents.iter().filter(|incident| incident.drill == drill);
        let rows = incidents.flat_map(|incident| incident.calls.iter().map(move |call| (incident, call)));
        let rows = rows.map(|(incident, call)| {
            let asked: Vec<String> = call
                .contacts
                .iter()
                .map(|asked| {
                    let status = self.w.say(&format!("evidence-call-{}", asked.status.replace('_', "-")));
                    format!("{}: {status}, {}", asked.contact, self.moment(asked.at))
                })
                .collect();
            let how = self.w.say(&format!("evidence-call-{}", call.how.unwrap_or("open")));
            let ended = [Some(how), call.who.clone(), call.ended.map(|at| self.moment(at))];
            vec![
                incident.name.clone(),
                self.moment(call.made),
                format!("{}: {}", self.w.say(&format!("call-audience-{}", call.audience)), call.place),
                asked.join("; "),
                ended.into_iter().flatten().collect::<Vec<_>>().join(", "),
            ]
        });
        let heads =
            ["bcp-name", "evidence-when", "evidence-what", "evidence-call-asked", "evidence-call-ended"];
        self.table(&heads, &[], rows.collect())
    }

    fn exercises(&self) -> Vec<Block> {
        let rows = self.found.drills.iter().map(|drill| {
            vec![
                self.moment(drill.at),
                drill.scenario.clone(),
                format!("{} / {}", group_thousands(drill.kept), group_thousands(drill.orders)),
                group_thousands(drill.waiting),
                format!("{} / {}", drill.plans.1, drill.plans.0),
                self.w.say(if drill.sound { "yes" } else { "no" }),
                drill.open_findings.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
            ]
        });
        let heads = [
            "evidence-when",
            "evidence-scenario",
            "evidence-kept",
            "evidence-kept-waiting",
            "evidence-plans-accepted",
            "evidence-sound",
            "evidence-open-then",
        ];
        let drills = self.table(&heads, &[2, 3, 4], rows.collect());
        vec![
            self.text("evidence-8-5-says"),
            drills,
            self.text("evidence-live-drills"),
            self.incidents(true),
            self.text("evidence-calls"),
            self.calls(true),
        ]
    }

    fn capabilities(&self) -> Vec<Block> {
        let rows = self.found.restores.iter().map(|restore| {
            vec![
                self.moment(Stamp(restore.at)),
                self.w.say(if restore.kind == "proof" { "evidence-proof" } else { "evidence-backup" }),
                self.w.say(if restore.ok { "yes" } else { "no" }),
                group_thousands(restore.version),
                self.w.decimal(restore.seconds, 1),
            ]
        });
        let heads =
            ["evidence-when", "evidence-what", "evidence-held", "bcp-cover-state", "evidence-seconds"];
        let whole = if self.found.log_whole { "evidence-log-whole" } else { "evidence-missing-log" };
        vec![self.text("evidence-8-6-says"), self.table(&heads, &[3, 4], rows.collect()), self.text(whole)]
    }

    fn performance(&self) -> Vec<Block> {
        vec![
            self.text("evidence-9-says"),
            self.incidents(false),
            self.text("evidence-calls"),
            self.calls(false),
        ]
    }

    fn improvement(&self) -> Vec<Block> {
        let rows = self.found.findings.iter().map(|finding| {
            let done = finding.done.as_ref().map_or_else(
                || self.w.say("evidence-open"),
                |(at, note)| format!("{}: {note}", self.moment(*at)),
            );
            vec![
                finding.number.to_string(),
                finding.text.clone(),
                finding.owner.clone(),
                self.w.day(finding.due),
                finding.from.clone(),
                done,
            ]
        });
        let heads =
            ["bcp-finding-number", "bcp-finding", "bcp-owner", "bcp-due", "evidence-from", "evidence-stands"];
        vec![self.text("evidence-10-says"), self.table(&heads, &[0], rows.collect())]
    }
}

#[cfg(test)]
mod tests {
    use holdfast_console::words::Locale;
    use holdfast_domain::time::Stamp;
    use holdfast_print::html;

    use super::super::gather::Evidence;
    use super::document;

    #[test]
    fn every_clause_has_its_words_in_both_languages_and_what_lacks_is_said() {
        let found = Evidence {
            operator: "Kelp".to_owned(),
            at: Stamp(0),
            version: 7,
            state_digest: "ab".to_owned(),
            sites: (2, 1),
            plans: Vec::new(),
            approvals: Vec::new(),
            log_whole: true,
            incidents: Vec::new(),
            replans: Vec::new(),
            drills: Vec::new(),
            restores: Vec::new(),
            findings: Vec::new(),
            missing: Vec::new(),
        };
        for locale in [Locale::En, Locale::Ko] {
            let page = html(&document(&found, locale));
            assert!(!page.contains('⟦'), "{page}");
            for clause in ["8.2", "8.3", "8.4", "8.5", "8.6", "9", "10"] {
                assert!(page.contains(clause), "{clause}");
            }
        }
    }
}
