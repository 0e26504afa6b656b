//! Tests of number text: the edges, and round trips over seeded random values.

use super::*;

fn written(append: fn(&mut Vec<u8>, f64), value: f64) -> String {
    let mut out = Vec::new();
    append(&mut out, value);
    String::from_utf8(out).expect("numbers are ASCII")
}

#[test]
fn integers_have_one_spelling() {
    for text in ["0", "1", "-1", "10", "9223372036854775807", "-9223372036854775808"] {
        let value: i64 = text.parse().expect("a number");
        assert_eq!(parse_i64(text.as_bytes()), Some(value), "{text}");
        let mut out = Vec::new();
        append_i64(&mut out, value);
        assert_eq!(out, text.as_bytes());
        assert_eq!(decimal_len(value), text.len());
    }
    for text in ["", "-", "+1", "01", "-0", "-01", " 1", "1 ", "1a", "0x1", "1.0", "--1", "00"] {
        assert_eq!(parse_i64(text.as_bytes()), None, "{text}");
    }
    for text in
        ["9223372036854775808", "-9223372036854775809", "18446744073709551616", "100000000000000000000000"]
    {
        assert_eq!(parse_i64(text.as_bytes()), None, "{text}");
    }
    assert_eq!(parse_u64(b"18446744073709551615"), Some(u64::MAX));
    assert_eq!(parse_u64(b"18446744073709551616"), None);
    assert_eq!(parse_u64(b"99999999999999999999"), None);
}

#[test]
fn random_integers_round_trip() {
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..20_000 {
        let value = random.i64(..) >> random.u32(0..64);
        let mut out = Vec::new();
        append_i64(&mut out, value);
        assert_eq!(parse_i64(&out), Some(value));
        assert_eq!(decimal_len(value), out.len());
    }
}

#[test]
fn doubles_are_read_as_strtod_does() {
    let accepted = [
        ("1", 1.0),
        ("+1", 1.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-0", -0.0),
        ("000000123456", 123_456.0),
        ("-999999999999999", -999_999_999_999_999.0),
        ("9007199254740993", 9_007_199_254_740_992.0),
        ("1e3", 1000.0),
        ("1E+03", 1000.0),
        ("0e99999999999999999999", 0.0),
        ("0x10", 16.0),
        ("0X.8p1", 1.0),
        ("-0x1.8P+1", -3.0),
        ("0xep1", 28.0),
        ("inf", f64::INFINITY),
        ("+Infinity", f64::INFINITY),
        ("-INF", f64::NEG_INFINITY),
        ("4.9406564584124654e-324", 5e-324),
        ("1.7976931348623157e308", f64::MAX),
    ];
    for (text, value) in accepted {
        assert_eq!(parse_f64(text.as_bytes()).map(f64::to_bits), Some(value.to_bits()), "{text}");
    }
    let refused = [
        "",
        "-",
        "12-3",
        " 1",
        "1 ",
        "nan",
        "-nan",
        "nan(1)",
        "1e",
        "1e+",
        ".",
        "e5",
        "0x",
        "0x.",
        "0x1p",
        "1.2.3",
        "--1",
        "+-1",
        "1_0",
        "infinit",
        "1e400",
        "-1e99999999999999999999",
        "1e-400",
        "1e-99999999999999999999",
        "0x1p-2000",
        "1f",
        "1\0",
    ];
    for text in refused {
        assert_eq!(parse_f64(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn doubles_are_written_as_the_servers_do() {
    // Value, then what Redis 7.2 and later, and what Redis 7.0, reply to ZSCORE.
    let rows: &[(f64, &str, &str)] = &[
        (0.0, "0", "0"),
        (-0.0, "-0", "-0"),
        (1.0, "1", "1"),
        (-1.5, "-1.5", "-1.5"),
        (0.1, "0.1", "0.10000000000000001"),
        (1.0e17, "100000000000000000", "1e+17"),
        (3.0e-5, "0.00003", "3.0000000000000001e-05"),
        (1.5e-7, "1.5e-7", "1.4999999999999999e-07"),
        (0.001234, "0.001234", "0.0012340000000000001"),
        (1.0e20, "1e+20", "1e+20"),
        (1.0e21, "1e+21", "1e+21"),
        (123456789012345680.0, "123456789012345680", "1.2345678901234568e+17"),
        (5e-324, "5e-324", "4.9406564584124654e-324"),
        (f64::MAX, "1.7976931348623157e+308", "1.7976931348623157e+308"),
        (1.0 + 1.0 / 131072.0, "1.0000076293945312", "1.0000076293945312"),
        (f64::INFINITY, "inf", "inf"),
        (f64::NEG_INFINITY, "-inf", "-inf"),
    ];
    for &(value, shortest, seventeen) in rows {
        assert_eq!(written(append_f64, value), shortest);
        assert_eq!(written(append_f64_17g, value), seventeen);
    }
}

#[test]
fn random_doubles_round_trip() {
    let mut random = fastrand::Rng::with_seed(2);
    for _ in 0..20_000 {
        let value = f64::from_bits(random.u64(..));
        if value.is_finite() {
            for append in [append_f64, append_f64_17g] {
                let text = written(append, value);
                assert_eq!(parse_f64(text.as_bytes()), Some(value), "{text}");
            }
        }
    }
}
