//! What a command reads: files with their limits, and errors that say what to do.

use std::path::Path;

use crate::exit::Failure;

/// The largest file that is read whole: 1 GiB.
pub const FILE_MAX: u64 = 1 << 30;

/// A file's bytes.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    let size = std::fs::metadata(path)
        .map_err(|error| {
            Failure::input(format!("read {shown}: {error}"), "check the path and its permissions")
        })?
        .len();
    if size > FILE_MAX {
        return Err(Failure::input(
            format!("read {shown}: it has {size} bytes, {FILE_MAX} are the most"),
            "split the file",
        ));
    }
    std::fs::read(path).map_err(|error| {
        Failure::input(format!("read {shown}: {error}"), "check the path and its permissions")
    })
}

/// A file's text in UTF-8.
pub fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes(path)?).map_err(|error| {
        Failure::input(format!("read {}: {error}", path.display()), "save the file as UTF-8")
    })
}

/// A file's bytes, unpacked if its name ends in `.gz`.
pub fn maybe_gz(path: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read;
    let raw = bytes(path)?;
    if path.extension().is_none_or(|extension| extension != "gz") {
        return Ok(raw);
    }
    let mut plain = Vec::new();
    let mut unpack = flate2::read::MultiGzDecoder::new(raw.as_slice()).take(4 * FILE_MAX);
    unpack.read_to_end(&mut plain).map_err(|error| {
        Failure::input(format!("unpack {}: {error}", path.display()), "check that the file is whole")
    })?;
    Ok(plain)
}

/// The files of a folder that a book may consist of, with their bytes, ordered by name.
pub fn folder(path: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let shown = path.display();
    let entries = std::fs::read_dir(path).map_err(|error| {
        Failure::input(format!("read folder {shown}: {error}"), "name the folder that holds the book")
    })?;
    let mut files = Vec::new();
    for entry in entries {
        let entry =
            entry.map_err(|error| Failure::input(format!("read folder {shown}: {error}"), "try again"))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let wanted = [".csv", ".tsv", ".xlsx"].iter().any(|ending| name.to_lowercase().ends_with(ending));
        if wanted && !name.starts_with('.') {
            files.push((name, bytes(&entry.path())?));
        }
    }
    files.sort();
    Ok(files)
}
