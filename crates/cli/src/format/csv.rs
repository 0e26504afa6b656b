//! Replies as one line of comma-separated values, nesting flattened.

use resp::value::Value;

use crate::quote::append_quoted;

/// Appends a reply without a newline.
pub fn append(output: &mut Vec<u8>, reply: &Value) {
    match reply {
        Value::Null | Value::NullArray => output.extend(b"NULL"),
        Value::Error(text) => {
            output.extend(b"ERROR,");
            append_quoted(output, text);
        }
        Value::Simple(text) | Value::Bulk(text) | Value::Verbatim { text, .. } => append_quoted(output, text),
        Value::Double(text) | Value::BigNumber(text) => output.extend_from_slice(text),
        Value::Integer(number) => output.extend(number.to_string().bytes()),
        Value::Boolean(truth) => output.extend(truth.to_string().bytes()),
        Value::Array(elements) | Value::Set(elements) | Value::Push(elements) => {
            append_all(output, elements.iter());
        }
        Value::Map(pairs) => append_all(output, pairs.iter().flat_map(|(key, value)| [key, value])),
        Value::Attribute { value, .. } => append(output, value),
    }
}

fn append_all<'a>(output: &mut Vec<u8>, elements: impl Iterator<Item = &'a Value>) {
    for (index, element) in elements.enumerate() {
        if index > 0 {
            output.push(b',');
        }
        append(output, element);
    }
}
