//! Peak memory: the work is done by a process of its own, which tells the most that it ever had.

use std::path::Path;

use tokio::process::Command;

/// The argument that makes this program do one piece of work and print its peak.
const ALONE: &str = "--alone";

/// What the program was asked to do alone: the work's name, the database's URL, the file.
pub fn asked() -> Option<[String; 3]> {
    let mut args = std::env::args().skip_while(|arg| arg != ALONE).skip(1);
    Some([args.next()?, args.next()?, args.next()?])
}

/// The peak of a piece of work in MiB.
pub async fn peak(work: &str, url: &str, file: &Path) -> f64 {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args([ALONE, work, url]).arg(file);
    let output = command.output().await.unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.trim().parse::<f64>().unwrap() / 1024.0
}

/// Prints the peak of this process in KiB.
pub fn print_peak() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let peak = line.and_then(|line| line.split_whitespace().nth(1));
    println!("{}", peak.unwrap());
}
