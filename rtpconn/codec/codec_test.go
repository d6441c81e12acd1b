package codec

import (
	"encoding/hex"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/group/media"
)

// payload reads hexadecimal digits; spaces are for the eye.
func payload(t testing.TB, digits string) []byte {
	t.Helper()
	p, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

type row struct {
	name, digits string
	marker       bool
	want         media.FrameInfo
}

func check(t *testing.T, parse Parser, rows []row) {
	t.Helper()
	for _, tt := range rows {
		if got := parse(payload(t, tt.digits), tt.marker); got != tt.want {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.name, got, tt.want)
		}
	}
}

func TestVP8(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	check(t, VP8, []row{
		{"empty", "", true, media.FrameInfo{End: true}},
		{"key frame of 640 by 480", "10 500102 9d012a 8002 e001", false,
			media.FrameInfo{Keyframe: true, Start: true, Width: 640, Height: 480}},
		{"scaling bits are no size", "10 500102 9d012a 8042 e081", false,
			media.FrameInfo{Keyframe: true, Start: true, Width: 640, Height: 480}},
		{"key frame, cut", "10 50", false, media.FrameInfo{Keyframe: true, Start: true}},
		{"inter frame", "10 51", true, media.FrameInfo{Start: true, End: true}},
		{"later packet", "00 50", false, media.FrameInfo{}},
		{"start of another partition", "11 50", false, media.FrameInfo{}},
		{"7-bit picture id", "90 80 7f 51", false, media.FrameInfo{Start: true, PictureID: 127, PictureIDBits: 7}},
		{"everything", "b0 f0 ffff 07 a3 51", false, media.FrameInfo{Start: true, NonReference: true,
			PictureID: 32767, PictureIDBits: 15, TL0PicIdx: 7, TID: 2, Sync: true, KeyIdx: 3}},
		{"key index without layer", "90 10 e3 50", false, media.FrameInfo{Start: true, Keyframe: true, KeyIdx: 3}},
		{"descriptor only", "90 80 01", false, media.FrameInfo{PictureID: 1, PictureIDBits: 7}},
		{"descriptor cut", "90 f0 80", true, media.FrameInfo{End: true}},
	})
}

func TestVP9(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	check(t, VP9, []row{
		{"empty", "", true, media.FrameInfo{}},
		{"key frame, cut", "0c 82 4983", false,
			media.FrameInfo{Keyframe: true, Start: true, End: true}},
		{"inter frame", "48 86", false, media.FrameInfo{Start: true, InterPicture: true}},
		{"show existing", "08 88", false, media.FrameInfo{Start: true}},
		{"no frame marker", "08 02", false, media.FrameInfo{Start: true}},
		{"profile 3 key frame", "08 b0", false, media.FrameInfo{Start: true, Keyframe: true}},
		{"profile 3 inter frame", "08 b2", false, media.FrameInfo{Start: true}},
		{"not the start", "04 82", false, media.FrameInfo{End: true}},
		{"layers, non-flexible", "e9 8123 55 09 86", false, media.FrameInfo{Start: true, InterPicture: true, NonReference: true,
			PictureID: 0x123, PictureIDBits: 15, TID: 2, TIDUpSwitch: true, SID: 2, TL0PicIdx: 9}},
		{"layers, flexible, three references", "f8 11 24 030502 86", false, media.FrameInfo{Start: true, InterPicture: true,
			PictureID: 0x11, PictureIDBits: 7, TID: 1, SID: 2}},
		{"four references", "f8 11 24 03050702 86", false, media.FrameInfo{}},
		{"structure", "0a 38 0140 00b4 0280 0168 02 04 01 00 82", false,
			media.FrameInfo{Start: true, Keyframe: true, Width: 640, Height: 360}},
		{"key frame of a higher layer", "28 02 09 82", false, media.FrameInfo{Start: true, SID: 1, TL0PicIdx: 9}},
		{"structure cut", "0e 38 0140 00b4 0280", false, media.FrameInfo{End: true}},
	})
}

// bitString packs digits 0 and 1 into bytes.
func bitString(digits string) []byte {
	digits = strings.ReplaceAll(digits, " ", "")
	p := make([]byte, (len(digits)+7)/8)
	for i, d := range digits {
		if d == '1' {
			p[i/8] |= 0x80 >> (i % 8)
		}
	}
	return p
}

func TestVP9SizeInFrameHeader(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	size := "0000000100111111 0000000010110011" // 319 and 179
	sync := "010010011000001101000010"
	for name, header := range map[string]string{
		"profile 0":       "10 0 0 0 0 1 0" + sync + "001 0" + size,
		"profile 2":       "10 0 1 0 0 1 0" + sync + "1 001 0" + size,
		"profile 1":       "10 1 0 0 0 1 0" + sync + "001 0 11 0" + size,
		"profile 1, sRGB": "10 1 0 0 0 1 0" + sync + "111 0" + size,
	} {
		got := VP9(append([]byte{0x08}, bitString(header)...), false)
		if want := (media.FrameInfo{Start: true, Keyframe: true, Width: 320, Height: 180}); got != want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestAV1(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	// A sequence header of 1280 by 720: profile 0, one operating point, 11 and
	// 10 bits of size.
	sequence := bitString("000 0 0 0 0 00000 000000000000 00101 1010 1001 10011111111 1011001111 0")
	unit := append([]byte{obuSequenceHeader << 3}, sequence...)
	join := func(head byte, parts ...[]byte) string {
		p := []byte{head}
		for _, part := range parts {
			p = append(p, part...)
		}
		return hex.EncodeToString(p)
	}
	sized := append([]byte{byte(len(unit))}, unit...)
	keyframe := media.FrameInfo{Keyframe: true, Start: true, Width: 1280, Height: 720}
	check(t, AV1, []row{
		{"empty", "", true, media.FrameInfo{End: true}},
		{"sequence header and key frame", join(0x28, sized, []byte{obuFrame << 3, 0x10}), false, keyframe},
		{"each with its size", join(0x08, sized, []byte{2, obuFrame << 3, 0x10}), false, keyframe},
		{"frame header in a later packet", join(0x18, unit), false, keyframe},
		{"inter frame after the header", join(0x28, sized, []byte{obuFrame << 3, 0x30}), false, media.FrameInfo{}},
		{"shows an existing frame", join(0x28, sized, []byte{obuFrameHeader << 3, 0x80}), false, media.FrameInfo{}},
		{"metadata in between", join(0x38, sized, []byte{2, 5 << 3, 0}, []byte{obuFrame << 3, 0x10}), true,
			media.FrameInfo{Keyframe: true, Start: true, End: true, Width: 1280, Height: 720}},
		{"no new sequence", join(0x20, sized, []byte{obuFrame << 3, 0x10}), false, media.FrameInfo{}},
		{"continuation", join(0xa8, sized, []byte{obuFrame << 3, 0x10}), false, media.FrameInfo{}},
		{"no sequence header", join(0x18, []byte{obuFrame << 3, 0x10}), false, media.FrameInfo{}},
		{"size beyond the end", join(0x08, []byte{0x7f, 8}), false, media.FrameInfo{}},
	})
}

func TestH264(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	// Baseline, 1280 by 720; and high, 1920 by 1080 (cropped from 1088).
	const baseline, high = "67 42c01f 8c8d40 50 1e d0 0f 08 84 6a", "67 640028 acd9 40 78 02 27 e5 c0 44 00 00 03 00 04 00 00 03 00 f0 3c 60 c6 58"
	keyframe := func(width, height uint16) media.FrameInfo {
		return media.FrameInfo{Keyframe: true, Start: true, Width: width, Height: height}
	}
	check(t, H264, []row{
		{"empty", "", true, media.FrameInfo{End: true}},
		{"parameters alone", baseline, false, keyframe(640, 480)},
		{"high profile", high, false, keyframe(1920, 1080)},
		{"in an aggregate, second", "78 0002 09f0 000e" + baseline, false, keyframe(640, 480)},
		{"as first fragment", "7c 87" + baseline[2:], false, keyframe(640, 480)},
		{"as later fragment", "7c 07" + baseline[2:], false, media.FrameInfo{}},
		{"picture", "65 88", true, media.FrameInfo{End: true}},
		{"picture without consequence", "01 88", false, media.FrameInfo{NonReference: true}},
		{"aggregate, cut", "78 00ff 67", false, media.FrameInfo{}},
		{"parameters, cut", "67 42", false, media.FrameInfo{Keyframe: true, Start: true}},
	})
}

func TestParsersByMediaType(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	keyframe := map[string]string{
		"video/VP8": "10 50", "video/vp9": "08 82", "VIDEO/AV1": "18 08", "video/H264": "67 42",
	}
	for mime, digits := range keyframe {
		if !ParserFor(mime)(payload(t, digits), false).Keyframe || !KeyframesKnown(mime) {
			t.Errorf("%s: no key frame", mime)
		}
	}
	if f := ParserFor("audio/opus")(nil, false); !f.Start || !f.End || KeyframesKnown("audio/opus") {
		t.Errorf("opus: %+v", f)
	}
	if f := ParserFor("video/other")(nil, true); f.Start || !f.End || KeyframesKnown("video/other") {
		t.Errorf("other: %+v", f)
	}
}

func TestParsingDoesNotAllocate(t *testing.T) {
	leaktest.Check(t)
	samples := map[string][]byte{
		"video/VP8":  payload(t, "90 80 7f 500102 9d012a 8002 e001"),
		"video/VP9":  payload(t, "0a 38 0140 00b4 0280 0168 02 04 01 00 82"),
		"video/AV1":  payload(t, "28 03 08 00 00 30 10"),
		"video/H264": payload(t, "67 42c01f 8c8d40 50 1e d0 0f 08 84 6a"),
	}
	for mime, p := range samples {
		parse := ParserFor(mime)
		if n := testing.AllocsPerRun(100, func() { parse(p, true) }); n != 0 {
			t.Errorf("%s: %v allocations", mime, n)
		}
	}
}

func BenchmarkVP8(b *testing.B) {
	p := payload(b, "90 80 7f 500102 9d012a 8002 e001")
	b.ReportAllocs()
	for b.Loop() {
		VP8(p, false)
	}
}

// fuzz checks that a parser reads anything, and says nothing impossible.
func fuzz(f *testing.F, parse Parser, seeds ...string) {
	for _, s := range seeds {
		f.Add(payload(f, s), false)
	}
	f.Fuzz(func(t *testing.T, p []byte, marker bool) {
		i := parse(p, marker)
		if i.Keyframe && !i.Start || len(p) == 0 && i.Start {
			t.Errorf("%+v", i)
		}
	})
}

func FuzzVP8(f *testing.F) {
	leaktest.Check(f)
	fuzz(f, VP8, "10 500102 9d012a 8002 e001", "b0 f0 ffff 07 a3 51", "90 f0 80")
}

func FuzzVP9(f *testing.F) {
	leaktest.Check(f)
	fuzz(f, VP9, "0a 38 0140 00b4 0280 0168 02 04 01 00 82", "f8 11 24 030502 86", "08 82 498342 20 13f0 b300")
}

func FuzzAV1(f *testing.F) {
	leaktest.Check(f)
	fuzz(f, AV1, "28 03 08 00 00 30 10", "08 7f 08", "18 0a 05 00 00 00 00 00")
}

func FuzzH264(f *testing.F) {
	leaktest.Check(f)
	fuzz(f, H264, "67 42c01f 8c8d40 50 1e d0 0f 08 84 6a", "78 0002 09f0 0003 67 42 c0", "7c 87 42 c0")
}
