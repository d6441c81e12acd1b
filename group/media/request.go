package media

// Ceiling bounds which of a track's encodings a subscriber gets.
type Ceiling uint8

// The ceilings: the best encoding there is, or the lowest.
const (
	Best Ceiling = iota
	Lowest
)

// Wanted is one track that a subscriber gets, and how good it may be.
type Wanted struct {
	Track   Track
	Ceiling Ceiling
	// FrameRate is how many of the frames are wanted, where some can be left out.
	FrameRate FrameRate
}

// FrameRate is the part of a video's frames that a subscriber gets.
type FrameRate uint8

// The frame rates: all frames, every other one, one of four.
const (
	FullRate FrameRate = iota
	HalfRate
	QuarterRate
)

// Request says, by stream label, which tracks a member wants: lists of
// "audio", "video", "video-low", "half-rate" and "quarter-rate"; other words are
// ignored. The label "" is the default for labels without a list of their own;
// an empty list means nothing and does not fall back to the default.
type Request map[string][]string

// For returns the list that applies to streams of the given label.
func (r Request) For(label string) []string {
	if list, ok := r[label]; ok {
		return list
	}
	return r[""]
}

// Select picks from the tracks of one publication what the words ask for:
// the first audio track, and the first video track at its best ("video") or
// at its lowest ("video-low"); "video" wins where both stand. "half-rate"
// and "quarter-rate" ask for no track, but for fewer of a video's frames; the
// latter wins.
func Select(words []string, tracks []Track) []Wanted {
	var audio, video, low bool
	rate := FullRate
	for _, w := range words {
		switch w {
		case "audio":
			audio = true
		case "video":
			video = true
		case "video-low":
			low = true
		case "half-rate":
			rate = max(rate, HalfRate)
		case "quarter-rate":
			rate = QuarterRate
		}
	}
	var wanted []Wanted
	for _, t := range tracks {
		switch {
		case t.Kind() == Audio && audio:
			audio = false
			wanted = append(wanted, Wanted{Track: t})
		case t.Kind() == Video && video:
			video, low = false, false
			wanted = append(wanted, Wanted{Track: t, Ceiling: Best, FrameRate: rate})
		case t.Kind() == Video && low:
			low = false
			wanted = append(wanted, Wanted{Track: t, Ceiling: Lowest, FrameRate: rate})
		}
	}
	return wanted
}
