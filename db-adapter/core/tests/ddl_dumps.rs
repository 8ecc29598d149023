//! Real dumps: each `fixtures/NAME.sql` is read and compared with the outline in
//! `fixtures/NAME.outline`. `UPDATE_OUTLINES=1 cargo test -p db-adapter-core --features sql` writes
//! the outlines anew; read the difference before you commit it.

use db_adapter_core::ddl::{Ddl, SqlDialect, parse};
use db_adapter_core::schema::{
    ColumnSchema, ConstraintSchema, DatabaseSchema, IndexColumn, IndexSchema, TableSchema,
};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

#[test]
fn types_of_every_kind() -> std::io::Result<()> {
    check("types", SqlDialect::Postgres)
}

#[test]
fn keys_and_indexes_and_everything_around_them() -> std::io::Result<()> {
    check("keys", SqlDialect::Postgres)
}

#[test]
fn partitions_and_inheritance() -> std::io::Result<()> {
    check("partitions", SqlDialect::Postgres)
}

#[test]
fn awkward_names_between_rows_of_copy() -> std::io::Result<()> {
    check("names_with_data", SqlDialect::Postgres)
}

#[test]
fn hand_written_sql() -> std::io::Result<()> {
    check("hand_written", SqlDialect::Postgres)
}

#[test]
fn sqlite_with_its_own_ways() -> std::io::Result<()> {
    check("sqlite", SqlDialect::Sqlite)
}

/// Rails' `structure.sql` of 300 tables: one statement per key, sequence and index.
#[test]
fn a_big_structure_file_is_read_quickly() {
    let sql = structure(300);
    let start = Instant::now();
    let ddl = parse(&sql, SqlDialect::Postgres);
    let took = start.elapsed();
    println!("{} kB in {} ms", sql.len() / 1024, took.as_millis());
    assert!(ddl.errors.is_empty(), "{}", ddl.errors[0]);
    assert_eq!(ddl.schema.tables.len(), 300);
    let table = ddl.schema.table("things_299").unwrap();
    assert_eq!(table.columns.len(), 20);
    assert_eq!(table.indexes.len(), 5);
    assert_eq!(table.foreign_keys().count(), 1);
    assert_eq!(table.primary_key().unwrap().columns, ["id"]);
    assert!(took.as_secs() < 20, "{took:?}"); // unoptimised, on a busy machine
}

fn structure(tables: usize) -> String {
    let mut sql = String::from("SET search_path = '';\n");
    for n in 0..tables {
        let _ = write!(
            sql,
            "--\n-- Name: things_{n}; Type: TABLE; Schema: public; Owner: -\n--\n\n"
        );
        let _ = writeln!(
            sql,
            "CREATE TABLE public.things_{n} (\n    id bigint NOT NULL,"
        );
        for column in 0..17 {
            let _ = writeln!(
                sql,
                "    column_{column} character varying(255) DEFAULT 'x;y'::character varying,"
            );
        }
        let _ = writeln!(
            sql,
            "    parent_id bigint,\n    created_at timestamp(6) without time zone NOT NULL\n);\n"
        );
        let _ = writeln!(
            sql,
            "CREATE SEQUENCE public.things_{n}_id_seq\n    START WITH 1\n    INCREMENT BY 1\n    NO MINVALUE\n    NO MAXVALUE\n    CACHE 1;\n"
        );
        let _ = writeln!(
            sql,
            "ALTER SEQUENCE public.things_{n}_id_seq OWNED BY public.things_{n}.id;\n"
        );
        let _ = writeln!(
            sql,
            "ALTER TABLE ONLY public.things_{n} ALTER COLUMN id SET DEFAULT nextval('public.things_{n}_id_seq'::regclass);\n"
        );
        let _ = writeln!(
            sql,
            "ALTER TABLE ONLY public.things_{n}\n    ADD CONSTRAINT things_{n}_pkey PRIMARY KEY (id);\n"
        );
        for index in 0..5 {
            let _ = writeln!(
                sql,
                "CREATE INDEX index_things_{n}_on_column_{index} ON public.things_{n} USING btree (column_{index});\n"
            );
        }
        let _ = writeln!(
            sql,
            "CREATE FUNCTION public.f_{n}() RETURNS trigger\n    LANGUAGE plpgsql\n    AS $$\nBEGIN\n  NEW.column_1 := 'a';\n  RETURN NEW;\nEND;\n$$;\n"
        );
    }
    for n in 0..tables {
        let _ = writeln!(
            sql,
            "ALTER TABLE ONLY public.things_{n}\n    ADD CONSTRAINT fk_rails_{n} FOREIGN KEY (parent_id) REFERENCES public.things_{}(id) ON DELETE CASCADE;\n",
            (n + 1) % tables
        );
    }
    let _ = writeln!(
        sql,
        "SET search_path TO \"$user\", public;\n\nINSERT INTO \"schema_migrations\" (version) VALUES\n('20250101000000');"
    );
    sql
}

fn check(name: &str, dialect: SqlDialect) -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let sql = std::fs::read_to_string(folder.join(format!("{name}.sql")))?;
    let outline = outline(&parse(&sql, dialect));
    let file = folder.join(format!("{name}.outline"));
    if std::env::var_os("UPDATE_OUTLINES").is_some() {
        std::fs::write(&file, &outline)?;
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    for (number, (is, should)) in outline.lines().zip(expected.lines()).enumerate() {
        assert_eq!(is, should, "{name}.outline:{}", number + 1);
    }
    assert_eq!(outline.lines().count(), expected.lines().count());
    Ok(())
}

fn outline(ddl: &Ddl) -> String {
    let mut out = String::new();
    for error in &ddl.errors {
        let _ = writeln!(out, "error {}\n", error.render("file.sql"));
    }
    schema(&mut out, &ddl.schema);
    for note in &ddl.notes {
        let _ = writeln!(out, "note {}:{}: {}", note.line, note.column, note.message);
    }
    out
}

fn schema(out: &mut String, schema: &DatabaseSchema) {
    for (key, e) in &schema.enums {
        let _ = writeln!(out, "enum {key}: {:?}{}", e.values, comment(&e.comment));
    }
    for (key, d) in &schema.domains {
        let not_null = if d.not_null { " not null" } else { "" };
        let _ = writeln!(
            out,
            "domain {key}: {}{not_null} default {:?} {:?}{}",
            d.data_type,
            d.default,
            d.checks,
            comment(&d.comment)
        );
    }
    for (key, s) in &schema.sequences {
        let _ = writeln!(
            out,
            "sequence {key}: {} start {:?} step {:?} cycle {} of {:?}",
            s.data_type, s.start, s.increment, s.cycle, s.owned_by
        );
    }
    for (key, v) in &schema.views {
        let _ = writeln!(
            out,
            "view {key}: materialized {} as {:?}{}",
            v.materialized,
            v.definition,
            comment(&v.comment)
        );
    }
    for (key, t) in &schema.tables {
        table(out, key, t);
    }
    for n in &schema.not_inspected {
        let _ = writeln!(out, "not inspected: {} {:?}: {}", n.kind, n.name, n.reason);
    }
}

fn table(out: &mut String, key: &str, t: &TableSchema) {
    let _ = write!(out, "\ntable {key}{}", comment(&t.comment));
    for (what, value) in [
        ("partition by", &t.partition_by),
        ("partition of", &t.partition_of),
        ("bound", &t.partition_bound),
    ] {
        if let Some(value) = value {
            let _ = write!(out, " [{what} {value}]");
        }
    }
    for (what, on) in [
        ("strict", t.strict),
        ("without rowid", t.without_rowid),
        ("row security", t.row_security),
        ("forced", t.force_row_security),
    ] {
        let _ = write!(
            out,
            "{}",
            if on {
                format!(" [{what}]")
            } else {
                String::new()
            }
        );
    }
    let _ = writeln!(
        out,
        "{}",
        if t.inherits.is_empty() {
            String::new()
        } else {
            format!(" [inherits {:?}]", t.inherits)
        }
    );
    for c in &t.columns {
        column(out, c);
    }
    for c in t.constraints.values() {
        constraint(out, c);
    }
    for i in t.indexes.values() {
        index(out, i);
    }
}

fn column(out: &mut String, c: &ColumnSchema) {
    let _ = write!(out, "  {:?} {}", c.name, c.data_type);
    if c.sql_type.to_string() != c.data_type {
        let _ = write!(out, " ({:?})", c.sql_type);
    }
    if !c.nullable {
        let _ = write!(out, " not null");
    }
    for (what, value) in [("default", &c.default), ("collate", &c.collation)] {
        if let Some(value) = value {
            let _ = write!(out, " {what} {value:?}");
        }
    }
    if let Some(identity) = c.identity {
        let _ = write!(out, " identity {identity:?}");
    }
    if let Some(generated) = &c.generated {
        let _ = write!(
            out,
            " generated {:?} stored {}",
            generated.expression, generated.stored
        );
    }
    let _ = writeln!(out, "{}", comment(&c.comment));
}

fn constraint(out: &mut String, c: &ConstraintSchema) {
    let _ = write!(out, "  {} {:?} {:?}", c.kind, c.name, c.columns);
    if let Some(expression) = &c.expression {
        let _ = write!(out, " {expression:?}");
    }
    if let Some(table) = &c.references_table {
        let (delete, update) = (
            c.on_delete.unwrap_or_default(),
            c.on_update.unwrap_or_default(),
        );
        let _ = write!(
            out,
            " -> {:?} {table:?} {:?} delete {delete} {:?} update {update}",
            c.references_schema, c.references_columns, c.on_delete_columns
        );
    }
    if !c.include.is_empty() {
        let _ = write!(out, " include {:?}", c.include);
    }
    for (what, on) in [
        ("match full", c.match_full),
        ("deferrable", c.deferrable),
        ("deferred", c.initially_deferred),
        ("not valid", c.not_valid),
        ("no inherit", c.no_inherit),
        ("nulls not distinct", c.nulls_not_distinct),
        ("name generated", c.name_is_generated),
    ] {
        let _ = write!(
            out,
            "{}",
            if on {
                format!(", {what}")
            } else {
                String::new()
            }
        );
    }
    let _ = writeln!(out, "{}", comment(&c.comment));
}

fn index(out: &mut String, i: &IndexSchema) {
    let unique = if i.is_unique { "unique " } else { "" };
    let _ = write!(out, "  {unique}index {:?} {}", i.name, i.method);
    for c in &i.columns {
        key(out, c);
    }
    let _ = write!(out, " include {:?}", i.include);
    if let Some(predicate) = &i.predicate {
        let _ = write!(out, " where {predicate:?}");
    }
    let nulls = if i.nulls_not_distinct {
        ", nulls not distinct"
    } else {
        ""
    };
    let generated = if i.name_is_generated {
        ", name generated"
    } else {
        ""
    };
    let _ = writeln!(out, "{nulls}{generated}{}", comment(&i.comment));
}

fn key(out: &mut String, c: &IndexColumn) {
    let what = if c.is_expression {
        "expression"
    } else {
        "column"
    };
    let down = if c.descending { " desc" } else { "" };
    let _ = write!(
        out,
        " [{what} {:?}{down} nulls first {:?} {:?} {:?}]",
        c.text, c.nulls_first, c.collation, c.operator_class
    );
}

fn comment(comment: &Option<String>) -> String {
    comment
        .as_ref()
        .map(|c| format!(" -- {c:?}"))
        .unwrap_or_default()
}
