//! Typed reading of one section of `db.toml`: every key is known, every value has its type, and
//! whatever is wrong is collected with its place. Values are never quoted: they may be secrets.

use std::ops::Range;
use std::time::Duration;

use db_adapter_core::closest;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::{duration, template};
use crate::ConfigProblem;

/// What was found wrong so far.
pub(crate) struct Problems<'t> {
    text: &'t str,
    found: Vec<(usize, ConfigProblem)>,
}

impl<'t> Problems<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let found = Vec::new();
        Problems { text, found }
    }

    pub(crate) fn add(
        &mut self,
        at: &Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let (line, column) = position(self.text, at.start);
        let hint = Some(hint.into()).filter(|hint| !hint.is_empty());
        let message = message.into();
        self.found.push((
            at.start,
            ConfigProblem {
                line,
                column,
                message,
                hint,
            },
        ));
    }

    pub(crate) fn into_sorted(mut self) -> Vec<ConfigProblem> {
        self.found.sort_by_key(|(start, _)| *start);
        self.found.into_iter().map(|(_, problem)| problem).collect()
    }
}

/// Line and column of a byte, counted from 1, the column in characters.
pub(crate) fn position(text: &str, byte: usize) -> (usize, usize) {
    let mut end = byte.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or_default();
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (line, column)
}

/// A value and where it stands.
pub(crate) struct Located<T> {
    pub(crate) value: T,
    pub(crate) at: Range<usize>,
}

/// A table whose keys are known.
pub(crate) struct Section<'a, 'i> {
    table: &'a DeTable<'i>,
    /// Where the section begins, for what is missing in it.
    pub(crate) at: Range<usize>,
}

impl<'a, 'i> Section<'a, 'i> {
    /// Reports the keys that are not among `keys`.
    pub(crate) fn new(
        label: &str,
        keys: &[&str],
        table: &'a DeTable<'i>,
        at: Range<usize>,
        problems: &mut Problems<'_>,
    ) -> Self {
        for key in table.keys() {
            let name: &str = key.get_ref();
            if !keys.contains(&name) {
                // only a slip of a known key is shown: in a damaged file anything may be a key,
                // a part of a password too
                let (shown, hint) = match closest(name, keys.iter().copied()) {
                    Some(near) => (quoted(name), format!("did you mean `{near}`?")),
                    None => (
                        String::new(),
                        format!("the known keys are `{}`", keys.join("`, `")),
                    ),
                };
                problems.add(&key.span(), format!("unknown key{shown} in {label}"), hint);
            }
        }
        Section { table, at }
    }

    fn get(&self, key: &str) -> Option<(Range<usize>, &'a Spanned<DeValue<'i>>)> {
        let mut entries = self.table.iter();
        entries
            .find(|(name, _)| *name.get_ref() == key)
            .map(|(name, value)| (name.span(), value))
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The sections in this one, in the order of the file.
    pub(crate) fn tables(
        &self,
        problems: &mut Problems<'_>,
        example: &str,
    ) -> Vec<(Located<&'a str>, &'a DeTable<'i>)> {
        let mut tables = Vec::new();
        for (key, value) in self.table {
            match value.get_ref() {
                DeValue::Table(table) => {
                    let value: &str = key.get_ref();
                    tables.push((
                        Located {
                            value,
                            at: key.span(),
                        },
                        table,
                    ));
                }
                _ => problems.add(&key.span(), "expected a table", format!("write {example}")),
            }
        }
        tables.sort_by_key(|(name, _)| name.at.start);
        tables
    }

    pub(crate) fn table(
        &self,
        key: &str,
        problems: &mut Problems<'_>,
    ) -> Option<(Range<usize>, &'a DeTable<'i>)> {
        let (at, value) = self.get(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some((at, table)),
            _ => {
                problems.add(
                    &at,
                    format!("`{key}` is no table"),
                    format!("write `[{key}]` on a line of its own"),
                );
                None
            }
        }
    }

    /// A string with something in it, and no `${}`.
    pub(crate) fn text(&self, key: &str, problems: &mut Problems<'_>) -> Option<Located<String>> {
        let text = self.filled(key, problems)?;
        if template::has_variables(&text.value) {
            problems.add(
                &text.at,
                format!("`{key}` takes no `${{}}`"),
                "only `url`, `direct_url`, `db_password` and `schema` do",
            );
            return None;
        }
        Some(text)
    }

    /// A string with something in it, and maybe `${NAME}`.
    pub(crate) fn template(
        &self,
        key: &str,
        problems: &mut Problems<'_>,
    ) -> Option<Located<String>> {
        let text = self.filled(key, problems)?;
        if let Some(fault) = template::fault(&text.value) {
            problems.add(
                &text.at,
                format!("`{key}` has {fault}"),
                "write `${NAME}`; for the characters themselves, `$${`",
            );
            return None;
        }
        Some(text)
    }

    /// The name of an environment variable.
    pub(crate) fn variable(
        &self,
        key: &str,
        problems: &mut Problems<'_>,
    ) -> Option<Located<String>> {
        let name = self.text(key, problems)?;
        if !template::is_variable_name(&name.value) {
            problems.add(
                &name.at,
                format!("`{key}` is no name of an environment variable"),
                format!("write the name alone, as in `{key} = \"APP_NAME\"`, not the value"),
            );
            return None;
        }
        Some(name)
    }

    fn filled(&self, key: &str, problems: &mut Problems<'_>) -> Option<Located<String>> {
        let text = self.string(key, problems)?;
        if text.value.trim().is_empty() {
            problems.add(
                &text.at,
                format!("`{key}` is empty"),
                "remove the key, or give it a value",
            );
            return None;
        }
        if text.value.contains('\0') {
            problems.add(&text.at, format!("`{key}` has a NUL character"), "");
            return None;
        }
        Some(text)
    }

    /// Any string.
    pub(crate) fn string(&self, key: &str, problems: &mut Problems<'_>) -> Option<Located<String>> {
        let (at, value) = self.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(Located {
                value: text.to_string(),
                at,
            }),
            _ => wrong_type(&at, key, "a string in quotes", problems),
        }
    }

    pub(crate) fn flag(&self, key: &str, problems: &mut Problems<'_>) -> Option<bool> {
        let (at, value) = self.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => wrong_type(&at, key, "`true` or `false`", problems),
        }
    }

    pub(crate) fn count(
        &self,
        key: &str,
        least: u32,
        problems: &mut Problems<'_>,
    ) -> Option<Located<u32>> {
        let (at, value) = self.get(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(number) => integer(number).and_then(|n| u32::try_from(n).ok()),
            _ => None,
        };
        match number.filter(|number| (least..=100_000).contains(number)) {
            Some(value) => Some(Located { value, at }),
            None => wrong_type(
                &at,
                key,
                &format!("a number from {least} to 100000"),
                problems,
            ),
        }
    }

    pub(crate) fn duration(&self, key: &str, problems: &mut Problems<'_>) -> Option<Duration> {
        let (at, value) = self.get(key)?;
        let expected = "a duration of at most a year, such as `\"500ms\"`, `\"5s\"`, `\"2m\"`, `\"1h\"`, or whole seconds";
        duration_of(value).or_else(|| wrong_type(&at, key, expected, problems))
    }

    /// A duration, or `"off"`.
    pub(crate) fn duration_or_off(
        &self,
        key: &str,
        problems: &mut Problems<'_>,
    ) -> Option<Option<Duration>> {
        let (at, value) = self.get(key)?;
        if matches!(value.get_ref(), DeValue::String(text) if text == "off") {
            return Some(None);
        }
        let expected = "`\"off\"`, or a duration of at most a year, such as `\"500ms\"`, `\"5s\"`, `\"2m\"`, `\"1h\"`, or whole seconds";
        match duration_of(value) {
            Some(duration) => Some(Some(duration)),
            None => wrong_type(&at, key, expected, problems),
        }
    }

    /// A list of strings with something in them.
    pub(crate) fn texts(&self, key: &str, problems: &mut Problems<'_>) -> Option<Vec<String>> {
        let (at, value) = self.get(key)?;
        let DeValue::Array(array) = value.get_ref() else {
            return wrong_type(
                &at,
                key,
                "a list such as `[\"users\", \"orders\"]`",
                problems,
            );
        };
        let mut texts = Vec::new();
        for item in array.iter() {
            match item.get_ref() {
                DeValue::String(text) if !text.trim().is_empty() => texts.push(text.to_string()),
                _ => return wrong_type(&item.span(), key, "names in quotes", problems),
            }
        }
        Some(texts)
    }
}

fn wrong_type<T>(
    at: &Range<usize>,
    key: &str,
    expected: &str,
    problems: &mut Problems<'_>,
) -> Option<T> {
    problems.add(at, format!("`{key}` expects {expected}"), "");
    None
}

fn duration_of(value: &Spanned<DeValue<'_>>) -> Option<Duration> {
    match value.get_ref() {
        DeValue::String(text) => duration::parse(text),
        DeValue::Integer(seconds) => integer(seconds).and_then(duration::from_seconds),
        _ => None,
    }
}

fn integer(number: &DeInteger<'_>) -> Option<u64> {
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// A key in backticks when it looks like one: a value in its place may be a secret.
fn quoted(key: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
    if key.len() <= 40 && key.bytes().all(plain) {
        format!(" `{key}`")
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        assert_eq!(position("", 0), (1, 1));
        assert_eq!(position("a\nbé€x", 8), (2, 4));
        assert_eq!(position("é", 1), (1, 1));
        assert_eq!(position("a\n", 99), (2, 1));
    }
}
