//! Random words for names and passwords. Never for cryptography beyond a throw-away password.

use std::hash::{BuildHasher, Hasher, RandomState};

/// 16 hexadecimal digits: std seeds each `RandomState` from the system's randomness.
pub(crate) fn word() -> String {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    format!("{:016x}", hasher.finish())
}
