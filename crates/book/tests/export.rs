//! Order exports of shops, read by the shipped mappings.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests read data, print and fail loudly"
)]

mod common;

use common::{read, read_again, read_bytes, workbook, xml_row};
use holdfast_book::kind::OrderStatus;
use holdfast_domain::money::{Currency, Money};
use holdfast_domain::quantity::Quantity;

const SMARTSTORE: &str = "\
상품주문번호,주문번호,주문상태,클레임상태,결제일,주문일시,상품번호,상품명,옵션정보,옵션관리코드,수량,상품가격,구매자명,구매자ID,수취인명,수취인연락처1,우편번호,통합배송지,배송메세지
2022090511,20220905100,결제완료,,2022-09-05 14:05,2022-09-05 14:03,101,생수 2L,6개,W-6,2,\"12,000\",김하나,hana**,김하나,010-1111-2222,6236,\"서울특별시 강남구 테헤란로 152, 3층\",문 앞
2022090512,20220905100,결제완료,취소완료,2022-09-05 14:05,2022-09-05 14:03,102,손전등,,F-1,1,9000원,김하나,hana**,김하나,010-1111-2222,6236,\"서울특별시 강남구 테헤란로 152, 3층\",문 앞
2022090513,20220905101,배송중,,2022-09-05 15:00,2022-09-05 14:59,101,생수 2L,6개,W-6,1,12000,이두리,duri**,박세온,1033334444,63122,제주특별자치도 제주시 문연로 6,
2022090514,20220905102,보류됨,,2022-09-05 15:00,2022-09-05 14:59,101,생수 2L,6개,W-6,1,12000,이두리,duri**,박세온,1033334444,63122,제주특별자치도 제주시 문연로 6,
";

#[test]
fn a_smartstore_export_becomes_orders_lines_customers_and_skus() {
    let reading = read(&[("스마트스토어_전체주문.csv", SMARTSTORE)]);
    let report = &reading.report.files[0];
    assert_eq!((report.read, report.accepted, report.refused), (4, 3, 1), "{}", reading.report);
    assert_eq!((report.errors[0].row, report.errors[0].column.as_str()), (5, "주문상태"));
    let book = &reading.book;
    assert_eq!(
        (book.orders.len(), book.order_lines.len(), book.skus.len(), book.customers.len()),
        (2, 3, 2, 2)
    );
    assert_eq!(book.orders[0].ordered_at.to_string(), "2022-09-05T05:03:00Z");
    assert_eq!(book.orders[0].ship_postal.as_deref(), Some("06236"));
    assert_eq!(book.orders[1].ship_phone.as_deref(), Some("010-3333-4444"));
    assert_eq!((book.orders[0].status, book.orders[1].status), (OrderStatus::Open, OrderStatus::Shipped));
    assert_eq!(book.order_lines[0].unit_price, Some(Money::new(12_000, Currency::KRW)));
    assert_eq!((book.order_lines[0].cancelled, book.order_lines[1].cancelled), (Quantity(0), Quantity(1)));
    assert_eq!(book.customers[0].language.as_deref(), Some("ko"));
    assert_eq!(book.merchants[0].currency, Currency::KRW);
    assert!(report.columns_unread.contains(&"배송메세지".to_owned()));
    let again = read_again(&[("again.csv", SMARTSTORE)], book);
    assert_eq!((again.report.accepted(), again.report.files[0].known), (0, 3), "{}", again.report);
}

#[test]
fn a_smartstore_workbook_with_a_note_above_its_header_in_cp949_or_xlsx_is_read() {
    let (cp949, _, _) = encoding_rs::EUC_KR.encode(SMARTSTORE);
    assert_eq!(read_bytes("export.csv", &cp949).book.order_lines.len(), 3);
    let rows: Vec<Vec<&str>> = SMARTSTORE
        .lines()
        .take(1)
        .chain(["1,2,결제완료,,@44809.5,@44809.5,101,생수,,W-6,#2,#12000,김,id,김,010-1,#6236,서울,"])
        .map(|line| line.split(',').collect())
        .collect();
    let note = xml_row(1, &["발주발송관리 엑셀: 수정하지 마세요"]);
    let body = [note, xml_row(2, &rows[0]), xml_row(3, &rows[1])].concat();
    let reading = read_bytes("스마트스토어.xlsx", &workbook("발주발송관리", &body));
    assert_eq!(
        reading.book.orders[0].paid_at.unwrap().to_string(),
        "2022-09-05T03:00:00Z",
        "{}",
        reading.report
    );
    assert_eq!(reading.book.orders[0].ship_postal.as_deref(), Some("06236"));
}

#[test]
fn an_order_to_two_addresses_is_refused_and_the_slowest_line_gives_the_state() {
    let text = "상품주문번호,주문번호,주문상태,주문일시,상품번호,상품명,수량,수취인명,우편번호,배송지\n\
        1,A,배송완료,2022-09-05 14:03,1,물,1,김,06236,서울\n\
        2,A,결제완료,2022-09-05 14:03,2,초,1,김,06236,서울\n\
        3,A,결제완료,2022-09-05 14:03,3,끈,1,김,48058,부산\n";
    let reading = read(&[("orders_export.csv", text)]);
    assert_eq!(reading.book.orders[0].status, OrderStatus::Open);
    assert!(reading.report.files[0].errors[0].cause.contains("another address"), "{}", reading.report);
    assert_eq!(reading.book.order_lines.len(), 2);
}

#[test]
fn a_cafe24_export_is_read() {
    let text = "주문번호,품목별 주문번호,주문일시,결제일시(입금확인일),주문상태,상품품목코드,주문상품명(옵션포함),수량,판매가,주문자ID,주문자명,수령인,수령인 휴대전화,수령인 우편번호,수령인 주소(전체),주문취소일\n\
        20220905-0000011,20220905-0000011-01,2022-09-05 14:03:11,2022-09-05 14:04:00,배송준비중,P000-A,생수,2,12000.00,hana,김하나,김하나,010-1111-2222,06236,서울특별시 강남구 테헤란로 152,\n\
        20220905-0000011,20220905-0000011-02,2022-09-05 14:03:11,2022-09-05 14:04:00,배송준비중,P000-B,손전등,1,9000.00,hana,김하나,김하나,010-1111-2222,06236,서울특별시 강남구 테헤란로 152,2022-09-05 16:00:00\n";
    let reading = read(&[("cafe24.csv", text)]);
    assert_eq!(reading.report.refused(), 0, "{}", reading.report);
    assert_eq!(reading.book.orders[0].status, OrderStatus::Released);
    assert_eq!(reading.book.order_lines[1].cancelled, Quantity(1));
    assert_eq!(reading.book.order_lines[1].cancelled_at.unwrap().to_string(), "2022-09-05T07:00:00Z");
    assert_eq!(reading.book.order_lines[0].unit_price, Some(Money::new(12_000, Currency::KRW)));
}

#[test]
fn a_shopify_export_carries_the_order_over_its_lines() {
    let text = "Name,Email,Financial Status,Paid at,Fulfillment Status,Accepts Marketing,Currency,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Shipping Name,Shipping Street,Shipping City,Shipping Zip,Shipping Country,Cancelled at,Phone\n\
        #1001,jo@example.org,paid,2018-09-10 10:03:00 -0400,unfulfilled,yes,USD,2018-09-10 10:02:00 -0400,2,Water,6.99,W-24,Jo Tern,Jo Tern,12 Water St,Boston,'02108,US,,\n\
        #1001,jo@example.org,,,,,,2018-09-10 10:02:00 -0400,1,Tarp,12.50,,,,,,,,,\n\
        #1002,li@example.org,paid,2018-09-10 11:03:00 -0400,fulfilled,no,CAD,2018-09-10 11:02:00 -0400,1,Water,8.99,W-24,Li,Li,1 Bay St,Toronto,M5J 2R8,CA,,\n\
        #1002,li@example.org,,,,,,2018-09-10 11:02:00 -0400,3,Rope,2.00,R-1,,,,,,,,\n\
        #1003,ed@example.org,voided,,,no,USD,2018-09-10 12:02:00 -0400,1,Water,6.99,W-24,Ed,Ed,1 Elm St,Tampa,33602,US,2018-09-10 13:00:00 -0400,\n";
    let reading = read(&[("orders_export_1.csv", text)]);
    assert_eq!(reading.report.refused(), 0, "{}", reading.report);
    let book = &reading.book;
    assert_eq!((book.orders.len(), book.order_lines.len()), (3, 5));
    assert_eq!(book.orders[0].ordered_at.to_string(), "2018-09-10T14:02:00Z");
    assert_eq!(book.orders[0].ship_postal.as_deref(), Some("02108"));
    let states: Vec<OrderStatus> = book.orders.iter().map(|order| order.status).collect();
    assert_eq!(states, [OrderStatus::Open, OrderStatus::Shipped, OrderStatus::Cancelled]);
    let lines: Vec<(&str, &str)> =
        book.order_lines.iter().map(|l| (l.line.as_str(), l.sku.as_str())).collect();
    assert_eq!(lines, [("1", "W-24"), ("2", "Tarp"), ("1", "W-24"), ("2", "R-1"), ("1", "W-24")]);
    assert_eq!(book.order_lines[3].unit_price.unwrap().to_string(), "2.00 CAD");
    let again = read_again(&[("orders_export_1.csv", text)], book);
    assert_eq!((again.report.accepted(), again.report.files[0].known), (0, 5));
}
