//! What fills a column where nothing is written to it: its default, or an identity.

use super::{POSTGRES, Postgres, Rank};
use crate::ddl_writer::sound;
use crate::fix::plan::FixKind;
use crate::fix::{FixStep, Hazard, LockMode};
use crate::name::quote_ident;
use crate::validate::Change;

impl<'a> Postgres<'a> {
    pub(super) fn default(&mut self, change: &'a Change, expected: Option<&str>) {
        let Some((key, table)) = self.table_there(change) else {
            return;
        };
        let name = &change.difference.object.name;
        if expected.is_some_and(|text| !sound::is_expression(text, POSTGRES)) {
            return self.leave(change, "it is not one expression");
        }
        if let Some(column) = self.wanted_column(change).filter(|_| expected.is_some()) {
            self.sequences_of(key, column);
        }
        let (sql, own) = (Postgres::sql_name(table), quote_ident(name));
        let (what, how) = match expected {
            Some(text) => (
                format!("set the default of `{key}.{name}`"),
                format!("SET DEFAULT {}", sound::default(text, POSTGRES)),
            ),
            None => (
                format!("drop the default of `{key}.{name}`"),
                "DROP DEFAULT".to_owned(),
            ),
        };
        let step = FixStep::new(FixKind::ChangeDefault, self.column_object(key, name), what)
            .run(format!("ALTER TABLE {sql} ALTER COLUMN {own} {how}"))
            .lock(key, LockMode::AccessExclusive)
            .hazard(Hazard::MetadataOnly);
        self.add(Rank::Column, step);
    }

    /// A column that the database is to fill; how, the schema may say.
    pub(super) fn fill(&mut self, change: &'a Change) {
        let Some(wanted) = self.wanted_column(change) else {
            return;
        };
        match (&wanted.default, wanted.identity) {
            (Some(default), _) => self.default(change, Some(default)),
            (None, Some(_)) => self.identity(change),
            (None, None) => self.leave(change, "the declaration does not say with what"),
        }
    }
}
