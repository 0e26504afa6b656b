//! The line that shows how a running test does, drawn over itself on a terminal.

/// What came back so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    /// Since the test began, in microseconds.
    pub elapsed_us: u64,
    /// Replies.
    pub requests: u64,
    /// Their latencies added up, in microseconds.
    pub latency_sum_us: u64,
}

/// The line and what it showed last.
pub struct Line {
    title: String,
    last: Counted,
    shown_chars: usize,
}

impl Line {
    /// A line that is not drawn yet.
    pub fn new(title: &str) -> Line {
        Line { title: title.into(), last: Counted::default(), shown_chars: 0 }
    }

    /// The bytes that draw the line anew: the rate since the last time and over all.
    pub fn redraw(&mut self, counted: Counted) -> String {
        let recent = Counted {
            elapsed_us: counted.elapsed_us - self.last.elapsed_us,
            requests: counted.requests - self.last.requests,
            latency_sum_us: counted.latency_sum_us - self.last.latency_sum_us,
        };
        let text = format!(
            "{}: rps={:.1} (overall: {:.1}) avg_msec={:.3} (overall: {:.3})",
            self.title,
            recent.rate(),
            counted.rate(),
            recent.average_ms(),
            counted.average_ms()
        );
        let drawn = format!("{}{text}\r", self.erase());
        self.last = counted;
        self.shown_chars = text.chars().count();
        drawn
    }

    /// The bytes that blank the line, if it was ever drawn.
    pub fn erase(&self) -> String {
        if self.shown_chars == 0 {
            String::new()
        } else {
            format!("{:width$}\r", "", width = self.shown_chars)
        }
    }
}

impl Counted {
    fn rate(self) -> f64 {
        self.requests as f64 * 1e6 / self.elapsed_us.max(1) as f64
    }

    fn average_ms(self) -> f64 {
        self.latency_sum_us as f64 / 1e3 / self.requests.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_recent_and_the_overall_rate() {
        let mut line = Line::new("GET");
        assert_eq!(line.erase(), "");
        let first = Counted { elapsed_us: 250_000, requests: 100, latency_sum_us: 50_000 };
        assert_eq!(line.redraw(first), "GET: rps=400.0 (overall: 400.0) avg_msec=0.500 (overall: 0.500)\r");
        let second = Counted { elapsed_us: 500_000, requests: 400, latency_sum_us: 350_000 };
        let drawn = line.redraw(second);
        assert!(
            drawn.ends_with("\rGET: rps=1200.0 (overall: 800.0) avg_msec=1.000 (overall: 0.875)\r"),
            "{drawn:?}"
        );
    }
}
