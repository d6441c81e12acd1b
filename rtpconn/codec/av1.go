package codec

import "galene/group/media"

// The types of AV1 open bitstream units that matter here (AV1 bitstream
// specification, section 6.2.2).
const (
	obuSequenceHeader = 1
	obuFrameHeader    = 3
	obuFrame          = 6
)

// AV1 parses the aggregation header and the units of the RTP payload format
// for AV1, as far as key frames go.
//
// A payload starts a key frame where it begins a coded video sequence (N), its
// first unit is a sequence header, and the first frame header in it, if any,
// is that of a key frame to be shown: a sender may put the frame header into
// the next packet, and a coded video sequence begins with a key frame.
func AV1(payload []byte, marker bool) media.FrameInfo {
	f := media.FrameInfo{End: marker}
	if len(payload) == 0 {
		return f
	}
	continued, begins := payload[0]&0x80 != 0, payload[0]&0x08 != 0
	if continued || !begins {
		return f
	}
	count := int(payload[0] >> 4 & 0x03)
	p := payload[1:]
	for i := 0; len(p) > 0; i++ {
		unit := p
		if count == 0 || i < count-1 {
			n, rest, ok := leb128(p)
			if !ok || n > len(rest) {
				break
			}
			unit, p = rest[:n], rest[n:]
		} else {
			p = nil
		}
		kind, body, ok := openUnit(unit)
		if i == 0 {
			if !ok || kind != obuSequenceHeader {
				return f
			}
			f.Keyframe, f.Start = true, true
			av1Size(&f, body)
			continue
		}
		if ok && (kind == obuFrameHeader || kind == obuFrame) {
			// show_existing_frame and frame_type; 0 is a key frame.
			if len(body) > 0 && body[0]&0xe0 != 0 {
				return media.FrameInfo{End: marker}
			}
			return f
		}
	}
	return f
}

// openUnit takes the header and the size off a unit.
func openUnit(p []byte) (kind byte, body []byte, ok bool) {
	if len(p) == 0 {
		return 0, nil, false
	}
	head := p[0]
	p = p[1:]
	if head&0x04 != 0 { // extension
		if len(p) == 0 {
			return 0, nil, false
		}
		p = p[1:]
	}
	if head&0x02 != 0 { // size
		n, rest, ok := leb128(p)
		if !ok || n > len(rest) {
			return 0, nil, false
		}
		p = rest[:n]
	}
	return head >> 3 & 0x0f, p, true
}

// leb128 reads a number of at most 28 bits, which exceeds any packet.
func leb128(p []byte) (n int, rest []byte, ok bool) {
	for i := 0; i < 4 && i < len(p); i++ {
		n |= int(p[i]&0x7f) << (7 * i)
		if p[i]&0x80 == 0 {
			return n, p[i+1:], true
		}
	}
	return 0, nil, false
}

// av1Size reads the largest size of a frame from a sequence header (AV1
// bitstream specification, section 5.5), unless that has timing information,
// which nobody sends in real time.
func av1Size(f *media.FrameInfo, sequence []byte) {
	b := bits{data: sequence}
	b.skip(4) // profile, still picture
	if reduced := b.flag(); reduced {
		b.skip(5) // level
	} else {
		if timing := b.flag(); timing {
			return
		}
		delay := b.flag()
		points := int(b.u(5)) + 1
		for range points {
			b.skip(12)
			if level := b.u(5); level > 7 {
				b.skip(1)
			}
			if delay && b.flag() {
				b.skip(4)
			}
		}
	}
	widthBits, heightBits := int(b.u(4))+1, int(b.u(4))+1
	width, height := b.u(widthBits)+1, b.u(heightBits)+1
	f.Width, f.Height = b.size(width), b.size(height)
}
