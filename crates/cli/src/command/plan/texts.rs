//! The texts customers are sent, with an invented order, for the plan.

use holdfast_console::plan::Message;
use holdfast_domain::money::{Currency, Money};
use holdfast_domain::time::{Day, Zone};
use holdfast_notify::template::{
    Action, Audience, Catalog, Cause, Channel, Choice, DayRange, Hazard, ItemShown, Moment, NoticeContent,
    Offer, OrderShown, Phase, Refund, Rendered, Silence,
};

use crate::words::Lang;

/// The phases a plan shows, with the name each has there.
const SHOWN: [(Phase, &str); 5] = [
    (Phase::Delayed, "delayed"),
    (Phase::DateUnknown, "date-unknown"),
    (Phase::BackOnSchedule, "back-on-schedule"),
    (Phase::InTransit, "in-transit"),
    (Phase::Cancelled, "cancelled"),
];

/// One text for each of the phases. What cannot be rendered is left out: the templates' own tests find that.
pub fn messages(lang: Lang) -> Vec<Message> {
    let catalog = Catalog::embedded();
    let text = |(phase, when): &(Phase, &str)| {
        let content = example(lang, *phase);
        match catalog.render(&content, Channel::Mail, "") {
            Ok(Rendered::Mail(mail)) => Some(Message {
                when: (*when).to_owned(),
                language: lang.code().to_owned(),
                subject: mail.subject,
                text: mail.text,
            }),
            _ => None,
        }
    };
    SHOWN.iter().filter_map(text).collect()
}

fn example(lang: Lang, phase: Phase) -> NoticeContent {
    let korean = lang == Lang::Ko;
    // 12 September 2018, the day before Florence's landfall: an example, as the plan says.
    let day = |after: i32| Day(17_786).plus(after);
    let zone =
        Zone::named(if korean { "Asia/Seoul" } else { "America/New_York" }).unwrap_or_else(|_| Zone::utc());
    let shop = if korean { "바다상점" } else { "Kelp & Co" };
    let mut content = NoticeContent::new(lang.code(), Audience::Customer, phase, Hazard::Hurricane, shop);
    content.contact.mail = Some("help@shop.example".into());
    content.cause = Some(Cause::RoadDamaged);
    content.done = vec![Action::OtherSite];
    content.name = Some(if korean { "홍길동" } else { "Ada Reef" }.into());
    let item = ItemShown { name: if korean { "등산화" } else { "Hiking boots" }.into(), quantity: 1 };
    content.orders = vec![OrderShown { number: "A-1001".into(), items: vec![item] }];
    content.old_day = Some(day(2));
    content.next_word = Some(Moment { at: day(1).at(36_000_000, &zone), zone });
    match phase {
        Phase::Cancelled => {
            let amount =
                if korean { Money::new(89_000, Currency::KRW) } else { Money::new(8_900, Currency::USD) };
            content.refund = Some(Refund { amount, by: day(9) });
        }
        _ => {
            let link =
                |choice: Choice| Offer { choice, link: "https://answers.holdfast.example/a/example".into() };
            content.offers = vec![link(Choice::Wait), link(Choice::Cancel)];
            content.silence = Silence::Waits;
            if phase != Phase::DateUnknown {
                content.new_days = Some(DayRange { first: day(5), last: day(7), confidence_pct: 90 });
            }
        }
    }
    content
}

#[cfg(test)]
mod tests {
    use super::{SHOWN, messages};
    use crate::words::Lang;

    #[test]
    fn every_text_of_the_plan_is_rendered_in_both_languages() {
        for lang in [Lang::En, Lang::Ko] {
            let all = messages(lang);
            assert_eq!(all.len(), SHOWN.len(), "{:?}", all.iter().map(|m| &m.when).collect::<Vec<_>>());
            assert!(all.iter().all(|message| !message.subject.is_empty() && message.text.contains("A-1001")));
        }
        assert!(messages(Lang::Ko).iter().all(|m| m.text.chars().any(|c| ('가'..='힣').contains(&c))));
    }
}
