//! The first word of an entry: kind, flags, lengths, access clock.

/// Flag: the key expires.
pub(crate) const HAS_EXPIRY: u8 = 1;
/// Flag: lengths and capacity lie in an extension, as does room for an expiry.
pub(crate) const WIDE: u8 = 2;
/// Flag: the string was changed by APPEND or SETRANGE.
pub(crate) const GROWN: u8 = 4;
/// Flag: a number that is kept as its text, as INCRBYFLOAT leaves it.
pub(crate) const TEXT: u8 = 8;
const EPOCH_SHIFT: u32 = 4;
/// Access clocks count seconds modulo 2^24.
pub(crate) const CLOCK_MASK: u32 = 0x00ff_ffff;
/// Snapshot epochs run modulo this.
pub(crate) const EPOCHS: u8 = 16;

/// The header as one word, from the low end: kind 8, flags 8, value length 16, clock 24, key length 8. It is always read
/// and written whole: a narrow write before a wide read would stall the processor.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Header(u64);

impl Header {
    const FLAGS_SHIFT: u32 = 8;
    const VALUE_SHIFT: u32 = 16;
    const CLOCK_SHIFT: u32 = 32;
    const KEY_SHIFT: u32 = 56;

    /// A header of no length, flag, epoch or clock.
    pub(crate) fn new(kind: u8) -> Header {
        Header(u64::from(kind))
    }

    pub(crate) fn kind(self) -> u8 {
        self.0 as u8
    }

    pub(crate) fn flags(self) -> u8 {
        (self.0 >> Header::FLAGS_SHIFT) as u8
    }

    pub(crate) fn has(self, flag: u8) -> bool {
        self.flags() & flag != 0
    }

    pub(crate) fn epoch(self) -> u8 {
        self.flags() >> EPOCH_SHIFT
    }

    pub(crate) fn value_len(self) -> usize {
        usize::from((self.0 >> Header::VALUE_SHIFT) as u16)
    }

    pub(crate) fn clock(self) -> u32 {
        (self.0 >> Header::CLOCK_SHIFT) as u32 & CLOCK_MASK
    }

    pub(crate) fn key_len(self) -> usize {
        (self.0 >> Header::KEY_SHIFT) as usize
    }

    pub(crate) fn with(self, flag: u8, on: bool) -> Header {
        let bit = u64::from(flag) << Header::FLAGS_SHIFT;
        Header(if on { self.0 | bit } else { self.0 & !bit })
    }

    pub(crate) fn with_epoch(self, epoch: u8) -> Header {
        let shift = Header::FLAGS_SHIFT + EPOCH_SHIFT;
        Header(self.0 & !(0x0f << shift) | u64::from(epoch) << shift)
    }

    pub(crate) fn with_clock(self, clock: u32) -> Header {
        let mask = u64::from(CLOCK_MASK) << Header::CLOCK_SHIFT;
        Header(self.0 & !mask | u64::from(clock & CLOCK_MASK) << Header::CLOCK_SHIFT)
    }

    pub(crate) fn with_value_len(self, value_len: u16) -> Header {
        Header(self.0 & !(0xffff << Header::VALUE_SHIFT) | u64::from(value_len) << Header::VALUE_SHIFT)
    }

    pub(crate) fn with_key_len(self, key_len: u8) -> Header {
        Header(self.0 & !(0xff << Header::KEY_SHIFT) | u64::from(key_len) << Header::KEY_SHIFT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_touch_each_other() {
        let full = Header::new(5).with(WIDE, true).with_epoch(9).with_clock(CLOCK_MASK);
        let full = full.with_value_len(u16::MAX).with_key_len(u8::MAX);
        assert_eq!((full.kind(), full.epoch(), full.clock()), (5, 9, CLOCK_MASK));
        assert_eq!((full.value_len(), full.key_len()), (65_535, 255));
        assert!(full.has(WIDE) && !full.has(GROWN) && !full.has(HAS_EXPIRY));
        let less =
            full.with_epoch(0).with(WIDE, false).with_clock(1 << 24 | 7).with_value_len(0).with_key_len(1);
        assert_eq!((less.kind(), less.flags(), less.clock()), (5, 0, 7));
        assert_eq!((less.value_len(), less.key_len()), (0, 1));
    }
}
