package codec

import "strings"

// Rewriter changes the picture id and the index of the base temporal layer in
// the payload descriptor of a packet that a Parser has understood, each in the
// width that it has there. What is absent stays so.
type Rewriter func(payload []byte, pictureID uint16, tl0PicIdx uint8)

// RewriterFor returns the rewriter for a media type such as "video/VP8", in any
// case of letters; nil for one without picture ids.
func RewriterFor(mime string) Rewriter {
	switch strings.ToLower(mime) {
	case "video/vp8":
		return RewriteVP8
	case "video/vp9":
		return RewriteVP9
	}
	return nil
}

// RewriteVP8 rewrites a descriptor of RFC 7741, section 4.2.
func RewriteVP8(payload []byte, pictureID uint16, tl0PicIdx uint8) {
	if len(payload) < 3 || payload[0]&0x80 == 0 {
		return
	}
	present, p := payload[1], payload[2:]
	if present&0x80 != 0 { // I
		p = putPictureID(p, pictureID)
	}
	if present&0x40 != 0 && len(p) > 0 { // L
		p[0] = tl0PicIdx
	}
}

// RewriteVP9 rewrites a descriptor of RFC 9628, section 4.2.
func RewriteVP9(payload []byte, pictureID uint16, tl0PicIdx uint8) {
	if len(payload) < 2 {
		return
	}
	present, p := payload[0], payload[1:]
	if present&0x80 != 0 { // I
		p = putPictureID(p, pictureID)
	}
	const layers, flexible = 0x20, 0x10
	if present&layers != 0 && present&flexible == 0 && len(p) > 1 {
		p[1] = tl0PicIdx
	}
}

// putPictureID writes over a picture id and returns what follows it.
func putPictureID(p []byte, id uint16) (rest []byte) {
	switch {
	case len(p) == 0:
		return nil
	case p[0]&0x80 == 0:
		p[0] = uint8(id) & 0x7f
		return p[1:]
	case len(p) < 2:
		return nil
	}
	p[0], p[1] = 0x80|uint8(id>>8), uint8(id)
	return p[2:]
}
