package sdpedit

import (
	"slices"
	"strconv"
	"strings"

	"galene/group/media"
)

// Payload is one payload type of a section.
type Payload struct {
	Type uint8
	// Name is the encoding name of a=rtpmap, "VP8" say.
	Name      string
	ClockRate uint32
	// Channels is 1 for audio where the offer says nothing, and 0 for video.
	Channels uint16
	Fmtp     string
	// Feedback are the values of a=rtcp-fb, "nack pli" say, without the number,
	// and what they imply.
	Feedback []string
}

// static are the audio payload types whose meaning stands without a=rtpmap
// (RFC 3551, section 6), as far as a group may allow them.
var static = map[uint8]string{0: "PCMU/8000", 8: "PCMA/8000", 9: "G722/8000"}

// opus is the encoding name of the codec.
const opus = "opus"

// nack and transportCC are values of a=rtcp-fb.
const nack, transportCC = "nack", "transport-cc"

// readPayloads lists the payload types that have a meaning.
func readPayloads(m mediaLine, lines []string) []Payload {
	byType := make(map[uint8]*Payload)
	var payloads []*Payload
	for _, f := range m.formats {
		n, ok := parsePayloadType(f)
		if !ok || byType[n] != nil {
			continue
		}
		p := &Payload{Type: n}
		if m.kind == media.Audio.String() {
			p.setMap(static[n], m.kind)
		}
		byType[n] = p
		payloads = append(payloads, p)
	}
	var all []string // the feedback of "*"
	for _, l := range lines {
		name, value := attribute(l)
		if name != "rtpmap" && name != "fmtp" && name != "rtcp-fb" {
			continue
		}
		number, value, _ := strings.Cut(strings.TrimSpace(value), " ")
		if name == "rtcp-fb" && number == "*" {
			if len(all) < maxFeedback {
				all = append(all, value)
			}
			continue
		}
		n, ok := parsePayloadType(number)
		p := byType[n]
		if !ok || p == nil {
			continue
		}
		switch name {
		case "rtpmap":
			p.setMap(value, m.kind)
		case "fmtp":
			p.Fmtp = value
		case "rtcp-fb":
			if len(p.Feedback) < maxFeedback {
				p.Feedback = append(p.Feedback, value)
			}
		}
	}
	var list []Payload
	for _, p := range payloads {
		if p.Name != "" {
			p.Feedback = implied(append(p.Feedback, all...), m.kind)
			list = append(list, *p)
		}
	}
	return list
}

// implied adds to the feedback of a payload type what its sender does, but does not
// say: browsers send sound again that they are asked for (RFC 4585, section 6.2.1),
// and are known by counting its packets across the transport.
func implied(feedback []string, kind string) []string {
	if kind == media.Audio.String() && slices.Contains(feedback, transportCC) && !slices.Contains(feedback, nack) {
		return append(feedback, nack)
	}
	return feedback
}

// feedbackCount counts the lines of feedback of a section, by payload type as they write
// it.
type feedbackCount map[string]int

// counts tells whether one more of a payload type, or of "*" for all, is one of those
// that count.
func (c feedbackCount) counts(number string) bool {
	c[number]++
	return c[number] <= maxFeedback
}

// parsePayloadType reads a number below 128 in its only spelling, so that
// equal numbers are equal texts.
func parsePayloadType(s string) (uint8, bool) {
	n, err := strconv.ParseUint(s, 10, 7)
	return uint8(n), err == nil && strconv.FormatUint(n, 10) == s
}

// setMap reads "name/clock/channels".
func (p *Payload) setMap(value, kind string) {
	parts := strings.Split(strings.TrimSpace(value), "/")
	if len(parts) < 2 || len(parts) > 3 || !printable(parts[0]) {
		return
	}
	rate, err := strconv.ParseUint(parts[1], 10, 32)
	if err != nil {
		return
	}
	p.Name, p.ClockRate, p.Channels = parts[0], uint32(rate), 0
	if kind == media.Audio.String() {
		p.Channels = 1
		if strings.EqualFold(p.Name, opus) {
			// It always has two (RFC 7587, section 7), though GStreamer may
			// not say so.
			p.Channels = 2
		}
		if len(parts) == 3 {
			n, err := strconv.ParseUint(parts[2], 10, 16)
			if err != nil {
				n = 0
			}
			p.Channels = uint16(n)
		}
	}
}

// Codec returns the row of codecs that the payload type is an instance of. A
// VP9 or H.264 payload type has to be of the row's profile, one that names no
// profile counting as profile 0 and as baseline; H.264 in packetization mode 0
// is none.
func (p Payload) Codec(codecs []media.Codec) (c media.Codec, ok bool) {
	for _, c := range codecs {
		_, name, _ := strings.Cut(c.MimeType, "/")
		if strings.EqualFold(name, p.Name) && c.ClockRate == p.ClockRate &&
			c.Channels == p.Channels && p.hasProfileOf(c) {
			return c, true
		}
	}
	return media.Codec{}, false
}

func (p Payload) hasProfileOf(c media.Codec) bool {
	switch strings.ToLower(c.MimeType) {
	case "video/vp9":
		return parameter(p.Fmtp, "profile-id", "0") == parameter(c.Fmtp, "profile-id", "0")
	case "video/h264":
		// Both values hold a profile, constraints and a level of two digits
		// each; the level does not matter (RFC 6184, section 8.1).
		const baseline = "42001f"
		theirs := strings.ToLower(parameter(p.Fmtp, "profile-level-id", baseline))
		ours := parameter(c.Fmtp, "profile-level-id", baseline)
		return len(theirs) == 6 && theirs[:4] == ours[:4] &&
			parameter(p.Fmtp, "packetization-mode", "1") == "1"
	}
	return true
}

// parameter returns the value of one parameter of a=fmtp.
func parameter(fmtp, name, otherwise string) string {
	for p := range strings.SplitSeq(fmtp, ";") {
		if n, v, ok := strings.Cut(strings.TrimSpace(p), "="); ok && strings.EqualFold(n, name) {
			return v
		}
	}
	return otherwise
}

// allowed lists the payload types of a section that the codecs cover, the first
// maxAllowed of them: what the library does with them takes time by their square.
func allowed(payloads []Payload, codecs []media.Codec) []Payload {
	var list []Payload
	for _, p := range payloads {
		if _, ok := p.Codec(codecs); ok && len(list) < maxAllowed {
			list = append(list, p)
		}
	}
	return list
}
