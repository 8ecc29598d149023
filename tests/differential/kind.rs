//! The columns of the table that both databases have: one of each type. Never says what a value of
//! one is worth.

/// A column: its name, its type on PostgreSQL and on SQLite.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) postgres: &'static str,
    pub(crate) sqlite: &'static str,
}

const fn kind(name: &'static str, postgres: &'static str, sqlite: &'static str) -> Kind {
    Kind {
        name,
        postgres,
        sqlite,
    }
}

/// Texts are ordered by their bytes on both: the order of a collation is the database's own.
pub(crate) const KINDS: [Kind; 38] = [
    kind("c_bool", "bool", "BOOLEAN"),
    kind("c_int2", "int2", "SMALLINT"),
    kind("c_int4", "int4", "INT4"),
    kind("c_int8", "int8", "BIGINT"),
    kind("c_oid", "oid", "OID"),
    kind("c_float4", "float4", "FLOAT4"),
    kind("c_float8", "float8", "DOUBLE PRECISION"),
    kind("c_numeric", "numeric", "NUMERIC_TEXT"),
    kind("c_numeric_8_2", "numeric(8,2)", "NUMERIC_TEXT(8,2)"),
    kind("c_numeric_3", "numeric(3)", "NUMERIC_TEXT(3)"),
    kind("c_text", "text COLLATE \"C\"", "TEXT"),
    kind("c_varchar", "varchar(5) COLLATE \"C\"", "VARCHAR(5)"),
    kind("c_char", "char(5) COLLATE \"C\"", "CHAR(5)"),
    kind("c_uuid", "uuid", "UUID"),
    kind("c_timestamptz", "timestamptz", "TIMESTAMPTZ"),
    kind("c_timestamptz_0", "timestamptz(0)", "TIMESTAMPTZ(0)"),
    kind("c_timestamp", "timestamp", "TIMESTAMP"),
    kind("c_timestamp_3", "timestamp(3)", "TIMESTAMP(3)"),
    kind("c_date", "date", "DATE"),
    kind("c_time", "time", "TIME"),
    kind("c_time_0", "time(0)", "TIME(0)"),
    kind("c_timetz", "timetz", "TIMETZ"),
    kind("c_bytea", "bytea", "BLOB"),
    kind("c_json", "json", "JSON_TEXT"),
    kind("c_jsonb", "jsonb", "JSONB_TEXT"),
    kind("c_bools", "bool[]", "BOOLEAN[]"),
    kind("c_int4s", "int4[]", "INT4[]"),
    kind("c_int8s", "int8[]", "BIGINT[]"),
    kind("c_float4s", "float4[]", "FLOAT4[]"),
    kind("c_float8s", "float8[]", "DOUBLE PRECISION[]"),
    kind("c_numerics", "numeric[]", "NUMERIC_TEXT[]"),
    kind(
        "c_numerics_6_2",
        "numeric(6,2)[]",
        "\"NUMERIC_TEXT(6,2)[]\"",
    ),
    kind("c_texts", "text[]", "TEXT[]"),
    kind("c_varchars", "varchar(3)[]", "\"VARCHAR(3)[]\""),
    kind("c_uuids", "uuid[]", "UUID[]"),
    kind("c_dates", "date[]", "DATE[]"),
    kind("c_timestamptzs", "timestamptz[]", "TIMESTAMPTZ[]"),
    kind("c_jsonbs", "jsonb[]", "JSONB_TEXT[]"),
];

impl Kind {
    /// The type without collation, as `format_type` would be asked.
    pub(crate) fn of(&self) -> &'static str {
        self.postgres.split(" COLLATE").next().unwrap_or_default()
    }

    pub(crate) fn is_array(&self) -> bool {
        self.postgres.ends_with("[]")
    }
}
