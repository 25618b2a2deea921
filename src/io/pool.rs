//! All media threads of this process.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::board::Board;
use super::cpu;
use super::mailbox::Mailbox;
use super::run::{MediaThread, connect, run};
use super::socket::{BindFault, Offload, Sockets, Wishes};
use crate::sfu::event::Event;

/// How media threads are made.
#[derive(Clone, Debug)]
pub struct PoolPlan {
    /// Where all of them listen.
    pub ip: IpAddr,
    /// The first one's port; the next one has the next. 0 takes any free ones.
    pub port_first: u16,
    /// How many.
    pub threads: usize,
    /// The CPU of each; none runs wherever the kernel likes.
    pub pin: Vec<usize>,
    /// What to ask of the kernel for each UDP socket.
    pub wishes: Wishes,
}

/// Why there are no media threads.
#[derive(Debug, thiserror::Error)]
pub enum PoolFault {
    /// A port is in use, say.
    #[error(transparent)]
    Bind(#[from] BindFault),
    /// The machine has no more threads or file handles.
    #[error("cannot start a media thread: {0}")]
    Start(#[from] io::Error),
}

/// One running media thread, as the rest of the server sees it.
pub struct MediaPort {
    /// Its number, from 0.
    pub index: usize,
    /// The port of its UDP and TCP sockets.
    pub port: u16,
    /// What it is told.
    pub mailbox: Mailbox,
    /// What it counted.
    pub board: Arc<Board>,
    /// Bytes the kernel keeps for receiving and sending.
    pub buffers: (usize, usize),
    /// What the kernel does with several datagrams at once.
    pub offload: Offload,
    thread: JoinHandle<io::Result<()>>,
}

/// Starts all threads; each tells `tell` its number and what happens. `seed` gives numbers that nobody can guess.
pub fn start(
    plan: &PoolPlan,
    seed: fn() -> u64,
    tell: &(impl Fn(usize, Event) + Clone + Send + 'static),
) -> Result<Vec<MediaPort>, PoolFault> {
    let (mut threads, mut ports) = (Vec::new(), Vec::new());
    for index in 0..plan.threads {
        let offset = u16::try_from(index).unwrap_or(u16::MAX);
        let port = if plan.port_first == 0 { 0 } else { plan.port_first.saturating_add(offset) };
        let sockets = Sockets::bind(plan.ip, port, plan.wishes)?;
        let (port, buffers, offload) = (sockets.port(), sockets.buffers, sockets.offload);
        let (board, tell) = (Arc::new(Board::default()), tell.clone());
        threads.push(MediaThread::new(sockets, seed, board.clone(), move |event| tell(index, event))?);
        ports.push((port, buffers, offload, board));
    }
    connect(&mut threads);
    let both = threads.into_iter().zip(ports).enumerate();
    both.map(|(index, ((thread, mailbox), (port, buffers, offload, board)))| {
        let cpu = plan.pin.get(index).copied();
        let thread = std::thread::Builder::new().name(format!("media-{index}")).spawn(move || {
            cpu.map_or(Ok(()), cpu::pin)?;
            run(thread)
        })?;
        Ok(MediaPort { index, port, mailbox, board, buffers, offload, thread })
    })
    .collect()
}

impl MediaPort {
    /// Whether the thread has ended, which only [`MediaPort::stop`] should cause.
    pub fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Ends the thread and waits for it.
    pub fn stop(self) -> io::Result<()> {
        let _ended_already = self.mailbox.stop();
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the media thread panicked")))
    }
}
