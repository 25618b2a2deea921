//! Everything a worker sends besides forwarded packets: answers, handshakes, repairs, requests and reports.

use super::command::UplinkFeedback;
use super::counters::Count;
use super::discard::Discard;
use super::down::DownKey;
use super::head::{Head, SendTime};
use super::job::Job;
use super::outbox::Outbox;
use super::peer::{OUR_SSRC, Peer, PeerKey, Sent, Side};
use super::road::Road;
use super::worker::Worker;
use crate::base::limits::{LAYERS_MAX, RTCP_BYTES_MAX, TRACKS_MAX};
use crate::base::time::Time;
use crate::wire::rtcp::Writer;
use crate::wire::{rtp_ext, stun, twcc};

/// What a server is called in reports (RFC 3550 §6.5.1).
const CNAME: &str = "tongke";

impl Worker {
    /// Does one job; the outbox has a free slot.
    pub(super) fn send(&mut self, now: Time, job: Job, outbox: &mut Outbox) {
        let sent = match job {
            Job::Fan { .. } | Job::Pass(_) => Ok(()),
            Job::CatchUp { down, shown, index } => self.catch_up(now, down, (shown, index), outbox),
            Job::Resend { down, sequence } => self.resend(now, down, sequence, outbox),
            Job::CheckAnswer { peer, road, transaction, older } => {
                self.answer_check(now, peer, road, transaction, older, outbox)
            }
            Job::Handshake { peer, datagram } => self.send_handshake(peer, &datagram, outbox),
            Job::Ask { peer } => self.ask(now, peer, outbox),
            Job::Arrivals { peer } => self.report_arrivals(peer, outbox),
            Job::Reports { peer } => self.report(now, peer, outbox),
            Job::Farewell { session } => {
                let said = self.key_of(session).map_or(Ok(()), |peer| self.say_farewell(peer, outbox));
                self.remove(session);
                said
            }
        };
        if let Err(why) = sent {
            self.counters.discard(why);
        }
    }

    /// A packet that a watcher asked for again, as it was or on the retransmission stream.
    fn resend(&mut self, now: Time, key: DownKey, sequence: u16, outbox: &mut Outbox) -> Result<(), Discard> {
        let down = self.downs.at_mut(key).ok_or(Discard::ResendUnknown)?;
        let (segment, index, came) = down.segments.find(sequence).ok_or(Discard::ResendUnknown)?;
        let up = self.ups.at(segment.shown.up).ok_or(Discard::ResendUnknown)?;
        let stream = up.layers.get(usize::from(segment.shown.layer)).ok_or(Discard::ResendUnknown)?;
        let (kept, payload) = stream.recent.at(came).ok_or(Discard::ResendUnknown)?;
        let names = down.payload_type(kept.codec).ok_or(Discard::CodecNotAgreed)?;
        let peer = self.peers.at_mut(down.peer).ok_or(Discard::NoRoad)?;
        let value = rtp_ext::abs_send_time(now);
        let send_time = peer.extensions.abs_send_time.map(|id| SendTime { id, value });
        let (marker, timestamp) = (kept.marker, segment.timestamp(kept.timestamp));
        let head = match (down.repair_ssrc, names.repair) {
            (Some(ssrc), Some(payload_type)) => {
                let (index, original) = (down.resends.next_index(), Some(sequence));
                Head { payload_type, marker, index, timestamp, ssrc, send_time, original, padding: 0 }
            }
            // The packet as it was: see `Way::put` on why it must be the same bits.
            _ => {
                let (payload_type, ssrc) = (names.media, down.ssrc);
                Head { payload_type, marker, index, timestamp, ssrc, send_time: None, original: None, padding: 0 }
            }
        };
        let (road, sealer) = peer.way().ok_or(Discard::NoRoad)?;
        let slot = outbox.slot().ok_or(Discard::SendBufferFull)?;
        let (length, start) = head.write(slot, payload).ok_or(Discard::TooLong)?;
        segment.payload(kept, slot.get_mut(start..length).ok_or(Discard::TooLong)?);
        let sealed = sealer.seal_rtp(slot, head.header_length(), length, head.index).ok_or(Discard::TooLong)?;
        outbox.commit(road, sealed);
        self.counters.add(Count::RepairsSent, 1);
        peer.untold += Sent { bytes: sealed, measured: if head.send_time.is_some() { payload.len() } else { 0 } };
        Ok(())
    }

    fn answer_check(
        &mut self,
        now: Time,
        key: PeerKey,
        road: Road,
        transaction: [u8; 12],
        older: bool,
        outbox: &mut Outbox,
    ) -> Result<(), Discard> {
        let peer = self.peers.at_mut(key).ok_or(Discard::NoRoad)?;
        let older = peer.older.as_ref().filter(|_| older);
        let password = older.unwrap_or(&peer.credentials).password.as_bytes();
        let slot = outbox.slot().ok_or(Discard::SendBufferFull)?;
        let length = stun::write_binding_success(slot, &transaction, road.address(), password);
        outbox.commit(road, length.ok_or(Discard::TooLong)?);
        peer.answered = now;
        self.counters.add(Count::ChecksAnswered, 1);
        Ok(())
    }

    fn send_handshake(&mut self, key: PeerKey, datagram: &[u8], outbox: &mut Outbox) -> Result<(), Discard> {
        let road = self.peers.at(key).and_then(|peer| peer.road).ok_or(Discard::NoRoad)?;
        let slot = outbox.slot().ok_or(Discard::SendBufferFull)?;
        slot.get_mut(..datagram.len()).ok_or(Discard::TooLong)?.copy_from_slice(datagram);
        outbox.commit(road, datagram.len());
        Ok(())
    }

    /// Asks a publisher for missing packets and for keyframes.
    fn ask(&mut self, now: Time, key: PeerKey, outbox: &mut Outbox) -> Result<(), Discard> {
        let Self { peers, ups, counters, .. } = self;
        let peer = peers.at_mut(key).ok_or(Discard::NoRoad)?;
        let Side::Publisher(publisher) = &mut peer.side else { return Ok(()) };
        if publisher.mirror.is_some() {
            self.ask_home(now, key);
            return Ok(());
        }
        publisher.asking = false;
        let mut page = [0; RTCP_BYTES_MAX];
        let mut writer = Writer::new(&mut page);
        for up in &publisher.ups {
            let Some(up) = ups.at_mut(*up) else { continue };
            let wanted = if up.video { up.ask.due(now).unwrap_or(0) } else { 0 };
            for (layer, stream) in up.layers.iter_mut().enumerate() {
                let Some(ssrc) = stream.ssrc else { continue };
                if up.nack && stream.gaps.is_due(now) {
                    counters.add(Count::NacksSent, writer.nack(OUR_SSRC, ssrc, stream.gaps.due(now)));
                }
                if wanted & (1 << layer) != 0 && writer.pli(OUR_SSRC, ssrc).is_ok() {
                    counters.add(Count::KeyframeRequestsSent, 1);
                }
            }
        }
        let length = writer.finish();
        put_rtcp(peer, &page[..length], outbox)
    }

    /// Tells a publisher's estimator when its packets arrived.
    fn report_arrivals(&mut self, key: PeerKey, outbox: &mut Outbox) -> Result<(), Discard> {
        let peer = self.peers.at_mut(key).ok_or(Discard::NoRoad)?;
        let Side::Publisher(publisher) = &mut peer.side else { return Ok(()) };
        let mut page = [0; RTCP_BYTES_MAX];
        let mut writer = Writer::new(&mut page);
        let Some((count, base, arrivals)) = publisher.arrivals.report() else { return Ok(()) };
        let media = publisher.streams.first().map_or(0, |(ssrc, _)| *ssrc);
        let told = twcc::write(&mut writer, OUR_SSRC, media, count, base, arrivals);
        publisher.arrivals.reported(told);
        let length = writer.finish();
        put_rtcp(peer, &page[..length], outbox)
    }

    /// Receiver reports to a publisher, sender reports to a watcher.
    fn report(&mut self, now: Time, key: PeerKey, outbox: &mut Outbox) -> Result<(), Discard> {
        let mut page = [0; RTCP_BYTES_MAX];
        let mut writer = Writer::new(&mut page);
        match self.peers.at(key).map(|peer| &peer.side) {
            Some(Side::Publisher(_)) => self.write_receptions(now, key, &mut writer),
            Some(Side::Watcher(_)) => self.write_deliveries(now, key, &mut writer),
            None => return Ok(()),
        }
        let length = writer.finish();
        let peer = self.peers.at_mut(key).ok_or(Discard::NoRoad)?;
        put_rtcp(peer, &page[..length], outbox)
    }

    fn write_receptions(&mut self, now: Time, key: PeerKey, writer: &mut Writer<'_>) {
        let Some(peer) = self.peers.at_mut(key) else { return };
        let received = peer.received.bps(now);
        let Some(publisher) = peer.publisher() else { return };
        let mut worst: f32 = 0.0;
        let mut ssrcs = [0; TRACKS_MAX * LAYERS_MAX];
        let mut named = 0;
        for up in &publisher.ups {
            let Some(up) = self.ups.at_mut(*up) else { continue };
            for stream in &mut up.layers {
                let (Some(ssrc), Some(highest)) = (stream.ssrc, stream.seen.highest()) else { continue };
                let (block, loss) = stream.reception.block(ssrc, highest, now);
                worst = worst.max(loss);
                let _fits = writer.receiver_report(OUR_SSRC, &[block]);
                if let Some(place) = ssrcs.get_mut(named) {
                    *place = ssrc;
                    named += 1;
                }
            }
        }
        publisher.loss = worst;
        let _fits = writer.cname(OUR_SSRC, CNAME);
        if publisher.feedback == UplinkFeedback::Remb && named > 0 {
            let bps = publisher.estimate.next_bps(received, worst);
            let _fits = writer.remb(OUR_SSRC, bps, &ssrcs[..named]);
        }
    }

    fn write_deliveries(&mut self, now: Time, key: PeerKey, writer: &mut Writer<'_>) {
        let Self { peers, downs, ups, .. } = self;
        let Some(Side::Watcher(watcher)) = peers.at(key).map(|peer| &peer.side) else { return };
        for down in &watcher.downs {
            let Some(down) = downs.at_mut(*down) else { continue };
            let Some(segment) = down.segments.current().copied() else { continue };
            let Some(up) = ups.at(segment.shown.up) else { continue };
            let Some(Side::Publisher(publisher)) = peers.at(up.peer).map(|peer| &peer.side) else { continue };
            let clock = up.layers.get(usize::from(segment.shown.layer)).and_then(|stream| stream.clock);
            let Some(clock) = clock else { continue };
            let timestamp = segment.timestamp(clock.timestamp(now, publisher.clock));
            if let Some(info) = down.delivery.info(down.ssrc, timestamp, now)
                && writer.sender_report(&info, &[]).is_ok()
            {
                let _fits = writer.cname(down.ssrc, CNAME);
            }
        }
    }

    fn say_farewell(&mut self, key: PeerKey, outbox: &mut Outbox) -> Result<(), Discard> {
        let mut page = [0; RTCP_BYTES_MAX];
        let mut writer = Writer::new(&mut page);
        let Some(peer) = self.peers.at_mut(key) else { return Ok(()) };
        if let Side::Watcher(watcher) = &peer.side {
            for ssrc in watcher.downs.iter().filter_map(|down| self.downs.at(*down)).map(|down| down.ssrc) {
                let _fits = writer.bye(&[ssrc]);
            }
        } else {
            let _fits = writer.bye(&[OUR_SSRC]);
        }
        let length = writer.finish();
        if peer.way().is_some() { put_rtcp(peer, &page[..length], outbox) } else { Ok(()) }
    }
}

/// Seals a compound into the outbox; an empty one is not sent.
fn put_rtcp(peer: &mut Peer, compound: &[u8], outbox: &mut Outbox) -> Result<(), Discard> {
    if compound.is_empty() {
        return Ok(());
    }
    let (road, sealer) = peer.way().ok_or(Discard::NoRoad)?;
    let slot = outbox.slot().ok_or(Discard::SendBufferFull)?;
    slot.get_mut(..compound.len()).ok_or(Discard::TooLong)?.copy_from_slice(compound);
    let sealed = sealer.seal_rtcp(slot, compound.len()).ok_or(Discard::TooLong)?;
    outbox.commit(road, sealed);
    Ok(())
}
