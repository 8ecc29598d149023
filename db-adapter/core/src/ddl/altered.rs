//! ALTER of what is not a table: sequences, types, domains, indexes, views, schemas. Never passes over
//! what may change something that is compared.

use super::column;
use super::constraint;
use super::cursor::{Cursor, Read};
use super::moved::To;
use super::objects::check_name;
use super::reader::Reader;
use super::view;

/// Kinds that are not read, or do not belong to the schema: there is nothing to change.
const NOT_READ: [&str; 27] = [
    "aggregate",
    "collation",
    "conversion",
    "database",
    "default privileges",
    "event trigger",
    "foreign data wrapper",
    "function",
    "group",
    "language",
    "large object",
    "operator",
    "policy",
    "procedural language",
    "procedure",
    "publication",
    "role",
    "routine",
    "rule",
    "server",
    "statistics",
    "subscription",
    "system",
    "tablespace",
    "text search",
    "trigger",
    "user",
];

impl Reader<'_> {
    /// What follows `ALTER`, of anything but a table.
    pub(super) fn alter_other(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        let start = *c;
        if c.eat("index") {
            return self.alter_index(c);
        }
        if c.eat("sequence") {
            return self.alter_sequence(c);
        }
        if c.eat("type") {
            return self.alter_type(c);
        }
        if c.eat("domain") {
            return self.alter_domain(c);
        }
        if c.eat("view") || c.eat("materialized view") {
            return self.alter_view(c);
        }
        if c.eat("schema") {
            let name = c.name("the name of a schema")?;
            if c.eat("rename to") {
                let new = c.name("the new name")?;
                self.rename_schema(&name, new);
            }
            return Ok(());
        }
        if !NOT_READ.iter().any(|kind| c.eat(kind)) {
            let words = format!("ALTER {}", c.word(0).to_uppercase());
            self.unknown_statement(&start, &words);
        }
        Ok(())
    }

    fn alter_index(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        c.eat("if exists");
        c.eat("only");
        let name = c.qualified("the name of an index")?;
        if c.eat("rename to") {
            let new = c.name("the new name")?;
            self.rename_index(name, &new);
        }
        Ok(()) // where and how it is kept, and to which index of a partitioned table it belongs
    }

    fn alter_view(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        c.eat("if exists");
        let name = c.qualified("the name of a view")?;
        let key = self.key_of(name);
        if let Some(to) = To::read(c)? {
            self.move_relation(&key, &to);
            return Ok(());
        }
        if let Some(there) = self.ddl.schema.views.get_mut(&key)
            && !there.materialized
        {
            view::change_options(c, &mut there.options);
        }
        Ok(()) // its columns and their defaults are not read from SQL
    }

    /// Values of an enum, and the name of any type.
    fn alter_type(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        let start = *c;
        let name = c.qualified("the name of a type")?;
        let key = self.key_of(name);
        if let Some(to) = To::read(c)? {
            self.move_type(&key, &to);
            return Ok(());
        }
        if c.eat("rename value") {
            let old = c.string();
            c.expect("to", "after the old value")?;
            let new = c.string();
            let there = self.ddl.schema.enums.get_mut(&key);
            let mut values = there.into_iter().flat_map(|there| &mut there.values);
            if let Some(value) = values.find(|value| Some(&**value) == old.as_ref()) {
                *value = new.unwrap_or_default();
            }
            return Ok(());
        }
        if c.eat("add value") {
            return self.add_value(c, &key);
        }
        let is_known = self.composites.contains_key(&key);
        if is_known && !c.is("owner") {
            self.unknown_statement(&start, "ALTER TYPE"); // tables may be of that type
        }
        Ok(())
    }

    /// `'x' [BEFORE | AFTER 'y']`
    fn add_value(&mut self, c: &mut Cursor<'_>, key: &str) -> Read<()> {
        c.eat("if not exists");
        let Some(value) = c.string() else {
            return Err(c.unexpected("a value in single quotes"));
        };
        let (before, after) = (c.eat("before"), c.eat("after"));
        let neighbour = c.string();
        let Some(there) = self.ddl.schema.enums.get_mut(key) else {
            self.note_at(
                c,
                &format!("not read: this file does not create enum `{key}`"),
            );
            return Ok(());
        };
        if there.values.contains(&value) {
            return Ok(());
        }
        let position = neighbour.and_then(|n| there.values.iter().position(|v| *v == n));
        let at = match position {
            Some(at) if before => at,
            Some(at) if after => at + 1,
            _ => there.values.len(),
        };
        there.values.insert(at, value);
        Ok(())
    }

    fn alter_domain(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        let start = *c;
        let name = c.qualified("the name of a domain")?;
        let key = self.key_of(name);
        if let Some(to) = To::read(c)? {
            self.move_type(&key, &to);
            return Ok(());
        }
        let Some(domain) = self.ddl.schema.domains.get_mut(&key) else {
            let message = format!("not read: this file does not create domain `{key}`");
            self.note_at(&start, &message);
            return Ok(());
        };
        if c.eat("set default") {
            domain.default = column::default(c)?;
        } else if c.eat("drop default") {
            domain.default = None;
        } else if c.eat("set not null") {
            domain.not_null = true;
        } else if c.eat("drop not null") {
            domain.not_null = false;
        } else if c.eat("rename constraint") {
            let old = c.name("the name of a constraint")?;
            c.expect("to", "after the old name")?;
            let new = c.name("the new name")?;
            let check = domain.checks.remove(&old);
            if domain.not_valid.remove(&old) {
                domain.not_valid.insert(new.clone());
            }
            domain.checks.extend(check.map(|check| (new, check)));
        } else if c.eat("drop constraint") {
            c.eat("if exists");
            let name = c.name("the name of a constraint")?;
            domain.not_valid.remove(&name);
            if domain.checks.remove(&name).is_none() {
                domain.not_null &= !name.contains("not_null"); // newer servers name it
            }
        } else if c.eat("add") {
            let name = match c.eat("constraint") {
                true => c.name("the name of a constraint")?,
                false => String::new(),
            };
            if c.eat("not null") {
                domain.not_null = true;
            } else {
                c.expect("check", "or `NOT NULL` in the domain")?;
                let expression = constraint::expression(c, "after `CHECK`")?;
                let name = check_name(domain, name);
                if c.eat("not valid") {
                    domain.not_valid.insert(name.clone());
                }
                domain.checks.insert(name, expression);
            }
        } else if c.eat("validate constraint") {
            let name = c.name("the name of a constraint")?;
            domain.not_valid.remove(&name);
        } else if !c.is("owner") {
            self.unknown_statement(&start, "ALTER DOMAIN");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::ddl::{SqlDialect, parse};

    #[test]
    fn what_is_altered_is_what_was_made() {
        let read = parse(
            "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE DOMAIN small AS int CHECK (VALUE < 9);
             CREATE SEQUENCE s; CREATE VIEW v AS SELECT 1;
             CREATE TABLE t (id serial, m mood, ms mood[], n small, k int DEFAULT nextval('s'), UNIQUE (k));
             CREATE TABLE r (k int REFERENCES t (k));
             CREATE INDEX of_m ON t (m);
             ALTER TYPE mood RENAME VALUE 'a' TO 'c'; ALTER TYPE mood RENAME TO feeling;
             ALTER DOMAIN small ADD CONSTRAINT above CHECK (VALUE > 0);
             ALTER DOMAIN small DROP CONSTRAINT small_check; ALTER DOMAIN small SET DEFAULT 3;
             ALTER DOMAIN small SET NOT NULL; ALTER DOMAIN small SET SCHEMA x;
             ALTER SEQUENCE s RENAME TO q; ALTER VIEW v SET SCHEMA x; ALTER TABLE x.v RENAME TO w;
             ALTER INDEX of_m RENAME TO i; ALTER INDEX t_k_key RENAME TO once;
             ALTER TABLE t SET SCHEMA x; ALTER TABLE x.t RENAME TO u;
             ALTER SCHEMA x RENAME TO y;",
            SqlDialect::Postgres,
        );
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        let schema = &read.schema;
        let keys: Vec<&str> = schema.tables.keys().map(String::as_str).collect();
        assert_eq!(keys, ["r", "y.u"]);
        let u = &schema.tables["y.u"];
        let types: Vec<&str> = u.columns.iter().map(|c| c.data_type.as_str()).collect();
        assert_eq!(
            types,
            ["integer", "feeling", "feeling[]", "y.small", "integer"]
        );
        assert_eq!(u.columns[4].default.as_deref(), Some("nextval('q')"));
        let own = "nextval('y.t_id_seq'::regclass)";
        assert_eq!(u.columns[0].default.as_deref(), Some(own));
        assert!(u.indexes.contains_key("i") && u.constraints.contains_key("once"));
        let keys: Vec<&str> = schema.sequences.keys().map(String::as_str).collect();
        assert_eq!(keys, ["q", "y.t_id_seq"]);
        let owner = schema.sequences["y.t_id_seq"].owned_by.clone();
        assert_eq!(owner, Some(("y.u".into(), "id".into())));
        let target = schema.tables["r"].foreign_keys().next().unwrap();
        assert_eq!(target.references_schema.as_deref(), Some("y"));
        assert_eq!(target.references_table.as_deref(), Some("u"));
        assert_eq!(schema.enums["feeling"].values, ["c", "b"]);
        let small = &schema.domains["y.small"];
        assert!(small.not_null && small.default.as_deref() == Some("3"));
        assert_eq!(small.checks.keys().collect::<Vec<_>>(), ["above"]);
        assert!(schema.views.contains_key("y.w") && schema.not_inspected.is_empty());
    }

    #[test]
    fn what_is_not_known_is_listed() {
        let read = parse(
            "CREATE TYPE pair AS (a int, b int);
             ALTER TYPE pair ADD ATTRIBUTE c int;\nALTER EXTENSION x ADD TABLE t;
             ALTER FUNCTION f() OWNER TO me; ALTER ROLE me SET search_path = x;",
            SqlDialect::Postgres,
        );
        let listed = read.schema.not_inspected.iter();
        let listed = listed.filter(|n| n.kind == "statement");
        let listed: Vec<_> = listed.map(|n| n.name.as_deref().unwrap()).collect();
        assert_eq!(listed, ["ALTER TYPE", "ALTER EXTENSION"]);
    }
}
