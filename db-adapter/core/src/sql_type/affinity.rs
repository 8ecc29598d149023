//! How SQLite stores what is written to a column, by the documented rules.
//! Never says what the values mean: that is `SqlType::parse_sqlite`.

/// The affinity of a SQLite column in a table that is not STRICT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Affinity {
    /// Text that looks like a number becomes one; whole floats become integers.
    Integer,
    /// Numbers become text.
    Text,
    /// Nothing is changed.
    Blob,
    /// Text that looks like a number becomes a float, and so do integers.
    Real,
    /// Text that looks like a number becomes an integer or a float.
    Numeric,
}

impl Affinity {
    /// The affinity of a declared type, in the order of SQLite's own rules.
    ///
    /// ```
    /// use db_adapter_core::Affinity;
    ///
    /// assert_eq!(Affinity::of_declared("VARCHAR(10)"), Affinity::Text);
    /// assert_eq!(Affinity::of_declared("FLOATING POINT"), Affinity::Integer); // "POINT"
    /// ```
    pub fn of_declared(declared: &str) -> Affinity {
        let declared = declared.trim().to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
        if has(&["INT"]) {
            Affinity::Integer
        } else if has(&["CHAR", "CLOB", "TEXT"]) {
            Affinity::Text
        } else if declared.is_empty() || has(&["BLOB"]) {
            Affinity::Blob
        } else if has(&["REAL", "FLOA", "DOUB"]) {
            Affinity::Real
        } else {
            Affinity::Numeric
        }
    }
}
