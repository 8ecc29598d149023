//! CREATE SCHEMA with the objects that are made in it. Never reads an object itself: each element is
//! a statement like any other, whose names are in the schema.

use super::cursor::{Cursor, Read};
use super::reader::Reader;

/// In this order the server makes them, whatever their order in the statement.
const ORDER: [&str; 5] = ["sequence", "table", "view", "index", "trigger"];

impl Reader<'_> {
    /// What follows `CREATE SCHEMA`.
    pub(super) fn create_schema(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        c.eat("if not exists");
        let named = match c.is("authorization") {
            true => None,
            false => Some(c.name("the name of a schema")?),
        };
        let role = match c.eat("authorization") {
            true => Some(c.name("the name of a role")?),
            false => None,
        };
        // a schema without a name has that of its owner
        let Some(name) = named.or(role) else {
            return Ok(());
        };
        let mut elements = elements(c)?;
        elements.sort_by_key(|element| place(element));
        let path = self.search_path.clone();
        self.search_path.insert(0, name);
        for element in elements {
            self.one(element);
        }
        self.search_path = path;
        Ok(())
    }
}

/// The statements without a semicolon between them. Both words are reserved, so that nothing else
/// is spelt so.
fn elements<'a>(c: &mut Cursor<'a>) -> Read<Vec<Cursor<'a>>> {
    let is_start = |c: &Cursor<'_>| c.is("create") || c.is("grant");
    let mut found = Vec::new();
    while !c.is_done() {
        if !is_start(c) {
            return Err(c.unexpected("`CREATE`, `GRANT` or `;` in the schema"));
        }
        let start = c.at;
        c.next();
        c.until(is_start);
        found.push(c.part(start, c.at));
    }
    Ok(found)
}

fn place(element: &Cursor<'_>) -> usize {
    let mut kinds = ORDER.iter();
    let found = kinds.position(|kind| (1..4).any(|ahead| element.is_at(ahead, kind)));
    found.unwrap_or(ORDER.len())
}

#[cfg(test)]
mod tests {
    use crate::ddl::{SqlDialect, parse};

    #[test]
    fn elements_are_in_the_schema_and_nothing_behind_them() {
        let read = parse(
            "CREATE SCHEMA a CREATE INDEX i ON t (x) CREATE TABLE t (x int CHECK (x > 0)) GRANT ALL ON t TO me;
             CREATE SCHEMA AUTHORIZATION me CREATE TABLE u (x int REFERENCES a.t); CREATE TABLE v (x int);",
            SqlDialect::Postgres,
        );
        assert_eq!((read.errors.len(), read.notes.len()), (0, 0), "{read:?}");
        let keys: Vec<&String> = read.schema.tables.keys().collect();
        assert_eq!(keys, ["a.t", "me.u", "v"]);
        assert_eq!(read.schema.table("a.t").map(|t| t.indexes.len()), Some(1));
        assert_eq!(read.place_of_table("a.t").map(|place| place.line), Some(1));
    }

    #[test]
    fn what_is_not_an_element_is_an_error() {
        let read = parse(
            "CREATE SCHEMA a DROP TABLE b; CREATE TABLE c (x int)",
            SqlDialect::Postgres,
        );
        assert!(
            read.errors[0]
                .message
                .contains("expected `CREATE`, `GRANT` or `;`")
        );
        assert!(read.schema.table("c").is_some());
    }
}
