//! The bytes of a pipeline, built once; only the digits of random numbers change between sends.

use crate::workload::Workload;

/// The digits of a random number in a request.
const DIGITS: usize = 12;

/// A pipeline's requests, one after another. One buffer serves all clients of a thread: it stays in the first cache.
pub struct Batch {
    bytes: Vec<u8>,
    request_bytes: usize,
    offsets: Vec<usize>,
    offsets_per_request: usize,
    range: u64,
    width: usize,
    random: fastrand::Rng,
}

impl Batch {
    /// A pipeline of `requests`, with numbers below `range`.
    pub fn new(workload: &Workload, requests: usize, range: u64, seed: u64) -> Batch {
        let request_bytes = workload.request.len();
        let place = |request: usize| {
            workload.random_offsets.iter().map(move |offset| request * request_bytes + offset)
        };
        Batch {
            bytes: workload.request.repeat(requests),
            request_bytes,
            offsets: (0..requests).flat_map(place).collect(),
            offsets_per_request: workload.random_offsets.len(),
            range: range.max(1),
            width: (range.max(2) - 1).to_string().len().min(DIGITS),
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// The bytes of the first `requests`, with fresh random numbers.
    pub fn refresh(&mut self, requests: usize) -> &[u8] {
        let changed = self.offsets.iter().take(requests * self.offsets_per_request);
        for &offset in changed {
            // The digits before these are zero and stay so.
            let start = offset + DIGITS - self.width;
            if let Some(digits) = self.bytes.get_mut(start..offset + DIGITS) {
                write_digits(digits, self.random.u64(..self.range));
            }
        }
        self.bytes.get(..requests * self.request_bytes).unwrap_or_default()
    }
}

/// Two digits at a time: half the divisions.
fn write_digits(digits: &mut [u8], number: u64) {
    let mut rest = number;
    let mut pairs = digits.rchunks_exact_mut(2);
    for pair in &mut pairs {
        let two = (rest % 100) as u8;
        rest /= 100;
        pair[0] = b'0' + two / 10;
        pair[1] = b'0' + two % 10;
    }
    if let [digit] = pairs.into_remainder() {
        *digit = b'0' + (rest % 10) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_numbers_of_any_width() {
        for (number, width, text) in
            [(7, 1, "7"), (42, 2, "42"), (42, 5, "00042"), (999_999_999_999, 12, "999999999999")]
        {
            let mut digits = vec![b'x'; width];
            write_digits(&mut digits, number);
            assert_eq!(String::from_utf8_lossy(&digits), text);
        }
    }

    #[test]
    fn draws_only_below_the_range() {
        let workload =
            Workload { title: String::new(), request: b"a000000000000b".to_vec(), random_offsets: vec![1] };
        let mut batch = Batch::new(&workload, 3, 11, 1);
        let mut seen = [false; 11];
        for _ in 0..200 {
            for request in batch.refresh(3).chunks(14) {
                let text = std::str::from_utf8(request).expect("text");
                let digits = text.strip_prefix('a').and_then(|text| text.strip_suffix('b')).expect("framed");
                seen[digits.parse::<usize>().expect("digits")] = true;
            }
        }
        assert_eq!(seen, [true; 11]);
        assert_eq!(batch.refresh(1).len(), 14);
    }
}
