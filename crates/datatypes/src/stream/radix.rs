//! How many nodes the radix tree has that Redis would keep the blocks in: shown by XINFO STREAM.

use encodings::id_tree::Id;

/// Bytes of a key.
const KEY_BYTES: usize = 16;

/// The number of nodes of a tree with these keys, which ascend: one for each place where keys part, for each run of bytes
/// without a parting, and for each end.
pub(super) fn node_count(ids: impl Iterator<Item = Id>) -> usize {
    let keys: Vec<[u8; KEY_BYTES]> = ids.map(key_of).collect();
    if keys.is_empty() { 1 } else { below(&keys, 0) }
}

fn key_of(id: Id) -> [u8; KEY_BYTES] {
    (u128::from(id.ms) << 64 | u128::from(id.seq)).to_be_bytes()
}

/// The nodes of keys that agree in their first `depth` bytes.
fn below(keys: &[[u8; KEY_BYTES]], depth: usize) -> usize {
    let (first, last) = (keys[0], keys[keys.len() - 1]);
    let agreeing = first.iter().zip(&last).take_while(|(one, other)| one == other).count();
    let run = usize::from(agreeing > depth);
    if agreeing == KEY_BYTES {
        return run + 1;
    }
    let groups = keys.chunk_by(|one, other| one[agreeing] == other[agreeing]);
    run + 1 + groups.map(|group| below(group, agreeing + 1)).sum::<usize>()
}
