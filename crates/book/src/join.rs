//! Two books as one: a guest's book joined to an operator's, so that the operator can say what it could do for a
//! merchant whose own company runs its own sites.
//!
//! Codes that both use are renamed on the guest's side, so nothing of the operator's changes its name and nothing of
//! the one is taken for the other. Zones and carriers of the same code are the operator's. The guest's operator,
//! contacts and processes stay outside.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Book, Lane};

/// What a guest's code was and what it is in the joined book.
pub type Renamed = BTreeMap<String, String>;

/// A joined book, with the names the guest's codes have in it; codes that did not change stand for themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// The operator's rows, then the guest's.
    pub book: Book,
    /// The guest's merchants.
    pub merchants: Renamed,
    /// The guest's sites.
    pub sites: Renamed,
}

/// Joins `guest` to `host`.
#[must_use]
pub fn join(host: &Book, guest: &Book) -> Joined {
    let mut book = host.clone();
    let merchants = renamed(
        host.merchants.iter().map(|row| row.code.as_str()),
        guest.merchants.iter().map(|row| row.code.as_str()),
    );
    let sites = renamed(
        host.sites.iter().map(|row| row.code.as_str()),
        guest.sites.iter().map(|row| row.code.as_str()),
    );
    let customers = renamed(
        host.customers.iter().map(|row| row.reference.as_str()),
        guest.customers.iter().map(|row| row.reference.as_str()),
    );
    // A lane from every site means every site of its own book.
    book.lanes = host.lanes.iter().flat_map(|lane| spread(lane, host)).collect();
    let new = |names: &Renamed, code: &str| names.get(code).map_or_else(|| code.to_owned(), Clone::clone);
    book.merchants.extend(guest.merchants.iter().cloned().map(|mut row| {
        row.code = new(&merchants, &row.code);
        row
    }));
    book.sites.extend(guest.sites.iter().cloned().map(|mut row| {
        row.code = new(&sites, &row.code);
        row.timezone = row.timezone.or_else(|| guest.operator.as_ref().map(|known| known.timezone.clone()));
        row
    }));
    book.capacity_days.extend(guest.capacity_days.iter().cloned().map(|mut row| {
        row.site = new(&sites, &row.site);
        row
    }));
    book.standby_contracts.extend(guest.standby_contracts.iter().cloned().map(|mut row| {
        row.site = new(&sites, &row.site);
        row
    }));
    book.skus.extend(guest.skus.iter().cloned().map(|mut row| {
        row.merchant = new(&merchants, &row.merchant);
        row
    }));
    book.stock.extend(guest.stock.iter().cloned().map(|mut row| {
        (row.site, row.merchant) = (new(&sites, &row.site), new(&merchants, &row.merchant));
        row
    }));
    book.inbound.extend(guest.inbound.iter().cloned().map(|mut row| {
        (row.site, row.merchant) = (new(&sites, &row.site), new(&merchants, &row.merchant));
        row
    }));
    let zones: BTreeSet<&str> = host.zones.iter().map(|row| row.code.as_str()).collect();
    book.zones.extend(guest.zones.iter().filter(|row| !zones.contains(row.code.as_str())).cloned());
    let carriers: BTreeSet<&str> = host.carriers.iter().map(|row| row.code.as_str()).collect();
    book.carriers.extend(guest.carriers.iter().filter(|row| !carriers.contains(row.code.as_str())).cloned());
    book.lanes.extend(guest.lanes.iter().flat_map(|lane| spread(lane, guest)).map(|mut row| {
        row.site = new(&sites, &row.site);
        row
    }));
    book.customers.extend(guest.customers.iter().cloned().map(|mut row| {
        row.reference = new(&customers, &row.reference);
        row
    }));
    book.orders.extend(guest.orders.iter().cloned().map(|mut row| {
        row.merchant = new(&merchants, &row.merchant);
        row.customer = row.customer.map(|reference| new(&customers, &reference));
        row
    }));
    book.order_lines.extend(guest.order_lines.iter().cloned().map(|mut row| {
        row.merchant = new(&merchants, &row.merchant);
        row
    }));
    book.returns.extend(guest.returns.iter().cloned().map(|mut row| {
        row.merchant = new(&merchants, &row.merchant);
        row.site = row.site.map(|site| new(&sites, &site));
        row
    }));
    Joined { book, merchants, sites }
}

/// New names for the guest's codes: its own where it is free, else with `guest-` before it, as often as it takes.
fn renamed<'a>(host: impl Iterator<Item = &'a str>, guest: impl Iterator<Item = &'a str>) -> Renamed {
    let mut taken: BTreeSet<String> = host.map(str::to_owned).collect();
    let mut out = Renamed::new();
    for code in guest {
        let mut name = code.to_owned();
        while taken.contains(&name) {
            name.insert_str(0, "guest-");
        }
        taken.insert(name.clone());
        out.insert(code.to_owned(), name);
    }
    out
}

/// A lane from every site as one lane for each of them.
fn spread(lane: &Lane, book: &Book) -> Vec<Lane> {
    if lane.site != "*" {
        return vec![lane.clone()];
    }
    book.sites.iter().map(|site| Lane { site: site.code.clone(), ..lane.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::join;
    use crate::demo::{Options, fourteen_sites_sixty_merchants, one_warehouse};

    #[test]
    fn nothing_of_the_operator_changes_and_nothing_of_the_guest_is_lost() {
        let options = Options::orders(400);
        let (host, guest) = (fourteen_sites_sixty_merchants(1, &options), one_warehouse(2, &options));
        let joined = join(&host, &guest);
        assert_eq!(joined.merchants["shop01"], "guest-shop01");
        assert_eq!(joined.sites["CMH1"], "guest-CMH1");
        let book = &joined.book;
        assert_eq!((book.sites.len(), book.merchants.len(), book.orders.len()), (15, 61, 800));
        assert_eq!(book.zones.len(), host.zones.len(), "the same zones");
        assert_eq!(book.orders[..400], host.orders[..]);
        let mine = |code: &str| book.stock.iter().filter(|row| row.merchant == code).count();
        assert_eq!(mine("guest-shop01"), guest.stock.len());
        assert!(
            book.stock
                .iter()
                .filter(|row| row.merchant == "guest-shop01")
                .all(|row| row.site == "guest-CMH1")
        );
        let lanes = book.lanes.iter().filter(|row| row.site == "guest-CMH1").count();
        assert_eq!(lanes, guest.lanes.len());
        assert_eq!(book.customers.len(), host.customers.len() + guest.customers.len());
    }
}
