//! SQL files: read by core's own reader, tracked so that editing one rebuilds, and compared with
//! structs. Nothing but the file that is named is read.

mod check;
mod expected;

pub(crate) use expected::expected;

use crate::cursor::Cursor;
use crate::errors::Errors;
use db_adapter_core::ddl::{self, Ddl, SqlDialect};
use db_adapter_core::schema::TABLES_OF_TOOLS;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use std::path::{Path, PathBuf};

/// Whose SQL it is.
#[derive(Clone, Copy, Default)]
pub(crate) struct Dialect(SqlDialect);

impl Dialect {
    pub(crate) fn read(cursor: &mut Cursor, errors: &mut Errors) -> Dialect {
        let at = cursor.span();
        let word = cursor.ident().map(|word| word.to_string());
        match word.as_deref() {
            Some("sqlite") => Dialect(SqlDialect::Sqlite),
            Some("postgres") => Dialect(SqlDialect::Postgres),
            _ => {
                errors.add(
                    at,
                    "expected a dialect; hint: write `dialect = postgres` or `dialect = sqlite`",
                );
                Dialect::default()
            }
        }
    }
}

/// A SQL file that was read.
pub(crate) struct File {
    /// As it was written in the macro.
    shown: String,
    ddl: Ddl,
    dialect: SqlDialect,
}

impl File {
    /// Reads the file. What cannot be read is reported at the literal, with the place in the file.
    pub(crate) fn load(
        shown: &str,
        at: Span,
        dialect: Dialect,
        errors: &mut Errors,
    ) -> Option<File> {
        let path = full_path(shown);
        let text = match std::fs::read(&path).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => {
                errors.add(
                    at,
                    format_args!("`{}` is not UTF-8; hint: save it as UTF-8", path.display()),
                );
                return None;
            }
            Err(error) => {
                errors.add(at, format_args!("cannot read `{}`: {error}; hint: paths are relative to the folder of Cargo.toml", path.display()));
                return None;
            }
        };
        let ddl = ddl::parse(&text, dialect.0);
        for error in &ddl.errors {
            errors.add(at, error.render(shown));
        }
        if ddl.errors.is_empty() && ddl.schema.tables.is_empty() {
            errors.add(at, format_args!("`{shown}` creates no tables; hint: it should have `CREATE TABLE` statements, as `pg_dump --schema-only` writes them"));
        }
        Some(File {
            shown: shown.to_owned(),
            ddl,
            dialect: dialect.0,
        })
    }

    /// The types of the table's columns, as an option of its struct. Those of SQLite bound nothing.
    pub(crate) fn types(&self, table: &str) -> Option<TokenStream> {
        if self.dialect != SqlDialect::Postgres {
            return None;
        }
        let columns = self.ddl.schema.table(table)?.columns.iter();
        let types = columns.map(|column| {
            let (name, data_type) = (&column.name, &column.data_type);
            quote!(#name = #data_type)
        });
        Some(quote!(sql_types(#(#types),*)))
    }

    /// The tables that a program reads and writes: no partitions, nothing of tools for migrations.
    pub(crate) fn tables(&self) -> Vec<String> {
        let tables = self.ddl.schema.tables.iter();
        let tables = tables.filter(|(_, t)| t.partition_of.is_none());
        let tables = tables.filter(|(_, t)| !TABLES_OF_TOOLS.contains(&t.name.as_str()));
        tables.map(|(key, _)| key.clone()).collect()
    }

    /// That these tables have no struct.
    pub(crate) fn undeclared(&self, tables: &[String]) -> String {
        const FEW: usize = 12;
        let shown: Vec<String> = tables.iter().take(FEW).map(|t| format!("`{t}`")).collect();
        let more = tables.len().saturating_sub(FEW);
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let table = if tables.len() == 1 { "table" } else { "tables" };
        format!(
            "no struct of this module declares the {table} {}{more} of `{}`; hint: declare each, with `backup = false` if it is not to be backed up, or write `undeclared = [..]` or `undeclared = all`",
            shown.join(", "),
            self.shown
        )
    }

    /// Makes cargo and the compiler look at the file again when it changes.
    pub(crate) fn track(&self) -> TokenStream {
        let shown = &self.shown;
        match Path::new(shown).is_absolute() {
            true => quote!(
                const _: &[u8] = ::core::include_bytes!(#shown);
            ),
            false => quote!(
                const _: &[u8] = ::core::include_bytes!(
                    ::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #shown)
                );
            ),
        }
    }
}

fn full_path(shown: &str) -> PathBuf {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    PathBuf::from(root).join(shown)
}
