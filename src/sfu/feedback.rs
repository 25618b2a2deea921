//! What a peer's RTCP says (docs/rtcp.md lists what is eaten, made and passed).

use super::command::SessionId;
use super::counters::Count;
use super::discard::Discard;
use super::down::DownKey;
use super::job::Job;
use super::peer::{Peer, PeerKey, Side, StreamOf};
use super::report::Lost;
use super::resend::Verdict;
use super::road::Road;
use super::srtp::RtcpFault;
use super::worker::Worker;
use crate::base::limits::NACKS_MAX;
use crate::base::time::Time;
use crate::wire::rtcp::{self, Blocks, Packet};

impl Worker {
    /// A compound of reports and requests.
    pub(super) fn receive_rtcp(&mut self, now: Time, road: Road, datagram: &mut [u8]) -> Result<(), Discard> {
        let ssrc = datagram.get(4..8).and_then(|ssrc| ssrc.try_into().ok()).map(u32::from_be_bytes);
        let ssrc = ssrc.ok_or(Discard::RtcpUnreadable)?;
        let by_road = self.roads.find(&road);
        let key = by_road.or_else(|| self.voices.find(&ssrc)).ok_or(Discard::UnknownAddress)?;
        let peer = self.peers.at_mut(key).ok_or(Discard::UnknownAddress)?;
        let length = open(peer, datagram)?;
        peer.heard = now;
        peer.received.note(now, length);
        let newest = peer.opener.as_ref().is_some_and(|opener| opener.is_newest_rtcp());
        // A known road is taken again if what comes by it is not just late.
        if by_road.is_none() || newest {
            self.learn_road(key, road, true);
        }
        self.learn_voice(key, ssrc);
        for packet in rtcp::packets(datagram.get(..length).unwrap_or_default()) {
            self.hear(now, key, packet.map_err(|_| Discard::RtcpUnreadable)?);
        }
        Ok(())
    }

    /// Remembers by which SSRC a peer's reports can be told, besides those of its media; one is enough.
    fn learn_voice(&mut self, key: PeerKey, ssrc: u32) {
        let Some(peer) = self.peers.at_mut(key) else { return };
        let of_media = peer.publisher().is_some_and(|publisher| publisher.stream(ssrc).is_some());
        if of_media || peer.rtcp_ssrc == Some(ssrc) {
            return;
        }
        if let Some(before) = peer.rtcp_ssrc.replace(ssrc) {
            self.voices.forget(&before, key);
        }
        if self.voices.find(&ssrc).is_none() {
            self.voices.put(ssrc, key);
        }
    }

    fn hear(&mut self, now: Time, key: PeerKey, packet: Packet<'_>) {
        match packet {
            Packet::SenderReport { ssrc, ntp, rtp, blocks, .. } => {
                self.hear_clock(now, key, ssrc, ntp, rtp);
                self.hear_blocks(now, key, blocks);
            }
            Packet::ReceiverReport { blocks, .. } => self.hear_blocks(now, key, blocks),
            Packet::Nack { media, lost, .. } => self.hear_losses(now, key, media, lost),
            Packet::Pli { media, .. } => self.hear_keyframe_request(now, key, media),
            Packet::Fir { entries, .. } => entries.for_each(|(ssrc, _)| self.hear_keyframe_request(now, key, ssrc)),
            Packet::Remb { bps, ssrcs, .. } => {
                if let Some(watcher) = self.peers.at_mut(key).and_then(Peer::watcher) {
                    watcher.line.estimates.hear(ssrcs, bps, now);
                }
            }
            Packet::Bye(ssrcs) => ssrcs.for_each(|ssrc| self.hear_end(key, ssrc)),
            // A watcher's transport-cc will feed its estimator once that is negotiated.
            Packet::TransportCc(_) | Packet::SourceDescription | Packet::ExtendedReport | Packet::Other(_) => {}
        }
    }

    /// A publisher says which timestamp belongs to which moment.
    fn hear_clock(&mut self, now: Time, key: PeerKey, ssrc: u32, ntp: u64, timestamp: u32) {
        let Some(publisher) = self.peers.at_mut(key).and_then(Peer::publisher) else { return };
        let Some(of) = publisher.stream(ssrc).filter(|of| !of.repair) else { return };
        self.learn_clock(now, key, of, ntp, timestamp);
        self.report_elsewhere(key, of, ntp, timestamp);
    }

    /// Takes in a sender report on a stream.
    pub(super) fn learn_clock(&mut self, now: Time, key: PeerKey, of: StreamOf, ntp: u64, timestamp: u32) {
        let Some(publisher) = self.peers.at_mut(key).and_then(Peer::publisher) else { return };
        let Some(stream) = self.ups.at_mut(of.up).and_then(|up| up.layers.get_mut(usize::from(of.layer))) else {
            return;
        };
        publisher.clock.learn(ntp, now);
        stream.reception.sender_report(ntp, now);
        if let Some(clock) = &mut stream.clock {
            clock.learn(ntp, timestamp);
        }
    }

    /// A watcher says what arrived.
    fn hear_blocks(&mut self, now: Time, key: PeerKey, blocks: Blocks<'_>) {
        let mut worst: Option<Lost> = None;
        for block in blocks {
            if let Some(down) = self.down_of(key, block.ssrc).and_then(|down| self.downs.at_mut(down)) {
                let Some(lost) = down.delivery.reported(&block, now) else { continue };
                worst = worst.filter(|worst| worst.surely() >= lost.surely()).or(Some(lost));
            }
        }
        if let (Some(worst), Some(watcher)) = (worst, self.peers.at_mut(key).and_then(Peer::watcher)) {
            watcher.line.lost(worst, now);
        }
    }

    /// A watcher asks for packets again. What is too much is refused here, so that it never stands in anybody's way.
    fn hear_losses(&mut self, now: Time, key: PeerKey, media: u32, lost: impl Iterator<Item = u16>) {
        let Some(key) = self.down_of(key, media) else { return };
        for sequence in lost.take(NACKS_MAX) {
            self.counters.add(Count::NacksReceived, 1);
            let Some(down) = self.downs.at_mut(key) else { return };
            let verdict = down.segments.find(sequence).map(|(_, index, _)| down.resends.ask(index, now));
            match verdict {
                Some(Verdict::Yes) => self.job(Job::Resend { down: key, sequence }),
                Some(Verdict::TooSoon) => self.counters.discard(Discard::ResendTooSoon),
                Some(Verdict::OverBudget) => self.counters.discard(Discard::ResendOverBudget),
                None => self.counters.discard(Discard::ResendUnknown),
            }
        }
    }

    /// A watcher cannot decode.
    fn hear_keyframe_request(&mut self, now: Time, key: PeerKey, media: u32) {
        self.counters.add(Count::KeyframeRequestsReceived, 1);
        if let Some(down) = self.down_of(key, media) {
            self.want_keyframe(now, down);
        }
    }

    /// Asks the publisher of what a slot shows, or is about to show, for a keyframe.
    pub(super) fn want_keyframe(&mut self, now: Time, down: DownKey) {
        let Some(down) = self.downs.at(down).filter(|down| down.video) else { return };
        let Some(shown) = down.target.or(down.showing) else { return };
        if self.peers.at_mut(down.peer).and_then(Peer::way).is_none() {
            return; // it is asked for once there is a way to send it
        }
        let Some(up) = self.ups.at_mut(shown.up) else { return };
        up.ask.want(shown.layer);
        let peer = up.peer;
        if up.ask.is_due(now) {
            self.ask_soon(peer);
        }
    }

    /// Remembers to ask a publisher for what is due, once however many want it.
    pub(super) fn ask_soon(&mut self, key: PeerKey) {
        if !self.jobs.is_full()
            && let Some(publisher) = self.peers.at_mut(key).and_then(Peer::publisher)
            && !std::mem::replace(&mut publisher.asking, true)
        {
            self.job(Job::Ask { peer: key });
        }
    }

    /// A stream of a publisher has ended: its layer is not there any more.
    fn hear_end(&mut self, key: PeerKey, ssrc: u32) {
        let Some(of) = self.peers.at_mut(key).and_then(Peer::publisher).and_then(|publisher| publisher.stream(ssrc))
        else {
            return;
        };
        let stream = self.ups.at_mut(of.up).and_then(|up| up.layers.get_mut(usize::from(of.layer)));
        if let Some(stream) = stream.filter(|_| !of.repair) {
            stream.heard = Time::default();
        }
    }

    fn down_of(&self, key: PeerKey, ssrc: u32) -> Option<DownKey> {
        let Side::Watcher(watcher) = &self.peers.at(key)?.side else { return None };
        watcher.downs.iter().copied().find(|down| self.downs.at(*down).is_some_and(|down| down.ssrc == ssrc))
    }

    /// The key of a session, if it is still there.
    pub(super) fn key_of(&self, session: SessionId) -> Option<PeerKey> {
        self.sessions.get(&session).copied()
    }
}

fn open(peer: &mut Peer, datagram: &mut [u8]) -> Result<usize, Discard> {
    let opener = peer.opener.as_mut().ok_or(Discard::NoKeysYet)?;
    opener.open_rtcp(datagram).map_err(|fault| match fault {
        RtcpFault::Short => Discard::RtcpUnreadable,
        RtcpFault::Replayed => Discard::Replayed,
        RtcpFault::Forged => Discard::RtcpForged,
    })
}
