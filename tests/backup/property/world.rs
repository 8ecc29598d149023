//! What is around the tables of a scenario: triggers that leave rows alone, a destination that has drifted, a
//! filter of the backup, a file that lost rows on its way, another restore at the same time, policies that hide the
//! rows of others, and tables of the same names in another schema.

use std::path::Path;

use support::Random;

use super::content::{Content, Record};
use super::shape::{Key, Shape, Table, Type};
use crate::side::{Backend, Side};

/// Each is there or not; none of them changes what the documents promise.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct World {
    /// Triggers of every table write into a table of their own.
    pub(super) triggers: bool,
    /// Every table of the destination has a column that the file does not have.
    pub(super) added: bool,
    /// `amount` is a small integer in the destination.
    pub(super) narrow: bool,
    /// The destination has no `amount` in this table at first.
    pub(super) without: Option<usize>,
    /// The backup has only the rows of this table whose `amount` is ten.
    pub(super) filter: Option<usize>,
    /// The file is one of the Python tool, and lost some rows; the seed of which.
    pub(super) lost: Option<u64>,
    /// Two restores go at the same time.
    pub(super) at_once: bool,
    /// Policies hide the rows of other users from the role that restores; of PostgreSQL alone.
    pub(super) policies: bool,
    /// Another schema of the search path has tables of the same names, with rows; of PostgreSQL alone.
    pub(super) twins: bool,
    /// This table is declared by a key that is not unique, at first.
    pub(super) vague: Option<usize>,
}

/// What the filter leaves.
pub(super) const KEPT: &str = "10";
/// What a small integer cannot be.
const LARGE: &str = "9007199254740993";

impl World {
    pub(super) fn random(random: &mut Random, shape: &Shape, within: bool) -> World {
        let tables: Vec<usize> = (0..shape.tables.len())
            .filter(|at| shape.tables[*at].key != Key::User)
            .collect();
        let table = |random: &mut Random, percent| {
            let chosen = random.choose(&tables).copied();
            chosen.filter(|_| random.chance(percent))
        };
        World {
            triggers: random.chance(35),
            added: !within && random.chance(25),
            narrow: !within && random.chance(20),
            without: table(random, 15),
            filter: table(random, 25),
            lost: random
                .chance(20)
                .then_some(1)
                .map(|_| random.below(1 << 20) as u64),
            at_once: random.chance(20),
            policies: random.chance(20),
            twins: random.chance(20),
            vague: vague(random, shape),
        }
    }

    /// The tables as the destination has them.
    pub(super) fn destination(&self, shape: &Shape) -> Shape {
        let mut shape = shape.clone();
        if self.narrow {
            for table in &mut shape.tables {
                let amount = table.amount;
                table.columns[amount].sql_type = Type::Small;
            }
        }
        shape
    }

    /// Takes out of rows what the destination's columns do not hold.
    pub(super) fn fit(&self, shape: &Shape, content: &mut Content) {
        for (table, rows) in shape.tables.iter().zip(&mut content.tables) {
            for row in rows {
                if self.is_unfit(table, row) {
                    row[table.amount] = Some("7".to_owned());
                }
            }
        }
    }

    /// Whether the destination's columns do not hold the row.
    pub(super) fn is_unfit(&self, table: &Table, row: &Record) -> bool {
        self.narrow && row[table.amount].as_deref() == Some(LARGE)
    }

    /// Whether the backup's filter leaves the row in.
    pub(super) fn keeps(&self, at: usize, table: &Table, row: &Record) -> bool {
        self.filter != Some(at) || row[table.amount].as_deref() == Some(KEPT)
    }

    /// Around the tables with their rows.
    pub(super) async fn surround(&self, shape: &Shape, side: &mut Side) {
        if self.added {
            for table in &shape.tables {
                let name = &table.name;
                side.sql(&format!(
                    "ALTER TABLE \"{name}\" ADD COLUMN extra TEXT NOT NULL DEFAULT 'as it is'"
                ))
                .await;
            }
        }
        if self.triggers {
            side.sql(&triggers(shape, side.backend)).await;
        }
    }

    /// Whether the restore is one of a role that does not see all rows.
    pub(super) fn hides(&self, backend: Backend) -> bool {
        self.policies && backend == Backend::Postgres
    }

    /// The client sees what there is in its own way from now on.
    pub(super) async fn enter(&self, shape: &Shape, user: &str, side: &mut Side) {
        let mut settings = Vec::new();
        if self.twins && side.backend == Backend::Postgres {
            side.sql(&twins(shape)).await;
            settings.push("search_path=public,twin".to_owned());
        }
        if self.hides(side.backend) {
            let role = role(side);
            side.sql(&policies(shape, user, &role)).await;
            settings.push(format!("role={role}"));
        }
        if !settings.is_empty() {
            side.reconnect(&settings).await;
        }
    }

    /// Takes away what no other scenario would.
    pub(super) async fn leave(&self, side: &mut Side) {
        if self.hides(side.backend) {
            let role = role(side);
            side.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
                .await;
        }
    }

    /// The rows of the tables that are called like those of the backup.
    pub(super) async fn elsewhere(&self, shape: &Shape, side: &mut Side) -> Vec<Option<String>> {
        let mut rows = Vec::new();
        if self.twins && side.backend == Backend::Postgres {
            for Table { name, .. } in &shape.tables {
                let sql = format!(
                    "SELECT string_agg(t::text, '|' ORDER BY t::text) FROM twin.\"{name}\" AS t"
                );
                rows.push(side.oracle.scalar_text(&sql).await);
            }
        }
        rows
    }

    /// What a restore has no business with.
    pub(super) async fn is_left_alone(&self, shape: &Shape, side: &mut Side) {
        for table in shape.tables.iter().filter(|_| self.added) {
            let sql = format!(
                "SELECT count(*) FROM \"{}\" WHERE extra <> 'as it is'",
                table.name
            );
            let other = side.oracle.scalar_text(&sql).await;
            assert_eq!(other.as_deref(), Some("0"), "extra of {}", table.name);
        }
    }

    /// Writes the file as the Python tool does, without some of its rows; gives what is left.
    pub(super) fn lose(&self, seed: u64, shape: &Shape, file: &Content, path: &Path) -> Content {
        let mut random = Random::new(seed);
        let mut left = file.clone();
        for (table, rows) in shape.tables.iter().zip(&mut left.tables) {
            // without the user's own row there is nobody to restore for
            rows.retain(|_| table.key == Key::User || !random.chance(20));
        }
        std::fs::write(path, original(shape, &left)).unwrap();
        left
    }
}

/// A table that nothing refers to, so that any key of it can be declared.
fn vague(random: &mut Random, shape: &Shape) -> Option<usize> {
    let is_referred = |at: usize| {
        let mut references = shape.tables.iter().flat_map(Table::references);
        references.any(|reference| reference.table == at)
    };
    let fits = |at: &usize| !is_referred(*at) && !shape.tables[*at].is_by_pk();
    let tables: Vec<usize> = (0..shape.tables.len()).filter(fits).collect();
    let chosen = random.choose(&tables).copied();
    chosen.filter(|_| random.chance(20))
}

fn role(side: &Side) -> String {
    format!("app_{}", side.database.name())
}

/// Tables of the same names with the same rows, and with references of their own.
fn twins(shape: &Shape) -> String {
    let mut sql = "CREATE SCHEMA twin;\n".to_owned();
    for Table { name, .. } in &shape.tables {
        sql += &format!(
            "CREATE TABLE twin.\"{name}\" (LIKE public.\"{name}\" INCLUDING ALL);
             INSERT INTO twin.\"{name}\" OVERRIDING SYSTEM VALUE SELECT * FROM public.\"{name}\";\n"
        );
    }
    for table in &shape.tables {
        for reference in table.references() {
            let target = &shape.tables[reference.table];
            sql += &format!(
                "ALTER TABLE twin.\"{}\" ADD FOREIGN KEY ({}) REFERENCES twin.\"{}\" ({});\n",
                table.name,
                table.list(&reference.fields),
                target.name,
                target.list(&target.pk)
            );
        }
    }
    sql
}

fn policies(shape: &Shape, user: &str, role: &str) -> String {
    let mut sql = format!(
        "CREATE ROLE {role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role};
         GRANT USAGE ON SCHEMA public TO {role};
         GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role};\n"
    );
    for table in &shape.tables {
        let Some(column) = table.user.map(|user| &table.columns[user].name) else {
            continue;
        };
        let (name, user) = (&table.name, user.replace('\'', "''"));
        sql += &format!(
            "ALTER TABLE public.\"{name}\" ENABLE ROW LEVEL SECURITY;
             CREATE POLICY own ON public.\"{name}\" USING (\"{column}\" = '{user}');\n"
        );
    }
    sql
}

fn triggers(shape: &Shape, backend: Backend) -> String {
    let mut sql = "CREATE TABLE log (x TEXT);\n".to_owned();
    if backend == Backend::Postgres {
        sql += "CREATE FUNCTION logs() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN INSERT INTO log VALUES (TG_TABLE_NAME); RETURN NULL; END $$;\n";
    }
    for Table { name, .. } in &shape.tables {
        sql += &match backend {
            Backend::Postgres => format!(
                "CREATE TRIGGER logs AFTER INSERT OR UPDATE ON \"{name}\" FOR EACH ROW EXECUTE FUNCTION logs();\n"
            ),
            // the name of its table as it likes
            Backend::Sqlite => format!(
                "CREATE TRIGGER \"{name} i\" AFTER INSERT ON \"{0}\" BEGIN INSERT INTO log VALUES ('i'); END;
                 CREATE TRIGGER \"{name} u\" AFTER UPDATE ON \"{name}\" BEGIN INSERT INTO log VALUES ('u'); END;\n",
                name.to_uppercase()
            ),
        };
    }
    sql
}

/// The file of the Python tool.
fn original(shape: &Shape, content: &Content) -> String {
    use serde_json::{Map, Value as Json, json};

    let mut metadata = json!({
        "created_at": "2026-01-15T10:30:00.123456", "user_id": "x", "backup_type": "full", "version": "1.1",
    });
    let mut tables = Vec::new();
    for (table, rows) in shape.tables.iter().zip(&content.tables) {
        metadata[format!("{}_count", table.name)] = rows.len().into();
        let row = |row: &Record| {
            let cells = table.columns.iter().zip(row).map(|(column, cell)| {
                let json = match cell {
                    None => Json::Null,
                    Some(text) if column.sql_type == Type::Int => {
                        Json::from(text.parse::<i64>().unwrap())
                    }
                    Some(text) => Json::from(text.as_str()),
                };
                (column.name.clone(), json)
            });
            Json::Object(cells.collect::<Map<_, _>>()).to_string()
        };
        let rows: Vec<String> = rows.iter().map(row).collect();
        tables.push(format!("{:?}: [{}]", table.name, rows.join(",\n")));
    }
    format!("{{\"metadata\": {metadata},\n{}}}", tables.join(",\n"))
}
