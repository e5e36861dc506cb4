//! The packing table: scan by scan, as a scanner that types and presses Enter works it.

mod world;

use holdfast_console::act::{Act, Asked, Refused};
use holdfast_console::page::{Fields, PackingQuery, Page};
use holdfast_console::viewer::{Role, Viewer};
use holdfast_console::words::Locale;
use holdfast_domain::id::{Id, ShipmentId};
use holdfast_domain::order::ShipmentStage;
use world::House;

fn tried(house: &House, query: &PackingQuery, next: &str) -> Result<Asked, Refused> {
    let mut fields = vec![("next".to_owned(), next.to_owned()), ("papers".to_owned(), query.papers.clone())];
    fields.extend(query.shipment.map(|id| ("shipment".to_owned(), id.to_string())));
    fields.extend(query.scans.iter().map(|scan| ("scan".to_owned(), scan.clone())));
    let me =
        Viewer { name: "Kim".to_owned(), role: Role::Operator, locale: Locale::En, csrf: "token".to_owned() };
    Act::parse("/act/scan", &Fields(fields), &house.view(), &me)
}

fn scanned(house: &House, query: &PackingQuery, next: &str) -> Asked {
    tried(house, query, next).unwrap()
}

fn table(asked: &Asked) -> PackingQuery {
    match &asked.then {
        Page::Packing(query) => query.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_unit_that_does_not_belong_is_turned_away_and_the_papers_close_a_whole_parcel() {
    let mut house = House::florence(200);
    // A parcel that had left is put back on the table.
    let shipments = (0..house.engine.state.shipments.len()).map(ShipmentId::from_index);
    let whole = |id: &ShipmentId| {
        let state = &house.engine.state;
        state.shipments.get(*id).is_some_and(|known| state.order(known.order).is_ok())
    };
    let id = shipments.filter(whole).last().unwrap();
    let mut known = house.engine.state.shipments.get(id).unwrap().clone();
    known.stage = ShipmentStage::Picked;
    *house.engine.state.shipments.get_mut(id).unwrap() = known.clone();
    let order = house.engine.state.order(known.order).unwrap().clone();
    let code = |line: u16| {
        let sku = order.lines[usize::from(line)].sku;
        house.engine.state.network.skus.get(sku).unwrap().code.to_string()
    };
    let units: Vec<String> =
        known.items.iter().flat_map(|(line, quantity)| vec![code(*line); quantity.0 as usize]).collect();
    let foreign =
        house.engine.state.network.skus.iter().find(|(id, sku)| {
            sku.merchant == order.merchant && order.lines.iter().all(|line| line.sku != *id)
        });
    let foreign = foreign.unwrap().1.code.to_string();

    let nobody = scanned(&house, &PackingQuery::default(), "no such papers");
    assert_eq!((&nobody.act, table(&nobody).refused.unwrap().1), (&Act::Look, "no-papers".to_owned()));
    let begun = scanned(&house, &PackingQuery::default(), &order.number);
    assert_eq!(table(&begun).shipment, Some(id), "the papers lead to their parcel");
    let early = scanned(&house, &table(&begun), &order.number);
    assert_eq!((&early.act, table(&early).refused.unwrap().1), (&Act::Look, "not-all".to_owned()));
    let wrong = scanned(&house, &table(&begun), &foreign);
    assert_eq!((&wrong.act, table(&wrong).refused.unwrap().1), (&Act::WrongScan, "foreign".to_owned()));
    assert_eq!(table(&wrong).scans, table(&begun).scans, "what was turned away is not carried on");

    // What was misread is shown, and is no mis-pick: a check digit that does not fit, the code of a case.
    for (scan, why) in [("4006381333932", "check-digit"), ("14006381333938", "case")] {
        let misread = scanned(&house, &table(&begun), scan);
        assert_eq!((&misread.act, table(&misread).refused.unwrap().1), (&Act::Look, why.to_owned()));
    }
    let unknown = scanned(&house, &table(&begun), "nobody's code");
    assert_eq!((&unknown.act, table(&unknown).refused.unwrap().1), (&Act::WrongScan, "unknown".to_owned()));
    let mut full = table(&begun);
    full.scans = vec![units[0].clone(); 300];
    let full = scanned(&house, &full, &units[0]);
    assert_eq!((&full.act, table(&full).refused.unwrap().1), (&Act::Look, "table-full".to_owned()));

    let mut at = table(&wrong);
    for unit in &units {
        let one = scanned(&house, &at, unit);
        assert_eq!(one.act, Act::Look);
        at = table(&one);
        assert!(at.refused.is_none());
    }
    let over = scanned(&house, &at, &units[0]);
    assert_eq!((&over.act, table(&over).refused.unwrap().1), (&Act::WrongScan, "too-many".to_owned()));
    // Papers that bear the shipment's own number open the parcel, and close it.
    let opened = scanned(&house, &PackingQuery::default(), &id.to_string());
    assert_eq!(table(&opened).shipment, Some(id), "the shipment's own number leads to it");
    let early = scanned(&house, &table(&opened), &id.to_string());
    assert_eq!((&early.act, table(&early).refused.unwrap().1), (&Act::Look, "not-all".to_owned()));
    for papers in [order.number.to_string(), id.to_string()] {
        let done = scanned(&house, &at, &papers);
        assert_eq!(done.act, Act::Pack(id, order.number.to_string(), units.clone()), "closed by {papers}");
        assert_eq!(table(&done), PackingQuery::default(), "the table is free again");
    }
}

#[test]
fn a_parcel_that_is_gone_is_said_to_be_gone() {
    let house = House::florence(200);
    let gone = ShipmentId::from_index(house.engine.state.shipments.len());
    let query = PackingQuery { shipment: Some(gone), papers: "1001".to_owned(), ..PackingQuery::default() };
    let refused = tried(&house, &query, "4006381333931").unwrap_err();
    let Refused::Faults(faults) = refused else { panic!("{refused:?}") };
    let [fault] = &faults[..] else { panic!("{faults:?}") };
    assert_eq!((fault.field, fault.why), ("shipment", "fault-parcel-gone"));
}
