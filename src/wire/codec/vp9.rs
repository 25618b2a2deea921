//! VP9: the payload descriptor (RFC 9628 §4.2).

use super::Glance;
pub use super::vp8::PictureId;

/// What stands in front of the picture's bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags on the wire")]
pub struct Descriptor {
    /// Whether the picture needs an earlier one.
    pub inter_picture: bool,
    /// Whether the payload is the first of a layer's frame.
    pub start: bool,
    /// Whether the payload is the last of a layer's frame.
    pub end: bool,
    /// Counts pictures.
    pub picture_id: Option<PictureId>,
    /// The temporal layer; zero is the lowest, and is what a stream without layers has.
    pub temporal_id: u8,
    /// Whether a receiver of lower temporal layers alone can go up with this frame.
    pub switching_up: bool,
    /// The spatial layer; zero is the lowest, and is what a stream without layers has.
    pub spatial_id: u8,
    /// Whether the frame needs the spatial layer below it.
    pub inter_layer: bool,
    /// Counts the pictures of the lowest temporal layer, with its offset in the payload.
    pub tl0: Option<(u8, u8)>,
    /// Bytes: where the frame's bytes start.
    pub length: u16,
}

impl Descriptor {
    /// Reads the descriptor at the start of a payload; `None` if the payload is shorter.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor { payload, at: 0 };
        let flags = cursor.byte()?;
        let has = |bit: u8| flags & bit != 0;
        let mut descriptor = Self { inter_picture: has(0x40), start: has(0x08), end: has(0x04), ..Self::default() };
        let flexible = has(0x10);
        if has(0x80) {
            descriptor.picture_id = Some(cursor.picture_id()?);
        }
        if has(0x20) {
            descriptor.read_layer(&mut cursor, flexible)?;
        }
        if flexible && descriptor.inter_picture {
            cursor.skip_references()?;
        }
        if has(0x02) {
            cursor.skip_structure()?;
        }
        descriptor.length = u16::try_from(cursor.at).ok()?;
        Some(descriptor)
    }

    fn read_layer(&mut self, cursor: &mut Cursor<'_>, flexible: bool) -> Option<()> {
        let layer = cursor.byte()?;
        self.temporal_id = layer >> 5;
        self.switching_up = layer & 0x10 != 0;
        self.spatial_id = layer >> 1 & 0x07;
        self.inter_layer = layer & 0x01 != 0;
        if !flexible {
            let at = u8::try_from(cursor.at).ok()?;
            self.tl0 = Some((cursor.byte()?, at));
        }
        Some(())
    }
}

/// A keyframe starts with the first packet of its lowest layer's frame, which needs nothing else.
pub(super) fn glance(payload: &[u8]) -> Glance {
    let Some(descriptor) = Descriptor::read(payload) else { return Glance::default() };
    if usize::from(descriptor.length) >= payload.len() {
        return Glance::default();
    }
    let frame_start = descriptor.start && descriptor.spatial_id == 0;
    Glance { keyframe_start: frame_start && !descriptor.inter_picture && !descriptor.inter_layer, frame_start }
}

struct Cursor<'a> {
    payload: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.payload.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.at += bytes;
        (self.at <= self.payload.len()).then_some(())
    }

    fn picture_id(&mut self) -> Option<PictureId> {
        let at = u8::try_from(self.at).ok()?;
        let first = self.byte()?;
        let wide = first & 0x80 != 0;
        let value = if wide { u16::from_be_bytes([first & 0x7f, self.byte()?]) } else { u16::from(first) };
        Some(PictureId { value, wide, at })
    }

    /// At most three, each with a bit that says whether another follows.
    fn skip_references(&mut self) -> Option<()> {
        for _ in 0..3 {
            if self.byte()? & 0x01 == 0 {
                return Some(());
            }
        }
        // A fourth is not allowed.
        None
    }

    /// The sizes of the layers, and which pictures of a group need which.
    fn skip_structure(&mut self) -> Option<()> {
        let head = self.byte()?;
        if head & 0x10 != 0 {
            self.skip(4 * (usize::from(head >> 5) + 1))?;
        }
        if head & 0x08 != 0 {
            for _ in 0..self.byte()? {
                let references = self.byte()? >> 2 & 0x03;
                self.skip(usize::from(references))?;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyframe_starts_with_the_lowest_layer_of_a_picture_that_needs_no_other() {
        let keyframe = Glance { keyframe_start: true, frame_start: true };
        assert_eq!(glance(&[0x08, 0x82]), keyframe, "no layers at all");
        assert_eq!(glance(&[0xa8, 0x81, 0x00, 0x00, 0x05, 0x82]), keyframe);
        assert_eq!(glance(&[0x48, 0x82]), Glance { keyframe_start: false, frame_start: true }, "needs an earlier one");
        assert_eq!(glance(&[0x00, 0x82]), Glance::default(), "goes on with a frame");
        assert_eq!(glance(&[0xa8, 0x81, 0x00, 0x03, 0x05, 0x82]), Glance::default(), "a higher layer");
        assert_eq!(glance(&[0x08]), Glance::default(), "a descriptor with nothing after it");
    }

    #[test]
    fn every_field_is_found_whatever_stands_before_it() {
        let steady = Descriptor::read(&[0xec, 0x92, 0x34, 0x52, 0x07, 0xff]).unwrap();
        assert_eq!(steady.picture_id, Some(PictureId { value: 0x1234, wide: true, at: 1 }));
        assert_eq!(
            (steady.temporal_id, steady.switching_up, steady.spatial_id, steady.inter_layer),
            (2, true, 1, false)
        );
        assert_eq!((steady.tl0, steady.length), (Some((7, 4)), 5));
        assert!(steady.inter_picture && steady.start && steady.end);
        let flexible = Descriptor::read(&[0xf0, 0x34, 0x52, 0x03, 0x02, 0xff]).unwrap();
        assert_eq!((flexible.tl0, flexible.length), (None, 5), "two references and no TL0PICIDX");
    }

    #[test]
    fn the_structure_is_stepped_over() {
        // Two layers with sizes, then a group of two pictures with one and two references.
        let payload = [0x0a, 0x38, 1, 2, 3, 4, 5, 6, 7, 8, 2, 0x04, 1, 0x08, 1, 2, 0xff];
        assert_eq!(Descriptor::read(&payload).unwrap().length, 16);
        for length in 0..16 {
            assert_eq!(Descriptor::read(&payload[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn a_fourth_reference_is_refused() {
        assert!(Descriptor::read(&[0x50, 1, 1, 0, 0xff]).is_some());
        assert_eq!(Descriptor::read(&[0x50, 1, 1, 1, 0, 0xff]), None);
    }
}
