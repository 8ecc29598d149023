//! One connection to the first of several servers that answers and is the wanted one, as libpq
//! makes it: in order, with a time limit for each. It sets nothing in the session, keeps no
//! connection, and does not repeat the round.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Executor, Row as _};

use super::attempts::{Attempt, silent};
use super::error::{Context, explain, of_driver};
use super::error_connect::target;
use super::failure::Failure;
use super::mark::{Mark, may_be_refused};
use super::silence::Silence;
use super::sslmode::{Reached, code, connect};
use super::wanted::{Role, Wanted};
use crate::{Error, Result};

/// How long a server that is not the wanted one is waited for to take note of the farewell.
const FAREWELL: Duration = Duration::from_secs(1);

/// One round trip. A setting of the role or the database is in force already when it is asked.
const ROLE: &str = "SELECT pg_catalog.pg_is_in_recovery() AS standby, \
     pg_catalog.current_setting('default_transaction_read_only') = 'on' AS read_only";

/// The servers of a URL and which of them is wanted.
pub(super) struct Targets {
    /// At least one.
    servers: Vec<PgConnectOptions>,
    /// One for each server.
    silences: Box<[Silence]>,
    wanted: Wanted,
    shuffled: bool,
    /// Whether connections are marked: not where nobody would take it.
    marks: AtomicBool,
}

/// Why a server gave no connection.
enum Miss {
    /// The next one may.
    Next(Error),
    /// It answered and refused: the others are not asked, as they are for the same login.
    Final(Error),
}

impl Targets {
    pub(super) fn new(servers: Vec<PgConnectOptions>, wanted: Wanted, shuffled: bool) -> Self {
        Targets {
            silences: servers.iter().map(|_| Silence::default()).collect(),
            servers,
            wanted,
            shuffled,
            marks: AtomicBool::new(false),
        }
    }

    /// Marks the connections, until one is refused for that.
    pub(super) fn marking(self) -> Self {
        self.marks.store(true, Ordering::Relaxed);
        self
    }

    /// Host and port of each, for messages.
    pub(super) fn shown(&self) -> String {
        let servers = self.servers.iter().map(target);
        servers.collect::<Vec<_>>().join(", ")
    }

    #[cfg(test)]
    pub(super) fn last(&self) -> &PgConnectOptions {
        &self.servers[self.servers.len() - 1]
    }

    pub(super) fn wanted(&self) -> Wanted {
        self.wanted
    }

    /// Whether only a server that can be written will do.
    pub(super) fn wants_writes(&self) -> bool {
        matches!(self.wanted, Wanted::ReadWrite | Wanted::Primary)
    }

    /// How long one server is waited for: no longer than `connect`, and so short that the last one
    /// is asked within `all` as well. A machine that is gone does not answer at all.
    pub(super) fn limit(&self, connect: Duration, all: Duration) -> Duration {
        let servers = u32::try_from(self.servers.len()).unwrap_or(u32::MAX);
        match servers {
            0 | 1 => connect,
            several => connect.min(all / several),
        }
    }

    /// The servers in the order in which they are asked.
    fn in_order(&self) -> Vec<(&PgConnectOptions, &Silence)> {
        let mut servers: Vec<_> = self.servers.iter().zip(self.silences.iter()).collect();
        if self.shuffled {
            // its keys are random
            let random = RandomState::new();
            servers.sort_by_cached_key(|(server, _)| random.hash_one(target(server)));
        }
        servers.sort_by_key(|(_, silence)| silence.is_recent());
        servers
    }
}

/// Connects to the first server that answers within `limit`, which is for each of them, and is the
/// wanted one. A server that refuses the login ends the round. `whole`: the attempt that this is a part of.
pub(super) async fn reach(targets: &Targets, limit: Duration, whole: &Attempt) -> Result<Reached> {
    let mut second_choice = None;
    let servers = targets.in_order();
    for (at, (settings, silence)) in servers.iter().enumerate() {
        let place = target(settings);
        let others = servers.iter().skip(at + 1);
        whole.asks(&place, others.map(|(other, _)| target(other)).collect());
        let waiting = silence.attempt();
        let attempt = attempt(targets, settings, &place);
        let attempted = tokio::time::timeout(limit, attempt).await;
        match &attempted {
            Ok(_) => waiting.answered(),
            Err(_) => drop(waiting),
        }
        let miss = match attempted {
            Ok(Ok((reached, None))) => {
                leave(second_choice).await;
                return Ok(reached);
            }
            Ok(Ok((reached, Some(reason)))) => {
                let reached = Some(reached);
                if targets.wanted == Wanted::PreferStandby && second_choice.is_none() {
                    second_choice = reached;
                } else {
                    leave(reached).await;
                }
                Error::connection(&place, reason, "")
            }
            Ok(Err(Miss::Next(error))) => error,
            Ok(Err(Miss::Final(error))) => {
                leave(second_choice).await;
                return Err(error);
            }
            Err(_) => silent(&place, limit),
        };
        whole.missed(miss);
    }
    match second_choice {
        Some(reached) => Ok(reached),
        None => Err(whole.error()),
    }
}

/// A connection to one server, with why it is not the wanted one.
async fn attempt(
    targets: &Targets,
    settings: &PgConnectOptions,
    place: &str,
) -> Result<(Reached, Option<&'static str>), Miss> {
    let wanted = targets.wanted;
    let mut reached = match marked(targets, settings).await {
        Ok(reached) => reached,
        Err(error) => {
            let is_final = is_final(&error);
            let error = in_words(error, place);
            return Err(match is_final {
                true => Miss::Final(error),
                false => Miss::Next(error),
            });
        }
    };
    if wanted == Wanted::Any {
        return Ok((reached, None));
    }
    match role(&mut reached.conn).await {
        Ok(role) => Ok((reached, wanted.refusal(role))),
        Err(error) => Err(Miss::Next(in_words(error, place))),
    }
}

/// A connection with a mark, or without one where that is refused.
async fn marked(targets: &Targets, settings: &PgConnectOptions) -> sqlx::Result<Reached> {
    if !targets.marks.load(Ordering::Relaxed) {
        return connect(settings).await;
    }
    let mark = Mark::new();
    match connect(&mark.on(settings)).await {
        Ok(reached) => Ok(Reached {
            mark: Some(mark),
            ..reached
        }),
        Err(error) if may_be_refused(&error) => {
            let reached = connect(settings).await?;
            targets.marks.store(false, Ordering::Relaxed);
            Ok(reached)
        }
        Err(error) => Err(error),
    }
}

/// Whether the server of a connection, which was the wanted one, still is.
pub(super) async fn is_wanted(targets: &Targets, conn: &mut PgConnection, limit: Duration) -> bool {
    let role = tokio::time::timeout(limit, role(conn)).await;
    matches!(role, Ok(Ok(role)) if targets.wanted.refusal(role).is_none())
}

async fn role(conn: &mut PgConnection) -> sqlx::Result<Role> {
    // not prepared: a pooler may stand between us and the server
    let row = conn.fetch_one(sqlx::raw_sql(ROLE)).await?;
    Ok(Role {
        standby: row.try_get("standby")?,
        read_only: row.try_get("read_only")?,
    })
}

/// Whether the other servers are not tried: as in libpq, when this one refuses the login or its
/// TLS is not as it must be. One that starts or shuts down, or has gone, is passed over; so is a
/// pooler whose own server has gone (class 08).
fn is_final(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(_) => !code(error).is_some_and(|code| is_of_one_server(&code)),
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::InvalidData,
        sqlx::Error::Protocol(_) => false,
        _ => true,
    }
}

fn is_of_one_server(code: &str) -> bool {
    code.starts_with("57P0") || code.starts_with("08")
}

fn in_words(error: sqlx::Error, place: &str) -> Error {
    match error {
        error @ sqlx::Error::Database(_) => {
            let context = Context {
                operation: "connect",
                table: None,
                sent: None,
                target: place,
                may_have_written: false,
            };
            explain(&Failure::Driver(error), context)
        }
        sqlx::Error::Io(error) if hung_up(error.kind()) => Error::connection(
            place,
            "the connection was closed before an answer came",
            "check that a PostgreSQL server runs there: a proxy that has none behind it hangs up",
        ),
        error => of_driver(&error, place),
    }
}

/// Whether the other side has accepted the connection, and then closed it.
fn hung_up(kind: std::io::ErrorKind) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(
        kind,
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
    )
}

/// Closes a connection that is not used. Whether the server hears of it does not matter.
async fn leave(reached: Option<Reached>) {
    if let Some(reached) = reached {
        let _ = tokio::time::timeout(FAREWELL, reached.conn.close()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(hosts: &[&str], shuffled: bool) -> Targets {
        let of = |host: &&str| PgConnectOptions::new_without_pgpass().host(host);
        Targets::new(hosts.iter().map(of).collect(), Wanted::Any, shuffled)
    }

    #[test]
    fn the_order_is_that_of_the_url_unless_it_is_left_to_chance() {
        let hosts = ["a", "b", "c"];
        let first = |targets: &Targets| targets.in_order()[0].0.get_host().to_owned();
        assert_eq!(first(&targets(&hosts, false)), "a");
        let random = targets(&hosts, true);
        for host in hosts {
            assert!((0..1000).any(|_| first(&random) == host), "{host}");
        }
    }

    #[test]
    fn the_last_of_several_servers_is_asked_in_time() {
        let [second, ten] = [1, 10].map(Duration::from_secs);
        assert_eq!(targets(&["a"], false).limit(ten, second), ten);
        assert_eq!(targets(&["a", "b"], false).limit(ten, second), second / 2);
        assert_eq!(targets(&["a", "b"], false).limit(second, ten), second);
    }
}
