// A draft of the tables, by `db-adapter schema draft`. Comments that begin with `chosen` and `not proven`
// are what the database does not say: look at each, then take it away.

use db_adapter::{Numeric, Value, backup_schema, backup_table};

// chosen: the primary key means the same row everywhere
// chosen: nothing says whose rows these are, so that they are shared: all of them are in every user's backup; if they are somebody's, name the `user`, or write `backup = false`
#[derive(Debug, Clone)]
#[backup_table(
    name = "countries",
    pk = code,
    slug = none,
    user = none,
    match_by = pk,
)]
pub struct Countries {
    pub code: String,
    pub name: String,
}

// not backed up: it has no primary key
#[derive(Debug, Clone)]
#[backup_table(
    name = "lines",
    slug = none, user = none, backup = false,
)]
pub struct Lines {
    pub line: Option<String>,
}

#[derive(Debug, Clone)]
#[backup_table(
    name = "projects",
    pk = id,
    slug = none,
    owner = Users(user_id),
    key = [user_id, slug],
    renew = public_id,
)]
pub struct Projects {
    #[column(default)]
    pub id: i64,
    pub user_id: i64,
    pub slug: String,
    // chosen: the database gives each row its own, so that a restored copy gets a new one
    #[column(type = "uuid", default)]
    pub public_id: String,
    #[column(name = "Type", type = "character varying(20)")]
    pub type_: Option<String>,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "reviews",
    pk = id,
    slug = none,
    owner = Users(author_id),
    match_by = pk,
)]
pub struct Reviews {
    #[column(default)]
    pub id: i64,
    // chosen: the only reference to the users that every row has, taken for whose row it is
    pub author_id: i64,
    pub text: String,
}

// chosen: nothing says whose rows these are, so that they are shared: all of them are in every user's backup; if they are somebody's, name the `user`, or write `backup = false`
#[derive(Debug, Clone)]
#[backup_table(
    name = "tags",
    pk = id,
    slug = none,
    user = none,
    key = name,
)]
pub struct Tags {
    #[column(default)]
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Clone)]
#[backup_table(
    name = "task_tags",
    pk = [task_id, tag_id],
    slug = none,
    user = none,
    match_by = pk,
    parent = Tags(tag_id),
    parent = Tasks(task_id),
)]
pub struct TaskTags {
    pub task_id: i64,
    pub tag_id: i64,
}

#[derive(Debug, Clone)]
#[backup_table(
    name = "tasks",
    pk = id,
    slug = none,
    user = none,
    key = [project_id, number],
    parent = Projects(project_id),
    optional_ref = Self(parent_id),
)]
pub struct Tasks {
    #[column(default)]
    pub id: i64,
    pub project_id: i64,
    pub number: i32,
    pub parent_id: Option<i64>,
    #[column(type = "timestamp with time zone")]
    pub due: Option<String>,
    #[column(type = "numeric(8,2)")]
    pub price: Option<Numeric>,
    #[column(type = "text[]")]
    pub labels: Option<Value>,
}

// chosen: the users themselves, each one's row is that user's
#[derive(Debug, Clone)]
#[backup_table(
    name = "users",
    pk = id,
    slug = none,
    user = id,
    match_by = pk,
    parent = Countries(country),
)]
pub struct Users {
    #[column(default)]
    pub id: i64,
    pub email: String,
    pub country: String,
}

// not proven: no unique constraint tells its rows apart, so that they are matched by their numbers; give it one, and name its columns as the `key`
#[derive(Debug, Clone)]
#[backup_table(
    name = "visits",
    pk = id,
    slug = none,
    user = user_id,
    match_by = pk,
)]
pub struct Visits {
    #[column(default)]
    pub id: i64,
    // not proven: no foreign key leads from it to the users; its name says whose row it is
    // it may be NULL: a row without a user is in no backup of a user
    pub user_id: Option<i64>,
    #[column(type = "timestamp(3) without time zone")]
    pub at: String,
}

backup_schema!(pub SCHEMA = [
    Countries,
    Lines,
    Projects,
    Reviews,
    Tags,
    TaskTags,
    Tasks,
    Users,
    Visits,
]);
