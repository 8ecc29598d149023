//! Another parser's opinion: every CREATE TABLE that sqlparser reads has the columns, NOT NULLs and
//! primary keys that ours finds in it. What sqlparser refuses is no failure: it refuses valid DDL.

use db_adapter_core::ddl::{SqlDialect, parse};
use sqlparser::ast::{ColumnOption, CreateTable, Ident, Statement, TableConstraint};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

#[test]
fn another_parser_sees_the_same_columns() {
    let dumps = [
        include_str!("fixtures/types.sql"),
        include_str!("fixtures/keys.sql"),
        include_str!("fixtures/partitions.sql"),
        include_str!("fixtures/names_with_data.sql"),
        include_str!("fixtures/hand_written.sql"),
    ];
    let (mut same, mut refused) = (0, 0);
    for dump in dumps {
        for statement in dump.split(";\n").filter_map(create_table) {
            match Parser::parse_sql(&PostgreSqlDialect {}, statement).as_deref() {
                Ok([Statement::CreateTable(theirs)]) if comparable(theirs) => {
                    compare(theirs, statement);
                    same += 1;
                }
                _ => refused += 1,
            }
        }
    }
    println!("{same} tables agree, {refused} not compared");
    assert!(same >= 25, "{same}");
}

/// The statement behind its comment; those of `hand_written.sql` that are wrong on purpose, or for
/// the server but not for sqlparser, are left out.
fn create_table(statement: &str) -> Option<&str> {
    let start = statement.find("CREATE TABLE ")?;
    let table = statement.get(start..)?;
    (!table.contains("\nCREATE") && !table.starts_with("CREATE TABLE twice")).then_some(table)
}

/// Without columns of its own, the others' decide.
fn comparable(table: &CreateTable) -> bool {
    !table.columns.is_empty()
        && table.inherits.is_none()
        && table.query.is_none()
        && table.like.is_none()
}

fn compare(theirs: &CreateTable, statement: &str) {
    let ddl = parse(statement, SqlDialect::Postgres);
    assert!(ddl.errors.is_empty(), "{}\n{statement}", ddl.errors[0]);
    let ours = ddl
        .schema
        .tables
        .values()
        .next()
        .cloned()
        .unwrap_or_default();
    let names: Vec<String> = theirs.columns.iter().map(|c| name(&c.name)).collect();
    assert_eq!(
        ours.columns
            .iter()
            .map(|c| c.name.clone())
            .collect::<Vec<_>>(),
        names,
        "{statement}"
    );
    let mut key: Vec<String> = Vec::new();
    for constraint in &theirs.constraints {
        if let TableConstraint::PrimaryKey(primary) = constraint {
            key.extend(
                primary
                    .columns
                    .iter()
                    .map(|c| c.to_string().replace('"', "")),
            );
        }
    }
    for column in &theirs.columns {
        let is =
            |wanted: fn(&ColumnOption) -> bool| column.options.iter().any(|o| wanted(&o.option));
        if is(|o| matches!(o, ColumnOption::PrimaryKey(_))) {
            key.push(name(&column.name));
        }
        let Some(our) = ours.column(&name(&column.name)) else {
            continue; // the names are equal, as asserted above
        };
        assert_eq!(
            our.default.is_some(),
            is(|o| matches!(o, ColumnOption::Default(_)))
                || our
                    .default
                    .as_ref()
                    .is_some_and(|d| d.starts_with("nextval(")),
            "{}",
            our.name
        );
        if is(|o| matches!(o, ColumnOption::NotNull)) {
            assert!(!our.nullable, "{}", our.name);
        }
    }
    let our_key = ours
        .primary_key()
        .map(|k| k.columns.clone())
        .unwrap_or_default();
    assert_eq!(our_key, key, "{statement}");
}

fn name(ident: &Ident) -> String {
    match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_ascii_lowercase(),
    }
}
