package codec

import "galene/group/media"

// The types of H.264 network abstraction layer units that matter here (ITU-T
// H.264, table 7-1; RFC 6184, section 5.2).
const (
	nalSPS   = 7
	nalSTAPA = 24
	nalFUA   = 28
)

// H264 parses the payload formats of RFC 6184, section 5. A payload starts a
// key frame where it has a sequence parameter set, alone, in an aggregation
// packet, or as the first fragment.
func H264(payload []byte, marker bool) media.FrameInfo {
	f := media.FrameInfo{End: marker}
	if len(payload) == 0 {
		return f
	}
	f.NonReference = payload[0]&0x60 == 0
	switch payload[0] & 0x1f {
	case nalSPS:
		h264Parameters(&f, payload)
	case nalSTAPA:
		for p := payload[1:]; len(p) > 2; {
			n := int(p[0])<<8 | int(p[1])
			p = p[2:]
			if n == 0 || n > len(p) {
				break
			}
			if p[0]&0x1f == nalSPS {
				h264Parameters(&f, p[:n])
				break
			}
			p = p[n:]
		}
	case nalFUA:
		const start = 0x80
		if len(payload) > 1 && payload[1]&start != 0 && payload[1]&0x1f == nalSPS {
			h264Parameters(&f, payload[1:])
		}
	}
	return f
}

// h264Parameters takes note of a sequence parameter set, whose first byte is
// the header of the unit, and reads the size from it (ITU-T H.264, section
// 7.3.2.1.1), unless it has scaling matrices.
func h264Parameters(f *media.FrameInfo, unit []byte) {
	f.Keyframe, f.Start = true, true
	b := bits{data: unit, at: 8, emulation: true}
	profile := b.u(8)
	b.skip(16) // constraints, level
	b.ue()     // id
	chroma := uint32(1)
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		if chroma = b.ue(); chroma == 3 {
			b.skip(1) // separate planes
		}
		b.ue() // bit depths
		b.ue()
		b.skip(1)
		if matrices := b.flag(); matrices {
			return
		}
	}
	b.ue() // frame number
	switch order := b.ue(); order {
	case 0:
		b.ue()
	case 1:
		b.skip(1)
		b.ue()
		b.ue()
		for range min(b.ue(), 255) {
			b.ue()
		}
	}
	b.ue() // reference frames
	b.skip(1)
	width, height := b.ue()+1, b.ue()+1
	fields := uint32(2)
	if framesOnly := b.flag(); framesOnly {
		fields = 1
	} else {
		b.skip(1)
	}
	b.skip(1)
	var left, right, top, bottom uint32
	if cropped := b.flag(); cropped {
		left, right, top, bottom = b.ue(), b.ue(), b.ue(), b.ue()
	}
	if width > 1<<12 || height > 1<<12 || left|right|top|bottom > 1<<12 {
		return
	}
	// The unit of cropping depends on how colour is sampled (table 6-1).
	unitX, unitY := uint32(1), fields
	if chroma == 1 || chroma == 2 {
		unitX = 2
	}
	if chroma == 1 {
		unitY = 2 * fields
	}
	f.Width = b.size(16*width - unitX*(left+right))
	f.Height = b.size(16*height*fields - unitY*(top+bottom))
}
