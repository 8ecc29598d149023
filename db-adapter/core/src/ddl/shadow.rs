//! Tables that SQLite makes by itself and that its `.schema` prints like any other: its own, and
//! those in which a virtual table keeps its rows. Never takes a table of the application for one.

use super::reader::Reader;

/// What SQLite keeps for itself; nobody else may create such a name.
pub(super) fn is_own(name: &str) -> bool {
    let start = name.get(..7);
    start.is_some_and(|start| start.eq_ignore_ascii_case("sqlite_"))
}

/// The endings of the tables behind a virtual table of this module.
fn endings(module: &str) -> &'static [&'static str] {
    match module.to_ascii_lowercase().as_str() {
        "fts5" => &["data", "idx", "content", "docsize", "config"],
        "fts3" | "fts4" => &["content", "segments", "segdir", "docsize", "stat"],
        "rtree" | "rtree_i32" | "geopoly" => &["node", "parent", "rowid"],
        _ => &[],
    }
}

impl Reader<'_> {
    /// Takes the tables behind virtual tables out, as no reading of a database tells them.
    pub(super) fn leave_out_shadows(&mut self) {
        for (name, module) in std::mem::take(&mut self.virtual_tables) {
            for ending in endings(&module) {
                let shadow = format!("{name}_{ending}");
                let tables = &mut self.ddl.schema.tables;
                tables.retain(|_, table| !table.name.eq_ignore_ascii_case(&shadow));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ddl::{SqlDialect, parse};

    #[test]
    fn tables_that_sqlite_makes_are_left_out() {
        let read = parse(
            "CREATE TABLE sqlite_sequence(name,seq);
             CREATE VIRTUAL TABLE notes USING fts5(body)
             /* notes(body) */;
             CREATE TABLE IF NOT EXISTS 'notes_data'(id INTEGER PRIMARY KEY, block BLOB);
             CREATE TABLE IF NOT EXISTS 'notes_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
             CREATE TABLE notes_of_users (id INTEGER PRIMARY KEY);
             CREATE TABLE notes_rowid (id INTEGER);",
            SqlDialect::Sqlite,
        );
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        let keys: Vec<&String> = read.schema.tables.keys().collect();
        assert_eq!(keys, ["notes_of_users", "notes_rowid"]);
    }
}
