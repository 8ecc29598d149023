#![allow(dead_code)]
mod load;
mod measure;
mod plan;
mod bad_input;
mod postgres;
mod sqlite;
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let a: Vec<String> = std::env::args().collect();
    postgres::prof(&a[1], &a[2], a[3].parse().unwrap(), a[4].parse().unwrap()).await;
}
