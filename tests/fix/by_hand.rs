//! Runs the statements of a plan by themselves, and looks at the locks before each COMMIT: what the library's run takes
//! first is not in the way of what the statements take.

use std::collections::BTreeMap;

use db_adapter_core::fix::{FixOptions, FixPlan, LockMode, Phase, PhaseKind, Statement};
use support::{Oracle, TestDatabase};

use crate::run::{expected, is_sqlite, plan};

/// What happened while a plan was run.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// The strongest lock on each table, of every phase that is a transaction.
    pub(crate) locks: Vec<BTreeMap<String, LockMode>>,
}

/// Runs the plan.
async fn run(database: &TestDatabase, plan: &FixPlan) -> Run {
    try_run(database, plan)
        .await
        .unwrap_or_else(|why| panic!("{why}\n{}", plan.sql()))
}

async fn try_run(database: &TestDatabase, plan: &FixPlan) -> Result<Run, String> {
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

/// Plans and runs, and then there is nothing left to do.
pub(crate) async fn fix(database: &TestDatabase, sql: &str, options: FixOptions) -> (FixPlan, Run) {
    let wanted = expected(database, sql).await;
    let planned = plan(database, &wanted, options.clone()).await;
    let run = run(database, &planned).await;
    let again = plan(database, &wanted, options).await;
    assert!(
        again.is_empty(),
        "a second plan is\n{}\nafter\n{}",
        again.sql(),
        planned.sql()
    );
    (planned, run)
}
