//! Sending by SMTP (RFC 5321), over TLS with rustls.
//!
//! DKIM is the relay's. A send that ends without a reply has an unknown outcome: it is tried again under the
//! same Message-ID, and never after an acceptance was recorded.

use std::time::Duration;

use lettre::address::Envelope as Route;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use crate::mail::Message;
use crate::retry::{FailureKind, classify_smtp};
use crate::send::{Accepted, SendError, Sender, Sending};

/// How a connection is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protection {
    /// TLS from the first byte (port 465).
    Implicit,
    /// STARTTLS, refused where the server does not offer it (port 587).
    StartTls,
    /// None: for a relay on the same machine. Sign-in is refused then.
    LoopbackPlain,
}

/// Where and how to send.
#[derive(Clone)]
pub struct SmtpSettings {
    /// The relay's name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS.
    pub protection: Protection,
    /// User and password.
    pub sign_in: Option<(String, String)>,
    /// The longest wait for the server.
    pub timeout: Duration,
    /// The most connections at once.
    pub connections_max: u32,
    /// Whether the relay is asked to report what became of each mail (RFC 3461): only for one that offers `DSN`.
    pub reports: bool,
}

/// Why no sender can be made of the settings.
#[derive(Debug, thiserror::Error)]
pub enum SmtpSettingsError {
    /// Plain text to another machine, or a password over it.
    #[error(
        "use SMTP without TLS to {host}: only without sign-in and to this machine (localhost, 127.0.0.1, ::1)"
    )]
    Unprotected {
        /// The host.
        host: String,
    },
    /// The name of the host is no name TLS can check.
    #[error("set up TLS for {host}")]
    Tls {
        /// The host.
        host: String,
        /// What the TLS library said.
        #[source]
        source: lettre::transport::smtp::Error,
    },
}

/// Sends by SMTP.
pub struct SmtpSender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl SmtpSender {
    /// A sender; it connects when the first mail is sent.
    ///
    /// # Errors
    /// [`SmtpSettingsError`].
    pub fn new(settings: &SmtpSettings) -> Result<Self, SmtpSettingsError> {
        check(settings)?;
        let host = &settings.host;
        let parameters = || {
            TlsParameters::new(host.clone())
                .map_err(|source| SmtpSettingsError::Tls { host: host.clone(), source })
        };
        let tls = match settings.protection {
            Protection::Implicit => Tls::Wrapper(parameters()?),
            Protection::StartTls => Tls::Required(parameters()?),
            Protection::LoopbackPlain => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(settings.timeout))
            .pool_config(PoolConfig::new().max_size(settings.connections_max));
        if let Some((user, password)) = &settings.sign_in {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self { transport: builder.build() })
    }
}

/// Whether the settings protect what is sent.
pub(crate) fn check(settings: &SmtpSettings) -> Result<(), SmtpSettingsError> {
    let loopback = matches!(settings.host.as_str(), "localhost" | "127.0.0.1" | "::1");
    if settings.protection == Protection::LoopbackPlain && (!loopback || settings.sign_in.is_some()) {
        return Err(SmtpSettingsError::Unprotected { host: settings.host.clone() });
    }
    Ok(())
}

impl Sender for SmtpSender {
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(async move {
            let refused =
                |cause: &str| SendError { kind: FailureKind::Permanent, code: None, cause: cause.to_owned() };
            let from = message.envelope.from.as_str().parse();
            let from = from.map_err(|_| refused("the sender's address is not one SMTP can carry"))?;
            let to = message.envelope.to.as_str().parse();
            let to = to.map_err(|_| refused("the reader's address is not one SMTP can carry"))?;
            let route = Route::new(Some(from), vec![to]).map_err(|_| refused("there is no reader"))?;
            match self.transport.send_raw(&route, &message.bytes).await {
                Ok(reply) => Ok(Accepted {
                    message_id: message.message_id.clone(),
                    reply: reply.message().collect::<Vec<_>>().join(" "),
                }),
                Err(error) => Err(failure(&error)),
            }
        })
    }
}

fn failure(error: &lettre::transport::smtp::Error) -> SendError {
    let code = error.status().map(u16::from);
    let kind = match code {
        Some(code) => classify_smtp(code),
        // A certificate that does not match, or a missing capability, is ours or the operator's to mend.
        None if error.is_tls() || error.is_client() => FailureKind::Transient,
        None => FailureKind::Unknown,
    };
    // The reply may quote the reader's address; the code says enough for a log.
    let cause = code.map_or_else(|| error.to_string(), |code| format!("the server answered {code}"));
    SendError { kind, code, cause }
}

#[cfg(test)]
mod tests {
    use super::{Protection, SmtpSender, SmtpSettings, SmtpSettingsError};
    use std::time::Duration;

    #[test]
    fn nothing_goes_unprotected_to_another_machine() {
        let mut settings = SmtpSettings {
            host: "mail.example".into(),
            port: 25,
            protection: Protection::LoopbackPlain,
            sign_in: None,
            timeout: Duration::from_secs(5),
            connections_max: 2,
            reports: false,
        };
        assert!(matches!(SmtpSender::new(&settings), Err(SmtpSettingsError::Unprotected { .. })));
        settings.host = "localhost".into();
        settings.sign_in = Some(("user".into(), "secret".into()));
        assert!(matches!(SmtpSender::new(&settings), Err(SmtpSettingsError::Unprotected { .. })));
    }
}
