package media

// Kind tells sound from pictures.
type Kind uint8

// The kinds of track. The zero value is neither.
const (
	Audio Kind = iota + 1
	Video
)

// String returns the kind as SDP writes it: "audio" or "video".
func (k Kind) String() string {
	switch k {
	case Audio:
		return "audio"
	case Video:
		return "video"
	}
	return "unknown"
}

// ParseKind is the inverse of String; ok is false for any other text.
func ParseKind(s string) (k Kind, ok bool) {
	switch s {
	case "audio":
		return Audio, true
	case "video":
		return Video, true
	}
	return 0, false
}
