//! Reads the rows of one table from the source, in batches that fit into memory. Decides nothing
//! about them.

use std::future::poll_fn;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::Poll;

use super::fingerprint::Fingerprints;
use super::plan::{RestorePlan, TablePlan};
use super::row::{Item, Layout, RowReader, Unfit};
use super::source::{RowSource, SourceRow, Words};
use crate::row::Header;
use crate::{Error, Notice, Result};

/// Rows that are read, and sent, at once.
pub(super) const ROWS: usize = 10_000;
/// The same in bytes.
pub(super) const BYTES: usize = 8 << 20;

/// The columns of rows in the source, and those of them that are written.
pub(super) struct Shape {
    pub(super) layout: Layout,
    pub(super) header: Arc<Header>,
}

/// Rows of the source.
#[derive(Default)]
pub(super) struct ReadRows {
    pub(super) items: Vec<Item>,
    /// Those that do not fit the destination.
    pub(super) unfit: Vec<Unfit>,
    pub(super) count: u64,
}

/// The rows of one table under way.
pub(super) struct Reading<'p> {
    reader: RowReader<'p>,
    words: &'p dyn Words,
    table: &'p TablePlan,
    /// By the number that an item has of its own.
    pub(super) shapes: Vec<Arc<Shape>>,
}

impl<'p> Reading<'p> {
    pub(super) fn new(
        plan: &'p RestorePlan,
        table: &'p TablePlan,
        fingerprints: Fingerprints,
    ) -> Self {
        Reading {
            reader: RowReader::new(plan, table, fingerprints),
            words: plan.words.as_ref(),
            table,
            shapes: Vec::new(),
        }
    }

    /// The next batch; none at the end of the table. It pauses again and again, so that what is
    /// joined with it goes on.
    pub(super) async fn next<S: RowSource>(&mut self, source: &mut S) -> Result<ReadRows> {
        let mut read = ReadRows::default();
        let mut bytes = 0;
        while read.items.len() < ROWS && bytes < BYTES {
            pause().await;
            let mut take = |row: &dyn SourceRow| {
                bytes += self.take(row, &mut read)?;
                Ok(match read.items.len() < ROWS && bytes < BYTES {
                    true => ControlFlow::Continue(()),
                    false => ControlFlow::Break(()),
                })
            };
            if !source.rows(&mut take).await? {
                break;
            }
        }
        Ok(read)
    }

    /// Takes a row into the batch; gives how many bytes it has there.
    fn take(&mut self, row: &dyn SourceRow, read: &mut ReadRows) -> Result<usize> {
        read.count += 1;
        let shape = self.shape(row.names())?;
        let known = self.shapes.get(shape).ok_or_else(|| {
            Error::internal(format!(
                "a row of `{}` is of a shape that was not read",
                self.table.name
            ))
        })?;
        match self.reader.read(row, &known.layout, shape) {
            Ok(item) => {
                let bytes = item.weight();
                read.items.push(item);
                Ok(bytes)
            }
            Err(why) => {
                read.unfit.push(why);
                Ok(0)
            }
        }
    }

    /// The shape of rows with these columns, mostly that of the row before.
    fn shape(&mut self, names: &[String]) -> Result<usize> {
        let mut shapes = self.shapes.iter();
        if let Some(found) = shapes.rposition(|shape| shape.layout.is_of(names)) {
            return Ok(found);
        }
        let table = self.table;
        let layout = Layout::new(table, names).map_err(|column| Error::RestoreRefused {
            problems: vec![Notice::new(format!(
                "{} has the column `{column}` of `{}`, which the destination does not have",
                self.words.source(),
                table.name
            ))],
        })?;
        let written = layout.written.iter().filter_map(|c| table.columns.get(*c));
        let header = Header::new(written.map(|column| column.name.as_str()))?;
        self.shapes.push(Arc::new(Shape { layout, header }));
        Ok(self.shapes.len() - 1)
    }
}

/// Lets others of the same task go on.
async fn pause() {
    let mut paused = false;
    poll_fn(|context| {
        if paused {
            return Poll::Ready(());
        }
        paused = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
