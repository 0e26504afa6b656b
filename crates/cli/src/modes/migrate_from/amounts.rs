//! Sizes and durations as they are read by people.

/// A size, in the unit in which it has few digits.
pub fn bytes(amount: u64) -> String {
    let units = ["KB", "MB", "GB", "TB"];
    if amount < 1000 {
        return format!("{amount} bytes");
    }
    let mut scaled = amount as f64 / 1000.0;
    let mut unit = 0;
    while scaled >= 999.95 && unit + 1 < units.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    format!("{scaled:.1} {}", units.get(unit).unwrap_or(&"TB"))
}

/// A duration, given in milliseconds.
pub fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..120_000 => format!("{:.1} s", ms as f64 / 1000.0),
        120_000..7_200_000 => format!("{} min", ms / 60_000),
        _ => format!("{} h {} min", ms / 3_600_000, ms / 60_000 % 60),
    }
}

/// A number with its noun: `1 key`, `2 keys`.
pub fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_units() {
        assert_eq!([12, 1500, 999_960, 5_300_000_000].map(bytes), ["12 bytes", "1.5 KB", "1.0 MB", "5.3 GB"]);
        assert_eq!([7, 1500, 180_000, 7_260_000].map(duration), ["7 ms", "1.5 s", "3 min", "2 h 1 min"]);
        assert_eq!((counted(1, "key"), counted(0, "key")), ("1 key".to_owned(), "0 keys".to_owned()));
    }
}
