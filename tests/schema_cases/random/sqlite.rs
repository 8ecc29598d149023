//! Random schemas of SQLite.

use db_adapter::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, DatabaseSchema, Generated, Identity,
    IndexColumn, IndexSchema, ReferentialAction, SqlDialect, TableSchema, TriggerSchema,
    ViewSchema, table_key,
};
use db_adapter_core::{SqlType, quote_ident};
use support::Random;

use super::names::{Names, literal, text};

const TYPES: [&str; 20] = [
    "INTEGER",
    "BIGINT",
    "SMALLINT",
    "TEXT",
    "VARCHAR(20)",
    "CHAR(3)",
    "BOOLEAN",
    "NUMERIC_TEXT",
    "NUMERIC_TEXT(10, 2)",
    "REAL",
    "UUID",
    "DATE",
    "TIMESTAMPTZ",
    "DATETIME",
    "JSON_TEXT",
    "BLOB",
    "",
    "ENUM('a','b')",
    "TEXT[]",
    "my own type",
];
const STRICT: [&str; 6] = ["INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"];

pub(super) fn schema(random: &mut Random) -> DatabaseSchema {
    let mut made = Made {
        random,
        names: Names::default(),
        schema: DatabaseSchema {
            dialect: SqlDialect::Sqlite,
            ..DatabaseSchema::default()
        },
    };
    for _ in 0..1 + made.random.below(5) {
        made.table();
    }
    for _ in 0..made.random.below(5) {
        made.reference();
    }
    made.view();
    made.trigger();
    made.schema
}

struct Made<'r> {
    random: &'r mut Random,
    names: Names,
    schema: DatabaseSchema,
}

impl Made<'_> {
    fn name(&mut self) -> String {
        self.names.one(self.random)
    }

    fn column(&mut self, strict: bool) -> ColumnSchema {
        let declared = match strict {
            true => *self.random.pick(&STRICT),
            false => *self.random.pick(&TYPES),
        };
        let sql_type = SqlType::parse_sqlite(declared).unwrap_or(SqlType::Other("".into()));
        let mut column = ColumnSchema::new(self.name(), declared, sql_type);
        column.nullable = self.random.chance(60);
        if declared == "TEXT" && self.random.chance(20) {
            column.collation = Some((*self.random.pick(&["NOCASE", "RTRIM"])).to_owned());
        }
        if self.random.chance(35) {
            column.default = self.default(declared);
        }
        column
    }

    fn default(&mut self, declared: &str) -> Option<String> {
        Some(match declared {
            "INTEGER" | "BIGINT" | "SMALLINT" | "INT" => {
                (*self.random.pick(&["5", "-3", "(1 + 2)", "+4"])).to_owned()
            }
            "TEXT" | "VARCHAR(20)" => literal(&text(self.random)),
            "BOOLEAN" => (*self.random.pick(&["TRUE", "0"])).to_owned(),
            "NUMERIC_TEXT" => "'1.50'".to_owned(),
            "REAL" => "0.5".to_owned(),
            "DATE" => "CURRENT_DATE".to_owned(),
            "TIMESTAMPTZ" => (*self
                .random
                .pick(&["CURRENT_TIMESTAMP", "(datetime('now'))"]))
            .to_owned(),
            "BLOB" => "X'00ff'".to_owned(),
            "JSON_TEXT" => "'{}'".to_owned(),
            _ => return None,
        })
    }

    fn table(&mut self) {
        let strict = self.random.chance(15);
        let mut table = TableSchema {
            name: self.name(),
            strict,
            ..TableSchema::default()
        };
        for _ in 0..1 + self.random.below(6) {
            let column = self.column(strict);
            table.columns.push(column);
        }
        self.key(&mut table);
        self.generated(&mut table);
        self.unique(&mut table);
        self.checks(&mut table);
        self.indexes(&mut table);
        self.schema.tables.insert(table.key(), table);
    }

    fn add(&mut self, table: &mut TableSchema, mut constraint: ConstraintSchema) {
        constraint.name = self.name();
        if self.random.chance(30) && !matches!(constraint.kind, ConstraintKind::ForeignKey) {
            constraint.name_is_generated = true;
        }
        table
            .constraints
            .insert(constraint.name.clone(), constraint);
    }

    fn key(&mut self, table: &mut TableSchema) {
        let key = |columns: Vec<String>| ConstraintSchema {
            kind: ConstraintKind::PrimaryKey,
            columns,
            ..ConstraintSchema::default()
        };
        match self.random.below(5) {
            0 => {}
            1 => {
                // the number of the row
                let mut id = ColumnSchema::new(self.name(), "INTEGER", SqlType::Int8);
                id.identity = Some(Identity::ByDefault);
                id.nullable = false;
                table.autoincrement = self.random.chance(50);
                let name = id.name.clone();
                table.columns.insert(0, id);
                self.add(table, key(vec![name]));
            }
            2 => {
                // what only looks like it
                let mut id = ColumnSchema::new(self.name(), "INTEGER", SqlType::Int8);
                id.nullable = !table.strict;
                let name = id.name.clone();
                table.columns.push(id);
                self.add(table, key(vec![name.clone()]));
                // its name stands nowhere: it is `PRIMARY KEY DESC` at the column
                let own = table
                    .constraints
                    .values_mut()
                    .find(|c| c.columns == [name.clone()]);
                own.unwrap().name_is_generated = true;
            }
            _ => {
                let mut names: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
                self.random.shuffle(&mut names);
                names.truncate(1 + self.random.below(2));
                table.without_rowid = self.random.chance(30);
                let number = names.len() == 1
                    && !table.without_rowid
                    && table.column(&names[0]).unwrap().data_type == "INTEGER";
                let not_null = table.strict || table.without_rowid;
                for name in &names {
                    let column = table.column_mut(name).unwrap();
                    column.default = None;
                    column.nullable &= !not_null;
                    if number {
                        column.identity = Some(Identity::ByDefault);
                        column.nullable = false;
                    }
                }
                self.add(table, key(names));
            }
        }
    }

    fn generated(&mut self, table: &mut TableSchema) {
        let from = table.columns.iter().find(|c| c.data_type == "TEXT");
        let Some(from) = from.filter(|_| self.random.chance(40)) else {
            return;
        };
        let expression = format!("length({})", quote_ident(&from.name));
        let mut column = ColumnSchema::new(self.name(), "INTEGER", SqlType::Int8);
        let stored = self.random.chance(50);
        column.generated = Some(Generated { expression, stored });
        table.columns.push(column);
    }

    fn unique(&mut self, table: &mut TableSchema) {
        let key = table
            .primary_key()
            .map(|key| key.columns.clone())
            .unwrap_or_default();
        let others: Vec<String> = table
            .columns
            .iter()
            .map(|c| c.name.clone())
            .filter(|name| !key.contains(name))
            .collect();
        if let Some(name) = self
            .random
            .choose(&others)
            .cloned()
            .filter(|_| self.random.chance(40))
        {
            let unique = ConstraintSchema {
                kind: ConstraintKind::Unique,
                columns: vec![name],
                ..ConstraintSchema::default()
            };
            self.add(table, unique);
        }
    }

    fn checks(&mut self, table: &mut TableSchema) {
        for column in table.columns.clone() {
            let name = quote_ident(&column.name);
            let expression = match column.data_type.as_str() {
                "INTEGER" | "BIGINT" => format!("{name} > 5"),
                "TEXT" => format!("length({name}) < 9"),
                "BOOLEAN" => format!("{name} IN (0, 1)"),
                "DATE" => format!("{name} IS NOT NULL"),
                _ => continue,
            };
            if self.random.chance(30) {
                let check = ConstraintSchema {
                    kind: ConstraintKind::Check,
                    columns: vec![column.name],
                    expression: Some(expression),
                    ..ConstraintSchema::default()
                };
                self.add(table, check);
            }
        }
    }

    fn indexes(&mut self, table: &mut TableSchema) {
        for _ in 0..self.random.below(3) {
            let mut names: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
            self.random.shuffle(&mut names);
            names.truncate(1 + self.random.below(2));
            let mut keys: Vec<IndexColumn> = names.iter().map(IndexColumn::column).collect();
            for key in &mut keys {
                key.descending = self.random.chance(30);
                key.collation = self.random.chance(15).then(|| "NOCASE".to_owned());
            }
            let text = table.columns.iter().find(|c| c.data_type == "TEXT");
            if let Some(text) = text.filter(|_| self.random.chance(30)) {
                keys.push(IndexColumn {
                    text: format!("lower({})", quote_ident(&text.name)),
                    is_expression: true,
                    ..IndexColumn::default()
                });
            }
            let predicate = format!("{} IS NOT NULL", quote_ident(&names[0]));
            let index = IndexSchema {
                name: self.name(),
                columns: keys,
                is_unique: self.random.chance(30),
                method: "btree".to_owned(),
                predicate: self.random.chance(30).then_some(predicate),
                include: Vec::new(),
                nulls_not_distinct: false,
                name_is_generated: false,
                comment: None,
            };
            table.indexes.insert(index.name.clone(), index);
        }
    }

    fn reference(&mut self) {
        let keys: Vec<String> = self.schema.tables.keys().cloned().collect();
        let (from, to) = (
            self.random.pick(&keys).clone(),
            self.random.pick(&keys).clone(),
        );
        let target = self.schema.tables[&to].clone();
        let Some(key) = target.primary_key().map(|key| key.columns.clone()) else {
            return;
        };
        let mut table = self.schema.tables.remove(&from).unwrap();
        let mut columns = Vec::new();
        for name in &key {
            let like = target.column(name).unwrap();
            if table.strict && !STRICT.contains(&like.data_type.as_str()) {
                self.schema.tables.insert(from, table);
                return;
            }
            let column = ColumnSchema::new(self.name(), &like.data_type, like.sql_type.clone());
            columns.push(column.name.clone());
            table.columns.push(column);
        }
        let actions = [
            ReferentialAction::NoAction,
            ReferentialAction::Cascade,
            ReferentialAction::SetNull,
        ];
        let deferrable = self.random.chance(30);
        let reference = ConstraintSchema {
            kind: ConstraintKind::ForeignKey,
            columns,
            references_table: Some(target.name.clone()),
            references_columns: Some(key),
            on_delete: Some(*self.random.pick(&actions)),
            on_update: Some(*self.random.pick(&actions)),
            deferrable,
            initially_deferred: deferrable,
            ..ConstraintSchema::default()
        };
        self.add(&mut table, reference);
        self.schema.tables.insert(from, table);
    }

    fn view(&mut self) {
        let tables: Vec<TableSchema> = self.schema.tables.values().cloned().collect();
        let table = self.random.pick(&tables).clone();
        if self.random.chance(50) {
            let query = format!(
                "SELECT {} FROM {}",
                quote_ident(&table.columns[0].name),
                quote_ident(&table.name)
            );
            let view = ViewSchema {
                name: self.name(),
                definition: Some(query),
                column_names: if self.random.chance(50) {
                    vec![self.name()]
                } else {
                    Vec::new()
                },
                ..ViewSchema::default()
            };
            self.schema.views.insert(table_key(None, &view.name), view);
        }
    }

    fn trigger(&mut self) {
        let keys: Vec<String> = self.schema.tables.keys().cloned().collect();
        let key = self.random.pick(&keys).clone();
        if !self.random.chance(50) {
            return;
        }
        let name = self.name();
        let table = self.schema.tables.get_mut(&key).unwrap();
        let definition = format!(
            "CREATE TRIGGER {} AFTER DELETE ON {} BEGIN SELECT ';'; SELECT 2; END",
            quote_ident(&name),
            quote_ident(&table.name)
        );
        let trigger = TriggerSchema {
            name: name.clone(),
            timing: "AFTER".to_owned(),
            events: vec!["DELETE".to_owned()],
            definition: Some(definition),
            ..TriggerSchema::default()
        };
        table.triggers.insert(name, trigger);
    }
}
