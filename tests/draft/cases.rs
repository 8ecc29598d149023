//! A draft of each schema of `schema_cases/`, from what introspection says of it there.

use std::fs;
use std::path::{Path, PathBuf};

use db_adapter::{BackupSchema, DatabaseSchema, Validation};
use db_adapter_core::draft::{Draft, DraftOptions, draft};
use db_adapter_core::fit::{Resolved, fit};

use crate::models;

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// Each schema with the name of its draft.
fn cases() -> Vec<(String, DatabaseSchema)> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(tests().join("schema_cases")).unwrap() {
        let folder = entry.unwrap().path();
        for backend in ["postgres", "sqlite"] {
            let Ok(json) = fs::read_to_string(folder.join(format!("{backend}.json"))) else {
                continue;
            };
            let case = folder.file_name().unwrap().to_str().unwrap();
            cases.push((
                format!("{case}_{backend}"),
                serde_json::from_str(&json).unwrap(),
            ));
        }
    }
    cases.sort_by(|(a, _), (b, _)| a.cmp(b));
    cases
}

fn drafted(database: &DatabaseSchema) -> Option<Draft> {
    let draft = draft(database, &DraftOptions::default()).unwrap();
    (!draft.tables.is_empty()).then_some(draft)
}

#[test]
fn the_drafts_are_those_that_are_compiled() {
    let folder = tests().join("draft/models");
    let update = std::env::var_os("DB_ADAPTER_TESTS_UPDATE").is_some();
    let (mut modules, mut list, mut wrong) = (String::new(), String::new(), Vec::new());
    for (name, database) in cases() {
        let Some(draft) = drafted(&database) else {
            continue;
        };
        modules.push_str(&format!("pub mod {name};\n"));
        list.push_str(&format!("        (\"{name}\", &{name}::SCHEMA),\n"));
        let (path, text) = (folder.join(format!("{name}.rs")), draft.rust());
        if update {
            fs::write(&path, &text).unwrap();
        }
        if fs::read_to_string(&path).unwrap_or_default() != text {
            wrong.push(name);
        }
    }
    for name in ["shop_postgres", "shop_sqlite"] {
        // written by the test of the program
        modules.push_str(&format!("pub mod {name};\n"));
    }
    let module = format!(
        "//! Written by the tests: a draft for each case.\n\n\
         #![allow(dead_code, unreachable_pub, reason = \"nobody reads the rows\")]\n\n\
         use db_adapter::BackupSchema;\n\n{modules}\n\
         pub fn all() -> Vec<(&'static str, &'static BackupSchema)> {{\n    vec![\n{list}    ]\n}}\n"
    );
    if update {
        fs::write(folder.join("mod.rs"), &module).unwrap();
    }
    assert_eq!(fs::read_to_string(folder.join("mod.rs")).unwrap(), module);
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn what_the_macros_read_is_what_was_drafted() {
    let compiled = models::all();
    let mut seen = 0;
    for (name, database) in cases() {
        let Some(draft) = drafted(&database) else {
            continue;
        };
        let (_, schema) = compiled.iter().find(|(n, _)| *n == name).expect(&name);
        assert_eq!(sorted(schema), sorted(&draft.schema().unwrap()), "{name}");
        seen += 1;
    }
    assert_eq!(seen, compiled.len());
    assert!(seen > 60, "{seen}");
}

/// Tables that do not depend on each other may be in any order.
pub(crate) fn sorted(schema: &BackupSchema) -> Vec<String> {
    let all = |kind: &str, tables: &[db_adapter::TableDef]| -> Vec<String> {
        tables
            .iter()
            .map(|table| format!("{kind} {:?}", known(table)))
            .collect()
    };
    let mut tables = all("backed up", &schema.tables);
    tables.extend(all("expected", &schema.other_tables));
    tables.sort();
    tables
}

#[test]
fn every_draft_fits_its_database() {
    let mut wrong = Vec::new();
    for (name, database) in cases() {
        let Some(draft) = drafted(&database) else {
            continue;
        };
        let schema = draft.schema().unwrap();
        let misfits = fit(&schema, &database, &Resolved::of(&schema, &database));
        let expected = schema.expected();
        let result = Validation::new(&expected).declared(&schema).run(&database);
        let errors = result.errors().map(|difference| difference.message.clone());
        let misfits = misfits.iter().map(|misfit| misfit.notice().message);
        wrong.extend(errors.chain(misfits).map(|said| format!("{name}: {said}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A draft that declares nothing would fit everything.
#[test]
fn most_tables_are_backed_up() {
    let (mut all, mut backed_up) = (0, 0);
    for (_, database) in cases() {
        for table in drafted(&database).iter().flat_map(|draft| &draft.tables) {
            all += 1;
            backed_up += usize::from(table.backed_up);
            assert_eq!(
                table.backed_up,
                !table
                    .notes
                    .iter()
                    .any(|n| n.text.starts_with("not backed up"))
            );
        }
    }
    assert!(backed_up * 3 > all * 2, "{backed_up} of {all}");
}

/// A struct does not say whether a number that nobody calls a default is filled by the database.
fn known(table: &db_adapter::TableDef) -> db_adapter::TableDef {
    let mut table = table.clone();
    for column in table.columns.to_mut() {
        column.filled = column.filled.filter(|filled| *filled);
    }
    table
}
