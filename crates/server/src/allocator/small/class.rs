//! The size classes: every multiple of eight up to a kilobyte; a little above that, as many blocks as a run can be cut into.

/// Bytes of a run.
pub const RUN_BYTES: usize = 32 << 10;
/// What a run keeps for itself, at its start.
pub const RUN_HEADER_BYTES: usize = 128;

const STEP_BYTES: usize = 8;
/// Up to here every step is a class.
const FINE_BYTES: usize = 1024;
const FINE_COUNT: usize = FINE_BYTES / STEP_BYTES;
const ROOM_BYTES: usize = RUN_BYTES - RUN_HEADER_BYTES;
/// How many blocks a run of the largest fine class has, and one of the largest of all.
const BLOCKS_AT_FINE: usize = ROOM_BYTES / FINE_BYTES;
const FEWEST_BLOCKS: usize = 26;

/// How many classes there are.
pub const COUNT: usize = FINE_COUNT + BLOCKS_AT_FINE - FEWEST_BLOCKS;
/// Larger blocks are not for this allocator.
pub const LARGEST_BYTES: usize = bytes_of(COUNT - 1);

/// Bytes of a block of `class`.
#[inline(always)]
pub const fn bytes_of(class: usize) -> usize {
    if class < FINE_COUNT {
        return (class + 1) * STEP_BYTES;
    }
    let blocks = BLOCKS_AT_FINE - 1 - (class - FINE_COUNT);
    ROOM_BYTES / blocks / STEP_BYTES * STEP_BYTES
}

/// How many blocks of `class` a run has.
pub const fn blocks_in_run(class: usize) -> usize {
    ROOM_BYTES / bytes_of(class)
}

/// The class for so many bytes, of which there are at most [`LARGEST_BYTES`].
#[inline(always)]
pub fn class_of(bytes: usize) -> usize {
    if bytes <= FINE_BYTES { bytes.saturating_sub(1) / STEP_BYTES } else { coarse_class_of(bytes) }
}

fn coarse_class_of(bytes: usize) -> usize {
    usize::from(COARSE[bytes.div_ceil(STEP_BYTES) - FINE_COUNT])
}

/// The classes above [`FINE_BYTES`] by steps.
static COARSE: [u8; LARGEST_BYTES / STEP_BYTES - FINE_COUNT + 1] = {
    let mut classes = [0; LARGEST_BYTES / STEP_BYTES - FINE_COUNT + 1];
    let mut class = FINE_COUNT - 1;
    let mut step = 0;
    while step < classes.len() {
        if (step + FINE_COUNT) * STEP_BYTES > bytes_of(class) {
            class += 1;
        }
        classes[step] = class as u8;
        step += 1;
    }
    classes
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_the_smallest_that_holds_the_bytes() {
        for bytes in 1..=LARGEST_BYTES {
            let class = class_of(bytes);
            assert!(bytes_of(class) >= bytes, "{bytes} in {class}");
            assert!(class == 0 || bytes_of(class - 1) < bytes, "{bytes} in {class}");
        }
        assert_eq!(class_of(LARGEST_BYTES), COUNT - 1);
    }

    #[test]
    fn little_is_lost() {
        for class in 0..COUNT {
            let bytes = bytes_of(class);
            assert!(bytes.is_multiple_of(STEP_BYTES));
            let lost = ROOM_BYTES - blocks_in_run(class) * bytes;
            assert!(lost * 32 < ROOM_BYTES, "class {class} of {bytes} loses {lost} at a run's end");
        }
        assert_eq!((bytes_of(class_of(88)), bytes_of(class_of(1048))), (88, 1088));
        assert_eq!(bytes_of(COUNT - 1), 1248);
    }
}
