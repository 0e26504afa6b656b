//! Areas that are searched: which cells cover one, and whether a position lies in it.

use super::{Cell, EARTH_RADIUS_M, LATITUDE_MAX, Polygon, Position, Radians, STEPS_MAX, latitude_distance_m};

/// Half of the earth's circumference on the map, in metres: the range of the largest cells.
const MAP_RANGE_M: f64 = 20_037_726.37;

/// What is searched, around a position.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    /// Its middle.
    pub middle: Position,
    /// Its shape.
    pub shape: Shape,
}

/// A shape, in metres or by its corners.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// All positions that are not farther away than this.
    Circle {
        /// The distance.
        radius_m: f64,
    },
    /// All positions that are not farther to the sides than half of this.
    Box {
        /// From west to east.
        width_m: f64,
        /// From south to north.
        height_m: f64,
    },
    /// All positions inside.
    Polygon(Polygon),
}

/// Edges in degrees.
pub(super) struct Bounds {
    pub(super) west: f64,
    pub(super) south: f64,
    pub(super) east: f64,
    pub(super) north: f64,
}

impl Shape {
    /// Whether it is a circle.
    pub fn is_circle(&self) -> bool {
        matches!(self, Shape::Circle { .. })
    }

    /// Whether it is a box.
    pub fn is_box(&self) -> bool {
        matches!(self, Shape::Box { .. })
    }

    /// Whether it is a polygon.
    pub fn is_polygon(&self) -> bool {
        matches!(self, Shape::Polygon(_))
    }
}

impl Area {
    /// The distance of a position from the middle, in metres; none if it lies outside.
    pub fn distance_m(&self, position: Position) -> Option<f64> {
        match &self.shape {
            &Shape::Circle { radius_m } => {
                Some(self.middle.distance_m(position)).filter(|&distance_m| distance_m <= radius_m)
            }
            &Shape::Box { width_m, height_m } => {
                let along = latitude_distance_m(position.latitude, self.middle.latitude);
                let beside = Position { longitude: self.middle.longitude, latitude: position.latitude };
                let is_within = along <= height_m / 2.0 && position.distance_m(beside) <= width_m / 2.0;
                is_within.then(|| self.middle.distance_m(position))
            }
            Shape::Polygon(polygon) => polygon.contains(position).then(|| self.middle.distance_m(position)),
        }
    }

    /// The cells that cover the area, in the order in which Redis looks at them: results that are not sorted come so.
    pub fn cells(&self) -> Vec<Cell> {
        let bounds = self.bounds();
        let mut steps = self.steps();
        // The middle of a polygon may lie nearer to a pole than the grid reaches.
        let latitude = self.middle.latitude.clamp(-LATITUDE_MAX, LATITUDE_MAX);
        let middle = Position { latitude, ..self.middle };
        let mut cell = Cell::around(middle, steps);
        if steps > 1 && !reaches(cell, &bounds) {
            steps -= 1;
            cell = Cell::around(middle, steps);
        }
        let mut cells: Vec<Cell> = Vec::with_capacity(9);
        let ((west, east), (south, north)) = (cell.longitudes(), cell.latitudes());
        for (to_east, to_north) in AROUND {
            let is_useless = steps >= 2
                && (to_north < 0 && south < bounds.south
                    || to_north > 0 && north > bounds.north
                    || to_east < 0 && west < bounds.west
                    || to_east > 0 && east > bounds.east);
            let other = cell.neighbour(to_east, to_north);
            if !is_useless && cells.last() != Some(&other) {
                cells.push(other);
            }
        }
        cells
    }

    fn bounds(&self) -> Bounds {
        let (half_width_m, half_height_m) = match &self.shape {
            Shape::Circle { radius_m } => (*radius_m, *radius_m),
            Shape::Box { width_m, height_m } => (width_m / 2.0, height_m / 2.0),
            Shape::Polygon(polygon) => return polygon.bounds(),
        };
        let Position { longitude, latitude } = self.middle;
        let latitudes = (half_height_m / EARTH_RADIUS_M).to_degrees_c();
        // The widest is where the circles of latitude are the smallest: away from the equator.
        let outer = if latitude < 0.0 { latitude - latitudes } else { latitude + latitudes };
        let longitudes = (half_width_m / EARTH_RADIUS_M / outer.to_radians_c().cos()).to_degrees_c();
        Bounds {
            west: longitude - longitudes,
            south: latitude - latitudes,
            east: longitude + longitudes,
            north: latitude + latitudes,
        }
    }

    /// How many bits a cell has of which nine surely cover the area, mostly.
    fn steps(&self) -> u32 {
        let mut range_m = match &self.shape {
            Shape::Circle { radius_m } => *radius_m,
            Shape::Box { width_m, height_m } => {
                ((width_m / 2.0) * (width_m / 2.0) + (height_m / 2.0) * (height_m / 2.0)).sqrt()
            }
            Shape::Polygon(polygon) => polygon.range_m(),
        };
        if range_m == 0.0 {
            return STEPS_MAX;
        }
        let mut steps = 1_i32;
        while range_m < MAP_RANGE_M {
            range_m *= 2.0;
            steps += 1;
        }
        steps -= 2;
        // Towards the poles cells become narrow.
        let latitude = self.middle.latitude.abs();
        steps -= i32::from(latitude > 66.0) + i32::from(latitude > 80.0);
        steps.clamp(1, STEPS_MAX as i32) as u32
    }
}

/// The cell itself and those around it, as (east, north).
const AROUND: [(i32, i32); 9] =
    [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)];

/// Whether the cell with those around it reaches to all edges.
fn reaches(cell: Cell, bounds: &Bounds) -> bool {
    cell.neighbour(0, 1).latitudes().1 >= bounds.north
        && cell.neighbour(0, -1).latitudes().0 <= bounds.south
        && cell.neighbour(1, 0).longitudes().1 >= bounds.east
        && cell.neighbour(-1, 0).longitudes().0 <= bounds.west
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random_position(random: &mut fastrand::Rng) -> Position {
        Position { longitude: random.f64() * 360.0 - 180.0, latitude: random.f64() * 150.0 - 75.0 }
    }

    #[test]
    fn the_cells_hold_what_is_near() {
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..2_000 {
            let middle = random_position(&mut random);
            let size_m = 10_f64.powf(1.0 + random.f64() * 4.0);
            let shape = if random.bool() {
                Shape::Circle { radius_m: size_m }
            } else {
                Shape::Box { width_m: size_m, height_m: size_m / 2.0 }
            };
            let area = Area { middle, shape };
            let degrees = size_m / 111_000.0;
            let near = Position {
                longitude: middle.longitude + (random.f64() - 0.5) * degrees,
                latitude: middle.latitude + (random.f64() - 0.5) * degrees,
            };
            if near.is_valid() && area.distance_m(near).is_some() {
                let score = near.to_score();
                assert!(area.cells().iter().any(|cell| cell.scores().contains(&score)), "{area:?} {near:?}");
            }
        }
    }

    #[test]
    fn a_box_is_no_circle() {
        let middle = Position { longitude: 15.0, latitude: 37.0 };
        let corner = Position { longitude: 16.1, latitude: 37.85 };
        let circle = Area { middle, shape: Shape::Circle { radius_m: 100_000.0 } };
        let square = Area { middle, shape: Shape::Box { width_m: 200_000.0, height_m: 200_000.0 } };
        assert_eq!(circle.distance_m(corner), None);
        assert!(square.distance_m(corner).is_some_and(|distance_m| distance_m > 130_000.0));
    }

    #[test]
    fn areas_without_or_with_all_extent() {
        let middle = Position { longitude: 0.0, latitude: 0.0 };
        assert_eq!(
            Area { middle, shape: Shape::Circle { radius_m: 0.0 } }.cells()[0],
            Cell::around(middle, 26)
        );
        let all = Area { middle, shape: Shape::Circle { radius_m: 3e7 } }.cells();
        assert!(all.len() >= 4, "{all:?}");
    }
}
