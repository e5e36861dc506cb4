//! The outbox folder as a channel: for drills one can look at, and for a mail system that picks files up.

use holdfast_app::dispatch::{Channel, Letter, Outcome};

use crate::mail::NoticeKey;
use crate::outbox_folder::{FolderError, OutboxFolder};

/// Puts letters into a folder. Writing one again changes nothing, so nothing is ever in doubt.
pub struct FolderChannel(pub OutboxFolder);

impl Channel for FolderChannel {
    fn name(&self) -> &'static str {
        "folder"
    }

    fn send(&mut self, letters: &[Letter]) -> Vec<Outcome> {
        let put = |letter: &Letter| {
            let Some(notice) = file_key(&letter.key) else { return Outcome::Refused };
            match self.0.put_bytes(&notice, &letter.bytes) {
                Ok(_) => Outcome::Taken,
                Err(FolderError::Conflict { .. }) => Outcome::Refused,
                Err(_) => Outcome::Later,
            }
        };
        letters.iter().map(put).collect()
    }

    fn taken(&mut self, key: &str) -> Option<bool> {
        Some(self.0.file_of(&file_key(key)?).exists())
    }
}

/// What a letter's file is called: the part of its Message-ID that is ours. One that is sent again has its own.
fn file_key(key: &str) -> Option<NoticeKey> {
    let (notice, _) = key.trim_start_matches('<').split_once('.')?;
    notice.parse().ok()
}
