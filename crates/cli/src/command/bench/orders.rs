//! Orders decided in memory, made durable, and replayed.

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use holdfast_app::port::{AppendError, Head, Journal as _};
use holdfast_app::recover::recover;
use holdfast_engine::step::Ask;
use holdfast_journal::sqlite::SqliteJournal;

use super::{Figure, world};
use crate::exit::{Code, Failure, chain};
use crate::output::Output;
use crate::world as real;

/// Entries of a group: what one commit makes durable.
const IN_GROUP: usize = 2_000;
/// Orders drawn at once: drawing is not what is measured.
const DRAWN: u32 = 20_000;

/// The figures of one writer and its journal.
pub(crate) fn measure(folder: &Path, quick: bool, seed: u64, out: &Output) -> Result<Vec<Figure>, Failure> {
    let (orders, skus) = if quick { (20_000, 10_000) } else { (400_000, 100_000) };
    let bar = out.progress(3, "deciding in memory");
    let mut figures = vec![decided(orders, skus, seed)];
    bar.inc(1);
    bar.set_message("making durable");
    let folder = folder.join(format!("holdfast-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| {
        Failure::input(
            format!("make folder {}: {error}", folder.display()),
            "name another folder with --folder",
        )
    })?;
    let done = on_disk(&folder.join("journal"), orders, skus, seed);
    // What cannot be removed is in the temporary folder.
    let _ = std::fs::remove_dir_all(&folder);
    bar.finish_and_clear();
    figures.extend(done?);
    Ok(figures)
}

fn decided(orders: u32, skus: u32, seed: u64) -> Figure {
    let mut engine = world::engine(skus, seed);
    let mut seconds = 0.0;
    let mut events = 0;
    for from in (0..orders).step_by(DRAWN as usize) {
        let asks = world::orders(from, DRAWN.min(orders - from), skus, seed);
        let start = Instant::now();
        for (n, ask) in (from..).zip(&asks) {
            // Whatever it is, it was decided; a drawn order is always taken.
            events += engine.step(ask, world::moment(n)).map_or(0, |entry| entry.events.len());
        }
        seconds += start.elapsed().as_secs_f64();
    }
    Figure::new("orders decided in memory, one core", f64::from(orders) / seconds, "/s")
        .at_least(1_000_000.0)
        .note(format!("14 sites, {skus} SKUs, {orders} orders, {events} events"))
}

fn on_disk(path: &Path, orders: u32, skus: u32, seed: u64) -> Result<Vec<Figure>, Failure> {
    let broken = |error: &dyn std::error::Error| real::broken(path, error);
    let mut journal = SqliteJournal::open(path).map_err(|error| broken(&error))?;
    let head = journal.take_over().map_err(|error| broken(&error))?;
    let mut core = world::core(head);
    for command in world::setup(skus, seed) {
        core.offer(&Ask { command, actor: "bench".into(), key: None }, world::START);
        if !core.has_room() {
            settle(&mut core, &mut journal).map_err(|error| broken(&error))?;
        }
    }
    settle(&mut core, &mut journal).map_err(|error| broken(&error))?;
    let (seconds, events) =
        durable(&mut core, &mut journal, orders, skus, seed).map_err(|error| broken(&error))?;
    let bytes = std::fs::metadata(path).map_or(0, |file| file.len());
    let version = journal.head().map_err(|error| broken(&error))?.version;
    let whole = core.engine().state.digest();
    drop(core);
    let start = Instant::now();
    let recovered = recover(&mut journal, None).map_err(|error| broken(&error))?;
    let replay = start.elapsed().as_secs_f64();
    if recovered.engine.state.digest() != whole {
        return Err(Failure::new(
            Code::Bug,
            "the recovered state is not the one that was written",
            "report it",
        ));
    }
    let setup = version - u64::from(orders);
    Ok(vec![
        Figure::new("orders durable in SQLite, full records", f64::from(orders) / seconds, "/s")
            .at_least(300_000.0)
            .note(format!(
                "groups of {IN_GROUP}, decided on one thread and written on another, {} MB",
                bytes / 1_000_000
            )),
        Figure::new("recovery: events replayed, digest compared", (events + setup) as f64 / replay, "/s")
            .at_least(2_000_000.0)
            .note(format!("{} entries in {replay:.2} s", recovered.replayed)),
    ])
}

fn settle(core: &mut holdfast_app::core::Core, journal: &mut SqliteJournal) -> Result<(), AppendError> {
    while let Some((expected, group)) = core.seal() {
        let head = journal.append(expected, &group)?;
        core.appended(head);
    }
    Ok(())
}

/// Decides here and writes on another thread, two groups in flight, as the live service does. Gives seconds and
/// events.
fn durable(
    core: &mut holdfast_app::core::Core,
    journal: &mut SqliteJournal,
    orders: u32,
    skus: u32,
    seed: u64,
) -> Result<(f64, u64), AppendError> {
    let mut head = journal.head().map_err(|error| AppendError::Failed(Box::new(error)))?;
    let (give, groups) = sync_channel::<(Head, holdfast_app::port::Group)>(2);
    let (tell, heads) = sync_channel(2);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for (expected, group) in groups {
                // The chain of a group is known only once the one before it is written.
                let appended = journal.append(Head { version: expected.version, ..head }, &group);
                if let Ok(new) = &appended {
                    head = *new;
                }
                if tell.send(appended).is_err() {
                    return;
                }
            }
        });
        let (mut seconds, mut events) = (0.0, 0);
        let mut pending = 0;
        for from in (0..orders).step_by(DRAWN as usize) {
            let asks = world::orders(from, DRAWN.min(orders - from), skus, seed);
            let start = Instant::now();
            for (n, ask) in (from..).zip(&asks) {
                core.offer(ask, world::moment(n));
                pending += 1;
                if pending == IN_GROUP {
                    events += seal(core, &give, &heads)?;
                    pending = 0;
                }
            }
            events += seal(core, &give, &heads)?;
            pending = 0;
            while core.is_waiting() {
                core.appended(heads.recv().expect("the writing thread lives as long as the scope")?);
            }
            seconds += start.elapsed().as_secs_f64();
        }
        drop(give);
        Ok((seconds, events))
    })
}

fn seal(
    core: &mut holdfast_app::core::Core,
    give: &std::sync::mpsc::SyncSender<(Head, holdfast_app::port::Group)>,
    heads: &std::sync::mpsc::Receiver<Result<Head, AppendError>>,
) -> Result<u64, AppendError> {
    loop {
        if let Some((expected, group)) = core.seal() {
            let events = group.entries.iter().map(|entry| entry.events.len() as u64).sum();
            // The other end is there until this one is dropped.
            let _ = give.send((expected, group));
            return Ok(events);
        }
        if !core.is_waiting() {
            return Ok(0);
        }
        core.appended(heads.recv().expect("the writing thread lives as long as the scope")?);
    }
}

/// An error in one line, for a process that was read wrong.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    chain(error)
}
