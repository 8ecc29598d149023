//! What fills a column where nothing is written to it: its default, or an identity.

use super::{POSTGRES, Postgres, Rank};
use crate::ddl_writer::{quote, sound};
use crate::fix::plan::FixKind;
use crate::fix::{FixStep, Hazard, LockMode};
use crate::name::quote_ident;
use crate::schema::SequenceSchema;
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
        let mut tables = self.work.actual.tables.values();
        let hands_down = tables.any(|other| {
            let mut above = other.partition_of.iter().chain(&other.inherits);
            above.any(|above| above == key)
        });
        // parts and tables that inherit have defaults of their own
        let sql = match hands_down {
            true => format!("ONLY {}", Postgres::sql_name(table)),
            false => Postgres::sql_name(table),
        };
        let own = quote_ident(name);
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
        let mut step = FixStep::new(FixKind::ChangeDefault, self.column_object(key, name), what)
            .run(format!("ALTER TABLE {sql} ALTER COLUMN {own} {how}"))
            .lock(key, LockMode::AccessExclusive);
        step = match self
            .sequence_owned_by(change)
            .filter(|_| expected.is_some())
        {
            Some(found) => {
                let whole = found.numbering().with_defaults(&found.data_type);
                let schema = found.schema.as_deref();
                let sequence = quote::qualified(schema, &found.name, POSTGRES);
                let sequence = quote::literal(&sequence, POSTGRES);
                let new = format!("(SELECT {sequence}::pg_catalog.regclass AS seq)");
                let sql = Postgres::sql_name(table);
                step.run(self.goes_on(&sql, name, &whole, &new))
                    .hazard(Hazard::Scans)
            }
            None => step.hazard(Hazard::MetadataOnly),
        };
        self.add(Rank::Column, step);
    }

    /// The sequence that goes with the column.
    fn sequence_owned_by(&self, change: &Change) -> Option<&'a SequenceSchema> {
        let object = &change.difference.object;
        let mut sequences = self.work.goal.schema.sequences.values();
        sequences.find(|found| {
            let owner = found.owned_by.as_ref();
            owner.is_some_and(|(table, column)| {
                Some(table) == object.table.as_ref() && *column == object.name
            })
        })
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
