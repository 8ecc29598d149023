//! Interleaved measuring: every case once a round, each round in another order, so that a drifting
//! machine hits all of them alike; and ratios to the reference of the same round.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// When a run began, by the wall's clock and by the processor's.
pub struct Clock {
    started: Instant,
    cpu: Duration,
}

impl Clock {
    /// Begins now.
    pub fn start() -> Self {
        Clock {
            started: Instant::now(),
            cpu: cpu_time(),
        }
    }

    /// So many rows or operations since the start.
    pub fn sample(&self, units: u64) -> Sample {
        Sample {
            elapsed: self.started.elapsed(),
            cpu: cpu_time().saturating_sub(self.cpu),
            units,
            tail: None,
        }
    }
}

/// What all threads of this process have used: of the client, not of the server.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.try_into().expect("a time after the start")
}

/// What one run of a case took.
#[derive(Clone, Copy)]
pub struct Sample {
    elapsed: Duration,
    cpu: Duration,
    units: u64,
    tail: Option<Duration>,
}

impl Sample {
    /// Both runs as one, without the time between them.
    pub fn and(mut self, other: Sample) -> Self {
        self.elapsed += other.elapsed;
        self.cpu += other.cpu;
        self.units += other.units;
        self
    }

    /// With the 99th percentile of what each operation took.
    pub fn with_latencies(mut self, mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        self.tail = latencies.get(latencies.len() * 99 / 100).copied();
        self
    }

    fn quantity(&self, quantity: Quantity) -> f64 {
        match quantity {
            Quantity::Throughput => self.units as f64 / self.elapsed.as_secs_f64(),
            Quantity::Time => self.elapsed.as_secs_f64(),
            Quantity::Cpu => self.cpu.as_secs_f64() / self.units as f64,
            Quantity::Tail => self.tail.map_or(f64::NAN, |tail| tail.as_secs_f64()),
        }
    }
}

/// What is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Operations a second; more is better.
    Throughput,
    /// The whole time; less is better.
    Time,
    /// The client's processor time for each row or operation; less is better. What else the
    /// machine does changes it less than the others.
    Cpu,
    /// The 99th percentile of an operation's time; less is better.
    Tail,
}

type Work<'a> = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Sample> + 'a>> + 'a>;

struct Case<'a> {
    name: &'static str,
    work: Work<'a>,
    samples: Vec<Sample>,
}

struct Goal {
    of: &'static str,
    to: &'static str,
    quantity: Quantity,
    bound: f64,
}

/// One work, done by every peer; the first case is the reference.
pub struct Table<'a> {
    title: String,
    quantity: Quantity,
    cases: Vec<Case<'a>>,
    goals: Vec<Goal>,
}

impl<'a> Table<'a> {
    /// Shown as throughput or as time.
    pub fn new(title: String, quantity: Quantity) -> Self {
        Table {
            title,
            quantity,
            cases: Vec::new(),
            goals: Vec::new(),
        }
    }

    /// A peer's way; the work measures itself, without what it prepares and clears away.
    pub fn case<F>(mut self, name: &'static str, work: impl Fn() -> F + 'a) -> Self
    where
        F: Future<Output = Sample> + 'a,
    {
        self.cases.push(Case {
            name,
            work: Box::new(move || Box::pin(work())),
            samples: Vec::new(),
        });
        self
    }

    /// How one case shall compare with another: at least so much throughput, at most such a time.
    pub fn goal(
        mut self,
        of: &'static str,
        to: &'static str,
        quantity: Quantity,
        bound: f64,
    ) -> Self {
        self.goals.push(Goal {
            of,
            to,
            quantity,
            bound,
        });
        self
    }

    /// Measures and prints. The first round fills pools and caches, and is not counted.
    pub async fn measure(mut self, rounds: usize) {
        let number = self.cases.len();
        for round in 0..=rounds {
            for place in 0..number {
                let case = &mut self.cases[(place + round) % number];
                let sample = (case.work)().await;
                if round > 0 {
                    case.samples.push(sample);
                }
            }
        }
        self.print();
    }

    fn print(&self) {
        println!("\n{}", self.title);
        let [reference, ..] = &*self.cases else {
            return;
        };
        match self.quantity {
            Quantity::Throughput => self.print_throughput(reference),
            _ => self.print_time(reference),
        }
        for goal in &self.goals {
            self.print_goal(goal);
        }
    }

    fn print_throughput(&self, reference: &Case<'_>) {
        println!(
            "  {:<36} {:>9} {:>6} {:>9} {:>6} {:>9} {:>6}",
            "", "ops/s", "ratio", "p99 us", "ratio", "cpu us", "ratio"
        );
        for case in &self.cases {
            println!(
                "  {:<36} {:>9.0} {:>6.2} {:>9.0} {:>6.2} {:>9.2} {:>6.2}",
                case.name,
                case.median(Quantity::Throughput),
                case.ratio(reference, Quantity::Throughput),
                case.median(Quantity::Tail) * 1e6,
                case.ratio(reference, Quantity::Tail),
                case.median(Quantity::Cpu) * 1e6,
                case.ratio(reference, Quantity::Cpu),
            );
        }
    }

    fn print_time(&self, reference: &Case<'_>) {
        println!(
            "  {:<36} {:>9} {:>6} {:>9} {:>9} {:>6}",
            "", "ms", "ratio", "us each", "cpu us", "ratio"
        );
        for case in &self.cases {
            println!(
                "  {:<36} {:>9.2} {:>6.2} {:>9.2} {:>9.2} {:>6.2}",
                case.name,
                case.median(Quantity::Time) * 1e3,
                case.ratio(reference, Quantity::Time),
                1e6 / case.median(Quantity::Throughput),
                case.median(Quantity::Cpu) * 1e6,
                case.ratio(reference, Quantity::Cpu),
            );
        }
    }

    fn print_goal(&self, goal: &Goal) {
        let ratio = self
            .named(goal.of)
            .ratio(self.named(goal.to), goal.quantity);
        let (quantity, limit, met) = match goal.quantity {
            Quantity::Throughput => ("throughput", "at least", ratio >= goal.bound),
            Quantity::Time => ("time", "at most", ratio <= goal.bound),
            Quantity::Cpu => ("processor time", "at most", ratio <= goal.bound),
            Quantity::Tail => ("p99", "at most", ratio <= goal.bound),
        };
        println!(
            "  goal: {quantity} of `{}` {limit} {:.2} of `{}`: {ratio:.2}, {}",
            goal.of,
            goal.bound,
            goal.to,
            if met { "met" } else { "MISSED" },
        );
    }

    fn named(&self, name: &str) -> &Case<'a> {
        let mut cases = self.cases.iter();
        cases.find(|case| case.name == name).expect("a case's name")
    }
}

impl Case<'_> {
    fn median(&self, quantity: Quantity) -> f64 {
        median(self.samples.iter().map(|sample| sample.quantity(quantity)))
    }

    /// Round by round: what slows down a whole round slows down both.
    fn ratio(&self, reference: &Case<'_>, quantity: Quantity) -> f64 {
        let pairs = self.samples.iter().zip(&reference.samples);
        median(pairs.map(|(ours, theirs)| ours.quantity(quantity) / theirs.quantity(quantity)))
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
