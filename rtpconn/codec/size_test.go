package codec

import (
	"encoding/hex"
	"fmt"
	mathbits "math/bits"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/group/media"
)

// golomb writes Exp-Golomb numbers in digits.
func golomb(numbers ...uint32) string {
	var b strings.Builder
	for _, n := range numbers {
		width := mathbits.Len32(n + 1)
		fmt.Fprintf(&b, "%s%b", strings.Repeat("0", width-1), n+1)
	}
	return b.String()
}

// escaped has a 3 wherever two zeros are followed by what could be a marker.
func escaped(unit []byte) []byte {
	var p []byte
	zeros := 0
	for _, b := range unit {
		if zeros == 2 && b <= 3 {
			p, zeros = append(p, 3), 0
		}
		p = append(p, b)
		if zeros++; b != 0 {
			zeros = 0
		}
	}
	return p
}

// parameterSet is a sequence parameter set of H.264 in digits.
type parameterSet struct {
	profile       uint8
	chroma        string // what profiles have that tell it
	order         string // of pictures
	width, height uint32 // in macroblocks, the height in those of a field
	fields        bool
	crop          []uint32 // left, right, top, bottom
}

func (s parameterSet) unit() []byte {
	if s.order == "" {
		s.order = golomb(0, 4)
	}
	framesOnly, crop := "1", "0"
	if s.fields {
		framesOnly = "0 1"
	}
	if s.crop != nil {
		crop = "1" + golomb(s.crop...)
	}
	digits := fmt.Sprintf("01100111 %08b 00000000 00101000", s.profile) + golomb(0) + s.chroma + golomb(5) + s.order +
		golomb(1) + "0" + golomb(s.width-1, s.height-1) + framesOnly + "1" + crop + "0 1"
	return escaped(bitString(digits))
}

func TestSizesOfH264(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const depths, noMatrices, matrices = "1 1", "0 0", "0 1"
	for name, tt := range map[string]struct {
		set           parameterSet
		width, height uint16
	}{
		"pictures in the order of their numbers":    {parameterSet{profile: 66, width: 40, height: 30}, 640, 480},
		"in the order of a cycle":                   {parameterSet{profile: 66, order: golomb(1) + "1" + golomb(3, 4, 3, 7, 8, 9), width: 40, height: 30}, 640, 480},
		"in the order in which they come":           {parameterSet{profile: 66, order: golomb(2), width: 40, height: 30}, 640, 480},
		"in fields":                                 {parameterSet{profile: 66, width: 40, height: 15, fields: true}, 640, 480},
		"cropped":                                   {parameterSet{profile: 66, width: 40, height: 30, crop: []uint32{1, 2, 3, 4}}, 640 - 2*3, 480 - 2*7},
		"cropped, in fields":                        {parameterSet{profile: 66, width: 40, height: 15, fields: true, crop: []uint32{1, 2, 3, 4}}, 640 - 2*3, 480 - 4*7},
		"cropped, without colour":                   {parameterSet{profile: 100, chroma: golomb(0) + depths + noMatrices, width: 40, height: 30, crop: []uint32{1, 2, 3, 4}}, 640 - 3, 480 - 7},
		"cropped, with half of the colour":          {parameterSet{profile: 122, chroma: golomb(2) + depths + noMatrices, width: 40, height: 30, crop: []uint32{1, 2, 3, 4}}, 640 - 2*3, 480 - 7},
		"cropped, half of the colour, in fields":    {parameterSet{profile: 122, chroma: golomb(2) + depths + noMatrices, width: 40, height: 15, fields: true, crop: []uint32{1, 2, 3, 4}}, 640 - 2*3, 480 - 2*7},
		"cropped, with all of the colour":           {parameterSet{profile: 244, chroma: golomb(3) + "1" + depths + noMatrices, width: 40, height: 30, crop: []uint32{1, 2, 3, 4}}, 640 - 3, 480 - 7},
		"high profile":                              {parameterSet{profile: 100, chroma: golomb(1) + depths + noMatrices, width: 120, height: 68, crop: []uint32{0, 0, 0, 4}}, 1920, 1080},
		"scaling matrices":                          {parameterSet{profile: 100, chroma: golomb(1) + depths + matrices, width: 40, height: 30}, 0, 0},
		"as wide as can be told":                    {parameterSet{profile: 66, width: 4095, height: 1}, 65520, 16},
		"wider":                                     {parameterSet{profile: 66, width: 4096, height: 1}, 0, 16},
		"wider than there is":                       {parameterSet{profile: 66, width: 4097, height: 1}, 0, 0},
		"higher than there is":                      {parameterSet{profile: 66, width: 1, height: 4097}, 0, 0},
		"more is cropped than there is":             {parameterSet{profile: 66, width: 1, height: 30, crop: []uint32{0, 9, 0, 0}}, 0, 480},
		"more is cropped than there can be":         {parameterSet{profile: 66, width: 40, height: 30, crop: []uint32{0, 1 << 31, 0, 0}}, 0, 0},
		"so much is cropped that it comes out even": {parameterSet{profile: 66, width: 40, height: 30, crop: []uint32{1 << 30, 1 << 30, 0, 0}}, 0, 0},
	} {
		unit := tt.set.unit()
		want := media.FrameInfo{Keyframe: true, Start: true, Width: tt.width, Height: tt.height}
		if got := H264(unit, false); got != want {
			t.Errorf("%s: %d by %d, want %d by %d", name, got.Width, got.Height, tt.width, tt.height)
		}
		for n := 1; n < len(unit); n++ {
			if got := H264(unit[:n], false); (got.Width != 0 || got.Height != 0) && got != want {
				t.Errorf("%s, cut at %d: %d by %d", name, n, got.Width, got.Height)
			}
		}
	}
}

func TestSizesOfAV1(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const size = "1010 1001 10011111111 1011001111 0" // 11 and 10 bits: 1280 by 720
	const plain, extended, sized = obuSequenceHeader << 3, obuSequenceHeader<<3 | 0x04, obuSequenceHeader<<3 | 0x02
	const point = "000000000000"
	ordinary := bitString("000 0 0 0 0 00000" + point + "00101" + size)
	for name, tt := range map[string]struct {
		head   []byte // of the unit
		digits string
		want   bool
	}{
		"ordinary":                   {[]byte{plain}, "000 0 0 0 0 00000" + point + "00101" + size, true},
		"reduced":                    {[]byte{plain}, "000 1 1 00101" + size, true},
		"timing":                     {[]byte{plain}, "000 0 0 1 0 00000" + point + "00101" + size, false},
		"high level, with a tier":    {[]byte{plain}, "000 0 0 0 0 00000" + point + "01000 1" + size, true},
		"the highest without a tier": {[]byte{plain}, "000 0 0 0 0 00000" + point + "00111" + size, true},
		"two points":                 {[]byte{plain}, "000 0 0 0 0 00001" + point + "00101" + point + "01001 0" + size, true},
		"delays":                     {[]byte{plain}, "000 0 0 0 1 00001" + point + "00101 1 1111" + point + "01001 1 0" + size, true},
		"an extension":               {[]byte{extended, 0xff}, "000 0 0 0 0 00000" + point + "00101" + size, true},
		"a size of its own":          {[]byte{sized, byte(len(ordinary))}, "000 0 0 0 0 00000" + point + "00101" + size, true},
		"a size in two bytes":        {[]byte{sized, 0x80 | byte(len(ordinary)), 0}, "000 0 0 0 0 00000" + point + "00101" + size, true},
		"both":                       {[]byte{extended | sized, 0x08, byte(len(ordinary))}, "000 0 0 0 0 00000" + point + "00101" + size, true},
	} {
		unit := append(tt.head, bitString(tt.digits)...)
		want := media.FrameInfo{Keyframe: true, Start: true}
		if tt.want {
			want.Width, want.Height = 1280, 720
		}
		p := append([]byte{0x18}, unit...)
		if got := AV1(p, false); got != want {
			t.Errorf("%s: %+v", name, got)
		}
		for n := 2; n < len(p); n++ {
			if got := AV1(p[:n], false); (got.Width != 0 || got.Height != 0) && got != want {
				t.Errorf("%s, cut at %d: %d by %d", name, n, got.Width, got.Height)
			}
		}
	}
}

func TestUnitsOfAV1(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const sequence, frame = "08 00 00 30", "30 10" // of no size that matters
	keyframe := func(digits string) media.FrameInfo {
		f := AV1(payload(t, "18"+sequence), false)
		if !f.Keyframe {
			t.Fatalf("%s: %+v", digits, f)
		}
		return f
	}
	for name, tt := range map[string]struct {
		digits string
		want   bool
	}{
		"the length in two bytes":            {"28 84 00" + sequence + frame, true},
		"in four":                            {"28 84 80 80 00" + sequence + frame, true},
		"in five":                            {"28 84 80 80 80 00" + sequence + frame, false},
		"inter frame behind two lengths":     {"38 84 00" + sequence + "02 2a 00" + "30 30", false},
		"inter frame whose size is told":     {"28 04" + sequence + "32 01 30", false},
		"key frame whose size is told":       {"28 04" + sequence + "32 01 10", true},
		"inter frame with an extension":      {"28 04" + sequence + "34 00 30", false},
		"a frame without a header":           {"28 04" + sequence + "30", true},
		"an extension that is cut":           {"28 04" + sequence + "34", true},
		"a size that is cut":                 {"28 04" + sequence + "32", true},
		"a size beyond the end":              {"28 04" + sequence + "32 05 30", true},
		"a tile, and then an inter frame":    {"38 04" + sequence + "02 20 00" + "30 30", false},
		"the first is empty":                 {"28 00" + frame, false},
		"the second is empty":                {"38 04" + sequence + "00" + "30 30", false},
		"as many as there are, with lengths": {"08 04" + sequence + "02" + "30 30", false},
		"no unit":                            {"18", false},
	} {
		got := AV1(payload(t, tt.digits), false)
		want := media.FrameInfo{}
		if tt.want {
			want = keyframe(tt.digits)
		}
		if got.Keyframe != want.Keyframe || got.Start != want.Start {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestDescriptorsThatAreCut(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct {
		parse Parser
		whole string // every part of which makes no sense
		end   bool
	}{
		{VP8, "b0 f0 ffff 07 a3", false}, {VP8, "90 80 7f", false}, {VP8, "90 40 07", false}, {VP8, "90 20 a0", false}, {VP8, "90 10 03", false},
		{VP9, "e8 8123 55 09", false}, {VP9, "fc 11 24 030502", true}, {VP9, "8c 81 23", true},
		{VP9, "0e 38 0140 00b4 0280 0168 02 04 01 00", true}, {VP9, "0e 18 0140 00b4 01 08 01 02", true},
	} {
		p := payload(t, tt.whole)
		for n := 1; n < len(p); n++ {
			if got := tt.parse(p[:n], false); got != (media.FrameInfo{End: tt.end}) {
				t.Errorf("%s, cut at %d: %+v", tt.whole, n, got)
			}
		}
		if got := tt.parse(p, false); got == (media.FrameInfo{End: tt.end}) {
			t.Errorf("%s makes no sense", tt.whole)
		}
	}
}

func TestPartsOfDescriptors(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	check(t, VP8, []row{
		{"index of the base layer alone", "90 40 07 51", false, media.FrameInfo{Start: true, TL0PicIdx: 7}},
		{"temporal layer alone", "90 20 60 51", false, media.FrameInfo{Start: true, TID: 1, Sync: true}},
		{"key index without meaning", "90 20 43 51", false, media.FrameInfo{Start: true, TID: 1}},
		{"layer without meaning", "90 10 e3 51", false, media.FrameInfo{Start: true, KeyIdx: 3}},
		{"a bit that is reserved", "18 51", false, media.FrameInfo{Start: true}},
		{"ten bytes, but no size", "10 500102 9d012b 8002 e001", false, media.FrameInfo{Start: true, Keyframe: true}},
		{"nine bytes", "10 500102 9d012a 8002 e0", false, media.FrameInfo{Start: true, Keyframe: true}},
		{"the size of an inter frame", "10 510102 9d012a 8002 e001", false, media.FrameInfo{Start: true}},
	})
	check(t, VP9, []row{
		{"size told in the structure, and another in the header", "0a 10 0140 00b4 82 498342 20 13f0 b300", false, media.FrameInfo{Start: true, Keyframe: true, Width: 320, Height: 180}},
		{"pictures of a group", "0a 08 02 04 01 08 01 02 82", false, media.FrameInfo{Start: true, Keyframe: true}},
		{"neither size nor group", "0a 00 82", false, media.FrameInfo{Start: true, Keyframe: true}},
		{"one reference", "78 24 02 86", false, media.FrameInfo{Start: true, InterPicture: true, TID: 1, SID: 2}},
		{"flexible, without references", "38 24 82", false, media.FrameInfo{Start: true, TID: 1, SID: 2}},
		{"nothing behind the descriptor", "0c", true, media.FrameInfo{Start: true, End: true}},
	})
	check(t, H264, []row{
		{"aggregate with an empty unit", "78 0000 0002 67 42", false, media.FrameInfo{}},
		{"aggregate with a unit as long as it", "78 0002 67 42", false, media.FrameInfo{Keyframe: true, Start: true}},
		{"aggregate without parameters", "78 0002 09f0 0002 65 88", true, media.FrameInfo{End: true}},
		{"fragment without a header", "7c", false, media.FrameInfo{}},
		{"first fragment of a picture", "7c 85 88", false, media.FrameInfo{}},
		{"parameters without consequence", "07 42", false, media.FrameInfo{Keyframe: true, Start: true, NonReference: true}},
	})
}

func TestSizesOfVP9(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	size := "0000000100111111 0000000010110011" // 319 and 179
	sync := "010010011000001101000010"
	for name, tt := range map[string]struct {
		header string
		want   bool
	}{
		"profile 0, sRGB":   {"10 0 0 0 0 1 0" + sync + "111" + size, true},
		"profile 3":         {"10 1 1 0 0 0 1 0" + sync + "1 001 0 11 0" + size, true},
		"profile 3, sRGB":   {"10 1 1 0 0 0 1 0" + sync + "1 111 0" + size, true},
		"another sync code": {"10 0 0 0 0 1 0" + "010010011000001101000011" + "001 0" + size, false},
	} {
		want := media.FrameInfo{Start: true, Keyframe: true}
		if tt.want {
			want.Width, want.Height = 320, 180
		}
		p := append([]byte{0x08}, bitString(tt.header)...)
		if got := VP9(p, false); got != want {
			t.Errorf("%s: %+v", name, got)
		}
		for n := 3; n < len(p); n++ {
			if got := VP9(p[:n], false); got != (media.FrameInfo{Start: true, Keyframe: true}) && got != want {
				t.Errorf("%s, cut at %d of %s: %+v", name, n, hex.EncodeToString(p), got)
			}
		}
	}
	largest := "10 0 0 0 0 1 0" + sync + "001 0" + strings.Repeat("1", 32)
	if got := VP9(append([]byte{0x08}, bitString(largest)...), false); got.Width != 0 || got.Height != 0 {
		t.Errorf("larger than can be told: %d by %d", got.Width, got.Height)
	}
}
