//! What [`verify`](crate::verify) cannot see through the port: SQLite's own pages, artefacts, keys.

use holdfast_app::port::ReadError;

use super::{SqliteJournal, read};

/// Something wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("check {file}: {what}")]
pub struct FileFault {
    /// Which file: `journal` or `keys`.
    pub file: &'static str,
    /// What is wrong.
    pub what: String,
}

impl SqliteJournal {
    /// Checks the pages of both databases, the hash of every artefact and the sum of every key.
    ///
    /// # Errors
    /// [`ReadError`] where a file cannot be read at all.
    pub fn check_files(&mut self) -> Result<Vec<FileFault>, ReadError> {
        let mut out = Vec::new();
        let unreadable = |error: rusqlite::Error| read::fault(error, 0);
        let keys = self.keys.faults().map_err(unreadable)?;
        out.extend(keys.into_iter().map(|what| FileFault { file: "keys", what }));
        let connection = self.reader()?;
        let pages = read::page_faults(connection).map_err(unreadable)?;
        out.extend(pages.into_iter().map(|what| FileFault { file: "journal", what }));
        let mut select = connection.prepare("SELECT id, hash, bytes FROM artefacts").map_err(unreadable)?;
        let mut rows = select.query([]).map_err(unreadable)?;
        while let Some(row) = rows.next().map_err(unreadable)? {
            let whole = || -> rusqlite::Result<(i64, bool)> {
                let hash: [u8; 32] = row.get(1)?;
                let same =
                    row.get_ref(2)?.as_blob().is_ok_and(|bytes| *blake3::hash(bytes).as_bytes() == hash);
                Ok((row.get(0)?, same))
            };
            let (id, same) = whole().map_err(unreadable)?;
            if !same {
                let what = format!("artefact {id} does not have the hash it was written with");
                out.push(FileFault { file: "journal", what });
            }
        }
        Ok(out)
    }
}
