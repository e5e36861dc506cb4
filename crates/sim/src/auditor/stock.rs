//! Goods: what came, what was found, what went between sites.

use std::collections::BTreeMap;

use holdfast_domain::event::Event;
use holdfast_domain::id::SkuId;
use holdfast_domain::quantity::Quantity;

use super::model::{BookTransfer, Checked, Model, must, there};

impl Model {
    /// `None` for an event that is about something else.
    pub(super) fn on_stock(&mut self, event: &Event) -> Option<Checked> {
        match event {
            Event::StockReceived { site, sku, quantity } => {
                let part = self.takeovers.iter().find(|(_, _, sections)| sections.contains(site));
                let owner = self.skus.get(sku.0 as usize);
                if let Some((guest, stage, _)) =
                    part.filter(|(guest, stage, _)| Some(guest) != owner || *stage != 2)
                {
                    let what = format!("{sku} at {site}, which holds goods of {guest} (stage {stage})");
                    return Some(must(false, "stranger-in-section", || what));
                }
                self.shelf(*site, *sku).on_hand += i64::from(quantity.0);
                self.totals.received += i64::from(quantity.0);
            }
            Event::StockAdjusted { site, sku, by, .. } => {
                self.shelf(*site, *sku).on_hand += by;
                self.totals.adjusted += by;
            }
            Event::StockCounted { site, sku, found } => {
                let shelf = self.shelf(*site, *sku);
                let by = i64::from(found.0) - shelf.on_hand;
                shelf.on_hand += by;
                self.totals.adjusted += by;
            }
            Event::StockQuarantined { site, sku, quantity } => {
                self.shelf(*site, *sku).quarantined += i64::from(quantity.0);
            }
            Event::StockCleared { site, sku, quantity } => {
                self.shelf(*site, *sku).quarantined -= i64::from(quantity.0);
            }
            Event::TransferSent { from, to, items, .. } => {
                for (sku, quantity) in items {
                    self.shelf(*from, *sku).on_hand -= i64::from(quantity.0);
                    self.totals.in_transit += i64::from(quantity.0);
                }
                self.transfers.push(BookTransfer { to: *to, items: sums(items), received: false });
            }
            Event::TransferReceived { transfer, items } => {
                return Some(self.transfer_received(transfer.0, &sums(items)));
            }
            _ => return None,
        }
        Some(Ok(()))
    }

    fn transfer_received(&mut self, transfer: u32, items: &BTreeMap<SkuId, i64>) -> Checked {
        let known = there(self.transfers.get_mut(transfer as usize), "transfer", transfer)?;
        must(!known.received, "transfer-received-twice", || format!("transfer {transfer}"))?;
        known.received = true;
        let (to, sent) = (known.to, known.items.clone());
        for (sku, units) in items {
            let most = sent.get(sku).copied().unwrap_or(0);
            must(*units <= most, "transfer-grew", || format!("{units} of {sku} arrived, {most} were sent"))?;
            self.shelf(to, *sku).on_hand += units;
        }
        let (sent, arrived): (i64, i64) = (sent.values().sum(), items.values().sum());
        self.totals.in_transit -= sent;
        self.totals.lost += sent - arrived;
        Ok(())
    }
}

fn sums(items: &[(SkuId, Quantity)]) -> BTreeMap<SkuId, i64> {
    let mut out = BTreeMap::new();
    for (sku, quantity) in items {
        *out.entry(*sku).or_default() += i64::from(quantity.0);
    }
    out
}
