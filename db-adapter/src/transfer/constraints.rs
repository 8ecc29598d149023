//! When the constraints that may wait are checked: at once while rows are restored, so that a row
//! is refused when it is sent; foreign keys to rows that come later when those are there. In a transaction of the
//! caller they are as declared again afterwards. Pure.

use db_adapter_core::{DatabaseSchema, push_quoted};

use super::plan::RestorePlan;

/// All that may wait, those of triggers among them.
const ALL: &str = "SET CONSTRAINTS ALL IMMEDIATE";

/// The constraints of a database that may wait for the end of the transaction.
pub(super) struct Waiting {
    /// Whether the transaction goes on after the restore.
    nested: bool,
    /// Their quoted names, and whether they wait without being asked.
    names: Vec<(String, bool)>,
}

/// A trigger that may wait for the end of the transaction.
pub(super) struct Deferrable {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) initially_deferred: bool,
}

impl Waiting {
    pub(super) fn of(database: &DatabaseSchema, nested: bool) -> Self {
        let mut names = Vec::new();
        for table in database.tables.values() {
            for (name, constraint) in &table.constraints {
                if constraint.deferrable {
                    let quoted = quoted(table.schema.as_deref(), name);
                    names.push((quoted, constraint.initially_deferred));
                }
            }
        }
        Waiting { nested, names }
    }

    /// Triggers that may wait as well: in a transaction that goes on they are named.
    pub(super) fn triggers(&mut self, triggers: impl IntoIterator<Item = Deferrable>) {
        let named = triggers.into_iter().map(|own| {
            let quoted = quoted(Some(&own.schema), &own.name);
            (quoted, own.initially_deferred)
        });
        self.names.extend(named);
    }

    /// The statement before the first row, where one is needed.
    pub(super) fn at_once(&self) -> Option<String> {
        if self.nested {
            return self.set(|_| true, "IMMEDIATE");
        }
        Some(ALL.to_owned())
    }

    /// The statement after the last row, where the transaction goes on.
    pub(super) fn as_declared(&self) -> Option<String> {
        if !self.nested {
            return None;
        }
        self.set(|initially_deferred| initially_deferred, "DEFERRED")
    }

    fn set(&self, which: impl Fn(bool) -> bool, when: &str) -> Option<String> {
        let names = self.names.iter().filter(|(_, deferred)| which(*deferred));
        let names: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
        (!names.is_empty()).then(|| format!("SET CONSTRAINTS {} {when}", names.join(", ")))
    }
}

/// The statement by which the foreign keys of the plan wait that have to.
pub(super) fn put_off(plan: &RestorePlan) -> Option<String> {
    if plan.waiting_keys.is_empty() {
        return None;
    }
    let names = plan.waiting_keys.iter();
    let names: Vec<String> = names.map(|(s, name)| quoted(s.as_deref(), name)).collect();
    Some(match plan.sets_constraints {
        true => format!("SET CONSTRAINTS {} DEFERRED", names.join(", ")),
        // all of them; it ends with the transaction, and not before: SQLite would forget what is open
        false => "PRAGMA defer_foreign_keys = ON".to_owned(),
    })
}

fn quoted(schema: Option<&str>, name: &str) -> String {
    let mut quoted = String::new();
    if let Some(schema) = schema {
        push_quoted(&mut quoted, schema);
        quoted.push('.');
    }
    push_quoted(&mut quoted, name);
    quoted
}
