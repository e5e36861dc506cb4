//! A take-over as text, in English and Korean: the offer, what it came to, the statements.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets::UTF8_HORIZONTAL_ONLY};
use holdfast_app::load::Loaded;
use holdfast_domain::id::Id;
use holdfast_domain::money::{Currency, Money, group_thousands};
use holdfast_domain::takeover::CostCause;
use holdfast_domain::time::Day;
use holdfast_engine::takeover::{Offer, Outcome, Role, Statement, Total, Whereabouts};
use holdfast_sim::takeover::{Played, Setting};

/// An amount as both languages write it.
fn money(minor: i64, currency: Currency) -> String {
    Money::new(minor, currency).to_string()
}

/// A share in per cent with one decimal.
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) }
}

/// The texts of one language.
pub struct Words {
    pub playing: &'static str,
    pub more_statements: &'static str,
    offer_to: &'static str,
    lost: &'static str,
    open: &'static str,
    first_parcel: &'static str,
    no_parcel: &'static str,
    host: &'static str,
    lends: &'static str,
    handling: &'static str,
    lane_parcel: &'static str,
    lane_kg: &'static str,
    lanes: &'static str,
    set_up: &'static str,
    valid: &'static str,
    bears: &'static str,
    goods: &'static str,
    units: &'static str,
    places: [&'static str; 6],
    outcome: [&'static str; 6],
    without: &'static str,
    with: &'static str,
    added: &'static str,
    effect: &'static str,
    no_effect: &'static str,
    expected: &'static str,
    free: &'static str,
    ended: &'static str,
    promises: &'static str,
    others: &'static str,
    statement: &'static str,
    roles: [&'static str; 2],
    carried: [&'static str; 4],
    columns: [&'static str; 6],
    total: &'static str,
    room: &'static str,
    causes: [&'static str; 7],
    stages: [&'static str; 7],
}

const ENGLISH: Words = Words {
    playing: "playing both runs",
    more_statements: "more statements; --json has all of them",
    offer_to: "Offer of a take-over to",
    lost: "Destroyed with its sites",
    open: "Its open orders",
    first_parcel: "First parcel from a host",
    no_parcel: "none: no goods of its open orders can be reached",
    host: "host",
    lends: "lends, work units Mon to Sun",
    handling: "handling parcel / unit",
    lane_parcel: "lane, parcel",
    lane_kg: "lane, kg",
    lanes: "lanes",
    set_up: "Set-up, each day, each unit taken in",
    valid: "Can be accepted until",
    bears: "The merchant bears of the extra cost",
    goods: "Its goods",
    units: "units",
    places: ["at open sites", "set aside", "behind the door", "nobody knows", "destroyed", "on the way"],
    outcome: ["its open orders", "orders", "served", "promises kept", "first day", "cost"],
    without: "without",
    with: "with the take-over",
    added: "Added cost for these orders, set-up and days included",
    effect: "Effect on open promises of other merchants (planned without and with)",
    no_effect: "none breaks, none is kept more",
    expected: "Of their orders expected within a week, promises kept",
    free: "Free work units over the next four weeks",
    ended: "Played to the end, the take-over is",
    promises: "The merchant's promises kept",
    others: "All other merchants' promises kept",
    statement: "Statement",
    roles: ["carried", "merchant of the hosts"],
    carried: ["orders", "parcels", "units", "late parcels"],
    columns: ["cause", "cost", "usual", "extra", "borne by this merchant", "borne by others"],
    total: "total",
    room: "Making room at the hosts, borne by this merchant",
    causes: [
        "shipping",
        "handling",
        "lateness",
        "split parcels",
        "set-up and days",
        "moved order lines",
        "goods taken in",
    ],
    stages: ["asked for", "offered", "accepted", "ending", "handed back", "declined", "lapsed"],
};

const KOREAN: Words = Words {
    playing: "두 경우를 진행하는 중",
    more_statements: "건의 정산서가 더 있습니다. --json에 모두 있습니다",
    offer_to: "대행 출고 제안:",
    lost: "물류센터와 함께 소실된 재고",
    open: "미출고 주문",
    first_parcel: "수탁 물류센터의 첫 출고일",
    no_parcel: "없음: 미출고 주문의 재고를 확보할 수 없습니다",
    host: "수탁 물류센터",
    lends: "제공 작업량(월~일)",
    handling: "처리비 건당 / 개당",
    lane_parcel: "운임 건당",
    lane_kg: "운임 kg당",
    lanes: "노선",
    set_up: "개설비, 하루 이용료, 입고 개당",
    valid: "승낙 기한",
    bears: "추가 비용 중 판매사 부담",
    goods: "재고 현황",
    units: "개",
    places: ["운영 중인 물류센터", "격리", "폐쇄 물류센터(온전함)", "상태 불명", "소실", "입고 예정"],
    outcome: ["미출고 주문", "주문", "출고", "약속 이행", "첫 출고일", "비용"],
    without: "대행 없이",
    with: "대행 시",
    added: "이 주문들의 추가 비용(개설비와 이용료 포함)",
    effect: "다른 판매사의 미출고 약속에 미치는 영향(없이/있이 각각 계획)",
    no_effect: "깨지거나 더 지켜지는 약속 없음",
    expected: "일주일 안에 예상되는 다른 판매사 주문의 약속 이행",
    free: "앞으로 4주간 남는 작업량",
    ended: "끝까지 진행한 결과, 대행 출고 상태:",
    promises: "해당 판매사의 약속 이행",
    others: "다른 모든 판매사의 약속 이행",
    statement: "정산서",
    roles: ["위탁 판매사", "수탁 물류센터의 판매사"],
    carried: ["주문", "출고 건", "개", "지연 건"],
    columns: ["원인", "비용", "평소", "추가", "이 판매사 부담", "그 외 부담"],
    total: "합계",
    room: "수탁 물류센터의 자리 마련 비용 중 이 판매사 부담",
    causes: ["배송", "처리", "지연", "분할 출고", "개설과 이용", "주문 이동", "입고"],
    stages: ["요청됨", "제안됨", "승낙됨", "종료 중", "반환 완료", "거절됨", "기한 만료"],
};

impl Words {
    /// The texts of a language by its two letters.
    pub fn of(language: &str) -> Option<&'static Self> {
        match language {
            "en" => Some(&ENGLISH),
            "ko" => Some(&KOREAN),
            _ => None,
        }
    }

    fn cause(&self, cause: CostCause) -> &'static str {
        let place = CostCause::ALL.iter().position(|known| *known == cause);
        place.map_or("", |place| self.causes[place])
    }
}

/// The offer; `all` adds what only the operator may see.
pub fn offer(offer: &Offer, loaded: &Loaded, all: bool, words: &Words) -> String {
    let guest = &offer.guest;
    let currency = guest.currency.parse().unwrap_or(Currency::USD);
    let cash = |minor: i64| money(minor, currency);
    let mut text = String::new();
    let mut line = |words: String| writeln!(text, "{words}").expect("writing to a string cannot fail");
    line(format!("{} {}  ({})", words.offer_to, guest.merchant, offer.made));
    line(String::new());
    line(format!("{}: {} {}", words.lost, group_thousands(guest.saving.lost_units), words.units));
    line(format!("{}: {}", words.open, group_thousands(u64::from(guest.saving.orders))));
    let first = guest.first_ship_day.map_or_else(|| words.no_parcel.to_owned(), |day| day.to_string());
    line(format!("{}: {first}", words.first_parcel));
    line(String::new());
    let mut table =
        table(&[words.host, words.lends, words.handling, words.lane_parcel, words.lane_kg, words.lanes]);
    for host in &guest.hosts {
        let week: Vec<String> = host.capacity.iter().map(u32::to_string).collect();
        table.add_row([
            format!("{} {}", host.code, host.name),
            week.join(" "),
            format!("{} / {}", cash(host.cost_parcel), cash(host.cost_unit)),
            format!("{} – {}", cash(host.lane_parcel.0), cash(host.lane_parcel.1)),
            format!("{} – {}", cash(host.lane_kg.0), cash(host.lane_kg.1)),
            host.lanes.to_string(),
        ]);
    }
    line(table.to_string());
    let prices = [guest.set_up, guest.daily, guest.goods_unit].map(cash).join(", ");
    line(format!("{}: {prices}", words.set_up));
    line(format!("{}: {}", words.valid, guest.valid_until));
    let bears = guest
        .bears
        .iter()
        .map(|(cause, permille)| format!("{} {}", words.cause(*cause), percent(u64::from(*permille), 1000)));
    line(format!("{}: {}", words.bears, bears.collect::<Vec<_>>().join(", ")));
    line(format!("{}: {}", words.goods, goods(offer, words)));
    line(String::new());
    line(outcomes(&guest.saving.without, &guest.saving.with, currency, words));
    line(format!("{}: {}", words.added, cash(guest.saving.added_cost)));
    if all {
        line(effects(offer, loaded, words));
        line(free(offer, loaded, words));
    }
    text
}

fn goods(offer: &Offer, words: &Words) -> String {
    let places = [
        Whereabouts::AtOpenSite,
        Whereabouts::SetAside,
        Whereabouts::BehindTheDoor,
        Whereabouts::Unknown,
        Whereabouts::Lost,
        Whereabouts::Inbound,
    ];
    let sum = |place: Whereabouts| -> u64 {
        let there = offer.guest.goods.iter().filter(|known| known.whereabouts == place);
        there.map(|known| u64::from(known.quantity.0)).sum()
    };
    let parts = places.into_iter().zip(words.places).map(|(place, word)| (sum(place), word));
    let parts = parts.filter(|(units, _)| *units > 0);
    parts.map(|(units, word)| format!("{word} {}", group_thousands(units))).collect::<Vec<_>>().join(", ")
}

fn outcomes(without: &Outcome, with: &Outcome, currency: Currency, words: &Words) -> String {
    let mut table = table(&words.outcome);
    for (name, known) in [(words.without, without), (words.with, with)] {
        table.add_row([
            name.to_owned(),
            known.orders.to_string(),
            known.served.to_string(),
            known.kept.to_string(),
            known.first_day.as_ref().map_or_else(|| "–".to_owned(), Day::to_string),
            money(known.shipping + known.handling + known.late, currency),
        ]);
    }
    table.to_string()
}

fn effects(offer: &Offer, loaded: &Loaded, words: &Words) -> String {
    let changed = offer.effects.iter().filter(|effect| effect.broken() != 0);
    let rows: Vec<String> = changed
        .map(|effect| {
            let code = loaded.merchants.get(effect.merchant.index()).map_or("?", String::as_str);
            format!("{code} {} -> {} / {}", effect.kept_without, effect.kept_with, effect.orders)
        })
        .collect();
    let said = if rows.is_empty() { words.no_effect.to_owned() } else { rows.join(", ") };
    let sum = |of: fn(&holdfast_engine::takeover::Effect) -> u32| -> u64 {
        offer.effects.iter().map(|effect| u64::from(of(effect))).sum()
    };
    let orders = sum(|effect| effect.expected);
    let (without, with) =
        (sum(|effect| effect.expected_kept_without), sum(|effect| effect.expected_kept_with));
    format!(
        "{}: {said}\n{}: {} {} ({}), {} {} ({})",
        words.effect,
        words.expected,
        words.without,
        group_thousands(without),
        percent(without, orders),
        words.with,
        group_thousands(with),
        percent(with, orders)
    )
}

fn free(offer: &Offer, loaded: &Loaded, words: &Words) -> String {
    let mut sites: Vec<(String, u64, u64)> = Vec::new();
    for known in &offer.free {
        let code = loaded.sites.get(known.site.index()).map_or("?", String::as_str);
        match sites.last_mut().filter(|(last, ..)| last == code) {
            Some(sum) => (sum.1, sum.2) = (sum.1 + u64::from(known.free), sum.2 + u64::from(known.whole)),
            None => sites.push((code.to_owned(), u64::from(known.free), u64::from(known.whole))),
        }
    }
    let rows = sites.iter().map(|(code, free, whole)| format!("{code} {}", percent(*free, *whole)));
    format!("{}: {}", words.free, rows.collect::<Vec<_>>().join(", "))
}

/// What playing it to the end came to.
pub fn ending(played: &Played, setting: &Setting<'_>, all: bool, words: &Words) -> String {
    let mut text = format!("{} {}\n", words.ended, words.stages[played.stage as usize]);
    let ((orders, without), (_, with)) = played.promises(setting.merchant);
    let row = |kept: u64, of: u64| format!("{} ({})", group_thousands(kept), percent(kept, of));
    let mut line = |words: String| writeln!(text, "{words}").expect("writing to a string cannot fail");
    line(format!(
        "{}: {} {}, {} {}",
        words.promises,
        words.without,
        row(without, orders),
        words.with,
        row(with, orders)
    ));
    if all {
        let rest = |tally: &holdfast_sim::tally::Tally, mine: u64| tally.on_time - mine;
        let others = played.with.orders - orders;
        line(format!(
            "{}: {} {}, {} {}",
            words.others,
            words.without,
            row(rest(&played.without, without), others),
            words.with,
            row(rest(&played.with, with), others)
        ));
    }
    text
}

/// A statement.
pub fn statement(statement: &Statement, words: &Words) -> String {
    let currency = statement.currency.parse().unwrap_or(Currency::USD);
    let role = words.roles[usize::from(statement.role == Role::Neighbour)];
    let mut text = format!("{} {} ({role})\n", words.statement, statement.code);
    let counts = [
        u64::from(statement.orders),
        u64::from(statement.parcels),
        statement.units,
        u64::from(statement.late_parcels),
    ];
    let counts =
        counts.iter().zip(words.carried).map(|(count, word)| format!("{word} {}", group_thousands(*count)));
    let mut line = |words: String| writeln!(text, "{words}").expect("writing to a string cannot fail");
    line(counts.collect::<Vec<_>>().join(", "));
    if statement.causes.is_empty() {
        return text;
    }
    let mut table = table(&words.columns);
    let mut row = |name: &str, total: &Total| {
        let cells = [total.cost, total.usual, total.extra, total.borne_here, total.borne_elsewhere];
        let mut out = vec![name.to_owned()];
        out.extend(cells.map(|minor| money(minor, currency)));
        table.add_row(out);
    };
    for known in &statement.causes {
        row(words.cause(known.cause), &known.total);
    }
    row(words.total, &statement.total);
    line(table.to_string());
    if statement.room != 0 {
        line(format!("{}: {}", words.room, money(statement.room, currency)));
    }
    text
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(header.to_vec());
    for column in 1..header.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
