//! A cell of the grid: all positions whose geohashes begin with the same bits.

use super::{LATITUDE_MAX, LONGITUDE_MAX, Position, STEPS_MAX};
use std::ops::Range;

/// A cell: so many bits of each coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Counted from the west.
    column: u32,
    /// Counted from the south.
    row: u32,
    steps: u32,
}

impl Cell {
    /// The cell of a position on the grid.
    pub fn around(position: Position, steps: u32) -> Cell {
        Cell::around_with(position, steps, LATITUDE_MAX)
    }

    /// The same on a grid that reaches to another latitude.
    pub(super) fn around_with(position: Position, steps: u32, latitude_max: f64) -> Cell {
        let cells = (1_u64 << steps) as f64;
        let share = |value: f64, max: f64| ((value + max) / (max + max) * cells) as u32;
        Cell {
            column: share(position.longitude, LONGITUDE_MAX),
            row: share(position.latitude, latitude_max),
            steps,
        }
    }

    /// The cell of a geohash.
    pub fn from_bits(bits: u64, steps: u32) -> Cell {
        Cell { column: every_other_bit(bits >> 1), row: every_other_bit(bits), steps }
    }

    /// Its geohash: the row in the even bits, the column in the odd ones.
    pub fn bits(self) -> u64 {
        spread(self.row) | spread(self.column) << 1
    }

    /// The scores of the positions in it.
    pub fn scores(self) -> Range<f64> {
        let shift = 52 - 2 * self.steps;
        let bits = self.bits();
        (bits << shift) as f64..((bits + 1) << shift) as f64
    }

    /// Its western and eastern edge, in degrees.
    pub(super) fn longitudes(self) -> (f64, f64) {
        self.edges(self.column, LONGITUDE_MAX)
    }

    /// Its southern and northern edge, in degrees.
    pub(super) fn latitudes(self) -> (f64, f64) {
        self.edges(self.row, LATITUDE_MAX)
    }

    fn edges(self, index: u32, max: f64) -> (f64, f64) {
        let cells = (1_u64 << self.steps) as f64;
        let edge = |index: f64| -max + (index / cells) * (max + max);
        (edge(f64::from(index)), edge(f64::from(index) + 1.0))
    }

    /// Its middle.
    pub fn middle(self) -> Position {
        let ((west, east), (south, north)) = (self.longitudes(), self.latitudes());
        Position {
            longitude: ((west + east) / 2.0).clamp(-LONGITUDE_MAX, LONGITUDE_MAX),
            latitude: ((south + north) / 2.0).clamp(-LATITUDE_MAX, LATITUDE_MAX),
        }
    }

    /// The cell so many columns to the east and rows to the north; the grid goes round at its edges. The eastern and the
    /// northern edge of the map themselves lie in a column and a row of their own, which are kept where nothing moves.
    pub(super) fn neighbour(self, east: i32, north: i32) -> Cell {
        let mask = ((1_u64 << self.steps) - 1) as u32;
        let moved = |index: u32, by: i32| if by == 0 { index } else { index.wrapping_add_signed(by) & mask };
        Cell { column: moved(self.column, east), row: moved(self.row, north), ..self }
    }
}

/// Every bit twice as far from the lowest.
fn spread(value: u32) -> u64 {
    (0..STEPS_MAX.max(32)).fold(0, |bits, bit| bits | (u64::from(value) >> bit & 1) << (2 * bit))
}

/// The even bits side by side.
fn every_other_bit(bits: u64) -> u32 {
    (0..32).fold(0, |value, bit| value | ((bits >> (2 * bit) & 1) as u32) << bit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_back() {
        for (column, row) in [(0, 0), (1, 2), (0x03ff_ffff, 0x02aa_aaaa), (0x0155_5555, 0x03ff_ffff)] {
            let cell = Cell { column, row, steps: 26 };
            assert_eq!(Cell::from_bits(cell.bits(), 26), cell);
        }
        assert_eq!(Cell { column: 0b11, row: 0b01, steps: 2 }.bits(), 0b1011);
    }

    #[test]
    fn the_middle_lies_in_the_cell() {
        let position = Position { longitude: -122.4, latitude: 37.8 };
        for steps in 1..=26 {
            let cell = Cell::around(position, steps);
            assert_eq!(Cell::around(cell.middle(), steps), cell);
            assert!(cell.scores().contains(&position.to_score()), "{steps}");
        }
    }

    #[test]
    fn the_edges_of_the_map_stay_where_they_are() {
        for position in [
            Position { longitude: LONGITUDE_MAX, latitude: 10.0 },
            Position { longitude: 10.0, latitude: LATITUDE_MAX },
        ] {
            let cell = Cell::around(position, STEPS_MAX);
            assert_eq!(cell.neighbour(0, 0), cell);
            assert!(cell.scores().contains(&position.to_score()));
        }
    }

    #[test]
    fn neighbours_go_round() {
        let corner = Cell { column: 0, row: 3, steps: 2 };
        assert_eq!(corner.neighbour(-1, 1), Cell { column: 3, row: 0, steps: 2 });
        assert_eq!(corner.neighbour(1, -1), Cell { column: 1, row: 2, steps: 2 });
    }
}
