//! The server as a program, met by native peers over real sockets: what it carries, refuses and survives.

mod admission;
mod browser;
mod doors;
mod lesson;
mod load;
mod media;
mod noise;
mod panic;
mod plan;
mod process;
mod robot;
mod server;
mod wall;
