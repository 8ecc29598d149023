use super::*;
use proptest::prelude::*;

fn numeric(precision: u32, scale: i32) -> SqlType {
    SqlType::Numeric {
        precision: Some(precision),
        scale: Some(scale),
    }
}

const ANY_NUMERIC: SqlType = SqlType::Numeric {
    precision: None,
    scale: None,
};

fn other(name: &str) -> SqlType {
    SqlType::Other(name.into())
}

fn array(element: SqlType) -> SqlType {
    SqlType::Array(Box::new(element))
}

#[test]
fn postgres_names_read_back_as_they_were() {
    for name in [
        "boolean",
        "smallint",
        "integer",
        "bigint",
        "oid",
        "real",
        "double precision",
        "numeric",
        "numeric(10,2)",
        "numeric(10,-2)",
        "text",
        "character varying",
        "character varying(3)",
        "character(3)",
        "bpchar",
        "name",
        "citext",
        "uuid",
        "timestamp with time zone",
        "timestamp without time zone",
        "date",
        "time without time zone",
        "time with time zone",
        "bytea",
        "json",
        "jsonb",
        "text[]",
        "character varying(7)[]",
        "numeric(10,2)[]",
        "bit(3)",
        "\"char\"",
        "\"my schema\".mood",
        "mood[]",
        "interval(3)",
        "interval day to second",
    ] {
        assert_eq!(SqlType::parse_postgres(name).to_string(), name);
    }
}

#[test]
fn postgres_types_are_known() {
    let parse = SqlType::parse_postgres;
    assert_eq!(parse("int4"), SqlType::Int4);
    assert_eq!(parse("timestamp(3) without time zone"), SqlType::Timestamp);
    assert_eq!(parse("timestamp(0) with time zone"), SqlType::Timestamptz);
    assert_eq!(parse("time(3) with time zone"), SqlType::Timetz);
    assert_eq!(parse("numeric(10)"), numeric(10, 0));
    assert_eq!(parse("numeric(10,-2)"), numeric(10, -2));
    assert_eq!(parse("character"), SqlType::Char(None));
    assert_eq!(parse("extensions.citext"), SqlType::Citext);
    assert_eq!(parse("pg_catalog.int8"), SqlType::Int8);
    assert_eq!(parse("integer[][]"), array(SqlType::Int4));
    assert_eq!(parse("integer[3]"), array(SqlType::Int4));
}

#[test]
fn postgres_types_that_only_look_known_are_other() {
    for name in [
        "\"char\"",
        "bit(3)",
        "\"my schema\".mood",
        "\"text\"",
        "auth.text",
        "\"Citext\"",
        "varchar(x)",
        "numeric(1,2,3)",
        "text(3)",
        "",
        "(",
        ")(",
        "\"a(b\"",
        "[]",
        "a]",
        "varchar(-1)",
        "numeric(99999999999999999999)",
    ] {
        assert_eq!(SqlType::parse_postgres(name), other(name), "{name}");
    }
}

#[test]
fn sqlite_types_are_known_in_any_case_and_spacing() {
    for (declared, expected) in [
        ("BOOLEAN", SqlType::Bool),
        ("bool", SqlType::Bool),
        ("SMALLINT", SqlType::Int2),
        ("int4", SqlType::Int4),
        ("INTEGER", SqlType::Int8),
        ("INT(11)", SqlType::Int8),
        ("tinyint(1)", SqlType::Int8),
        ("  Unsigned   Big Int ", SqlType::Int8),
        ("SMALLINT UNSIGNED", SqlType::Int8),
        ("Float4", SqlType::Float4),
        ("double   PRECISION", SqlType::Float8),
        ("DECIMAL ( 10 , 2 )", numeric(10, 2)),
        ("NUMERIC(5)", numeric(5, 0)),
        ("decimal_text(10,2)", numeric(10, 2)),
        ("NUMERIC_TEXT", ANY_NUMERIC),
        ("STRING", SqlType::Text),
        ("VARCHAR (255)", SqlType::Varchar(Some(255))),
        ("CHARACTER VARYING(10)", SqlType::Varchar(Some(10))),
        ("nvarchar(3)", SqlType::Varchar(Some(3))),
        ("CHAR(3)", SqlType::Char(Some(3))),
        ("BPCHAR", SqlType::Char(None)),
        ("CHAR", SqlType::Char(None)),
        ("Name", SqlType::Name),
        ("TIMESTAMP(3) WITH TIME ZONE", SqlType::Timestamptz),
        ("timestamptz", SqlType::Timestamptz),
        ("DATETIME", SqlType::Timestamp),
        ("TIME WITH TIME ZONE", SqlType::Timetz),
        ("varbinary(16)", SqlType::Bytea),
        ("JSON_TEXT", SqlType::Json),
        ("jsonb", SqlType::Jsonb),
        ("TEXT[]", array(SqlType::Text)),
        ("mood", other("mood")),
        ("FLOATING POINT", other("FLOATING POINT")),
        ("UNSIGNED TEXT", other("UNSIGNED TEXT")),
    ] {
        assert_eq!(
            SqlType::parse_sqlite(declared),
            Some(expected),
            "{declared}"
        );
    }
    assert_eq!(SqlType::parse_sqlite("  "), None);
}

/// The table of SQLite's documentation, "Determination Of Column Affinity", and its traps.
#[test]
fn affinities_are_sqlites() {
    for (declared, expected) in [
        ("INT", Affinity::Integer),
        ("unsigned big int", Affinity::Integer),
        ("CHARINT", Affinity::Integer),
        ("FLOATING POINT", Affinity::Integer),
        ("VARYING CHARACTER(255)", Affinity::Text),
        ("CLOB", Affinity::Text),
        ("DECIMAL_TEXT(10,2)", Affinity::Text),
        ("BLOB", Affinity::Blob),
        ("", Affinity::Blob),
        ("DOUBLE PRECISION", Affinity::Real),
        ("FLOAT", Affinity::Real),
        ("NUMERIC", Affinity::Numeric),
        ("DECIMAL(10,5)", Affinity::Numeric),
        ("BOOLEAN", Affinity::Numeric),
        ("DATETIME", Affinity::Numeric),
        ("STRING", Affinity::Numeric),
        ("JSON", Affinity::Numeric),
    ] {
        assert_eq!(Affinity::of_declared(declared), expected, "{declared}");
    }
}

#[test]
fn kinds_are_told_apart() {
    assert!(SqlType::Enum("mood".into()).is_text() && SqlType::Citext.is_text());
    assert!(!SqlType::Uuid.is_text() && !SqlType::Json.is_text());
    assert!(ANY_NUMERIC.is_number() && SqlType::Oid.is_number());
    assert!(SqlType::Timetz.is_temporal() && SqlType::Jsonb.is_json());
    assert_eq!(array(SqlType::Text).element(), Some(&SqlType::Text));
    assert_eq!(SqlType::Text.element(), None);
}

proptest! {
    #[test]
    fn any_text_is_some_type(text in "\\PC*|[a-z\"()\\[\\], 0-9.]*|(\\[\\])*") {
        let parsed = SqlType::parse_postgres(&text);
        prop_assert_eq!(SqlType::parse_postgres(&parsed.to_string()), parsed);
        let _ = (SqlType::parse_sqlite(&text), Affinity::of_declared(&text));
    }
}
