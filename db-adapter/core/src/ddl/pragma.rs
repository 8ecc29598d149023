//! The pragmas of SQLite that decide what a statement does to the schema. All others change nothing of it.

use super::SqlDialect;
use super::cursor::Cursor;
use super::reader::Reader;

/// Those that decide what a rename of a table reaches, as SQLite's shell begins.
#[derive(Default)]
pub(super) struct Pragmas {
    foreign_keys: bool,
    legacy_alter_table: bool,
}

impl Reader<'_> {
    /// `PRAGMA [schema.]name = value`, or with the value in parentheses.
    pub(super) fn pragma(&mut self, c: &mut Cursor<'_>) {
        let start = *c;
        c.next();
        let Ok((_, name)) = c.qualified("a pragma") else {
            return;
        };
        let has_value = c.eat_symbol('=') || c.eat_symbol('(');
        let number = c.integer();
        let value = c.string().unwrap_or_else(|| c.word(0).to_owned());
        let value = value.to_ascii_lowercase();
        let number = number.or_else(|| value.parse().ok());
        let on = number.is_some_and(|number| number != 0)
            || matches!(value.as_str(), "on" | "yes" | "true");
        match name.to_ascii_lowercase().as_str() {
            "legacy_alter_table" if has_value => self.pragmas.legacy_alter_table = on,
            // SQLite does nothing inside of a transaction
            "foreign_keys" if has_value && self.marks.is_empty() => self.pragmas.foreign_keys = on,
            // rows that are written into the schema's own table change it
            "writable_schema" if on => {
                self.unknown_statement(&start, "PRAGMA writable_schema");
            }
            _ => {}
        }
    }

    /// Whether a rename of a table changes the references to it.
    pub(super) fn rename_reaches_references(&self) -> bool {
        self.dialect == SqlDialect::Postgres
            || self.pragmas.foreign_keys
            || !self.pragmas.legacy_alter_table
    }
}
