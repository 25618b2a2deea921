//! RTP: headers, their extensions, and payloads of every codec.

use crate::wire::codec::{Codec, glance, h264, opus, vp8, vp9};
use crate::wire::rtp::{self as wire, FIXED_BYTES, Header};
use crate::wire::rtp_ext;

/// Any bytes as a packet, and as the payload of one.
///
/// # Panics
/// If something does not hold that must.
pub fn rtp(bytes: &[u8]) {
    payload(bytes);
    let Some(header) = Header::read(bytes) else { return };
    assert!((FIXED_BYTES..=bytes.len()).contains(&usize::from(header.length)));
    fixed_reads_back(&header);
    extension_reads_back(bytes, &header);
    if let Some(content) = wire::payload(bytes, &header) {
        assert!(content.len() + usize::from(header.length) <= bytes.len());
        assert_eq!(content.len() + usize::from(header.length) == bytes.len(), !header.padded);
        payload(content);
    }
}

fn fixed_reads_back(header: &Header) {
    let mut out = [0; FIXED_BYTES];
    let alone = Header { extension: None, length: 12, ..*header };
    wire::write_fixed(&mut out, &alone);
    assert_eq!(Header::read(&out), Some(alone));
}

fn extension_reads_back(packet: &[u8], header: &Header) {
    let elements: Vec<_> = rtp_ext::elements(packet, header).collect();
    let bytes = header.extension.map_or(0, |extension| usize::from(extension.length));
    assert!(elements.iter().map(|(_, value)| value.len() + 1).sum::<usize>() <= bytes);
    let mut out = vec![0xff; FIXED_BYTES + 4 + 2 * bytes + 4];
    if let Some(fixed) = out.first_chunk_mut() {
        wire::write_fixed(fixed, &Header { extension: Some(wire::Extension::default()), ..*header });
    }
    let mut writer = rtp_ext::Writer::new(&mut out[FIXED_BYTES..]);
    // An element under id 0 with two-byte headers is padding, and is not read.
    assert!(elements.iter().all(|(id, value)| *id != 0 && writer.element(*id, value)));
    let length = FIXED_BYTES + writer.finish();
    if elements.is_empty() {
        assert_eq!(length, FIXED_BYTES);
        return;
    }
    let again = Header::read(&out[..length]).expect("what was written reads back");
    assert!(rtp_ext::elements(&out[..length], &again).eq(elements.iter().copied()));
    for (id, _) in &elements {
        assert_eq!(rtp_ext::find(packet, header, *id), rtp_ext::find(&out[..length], &again, *id));
    }
}

fn payload(bytes: &[u8]) {
    for codec in Codec::ALL {
        let seen = glance(codec, bytes);
        assert!(seen.frame_start || !seen.keyframe_start, "a keyframe is a picture");
        assert!(!seen.frame_start || !bytes.is_empty(), "nothing starts nothing");
    }
    assert!(opus::samples(bytes).is_none_or(|samples| (120..=5_760).contains(&samples)));
    assert!(!h264::has_sps(bytes) || glance(Codec::H264, bytes).keyframe_start);
    assert!(vp9::Descriptor::read(bytes).is_none_or(|descriptor| usize::from(descriptor.length) <= bytes.len()));
    vp8_renumbers(bytes);
}

fn vp8_renumbers(bytes: &[u8]) {
    let mut changed = bytes.to_vec();
    let Some(before) = vp8::Descriptor::read(bytes) else {
        assert!(!vp8::rewrite(&mut changed, 0x5aa5, 0x5a));
        assert_eq!(changed, bytes);
        return;
    };
    assert!(usize::from(before.length) <= bytes.len());
    assert!(vp8::rewrite(&mut changed, 0x5aa5, 0x5a));
    let after = vp8::Descriptor::read(&changed).expect("still a descriptor");
    let number = |id: vp8::PictureId| vp8::PictureId { value: if id.wide { 0x5aa5 } else { 0x25 }, ..id };
    assert_eq!(after.picture_id, before.picture_id.map(number));
    assert_eq!(after.tl0, before.tl0.map(|(_, at)| (0x5a, at)));
    assert_eq!(vp8::Descriptor { picture_id: before.picture_id, tl0: before.tl0, ..after }, before);
    assert_eq!(changed[usize::from(after.length)..], bytes[usize::from(before.length)..]);
}
