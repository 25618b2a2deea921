//! Writing an answer: what both kinds of answer share.

use rtc::sdp::description::common::{Address, ConnectionInformation};
use rtc::sdp::description::media::{MediaName, RangedPort};
use rtc::sdp::description::session::{Origin, TimeDescription};
use rtc::sdp::{MediaDescription, SessionDescription};

use super::{Candidate, Feedback, Format, Local, Section};
use crate::wire::codec::Codec;

/// An answer in the making, one section after the other.
pub(super) struct Answer<'a> {
    local: &'a Local,
    mids: Vec<&'a str>,
    sections: Vec<MediaDescription>,
}

impl<'a> Answer<'a> {
    pub(super) const fn new(local: &'a Local) -> Self {
        Self { local, mids: Vec::new(), sections: Vec::new() }
    }

    /// Answers a section with no (RFC 8829 §5.3.1).
    pub(super) fn refuse(&mut self, section: &Section) {
        let format = section.formats.first().cloned().unwrap_or_else(|| "0".to_owned());
        let mut media = blank(section, 0, vec![format]).with_property_attribute("inactive".to_owned());
        if !section.mid.is_empty() {
            media = media.with_value_attribute("mid".to_owned(), section.mid.clone());
        }
        self.sections.push(media);
    }

    /// Answers a section with these codecs and whatever `finish` adds.
    pub(super) fn accept(
        &mut self,
        section: &'a Section,
        formats: &[&Format],
        feedback: impl Fn(&Format) -> Feedback,
        finish: impl FnOnce(Lines) -> Lines,
    ) {
        let numbers = formats.iter().flat_map(|format| std::iter::once(format.payload_type).chain(format.rtx));
        let mut lines = Lines(blank(section, 9, numbers.map(|number| number.to_string()).collect()));
        lines = lines.transport(self.local, section, self.sections.iter().all(is_refused));
        for format in formats {
            lines = lines.format(format, feedback(format));
        }
        self.mids.push(&section.mid);
        self.sections.push(finish(lines).0);
    }

    pub(super) fn write(self) -> String {
        let mut description = SessionDescription {
            origin: Origin {
                username: "-".to_owned(),
                session_id: self.local.session_id,
                session_version: 1,
                network_type: "IN".to_owned(),
                address_type: "IP4".to_owned(),
                unicast_address: "0.0.0.0".to_owned(),
            },
            session_name: "-".to_owned(),
            time_descriptions: vec![TimeDescription::default()],
            media_descriptions: self.sections,
            ..SessionDescription::default()
        };
        description = description.with_property_attribute("ice-lite".to_owned());
        if self.mids.iter().all(|mid| !mid.is_empty()) {
            description =
                description.with_value_attribute("group".to_owned(), format!("BUNDLE {}", self.mids.join(" ")));
        }
        description.marshal()
    }
}

/// The attributes of one section, in the order they are added.
pub(super) struct Lines(MediaDescription);

impl Lines {
    pub(super) fn flag(self, key: &str) -> Self {
        Self(self.0.with_property_attribute(key.to_owned()))
    }

    pub(super) fn line(self, key: &str, value: String) -> Self {
        Self(self.0.with_value_attribute(key.to_owned(), value))
    }

    /// Those of `wanted` that the section offers, under the section's numbers.
    pub(super) fn extensions(self, section: &Section, wanted: &[&str]) -> Self {
        let offered = section.extensions.iter().filter(|(_, uri)| wanted.contains(&uri.as_str()));
        offered.fold(self, |lines, (id, uri)| lines.line("extmap", format!("{id} {uri}")))
    }

    /// ICE and DTLS; the candidates only once, for the sections share them (RFC 9143 §7.3.3).
    fn transport(self, local: &Local, section: &Section, first: bool) -> Self {
        let mut lines = self;
        if !section.mid.is_empty() {
            lines = lines.line("mid", section.mid.clone());
        }
        lines = lines
            .line("ice-ufrag", local.ufrag.clone())
            .line("ice-pwd", local.pwd.clone())
            .line("fingerprint", local.fingerprint.to_string())
            .line("setup", "passive".to_owned())
            .flag("rtcp-mux");
        if section.rtcp_rsize {
            lines = lines.flag("rtcp-rsize");
        }
        if first {
            lines = candidate_lines(&local.candidates).fold(lines, |lines, value| lines.line("candidate", value));
            lines = lines.flag("end-of-candidates");
        }
        lines
    }

    fn format(self, format: &Format, feedback: Feedback) -> Self {
        let pt = format.payload_type;
        let mut lines = self.line("rtpmap", format!("{pt} {}", format.rtpmap));
        let fmtp = match (format.fmtp.as_str(), format.codec) {
            ("", Codec::Opus) => "minptime=10;useinbandfec=1",
            (written, _) => written,
        };
        if !fmtp.is_empty() {
            lines = lines.line("fmtp", format!("{pt} {fmtp}"));
        }
        for (wanted, name) in [
            (feedback.nack, "nack"),
            (feedback.pli, "nack pli"),
            (feedback.fir, "ccm fir"),
            (feedback.transport_cc, "transport-cc"),
            (feedback.remb, "goog-remb"),
        ] {
            if wanted {
                lines = lines.line("rtcp-fb", format!("{pt} {name}"));
            }
        }
        if let Some(rtx) = format.rtx {
            lines = lines.line("rtpmap", format!("{rtx} rtx/90000")).line("fmtp", format!("{rtx} apt={pt}"));
        }
        lines
    }
}

/// The formats of a section that we take, best first; equals stay in the offer's order.
pub(super) fn liked(section: &Section) -> Vec<&Format> {
    let mut ranked: Vec<_> = section.codecs.iter().filter_map(|format| Some((rank(format)?, format))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, format)| format).collect()
}

/// How well a format is liked, lower is better; `None` if it is not taken at all.
fn rank(format: &Format) -> Option<u8> {
    let parameter = |name, default| format.parameter(name).unwrap_or(default).to_ascii_lowercase();
    match format.codec {
        Codec::Opus => Some(0),
        // Every panel decodes baseline in hardware (profile_idc 0x42); single-packet mode cannot carry a frame.
        Codec::H264 if parameter("packetization-mode", "0") != "1" => None,
        Codec::H264 if parameter("profile-level-id", "42").starts_with("42") => Some(1),
        Codec::H264 => Some(2),
        Codec::Vp8 => Some(3),
        // Profiles above 0 have more than eight bits a colour, which panels do not decode.
        Codec::Vp9 => (parameter("profile-id", "0") == "0").then_some(4),
        Codec::Av1 => (parameter("profile", "0") == "0").then_some(5),
    }
}

/// `a=candidate` values (RFC 8839 §5.1), best first.
pub(super) fn candidate_lines(candidates: &[Candidate]) -> impl Iterator<Item = String> {
    (0..).zip(candidates).map(|(n, candidate)| {
        let (ip, port, priority) = (candidate.address.ip(), candidate.address.port(), priority(*candidate, n));
        let foundation = n + 1;
        if candidate.tcp {
            format!("{foundation} 1 tcp {priority} {ip} {port} typ host tcptype passive")
        } else {
            format!("{foundation} 1 udp {priority} {ip} {port} typ host")
        }
    })
}

/// RFC 8445 §5.1.2.1, and RFC 6544 §4.2 for TCP, which must come after all UDP.
const fn priority(candidate: Candidate, n: u32) -> u32 {
    const UDP_HOST: u32 = 126;
    const TCP_HOST: u32 = 90;
    const PASSIVE: u32 = 4;
    let (kind, local) = if candidate.tcp {
        (TCP_HOST, (PASSIVE << 13) + 8_191_u32.saturating_sub(n))
    } else {
        (UDP_HOST, 65_535_u32.saturating_sub(n))
    };
    (kind << 24) + (local << 8) + 255
}

/// An `m=` and a `c=` line.
fn blank(section: &Section, port: isize, formats: Vec<String>) -> MediaDescription {
    MediaDescription {
        media_name: MediaName {
            media: section.media.clone(),
            port: RangedPort { value: port, range: None },
            protos: section.protocols.clone(),
            formats,
        },
        connection_information: Some(ConnectionInformation {
            network_type: "IN".to_owned(),
            address_type: "IP4".to_owned(),
            address: Some(Address { address: "0.0.0.0".to_owned(), ttl: None, range: None }),
        }),
        ..MediaDescription::default()
    }
}

fn is_refused(media: &MediaDescription) -> bool {
    media.media_name.port.value == 0
}
