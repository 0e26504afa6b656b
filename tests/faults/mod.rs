//! Networks and processes that fail while servers replicate: what may be lost, what must go on where it was, and what is
//! said of it.

mod cluster;
mod judge;
mod load;
mod run;
mod scenario;
mod scenarios;
