//! The command line of the server: a file, standard input, and options as lines.

use stdx::bytes::{append_quoted, split_arguments};

/// What a command line asks to read, in this order.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct CommandLine {
    /// The file's name as it was given.
    pub file: Option<Vec<u8>>,
    /// Whether standard input is read as well.
    pub reads_stdin: bool,
    /// The options as the lines of a file.
    pub lines: Vec<u8>,
}

impl CommandLine {
    /// Reads `[FILE | -] [--option value ...]`, the name of the program not among the arguments.
    ///
    /// `--option` begins a line and what follows are its words, so that `--slaveof 127.0.0.1 6379` needs no quotes. The
    /// word after an option is its value even if it begins with dashes; only `--save` may stand without one. An option
    /// and its value may also be one argument, `"--port 7777"`. A `-` at the beginning or the end is standard input.
    pub fn parse(arguments: &[Vec<u8>]) -> Self {
        let mut parsed = Self::default();
        let mut rest = arguments;
        if let [first, others @ ..] = arguments
            && !first.starts_with(b"-")
        {
            parsed.file = Some(first.clone());
            rest = others;
        }
        let mut awaits_value = false;
        for (index, argument) in rest.iter().enumerate() {
            let is_last = index + 1 == rest.len();
            let is_first = index == 0 && parsed.file.is_none();
            if argument == b"-" && (is_first || is_last) {
                parsed.reads_stdin = true;
            } else if let (false, Some(option)) = (awaits_value, argument.strip_prefix(b"--")) {
                awaits_value = parsed.begin_line(option, rest.get(index + 1));
            } else {
                append_quoted(&mut parsed.lines, argument);
                parsed.lines.push(b' ');
                awaits_value = false;
            }
        }
        parsed
    }

    /// Begins the line of an option; tells whether the next argument is its value, whatever it looks like.
    fn begin_line(&mut self, option: &[u8], next: Option<&Vec<u8>>) -> bool {
        if !self.lines.is_empty() {
            self.lines.push(b'\n');
        }
        self.lines.extend_from_slice(option);
        self.lines.push(b' ');
        let is_name_only = split_arguments(option).is_ok_and(|words| words.len() <= 1);
        let is_followed = next.is_some_and(|next| !next.starts_with(b"--"));
        if is_name_only && option.eq_ignore_ascii_case(b"save") && !is_followed {
            self.lines.extend_from_slice(b"\"\"");
            return false;
        }
        is_name_only
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> CommandLine {
        let arguments: Vec<Vec<u8>> = arguments.iter().map(|argument| argument.as_bytes().to_vec()).collect();
        CommandLine::parse(&arguments)
    }

    fn check(arguments: &[&str], lines: &str) {
        let parsed = parse(arguments);
        assert_eq!(String::from_utf8_lossy(&parsed.lines), lines, "{arguments:?}");
        assert!(!parsed.reads_stdin, "{arguments:?}");
    }

    #[test]
    fn options_become_lines() {
        check(&[], "");
        check(&["--port", "1"], "port \"1\" ");
        check(&["--save", "60", "1", "--slaveof", "h", "2"], "save \"60\" \"1\" \nslaveof \"h\" \"2\" ");
        check(&["--bind 127.0.0.1 -::1", "--port", "1"], "bind 127.0.0.1 -::1 \nport \"1\" ");
        check(&["--bind", "127.0.0.1", "-::1"], "bind \"127.0.0.1\" \"-::1\" ");
        check(&["--port", "1\nx 2"], "port \"1\\nx 2\" ");
        check(&["-port", "1"], "\"-port\" \"1\" ");
        check(&["--port=1"], "port=1 ");
    }

    #[test]
    fn the_word_after_an_option_is_its_value() {
        check(&["--masterauth", "--x", "--port", "1"], "masterauth \"--x\" \nport \"1\" ");
        check(&["--appendonly"], "appendonly ");
    }

    #[test]
    fn save_may_stand_alone() {
        check(&["--save"], "save \"\"");
        check(&["--save", "--port", "1"], "save \"\"\nport \"1\" ");
        check(&["--save", ""], "save \"\" ");
    }

    #[test]
    fn files_and_standard_input() {
        assert_eq!(parse(&["a.conf", "port", "1"]).file, Some(b"a.conf".to_vec()));
        assert_eq!(parse(&["a.conf", "port", "1"]).lines, b"\"port\" \"1\" ");
        assert!(parse(&["-"]).reads_stdin && parse(&["-", "--port", "1"]).reads_stdin);
        assert!(parse(&["--port", "1", "-"]).reads_stdin && parse(&["a.conf", "-"]).reads_stdin);
        check(&["--bind", "-", "x"], "bind \"-\" \"x\" ");
    }
}
