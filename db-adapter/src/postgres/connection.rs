//! One connection: its session, and whether a transaction is open on it. Only this file begins
//! and ends transactions, so that the mark of an open one is never wrong.

use std::ops::{Deref, DerefMut};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::cancel::{Cancellable, Target};
use super::deferred::{ASK_AND_END, Deferred};
use super::error_connect::target;
use super::failure::Failure;
use super::guarded::guarded;
use super::home::Home;
use super::pace::Pace;
use super::sending::Sending;
use super::session_settings::{Backend, LISTEN_TO_NOBODY, Session, SessionSettings};
use super::snapshot::Snapshot;
use super::statement::{execute_raw, fetch_plain, fetch_raw};
use super::token::Token;
use crate::deadline::Deadline;
use crate::{Error, Result, Value};
use db_adapter_core::push_quoted;

/// Ends a transaction honestly: a bare `COMMIT` succeeds as well where the transaction has
/// failed, or has ended, and the driver does not tell. The savepoint is refused then, and with it
/// the whole text.
const COMMIT: &str = "SAVEPOINT db_adapter_commit; COMMIT";

/// Before that, in a transaction that may not write: that it has not. What only reads has no number of
/// a transaction; the setting alone does not show it, since servers before 16 let it be reset.
const NOTHING_WRITTEN: &str = "SELECT CASE WHEN pg_catalog.txid_current_if_assigned() IS NULL THEN true \
    ELSE pg_catalog.current_setting('db_adapter.read_only') IS NULL END; ";

/// How a transaction begins.
pub(super) struct Begin {
    pub(super) sql: String,
    /// Whether it may not write.
    pub(super) read_only: bool,
    /// Whether it has one snapshot for all its statements; `None`: as the session has it.
    pub(super) repeats_reads: Option<bool>,
}

/// How often a transaction is begun again since a notification for somebody else came in its place: each
/// time the pooler may give a session in which nobody has begun before.
const ATTEMPTS: usize = 10;

/// How long an unused connection may take to show that it is alive.
const TRY: Duration = Duration::from_secs(2);

/// How long the server may take to take note of the farewell.
const FAREWELL: Duration = Duration::from_secs(1);

/// How far the commit of a transaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    None,
    /// A `COMMIT` may have been sent, and its answer was not read.
    Sent,
    /// The server has committed, and has begun another transaction, in which nothing is done.
    Chained,
}

/// A connection, and what has to be known before somebody else may have it.
pub(super) struct Connection {
    driver: Sending,
    /// Whether prepared statements may outlive a transaction: not behind a transaction pooler.
    persistent: bool,
    /// The server, as we have reached it.
    settings: Arc<PgConnectOptions>,
    server: Arc<str>,
    /// The server's process that works for us, where it is known; behind a transaction pooler
    /// that of the open transaction.
    backend: Option<Backend>,
    /// Whether a transaction may be open: set before `BEGIN` is sent, cleared only when the server
    /// has confirmed the end.
    open: bool,
    /// Whether that may not write.
    read_only: bool,
    ending: Ending,
    /// What the session's transactions do that do not say it.
    repeats_reads: bool,
    /// Of the open transaction.
    snapshot: Snapshot,
    /// Behind a transaction pooler: what is known by nobody but the open transaction.
    token: Option<Token>,
    /// Whether its prepared statements were made for a schema that has changed.
    outdated: bool,
    /// Whether something was dropped or cancelled while the driver may have been preparing it, so
    /// that a statement is left of which nobody knows. Behind a pooler it would be in the way of
    /// the next client.
    torn: bool,
    /// Whether it is in a state of the protocol that the driver cannot leave when it is dropped.
    in_copy: bool,
    /// Whether a caller's text has changed the session: it is not what the next one expects.
    altered: bool,
    /// Whether it is gone, or the server says what the driver does not understand.
    lost: bool,
    /// Whether a statement that writes is under way, whose rows are handed out one by one: nobody
    /// knows what it did if it is dropped.
    pours_written: bool,
    /// Whether the text that runs is prepared for this once.
    once: bool,
    /// The operation under way, where somebody else may cancel it.
    cancellable: Option<Cancellable>,
    home: Home,
    /// Of the database, known to all connections.
    deferred: Arc<Deferred>,
    born: Instant,
}

impl Connection {
    pub(super) fn new(conn: PgConnection, settings: PgConnectOptions, persistent: bool) -> Self {
        Connection {
            driver: Sending::new(conn),
            persistent,
            server: target(&settings).into(),
            settings: Arc::new(settings),
            backend: None,
            open: false,
            read_only: false,
            ending: Ending::None,
            repeats_reads: false,
            snapshot: Snapshot::default(),
            token: None,
            outdated: false,
            torn: false,
            in_copy: false,
            altered: false,
            lost: false,
            pours_written: false,
            once: false,
            cancellable: None,
            home: Home::here(),
            deferred: Arc::default(),
            born: Instant::now(),
        }
    }

    /// One that knows what the others of its pool know.
    pub(super) fn knowing(mut self, deferred: &Arc<Deferred>) -> Self {
        self.deferred = Arc::clone(deferred);
        self
    }

    /// Host and port of the server.
    pub(super) fn server(&self) -> &str {
        &self.server
    }

    pub(super) fn settings(&self) -> &Arc<PgConnectOptions> {
        &self.settings
    }

    /// What is under way on it, for somebody who cancels it.
    pub(super) fn target(&self) -> Option<Target> {
        Some(Target {
            backend: self.backend.clone()?,
            settings: Arc::clone(&self.settings),
            server: Arc::clone(&self.server),
            only_while: match self.ending {
                Ending::Sent => self.token.clone(),
                Ending::None | Ending::Chained => None,
            },
        })
    }

    /// Behind a transaction pooler: by what the open transaction is known.
    pub(super) fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// The snapshot of the open transaction.
    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    pub(super) fn snapshot_mut(&mut self) -> &mut Snapshot {
        &mut self.snapshot
    }

    /// Whether a transaction that does not say it has one snapshot for all its statements.
    pub(super) fn repeats_reads(&self) -> bool {
        self.repeats_reads
    }

    /// Whether a transaction may be open.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// Whether the open transaction may write.
    pub(super) fn may_write(&self) -> bool {
        !self.read_only
    }

    /// Whether it was dropped while a transaction was being committed.
    pub(super) fn is_committing(&self) -> bool {
        self.ending != Ending::None
    }

    /// Whether it was dropped when the server had committed, and before that was told.
    pub(super) fn has_committed(&self) -> bool {
        self.ending == Ending::Chained
    }

    /// Whether nobody can have it any more.
    pub(super) fn is_spent(&self) -> bool {
        self.in_copy || self.altered || self.lost
    }

    /// Whether the server may never say that it is ready: there is no use in waiting for long.
    pub(super) fn is_out_of_step(&self) -> bool {
        self.in_copy || self.lost
    }

    /// Whether rows were being copied when that was dropped: it cannot be used again.
    pub(super) fn is_in_copy(&self) -> bool {
        self.in_copy
    }

    /// It is gone, or as good as that.
    pub(super) fn set_lost(&mut self) {
        self.lost = true;
    }

    pub(super) fn is_lost(&self) -> bool {
        self.lost
    }

    /// A caller's text changes the session.
    pub(super) fn set_altered(&mut self) {
        self.altered = true;
    }

    /// Rows of a statement that writes begin to be handed out.
    pub(super) fn set_pours_written(&mut self) {
        self.pours_written = true;
        if let Some(cancellable) = &self.cancellable {
            cancellable.set_pours_written();
        }
    }

    /// Something else begins.
    pub(super) fn begins(&mut self) {
        self.pours_written = false;
        self.once = false;
        self.set_writes_next(false);
    }

    /// What the server says of a text is not what it will say of the same text later.
    pub(super) fn set_once(&mut self) {
        self.once = true;
    }

    /// Whether what is prepared now may be used again.
    pub(super) fn keeps_statements(&self) -> bool {
        self.persistent && !self.once
    }

    pub(super) fn pours_written(&self) -> bool {
        self.pours_written
    }

    pub(super) fn born(&self) -> Instant {
        self.born
    }

    /// Whether the runtime that it was made in has ended, and with it the connection.
    pub(super) fn is_orphaned(&self) -> bool {
        self.home.has_ended()
    }

    /// Where the work is done that a drop of its lease leaves behind.
    pub(super) fn for_what_is_left(&self) -> Option<Handle> {
        self.home.for_what_is_left()
    }

    /// Whether the runtime that it was made in runs, so that its answers are heard.
    pub(super) async fn is_heard(&self) -> bool {
        self.home.runs().await
    }

    /// Whether the next one may have it as it is.
    pub(super) fn is_clean(&self) -> bool {
        !self.open && !self.outdated && !self.torn && !self.is_spent() && self.cancellable.is_none()
    }

    /// Lets somebody else cancel the operation that begins now.
    pub(super) async fn watch(&mut self, cancellable: &Cancellable) {
        self.unwatch().await;
        cancellable.runs_on(self.target()).await;
        self.set_deadline(cancellable.deadline());
        self.cancellable = Some(cancellable.clone());
    }

    /// The operation has ended; a request to cancel it that is under way is awaited, so that it
    /// cannot hit what comes next.
    pub(super) async fn unwatch(&mut self) {
        if let Some(cancellable) = &self.cancellable {
            cancellable.end().await;
        }
        self.cancellable = None;
        self.set_deadline(Deadline::NONE);
    }

    /// Its prepared statements are of no use any more.
    pub(super) fn set_outdated(&mut self) {
        self.outdated = true;
    }

    /// Something was dropped or cancelled before its end.
    pub(super) fn set_torn(&mut self) {
        self.torn |= !self.persistent;
    }

    /// Behind a pooler: gives up what the driver has prepared and then lost count of.
    pub(super) async fn forget_prepared(&mut self) -> Result<(), Failure> {
        let deadline = self.lift_deadline();
        let forgotten = self.deallocate().await;
        self.set_deadline(deadline);
        forgotten
    }

    async fn deallocate(&mut self) -> Result<(), Failure> {
        if !self.persistent {
            let sql = "SELECT name FROM pg_catalog.pg_prepared_statements \
                       WHERE name LIKE 'sqlx%' OR name = 'db_adapter_describe'";
            for row in fetch_plain(self, sql.to_owned(), Vec::new()).await? {
                if let Some(name) = row.first().and_then(Value::as_str) {
                    let mut sql = String::from("DEALLOCATE ");
                    push_quoted(&mut sql, name);
                    execute_raw(self, sql).await?;
                }
            }
        }
        self.torn = false;
        Ok(())
    }

    /// Forgets the prepared statements.
    pub(super) async fn forget_statements(&mut self) -> Result<(), Failure> {
        guarded(pin!(async {
            Ok(self.at_any_time().clear_cached_statements().await?)
        }))
        .await?;
        self.outdated = false;
        Ok(())
    }

    /// Makes the settings of the session, and checks that they hold.
    pub(super) async fn set_up(&mut self, settings: &SessionSettings) -> Result<(), Failure> {
        let rows = fetch_raw(self, settings.for_session()).await?;
        self.knows(settings.check(&rows)?);
        Ok(())
    }

    fn knows(&mut self, session: Session) {
        self.backend = Some(session.backend);
        self.repeats_reads = session.repeats_reads;
    }

    /// The same where a condition holds; whether it does. Else nothing is set.
    pub(super) async fn set_up_if(
        &mut self,
        settings: &SessionSettings,
        condition: &str,
    ) -> Result<bool, Failure> {
        let rows = fetch_raw(self, settings.for_session_if(condition)).await?;
        if !SessionSettings::holds(&rows) {
            return Ok(false);
        }
        self.knows(settings.check(&rows)?);
        Ok(true)
    }

    /// Begins a transaction by `begin`; `local`: settings that are made inside of it, for a
    /// session that is not ours.
    pub(super) async fn begin(
        &mut self,
        begin: &Begin,
        local: Option<&SessionSettings>,
    ) -> Result<(), Failure> {
        self.may_send()?;
        self.open = true;
        self.read_only = begin.read_only;
        let asked = begin.repeats_reads;
        let begin = &begin.sql;
        let Some(settings) = local else {
            execute_raw(self, begin.clone()).await?;
            self.snapshot = Snapshot::new(asked.unwrap_or(self.repeats_reads));
            return Ok(());
        };
        self.backend = None;
        let token = Token::new();
        let sql = format!("{begin}; {}; {}", token.set(), settings.for_transaction());
        self.token = Some(token);
        let mut begun = fetch_raw(self, sql.clone()).await;
        for _ in 1..ATTEMPTS {
            if !matches!(&begun, Err(failure) if failure.is_notification()) {
                break;
            }
            // nothing was done; at its end nobody listens there any more
            execute_raw(self, "COMMIT".to_owned()).await?;
            begun = fetch_raw(self, sql.clone()).await;
        }
        let rows = begun.map_err(|failure| match failure.is_of_statement_pooler() {
            true => no_transactions().into(),
            false => failure,
        })?;
        self.knows(settings.check(&rows)?);
        self.snapshot = Snapshot::new(asked.unwrap_or(self.repeats_reads));
        if let Some(cancellable) = &self.cancellable {
            cancellable.runs_on(self.target()).await;
        }
        Ok(())
    }

    /// Before the end of a transaction is sent. Behind a transaction pooler the server's process is
    /// then somebody else's, from the moment that the server has ended it: nobody cancels what runs
    /// there any more.
    async fn let_go(&mut self) {
        if self.persistent {
            return;
        }
        if let Some(cancellable) = &self.cancellable {
            cancellable.end().await;
        }
        self.backend = None;
    }

    /// Commits; an error unless the server has committed, and where it has written although it may not.
    pub(super) async fn commit(&mut self) -> Result<(), Failure> {
        if self.torn {
            self.forget_prepared().await?;
        }
        let chain = match &self.token {
            Some(token) if !self.read_only && self.deferred.may_be() => Some(token.chain()),
            _ => None,
        };
        match chain {
            Some(chain) => self.commit_and_chain(chain).await?,
            None => self.commit_at_once().await?,
        }
        self.open = false;
        Ok(())
    }

    async fn commit_at_once(&mut self) -> Result<(), Failure> {
        self.may_send()?;
        self.let_go().await;
        self.ending = Ending::Sent;
        let commit = match self.read_only {
            true => format!("{NOTHING_WRITTEN}{COMMIT}"),
            false => COMMIT.to_owned(),
        };
        let committed = execute_raw(self, commit).await;
        self.ending = Ending::None;
        committed?;
        Ok(())
    }

    /// Behind a transaction pooler, where something may wait for the commit: the server's process stays
    /// ours, since another transaction begins with the end of this one, so that the commit can be
    /// cancelled as any other statement. What runs in it runs as in every `COMMIT`.
    async fn commit_and_chain(&mut self, chain: String) -> Result<(), Failure> {
        self.may_send()?;
        self.ending = Ending::Sent;
        if let Some(cancellable) = &self.cancellable {
            cancellable.runs_on(self.target()).await;
        }
        let committed = execute_raw(self, format!("{COMMIT} {chain}")).await;
        if committed.is_ok() {
            self.ending = Ending::Chained;
        }
        self.let_go().await;
        if let Err(failure) = committed {
            self.ending = Ending::None;
            return Err(failure);
        }
        let deadline = self.lift_deadline();
        match fetch_raw(self, ASK_AND_END.to_owned()).await {
            Ok(answer) => self.deferred.heard(&answer),
            // it is committed, whatever becomes of the connection
            Err(_) => self.lost = true,
        }
        self.set_deadline(deadline);
        self.ending = Ending::None;
        Ok(())
    }

    /// Rolls back, also when time is over; fine where the transaction has ended already.
    pub(super) async fn roll_back(&mut self) -> Result<(), Failure> {
        let deadline = self.lift_deadline();
        let rolled_back = self.undo().await;
        self.set_deadline(deadline);
        rolled_back
    }

    async fn undo(&mut self) -> Result<(), Failure> {
        if self.torn {
            // in one text, since behind a pooler the session stays ours only in a transaction
            execute_raw(self, "ROLLBACK; BEGIN".to_owned()).await?;
            self.forget_prepared().await?;
        }
        self.let_go().await;
        let roll_back = match self.persistent {
            true => "ROLLBACK".to_owned(),
            // it has undone the one of the beginning
            false => format!("ROLLBACK; {LISTEN_TO_NOBODY}"),
        };
        execute_raw(self, roll_back).await?;
        self.open = false;
        self.ending = Ending::None;
        Ok(())
    }

    /// Loads rows by COPY, a piece after another: `next` puts one into the buffer, or nothing at
    /// the end. Dropped half-way, the connection cannot be used again.
    pub(super) async fn copy_in(
        &mut self,
        statement: &str,
        next: impl FnMut(&mut Vec<u8>) -> Result<()>,
    ) -> Result<u64, Failure> {
        self.in_time()?;
        self.in_copy = true;
        let result = guarded(pin!(copy_pieces(
            self.driver.at_any_time(),
            statement,
            next
        )))
        .await;
        // an error of the server ends the COPY as its success does
        self.in_copy = match &result {
            Ok(_) => false,
            Err(failure) => failure.server().is_none(),
        };
        result
    }

    /// Whether it is alive.
    pub(super) async fn answers(&mut self) -> bool {
        let ping = pin!(async { Ok(self.at_any_time().ping().await?) });
        matches!(timeout(TRY, guarded(ping)).await, Ok(Ok(())))
    }

    /// Tells the server that we go.
    pub(super) async fn close(self) {
        if !self.is_out_of_step() {
            // whether it hears does not matter: the socket is closed either way, and at once where
            // the server does not read from it
            let _ = timeout(FAREWELL, self.driver.into_driver().close()).await;
        }
    }
}

impl Deref for Connection {
    type Target = Sending;

    fn deref(&self) -> &Sending {
        &self.driver
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut Sending {
        &mut self.driver
    }
}

/// What is said of a pooler that gives each statement a session of its own.
pub(super) fn no_transactions() -> Error {
    Error::config(
        "the pooler is in statement mode, and allows no transactions",
        "set its `pool_mode` to `transaction` or `session`, or connect to the server itself",
    )
}

async fn copy_pieces(
    conn: &mut PgConnection,
    statement: &str,
    mut next: impl FnMut(&mut Vec<u8>) -> Result<()>,
) -> Result<u64, Failure> {
    let mut copy = conn.copy_in_raw(statement).await?;
    let mut piece = Vec::new();
    let mut pace = Pace::default();
    loop {
        piece.clear();
        next(&mut piece)?;
        if piece.is_empty() {
            return Ok(copy.finish().await?);
        }
        copy.send(piece.as_slice()).await?;
        pace.piece().await;
    }
}
