//! Replies for programs: nothing but the bytes.

use resp::value::Value;

/// Appends a reply; `delimiter` stands between elements.
pub fn append(output: &mut Vec<u8>, reply: &Value, delimiter: &[u8]) {
    match reply {
        Value::Null | Value::NullArray => {}
        Value::Error(text) => {
            output.extend_from_slice(text);
            output.push(b'\n');
        }
        Value::Simple(text)
        | Value::Bulk(text)
        | Value::Double(text)
        | Value::BigNumber(text)
        | Value::Verbatim { text, .. } => output.extend_from_slice(text),
        Value::Integer(number) => output.extend(number.to_string().bytes()),
        Value::Boolean(truth) => output.extend_from_slice(if *truth { b"(true)" } else { b"(false)" }),
        Value::Array(elements) | Value::Set(elements) | Value::Push(elements) => {
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    output.extend_from_slice(delimiter);
                }
                append(output, element, delimiter);
            }
        }
        Value::Map(pairs) => {
            for (index, (key, value)) in pairs.iter().enumerate() {
                if index > 0 {
                    output.extend_from_slice(delimiter);
                }
                append(output, key, delimiter);
                output.push(b' ');
                append(output, value, delimiter);
            }
        }
        Value::Attribute { value, .. } => append(output, value, delimiter),
    }
}
