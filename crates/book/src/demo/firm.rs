//! The people and processes of the demo books' operator: invented, the same in every book but for its sites.

use crate::demo::site::SiteSpec;
use crate::model::{Contact, Process};

/// Who is called, and who stands in: role, name, language, whether a deputy.
const CONTACTS: &[(&str, &str, &str, bool)] = &[
    ("incident lead", "Ada Reef", "en", false),
    ("incident lead", "Omar Kelp", "en", true),
    ("operations lead", "Ruth Harbor", "en", false),
    ("operations lead", "Ivo Strand", "en", true),
    ("customer support lead", "Inés Marín", "es", false),
    ("customer support lead", "Grace Tidewell", "en", true),
    ("carrier manager", "Noel Current", "en", false),
    ("carrier manager", "Pia Lagoon", "en", true),
    ("it lead", "Soren Buoy", "en", false),
    ("it lead", "Mina Anchor", "en", true),
    ("merchant liaison", "박보라", "ko", false),
    ("merchant liaison", "Tom Ebb", "en", true),
    ("finance", "Lena Sound", "en", false),
    ("safety officer", "Wade Breaker", "en", false),
];

/// The call tree, with a lead and a deputy for each site.
pub(crate) fn contacts(sites: &[SiteSpec]) -> Vec<Contact> {
    let mut rows: Vec<Contact> = CONTACTS
        .iter()
        .map(|(role, name, language, deputy)| {
            let mut row = Contact::new((*role).into(), (*name).into());
            row.language = Some((*language).into());
            row.deputy = *deputy;
            row
        })
        .collect();
    for site in sites {
        for deputy in [false, true] {
            let title = if deputy { "Shift lead" } else { "Site lead" };
            let mut row = Contact::new("site lead".into(), format!("{title} {}", site.name));
            row.site = Some(site.code.into());
            row.deputy = deputy;
            row.language = Some("en".into());
            rows.push(row);
        }
    }
    for (at, row) in rows.iter_mut().enumerate() {
        row.email = Some(format!("contact{}@kelp.example", at + 1));
        row.phone = Some(format!("+1 800 555 01{:02}", at % 100));
        row.call_order = Some(at as u32 + 1);
    }
    rows
}

/// What one process needs: code, name, owner, systems, partners, earlier processes, RTO and MTPD in hours, RPO
/// in minutes, least share in per cent, least people, workaround.
struct ProcessSpec {
    code: &'static str,
    name: &'static str,
    owner: &'static str,
    systems: &'static [&'static str],
    partners: &'static [&'static str],
    after: &'static [&'static str],
    hours: (u32, u32),
    rpo_min: u32,
    mbco_percent: u32,
    people_min: u32,
    workaround: &'static str,
    scales: (u32, u32),
}

const PROCESSES: &[ProcessSpec] = &[
    ProcessSpec {
        code: "order_intake",
        name: "Taking orders from the shops",
        owner: "it lead",
        systems: &["shop-connector", "network"],
        partners: &[],
        after: &[],
        hours: (2, 12),
        rpo_min: 0,
        mbco_percent: 90,
        people_min: 1,
        workaround: "shops queue orders and hand over a file",
        scales: (1, 3),
    },
    ProcessSpec {
        code: "sourcing",
        name: "Choosing the site for each order",
        owner: "operations lead",
        systems: &["holdfast"],
        partners: &[],
        after: &["order_intake"],
        hours: (4, 24),
        rpo_min: 5,
        mbco_percent: 90,
        people_min: 1,
        workaround: "nearest open site by the printed list of postal zones",
        scales: (0, 2),
    },
    ProcessSpec {
        code: "picking",
        name: "Picking and packing",
        owner: "site lead",
        systems: &["wms", "label-printer"],
        partners: &["Harbour 3PL"],
        after: &["sourcing"],
        hours: (24, 72),
        rpo_min: 15,
        mbco_percent: 60,
        people_min: 6,
        workaround: "paper pick lists from the break-glass pack",
        scales: (1, 3),
    },
    ProcessSpec {
        code: "handover",
        name: "Handing parcels to the carriers",
        owner: "carrier manager",
        systems: &["label-printer", "carrier-portal"],
        partners: &["Tern Parcel", "Gannet Express"],
        after: &["picking"],
        hours: (24, 72),
        rpo_min: 60,
        mbco_percent: 60,
        people_min: 2,
        workaround: "hand-written manifests, labels printed at another site",
        scales: (0, 3),
    },
    ProcessSpec {
        code: "receiving",
        name: "Receiving goods and counting stock",
        owner: "site lead",
        systems: &["wms"],
        partners: &[],
        after: &[],
        hours: (72, 168),
        rpo_min: 60,
        mbco_percent: 30,
        people_min: 3,
        workaround: "goods wait in the yard, counted on paper",
        scales: (0, 1),
    },
    ProcessSpec {
        code: "customer_support",
        name: "Answering and informing customers",
        owner: "customer support lead",
        systems: &["helpdesk", "phone"],
        partners: &[],
        after: &["order_intake"],
        hours: (4, 24),
        rpo_min: 60,
        mbco_percent: 50,
        people_min: 4,
        workaround: "from home on mobile phones, with the break-glass list of open orders",
        scales: (3, 4),
    },
    ProcessSpec {
        code: "returns",
        name: "Returns and refunds",
        owner: "customer support lead",
        systems: &["wms", "payments"],
        partners: &[],
        after: &["receiving"],
        hours: (120, 336),
        rpo_min: 240,
        mbco_percent: 20,
        people_min: 2,
        workaround: "refunds on proof of posting",
        scales: (3, 2),
    },
    ProcessSpec {
        code: "billing",
        name: "Statements to the merchants",
        owner: "finance",
        systems: &["accounts"],
        partners: &[],
        after: &["handover"],
        hours: (168, 720),
        rpo_min: 1440,
        mbco_percent: 10,
        people_min: 1,
        workaround: "estimate from last month, corrected later",
        scales: (2, 1),
    },
];

/// The processes, each with what it depends on.
pub(crate) fn processes(sites: &[SiteSpec]) -> Vec<Process> {
    let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
    PROCESSES
        .iter()
        .map(|spec| {
            let mut row = Process::new(spec.code.into(), spec.name.into());
            row.owner = Some(spec.owner.into());
            if matches!(spec.code, "picking" | "handover" | "receiving") {
                row.sites = sites.iter().map(|site| site.code.to_owned()).collect();
            }
            row.systems = owned(spec.systems);
            row.partners = owned(spec.partners);
            row.after = owned(spec.after);
            (row.rto_h, row.mtpd_h) = (Some(spec.hours.0), Some(spec.hours.1));
            row.rpo_min = Some(spec.rpo_min);
            row.mbco_percent = Some(spec.mbco_percent);
            row.people_min = Some(spec.people_min);
            row.workaround = Some(spec.workaround.into());
            (row.legal_scale, row.reputation_scale) = (Some(spec.scales.0), Some(spec.scales.1));
            row
        })
        .collect()
}
