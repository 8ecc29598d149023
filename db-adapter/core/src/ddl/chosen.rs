//! Which names the server could choose where the file gives none: those that nothing in the schema has. A table that
//! was renamed keeps the names that were chosen for it, so that a new one in its place gets others.

use super::SqlDialect;
use super::reader::{Qualified, Reader};
use crate::schema::{ConstraintKind, TableSchema, table_key};

/// What a name is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// A sequence, or an index that is no constraint.
    Relation,
    /// A key, which is a constraint and an index.
    Key,
    /// Any other constraint.
    Constraint,
}

impl For {
    pub(super) fn of(kind: ConstraintKind) -> For {
        match is_key(kind) {
            true => For::Key,
            false => For::Constraint,
        }
    }
}

fn is_key(kind: ConstraintKind) -> bool {
    use ConstraintKind::{Exclude, PrimaryKey, Unique};
    matches!(kind, PrimaryKey | Unique | Exclude)
}

impl Reader<'_> {
    /// Whether something in the table's schema has the name, beside the table's own parts.
    pub(super) fn is_taken(&self, table: &Qualified, name: &str, what: For) -> bool {
        if self.dialect == SqlDialect::Sqlite {
            return false;
        }
        let key = table_key(table.0.as_deref(), name);
        let all = &self.ddl.schema;
        let is_relation = all.tables.contains_key(&key)
            || all.views.contains_key(&key)
            || all.sequences.contains_key(&key)
            || self.composites.contains_key(&key);
        // all that had the name so far are few, and most names nobody had
        let is_part = || self.had.contains(name) && self.is_part(table, name, what);
        is_relation && what != For::Constraint || is_part()
    }

    fn is_part(&self, (schema, own): &Qualified, name: &str, what: For) -> bool {
        let own = table_key(schema.as_deref(), own);
        let is_beside =
            |(key, table): &(&String, &TableSchema)| **key != own && table.schema == *schema;
        let mut others = self.ddl.schema.tables.iter().filter(is_beside);
        others.any(|(_, table)| {
            let kind = table.constraints.get(name).map(|c| c.kind);
            match what {
                For::Relation => kind.is_some_and(is_key) || table.indexes.contains_key(name),
                For::Key => kind.is_some() || table.indexes.contains_key(name),
                For::Constraint => kind.is_some(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ddl::{SqlDialect, parse};

    #[test]
    fn a_new_table_in_the_place_of_a_renamed_one_gets_other_names() {
        let ddl = parse(
            "CREATE TABLE a (id serial PRIMARY KEY, x int UNIQUE CHECK (x > 0)); CREATE INDEX ON a (x);
             ALTER TABLE a RENAME TO old;
             CREATE TABLE a (id serial PRIMARY KEY, x int UNIQUE CHECK (x > 0)); CREATE INDEX ON a (x);
             ALTER TABLE a ADD n serial; ALTER TABLE a RENAME n TO m; ALTER TABLE a ADD n serial;",
            SqlDialect::Postgres,
        );
        assert!(ddl.errors.is_empty() && ddl.notes.is_empty(), "{ddl:?}");
        let (old, new) = (&ddl.schema.tables["old"], &ddl.schema.tables["a"]);
        let names = |table: &crate::TableSchema| {
            let names = table.constraints.keys().chain(table.indexes.keys());
            names.cloned().collect::<Vec<_>>()
        };
        assert_eq!(names(old), ["a_pkey", "a_x_check", "a_x_key", "a_x_idx"]);
        assert_eq!(
            names(new),
            ["a_pkey1", "a_x_check1", "a_x_key1", "a_x_idx1"]
        );
        let sequences = ddl.schema.sequences.iter();
        let owners: Vec<String> = sequences
            .map(|(key, s)| format!("{key} {:?}", s.owned_by.as_ref().unwrap()))
            .collect();
        assert_eq!(
            owners,
            [
                "a_id_seq (\"old\", \"id\")",
                "a_id_seq1 (\"a\", \"id\")",
                "a_n_seq (\"a\", \"m\")",
                "a_n_seq1 (\"a\", \"n\")",
            ]
        );
        let default = new.columns[0].default.as_deref();
        assert_eq!(default, Some("nextval('a_id_seq1'::regclass)"));
    }

    /// The name is given back with the table.
    #[test]
    fn a_dropped_table_leaves_its_names() {
        let ddl = parse(
            "CREATE TABLE a (id serial PRIMARY KEY); DROP TABLE a; CREATE TABLE a (id serial PRIMARY KEY);
             CREATE TABLE a_b (c int UNIQUE); CREATE TABLE b (b_c int UNIQUE, UNIQUE (b_c));
             ALTER TABLE b RENAME TO old; CREATE TABLE b (b_c int UNIQUE)",
            SqlDialect::Postgres,
        );
        assert!(ddl.schema.tables["a"].constraints.contains_key("a_pkey"));
        assert!(ddl.schema.sequences.contains_key("a_id_seq"));
        assert!(
            ddl.schema.tables["b"]
                .constraints
                .contains_key("b_b_c_key1")
        );
    }
}
