//! A drill as one page for one merchant, made from its own report and nothing else.

use std::collections::BTreeSet;

use holdfast_domain::money::{Currency, group_thousands};
use holdfast_domain::time::Zone;
use holdfast_sim::drill::PolicyName;
use holdfast_sim::merchant::MerchantReport;

use super::html::{bar, cells, escape, frame, stock, table};
use super::{moment, money, percent, policy};
use crate::words::{Lang, Words};

/// The page. Costs are in the operator's currency, worth in the merchant's own.
pub fn page(report: &MerchantReport, words: &Words, costs: Currency, zone: &Zone) -> String {
    let own = report.texts.get(words.lang.code()).filter(|_| words.lang != Lang::En);
    let scenario = own.map_or(&report.scenario, |text| &text.name);
    let ours = report.policies.iter().find(|(name, _)| *name == PolicyName::Holdfast);
    let (kept, all) = ours.map_or((0, 0), |(_, tally)| (tally.on_time, tally.orders));
    let lead = words.tell(
        "merchant-headline",
        &[
            ("kept", &group_thousands(kept)),
            ("all", &group_thousands(all)),
            ("saved", &group_thousands(report.saved_against_trade.0)),
        ],
    );
    let currency = report.currency.parse().unwrap_or(costs);
    let parts = [
        frame(words, &format!("{} – {scenario}", report.name)),
        format!("<p class=\"lead\">{}</p>", escape(&lead)),
        policies(report, words, currency, costs),
        carried(report, words, costs),
        sites(report, words, currency, zone),
        goods(report, words, currency),
        broken(report, words, currency),
        format!(
            "<p class=\"small\">{} {}</p></main></body></html>\n",
            escape(&words.tell("zone-of-times", &[("zone", &zone.name())])),
            escape(&words.say("merchant-only-own"))
        ),
    ];
    parts.concat()
}

/// A file name for a merchant's page: its code without anything a path could be made of, told apart from those before.
pub fn file_name(code: &str, taken: &mut BTreeSet<String>) -> String {
    let keep = |letter: char| if letter.is_alphanumeric() || letter == '-' { letter } else { '_' };
    let plain: String = code.chars().take(80).map(keep).collect();
    let plain = if plain.is_empty() { "merchant".to_owned() } else { plain };
    let mut name = plain.clone();
    let mut number = 2;
    // File systems that do not tell letters' cases apart must not lose a page.
    while !taken.insert(name.to_lowercase()) {
        name = format!("{plain}-{number}");
        number += 1;
    }
    format!("{name}.html")
}

fn policies(report: &MerchantReport, words: &Words, currency: Currency, costs: Currency) -> String {
    let keys = [
        "column-policy",
        "column-promises",
        "column-on-time",
        "column-late",
        "column-days-late",
        "column-open",
        "column-unsold",
        "column-total",
        "column-more",
    ];
    let row = |name: String, t: &holdfast_sim::tally::MerchantTally| {
        let share = percent(words, t.on_time, t.orders);
        vec![
            escape(&name),
            bar(
                &words.tell("bar-label", &[("share", &share)]),
                [t.on_time, t.late, t.open + t.cancelled_by_law],
            ),
            format!("{} ({share})", group_thousands(t.on_time)),
            group_thousands(t.late),
            group_thousands(t.late_days),
            group_thousands(t.open),
            money(words, t.revenue_open, currency),
            money(words, t.total_cost(), costs),
            money(words, t.total_cost() - report.calm.total_cost(), costs),
        ]
    };
    let mut rows: Vec<Vec<String>> =
        report.policies.iter().map(|(name, t)| row(policy(words, *name), t)).collect();
    rows.push(row(words.say("row-calm"), &report.calm));
    format!(
        "<h2>{}</h2>{}<p class=\"small\">{}</p>",
        escape(&words.say("merchant-head-policies")),
        table(&cells(words, &keys), &rows, &[]),
        escape(&words.say("comparison-explained"))
    )
}

/// What a take-over came to for the merchant, as guest or as neighbour.
fn carried(report: &MerchantReport, words: &Words, costs: Currency) -> String {
    let Some(statement) = &report.statement else { return String::new() };
    let first = report.first_parcel.map_or_else(|| "–".to_owned(), |day| day.to_string());
    let keys = [
        "column-first-parcel",
        "column-orders",
        "column-parcels",
        "column-late-parcels",
        "column-goods-in",
        "column-extra",
        "column-borne-here",
    ];
    let row = vec![
        first,
        group_thousands(u64::from(statement.orders)),
        group_thousands(u64::from(statement.parcels)),
        group_thousands(u64::from(statement.late_parcels)),
        group_thousands(statement.goods_in),
        money(words, statement.total.extra, costs),
        money(words, statement.total.borne_here, costs),
    ];
    format!("<h2>{}</h2>{}", escape(&words.say("head-takeover")), table(&cells(words, &keys), &[row], &[]))
}

fn sites(report: &MerchantReport, words: &Words, currency: Currency, zone: &Zone) -> String {
    if report.sites.is_empty() {
        return format!("<p>{}</p>", escape(&words.say("merchant-untouched")));
    }
    let keys = [
        "column-site",
        "column-from",
        "column-until",
        "column-stock",
        "column-units",
        "column-skus",
        "column-only-there",
        "column-at-cost",
        "column-orders-there",
        "column-stuck",
        "column-inbound",
    ];
    let code = currency.code();
    let row = |site: &holdfast_sim::merchant::MerchantLoss| {
        vec![
            escape(&site.site),
            moment(site.from, zone),
            site.until.map_or(escape(&words.say("for-good")), |until| moment(until, zone)),
            escape(&words.say(stock(site.stock))),
            group_thousands(site.lost.units),
            group_thousands(site.lost.skus),
            group_thousands(site.lost.skus_only_there),
            money(words, site.lost.at_cost.get(code).copied().unwrap_or(0), currency),
            group_thousands(site.lost.orders),
            group_thousands(site.lost.stuck),
            group_thousands(site.lost.inbound_units),
        ]
    };
    let rows: Vec<Vec<String>> = report.sites.iter().map(row).collect();
    format!(
        "<h2>{}</h2>{}",
        escape(&words.say("merchant-head-sites")),
        table(&cells(words, &keys), &rows, &[3])
    )
}

fn goods(report: &MerchantReport, words: &Words, currency: Currency) -> String {
    if report.skus.is_empty() {
        return String::new();
    }
    let keys =
        ["sku-column", "column-name", "column-site", "column-units", "column-at-cost", "column-where-else"];
    let row = |sku: &holdfast_sim::merchant::SkuLost| {
        vec![
            escape(&sku.code),
            escape(&sku.name),
            escape(&sku.site),
            group_thousands(u64::from(sku.units)),
            money(words, sku.at_cost, currency),
            escape(&words.say(if sku.elsewhere { "yes" } else { "no" })),
        ]
    };
    let rows: Vec<Vec<String>> = report.skus.iter().map(row).collect();
    format!(
        "<h2>{}</h2>{}{}",
        escape(&words.say("merchant-head-skus")),
        listed(words, report.skus.len(), report.skus_count),
        table(&cells(words, &keys), &rows, &[1, 2])
    )
}

fn broken(report: &MerchantReport, words: &Words, currency: Currency) -> String {
    if report.broken.is_empty() {
        return String::new();
    }
    let keys = ["column-order", "column-promised", "column-delivered", "column-worth"];
    let row = |order: &holdfast_sim::merchant::BrokenPromise| {
        vec![
            escape(&order.number),
            order.promised.to_string(),
            order.delivered.map_or(escape(&words.say("not-yet")), |day| day.to_string()),
            money(words, order.worth, currency),
        ]
    };
    let rows: Vec<Vec<String>> = report.broken.iter().map(row).collect();
    format!(
        "<h2>{}</h2>{}{}",
        escape(&words.say("merchant-head-broken")),
        listed(words, report.broken.len(), report.broken_count),
        table(&cells(words, &keys), &rows, &[])
    )
}

fn listed(words: &Words, shown: usize, all: u64) -> String {
    if shown as u64 == all {
        return String::new();
    }
    let text = words.tell("listed", &[("shown", &shown), ("all", &group_thousands(all))]);
    format!("<p class=\"small\">{}</p>", escape(&text))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::file_name;

    #[test]
    fn a_merchants_code_cannot_leave_the_folder_or_take_anothers_page() {
        let mut taken = BTreeSet::new();
        let names: Vec<String> = ["../../etc/passwd", "shop", "SHOP", "", "a/b", "a_b", "가게"]
            .iter()
            .map(|code| file_name(code, &mut taken))
            .collect();
        assert_eq!(
            names,
            [
                "______etc_passwd.html",
                "shop.html",
                "SHOP-2.html",
                "merchant.html",
                "a_b.html",
                "a_b-2.html",
                "가게.html"
            ]
        );
    }
}
