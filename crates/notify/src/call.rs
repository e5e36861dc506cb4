//! A call to a partner or to staff: the letter, and the page on which it is acknowledged.
//!
//! A link names one call and one contact, and allows one thing: to say that the call was heard. Looking changes nothing.

use fluent_bundle::FluentArgs;
use holdfast_app::dispatch::Letter;
use holdfast_domain::id::NoticeId;
use holdfast_domain::time::{Span, Stamp};

use crate::answer::{Page, frame};
use crate::link::{Act, Claim, KeyRing, LinkError, Purpose};
use crate::mail::{Envelope, NoticeKey, message_id, write};
use crate::template::html::escape;
use crate::template::phrase::args;
use crate::template::{Ask, Audience, Catalog, Channel, Contact, Hazard, NoticeContent, Phase, Rendered};

/// How long a link in a call holds.
pub const LINK_HOLDS: Span = Span::days(14);

/// One contact of a call, to be written to.
#[derive(Clone, Debug)]
pub struct Calling {
    /// The call's number.
    pub call: u32,
    /// The contact's place in it.
    pub position: u32,
    /// When the call was made: the letter is the same on every try.
    pub made: Stamp,
    /// Who is asked.
    pub audience: Audience,
    /// What.
    pub asks: Vec<Ask>,
    /// What has struck.
    pub hazard: Hazard,
    /// The site, lane or area.
    pub place: Box<str>,
    /// Orders touched.
    pub touched: u64,
    /// The operator's name.
    pub operator: Box<str>,
    /// The contact's name.
    pub name: Box<str>,
    /// The contact's address.
    pub mail: Box<str>,
    /// The contact's language.
    pub language: Box<str>,
}

/// The token of a call's link.
#[must_use]
pub fn token(keys: &KeyRing, calling: &Calling) -> String {
    keys.sign(&Claim {
        purpose: Purpose::Acknowledge,
        notice: calling.call,
        order: None,
        acts: [Act::View, Act::Acknowledge].into(),
        expires_at: calling.made.after(LINK_HOLDS),
        nonce: u64::from(calling.position),
    })
}

/// The call and the contact's place a token names, and when that call was made: numbers begin anew with a journal, so a
/// link counts for the call of that moment alone.
///
/// # Errors
/// [`LinkError`] for a link that does not hold.
pub fn open(keys: &KeyRing, token: &str, now: Stamp) -> Result<(u32, u32, Stamp), LinkError> {
    let claim = keys.verify(token, now)?;
    claim.allow(Purpose::Acknowledge, Act::Acknowledge, false)?;
    let position = u32::try_from(claim.nonce).map_err(|_| LinkError::Forged)?;
    Ok((claim.notice, position, claim.expires_at.before(LINK_HOLDS)))
}

/// The mail to a contact: the same bytes on every try.
///
/// # Errors
/// A sentence for a person: it cannot be put into words, or the address is none.
pub fn letter(
    catalog: &Catalog,
    keys: &KeyRing,
    base: &str,
    from: &str,
    calling: &Calling,
) -> Result<Letter, String> {
    let mut content = NoticeContent::new(
        &calling.language,
        calling.audience,
        Phase::Declared,
        calling.hazard,
        &calling.operator,
    );
    content.name = Some(calling.name.clone()).filter(|name| !name.is_empty());
    content.asks.clone_from(&calling.asks);
    content.place = Some(calling.place.clone());
    content.orders_touched = Some(calling.touched);
    content.contact = Contact { mail: Some(from.into()), phone: None };
    content.link = Some(format!("{base}/k/{}", token(keys, calling)).into());
    let say = |error: &dyn std::error::Error| error.to_string();
    let rendered = catalog.render(&content, Channel::Mail, "").map_err(|error| say(&error))?;
    let Rendered::Mail(body) = rendered else { return Err("a call is a mail".into()) };
    let name: NoticeKey =
        format!("call-{}-{}", calling.call, calling.position).parse().map_err(|error| say(&error))?;
    let domain = from.rsplit_once('@').map_or("holdfast.example", |(_, domain)| domain);
    let key = message_id(&name, domain);
    let envelope = Envelope {
        notice: name,
        from: from.parse().map_err(|error| say(&error))?,
        from_name: calling.operator.clone(),
        to: calling.mail.parse().map_err(|error| say(&error))?,
        reply_to: None,
        dated: calling.made,
    };
    let bytes = write(envelope, &body).map_err(|error| say(&error))?.bytes;
    Ok(Letter { notice: NoticeId(calling.call), key, to: calling.mail.to_string(), bytes })
}

/// What a contact's page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is asked.
    Asked,
    /// It has just been acknowledged.
    Thanks,
    /// Somebody acknowledged it before, or it was taken back.
    Over,
}

/// The page of a call. `place` is what it is about; `asks` what is asked, as codes.
#[must_use]
pub fn page(
    catalog: &Catalog,
    language: &str,
    token: &str,
    place: &str,
    asks: &[String],
    said: Said,
) -> Page {
    let words = catalog.words(language, "");
    let none = FluentArgs::new();
    let made = || {
        let title = words.say("call-title", &args! { "place" = place.to_owned() })?;
        let mut body = String::new();
        let note = match said {
            Said::Asked => None,
            Said::Thanks => Some(words.say("call-thanks", &none)?),
            Said::Over => Some(words.say("call-over", &none)?),
        };
        if let Some(note) = note {
            body.push_str(&format!(
                "<section class=\"note\" role=\"status\"><p>{}</p></section>\n",
                escape(&note)
            ));
        }
        body.push_str("<section>\n<ul>\n");
        for ask in asks.iter().filter(|ask| Ask::from_code(ask).is_some()) {
            body.push_str(&format!("<li>{}</li>\n", escape(&words.say(&format!("ask-{ask}"), &none)?)));
        }
        body.push_str("</ul>\n");
        if said == Said::Asked {
            body.push_str(&format!(
                "<form method=\"post\" action=\"/k/{}\"><button type=\"submit\">{}</button></form>\n",
                escape(token),
                escape(&words.say("button-acknowledge", &none)?)
            ));
        }
        body.push_str("</section>\n");
        Ok::<_, crate::template::Unsaid>(frame(&title, &body, &words))
    };
    match made() {
        Ok(html) => Page { status: 200, html },
        // The catalog is checked at start, so a missing word is our fault and not the reader's.
        Err(_) => Page { status: 500, html: String::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::{Calling, Said, letter, open, page, token};
    use crate::link::{KeyRing, LinkError};
    use crate::template::{Ask, Audience, Catalog, Hazard};
    use holdfast_domain::time::{Span, Stamp};

    fn calling(audience: Audience, ask: Ask, language: &str) -> Calling {
        Calling {
            call: 7,
            position: 1,
            made: Stamp(1_000),
            audience,
            asks: vec![ask],
            hazard: Hazard::Hurricane,
            place: "Wilmington".into(),
            touched: 12,
            operator: "Kelp Logistics".into(),
            name: "Dana".into(),
            mail: "dana@site.example".into(),
            language: language.into(),
        }
    }

    #[test]
    fn every_audience_is_written_to_in_each_language_with_a_link_that_acknowledges() {
        let (catalog, keys) = (Catalog::embedded(), KeyRing::new(1, &[7; 32]).unwrap());
        let all = [
            (Audience::Site, Ask::CloseSite),
            (Audience::Carrier, Ask::Embargo),
            (Audience::Merchant, Ask::ConfirmPlan),
            (Audience::Staff, Ask::TakeRole),
        ];
        for language in ["en", "ko", "es"] {
            for (audience, ask) in all {
                let calling = calling(audience, ask, language);
                let base = "https://h.example";
                let made = letter(&catalog, &keys, base, "ops@kelp.example", &calling);
                let made = made.unwrap_or_else(|why| panic!("{language} {audience:?}: {why}"));
                assert_eq!(
                    (made.key.as_str(), made.to.as_str()),
                    ("<call-7-1.holdfast@kelp.example>", "dana@site.example")
                );
                assert_eq!(
                    letter(&catalog, &keys, base, "ops@kelp.example", &calling).unwrap(),
                    made,
                    "the same on every try"
                );
                let token = token(&keys, &calling);
                assert_eq!(open(&keys, &token, Stamp(2_000)), Ok((7, 1, Stamp(1_000))));
                let late = Stamp(1_000).after(Span::days(14));
                assert_eq!(open(&keys, &token, late), Err(LinkError::Expired(late)));
                let asked =
                    page(&catalog, language, &token, "Wilmington", &[ask.code().to_owned()], Said::Asked);
                assert!(asked.status == 200 && asked.html.contains("/k/h1."), "{language}");
                let over = page(&catalog, language, &token, "<b>", &[], Said::Over);
                assert!(!over.html.contains("<form") && !over.html.contains("<b>"));
            }
        }
    }

    #[test]
    fn an_answer_link_of_a_customer_acknowledges_nothing() {
        let keys = KeyRing::new(1, &[7; 32]).unwrap();
        let claim = crate::link::Claim {
            purpose: crate::link::Purpose::Answer,
            notice: 7,
            order: None,
            acts: [crate::link::Act::Acknowledge].into(),
            expires_at: Stamp(9_000),
            nonce: 1,
        };
        assert!(matches!(open(&keys, &keys.sign(&claim), Stamp(1)), Err(LinkError::OtherPurpose(_))));
    }
}
