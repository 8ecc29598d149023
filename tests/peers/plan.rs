//! What to measure, from the arguments. Never measures.

/// The names of the works that were asked for, and how often each is measured.
pub struct Plan {
    works: Vec<String>,
    rounds: usize,
}

impl Plan {
    /// Reads the arguments; none when they ask for something else than to measure.
    pub fn of_arguments(works: &[String]) -> Option<Self> {
        let mut rounds = 5;
        let mut words = Vec::new();
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--list" => {
                    println!("{}", works.join("\n"));
                    return None;
                }
                "--rounds" => {
                    let number = arguments.next().and_then(|number| number.parse().ok());
                    rounds = number.expect("`--rounds` takes a number");
                }
                // passed by cargo
                "--bench" => {}
                option if option.starts_with('-') => panic!("unknown option `{option}`"),
                _ => words.push(argument),
            }
        }
        let mut works = works.to_vec();
        works.retain(|work| words.is_empty() || words.iter().any(|word| work.contains(word)));
        assert!(
            !works.is_empty(),
            "no work matches; `--list` prints the names"
        );
        Some(Plan { works, rounds })
    }

    /// How often each case is measured, after a round that is not counted.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// Whether this work was asked for.
    pub fn wants(&self, work: &str) -> bool {
        self.works.iter().any(|wanted| wanted == work)
    }

    /// Whether a work of this backend was asked for.
    pub fn wants_any(&self, backend: &str) -> bool {
        self.works.iter().any(|wanted| wanted.starts_with(backend))
    }
}
