//! `--latency-dist`: how long PING takes, drawn as a spectrum of colours.

use std::time::{Duration, Instant};

use crate::Failure;
use crate::args::Options;
use crate::modes::{connection, open};
use crate::run::print;

/// Each mark on the scale, and the longest latency that it stands for, in microseconds.
const SCALE: [(char, u64); 31] = [
    ('.', 10),
    ('-', 125),
    ('*', 250),
    ('#', 500),
    ('1', 1_000),
    ('2', 2_000),
    ('3', 3_000),
    ('4', 4_000),
    ('5', 5_000),
    ('6', 6_000),
    ('7', 7_000),
    ('8', 8_000),
    ('9', 9_000),
    ('A', 10_000),
    ('B', 20_000),
    ('C', 30_000),
    ('D', 40_000),
    ('E', 50_000),
    ('F', 100_000),
    ('G', 200_000),
    ('H', 300_000),
    ('I', 400_000),
    ('J', 500_000),
    ('K', 1_000_000),
    ('L', 2_000_000),
    ('M', 4_000_000),
    ('N', 8_000_000),
    ('O', 16_000_000),
    ('P', 30_000_000),
    ('Q', 60_000_000),
    ('?', u64::MAX),
];

/// From none of the samples to all of them, as colours of a 256-colour terminal.
const PALETTE: [u8; 19] =
    [0, 233, 234, 235, 237, 239, 241, 243, 245, 247, 144, 143, 142, 184, 226, 214, 208, 202, 196];

/// Lines between two legends.
const LINES_PER_LEGEND: u64 = 20;

/// Between two samples.
const PAUSE: Duration = Duration::from_millis(1);

/// Draws until stopped.
pub fn run(options: &Options) -> Result<(), Failure> {
    let interval = if options.interval.is_zero() { Duration::from_secs(1) } else { options.interval };
    let mut session = open(options)?;
    for line in 0_u64.. {
        let (started, mut counts, mut total) = (Instant::now(), [0_u64; 31], 0_u64);
        while started.elapsed() < interval || total == 0 {
            let asked = Instant::now();
            connection(&mut session)?.ask(&["PING"])?;
            let latency_us = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
            let place = SCALE.iter().position(|(_, longest)| latency_us <= *longest).unwrap_or(0);
            if let Some(count) = counts.get_mut(place) {
                *count += 1;
            }
            total += 1;
            std::thread::sleep(PAUSE);
        }
        if line.is_multiple_of(LINES_PER_LEGEND) {
            print(legend().as_bytes())?;
        }
        print(spectrum(&counts, total).as_bytes())?;
    }
    Ok(())
}

fn spectrum(counts: &[u64], total: u64) -> String {
    let mut line = String::from("\x1b[38;5;0m");
    for ((mark, _), count) in SCALE.iter().zip(counts) {
        let share = (*count as f64 / total.max(1) as f64 * (PALETTE.len() - 1) as f64).ceil() as usize;
        let colour = PALETTE.get(share).unwrap_or(&PALETTE[PALETTE.len() - 1]);
        line.push_str(&format!("\x1b[48;5;{colour}m{mark}"));
    }
    line.push_str("\x1b[0m\n");
    line
}

fn legend() -> String {
    let rule = "---------------------------------------------\n";
    let colours: String = PALETTE.iter().map(|colour| format!("\x1b[48;5;{colour}m ")).collect();
    format!(
        "{rule}. - * #          .01 .125 .25 .5 milliseconds\n\
         1,2,3,...,9      from 1 to 9     milliseconds\n\
         A,B,C,D,E        10,20,30,40,50  milliseconds\n\
         F,G,H,I,J        .1,.2,.3,.4,.5       seconds\n\
         K,L,M,N,O,P,Q,?  1,2,4,8,16,30,60,>60 seconds\n\
         From 0 to 100%: {colours}\x1b[0m\n{rule}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_samples_the_warmer_the_colour() {
        let mut counts = [0; 31];
        counts[1] = 5;
        counts[2] = 5;
        counts[3] = 10;
        let line = spectrum(&counts, 10);
        assert!(
            line.starts_with("\x1b[38;5;0m\x1b[48;5;0m.\x1b[48;5;247m-\x1b[48;5;247m*\x1b[48;5;196m#"),
            "{line:?}"
        );
    }
}
