//! The check that goes round: what core's reader makes of the DDL, and of `pg_dump`'s output, is
//! what introspection finds on the server, at level `exact`. What the comparison leaves out is in
//! `not_checked.<backend>.txt`, a snapshot like the others.

use std::fmt::Write;
use std::process::Command;

use db_adapter::schema::{DatabaseSchema, SqlDialect, TableSchema};
use db_adapter_core::ddl::{self, Ddl};
use db_adapter_core::validate::{Validation, ValidationLevel};
use support::{client_as_new_as, find_binaries};

use crate::case::Backend;

/// What was not compared, to be kept as a snapshot.
pub(crate) fn check(
    backend: Backend,
    schemas: &[&str],
    files: &[(&str, String)],
    live: &DatabaseSchema,
) -> String {
    let mut left_out = String::new();
    for (file, sql) in files {
        let mut told = ddl::parse(sql, dialect(backend));
        assert!(told.errors.is_empty(), "{file}: {:?}\n{sql}", told.errors);
        keep_schemas(&mut told.schema, backend, schemas);
        let validation = Validation::new(&told.schema).level(ValidationLevel::Exact);
        let result = validation.run(live);
        assert!(
            result.differences.is_empty(),
            "{file} and the server differ: {:#?}\n{sql}",
            result.differences
        );
        notices_what_is_gone(&told.schema, live);
        writeln!(left_out, "{file}").unwrap();
        for note in notes(&told) {
            writeln!(left_out, "  note: {note}").unwrap();
        }
        for entry in &result.not_checked {
            let name = entry.name.as_deref().unwrap_or("all");
            writeln!(left_out, "  {} {name}: {}", entry.kind, entry.reason).unwrap();
        }
    }
    left_out
}

/// The agreement means something: without a table, a column, a constraint or an index it is none.
fn notices_what_is_gone(told: &DatabaseSchema, live: &DatabaseSchema) {
    for (key, table) in &live.tables {
        let mut without = vec![live.clone(); 4];
        without[0].tables.remove(key);
        let left = |schema: &mut DatabaseSchema, change: &dyn Fn(&mut TableSchema)| {
            schema.tables.get_mut(key).into_iter().for_each(change);
        };
        left(&mut without[1], &|t| drop(t.columns.pop()));
        left(&mut without[2], &|t| drop(t.constraints.pop_last()));
        left(&mut without[3], &|t| drop(t.indexes.pop_last()));
        // a partition has the columns of its parent, or is none
        let known = table.partition_of.is_none()
            && told
                .not_inspected
                .iter()
                .all(|e| e.name.as_ref() != Some(key));
        for (n, changed) in without.iter().enumerate() {
            let is_changed = match n {
                0 => true,
                1 => !table.columns.is_empty() && known,
                2 => !table.constraints.is_empty() && table.partition_of.is_none(),
                _ => !table.indexes.is_empty() && table.partition_of.is_none(),
            };
            let validation = Validation::new(told).level(ValidationLevel::Exact);
            let result = validation.run(changed);
            assert!(
                !is_changed || !result.differences.is_empty(),
                "nobody noticed that part {n} of `{key}` was gone"
            );
        }
    }
}

fn dialect(backend: Backend) -> SqlDialect {
    match backend {
        Backend::Postgres => SqlDialect::Postgres,
        Backend::Sqlite => SqlDialect::Sqlite,
    }
}

/// What a reader passes over; what objects it does not read is told by `not_checked`.
fn notes(told: &Ddl) -> impl Iterator<Item = &str> {
    let messages = told.notes.iter().map(|note| note.message.as_str());
    messages.filter(|message| !message.contains("are not read"))
}

/// Only the schemas that introspection looked at.
fn keep_schemas(told: &mut DatabaseSchema, backend: Backend, schemas: &[&str]) {
    let default = match backend {
        Backend::Postgres => "public",
        Backend::Sqlite => "main",
    };
    let kept = |schema: &Option<String>| {
        let schema = schema.as_deref().unwrap_or(default);
        schemas.contains(&schema) || schemas.is_empty() && schema == default
    };
    told.tables.retain(|_, table| kept(&table.schema));
    told.views.retain(|_, view| kept(&view.schema));
    told.enums.retain(|_, found| kept(&found.schema));
    told.domains.retain(|_, found| kept(&found.schema));
    told.sequences.retain(|_, found| kept(&found.schema));
}

/// The schema as `pg_dump` writes it. `None` where no `pg_dump` is as new as the server: it refuses to
/// read what it cannot know.
pub(crate) fn dump(url: &str, schemas: &[&str]) -> Option<String> {
    let folder = std::env::var_os(support::PG_BIN_VARIABLE);
    let folder = find_binaries(folder.as_deref().map(std::path::Path::new)).unwrap();
    let Some(program) = client_as_new_as("pg_dump", &folder) else {
        eprintln!("no dump is read: no `pg_dump` is as new as the server");
        return None;
    };
    let mut command = Command::new(program);
    command.args(["--schema-only", "--no-owner", "--no-privileges"]);
    for schema in if schemas.is_empty() {
        &["public"]
    } else {
        schemas
    } {
        command.arg(format!("--schema={schema}"));
    }
    let output = command.arg(url).output().expect("pg_dump is installed");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "pg_dump: {error}");
    Some(String::from_utf8(output.stdout).unwrap())
}
