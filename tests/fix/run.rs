//! Runs a plan, as a runner has to: asks its questions, runs its phases, and looks at the locks before each COMMIT.

use std::collections::BTreeMap;

use db_adapter::connect;
use db_adapter::schema::{DatabaseSchema, Expected, SchemaIntrospector};
use db_adapter_core::fix::{
    Answer, FixOptions, FixPlan, LockMode, Phase, PhaseKind, Statement, StoredSql,
    generate_fix_plan,
};
use support::{Oracle, TestDatabase};

/// What happened while a plan was run.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// The strongest lock on each table, of every phase that is a transaction.
    pub(crate) locks: Vec<BTreeMap<String, LockMode>>,
}

pub(crate) async fn read(database: &TestDatabase) -> DatabaseSchema {
    read_schemas(database, &[]).await
}

pub(crate) async fn read_schemas(database: &TestDatabase, schemas: &[&str]) -> DatabaseSchema {
    let client = connect(database.url()).await.unwrap();
    let mut introspector = SchemaIntrospector::new(&client);
    for schema in schemas {
        introspector = introspector.schema(*schema);
    }
    let schema = introspector.introspect().await.unwrap();
    client.close().await.unwrap();
    schema
}

/// The schema that this SQL makes in an empty database of the same kind.
pub(crate) async fn expected(database: &TestDatabase, sql: &str) -> DatabaseSchema {
    let other = match is_sqlite(database) {
        true => TestDatabase::sqlite(),
        false => TestDatabase::postgres().await,
    };
    other.sql(sql).await;
    read(&other).await
}

pub(crate) fn is_sqlite(database: &TestDatabase) -> bool {
    database.url().starts_with("sqlite:")
}

/// A plan for what is there now, decided by the answers of the database.
pub(crate) async fn plan(
    database: &TestDatabase,
    wanted: &DatabaseSchema,
    options: FixOptions,
) -> FixPlan {
    let actual = read(database).await;
    plan_from(database, &actual, wanted, options).await
}

/// The same for a schema that was read already.
pub(crate) async fn plan_from<'a>(
    database: &TestDatabase,
    actual: &DatabaseSchema,
    wanted: impl Into<Expected<'a>>,
    options: FixOptions,
) -> FixPlan {
    let mut oracle = database.oracle().await;
    let options = match is_sqlite(database) {
        true => options.stored_sql(stored(&mut oracle).await),
        false => options,
    };
    let plan = generate_fix_plan(actual, wanted, &options);
    let mut answers = Vec::new();
    for fact in plan.questions() {
        if !is_sqlite(database) {
            oracle.sql("BEGIN READ ONLY").await;
            if let Some(schema) = plan.search_path.first() {
                oracle
                    .sql(&format!("SET LOCAL search_path = \"{schema}\""))
                    .await;
            }
        }
        let answered = oracle.try_sql(&fact.sql).await;
        answers.push(match answered {
            Ok(()) => {
                let rows = oracle.rows_text(&fact.sql).await;
                Answer::Rows(
                    rows.into_iter()
                        .map(|mut row| row.remove(0).unwrap())
                        .collect(),
                )
            }
            Err(_) => Answer::Failed,
        });
        if !is_sqlite(database) {
            oracle.sql("ROLLBACK").await;
        }
    }
    plan.with_answers(answers).unwrap()
}

async fn stored(oracle: &mut Oracle) -> Vec<StoredSql> {
    let rows = oracle
        .rows_text("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
        .await;
    let mut stored = Vec::new();
    for row in rows {
        let mut texts = row.into_iter().map(Option::unwrap);
        let mut next = || texts.next().unwrap();
        stored.push(StoredSql {
            kind: next(),
            name: next(),
            table: next(),
            sql: next(),
        });
    }
    stored
}

/// Runs the plan.
pub(crate) async fn run(database: &TestDatabase, plan: &FixPlan) -> Run {
    try_run(database, plan)
        .await
        .unwrap_or_else(|why| panic!("{why}\n{}", plan.sql()))
}

pub(crate) async fn try_run(database: &TestDatabase, plan: &FixPlan) -> Result<Run, String> {
    let mut oracle = database.oracle().await;
    if !plan.search_path.is_empty() {
        let path: Vec<String> = plan
            .search_path
            .iter()
            .map(|s| format!("\"{s}\""))
            .collect();
        oracle
            .sql(&format!("SET search_path = {}", path.join(", ")))
            .await;
    }
    let mut run = Run::default();
    for phase in plan.run_list().map_err(|why| why.to_string())? {
        let ended = one_phase(&mut oracle, phase, &mut run, !is_sqlite(database)).await;
        for statement in &phase.after {
            statement_of(&mut oracle, statement).await?;
        }
        ended?;
    }
    Ok(run)
}

/// The phases up to this one, as after a kill.
pub(crate) async fn run_some(database: &TestDatabase, plan: &FixPlan, phases: usize) {
    let mut oracle = database.oracle().await;
    let mut run = Run::default();
    for phase in plan.run_list().unwrap().iter().take(phases) {
        one_phase(&mut oracle, phase, &mut run, true).await.unwrap();
    }
}

async fn one_phase(
    oracle: &mut Oracle,
    phase: &Phase,
    run: &mut Run,
    has_locks: bool,
) -> Result<(), String> {
    for statement in &phase.before {
        statement_of(oracle, statement).await?;
    }
    let statements = || {
        let steps = phase.steps.iter().flat_map(|step| &step.statements);
        phase.first.iter().chain(steps).chain(&phase.last)
    };
    match phase.kind {
        PhaseKind::Transaction => {
            oracle.sql("BEGIN").await;
            for statement in statements() {
                if let Err(why) = statement_of(oracle, statement).await {
                    oracle.sql("ROLLBACK").await;
                    return Err(why);
                }
            }
            if has_locks {
                run.locks.push(locks(oracle).await);
            }
            oracle.sql("COMMIT").await;
        }
        PhaseKind::Alone => {
            for statement in statements() {
                statement_of(oracle, statement).await?;
            }
        }
        PhaseKind::Batches => {
            for statement in statements() {
                let Statement::Run(sql) = statement else {
                    continue;
                };
                let counted =
                    format!("WITH changed AS ({sql} RETURNING 1) SELECT count(*) FROM changed");
                while oracle.scalar_text(&counted).await.unwrap() != "0" {}
            }
        }
        other => panic!("{other}"),
    }
    Ok(())
}

async fn statement_of(oracle: &mut Oracle, statement: &Statement) -> Result<(), String> {
    match statement {
        Statement::Run(sql) => oracle
            .try_sql(sql)
            .await
            .map_err(|why| format!("{why}\n{sql}")),
        Statement::Check { sql, why } => match oracle.rows_text(sql).await.is_empty() {
            true => Ok(()),
            false => Err(why.clone()),
        },
        other => panic!("{other:?}"),
    }
}

async fn locks(oracle: &mut Oracle) -> BTreeMap<String, LockMode> {
    let rows = oracle
        .rows_text(
            "SELECT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
             WHERE l.pid = pg_backend_pid() AND c.relkind IN ('r', 'p') \
             AND c.relnamespace = 'public'::regnamespace",
        )
        .await;
    let mut strongest = BTreeMap::new();
    for row in rows {
        let [Some(table), Some(mode)] = row.as_slice() else {
            continue;
        };
        let mode = match mode.as_str() {
            "RowExclusiveLock" => LockMode::RowExclusive,
            "ShareUpdateExclusiveLock" => LockMode::ShareUpdateExclusive,
            "ShareLock" => LockMode::Share,
            "ShareRowExclusiveLock" => LockMode::ShareRowExclusive,
            "AccessExclusiveLock" => LockMode::AccessExclusive,
            _ => continue,
        };
        let there = strongest.entry(table.clone()).or_insert(mode);
        *there = mode.max(*there);
    }
    strongest
}

/// Plans and runs, and then there is nothing left to do but what was left before.
pub(crate) async fn fix(database: &TestDatabase, sql: &str, options: FixOptions) -> (FixPlan, Run) {
    let wanted = expected(database, sql).await;
    fix_to(database, &wanted, options).await
}

pub(crate) async fn fix_to(
    database: &TestDatabase,
    wanted: &DatabaseSchema,
    options: FixOptions,
) -> (FixPlan, Run) {
    let plan = plan(database, wanted, options.clone()).await;
    let run = run(database, &plan).await;
    let again = self::plan(database, wanted, options).await;
    assert!(
        again.is_empty(),
        "a second plan is\n{}\nafter\n{}",
        again.sql(),
        plan.sql()
    );
    let left = |plan: &FixPlan| {
        let entries = plan.not_fixed.iter();
        entries.map(ToString::to_string).collect::<Vec<String>>()
    };
    assert_eq!(left(&again), left(&plan));
    (plan, run)
}
