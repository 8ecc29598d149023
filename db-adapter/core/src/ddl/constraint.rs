//! Keys, foreign keys, checks and exclusions, at a column or at a table.
//! Never gives a constraint its name where the DDL does not: that is `naming`.

use super::cursor::{Cursor, Read};
use crate::schema::{ColumnSchema, ConstraintKind, ConstraintSchema, ReferentialAction};
use std::collections::BTreeMap;

/// Whether a constraint of a table starts here, not a column.
pub(super) fn starts(c: &Cursor<'_>) -> bool {
    let opens = |ahead| c.symbol_at(ahead) == Some("(");
    c.is("constraint") && !c.word(1).is_empty() | c.symbol_at(1).is_none()
        || c.is("primary") && c.is_at(1, "key")
        || c.is("foreign") && c.is_at(1, "key")
        || c.is("unique") && (opens(1) || c.is_at(1, "nulls") || c.is_at(1, "using"))
        || c.is("check") && opens(1)
        || c.is("exclude") && (opens(1) || c.is_at(1, "using"))
        || c.is("not") && c.is_at(1, "null")
}

/// What a table constraint is.
pub(super) enum TableConstraint {
    Constraint(ConstraintSchema),
    /// `NOT NULL column`, as newer servers write it.
    NotNull(NotNull),
    /// `PRIMARY KEY USING INDEX name`: its columns are the index's.
    FromIndex(ConstraintSchema, String),
}

/// A NOT NULL with a name of its own, which servers from 18 on keep.
#[derive(Clone, Debug, Default)]
pub(super) struct NotNull {
    pub(super) name: String,
    pub(super) column: String,
    pub(super) not_valid: bool,
    pub(super) no_inherit: bool,
    pub(super) on_conflict: Option<String>,
}

impl NotNull {
    pub(super) fn new(column: &str, said: ConstraintSchema) -> NotNull {
        NotNull {
            name: said.name,
            column: column.to_owned(),
            not_valid: said.not_valid,
            no_inherit: said.no_inherit,
            on_conflict: said.on_conflict,
        }
    }

    pub(super) fn put_on(&self, column: &mut ColumnSchema) {
        column.set_nullable(self.not_valid);
        column.not_null_not_valid = self.not_valid;
        column.not_null_no_inherit = self.no_inherit;
        column.not_null_on_conflict.clone_from(&self.on_conflict);
        column.not_null_name = (!self.name.is_empty()).then(|| self.name.clone());
    }
}

/// Reads a constraint of a table, with its name if it has one.
pub(super) fn of_table(c: &mut Cursor<'_>) -> Read<TableConstraint> {
    let mut new = ConstraintSchema::default();
    if c.eat("constraint") {
        new.name = c.name("the name of a constraint")?;
    }
    if c.eat("not null") {
        let column = c.name("a column after `NOT NULL`")?;
        attributes(c, &mut new)?;
        return Ok(TableConstraint::NotNull(NotNull::new(&column, new)));
    }
    if c.eat("primary key") {
        new.kind = ConstraintKind::PrimaryKey;
        return key(c, new);
    }
    if c.eat("unique") {
        new.kind = ConstraintKind::Unique;
        return key(c, new);
    }
    if c.eat("check") {
        check(c, &mut new)?;
    } else if c.eat("foreign key") {
        (new.columns, new.over_time) = c.names_over_time("after `FOREIGN KEY`")?;
        c.expect("references", "after the columns of a foreign key")?;
        references(c, &mut new)?;
    } else if c.eat("exclude") {
        new.kind = ConstraintKind::Exclude;
        let body = c.until(|c| c.is_any(&["deferrable", "not", "initially"]));
        new.columns = excluded(body);
        new.expression = Some(body.sql());
        attributes(c, &mut new)?;
    } else {
        return Err(c.unexpected("`PRIMARY KEY`, `UNIQUE`, `FOREIGN KEY`, `CHECK` or `EXCLUDE`"));
    }
    Ok(TableConstraint::Constraint(new))
}

fn key(c: &mut Cursor<'_>, mut new: ConstraintSchema) -> Read<TableConstraint> {
    nulls_distinct(c, &mut new);
    if c.eat("using index") {
        let index = c.name("the name of an index")?;
        attributes(c, &mut new)?;
        return Ok(TableConstraint::FromIndex(new, index));
    }
    new.collations = collations(*c);
    (new.columns, new.over_time) = c.names_over_time("after the kind of key")?;
    index_parameters(c, &mut new)?;
    attributes(c, &mut new)?;
    Ok(TableConstraint::Constraint(new))
}

/// The collations of SQLite's `(a COLLATE NOCASE, b)`, by the columns.
fn collations(mut c: Cursor<'_>) -> BTreeMap<String, String> {
    if c.is_postgres() {
        return BTreeMap::new();
    }
    let elements = c.parentheses("").map(Cursor::commas).unwrap_or_default();
    let named = elements.into_iter().filter_map(|mut element| {
        let column = element.name("a column").ok()?;
        let collation = element.eat("collate").then(|| element.name("a collation"));
        Some((column, collation?.ok()?))
    });
    named.collect()
}

/// Whether it is SQLite's `PRIMARY KEY (id AUTOINCREMENT)`.
pub(super) fn counts_on(mut c: Cursor<'_>) -> bool {
    if c.is_postgres() {
        return false;
    }
    if c.eat("constraint") {
        c.next();
    }
    let columns = c.eat("primary key").then(|| c.parentheses("")).transpose();
    let mut columns = columns.ok().flatten().map(Cursor::commas).into_iter();
    columns.next().is_some_and(|columns| {
        columns.into_iter().any(|mut column| {
            column.next();
            column.until(|c| c.is("autoincrement"));
            column.is("autoincrement")
        })
    })
}

/// The columns that an exclusion names, without its expressions.
fn excluded(mut body: Cursor<'_>) -> Vec<String> {
    if body.eat("using") {
        body.next();
    }
    let elements = body.parentheses("after `EXCLUDE`").map(Cursor::commas);
    let column = |mut c: Cursor<'_>| c.name("a column").ok().filter(|_| !c.is_symbol('('));
    elements
        .unwrap_or_default()
        .into_iter()
        .filter_map(column)
        .collect()
}

/// `(expression)` behind CHECK.
pub(super) fn check(c: &mut Cursor<'_>, new: &mut ConstraintSchema) -> Read<()> {
    new.kind = ConstraintKind::Check;
    new.expression = Some(expression(c, "after `CHECK`")?);
    attributes(c, new)
}

/// An expression in parentheses, which are taken off, one pair or two.
pub(super) fn expression(c: &mut Cursor<'_>, after: &str) -> Read<String> {
    let mut inside = c.parentheses(after)?;
    if inside.is_done() {
        return Err(inside.problem(format!("expected an expression {after}, found nothing")));
    }
    let whole = inside;
    if inside.is_symbol('(') {
        let inner = inside.parentheses(after)?;
        if inside.is_done() && !inner.is_done() {
            return Ok(inner.sql()); // pg_dump writes `CHECK ((a > 0))`
        }
    }
    Ok(whole.sql())
}

pub(super) fn nulls_distinct(c: &mut Cursor<'_>, new: &mut ConstraintSchema) {
    if c.eat("nulls not distinct") {
        new.nulls_not_distinct = true;
    } else {
        c.eat("nulls distinct");
    }
}

/// What may follow a key's columns, in any order.
pub(super) fn index_parameters(c: &mut Cursor<'_>, new: &mut ConstraintSchema) -> Read<()> {
    loop {
        if c.eat("include") {
            new.include = c.names("after `INCLUDE`")?;
        } else if c.eat("with") {
            c.parentheses("after `WITH`")?;
        } else if c.eat("using index tablespace") {
            c.name("the name of a tablespace")?;
        } else if !on_conflict(c, new)? {
            return Ok(());
        }
    }
}

/// SQLite's `ON CONFLICT action`.
pub(super) fn on_conflict(c: &mut Cursor<'_>, new: &mut ConstraintSchema) -> Read<bool> {
    if c.is_postgres() || !c.eat("on conflict") {
        return Ok(false);
    }
    let action = c.name("what to do on conflict")?.to_ascii_uppercase();
    // of a check it has no effect
    let has_effect = action != "ABORT" && (new.kind != ConstraintKind::Check || is_not_null(new));
    new.on_conflict = has_effect.then_some(action);
    Ok(true)
}

/// What is read of a NOT NULL is not a constraint of any kind yet.
fn is_not_null(new: &ConstraintSchema) -> bool {
    new.expression.is_none()
}

/// What follows REFERENCES.
pub(super) fn references(c: &mut Cursor<'_>, new: &mut ConstraintSchema) -> Read<()> {
    new.kind = ConstraintKind::ForeignKey;
    let (schema, table) = c.qualified("the referenced table")?;
    new.references_schema = schema;
    new.references_table = Some(table);
    new.on_delete = Some(ReferentialAction::NoAction);
    new.on_update = Some(ReferentialAction::NoAction);
    if c.is_symbol('(') {
        let (columns, _) = c.names_over_time("after the referenced table")?;
        if !new.columns.is_empty() && new.columns.len() != columns.len() {
            let (own, theirs) = (new.columns.len(), columns.len());
            return Err(c.problem_at(
                c.at.saturating_sub(1),
                format!("the foreign key has {own} columns and references {theirs}"),
            ));
        }
        new.references_columns = Some(columns);
    }
    loop {
        if c.eat("match") {
            new.match_full = c.is("full");
            c.name("`FULL`, `PARTIAL` or `SIMPLE` after `MATCH`")?;
        } else if c.eat("on delete") {
            new.on_delete = Some(action(c)?);
            if c.is_symbol('(') {
                new.on_delete_columns = c.names("after the action")?;
            }
        } else if c.eat("on update") {
            new.on_update = Some(action(c)?);
        } else {
            return attributes(c, new);
        }
    }
}

fn action(c: &mut Cursor<'_>) -> Read<ReferentialAction> {
    for (words, action) in [
        ("cascade", ReferentialAction::Cascade),
        ("restrict", ReferentialAction::Restrict),
        ("no action", ReferentialAction::NoAction),
        ("set null", ReferentialAction::SetNull),
        ("set default", ReferentialAction::SetDefault),
    ] {
        if c.eat(words) {
            return Ok(action);
        }
    }
    Err(c.unexpected("`CASCADE`, `RESTRICT`, `NO ACTION`, `SET NULL` or `SET DEFAULT`"))
}

/// When and how it is checked.
pub(super) fn attributes(c: &mut Cursor<'_>, new: &mut ConstraintSchema) -> Read<()> {
    while attribute(c, new) || on_conflict(c, new)? {}
    Ok(())
}

fn attribute(c: &mut Cursor<'_>, new: &mut ConstraintSchema) -> bool {
    if c.eat("not deferrable") {
        // behind which SQLite takes any word and does nothing with it
        let _ = c.eat("initially deferred") || c.eat("initially immediate");
        (new.deferrable, new.initially_deferred) = (false, false);
    } else if c.eat("deferrable") {
        new.deferrable = true;
    } else if c.eat("initially deferred") {
        (new.deferrable, new.initially_deferred) = (true, true);
    } else if c.eat("not valid") {
        new.not_valid = true;
    } else if c.eat("no inherit") {
        new.no_inherit = true;
    } else if c.eat("not enforced") {
        new.not_enforced = true;
    } else {
        let no_effect = ["initially immediate", "enforced", "inherit"];
        return no_effect.iter().any(|words| c.eat(words));
    }
    true
}
