package demux

import (
	"bytes"
	"testing"

	"github.com/pion/rtp"

	"galene/group/leaktest"
)

var extensions = Extensions{MID: 4, RID: 10, RepairedRID: 11}

// packet builds an RTP packet; extension values by number.
func packet(t testing.TB, ssrc uint32, payloadType uint8, twoByte bool, values map[uint8]string) []byte {
	t.Helper()
	p := rtp.Packet{
		Header:  rtp.Header{Version: 2, SSRC: ssrc, PayloadType: payloadType, SequenceNumber: 7, Timestamp: 9, CSRC: []uint32{1, 2}},
		Payload: []byte("payload"),
	}
	if len(values) > 0 {
		p.Extension = true
		p.ExtensionProfile = 0xbede
		if twoByte {
			p.ExtensionProfile = 0x1000
		}
		for id, v := range values {
			if err := p.SetExtension(id, []byte(v)); err != nil {
				t.Fatal(err)
			}
		}
	}
	raw, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func lookup(t *testing.T, table *Table, raw []byte) (Target, bool) {
	t.Helper()
	h, err := ParseHeader(raw)
	if err != nil {
		t.Fatal(err)
	}
	v := extensions.Find(raw)
	return table.Lookup(h.SSRC, h.PayloadType, &v)
}

// call is a publisher with sound, a simulcast camera and another video.
func call() []Source {
	return []Source{
		{MID: "0", SSRCs: []uint32{100}, PayloadTypes: []uint8{111}},
		{MID: "1", RIDs: []string{"h", "l"}, SSRCs: []uint32{200, 201}, PayloadTypes: []uint8{96}},
		{MID: "2", PayloadTypes: []uint8{96, 98}},
	}
}

// lookups are packets, each the first of its publisher, and what they belong to.
type lookups map[string]struct {
	ssrc        uint32
	payloadType uint8
	values      map[uint8]string
	want        Target
	ok          bool
}

// check looks all of them up, with both forms of header extensions.
func (l lookups) check(t *testing.T, sources []Source) {
	t.Helper()
	for name, tt := range l {
		for _, twoByte := range []bool{false, true} {
			raw := packet(t, tt.ssrc, tt.payloadType, twoByte, tt.values)
			got, ok := lookup(t, New(sources), raw)
			if got != tt.want || ok != tt.ok {
				t.Errorf("%s (two-byte %v): got %v, %v", name, twoByte, got, ok)
			}
		}
	}
}

func TestLookup(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	lookups{
		"named source":               {100, 111, nil, Target{Track: 0, Encoding: 0}, true},
		"named source, other type":   {100, 96, nil, Target{}, false},
		"mid":                        {1, 96, map[uint8]string{4: "2"}, Target{Track: 2, Encoding: 0}, true},
		"mid and rid":                {1, 96, map[uint8]string{4: "1", 10: "l"}, Target{Track: 1, Encoding: 1}, true},
		"rid, no simulcast":          {1, 96, map[uint8]string{4: "2", 10: "x"}, Target{Track: 2, Encoding: 0}, true},
		"unknown mid":                {1, 96, map[uint8]string{4: "9"}, Target{}, false},
		"unknown rid":                {1, 96, map[uint8]string{4: "1", 10: "m"}, Target{}, false},
		"simulcast without rid":      {200, 96, map[uint8]string{4: "1"}, Target{}, false},
		"mid, type of another":       {1, 98, map[uint8]string{4: "1", 10: "h"}, Target{}, false},
		"retransmission stream":      {1, 96, map[uint8]string{4: "1", 11: "h"}, Target{}, false},
		"type of one section only":   {1, 98, nil, Target{Track: 2, Encoding: 0}, true},
		"type of two sections":       {1, 96, nil, Target{}, false},
		"type of none":               {1, 13, nil, Target{}, false},
		"rid alone, two could be it": {1, 96, map[uint8]string{10: "h"}, Target{}, false},
		"other extensions":           {1, 98, map[uint8]string{3: "abc", 5: "x"}, Target{Track: 2, Encoding: 0}, true},
	}.check(t, call())
}

func TestSourcesAreRemembered(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	table := New(call())
	first := packet(t, 7, 96, false, map[uint8]string{4: "1", 10: "l"})
	bare := packet(t, 7, 96, false, nil)
	if _, ok := lookup(t, table, bare); ok {
		t.Error("known before it has shown itself")
	}
	lookup(t, table, first)
	if got, ok := lookup(t, table, bare); !ok || got != (Target{Track: 1, Encoding: 1}) {
		t.Errorf("got %v, %v", got, ok)
	}
	if _, ok := lookup(t, table, packet(t, 7, 98, false, nil)); ok {
		t.Error("a payload type that was not negotiated")
	}
	// The encoder restarts with another source.
	lookup(t, table, packet(t, 8, 96, false, map[uint8]string{4: "1", 10: "l"}))
	if got, ok := lookup(t, table, packet(t, 8, 96, false, nil)); !ok || got != (Target{Track: 1, Encoding: 1}) {
		t.Errorf("new source: %v, %v", got, ok)
	}
}

func TestRenegotiationKeepsWhatIsKnown(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	table := New(call())
	lookup(t, table, packet(t, 7, 96, false, map[uint8]string{4: "1", 10: "l"}))
	lookup(t, table, packet(t, 8, 96, false, map[uint8]string{4: "2"}))
	lookup(t, table, packet(t, 9, 96, false, map[uint8]string{4: "1", 10: "h"}))
	table.Update([]Source{
		{MID: "1", RIDs: []string{"l"}, PayloadTypes: []uint8{96}},
		{MID: "5", PayloadTypes: []uint8{96}},
	})
	if got, ok := lookup(t, table, packet(t, 7, 96, false, nil)); !ok || got != (Target{Track: 0, Encoding: 0}) {
		t.Errorf("the encoding that stayed: %v, %v", got, ok)
	}
	for _, gone := range []uint32{8, 9, 100} {
		if got, ok := lookup(t, table, packet(t, gone, 96, false, nil)); ok {
			t.Errorf("source %d: %v", gone, got)
		}
	}
}

func TestFloodOfSourcesIsBounded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	table := New(call())
	live := packet(t, 7, 96, false, map[uint8]string{4: "1", 10: "h"})
	bare := packet(t, 7, 96, false, nil)
	lookup(t, table, live)
	for i := range uint32(5000) {
		if got, ok := lookup(t, table, packet(t, 1000+i, 96, false, map[uint8]string{4: "2"})); !ok || got != (Target{Track: 2, Encoding: 0}) {
			t.Fatalf("source %d: %v, %v", i, got, ok)
		}
		if got, ok := lookup(t, table, bare); !ok || got != (Target{Track: 1, Encoding: 0}) {
			t.Fatalf("the live one after %d: %v, %v", i, got, ok)
		}
	}
	if len(table.learned) > maxLearned {
		t.Errorf("%d remembered", len(table.learned))
	}
	// A while after the flood a new encoder is remembered: idle ones give way.
	for range idle {
		lookup(t, table, bare)
	}
	lookup(t, table, packet(t, 9, 96, false, map[uint8]string{4: "1", 10: "l"}))
	if _, ok := lookup(t, table, packet(t, 9, 96, false, nil)); !ok {
		t.Error("a new source is not remembered")
	}
}

func TestHeadersAreReadAsPionDoes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	raw := packet(t, 0xdeadbeef, 96, false, map[uint8]string{4: "mid", 10: "h"})
	raw[1] |= 0x80
	h, err := ParseHeader(raw)
	if err != nil {
		t.Fatal(err)
	}
	want := Header{SequenceNumber: 7, Timestamp: 9, SSRC: 0xdeadbeef, PayloadType: 96, Marker: true, HeaderSize: len(raw) - len("payload")}
	if h != want {
		t.Errorf("got %+v, want %+v", h, want)
	}
	padded := append(bytes.Clone(raw), 0, 0, 3)
	padded[0] |= 0x20
	if h, err := ParseHeader(padded); err != nil || h.Padding != 3 {
		t.Errorf("padding: %+v, %v", h, err)
	}
}

// Extensions are read up to where they end: at the number that says so, and at what has
// no number, but a length (RFC 8285, section 4.2).
func TestExtensionsEnd(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const one, two = 0xbede, 0x1000
	for name, tt := range map[string]struct {
		profile  uint16
		elements []byte
		want     string // the mid
	}{
		"padding goes before it":               {one, []byte{0, 0, 0x40, 'a'}, "a"},
		"padding in the two-byte form":         {two, []byte{0, 4, 1, 'a'}, "a"},
		"any profile of the two-byte form":     {two | 0xf, []byte{4, 1, 'a', 0}, "a"},
		"another profile":                      {0x2000, []byte{4, 1, 'a', 0}, ""},
		"behind the number that says so":       {one, []byte{0xf0, 0, 0x40, 'a'}, ""},
		"behind one without a number":          {one, []byte{0x01, 0, 0, 0x40, 'a', 0, 0, 0}, ""},
		"longer than there is":                 {one, []byte{0, 0x42, 'a', 'b'}, ""},
		"as long as there is":                  {one, []byte{0, 0x41, 'a', 'b'}, "ab"},
		"longer than there is, two bytes":      {two, []byte{0, 4, 2, 'a'}, ""},
		"half an element":                      {two, []byte{0, 0, 0, 4}, ""},
		"nothing in it":                        {two, []byte{0, 0, 4, 0}, ""},
		"a number that has not been agreed on": {one, []byte{0x10, 'x', 0x40, 'a'}, "a"},
		"no elements":                          {one, nil, ""},
	} {
		raw := []byte{0x90, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, byte(tt.profile >> 8), byte(tt.profile), 0, byte(len(tt.elements) / 4)}
		raw = append(append(raw, tt.elements...), "body"...)
		if _, err := ParseHeader(raw); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if v := extensions.Find(raw); string(v.MID) != tt.want {
			t.Errorf("%s: %q, want %q", name, v.MID, tt.want)
		}
	}
}

func TestMalformedPacketsAreRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	good := packet(t, 1, 96, false, map[uint8]string{4: "mid"})
	for name, p := range map[string][]byte{
		"empty":            {},
		"short":            good[:11],
		"version 1":        append([]byte{0x40}, good[1:]...),
		"cut sources":      good[:16],
		"cut extension":    good[:26],
		"padding of zero":  append(append([]byte{0xa0}, good[1:12]...), 0),
		"padding too long": append(append([]byte{0xa0}, good[1:12]...), 2),
		"only a header":    append([]byte{0xa0}, good[1:12]...),
	} {
		if name == "only a header" {
			p[11] = 5 // the last byte of the header is no padding
		}
		if h, err := ParseHeader(p); err == nil {
			t.Errorf("%s: %+v", name, h)
		}
	}
}

func TestLookupDoesNotAllocate(t *testing.T) {
	leaktest.Check(t)
	table := New(call())
	known := packet(t, 7, 96, false, map[uint8]string{4: "1", 10: "h"})
	unknown := packet(t, 9, 96, false, map[uint8]string{4: "1", 10: "x"})
	lookup(t, table, known)
	if n := testing.AllocsPerRun(100, func() {
		lookup(t, table, known)
		lookup(t, table, unknown)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkParseAndLookup(b *testing.B) {
	table := New(call())
	raw := packet(b, 7, 96, false, map[uint8]string{4: "1", 10: "h"})
	b.ReportAllocs()
	for b.Loop() {
		h, err := ParseHeader(raw)
		if err != nil {
			b.Fatal(err)
		}
		v := extensions.Find(raw)
		if _, ok := table.Lookup(h.SSRC, h.PayloadType, &v); !ok {
			b.Fatal("not found")
		}
	}
}

func FuzzPacket(f *testing.F) {
	leaktest.Check(f)
	f.Add(packet(f, 7, 96, false, map[uint8]string{4: "1", 10: "h"}))
	f.Add(packet(f, 7, 96, true, map[uint8]string{4: "1", 11: "h"}))
	f.Add([]byte{0xb0, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xbe, 0xde, 0, 1, 0x4f, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, p []byte) {
		h, err := ParseHeader(p)
		if err != nil {
			return
		}
		if h.HeaderSize+int(h.Padding) > len(p) {
			t.Fatalf("%+v in %d bytes", h, len(p))
		}
		table := New(call())
		v := extensions.Find(p)
		target, ok := table.Lookup(h.SSRC, h.PayloadType, &v)
		again, okAgain := table.Lookup(h.SSRC, h.PayloadType, &v)
		if target != again || ok != okAgain {
			t.Errorf("%v, %v, then %v, %v", target, ok, again, okAgain)
		}
	})
}
