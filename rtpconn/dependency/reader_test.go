package dependency

import (
	"testing"

	"galene/group/leaktest"
	"galene/group/media"
)

// writer writes bits from the most significant one on.
type writer struct {
	data []byte
	at   int
}

func (w *writer) u(v uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.at%8 == 0 {
			w.data = append(w.data, 0)
		}
		w.data[w.at/8] |= byte(v>>i&1) << (7 - w.at%8)
		w.at++
	}
}

// structureTemplate is a template as the specification's appendix prints them: its
// indications are letters.
type structureTemplate struct {
	sid, tid    uint8
	indications string
	differences []uint32
}

// structure is what key frames carry.
type structure struct {
	offset    uint32
	templates []structureTemplate
	// chains is how many there are; every template has a difference of 1 to each.
	chains uint32
	// sizes are the widths and heights by spatial layer; nil if not told.
	sizes [][2]uint32
}

func (s structure) write(w *writer) {
	targets := len(s.templates[0].indications)
	w.u(s.offset, 6)
	w.u(uint32(targets-1), 5)
	for i, t := range s.templates {
		switch {
		case i == len(s.templates)-1:
			w.u(3, 2)
		case s.templates[i+1].sid != t.sid:
			w.u(2, 2)
		case s.templates[i+1].tid != t.tid:
			w.u(1, 2)
		default:
			w.u(0, 2)
		}
	}
	for _, t := range s.templates {
		for _, letter := range t.indications {
			w.u(map[rune]uint32{'-': 0, 'D': 1, 'S': 2, 'R': 3}[letter], 2)
		}
	}
	for _, t := range s.templates {
		for _, d := range t.differences {
			w.u(1, 1)
			w.u(d-1, 4)
		}
		w.u(0, 1)
	}
	writeNS(w, s.chains, uint32(targets)+1)
	if s.chains > 0 {
		for i := range targets {
			writeNS(w, uint32(i)%s.chains, s.chains)
		}
		for range len(s.templates) * int(s.chains) {
			w.u(1, 4)
		}
	}
	if s.sizes == nil {
		w.u(0, 1)
		return
	}
	w.u(1, 1)
	for _, size := range s.sizes {
		w.u(size[0]-1, 16)
		w.u(size[1]-1, 16)
	}
}

// writeNS writes a number below n.
func writeNS(w *writer, v, n uint32) {
	width := 0
	for x := n; x > 0; x >>= 1 {
		width++
	}
	if short := uint32(1)<<width - n; v < short {
		w.u(v, width-1)
	} else {
		w.u(v+short, width)
	}
}

// frame is a descriptor.
type frame struct {
	start, end bool
	template   uint32
	number     uint16
	structure  *structure
	// active are decode targets that are still there, as bits; 0 if not told.
	active uint32
	// custom are indications of its own, differences the distances of the frames that
	// it depends on, nil if its template tells them.
	custom      string
	differences []uint32
}

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

func (f frame) bytes(targets int) []byte {
	var w writer
	w.u(bit(f.start), 1)
	w.u(bit(f.end), 1)
	w.u(f.template, 6)
	w.u(uint32(f.number), 16)
	if f.structure == nil && f.active == 0 && f.custom == "" && f.differences == nil {
		return w.data
	}
	w.u(bit(f.structure != nil), 1)
	w.u(bit(f.active != 0), 1)
	w.u(bit(f.custom != ""), 1)
	w.u(bit(f.differences != nil), 1)
	w.u(0, 1)
	if f.structure != nil {
		f.structure.write(&w)
	}
	if f.active != 0 {
		w.u(f.active, targets)
	}
	for _, letter := range f.custom {
		w.u(map[rune]uint32{'-': 0, 'D': 1, 'S': 2, 'R': 3}[letter], 2)
	}
	for _, d := range f.differences {
		size := 1
		for d-1 >= 1<<(4*size) {
			size++
		}
		w.u(uint32(size), 2)
		w.u(d-1, 4*size)
	}
	if f.differences != nil {
		w.u(0, 2)
	}
	return w.data
}

// twoLayers has two spatial layers of which only key frames of the lower one are
// needed by the upper one, and two temporal ones each. The decode targets are
// S0T0, S0T1, S1T0, S1T1.
var twoLayers = structure{
	offset: 60, chains: 2, sizes: [][2]uint32{{320, 180}, {640, 360}},
	templates: []structureTemplate{
		{0, 0, "SSSS", nil}, {0, 0, "SS--", []uint32{4}}, {0, 1, "-D--", []uint32{2}},
		{1, 0, "--SS", []uint32{1}}, {1, 0, "--SS", []uint32{4}}, {1, 1, "---D", []uint32{2}},
	},
}

func TestFramesAreOfTheLayersThatTheirTemplatesSay(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var r Reader
	type want struct {
		sid, tid                   uint8
		upSwitch, unneeded, leaned bool
	}
	for i, tt := range []struct {
		frame frame
		want  want
	}{
		{frame{start: true, end: true, template: 60, number: 7, structure: &twoLayers}, want{0, 0, true, false, false}},
		{frame{start: true, template: 63, number: 8}, want{1, 0, true, true, false}},
		{frame{start: true, template: 0, number: 8}, want{1, 0, true, true, true}},
		{frame{start: true, template: 0, number: 8, differences: []uint32{}}, want{1, 0, true, true, false}},
		{frame{start: true, template: 63, number: 8, differences: []uint32{1, 300}}, want{1, 0, true, true, true}},
		{frame{start: true, template: 62, number: 9}, want{0, 1, false, true, true}},
		{frame{start: true, template: 1, number: 10}, want{1, 1, false, true, true}},
		{frame{start: true, template: 61, number: 65535, active: 5}, want{0, 0, true, true, true}},
		{frame{start: true, template: 61, number: 0, custom: "RR-D"}, want{0, 0, false, false, true}},
	} {
		f := media.FrameInfo{Keyframe: i == 0}
		if !r.Read(tt.frame.bytes(4), &f) {
			t.Fatalf("frame %d is refused", i)
		}
		got := want{f.SID, f.TID, f.TIDUpSwitch, f.NonReference, f.InterPicture}
		if got != tt.want || f.Start != tt.frame.start || f.End != tt.frame.end || f.FrameNumber != tt.frame.number {
			t.Errorf("frame %d: %+v", i, f)
		}
		if i == 0 && (f.Width != 640 || f.Height != 360) {
			t.Errorf("%d by %d", f.Width, f.Height)
		}
	}
}

func TestFramesOfAStructureThatIsUnknownAreOfTheLowestLayers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var r Reader
	f := media.FrameInfo{Keyframe: true}
	if !r.Read(frame{start: true, template: 9, number: 3}.bytes(0), &f) || !f.Start || f.End || f.SID != 0 || f.TID != 0 || f.FrameNumber != 3 || !f.Keyframe {
		t.Errorf("%+v", f)
	}
}

// A key frame that was lost comes again when the next one, of other layers, is there.
func TestStructureThatComesLateIsThatOfItsFrameOnly(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	oneLayer := structure{offset: 10, templates: []structureTemplate{{0, 0, "S", nil}, {0, 0, "S", []uint32{1}}}}
	var r Reader
	for i, tt := range []struct {
		frame    frame
		targets  int
		sid, tid uint8
	}{
		{frame{template: 10, number: 65530, structure: &oneLayer}, 1, 0, 0},
		{frame{template: 60, number: 3, structure: &twoLayers}, 4, 0, 0},
		{frame{template: 1, number: 4}, 4, 1, 1},
		{frame{template: 10, number: 65533, structure: &oneLayer, active: 1}, 1, 0, 0},
		{frame{template: 1, number: 5}, 4, 1, 1},
		{frame{template: 60, number: 3, structure: &twoLayers}, 4, 0, 0}, // sent twice
		{frame{template: 1, number: 6}, 4, 1, 1},
		// A structure may come with any frame, and the next one numbers anew.
		{frame{template: 11, number: 9, structure: &oneLayer}, 1, 0, 0},
		{frame{template: 60, number: 40000, structure: &twoLayers}, 4, 0, 0},
		{frame{template: 63, number: 40001}, 4, 1, 0},
	} {
		f := media.FrameInfo{SID: 9}
		if !r.Read(tt.frame.bytes(tt.targets), &f) || f.SID != tt.sid || f.TID != tt.tid || f.FrameNumber != tt.frame.number {
			t.Errorf("frame %d: %+v", i, f)
		}
	}
}

func TestDescriptorsThatMakeNoSenseAreRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	whole := frame{template: 60, structure: &twoLayers}.bytes(4)
	endless := structure{templates: make([]structureTemplate, 65)}
	for i := range endless.templates {
		endless.templates[i].indications = "S"
	}
	high := structure{templates: []structureTemplate{{0, 0, "S", nil}, {1, 0, "S", nil}, {2, 0, "S", nil}, {3, 0, "S", nil}, {4, 0, "S", nil}}}
	for name, d := range map[string][]byte{
		"nothing":              {},
		"two bytes":            whole[:2],
		"half a structure":     whole[:9],
		"all but the last":     whole[:len(whole)-1],
		"too long":             make([]byte, MaxSize+1),
		"too many templates":   frame{structure: &endless}.bytes(1),
		"too many layers":      frame{structure: &high}.bytes(1),
		"custom that is short": append(frame{template: 60}.bytes(4), 0x20),
	} {
		r := Reader{}
		if !r.Read(whole, &media.FrameInfo{}) {
			t.Fatal("the good one is refused")
		}
		f := media.FrameInfo{SID: 9}
		if r.Read(d, &f) || f != (media.FrameInfo{SID: 9}) {
			t.Errorf("%s: %+v", name, f)
		}
		if f = (media.FrameInfo{}); !r.Read(frame{template: 63}.bytes(4), &f) || f.SID != 1 {
			t.Errorf("%s: what was known is forgotten: %+v", name, f)
		}
	}
}

func TestReadingDoesNotAllocate(t *testing.T) {
	leaktest.Check(t)
	whole, plain := frame{template: 60, structure: &twoLayers}.bytes(4), frame{template: 63}.bytes(4)
	var r Reader
	var f media.FrameInfo
	if n := testing.AllocsPerRun(100, func() {
		r.Read(whole, &f)
		r.Read(plain, &f)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzRead(f *testing.F) {
	leaktest.Check(f)
	for _, d := range [][]byte{
		frame{template: 60, structure: &twoLayers}.bytes(4),
		frame{start: true, end: true, template: 61, number: 9, active: 3, custom: "SRD-"}.bytes(4),
		frame{template: 1, differences: []uint32{2, 90, 4096}}.bytes(4),
		{0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	} {
		f.Add(d, d)
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var r Reader
		for _, d := range [][]byte{first, second} {
			info := media.FrameInfo{}
			if r.Read(d, &info) {
				if info.SID > 3 || info.TID > 7 {
					t.Fatalf("%+v", info)
				}
				PutNumber(d, info.FrameNumber)
			} else if info != (media.FrameInfo{}) {
				t.Fatalf("refused, and told %+v", info)
			}
		}
	})
}
