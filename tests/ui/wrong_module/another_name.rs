#[db_adapter::schema]
pub mod models {
    use db_adapter::{BackupTable as Table, backup_table as table};
    #[backup_table]
    pub struct Author { pub id: i64, pub slug: String }
    #[table]
    pub struct Book { pub id: i64, pub slug: String }
    pub mod inner {
        #[derive(super::Table)]
        pub(super) struct Page { pub id: i64, pub slug: String }
        pub struct Plain(pub u8);
        pub struct Generic<T>(pub T);
    }
}

fn main() {}
