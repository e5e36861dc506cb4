//! What a drill came to for one merchant: its own numbers, orders, goods, and the sites they lay at. Nothing here is
//! read from, or counted over, anything that belongs to another merchant.

use std::collections::BTreeMap;

use holdfast_domain::id::{Id, MerchantId, OrderId, SiteId};
use holdfast_domain::incident::StockAccess;
use holdfast_domain::order::Order;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Stamp};
use holdfast_engine::takeover::{GuestOffer, Statement};
use serde::Serialize;

use crate::drill::{Drill, Run};
use crate::loss::Lost;
use crate::report::PolicyName;
use crate::scenario::ScenarioText;
use crate::tally::{MerchantTally, cancelled_by_law, completed, keeps};

/// The most orders and SKUs a merchant's report lists one by one.
pub const LISTED_MAX: usize = 500;

/// A drill, as one merchant may see it.
#[derive(Clone, Debug, Serialize)]
pub struct MerchantReport {
    /// The operator's code for it.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Currency of its prices.
    pub currency: String,
    /// The scenario's name.
    pub scenario: String,
    /// The same in other languages; without notes, which are the operator's.
    pub texts: BTreeMap<String, ScenarioText>,
    /// The hazard's key.
    pub hazard: &'static str,
    /// The sites that closed with goods, orders or expected goods of this merchant.
    pub sites: Vec<MerchantLoss>,
    /// By policy.
    pub policies: Vec<(PolicyName, MerchantTally)>,
    /// Had nothing happened.
    pub calm: MerchantTally,
    /// Promises Holdfast kept and the trade did not, and the other way round.
    pub saved_against_trade: (u64, u64),
    /// Orders whose promise Holdfast did not keep; at most [`LISTED_MAX`] of them.
    pub broken: Vec<BrokenPromise>,
    /// How many those are in all.
    pub broken_count: u64,
    /// What it was offered, if it was carried by others.
    pub offer: Option<GuestOffer>,
    /// What a take-over came to for it, as guest or as neighbour.
    pub statement: Option<Statement>,
    /// The day its first parcel left by a take-over.
    pub first_parcel: Option<Day>,
    /// SKUs that lay at a closed site, those that lay nowhere else first; at most [`LISTED_MAX`] of them.
    pub skus: Vec<SkuLost>,
    /// How many those are in all.
    pub skus_count: u64,
}

/// What a closed site held of the merchant's.
#[derive(Clone, Debug, Serialize)]
pub struct MerchantLoss {
    /// The site's code.
    pub site: String,
    /// From when it was shut.
    pub from: Stamp,
    /// Until when; absent: it did not come back.
    pub until: Option<Stamp>,
    /// What became of the stock.
    pub stock: StockAccess,
    /// What was there.
    pub lost: Lost,
}

/// An order whose promise was not kept.
#[derive(Clone, Debug, Serialize)]
pub struct BrokenPromise {
    /// The merchant's number for it.
    pub number: String,
    /// The day first promised.
    pub promised: Day,
    /// The day it was whole with the customer, if it was.
    pub delivered: Option<Day>,
    /// What it is worth, in the merchant's minor units.
    pub worth: i64,
}

/// Units of a SKU at a closed site.
#[derive(Clone, Debug, Serialize)]
pub struct SkuLost {
    /// The site's code.
    pub site: String,
    /// The SKU's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Units that lay there.
    pub units: u32,
    /// What they had cost, in the merchant's minor units.
    pub at_cost: i64,
    /// Whether another site had some within reach.
    pub elsewhere: bool,
}

/// The drill as `merchant` may see it; `None` if there is no such merchant.
#[must_use]
pub fn merchant_report(drill: &Drill, merchant: MerchantId) -> Option<MerchantReport> {
    let ours = drill.runs.iter().find(|run| run.policy == PolicyName::Holdfast)?;
    let known = ours.state.network.merchant(merchant)?;
    let report = &drill.report;
    let own = |tally: &crate::tally::Tally| tally.merchants.get(&merchant).copied().unwrap_or_default();
    let carried = report.takeover.as_ref().filter(|takeover| takeover.merchant == merchant);
    let broken = broken(&ours.state, merchant);
    let skus = skus(drill, ours, merchant);
    let texts = report.texts.iter().map(|(language, text)| {
        let name = text.name.clone();
        (language.clone(), ScenarioText { name, notes: Vec::new() })
    });
    Some(MerchantReport {
        code: known.code.to_string(),
        name: known.name.to_string(),
        currency: known.currency.code().to_owned(),
        scenario: report.scenario.clone(),
        texts: texts.collect(),
        hazard: report.hazard,
        sites: sites(drill, merchant),
        policies: report.policies.iter().map(|(name, tally)| (*name, own(tally))).collect(),
        calm: own(&report.calm),
        saved_against_trade: report.merchants_saved.get(&merchant).copied().unwrap_or_default(),
        offer: carried.map(|takeover| takeover.offer.clone()),
        first_parcel: carried.and_then(|takeover| takeover.first_parcel),
        statement: report
            .takeover
            .iter()
            .flat_map(|takeover| &takeover.statements)
            .find(|statement| statement.merchant == merchant)
            .cloned(),
        broken_count: broken.len() as u64,
        broken: broken.into_iter().take(LISTED_MAX).collect(),
        skus_count: skus.len() as u64,
        skus: skus.into_iter().take(LISTED_MAX).collect(),
    })
}

fn sites(drill: &Drill, merchant: MerchantId) -> Vec<MerchantLoss> {
    let closed = drill.report.losses.iter().filter_map(|loss| {
        let lost = loss.merchants.get(&merchant)?.clone();
        let out = drill.truth.site_out(loss.site, loss.at)?;
        Some(MerchantLoss {
            site: drill.report.site(loss.site).to_owned(),
            from: loss.at,
            until: out.out.until,
            stock: loss.stock,
            lost,
        })
    });
    closed.collect()
}

fn broken(state: &State, merchant: MerchantId) -> Vec<BrokenPromise> {
    let mine = |(_, order): &(OrderId, &Order)| order.merchant == merchant;
    let missed = |(id, order): (OrderId, &Order)| {
        (!keeps(state, id, order)).then(|| BrokenPromise {
            number: order.number.to_string(),
            promised: order.promise_first,
            // Of an order the law cancelled nothing is to come.
            delivered: completed(state, order).filter(|_| cancelled_by_law(state, id).is_none()),
            worth: order.value(),
        })
    };
    state.live_orders().filter(mine).filter_map(missed).collect()
}

fn skus(drill: &Drill, ours: &Run, merchant: MerchantId) -> Vec<SkuLost> {
    let mut found = Vec::new();
    for loss in &drill.report.losses {
        for (sku, units, elsewhere) in &loss.shelves {
            let Some(goods) = ours.state.network.skus.get(*sku).filter(|goods| goods.merchant == merchant)
            else {
                continue;
            };
            found.push(SkuLost {
                site: site_code(drill, loss.site),
                code: goods.code.to_string(),
                name: goods.name.to_string(),
                units: *units,
                at_cost: goods.cost.saturating_mul(i64::from(*units)),
                elsewhere: *elsewhere,
            });
        }
    }
    found.sort_by(|a, b| {
        let key = |it: &SkuLost| (it.elsewhere, core::cmp::Reverse(it.at_cost));
        key(a).cmp(&key(b)).then_with(|| (&a.code, &a.site).cmp(&(&b.code, &b.site)))
    });
    found
}

fn site_code(drill: &Drill, site: SiteId) -> String {
    drill.report.sites.get(site.index()).cloned().unwrap_or_default()
}
