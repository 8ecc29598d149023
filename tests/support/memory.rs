//! Where files are kept in memory. Each test makes a database, which is some 300 files: on ext4, to find a
//! free inode among those that were just given back costs more than all that the test does.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What the largest tests need, twice.
const ENOUGH: u64 = 4 << 30;

/// A folder in memory with room for a server; `None` if there is not enough memory, or if the caller says by
/// `TMPDIR` which folder is meant.
pub(crate) fn folder() -> Option<PathBuf> {
    const FOLDER: &str = "/dev/shm";
    let in_memory = std::env::var_os("TMPDIR").is_none_or(|folder| folder.is_empty())
        && is_tmpfs(&fs::read_to_string("/proc/mounts").ok()?, FOLDER);
    let df = Command::new("df").args(["-Pk", FOLDER]).output().ok()?;
    let free = free(&String::from_utf8_lossy(&df.stdout))?;
    (in_memory && free >= ENOUGH).then(|| PathBuf::from(OsStr::new(FOLDER)))
}

fn is_tmpfs(mounts: &str, folder: &str) -> bool {
    mounts.lines().any(|line| {
        let mut words = line.split(' ').skip(1);
        words.next() == Some(folder) && words.next() == Some("tmpfs")
    })
}

/// Of what `df -Pk` prints, the bytes that are free.
fn free(df: &str) -> Option<u64> {
    let kilobytes = df.lines().nth(1)?.split_whitespace().nth(3)?;
    kilobytes.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_tmpfs_is_memory() {
        let mounts = "tmpfs /dev tmpfs rw 0 0\ntmpfs /dev/shm tmpfs rw,size=1g 0 0\n/dev/vda / ext4 rw 0 0\n";
        assert!(is_tmpfs(mounts, "/dev/shm"));
        assert!(
            !is_tmpfs(mounts, "/") && !is_tmpfs(mounts, "/dev/sh") && !is_tmpfs("", "/dev/shm")
        );
    }

    #[test]
    fn what_is_free_is_read() {
        let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\ntmpfs 24685184 7376 24677808 1% /dev/shm\n";
        assert_eq!(free(df), Some(24_677_808 * 1024));
        assert_eq!(free("df: /dev/shm: No such file or directory\n"), None);
    }
}
