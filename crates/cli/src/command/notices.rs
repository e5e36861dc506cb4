//! `holdfast status`, `alarms`, `send` and `bounces`: the public page, what a person has to look at, the way out of the
//! outbox, and what is reported on mails that left.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use holdfast_app::core::Reply;
use holdfast_app::dispatch::{ACTOR, Channel, Dispatcher, Drill, Live, Outlet, Round};
use holdfast_app::port::Clock as _;
use holdfast_app::recover::recover;
use holdfast_app::retry::{Breaker, Schedule};
use holdfast_domain::command::Command;
use holdfast_domain::time::Span;
use holdfast_engine::law::view::{Alarm, Alarms, alarms};
use holdfast_engine::step::Ask;
use holdfast_notify::folder_channel::FolderChannel;
use holdfast_notify::letter::Letters;
use holdfast_notify::outbox_folder::OutboxFolder;
use holdfast_notify::smtp::{Protection, SmtpSettings};
use holdfast_notify::smtp_channel::SmtpChannel;
use holdfast_notify::status_site::files;
use holdfast_notify::template::{Catalog, Channel as Kind};
use holdfast_web::Config;
use holdfast_web::bounce::{self, Fate};
use serde::Serialize;

use super::serve::answers::ring;
use crate::exit::{Code, Failure, chain};
use crate::output::Output;
use crate::world::{self, LiveWriter, SystemClock};

#[derive(clap::Args)]
pub struct StatusArgs {
    /// The journal.
    journal: PathBuf,
    /// Folder for the pages.
    #[arg(long)]
    out: PathBuf,
    /// Where the folder will be served, `https://`, without a slash at its end.
    #[arg(long)]
    base: String,
}

/// Writes every merchant's status page.
pub fn status(args: &StatusArgs, out: &Output) -> Result<Code, Failure> {
    let mut journal = world::open(&args.journal)?;
    let state =
        recover(&mut journal, None).map_err(|error| world::broken(&args.journal, &error))?.engine.state;
    let made = files(&state, &Catalog::embedded(), args.base.trim_end_matches('/'), SystemClock.now())
        .map_err(|error| Failure::input(chain(&error), "give --base as https://status.example.com"))?;
    for file in &made {
        write_whole(&args.out.join(&file.path), &file.text)?;
    }
    let paths: Vec<&str> = made.iter().map(|file| file.path.as_str()).collect();
    out.json(&paths)?;
    out.line(format!(
        "{} files for {} merchants in {}",
        made.len(),
        state.network.merchants.len(),
        args.out.display()
    ));
    Ok(Code::Ok)
}

/// A page is replaced whole or not at all: readers never see half of one.
fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::input(format!("write {}: {error}", path.display()), "name another folder with --out")
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let beside = path.with_extension("tmp");
    std::fs::write(&beside, text).map_err(failed)?;
    std::fs::rename(&beside, path).map_err(failed)
}

#[derive(clap::Args)]
pub struct AlarmsArgs {
    /// The journal.
    journal: PathBuf,
    /// As of this moment, such as 2022-10-31T12:00:00Z, instead of now.
    #[arg(long)]
    at: Option<holdfast_domain::time::Stamp>,
}

/// Lists what a person has to look at.
pub fn show_alarms(args: &AlarmsArgs, out: &Output) -> Result<Code, Failure> {
    let mut journal = world::open(&args.journal)?;
    let state =
        recover(&mut journal, None).map_err(|error| world::broken(&args.journal, &error))?.engine.state;
    let found: Alarms = alarms(&state, args.at.unwrap_or_else(|| SystemClock.now()));
    out.json(&found)?;
    for alarm in &found.list {
        out.line(match alarm {
            Alarm::Overdue { order, clock } => {
                let number = state.order(*order).map_or_else(|_| order.to_string(), |o| o.number.to_string());
                format!(
                    "{number}: {} was due by the end of {} ({})",
                    clock.duty, clock.last_day, clock.source
                )
            }
            Alarm::Uncountable { order, why } => format!("{order}: {why}"),
            Alarm::NotReached { notice } => format!("{notice}: no channel took it; call the customer"),
            Alarm::NoticeInDoubt { notice } => {
                format!("{notice}: nobody knows whether it arrived; settle it")
            }
            Alarm::CallUnanswered { call } => {
                let place = state.care.calls.get(*call).map_or("", |call| &*call.new.place);
                format!("{call} about {place}: nobody answered; reach somebody by telephone")
            }
            Alarm::Approval { notice, waiting } => {
                format!("{waiting} notices from {notice} on wait for a second person")
            }
        });
    }
    out.line(format!("{} alarms", found.count));
    Ok(Code::Ok)
}

/// How a connection to the relay is protected.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Tls {
    /// From the first byte (port 465).
    Implicit,
    /// By STARTTLS (port 587).
    Starttls,
    /// None: to this machine only, without sign-in.
    None,
}

#[derive(clap::Args)]
pub struct SendArgs {
    /// The journal.
    journal: PathBuf,
    /// The relay, host:port.
    #[arg(long, conflicts_with = "folder")]
    smtp: Option<String>,
    /// How the connection is protected.
    #[arg(long, value_enum, default_value_t = Tls::Starttls)]
    tls: Tls,
    /// User of the relay; the password is read from HOLDFAST_SMTP_PASSWORD.
    #[arg(long)]
    user: Option<String>,
    /// A log in which the relay writes the Message-ID of every mail it took.
    #[arg(long)]
    receipts: Option<PathBuf>,
    /// A folder for mails, instead of a relay.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The address mails come from.
    #[arg(long)]
    from: String,
    /// Where customers' answers are taken, `https://`, without a slash at its end.
    #[arg(long)]
    answers: String,
    /// Connections to the relay.
    #[arg(long, default_value_t = 8)]
    connections: u32,
    /// Send nothing, and say what would leave.
    #[arg(long)]
    drill: bool,
    /// The service's configuration, for the keys that sign links and for the words; `holdfast.toml` beside the journal if there is one.
    #[arg(long)]
    config: Option<PathBuf>,
}

#[derive(Debug, Default, Serialize)]
struct Sent {
    sent: usize,
    failed: usize,
    to_be_tried_again: usize,
    in_doubt: usize,
    suppressed: usize,
    held_by_drill: usize,
    unsaid: Vec<String>,
}

/// The most rounds one run makes: a journal of a million notices.
const ROUNDS_MAX: usize = 10_000;

/// Sends what may leave now.
pub fn send(args: &SendArgs, out: &Output) -> Result<Code, Failure> {
    let journal = world::open(&args.journal)?;
    let mut writer = world::writer(&args.journal, journal).map_err(beside_the_service)?;
    writer.fire_due().map_err(|error| world::unwritten(&args.journal, &error))?;
    let config = beside(args)?;
    let keys = ring(&writer.link_secret(), &config.links);
    let letters = Letters {
        catalog: config.words.catalog(),
        keys,
        base: args.answers.trim_end_matches('/').into(),
        from: args.from.as_str().into(),
        regions: BTreeMap::new(),
        channels: vec![Kind::Mail.into()],
    };
    let sent = if args.drill {
        rounds(args, &mut writer, letters, Drill)?
    } else {
        let channel = channel(args)?;
        rounds(args, &mut writer, letters, Live(vec![channel]))?
    };
    out.json(&sent)?;
    out.line(format!(
        "sent {}, failed {}, to be tried again {}, in doubt {}, suppressed {}, held by the drill {}",
        sent.sent, sent.failed, sent.to_be_tried_again, sent.in_doubt, sent.suppressed, sent.held_by_drill
    ));
    for why in &sent.unsaid {
        out.line(why);
    }
    Ok(Code::Ok)
}

/// The service's configuration, for its link keys and its words: the newest key signs, as it does in the service, or the
/// service's pages would take a link of a retired key for forged.
fn beside(args: &SendArgs) -> Result<Config, Failure> {
    let beside = args.journal.with_file_name("holdfast.toml");
    let path = match &args.config {
        Some(path) => path,
        None if beside.exists() => &beside,
        None => return Ok(Config::default()),
    };
    super::serve::read_config(Some(path))
}

#[derive(clap::Args)]
pub struct BouncesArgs {
    /// The journal.
    journal: PathBuf,
    /// The mailbox notices are sent from, or a part of it: one message, or several joined as an mbox.
    file: PathBuf,
}

/// A report that was not taken down.
#[derive(Debug, Serialize)]
struct Refused {
    notice: String,
    why: String,
    action: &'static str,
}

/// What was reported.
#[derive(Debug, Default, Serialize)]
struct Reported {
    bounced: Vec<String>,
    delivered: Vec<String>,
    known: usize,
    /// Reports that were not taken down.
    refused: Vec<Refused>,
    delayed: usize,
    unread: usize,
}

/// Takes reports on mails down: what came back was not told, and is an alarm; what is reported as delivered was.
pub fn bounces(args: &BouncesArgs, out: &Output) -> Result<Code, Failure> {
    let bytes = std::fs::read(&args.file).map_err(|error| {
        Failure::input(format!("read {}: {error}", args.file.display()), "name a mailbox or a mail")
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let journal = world::open(&args.journal)?;
    let mut writer = world::writer(&args.journal, journal).map_err(|failure| {
        let by_api = "where `holdfast serve` holds it, post the file to /api/v1/notices/bounces instead";
        if failure.cause.contains("another process") {
            Failure { remedy: by_api.to_owned(), ..failure }
        } else {
            failure
        }
    })?;
    let mut told = Reported::default();
    for report in bounce::messages(&text) {
        let Some(found) = bounce::read(report) else {
            told.unread += 1;
            continue;
        };
        // The command sends by mail alone: there is no other way to try.
        let Some(command) = found.command(None) else {
            told.delayed += 1;
            continue;
        };
        let ask = Ask { command: Command::Care(Box::new(command)), actor: ACTOR.into(), key: None };
        let reply = writer.ask_all(vec![ask]).map_err(|error| world::unwritten(&args.journal, &error))?.pop();
        match (reply, found.fate) {
            (Some(Reply::Done { .. }), Fate::Delivered) => told.delivered.push(found.notice.to_string()),
            (Some(Reply::Done { .. }), _) => told.bounced.push(found.notice.to_string()),
            (Some(Reply::Repeated(_)), _) => told.known += 1,
            (Some(Reply::Rejected(rejection)), _) => {
                if bounce::is_known(&writer.engine().state, found.notice, &rejection) {
                    told.known += 1;
                } else {
                    let (why, action) = (rejection.to_string(), bounce::action(&rejection));
                    told.refused.push(Refused { notice: found.notice.to_string(), why, action });
                }
            }
            (Some(Reply::Retry | Reply::Unknown) | None, _) => {
                return Err(Failure::new(
                    Code::Journal,
                    format!("{}: not all of it was taken", args.journal.display()),
                    "run the command again: what was taken is known",
                ));
            }
        }
    }
    out.json(&told)?;
    out.line(format!(
        "came back {}, delivered {}, known before {}, refused {}, late {}, no report on a notice {}",
        told.bounced.len(),
        told.delivered.len(),
        told.known,
        told.refused.len(),
        told.delayed,
        told.unread
    ));
    for notice in &told.bounced {
        out.line(format!(
            "{notice}: its customer was not told; call them, or correct the address and send it again"
        ));
    }
    for Refused { notice, why, action } in &told.refused {
        out.line(format!("{notice}: {why}; {action}"));
    }
    Ok(if told.bounced.is_empty() && told.refused.is_empty() { Code::Ok } else { Code::Found })
}

/// What to do where another process holds the journal: most often the service, which sends by itself.
fn beside_the_service(failure: Failure) -> Failure {
    if !failure.cause.contains("another process") {
        return failure;
    }
    let remedy = "where `holdfast serve` holds it, the service sends by itself: give it [mail] in its configuration \
                  (docs/how-to/serve.md) and start it again; or stop it, send, and start it again";
    Failure { remedy: remedy.to_owned(), ..failure }
}

fn channel(args: &SendArgs) -> Result<Box<dyn Channel>, Failure> {
    if let Some(folder) = &args.folder {
        let folder = OutboxFolder::open(folder)
            .map_err(|error| Failure::input(chain(&error), "name another folder with --folder"))?;
        return Ok(Box::new(FolderChannel(folder)));
    }
    let relay = args.smtp.as_deref().and_then(|relay| relay.rsplit_once(':'));
    let Some((host, port)) = relay.and_then(|(host, port)| Some((host, port.parse().ok()?))) else {
        return Err(Failure::input("send: no way out was named", "give --smtp host:port or --folder DIR"));
    };
    let password = std::env::var("HOLDFAST_SMTP_PASSWORD");
    if args.user.is_some() && password.is_err() {
        return Err(Failure::input(
            "send: --user was given and no password",
            "set HOLDFAST_SMTP_PASSWORD, or leave --user out where the relay asks for none",
        ));
    }
    let password = password.unwrap_or_default();
    let settings = SmtpSettings {
        host: host.to_owned(),
        port,
        protection: match args.tls {
            Tls::Implicit => Protection::Implicit,
            Tls::Starttls => Protection::StartTls,
            Tls::None => Protection::LoopbackPlain,
        },
        sign_in: args.user.clone().map(|user| (user, password)),
        timeout: Duration::from_secs(60),
        connections_max: args.connections.clamp(1, 64),
        reports: false,
    };
    let channel = SmtpChannel::new(settings, &args.from, args.receipts.clone())
        .map_err(|error| Failure::input(chain(&error), "check --smtp, --tls and --from"))?;
    Ok(Box::new(channel))
}

fn rounds<O: Outlet>(
    args: &SendArgs,
    writer: &mut LiveWriter,
    mut letters: Letters,
    outlet: O,
) -> Result<Sent, Failure> {
    let mut dispatcher = Dispatcher::new(outlet, Schedule::MAIL, Breaker::new(20, Span::minutes(1)));
    let mut all = Sent::default();
    for _ in 0..ROUNDS_MAX {
        let round: Round = dispatcher
            .round(writer, &mut letters)
            .map_err(|error| world::unwritten(&args.journal, &error))?;
        all.sent += round.sent;
        all.failed += round.failed;
        all.to_be_tried_again = round.later;
        all.in_doubt += round.doubt;
        all.suppressed += round.suppressed;
        all.held_by_drill = round.held_by_drill;
        all.unsaid.extend(round.unsaid.iter().map(|(id, why)| format!("{id}: {why}")));
        let now = writer.clock().now();
        if round.next.is_none_or(|next| next > now) {
            break;
        }
    }
    Ok(all)
}
