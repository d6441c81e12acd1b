package media

import "strings"

// Codec is one way to encode a track, as SDP describes it.
type Codec struct {
	// Name is what group files call it: "vp8", "opus", …
	Name string
	// MimeType is the media type in its customary spelling: "video/VP8".
	MimeType string
	Kind     Kind
	// ClockRate is the number of RTP timestamp units a second.
	ClockRate uint32
	// Channels is 0 for video.
	Channels uint16
	// Fmtp holds the format parameters that are offered for receiving.
	Fmtp string
	// PayloadType is the RTP payload type used towards subscribers.
	PayloadType uint8
}

// codecTable lists every codec that a group may allow. A name with two rows
// has two profiles with payload types of their own.
var codecTable = []Codec{
	{"vp8", "video/VP8", Video, 90000, 0, "", 96},
	{"vp9", "video/VP9", Video, 90000, 0, "profile-id=0", 98},
	{"vp9", "video/VP9", Video, 90000, 0, "profile-id=2", 100},
	{"av1", "video/AV1", Video, 90000, 0, "", 35},
	{"h264", "video/H264", Video, 90000, 0, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", 108},
	{"h264", "video/H264", Video, 90000, 0, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f", 102},
	{"opus", "audio/opus", Audio, 48000, 2, "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1", 111},
	{"g722", "audio/G722", Audio, 8000, 1, "", 9},
	{"pcmu", "audio/PCMU", Audio, 8000, 1, "", 0},
	{"pcma", "audio/PCMA", Audio, 8000, 1, "", 8},
}

// DefaultCodecs are the names that apply to a group that lists none.
var DefaultCodecs = []string{"vp8", "opus"}

// CodecsByName returns the rows of the named codecs in the order of the
// names, and the names that are not known. No names means DefaultCodecs.
func CodecsByName(names []string) (codecs []Codec, unknown []string) {
	if len(names) == 0 {
		names = DefaultCodecs
	}
	for _, name := range names {
		found := false
		for _, c := range codecTable {
			if c.Name == strings.ToLower(name) {
				codecs = append(codecs, c)
				found = true
			}
		}
		if !found {
			unknown = append(unknown, name)
		}
	}
	return codecs, unknown
}
