//! Interleaved timing: every case once a round, so that a drifting machine hits all of them, and
//! ratios of medians to the reference of the same run.

use std::future::Future;
use std::time::{Duration, Instant};

/// The cases of one table row of DESIGN's goals: the first is the reference.
pub struct Table {
    title: &'static str,
    units: u64,
    cases: Vec<Case>,
}

struct Case {
    name: &'static str,
    goal: Option<f64>,
    times: Vec<Duration>,
}

impl Table {
    /// `units` is what a time is divided by for the last column: rows or operations.
    pub fn new(title: &'static str, units: u64) -> Self {
        Table {
            title,
            units,
            cases: Vec::new(),
        }
    }

    /// Times one run of a case and adds it to the case's times.
    pub async fn time<T>(
        &mut self,
        name: &'static str,
        goal: Option<f64>,
        work: impl Future<Output = T>,
    ) -> T {
        let started = Instant::now();
        let result = work.await;
        self.record(name, goal, started.elapsed());
        result
    }

    /// Adds a time that was taken elsewhere.
    pub fn record(&mut self, name: &'static str, goal: Option<f64>, elapsed: Duration) {
        match self.cases.iter_mut().find(|case| case.name == name) {
            Some(case) => case.times.push(elapsed),
            None => self.cases.push(Case {
                name,
                goal,
                times: vec![elapsed],
            }),
        }
    }

    /// Prints medians and their ratios to the first case.
    pub fn print(&self) {
        println!("\n{}", self.title);
        println!(
            "  {:<44} {:>10} {:>10} {:>7} {:>6} {:>10}",
            "case", "median ms", "min ms", "ratio", "goal", "us each"
        );
        let reference = self
            .cases
            .first()
            .map_or(f64::NAN, |case| median(&case.times));
        for case in &self.cases {
            let median = median(&case.times);
            let min = case
                .times
                .iter()
                .min()
                .map_or(f64::NAN, Duration::as_secs_f64);
            println!(
                "  {:<44} {:>10.2} {:>10.2} {:>7.2} {:>6} {:>10.2}",
                case.name,
                median * 1e3,
                min * 1e3,
                median / reference,
                case.goal.map_or(String::new(), |goal| format!("{goal:.2}")),
                median * 1e6 / self.units as f64,
            );
        }
    }
}

fn median(times: &[Duration]) -> f64 {
    let mut times: Vec<f64> = times.iter().map(Duration::as_secs_f64).collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
