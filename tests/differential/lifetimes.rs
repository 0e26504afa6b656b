//! Times to live that do not end while the test runs.

use fastrand::Rng;

/// A time to live that ends after the test, and that is not drawn twice: which of two equal ones ends later depends
/// on the millisecond in which each was set.
pub fn far_ahead(random: &mut Rng) -> Vec<u8> {
    random.u32(100_000..1_000_000_000).to_string().into_bytes()
}

/// Moves expiry times of less than a day far ahead: the two servers never run at the same instant, and a key must not
/// expire between their replies.
pub fn keep_expiries_far(words: &mut [Vec<u8>], random: &mut Rng) {
    let Some(name) = words.first().map(|name| name.to_ascii_uppercase()) else { return };
    let is_near = |word: &Vec<u8>| {
        let number = str::from_utf8(word).ok().and_then(|text| text.trim().parse::<i64>().ok());
        number.is_some_and(|number| (1..100_000).contains(&number))
    };
    // A number may count fields: only the one behind a unit is a time.
    if matches!(name.as_slice(), b"HGETEX" | b"HSETEX" | b"MSETEX") {
        for at in 2..words.len() {
            let is_unit = matches!(words[at - 1].to_ascii_uppercase().as_slice(), b"EX" | b"PX");
            if is_unit && is_near(&words[at]) {
                words[at] = far_ahead(random);
            }
        }
        return;
    }
    let first = match name.as_slice() {
        b"HEXPIRE" | b"HPEXPIRE" => {
            if words.get(2).is_some_and(is_near) {
                words[2] = far_ahead(random);
            }
            return;
        }
        b"SETEX" | b"PSETEX" | b"GETEX" | b"EXPIRE" | b"PEXPIRE" => 2,
        b"RESTORE" => 2,
        b"SET" => 3,
        _ => return,
    };
    for word in words.iter_mut().skip(first) {
        if is_near(word) {
            *word = far_ahead(random);
        }
    }
}
