package media

import (
	"slices"
	"testing"

	"galene/group/leaktest"
)

// track is a Track for tests.
type track struct {
	id   string
	kind Kind
}

func (t track) ID() string     { return t.id }
func (t track) Kind() Kind     { return t.kind }
func (t track) Codec() Codec   { return Codec{} }
func (t track) Encodings() int { return 1 }

func TestRequestsChooseTracks(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	both := []Track{track{"voice", Audio}, track{"face", Video}, track{"music", Audio}, track{"slides", Video}}
	tests := []struct {
		words []string
		want  []string
	}{
		{nil, nil},
		{[]string{"audio"}, []string{"voice best"}},
		{[]string{"video"}, []string{"face best"}},
		{[]string{"audio", "video"}, []string{"voice best", "face best"}},
		{[]string{"video-low"}, []string{"face lowest"}},
		{[]string{"video-low", "video"}, []string{"face best"}},
		{[]string{"half-rate", "audio", "video-low"}, []string{"voice best", "face lowest half"}},
		{[]string{"video", "half-rate"}, []string{"face best half"}},
		{[]string{"half-rate"}, nil},
		{[]string{"quarter-rate", "video-low"}, []string{"face lowest quarter"}},
		{[]string{"quarter-rate", "video", "half-rate"}, []string{"face best quarter"}},
		{[]string{"smell", "audio", "audio"}, []string{"voice best"}},
	}
	for _, test := range tests {
		var got []string
		for _, w := range Select(test.words, both) {
			quality := "best"
			if w.Ceiling == Lowest {
				quality = "lowest"
			}
			quality += []string{"", " half", " quarter"}[w.FrameRate]
			got = append(got, w.Track.ID()+" "+quality)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%q chooses %q, want %q", test.words, got, test.want)
		}
	}
}

func TestRequestsGoByLabel(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r := Request{"": {"audio"}, "screenshare": {"audio", "video"}, "video": {}}
	tests := map[string][]string{
		"camera": {"audio"}, "": {"audio"}, "screenshare": {"audio", "video"}, "video": {},
	}
	for label, want := range tests {
		if got := r.For(label); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", label, got, want)
		}
	}
	if got := (Request)(nil).For("camera"); got != nil {
		t.Errorf("nothing asked for is %q", got)
	}
}

func TestCodecNames(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	tests := []struct {
		names   []string
		types   []uint8
		unknown []string
	}{
		{nil, []uint8{96, 111}, nil},
		{[]string{"vp9", "opus"}, []uint8{98, 100, 111}, nil},
		{[]string{"nonsense", "opus"}, []uint8{111}, []string{"nonsense"}},
		{[]string{"H264", "av1", "g722", "pcmu", "pcma"}, []uint8{108, 102, 35, 9, 0, 8}, nil},
	}
	for _, test := range tests {
		codecs, unknown := CodecsByName(test.names)
		var types []uint8
		for _, c := range codecs {
			types = append(types, c.PayloadType)
		}
		if !slices.Equal(types, test.types) || !slices.Equal(unknown, test.unknown) {
			t.Errorf("%q: payload types %v, unknown %q", test.names, types, unknown)
		}
	}
}
