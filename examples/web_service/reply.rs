//! Answers: rows with every digit, and errors as statuses. What the caller did wrong is said to the
//! caller; everything else is logged and is nobody's business outside.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use db_adapter::prelude::*;
use db_adapter::{Error, ErrorKind};
use serde::Serialize;

pub(crate) struct Reply(Response);

impl Reply {
    /// Any type of serde; rows in it by `as_json`, which keeps their digits.
    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Result<Reply, Failure> {
        let text = serde_json::to_string(body).map_err(|_| Failure::Internal)?;
        let json = [(header::CONTENT_TYPE, "application/json")];
        Ok(Reply((status, json, text).into_response()))
    }

    /// One task, whose version is its tag.
    pub(crate) fn task(status: StatusCode, task: &Row) -> Result<Reply, Failure> {
        let version: i64 = task.get("version")?;
        let Reply(reply) = Reply::json(status, &task.as_json())?;
        let tag = [(header::ETAG, format!("\"{version}\""))];
        Ok(Reply((tag, reply).into_response()))
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        self.0
    }
}

pub(crate) enum Failure {
    NotFound,
    /// The request is wrong, in words for its sender.
    Refused(String),
    /// Somebody was faster.
    Changed,
    Database(Error),
    Internal,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Database(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, words) = match self {
            Failure::NotFound => (StatusCode::NOT_FOUND, "there is no such task".to_owned()),
            Failure::Refused(words) => (StatusCode::UNPROCESSABLE_ENTITY, words),
            Failure::Changed => (
                StatusCode::PRECONDITION_FAILED,
                "the task was changed meanwhile: read it again".to_owned(),
            ),
            Failure::Database(error) => of_database(&error),
            Failure::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal error".to_owned(),
            ),
        };
        let body = serde_json::json!({ "error": words });
        let json = [(header::CONTENT_TYPE, "application/json")];
        (status, json, body.to_string()).into_response()
    }
}

/// The message names tables and columns, never a value; the hint is for whoever writes the program.
fn of_database(error: &Error) -> (StatusCode, String) {
    let status = match error.kind() {
        ErrorKind::InvalidValue
        | ErrorKind::NotNullViolation
        | ErrorKind::CheckViolation
        | ErrorKind::ForeignKeyViolation => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::UniqueViolation | ErrorKind::SerializationFailure => StatusCode::CONFLICT,
        ErrorKind::Timeout
        | ErrorKind::PoolTimeout
        | ErrorKind::Connection
        | ErrorKind::OutcomeUnknown => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let words = match status {
        StatusCode::INTERNAL_SERVER_ERROR => "internal error".to_owned(),
        // it says that a write may have been done: the caller has to look before it tries again
        StatusCode::SERVICE_UNAVAILABLE if error.kind() == ErrorKind::OutcomeUnknown => {
            "it is not known whether the request was carried out".to_owned()
        }
        StatusCode::SERVICE_UNAVAILABLE => "try again in a moment".to_owned(),
        _ => error.message().to_string(),
    };
    if status.is_server_error() {
        println!("log: {error}");
    }
    (status, words)
}
