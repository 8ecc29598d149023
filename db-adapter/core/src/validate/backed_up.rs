//! Whether the tables that are backed up fit the database: what a backup and a restore would refuse, told
//! before. What the other comparisons say of the same object already is not said twice.

use super::findings::{Findings, Found};
use super::lookup::Actual;
use super::wanted::{Wanted, key_of};
use super::{DifferenceKind, ObjectKind, Severity};
use crate::TableName;
use crate::backup::BackupSchema;
use crate::fit::{Misfit, NotOutside, Resolved, fit};

/// Adds what does not fit, as errors.
pub(super) fn compare(wanted: &Wanted<'_>, actual: &Actual<'_>, findings: &mut Findings) {
    for schema in &wanted.backups {
        let tables = resolved(schema, actual);
        for misfit in fit(schema, actual.schema, &tables) {
            let key = key_of(misfit.table());
            // without its constraints nothing is known of its keys, which is told already
            let is_known = actual.why_left_out("constraint", &key).is_none()
                && actual.why_left_out("table", &key).is_none();
            let is_known = is_known && was_looked_for(&misfit, actual);
            if let Some(found) = found(&key, &misfit).filter(|_| is_known)
                && !findings.has_error_about(&found)
            {
                findings.add(found);
            }
        }
    }
}

/// An owner, or a table outside, may be in a schema that was not looked at, such as that of a service for logins.
fn was_looked_for(misfit: &Misfit, actual: &Actual<'_>) -> bool {
    match misfit {
        Misfit::NoOwners { owners: other, .. }
        | Misfit::NotOutside {
            references: other,
            why: NotOutside::NoTable,
            ..
        } => {
            let key = key_of(other);
            actual.why_left_out("table", &key).is_none()
                && actual.why_schema_left_out(&key).is_none()
        }
        _ => true,
    }
}

/// The tables as the connection finds them.
fn resolved(schema: &BackupSchema, actual: &Actual<'_>) -> Resolved {
    let mut tables = Resolved::default();
    for declared in Resolved::names(schema) {
        let Ok(name) = TableName::parse(declared) else {
            continue;
        };
        if let Some((_, table)) = actual.table(name.schema.as_deref(), &name.name) {
            let found = TableName {
                schema: table.schema.clone(),
                name: table.name.clone(),
            };
            tables.insert(declared, found);
        }
    }
    tables
}

/// `None` for a missing table, which is a difference by itself.
fn found(key: &str, misfit: &Misfit) -> Option<Found> {
    let (kind, object, columns) = match misfit {
        Misfit::NoTable { .. } | Misfit::NotATable { .. } => return None,
        Misfit::KeyNotUnique { key, .. } => {
            (DifferenceKind::NotProven, ObjectKind::PrimaryKey, &key[..])
        }
        Misfit::OtherTarget { columns, .. }
        | Misfit::NotOutside { columns, .. }
        | Misfit::NeverNull { columns, .. }
        | Misfit::OverTime { columns, .. } => (
            DifferenceKind::Reference,
            ObjectKind::ForeignKey,
            &columns[..],
        ),
        Misfit::NoOwners { field, .. }
        | Misfit::OtherOwners { column: field, .. }
        | Misfit::OtherKind { column: field, .. }
        | Misfit::Computed { column: field, .. } => (
            DifferenceKind::Reference,
            ObjectKind::ForeignKey,
            std::slice::from_ref(field),
        ),
        Misfit::NotRenewed { column, .. } => (
            DifferenceKind::NotProven,
            ObjectKind::Column,
            std::slice::from_ref(column),
        ),
        Misfit::Undeclared { columns, .. } => (
            DifferenceKind::Undeclared,
            ObjectKind::ForeignKey,
            &columns[..],
        ),
    };
    let notice = misfit.notice();
    let found = Found::of_table(kind, object, key, &columns.join(", "))
        .severity(Severity::Error)
        .actual(notice.message.as_str())
        .message(format!(
            "{}, so a backup or a restore would be refused",
            notice.message
        ));
    Some(match notice.hint {
        Some(hint) => found.hint(hint),
        None => found,
    })
}
