// Package codec turns the first bytes of an RTP payload into what forwarding
// has to know of the picture that it belongs to: where frames and key frames
// start, which layer it is, how large the picture is.
//
// It parses payload descriptors and, for key frames, the head of the bitstream.
// It decodes nothing, keeps no state from packet to packet, allocates nothing,
// and reads whatever a stranger sends: of a payload that makes no sense, what
// has been understood until then is returned.
package codec

import (
	"strings"

	"galene/group/media"
)

// Parser tells about the picture that a payload without padding belongs to.
// Marker is that of the RTP header.
type Parser func(payload []byte, marker bool) media.FrameInfo

// ParserFor returns the parser for a media type such as "video/VP8", in any
// case of letters. There is one for every type: that of a type without a
// descriptor knows about the marker only.
func ParserFor(mime string) Parser {
	switch strings.ToLower(mime) {
	case "video/vp8":
		return VP8
	case "video/vp9":
		return VP9
	case "video/av1":
		return AV1
	case "video/h264":
		return H264
	}
	if strings.HasPrefix(strings.ToLower(mime), media.Audio.String()+"/") {
		return wholeFrame
	}
	return markerOnly
}

// KeyframesKnown tells whether the parser for a media type recognises key
// frames. Where it does not, a receiver has to be served from any packet on.
func KeyframesKnown(mime string) bool {
	switch strings.ToLower(mime) {
	case "video/vp8", "video/vp9", "video/av1", "video/h264":
		return true
	}
	return false
}

// wholeFrame is for sound, where each packet stands alone.
func wholeFrame([]byte, bool) media.FrameInfo {
	return media.FrameInfo{Start: true, End: true}
}

func markerOnly(_ []byte, marker bool) media.FrameInfo {
	return media.FrameInfo{End: marker}
}
