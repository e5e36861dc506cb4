//! Whole notices: what a reader sees, and what stops a notice before it is sent.

use super::{
    Action, Ask, Audience, Catalog, Cause, Channel, Choice, DayRange, Hazard, ItemShown, LintProblem, Moment,
    NoticeContent, Offer, OrderShown, Phase, Refund, RenderError, Rendered, Silence, SmsKind,
};
use holdfast_domain::money::{Currency, Money};
use holdfast_domain::time::Zone;

/// A complete content for any phase; tests take away or spoil one thing.
pub(crate) fn content(language: &str, audience: Audience, phase: Phase) -> NoticeContent {
    let korean = language.starts_with("ko");
    let link = |choice: &str| format!("https://shop.example/n/{choice}?t=abc-_").into_boxed_str();
    let mut c = NoticeContent::new(
        language,
        audience,
        phase,
        Hazard::Hurricane,
        if korean { "바다상점" } else { "Kelp & Co" },
    );
    c.contact.mail = Some("help@shop.example".into());
    c.contact.phone = Some("+1 555 0100".into());
    c.region = Some(if korean { "플로리다" } else { "Florida" }.into());
    c.cause = Some(Cause::RoadDamaged);
    c.done = vec![Action::OtherSite, Action::FasterService];
    if audience == Audience::Customer {
        c.name = Some(if korean { "홍길동" } else { "Ada Lovelace" }.into());
        let item = ItemShown { name: if korean { "등산화" } else { "Hiking boots" }.into(), quantity: 2 };
        c.orders = vec![OrderShown { number: "A-1001".into(), items: vec![item] }];
        c.old_day = Some("2022-10-03".parse().unwrap());
        c.new_days = Some(DayRange {
            first: "2022-10-06".parse().unwrap(),
            last: "2022-10-08".parse().unwrap(),
            confidence_pct: 90,
        });
        c.offers = [Choice::Wait, Choice::Cancel, Choice::ChangeAddress]
            .map(|choice| Offer { choice, link: link(choice.code()) })
            .to_vec();
        c.silence = Silence::Waits;
        let amount =
            if korean { Money::new(1_234_000, Currency::KRW) } else { Money::new(123_450, Currency::USD) };
        c.refund = Some(Refund { amount, by: "2022-10-12".parse().unwrap() });
        let zone = Zone::named(if korean { "Asia/Seoul" } else { "America/New_York" }).unwrap();
        let at = "2022-10-04T09:00:00Z".parse().unwrap();
        c.next_word = Some(Moment { at, zone });
    } else {
        c.orders_touched = Some(1_204);
        c.place = Some("FL-1 Tampa".into());
        c.asks = vec![Ask::CloseSite, Ask::RecallOrders];
        c.link = Some("https://ops.example/ack/7".into());
    }
    if matches!(phase, Phase::Cancelled | Phase::Refunded) {
        (c.new_days, c.offers, c.silence) = (None, vec![], Silence::Nothing);
    } else if audience == Audience::Customer {
        c.refund = None;
    }
    if phase == Phase::DateUnknown {
        c.new_days = None;
    }
    c
}

fn mail(content: &NoticeContent) -> super::MailBody {
    match Catalog::embedded().render(content, Channel::Mail, "").unwrap() {
        Rendered::Mail(mail) => mail,
        other => panic!("not a mail: {other:?}"),
    }
}

#[test]
fn a_korean_delay_as_a_customer_reads_it() {
    let mail = mail(&content("ko-KR", Audience::Customer, Phase::Delayed));
    assert_eq!(
        mail.subject,
        "[바다상점] 배송 지연 안내 – 10월 6일(목)~10월 8일(토) 도착 예정 (주문번호 A-1001)"
    );
    assert_eq!(
        mail.text,
        "홍길동 고객님, 안녕하십니까.\n\n\
         주문하신 상품의 배송이 약속드린 날짜보다 늦어지게 되어 안내해 드립니다. 불편을 드려 진심으로 사과드립니다.\n\n\
         주문번호: A-1001\n\
         주문 상품: 등산화 2개\n\
         지연 사유:\n\
         \x20 - 플로리다 지역의 태풍(허리케인)으로 인하여 출고와 운송이 중단되었습니다.\n\
         \x20 - 도로가 파손되거나 통제되고 있습니다.\n\
         조치 내용:\n\
         \x20 - 피해 지역 밖의 다른 물류센터에서 출고하도록 변경하였습니다.\n\
         \x20 - 추가 비용을 당사가 부담하여 더 빠른 배송 수단으로 변경하였습니다.\n\
         기존 예정일: 2022년 10월 3일(월)\n\
         변경된 예정일: 2022년 10월 6일(목)~2022년 10월 8일(토) (이 기간에 도착할 가능성 약 90%)\n\
         다음 안내: 2022년 10월 4일(화) 오후 6시(한국 시간)까지 다시 안내해 드리겠습니다.\n\
         문의처:\n\
         \x20 - help@shop.example\n\
         \x20 - +1 555 0100\n\
         \n\
         변경된 예정일까지 기다리기: https://shop.example/n/wait?t=abc-_\n\
         주문 취소(전액 환불): https://shop.example/n/cancel?t=abc-_\n\
         배송지 변경: https://shop.example/n/change-address?t=abc-_\n\
         \n\
         별도로 선택하지 않으시면, 변경된 예정일에 맞추어 보내 드리겠습니다. 출고 전까지는 언제든지 취소하시고 전액 환불받으실 수 있습니다.\n\
         \n\
         --\n\
         본 메시지는 주문하신 상품의 배송에 관한 안내로, 광고가 아니므로 마케팅 수신 동의 여부와 관계없이 발송됩니다.\n"
    );
}

#[test]
fn an_english_delay_as_a_customer_reads_it() {
    let american = mail(&content("en-US", Audience::Customer, Phase::Delayed));
    assert_eq!(
        american.subject,
        "Your Kelp & Co order A-1001 is delayed: now expected October 6 to October 8"
    );
    for line in [
        "Hello Ada Lovelace,\n",
        "  - A hurricane has interrupted shipping in Florida.\n",
        "New date: Thursday, October 6, 2022 to Saturday, October 8, 2022 (about 90% likely)\n",
        "Next update: We will write again by Tuesday, October 4, 2022, 5:00 am (EDT).\n",
        "Items: Hiking boots × 2\n",
        "Cancel for a full refund: https://shop.example/n/cancel?t=abc-_\n",
    ] {
        assert!(american.text.contains(line), "{line}\n--- in ---\n{}", american.text);
    }
    assert!(american.html.contains("Kelp &amp; Co") && !american.html.contains("Kelp & Co"));
    let british = mail(&content("en_GB", Audience::Customer, Phase::Delayed));
    assert!(british.subject.ends_with("now expected 6 October to 8 October"), "{}", british.subject);
    let unknown = mail(&content("xx", Audience::Customer, Phase::Delayed));
    assert_eq!(unknown.language, "en");
}

#[test]
fn silence_and_refund_are_said_plainly() {
    let mut second = content("en", Audience::Customer, Phase::DelayedAgain);
    second.silence = Silence::Cancels { answer_by: "2022-10-14".parse().unwrap() };
    let text = mail(&second).text;
    assert!(
        text.contains("by Friday, October 14, 2022 whether you want to wait. If we do not hear"),
        "{text}"
    );
    let cancelled = mail(&content("ko", Audience::Customer, Phase::Cancelled));
    assert!(cancelled.subject.contains("1,234,000원"), "{}", cancelled.subject);
    assert!(cancelled.text.contains("환불: 1,234,000원 – 결제하신 수단으로 2022년 10월 12일(수)까지"));
    let cancelled = mail(&content("en", Audience::Customer, Phase::Cancelled));
    assert!(cancelled.subject.ends_with("full refund of $1,234.50"), "{}", cancelled.subject);
}

#[test]
fn every_hazard_phase_audience_and_channel_in_every_language() {
    let catalog = Catalog::embedded();
    let languages: Vec<String> = catalog.languages().map(str::to_owned).collect();
    let mut rendered = 0;
    for language in &languages {
        for audience in Audience::ALL {
            for phase in Phase::ALL {
                if phase.is_for_customers() != (*audience == Audience::Customer) {
                    continue;
                }
                for hazard in Hazard::ALL {
                    let mut content = content(language, *audience, *phase);
                    content.hazard = *hazard;
                    for channel in [Channel::Mail, Channel::Sms, Channel::AlimTalk, Channel::Webhook] {
                        if let Err(e) = catalog.render(&content, channel, "") {
                            panic!("{language} {audience:?} {phase:?} {hazard:?} {channel:?}: {e:?}");
                        }
                        rendered += 1;
                    }
                }
            }
        }
    }
    // 7 customer phases and 3 phases for 5 other audiences.
    assert_eq!(rendered, languages.len() * (7 + 3 * 5) * Hazard::ALL.len() * 4);
}

#[test]
fn every_cause_action_and_request_has_its_words() {
    let catalog = Catalog::embedded();
    let tags: Vec<String> = catalog.languages().map(str::to_owned).collect();
    for language in tags {
        for cause in Cause::ALL {
            let mut content = content(&language, Audience::Customer, Phase::Delayed);
            (content.cause, content.done, content.region) = (Some(*cause), Action::ALL.to_vec(), None);
            catalog.render(&content, Channel::Mail, "").unwrap();
        }
        let mut content = content(&language, Audience::Site, Phase::Declared);
        content.asks = Ask::ALL.to_vec();
        catalog.render(&content, Channel::Mail, "").unwrap();
    }
}

#[test]
fn what_is_missing_stops_the_notice_with_its_name() {
    let check = |spoil: &dyn Fn(&mut NoticeContent), field: &str| {
        let mut spoiled = content("en", Audience::Customer, Phase::Delayed);
        spoil(&mut spoiled);
        match Catalog::embedded().render(&spoiled, Channel::Mail, "") {
            Err(RenderError::Content(problems)) => {
                assert!(problems.iter().any(|problem| problem.field == field), "{field}: {problems:?}");
            }
            other => panic!("{field}: {other:?}"),
        }
    };
    check(&|c| c.new_days = None, "new_days");
    check(&|c| c.old_day = None, "old_day");
    check(&|c| c.offers.clear(), "offers");
    check(&|c| c.orders.clear(), "orders");
    check(&|c| c.silence = Silence::Nothing, "silence");
    check(&|c| c.done.clear(), "done");
    check(&|c| c.contact = super::Contact::default(), "contact");
    check(&|c| c.phase = Phase::Declared, "phase");
    check(&|c| c.name = Some(" ".into()), "name");
    check(&|c| c.merchant = "Kelp\r\nBcc: all@shop.example".into(), "merchant");
    check(&|c| c.orders[0].number = "A\u{2028}1".into(), "orders[0].number");
    check(&|c| c.orders[0].items[0].name = "\u{202e}evil".into(), "orders[0].items[0].name");
    check(&|c| c.name = Some("x".repeat(301).into()), "name");
    check(&|c| c.offers[0].link = "javascript:alert(1)".into(), "offers.link");
    check(&|c| c.offers[0].link = "https://x\"onclick=".into(), "offers.link");
    check(&|c| c.new_days.as_mut().unwrap().confidence_pct = 100, "new_days.confidence_pct");
}

#[test]
fn html_shows_markup_and_does_not_run_it() {
    let mut hostile = content("en", Audience::Customer, Phase::Delayed);
    hostile.name = Some("<script>alert('x')</script>".into());
    hostile.orders[0].items[0].name = "\"><img src=x onerror=alert(1)>".into();
    let html = mail(&hostile).html;
    assert!(!html.contains("<script") && !html.contains("<img"));
    assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)"));
}

#[test]
fn text_messages_keep_the_limits_of_their_network() {
    let catalog = Catalog::embedded();
    let sms = |content: &NoticeContent| match catalog.render(content, Channel::Sms, "").unwrap() {
        Rendered::Sms(sms) => sms,
        other => panic!("{other:?}"),
    };
    let short = sms(&content("ko", Audience::Customer, Phase::Refunded));
    assert_eq!((short.kind, short.length), (SmsKind::Sms, 58), "{}", short.text);
    let long = sms(&content("ko", Audience::Customer, Phase::Delayed));
    assert_eq!(long.kind, SmsKind::Lms);
    assert!(long.length <= 2_000 && long.text.contains("▶ 주문번호: A-1001"), "{}", long.text);
    let english = sms(&content("en", Audience::Customer, Phase::Refunded));
    assert_eq!(english.kind, SmsKind::Parts(1));

    let mut many = content("ko", Audience::Customer, Phase::Delayed);
    many.orders = (0..50).map(|n| OrderShown { number: format!("{n:040}").into(), items: vec![] }).collect();
    let refused = catalog.render(&many, Channel::Sms, "");
    assert!(matches!(refused, Err(RenderError::TooLong { max: 2_000, .. })), "{refused:?}");
    let refused = catalog.render(&many, Channel::AlimTalk, "");
    assert!(matches!(refused, Err(RenderError::TooLong { max: 1_000, .. })), "{refused:?}");

    let mut emoji = content("ko", Audience::Customer, Phase::Refunded);
    emoji.merchant = "바다🌊".into();
    let refused = catalog.render(&emoji, Channel::Sms, "");
    assert!(matches!(refused, Err(RenderError::Unencodable { character: '🌊', .. })), "{refused:?}");
}

#[test]
fn an_alimtalk_has_its_links_on_buttons() {
    let rendered = Catalog::embedded()
        .render(&content("ko", Audience::Customer, Phase::Delayed), Channel::AlimTalk, "")
        .unwrap();
    let Rendered::AlimTalk(message) = rendered else { panic!("{rendered:?}") };
    assert!(message.text.starts_with("[바다상점] 배송 지연 안내\n\n홍길동 고객님"), "{}", message.text);
    assert!(!message.text.contains("https://"));
    assert_eq!(message.buttons.len(), 3);
}

#[test]
fn a_merchant_may_change_words_and_not_lose_facts() {
    let mut catalog = Catalog::embedded();
    let lint = |catalog: &mut Catalog, text: &str| catalog.set_override("kelp", "en", text).unwrap_err();
    assert!(matches!(
        lint(&mut catalog, "subject-delayed = Your order is delayed\n")[0],
        LintProblem::LostVariable { .. }
    ));
    assert!(matches!(lint(&mut catalog, "subjekt = x\n")[0], LintProblem::UnknownMessage { .. }));
    assert!(matches!(
        lint(&mut catalog, "greeting = Ahoy { $nmae },\n")[0],
        LintProblem::UnknownVariable { .. }
    ));
    assert!(matches!(lint(&mut catalog, "greeting = Ahoy { $name\n")[0], LintProblem::Syntax { .. }));
    assert!(matches!(
        lint(&mut catalog, "touched = { $count -> [one] one *[other] many { $count } }\nfoo")[0],
        LintProblem::Syntax { .. }
    ));
    assert!(matches!(lint(&mut catalog, &"{".repeat(20_000))[0], LintProblem::TooLarge));
    assert!(matches!(lint(&mut catalog, "greeting = { weekday }\n")[0], LintProblem::UnknownMessage { .. }));

    catalog.set_override("kelp", "en", "greeting = Ahoy { $name },\n").unwrap();
    let customer = content("en", Audience::Customer, Phase::Delayed);
    assert_eq!(catalog.document(&customer, "kelp").unwrap().greeting, "Ahoy Ada Lovelace,");
    assert_eq!(catalog.document(&customer, "other").unwrap().greeting, "Hello Ada Lovelace,");
    catalog.set_override("kelp", "en", "").unwrap();
    assert_eq!(catalog.document(&customer, "kelp").unwrap().greeting, "Hello Ada Lovelace,");
}

#[test]
fn a_language_needs_only_its_file_and_all_of_it() {
    let mut catalog = Catalog::embedded();
    let problems = catalog.add_language("fr", "greeting = Bonjour { $name },\n").unwrap_err();
    assert!(problems.contains(&LintProblem::MissingMessage { id: "subject-delayed".to_owned() }));
    let whole = include_str!("../../locales/en/notices.ftl").replace("Hello { $name }", "Bonjour { $name }");
    catalog.add_language("fr", &whole).unwrap();
    let french = content("fr-CA", Audience::Customer, Phase::Delayed);
    assert_eq!(catalog.document(&french, "").unwrap().greeting, "Bonjour Ada Lovelace,");
}

#[test]
fn a_variable_or_message_that_is_missing_is_an_error_and_never_a_blank() {
    let catalog = Catalog::embedded();
    for language in ["en", "ko", "es"] {
        let words = catalog.words(language, "");
        let unsaid = words.say("subject-delayed", &fluent_bundle::FluentArgs::new()).unwrap_err();
        assert_eq!((unsaid.id.as_str(), unsaid.language.as_str()), ("subject-delayed", language));
        assert!(unsaid.cause.contains("$merchant"), "{unsaid}");
        let unsaid = words.say("subject-of-nothing", &fluent_bundle::FluentArgs::new()).unwrap_err();
        assert!(unsaid.cause.contains("no such message"), "{unsaid}");
    }
}
