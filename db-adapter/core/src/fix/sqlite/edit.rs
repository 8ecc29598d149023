//! The stored statement of a table of SQLite with some of its parts changed, and all else as somebody wrote it:
//! comments, collations, conflict clauses, unnamed checks. Never prints a table from the model.

use super::SQLITE;
use super::element::{Element, is_this, parenthesized, spelled};
use crate::lexer::{Lexer, Token};
use crate::name::quote_ident;
use std::ops::Range;

/// What is to be done to a stored statement.
pub(super) enum Edit {
    Add(String),
    DropColumn(String),
    Type(String, String),
    /// NULL is taken, or refused, in this way where one is given.
    Nullable(String, bool, Option<String>),
    Default(String, Option<String>),
    Constraint(String),
    DropConstraint(Option<String>, &'static str, Vec<String>),
}

/// The stored statement under another name, with all the edits. `None` where one of them has no place.
pub(super) fn edited(sql: &str, name: &str, edits: &[Edit]) -> Option<String> {
    let mut edited = Edited::of(sql)?;
    edited.rename(name);
    for edit in edits {
        match edit {
            Edit::Add(definition) => edited.add_column(definition)?,
            Edit::DropColumn(name) => edited.drop_column(name)?,
            Edit::Type(name, data_type) => edited.set_type(name, data_type)?,
            Edit::Nullable(name, nullable, conflict) => {
                edited.set_nullable(name, *nullable, conflict.as_deref())?;
            }
            Edit::Default(name, default) => edited.set_default(name, default.as_deref())?,
            Edit::Constraint(definition) => edited.add_constraint(definition)?,
            Edit::DropConstraint(name, word, inside) => {
                let one = edited.drop_constraint(name.as_deref(), word, inside);
                // a reference of one column may be written behind the table's columns
                one.or_else(|| match *word {
                    "references" => edited.drop_constraint(name.as_deref(), "foreign", inside),
                    _ => None,
                })?;
            }
        }
    }
    edited.sql()
}

/// The order of what is put in at one place: the last column's own comes before what comes behind the column.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Type,
    Clause,
    Column,
    Constraint,
}

/// A statement that is being changed.
struct Edited<'a> {
    sql: &'a str,
    name: Range<usize>,
    elements: Vec<Element<'a>>,
    /// What comes in the place of what; an empty range is a place to put something in.
    changes: Vec<(Range<usize>, Place, String)>,
}

impl<'a> Edited<'a> {
    /// Reads CREATE TABLE. `None` for another statement, and for one that does not end.
    fn of(sql: &'a str) -> Option<Edited<'a>> {
        let lexer = Lexer::of_definition(sql, SQLITE);
        let mut tokens = lexer.significant().peekable();
        if !tokens.next()?.is("create") || !tokens.next()?.is("table") {
            return None;
        }
        let mut name = tokens.next()?;
        if name.is("if") {
            tokens.nth(1)?;
            name = tokens.next()?;
        }
        if tokens.peek()?.is_symbol(".") {
            tokens.next();
            name = tokens.next()?;
        }
        if !tokens.next()?.is_symbol("(") {
            return None; // AS SELECT, which SQLite does not keep
        }
        let mut elements = Vec::new();
        let mut element: Vec<Token<'a>> = Vec::new();
        let mut depth = 1_usize;
        for token in tokens {
            match token.text {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                elements.push(Element { tokens: element });
                let name = name.start..name.end();
                return Some(Edited {
                    sql,
                    name,
                    elements,
                    changes: Vec::new(),
                });
            }
            match depth == 1 && token.is_symbol(",") {
                true => elements.push(Element {
                    tokens: std::mem::take(&mut element),
                }),
                false => element.push(token),
            }
        }
        None
    }

    fn column(&self, name: &str) -> Option<&Element<'a>> {
        let mut elements = self.elements.iter();
        elements.find(|element| {
            element
                .column()
                .is_some_and(|own| own.eq_ignore_ascii_case(name))
        })
    }

    fn change(&mut self, range: Range<usize>, place: Place, text: impl Into<String>) {
        self.changes.push((range, place, text.into()));
    }

    /// The table gets another name.
    fn rename(&mut self, name: &str) {
        let range = self.name.clone();
        self.change(range, Place::Clause, quote_ident(name));
    }

    /// A column gets another type, as SQL.
    fn set_type(&mut self, column: &str, data_type: &str) -> Option<()> {
        let range = self.column(column)?.data_type();
        let text = match range.is_empty() {
            true => format!(" {data_type}"),
            false => data_type.to_owned(),
        };
        self.change(range, Place::Type, text);
        Some(())
    }

    fn set_clause(&mut self, column: &str, words: &[&str], text: Option<String>) -> Option<()> {
        let element = self.column(column)?;
        let mut clauses = element.clauses().into_iter();
        let there = clauses.find(|clause| {
            let null =
                clause.word != "not" || clause.text.get(1).is_some_and(|word| word == "null");
            words.contains(&clause.word.as_str()) && null
        });
        let end = element.data_type().end;
        match (there, text) {
            (Some(clause), Some(text)) => self.change(clause.range, Place::Clause, text),
            (Some(clause), None) => self.change(clause.range, Place::Clause, ""),
            (None, Some(text)) => self.change(end..end, Place::Clause, format!(" {text}")),
            (None, None) => {}
        }
        Some(())
    }

    /// A column becomes NOT NULL, or may have NULL.
    fn set_nullable(&mut self, column: &str, nullable: bool, conflict: Option<&str>) -> Option<()> {
        let conflict = conflict.map(|action| format!(" ON CONFLICT {action}"));
        let text = (!nullable).then(|| format!("NOT NULL{}", conflict.unwrap_or_default()));
        self.set_clause(column, &["not", "null"], text)
    }

    /// A column gets another default, as SQL, or none.
    fn set_default(&mut self, column: &str, default: Option<&str>) -> Option<()> {
        let text = default.map(|default| format!("DEFAULT {default}"));
        self.set_clause(column, &["default"], text)
    }

    /// Adds a column behind the others.
    fn add_column(&mut self, definition: &str) -> Option<()> {
        let mut columns = self
            .elements
            .iter()
            .filter(|element| !element.is_of_table());
        let end = columns.next_back()?.end();
        self.change(end..end, Place::Column, format!(",\n    {definition}"));
        Some(())
    }

    /// Adds a constraint of the table behind all else.
    fn add_constraint(&mut self, definition: &str) -> Option<()> {
        let end = self.elements.last()?.end();
        self.change(end..end, Place::Constraint, format!(",\n    {definition}"));
        Some(())
    }

    /// Takes an element out, with a comma beside it.
    fn remove(&mut self, at: usize) -> Option<()> {
        let own = self.elements.get(at)?;
        let range = match at
            .checked_sub(1)
            .and_then(|before| self.elements.get(before))
        {
            Some(before) => before.end()..own.end(),
            None => own.start()..self.elements.get(at + 1)?.start(),
        };
        self.change(range, Place::Clause, "");
        Some(())
    }

    /// Drops a column.
    fn drop_column(&mut self, column: &str) -> Option<()> {
        let at = self.elements.iter().position(|element| {
            element
                .column()
                .is_some_and(|own| own.eq_ignore_ascii_case(column))
        })?;
        self.remove(at)
    }

    /// Drops a constraint: by its name, or, where it has none, by the words that it is of and the columns or the
    /// expression in it.
    fn drop_constraint(&mut self, name: Option<&str>, word: &str, inside: &[String]) -> Option<()> {
        let wanted: Vec<String> = inside
            .iter()
            .flat_map(|text| {
                Lexer::of_definition(text, SQLITE)
                    .significant()
                    .map(|token| spelled(&token))
                    .collect::<Vec<_>>()
            })
            .collect();
        for at in 0..self.elements.len() {
            let element = self.elements.get(at)?;
            if element.is_of_table() {
                if is_this(&element.tokens, name, word, &wanted) {
                    return self.remove(at);
                }
                continue;
            }
            let own = element.column().unwrap_or_default().to_ascii_lowercase();
            let clauses = element.clauses();
            let found = clauses.into_iter().find(|clause| match name {
                Some(name) => clause.name.as_deref() == Some(name),
                None => {
                    let of_column = wanted.len() == 1 && wanted.first() == Some(&own);
                    let in_parentheses = parenthesized(&clause.text);
                    clause.word == word
                        && clause.name.is_none()
                        && (of_column && word != "check"
                            || in_parentheses == wanted && word == "check")
                }
            });
            if let Some(clause) = found {
                self.change(clause.range, Place::Clause, "");
                return Some(());
            }
        }
        None
    }

    /// The statement as it is then. `None` where two changes are about the same place.
    fn sql(mut self) -> Option<String> {
        self.changes
            .sort_by_key(|(range, place, _)| (range.start, range.end, *place));
        let mut result = String::with_capacity(self.sql.len());
        let mut at = 0;
        for (range, _, text) in &self.changes {
            result.push_str(self.sql.get(at..range.start)?);
            result.push_str(text);
            at = range.end;
        }
        result.push_str(self.sql.get(at..)?);
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: &str = "CREATE TABLE \"t\" (
        a INTEGER PRIMARY KEY, -- the key
        b VARCHAR(10) COLLATE NOCASE NOT NULL ON CONFLICT IGNORE DEFAULT ('x, y') CHECK (b <> ','),
        c REFERENCES p (x) ON DELETE SET NULL NOT DEFERRABLE UNIQUE, /* no type */
        d TEXT DEFAULT NULL,
        CONSTRAINT \"u\" UNIQUE (b, c) ON CONFLICT REPLACE, CHECK (a > 0) -- last
    ) STRICT";

    fn edited(change: impl Fn(&mut Edited<'_>) -> Option<()>) -> String {
        let mut edited = Edited::of(SQL).unwrap();
        change(&mut edited).unwrap();
        edited.sql().unwrap()
    }

    #[test]
    fn only_what_is_changed_is_another_text() {
        for (from, to, found) in [
            ("VARCHAR(10)", "TEXT", edited(|e| e.set_type("B", "TEXT"))),
            (
                "c REFERENCES",
                "c INT REFERENCES",
                edited(|e| e.set_type("c", "INT")),
            ),
            (
                "NOT NULL ON CONFLICT IGNORE",
                "",
                edited(|e| e.set_nullable("b", true, None)),
            ),
            (
                "d TEXT",
                "d TEXT NOT NULL ON CONFLICT FAIL",
                edited(|e| e.set_nullable("d", false, Some("FAIL"))),
            ),
            (
                "c REFERENCES",
                "c NOT NULL REFERENCES",
                edited(|e| e.set_nullable("c", false, None)),
            ),
            (
                "DEFAULT ('x, y')",
                "DEFAULT 1",
                edited(|e| e.set_default("b", Some("1"))),
            ),
            ("DEFAULT NULL", "", edited(|e| e.set_default("d", None))),
            (
                "c REFERENCES",
                "c DEFAULT 3 REFERENCES",
                edited(|e| e.set_default("c", Some("3"))),
            ),
            (
                "DEFAULT NULL,",
                "DEFAULT NULL,\n    e INT,",
                edited(|e| e.add_column("e INT")),
            ),
            (
                "CHECK (a > 0)",
                "CHECK (a > 0),\n    CHECK (1)",
                edited(|e| e.add_constraint("CHECK (1)")),
            ),
            (
                ", CHECK (a > 0)",
                "",
                edited(|e| e.drop_constraint(None, "check", &["a>0".into()])),
            ),
            (
                "CHECK (b <> ',')",
                "",
                edited(|e| e.drop_constraint(None, "check", &["b <> ','".into()])),
            ),
            (
                "UNIQUE, /*",
                ", /*",
                edited(|e| e.drop_constraint(None, "unique", &["c".into()])),
            ),
            (
                ",\n        CONSTRAINT \"u\" UNIQUE (b, c) ON CONFLICT REPLACE",
                "",
                edited(|e| e.drop_constraint(Some("u"), "unique", &[])),
            ),
            (
                "REFERENCES p (x) ON DELETE SET NULL NOT DEFERRABLE",
                "",
                edited(|e| e.drop_constraint(None, "references", &["c".into()])),
            ),
        ] {
            assert_eq!(SQL.replacen(from, to, 1), found, "{from}");
        }
        let renamed = edited(|e| {
            e.rename("n\"1");
            Some(())
        });
        assert_eq!(SQL.replacen("\"t\"", "\"n\"\"1\"", 1), renamed);
    }

    #[test]
    fn edits_of_one_place_keep_to_their_element() {
        let edits = |own: [Edit; 4]| super::edited("CREATE TABLE t (a, b)", "n", &own).unwrap();
        let found = edits([
            Edit::Constraint("UNIQUE (b)".into()),
            Edit::Add("c INT".into()),
            Edit::Default("b".into(), Some("1".into())),
            Edit::Type("b".into(), "TEXT".into()),
        ]);
        let wanted = "CREATE TABLE \"n\" (a, b TEXT DEFAULT 1,\n    c INT,\n    UNIQUE (b))";
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_column_goes_with_a_comma() {
        let dropped = |sql: &str, column: &str| {
            let mut edited = Edited::of(sql).unwrap();
            edited.drop_column(column).unwrap();
            edited.sql().unwrap()
        };
        assert_eq!(
            dropped("CREATE TABLE t (a, b, c)", "a"),
            "CREATE TABLE t (b, c)"
        );
        assert_eq!(
            dropped("CREATE TABLE t (a, b, c)", "c"),
            "CREATE TABLE t (a, b)"
        );
        assert!(Edited::of("CREATE TABLE t (a").is_none());
        assert!(Edited::of("CREATE VIRTUAL TABLE t USING fts5(a)").is_none());
    }
}
