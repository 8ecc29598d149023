//! What the database behind a client can do, as plain data. Code that wants to know asks for it by
//! its name, and never for the name of the database.

/// What the database behind a client can do; see
/// [`DatabaseClient::capabilities`](super::DatabaseClient::capabilities).
///
/// A client of your own takes those of the client inside and changes what it
/// does otherwise. How the database's SQL is written is another question: that is
/// [`Backend`](crate::Backend).
///
/// ```
/// use db_adapter::Capabilities;
///
/// let mut can = Capabilities::NONE;
/// can.snapshots = true;
/// assert!(can.snapshots && !can.transactions);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Several operations can be one transaction.
    pub transactions: bool,
    /// Transactions can be nested: the inner one is undone alone.
    pub savepoints: bool,
    /// A transaction can read one state of the database from its first statement to its end.
    pub snapshots: bool,
    /// A rollback undoes `CREATE`, `ALTER` and `DROP` as well.
    pub transactional_ddl: bool,
    /// Rows can be written as they are, with numbers of their own where else the database numbers
    /// rows: [`Operation::Load`](crate::Operation::Load).
    pub load: bool,
    /// Numbers of the database can be had in advance and be moved on:
    /// [`Operation::AllocateKeys`](crate::Operation::AllocateKeys) and
    /// [`Operation::AdvanceSequence`](crate::Operation::AdvanceSequence).
    pub sequences: bool,
    /// Tables are in schemas, of which a session searches some.
    pub schemas: bool,
    /// Policies can hide rows of a table from a role.
    pub row_security: bool,
    /// A transaction can say when its deferrable constraints are checked: `SET CONSTRAINTS`.
    pub set_constraints: bool,
    /// Columns can have types whose values only the database reads and compares, and may store otherwise
    /// than they were given: `interval day`, `money`, `citext`.
    pub own_types: bool,
    /// Rows that a statement names by `WITH` are found once, however often the statement uses them.
    pub named_rows: bool,
    /// A time is kept as the text that it is written as, and so is a uuid: `2021-12-08 01:00:00` is another
    /// text than `2021-12-08T01:00:00`, and the same time.
    pub spelled_times: bool,
    /// Others write while a transaction does, and a row can be locked against them:
    /// [`Select::lock`](crate::query::Select::lock). Else a transaction that writes is alone.
    pub row_locks: bool,
    /// A statement can be run outside of any transaction, in a session with settings of its own:
    /// [`Operation::Alone`](crate::Operation::Alone).
    pub alone: bool,
    /// The statements that made the tables are kept, and a table is made anew from its own, with foreign keys off:
    /// [`TxOptions::foreign_keys_off`](crate::TxOptions::foreign_keys_off).
    pub stored_sql: bool,
}

impl Capabilities {
    /// Those of a database that can do nothing of this.
    pub const NONE: Capabilities = Capabilities {
        transactions: false,
        savepoints: false,
        snapshots: false,
        transactional_ddl: false,
        load: false,
        sequences: false,
        schemas: false,
        row_security: false,
        set_constraints: false,
        own_types: false,
        named_rows: false,
        spelled_times: false,
        row_locks: false,
        alone: false,
        stored_sql: false,
    };
}
