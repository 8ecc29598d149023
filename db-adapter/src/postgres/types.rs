//! What a PostgreSQL type is to us: its canonical type, how a parameter is cast to it, how a
//! column of it is selected. Pure; the facts come from the catalog.

use db_adapter_core::{SqlType, push_quoted};

use super::same_types::COLLATION;
use crate::sql::Ability;

/// The types that are decoded from the binary format; every other is selected as text, so that
/// the driver never has to look a type up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Numeric,
    Text,
    Bpchar,
    Bytea,
    Uuid,
    Date,
    Time,
    Timetz,
    Timestamp,
    Timestamptz,
    Json,
    Jsonb,
}

/// A decodable type: one value, or an array of any dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Native {
    One(Scalar),
    Array(Scalar),
}

const REGCLASS: u32 = 2205;

/// Scalar, its oid, the oid of its array, its name in `pg_catalog`.
const NATIVE: [(Scalar, u32, u32, &str); 21] = [
    (Scalar::Bool, 16, 1000, "bool"),
    (Scalar::Bytea, 17, 1001, "bytea"),
    (Scalar::Text, 19, 1003, "name"),
    (Scalar::Int8, 20, 1016, "int8"),
    (Scalar::Int2, 21, 1005, "int2"),
    (Scalar::Int4, 23, 1007, "int4"),
    (Scalar::Text, 25, 1009, "text"),
    (Scalar::Oid, 26, 1028, "oid"),
    (Scalar::Json, 114, 199, "json"),
    (Scalar::Float4, 700, 1021, "float4"),
    (Scalar::Float8, 701, 1022, "float8"),
    (Scalar::Bpchar, 1042, 1014, "bpchar"),
    (Scalar::Text, 1043, 1015, "varchar"),
    (Scalar::Date, 1082, 1182, "date"),
    (Scalar::Time, 1083, 1183, "time"),
    (Scalar::Timestamp, 1114, 1115, "timestamp"),
    (Scalar::Timestamptz, 1184, 1185, "timestamptz"),
    (Scalar::Timetz, 1266, 1270, "timetz"),
    (Scalar::Numeric, 1700, 1231, "numeric"),
    (Scalar::Uuid, 2950, 2951, "uuid"),
    (Scalar::Jsonb, 3802, 3807, "jsonb"),
];

/// How values of an oid are decoded, when they can be.
pub(super) fn native(oid: u32) -> Option<Native> {
    NATIVE.iter().find_map(|(scalar, one, array, _)| match oid {
        oid if oid == *one => Some(Native::One(*scalar)),
        oid if oid == *array => Some(Native::Array(*scalar)),
        _ => None,
    })
}

const ALL: &[Ability] = &[
    Ability::Equality,
    Ability::Less,
    Ability::Order,
    Ability::Groups,
];
const NO_CLASS: &[Ability] = &[Ability::Order, Ability::Groups];

/// What types of the server do not have, by their oids.
const LACKING: [(&[u32], &[Ability]); 4] = [
    // json, xml, point, polygon, jsonpath, refcursor, gtsvector, pg_node_tree, txid_snapshot, pg_snapshot
    (
        &[114, 142, 600, 604, 4072, 1790, 3642, 194, 2970, 5038],
        ALL,
    ),
    // line
    (&[628], &[Ability::Less, Ability::Order, Ability::Groups]),
    // lseg, path, box, circle
    (&[601, 602, 603, 718], NO_CLASS),
    // xid, cid, aclitem
    (&[28, 29, 1033], &[Ability::Less, Ability::Order]),
];

/// What values of a type cannot be asked for.
fn lacking(oid: u32) -> &'static [Ability] {
    let found = LACKING.iter().find(|(oids, _)| oids.contains(&oid));
    found.map_or(&[], |(_, lacks)| lacks)
}

/// The same for arrays: they are compared by what puts their elements in order or in groups.
fn lacking_of_array(element: u32) -> &'static [Ability] {
    match lacking(element) {
        [] => &[],
        lacks if lacks.contains(&Ability::Groups) => ALL,
        lacks => lacks,
    }
}

/// A type as the catalog tells it. Domains are resolved: this is the type that they stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CatalogType {
    pub(super) oid: u32,
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) is_enum: bool,
    /// Of no column of a table: what a function gives that gives nothing, or any row.
    pub(super) is_pseudo: bool,
    /// Whether its values have a collation.
    pub(super) collates: bool,
    /// As `format_type` writes it, with length, precision and scale.
    pub(super) display: String,
    /// For an array.
    pub(super) element: Option<Box<CatalogType>>,
    /// Whether a domain was resolved to get here.
    pub(super) was_domain: bool,
}

/// What statements need of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TypeInfo {
    pub(super) sql_type: SqlType,
    /// What a parameter is cast to. Never with a length: an explicit cast to `varchar(3)` cuts
    /// silently, and so does one to a domain over it. The assignment to the column then checks.
    pub(super) cast: String,
    /// What text goes through before that: for `regclass`, whose own cast of a text knows only names of
    /// tables that are there, and not the number of one that is gone.
    pub(super) through: &'static str,
    /// Whether it is an array, of whatever type.
    pub(super) is_array: bool,
    /// What is put behind a column that is selected, such as `::text`; empty for native types.
    pub(super) output: String,
    /// A NULL of a type that is selected as another, as an expression.
    pub(super) null: Option<String>,
    /// The binary format of values of the type, where it is of the server's own scalar types.
    pub(super) binary: Option<Scalar>,
    /// What its values cannot be asked for, as far as we know.
    pub(super) lacks: &'static [Ability],
}

/// The type of a parameter or column by the oid of a type that is the same on every server.
pub(super) fn builtin(oid: u32) -> Option<TypeInfo> {
    let (.., name) = NATIVE
        .iter()
        .find(|(_, one, array, _)| oid == *one || oid == *array)?;
    let one = SqlType::parse_postgres(name);
    let is_array = matches!(native(oid), Some(Native::Array(_)));
    Some(TypeInfo {
        sql_type: if is_array {
            SqlType::Array(Box::new(one))
        } else {
            one
        },
        cast: format!("pg_catalog.{name}{}", if is_array { "[]" } else { "" }),
        through: "",
        is_array,
        output: String::new(),
        null: None,
        binary: match native(oid) {
            Some(Native::One(scalar)) => Some(scalar),
            _ => None,
        },
        lacks: &[],
    })
}

impl Scalar {
    /// The oid of the type that a parameter is sent as, where its own binary format is the better
    /// wire: text, and what is nothing but text, is sent as text.
    pub(super) fn parameter(self) -> Option<u32> {
        Some(match self {
            Scalar::Bool => 16,
            Scalar::Int2 => 21,
            Scalar::Int4 => 23,
            Scalar::Int8 => 20,
            Scalar::Float4 => 700,
            Scalar::Float8 => 701,
            Scalar::Numeric => 1700,
            Scalar::Uuid => 2950,
            Scalar::Date => 1082,
            Scalar::Time => 1083,
            Scalar::Timestamp => 1114,
            Scalar::Timestamptz => 1184,
            Scalar::Oid
            | Scalar::Text
            | Scalar::Bpchar
            | Scalar::Bytea
            | Scalar::Timetz
            | Scalar::Json
            | Scalar::Jsonb => return None,
        })
    }
}

impl CatalogType {
    /// What statements need.
    pub(super) fn info(&self) -> TypeInfo {
        TypeInfo {
            sql_type: self.sql_type(),
            cast: self.qualified(),
            through: match self.oid {
                REGCLASS => "::pg_catalog.bpchar",
                _ => "",
            },
            is_array: self.element.is_some(),
            output: self.output(),
            null: self.null(),
            binary: match native(self.oid) {
                Some(Native::One(scalar)) if self.element.is_none() => Some(scalar),
                _ => None,
            },
            lacks: match &self.element {
                Some(element) => lacking_of_array(element.oid),
                None => lacking(self.oid),
            },
        }
    }

    /// With its length, precision and scale. Those of the server's own types are written in ways of
    /// their own (`timestamp(3) without time zone`), by words that always mean these types.
    pub(super) fn exact(&self) -> String {
        let has_digits = self.display.contains('(') || self.display.starts_with("interval ");
        if self.schema == "pg_catalog" && has_digits {
            return self.display.clone();
        }
        let mut text = self.qualified();
        // a quoted name ends with its quote
        let one = self.display.strip_suffix("[]").unwrap_or(&self.display);
        if let (true, Some(at)) = (one.ends_with(')'), one.rfind('(')) {
            text.push_str(one.get(at..).unwrap_or_default());
        }
        text
    }

    /// Whether a column of it may have a length, a precision or a scale, as far as we know.
    pub(super) fn may_have_digits(&self) -> bool {
        const WITHOUT: [u32; 14] = [
            16, 17, 19, 20, 21, 23, 25, 26, 114, 700, 701, 1082, 2950, 3802,
        ];
        !WITHOUT.contains(&self.oid)
    }

    /// Whether it is an array of a domain.
    pub(super) fn is_of_domain(&self) -> bool {
        self.element.as_ref().is_some_and(|one| one.was_domain)
    }

    /// A NULL of it, as an expression; `None` for a type that a column cannot have.
    fn null(&self) -> Option<String> {
        let collation = if self.collates { COLLATION } else { "" };
        (!self.is_pseudo).then(|| format!("NULL::{}{collation}", self.qualified()))
    }

    /// Qualified, so that it does not depend on the search path.
    fn qualified(&self) -> String {
        let mut text = String::new();
        push_quoted(&mut text, &self.schema);
        text.push('.');
        push_quoted(&mut text, &self.name);
        text
    }

    fn sql_type(&self) -> SqlType {
        if let Some(element) = &self.element {
            return match element.sql_type() {
                SqlType::Other(_) => SqlType::Other(self.display.as_str().into()),
                element => SqlType::Array(Box::new(element)),
            };
        }
        if native(self.oid).is_some() {
            SqlType::parse_postgres(&self.display)
        } else if self.is_enum {
            SqlType::Enum(self.display.as_str().into())
        } else if self.is_citext() {
            SqlType::Citext
        } else {
            SqlType::Other(self.display.as_str().into())
        }
    }

    /// An extension's type has no fixed oid.
    fn is_citext(&self) -> bool {
        self.name == "citext" && self.schema != "pg_catalog"
    }

    fn output(&self) -> String {
        match &self.element {
            None if native(self.oid).is_some() => String::new(),
            None => "::text".to_owned(),
            Some(element) if native(element.oid).is_some() => {
                if element.was_domain {
                    format!("::{}[]", element.qualified())
                } else {
                    String::new()
                }
            }
            Some(element) if element.is_enum || element.is_citext() => "::text[]".to_owned(),
            Some(_) => "::text".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(oid: u32, schema: &str, name: &str, display: &str) -> CatalogType {
        CatalogType {
            oid,
            schema: schema.into(),
            name: name.into(),
            is_enum: false,
            is_pseudo: false,
            collates: false,
            display: display.into(),
            element: None,
            was_domain: false,
        }
    }

    #[test]
    fn a_cast_is_qualified_and_has_no_length() {
        let info = scalar(1043, "pg_catalog", "varchar", "character varying(3)").info();
        assert_eq!(info.sql_type, SqlType::Varchar(Some(3)));
        assert_eq!(info.cast, "\"pg_catalog\".\"varchar\"");
        assert_eq!(info.output, "");
    }

    #[test]
    fn unknown_types_are_selected_as_text() {
        let mut mood = scalar(70_000, "app", "mo\"od", "app.mood");
        mood.is_enum = true;
        assert_eq!(mood.info().cast, "\"app\".\"mo\"\"od\"");
        assert_eq!(mood.info().output, "::text");
        let mut moods = scalar(70_001, "app", "_mood", "app.mood[]");
        moods.element = Some(Box::new(mood));
        assert_eq!(moods.info().output, "::text[]");
        assert!(matches!(moods.info().sql_type, SqlType::Array(_)));
        let point = scalar(600, "pg_catalog", "point", "point");
        assert_eq!(point.info().output, "::text");
        let mut points = scalar(1017, "pg_catalog", "_point", "point[]");
        points.element = Some(Box::new(point));
        assert_eq!(points.info().output, "::text");
        assert_eq!(points.info().sql_type, SqlType::Other("point[]".into()));
    }

    #[test]
    fn arrays_of_domains_are_selected_as_arrays_of_their_base() {
        let mut element = scalar(23, "pg_catalog", "int4", "integer");
        element.was_domain = true;
        let mut array = scalar(70_002, "public", "_di", "di[]");
        array.element = Some(Box::new(element));
        assert_eq!(array.info().output, "::\"pg_catalog\".\"int4\"[]");
        assert_eq!(array.info().cast, "\"public\".\"_di\"");
    }

    #[test]
    fn every_native_type_has_a_canonical_type() {
        for (_, one, array, name) in NATIVE {
            let info = builtin(one).unwrap();
            assert!(!matches!(info.sql_type, SqlType::Other(_)), "{name}");
            assert_eq!(
                builtin(array).unwrap().sql_type,
                SqlType::Array(Box::new(info.sql_type))
            );
        }
    }
}
