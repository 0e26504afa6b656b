//! What goes wrong, and what operators do meanwhile: drawn from the seed before the run begins.

use crate::disk::{Death, Mood};
use crate::network::{Parcel, Side};
use crate::world::{Event, World};
use stdx::random::Random;

/// Something that goes wrong, or that an operator does.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// All links between hosts are cut.
    CutLinks,
    /// The way from one place to another is closed, or both.
    CloseWay { from: usize, to: usize, both: bool },
    /// All ways are open again.
    OpenWays,
    /// A process dies now.
    Die(usize, Death),
    /// A process dies in the middle of a call to its disk, after so many.
    DieAfter(usize, u64, Death),
    /// A process is stopped in order.
    Stop(usize),
    /// A disk behaves like this.
    Disk(usize, Mood),
    /// A disk takes so long at most, in microseconds.
    SlowDisk(usize, u64),
    /// A wall clock jumps, in microseconds.
    Jump(usize, i64),
    /// An operator makes the most advanced replica the primary.
    FailOver,
    /// An operator gives a command.
    Command(usize, &'static str),
    /// Somebody looks at the data of a running host.
    Look(usize),
}

/// Draws a fault.
fn draw(dice: &mut Random, hosts: usize, clients: usize) -> Fault {
    let host = dice.index(hosts);
    let death = if dice.below(2) == 0 { Death::Kill } else { Death::Power };
    match dice.below(16) {
        0 | 1 => Fault::CutLinks,
        2 | 3 => {
            let to = dice.index(hosts + clients);
            Fault::CloseWay { from: host, to, both: dice.below(2) == 0 }
        }
        4 => Fault::OpenWays,
        5 | 6 => Fault::Die(host, death),
        7 | 8 => Fault::DieAfter(host, dice.below(60), death),
        9 => Fault::Stop(host),
        10 => {
            let is_full = dice.below(3) == 0;
            Fault::Disk(host, Mood { failing: if is_full { 0 } else { 20 + dice.below(400) }, is_full })
        }
        11 => Fault::SlowDisk(host, 400_000),
        12 => Fault::Jump(host, (dice.below(20_000_000_000) as i64) - 10_000_000_000),
        13 | 14 => Fault::FailOver,
        _ => Fault::Command(
            host,
            ["BGREWRITEAOF", "CONFIG SET appendfsync always", "CONFIG SET appendfsync everysec"]
                [dice.index(3)],
        ),
    }
}

impl World {
    /// Plans what goes wrong between two times.
    pub fn plan_faults(&mut self, from_us: u64, until_us: u64) {
        let faults = 1 + self.dice.below(8);
        let (hosts, clients) = (self.hosts.len(), self.clients.len());
        for _ in 0..faults {
            let at_us = from_us + self.dice.below(until_us - from_us);
            let fault = draw(&mut self.dice, hosts, clients);
            // What is closed or broken is often mended before the end.
            let mended_us = at_us + 50_000 + self.dice.below(3_000_000);
            match &fault {
                Fault::CloseWay { .. } => self.at(mended_us, Event::Fault(Fault::OpenWays)),
                Fault::Disk(host, _) => self.at(mended_us, Event::Fault(Fault::Disk(*host, Mood::default()))),
                Fault::SlowDisk(host, _) => self.at(mended_us, Event::Fault(Fault::SlowDisk(*host, 300))),
                _ => {}
            }
            self.at(at_us, Event::Fault(fault));
        }
        let mut look_us = from_us;
        while look_us < until_us {
            look_us += 150_000;
            let host = self.dice.index(hosts);
            self.at(look_us, Event::Fault(Fault::Look(host)));
        }
    }

    /// Lets it happen.
    pub fn fault(&mut self, fault: Fault) {
        if !matches!(fault, Fault::Look(_)) {
            self.note(format_args!("{fault:?}"));
        }
        match fault {
            Fault::CutLinks => {
                for connection in self.network.between_hosts(self.hosts.len()) {
                    self.send(connection, Side::Caller, Parcel::End);
                    self.send(connection, Side::Callee, Parcel::End);
                }
            }
            Fault::CloseWay { from, to, both } => {
                self.network.close_way(from, to);
                if both {
                    self.network.close_way(to, from);
                }
            }
            Fault::OpenWays => {
                let arrivals = self.network.open_all(self.now_us, &mut self.dice);
                self.expect(arrivals);
            }
            Fault::Die(host, death) => {
                self.set_clocks(host);
                self.kill(host, death);
            }
            Fault::DieAfter(host, calls, death) => {
                if let Some(process) = &self.hosts[host].process {
                    process.disk.die_after(calls, death);
                }
            }
            Fault::Stop(host) => self.restart_in_order(host),
            Fault::Disk(host, mood) => {
                let one = &mut self.hosts[host];
                if one.mood != mood {
                    one.promises.unwell_us = Some(self.now_us);
                }
                one.mood = mood;
                one.process.iter().for_each(|process| process.disk.set_mood(mood));
            }
            Fault::SlowDisk(host, us) => self.hosts[host].disk_us = us,
            Fault::Jump(host, us) => self.hosts[host].wall_off_us += us,
            Fault::FailOver => self.fail_over(),
            Fault::Command(host, line) => {
                self.hosts[host].promises.unwell_us = Some(self.now_us);
                self.command(host, line);
            }
            Fault::Look(host) => self.look(host),
        }
    }

    fn look(&mut self, host: usize) {
        self.set_clocks(host);
        let Some(shared) =
            self.hosts[host].process.as_ref().map(|process| std::sync::Arc::clone(&process.shared))
        else {
            return;
        };
        self.check_data(host, &mut shared.lock());
    }
}
