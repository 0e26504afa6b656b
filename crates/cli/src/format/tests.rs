//! Tables of replies and their text, as redis-cli prints them.

use resp::value::parse;

use super::*;

fn format(form: Form, bytes: &str) -> String {
    let (reply, _) = parse(bytes.as_bytes()).expect("RESP").expect("whole");
    String::from_utf8(Formatter::new(form).format(&reply, false)).expect("text")
}

fn check(form: Form, cases: &[(&str, &str)]) {
    for (bytes, text) in cases {
        assert_eq!(format(form, bytes), *text, "{bytes:?}");
    }
}

#[test]
fn on_a_terminal() {
    check(
        Form::Tty,
        &[
            ("+OK\r\n", "OK\n"),
            ("-ERR a\"b\r\n", "(error) ERR a\"b\n"),
            (":-5\r\n", "(integer) -5\n"),
            (",1.50\r\n", "(double) 1.50\n"),
            ("(12\r\n", "(big number) 12\n"),
            ("$-1\r\n", "(nil)\n"),
            ("*-1\r\n", "(nil)\n"),
            ("_\r\n", "(nil)\n"),
            ("#t\r\n", "(true)\n"),
            ("$5\r\na\"\nb\0\r\n", "\"a\\\"\\nb\\x00\"\n"),
            ("=7\r\ntxt:a\nb\r\n", "a\nb\n"),
            ("*0\r\n", "(empty array)\n"),
            ("%0\r\n", "(empty hash)\n"),
            ("~0\r\n", "(empty set)\n"),
            (">0\r\n", "(empty push)\n"),
            ("*2\r\n*2\r\n:1\r\n*1\r\n$1\r\nx\r\n_\r\n", "1) 1) (integer) 1\n   2) 1) \"x\"\n2) (nil)\n"),
            (
                "~2\r\n:1\r\n~1\r\n%1\r\n*1\r\n:2\r\n#t\r\n",
                "1~ (integer) 1\n2~ 1~ 1# 1) (integer) 2 => (true)\n",
            ),
        ],
    );
}

#[test]
fn on_a_terminal_a_value_of_several_lines_begins_a_line() {
    check(
        Form::Tty,
        &[
            ("%1\r\n+a\r\n*1\r\n:1\r\n", "1# a => 1) (integer) 1\n"),
            ("%1\r\n+a\r\n*2\r\n:1\r\n:2\r\n", "1# a => \n   1) (integer) 1\n   2) (integer) 2\n"),
            (
                "%1\r\n+a\r\n%1\r\n:1\r\n*2\r\n:2\r\n:3\r\n",
                "1# a => \n   1# (integer) 1 => \n      1) (integer) 2\n      2) (integer) 3\n",
            ),
            ("%1\r\n+a\r\n*1\r\n=7\r\ntxt:a\nb\r\n", "1# a => 1) a\nb\n"),
            ("%1\r\n*2\r\n:1\r\n:2\r\n:3\r\n", "1# 1) (integer) 1\n   2) (integer) 2 => (integer) 3\n"),
        ],
    );
    let ten = format(Form::Tty, &format!("*10\r\n{}*2\r\n:1\r\n:2\r\n", ":7\r\n".repeat(9)));
    assert!(ten.starts_with(" 1) (integer) 7\n"), "{ten}");
    assert!(ten.ends_with("\n10) 1) (integer) 1\n    2) (integer) 2\n"), "{ten}");
}

#[test]
fn raw() {
    check(
        Form::Raw,
        &[
            ("+OK\r\n", "OK\n"),
            ("-ERR x\r\n", "ERR x\n\n"),
            ("$-1\r\n", "\n"),
            ("#f\r\n", "(false)\n"),
            (",1.5\r\n", "1.5\n"),
            ("*3\r\n:1\r\n*2\r\n$1\r\na\r\n_\r\n%0\r\n", "1\na\n\n\n"),
            ("%2\r\n+a\r\n*2\r\n:1\r\n:2\r\n+b\r\n%1\r\n+x\r\n,1.5\r\n", "a 1\n2\nb x 1.5\n"),
        ],
    );
}

#[test]
fn raw_with_delimiters_of_ones_own() {
    let formatter =
        Formatter { form: Form::Raw, element_delimiter: b";".to_vec(), reply_delimiter: b"|".to_vec() };
    let (reply, _) = parse(b"*2\r\n:1\r\n*2\r\n:2\r\n:3\r\n").expect("RESP").expect("whole");
    assert_eq!(formatter.format(&reply, false), b"1;2;3|");
}

#[test]
fn text_for_people_is_printed_as_it_is() {
    let text = Value::Bulk(b"# Server\r\n".to_vec());
    for form in [Form::Tty, Form::Raw, Form::Csv, Form::Json] {
        assert_eq!(Formatter::new(form).format(&text, true), b"# Server\r\n");
    }
}

#[test]
fn csv() {
    check(
        Form::Csv,
        &[
            ("+a\"b\r\n", "\"a\\\"b\"\n"),
            ("-ERR x\r\n", "ERROR,\"ERR x\"\n"),
            ("*3\r\n:1\r\n*1\r\n$1\r\nx\r\n$-1\r\n", "1,\"x\",NULL\n"),
            ("%1\r\n+a\r\n#t\r\n", "\"a\",true\n"),
            ("*0\r\n", "\n"),
        ],
    );
}

#[test]
fn json() {
    check(
        Form::Json,
        &[
            ("$9\r\na\"\\\n\x07\x08\x7f\u{e9}\r\n", "\"a\\\"\\\\\\n\\u0007\\b\x7f\u{e9}\"\n"),
            ("-E\r\n", "error:\"E\"\n"),
            ("%2\r\n:1\r\n_\r\n*1\r\n:2\r\n#t\r\n", "{\"1\":null,\"[2]\":true}\n"),
            ("~2\r\n,1.5\r\n$-1\r\n", "[1.5,null]\n"),
        ],
    );
    check(Form::QuotedJson, &[("$4\r\na\n\u{e9}\r\n", "\"a\\\\n\\\\xc3\\\\xa9\"\n")]);
}

#[test]
fn pushes_about_changed_keys_have_a_line_of_their_own() {
    let (push, _) = parse(b">2\r\n+invalidate\r\n*2\r\n+a\r\n+b\r\n").expect("RESP").expect("whole");
    assert_eq!(Formatter::new(Form::Tty).format_push(&push), b"-> invalidate: 'a', 'b'\n");
    assert_eq!(Formatter::new(Form::Raw).format_push(&push), b"invalidate\na\nb\n");
}
