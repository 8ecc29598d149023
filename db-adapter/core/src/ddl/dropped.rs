//! DROP, of things and of parts of tables, with what goes with them. Never asks whether CASCADE was
//! needed: a file that was loaded has it where it was.

use super::cursor::{Cursor, Read};
use super::reader::Reader;
use super::table::columns_in;
use crate::schema::{ConstraintSchema, IndexSchema, TableSchema, table_key};

impl Reader<'_> {
    /// What follows `DROP`. Kinds that are not read have nothing to take away.
    pub(super) fn drop_things(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        let kinds = [
            "table",
            "index",
            "materialized view",
            "view",
            "sequence",
            "type",
            "domain",
            "schema",
            "extension",
        ];
        let Some(kind) = kinds.into_iter().find(|kind| c.eat(kind)) else {
            return Ok(());
        };
        c.eat("concurrently");
        c.eat("if exists");
        loop {
            let name = c.qualified("the name of what to drop")?;
            let key = self.key_of(name.clone());
            match kind {
                "table" => self.drop_table(&key),
                "index" => self.drop_index(name),
                "sequence" => drop(self.ddl.schema.sequences.remove(&key)),
                "type" | "domain" => self.drop_type(&key),
                "schema" => self.drop_schema(&name.1),
                "extension" => {
                    let left_out = &mut self.ddl.schema.not_inspected;
                    left_out.retain(|n| n.kind != "extension" || n.name.as_ref() != Some(&name.1));
                }
                _ => drop(self.ddl.schema.views.remove(&key)),
            }
            if !c.eat_symbol(',') {
                return Ok(());
            }
        }
    }

    fn drop_table(&mut self, key: &str) {
        let all = &mut self.ddl.schema;
        if all.tables.remove(key).is_none() {
            return;
        }
        all.sequences
            .retain(|_, s| s.owned_by.as_ref().is_none_or(|(table, _)| table != key));
        for table in all.tables.values_mut() {
            let refers = |k: &ConstraintSchema| target(k).as_deref() == Some(key);
            table
                .constraints
                .retain(|_, constraint| !refers(constraint));
        }
        let partitions = all.tables.iter();
        let partitions = partitions.filter(|(_, t)| t.partition_of.as_deref() == Some(key));
        let partitions: Vec<String> = partitions.map(|(key, _)| key.clone()).collect();
        for partition in partitions {
            self.drop_table(&partition);
        }
    }

    /// The names of indexes are unique in their schema.
    fn drop_index(&mut self, (schema, name): (Option<String>, String)) {
        let schemas = match schema {
            Some(schema) => vec![schema],
            None => self.search_path.clone(),
        };
        let lies_in = |of: &Option<String>| {
            let key = table_key(of.as_deref(), "t");
            let mut named = schemas.iter().map(|s| table_key(Some(s), "t"));
            schemas.is_empty() && key == "t" || named.any(|named| named == key)
        };
        let all = &mut self.ddl.schema;
        for table in all.tables.values_mut().filter(|t| lies_in(&t.schema)) {
            table.indexes.remove(&name);
        }
        for view in all.views.values_mut().filter(|v| lies_in(&v.schema)) {
            view.indexes.remove(&name);
        }
    }

    /// The columns of the type go with it.
    fn drop_type(&mut self, key: &str) {
        self.composites.remove(key);
        let all = &mut self.ddl.schema;
        let known = all.enums.remove(key).is_some() | all.domains.remove(key).is_some();
        let mut of_type = Vec::new();
        for (table, there) in all.tables.iter().filter(|_| known) {
            let columns = there.columns.iter();
            let columns = columns.filter(|c| c.data_type.trim_end_matches("[]") == key);
            of_type.extend(columns.map(|column| (table.clone(), column.name.clone())));
        }
        for (table, column) in of_type {
            self.drop_column(&table, &column);
        }
    }

    fn drop_schema(&mut self, name: &str) {
        let lies_in = |schema: &Option<String>| {
            table_key(schema.as_deref(), "t") == table_key(Some(name), "t")
        };
        let tables = self.ddl.schema.tables.iter();
        let tables = tables.filter(|(_, table)| lies_in(&table.schema));
        for key in tables.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.drop_table(&key);
        }
        let all = &mut self.ddl.schema;
        all.views.retain(|_, view| !lies_in(&view.schema));
        all.sequences
            .retain(|_, sequence| !lies_in(&sequence.schema));
        let enums = all.enums.iter().filter(|(_, e)| lies_in(&e.schema));
        let domains = all.domains.iter().filter(|(_, d)| lies_in(&d.schema));
        let types = enums.map(|(key, _)| key).chain(domains.map(|(key, _)| key));
        for key in types.cloned().collect::<Vec<_>>() {
            self.drop_type(&key);
        }
    }

    /// A column with the keys, checks and indexes that name it, references to it, and its sequence.
    pub(super) fn drop_column(&mut self, key: &str, name: &str) {
        let dialect = self.dialect;
        let all = &mut self.ddl.schema;
        let Some(table) = all.tables.get_mut(key) else {
            return;
        };
        let names = |text: &str, table: &TableSchema| {
            let found = columns_in(text, table, dialect);
            found.iter().any(|column| column == name)
        };
        let uses = |index: &IndexSchema, table: &TableSchema| {
            let mut keys = index.columns.iter();
            index.include.iter().any(|column| column == name)
                || index.predicate.as_deref().is_some_and(|p| names(p, table))
                || keys.any(|k| match k.is_expression {
                    true => names(&k.text, table),
                    false => k.text == name,
                })
        };
        let key_columns = table.primary_key().map(|key| key.columns.clone());
        let mut indexes = std::mem::take(&mut table.indexes);
        indexes.retain(|_, index| !uses(index, table));
        table.indexes = indexes;
        table.columns.retain(|column| column.name != name);
        table
            .constraints
            .retain(|_, constraint| !constraint.columns.iter().any(|column| column == name));
        let own = |owner: &(String, String)| owner.0 == key && owner.1 == name;
        all.sequences
            .retain(|_, s| !s.owned_by.as_ref().is_some_and(own));
        for other in all.tables.values_mut() {
            other.constraints.retain(|_, constraint| {
                // a reference without columns is to the primary key
                let to = constraint
                    .references_columns
                    .as_ref()
                    .or(key_columns.as_ref());
                let refers = to.is_some_and(|columns| columns.iter().any(|c| c == name));
                !refers || target(constraint).as_deref() != Some(key)
            });
        }
    }
}

/// The key of the table that a foreign key refers to.
fn target(constraint: &ConstraintSchema) -> Option<String> {
    let table = constraint.references_table.as_deref()?;
    Some(table_key(constraint.references_schema.as_deref(), table))
}
