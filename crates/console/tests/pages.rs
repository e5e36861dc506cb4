//! Every page, for every role, in both languages: whole, labelled, escaped, translated, and nobody else's.

mod world;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use holdfast_console::act::{self, Act, CSRF_FIELD, Refused};
use holdfast_console::assets;
use holdfast_console::overview::Overview;
use holdfast_console::page::{Fields, Page};
use holdfast_console::undoing::Stays;
use holdfast_console::viewer::{Right, Role, Viewer};
use holdfast_console::words::Locale;
use holdfast_console::{Alone, Outcome, SignInFailed, Tried, render, render_plain};
use holdfast_continuity::house::Effort;
use holdfast_continuity::statistics::{Statistics, Totals};
use holdfast_domain::command::Command;
use holdfast_domain::id::{Id, IncidentId, MerchantId, OrderId, SiteId, SkuId};
use holdfast_domain::order::{OrderSlot, ShipmentStage};
use holdfast_domain::time::Day;
use holdfast_engine::incident::preview;
use scraper::{Html, Selector};
use world::House;

static HOUSE: LazyLock<House> = LazyLock::new(|| House::florence(600));

/// The analysis the pages are drawn from is a small one, so that it takes a second.
const EFFORT: Effort = Effort { years: 25, starts: Some(2) };

/// The house with an analysis of it.
static ANALYSED: LazyLock<House> = LazyLock::new(|| {
    let mut house = House::copy_of(&HOUSE);
    let made = holdfast_continuity::house::analyse(&house.engine.state, house.now, EFFORT).unwrap();
    house.before = Some(Arc::new(made));
    house
});

const ROLES: [Role; 6] = [
    Role::Viewer,
    Role::Support,
    Role::Operator,
    Role::Commander,
    Role::Merchant(MerchantId(0)),
    Role::Admin,
];

fn viewer(role: Role, locale: Locale) -> Viewer {
    Viewer { name: "Dana Reyes".to_owned(), role, locale, csrf: "token-of-the-session".to_owned() }
}

fn fields(query: &str) -> Fields {
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap());
    Fields(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn page(address: &str) -> Page {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    Page::parse(path, &fields(query)).unwrap_or_else(|| panic!("{address} is no page"))
}

/// An address of every screen, with things that exist in the house.
fn addresses(house: &House) -> Vec<String> {
    let state = &house.engine.state;
    let orders = [0, state.orders.len() / 2].map(|index| format!("/orders/{}", OrderId::from_index(index)));
    let mut all: Vec<String> = [
        "/",
        "/orders",
        "/orders?status=open",
        "/orders?status=risk&site=site-0",
        "/orders?q=zzzz",
        "/stock",
        "/stock?flag=sole",
        "/stock/sku-0",
        "/sites",
        "/lanes",
        "/incidents",
        "/incidents/new",
        "/incidents/new?threat=00a1",
        "/incidents/new?threat=00a1-2",
        "/incidents/new?threat=over",
        "/preview",
        "/preview?site=site-2&what=close",
        "/preview?cross_border=yes&what=embargo",
        "/preview?from_site=site-3&what=embargo",
        "/before",
        "/statistics",
        "/settings",
        "/people",
        "/audit",
        "/support",
        "/support?q=100",
        "/notices",
        "/drills",
        "/drills/1",
        "/drills/2",
        "/connections",
        "/connections/woo",
        "/shipments",
        "/shipments?stage=shipped&site=site-1",
        "/packing",
        "/packing?refused=9&why=no-papers",
    ]
    .map(str::to_owned)
    .to_vec();
    all.extend(orders);
    let doubtful = house.overview.in_doubt.first().and_then(|id| state.shipments.get(*id));
    all.extend(doubtful.map(|shipment| format!("/orders/{}", shipment.order)));
    all.extend((0..state.sites.len()).map(|index| format!("/sites/{}", SiteId::from_index(index))));
    all.extend(
        (0..state.incidents.len()).map(|index| format!("/incidents/{}", IncidentId::from_index(index))),
    );
    all
}

fn select<'a>(html: &'a Html, what: &str) -> Vec<scraper::ElementRef<'a>> {
    html.select(&Selector::parse(what).unwrap()).collect()
}

fn text(element: scraper::ElementRef<'_>) -> String {
    element.text().collect::<String>().trim().to_owned()
}

/// Pages beside the console's own.
const OUTSIDE: [&str; 5] = ["/plan.html", "/second-factor", "/before.csv", "/statistics.csv", "/drills.ics"];

/// What holds of every page, whatever it shows.
fn check_whole(address: &str, html: &str) {
    assert!(
        !html.contains('⟦'),
        "{address} lacks a message: {}",
        &html[html.find('⟦').unwrap()..][..60.min(html.len())]
    );
    let parsed = Html::parse_document(html);
    assert!(parsed.errors.is_empty(), "{address}: {:?}", parsed.errors);
    for (what, count) in [("main", 1), ("h1", 1), ("head > title", 1), ("html[lang]", 1)] {
        assert_eq!(select(&parsed, what).len(), count, "{address}: {what}");
    }
    for refused in [
        "[style]",
        "script:not([src])",
        "style",
        "[onclick]",
        "[onsubmit]",
        "form form",
        "button button",
        "a a",
        "a button",
    ] {
        assert!(select(&parsed, refused).is_empty(), "{address} has {refused}");
    }
    let mut ids = BTreeSet::new();
    for element in select(&parsed, "[id]") {
        let id = element.value().id().unwrap();
        // The same field may stand in two forms of a page; everything else is there once.
        let field = matches!(element.value().name(), "input" | "select") || id.ends_with("-hint");
        assert!(ids.insert(id.to_owned()) || field, "{address}: id {id} is there twice");
    }
    for field in select(&parsed, "input:not([type=hidden]), select, textarea") {
        let inside =
            field.ancestors().filter_map(scraper::ElementRef::wrap).any(|e| e.value().name() == "label");
        let named = field
            .value()
            .attr("id")
            .is_some_and(|id| !select(&parsed, &format!("label[for=\"{id}\"]")).is_empty());
        assert!(inside || named, "{address}: {} has no label", field.html());
    }
    for header in select(&parsed, "th") {
        assert!(!text(header).is_empty(), "{address}: an empty header in {}", header.html());
    }
    for link in select(&parsed, "a, button, summary, label") {
        assert!(
            !text(link).is_empty() || link.value().attr("aria-label").is_some(),
            "{address}: {}",
            link.html()
        );
    }
    for form in select(&parsed, "form[method=post]") {
        let action = form.value().attr("action").unwrap();
        let known = act::ROUTES.iter().any(|(route, _)| *route == action)
            || ["/sign-in", "/prove", "/sign-out", "/second-factor"].contains(&action)
            || action.starts_with("/setup/");
        assert!(known, "{address}: a form goes to {action}");
        // Before anybody is signed in there is no session whose token a form could carry.
        let carries = form.html().contains(&format!("name=\"{CSRF_FIELD}\""));
        assert!(
            carries || action == "/sign-in" || action.starts_with("/setup/"),
            "{address}: {action} has no token"
        );
    }
    for link in select(&parsed, "a[href^=\"/\"]") {
        let to = link.value().attr("href").unwrap().split('#').next().unwrap().to_owned();
        let (path, query) = to.split_once('?').unwrap_or((&to, ""));
        let known = OUTSIDE.contains(&path) || Page::parse(path, &fields(query)).is_some();
        assert!(known, "{address} leads to {to}");
    }
    for asset in select(&parsed, "[src], link[href]") {
        let to = asset.value().attr("src").or(asset.value().attr("href")).unwrap();
        let name = to.trim_start_matches("/assets/").split('?').next().unwrap();
        assert!(assets::find(name).is_some(), "{address} loads {to}");
    }
}

#[test]
fn every_page_is_whole_for_every_role_in_both_languages() {
    let view = HOUSE.view();
    for locale in Locale::ALL {
        for role in ROLES {
            for address in addresses(&HOUSE) {
                let (html, _) = render(&page(&address), &view, &viewer(role, locale), None);
                check_whole(&format!("{address} for {} in {}", role.key(), locale.tag()), &html);
            }
        }
    }
}

#[test]
fn what_threatens_what_stays_and_a_drill_that_runs_are_drawn() {
    let me = viewer(Role::Commander, Locale::Ko);
    let draw = |house: &House, address: &str| render(&page(address), &house.view(), &me, None).0;
    // A silent site is called so in the reader's language, also in the form that declares it.
    let code = &*HOUSE.engine.state.network.sites[1].code;
    let form = Html::parse_document(&draw(&HOUSE, "/incidents/new?threat=00a1-2"));
    let called = select(&form, "#name")[0].value().attr("value").unwrap();
    assert_eq!(called, format!("물류센터 응답 없음: {code}"));
    assert!(draw(&HOUSE, "/").contains(called), "the first screen calls it so too");
    assert!(!draw(&HOUSE, "/").contains("Site silent"));
    assert!(draw(&HOUSE, "/incidents/new?threat=00a1").contains("Hurricane Warning · nws · w1"));
    // Every reason for which an order stays has its words in the room.
    let (plan, _) = HOUSE.beside.undoing.first_key_value().unwrap();
    let room = HOUSE.engine.state.plans.get(*plan).unwrap().incident.unwrap();
    let room = Html::parse_document(&draw(&HOUSE, &format!("/incidents/{room}")));
    assert_eq!(select(&room, "details.undo > ul > li").len(), Stays::ALL.len());
    // While a drill runs every page says so, whole and in the reader's language.
    let running = HOUSE.while_a_drill_runs();
    for locale in Locale::ALL {
        for role in ROLES {
            for address in ["/", "/drills", "/drills/1"] {
                let (html, _) = render(&page(address), &running.view(), &viewer(role, locale), None);
                check_whole(&format!("{address} while a drill runs, for {}", role.key()), &html);
            }
        }
    }
    let drills = Html::parse_document(&draw(&running, "/drills"));
    assert_eq!(select(&drills, ".working .load").len(), 1);
}

#[test]
fn every_number_of_the_analysis_leads_to_where_it_comes_from() {
    let (view, admin) = (ANALYSED.view(), viewer(Role::Admin, Locale::En));
    for locale in Locale::ALL {
        let me = viewer(Role::Viewer, locale);
        let (html, found) = render(&Page::Before, &view, &me, None);
        assert!(found);
        check_whole(&format!("the analysis in {}", locale.tag()), &html);
    }
    let (html, _) = render(&Page::Before, &view, &admin, None);
    let parsed = Html::parse_document(&html);
    for part in ["sites", "pairs", "curve", "hazards", "critical", "backups", "ways"] {
        assert_eq!(
            select(&parsed, &format!("section#{part} table, section#{part} p")).is_empty(),
            false,
            "{part}"
        );
    }
    let mut asked = BTreeSet::new();
    for link in select(&parsed, "a[href^=\"/before/figure\"]") {
        let to =
            link.value().attr("href").unwrap().replace("%2B", "+").replace("%2F", "/").replace("%20", " ");
        if asked.insert(to.clone()) {
            let (html, found) = render(&page(&to), &view, &admin, None);
            assert!(found, "{to} says nothing");
            assert!(!html.contains("minor units"), "{to} gives money as a file has it");
            check_whole(&to, &html);
        }
    }
    assert!(asked.len() > 100, "{} figures were asked", asked.len());
    assert!(select(&parsed, "form[action=\"/act/analyse\"]").len() == 1);
    // The losses on the page are those of the analysis.
    let report = &ANALYSED.before.as_ref().unwrap().report;
    let rows = select(&parsed, "section#sites tbody tr");
    assert_eq!(rows.len(), report.sites.len());
    let most = report.sites.iter().map(|row| row.reference.loss()).fold(0.0, f64::max);
    let said = text(select(&parsed, "section#sites tbody tr td")[0]);
    let shown: f64 = said.trim_start_matches('$').replace(',', "").parse().unwrap();
    assert!((shown - most / 100.0).abs() <= 0.5, "{said} is {most} minor units");
}

#[test]
fn statistics_add_up_to_the_orders_one_by_one() {
    let mut house = House::copy_of(&HOUSE);
    // The world of scenarios drills; here it is as if it had been earnest.
    for index in 0..house.engine.state.incidents.len() {
        house.engine.state.incidents.get_mut(IncidentId::from_index(index)).unwrap().drill = false;
    }
    let (view, state) = (house.view(), &house.engine.state);
    let guarded = [(("2018-09".to_owned(), "stock-short".to_owned()), 3)].into();
    let of = Statistics::of(state, HOUSE.chronicle.ledger(), &guarded, HOUSE.now);
    // Recounted here from the parcels alone, without any of the counting code.
    let (mut kept, mut late, mut lost, mut open) = (0, 0, 0, 0);
    for (_, order) in state.live_orders() {
        let wanted: u32 = order.lines.iter().map(|line| line.ordered.0 - line.cancelled.0).sum();
        let parcels = order.lines.iter().flat_map(|line| &line.allocations);
        let arrived: Vec<(u32, Option<Day>)> = parcels
            .filter_map(|a| Some((a.quantity.0, state.shipments.get(a.shipment?)?)))
            .filter(|(_, shipment)| shipment.stage == ShipmentStage::Delivered)
            .map(|(units, shipment)| (units, shipment.arrival))
            .collect();
        let units: u32 = arrived.iter().map(|(units, _)| units).sum();
        let last = arrived.iter().filter_map(|(_, day)| *day).max();
        match (wanted, units == wanted, last) {
            (0, ..) => lost += 1,
            (_, true, Some(day)) if day <= order.promise_first => kept += 1,
            (_, true, _) => late += 1,
            _ => open += 1,
        }
    }
    assert_eq!((of.all.kept, of.all.late, of.all.lost, of.all.open), (kept, late, lost, open));
    assert_eq!(of.all.orders, kept + late + lost + open);
    assert!(kept > 0 && open > 0, "the house is in the middle of it: {:?}", of.all);
    let sum = |all: &mut dyn Iterator<Item = &Totals>| all.map(|totals| totals.orders).sum::<u64>();
    assert_eq!(sum(&mut of.merchants.values()), of.all.orders);
    assert_eq!(sum(&mut of.months.values().map(|period| &period.orders)), of.all.orders);
    assert_eq!(sum(&mut of.years.values().map(|period| &period.orders)), of.all.orders);
    let months: f64 = of.months.values().map(|period| period.site_hours).sum();
    let disasters: f64 = of.disasters.iter().map(|one| one.site_hours).sum();
    assert!(disasters > 0.0 && (months - disasters).abs() < 1e-6, "{months} is {disasters}");
    let one = &of.disasters[0];
    assert!(one.touched.orders > 0 && one.touched.orders <= of.all.orders, "{one:?}");
    assert!(one.recovery_hours.is_some_and(|hours| hours >= 0.0), "{one:?}");
    assert_eq!(of.months["2018-09"].guarded["stock-short"], 3);
    assert_eq!(of.years["2018"].guarded["stock-short"], 3);
    // And the page shows them.
    let (html, _) = render(&Page::Statistics, &view, &viewer(Role::Viewer, Locale::En), None);
    let parsed = Html::parse_document(&html);
    let shown: Vec<String> =
        select(&parsed, "section#months tbody tr:first-child td").into_iter().map(text).collect();
    let (_, newest) = of.months.iter().next_back().unwrap();
    let totals = newest.orders;
    let wanted = [totals.orders, totals.kept, totals.late, totals.lost, totals.open].map(|n| n.to_string());
    assert_eq!(shown[2..7], wanted, "the newest month");
}

#[test]
fn pages_outside_the_house_are_whole() {
    for locale in Locale::ALL {
        let sign_in = |failed| Alone::SignIn { name: "dana".into(), failed };
        let mut pages = vec![
            sign_in(None),
            Alone::Prove { csrf: "t".into(), then: "/".into(), failed: Some(SignInFailed::Wrong) },
        ];
        pages.extend([false, true].map(|failed| Alone::SecondFactor {
            csrf: "t".into(),
            there: failed,
            secret: "00ff".repeat(10),
            address:
                "otpauth://totp/Holdfast:dana?secret=AD7QB7YA74AP6AH7AD7QB7YA74AP6AH7&issuer=Holdfast".into(),
            failed,
        }));
        pages.extend([None, Some("abc-123".to_owned())].map(|token| Alone::SetUp { token, failed: None }));
        pages.extend(
            [SignInFailed::Throttled, SignInFailed::Expired, SignInFailed::Account].map(|f| sign_in(Some(f))),
        );
        pages.extend([400, 403, 404, 413, 418, 429, 500, 503].map(|status| Alone::Problem { status }));
        for page in &pages {
            let html = render_plain(page, locale).replace("?lang=", "/?lang=");
            check_whole(&format!("{page:?}"), &html);
        }
    }
}

#[test]
fn an_address_is_read_back_as_the_page_it_was() {
    for address in addresses(&HOUSE) {
        let first = page(&address);
        let written = first.address();
        let unescaped = written.replace("%20", " ");
        assert_eq!(page(&unescaped), first, "{address} became {written}");
    }
    assert_eq!(Page::parse("/orders/sku-1", &Fields::default()), None);
    assert_eq!(Page::parse("/nowhere", &Fields::default()), None);
}

/// The house with every name from outside replaced.
fn renamed(name: impl Fn(&str, usize, MerchantId) -> String) -> House {
    let mut house = House { engine: HOUSE.engine.clone(), ..House::copy_of(&HOUSE) };
    let state = &mut house.engine.state;
    let network = Arc::make_mut(&mut state.network);
    let all = MerchantId(u16::MAX);
    for (index, merchant) in network.merchants.iter_mut().enumerate() {
        let own = MerchantId::from_index(index);
        (merchant.code, merchant.name) =
            (name("code", index, own).into(), name("merchant", index, own).into());
    }
    for (index, site) in network.sites.iter_mut().enumerate() {
        site.name = name("site", index, all).into();
        site.region = name("region", index, all).into();
    }
    for (index, service) in network.services.iter_mut().enumerate() {
        service.carrier = name("carrier", index, all).into();
        service.name = name("service", index, all).into();
    }
    for index in 0..network.skus.len() {
        let sku = network.skus.get_mut(SkuId::from_index(index)).unwrap();
        let own = sku.merchant;
        (sku.code, sku.name, sku.category) = (
            name("sku", index, own).into(),
            name("goods", index, own).into(),
            name("category", index, own).into(),
        );
    }
    for index in 0..state.orders.len() {
        if let Some(OrderSlot::Live(order)) = state.orders.get_mut(OrderId::from_index(index)) {
            let own = order.merchant;
            (order.number, order.postal) =
                (name("order", index, own).into(), name("postal", index, own).into());
        }
    }
    for index in 0..state.incidents.len() {
        state.incidents.get_mut(IncidentId::from_index(index)).unwrap().name =
            name("incident", index, all).into();
    }
    house.overview = Overview::of(&house.engine.state, house.now);
    house
}

#[test]
fn hostile_names_stay_text() {
    let hostile = renamed(|what, index, _| {
        format!("<script>alert('{what}{index}')</script>\"><img src=x onerror=alert(1)>\u{202e}שלום&amp;")
    });
    for address in addresses(&hostile) {
        let (html, _) = render(&page(&address), &hostile.view(), &viewer(Role::Admin, Locale::En), None);
        assert!(!html.contains("<script>alert"), "{address}");
        let parsed = Html::parse_document(&html);
        assert!(parsed.errors.is_empty(), "{address}: {:?}", parsed.errors);
        assert!(select(&parsed, "img[onerror], img[src=x]").is_empty(), "{address}");
        assert!(select(&parsed, "script:not([src])").is_empty(), "{address}");
    }
}

#[test]
fn a_merchant_sees_nothing_of_another_one() {
    let canaries = renamed(|what, index, owner| match owner.0 {
        u16::MAX => format!("shared-{what}-{index}"),
        owner => format!("canary{owner}-{what}-{index}"),
    });
    let (view, me) = (canaries.view(), viewer(Role::Merchant(MerchantId(0)), Locale::En));
    let state = &canaries.engine.state;
    let mut all = addresses(&canaries);
    all.extend((0..state.orders.len()).map(|index| format!("/orders/{}", OrderId::from_index(index))));
    all.extend(
        (0..state.network.skus.len()).step_by(7).map(|index| format!("/stock/{}", SkuId::from_index(index))),
    );
    all.extend(
        ["/orders?q=canary", "/orders?merchant=mer-1", "/stock?q=canary", "/stock?merchant=mer-2"]
            .map(str::to_owned),
    );
    let (mut own, mut foreign) = (0, 0);
    for address in all {
        let (html, found) = render(&page(&address), &view, &me, None);
        for other in 1..state.network.merchants.len() {
            assert!(!html.contains(&format!("canary{other}-")), "{address} shows merchant {other}");
        }
        own += usize::from(found && html.contains("canary0-"));
        foreign += usize::from(!found);
    }
    assert!(own > 10 && foreign > 10, "{own} pages of its own, {foreign} that are not");
    // A count over all merchants would tell as well: the numbers are its own.
    let (html, _) = render(&Page::Now, &view, &me, None);
    let first = text(select(&Html::parse_document(&html), ".stat dd a")[0]);
    assert_eq!(first, canaries.overview.counts(Some(MerchantId(0))).open().to_string());
}

#[test]
fn the_numbers_of_the_preview_are_the_engines() {
    let view = HOUSE.view();
    for site in 0..HOUSE.engine.state.sites.len() {
        let id = SiteId::from_index(site);
        let (html, _) =
            render(&page(&format!("/preview?site={id}")), &view, &viewer(Role::Admin, Locale::En), None);
        let parsed = Html::parse_document(&html);
        let shown: Vec<String> = select(&parsed, "main > .stats dd, main .stats dd")
            .into_iter()
            .map(|dd| dd.text().next().unwrap_or_default().replace(',', ""))
            .collect();
        let counted = preview(&HOUSE.engine.state, &[id], &[], None, HOUSE.now);
        let expected = [
            (0, counted.orders as usize),
            (2, counted.promises_broken as usize),
            (3, counted.stuck.len()),
            (4, counted.in_doubt as usize),
            (5, counted.on_the_way as usize),
            (6, counted.skus_at_risk.len()),
        ];
        for (place, number) in expected {
            assert_eq!(shown[place], number.to_string(), "{id}, figure {place}");
        }
    }
}

#[test]
fn korean_pages_hold_no_english_sentence() {
    let state = &HOUSE.engine.state;
    let mut known: BTreeSet<String> =
        ["SKU", "ID", "DDoS", "IT", "PL", "UTC", "Dana", "Reyes", "English"].map(str::to_owned).into();
    let mut learn =
        |text: &str| known.extend(text.split(|c: char| !c.is_ascii_alphabetic()).map(str::to_owned));
    let network = &state.network;
    network.merchants.iter().for_each(|m| [&m.code, &m.name].into_iter().for_each(|t| learn(t)));
    network.sites.iter().for_each(|s| [&s.code, &s.name, &s.region].into_iter().for_each(|t| learn(t)));
    network.sites.iter().for_each(|s| learn(s.zone.name()));
    network.services.iter().for_each(|s| [&s.carrier, &s.name].into_iter().for_each(|t| learn(t)));
    network.skus.iter().for_each(|(_, s)| [&s.code, &s.name, &s.category].into_iter().for_each(|t| learn(t)));
    state
        .live_orders()
        .for_each(|(_, o)| [&*o.number, &*o.postal, o.country.code()].into_iter().for_each(&mut learn));
    state.incidents.iter().for_each(|(_, i)| learn(&i.name));
    state.network.operator.iter().for_each(|o| learn(&o.name));
    HOUSE.chronicle.rows().iter().for_each(|row| learn(&row.actor));
    HOUSE.health.iter().for_each(|part| learn(&part.name));
    // Ids, units, abbreviations of zones, citations and the names of those who published figures.
    let fixed = "EDT EST CDT CST PDT PST MDT MST KST USD US KR inc plan ord shp not sku site svc mer lane en ko es \
                 Akamai Supply Chain Dive PowerOutage IBM FEMA July June CSV Holdfast before rto hours \
                 Shopify WooCommerce Amazon drills promises percent docs how connect shop watch false inbox ics shp books Enter";
    learn(fixed);
    let running = HOUSE.while_a_drill_runs();
    let all = addresses(&HOUSE).into_iter().map(|address| (&*HOUSE, address));
    let drills = ["/", "/drills"].map(|address| (&running, address.to_owned()));
    for (house, address) in all.chain(drills) {
        let (html, _) = render(&page(&address), &house.view(), &viewer(Role::Admin, Locale::Ko), None);
        let parsed = Html::parse_document(&html);
        for node in select(&parsed, "main, nav, header, footer").into_iter().flat_map(|e| e.descendants()) {
            let Some(said) = node.value().as_text() else { continue };
            let quoted = node
                .ancestors()
                .filter_map(scraper::ElementRef::wrap)
                .any(|e| e.value().name() == "bdi" || e.value().classes().any(|class| class == "code"));
            // The provision of a law is cited as it is.
            if quoted || said.contains("CFR") || said.contains("Directive") || said.contains("Act") {
                continue;
            }
            for word in said.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 2) {
                let hexadecimal = word.bytes().all(|b| b.is_ascii_hexdigit() && b.is_ascii_lowercase());
                assert!(hexadecimal || known.contains(word), "{address} says {word:?} in {said:?}");
            }
        }
    }
}

#[test]
fn acts_ask_for_what_the_form_says() {
    let (view, me) = (HOUSE.view(), viewer(Role::Commander, Locale::En));
    let read = |path: &str, query: &str| Act::parse(path, &fields(query), &view, &me);
    let asked = read("/act/declare", "hazard=flood&name=Rhein&site=site-2&stock=lost").unwrap();
    let Act::Declare(declare) = asked.act else { panic!("a declaration") };
    assert_eq!(&*declare.open.name, "Rhein");
    let commands = declare.consequences(IncidentId(9));
    assert_eq!(commands.len(), 2, "declared and closed: {commands:?}");
    assert!(matches!(commands[1], Command::CloseSite { site: SiteId(2), incident: IncidentId(9), .. }));
    let Err(Refused::Faults(faults)) = read("/act/declare", "") else { panic!("two fields are missing") };
    assert_eq!(faults.iter().map(|fault| fault.field).collect::<Vec<_>>(), ["hazard", "name"]);
    for (path, query) in [
        ("/act/close", "incident=inc-0"),
        ("/act/close", "incident=inc-99&site=site-1"),
        ("/act/limit", "site=site-1&percent=0"),
        ("/act/tell", "incident=inc-0&hold=99999"),
        ("/act/embargo", "incident=inc-0"),
        ("/act/approve", "incident=inc-0&plan=zz"),
        ("/act/phase", "incident=inc-0&phase=watch"),
        ("/act/stock", "site=site-1&sku=sku-0&units=-1&what=count"),
    ] {
        assert!(matches!(read(path, query), Err(Refused::Faults(_))), "{path} {query}");
    }
    assert_eq!(read("/act/nothing", ""), Err(Refused::NoSuch));
}

#[test]
fn nobody_asks_for_what_the_role_or_the_owner_forbids() {
    let view = HOUSE.view();
    for role in ROLES {
        for (route, right) in act::ROUTES {
            let refused = Act::parse(route, &Fields::default(), &view, &viewer(role, Locale::En))
                == Err(Refused::NotAllowed);
            assert_eq!(refused, !role.may(right), "{route} for {}", role.key());
        }
    }
    let state = &HOUSE.engine.state;
    let me = viewer(Role::Merchant(MerchantId(0)), Locale::En);
    for (id, order) in state.live_orders() {
        let found = Act::parse("/act/order", &fields(&format!("order={id}&what=hold")), &view, &me);
        assert_eq!(found == Err(Refused::NotAllowed), order.merchant != MerchantId(0), "{id}");
    }
    assert!(!Role::Support.may(Right::Command) && !Role::Viewer.may(Right::ActOnOrders));
}

#[test]
fn what_a_form_lacked_is_said_at_its_field() {
    let form = fields("hazard=&name=Ida");
    let me = viewer(Role::Commander, Locale::En);
    let refused = Act::parse("/act/declare", &form, &HOUSE.view(), &me).unwrap_err();
    let tried = Tried { outcome: Outcome::Refused(refused), fields: Some(&form) };
    let (html, _) = render(&page("/incidents/new"), &HOUSE.view(), &me, Some(&tried));
    check_whole("a form that failed", &html);
    let parsed = Html::parse_document(&html);
    assert_eq!(select(&parsed, "#name")[0].value().attr("value"), Some("Ida"));
    assert_eq!(select(&parsed, "#hazard")[0].value().attr("aria-invalid"), Some("true"));
    assert_eq!(select(&parsed, "[role=alert] a[href=\"#hazard\"]").len(), 1);
}
