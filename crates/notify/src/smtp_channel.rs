//! SMTP as a channel of the sending loop: several connections, and for each mail the exact point up to which it got.
//!
//! Only after the last byte of a mail was handed over can it have arrived without our knowing. Everything before is
//! certainly not taken and may be tried again; a reply code is certain too; silence after the mail is doubt, and doubt
//! is settled by the relay's log where one is named, else by a person (RFC 5321, section 4.5.3.2.6).

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Mutex;

use holdfast_app::dispatch::{Channel, Letter, Outcome};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, RcptParameter};

use crate::retry::{FailureKind, classify_smtp};
use crate::smtp::{Protection, SmtpSettings, SmtpSettingsError, check};

/// The most of a relay's log that is read, from its end, in bytes.
pub const LOG_MAX: u64 = 256 << 20;

/// Sends by SMTP over several connections.
pub struct SmtpChannel {
    settings: SmtpSettings,
    from: String,
    receipts: Option<PathBuf>,
    runtime: tokio::runtime::Runtime,
    lines: Vec<Option<AsyncSmtpConnection>>,
}

/// Why no channel can be made.
#[derive(Debug, thiserror::Error)]
pub enum SmtpChannelError {
    /// The settings do not fit.
    #[error(transparent)]
    Settings(#[from] SmtpSettingsError),
    /// The system refused a runtime.
    #[error("start sending by SMTP")]
    Runtime(#[source] std::io::Error),
    /// The sender's address is none.
    #[error("send from {0:?}: write it as name@host.example")]
    From(String),
}

impl SmtpChannel {
    /// A channel that sends from `from`. `receipts` is a log in which the relay writes the Message-ID of every mail it
    /// took, where there is one.
    ///
    /// # Errors
    /// [`SmtpChannelError`].
    pub fn new(
        settings: SmtpSettings,
        from: &str,
        receipts: Option<PathBuf>,
    ) -> Result<Self, SmtpChannelError> {
        check(&settings)?;
        from.parse::<lettre::Address>().map_err(|_| SmtpChannelError::From(from.to_owned()))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(SmtpChannelError::Runtime)?;
        let lines = (0..settings.connections_max.max(1)).map(|_| None).collect();
        Ok(Self { settings, from: from.to_owned(), receipts, runtime, lines })
    }
}

impl Channel for SmtpChannel {
    fn name(&self) -> &'static str {
        "smtp"
    }

    fn send(&mut self, letters: &[Letter]) -> Vec<Outcome> {
        let outcomes: Vec<Mutex<Outcome>> = letters.iter().map(|_| Mutex::new(Outcome::Later)).collect();
        let next = Mutex::new(0_usize);
        let lines = std::mem::take(&mut self.lines);
        let (settings, from) = (&self.settings, self.from.as_str());
        let work = lines.into_iter().map(|mut line| {
            let (next, outcomes) = (&next, &outcomes);
            async move {
                loop {
                    let at = {
                        let mut next = next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                        let at = *next;
                        *next += 1;
                        at
                    };
                    let Some(letter) = letters.get(at) else { return line };
                    let outcome = hand(&mut line, settings, from, letter).await;
                    *outcomes[at].lock().unwrap_or_else(std::sync::PoisonError::into_inner) = outcome;
                }
            }
        });
        self.lines = self.runtime.block_on(join_all(work.collect()));
        let inner =
            |slot: Mutex<Outcome>| slot.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        outcomes.into_iter().map(inner).collect()
    }

    fn taken(&mut self, key: &str) -> Option<bool> {
        let path = self.receipts.as_ref()?;
        // A log that cannot be read knows nothing.
        let mut file = File::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        if length > LOG_MAX {
            return None;
        }
        let mut log = Vec::new();
        file.read_to_end(&mut log).ok()?;
        let key = key.as_bytes();
        Some(log.windows(key.len()).any(|part| part == key))
    }
}

/// Runs futures side by side on this thread.
async fn join_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(move |context| {
        let mut all = true;
        for (future, done) in &mut running {
            if done.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(output) => *done = Some(output),
                    std::task::Poll::Pending => all = false,
                }
            }
        }
        if all {
            std::task::Poll::Ready(running.iter_mut().filter_map(|(_, done)| done.take()).collect())
        } else {
            std::task::Poll::Pending
        }
    })
    .await
}

/// Hands one letter over; a connection that fell silent between two mails is made anew once.
async fn hand(
    line: &mut Option<AsyncSmtpConnection>,
    settings: &SmtpSettings,
    from: &str,
    letter: &Letter,
) -> Outcome {
    let (Ok(from), Ok(to)) = (from.parse(), letter.to.parse::<lettre::Address>()) else {
        return Outcome::Refused;
    };
    for _ in 0..2 {
        let reused = line.is_some();
        if line.is_none() {
            *line = match tokio::time::timeout(settings.timeout, connect(settings)).await {
                Ok(Ok(connection)) => Some(connection),
                _ => return Outcome::Later,
            };
        }
        let Some(connection) = line.as_mut() else { return Outcome::Later };
        let outcome = tokio::time::timeout(
            settings.timeout,
            give(connection, settings.reports, &from, &to, &letter.bytes),
        )
        .await;
        match outcome {
            Ok(Given::Taken) => return Outcome::Taken,
            Ok(Given::Answered(kind)) => {
                *line = None;
                return match kind {
                    FailureKind::Permanent => Outcome::Refused,
                    FailureKind::Transient | FailureKind::Unknown => Outcome::Later,
                };
            }
            Ok(Given::Silent { whole: false }) => {
                *line = None;
                if !reused {
                    return Outcome::Later;
                }
            }
            // A timeout does not say where it struck: it counts as after the mail.
            Ok(Given::Silent { whole: true }) | Err(_) => {
                *line = None;
                return Outcome::Doubt;
            }
        }
    }
    Outcome::Later
}

/// How far a mail got.
enum Given {
    Taken,
    /// A reply says no.
    Answered(FailureKind),
    /// No reply; whether the whole mail had been handed over.
    Silent {
        whole: bool,
    },
}

/// What a relay answers that does not know a parameter (RFC 5321, sections 4.1.1.11 and 4.2.4).
const NO_PARAMETER: [u16; 3] = [501, 504, 555];

async fn give(
    connection: &mut AsyncSmtpConnection,
    reports: bool,
    from: &lettre::Address,
    to: &lettre::Address,
    bytes: &[u8],
) -> Given {
    let answered = |error: &lettre::transport::smtp::Error, whole| match error.status() {
        Some(code) => Given::Answered(classify_smtp(u16::from(code))),
        None => Given::Silent { whole },
    };
    if let Err(error) = connection.command(Mail::new(Some(from.clone()), vec![])).await {
        return answered(&error, false);
    }
    // RFC 3461, section 4.1: a relay that offers DSN reports what became of the mail.
    let notify = RcptParameter::Other { keyword: "NOTIFY".into(), value: Some("SUCCESS,FAILURE".into()) };
    let asked = if reports { vec![notify] } else { vec![] };
    let mut taken = connection.command(Rcpt::new(to.clone(), asked)).await;
    let knows_none = |error: &lettre::transport::smtp::Error| {
        error.status().is_some_and(|code| NO_PARAMETER.contains(&u16::from(code)))
    };
    if reports && taken.as_ref().is_err_and(knows_none) {
        // It offers no DSN: the mail is worth more than the report on it.
        taken = connection.command(Rcpt::new(to.clone(), vec![])).await;
    }
    if let Err(error) = taken {
        return answered(&error, false);
    }
    if let Err(error) = connection.command(Data).await {
        return answered(&error, false);
    }
    match connection.message(bytes).await {
        Ok(_) => Given::Taken,
        Err(error) => answered(&error, true),
    }
}

async fn connect(settings: &SmtpSettings) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
    let hello = ClientId::default();
    let server = (settings.host.as_str(), settings.port);
    let tls = || TlsParameters::new(settings.host.clone());
    let timeout = Some(settings.timeout);
    let mut connection = match settings.protection {
        Protection::Implicit => {
            AsyncSmtpConnection::connect_tokio1(server, timeout, &hello, Some(tls()?), None).await?
        }
        Protection::StartTls => {
            let mut plain = AsyncSmtpConnection::connect_tokio1(server, timeout, &hello, None, None).await?;
            plain.starttls(tls()?, &hello).await?;
            plain
        }
        Protection::LoopbackPlain => match tokio::net::TcpStream::connect(server).await {
            // Small writes one after the other would each wait for an acknowledgement (Nagle).
            Ok(stream) if stream.set_nodelay(true).is_ok() => {
                AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await?
            }
            _ => AsyncSmtpConnection::connect_tokio1(server, timeout, &hello, None, None).await?,
        },
    };
    if let Some((user, password)) = &settings.sign_in {
        let credentials = Credentials::new(user.clone(), password.clone());
        connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await?;
    }
    Ok(connection)
}
