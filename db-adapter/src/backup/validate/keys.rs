//! Keys of rows as 128-bit hashes: enough to tell them apart, and small enough for millions.

use std::borrow::Cow;
use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};

use db_adapter_core::{SqlType, jsonb, temporal, uuid_text};

use crate::backup::file::FileRow;

/// A key's hash. Seeds are random, so that nobody can make two keys collide on purpose.
pub(super) type KeyHash = u128;

/// The seeds of one validation.
#[derive(Clone, Default)]
pub(super) struct KeyHasher(RandomState, RandomState);

/// The keys of some columns that were seen.
#[derive(Default)]
pub(super) struct Keys(HashSet<KeyHash>);

impl Keys {
    /// Adds a key; false when it was there.
    pub(super) fn insert(&mut self, key: KeyHash) -> bool {
        self.0.insert(key)
    }

    pub(super) fn contains(&self, key: KeyHash) -> bool {
        self.0.contains(&key)
    }

    /// Gives the memory back.
    pub(super) fn clear(&mut self) {
        self.0 = HashSet::new();
    }
}

/// A key of a row.
pub(super) struct Key {
    pub(super) hash: KeyHash,
    /// Whether one of its cells is NULL.
    pub(super) has_null: bool,
}

impl KeyHasher {
    /// The key that these cells are; columns that the row does not have count as NULL.
    pub(super) fn key<'a>(
        &self,
        row: &FileRow<'_>,
        columns: impl Iterator<Item = (Option<usize>, Option<&'a SqlType>)>,
    ) -> Key {
        let (mut first, mut second) = (self.0.build_hasher(), self.1.build_hasher());
        let mut has_null = false;
        for (position, sql_type) in columns {
            let cell = position.and_then(|position| row.raw(position));
            let text = cell.and_then(|cell| meaning(cell, sql_type));
            has_null |= text.is_none();
            text.hash(&mut first);
            text.hash(&mut second);
        }
        Key {
            hash: KeyHash::from(first.finish()) << 64 | KeyHash::from(second.finish()),
            has_null,
        }
    }
}

/// What of a cell counts for equality; `None` for NULL. Both forms of a number are one.
fn meaning<'a>(cell: &'a str, sql_type: Option<&SqlType>) -> Option<Cow<'a, str>> {
    if cell == "null" {
        return None;
    }
    let is_text = cell.starts_with('"');
    let text = match is_text {
        true => crate::backup::file::unquote(cell).unwrap_or(Cow::Borrowed(cell)),
        false => Cow::Borrowed(cell),
    };
    Some(match sql_type {
        Some(SqlType::Numeric { .. }) => plain_number(text),
        Some(kind) if kind.is_temporal() => match temporal::canonical(kind, &text) {
            Some(canonical) => canonical.into(),
            None => text,
        },
        Some(SqlType::Uuid) => uuid_text::canonical(&text).map_or(text, Cow::Owned),
        Some(SqlType::Char(_)) => trimmed(text, ' '),
        // a document that is a text is another one than a number
        Some(SqlType::Json) => Cow::Borrowed(cell),
        Some(SqlType::Jsonb) => jsonb::canonical(cell).map_or(Cow::Borrowed(cell), Cow::Owned),
        Some(kind) if !is_text && is_untyped(kind) => plain_number(text),
        // without a type, `1` and `'1'` are two values; a text refers to the text
        Some(kind) if is_text && (is_untyped(kind) || kind.is_text()) && is_number(&text) => {
            Cow::Borrowed(cell)
        }
        _ => text,
    })
}

/// Whether a column takes numbers and texts, and keeps them apart.
fn is_untyped(sql_type: &SqlType) -> bool {
    matches!(sql_type, SqlType::Other(name) if name.is_empty())
}

/// Whether a number could be written so.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|first: char| first.is_ascii_digit())
}

/// `1.50` is `1.5`, and `1.0` is `1`.
fn plain_number(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.contains('.') && !text.contains(['e', 'E']) {
        true => trimmed(trimmed(text, '0'), '.'),
        false => text,
    }
}

fn trimmed(text: Cow<'_, str>, end: char) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => text.trim_end_matches(end).into(),
        Cow::Owned(text) => text.trim_end_matches(end).to_owned().into(),
    }
}
