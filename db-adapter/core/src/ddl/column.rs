//! One column: its name, its type, and what follows in any order.

use super::constraint;
use super::cursor::{Cursor, Problem, Read};
use super::numbering;
use super::types::{self, OPTIONS};
use crate::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, Generated, Identity, Numbering,
};
use crate::suggest::closest;

/// A column as its definition tells it, with the constraints that stand at it.
pub(super) struct ColumnDef {
    pub(super) column: ColumnSchema,
    pub(super) constraints: Vec<ConstraintSchema>,
    pub(super) serial: bool,
    /// `PRIMARY KEY DESC`, which SQLite does not take for the row's number.
    pub(super) descending_key: bool,
    /// SQLite's `AUTOINCREMENT`.
    pub(super) autoincrement: bool,
}

/// Reads a whole definition, to the end of `c`.
pub(super) fn definition(c: &mut Cursor<'_>) -> Read<ColumnDef> {
    let name = c.name("the name of a column")?;
    let typed = types::read(c)?;
    let mut column = ColumnSchema::new(name, typed.text, typed.sql_type);
    column.nullable = !typed.serial;
    let mut def = ColumnDef {
        column,
        constraints: Vec::new(),
        serial: typed.serial,
        descending_key: false,
        autoincrement: false,
    };
    options(c, &mut def)?;
    Ok(def)
}

/// Reads `name [WITH OPTIONS] options`, of a column that exists already in a parent or a type.
pub(super) fn options_alone(c: &mut Cursor<'_>, columns: &[ColumnSchema]) -> Read<ColumnDef> {
    let at = c.at;
    let name = c.name("the name of a column")?;
    let Some(column) = columns.iter().find(|column| column.name == name) else {
        return Err(c.problem_at(at, format!("there is no column `{name}` to refine here")));
    };
    c.eat("with options");
    let mut def = ColumnDef {
        column: column.clone(),
        constraints: Vec::new(),
        serial: false,
        descending_key: false,
        autoincrement: false,
    };
    options(c, &mut def)?;
    Ok(def)
}

fn options(c: &mut Cursor<'_>, def: &mut ColumnDef) -> Read<()> {
    while !c.is_done() {
        let name = match c.eat("constraint") {
            true => Some(c.name("the name of a constraint")?),
            false => None,
        };
        if !(constrains(c, def, name.as_deref())? || describes(c, def)?) {
            return Err(stray(c, &def.column.name));
        }
    }
    Ok(())
}

/// Options that may have a name.
fn constrains(c: &mut Cursor<'_>, def: &mut ColumnDef, name: Option<&str>) -> Read<bool> {
    let mut new = ConstraintSchema {
        name: name.unwrap_or_default().to_owned(),
        columns: vec![def.column.name.clone()],
        ..ConstraintSchema::default()
    };
    if c.eat("not null") {
        constraint::attributes(c, &mut new)?;
        constraint::NotNull::new(&def.column.name, new).put_on(&mut def.column);
        return Ok(true);
    } else if c.eat("null") {
        constraint::on_conflict(c, &mut new)?;
        return Ok(true);
    } else if c.eat("default") {
        def.column.default = default(c)?;
        return Ok(true);
    } else if c.eat("primary key") {
        new.kind = ConstraintKind::PrimaryKey;
        def.descending_key = c.eat("desc");
        let _ = def.descending_key || c.eat("asc");
        constraint::index_parameters(c, &mut new)?;
        if !c.is_postgres() && c.eat("autoincrement") {
            def.column.identity = Some(Identity::ByDefault);
            def.autoincrement = true;
        }
        constraint::attributes(c, &mut new)?;
    } else if c.eat("unique") {
        new.kind = ConstraintKind::Unique;
        constraint::nulls_distinct(c, &mut new);
        constraint::index_parameters(c, &mut new)?;
        constraint::attributes(c, &mut new)?;
    } else if c.eat("check") {
        constraint::check(c, &mut new)?;
    } else if c.eat("references") {
        constraint::references(c, &mut new)?;
    } else if c.is("generated") || (!c.is_postgres() && c.is("as")) {
        generated(c, &mut def.column)?;
        return Ok(true);
    } else {
        return Ok(false);
    }
    def.constraints.push(new);
    Ok(true)
}

/// Options that say how a column is kept.
fn describes(c: &mut Cursor<'_>, def: &mut ColumnDef) -> Read<bool> {
    if c.eat("collate") {
        let (_, name) = c.qualified("a collation")?;
        // that of PostgreSQL may be another one than the type's, which the whole file tells
        let is_default = !c.is_postgres() && name.eq_ignore_ascii_case("binary");
        def.column.collation = (!is_default).then_some(name);
    } else if !c.is_postgres() {
        return Ok(false);
    } else if c.eat("storage") || c.eat("compression") {
        c.name("how to store the column")?;
    } else if c.eat("options") {
        c.parentheses("after `OPTIONS`")?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// The expression behind DEFAULT, up to the next option. A NULL that is the same without any is taken away
/// when all types are known: that of a domain has a default, and parents may have one.
pub(super) fn default(c: &mut Cursor<'_>) -> Read<Option<String>> {
    let start = c.at;
    c.eat("null"); // the first word may be one that would end the expression
    c.until(|c| c.is_any(&OPTIONS));
    match c.at > start {
        true => Ok(Some(c.part(start, c.at).sql())),
        false => Err(c.unexpected("an expression after `DEFAULT`")),
    }
}

fn generated(c: &mut Cursor<'_>, column: &mut ColumnSchema) -> Read<()> {
    let named = sequence_name(*c);
    if let Some((identity, numbering)) = identity(c)? {
        column.identity_sequence = named;
        column.identity = Some(identity);
        column.numbering = of_type(numbering, column);
        column.nullable = false;
        return Ok(());
    }
    let _ = c.eat("generated always");
    c.expect("as", "after `GENERATED ALWAYS`")?;
    let expression = constraint::expression(c, "after `AS`")?;
    let stored = c.eat("stored");
    let _ = stored || c.eat("virtual");
    column.generated = Some(Generated { expression, stored });
    Ok(())
}

/// `GENERATED ALWAYS AS IDENTITY (..)`, if that is what stands here.
pub(super) fn identity(c: &mut Cursor<'_>) -> Read<Option<(Identity, Numbering)>> {
    let mark = c.at;
    let identity = match c.eat("generated always") {
        true => Identity::Always,
        false if c.eat("generated by default") => Identity::ByDefault,
        false => return Ok(None),
    };
    if !c.eat("as identity") {
        c.at = mark;
        return match identity {
            Identity::Always => Ok(None),
            Identity::ByDefault => Err(c.problem("expected `GENERATED BY DEFAULT AS IDENTITY`")),
        };
    }
    let numbering = match c.is_symbol('(') {
        true => numbering::of_identity(c.parentheses("after `IDENTITY`")?),
        false => Numbering::default(),
    };
    Ok(Some((identity, numbering)))
}

/// The name in `AS IDENTITY (SEQUENCE NAME s ..)`, if there is one.
pub(super) fn sequence_name(mut c: Cursor<'_>) -> Option<String> {
    c.until(|c| c.is_symbol('(') || c.is("check") || c.is("default"));
    let mut inside = c.is_symbol('(').then(|| c.parentheses("").ok())??;
    inside.until(|c| c.is("sequence") && c.is_at(1, "name"));
    inside
        .eat("sequence name")
        .then(|| inside.qualified("").ok())?
        .map(|(_, name)| name)
}

/// The parameters that are not the default for the column's type.
pub(super) fn of_type(numbering: Numbering, column: &ColumnSchema) -> Option<Numbering> {
    let told = numbering.without_defaults(&column.data_type);
    (told != Numbering::default()).then_some(told)
}

/// A word that belongs nowhere.
fn stray(c: &Cursor<'_>, column: &str) -> Problem {
    let word = c.word(0);
    let mut message = format!(
        "unexpected {} in the definition of column `{column}`",
        c.found()
    );
    if c.is("not") {
        let what = c.word(1);
        message = format!("expected `NULL` after `NOT` of column `{column}`");
        if !what.is_empty() {
            return c
                .moved_to(c.at + 1)
                .unexpected(&format!("`NULL` after `NOT` of column `{column}`"));
        }
    } else if let Some(option) = closest(word, OPTIONS).filter(|o| !o.eq_ignore_ascii_case(word)) {
        let hint = format!("did you mean `{}`?", option.to_uppercase());
        return c.problem(message).hint(hint);
    } else if !word.is_empty() {
        return c.problem(message).hint("is a `,` missing before it?");
    }
    c.problem(message)
}
