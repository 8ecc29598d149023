//! Tests of the expansions, on plain tokens.
