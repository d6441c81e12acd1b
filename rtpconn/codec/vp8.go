package codec

import "galene/group/media"

// VP8 parses the payload descriptor of RFC 7741, section 4.2, and the payload
// header of section 4.3.
func VP8(payload []byte, marker bool) media.FrameInfo {
	f := media.FrameInfo{End: marker}
	if len(payload) == 0 {
		return f
	}
	first := payload[0]
	f.NonReference = first&0x20 != 0
	f.Start = first&0x17 == 0x10 // S is set and PID is 0
	p := payload[1:]
	if first&0x80 != 0 {
		var ok bool
		if p, ok = vp8Extension(&f, p); !ok {
			return media.FrameInfo{End: marker}
		}
	}
	// The lowest bit of the frame tag is clear in key frames (RFC 6386,
	// section 9.1).
	if f.Start && len(p) > 0 && p[0]&1 == 0 {
		f.Keyframe = true
		if len(p) >= 10 && p[3] == 0x9d && p[4] == 0x01 && p[5] == 0x2a {
			f.Width = (uint16(p[7])<<8 | uint16(p[6])) & 0x3fff
			f.Height = (uint16(p[9])<<8 | uint16(p[8])) & 0x3fff
		}
	}
	f.Start = f.Start && len(p) > 0
	return f
}

// vp8Extension reads the optional part of the descriptor and returns what
// follows it.
func vp8Extension(f *media.FrameInfo, p []byte) (rest []byte, ok bool) {
	if len(p) == 0 {
		return nil, false
	}
	present := p[0]
	p = p[1:]
	if present&0x80 != 0 { // I
		if p, ok = pictureID(f, p); !ok {
			return nil, false
		}
	}
	if present&0x40 != 0 { // L
		if len(p) == 0 {
			return nil, false
		}
		f.TL0PicIdx = p[0]
		p = p[1:]
	}
	if present&0x30 != 0 { // T or K
		if len(p) == 0 {
			return nil, false
		}
		if present&0x20 != 0 {
			f.TID = p[0] >> 6
			f.Sync = p[0]&0x20 != 0
		}
		if present&0x10 != 0 {
			f.KeyIdx = p[0] & 0x1f
		}
		p = p[1:]
	}
	return p, true
}

// pictureID reads a picture id of 7 or 15 bits, which VP8 and VP9 write alike.
func pictureID(f *media.FrameInfo, p []byte) (rest []byte, ok bool) {
	if len(p) == 0 {
		return nil, false
	}
	if p[0]&0x80 == 0 {
		f.PictureID, f.PictureIDBits = uint16(p[0]), 7
		return p[1:], true
	}
	if len(p) < 2 {
		return nil, false
	}
	f.PictureID, f.PictureIDBits = uint16(p[0]&0x7f)<<8|uint16(p[1]), 15
	return p[2:], true
}
