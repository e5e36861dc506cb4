//! The system's clock, chance and sleep.

use std::time::Duration;

use holdfast_connect::http::Pace;

/// The world as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct World;

impl Pace for World {
    fn now_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }

    fn chance(&self) -> u64 {
        let mut bytes = [0; 8];
        // Without chance the waits are merely the same for all.
        let _ = getrandom::fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn sleep(&self, ms: u64) {
        std::thread::sleep(Duration::from_millis(ms));
    }
}
