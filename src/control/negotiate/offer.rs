//! Reading an offer: what the peer has, in its own order.

use std::io::Cursor;

use rtc::sdp::description::common::Attribute;
use rtc::sdp::{MediaDescription, SessionDescription};

use super::answer::liked;
use super::transport::{Common, bundle, credential, fingerprint, one_transport};
use super::{OfferFault, extension};
use crate::base::limits::{
    BODY_BYTES_MAX, SDP_EXTENSIONS_MAX, SDP_FORMATS_MAX, SDP_ID_LEN_MAX, SDP_RIDS_MAX, SDP_SECTIONS_MAX, SDP_SSRCS_MAX,
};
use crate::control::handshake::Fingerprint;
use crate::wire::codec::Codec;

/// What a peer offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The peer's ICE user name fragment.
    pub ufrag: String,
    /// The peer's ICE password.
    pub pwd: String,
    /// Of the peer's certificate.
    pub fingerprint: Fingerprint,
    /// The mids of the sections that share one transport.
    pub bundle: Vec<String>,
    /// In order; an answer has the same.
    pub sections: Vec<Section>,
}

/// What a section carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
    /// Anything else, which is always refused.
    Other,
}

/// Which way a section's media goes, seen by who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Both ways; what a section means that says nothing.
    SendRecv,
    /// From the writer.
    SendOnly,
    /// To the writer.
    RecvOnly,
    /// Neither.
    Inactive,
}

impl Direction {
    /// Whether the writer may send.
    pub const fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Whether the writer wants to receive.
    pub const fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }
}

/// One `m=` section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it carries.
    pub kind: Kind,
    /// Its name; empty if it has none, which only an only section may.
    pub mid: String,
    /// Which way.
    pub direction: Direction,
    /// Whether its writer already gave it up: port 0 and not `bundle-only`.
    pub refused: bool,
    /// The codecs we know, in the writer's order.
    pub codecs: Vec<Format>,
    /// Numbers 1–14 and URIs of its header extensions; other numbers need longer headers than we write.
    pub extensions: Vec<(u8, String)>,
    /// The simulcast layers it sends or receives.
    pub rids: Vec<String>,
    /// SSRCs it announces, each with that of its retransmissions.
    pub ssrcs: Vec<(u32, Option<u32>)>,
    /// Stream and track, if it names them.
    pub msid: Option<(String, String)>,
    /// Whether RTCP comes on the same port.
    pub rtcp_mux: bool,
    /// Whether reduced-size RTCP is understood (RFC 5506).
    pub rtcp_rsize: bool,
    /// The `m=` line's media word, protocol and formats as they were written.
    pub(super) media: String,
    pub(super) protocols: Vec<String>,
    pub(super) formats: Vec<String>,
}

impl Section {
    /// The number of a header extension.
    pub fn extension(&self, uri: &str) -> Option<u8> {
        self.extensions.iter().find(|(_, offered)| offered == uri).map(|(id, _)| *id)
    }

    /// What we take of it, best first; `None` if that is nothing, or it runs the wrong way, or on the wrong road.
    pub(super) fn usable_formats(&self, right_way: bool) -> Option<Vec<&Format>> {
        let on_dtls =
            self.protocols.iter().any(|word| word == "TLS") && self.protocols.iter().any(|word| word == "SAVPF");
        let mut formats = liked(self);
        formats.retain(|format| format.codec.is_video() == (self.kind == Kind::Video));
        (right_way && on_dtls && !self.refused && !formats.is_empty()).then_some(formats)
    }
}

/// A codec under one payload type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// Its number in RTP headers.
    pub payload_type: u8,
    /// Which codec.
    pub codec: Codec,
    /// Its `a=rtpmap` value as it was written: name, clock rate, channels.
    pub rtpmap: String,
    /// Its parameters as they were written; empty if there are none.
    pub fmtp: String,
    /// The payload type of its retransmissions (RFC 4588).
    pub rtx: Option<u8>,
    /// The RTCP feedback it asks for.
    pub feedback: Feedback,
}

impl Format {
    /// One of its parameters.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        parameter(&self.fmtp, name)
    }
}

/// Kinds of RTCP feedback (RFC 4585, RFC 5104).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Feedback {
    /// `nack`: lost packets.
    pub nack: bool,
    /// `nack pli`: a lost picture.
    pub pli: bool,
    /// `ccm fir`: a keyframe wanted.
    pub fir: bool,
    /// `transport-cc`: when each packet arrived.
    pub transport_cc: bool,
    /// `goog-remb`: the rate the receiver estimates.
    pub remb: bool,
}

/// Reads an offer.
///
/// # Errors
/// [`OfferFault::Unreadable`] if it is not SDP or beyond a limit; [`OfferFault::Unusable`] if it has no ICE
/// credentials or certificate, wants to be the DTLS server, or spreads its sections over several transports.
pub fn read_offer(text: &str) -> Result<Offer, OfferFault> {
    let description = read_description(text)?;
    let sections = description.media_descriptions.iter().enumerate();
    let sections = sections.map(|(n, media)| read_section(n, media)).collect::<Result<Vec<_>, _>>()?;
    let common = Common::new(&description, &sections);
    if common.value("setup").is_some_and(|setup| !matches!(setup, "actpass" | "active")) {
        return Err(unusable("it wants to be the DTLS server (a=setup:passive), and so do we"));
    }
    let offer = Offer {
        ufrag: credential(&common, "ice-ufrag", 4)?,
        pwd: credential(&common, "ice-pwd", 22)?,
        fingerprint: fingerprint(&common)?,
        bundle: bundle(&description),
        sections,
    };
    one_transport(&offer)?;
    Ok(offer)
}

pub(super) fn unreadable(what: impl Into<String>) -> OfferFault {
    OfferFault::Unreadable(what.into())
}

pub(super) fn unusable(what: impl Into<String>) -> OfferFault {
    OfferFault::Unusable(what.into())
}

/// The syntax only, within the limits.
pub(super) fn read_description(text: &str) -> Result<SessionDescription, OfferFault> {
    if text.len() > BODY_BYTES_MAX {
        return Err(unreadable(format!("it is longer than {BODY_BYTES_MAX} bytes")));
    }
    // A stray carriage return would end a line early in the answer that repeats it.
    if text.replace("\r\n", "\n").contains(|letter: char| letter.is_control() && letter != '\n') {
        return Err(unreadable("it has control characters other than line ends"));
    }
    let description = SessionDescription::unmarshal(&mut Cursor::new(text));
    let description = description.map_err(|error| unreadable(format!("it is not SDP: {error}")))?;
    match description.media_descriptions.len() {
        0 => Err(unreadable("it has no sections (m= lines)")),
        count if count > SDP_SECTIONS_MAX => {
            Err(unreadable(format!("it has {count} sections; {SDP_SECTIONS_MAX} is most")))
        }
        _ => Ok(description),
    }
}

/// The `n`-th section, from 0.
pub(super) fn read_section(n: usize, media: &MediaDescription) -> Result<Section, OfferFault> {
    let name = &media.media_name;
    let attributes = Attributes(&media.attributes);
    let fault = |what: &str| unreadable(format!("section {} ({}): {what}", n + 1, name.media));
    let capped = |count: usize, most: usize, what: &str| {
        if count > most { Err(fault(&format!("{count} {what}; {most} is most"))) } else { Ok(()) }
    };
    capped(name.formats.len(), SDP_FORMATS_MAX, "formats")?;
    capped(attributes.values("rtpmap").count(), SDP_FORMATS_MAX, "a=rtpmap lines")?;
    capped(attributes.values("extmap").count(), SDP_EXTENSIONS_MAX, "header extensions")?;
    capped(attributes.values("rid").count(), SDP_RIDS_MAX, "simulcast layers")?;
    let mid = attributes.value("mid").unwrap_or_default().to_owned();
    let rids = rids(&attributes);
    if !mid.is_empty() && !is_id(&mid) || !rids.iter().all(|rid| is_id(rid)) {
        return Err(fault("a mid or rid is too long, or has characters other than letters, digits, - and _"));
    }
    let ssrcs = ssrcs(&attributes);
    capped(ssrcs.len(), SDP_SSRCS_MAX, "SSRCs")?;
    Ok(Section {
        kind: match name.media.as_str() {
            "audio" => Kind::Audio,
            "video" => Kind::Video,
            _ => Kind::Other,
        },
        mid,
        direction: direction(&attributes),
        refused: name.port.value == 0 && !attributes.flag("bundle-only"),
        codecs: codecs(&name.formats, &attributes),
        extensions: attributes.values("extmap").filter_map(read_extension).collect(),
        rids,
        ssrcs,
        msid: attributes.value("msid").and_then(|msid| msid.split_once(' ')).map(|(s, t)| (s.to_owned(), t.to_owned())),
        rtcp_mux: attributes.flag("rtcp-mux"),
        rtcp_rsize: attributes.flag("rtcp-rsize"),
        media: name.media.clone(),
        protocols: name.protos.clone(),
        formats: name.formats.clone(),
    })
}

/// The attributes of a section, or of the whole.
pub(super) struct Attributes<'a>(pub(super) &'a [Attribute]);

impl<'a> Attributes<'a> {
    pub(super) fn values(&self, key: &'a str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.0.iter().filter(move |attribute| attribute.key == key).filter_map(|attribute| attribute.value.as_deref())
    }

    fn value(&self, key: &'a str) -> Option<&'a str> {
        self.values(key).next().map(str::trim)
    }

    fn flag(&self, key: &str) -> bool {
        self.0.iter().any(|attribute| attribute.key == key)
    }

    /// What follows `pt ` in the first such attribute of this payload type.
    fn of_format(&self, key: &'a str, pt: &str) -> Option<&'a str> {
        self.values(key).find_map(|value| after_format(value, pt))
    }
}

fn after_format<'a>(value: &'a str, pt: &str) -> Option<&'a str> {
    value.split_once(' ').filter(|(number, _)| *number == pt).map(|(_, rest)| rest.trim())
}

/// The codecs that we know, each payload type once.
fn codecs(formats: &[String], attributes: &Attributes<'_>) -> Vec<Format> {
    let mut codecs: Vec<Format> = Vec::new();
    for format in formats.iter().filter_map(|format| read_format(format, attributes)) {
        if !codecs.iter().any(|known| known.payload_type == format.payload_type) {
            codecs.push(format);
        }
    }
    codecs
}

/// A codec that we know; `None` for any other format.
fn read_format(pt: &str, attributes: &Attributes<'_>) -> Option<Format> {
    let payload_type = pt.parse().ok().filter(|number: &u8| *number < 128)?;
    let rtpmap = attributes.of_format("rtpmap", pt)?;
    let codec = Codec::from_sdp_name(rtpmap.split('/').next()?)?;
    Some(Format {
        payload_type,
        codec,
        rtpmap: rtpmap.to_owned(),
        fmtp: attributes.of_format("fmtp", pt).unwrap_or_default().to_owned(),
        rtx: rtx_of(pt, attributes),
        feedback: read_feedback(pt, attributes),
    })
}

/// The payload type whose `apt` is `pt`.
fn rtx_of(pt: &str, attributes: &Attributes<'_>) -> Option<u8> {
    let mut rtpmaps = attributes.values("rtpmap").filter_map(|value| value.split_once(' '));
    let (number, _) = rtpmaps.find(|(number, rtpmap)| {
        let is_rtx = rtpmap.split('/').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("rtx"));
        is_rtx && attributes.of_format("fmtp", number).and_then(|fmtp| parameter(fmtp, "apt")) == Some(pt)
    })?;
    number.parse().ok().filter(|number| *number < 128)
}

fn read_feedback(pt: &str, attributes: &Attributes<'_>) -> Feedback {
    let mut feedback = Feedback::default();
    for value in attributes.values("rtcp-fb") {
        match after_format(value, pt).or_else(|| after_format(value, "*")) {
            Some("nack") => feedback.nack = true,
            Some("nack pli") => feedback.pli = true,
            Some("ccm fir") => feedback.fir = true,
            Some("transport-cc") => feedback.transport_cc = true,
            Some("goog-remb") => feedback.remb = true,
            _ => {}
        }
    }
    feedback
}

fn parameter<'a>(fmtp: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = fmtp.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// `id[/direction] uri …`, if we speak it.
fn read_extension(value: &str) -> Option<(u8, String)> {
    let mut words = value.split_ascii_whitespace();
    let id = words.next()?.split('/').next()?.parse().ok().filter(|id| (1..=14).contains(id))?;
    let uri = words.next()?;
    let known = [
        extension::MID,
        extension::RID,
        extension::RRID,
        extension::TRANSPORT_CC,
        extension::ABS_SEND_TIME,
        extension::AUDIO_LEVEL,
    ];
    known.contains(&uri).then(|| (id, uri.to_owned()))
}

fn direction(attributes: &Attributes<'_>) -> Direction {
    let written = attributes.0.iter().find_map(|attribute| match attribute.key.as_str() {
        "sendrecv" => Some(Direction::SendRecv),
        "sendonly" => Some(Direction::SendOnly),
        "recvonly" => Some(Direction::RecvOnly),
        "inactive" => Some(Direction::Inactive),
        _ => None,
    });
    written.unwrap_or(Direction::SendRecv)
}

/// The layers of `a=rid:<id> send|recv …`, each once.
fn rids(attributes: &Attributes<'_>) -> Vec<String> {
    let mut rids: Vec<String> = Vec::new();
    for value in attributes.values("rid") {
        let mut words = value.split_ascii_whitespace();
        if let (Some(rid), Some("send" | "recv")) = (words.next(), words.next())
            && !rids.iter().any(|known| known == rid)
        {
            rids.push(rid.to_owned());
        }
    }
    rids
}

/// Every announced SSRC that is not itself a retransmission, with its retransmission's.
fn ssrcs(attributes: &Attributes<'_>) -> Vec<(u32, Option<u32>)> {
    let mut repairs: Vec<(u32, u32)> = Vec::new();
    for group in attributes.values("ssrc-group").take(SDP_SSRCS_MAX) {
        let mut words = group.split_ascii_whitespace();
        let is_repair = words.next() == Some("FID");
        let numbers: Vec<u32> = words.filter_map(|word| word.parse().ok()).collect();
        if let (true, &[media, rtx]) = (is_repair, numbers.as_slice()) {
            repairs.push((media, rtx));
        }
    }
    let mut ssrcs: Vec<(u32, Option<u32>)> = Vec::new();
    for value in attributes.values("ssrc") {
        let Some(ssrc) = value.split_ascii_whitespace().next().and_then(|word| word.parse().ok()) else { continue };
        let known = ssrcs.len() > SDP_SSRCS_MAX || ssrcs.iter().any(|(media, _)| *media == ssrc);
        if !known && !repairs.iter().any(|(_, rtx)| *rtx == ssrc) {
            ssrcs.push((ssrc, repairs.iter().find(|(media, _)| *media == ssrc).map(|(_, rtx)| *rtx)));
        }
    }
    ssrcs
}

/// Letters, digits, `-` and `_`: what every implementation uses, and nothing that could end a line or a list.
fn is_id(id: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !id.is_empty() && id.len() <= SDP_ID_LEN_MAX && id.bytes().all(good)
}
