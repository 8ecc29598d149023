//! Which operator classes are those that an index has anyway. Never knows what an extension brings.

use crate::validate::expression::Verdict;

/// Compares the classes that two indexes name; the server names none that is the default.
pub(super) fn compare(one: &Option<String>, other: &Option<String>, method: &str) -> Verdict {
    match (one, other) {
        (one, other) if one == other => Verdict::Same,
        (Some(named), None) | (None, Some(named)) => meaning(named, method),
        _ => Verdict::Different,
    }
}

/// What it means that one side names a class, and the other none.
fn meaning(class: &str, method: &str) -> Verdict {
    let stem = match method {
        "brin" => None,
        _ => class.strip_suffix("_ops"),
    };
    let is_default = match method {
        "brin" => ["_minmax_ops", "_inclusion_ops"]
            .iter()
            .any(|end| class.ends_with(end) && class != "inet_minmax_ops"),
        "btree" | "hash" => stem.is_some_and(|stem| COMPARED.contains(&stem)),
        "gin" => matches!(class, "array_ops" | "jsonb_ops" | "tsvector_ops"),
        "gist" => stem.is_some_and(|stem| IN_GIST.contains(&stem)),
        "spgist" => stem.is_some_and(|stem| IN_SPGIST.contains(&stem)),
        _ => false,
    };
    let is_other = OTHERS.contains(&class)
        || method == "gist" && class == "inet_ops"
        || method == "brin" && (class.ends_with("_bloom_ops") || class.ends_with("_multi_ops"));
    match (is_default, is_other) {
        (true, _) => Verdict::Same,
        (false, true) => Verdict::Different,
        (false, false) => Verdict::Unknown, // an extension's, which may be the default of its type
    }
}

/// Those of the server itself that are not defaults.
const OTHERS: [&str; 9] = [
    "bpchar_pattern_ops",
    "cidr_ops",
    "inet_minmax_ops",
    "jsonb_path_ops",
    "kd_point_ops",
    "record_image_ops",
    "text_pattern_ops",
    "varchar_ops",
    "varchar_pattern_ops",
];

/// The defaults of `btree` and `hash`.
const COMPARED: [&str; 41] = [
    "aclitem",
    "array",
    "bit",
    "bool",
    "bpchar",
    "bytea",
    "char",
    "cid",
    "date",
    "enum",
    "float4",
    "float8",
    "inet",
    "int2",
    "int4",
    "int8",
    "interval",
    "jsonb",
    "macaddr",
    "macaddr8",
    "money",
    "multirange",
    "name",
    "numeric",
    "oid",
    "oidvector",
    "pg_lsn",
    "range",
    "record",
    "text",
    "tid",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "tsquery",
    "tsvector",
    "uuid",
    "varbit",
    "xid",
    "xid8",
];

const IN_GIST: [&str; 8] = [
    "box",
    "circle",
    "multirange",
    "point",
    "poly",
    "range",
    "tsquery",
    "tsvector",
];

const IN_SPGIST: [&str; 6] = ["box", "inet", "poly", "quad_point", "range", "text"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_no_difference() {
        let of = |class: &str, method| compare(&Some(class.to_owned()), &None, method);
        for (class, method) in [
            ("int4_ops", "btree"),
            ("text_ops", "hash"),
            ("jsonb_ops", "gin"),
            ("int4_minmax_ops", "brin"),
        ] {
            assert_eq!(of(class, method), Verdict::Same, "{class}");
        }
        for (class, method) in [
            ("text_pattern_ops", "btree"),
            ("jsonb_path_ops", "gin"),
            ("inet_ops", "gist"),
            ("int4_bloom_ops", "brin"),
        ] {
            assert_eq!(of(class, method), Verdict::Different, "{class}");
        }
        assert_eq!(of("gin_trgm_ops", "gin"), Verdict::Unknown);
    }
}
