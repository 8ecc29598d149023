//! What fills a column where nothing is written to it: defaults and identities.

use super::{POSTGRES, Postgres, Rank};
use crate::ddl_writer::{quote, sound};
use crate::fix::fact::{Fact, FactKind, Rule};
use crate::fix::plan::FixKind;
use crate::fix::{FixStep, Hazard, LockMode};
use crate::name::quote_ident;
use crate::schema::Identity;
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

    pub(super) fn identity(&mut self, change: &'a Change) {
        let Some((key, table)) = self.table_there(change) else {
            return;
        };
        let name = &change.difference.object.name;
        let (Some(there), Some(wanted)) = (table.column(name), self.wanted_column(change)) else {
            return;
        };
        let (sql, own) = (Postgres::sql_name(table), quote_ident(name));
        let how = |identity| match identity {
            Identity::Always => "ALWAYS",
            Identity::ByDefault => "BY DEFAULT",
        };
        let step = |what: String| {
            FixStep::new(FixKind::ChangeIdentity, self.column_object(key, name), what)
                .lock(key, LockMode::AccessExclusive)
        };
        let alter = format!("ALTER TABLE {sql} ALTER COLUMN {own}");
        let step = match (there.identity, wanted.identity) {
            (Some(a), Some(e)) if a == e => {
                return self.leave(change, "how its sequence counts is not changed");
            }
            (Some(_), Some(e)) => step(format!("change the identity of `{key}.{name}`"))
                .run(format!("{alter} SET GENERATED {}", how(e)))
                .hazard(Hazard::MetadataOnly),
            (Some(_), None) => {
                return self.leave(change, "the sequence of the identity would be dropped");
            }
            (None, None) => return,
            (None, Some(_)) if there.generated.is_some() => {
                return self.leave(change, "it is computed from others");
            }
            (None, Some(e)) => {
                let mut step = step(format!("make `{key}.{name}` an identity"));
                if there.default.is_some() {
                    step = step.run(format!("{alter} DROP DEFAULT"));
                }
                if there.nullable {
                    let nulls = self.count(key, &format!("{own} IS NULL"));
                    let why = "{} rows have NULL: give them a value first".to_owned();
                    let rule = Rule::NoneOrLeftOut(why);
                    step = step.run(format!("{alter} SET NOT NULL")).fact(Fact::new(
                        FactKind::Nulls,
                        nulls,
                        rule,
                    ));
                }
                let table_text = quote::literal(&sql, POSTGRES);
                let column_text = quote::literal(name, POSTGRES);
                step.run(format!("{alter} ADD GENERATED {} AS IDENTITY", how(e)))
                    .run(format!(
                        "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence({table_text}, {column_text}), \
                         GREATEST(pg_catalog.max({own}), 0) + 1, false) FROM {sql}"
                    ))
                    .hazard(Hazard::Scans)
            }
        };
        self.add(Rank::Column, step);
    }
}
