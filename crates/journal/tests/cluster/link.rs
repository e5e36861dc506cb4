//! A way over loopback that can be cut: bytes stop, and neither side hears why, as when a network fails.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub struct Link {
    pub port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    cut: AtomicBool,
    over: AtomicBool,
}

impl Link {
    /// A way to a port of this machine.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let here = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let kept = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if state.over.load(Ordering::SeqCst) {
                    return;
                }
                let state = Arc::clone(&state);
                std::thread::spawn(move || carry(stream, port, &state));
            }
        });
        Self { port: here, state: kept }
    }

    pub fn cut(&self) {
        self.state.cut.store(true, Ordering::SeqCst);
    }

    pub fn mend(&self) {
        self.state.cut.store(false, Ordering::SeqCst);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
        // The listener sees it with its next, and last, connection.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn carry(here: TcpStream, port: u16, state: &Arc<State>) {
    while state.cut.load(Ordering::SeqCst) {
        if state.over.load(Ordering::SeqCst) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let Ok(there) = TcpStream::connect(("127.0.0.1", port)) else { return };
    for stream in [&here, &there] {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    }
    let (mut back_from, mut back_to) = (there.try_clone().unwrap(), here.try_clone().unwrap());
    let back = Arc::clone(state);
    let other = std::thread::spawn(move || copy(&mut back_from, &mut back_to, &back));
    copy(&mut { here }, &mut { there }, state);
    let _ = other.join();
}

fn copy(from: &mut TcpStream, to: &mut TcpStream, state: &State) {
    let mut buffer = vec![0; 64 << 10];
    while !state.over.load(Ordering::SeqCst) {
        if state.cut.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(20));
            continue;
        }
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => {
                // What was on its way when the link was cut is lost, not delivered later.
                if state.cut.load(Ordering::SeqCst) {
                    while state.cut.load(Ordering::SeqCst) && !state.over.load(Ordering::SeqCst) {
                        std::thread::sleep(Duration::from_millis(20));
                    }
                    break;
                }
                if to.write_all(&buffer[..read]).is_err() {
                    break;
                }
            }
            Err(error)
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
