//! Asking the server what a caller's text takes and gives, without running it. In a transaction
//! behind a savepoint: a question that the server refuses must not end the caller's work.

use sqlx::{Column, Row as _};

use super::catalog;
use super::chosen::{Chosen, TEXT, bare_parameter, choose_digits, choose_own_types, undetermined};
use super::connection::Connection;
use super::failure::Failure;
use super::given::{CHECKS, Check, Given};
use super::prepared::{Answer, is_lookup, oid, prepare};
use super::run::Work;
use super::sent::Sent;
use super::statement::{execute_raw, fetch_plain, fetch_raw};
use super::template::{Template, own_type};
use super::types::{TypeInfo, builtin, native};
use super::wrapper::{wrap, wrappers};
use crate::{Error, Result, Value};
use db_adapter_core::SqlType;

/// The SQLSTATE of what the role may not use.
const DENIED: &str = "42501";
/// The SQLSTATEs of an expression that has to be the same as another one, in GROUP BY, ORDER BY or the
/// expression of an index, and is not.
const IS_ANOTHER: [&str; 2] = ["42803", "42P10"];

/// A text as it is run.
pub(super) struct Shape {
    pub(super) sql: String,
    pub(super) params: Vec<SqlType>,
    /// Whether each use of a parameter is one of its own.
    pub(super) split: bool,
    pub(super) columns: Option<Vec<String>>,
}

const SAVEPOINT: &str = "db_adapter_describe";

async fn savepoint(work: &mut Work<'_>, command: &str) -> Result<(), Failure> {
    if work.is_open() {
        execute_raw(work.conn, format!("{command} {SAVEPOINT}")).await?;
    }
    Ok(())
}

/// After a refused question, so that another one can be asked.
pub(super) async fn undo(work: &mut Work<'_>) -> Result<(), Failure> {
    savepoint(work, "ROLLBACK TO SAVEPOINT").await
}

pub(super) async fn describe(
    work: &mut Work<'_>,
    template: &Template<'_>,
) -> Result<Shape, Failure> {
    savepoint(work, "SAVEPOINT").await?;
    let shape = match template.split()? {
        None => ask(work, template, Uses::Together).await?,
        Some(split) => ask_twice(work, template, &split).await?,
    };
    savepoint(work, "RELEASE SAVEPOINT").await?;
    Ok(shape)
}

/// What the parameters of a text are that are used more than once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Uses {
    /// One, with one type.
    Together,
    /// Each use is a parameter of its own.
    Apart,
}

/// A text with a parameter that is used more than once. Each use has the type of what it is compared with or
/// written to, as a constant at its place would have; one type for all would be that of the first use,
/// and `name = :p OR mail = :p` would compare a mail address by the rules of a name. Grouping needs the
/// same expression, and so one parameter.
async fn ask_twice(
    work: &mut Work<'_>,
    template: &Template<'_>,
    split: &Template<'_>,
) -> Result<Shape, Failure> {
    match ask(work, split, Uses::Apart).await {
        Err(failure) if fails_by_types(failure.code()) || IS_ANOTHER.contains(&failure.code()) => {
            undo(work).await?;
        }
        shape => return shape,
    }
    ask(work, template, Uses::Together).await
}

/// Whether a text can be right with other types of its parameters.
fn fails_by_types(code: &str) -> bool {
    matches!(code, "42883" | "42809" | "42804" | "42P18" | "42P08")
}

async fn ask(work: &mut Work<'_>, template: &Template<'_>, uses: Uses) -> Result<Shape, Failure> {
    let answer = answer(work, template, &mut Chosen::new()).await?;
    match shape(work, template, &answer, uses).await {
        // the table may have been another one from one question to the next
        Err(Failure::Ours(Error::Unsupported { .. })) if changed(work, template, &answer).await => {
            Err(Failure::Stale)
        }
        shape => shape,
    }
}

/// Whether the server answers otherwise by now.
async fn changed(work: &mut Work<'_>, template: &Template<'_>, before: &Answer) -> bool {
    let again = match undo(work).await {
        Ok(()) => answer(work, template, &mut Chosen::new()).await,
        Err(failure) => Err(failure),
    };
    match again {
        Ok(again) => again != *before,
        Err(failure) => failure.is_refused_text() || failure.is_late(),
    }
}

async fn shape(
    work: &mut Work<'_>,
    template: &Template<'_>,
    answer: &Answer,
    uses: Uses,
) -> Result<Shape, Failure> {
    let mut unknown: Vec<u32> = answer.params.clone();
    unknown.extend(answer.columns.iter().map(|(_, oid)| *oid));
    unknown.retain(|oid| builtin(*oid).is_none());
    let infos = catalog::types(work.conn, &unknown).await?;
    let info = |oid: u32| builtin(oid).or_else(|| infos.get(&oid).cloned());
    let params: Vec<TypeInfo> = answer
        .params
        .iter()
        .filter_map(|oid| info(*oid).or_else(|| builtin(TEXT)))
        .collect();
    let typed = template.render(|n| typed_parameter(n, params.get(n))).text;
    let outputs: Vec<Given> = answer
        .columns
        .iter()
        .map(|(_, oid)| info(*oid).map_or_else(Given::unknown, Given::of))
        .collect();
    let sql = if outputs.iter().all(|given| given.output.is_empty()) {
        typed
    } else {
        wrapped(work, template, &typed, answer, &outputs).await?
    };
    let names = answer.columns.iter().map(|(name, _)| name.clone());
    let names: Vec<String> = names.collect();
    Ok(Shape {
        sql,
        params: params.into_iter().map(|info| info.sql_type).collect(),
        split: uses == Uses::Apart,
        columns: (!names.is_empty()).then_some(names),
    })
}

/// In parentheses, since a subscript may follow.
fn typed_parameter(n: usize, info: Option<&TypeInfo>) -> String {
    let number = n + 1;
    match info {
        Some(info) if info.sql_type == SqlType::Bytea => format!("(${number}::bytea)"),
        Some(info) => format!("(${number}::text{}::{})", info.through, info.cast),
        None => format!("(${number}::text)"),
    }
}

/// Asks until the type of each parameter is known.
async fn answer(
    work: &mut Work<'_>,
    template: &Template<'_>,
    chosen: &mut Chosen,
) -> Result<Answer, Failure> {
    loop {
        let sent = template.render(|n| bare_parameter(n, chosen));
        let text = sent.text.clone();
        work.sent = Some(sent);
        match prepared_or_looked_up(work, template, text).await {
            Ok(answer) => {
                let changed = choose_own_types(template, &answer, chosen);
                if !changed && !choose_digits(work, template, &answer, chosen).await? {
                    return Ok(answer);
                }
            }
            Err(failure) if matches!(failure.code(), "42P18" | "42P08") => {
                let number = undetermined(&failure, template, chosen);
                let Some(n) = number else {
                    return Err(failure);
                };
                let own = template.values.get(n).and_then(|value| own_type(value));
                chosen.insert(n, own.unwrap_or("text"));
                undo(work).await?;
            }
            Err(failure) => return Err(failure),
        }
    }
}

async fn prepared_or_looked_up(
    work: &mut Work<'_>,
    template: &Template<'_>,
    text: String,
) -> Result<Answer, Failure> {
    match prepare(work.conn, text.clone()).await {
        Err(Failure::Driver(error)) if is_lookup(&error) => {
            undo(work).await?;
            without_lookup(work, template, &text).await
        }
        answer => answer,
    }
}

fn unsupported() -> Failure {
    Error::unsupported(
        "a column or parameter of this type in a query",
        "PostgreSQL",
        "cast it to text in the SQL: `column::text`",
    )
    .into()
}

/// The same question where the driver cannot look a type up. The types of the parameters come
/// from a statement that is prepared in SQL; with them in the text only its columns may still be
/// unknown.
async fn without_lookup(
    work: &mut Work<'_>,
    template: &Template<'_>,
    text: &str,
) -> Result<Answer, Failure> {
    let params = parameter_types(work.conn, text).await?;
    let foreign = params.iter().copied().filter(|oid| native(*oid).is_none());
    let infos = catalog::types(work.conn, &foreign.collect::<Vec<_>>()).await?;
    let info = |n: usize| {
        let oid = params.get(n).copied()?;
        builtin(oid).or_else(|| infos.get(&oid).cloned())
    };
    let typed = template.render(|n| typed_parameter(n, info(n).as_ref()));
    match prepare(work.conn, typed.text).await {
        Ok(answer) => {
            let columns = answer.columns;
            return Ok(Answer { params, columns });
        }
        Err(Failure::Driver(error)) if is_lookup(&error) => undo(work).await?,
        Err(failure) => return Err(failure),
    }
    let null = |n| match info(n) {
        Some(info) => format!("(NULL::{})", info.cast),
        None => "NULL".to_owned(),
    };
    let columns = null_row(work.conn, &template.render(null).text).await;
    work.conn.may_send()?; // else it was not asked
    let columns = columns.ok_or_else(unsupported)?;
    Ok(Answer { params, columns })
}

async fn parameter_types(conn: &mut Connection, text: &str) -> Result<Vec<u32>, Failure> {
    execute_raw(conn, format!("PREPARE {SAVEPOINT} AS {text}")).await?;
    let sql = format!(
        "SELECT parameter_types::oid[]::int8[] FROM pg_catalog.pg_prepared_statements WHERE name = '{SAVEPOINT}'"
    );
    let types = fetch_plain(conn, sql, Vec::new()).await;
    let deadline = conn.lift_deadline();
    let given_up = execute_raw(conn, format!("DEALLOCATE {SAVEPOINT}")).await;
    conn.set_deadline(deadline);
    given_up?;
    let cell = types?
        .into_iter()
        .next()
        .and_then(|row| row.into_iter().next());
    let Some(Value::Array(oids)) = cell else {
        return Err(untold().into());
    };
    // one that was left out would give the others the types of their neighbours
    let number = |oid: &Value| oid.as_i64().and_then(|oid| u32::try_from(oid).ok());
    let types = oids.iter().map(|oid| number(oid).ok_or_else(untold));
    Ok(types.collect::<Result<_>>()?)
}

fn untold() -> Error {
    Error::internal("the server has prepared a text and does not tell its parameters")
}

/// A join that is never true gives one row of NULLs, by the simple protocol, and its columns
/// have their types. `None` for what can be no subquery.
async fn null_row(conn: &mut Connection, text: &str) -> Option<Vec<(String, u32)>> {
    let sql =
        format!("SELECT q.* FROM (SELECT 1) AS one LEFT JOIN LATERAL ({text}\n) AS q ON false");
    let rows = fetch_raw(conn, sql).await.ok()?;
    let columns = rows.first()?.columns().iter();
    Some(
        columns
            .map(|column| (column.name().to_owned(), oid(column.type_info())))
            .collect(),
    )
}

/// The text inside of another that selects what is unknown to the driver as text.
async fn wrapped(
    work: &mut Work<'_>,
    template: &Template<'_>,
    typed: &str,
    answer: &Answer,
    outputs: &[Given],
) -> Result<String, Failure> {
    let mut is_denied = false;
    let wrappers = wrappers(template.statement).iter();
    for (wrapper, check) in wrappers.flat_map(|w| CHECKS.map(|check| (w, check))) {
        let names = answer.columns.iter().map(|(name, _)| name.as_str());
        let wrap = |check| wrap(*wrapper, check, typed, names.clone(), outputs);
        let Some((sql, same)) = wrap(check).zip(wrap(Check::Same)) else {
            continue;
        };
        match prepare(work.conn, sql.clone()).await {
            Ok(inner) if inner.columns.iter().all(|(_, oid)| native(*oid).is_some()) => {
                let is_sure = is_denied || matches!(check, Check::Same);
                if !is_sure && wavers(work, template, answer, same).await? {
                    return Err(Failure::Stale);
                }
                return Ok(sql);
            }
            Ok(_) => {}
            Err(failure) if failure.is_lost() || failure.is_late() => return Err(failure),
            Err(failure) => {
                is_denied |= failure.code() == DENIED;
                undo(work).await?;
            }
        }
    }
    work.sent = Some(Sent::default());
    Err(unsupported())
}

/// Whether the strictest check was refused only since a type was another one at that moment: with a
/// weaker one nobody would notice for good.
async fn wavers(
    work: &mut Work<'_>,
    template: &Template<'_>,
    answer: &Answer,
    same: String,
) -> Result<bool, Failure> {
    // the driver tells what a text gave when it was prepared, which may be long ago
    work.conn.forget_statements().await?;
    if changed(work, template, answer).await {
        return Ok(true);
    }
    match prepare(work.conn, same).await {
        Ok(_) => Ok(true),
        Err(failure) if failure.is_lost() || failure.is_late() => Err(failure),
        Err(_) => Ok(changed(work, template, answer).await),
    }
}
