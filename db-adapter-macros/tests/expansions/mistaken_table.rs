#[db_adapter(slug = slgu)]
struct Book { id: i64 }
