//! Random schemas of PostgreSQL.

use db_adapter::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, DatabaseSchema, DomainSchema, EnumSchema,
    Generated, Identity, IndexColumn, IndexSchema, Numbering, PolicySchema, ReferentialAction,
    SequenceSchema, SqlDialect, TableSchema, ViewSchema, table_key,
};
use db_adapter_core::{SqlType, quote_ident};
use support::Random;

use super::SCHEMAS;
use super::names::{Names, as_type, literal, text};

const TYPES: [&str; 24] = [
    "integer",
    "bigint",
    "smallint",
    "text",
    "character varying(20)",
    "character(3)",
    "boolean",
    "numeric",
    "numeric(10,2)",
    "double precision",
    "real",
    "uuid",
    "date",
    "timestamp with time zone",
    "timestamp(3) without time zone",
    "time without time zone",
    "jsonb",
    "json",
    "bytea",
    "text[]",
    "integer[]",
    "interval",
    "inet",
    "int4range",
];

pub(super) fn schema(random: &mut Random) -> DatabaseSchema {
    let mut made = Made {
        random,
        names: Names::default(),
        schema: DatabaseSchema {
            dialect: SqlDialect::Postgres,
            ..DatabaseSchema::default()
        },
    };
    made.types();
    let tables = 1 + made.random.below(5);
    for _ in 0..tables {
        made.table();
    }
    if made.random.chance(30) {
        made.partitioned();
    }
    if made.random.chance(30) {
        made.heir();
    }
    for _ in 0..made.random.below(5) {
        made.reference();
    }
    made.sequence();
    made.view();
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

    fn comment(&mut self) -> Option<String> {
        let comment = text(self.random);
        (self.random.chance(15) && !comment.is_empty()).then_some(comment)
    }

    fn types(&mut self) {
        for _ in 0..self.random.below(3) {
            let mut values: Vec<String> = (0..1 + self.random.below(3))
                .map(|_| text(self.random))
                .collect();
            values.sort();
            values.dedup();
            values.retain(|value| value.len() < 60);
            let found = EnumSchema {
                schema: Some("public".to_owned()),
                name: self.name(),
                values,
                comment: self.comment(),
            };
            self.schema
                .enums
                .insert(table_key(None, &found.name), found);
        }
        for _ in 0..self.random.below(3) {
            let of_text = self.random.chance(50);
            let (data_type, check, default) = match of_text {
                true => ("text", "length(VALUE) < 60", "'x'"),
                false => ("integer", "VALUE > 0", "7"),
            };
            let mut domain = DomainSchema {
                schema: Some("public".to_owned()),
                name: self.name(),
                data_type: data_type.to_owned(),
                not_null: self.random.chance(30),
                default: self.random.chance(30).then(|| default.to_owned()),
                comment: self.comment(),
                ..DomainSchema::default()
            };
            if self.random.chance(60) {
                domain.checks.insert(self.name(), check.to_owned());
            }
            self.schema
                .domains
                .insert(table_key(None, &domain.name), domain);
        }
    }

    /// The type, and what decides its values.
    fn data_type(&mut self) -> (String, SqlType) {
        let enums: Vec<String> = self.schema.enums.values().map(|e| e.name.clone()).collect();
        let domains: Vec<(String, String)> = self
            .schema
            .domains
            .values()
            .map(|d| (d.name.clone(), d.data_type.clone()))
            .collect();
        if self.random.chance(15)
            && let Some(name) = self.random.choose(&enums)
        {
            let name = as_type(name);
            return (name.clone(), SqlType::Enum(name.as_str().into()));
        }
        if self.random.chance(15)
            && let Some((name, base)) = self.random.choose(&domains)
        {
            return (as_type(name), SqlType::parse_postgres(base));
        }
        let name = *self.random.pick(&TYPES);
        (name.to_owned(), SqlType::parse_postgres(name))
    }

    fn default(&mut self, sql_type: &SqlType) -> Option<String> {
        Some(match sql_type {
            SqlType::Int2 | SqlType::Int4 | SqlType::Int8 => {
                (*self.random.pick(&["5", "'-3'::integer", "(1 + 2)"])).to_owned()
            }
            SqlType::Text => literal(&text(self.random)).replace('\\', ""),
            SqlType::Bool => "true".to_owned(),
            SqlType::Numeric { .. } => "1.5".to_owned(),
            SqlType::Timestamptz => (*self.random.pick(&["now()", "CURRENT_TIMESTAMP"])).to_owned(),
            SqlType::Date => "CURRENT_DATE".to_owned(),
            SqlType::Jsonb => "'{\"a\": [1]}'::jsonb".to_owned(),
            SqlType::Array(_) => "'{}'".to_owned(),
            SqlType::Uuid => "gen_random_uuid()".to_owned(),
            _ => return None,
        })
    }

    fn column(&mut self) -> ColumnSchema {
        let (data_type, sql_type) = self.data_type();
        let mut column = ColumnSchema::new(self.name(), data_type, sql_type);
        column.nullable = self.random.chance(60);
        column.comment = self.comment();
        let plain = TYPES.contains(&column.data_type.as_str());
        let is_text = plain && matches!(column.sql_type, SqlType::Text | SqlType::Varchar(_));
        if is_text && self.random.chance(15) {
            column.collation = Some((*self.random.pick(&["C", "POSIX"])).to_owned());
        }
        let integer = plain
            && matches!(
                column.sql_type,
                SqlType::Int2 | SqlType::Int4 | SqlType::Int8
            );
        if integer && self.random.chance(20) {
            column.identity = Some(*self.random.pick(&[Identity::Always, Identity::ByDefault]));
            column.nullable = false;
            column.numbering = self.random.chance(30).then(|| Numbering {
                start: Some(10),
                increment: Some(5),
                cache: Some(3),
                cycle: true,
                ..Numbering::default()
            });
        } else if self.random.chance(35) && plain {
            column.default = self.default(&column.sql_type.clone());
        }
        column
    }

    fn table(&mut self) {
        let schema = *self.random.pick(&SCHEMAS);
        let mut table = TableSchema {
            schema: Some(schema.to_owned()),
            name: self.name(),
            unlogged: false,
            comment: self.comment(),
            ..TableSchema::default()
        };
        for _ in 0..1 + self.random.below(6) {
            let column = self.column();
            table.columns.push(column);
        }
        self.generated(&mut table);
        self.keys(&mut table);
        self.checks(&mut table);
        self.indexes(&mut table);
        if self.random.chance(15) {
            table.row_security = true;
            table.force_row_security = self.random.chance(50);
            let policy = PolicySchema {
                name: self.name(),
                command: (*self.random.pick(&["ALL", "SELECT", "DELETE"])).to_owned(),
                restrictive: self.random.chance(30),
                using: Some("true".to_owned()),
                ..PolicySchema::default()
            };
            table.policies.insert(policy.name.clone(), policy);
        }
        self.schema.tables.insert(table.key(), table);
    }

    fn generated(&mut self, table: &mut TableSchema) {
        let from = table
            .columns
            .iter()
            .find(|c| c.data_type == "text" && c.collation.is_none());
        let Some(from) = from.filter(|_| self.random.chance(40)) else {
            return;
        };
        let expression = format!("length({})", quote_ident(&from.name));
        let mut column = ColumnSchema::new(self.name(), "integer", SqlType::Int4);
        column.generated = Some(Generated {
            expression,
            stored: true,
        });
        table.columns.push(column);
    }

    /// Columns that a key may be of.
    fn keyed(&mut self, table: &TableSchema) -> Vec<String> {
        let fit = table
            .columns
            .iter()
            .filter(|c| c.generated.is_none() && !matches!(c.sql_type, SqlType::Json));
        let mut fit: Vec<String> = fit.map(|c| c.name.clone()).collect();
        self.random.shuffle(&mut fit);
        fit.truncate(1 + self.random.below(2));
        fit
    }

    fn add(&mut self, table: &mut TableSchema, mut constraint: ConstraintSchema) {
        constraint.name = self.name();
        constraint.comment = self.comment();
        table
            .constraints
            .insert(constraint.name.clone(), constraint);
    }

    fn keys(&mut self, table: &mut TableSchema) {
        let columns = self.keyed(table);
        if self.random.chance(80) && !columns.is_empty() {
            for name in &columns {
                if let Some(column) = table.column_mut(name) {
                    column.nullable = false;
                }
            }
            let key = ConstraintSchema {
                kind: ConstraintKind::PrimaryKey,
                columns,
                ..ConstraintSchema::default()
            };
            self.add(table, key);
        }
        let columns = self.keyed(table);
        if self.random.chance(40) && !columns.is_empty() {
            let deferrable = self.random.chance(20);
            let unique = ConstraintSchema {
                kind: ConstraintKind::Unique,
                columns,
                deferrable,
                initially_deferred: deferrable,
                nulls_not_distinct: self.random.chance(20),
                ..ConstraintSchema::default()
            };
            self.add(table, unique);
        }
    }

    fn checks(&mut self, table: &mut TableSchema) {
        for column in table.columns.clone() {
            let name = quote_ident(&column.name);
            let expression = match column.data_type.as_str() {
                "integer" | "bigint" => format!("{name} > 5"),
                "text" => format!("length({name}) < 9"),
                "boolean" => format!("{name} OR ({name} IS NULL)"),
                "date" => format!("{name} IS NOT NULL"),
                _ => continue,
            };
            if !self.random.chance(30) {
                continue;
            }
            let check = ConstraintSchema {
                kind: ConstraintKind::Check,
                columns: vec![column.name],
                expression: Some(expression),
                not_valid: self.random.chance(15),
                no_inherit: self.random.chance(10),
                ..ConstraintSchema::default()
            };
            self.add(table, check);
        }
    }

    fn indexes(&mut self, table: &mut TableSchema) {
        for _ in 0..self.random.below(3) {
            let columns = self.keyed(table);
            if columns.is_empty() {
                continue;
            }
            let mut keys: Vec<IndexColumn> = columns.iter().map(IndexColumn::column).collect();
            for key in &mut keys {
                key.descending = self.random.chance(30);
                key.nulls_first = self.random.chance(20).then_some(!key.descending);
            }
            let text = table
                .columns
                .iter()
                .find(|c| c.data_type == "text" && c.collation.is_none());
            if let Some(text) = text.filter(|_| self.random.chance(30)) {
                keys.push(IndexColumn {
                    text: format!("lower({})", quote_ident(&text.name)),
                    is_expression: true,
                    ..IndexColumn::default()
                });
            }
            let predicate = format!("{} IS NOT NULL", quote_ident(&columns[0]));
            let include = table.columns.iter().find(|c| !columns.contains(&c.name));
            let include: Vec<String> = include.map(|c| c.name.clone()).into_iter().collect();
            let index = IndexSchema {
                name: self.name(),
                columns: keys,
                is_unique: self.random.chance(30),
                method: "btree".to_owned(),
                predicate: self.random.chance(30).then_some(predicate),
                include: if self.random.chance(20) {
                    include
                } else {
                    Vec::new()
                },
                nulls_not_distinct: false,
                name_is_generated: false,
                comment: self.comment(),
            };
            table.indexes.insert(index.name.clone(), index);
        }
    }

    /// A foreign key from any table to any table with a key, in circles too.
    fn reference(&mut self) {
        let keyed: Vec<String> = self
            .schema
            .tables
            .iter()
            .filter(|(_, t)| t.primary_key().is_some() && t.partition_of.is_none())
            .map(|(key, _)| key.clone())
            .collect();
        let others: Vec<String> = self
            .schema
            .tables
            .iter()
            .filter(|(_, t)| {
                t.partition_of.is_none() && t.partition_by.is_none() && t.inherits.is_empty()
            })
            .filter(|(key, _)| {
                !self
                    .schema
                    .tables
                    .values()
                    .any(|t| t.inherits.contains(key))
            })
            .map(|(key, _)| key.clone())
            .collect();
        let (Some(target), Some(from)) = (
            self.random.choose(&keyed).cloned(),
            self.random.choose(&others).cloned(),
        ) else {
            return;
        };
        let target = self.schema.tables[&target].clone();
        let mut table = self.schema.tables.remove(&from).unwrap();
        let to = target.primary_key().unwrap().columns.clone();
        let mut columns = Vec::new();
        for name in &to {
            let like = target.column(name).unwrap();
            let mut column = ColumnSchema::new(self.name(), &like.data_type, like.sql_type.clone());
            column.collation.clone_from(&like.collation);
            columns.push(column.name.clone());
            table.columns.push(column);
        }
        let actions = [
            ReferentialAction::NoAction,
            ReferentialAction::Restrict,
            ReferentialAction::Cascade,
            ReferentialAction::SetNull,
            ReferentialAction::SetDefault,
        ];
        let deferrable = self.random.chance(30);
        let key = ConstraintSchema {
            kind: ConstraintKind::ForeignKey,
            columns,
            references_schema: target.schema.clone(),
            references_table: Some(target.name.clone()),
            references_columns: Some(to),
            on_delete: Some(*self.random.pick(&actions)),
            on_update: Some(*self.random.pick(&actions)),
            deferrable,
            initially_deferred: deferrable && self.random.chance(50),
            not_valid: self.random.chance(15) && target.partition_by.is_none(),
            match_full: self.random.chance(15),
            ..ConstraintSchema::default()
        };
        self.add(&mut table, key);
        self.schema.tables.insert(from, table);
    }

    fn partitioned(&mut self) {
        let mut table = TableSchema {
            schema: Some("public".to_owned()),
            name: self.name(),
            ..TableSchema::default()
        };
        let mut kind = ColumnSchema::new(self.name(), "text", SqlType::Text);
        kind.nullable = false;
        let by = as_type(&kind.name);
        let own = ColumnSchema::new(self.name(), "integer", SqlType::Int4);
        let key = vec![kind.name.clone()];
        table.columns = vec![own, kind];
        table.partition_by = Some(format!("LIST ({by})"));
        let key = ConstraintSchema {
            kind: ConstraintKind::PrimaryKey,
            columns: key,
            ..ConstraintSchema::default()
        };
        self.add(&mut table, key);
        let parent = table.key();
        for bound in ["FOR VALUES IN ('it''s', 'b')", "DEFAULT"] {
            let mut columns = table.columns.clone();
            if self.random.chance(30) {
                columns[0].default = Some("7".to_owned());
            }
            if self.random.chance(30) {
                columns.reverse();
            }
            let partition = TableSchema {
                schema: Some((*self.random.pick(&SCHEMAS)).to_owned()),
                name: self.name(),
                columns,
                partition_of: Some(parent.clone()),
                partition_bound: Some(bound.to_owned()),
                ..TableSchema::default()
            };
            self.schema.tables.insert(partition.key(), partition);
        }
        self.schema.tables.insert(parent, table);
    }

    /// A table that inherits from one, with its columns and checks.
    fn heir(&mut self) {
        let parents: Vec<String> = self
            .schema
            .tables
            .iter()
            .filter(|(_, t)| t.partition_of.is_none() && t.partition_by.is_none())
            .filter(|(_, t)| t.constraints.values().all(|c| !c.not_valid))
            .map(|(key, _)| key.clone())
            .collect();
        let Some(parent) = self.random.choose(&parents).cloned() else {
            return;
        };
        let from = &self.schema.tables[&parent];
        let mut columns = from.columns.clone();
        for column in &mut columns {
            (column.identity, column.numbering, column.comment) = (None, None, None);
        }
        let checks = from.constraints.values();
        let checks = checks.filter(|c| c.kind == ConstraintKind::Check && !c.no_inherit);
        let constraints = checks
            .map(|c| {
                let check = ConstraintSchema {
                    comment: None,
                    ..c.clone()
                };
                (c.name.clone(), check)
            })
            .collect();
        let mut table = TableSchema {
            schema: Some("public".to_owned()),
            name: self.name(),
            columns,
            constraints,
            inherits: vec![parent],
            ..TableSchema::default()
        };
        let own = self.column();
        if self.random.chance(20) {
            table.columns.insert(0, own);
        } else {
            table.columns.push(own);
        }
        self.schema.tables.insert(table.key(), table);
    }

    /// A sequence of its own, and one that numbers a column.
    fn sequence(&mut self) {
        if !self.random.chance(50) {
            return;
        }
        let mut own = SequenceSchema {
            schema: Some("public".to_owned()),
            name: self.name(),
            data_type: (*self.random.pick(&["bigint", "integer", "smallint"])).to_owned(),
            comment: self.comment(),
            ..SequenceSchema::default()
        };
        if self.random.chance(50) {
            (own.increment, own.start, own.cycle) = (Some(-2), Some(-4), true);
        }
        let tables: Vec<String> = self
            .schema
            .tables
            .iter()
            .filter(|(_, t)| {
                t.partition_of.is_none()
                    && t.inherits.is_empty()
                    && t.schema.as_deref() == Some("public")
            })
            .filter(|(key, t)| {
                t.partition_by.is_none()
                    && !self
                        .schema
                        .tables
                        .values()
                        .any(|o| o.inherits.contains(key))
            })
            .map(|(key, _)| key.clone())
            .collect();
        if let Some(key) = self.random.choose(&tables).cloned() {
            let column = self.name();
            let named = as_type(&own.name).replace('\'', "''");
            let string = match named.contains('\\') {
                true => format!("E'{}'", named.replace('\\', "\\\\")),
                false => format!("'{named}'"),
            };
            let mut numbered = ColumnSchema::new(&column, "bigint", SqlType::Int8);
            numbered.default = Some(format!("nextval({string}::regclass)"));
            let table = self.schema.tables.get_mut(&key).unwrap();
            table.columns.push(numbered);
            own.owned_by = Some((key, column));
        }
        self.schema
            .sequences
            .insert(table_key(None, &own.name), own);
    }

    fn view(&mut self) {
        let tables: Vec<TableSchema> = self.schema.tables.values().cloned().collect();
        let Some(table) = self
            .random
            .choose(&tables)
            .cloned()
            .filter(|_| self.random.chance(50))
        else {
            return;
        };
        let name = format!(
            "{}.{}",
            quote_ident(table.schema.as_deref().unwrap_or("public")),
            quote_ident(&table.name)
        );
        let column = quote_ident(&table.columns[0].name);
        let materialized = self.random.chance(30);
        let view = ViewSchema {
            schema: Some("public".to_owned()),
            name: self.name(),
            materialized,
            definition: Some(format!("SELECT {column} FROM {name}")),
            column_names: if self.random.chance(50) {
                vec![self.name()]
            } else {
                Vec::new()
            },
            options: match self.random.chance(30) && !materialized {
                true => vec!["security_barrier=true".to_owned()],
                false => Vec::new(),
            },
            comment: self.comment(),
            ..ViewSchema::default()
        };
        self.schema.views.insert(table_key(None, &view.name), view);
    }
}
