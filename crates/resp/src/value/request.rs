//! Requests as a client sends them: an array of bulk strings.

use std::io::Write;

/// Appends one request to `output`; `arguments` starts with the command's name.
pub fn append_command<A: AsRef<[u8]>>(output: &mut Vec<u8>, arguments: &[A]) {
    append_arguments(output, arguments.len(), arguments.iter().map(AsRef::as_ref));
}

/// Like [`append_command`] for arguments that are not in a slice; `count` must be how many there are.
pub fn append_arguments<'a>(output: &mut Vec<u8>, count: usize, arguments: impl Iterator<Item = &'a [u8]>) {
    append_length(output, b'*', count);
    for argument in arguments {
        append_length(output, b'$', argument.len());
        output.extend_from_slice(argument);
        output.extend_from_slice(b"\r\n");
    }
}

fn append_length(output: &mut Vec<u8>, kind: u8, length: usize) {
    output.push(kind);
    write!(output, "{length}\r\n").expect("writing to memory cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_binary_and_empty_arguments() {
        let mut output = b"before".to_vec();
        append_command(&mut output, &[&b"SET"[..], b"\r\n\0", b""]);
        assert_eq!(output, b"before*3\r\n$3\r\nSET\r\n$3\r\n\r\n\0\r\n$0\r\n\r\n");
    }
}
