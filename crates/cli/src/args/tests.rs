//! Command lines that are understood, and those that are refused.

use super::*;

fn read(arguments: &[&str]) -> Result<Options, String> {
    let arguments: Vec<Vec<u8>> = arguments.iter().map(|word| word.as_bytes().to_vec()).collect();
    let mut options = Options::new(false);
    options.read(&arguments, &mut Vec::new()).map(|()| options).map_err(|refusal| refusal.to_string())
}

#[test]
fn reads_where_and_who() {
    let options = read(&["-h", "::1", "-p", "7", "--user", "u", "--pass", "p", "-n", "3"]).expect("good");
    assert_eq!(options.address, Address::Tcp { host: "::1".into(), port: 7 });
    assert_eq!(
        (options.user, options.password, options.database),
        (Some(b"u".to_vec()), Some(b"p".to_vec()), 3)
    );
    let options = read(&["-u", "redis://u:p%20@h:8/2", "get", "-n"]).expect("good");
    assert_eq!(options.address, Address::Tcp { host: "h".into(), port: 8 });
    assert_eq!((options.password, options.database), (Some(b"p ".to_vec()), 2));
    assert_eq!(options.command, [&b"get"[..], b"-n"]);
}

#[test]
fn json_asks_for_resp3_unless_told_otherwise() {
    assert_eq!(read(&["--json"]).expect("good").protocol, Protocol::Resp3IfKnown);
    assert_eq!(read(&["-2", "--json"]).expect("good").protocol, Protocol::Resp2);
    assert_eq!(read(&["-3"]).expect("good").protocol, Protocol::Resp3);
}

#[test]
fn numbers_are_read_as_far_as_they_go() {
    let options = read(&["-r", "12x", "-i", "0.5", "-n", "x"]).expect("good");
    assert_eq!((options.repeat, options.interval, options.database), (12, Duration::from_millis(500), 0));
    assert_eq!(read(&["-i", "-1"]).expect("good").interval, Duration::ZERO);
}

#[test]
fn quoted_input_is_unquoted() {
    let options = read(&["--quoted-input", "set", "\"a\\x00\"", "'b c'"]).expect("good");
    assert_eq!(options.command, [&b"set"[..], b"a\0", b"b c"]);
    assert_eq!(read(&["--quoted-input", "\"a"]).err(), Some("Invalid quoted string".into()));
}

#[test]
fn refuses_with_the_words_of_redis_cli() {
    let cases = [
        (&["--bogus"][..], "Unrecognized option or bad number of args for: '--bogus'"),
        (&["-n"], "Unrecognized option or bad number of args for: '-n'"),
        (&["-2", "-3"], "Options -2 and -3 are mutually exclusive."),
        (&["-x", "-X", "t"], "Options -x and -X are mutually exclusive."),
        (&["-u", "http://h"], "Invalid URI scheme"),
        (&["-p", "70000"], "Invalid server port."),
        (&["-t", "1x"], "Invalid connection timeout for -t."),
        (&["-t", "-1"], "Invalid connection timeout for -t."),
    ];
    for (arguments, text) in cases {
        assert_eq!(read(arguments).err().as_deref(), Some(text), "{arguments:?}");
    }
}

#[test]
fn a_host_option_without_a_host_asks_for_help() {
    assert_eq!(read(&["-p", "7", "-h"]).expect("good").mode, Mode::Help);
    assert_eq!(read(&["-h", "there"]).expect("good").mode, Mode::Commands);
}
