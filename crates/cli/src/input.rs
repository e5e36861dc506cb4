//! What a command reads: files with their limits, and errors that say what to do.

use std::path::Path;

use crate::exit::Failure;

/// The largest file that is read whole: 1 GiB.
pub const FILE_MAX: u64 = 1 << 30;

/// A file's bytes.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    let found = std::fs::metadata(path).map_err(|error| {
        Failure::input(format!("read {shown}: {error}"), "check the path and its permissions")
    })?;
    let size = found.len();
    if size > FILE_MAX {
        return Err(Failure::input(
            format!("read {shown}: it has {size} bytes, {FILE_MAX} are the most"),
            "split the file",
        ));
    }
    let bytes = match found.is_file() {
        true => std::fs::read(path),
        false => read_stream(path),
    };
    let bytes = bytes.map_err(|error| {
        Failure::input(format!("read {shown}: {error}"), "check the path and its permissions")
    })?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(Failure::input(
            format!("read {shown}: it has no end, {FILE_MAX} bytes are the most"),
            "name a file",
        ));
    }
    Ok(bytes)
}

/// What a pipe or a device gives, one byte more than the limit at most: neither says how long it is.
fn read_stream(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(FILE_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file's text in UTF-8.
pub fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes(path)?).map_err(|error| {
        Failure::input(format!("read {}: {error}", path.display()), "save the file as UTF-8")
    })
}

/// A file's bytes, unpacked if its name ends in `.gz`.
pub fn maybe_gz(path: &Path) -> Result<Vec<u8>, Failure> {
    let raw = bytes(path)?;
    if path.extension().is_none_or(|extension| extension != "gz") {
        return Ok(raw);
    }
    unpacked(&raw, FILE_MAX, path)
}

/// What gzip packed, `most` bytes at most: a few bytes can hold very many.
fn unpacked(raw: &[u8], most: u64, path: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read;
    let mut plain = Vec::new();
    let mut unpack = flate2::read::MultiGzDecoder::new(raw).take(most + 1);
    unpack.read_to_end(&mut plain).map_err(|error| {
        Failure::input(format!("unpack {}: {error}", path.display()), "check that the file is whole")
    })?;
    if plain.len() as u64 > most {
        return Err(Failure::input(
            format!("unpack {}: it holds more than {most} bytes", path.display()),
            "split the file, and do not trust its source",
        ));
    }
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

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::Path;

    use super::unpacked;

    /// Once the rest was left out in silence, and a part of a file was read as if it were all of it.
    #[test]
    fn what_unpacks_to_more_than_the_limit_is_refused_not_cut() {
        let mut pack = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        pack.write_all(&[b'0'; 5_000]).unwrap();
        let packed = pack.finish().unwrap();
        let path = Path::new("orders.csv.gz");
        assert_eq!(unpacked(&packed, 5_000, path).unwrap().len(), 5_000);
        let told = unpacked(&packed, 4_999, path).unwrap_err();
        assert!(told.cause.contains("orders.csv.gz") && told.cause.contains("4999"), "{}", told.cause);
    }
}
