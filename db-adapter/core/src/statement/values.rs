//! Whether a statement changes how PostgreSQL writes and reads the text of values.

use super::Statement;
use super::footprint::mentions;
use crate::lexer::{Kind, Quote, Token};
use crate::schema::SqlDialect;

/// The settings that decide it, and what the texts of statements mean. Not the time zone: it only changes
/// the offset with which the same moment is written.
const OF_VALUES: &[&str] = &[
    "array_nulls",
    "backslash_quote",
    "bytea_output",
    "client_encoding",
    "datestyle",
    "extra_float_digits",
    "intervalstyle",
    "lc_monetary",
    "quote_all_identifiers",
    "standard_conforming_strings",
    "xmlbinary",
    "xmloption",
];

impl<'a> Statement<'a> {
    /// The setting that this statement changes, where it decides how values are written and read: by `SET`,
    /// `SET LOCAL`, `RESET` or `set_config`.
    ///
    /// ```
    /// use db_adapter_core::schema::SqlDialect;
    /// use db_adapter_core::statement::Statement;
    ///
    /// let changed = |sql| Statement::new(sql, SqlDialect::Postgres).value_setting();
    /// assert_eq!(changed("SET LOCAL DateStyle = 'German'"), Some("DateStyle"));
    /// assert_eq!(changed("RESET ALL"), Some("ALL"));
    /// assert_eq!(changed("SET LOCAL work_mem = '1GB'"), None);
    /// ```
    pub fn value_setting(self) -> Option<&'a str> {
        if !self.is_postgres() {
            return None;
        }
        let mut words = self.tokens().filter(|token| !token.is_symbol(";"));
        let verb = words.next()?;
        if verb.is("do") {
            return self.block_decides().then_some(verb.text);
        }
        // names and texts that only the server can read: no setting of values is written so by chance
        if let Some(escape) = self.tokens().find(|token| token.is("uescape")) {
            return Some(escape.text);
        }
        if !verb.is_any(&["set", "reset"]) {
            let written = self.executed().setting_written();
            return written
                .or_else(|| self.value_call())
                .or_else(|| self.text_that_calls());
        }
        let mut name = words.next()?;
        if name.is_any(&["local", "session"]) {
            name = words.next()?;
        }
        // `names.x` is a setting of somebody's own
        let is_whole = words.next().is_none_or(|token| !token.is_symbol("."));
        let decides = is_of_values(&name)
            || (verb.is("set") && name.is_any(&["names", "xml"]))
            || (verb.is("reset") && name.is("all"));
        (decides && is_whole).then_some(name.text)
    }

    /// Whether the block of a `DO`, which is run here and now, may change such a setting. What cannot be read in
    /// one piece, may.
    fn block_decides(self) -> bool {
        let mut before_is_language = false;
        let mut blocks = self.tokens().filter(|token| {
            let is_language = std::mem::replace(&mut before_is_language, token.is("language"));
            matches!(token.kind, Kind::String(_)) && !is_language
        });
        let (block, more) = (blocks.next(), blocks.next());
        let Some(block) = block else {
            return false;
        };
        let is_written = matches!(block.kind, Kind::String(Quote::Plain | Quote::Dollar));
        // SQL that it puts together from parts
        let executes = mentions(&block, "execute")
            && ["set_config", "local", "reset", "pg_settings"]
                .iter()
                .any(|word| mentions(&block, word));
        !is_written || more.is_some() || executes || mentions_any(&block)
    }

    /// A call of a function that runs a text, beside a text that changes settings. It is told by the name of
    /// the function: the text may be a value of somebody.
    fn text_that_calls(self) -> Option<&'a str> {
        let changes = |token: Token<'_>| {
            matches!(token.kind, Kind::String(_))
                && (mentions(&token, "set_config") || mentions(&token, "pg_settings"))
        };
        self.call_of_text().filter(|_| self.tokens().any(changes))
    }

    /// A call of `set_config` beside a text with the name of such a setting, or whose setting is not
    /// written out.
    fn value_call(self) -> Option<&'a str> {
        let mut tokens = self.tokens();
        let call = tokens.find(|token| token.names("set_config"))?;
        let named =
            |token: Token<'_>| matches!(token.kind, Kind::String(_)) && mentions_any(&token);
        if self.tokens().any(named) {
            return Some(call.text);
        }
        loop {
            let opens = tokens.next()?.is_symbol("(");
            let (name, end) = (tokens.next(), tokens.next());
            let is_plain = |token: Token<'_>| token.kind == Kind::String(Quote::Plain);
            let is_written =
                name.is_some_and(is_plain) && end.is_some_and(|end| end.is_symbol(","));
            if opens && !is_written {
                return Some(call.text);
            }
            tokens.find(|token| token.names("set_config"))?;
        }
    }
}

/// Whether it is the name of such a setting: that of a setting is found in any case, quoted or not.
fn is_of_values(token: &Token<'_>) -> bool {
    let name = token.name(SqlDialect::Postgres);
    name.is_some_and(|name| {
        OF_VALUES
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    })
}

fn mentions_any(token: &Token<'_>) -> bool {
    OF_VALUES.iter().any(|known| mentions(token, known))
}
