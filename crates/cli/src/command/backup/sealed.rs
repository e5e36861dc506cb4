//! Files encrypted with age, written so that only their owner may read them.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::exit::{Code, Failure};

/// The name a file has once it is encrypted.
pub fn named(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".age");
    PathBuf::from(name)
}

/// Whom to encrypt to.
pub fn recipients(named: &[String]) -> Result<Vec<age::x25519::Recipient>, Failure> {
    let one = |text: &String| {
        text.parse::<age::x25519::Recipient>().map_err(|error| {
            Failure::new(
                Code::Usage,
                format!("{text:?} is no key: {error}"),
                "a key begins with age1; `age-keygen` makes one",
            )
        })
    };
    named.iter().map(one).collect()
}

fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Writes a new file that only its owner may read.
pub fn private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn fault(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::input(
        format!("{}: {error}", path.display()),
        "check the path, its permissions and the room on the disk",
    )
}

/// Encrypts a file and removes the plain one; gives the encrypted one's path.
pub fn lock(path: &Path, recipients: &[age::x25519::Recipient]) -> Result<PathBuf, Failure> {
    let to = named(path);
    let all = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(all).map_err(|error| fault(&to, &error))?;
    let io = |error: std::io::Error| fault(&to, &error);
    let mut source = BufReader::new(File::open(path).map_err(io)?);
    let mut writer = encryptor.wrap_output(BufWriter::new(create(&to).map_err(io)?)).map_err(io)?;
    std::io::copy(&mut source, &mut writer).map_err(io)?;
    let file = writer.finish().map_err(io)?.into_inner().map_err(|error| fault(&to, &error.error()))?;
    file.sync_all().map_err(io)?;
    std::fs::remove_file(path).map_err(|error| fault(path, &error))?;
    Ok(to)
}

/// A folder of this run's own: what is plain for a moment lies in it, and is gone with it.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(parent: &Path) -> Result<Self, Failure> {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        let path = parent.join(format!(
            ".holdfast-{}-{}",
            std::process::id(),
            jiff::Timestamp::now().as_nanosecond()
        ));
        std::fs::create_dir_all(&path).map_err(|error| fault(&path, &error))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let own = std::fs::Permissions::from_mode(0o700);
            std::fs::set_permissions(&path, own).map_err(|error| fault(&path, &error))?;
        }
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is told by the folder that is left behind.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Opens what is encrypted.
pub struct Opener {
    identities: Vec<age::x25519::Identity>,
    scratch: Scratch,
}

impl Opener {
    /// With the identity in a file; plain copies lie beside `near` while they are needed.
    pub fn new(identity: Option<&Path>, near: &Path) -> Result<Self, Failure> {
        let mut identities = Vec::new();
        if let Some(path) = identity {
            let text = std::fs::read_to_string(path).map_err(|error| fault(path, &error))?;
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            for line in lines {
                let parsed = line.parse::<age::x25519::Identity>();
                // The line is a secret: it is not repeated.
                identities.push(parsed.map_err(|_| fault(path, &"a line is no age identity"))?);
            }
        }
        Ok(Self { identities, scratch: Scratch::new(near.parent().unwrap_or(Path::new(".")))? })
    }

    /// The path of a plain file: the file itself, or its decrypted copy.
    pub fn plain(&self, path: &Path) -> Result<PathBuf, Failure> {
        if path.extension().is_none_or(|end| end != "age") {
            return Ok(path.to_owned());
        }
        if self.identities.is_empty() {
            return Err(Failure::new(
                Code::Usage,
                format!("{} is encrypted", path.display()),
                "name the file with the age identity that opens it: --identity FILE",
            ));
        }
        let to = self.scratch.path().join(path.file_stem().unwrap_or_default());
        let io = |error: std::io::Error| fault(path, &error);
        let source = BufReader::new(File::open(path).map_err(io)?);
        let decryptor = age::Decryptor::new_buffered(source).map_err(|error| fault(path, &error))?;
        let identities = self.identities.iter().map(|identity| identity as &dyn age::Identity);
        let mut reader = decryptor.decrypt(identities).map_err(|error| fault(path, &error))?;
        let mut target = BufWriter::new(create(&to).map_err(|error| fault(&to, &error))?);
        std::io::copy(&mut reader, &mut target).map_err(io)?;
        target.flush().map_err(|error| fault(&to, &error))?;
        Ok(to)
    }
}
