//! Whether a statement changes how PostgreSQL writes and reads the text of values.

use super::Statement;
use super::footprint::mentions;
use crate::lexer::Kind;

/// The settings that decide it. Not the time zone: it only changes the offset with which the same
/// moment is written.
const OF_VALUES: &[&str] = &[
    "array_nulls",
    "client_encoding",
    "datestyle",
    "intervalstyle",
    "quote_all_identifiers",
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
        if !verb.is_any(&["set", "reset"]) {
            return self.value_call();
        }
        let mut name = words.next()?;
        if name.is_any(&["local", "session"]) {
            name = words.next()?;
        }
        // `names.x` is a setting of somebody's own
        let is_whole = words.next().is_none_or(|token| !token.is_symbol("."));
        let decides = OF_VALUES.iter().any(|known| name.names(known))
            || (verb.is("set") && name.is_any(&["names", "xml"]))
            || (verb.is("reset") && name.is("all"));
        (decides && is_whole).then_some(name.text)
    }

    /// A call of `set_config` beside a text with the name of such a setting.
    fn value_call(self) -> Option<&'a str> {
        let call = self.tokens().find(|token| token.names("set_config"))?;
        let named = self.tokens().any(|token| {
            let is_text = matches!(token.kind, Kind::String(_));
            is_text && OF_VALUES.iter().any(|known| mentions(&token, known))
        });
        named.then_some(call.text)
    }
}
