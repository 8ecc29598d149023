//! Writes a backup file in one pass, one row a line, and seals it. Formats and hashes; whoever
//! opened the output makes it durable.

use std::collections::BTreeMap;
use std::io::{self, Write};

use db_adapter_core::SqlType;
use sha2::{Digest, Sha256};

use super::cell;
use super::metadata::Metadata;
use super::seal::Seal;
use crate::Value;

/// How much is kept before it is written.
const BUFFER: usize = 128 << 10;

/// A backup file under way.
pub(crate) struct BackupWriter<W> {
    out: W,
    hash: Sha256,
    buffer: Vec<u8>,
    columns: Vec<(Vec<u8>, SqlType)>,
    rows: BTreeMap<String, u64>,
    table: Option<(String, u64)>,
}

impl<W: Write> BackupWriter<W> {
    /// Begins a file with its metadata.
    pub(crate) fn new(out: W, metadata: &Metadata) -> io::Result<Self> {
        let mut text = Vec::new();
        metadata.write(&mut text)?;
        let mut buffer = Vec::with_capacity(BUFFER + (16 << 10));
        buffer.extend_from_slice(b"{\"metadata\":");
        buffer.append(&mut text);
        Ok(BackupWriter {
            out,
            hash: Sha256::new(),
            buffer,
            columns: Vec::new(),
            rows: BTreeMap::new(),
            table: None,
        })
    }

    /// Begins a table: by its name in the file, with the columns that every row has.
    pub(crate) fn table(&mut self, key: &str, columns: &[(String, SqlType)]) -> io::Result<()> {
        self.end_table();
        self.buffer.extend_from_slice(b",\n");
        serde_json::to_writer(&mut self.buffer, key)?;
        self.buffer.extend_from_slice(b":[");
        self.columns.clear();
        for (i, (name, sql_type)) in columns.iter().enumerate() {
            let mut prefix = vec![if i == 0 { b'{' } else { b',' }];
            serde_json::to_writer(&mut prefix, name)?;
            prefix.push(b':');
            self.columns.push((prefix, sql_type.clone()));
        }
        self.table = Some((key.to_owned(), 0));
        Ok(())
    }

    /// One row: the values of the table's columns in their order. Gives how many bytes it takes.
    pub(crate) fn row<'a>(&mut self, values: impl Iterator<Item = &'a Value>) -> io::Result<usize> {
        let Some((_, count)) = &mut self.table else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let separator: &[u8] = if *count == 0 { b"\n" } else { b",\n" };
        self.buffer.extend_from_slice(separator);
        *count += 1;
        let before = self.buffer.len();
        for ((prefix, sql_type), value) in self.columns.iter().zip(values) {
            self.buffer.extend_from_slice(prefix);
            cell::write(&mut self.buffer, value, sql_type);
        }
        self.buffer.extend_from_slice(b"}");
        let size = self.buffer.len() - before;
        if self.buffer.len() >= BUFFER {
            self.flush()?;
        }
        Ok(size)
    }

    /// Ends the file with its seal; gives the output and the rows written.
    pub(crate) fn finish(mut self) -> io::Result<(W, BTreeMap<String, u64>)> {
        self.end_table();
        self.buffer.extend_from_slice(b",\n");
        self.flush()?;
        let hash = std::mem::take(&mut self.hash).finalize();
        let seal = Seal::new(std::mem::take(&mut self.rows), hash.into());
        self.buffer.extend_from_slice(b"\"seal\":");
        serde_json::to_writer(&mut self.buffer, &seal)?;
        self.buffer.extend_from_slice(b"}\n");
        self.flush()?;
        self.out.flush()?;
        Ok((self.out, seal.rows))
    }

    fn end_table(&mut self) {
        if let Some((key, count)) = self.table.take() {
            let end: &[u8] = if count == 0 { b"]" } else { b"\n]" };
            self.buffer.extend_from_slice(end);
            self.rows.insert(key, count);
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hash.update(&self.buffer);
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}
