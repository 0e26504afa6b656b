//! The drawing of version 8: a row of cells that changes by a rule of its neighbours, line after line.

use stdx::random::Random;

const COLUMNS: usize = 78;
const LINES: usize = 24;
/// Rules that do not come to rest soon, by Wolfram's numbers.
const RULES: [u8; 8] = [18, 22, 30, 45, 73, 90, 110, 150];

/// Draws from a random first line, or from a single cell.
pub(super) fn draw(random: &mut Random) -> String {
    let rule = RULES[random.index(RULES.len())];
    let mut cells = [false; COLUMNS];
    cells[COLUMNS / 2] = true;
    if random.below(2) == 0 {
        cells = std::array::from_fn(|_| random.below(2) == 0);
    }
    let mut text = String::new();
    for _ in 0..LINES {
        text.extend(cells.iter().map(|&cell| if cell { '█' } else { ' ' }));
        text.push('\n');
        cells = next(&cells, rule);
    }
    text.push_str(&format!("\nCells that follow rule {rule}. "));
    text
}

/// The next line: each cell from itself and its two neighbours. The ends are neighbours too.
fn next(cells: &[bool; COLUMNS], rule: u8) -> [bool; COLUMNS] {
    std::array::from_fn(|place| {
        let neighbours = [COLUMNS - 1, 0, 1].map(|step| usize::from(cells[(place + step) % COLUMNS]));
        rule >> (neighbours[0] * 4 + neighbours[1] * 2 + neighbours[2]) & 1 == 1
    })
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, next};

    #[test]
    fn a_rule_is_followed() {
        let mut cells = [false; COLUMNS];
        cells[10] = true;
        let second = next(&next(&cells, 90), 90);
        let set: Vec<usize> = (0..COLUMNS).filter(|&place| second[place]).collect();
        assert_eq!(set, [8, 12]);
    }
}
