//! What the server has to see of a codec.

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
    /// Pictures (AV1 RTP payload format, v1.0.0).
    Av1,
}

impl Codec {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Opus, Self::H264, Self::Vp8, Self::Vp9, Self::Av1];

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

    /// The codec of that name in an `a=rtpmap` line, in upper or lower case.
    pub fn from_sdp_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| codec.sdp_name().eq_ignore_ascii_case(name))
    }
}
