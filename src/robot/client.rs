//! A native peer: publishes by WHIP or watches by WHEP, over UDP or over TCP alone.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rtc::ice::network_type::NetworkType;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use rtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};
use rtc::shared::marshal::Unmarshal;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use webrtc::media_stream::MediaStreamTrack;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceCandidateInit,
    RTCPeerConnectionState, RTCSessionDescription, Registry, SettingEngineBuilder, configure_nack,
    configure_rtcp_reports, configure_twcc,
};
use webrtc::rtp_transceiver::RtpSender;

use super::door::Door;
use super::fault::Fault;
use crate::wire::classify::{Kind, classify};

/// A transport that is not up within this never will be: ICE and DTLS take five round trips.
const CONNECTED_WITHIN: Duration = Duration::from_secs(10);
/// Three checks without an answer: something is wrong.
const SILENT_AFTER: Duration = Duration::from_secs(3);
/// It stays wrong: a new session is quicker than more patience.
const FAILED_AFTER: Duration = Duration::from_secs(3);
const CHECK_EVERY: Duration = Duration::from_secs(1);
/// Packets that wait for a test to look at them: four seconds of a lesson.
const HEARD_MAX: usize = 4_096;

const OPUS: u8 = 111;
const H264: u8 = 102;

/// How packets travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Road {
    /// As usual.
    Udp,
    /// Where a firewall lets nothing else through (RFC 6544, the active side).
    Tcp,
}

/// Publishes to `lesson`: voice, camera and screen, all of them silent until written to.
pub async fn publish(door: &Door, lesson: &str, token: &str, take_over: bool, road: Road) -> Result<Publisher, Fault> {
    let (peer, state, _) = peer(door, road).await?;
    let (voice, camera, screen) = (track("voice", opus()), track("camera", h264()), track("screen", h264()));
    let mut senders = Vec::new();
    // The order says what each is.
    for (track, _) in [&voice, &camera, &screen] {
        senders.push(peer.add_track(track.clone()).await?);
    }
    let path = format!("/whip/{lesson}{}", if take_over { "?take_over=1" } else { "" });
    let location = negotiate(door, &*peer, &path, token).await?;
    let mut sending = Vec::new();
    for ((track, ssrc), sender) in [voice, camera, screen].into_iter().zip(senders) {
        sending.push(Sending { track, ssrc, payload_type: agreed(&*sender).await? });
    }
    let [voice, camera, screen] = <[Sending; 3]>::try_from(sending).map_err(|_| Fault::NoMedia("no three tracks"))?;
    Ok(Publisher { call: Call { peer, state, location }, voice, camera, screen })
}

/// Watches `lesson` with one voice and so many pictures.
pub async fn watch(door: &Door, lesson: &str, token: &str, pictures: usize, road: Road) -> Result<Watcher, Fault> {
    let (peer, state, tracks) = peer(door, road).await?;
    let kinds = std::iter::once(RtpCodecKind::Audio).chain(std::iter::repeat_n(RtpCodecKind::Video, pictures));
    for kind in kinds {
        let direction = RTCRtpTransceiverDirection::Recvonly;
        let init = RTCRtpTransceiverInit { direction, ..RTCRtpTransceiverInit::default() };
        peer.add_transceiver_from_kind(kind, Some(init)).await?;
    }
    let location = negotiate(door, &*peer, &format!("/whep/{lesson}"), token).await?;
    let (tell, heard) = mpsc::channel(HEARD_MAX);
    tokio::spawn(listen(tracks, tell));
    Ok(Watcher { call: Call { peer, state, location }, heard })
}

/// A session and its transport.
pub struct Call {
    peer: Arc<dyn PeerConnection>,
    state: watch::Receiver<RTCPeerConnectionState>,
    /// The session's path.
    pub location: String,
}

impl Call {
    /// Waits until media can pass.
    pub async fn connected(&mut self) -> Result<(), Fault> {
        let up = self.state.wait_for(|state| *state == RTCPeerConnectionState::Connected);
        match timeout(CONNECTED_WITHIN, up).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(Fault::NoMedia("the transport did not come up; are the server's media ports open?")),
        }
    }

    /// Waits until the transport has failed.
    pub async fn failed(&mut self) {
        let down = |state: &RTCPeerConnectionState| {
            matches!(state, RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed)
        };
        let _its_owner_is_gone = self.state.wait_for(down).await;
    }

    /// Closes the transport; the session is ended by [`Door::hang_up`].
    pub async fn close(&self) {
        let _closed_already = self.peer.close().await;
    }
}

/// A teacher's session.
pub struct Publisher {
    /// The session and its transport.
    pub call: Call,
    /// The microphone.
    pub voice: Sending,
    /// The camera.
    pub camera: Sending,
    /// What is shown beside it.
    pub screen: Sending,
}

/// One track on its way to the server.
pub struct Sending {
    track: Arc<TrackLocalStaticRTP>,
    ssrc: u32,
    payload_type: u8,
}

impl Sending {
    /// Sends an RTP packet under this track's SSRC and payload type; what is no RTP is left out.
    pub async fn write(&self, datagram: &[u8]) -> Result<(), Fault> {
        if classify(datagram) != Some(Kind::Rtp) {
            return Ok(());
        }
        let Ok(mut packet) = rtc::rtp::Packet::unmarshal(&mut Bytes::copy_from_slice(datagram)) else {
            return Ok(());
        };
        packet.header.ssrc = self.ssrc;
        packet.header.payload_type = self.payload_type;
        Ok(self.track.write_rtp(packet).await?)
    }
}

/// A room's session.
pub struct Watcher {
    /// The session and its transport.
    pub call: Call,
    heard: mpsc::Receiver<Heard>,
}

/// One packet that a watcher received.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The slot's name: `voice`, `picture`, `camera`, …
    pub slot: String,
    /// Its number in the stream.
    pub sequence: u16,
    /// Its time in the stream's clock.
    pub timestamp: u32,
    /// What it carries.
    pub payload: Bytes,
}

impl Watcher {
    /// The next packet of any slot; `None` when the session has ended.
    pub async fn next(&mut self) -> Option<Heard> {
        self.heard.recv().await
    }
}

/// What the library tells us.
struct Ear {
    state: watch::Sender<RTCPeerConnectionState>,
    tracks: mpsc::UnboundedSender<Arc<dyn TrackRemote>>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Ear {
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        self.state.send_replace(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let _nobody_listens = self.tracks.send(track);
    }
}

type Peer =
    (Arc<dyn PeerConnection>, watch::Receiver<RTCPeerConnectionState>, mpsc::UnboundedReceiver<Arc<dyn TrackRemote>>);

async fn peer(door: &Door, road: Road) -> Result<Peer, Fault> {
    let mut media = MediaEngine::default();
    for (codec, payload_type, kind) in [(opus(), OPUS, RtpCodecKind::Audio), (h264(), H264, RtpCodecKind::Video)] {
        let codec = RTCRtpCodecParameters { rtp_codec: codec, payload_type };
        media.register_codec(codec, kind)?;
    }
    let registry = configure_rtcp_reports(configure_nack(Registry::new(), &mut media));
    let registry = configure_twcc(registry, &mut media)?;
    let (udp, tcp) = binds(door.way_out().await, road);
    let network = if road == Road::Tcp { vec![NetworkType::Tcp4, NetworkType::Tcp6] } else { Vec::new() };
    let settings = SettingEngineBuilder::new()
        .with_network_types(network)
        .with_ice_timeouts(Some(SILENT_AFTER), Some(FAILED_AFTER), Some(CHECK_EVERY))
        .build();
    let (state, states) = watch::channel(RTCPeerConnectionState::New);
    let (tracks, arriving) = mpsc::unbounded_channel();
    let peer = PeerConnectionBuilder::new()
        .with_media_engine(media)
        .with_interceptor_registry(registry)
        .with_setting_engine(settings)
        .with_handler(Arc::new(Ear { state, tracks }))
        .with_udp_addrs(udp)
        .with_tcp_addrs(tcp)
        .build()
        .await?;
    Ok((Arc::new(peer), states, arriving))
}

/// Where to bind: the UDP addresses, and the TCP ones.
fn binds(way_out: IpAddr, road: Road) -> (Vec<SocketAddr>, Vec<SocketAddr>) {
    let own = SocketAddr::new(way_out, 0);
    match road {
        Road::Tcp => (Vec::new(), vec![own]),
        // A server on this machine may still name only the addresses that others reach it by.
        Road::Udp if way_out.is_loopback() => (vec![own, (Ipv4Addr::UNSPECIFIED, 0).into()], Vec::new()),
        Road::Udp => (vec![own], Vec::new()),
    }
}

/// Offers and takes the answer: the session's path. The server is ICE-lite and needs no candidates of ours.
async fn negotiate(door: &Door, peer: &dyn PeerConnection, path: &str, token: &str) -> Result<String, Fault> {
    let offer = peer.create_offer(None).await?;
    let sdp = offer.sdp.clone();
    peer.set_local_description(offer).await?;
    let answer = door.offer(path, token, sdp).await;
    if answer.is_err() {
        // Nothing else ends what the library has started.
        peer.close().await?;
    }
    let answer = answer?;
    let candidates = candidates(&answer.sdp);
    peer.set_remote_description(RTCSessionDescription::answer(answer.sdp)?).await?;
    // The library opens TCP connections only to candidates that trickle in.
    for candidate in candidates {
        peer.add_ice_candidate(candidate).await?;
    }
    Ok(answer.location)
}

/// The candidates of an answer that want a connection opened to them.
fn candidates(sdp: &str) -> Vec<RTCIceCandidateInit> {
    let lines = sdp.lines().filter_map(|line| line.trim_end().strip_prefix("a="));
    let passive = lines.filter(|line| line.starts_with("candidate:") && line.ends_with(" tcptype passive"));
    let init = |line: &str| RTCIceCandidateInit { candidate: line.to_owned(), ..RTCIceCandidateInit::default() };
    passive.map(init).collect()
}

/// The payload type that was agreed on for a sender.
async fn agreed(sender: &dyn RtpSender) -> Result<u8, Fault> {
    let parameters = sender.get_parameters().await?;
    let codec = parameters.rtp_parameters.codecs.first();
    codec.map(|codec| codec.payload_type).ok_or(Fault::NoMedia("the server takes none of our codecs"))
}

/// Hands on every packet of every track that opens.
async fn listen(mut tracks: mpsc::UnboundedReceiver<Arc<dyn TrackRemote>>, tell: mpsc::Sender<Heard>) {
    while let Some(track) = tracks.recv().await {
        let tell = tell.clone();
        tokio::spawn(async move {
            let slot = track.track_id().await;
            while let Some(event) = track.poll().await {
                let TrackRemoteEvent::OnRtpPacket(packet) = event else { continue };
                let header = packet.header;
                let (sequence, timestamp) = (header.sequence_number, header.timestamp);
                let heard = Heard { slot: slot.clone(), sequence, timestamp, payload: packet.payload };
                if tell.send(heard).await.is_err() {
                    return;
                }
            }
        });
    }
}

fn track(name: &str, codec: RTCRtpCodec) -> (Arc<TrackLocalStaticRTP>, u32) {
    let ssrc = random();
    let kind = if codec.mime_type.starts_with("audio/") { RtpCodecKind::Audio } else { RtpCodecKind::Video };
    let coding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters { ssrc: Some(ssrc), ..RTCRtpCodingParameters::default() },
        codec,
        ..RTCRtpEncodingParameters::default()
    };
    let track = MediaStreamTrack::new("lesson".to_owned(), name.to_owned(), name.to_owned(), kind, vec![coding]);
    (Arc::new(TrackLocalStaticRTP::new(track)), ssrc)
}

/// An SSRC has only to differ from the others of its session (RFC 3550 §8.1).
fn random() -> u32 {
    let hash = RandomState::new().build_hasher().finish().to_le_bytes();
    hash.first_chunk().map_or(1, |bytes| u32::from_le_bytes(*bytes))
}

fn opus() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: "audio/opus".to_owned(),
        clock_rate: 48_000,
        channels: 2,
        sdp_fmtp_line: "minptime=10;useinbandfec=1".to_owned(),
        rtcp_feedback: Vec::new(),
    }
}

fn h264() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: "video/H264".to_owned(),
        clock_rate: 90_000,
        channels: 0,
        sdp_fmtp_line: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f".to_owned(),
        rtcp_feedback: Vec::new(),
    }
}
