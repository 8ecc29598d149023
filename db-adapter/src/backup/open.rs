//! Opens a backup file to read it: plain, compressed, or standard input. Decides by the name
//! alone, and looks at nothing inside.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::file::BackupReader;
use crate::{Error, Result};

/// How much is read at a time.
const BUFFER: usize = 256 << 10;

/// The input of a file that is open.
pub(crate) type Input = Box<dyn BufRead + Send>;

/// Opens a backup: `-` is standard input, a name that ends in `.zst` is compressed.
///
/// # Errors
/// [`Error::File`] when it cannot be opened, [`Error::Unsupported`] for a compressed file without
/// the feature `zstd`.
pub(crate) fn open(path: &Path) -> Result<BackupReader<Input>> {
    if is_standard(path) {
        let input: Input = Box::new(BufReader::with_capacity(BUFFER, std::io::stdin()));
        return Ok(BackupReader::new(input, "-"));
    }
    from(file(path)?, path)
}

/// Reads a file that is open from where it stands; `path` names it.
pub(crate) fn from(file: File, path: &Path) -> Result<BackupReader<Input>> {
    let input: Input = match is_compressed(path) {
        true => decompressed(file)?,
        false => Box::new(BufReader::with_capacity(BUFFER, file)),
    };
    Ok(BackupReader::new(input, path.display().to_string()))
}

/// Whether the name means standard input or output.
pub(crate) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Whether the name says that the file is compressed.
pub(crate) fn is_compressed(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("zst"))
}

/// Opens a file to read it.
pub(crate) fn file(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|error| failed("open", path, &error))?;
    match file.metadata() {
        Ok(found) if found.is_dir() => Err(Error::File {
            path: path.display().to_string(),
            action: "open",
            message: "it is a folder".to_owned(),
            hint: Some("name the file in it".to_owned()),
        }),
        _ => Ok(file),
    }
}

/// The operating system's words, which hold no value of a row.
pub(crate) fn failed(action: &'static str, path: &Path, error: &std::io::Error) -> Error {
    let hint = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            Some("free some space, or write to another place")
        }
        _ => None,
    };
    let message = match error.raw_os_error() {
        Some(_) => error.to_string(),
        None => error.kind().to_string(),
    };
    Error::File {
        path: path.display().to_string(),
        action,
        message,
        hint: hint.map(str::to_owned),
    }
}

#[cfg(feature = "zstd")]
fn decompressed(file: File) -> Result<Input> {
    let input = BufReader::with_capacity(BUFFER, file);
    match zstd::Decoder::with_buffer(input) {
        Ok(decoder) => Ok(Box::new(BufReader::with_capacity(BUFFER, decoder))),
        Err(_) => Err(Error::unsupported(
            "reading a compressed file",
            "this machine",
            "",
        )),
    }
}

#[cfg(not(feature = "zstd"))]
fn decompressed(_: File) -> Result<Input> {
    Err(without_zstd())
}

/// What a build without compression answers.
#[cfg(not(feature = "zstd"))]
pub(crate) fn without_zstd() -> Error {
    Error::unsupported(
        "a backup file that ends in `.zst`",
        "a build without the feature `zstd`",
        "turn on the feature `zstd` of `db-adapter`, or compress the file outside",
    )
}
