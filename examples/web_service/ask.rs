//! Some requests, as any HTTP client would send them, and what the service answers.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) async fn ask(service: SocketAddr) -> io::Result<()> {
    let body = r#"{"title":"Buy tea","price":12345678.10}"#;
    show(service, "POST /tasks", "", body).await?;
    show(service, "POST /tasks", "", r#"{"title":"Sleep"}"#).await?;
    // refused, with the reason in words
    show(service, "POST /tasks", "", r#"{"title":"Sleep"}"#).await?;
    show(service, "POST /tasks", "", r#"{"note":"no title"}"#).await?;
    show(
        service,
        "POST /tasks",
        "",
        r#"{"title":"x","price":"much"}"#,
    )
    .await?;
    show(service, "POST /tasks", "", r#"{"title":"x","version":9}"#).await?;
    // a page, and the next one
    show(service, "GET /tasks?limit=1", "", "").await?;
    show(service, "GET /tasks?limit=1&after=1", "", "").await?;
    // absent stays, null is NULL; only one of two changes of the same version is made
    let first = "If-Match: \"1\"\r\n";
    show(
        service,
        "PATCH /tasks/1",
        first,
        r#"{"note":"green","done":true}"#,
    )
    .await?;
    show(service, "PATCH /tasks/1", first, r#"{"note":"black"}"#).await?;
    show(service, "PATCH /tasks/1", "", r#"{"note":null}"#).await?;
    show(service, "DELETE /tasks/2", "", "").await?;
    show(service, "GET /tasks/2", "", "").await
}

async fn show(service: SocketAddr, request: &str, headers: &str, body: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(service).await?;
    let request_text = format!(
        "{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request_text.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, text) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.lines().next().unwrap_or_default();
    println!(
        "{request} {body}\n    {} {text}",
        status.trim_start_matches("HTTP/1.1 ")
    );
    Ok(())
}
