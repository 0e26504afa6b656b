//! The load: ochre-benchmark on a core of its own, and what it measured.

use super::contest::Contest;
use super::server::{Cores, Server};
use super::table::Figure;
use crate::workspace::release_program;

/// One run of the load generator.
#[derive(Clone, Copy, Debug)]
pub struct Load<'l> {
    /// One of the generator's own tests (`get`, `set`), or a request of several words or in capitals.
    pub request: &'l str,
    /// Requests that a connection sends at once.
    pub pipeline: u64,
    /// How many requests in all.
    pub requests: u64,
    /// Random keys below this number.
    pub keys: u64,
    /// Where the generator runs.
    pub cores: Cores,
}

impl Load<'_> {
    /// Runs it against a server: throughput, latencies, and the server's processor time for a command.
    ///
    /// # Errors
    ///
    /// A sentence, when the generator fails.
    pub fn run(&self, server: &Server) -> Result<Vec<(Figure, f64)>, String> {
        let mut command = self.cores.command(&release_program("ochre-benchmark"));
        command.args(["-h", "127.0.0.1", "-p", &server.port.to_string(), "-c", "50", "-d", "16", "--json"]);
        command.args(["-n", &self.requests.to_string(), "-r", &self.keys.to_string()]);
        command.args(["-P", &self.pipeline.to_string()]);
        if is_test(self.request) {
            command.args(["-t", self.request]);
        } else {
            command.args(self.request.split(' '));
        }
        let before = server.cpu_us();
        let output = command.output().map_err(|error| format!("ochre-benchmark cannot be run: {error}"))?;
        let used = server.cpu_us() - before;
        let text = String::from_utf8_lossy(&output.stdout);
        let missing = || format!("ochre-benchmark: {text}{}", String::from_utf8_lossy(&output.stderr));
        let read = |name: &str| number(&text, name).ok_or_else(missing);
        Ok(vec![
            (Figure::Throughput, read("rps")?),
            (Figure::P50, read("p50_latency_ms")?),
            (Figure::P99, read("p99_latency_ms")?),
            (Figure::CpuPerCommand, used / read("requests")?),
        ])
    }

    /// A load on the contest's options; four times the requests in a pipeline, where they take less time.
    pub fn of<'l>(contest: &Contest<'_>, request: &'l str, pipeline: u64, keys: u64) -> Load<'l> {
        let requests = contest.options.requests * if pipeline > 1 { 4 } else { 1 };
        Load { request, pipeline, requests, keys, cores: Cores::Load }
    }
}

/// The names of tests are in small letters.
fn is_test(request: &str) -> bool {
    request.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The number of a field in a flat JSON object.
fn number(json: &str, name: &str) -> Option<f64> {
    let (_, rest) = json.split_once(&format!("\"{name}\":"))?;
    rest.split([',', '}']).next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_field() {
        let json = "{\"test\":\"GET\",\"rps\":12.50,\"p99_latency_ms\":0.250}\n";
        assert_eq!((number(json, "rps"), number(json, "p99_latency_ms")), (Some(12.5), Some(0.25)));
        assert_eq!(number(json, "p50_latency_ms"), None);
    }

    #[test]
    fn tells_tests_from_requests() {
        assert!(is_test("get"));
        assert!(!is_test("PING") && !is_test("get key"));
    }
}
