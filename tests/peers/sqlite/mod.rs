//! The works on SQLite, and the tables that they are done on. Every peer has a file of its own, in
//! WAL mode, and syncs as seldom (`synchronous = NORMAL`).

mod bulk;
mod by_adapter;
mod by_hop;
mod by_rusqlite;
mod by_sea_orm;
mod by_sqlx;
mod model;
mod rows;

use support::TestDatabase;

use self::by_adapter::Adapter;
use self::by_hop::OneHop;
use self::by_rusqlite::{Threads, connect};
use self::by_sea_orm::SeaOrm;
use self::by_sqlx::Sqlx;
use crate::bad_input;
use crate::load::{Peer, Verb, cold, load};
use crate::measure::{Quantity, Table};
use crate::plan::Plan;

/// The most connections of every pool.
const CONNECTIONS: u32 = 10;

const OURS: &str = "db-adapter";
const HOP: &str = "rusqlite, one channel hop";
const THREADS: &str = "rusqlite, a connection a thread";

const SCHEMA: &str = "
    CREATE TABLE item (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL, name TEXT NOT NULL, price NUMERIC_TEXT NOT NULL,
        at TIMESTAMPTZ NOT NULL, ok BOOLEAN NOT NULL, score REAL NOT NULL, code TEXT NOT NULL);
    WITH RECURSIVE s(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM s WHERE g < 10000)
    INSERT INTO item SELECT g, g % 100 + 1, 'name of row ' || g, g || '.25', '2026-11-23T01:25:35.896668+00:00', g % 2, g * 0.5, 'c-' || g FROM s;
    CREATE TABLE owner (id INTEGER PRIMARY KEY);
    WITH RECURSIVE s(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM s WHERE g < 100) INSERT INTO owner SELECT g FROM s;
    CREATE TABLE bulk (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL REFERENCES owner, name TEXT NOT NULL, price NUMERIC_TEXT NOT NULL,
        at TIMESTAMPTZ NOT NULL, ok BOOLEAN NOT NULL, score REAL NOT NULL, code TEXT NOT NULL UNIQUE);
    CREATE TABLE mix (id INTEGER PRIMARY KEY, u UUID NOT NULL, name TEXT NOT NULL, price NUMERIC_TEXT, at TIMESTAMPTZ,
        d DATE NOT NULL, ok BOOLEAN NOT NULL, doc JSON_TEXT NOT NULL, f REAL NOT NULL, n INTEGER NOT NULL);
    WITH RECURSIVE s(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM s WHERE g < 100000)
    INSERT INTO mix SELECT g, printf('67e55044-10b1-426f-9247-%012x', g), 'name of row ' || g, CASE WHEN g % 10 = 0 THEN NULL ELSE g || '.234567' END,
        CASE WHEN g % 7 = 0 THEN NULL ELSE '2026-11-23T01:25:35.896668+00:00' END, '2026-11-23', g % 2, '{\"k\":' || g || ',\"t\":\"text\"}', g * 0.5, g FROM s;
    PRAGMA wal_checkpoint(TRUNCATE);";

/// The number of tasks, and of operations in a round.
const LOADS: [(usize, usize); 2] = [(1, 2000), (16, 4000)];

struct Peers {
    adapter: Adapter,
    hop: OneHop,
    threads: Threads,
    sqlx: Sqlx,
    sea_orm: SeaOrm,
}

/// The names of the works.
pub fn works() -> Vec<String> {
    let verbs = Verb::ALL
        .iter()
        .flat_map(|verb| LOADS.map(|(tasks, _)| format!("sqlite/{}/{tasks}", verb.name())));
    let others = ["cold", "rows", "insert_many", "bad_input"];
    verbs
        .chain(others.map(|work| format!("sqlite/{work}")))
        .collect()
}

/// Measures what was asked for.
pub async fn run(plan: &Plan) {
    if !plan.wants_any("sqlite/") {
        return;
    }
    let file = TestDatabase::sqlite();
    let connection = connect(place(&file));
    connection.execute_batch(SCHEMA).unwrap();
    connection.close().unwrap();
    let files = [
        file.copy().await,
        file.copy().await,
        file.copy().await,
        file.copy().await,
    ];
    let [ours, hop, threads, sqlx] = files.each_ref().map(place);
    let peers = Peers {
        adapter: Adapter::open(ours).await,
        hop: OneHop::open(hop).await,
        threads: Threads::open(threads),
        sqlx: Sqlx::open(sqlx).await,
        sea_orm: SeaOrm::open(place(&file)).await,
    };
    verbs(plan, &peers).await;
    if plan.wants("sqlite/rows") {
        rows::run(plan, &peers).await;
    }
    if plan.wants("sqlite/insert_many") {
        bulk::run(plan, &peers).await;
    }
    if plan.wants("sqlite/bad_input") {
        let table = bad_input::table("sqlite", peers.adapter.client());
        table.measure(plan.rounds()).await;
    }
    peers.adapter.close().await;
    peers.hop.close().await;
    peers.sqlx.close().await;
    peers.sea_orm.close().await;
    if plan.wants("sqlite/cold") {
        opens(plan, place(&file)).await;
    }
}

fn place(file: &TestDatabase) -> &str {
    file.path().to_str().unwrap()
}

async fn verbs(plan: &Plan, peers: &Peers) {
    for verb in Verb::ALL {
        for (tasks, operations) in LOADS {
            let work = format!("sqlite/{}/{tasks}", verb.name());
            if !plan.wants(&work) {
                continue;
            }
            let title = format!("{work}: {operations} operations");
            let mut table = Table::new(title, Quantity::Throughput)
                .case(HOP, || load(&peers.hop, verb, tasks, operations))
                .case(THREADS, || peers.threads.load(verb, tasks, operations))
                .case("sqlx", || load(&peers.sqlx, verb, tasks, operations))
                .case("SeaORM", || load(&peers.sea_orm, verb, tasks, operations))
                .case(OURS, || load(&peers.adapter, verb, tasks, operations));
            if matches!(verb, Verb::Select | Verb::Insert) {
                table = table.goal(OURS, HOP, Quantity::Throughput, 1.0 / 1.2).goal(
                    OURS,
                    "sqlx",
                    Quantity::Throughput,
                    2.5,
                );
            }
            table.measure(plan.rounds()).await;
        }
    }
}

async fn opens(plan: &Plan, file: &str) {
    const TIMES: u32 = 10;
    let title = format!("sqlite/cold: {TIMES} times open and first select");
    Table::new(title, Quantity::Time)
        .case(HOP, || cold::<OneHop>(file, TIMES))
        .case("sqlx", || cold::<Sqlx>(file, TIMES))
        .case("SeaORM", || cold::<SeaOrm>(file, TIMES))
        .case(OURS, || cold::<Adapter>(file, TIMES))
        .measure(plan.rounds())
        .await;
}
