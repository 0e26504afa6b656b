//! The operator: looks who is there, promotes the most advanced replica, points the others to it.

use crate::hosts::name;
use crate::link::position;
use crate::world::World;
use engine::client::card::ClientKind;
use engine::client::session::Session;
use engine::engine::TurnClock;
use engine::execute::dispatch;
use resp::request::OwnedRequest;

impl World {
    /// Runs a command on a host as an operator there would. Nothing happens where no process runs.
    pub fn command(&mut self, host: usize, line: &str) {
        self.set_clocks(host);
        let Some(mut process) = self.hosts[host].process.take() else { return };
        let words: Vec<&[u8]> = line.split(' ').map(str::as_bytes).collect();
        let request = OwnedRequest::new(words);
        let mut session = Session::internal(ClientKind::Normal);
        let mut reply = Vec::new();
        let shared = std::sync::Arc::clone(&process.shared);
        let mut node = shared.lock();
        node.engine.clock = TurnClock::read();
        let _ = dispatch::dispatch(&mut node, &mut session, request.as_request(), &mut reply);
        node.engine.propagation.submit();
        let asked = std::mem::take(&mut node.engine.requests);
        process.carry_out_requests(&mut node, asked, self.now_us);
        drop(node);
        let reply = String::from_utf8_lossy(&reply).trim().to_string();
        self.note(format_args!("operator on host{host}: {line} -> {reply}"));
        self.observe(host, &process);
        process.due.turn = Some(self.now_us);
        self.put_back(host, process);
    }

    /// Makes a host the primary of all others, now and when they start.
    pub fn appoint(&mut self, primary: usize) {
        self.note(format_args!("operator appoints host{primary}"));
        self.primary = primary;
        self.hosts[primary].follows = None;
        self.command(primary, "REPLICAOF NO ONE");
        for host in (0..self.hosts.len()).filter(|host| *host != primary) {
            self.hosts[host].follows = Some(primary);
            let line = format!("REPLICAOF {} 6379", name(primary));
            self.command(host, &line);
        }
    }

    /// The replica that has most, of those that run.
    pub fn most_advanced(&self, is_candidate: impl Fn(usize) -> bool) -> Option<usize> {
        let end = |host: &usize| {
            let process = self.hosts[*host].process.as_ref();
            process.map(|process| position(&process.shared.lock()).offset)
        };
        (0..self.hosts.len()).filter(|host| is_candidate(*host) && end(host).is_some()).max_by_key(end)
    }

    /// The primary seems lost: the most advanced of the others takes over.
    pub fn fail_over(&mut self) {
        let lost = self.primary;
        if let Some(next) = self.most_advanced(|host| host != lost) {
            self.appoint(next);
        }
    }
}
