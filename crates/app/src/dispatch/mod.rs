//! The sending loop: takes what may leave from the durable state, hands it to channels, and reports what became of it.
//!
//! Invariant: a notice is handed to a channel only after `ClaimNotice` is durable, and a claimed notice is never handed
//! over again unless it is certain that it was not taken. So a crash anywhere sends nothing twice; what is left open is
//! settled by asking the channel, and where the channel does not know either, by a person (decision 0011).

mod books;
mod due;
mod people;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use holdfast_domain::care::CareCommand;
use holdfast_domain::command::Command;
use holdfast_domain::id::{NoticeId, SubjectId};
use holdfast_domain::notice::{Notice, NoticeStatus};
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use holdfast_engine::step::Ask;

use crate::core::Reply;
use crate::retry::{Breaker, BreakerState, FailureKind, Schedule};
use crate::seal::PersonalData;

pub use books::{Books, Finder, LiveBooks, LiveError};
pub use due::{OPT_OUT, is_held_out, may_leave};
pub use people::People;

/// The most notices claimed at once: what a crash can leave open.
pub const BATCH_MAX: usize = 256;
/// How long before a report that could not be written is tried again.
const OWED_AGAIN: Span = Span(500);
/// The actor under whose name the loop writes.
pub const ACTOR: &str = "dispatch";

/// A notice in the form of one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The notice.
    pub notice: NoticeId,
    /// What tells it from every other, the same on every try: the Message-ID, the idempotency key.
    pub key: String,
    /// To whom: an address, a number.
    pub to: String,
    /// What is handed over.
    pub bytes: Vec<u8>,
}

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The channel has it.
    Taken,
    /// The channel will never take it: a wrong address, a refused text.
    Refused,
    /// The channel certainly does not have it, and may take it later.
    Later,
    /// The channel may have it: the answer was lost.
    Doubt,
}

/// A way to the reader.
pub trait Channel: Send {
    /// Its name in logs and views.
    fn name(&self) -> &'static str;
    /// Hands letters over; one outcome for each, in their order.
    fn send(&mut self, letters: &[Letter]) -> Vec<Outcome>;
    /// Whether it took the letter of this key, as far as it can tell; `None` if it cannot.
    fn taken(&mut self, key: &str) -> Option<bool>;
}

/// Makes letters of notices.
pub trait Render {
    /// The key of a notice, whatever the channel.
    fn key(&self, state: &State, id: NoticeId, notice: &Notice) -> String;
    /// The letter for the channel of this number; `None` where this reader has no address for it.
    ///
    /// # Errors
    /// A sentence for a person: the notice cannot be put into words, or does not fit the channel.
    fn render(
        &mut self,
        state: &State,
        id: NoticeId,
        notice: &Notice,
        person: Option<&PersonalData>,
        channel: u8,
    ) -> Result<Option<Letter>, String>;
}

/// Where letters go: to the world, or nowhere.
pub trait Outlet {
    /// The channels, the preferred one first.
    fn channels(&mut self) -> &mut [Box<dyn Channel>];
}

/// The channels of the real world.
pub struct Live(pub Vec<Box<dyn Channel>>);

/// A drill's outlet. It holds no channel and cannot be given one, so nothing leaves, whatever it is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Drill;

impl Outlet for Live {
    fn channels(&mut self) -> &mut [Box<dyn Channel>] {
        &mut self.0
    }
}

impl Outlet for Drill {
    fn channels(&mut self) -> &mut [Box<dyn Channel>] {
        &mut []
    }
}

/// What one round did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Taken by a channel.
    pub sent: usize,
    /// Refused by every channel, or without any address.
    pub failed: usize,
    /// To be tried again.
    pub later: usize,
    /// In doubt.
    pub doubt: usize,
    /// Left aside: their reader wants none of what no law requires.
    pub suppressed: usize,
    /// Would have left, were this no drill.
    pub held_by_drill: usize,
    /// Why notices could not be put into words.
    pub unsaid: Vec<(NoticeId, String)>,
    /// When there is something to do next, if it is known.
    pub next: Option<Stamp>,
}

/// The loop's own memory. Losing it loses nothing: what matters is journaled.
pub struct Dispatcher<O> {
    outlet: O,
    schedule: Schedule,
    breakers: Vec<Breaker>,
    settled: bool,
    /// Reports that could not be written yet: what became of letters is known, and must not be lost.
    owed: Vec<Command>,
    /// Notices whose claim may have become durable and that were certainly not handed over.
    unclaimed: BTreeSet<NoticeId>,
    /// Everything before it is final.
    cursor: usize,
    /// When notices that no law requires left, for the throttle.
    recent: VecDeque<Stamp>,
}

impl<O: Outlet> Dispatcher<O> {
    /// A loop on an outlet. `breaker` is each channel's.
    pub fn new(mut outlet: O, schedule: Schedule, breaker: Breaker) -> Self {
        let breakers = outlet.channels().iter().map(|_| breaker).collect();
        Self {
            outlet,
            schedule,
            breakers,
            settled: false,
            owed: Vec::new(),
            unclaimed: BTreeSet::new(),
            cursor: 0,
            recent: VecDeque::new(),
        }
    }

    /// The outlet.
    pub const fn outlet(&mut self) -> &mut O {
        &mut self.outlet
    }

    /// The channels that are left alone for now, because they failed again and again.
    #[must_use]
    pub fn resting(&self) -> Vec<usize> {
        let rests =
            |(_, breaker): &(usize, &Breaker)| !matches!(breaker.state(), BreakerState::Closed { .. });
        self.breakers.iter().enumerate().filter(rests).map(|(at, _)| at).collect()
    }

    /// Sends at most [`BATCH_MAX`] of what may leave now. The first round settles what a former loop left open.
    ///
    /// # Errors
    /// The books' own, if they cannot be written or read. Nothing is lost by asking again.
    pub fn round<B: Books>(&mut self, books: &mut B, render: &mut impl Render) -> Result<Round, B::Error> {
        let mut round = Round::default();
        if self.outlet.channels().is_empty() {
            let state = books.state();
            let held = |(_, notice): &(NoticeId, &Notice)| notice.status == NoticeStatus::Released;
            round.held_by_drill = state.notices.iter().filter(held).count();
            return Ok(round);
        }
        let now = books.now();
        self.write_owed(books)?;
        if !self.owed.is_empty() {
            round.next = Some(now.after(OWED_AGAIN));
            return Ok(round);
        }
        if !self.settled {
            self.settle(books, render)?;
            self.settled = true;
        }
        let batch = self.claim(books, render, now, &mut round)?;
        self.hand_over(books, batch, now, &mut round)?;
        Ok(round)
    }

    /// Writes what became of letters, again where it did not become durable. What the journal has already refuses it,
    /// which is as good.
    fn write_owed<B: Books>(&mut self, books: &mut B) -> Result<(), B::Error> {
        for notice in std::mem::take(&mut self.unclaimed) {
            let claimed = books.state().notices.get(notice).map(|known| known.status);
            if claimed == Some(NoticeStatus::Sending) {
                self.owed.push(Command::Care(Box::new(CareCommand::SettleNotice { notice, arrived: false })));
            }
        }
        if self.owed.is_empty() {
            return Ok(());
        }
        let replies = books.ask_all(self.owed.iter().cloned().map(plain).collect())?;
        let mut written = replies.iter().map(|reply| !matches!(reply, Reply::Retry | Reply::Unknown));
        self.owed.retain(|_| !written.next().unwrap_or(false));
        Ok(())
    }

    /// Asks the channels about everything that was claimed and never reported, or is in doubt.
    ///
    /// # Errors
    /// As [`Dispatcher::round`].
    pub fn settle<B: Books>(&mut self, books: &mut B, render: &impl Render) -> Result<(), B::Error> {
        let state = books.state();
        let mut commands = Vec::new();
        for (id, notice) in state.notices.iter() {
            if !matches!(notice.status, NoticeStatus::Sending | NoticeStatus::InDoubt) {
                continue;
            }
            let key = render.key(state, id, notice);
            let known = self.ask_channels(&key);
            match known {
                Some(arrived) => commands.push(CareCommand::SettleNotice { notice: id, arrived }),
                None if notice.status == NoticeStatus::Sending => {
                    commands.push(CareCommand::DoubtNotice { notice: id });
                }
                None => {}
            }
        }
        books.ask_all(commands.into_iter().map(asked).collect())?;
        Ok(())
    }

    /// Whether any channel took a letter: certain only if one did, or if all know that they did not.
    fn ask_channels(&mut self, key: &str) -> Option<bool> {
        let mut all_know = true;
        for channel in self.outlet.channels() {
            match channel.taken(key) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => all_know = false,
            }
        }
        all_know.then_some(false)
    }

    /// Chooses, renders and claims; what comes back is durable as claimed.
    fn claim<B: Books>(
        &mut self,
        books: &mut B,
        render: &mut impl Render,
        now: Stamp,
        round: &mut Round,
    ) -> Result<Vec<(u8, u32, Letter)>, B::Error> {
        let let_go = self.recent.len();
        let chosen = self.choose(books.state(), now, round);
        let wanted: BTreeSet<SubjectId> =
            chosen.iter().filter_map(|(_, notice, ..)| notice.subject).collect();
        let wanted: Vec<SubjectId> = wanted.into_iter().collect();
        let people: BTreeMap<SubjectId, PersonalData> = if wanted.is_empty() {
            BTreeMap::new()
        } else {
            match books.people(&wanted) {
                Ok(people) => people,
                Err(error) => {
                    // Nothing left: the throttle must not count it.
                    self.recent.truncate(let_go);
                    return Err(error);
                }
            }
        };
        let mut ready = Vec::new();
        let mut instead = Vec::new();
        for (id, notice, channel, failed) in chosen {
            let person = notice.subject.and_then(|subject| people.get(&subject));
            let wants_none = person.is_some_and(|p| p.consents.iter().any(|c| c == OPT_OUT));
            if (wants_none || is_held_out(books.state(), &notice)) && !notice.is_required() {
                instead.push(Command::Care(Box::new(CareCommand::SuppressNotice { notice: id })));
                round.suppressed += 1;
                continue;
            }
            match self.letter(books.state(), render, (id, &notice), person, channel, now) {
                Ok(Some((channel, letter))) => ready.push((channel, failed, letter)),
                Ok(None) => {
                    instead.push(Command::ReportNotice { notice: id, sent: false });
                    round.failed += 1;
                }
                Err(Unready::Waits(until)) => round.next = earlier(round.next, until),
                Err(Unready::Unsaid(why)) => {
                    instead.push(Command::ReportNotice { notice: id, sent: false });
                    round.failed += 1;
                    round.unsaid.push((id, why));
                }
            }
        }
        let claims = ready.iter().map(|(_, _, letter)| CareCommand::ClaimNotice { notice: letter.notice });
        let count = ready.len();
        let asks: Vec<Ask> = claims.map(asked).chain(instead.into_iter().map(plain)).collect();
        if asks.is_empty() {
            return Ok(Vec::new());
        }
        let replies = books.ask_all(asks)?;
        for (letter, reply) in ready.iter().zip(&replies) {
            if matches!(reply, Reply::Unknown) {
                self.unclaimed.insert(letter.2.notice);
            }
        }
        // Whatever was not claimed (withdrawn a moment ago, of a drill, or not durable) is not handed over.
        let claimed = replies.iter().take(count).map(|reply| matches!(reply, Reply::Done { .. }));
        let kept: Vec<bool> = claimed.collect();
        let mut kept = kept.into_iter();
        ready.retain(|_| kept.next().unwrap_or(false));
        Ok(ready)
    }

    /// What may leave now, with the channel to try and the tries that failed.
    fn choose(&mut self, state: &State, now: Stamp, round: &mut Round) -> Vec<(NoticeId, Notice, u8, u32)> {
        use holdfast_domain::id::Id as _;
        let hour_ago = now.before(holdfast_domain::time::Span::hours(1));
        while self.recent.front().is_some_and(|at| *at <= hour_ago) {
            self.recent.pop_front();
        }
        let finals = (self.cursor..state.notices.len()).take_while(|at| {
            state.notices.get(NoticeId::from_index(*at)).is_some_and(|n| n.status.is_final())
        });
        self.cursor += finals.count();
        let mut chosen = Vec::new();
        // What came back, or is sent once more, lies before the cursor and has been tried.
        let again = state.care.tries.keys().copied().filter(|id| id.index() < self.cursor);
        for id in again.chain((self.cursor..state.notices.len()).map(NoticeId::from_index)) {
            let Some(notice) = state.notices.get(id) else { continue };
            if notice.status != NoticeStatus::Released {
                continue;
            }
            let tries = state.care.tries.get(&id);
            if let Some(waits) = tries.filter(|tries| tries.again_at > now) {
                round.next = earlier(round.next, waits.again_at);
                continue;
            }
            match may_leave(state, notice, now, self.recent.len()) {
                Ok(()) => {
                    if !notice.is_required() {
                        self.recent.push_back(now);
                    }
                    let (channel, failed) = tries.map_or((0, 0), |tries| (tries.channel, tries.failed));
                    chosen.push((id, notice.clone(), channel, failed));
                }
                Err(until) => round.next = earlier(round.next, until),
            }
            if chosen.len() == BATCH_MAX {
                round.next = Some(now);
                break;
            }
        }
        chosen
    }

    /// The letter for the first channel from `channel` on that reaches the reader.
    fn letter(
        &mut self,
        state: &State,
        render: &mut impl Render,
        (id, notice): (NoticeId, &Notice),
        person: Option<&PersonalData>,
        channel: u8,
        now: Stamp,
    ) -> Result<Option<(u8, Letter)>, Unready> {
        let count = self.outlet.channels().len();
        let mut unsaid = None;
        for number in usize::from(channel)..count {
            let at = u8::try_from(number).map_err(|_| Unready::Unsaid("there are 255 channels".into()))?;
            let letter = match render.render(state, id, notice, person, at) {
                Ok(Some(letter)) => letter,
                Ok(None) => continue,
                // What does not fit one channel may fit the next.
                Err(why) => {
                    unsaid = unsaid.or(Some(why));
                    continue;
                }
            };
            if self.breakers[number].admits(now) {
                return Ok(Some((at, letter)));
            }
            // A resting channel is no reason to write to somebody twice by two ways: it is waited for.
            return Err(Unready::Waits(now.after(self.breakers[number].rest)));
        }
        unsaid.map_or(Ok(None), |why| Err(Unready::Unsaid(why)))
    }

    fn hand_over<B: Books>(
        &mut self,
        books: &mut B,
        batch: Vec<(u8, u32, Letter)>,
        now: Stamp,
        round: &mut Round,
    ) -> Result<(), B::Error> {
        if batch.is_empty() {
            return Ok(());
        }
        let count = self.outlet.channels().len();
        for number in 0..count {
            let mine = |entry: &&(u8, u32, Letter)| usize::from(entry.0) == number;
            let failed: Vec<u32> = batch.iter().filter(mine).map(|(_, failed, _)| *failed).collect();
            let letters: Vec<Letter> =
                batch.iter().filter(mine).map(|(_, _, letter)| letter.clone()).collect();
            if letters.is_empty() {
                continue;
            }
            let outcomes = self.outlet.channels()[number].send(&letters);
            debug_assert_eq!(outcomes.len(), letters.len());
            for ((letter, failed), outcome) in letters.iter().zip(failed).zip(outcomes) {
                self.note(number, outcome, now);
                let sure = match outcome {
                    Outcome::Doubt => match self.outlet.channels()[number].taken(&letter.key) {
                        Some(true) => Outcome::Taken,
                        Some(false) => Outcome::Later,
                        None => Outcome::Doubt,
                    },
                    sure => sure,
                };
                let report = self.report(letter.notice, number, failed, sure, now, round);
                self.owed.push(report);
            }
        }
        // Until a report is durable its notice stays claimed: it is never handed over again meanwhile.
        self.write_owed(books)?;
        if !self.owed.is_empty() {
            round.next = Some(now.after(OWED_AGAIN));
        }
        Ok(())
    }

    fn note(&mut self, channel: usize, outcome: Outcome, now: Stamp) {
        let failure = match outcome {
            Outcome::Taken => None,
            Outcome::Refused => Some(FailureKind::Permanent),
            Outcome::Later => Some(FailureKind::Transient),
            Outcome::Doubt => Some(FailureKind::Unknown),
        };
        self.breakers[channel].record(failure, now);
    }

    fn report(
        &self,
        notice: NoticeId,
        channel: usize,
        failed: u32,
        outcome: Outcome,
        now: Stamp,
        round: &mut Round,
    ) -> Command {
        let count = self.breakers.len();
        let retry = |channel: usize, again_at| {
            let channel = u8::try_from(channel).unwrap_or(u8::MAX);
            Command::Care(Box::new(CareCommand::RetryNotice { notice, channel, again_at }))
        };
        match outcome {
            Outcome::Taken => {
                round.sent += 1;
                Command::ReportNotice { notice, sent: true }
            }
            Outcome::Doubt => {
                round.doubt += 1;
                Command::Care(Box::new(CareCommand::DoubtNotice { notice }))
            }
            Outcome::Later => {
                let spread = notice.0.wrapping_mul(2_654_435_761).rotate_left(failed & 31);
                let tried = (failed + 1) % self.schedule.tries_max.max(1);
                match self.schedule.wait(tried, spread) {
                    Some(wait) => {
                        round.later += 1;
                        round.next = earlier(round.next, now.after(wait));
                        retry(channel, now.after(wait))
                    }
                    None => fall_back(channel, count, now, round, retry, notice),
                }
            }
            Outcome::Refused => fall_back(channel, count, now, round, retry, notice),
        }
    }
}

/// The next channel's turn, or the end.
fn fall_back(
    channel: usize,
    count: usize,
    now: Stamp,
    round: &mut Round,
    retry: impl Fn(usize, Stamp) -> Command,
    notice: NoticeId,
) -> Command {
    if channel + 1 < count {
        round.later += 1;
        round.next = Some(now);
        return retry(channel + 1, now);
    }
    round.failed += 1;
    Command::ReportNotice { notice, sent: false }
}

/// Why a notice is not handed over now.
enum Unready {
    Waits(Stamp),
    Unsaid(String),
}

fn earlier(known: Option<Stamp>, other: Stamp) -> Option<Stamp> {
    Some(known.map_or(other, |known| known.min(other)))
}

fn plain(command: Command) -> Ask {
    Ask { command, actor: ACTOR.into(), key: None }
}

fn asked(command: CareCommand) -> Ask {
    plain(Command::Care(Box::new(command)))
}
