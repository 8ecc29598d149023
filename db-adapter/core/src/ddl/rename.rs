//! ALTER TABLE .. RENAME of a column or a constraint: the new name in every place of the schema that has the old one.
//! Names that were chosen by the server stay what they were, as the server leaves them.

use super::SqlDialect;
use super::cursor::{Cursor, Read};
use super::moved::{keep_names, rename_constraint};
use super::path::{is_same, own_column};
use super::reader::Reader;
use super::types::quoted_where_needed;
use crate::lexer::{Kind, Lexer};
use crate::schema::{DatabaseSchema, TableSchema, table_key};

impl Reader<'_> {
    /// What follows `RENAME` of the table with this key.
    pub(super) fn rename(&mut self, key: &str, start: &Cursor<'_>, c: &mut Cursor<'_>) -> Read<()> {
        let constraint = c.eat("constraint");
        c.eat("column");
        let old = c.name("what to rename")?;
        c.expect("to", "after the old name")?;
        let new = c.name("the new name")?;
        let dialect = self.dialect;
        let Some(table) = self.table_mut(key, start) else {
            return Ok(());
        };
        if !constraint {
            let old = own_column(table, old, dialect);
            let heirs = self.heirs(key);
            rename_column(&mut self.ddl.schema, (key, &heirs), (&old, &new), dialect);
            for table in heirs.into_iter().chain([key.to_owned()]) {
                if self.declared.remove(&(table.clone(), old.clone())) {
                    self.declared.insert((table, new.clone()));
                }
            }
            let place = self.ddl.columns.remove(&(key.to_owned(), old));
            let placed = place.map(|place| ((key.to_owned(), new), place));
            self.ddl.columns.extend(placed);
        } else {
            rename_constraint(table, &old, &new);
        }
        Ok(())
    }
}

/// The key of the table that a foreign key of `table` refers to.
fn target(table: Option<&str>, schema: Option<&str>, name: &str) -> String {
    table_key(schema.or(table), name)
}

fn rename_column(
    schema: &mut DatabaseSchema,
    (key, heirs): (&str, &[String]),
    (old, new): (&str, &str),
    dialect: SqlDialect,
) {
    let name = |there: &mut String| {
        if is_same(there, old, dialect) {
            new.clone_into(there);
        }
    };
    for (own, table) in &mut schema.tables {
        if own == key || heirs.contains(own) {
            of_table(table, (old, new), dialect);
        }
        let of = table.schema.clone();
        for constraint in table.constraints.values_mut() {
            let to = constraint.references_table.as_deref();
            let schema = constraint.references_schema.as_deref();
            if to.is_some_and(|to| is_same(&target(of.as_deref(), schema, to), key, dialect)) {
                constraint
                    .references_columns
                    .iter_mut()
                    .flatten()
                    .for_each(name);
            }
        }
    }
    let owners = schema
        .sequences
        .values_mut()
        .filter_map(|s| s.owned_by.as_mut());
    let owners = owners.filter(|(table, _)| table == key);
    owners.for_each(|(_, column)| name(column));
}

/// The table's own mentions of its column.
fn of_table(table: &mut TableSchema, (old, new): (&str, &str), dialect: SqlDialect) {
    let name = |there: &mut String| {
        if is_same(there, old, dialect) {
            new.clone_into(there);
        }
    };
    let within = |text: &mut String| *text = renamed(text, (old, new), dialect);
    for column in &mut table.columns {
        if dialect == SqlDialect::Postgres && column.name == old {
            keep_names(&table.name, column);
        }
        name(&mut column.name);
        column
            .generated
            .iter_mut()
            .for_each(|g| within(&mut g.expression));
    }
    for constraint in table.constraints.values_mut() {
        constraint.columns.iter_mut().for_each(name);
        constraint.include.iter_mut().for_each(name);
        constraint.on_delete_columns.iter_mut().for_each(name);
        constraint.expression.iter_mut().for_each(within);
    }
    for index in table.indexes.values_mut() {
        for column in &mut index.columns {
            match column.is_expression {
                true => within(&mut column.text),
                false => name(&mut column.text),
            }
        }
        index.include.iter_mut().for_each(name);
        index.predicate.iter_mut().for_each(within);
    }
}

/// The expression with another name for a column.
fn renamed(text: &str, (old, new): (&str, &str), dialect: SqlDialect) -> String {
    let (mut out, mut copied) = (String::with_capacity(text.len()), 0);
    for token in Lexer::of_definition(text, dialect) {
        let is_name = matches!(token.kind, Kind::Word | Kind::Name);
        if is_name
            && token
                .name(dialect)
                .is_some_and(|name| is_same(&name, old, dialect))
        {
            out.push_str(text.get(copied..token.start).unwrap_or(""));
            out.push_str(&quoted_where_needed(new));
            copied = token.end();
        }
    }
    out.push_str(text.get(copied..).unwrap_or(""));
    out
}

#[cfg(test)]
mod tests {
    use crate::ddl::{SqlDialect, parse};

    #[test]
    fn a_rename_reaches_every_mention() {
        let ddl = parse(
            "CREATE TABLE a (id serial PRIMARY KEY, x int CHECK (x > 0 AND 'x' <> ''), UNIQUE (x));
             CREATE TABLE b (a_x int REFERENCES a (x));
             CREATE INDEX i ON a ((x + 1)) INCLUDE (x) WHERE \"x\" > 5;
             ALTER TABLE a RENAME COLUMN x TO \"Y\";
             ALTER TABLE a RENAME id TO number;
             ALTER TABLE a RENAME CONSTRAINT a_x_key TO y_once;
             ALTER TABLE a RENAME TO c;",
            SqlDialect::Postgres,
        );
        assert!(ddl.errors.is_empty() && ddl.notes.is_empty(), "{ddl:?}");
        let c = ddl.schema.table("c").unwrap();
        let check = c.checks().next().unwrap();
        assert_eq!(check.expression.as_deref(), Some("\"Y\" > 0 AND 'x' <> ''"));
        assert_eq!(check.columns, ["Y"]);
        assert_eq!(c.constraints["y_once"].columns, ["Y"]);
        assert_eq!(c.primary_key().unwrap().columns, ["number"]);
        let index = &c.indexes["i"];
        assert_eq!(index.columns[0].text, "\"Y\" + 1");
        assert_eq!(index.predicate.as_deref(), Some("\"Y\" > 5"));
        assert_eq!(index.include, ["Y"]);
        let foreign = ddl
            .schema
            .table("b")
            .unwrap()
            .foreign_keys()
            .next()
            .unwrap();
        assert_eq!(foreign.references_table.as_deref(), Some("c"));
        assert_eq!(
            foreign.references_columns.as_deref(),
            Some(["Y".to_owned()].as_slice())
        );
        let sequence = &ddl.schema.sequences["a_id_seq"];
        assert_eq!(sequence.owned_by, Some(("c".into(), "number".into())));
        assert!(ddl.place_of_table("c").is_some() && ddl.place_of_column("c", "Y").is_some());
        assert!(ddl.place_of_table("a").is_none());
    }
}
