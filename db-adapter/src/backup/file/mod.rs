//! The format of backup files: written, read, sealed. Pure: knows neither paths nor databases,
//! and never shows a value of a row. `docs/backup-file-format.md` specifies it.

mod cell;
mod frame;
mod integrity;
mod metadata;
mod reader;
mod row;
mod scan;
mod seal;
mod syntax;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use cell::as_read;
pub(crate) use metadata::{Details, Metadata, TableDetails, one_line};
pub(crate) use reader::{BackupReader, Ending, Event, MAX_ROW};
pub(crate) use row::FileRow;
pub(crate) use syntax::unquote;
pub(crate) use writer::BackupWriter;
