package codec

import "galene/group/media"

// VP9 parses the payload descriptor of RFC 9628, section 4.2, in its flexible
// and its non-flexible form, and the head of the frame header.
func VP9(payload []byte, marker bool) media.FrameInfo {
	if len(payload) == 0 {
		return media.FrameInfo{}
	}
	first := payload[0]
	f := media.FrameInfo{
		InterPicture: first&0x40 != 0, // P
		Start:        first&0x08 != 0, // B
		End:          first&0x04 != 0, // E
		NonReference: first&0x01 != 0, // Z
	}
	p, ok := vp9Optional(&f, first, payload[1:])
	if !ok {
		return media.FrameInfo{End: f.End}
	}
	if f.Start {
		vp9Header(&f, p)
	}
	return f
}

// vp9Optional reads what the first byte of the descriptor announces, and
// returns what follows the descriptor.
func vp9Optional(f *media.FrameInfo, first byte, p []byte) (rest []byte, ok bool) {
	if first&0x80 != 0 { // I
		if p, ok = pictureID(f, p); !ok {
			return nil, false
		}
	}
	flexible := first&0x10 != 0
	if first&0x20 != 0 { // L
		if len(p) == 0 {
			return nil, false
		}
		f.TID = p[0] >> 5
		f.TIDUpSwitch = p[0]&0x10 != 0
		f.SID = p[0] >> 1 & 0x07
		p = p[1:]
		if !flexible {
			if len(p) == 0 {
				return nil, false
			}
			f.TL0PicIdx = p[0]
			p = p[1:]
		}
	}
	if flexible && f.InterPicture {
		for more, n := true, 0; more; n++ { // up to three reference indices
			if len(p) == 0 || n == 3 {
				return nil, false
			}
			more = p[0]&0x01 != 0
			p = p[1:]
		}
	}
	if first&0x02 != 0 { // V
		return vp9Structure(f, p)
	}
	return p, true
}

// vp9Structure reads the scalability structure: the size is that of the highest
// spatial layer.
func vp9Structure(f *media.FrameInfo, p []byte) (rest []byte, ok bool) {
	if len(p) == 0 {
		return nil, false
	}
	head := p[0]
	p = p[1:]
	if head&0x10 != 0 { // Y
		n := 4 * (int(head>>5) + 1)
		if len(p) < n {
			return nil, false
		}
		f.Width = uint16(p[n-4])<<8 | uint16(p[n-3])
		f.Height = uint16(p[n-2])<<8 | uint16(p[n-1])
		p = p[n:]
	}
	if head&0x08 != 0 { // G
		if len(p) == 0 {
			return nil, false
		}
		pictures := int(p[0])
		p = p[1:]
		for range pictures {
			if len(p) == 0 {
				return nil, false
			}
			references := int(p[0] >> 2 & 0x03)
			if len(p) < 1+references {
				return nil, false
			}
			p = p[1+references:]
		}
	}
	return p, true
}

// vp9Header reads the start of the uncompressed header (VP9 bitstream
// specification, section 6.2).
func vp9Header(f *media.FrameInfo, p []byte) {
	b := bits{data: p}
	if b.u(2) != 2 { // frame marker
		return
	}
	profile := b.u(1) | b.u(1)<<1
	if profile == 3 {
		b.skip(1)
	}
	showExisting := b.flag()
	interFrame := b.flag()
	if showExisting || interFrame || b.failed {
		return
	}
	// What begins with the lowest layer does not begin anew with another one.
	f.Keyframe = f.SID == 0
	b.skip(2) // show frame, error resilience
	if f.Width != 0 || b.u(24) != 0x498342 {
		return
	}
	if profile >= 2 {
		b.skip(1) // bit depth
	}
	const sRGB = 7
	subsampled := profile == 1 || profile == 3
	switch space := b.u(3); {
	case space != sRGB && subsampled:
		b.skip(4)
	case space != sRGB:
		b.skip(1)
	case subsampled:
		b.skip(1)
	}
	width, height := b.u(16)+1, b.u(16)+1
	f.Width, f.Height = b.size(width), b.size(height)
}
