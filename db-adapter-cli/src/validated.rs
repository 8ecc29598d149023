//! Before a write: whether the open database is the one that was validated. Only looks.

use db_adapter::{ActiveProfile, AdapterOptions, LockMismatch, Notice, compare_with_lock};

use crate::database::Database;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::report::Report;

/// What must be as it was validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validated {
    /// The database; the statement itself may be what changes its schema.
    Database,
    /// Its schema too.
    Schema,
}

/// Refuses a profile whose lock was written for another database, or, where that is asked, for
/// another schema of it. A bare URL and a profile that the lock is not about were named by whoever
/// runs this: they have nothing to be compared with.
pub(crate) async fn check(
    what: Validated,
    database: &Database,
    active: &ActiveProfile,
    options: &AdapterOptions,
    printer: &mut Printer,
) -> Result<(), Report> {
    let Some(name) = active.name() else {
        return Ok(());
    };
    let with_schema = what == Validated::Schema;
    let client = &*database.client;
    let found = compare_with_lock(client, &database.url, Some(name), options, with_schema).await?;
    match found {
        None
        | Some(
            LockMismatch::NoLock | LockMismatch::Profile { .. } | LockMismatch::UnknownDatabase,
        ) => Ok(()),
        Some(mismatch) if mismatch.is_warning() => {
            printer.warning(&Notice::new(mismatch.to_string()).into());
            Ok(())
        }
        Some(mismatch) => Err(
            Report::new(Exit::Refused, mismatch.to_string()).hint(format!(
                "look at it, then validate it: `db-adapter connect --profile {name}`"
            )),
        ),
    }
}
