//! SeaORM over a pool of the same settings as sqlx's.

use std::hint::black_box;

use sea_orm::ActiveValue::{NotSet, Set, Unchanged};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, SqlxPostgresConnector,
    TransactionTrait,
};

use super::by_sqlx;
use super::model::{NewItem, name, score};
use crate::load::{Peer, Verb};

/// Rows of one insert: PostgreSQL takes 65,535 parameters.
const CHUNK: usize = 65_535 / 7;

macro_rules! item_entity {
    ($module:ident, $table:literal) => {
        mod $module {
            use chrono::{DateTime, Utc};
            use rust_decimal::Decimal;
            use sea_orm::ActiveValue::{NotSet, Set};
            use sea_orm::entity::prelude::*;

            use super::NewItem;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i64,
                pub owner_id: i64,
                pub name: String,
                pub price: Decimal,
                pub at: DateTime<Utc>,
                pub ok: bool,
                pub score: f64,
                pub code: String,
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}

            impl From<NewItem> for ActiveModel {
                fn from(n: NewItem) -> Self {
                    ActiveModel {
                        id: NotSet,
                        owner_id: Set(n.owner_id),
                        name: Set(n.name),
                        price: Set(n.price),
                        at: Set(n.at),
                        ok: Set(n.ok),
                        score: Set(n.score),
                        code: Set(n.code),
                    }
                }
            }
        }
    };
}

item_entity!(item, "item");
item_entity!(bulk, "bulk");

/// The rows of the big select.
pub mod mix {
    use chrono::{DateTime, NaiveDate, Utc};
    use rust_decimal::Decimal;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "mix")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub u: Uuid,
        pub name: String,
        pub price: Option<Decimal>,
        pub at: Option<DateTime<Utc>>,
        pub d: NaiveDate,
        pub ok: bool,
        #[sea_orm(column_type = "JsonBinary")]
        pub doc: Json,
        pub f: f64,
        pub tags: Vec<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(Clone)]
pub struct SeaOrm {
    db: DatabaseConnection,
}

impl Peer for SeaOrm {
    async fn open(place: &str) -> Self {
        let pool = by_sqlx::pool(place).await;
        SeaOrm {
            db: SqlxPostgresConnector::from_sqlx_postgres_pool(pool),
        }
    }

    async fn run(&self, verb: Verb, key: i64) {
        match verb {
            Verb::Select => {
                let found = item::Entity::find_by_id(key).one(&self.db).await.unwrap();
                assert!(black_box(found).is_some());
            }
            Verb::Insert => {
                let new = item::ActiveModel::from(NewItem::of(key));
                let insert = item::Entity::insert(new).exec_with_returning(&self.db);
                black_box(insert.await.unwrap());
            }
            Verb::Update => {
                let changed = item::ActiveModel {
                    id: Unchanged(key),
                    name: Set(name(key)),
                    score: Set(score(key)),
                    owner_id: NotSet,
                    price: NotSet,
                    at: NotSet,
                    ok: NotSet,
                    code: NotSet,
                };
                let update = item::Entity::update(changed).exec(&self.db);
                black_box(update.await.unwrap());
            }
            Verb::UpdateCount => {
                let update = item::Entity::update_many()
                    .col_expr(item::Column::Name, Expr::value(name(key)))
                    .col_expr(item::Column::Score, Expr::value(score(key)))
                    .filter(item::Column::Id.eq(key))
                    .exec(&self.db);
                assert_eq!(update.await.unwrap().rows_affected, 1);
            }
        }
    }

    async fn close(self) {
        self.db.close().await.unwrap();
    }
}

impl SeaOrm {
    pub async fn rows(&self) -> Vec<mix::Model> {
        mix::Entity::find().all(&self.db).await.unwrap()
    }

    pub async fn insert_many(&self, items: Vec<NewItem>) -> u64 {
        let tx = self.db.begin().await.unwrap();
        let mut inserted = 0;
        let mut items = items.into_iter().map(bulk::ActiveModel::from).peekable();
        while items.peek().is_some() {
            let chunk = items.by_ref().take(CHUNK);
            let insert = bulk::Entity::insert_many(chunk).exec_without_returning(&tx);
            inserted += insert.await.unwrap();
        }
        tx.commit().await.unwrap();
        inserted
    }
}
