//! What was computed before the disaster: threats, impact, critical stock, and where the figures come from.

use holdfast_continuity::bia::{ProcessRow, SiteLoss};
use holdfast_domain::money::Money;
use holdfast_print::{Block, Section};

use super::Draft;
use crate::words::say;

/// SKUs and lays on paper; the rest is in the figures' files.
const SKUS_SHOWN: usize = 20;
/// Figures whose way is printed.
const ORIGINS: [&str; 6] = ["annual", "site", "process", "hazard", "single", "sku"];

/// Figures others have published, each with its source; beside the operator's own.
const PUBLISHED: [&str; 6] = ["pandemic", "cyber", "power", "error", "weather", "after"];

fn unanalysed(draft: &Draft<'_>) -> Block {
    Block::Box { text: draft.w.say("bcp-unanalysed") }
}

pub(super) fn threats(draft: &Draft<'_>) -> Section {
    let w = draft.w;
    let mut blocks = Vec::new();
    match draft.input.analysis {
        None => blocks.push(unanalysed(draft)),
        Some(report) => {
            let basis = |row: &holdfast_continuity::bia::HazardRow| {
                w.say(match (row.rates_assumed, row.downtime_assumed) {
                    (false, false) => "bcp-basis-published",
                    (false, true) => "bcp-basis-downtime",
                    (true, false) => "bcp-basis-rates",
                    (true, true) => "bcp-basis-both",
                })
            };
            let rows = report.hazards.iter().map(|row| {
                let key = format!("hazard-{}", row.hazard.replace('_', "-"));
                vec![
                    w.say(&key),
                    w.decimal(row.events_per_year, 2),
                    draft.money(row.loss_per_year),
                    basis(row),
                ]
            });
            let heads = ["bcp-threat", "bcp-a-year", "bcp-loss-year", "bcp-basis"];
            blocks.push(draft.table("bcp-threats-own", &heads, &[1, 2], rows.collect()));
            let together = report
                .together
                .iter()
                .take(8)
                .map(|(a, b, rate)| vec![format!("{a} + {b}"), w.decimal(*rate, 2)]);
            let together: Vec<_> = together.collect();
            if !together.is_empty() {
                blocks.push(draft.table("bcp-together", &["bcp-sites-pair", "bcp-a-year"], &[1], together));
            }
        }
    }
    let rows = PUBLISHED
        .iter()
        .map(|key| vec![w.say(&format!("bcp-published-{key}")), w.say(&format!("bcp-published-{key}-says"))]);
    blocks.push(draft.table(
        "bcp-threats-published",
        &["bcp-threat", "bcp-published-figures"],
        &[],
        rows.collect(),
    ));
    draft.section("threats", true, blocks)
}

pub(super) fn impact(draft: &Draft<'_>) -> Section {
    let w = draft.w;
    let Some(report) = draft.input.analysis else {
        return draft.section("impact", false, vec![unanalysed(draft)]);
    };
    let tail = report.annual.tail_99.map_or_else(|| w.say("none"), |loss| draft.money(loss));
    let mut blocks = vec![Block::Text {
        text: say!(
            w,
            "bcp-impact-annual",
            average = draft.money(report.annual.average),
            tail = tail,
            assumed = w.percent(report.assumed_share, 0),
            patience = report.patience_days
        ),
    }];
    let mut sites: Vec<&SiteLoss> = report.sites.iter().filter(|site| site.takes_orders).collect();
    sites.sort_by(|a, b| b.loss_per_year.total_cmp(&a.loss_per_year).then_with(|| a.site.cmp(&b.site)));
    let row = |site: &&SiteLoss| {
        vec![
            site.site.clone(),
            draft.money(site.loss_per_year),
            draft.money(site.reference.loss()),
            draft.hours(site.ttr_h),
            site.tts_h.map_or_else(|| w.say("bcp-as-long-as-seen"), |hours| draft.hours(Some(hours))),
            draft.hours(site.mtpd_computed_h),
            draft.hours(site.rto_h.map(f64::from)),
            w.percent(site.sole_share, 0),
        ]
    };
    let heads =
        ["bcp-site", "bcp-loss-year", "bcp-loss-72", "bcp-ttr", "bcp-tts", "bcp-mtpd", "bcp-rto", "bcp-sole"];
    blocks.push(draft.table(
        "bcp-impact-sites",
        &heads,
        &[1, 2, 3, 4, 5, 6, 7],
        sites.iter().map(row).collect(),
    ));
    let process = |row: &ProcessRow| {
        let declared = &row.declared;
        let text = |value: Option<u32>| {
            value.map_or_else(|| w.say("bcp-unsaid"), |hours| draft.hours(Some(f64::from(hours))))
        };
        vec![
            if declared.name.is_empty() { declared.code.clone() } else { declared.name.clone() },
            text(declared.rto_h),
            draft.hours(row.achievable_h),
            text(declared.mtpd_h),
            declared.rpo_min.map_or_else(|| w.say("bcp-unsaid"), |minutes| say!(w, "span-m", m = minutes)),
            declared
                .mbco_percent
                .map_or_else(|| w.say("bcp-unsaid"), |share| w.percent(f64::from(share) / 100.0, 0)),
            declared.workaround.clone().unwrap_or_else(|| w.say("bcp-unsaid")),
        ]
    };
    let heads =
        ["bcp-process", "bcp-rto", "bcp-achievable", "bcp-mtpd", "bcp-rpo", "bcp-mbco", "bcp-workaround"];
    blocks.push(draft.table(
        "bcp-impact-processes",
        &heads,
        &[1, 2, 3, 4, 5],
        report.processes.iter().map(process).collect(),
    ));
    blocks.push(Block::Note { text: w.say("bcp-impact-words") });
    draft.section("impact", true, blocks)
}

pub(super) fn critical(draft: &Draft<'_>) -> Section {
    let w = draft.w;
    let Some(critical) = draft.input.critical else {
        return draft.section("critical", false, vec![Block::Box { text: w.say("bcp-critical-missing") }]);
    };
    let mut blocks = vec![Block::Text {
        text: say!(w, "bcp-critical-count", n = critical.critical, all = critical.skus.len()),
    }];
    let rows = critical.skus.iter().filter(|row| row.reason.is_some()).take(SKUS_SHOWN).map(|row| {
        vec![
            row.sku.clone(),
            row.name.clone(),
            format!("{}{}", row.abc, row.xyz),
            w.decimal(row.units_per_day, 1),
            row.main_site.clone().unwrap_or_else(|| w.say("none")),
            row.cover_days.map_or_else(|| w.say("none"), |days| w.decimal(days, 1)),
            row.substitutes.first().map_or_else(|| w.say("none"), |one| one.sku.clone()),
        ]
    });
    let heads =
        ["bcp-sku", "bcp-name", "bcp-class", "bcp-units-day", "bcp-main-site", "bcp-cover", "bcp-instead"];
    blocks.push(draft.table("bcp-critical-skus", &heads, &[3, 5], rows.collect()));
    match &critical.laid {
        None => blocks.push(draft.text("bcp-laid-none")),
        Some(laid) => {
            blocks.push(Block::Text {
                text: say!(
                    w,
                    "bcp-laid",
                    units = laid.chosen.figures.units,
                    skus = laid.chosen.skus,
                    sites = laid.sites.join(", "),
                    spent = draft.money(laid.chosen.figures.spent_minor as f64),
                    main = laid.main_site.as_str(),
                    second = laid.second_site.as_str(),
                    doubled = draft.money(laid.doubled.spent_minor as f64)
                ),
            });
            let rows = laid.lays.iter().take(SKUS_SHOWN).map(|lay| {
                vec![
                    lay.sku.clone(),
                    lay.site.clone(),
                    w.number(i64::from(lay.units)),
                    w.minor(lay.cost_minor, draft.currency),
                    w.money(Money::new(lay.last_unit_saves_minor.round() as i64, draft.currency)),
                ]
            });
            let heads = ["bcp-sku", "bcp-lay-at", "bcp-units", "bcp-cost-year", "bcp-last-saves"];
            blocks.push(draft.table("bcp-lays", &heads, &[2, 3, 4], rows.collect()));
        }
    }
    draft.section("critical", true, blocks)
}

pub(super) fn origins(draft: &Draft<'_>) -> Section {
    let (w, say) = (draft.w, draft.input.say);
    let mut blocks = vec![draft.text("bcp-origins-explained")];
    if let Some(report) = draft.input.analysis {
        let mut rows = Vec::new();
        for kind in ORIGINS {
            // One figure of each name stands for all of its kind.
            let mut named = std::collections::BTreeSet::new();
            for figure in &report.figures {
                let (start, last) = (
                    figure.id.split('.').next().unwrap_or_default(),
                    figure.id.rsplit('.').next().unwrap_or_default(),
                );
                if start == kind && named.insert(last.to_owned()) && named.len() <= 4 {
                    let trace = holdfast_continuity::bia::trace(report, figure);
                    rows.push(vec![
                        figure.id.clone(),
                        say(&trace.formula),
                        trace.inputs.iter().map(|input| say(input)).collect::<Vec<_>>().join("; "),
                        trace.version.to_owned(),
                    ]);
                }
            }
        }
        let heads = ["bcp-figure", "bcp-formula", "bcp-inputs", "bcp-formula-version"];
        blocks.push(draft.table("bcp-origins-figures", &heads, &[], rows));
    }
    if !draft.input.remarks.is_empty() {
        let rows = draft.input.remarks.iter().map(|remark| vec![say(remark)]).collect();
        blocks.push(draft.table("", &["bcp-remarks"], &[], rows));
    }
    blocks.push(Block::Note { text: say!(w, "bcp-origins-more", command = "holdfast bia --where ID") });
    draft.section("origins", true, blocks)
}
