//! Mails as files: a folder with one `.eml` for each notice and an `index.csv` of what is in it.
//!
//! Invariant: a notice is written once. Its mail is complete and on disk before its name appears, the name
//! is never replaced, and writing the same mail again changes nothing; another mail under the same name is
//! refused. The index can be lost: it is made again from the mails when the folder is opened.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use sha2::{Digest, Sha256};

use crate::mail::{Message, NoticeKey};
use crate::retry::FailureKind;
use crate::send::{Accepted, SendError, Sender, Sending};

const INDEX: &str = "index.csv";
const HEAD: [&str; 5] = ["notice", "message_id", "to", "bytes", "sha256"];

/// A folder that takes mails.
#[derive(Debug)]
pub struct OutboxFolder {
    path: PathBuf,
    index: Mutex<File>,
}

/// How a mail was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Put {
    /// It was written now.
    Written,
    /// The same mail was there.
    AlreadyThere,
}

/// Why a folder does not take a mail.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The disk refused.
    #[error("write mails to {path}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The name is taken by another mail.
    #[error(
        "write mail {name}: there is another mail of this notice; a notice never changes, look for two with one id"
    )]
    Conflict {
        /// The file.
        name: String,
    },
    /// The index could not be written as CSV.
    #[error("write the index of {path}")]
    Index {
        /// The file.
        path: PathBuf,
        /// What the writer said.
        #[source]
        source: csv::Error,
    },
}

impl OutboxFolder {
    /// Opens or makes the folder, clears what a crash left half written, and makes the index whole.
    ///
    /// # Errors
    /// [`FolderError::Io`] or [`FolderError::Index`].
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        fs::create_dir_all(path).map_err(at(path))?;
        let mut rows = BTreeMap::new();
        for entry in fs::read_dir(path).map_err(at(path))? {
            let file = entry.map_err(at(path))?.path();
            let extension = file.extension().and_then(|extension| extension.to_str());
            let stem = file.file_stem().and_then(|stem| stem.to_str());
            match (extension, stem) {
                (Some("tmp"), _) => fs::remove_file(&file).map_err(at(&file))?,
                (Some("eml"), Some(notice)) => {
                    let bytes = fs::read(&file).map_err(at(&file))?;
                    rows.insert(notice.to_owned(), row(notice, &bytes));
                }
                _ => {}
            }
        }
        let index_path = path.join(INDEX);
        let temporary = path.join("index.tmp");
        let mut text = encode(&HEAD.map(str::to_owned)).map_err(in_index(&index_path))?;
        for row in rows.values() {
            text.extend(encode(row).map_err(in_index(&index_path))?);
        }
        write_durably(&temporary, &text)?;
        fs::rename(&temporary, &index_path).map_err(at(&index_path))?;
        sync_folder(path)?;
        let index = OpenOptions::new().append(true).open(&index_path).map_err(at(&index_path))?;
        Ok(Self { path: path.to_owned(), index: Mutex::new(index) })
    }

    /// Where the mail of `notice` is or would be.
    #[must_use]
    pub fn file_of(&self, notice: &NoticeKey) -> PathBuf {
        self.path.join(format!("{}.eml", notice.as_str()))
    }

    /// Puts a mail; when this returns, the mail is on disk.
    ///
    /// # Errors
    /// [`FolderError::Conflict`] where another mail has the name, else as [`OutboxFolder::open`].
    pub fn put(&self, message: &Message) -> Result<Put, FolderError> {
        self.put_bytes(&message.envelope.notice, &message.bytes)
    }

    /// As [`OutboxFolder::put`], for a mail that is bytes already.
    ///
    /// # Errors
    /// As [`OutboxFolder::put`].
    pub fn put_bytes(&self, notice: &NoticeKey, bytes: &[u8]) -> Result<Put, FolderError> {
        let file = self.file_of(notice);
        let temporary = self.path.join(format!("{}.tmp", notice.as_str()));
        // One writer at a time, the index's: two threads with one notice would share the temporary file.
        let mut index = self.index.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(present) = self.read_present(&file)? {
            return same(&present, notice, bytes);
        }
        write_durably(&temporary, bytes)?;
        // A link never replaces a name, where a rename would; not every file system has links.
        let linked = fs::hard_link(&temporary, &file);
        match linked {
            Ok(()) => fs::remove_file(&temporary).map_err(at(&temporary))?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                fs::remove_file(&temporary).map_err(at(&temporary))?;
                let present = fs::read(&file).map_err(at(&file))?;
                return same(&present, notice, bytes);
            }
            Err(_) => fs::rename(&temporary, &file).map_err(at(&file))?,
        }
        sync_folder(&self.path)?;
        let index_path = self.path.join(INDEX);
        let text = encode(&row(notice.as_str(), bytes)).map_err(in_index(&index_path))?;
        index.write_all(&text).map_err(at(&index_path))?;
        Ok(Put::Written)
    }

    fn read_present(&self, file: &Path) -> Result<Option<Vec<u8>>, FolderError> {
        match fs::read(file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(FolderError::Io { path: file.to_owned(), source }),
        }
    }
}

impl Sender for OutboxFolder {
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(async move {
            let accepted = |put| Accepted {
                message_id: message.message_id.clone(),
                reply: if put == Put::Written { "written" } else { "already there" }.to_owned(),
            };
            self.put(message).map(accepted).map_err(|error| {
                let conflict = matches!(error, FolderError::Conflict { .. });
                let kind = if conflict { FailureKind::Permanent } else { FailureKind::Transient };
                SendError { kind, code: None, cause: error.to_string() }
            })
        })
    }
}

fn same(present: &[u8], notice: &NoticeKey, bytes: &[u8]) -> Result<Put, FolderError> {
    if present == bytes {
        Ok(Put::AlreadyThere)
    } else {
        Err(FolderError::Conflict { name: format!("{}.eml", notice.as_str()) })
    }
}

/// The index row of a mail, read back from the mail itself.
fn row(notice: &str, bytes: &[u8]) -> [String; 5] {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4_096)]).into_owned();
    let header = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name));
        line.map(|value| value.trim().to_owned()).unwrap_or_default()
    };
    let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let to = header("To:").trim_matches(['<', '>']).to_owned();
    [notice.to_owned(), header("Message-ID:"), to, bytes.len().to_string(), digest]
}

fn encode(row: &[String]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(vec![]);
    writer.write_record(row)?;
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    let mut file = File::create(path).map_err(at(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(path))
}

fn sync_folder(path: &Path) -> Result<(), FolderError> {
    // A name is durable once its folder is; only Unix can sync one.
    if cfg!(unix) {
        File::open(path).and_then(|folder| folder.sync_all()).map_err(at(path))?;
    }
    Ok(())
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> FolderError + '_ {
    move |source| FolderError::Io { path: path.to_owned(), source }
}

fn in_index(path: &Path) -> impl FnOnce(csv::Error) -> FolderError + '_ {
    move |source| FolderError::Index { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::{FolderError, OutboxFolder, Put};
    use crate::mail::tests::{body, envelope};
    use crate::mail::{Message, write};
    use std::fs;

    fn mail(notice: &str) -> Message {
        write(envelope(notice), &body()).unwrap()
    }

    #[test]
    fn a_mail_is_written_once_and_indexed_once() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = OutboxFolder::open(folder.path()).unwrap();
        assert_eq!(outbox.put(&mail("not-1")).unwrap(), Put::Written);
        assert_eq!(outbox.put(&mail("not-1")).unwrap(), Put::AlreadyThere);
        assert_eq!(outbox.put(&mail("not-2")).unwrap(), Put::Written);
        let index = fs::read_to_string(folder.path().join("index.csv")).unwrap();
        assert_eq!(index.lines().count(), 3, "{index}");
        assert!(index.contains("not-2,<not-2.holdfast@kelp.example>,ada@reader.example,"), "{index}");
        assert_eq!(fs::read(folder.path().join("not-1.eml")).unwrap(), mail("not-1").bytes);
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 3, "no temporary file stays");
    }

    #[test]
    fn another_mail_under_the_same_notice_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = OutboxFolder::open(folder.path()).unwrap();
        outbox.put(&mail("not-1")).unwrap();
        let mut other = body();
        other.text = "something else".into();
        let refused = outbox.put(&write(envelope("not-1"), &other).unwrap());
        assert!(matches!(refused, Err(FolderError::Conflict { .. })));
        assert_eq!(fs::read(folder.path().join("not-1.eml")).unwrap(), mail("not-1").bytes);
    }

    #[test]
    fn a_crash_leaves_no_half_mail_and_a_lost_index_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        OutboxFolder::open(folder.path()).unwrap().put(&mail("not-1")).unwrap();
        fs::write(folder.path().join("not-2.tmp"), "half a ma").unwrap();
        fs::write(folder.path().join("index.csv"), "notice,mess").unwrap();
        let outbox = OutboxFolder::open(folder.path()).unwrap();
        assert!(!folder.path().join("not-2.tmp").exists());
        assert_eq!(outbox.put(&mail("not-1")).unwrap(), Put::AlreadyThere);
        outbox.put(&mail("not-2")).unwrap();
        let index = fs::read_to_string(folder.path().join("index.csv")).unwrap();
        let notices: Vec<&str> = index.lines().map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(notices, ["notice", "not-1", "not-2"]);
    }
}
