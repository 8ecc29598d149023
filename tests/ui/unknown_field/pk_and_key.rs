use db_adapter::backup_table;
#[backup_table(pk = [tenant, idd], key = [isbm])]
pub struct Book { pub tenant: i64, pub id: i64, pub isbn: String }

fn main() {}
