//! `test-cluster`: one PostgreSQL server for all processes of a test run. Prints the URL of its
//! database `postgres` and stops at the end of its standard input, that is when whoever started
//! it closes it or dies.

#![allow(clippy::print_stdout, reason = "its output is its interface")]

use std::io;

use support::PostgresServer;

fn main() -> io::Result<()> {
    let server = PostgresServer::start();
    println!("{}", server.admin_url());
    io::copy(&mut io::stdin(), &mut io::sink()).map(drop)
}
