//! A pack as files: CSV for a spreadsheet on a laptop's battery, and the sheet the ticks are entered into.

use super::{Pack, SitePages};

/// A file of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its content, UTF-8 with a byte order mark so that spreadsheets read Korean right.
    pub bytes: Vec<u8>,
}

/// The files of a pack: for each site its parcels and stock, the contacts, and the pack itself for the settlement.
#[must_use]
pub fn files(pack: &Pack) -> Vec<File> {
    let mut out = Vec::new();
    for site in &pack.sites {
        let name = safe(&site.code);
        out.push(File { name: format!("parcels-{name}.csv"), bytes: parcels(pack, site) });
        out.push(File { name: format!("stock-{name}.csv"), bytes: stock(site) });
    }
    let contacts = pack.contacts.iter().map(|c| vec![c.code.clone(), c.name.clone(), c.contact.clone()]);
    out.push(File { name: "contacts.csv".to_owned(), bytes: csv(&["code", "name", "contact"], contacts) });
    out.push(File { name: "ticks.csv".to_owned(), bytes: ticks_template(pack) });
    let json = serde_json::to_vec_pretty(pack).expect("a pack is text, numbers and lists");
    out.push(File { name: "pack.json".to_owned(), bytes: json });
    out
}

/// The sheet the ticks are entered into: every row, with nothing ticked.
#[must_use]
pub fn ticks_template(pack: &Pack) -> Vec<u8> {
    let rows = pack.sites.iter().flat_map(|site| {
        site.rows.iter().map(|row| {
            let blank = String::new;
            vec![row.code.clone(), site.code.clone(), row.number.clone(), blank(), blank(), blank()]
        })
    });
    csv(&["row", "site", "order", "result", "day", "tracking"], rows)
}

fn parcels(pack: &Pack, site: &SitePages) -> Vec<u8> {
    let header = [
        "row", "page", "order", "merchant", "service", "due", "promise", "name", "street", "city", "postal",
        "country", "phone", "items", "shipped", "day", "tracking",
    ];
    debug_assert!(pack.sites.iter().any(|known| known.code == site.code), "the site is of this pack");
    let rows = site.rows.iter().map(|row| {
        let items: Vec<String> = row
            .items
            .iter()
            .map(|item| format!("{} × {} {}", item.quantity.0, item.sku, item.name))
            .collect();
        let person = &row.person;
        vec![
            row.code.clone(),
            row.page.to_string(),
            row.number.clone(),
            row.merchant.clone(),
            row.service.clone(),
            row.due.to_string(),
            row.promise.to_string(),
            person.name.clone(),
            person.street.clone(),
            person.city.clone(),
            row.postal.clone(),
            row.country.clone(),
            person.phone.clone(),
            items.join("; "),
            String::new(),
            String::new(),
            String::new(),
        ]
    });
    csv(&header, rows)
}

fn stock(site: &SitePages) -> Vec<u8> {
    let rows = site.stock.iter().map(|row| {
        vec![
            row.merchant.clone(),
            row.sku.clone(),
            row.name.clone(),
            row.on_hand.to_string(),
            row.reserved.to_string(),
            row.quarantined.to_string(),
            String::new(),
        ]
    });
    csv(&["merchant", "sku", "name", "on_hand", "reserved", "quarantined", "counted"], rows)
}

fn csv(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(b"\xEF\xBB\xBF".to_vec());
    let mut written = writer.write_record(header).is_ok();
    for row in rows {
        written &= writer.write_record(row.iter().map(|cell| unarmed(cell))).is_ok();
    }
    debug_assert!(written, "writing to memory does not fail, and every row has the header's length");
    writer.into_inner().unwrap_or_default()
}

/// A cell that a spreadsheet would take for a formula, made a text.
fn unarmed(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

/// A site's code as part of a file's name.
fn safe(code: &str) -> String {
    code.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect()
}
