//! What the compiler says to those who declare tables, and what is left of a schema in the files
//! that it makes. Neither needs a server.

mod artifact;
mod build;
mod messages;
