() pub mod models { #[backup_table] pub struct A { id: i64, slug: String } mod inner { #[backup_table] pub struct B { id: i64, slug: String } } }
