//! The queries that are asked before a plan is decided. They run before anything is renamed, so they look at the
//! names that things have now. Never writes.

use super::{POSTGRES, Postgres};
use crate::ddl_writer::quote;
use crate::fix::fact::{Fact, FactKind, Rule};
use crate::name::quote_ident;

impl Postgres<'_> {
    /// The name that a table has now, as SQL.
    pub(super) fn name_now(&self, key: &str) -> String {
        let now = self.work.renames.table_now(key);
        let table = self.work.actual.tables.get(key);
        let schema = table.and_then(|table| table.schema.as_deref());
        match now == key {
            true => match table {
                Some(table) => Postgres::sql_name(table),
                None => quote::qualified(None, key, POSTGRES),
            },
            false => {
                let (_, name) = quote::parts_of_key(now);
                quote::qualified(schema, &name, POSTGRES)
            }
        }
    }

    /// The table as something to select from, with its columns under the names that they get, and with the rows of
    /// those that inherit from it.
    pub(super) fn source(&self, key: &str) -> String {
        self.source_of(key, self.name_now(key))
    }

    /// The same with its own rows alone, as unique keys and foreign keys are about them; the parts of a table are its own.
    pub(super) fn source_alone(&self, key: &str) -> String {
        let name = self.name_now(key);
        let table = self.work.actual.tables.get(key);
        let has_parts = table.is_some_and(|table| table.partition_by.is_some());
        self.source_of(
            key,
            if has_parts {
                name
            } else {
                format!("ONLY {name}")
            },
        )
    }

    fn source_of(&self, key: &str, name: String) -> String {
        let renamed: Vec<(&str, &str)> = self.work.renames.columns_of(key).collect();
        let Some(table) = self
            .work
            .actual
            .tables
            .get(key)
            .filter(|_| !renamed.is_empty())
        else {
            return name;
        };
        let columns = table.columns.iter().map(|column| {
            let own = quote_ident(&column.name);
            let old = renamed.iter().find(|(new, _)| *new == column.name);
            match old {
                Some((_, old)) => format!("{} AS {own}", quote_ident(old)),
                None => own,
            }
        });
        let columns: Vec<String> = columns.collect();
        format!("(SELECT {} FROM {name}) AS t", columns.join(", "))
    }

    /// The table as a constant for a cast to `regclass`.
    fn regclass(&self, key: &str) -> String {
        let name = quote::literal(&self.name_now(key), POSTGRES);
        format!("{name}::pg_catalog.regclass")
    }

    /// How many rows and bytes the table has: what tells how long a scan takes.
    pub(super) fn size(&self, key: &str) -> [Fact; 2] {
        let table = self.regclass(key);
        let rows = format!(
            "SELECT GREATEST(reltuples, 0)::bigint::text FROM pg_catalog.pg_class WHERE oid = {table}"
        );
        let bytes = format!("SELECT pg_catalog.pg_total_relation_size({table})::text");
        [
            Fact::told(FactKind::Rows, rows),
            Fact::told(FactKind::Bytes, bytes),
        ]
    }

    /// How many rows hold for a condition.
    pub(super) fn count(&self, key: &str, condition: &str) -> String {
        let source = self.source(key);
        format!("SELECT pg_catalog.count(*)::text FROM {source} WHERE {condition}")
    }

    /// Whether the table has a row.
    pub(super) fn any_row(&self, key: &str) -> String {
        let name = self.name_now(key);
        format!("SELECT pg_catalog.count(*)::text FROM (SELECT 1 FROM {name} LIMIT 1) AS t")
    }

    /// What stands in the way of another type of a column: the server refuses it under a view, a policy, a
    /// trigger, a function and a generated column.
    pub(super) fn dependants_of_column(&self, key: &str, column: &str) -> String {
        let table = self.regclass(key);
        let mut renamed = self.work.renames.columns_of(key);
        let now = renamed.find(|(new, _)| *new == column);
        let name = quote::literal(now.map_or(column, |(_, old)| old), POSTGRES);
        format!(
            "SELECT DISTINCT COALESCE(\
               (SELECT 'view ' || r.ev_class::pg_catalog.regclass::text FROM pg_catalog.pg_rewrite r \
                WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = d.objid), \
               pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)) \
             FROM pg_catalog.pg_depend d \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
             WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass \
             AND d.refobjid = {table} AND a.attname = {name} \
             AND (d.classid IN ('pg_catalog.pg_rewrite'::pg_catalog.regclass, \
                'pg_catalog.pg_policy'::pg_catalog.regclass, \
                'pg_catalog.pg_trigger'::pg_catalog.regclass, \
                'pg_catalog.pg_proc'::pg_catalog.regclass) \
               OR d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND EXISTS (\
                 SELECT FROM pg_catalog.pg_attrdef f WHERE f.oid = d.objid AND f.adnum <> a.attnum)) \
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t \
               WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND t.oid = d.objid AND t.tgisinternal) \
             ORDER BY 1"
        )
    }

    /// What stands in the way of dropping a column: the same, and what goes with it unasked, keys of other tables
    /// among it.
    pub(super) fn users_of_column(&self, key: &str, column: &str) -> String {
        let table = self.regclass(key);
        let name = quote::literal(column, POSTGRES);
        format!(
            "SELECT DISTINCT COALESCE(\
               (SELECT 'view ' || r.ev_class::pg_catalog.regclass::text FROM pg_catalog.pg_rewrite r \
                WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = d.objid), \
               pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)) \
             FROM pg_catalog.pg_depend d \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
             WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass \
             AND d.refobjid = {table} AND a.attname = {name} \
             AND NOT (d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND EXISTS (\
                 SELECT FROM pg_catalog.pg_attrdef f WHERE f.oid = d.objid AND f.adnum = a.attnum)) \
             AND NOT (d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND EXISTS (\
                 SELECT FROM pg_catalog.pg_class s WHERE s.oid = d.objid AND s.relkind = 'S')) \
             ORDER BY 1"
        )
    }

    /// How the values of a column are kept, where that was set by hand: another type begins with its own way, and so
    /// does an index over an expression with its statistics.
    pub(super) fn storage_of_column(&self, key: &str, column: &str) -> String {
        let table = self.regclass(key);
        let name = quote::literal(column, POSTGRES);
        format!(
            "WITH RECURSIVE tree (oid) AS (SELECT {table}::pg_catalog.oid UNION SELECT h.inhrelid \
               FROM pg_catalog.pg_inherits h JOIN tree ON h.inhparent = tree.oid) \
             SELECT 'the STORAGE of the column' FROM tree JOIN pg_catalog.pg_attribute a ON a.attrelid = tree.oid \
             JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.attname = {name} AND a.attstorage <> t.typstorage \
             UNION SELECT 'the COMPRESSION of the column' FROM tree JOIN pg_catalog.pg_attribute a ON a.attrelid = tree.oid \
             WHERE a.attname = {name} AND COALESCE(pg_catalog.to_jsonb(a) ->> 'attcompression', '') <> '' \
             UNION SELECT 'the statistics target of the index ' || i.attrelid::pg_catalog.regclass::text \
             FROM tree JOIN pg_catalog.pg_index x ON x.indrelid = tree.oid \
             JOIN pg_catalog.pg_attribute i ON x.indexrelid = i.attrelid \
             WHERE COALESCE(i.attstattarget, -1) >= 0 AND EXISTS ( \
               SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute a \
                 ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
               WHERE d.objid = x.indexrelid AND d.refobjid = tree.oid AND a.attname = {name})"
        )
    }

    /// What a change of the table would reach that nobody named: tables that inherit from it. Parts are the table itself.
    pub(super) fn heirs(&self, key: &str) -> Fact {
        let table = self.regclass(key);
        let sql = format!(
            "SELECT i.inhrelid::pg_catalog.regclass::text FROM pg_catalog.pg_inherits i \
             JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid \
             WHERE i.inhparent = {table} AND NOT c.relispartition ORDER BY 1"
        );
        let why = "{} inherits from the table, and would be changed with it: write a migration";
        Fact::new(
            FactKind::Dependants,
            sql,
            Rule::NoneOrLeftOut(why.to_owned()),
        )
    }

    /// Triggers and rules that would run for each row that gets a value, where a lock's form runs none: they could change
    /// other values, or keep the row from getting its own.
    pub(super) fn runs_for_each_row(&self, key: &str) -> Fact {
        let table = self.regclass(key);
        // 16: the bit of UPDATE
        let sql = format!(
            "WITH RECURSIVE tree (oid) AS (SELECT {table}::pg_catalog.oid UNION SELECT h.inhrelid \
               FROM pg_catalog.pg_inherits h JOIN tree ON h.inhparent = tree.oid) \
             SELECT 'the trigger ' || g.tgname FROM tree JOIN pg_catalog.pg_trigger g ON g.tgrelid = tree.oid \
             WHERE NOT g.tgisinternal AND g.tgenabled <> 'D' AND (g.tgtype & 16) <> 0 AND g.tgattr::text = '' \
             UNION SELECT 'the rule ' || r.rulename FROM tree JOIN pg_catalog.pg_rewrite r ON r.ev_class = tree.oid \
             WHERE r.ev_type = '2' AND r.ev_enabled <> 'D' ORDER BY 1"
        );
        let why = "{} would run for each row that is filled: that is for the atomic mode";
        Fact::new(
            FactKind::Dependants,
            sql,
            Rule::NoneOrLeftOut(why.to_owned()),
        )
    }

    /// What depends on a table but what is its own.
    pub(super) fn users_of_table(&self, key: &str) -> String {
        let table = self.regclass(key);
        format!(
            "SELECT DISTINCT COALESCE(\
               (SELECT 'view ' || r.ev_class::pg_catalog.regclass::text FROM pg_catalog.pg_rewrite r \
                WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = d.objid), \
               pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)) \
             FROM pg_catalog.pg_depend d \
             WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass \
             AND d.refobjid = {table} AND d.deptype = 'n' \
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k \
               WHERE d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = d.objid \
               AND k.conrelid = {table}) \
             UNION SELECT 'table ' || i.inhrelid::pg_catalog.regclass::text FROM pg_catalog.pg_inherits i \
             WHERE i.inhparent = {table} \
             ORDER BY 1"
        )
    }

    /// The foreign keys that need a key, and the views that group by it.
    pub(super) fn users_of_key(&self, key: &str, constraint: &str) -> String {
        let table = self.regclass(key);
        let name = quote::literal(constraint, POSTGRES);
        format!(
            "SELECT 'foreign key ' || f.conname || ' of ' || f.conrelid::pg_catalog.regclass::text \
             FROM pg_catalog.pg_constraint f \
             JOIN pg_catalog.pg_constraint k ON k.conindid = f.conindid AND k.contype IN ('p', 'u') \
             WHERE f.contype = 'f' AND k.conrelid = {table} AND k.conname = {name} \
             UNION SELECT 'view ' || r.ev_class::pg_catalog.regclass::text \
             FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_depend d ON d.refobjid = k.oid \
               AND d.refclassid = 'pg_catalog.pg_constraint'::pg_catalog.regclass \
               AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass \
             JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid \
             WHERE k.conrelid = {table} AND k.conname = {name} ORDER BY 1"
        )
    }

    /// What was set by hand of an index, or of that of a constraint, which another one in its place would not have.
    pub(super) fn set_of_index(&self, key: &str, index: &str) -> String {
        let table = self.regclass(key);
        let name = quote::literal(index, POSTGRES);
        let set: Vec<String> = [
            ("its storage parameters", "i.options IS NOT NULL"),
            ("its tablespace", "i.tablespace <> 0"),
            ("that the table is clustered by it", "i.indisclustered"),
            (
                "that it is the replica identity of the table",
                "i.indisreplident",
            ),
            ("its statistics targets", "i.statistics"),
            ("its part in the index of the whole table", "i.is_part"),
            ("the comment of a part of it", "i.has_comment"),
        ]
        .iter()
        .map(|(what, condition)| format!("SELECT '{what}' FROM i WHERE {condition}"))
        .collect();
        format!(
            "WITH RECURSIVE tree (oid, is_root) AS (SELECT c.oid, true \
               FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid \
               WHERE x.indrelid = {table} AND c.relname = {name} \
               UNION SELECT h.inhrelid, false FROM pg_catalog.pg_inherits h JOIN tree ON h.inhparent = tree.oid), \
             i AS (SELECT c.reloptions AS options, c.reltablespace AS tablespace, x.indisclustered, \
               x.indisreplident, c.relispartition AND tree.is_root AS is_part, \
               EXISTS (SELECT FROM pg_catalog.pg_attribute a \
                 WHERE a.attrelid = c.oid AND COALESCE(a.attstattarget, -1) >= 0) AS statistics, \
               NOT tree.is_root AND EXISTS (SELECT FROM pg_catalog.pg_description d \
                 WHERE d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objoid = c.oid \
                 OR d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objoid IN (\
                   SELECT k.oid FROM pg_catalog.pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')\
                 )) AS has_comment \
             FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid \
             JOIN pg_catalog.pg_index x ON x.indexrelid = tree.oid) {}",
            set.join(" UNION ")
        )
    }

    /// How many keys there are twice, of the rows that a unique index looks at.
    pub(super) fn doubles(
        &self,
        key: &str,
        expressions: &[String],
        nulls_not_distinct: bool,
        predicate: Option<&str>,
    ) -> String {
        let source = self.source_alone(key);
        let mut conditions: Vec<String> = predicate.iter().map(|p| format!("({p})")).collect();
        if !nulls_not_distinct {
            let not_null = expressions.iter();
            conditions.extend(not_null.map(|expression| format!("{expression} IS NOT NULL")));
        }
        let filter = match conditions.is_empty() {
            true => String::new(),
            false => format!(" WHERE {}", conditions.join(" AND ")),
        };
        // a constant would be the number of an output
        let groups: Vec<String> = expressions.iter().map(|e| format!("({e})")).collect();
        format!(
            "SELECT pg_catalog.count(*)::text FROM (SELECT 1 FROM {source}{filter} \
             GROUP BY {} HAVING pg_catalog.count(*) > 1) AS doubles",
            groups.join(", ")
        )
    }
}
