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
	// HalfRate leaves out every other frame, where that can be done.
	HalfRate bool
}

// Request says, by stream label, which tracks a member wants: lists of
// "audio", "video", "video-low" and "half-rate"; other words are ignored. The label "" is
// the default for labels without a list of their own; an empty list means
// nothing and does not fall back to the default.
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
// at its lowest ("video-low"); "video" wins where both stand. "half-rate" asks
// for no track, but for half of a video's frames.
func Select(words []string, tracks []Track) []Wanted {
	var audio, video, low, half bool
	for _, w := range words {
		switch w {
		case "audio":
			audio = true
		case "video":
			video = true
		case "video-low":
			low = true
		case "half-rate":
			half = true
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
			wanted = append(wanted, Wanted{Track: t, Ceiling: Best, HalfRate: half})
		case t.Kind() == Video && low:
			low = false
			wanted = append(wanted, Wanted{Track: t, Ceiling: Lowest, HalfRate: half})
		}
	}
	return wanted
}
