//! Identities: how rows are numbered, and from where on. A number that was given is not given again.

use super::{POSTGRES, Postgres, Rank};
use crate::ddl_writer::{column, quote};
use crate::fix::fact::{Fact, FactKind, Rule};
use crate::fix::plan::FixKind;
use crate::fix::{FixStep, Hazard, LockMode};
use crate::name::quote_ident;
use crate::schema::{ColumnSchema, Identity, Numbering};
use crate::validate::Change;

impl<'a> Postgres<'a> {
    pub(super) fn identity(&mut self, change: &'a Change) {
        let Some((key, table)) = self.table_there(change) else {
            return;
        };
        let name = &change.difference.object.name;
        let (Some(there), Some(wanted)) = (table.column(name), self.wanted_column(change)) else {
            return;
        };
        let (sql, own) = (Postgres::sql_name(table), quote_ident(name));
        let alter = format!("ALTER TABLE {sql} ALTER COLUMN {own}");
        match (there.identity, wanted.identity) {
            (Some(_), Some(then)) => self.count_otherwise(key, &alter, (there, wanted), then),
            (Some(_), None) => self.leave(change, "the sequence of the identity would be dropped"),
            (None, None) => {}
            (None, Some(_)) if there.generated.is_some() => {
                self.leave(change, "it is computed from others");
            }
            (None, Some(_)) => self.number(key, &sql, (there, wanted)),
        }
    }

    /// An identity that is there gets the kind and the way to count that is expected.
    fn count_otherwise(
        &mut self,
        key: &str,
        alter: &str,
        (there, wanted): (&ColumnSchema, &ColumnSchema),
        then: Identity,
    ) {
        let name = &there.name;
        let mut parts = Vec::new();
        if there.identity != Some(then) {
            parts.push(format!("SET GENERATED {}", words(then)));
        }
        // by what each comes to where nothing is said; bounds go along with another type of the column
        let now = numbering(there).with_defaults(&wanted.data_type);
        let whole = numbering(wanted).with_defaults(&wanted.data_type);
        for (word, now, then) in [
            ("INCREMENT BY", now.increment, whole.increment),
            ("MINVALUE", now.min, whole.min),
            ("MAXVALUE", now.max, whole.max),
            ("START WITH", now.start, whole.start),
            ("CACHE", now.cache, whole.cache),
        ] {
            if let Some(then) = then.filter(|_| now != then) {
                parts.push(format!("SET {word} {then}"));
            }
        }
        if now.cycle != whole.cycle {
            let word = if whole.cycle { "CYCLE" } else { "NO CYCLE" };
            parts.push(format!("SET {word}"));
        }
        if parts.is_empty() {
            return;
        }
        let mut step = FixStep::new(
            FixKind::ChangeIdentity,
            self.column_object(key, name),
            format!("change the identity of `{key}.{name}`"),
        )
        .run(format!("{alter} {}", parts.join(" ")))
        .lock(key, LockMode::AccessExclusive)
        .hazard(Hazard::MetadataOnly);
        if let (Some(min), Some(max)) = (whole.min, whole.max) {
            let sequence = self.sequence_of(key, name, "i");
            let beyond = format!(
                "SELECT pg_catalog.count(*)::text FROM (SELECT pg_catalog.pg_sequence_last_value(s.seq) AS last \
                 FROM {sequence} AS s) AS l WHERE last NOT BETWEEN {min} AND {max}"
            );
            let why = "it has come to a number beyond the expected bounds".to_owned();
            step = step.fact(Fact::new(
                FactKind::Violations,
                beyond,
                Rule::NoneOrLeftOut(why),
            ));
        }
        self.add(Rank::Column, step);
    }

    /// A column becomes an identity, which goes on behind the numbers of the rows and of a sequence that it had.
    fn number(&mut self, key: &'a str, sql: &str, (there, wanted): (&ColumnSchema, &ColumnSchema)) {
        let (name, own) = (&there.name, quote_ident(&there.name));
        let alter = format!("ALTER TABLE {sql} ALTER COLUMN {own}");
        let mut step = FixStep::new(
            FixKind::ChangeIdentity,
            self.column_object(key, name),
            format!("make `{key}.{name}` an identity"),
        )
        .lock(key, LockMode::AccessExclusive);
        if there.default.is_some() {
            step = step.run(format!("{alter} DROP DEFAULT"));
        }
        if there.nullable {
            let nulls = self.count(key, &format!("{own} IS NULL"));
            let rule = Rule::NoneOrLeftOut("{} rows have NULL: give them a value first".to_owned());
            step = step.run(format!("{alter} SET NOT NULL")).fact(Fact::new(
                FactKind::Nulls,
                nulls,
                rule,
            ));
        }
        let whole = numbering(wanted).with_defaults(&wanted.data_type);
        let new = self.then(sql, name, "i");
        let step = step
            .run(format!("{alter} ADD{}", column::identity(wanted)))
            .run(self.goes_on(sql, name, &whole, &new))
            .hazard(Hazard::Scans);
        self.add(Rank::Column, step);
    }

    /// Sets the sequence of a column, as something to select `seq` from, behind the numbers of its rows and of the sequences
    /// that are owned by it. In the transaction that takes the lock in which the column begins to use it: nobody is to be
    /// given a number that a row has.
    pub(super) fn goes_on(&self, sql: &str, name: &str, whole: &Numbering, new: &str) -> String {
        let own = quote_ident(name);
        let start = whole.start.unwrap_or(1);
        let (end, edge, next) = match whole.increment.unwrap_or(1) > 0 {
            true => ("max", "GREATEST", "+ 1"),
            false => ("min", "LEAST", "- 1"),
        };
        let old = self.then(sql, name, "a");
        format!(
            "SELECT pg_catalog.setval(n.seq, {edge}(v.last::bigint {next}, o.last {next}, \
             pg_catalog.pg_sequence_last_value(n.seq) {next}, {start}), false) \
             FROM (SELECT pg_catalog.{end}({own}) AS last FROM {sql}) AS v, {new} AS n, \
             (SELECT pg_catalog.{end}(pg_catalog.pg_sequence_last_value(s.seq)) AS last FROM {old} AS s) AS o"
        )
    }

    /// The sequences that belong to a column as it is called now, as something to select `seq` from: `i` for that of its
    /// identity, `a` for those that are owned by it.
    fn sequence_of(&self, key: &str, column: &str, kind: &str) -> String {
        let mut renamed = self.work.renames.columns_of(key);
        let now = renamed.find(|(new, _)| *new == column);
        self.then(
            &self.name_now(key),
            now.map_or(column, |(_, old)| old),
            kind,
        )
    }

    /// The same of a table and a column by their names as SQL.
    fn then(&self, table: &str, column: &str, kind: &str) -> String {
        let (table, column) = (
            quote::literal(table, POSTGRES),
            quote::literal(column, POSTGRES),
        );
        format!(
            "(SELECT d.objid::pg_catalog.regclass AS seq FROM pg_catalog.pg_depend d \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
             JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S' \
             WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass \
             AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = '{kind}' \
             AND d.refobjid = {table}::pg_catalog.regclass AND a.attname = {column})"
        )
    }
}

fn words(identity: Identity) -> &'static str {
    match identity {
        Identity::Always => "ALWAYS",
        Identity::ByDefault => "BY DEFAULT",
    }
}

fn numbering(column: &ColumnSchema) -> Numbering {
    let numbering = column.numbering.unwrap_or_default();
    numbering.without_defaults(&column.data_type)
}
