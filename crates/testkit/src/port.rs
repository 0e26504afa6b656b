//! Ports for servers under test.
//!
//! Not ports that the kernel picks: it would give them to outgoing connections too, or to the tests of another checkout, before
//! the server has taken them. These lie below the kernel's own, in blocks that a test process claims.

use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::sync::{Mutex, PoisonError};

const FIRST_PORT: u16 = 10_000;
const BLOCK_PORTS: u16 = 200;
const BLOCKS: u16 = 110;

/// A block of ports that belongs to this process.
struct Block {
    next: u16,
    left: u16,
    /// Holds the block's name, which the kernel lets one process have.
    _claim: UnixListener,
}

impl Block {
    fn claim(number: u16) -> Option<Block> {
        let name = format!("ochre-test-ports-{number}");
        let address = SocketAddr::from_abstract_name(name).expect("a short name");
        let claim = UnixListener::bind_addr(&address).ok()?;
        Some(Block { next: FIRST_PORT + number * BLOCK_PORTS, left: BLOCK_PORTS, _claim: claim })
    }

    fn take(&mut self) -> Option<u16> {
        while self.left > 0 {
            let port = self.next;
            self.next += 1;
            self.left -= 1;
            if TcpListener::bind(("127.0.0.1", port)).is_ok() {
                return Some(port);
            }
        }
        None
    }
}

/// A TCP port that is free, and that no other test is given.
///
/// # Panics
/// When other test processes hold all ports.
pub fn free_port() -> u16 {
    // Blocks that are used up are kept: servers may still listen there.
    static BLOCKS_HELD: Mutex<Vec<Block>> = Mutex::new(Vec::new());
    let mut blocks = BLOCKS_HELD.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(port) = blocks.last_mut().and_then(Block::take) {
            return port;
        }
        let start = std::process::id() as u16 % BLOCKS;
        let mut numbers = (start..BLOCKS).chain(0..start);
        blocks.push(numbers.find_map(Block::claim).expect("a block of ports is free"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ports_differ() {
        let ports: HashSet<u16> = (0..2 * BLOCK_PORTS).map(|_| free_port()).collect();
        assert_eq!(ports.len(), usize::from(2 * BLOCK_PORTS));
        assert!(ports.iter().all(|port| (FIRST_PORT..FIRST_PORT + BLOCKS * BLOCK_PORTS).contains(port)));
    }

    #[test]
    fn a_block_has_one_owner() {
        // One that `free_port` never claims, another one in every process.
        let number = BLOCKS + std::process::id() as u16 % 20;
        let block = Block::claim(number).expect("nobody else has it");
        assert!(Block::claim(number).is_none());
        drop(block);
        assert!(Block::claim(number).is_some());
    }

    #[test]
    fn a_port_in_use_is_passed_over() {
        let mut block = (0..BLOCKS).rev().find_map(Block::claim).expect("a block is free");
        let first = block.take().expect("a port is free");
        let _listener = TcpListener::bind(("127.0.0.1", first + 1)).expect("it was not used");
        assert_eq!(block.take(), Some(first + 2));
    }
}
