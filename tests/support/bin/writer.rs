//! Another process that writes: `test-writer URL FIRST COUNT` inserts so many rows into `t`, one by
//! one, with the ids from FIRST on. It fails with the first error.

use db_adapter::prelude::*;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, first, count] = arguments.as_slice() else {
        return Err("usage: test-writer URL FIRST COUNT".into());
    };
    let (first, count): (i64, i64) = (first.parse()?, count.parse()?);
    let db = db_adapter::connect(url).await?;
    for id in first..first + count {
        db.insert("t", row! { "id": id }).await?;
    }
    db.close().await?;
    Ok(())
}
