//! The people and processes of the demo books' operator: invented, the same in every book but for its sites.

use crate::demo::build::Locale;
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

/// Which companies a process depends on.
enum Partners {
    None,
    /// The one that runs the third-party centre.
    Centre,
    /// The parcel carriers.
    Carriers,
}

/// What one process needs; `hours` are RTO and MTPD, `scales` legal harm and harm to reputation.
struct ProcessSpec {
    code: &'static str,
    name: &'static str,
    name_ko: &'static str,
    owner: &'static str,
    systems: &'static [&'static str],
    partners: Partners,
    after: &'static [&'static str],
    hours: (u32, u32),
    rpo_min: u32,
    mbco_percent: u32,
    people_min: u32,
    workaround: &'static str,
    workaround_ko: &'static str,
    scales: (u32, u32),
}

const PROCESSES: &[ProcessSpec] = &[
    ProcessSpec {
        code: "order_intake",
        name: "Taking orders from the shops",
        name_ko: "주문 접수",
        owner: "it lead",
        systems: &["shop-connector", "network"],
        partners: Partners::None,
        after: &[],
        hours: (2, 12),
        rpo_min: 0,
        mbco_percent: 90,
        people_min: 1,
        workaround: "shops queue orders and hand over a file",
        workaround_ko: "쇼핑몰이 주문을 모아 파일로 넘깁니다",
        scales: (1, 3),
    },
    ProcessSpec {
        code: "sourcing",
        name: "Choosing the site for each order",
        name_ko: "출고지 결정",
        owner: "operations lead",
        systems: &["holdfast"],
        partners: Partners::None,
        after: &["order_intake"],
        hours: (4, 24),
        rpo_min: 5,
        mbco_percent: 90,
        people_min: 1,
        workaround: "nearest open site by the printed list of postal zones",
        workaround_ko: "인쇄한 우편번호 목록에서 가장 가까운 물류센터로 정합니다",
        scales: (0, 2),
    },
    ProcessSpec {
        code: "picking",
        name: "Picking and packing",
        name_ko: "피킹과 포장",
        owner: "site lead",
        systems: &["wms", "label-printer"],
        partners: Partners::Centre,
        after: &["sourcing"],
        hours: (24, 72),
        rpo_min: 15,
        mbco_percent: 60,
        people_min: 6,
        workaround: "paper pick lists from the break-glass pack",
        workaround_ko: "비상 서류의 종이 집품 목록으로 작업합니다",
        scales: (1, 3),
    },
    ProcessSpec {
        code: "handover",
        name: "Handing parcels to the carriers",
        name_ko: "택배 인계",
        owner: "carrier manager",
        systems: &["label-printer", "carrier-portal"],
        partners: Partners::Carriers,
        after: &["picking"],
        hours: (24, 72),
        rpo_min: 60,
        mbco_percent: 60,
        people_min: 2,
        workaround: "hand-written manifests, labels printed at another site",
        workaround_ko: "인계 명세서를 손으로 쓰고 송장은 다른 물류센터에서 출력합니다",
        scales: (0, 3),
    },
    ProcessSpec {
        code: "receiving",
        name: "Receiving goods and counting stock",
        name_ko: "입고와 재고 조사",
        owner: "site lead",
        systems: &["wms"],
        partners: Partners::None,
        after: &[],
        hours: (72, 168),
        rpo_min: 60,
        mbco_percent: 30,
        people_min: 3,
        workaround: "goods wait in the yard, counted on paper",
        workaround_ko: "상품을 야드에 두고 종이로 셉니다",
        scales: (0, 1),
    },
    ProcessSpec {
        code: "customer_support",
        name: "Answering and informing customers",
        name_ko: "고객 응대와 안내",
        owner: "customer support lead",
        systems: &["helpdesk", "phone"],
        partners: Partners::None,
        after: &["order_intake"],
        hours: (4, 24),
        rpo_min: 60,
        mbco_percent: 50,
        people_min: 4,
        workaround: "from home on mobile phones, with the break-glass list of open orders",
        workaround_ko: "비상 서류의 미출고 주문 목록을 들고 자택에서 휴대전화로 응대합니다",
        scales: (3, 4),
    },
    ProcessSpec {
        code: "returns",
        name: "Returns and refunds",
        name_ko: "반품과 환불",
        owner: "customer support lead",
        systems: &["wms", "payments"],
        partners: Partners::None,
        after: &["receiving"],
        hours: (120, 336),
        rpo_min: 240,
        mbco_percent: 20,
        people_min: 2,
        workaround: "refunds on proof of posting",
        workaround_ko: "반송 접수증을 확인하고 먼저 환불합니다",
        scales: (3, 2),
    },
    ProcessSpec {
        code: "billing",
        name: "Statements to the merchants",
        name_ko: "판매사 정산",
        owner: "finance",
        systems: &["accounts"],
        partners: Partners::None,
        after: &["handover"],
        hours: (168, 720),
        rpo_min: 1440,
        mbco_percent: 10,
        people_min: 1,
        workaround: "estimate from last month, corrected later",
        workaround_ko: "지난달 금액으로 추정하고 나중에 바로잡습니다",
        scales: (2, 1),
    },
    ProcessSpec {
        code: "it",
        name: "Computers and connections",
        name_ko: "전산과 통신 운영",
        owner: "it lead",
        systems: &["holdfast", "network"],
        partners: Partners::None,
        after: &[],
        hours: (4, 24),
        rpo_min: 0,
        mbco_percent: 100,
        people_min: 1,
        workaround: "follower or last backup on another machine; break-glass pack until then",
        workaround_ko: "다른 장비의 대기 서버나 마지막 백업으로 옮기고, 그때까지 비상 서류를 씁니다",
        scales: (2, 3),
    },
];

/// The processes, each with what it depends on.
pub(crate) fn processes(sites: &[SiteSpec], locale: &Locale) -> Vec<Process> {
    let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
    PROCESSES
        .iter()
        .map(|spec| {
            let korean = locale.language == "ko";
            let name = if korean { spec.name_ko } else { spec.name };
            let mut row = Process::new(spec.code.into(), name.into());
            row.owner = Some(spec.owner.into());
            if matches!(spec.code, "picking" | "handover" | "receiving") {
                row.sites = sites.iter().map(|site| site.code.to_owned()).collect();
            }
            row.systems = owned(spec.systems);
            row.partners = match spec.partners {
                Partners::None => vec![],
                Partners::Centre => owned(&[locale.partner]),
                Partners::Carriers => owned(&locale.tariff.carriers[..2]),
            };
            row.after = owned(spec.after);
            (row.rto_h, row.mtpd_h) = (Some(spec.hours.0), Some(spec.hours.1));
            row.rpo_min = Some(spec.rpo_min);
            row.mbco_percent = Some(spec.mbco_percent);
            row.people_min = Some(spec.people_min);
            row.workaround = Some(if korean { spec.workaround_ko } else { spec.workaround }.into());
            (row.legal_scale, row.reputation_scale) = (Some(spec.scales.0), Some(spec.scales.1));
            row
        })
        .collect()
}
