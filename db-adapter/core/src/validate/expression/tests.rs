use super::*;

fn compare(one: &str, other: &str) -> Verdict {
    super::compare(one, other, Kept::Meaning)
}

fn checks(pairs: &[(&str, &str)], verdict: Verdict) {
    for (one, other) in pairs {
        assert_eq!(compare(one, other), verdict, "{one}   {other}");
        assert_eq!(compare(other, one), verdict, "{other}   {one}");
    }
}

#[test]
fn what_postgres_gives_back_is_what_was_written() {
    checks(
        &[
            (
                "age > 0 AND name <> 'x'",
                "((age > 0) AND (name <> 'x'::text))",
            ),
            ("a and b and c", "((a AND b) AND c)"),
            (
                "status IN ('a', 'b')",
                "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
            ),
            (
                "status not in ('a','b')",
                "(status <> ALL (ARRAY['a'::text, 'b'::text]))",
            ),
            ("status IN ('a')", "(status = 'a'::text)"),
            ("x BETWEEN 1 AND 2", "((x >= 1) AND (x <= 2))"),
            ("x NOT BETWEEN 1 AND 2", "((x < 1) OR (x > 2))"),
            ("slug LIKE 'a%'", "(slug ~~ 'a%'::text)"),
            ("slug NOT ILIKE 'a%'", "(slug !~~* 'a%'::text)"),
            ("price>-1", "(price > ('-1'::integer)::numeric)"),
            ("a != b", "(a <> b)"),
            ("lower(email)", "lower((email)::text)"),
            ("now()", "CURRENT_TIMESTAMP"),
            ("now() at time zone 'utc'", "timezone('utc'::text, now())"),
            ("coalesce(a, 0) >= 0", "(COALESCE(a, 0) >= 0)"),
            ("first || ' ' || last", "((first || ' '::text) || last)"),
            (
                "data->>'kind' = 'x'",
                "((data ->> 'kind'::text) = 'x'::text)",
            ),
            (
                "CASE WHEN a THEN 1 ELSE 2 END",
                "\nCASE\n    WHEN a THEN 1\n    ELSE 2\nEND",
            ),
            ("extract(year from at)", "EXTRACT(year FROM at)"),
            ("substring(a from 1 for 2)", "\"substring\"(a, 1, 2)"),
            ("trim(a) <> ''", "(TRIM(BOTH FROM a) <> ''::text)"),
            (
                "trim(leading 'x' from a) = btrim(a, 'y')",
                "(TRIM(LEADING 'x'::text FROM a) = TRIM(BOTH 'y'::text FROM a))",
            ),
            ("not (a is null)", "(NOT (a IS NULL))"),
            (
                "cast(a as numeric(10, 2)) > 1.5",
                "((a)::numeric(10,2) > 1.5)",
            ),
            ("a IS DISTINCT FROM b", "(a IS DISTINCT FROM b)"),
            ("tags[1] = 'x'", "(tags[1] = 'x'::text)"),
            ("a -- why\n > 0", "(a > 0)"),
            ("date '2026-01-01' < at", "('2026-01-01'::date < at)"),
            ("ARRAY[]::text[]", "'{}'::text[]"),
            ("x = ANY(ARRAY[1,2])", "(x = ANY (ARRAY[1, 2]))"),
            ("\"user\" = ''", "(\"user\" = ''::text)"),
            ("x @> '{}'", "(x @> '{}'::jsonb)"),
            ("-(-5)", "5"),
            ("x <> ''", "(x <> '\\x'::bytea)"),
            ("x = '{\"A\"}'", "(x = '{A}'::text[])"),
            (
                "at > timestamp '2024-01-01'",
                "(at > '2024-01-01 00:00:00'::timestamp without time zone)",
            ),
        ],
        Verdict::Same,
    );
}

#[test]
fn what_differs_is_told() {
    checks(
        &[
            ("age > 0", "(age > 1)"),
            ("age > 0", "(age >= 0)"),
            ("a AND b", "(a OR b)"),
            ("a AND b OR c", "(a AND (b OR c))"),
            ("a - b - c", "(a - (b - c))"),
            (
                "status IN ('a', 'b')",
                "(status = ANY (ARRAY['a'::text, 'c'::text]))",
            ),
            ("'a  b'", "'a b'"),
            ("lower(a)", "upper(a)"),
            ("\"A\" > 0", "a > 0"),
            ("NOT a", "a"),
            ("x = '{a}'", "(x = '{b}'::text[])"),
            ("- 5", "5"),
        ],
        Verdict::Different,
    );
}

#[test]
fn what_is_not_understood_is_not_judged() {
    checks(
        &[
            ("a SIMILAR TO 'x'", "(a ~ similar_to_escape('x'::text))"),
            ("E'\\n'", "'x'"),
            ("interval '1 day'", "'24:00:00'::interval"),
            ("exists (select 1)", "true"),
            (
                "extract(year from at) > 1",
                "(date_part('year'::text, at) > (1)::double precision)",
            ),
            ("(a, b) = (1, 2)", "((a = 1) AND (b = 2))"),
            ("a = '1'", "(a = '$1.00'::money)"),
            ("a @@ 'x'", "(a @@ '''x'''::tsquery)"),
            ("a > 0x1F", "(a > 31)"),
            ("$$x$$", "'x'"),
        ],
        Verdict::Unknown,
    );
    let deep = format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(compare(&deep, "1"), Verdict::Unknown);
    assert_eq!(compare(&deep, &deep), Verdict::Same);
}

#[test]
fn defaults_are_values_of_their_column() {
    let default = |one, other, t: &SqlType| compare_defaults(one, other, t, Kept::Meaning);
    assert_eq!(default("'0'", "0", &SqlType::Int4), Verdict::Same);
    assert_eq!(
        default("-1", "'-1'::integer", &SqlType::Int4),
        Verdict::Same
    );
    assert_eq!(default("'t'", "true", &SqlType::Bool), Verdict::Same);
    assert_eq!(default("1", "true", &SqlType::Bool), Verdict::Same);
    assert_eq!(default("'0'", "0", &SqlType::Text), Verdict::Same);
    assert_eq!(
        default("'x'", "'x'::character varying", &SqlType::Varchar(None)),
        Verdict::Same
    );
    assert_eq!(
        default("'x'", "'y'::text", &SqlType::Text),
        Verdict::Different
    );
    assert_eq!(
        default("'\\x'::bytea", "''", &SqlType::Bytea),
        Verdict::Same
    );
    let tsvector = SqlType::Other("tsvector".into());
    assert_eq!(
        default("'.'", "'''.'''::tsvector", &tsvector),
        Verdict::Unknown
    );
    assert_eq!(
        default("'happy'", "'sad'::mood", &SqlType::Enum("mood".into())),
        Verdict::Different
    );
    assert!(is_true("TRUE") && is_true("('t'::boolean)") && !is_true("a"));
    assert_eq!(
        default("'0.00'::numeric", "0.00", &SqlType::Float8),
        Verdict::Same
    );
    let sequence = "nextval('public.t_id_seq'::regclass)";
    assert_eq!(
        default(sequence, "nextval('t_id_seq'::regclass)", &SqlType::Int8),
        Verdict::Same
    );
    assert_eq!(
        default(
            sequence,
            "nextval('audit.t_id_seq'::regclass)",
            &SqlType::Int8
        ),
        Verdict::Different
    );
    assert!(is_null("NULL::character varying") && is_null("null") && !is_null("'null'"));
}

/// SQLite adds none: one in its text is somebody's.
#[test]
fn casts_of_sqlite_count() {
    let text = |one, other| super::compare(one, other, Kept::Text);
    for (one, other) in [
        ("CAST(a AS INTEGER) > 5", "a > 5"),
        ("CAST(a AS INTEGER) > 5", "CAST(a AS TEXT) > 5"),
        ("CAST('1' AS INTEGER)", "'1'"),
        ("cast(a as varchar(3)) = 'x'", "a = 'x'"),
    ] {
        assert_eq!(text(one, other), Verdict::Different, "{one} {other}");
        assert_eq!(compare(one, other), Verdict::Same, "{one} {other}");
    }
    let spelled = "cast( \"a\" as integer ) > 5";
    assert_eq!(text("CAST(a AS INTEGER) > 5", spelled), Verdict::Same);
}

#[test]
fn long_names_of_sequences_are_cut() {
    let long = "s".repeat(70);
    let cut = format!("nextval('{}'::regclass)", &long[..63]);
    assert_eq!(compare(&format!("nextval('{long}')"), &cut), Verdict::Same);
}

#[test]
fn the_normal_form_does_not_depend_on_the_writer() {
    assert_eq!(
        normal("status IN ('a','b')", None, Kept::Meaning),
        normal(
            "(status = ANY (ARRAY['a'::text, 'b'::text]))",
            None,
            Kept::Meaning
        )
    );
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_it(one in ".{0,60}", other in "[a-z0-9'\"()\\[\\]:.,=<>~ |+-]{0,60}") {
        compare(&one, &other);
        super::compare(&one, &other, Kept::Text);
        proptest::prop_assert_eq!(compare(&other, &other), Verdict::Same);
    }
}
