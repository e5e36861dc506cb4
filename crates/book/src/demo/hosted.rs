//! A book beside a third-party company's: what a take-over needs is that both stand in one journal.

use std::collections::BTreeSet;

use crate::model::Book;

/// Why two books cannot stand beside each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("put the host's book beside the other: both have the {what} {code:?}; rename one of them")]
pub struct HostError {
    /// What kind of code.
    pub what: &'static str,
    /// The code.
    pub code: String,
}

/// Puts a host's sites, merchants, goods, lanes and orders beside those of a book. Zones and carriers both have are
/// taken once; the host's customers get references of their own.
///
/// # Errors
/// [`HostError`] for a site or merchant of the same code in both.
pub fn put_beside(book: &mut Book, host: Book) -> Result<(), HostError> {
    let both = |what, ours: Vec<&str>, theirs: Vec<&str>| {
        let ours: BTreeSet<&str> = ours.into_iter().collect();
        match theirs.into_iter().find(|code| ours.contains(code)) {
            Some(code) => Err(HostError { what, code: code.to_owned() }),
            None => Ok(()),
        }
    };
    let sites = |book: &'_ Book| book.sites.iter().map(|row| row.code.clone()).collect::<Vec<_>>();
    let merchants = |book: &'_ Book| book.merchants.iter().map(|row| row.code.clone()).collect::<Vec<_>>();
    let (ours, theirs) = (sites(book), sites(&host));
    both("site", ours.iter().map(String::as_str).collect(), theirs.iter().map(String::as_str).collect())?;
    let (ours, theirs) = (merchants(book), merchants(&host));
    both("merchant", ours.iter().map(String::as_str).collect(), theirs.iter().map(String::as_str).collect())?;
    book.merchants.extend(host.merchants);
    book.sites.extend(host.sites);
    book.capacity_days.extend(host.capacity_days);
    book.standby_contracts.extend(host.standby_contracts);
    book.skus.extend(host.skus);
    book.stock.extend(host.stock);
    book.inbound.extend(host.inbound);
    book.lanes.extend(host.lanes);
    book.order_lines.extend(host.order_lines);
    let known: BTreeSet<String> = book.zones.iter().map(|row| row.code.clone()).collect();
    book.zones.extend(host.zones.into_iter().filter(|row| !known.contains(&row.code)));
    let known: BTreeSet<String> = book.carriers.iter().map(|row| row.code.clone()).collect();
    book.carriers.extend(host.carriers.into_iter().filter(|row| !known.contains(&row.code)));
    for mut row in host.customers {
        row.reference = format!("HOST-{}", row.reference);
        book.customers.push(row);
    }
    for mut row in host.orders {
        row.customer = row.customer.map(|reference| format!("HOST-{reference}"));
        book.orders.push(row);
    }
    Ok(())
}
