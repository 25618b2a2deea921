//! An ffmpeg that draws and sounds a lesson, and hands it over as RTP on loopback.

use std::net::Ipv4Addr;
use std::process::Stdio;

use tokio::io::AsyncReadExt;
use tokio::net::UdpSocket;
use tokio::process::{Child, Command};

use super::client::Sending;
use super::fault::Fault;
use super::picture;
use crate::base::limits::DATAGRAM_BYTES_MAX;

/// Leaves room for SRTP's tail and header extensions in a packet of 1,200 bytes.
const PACKET_BYTES: usize = 1_100;
/// As much of ffmpeg's last words as fits a sentence.
const LAST_WORDS_BYTES: u64 = 2_000;

/// A running ffmpeg with the sockets it sends to; it ends with this.
pub(super) struct Studio {
    ffmpeg: Child,
    voice: UdpSocket,
    camera: UdpSocket,
    screen: UdpSocket,
}

impl Studio {
    /// Whether there is an ffmpeg at all.
    pub(super) async fn check() -> Result<(), Fault> {
        let asked = Command::new("ffmpeg").arg("-version").stdin(Stdio::null()).stdout(Stdio::null()).status().await;
        if asked.is_ok_and(|status| status.success()) { Ok(()) } else { Err(Fault::NoFfmpeg) }
    }

    /// Starts a lesson of that title from its beginning.
    pub(super) async fn open(title: &str) -> Result<Self, Fault> {
        let bind = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0));
        let (voice, camera, screen) = (bind().await?, bind().await?, bind().await?);
        let write = picture::can_write();
        let mut command = Command::new("ffmpeg");
        command.args(["-hide_banner", "-loglevel", "error", "-nostats", "-nostdin"]);
        for source in [picture::melody(), picture::camera(title, write), picture::slides(write)] {
            command.args(["-re", "-f", "lavfi", "-i", &source]);
        }
        command.args(["-map", "0:a", "-c:a", "libopus", "-b:a", "48k", "-frame_duration", "20"]);
        to(&mut command, &voice)?;
        picture(&mut command, 1, 25, "1200k");
        to(&mut command, &camera)?;
        picture(&mut command, 2, 5, "500k");
        to(&mut command, &screen)?;
        // A group of its own: Ctrl-C in a terminal reaches us, and we end it.
        command.process_group(0).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let ffmpeg = command.spawn().map_err(|_| Fault::NoFfmpeg)?;
        Ok(Self { ffmpeg, voice, camera, screen })
    }

    /// Carries every packet to the server, until one of the two ends.
    pub(super) async fn carry(&mut self, voice: &Sending, camera: &Sending, screen: &Sending) -> Fault {
        let last_words = self.ffmpeg.stderr.take();
        tokio::select! {
            fault = carry(&self.voice, voice) => fault,
            fault = carry(&self.camera, camera) => fault,
            fault = carry(&self.screen, screen) => fault,
            _ = self.ffmpeg.wait() => {
                let mut words = String::new();
                if let Some(stderr) = last_words {
                    let _unreadable = stderr.take(LAST_WORDS_BYTES).read_to_string(&mut words).await;
                }
                Fault::Ffmpeg(words.lines().next().unwrap_or("it said nothing").to_owned())
            }
        }
    }
}

async fn carry(from: &UdpSocket, to: &Sending) -> Fault {
    let mut datagram = [0; DATAGRAM_BYTES_MAX];
    loop {
        let taken = match from.recv(&mut datagram).await {
            Ok(length) => to.write(datagram.get(..length).unwrap_or_default()).await,
            Err(fault) => Err(fault.into()),
        };
        if let Err(fault) = taken {
            return fault;
        }
    }
}

/// H.264 that every panel decodes and that starts anew every second: nobody can ask ffmpeg for a keyframe.
fn picture(command: &mut Command, input: u8, frames_per_s: u32, rate: &str) {
    let (map, group) = (format!("{input}:v"), frames_per_s.to_string());
    command.args(["-map", &map, "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency"]);
    command.args(["-profile:v", "baseline", "-level", "3.1", "-pix_fmt", "yuv420p", "-bf", "0"]);
    command.args(["-g", &group, "-keyint_min", &group, "-sc_threshold", "0"]);
    command.args(["-b:v", rate, "-maxrate", rate, "-bufsize", rate, "-x264-params", "repeat-headers=1"]);
}

/// One output; ffmpeg's own RTCP comes to the same port, where it is no RTP and is left out.
fn to(command: &mut Command, socket: &UdpSocket) -> Result<(), Fault> {
    let port = socket.local_addr()?.port();
    let url = format!("rtp://127.0.0.1:{port}?pkt_size={PACKET_BYTES}&rtcpport={port}");
    command.args(["-f", "rtp", &url]);
    Ok(())
}
