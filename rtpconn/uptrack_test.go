package rtpconn

import (
	"testing"

	"galene/group/leaktest"
	"galene/group/media"
)

// Every track has names, whatever its publisher leaves out: browsers ignore one that
// belongs to no stream.
func TestEveryTrackHasNames(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	codecs, _ := media.CodecsByName(nil)
	for _, tt := range []struct {
		label, stream, track string
		rids                 []string
		wantStream, wantID   string
	}{
		{"camera", "s", "t", nil, "s", "t"},
		{"camera", "s", "", nil, "s", "video"},
		{"camera", "", "t", nil, "camera", "t"},
		{"", "", "", nil, "dummy", "video"},
		{"", "", "", []string{"h", "l"}, "dummy", "h"},
		{"", "s", "t", []string{"h", "l"}, "s", "t"},
	} {
		section := benchSection
		section.StreamID, section.TrackID, section.RIDs = tt.stream, tt.track, tt.rids
		u := &UpConn{options: UpOptions{Label: tt.label, Codecs: codecs}}
		if got := newUpTrack(u, section); got.stream != tt.wantStream || got.id != tt.wantID {
			t.Errorf("%+v: track %q of stream %q", tt, got.id, got.stream)
		}
	}
}
