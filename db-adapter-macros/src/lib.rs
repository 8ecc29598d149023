//! The place of `db-adapter`'s declaration macros. There is none yet: this crate has no public
//! item, and the feature `macros` of `db-adapter` adds nothing so far.
//!
//! What is planned: tables declared as structs, checked by the compiler for what a backup and a
//! schema comparison need. The verbs of `db-adapter` do not depend on it and stay as they are.
