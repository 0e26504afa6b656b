//! The drawing of version 5: rows of squares that lose their order on the way down, as Georg Nees had a plotter draw them.

use super::canvas::Canvas;
use stdx::random::Random;

/// The most columns of characters, squares in a row, and rows.
const MOST: [i64; 3] = [1000, 200, 200];
/// The most dots of the canvas's height.
const HIGHEST: f64 = 4000.0;

/// Draws with so many columns of characters, squares in a row, rows of squares.
pub(super) fn draw(sizes: [i64; 3], random: &mut Random) -> String {
    let [columns, across, down] = std::array::from_fn(|index| sizes[index].clamp(1, MOST[index]) as usize);
    let width = columns * 2;
    let margin = if width > 4 { 2.0 } else { 0.0 };
    let side = (width as f64 - 2.0 * margin) / across as f64;
    let height = (side * down as f64 + 2.0 * margin).min(HIGHEST);
    let mut canvas = Canvas::new(width, height.ceil() as usize);
    for row in 0..down {
        let disorder = if down > 1 { row as f64 / (down - 1) as f64 } else { 0.0 };
        for column in 0..across {
            let mut off = |most: f64| (random.fraction() * 2.0 - 1.0) * most * disorder * disorder;
            let turn = off(std::f64::consts::FRAC_PI_4);
            let middle = (
                margin + (column as f64 + 0.5) * side + off(side / 3.0),
                margin + (row as f64 + 0.5) * side + off(side / 3.0),
            );
            square(&mut canvas, middle, side, turn);
        }
    }
    format!("{}\nSquares in less and less order, after Georg Nees. ", canvas.text())
}

fn square(canvas: &mut Canvas, middle: (f64, f64), side: f64, turn: f64) {
    let radius = side / std::f64::consts::SQRT_2;
    let corner = |number: u32| {
        let angle = turn + std::f64::consts::FRAC_PI_4 + f64::from(number) * std::f64::consts::FRAC_PI_2;
        (middle.0 + radius * angle.cos(), middle.1 + radius * angle.sin())
    };
    (0..4).for_each(|number| canvas.line(corner(number), corner(number + 1)));
}
