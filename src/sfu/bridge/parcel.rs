//! What workers say to each other, as bytes: a lane may lead to another thread or, one day, to another machine.
//!
//! The first byte says which it is, and then come a session and fixed fields, all in network order.

use super::super::command::SessionId;
use super::super::recent::Kept;
use crate::base::limits::{LAYERS_MAX, TRACKS_MAX};
use crate::wire::codec::Codec;

/// The longest head of a parcel; only media have a body behind it.
pub(in super::super) const HEAD_MAX: usize = 40;

/// One layer of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Of {
    pub(in super::super) session: SessionId,
    pub(in super::super) track: usize,
    pub(in super::super) layer: u8,
}

/// What tracks a publisher has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Shapes {
    /// The number of layers, and 128 for a picture; 0 behind the last.
    tracks: [u8; TRACKS_MAX],
}

impl Shapes {
    /// One more track.
    pub(in super::super) fn push(&mut self, video: bool, layers: usize) {
        if let Some(place) = self.tracks.iter_mut().find(|place| **place == 0) {
            *place = u8::try_from(layers.clamp(1, LAYERS_MAX)).unwrap_or(1) | u8::from(video) << 7;
        }
    }

    /// Whether each is a picture, and how many layers it has.
    pub(in super::super) fn iter(&self) -> impl Iterator<Item = (bool, usize)> + '_ {
        let tracks = self.tracks.iter().take_while(|track| **track != 0);
        tracks.map(|track| (track & 0x80 != 0, usize::from(track & 0x7f).clamp(1, LAYERS_MAX)))
    }
}

/// An opened packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Media<'a> {
    pub(in super::super) of: Of,
    /// Counts how often the stream began anew.
    pub(in super::super) epoch: u8,
    pub(in super::super) index: u64,
    pub(in super::super) timestamp: u32,
    pub(in super::super) marker: bool,
    pub(in super::super) codec: Codec,
    pub(in super::super) payload: &'a [u8],
}

impl<'a> Media<'a> {
    pub(in super::super) const fn of(of: Of, epoch: u8, kept: &Kept, payload: &'a [u8]) -> Self {
        let Kept { index, timestamp, marker, codec, .. } = *kept;
        Self { of, epoch, index, timestamp, marker, codec, payload }
    }
}

/// What one worker says to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Parcel<'a> {
    /// To the publisher's home: its packets are needed here.
    Subscribe { session: SessionId },
    /// To the home: not any more.
    Unsubscribe { session: SessionId },
    /// To the home: a keyframe is needed.
    Want { of: Of },
    /// To the home: these layers of each track are watched here.
    Watched { session: SessionId, layers: [u8; TRACKS_MAX] },
    /// From the home: what there is.
    Tracks { session: SessionId, shapes: Shapes },
    /// From the home: a packet.
    Media(Media<'a>),
    /// From the home: the publisher's sender report.
    Report { of: Of, ntp: u64, timestamp: u32 },
    /// From the home: there is no such publisher any more.
    Gone { session: SessionId },
}

impl<'a> Parcel<'a> {
    /// Writes all but the payload; gives what was written.
    pub(in super::super) fn write<'b>(&self, out: &'b mut [u8; HEAD_MAX]) -> &'b [u8] {
        let mut writer = Writer { out, length: 0 };
        match self {
            Self::Subscribe { session } => writer.kind(1, *session),
            Self::Unsubscribe { session } => writer.kind(2, *session),
            Self::Want { of } => writer.of(3, *of),
            Self::Watched { session, layers } => writer.kind(4, *session).put(layers),
            Self::Tracks { session, shapes } => writer.kind(5, *session).put(&shapes.tracks),
            Self::Media(media) => writer
                .of(6, media.of)
                .put(&[media.epoch, media.codec as u8, u8::from(media.marker)])
                .put(&media.index.to_be_bytes())
                .put(&media.timestamp.to_be_bytes()),
            Self::Report { of, ntp, timestamp } => {
                writer.of(7, *of).put(&ntp.to_be_bytes()).put(&timestamp.to_be_bytes())
            }
            Self::Gone { session } => writer.kind(8, *session),
        };
        let length = writer.length;
        &out[..length]
    }

    /// Reads a parcel; `None` if it is none.
    pub(in super::super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let mut reader = Reader { rest };
        let session = SessionId(u64::from_be_bytes(reader.take()?));
        let parcel = match kind {
            1 => Self::Subscribe { session },
            2 => Self::Unsubscribe { session },
            3 => Self::Want { of: reader.of(session)? },
            4 => Self::Watched { session, layers: reader.take()? },
            5 => Self::Tracks { session, shapes: Shapes { tracks: reader.take()? } },
            6 => {
                let of = reader.of(session)?;
                let [epoch, codec, marker] = reader.take()?;
                return Some(Self::Media(Media {
                    of,
                    epoch,
                    codec: *Codec::ALL.get(usize::from(codec))?,
                    marker: marker != 0,
                    index: u64::from_be_bytes(reader.take()?),
                    timestamp: u32::from_be_bytes(reader.take()?),
                    payload: reader.rest,
                }));
            }
            7 => {
                let of = reader.of(session)?;
                let (ntp, timestamp) = (u64::from_be_bytes(reader.take()?), u32::from_be_bytes(reader.take()?));
                Self::Report { of, ntp, timestamp }
            }
            8 => Self::Gone { session },
            _ => return None,
        };
        reader.rest.is_empty().then_some(parcel)
    }
}

struct Writer<'b> {
    out: &'b mut [u8; HEAD_MAX],
    length: usize,
}

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) -> &mut Self {
        self.out[self.length..self.length + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
        self
    }

    fn kind(&mut self, kind: u8, session: SessionId) -> &mut Self {
        self.put(&[kind]).put(&session.0.to_be_bytes())
    }

    fn of(&mut self, kind: u8, of: Of) -> &mut Self {
        self.kind(kind, of.session).put(&[u8::try_from(of.track).unwrap_or(u8::MAX), of.layer])
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }

    fn of(&mut self, session: SessionId) -> Option<Of> {
        let [track, layer] = self.take()?;
        Some(Of { session, track: usize::from(track), layer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Parcel<'static>> {
        let session = SessionId(0x0102_0304_0506_0708);
        let of = Of { session, track: 5, layer: 2 };
        let mut shapes = Shapes::default();
        (0..TRACKS_MAX).for_each(|n| shapes.push(n % 2 == 0, n % 3 + 1));
        let (epoch, index, timestamp) = (255, u64::MAX - 1, 0xdead_beef);
        vec![
            Parcel::Subscribe { session },
            Parcel::Unsubscribe { session },
            Parcel::Want { of },
            Parcel::Watched { session, layers: [7; TRACKS_MAX] },
            Parcel::Tracks { session, shapes },
            Parcel::Media(Media { of, epoch, index, timestamp, marker: true, codec: Codec::Av1, payload: b"body" }),
            Parcel::Report { of, ntp: 1 << 63, timestamp },
            Parcel::Gone { session },
        ]
    }

    fn bytes(parcel: &Parcel<'_>) -> Vec<u8> {
        let mut head = [0; HEAD_MAX];
        let mut bytes = parcel.write(&mut head).to_vec();
        if let Parcel::Media(media) = parcel {
            bytes.extend_from_slice(media.payload);
        }
        bytes
    }

    #[test]
    fn every_parcel_reads_as_it_was_written_and_no_part_of_it_reads_at_all() {
        for parcel in all() {
            let bytes = bytes(&parcel);
            assert_eq!(Parcel::read(&bytes), Some(parcel));
            let body = if matches!(parcel, Parcel::Media(_)) { 4 } else { 0 };
            assert!((0..bytes.len() - body).all(|length| Parcel::read(&bytes[..length]).is_none()));
        }
        assert_eq!(Parcel::read(&[9; 9]), None);
    }

    #[test]
    fn shapes_say_what_there_is() {
        let mut shapes = Shapes::default();
        shapes.push(true, 3);
        shapes.push(false, 1);
        assert_eq!(shapes.iter().collect::<Vec<_>>(), [(true, 3), (false, 1)]);
    }
}
