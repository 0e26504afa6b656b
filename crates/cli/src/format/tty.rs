//! Replies for people: each with its type, elements numbered and indented.

use resp::value::Value;

use crate::quote::append_quoted;

/// Appends a reply and a newline. `indent` stands before every line but the first: whoever calls has written that one's start.
pub fn append(output: &mut Vec<u8>, reply: &Value, indent: &[u8]) {
    match reply {
        Value::Simple(text) | Value::Verbatim { text, .. } => append_line(output, b"", text),
        Value::Error(text) => append_line(output, b"(error) ", text),
        Value::Integer(number) => append_line(output, b"(integer) ", number.to_string().as_bytes()),
        Value::Double(text) => append_line(output, b"(double) ", text),
        Value::BigNumber(text) => append_line(output, b"(big number) ", text),
        Value::Null | Value::NullArray => append_line(output, b"", b"(nil)"),
        Value::Boolean(true) => append_line(output, b"", b"(true)"),
        Value::Boolean(false) => append_line(output, b"", b"(false)"),
        Value::Bulk(text) => {
            append_quoted(output, text);
            output.push(b'\n');
        }
        Value::Array(elements) => append_elements(output, elements, "array", ')', indent),
        Value::Set(elements) => append_elements(output, elements, "set", '~', indent),
        Value::Push(elements) => append_elements(output, elements, "push", ')', indent),
        Value::Map(pairs) => append_pairs(output, pairs, indent),
        Value::Attribute { value, .. } => append(output, value, indent),
    }
}

fn append_line(output: &mut Vec<u8>, label: &[u8], text: &[u8]) {
    output.extend_from_slice(label);
    output.extend_from_slice(text);
    output.push(b'\n');
}

fn append_elements(output: &mut Vec<u8>, elements: &[Value], kind: &str, mark: char, indent: &[u8]) {
    if elements.is_empty() {
        return output.extend(format!("(empty {kind})\n").bytes());
    }
    let numbering = Numbering::new(elements.len(), mark, indent);
    for (index, element) in elements.iter().enumerate() {
        numbering.append(output, index);
        append(output, element, &numbering.inner_indent);
    }
}

fn append_pairs(output: &mut Vec<u8>, pairs: &[(Value, Value)], indent: &[u8]) {
    if pairs.is_empty() {
        return output.extend(b"(empty hash)\n");
    }
    let numbering = Numbering::new(pairs.len(), '#', indent);
    for (index, (key, value)) in pairs.iter().enumerate() {
        numbering.append(output, index);
        append(output, key, &numbering.inner_indent);
        output.pop();
        output.extend(b" => ");
        if takes_lines(value) {
            output.push(b'\n');
            output.extend_from_slice(&numbering.inner_indent);
        }
        append(output, value, &numbering.inner_indent);
    }
}

/// True of an aggregate that needs several lines, so that it begins on one of its own.
fn takes_lines(value: &Value) -> bool {
    match value {
        Value::Array(elements) | Value::Set(elements) | Value::Push(elements) => match elements.as_slice() {
            [] => false,
            [only] => takes_lines(only),
            _ => true,
        },
        Value::Map(pairs) => match pairs.as_slice() {
            [] => false,
            [(_, only)] => takes_lines(only),
            _ => true,
        },
        Value::Attribute { value, .. } => takes_lines(value),
        _ => false,
    }
}

/// The numbers before the elements of one aggregate, right-aligned.
struct Numbering<'a> {
    width: usize,
    mark: char,
    indent: &'a [u8],
    inner_indent: Vec<u8>,
}

impl<'a> Numbering<'a> {
    fn new(count: usize, mark: char, indent: &'a [u8]) -> Self {
        let width = count.to_string().len();
        let mut inner_indent = indent.to_vec();
        inner_indent.resize(indent.len() + width + 2, b' ');
        Numbering { width, mark, indent, inner_indent }
    }

    fn append(&self, output: &mut Vec<u8>, index: usize) {
        if index > 0 {
            output.extend_from_slice(self.indent);
        }
        let (width, mark) = (self.width, self.mark);
        output.extend(format!("{:width$}{mark} ", index + 1).bytes());
    }
}

/// The line for a push that names keys changed by others, if `push` is one.
pub fn invalidated_keys(push: &Value) -> Option<Vec<u8>> {
    let [kind, keys] = push.as_elements()? else { return None };
    let keys = keys.as_elements().filter(|_| kind.as_bytes() == Some(b"invalidate"))?;
    let mut line = b"-> invalidate: ".to_vec();
    for (index, key) in keys.iter().enumerate() {
        line.extend_from_slice(if index > 0 { b", '" } else { b"'" });
        line.extend_from_slice(key.as_bytes().unwrap_or_default());
        line.push(b'\'');
    }
    line.push(b'\n');
    Some(line)
}
