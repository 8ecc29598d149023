use db_adapter::{Row, op, row};

fn main() {
    let filter = row! { "age": op::gt(18) };
    let _row: Row = filter.into();
}
