//! How notices leave: the mail relay or folder, and providers' webhooks. Secrets come by environment or file.

use std::path::PathBuf;

use serde::Deserialize;

use super::secret::secret_of;
use super::{Config, ConfigError};

/// The shortest secret that signs what is sent, in characters.
const SECRET_MIN: usize = 16;
/// The shortest secret that signs links, in characters.
const LINK_SECRET_MIN: usize = 32;
/// The most ways to people besides mail.
const CHANNELS_MAX: usize = 16;

/// Whether anything may leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// What may leave leaves.
    #[default]
    Live,
    /// Nothing leaves, whatever else is configured.
    Drill,
}

/// How mails leave: by a relay, or into a folder.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// The relay: `smtps://user@host:465`, `smtp+starttls://user@host:587`, or `smtp://127.0.0.1:25` without TLS to
    /// this machine.
    pub smtp: Option<String>,
    /// A folder for mails, instead of a relay.
    pub folder: Option<PathBuf>,
    /// The address mails come from, where a merchant's contact is none.
    pub from: String,
    /// Where the links in notices lead; `public_url` if not given.
    pub answers: Option<String>,
    /// Variable of the environment that holds the relay's password.
    pub password_env: Option<String>,
    /// File that holds it.
    pub password_file: Option<PathBuf>,
    /// A log in which the relay writes the Message-ID of every mail it took.
    pub receipts: Option<PathBuf>,
    /// Connections to the relay at once.
    pub connections: Option<u32>,
    /// Whether the relay is asked to report that a mail has arrived (RFC 3461): only for one that offers `DSN`. What it
    /// reports comes into the mailbox of `from`, and is taken in as mails that came back are.
    pub reports: bool,
    /// The password, once it was read.
    #[serde(skip)]
    pub password: Option<String>,
}

impl core::fmt::Debug for Mail {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { smtp, folder, from, .. } = self;
        write!(f, "Mail {{ {smtp:?}, {folder:?}, {from} }}")
    }
}

/// Keys that sign the links in notices: number 1 follows from the journal's own secret, others are added here. The highest
/// signs, all others verify until they are retired.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Links {
    /// Further keys.
    pub keys: Vec<LinkKey>,
    /// Numbers whose links hold no more.
    pub retired: Vec<u16>,
}

/// A key that signs links.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkKey {
    /// Its number, from 2.
    pub number: u16,
    /// Variable of the environment that holds it.
    #[serde(default)]
    pub secret_env: Option<String>,
    /// File that holds it.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// The secret, once it was read.
    #[serde(skip)]
    pub secret: String,
}

impl core::fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "LinkKey {{ {} }}", self.number)
    }
}

/// A partner, or one of the staff, who can be called.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallContact {
    /// The code calls name it by.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Mail address.
    pub mail: String,
    /// Language, such as `ko`.
    #[serde(default = "english")]
    pub language: String,
}

fn english() -> String {
    "en".to_owned()
}

/// How a connection to a relay is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// From the first byte.
    Implicit,
    /// By STARTTLS.
    StartTls,
    /// Not at all: to this machine.
    None,
}

/// A relay's address in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// How the connection is protected.
    pub tls: MailTls,
    /// User, where the relay asks for one.
    pub user: Option<String>,
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
}

impl Relay {
    /// A relay of its URL.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(url: &str) -> Result<Self, &'static str> {
        const SHAPE: &str =
            "write it as smtps://user@host:465, smtp+starttls://user@host:587 or smtp://127.0.0.1:25";
        let (scheme, rest) = url.split_once("://").ok_or(SHAPE)?;
        let tls = match scheme {
            "smtps" => MailTls::Implicit,
            "smtp+starttls" => MailTls::StartTls,
            "smtp" => MailTls::None,
            _ => return Err(SHAPE),
        };
        let (user, rest) = match rest.rsplit_once('@') {
            Some((user, rest)) if user.contains(':') => {
                let _ = rest;
                return Err("it holds no password: name it by password_env or password_file");
            }
            Some((user, rest)) => (Some(user.to_owned()), rest),
            None => (None, rest),
        };
        let rest = rest.trim_end_matches('/');
        let standard = match tls {
            MailTls::Implicit => 465,
            MailTls::StartTls => 587,
            MailTls::None => 25,
        };
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !host.ends_with(':') => (host, port.parse().map_err(|_| SHAPE)?),
            _ => (rest, standard),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || host.contains('/') {
            return Err(SHAPE);
        }
        Ok(Self { tls, user, host: host.to_owned(), port })
    }
}

/// What a way to people carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// Short messages: SMS, in Korea LMS where they are longer.
    Sms,
    /// KakaoTalk AlimTalk.
    Alimtalk,
    /// The notice as JSON, for a chat or helpdesk provider.
    Chat,
    /// Registration of a delay at Naver Smartstore.
    Smartstore,
}

impl ChannelKind {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Alimtalk => "alimtalk",
            Self::Chat => "chat",
            Self::Smartstore => "smartstore",
        }
    }
}

/// A provider that takes signed webhooks.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outgoing {
    /// What it carries.
    pub kind: ChannelKind,
    /// Where it is sent: `https://`, or `http://` to this machine.
    pub url: String,
    /// Place among the ways to people, mail being 0: a notice goes the next way when one fails for good. Below 0 it is
    /// tried before mail.
    #[serde(default = "after_mail")]
    pub order: i32,
    /// Codes of approved templates, by phase of the notice (`delayed`, `date-unknown`, …): AlimTalk asks for them.
    #[serde(default)]
    pub templates: std::collections::BTreeMap<String, String>,
    /// Codes of the merchants that use it; all of them where none is named.
    #[serde(default)]
    pub merchants: Vec<String>,
    /// Whether it does a letter once however often it hears the letter's key; else a lost answer waits for a person.
    #[serde(default = "keeps")]
    pub keeps_keys: bool,
    /// Variable of the environment that holds the secret it is signed with.
    #[serde(default)]
    pub secret_env: Option<String>,
    /// File that holds it.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// The secret, once it was read.
    #[serde(skip)]
    pub secret: String,
    /// Variable of the environment that holds the secret `whsec_…` its delivery receipts are signed with, by Standard
    /// Webhooks; without one, none are taken.
    #[serde(default)]
    pub receipts_env: Option<String>,
    /// File that holds it.
    #[serde(default)]
    pub receipts_file: Option<PathBuf>,
    /// That secret, once it was read.
    #[serde(skip)]
    pub receipts: Option<String>,
}

const fn after_mail() -> i32 {
    1
}

const fn keeps() -> bool {
    true
}

impl core::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { kind, url, order, .. } = self;
        write!(f, "Outgoing {{ {kind:?}, {url}, order {order} }}")
    }
}

/// A way to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way<'a> {
    /// Mail.
    Mail,
    /// The provider of this name.
    Provider(&'a str),
}

impl Config {
    /// The ways to people in the order they are tried: by their number, mail before others of the same, then by name.
    #[must_use]
    pub fn ways(&self) -> Vec<Way<'_>> {
        let providers =
            self.channels.iter().map(|(name, channel)| (channel.order, Way::Provider(name.as_str())));
        let mail = self.mail.iter().map(|_| (0, Way::Mail));
        let mut all: Vec<(i32, Way<'_>)> = mail.chain(providers).collect();
        // The names are in order already, and the sort keeps it.
        all.sort_by_key(|(order, _)| *order);
        all.into_iter().map(|(_, way)| way).collect()
    }

    /// The number of the way that follows mail, where there is one.
    #[must_use]
    pub fn way_after_mail(&self) -> Option<u8> {
        self.way_after(Way::Mail)
    }

    /// The number of the way that follows another, where there is one.
    #[must_use]
    pub fn way_after(&self, way: Way<'_>) -> Option<u8> {
        let ways = self.ways();
        let at = ways.iter().position(|known| *known == way)?;
        u8::try_from(at + 1).ok().filter(|next| usize::from(*next) < ways.len())
    }
}

fn secret(
    name: &str,
    variable: Option<&str>,
    file: Option<&PathBuf>,
    env: &impl Fn(&str) -> Option<String>,
) -> Result<Option<String>, ConfigError> {
    secret_of(variable, file, env).map_err(|why| ConfigError::Value { field: name.to_owned(), why })
}

/// Whether an address is one that secrets and people's data may be sent to.
fn is_protected(url: &str) -> bool {
    let host = |rest: &str| rest.split(['/', '?']).next().unwrap_or_default().to_owned();
    if let Some(rest) = url.strip_prefix("https://") {
        return !host(rest).is_empty() && !rest.contains('@');
    }
    let local = url.strip_prefix("http://").map(host).unwrap_or_default();
    let name = local.rsplit_once(':').map_or(local.as_str(), |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

/// Reads the secrets of what leaves, and checks the rest.
///
/// # Errors
/// [`ConfigError`] names the field.
pub(super) fn read(config: &mut Config, env: &impl Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
    let fault = |field: &str, why: &str| ConfigError::Value { field: field.to_owned(), why: why.to_owned() };
    let url_given = config.public_url.is_some();
    if let Some(mail) = &mut config.mail {
        match (&mail.smtp, &mail.folder) {
            (Some(_), Some(_)) | (None, None) => {
                return Err(fault("mail", "give smtp or folder, one of them"));
            }
            (None, Some(_)) => {}
            (Some(url), None) => {
                let relay = Relay::parse(url).map_err(|why| fault("mail.smtp", why))?;
                let (variable, file) = (mail.password_env.as_deref(), mail.password_file.as_ref());
                mail.password = secret("mail.password", variable, file, env)?;
                if relay.user.is_some() && mail.password.is_none() {
                    return Err(fault("mail", "give the password by password_env or password_file"));
                }
            }
        }
        if !mail.from.contains('@') {
            return Err(fault("mail.from", "write it as name@host.example"));
        }
        if mail.answers.is_none() && !url_given {
            return Err(fault("mail.answers", "give it, or public_url: the links in notices lead there"));
        }
        if mail.answers.as_ref().is_some_and(|url| !is_protected(url)) {
            return Err(fault("mail.answers", "it begins with https://"));
        }
    }
    for key in &mut config.links.keys {
        let field = format!("links.keys.{}", key.number);
        let (variable, file) = (key.secret_env.as_deref(), key.secret_file.as_ref());
        key.secret = secret(&field, variable, file, env)?.unwrap_or_default();
        if key.number < 2 || key.secret.len() < LINK_SECRET_MIN {
            let why =
                "give a number from 2 on and a secret of 32 characters or more, by secret_env or secret_file";
            return Err(fault(&field, why));
        }
    }
    let mut numbers: Vec<u16> = config.links.keys.iter().map(|key| key.number).chain([1]).collect();
    numbers.sort_unstable();
    if numbers.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(fault(
            "links.keys",
            "a number is there twice; a key is never replaced, another is added",
        ));
    }
    if numbers.iter().all(|number| config.links.retired.contains(number)) {
        return Err(fault("links.retired", "one key has to stay: add a new one first"));
    }
    let mut codes: Vec<&str> = config.contacts.iter().map(|contact| contact.code.as_str()).collect();
    codes.sort_unstable();
    if codes.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(fault("contacts", "a code is there twice"));
    }
    if let Some(wrong) =
        config.contacts.iter().find(|contact| contact.code.is_empty() || !contact.mail.contains('@'))
    {
        return Err(fault(&format!("contacts.{}", wrong.code), "give a code, and a mail address"));
    }
    if config.channels.len() > CHANNELS_MAX {
        return Err(fault("channels", "there are more than 16"));
    }
    for (name, channel) in &mut config.channels {
        let field = format!("channels.{name}");
        if !is_protected(&channel.url) {
            return Err(fault(&field, "url begins with https://, or with http:// to this machine"));
        }
        let (variable, file) = (channel.secret_env.as_deref(), channel.secret_file.as_ref());
        let found = secret(&field, variable, file, env)?.unwrap_or_default();
        if found.len() < SECRET_MIN {
            let why = "give a secret of 16 characters or more, by secret_env or secret_file";
            return Err(fault(&field, why));
        }
        channel.secret = found;
        let (variable, file) = (channel.receipts_env.as_deref(), channel.receipts_file.as_ref());
        channel.receipts = secret(&field, variable, file, env)?;
        if channel.receipts.as_deref().is_some_and(|secret| holdfast_connect::standard::key(secret).is_none())
        {
            let why = "the secret of its receipts is whsec_ and the base64 of 24 to 64 bytes";
            return Err(fault(&field, why));
        }
        if channel.kind == ChannelKind::Alimtalk && channel.templates.is_empty() {
            return Err(fault(&field, "name the codes of its approved templates under templates"));
        }
    }
    if !config.channels.is_empty() && config.mail.is_none() {
        return Err(fault("channels", "give [mail] too: links and the address of answers are set there"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Mode};
    use super::{MailTls, Relay};

    #[test]
    fn a_relay_is_read_in_its_parts_and_holds_no_password() {
        let relay = |url| Relay::parse(url).unwrap();
        let full = relay("smtps://orders@relay.example:4650/");
        assert_eq!((full.tls, full.user.as_deref(), full.port), (MailTls::Implicit, Some("orders"), 4650));
        assert_eq!(relay("smtp+starttls://relay.example").port, 587);
        assert_eq!(relay("smtp://127.0.0.1:2525").host, "127.0.0.1");
        assert!(Relay::parse("smtps://user:secret@host").unwrap_err().contains("password"));
        for wrong in ["relay.example:25", "http://relay", "smtp://", "smtp://host:port"] {
            assert!(Relay::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_leaves_is_checked_before_anything_does() {
        let read =
            |text: &str| Config::read(text, |name| (name == "S").then(|| "0123456789abcdef".to_owned()));
        let mail = "public_url = 'https://h.example'\n[mail]\nsmtp = 'smtps://u@relay'\nfrom = 'a@b.example'\npassword_env = 'S'\n";
        let config = read(mail).unwrap();
        assert_eq!(
            (config.mode, config.mail.unwrap().password.as_deref()),
            (Mode::Live, Some("0123456789abcdef"))
        );
        assert_eq!(read("mode = 'drill'").unwrap().mode, Mode::Drill);
        let sms = "[channels.sms]\nkind = 'sms'\nurl = 'https://sms.example/send'\nsecret_env = 'S'\n";
        assert_eq!(read(&format!("{mail}{sms}")).unwrap().channels["sms"].order, 1);
        for (wrong, named) in [
            ("[mail]\nfrom = 'a@b.example'", "mail"),
            ("[[links.keys]]\nnumber = 2\nsecret_env = 'S'", "links.keys.2"),
            ("[links]\nretired = [1]", "links.retired"),
            ("[[contacts]]\ncode = 'a'\nname = 'A'\nmail = 'nowhere'", "contacts.a"),
            ("[mail]\nfolder = 'out'\nfrom = 'nobody'", "mail.from"),
            ("[mail]\nfolder = 'out'\nfrom = 'a@b.example'", "mail.answers"),
            ("[mail]\nfolder = 'out'\nfrom = 'a@b.example'\nanswers = 'http://shop.example'", "mail.answers"),
            (sms, "channels"),
            (&format!("{mail}{}", sms.replace("https", "http")), "channels.sms"),
            (&format!("{mail}{}", sms.replace("'S'", "'T'")), "channels.sms"),
            (&format!("{mail}{}", sms.replace("'sms'\nurl", "'alimtalk'\nurl")), "channels.sms"),
        ] {
            let told = read(wrong).unwrap_err().to_string();
            assert!(told.contains(named), "{wrong}: {told}");
        }
    }
}
