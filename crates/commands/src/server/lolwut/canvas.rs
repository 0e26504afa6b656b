//! A canvas of dots, eight of which make a character.

/// Dots, each there or not.
pub(super) struct Canvas {
    width: usize,
    dots: Vec<bool>,
}

/// The bit of each dot in a character: two columns, four rows.
const BITS: [[u32; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

impl Canvas {
    /// An empty canvas.
    pub(super) fn new(width: usize, height: usize) -> Canvas {
        let width = width.max(1);
        Canvas { width, dots: vec![false; width * height.max(1)] }
    }

    /// Puts a dot, if the place is on the canvas.
    fn put(&mut self, x: f64, y: f64) {
        let (x, y) = (x.round(), y.round());
        if x >= 0.0 && y >= 0.0 && (x as usize) < self.width {
            let place = (y as usize).saturating_mul(self.width).saturating_add(x as usize);
            if let Some(dot) = self.dots.get_mut(place) {
                *dot = true;
            }
        }
    }

    /// Draws a straight line.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64)) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let steps = dx.abs().max(dy.abs()).ceil().max(1.0);
        for step in 0..=steps as u32 {
            let share = f64::from(step) / steps;
            self.put(from.0 + dx * share, from.1 + dy * share);
        }
    }

    /// The canvas as lines of characters.
    pub(super) fn text(&self) -> String {
        let height = self.dots.len() / self.width;
        let mut text = String::new();
        for top in (0..height).step_by(4) {
            for left in (0..self.width).step_by(2) {
                text.push(self.character(left, top));
            }
            text.push('\n');
        }
        text
    }

    fn character(&self, left: usize, top: usize) -> char {
        let mut code = 0x2800;
        for (row, bits) in BITS.iter().enumerate() {
            for (column, bit) in bits.iter().enumerate() {
                let place = (top + row) * self.width + left + column;
                if left + column < self.width && self.dots.get(place) == Some(&true) {
                    code |= bit;
                }
            }
        }
        char::from_u32(code).unwrap_or(' ')
    }
}

#[cfg(test)]
mod tests {
    use super::Canvas;

    #[test]
    fn eight_dots_are_a_character() {
        let mut canvas = Canvas::new(3, 5);
        canvas.line((0.0, 0.0), (0.0, 4.0));
        canvas.line((2.0, 0.0), (9.0, 0.0));
        assert_eq!(canvas.text(), "\u{2847}\u{2801}\n\u{2801}\u{2800}\n");
    }
}
