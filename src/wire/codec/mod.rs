//! What the server has to see of a codec: where pictures and keyframes start.

pub mod av1;
pub mod h264;
pub mod opus;
pub mod vp8;
pub mod vp9;

/// The codecs that are passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// Sound (RFC 7587).
    Opus,
    /// Pictures (RFC 6184).
    H264,
    /// Pictures (RFC 7741).
    Vp8,
    /// Pictures (RFC 9628).
    Vp9,
    /// Pictures (the Alliance for Open Media's RTP payload format, v1.0.0).
    Av1,
}

impl Codec {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Opus, Self::H264, Self::Vp8, Self::Vp9, Self::Av1];

    /// Ticks of the RTP timestamp per second.
    pub const fn clock_rate(self) -> u32 {
        match self {
            Self::Opus => 48_000,
            Self::H264 | Self::Vp8 | Self::Vp9 | Self::Av1 => 90_000,
        }
    }

    /// Whether it carries pictures.
    pub const fn is_video(self) -> bool {
        !matches!(self, Self::Opus)
    }

    /// Its name in an `a=rtpmap` line.
    pub const fn sdp_name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::H264 => "H264",
            Self::Vp8 => "VP8",
            Self::Vp9 => "VP9",
            Self::Av1 => "AV1",
        }
    }

    /// The codec of that name in an `a=rtpmap` line, in upper or lower case (RFC 8866 §6.6).
    pub fn from_sdp_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| codec.sdp_name().eq_ignore_ascii_case(name))
    }
}

/// What one packet's payload gives away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// A decoder that knows nothing can start with this packet.
    ///
    /// More than one packet of a keyframe may say so, where the codec allows no better: the first one counts.
    pub keyframe_start: bool,
    /// A picture may start with this packet; false only if it surely goes on with one that has started.
    pub frame_start: bool,
}

/// Looks at the payload of a packet, decrypted and without padding. An empty payload starts nothing.
pub fn glance(codec: Codec, payload: &[u8]) -> Glance {
    match codec {
        Codec::Opus => opus::glance(payload),
        Codec::H264 => h264::glance(payload),
        Codec::Vp8 => vp8::glance(payload),
        Codec::Vp9 => vp9::glance(payload),
        Codec::Av1 => av1::glance(payload),
    }
}
