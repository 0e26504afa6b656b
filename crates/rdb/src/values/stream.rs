//! Placeholder of stream on this branch.

use std::io::Read;

use datatypes::stream::Stream;

use crate::encoder::Encoder;
use crate::error::{RdbError, Reason};
use crate::format::type_code;
use crate::source::Source;
use crate::values::Reading;

pub(super) fn code_of(_value: &Stream, _version: u32) -> u8 {
    type_code::STREAM
}

pub(super) fn write(_encoder: &mut Encoder, _value: &Stream) {}

pub(super) fn read<R: Read>(_source: &mut Source<R>, reading: Reading) -> Result<Stream, RdbError> {
    Err(RdbError::new(reading.offset, Reason::TypeNotSupported { code: reading.code }))
}
