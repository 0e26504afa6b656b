//! Replies as JSON. An error is `error:"..."`, which no JSON reader takes for a value.

use resp::value::Value;

use crate::quote::append_quoted;

/// Appends bytes as a JSON string.
pub type AppendString = fn(&mut Vec<u8>, &[u8]);

/// Appends a reply without a newline; `append_text` chooses how strings are escaped.
pub fn append(output: &mut Vec<u8>, reply: &Value, append_text: AppendString) {
    match reply {
        Value::Null | Value::NullArray => output.extend(b"null"),
        Value::Error(text) => {
            output.extend(b"error:");
            append_text(output, text);
        }
        Value::Simple(text) | Value::Bulk(text) | Value::Verbatim { text, .. } => append_text(output, text),
        Value::Double(text) | Value::BigNumber(text) => output.extend_from_slice(text),
        Value::Integer(number) => output.extend(number.to_string().bytes()),
        Value::Boolean(truth) => output.extend(truth.to_string().bytes()),
        Value::Array(elements) | Value::Set(elements) | Value::Push(elements) => {
            output.push(b'[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    output.push(b',');
                }
                append(output, element, append_text);
            }
            output.push(b']');
        }
        Value::Map(pairs) => append_pairs(output, pairs, append_text),
        Value::Attribute { value, .. } => append(output, value, append_text),
    }
}

fn append_pairs(output: &mut Vec<u8>, pairs: &[(Value, Value)], append_text: AppendString) {
    output.push(b'{');
    for (index, (key, value)) in pairs.iter().enumerate() {
        if index > 0 {
            output.push(b',');
        }
        // JSON has only strings as keys; other replies go between quotes as they would be printed.
        let is_string =
            matches!(key, Value::Simple(_) | Value::Bulk(_) | Value::Verbatim { .. } | Value::Error(_));
        if !is_string {
            output.push(b'"');
        }
        append(output, key, append_text);
        if !is_string {
            output.push(b'"');
        }
        output.push(b':');
        append(output, value, append_text);
    }
    output.push(b'}');
}

/// A JSON string with the bytes beyond ASCII as they are.
pub fn append_string(output: &mut Vec<u8>, bytes: &[u8]) {
    output.push(b'"');
    for &byte in bytes {
        match byte {
            b'\\' | b'"' => output.extend([b'\\', byte]),
            b'\n' => output.extend(b"\\n"),
            0x0c => output.extend(b"\\f"),
            b'\r' => output.extend(b"\\r"),
            b'\t' => output.extend(b"\\t"),
            0x08 => output.extend(b"\\b"),
            0..=0x1f => output.extend(format!("\\u{byte:04x}").bytes()),
            _ => output.push(byte),
        }
    }
    output.push(b'"');
}

/// A JSON string that spells the text as it would be quoted on a terminal.
pub fn append_ascii_string(output: &mut Vec<u8>, bytes: &[u8]) {
    let mut quoted = Vec::new();
    append_quoted(&mut quoted, bytes);
    append_string(output, quoted.get(1..quoted.len() - 1).unwrap_or_default());
}
