//! One operation of a client, as data that prints, and what it answers as text that compares.

use db_adapter::prelude::*;
use db_adapter::{Error, ErrorKind};
use futures_util::TryStreamExt;
use support::Random;

use crate::kind::{KINDS, Kind};
use crate::value::for_column;

pub(crate) const TABLE: &str = "t";

/// A condition on one column.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Dict(Value),
    Eq(Value),
    Ne(Value),
    Gt(Value),
    Gte(Value),
    Lt(Value),
    Lte(Value),
    In(Vec<Value>),
    NotIn(Vec<Value>),
    Like(String),
    Ilike(String),
    IsNull,
    NotNull,
}

#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) column: &'static str,
    pub(crate) test: Test,
}

/// Conditions, of which all must hold, or one.
#[derive(Debug, Clone)]
pub(crate) struct Where {
    pub(crate) any: bool,
    pub(crate) conditions: Vec<Condition>,
}

type Data = Vec<(&'static str, Value)>;

#[derive(Debug, Clone)]
pub(crate) enum Op {
    Insert(Data),
    InsertMany(Vec<Data>),
    Returning(Vec<Data>),
    Upsert(Data),
    UpsertMany(Vec<Data>),
    Update(Data, Where),
    UpdateAll(Data, Where),
    UpdateCount(Data, Where),
    UpdateMany(Vec<Data>),
    Delete(Where),
    Count(Where),
    Exists(Where),
    Select(Where, Option<(&'static str, bool)>, Option<u64>),
    Stream(Where),
    Query(&'static str),
}

impl Op {
    pub(crate) fn random(random: &mut Random) -> Op {
        match random.below(26) {
            0..=5 => Op::Insert(data(random)),
            6 | 7 => Op::InsertMany(rows(random)),
            8 => Op::Returning(rows(random)),
            9 | 10 => Op::Upsert(data(random)),
            11 => Op::UpsertMany(rows(random)),
            12 | 13 => Op::Update(changes(random), condition(random)),
            14 => Op::UpdateAll(changes(random), condition(random)),
            15 => Op::UpdateCount(changes(random), condition(random)),
            16 => Op::UpdateMany(rows(random)),
            17 => Op::Delete(condition(random)),
            18 => Op::Count(condition(random)),
            19 => Op::Exists(condition(random)),
            20..=23 => {
                let order = random
                    .chance(60)
                    .then(|| (kind(random).name, random.chance(50)));
                let limit = random.chance(20).then(|| random.below(4) as u64);
                Op::Select(condition(random), order, limit)
            }
            24 => Op::Stream(condition(random)),
            _ => Op::Query(kind(random).name),
        }
    }

    /// What a client answers: rows in order, or an error by its kind and column.
    pub(crate) async fn answer(&self, db: &dyn DatabaseClient) -> String {
        match self.run(db).await {
            Ok(text) => text,
            Err(error) => told(&error),
        }
    }

    async fn run(&self, db: &dyn DatabaseClient) -> db_adapter::Result<String> {
        Ok(match self {
            Op::Insert(data) => shown(&[db.insert(TABLE, row(data)).await?]),
            Op::InsertMany(rows) => db.insert_many(TABLE, many(rows)).await?.to_string(),
            Op::Returning(rows) => shown(&db.insert_many(TABLE, many(rows)).returning("*").await?),
            Op::Upsert(data) => shown(&[db.upsert(TABLE, row(data), ["k"]).await?]),
            Op::UpsertMany(rows) => db.upsert_many(TABLE, many(rows), ["k"]).await?.to_string(),
            Op::Update(data, filter) => {
                shown(&[db.update(TABLE, row(data), filter.filter()).await?])
            }
            Op::UpdateAll(data, filter) => {
                sorted(db.update(TABLE, row(data), filter.filter()).all().await?)
            }
            Op::UpdateCount(data, filter) => {
                let count = db.update(TABLE, row(data), filter.filter()).count();
                count.await?.to_string()
            }
            Op::UpdateMany(rows) => db.update_many(TABLE, many(rows), ["k"]).await?.to_string(),
            Op::Delete(filter) => db.delete(TABLE, filter.filter()).await?.to_string(),
            Op::Count(filter) => db.count(TABLE, filter.filter()).await?.to_string(),
            Op::Exists(filter) => db.exists(TABLE, filter.filter()).await?.to_string(),
            Op::Select(filter, order, limit) => {
                let order = match order {
                    Some((column, true)) => format!("{column} DESC, k"),
                    Some((column, false)) => format!("{column}, k"),
                    None => "k".to_owned(),
                };
                let select = db
                    .select(TABLE, "*")
                    .filter(filter.filter())
                    .order_by(order);
                let select = match limit {
                    Some(limit) => select.limit(*limit),
                    None => select,
                };
                shown(&select.await?)
            }
            Op::Stream(filter) => {
                let select = db.select(TABLE, "*").filter(filter.filter()).order_by("k");
                shown(&select.stream().try_collect::<Vec<_>>().await?)
            }
            Op::Query(column) => {
                let sql = format!("SELECT k, {column} FROM {TABLE} ORDER BY k");
                shown(&db.query(sql).await?)
            }
        })
    }
}

fn kind(random: &mut Random) -> &'static Kind {
    &KINDS[random.below(KINDS.len())]
}

fn changes(random: &mut Random) -> Data {
    let mut data: Data = Vec::new();
    for _ in 0..=random.below(2) {
        let kind = kind(random);
        if data.iter().all(|(name, _)| *name != kind.name) {
            data.push((kind.name, for_column(random, kind)));
        }
    }
    data
}

fn data(random: &mut Random) -> Data {
    let mut data = changes(random);
    if random.chance(97) {
        data.insert(0, ("k", Value::Int(random.below(6) as i64)));
    }
    data
}

fn rows(random: &mut Random) -> Vec<Data> {
    (0..random.below(4)).map(|_| data(random)).collect()
}

fn condition(random: &mut Random) -> Where {
    let conditions = (0..random.below(3)).map(|_| one(random)).collect();
    Where {
        any: random.chance(20),
        conditions,
    }
}

fn one(random: &mut Random) -> Condition {
    let kind = kind(random);
    let value = |random: &mut Random| for_column(random, kind);
    let test = match random.below(14) {
        0 => Test::Dict(value(random)),
        1 | 2 => Test::Eq(value(random)),
        3 => Test::Ne(value(random)),
        4 => Test::Gt(value(random)),
        5 => Test::Gte(value(random)),
        6 => Test::Lt(value(random)),
        7 => Test::Lte(value(random)),
        8 => Test::In((0..random.below(3)).map(|_| value(random)).collect()),
        9 => Test::NotIn((0..random.below(3)).map(|_| value(random)).collect()),
        10 => Test::Like((*random.pick(&["%", "a%", "_b", "%\\", "", "a\\%"])).to_owned()),
        11 => Test::Ilike((*random.pick(&["A%", "%ß%", "Ä%", "a__"])).to_owned()),
        12 => Test::IsNull,
        _ => Test::NotNull,
    };
    Condition {
        column: kind.name,
        test,
    }
}

impl Where {
    fn filter(&self) -> Filter {
        if self.conditions.is_empty() {
            return Filter::all();
        }
        let mut all = self.conditions.iter().map(Condition::filter);
        if self.any {
            return Filter::any_of(all);
        }
        let first = all.next().unwrap_or_else(Filter::all);
        all.fold(first, |filter, next| filter.and(next))
    }
}

impl Condition {
    fn filter(&self) -> Filter {
        let column = self.column;
        match self.test.clone() {
            Test::Dict(value) => row! { (column): value }.into(),
            Test::Eq(value) => row! { (column): op::eq(value) },
            Test::Ne(value) => row! { (column): op::ne(value) },
            Test::Gt(value) => row! { (column): op::gt(value) },
            Test::Gte(value) => row! { (column): op::gte(value) },
            Test::Lt(value) => row! { (column): op::lt(value) },
            Test::Lte(value) => row! { (column): op::lte(value) },
            Test::In(values) => row! { (column): op::is_in(values) },
            Test::NotIn(values) => row! { (column): op::not_in(values) },
            Test::Like(pattern) => row! { (column): op::like(pattern) },
            Test::Ilike(pattern) => row! { (column): op::ilike(pattern) },
            Test::IsNull => row! { (column): op::is_null() },
            Test::NotNull => row! { (column): op::not_null() },
        }
    }
}

fn row(data: &Data) -> Row {
    data.iter().map(|(name, value)| (*name, value)).collect()
}

fn many(rows: &[Data]) -> Vec<Row> {
    rows.iter().map(row).collect()
}

/// The rows without what is null in them.
fn shown(rows: &[Row]) -> String {
    let row = |row: &Row| {
        let values = row.iter().filter(|(_, value)| !value.is_null());
        let values: Vec<String> = values.map(|(name, v)| format!("{name}: {v:?}")).collect();
        format!("{{{}}}", values.join(", "))
    };
    rows.iter().map(row).collect::<Vec<_>>().join(" ")
}

fn sorted(mut rows: Vec<Row>) -> String {
    rows.sort_by_key(|row| row.get::<i64>("k").unwrap_or_default());
    shown(&rows)
}

fn told(error: &Error) -> String {
    let column = match error {
        Error::InvalidValue(details) => details.column.clone(),
        Error::UniqueViolation(violation) | Error::NotNullViolation(violation) => {
            Some(violation.columns.join(","))
        }
        _ => None,
    };
    let text = format!("{:?} {}", error.kind(), column.unwrap_or_default());
    match error.kind() {
        // these say what was asked for, in the same words
        ErrorKind::InvalidQuery => format!("{text}: {error}"),
        _ => text,
    }
}
