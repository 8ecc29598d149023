//! What stands for SQL files without the feature `sql`: one clear error.

use crate::cursor::Cursor;
use crate::errors::Errors;
use crate::table::Declared;
use proc_macro2::{Span, TokenStream};

/// Never used.
#[derive(Clone, Copy, Default)]
pub(crate) struct Dialect(());

impl Dialect {
    pub(crate) fn read(cursor: &mut Cursor, _: &mut Errors) -> Dialect {
        cursor.next();
        Dialect(())
    }
}

const MESSAGE: &str =
    "a SQL file needs the feature `sql` of db-adapter; hint: `cargo add db-adapter --features sql`";

pub(crate) fn expected(
    _: &str,
    at: Span,
    _: Dialect,
    _: &TokenStream,
    errors: &mut Errors,
) -> Option<TokenStream> {
    errors.add(at, MESSAGE);
    None
}

/// The file that structs are compared with.
pub(crate) struct File;

impl File {
    pub(crate) fn load(_: &str, at: Span, _: Dialect, errors: &mut Errors) -> Option<File> {
        errors.add(at, MESSAGE);
        None
    }

    pub(crate) fn types(&self, _: &str) -> Option<TokenStream> {
        None
    }

    pub(crate) fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    pub(crate) fn undeclared(&self, _: &[String]) -> String {
        String::new()
    }

    pub(crate) fn track(&self) -> TokenStream {
        TokenStream::new()
    }

    pub(crate) fn check(&self, _: &Declared, _: &mut Errors) -> TokenStream {
        TokenStream::new()
    }
}
