package codec

import (
	"bytes"
	"testing"

	"galene/group/leaktest"
)

// descriptors are payloads with and without the members that are rewritten.
var descriptors = []struct {
	mime    string
	payload []byte
}{
	{"video/VP8", []byte{0x10, 1, 2, 3}},
	{"video/VP8", []byte{0x90, 0x80, 0x11, 0, 1, 2}},
	{"video/VP8", []byte{0x90, 0x80, 0x91, 0x22, 0, 1, 2}},
	{"video/VP8", []byte{0x90, 0xe0, 0x91, 0x22, 0x33, 0x60, 0, 1, 2}},
	{"video/VP8", []byte{0x90, 0x60, 0x33, 0x60, 0, 1, 2}},
	{"video/VP8", []byte{0x90, 0xf0, 0x11, 0x33, 0x65, 0, 1, 2}},
	{"video/vp9", []byte{0x0c, 0x82, 1, 2}},
	{"video/vp9", []byte{0x8c, 0x11, 0x82, 1, 2}},
	{"video/vp9", []byte{0xac, 0x91, 0x22, 0x20, 0x33, 0x82, 1, 2}},
	{"video/vp9", []byte{0xbc, 0x91, 0x22, 0x20, 0x82, 1, 2}},
}

func TestRewrittenDescriptorsSayWhatTheyWereGiven(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, d := range descriptors {
		before := ParserFor(d.mime)(d.payload, true)
		payload := bytes.Clone(d.payload)
		RewriterFor(d.mime)(payload, 0x1234, 0x99)
		after := ParserFor(d.mime)(payload, true)
		want := before
		if want.PictureIDBits > 0 {
			want.PictureID = 0x1234 & (1<<want.PictureIDBits - 1)
		}
		if want.TL0PicIdx != 0 {
			want.TL0PicIdx = 0x99
		}
		if after != want {
			t.Errorf("%s %x: %+v became %+v, want %+v", d.mime, d.payload, before, after, want)
		}
	}
	if RewriterFor("video/H264") != nil || RewriterFor("audio/opus") != nil {
		t.Error("a rewriter of what has no picture ids")
	}
}

// Whatever the payload is, rewriting it changes nothing but these two.
func FuzzRewrite(f *testing.F) {
	leaktest.Check(f)
	for _, d := range descriptors {
		f.Add(d.payload)
	}
	f.Add([]byte{0x90, 0x80})
	f.Add([]byte{0xff, 0x80})
	f.Fuzz(func(t *testing.T, payload []byte) {
		for _, mime := range []string{"video/VP8", "video/VP9"} {
			parse, rewrite := ParserFor(mime), RewriterFor(mime)
			before := parse(payload, false)
			after := bytes.Clone(payload)
			rewrite(after, 77, 88)
			if before.PictureIDBits == 0 {
				continue // not understood
			}
			got := parse(after, false)
			if got.PictureID != 77 {
				t.Fatalf("%s: picture id %d", mime, got.PictureID)
			}
			rewrite(after, before.PictureID, before.TL0PicIdx)
			if back := parse(after, false); back != before {
				t.Fatalf("%s: %+v became %+v", mime, before, back)
			}
		}
	})
}
