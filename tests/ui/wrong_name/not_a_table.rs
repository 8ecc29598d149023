use db_adapter::cols;
pub struct Plain { pub id: i64 }
pub fn f() {
    let _ = cols!(Plain: id);
}

fn main() {}
