//! The drawing of version 6: a town at night, in the shades that terminals have.

use stdx::random::Random;

/// The most columns and rows.
const MOST: [i64; 2] = [1000, 200];
const SKY: &str = "\x1b[0;30;40m \x1b[0m";
const WALL: &str = "\x1b[0;90;100m \x1b[0m";
const FAR_WALL: &str = "\x1b[0;37;47m \x1b[0m";
const WINDOW: &str = "\x1b[0;97;107m \x1b[0m";

/// Draws with so many columns and rows.
pub(super) fn draw(sizes: [i64; 2], random: &mut Random) -> String {
    let [columns, rows] = std::array::from_fn(|index| sizes[index].clamp(1, MOST[index]) as usize);
    let (far, near) = (roofs(columns, rows, random), roofs(columns, rows * 2 / 3, random));
    let mut text = String::new();
    for height in (0..rows).rev() {
        for column in 0..columns {
            let has_window = height % 2 == 1 && column % 3 == 1 && random.below(3) == 0;
            text.push_str(match () {
                () if height < near[column] && has_window => WINDOW,
                () if height < near[column] => WALL,
                () if height < far[column] => FAR_WALL,
                () => SKY,
            });
        }
        text.push('\n');
    }
    text.push_str("\nA town, not twice the same. ");
    text
}

/// How high the houses reach in each column.
fn roofs(columns: usize, highest: usize, random: &mut Random) -> Vec<usize> {
    let mut roofs = Vec::with_capacity(columns);
    while roofs.len() < columns {
        let (width, height) = (4 + random.index(8), random.index(highest.max(1)) + 1);
        roofs.extend(std::iter::repeat_n(height, width));
        // A gap to the next house, sometimes.
        roofs.extend(std::iter::repeat_n(0, random.index(3)));
    }
    roofs
}
