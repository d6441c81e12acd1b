package redundancy

import (
	"bytes"
	"slices"
	"testing"

	"galene/group/leaktest"
)

// fold makes a payload of blocks, the last one being the packet's own.
func fold(payloadType uint8, offsets []uint32, blocks ...[]byte) []byte {
	var payload []byte
	for i, b := range blocks[:len(blocks)-1] {
		var h [headerSize]byte
		PutHeader(h[:], payloadType, offsets[i], len(b))
		payload = append(payload, h[:]...)
	}
	var h [lastHeaderSize]byte
	PutLastHeader(h[:], payloadType)
	payload = append(payload, h[:]...)
	for _, b := range blocks {
		payload = append(payload, b...)
	}
	return payload
}

func TestBlocksComeBackAsTheyWerePut(t *testing.T) {
	leaktest.Check(t)
	blocks := [][]byte{bytes.Repeat([]byte{1}, MaxSize), {}, []byte("own")}
	offsets := []uint32{MaxOffset, 960, 0}
	payload := fold(111, offsets, blocks...)
	var got [MaxBlocks]Block
	n, err := Parse(payload, 111, &got)
	if err != nil || n != len(blocks) {
		t.Fatalf("%d blocks, %v", n, err)
	}
	for i, b := range got[:n] {
		if b.TimestampOffset != offsets[i] || !bytes.Equal(payload[b.Start:b.End], blocks[i]) {
			t.Errorf("block %d: %+v", i, b)
		}
	}
}

// As many blocks as there may be, and what their headers take.
func TestHeadersTakeWhatIsReckonedForThem(t *testing.T) {
	leaktest.Check(t)
	for earlier := range MaxBlocks {
		size := 0
		var header [headerSize]byte
		for range earlier {
			size += PutHeader(header[:], 111, 960, 3)
		}
		if size += PutLastHeader(header[:], 111); size != Overhead(earlier) {
			t.Errorf("%d earlier blocks: the headers have %d bytes, reckoned are %d", earlier, size, Overhead(earlier))
		}
		blocks := make([][]byte, earlier+1)
		for i := range blocks {
			blocks[i] = []byte{1, 2, 3}
		}
		payload := fold(111, make([]uint32, earlier), blocks...)
		var got [MaxBlocks]Block
		if n, err := Parse(payload, 111, &got); n != earlier+1 || err != nil || got[0].Start != Overhead(earlier) {
			t.Errorf("%d earlier blocks: %d come back, from %d on (%v)", earlier, n, got[0].Start, err)
		}
	}
}

func TestWhatMakesNoSenseIsRefused(t *testing.T) {
	leaktest.Check(t)
	good := fold(111, []uint32{960}, []byte("before"), []byte("own"))
	for name, payload := range map[string][]byte{
		"nothing":                 {},
		"no last header":          good[:4],
		"half a header":           good[:3],
		"block longer than there": good[:9],
		"another format":          fold(96, nil, []byte("own")),
		"another format before":   slices.Concat(fold(96, []uint32{960}, []byte("before"), []byte("own"))[:headerSize], fold(111, nil, []byte("beforeown"))),
		"too many blocks":         fold(111, make([]uint32, MaxBlocks), make([][]byte, MaxBlocks+1)...),
	} {
		var blocks [MaxBlocks]Block
		if n, err := Parse(payload, 111, &blocks); err == nil {
			t.Errorf("%s: %d blocks", name, n)
		}
	}
}

func FuzzParse(f *testing.F) {
	leaktest.Check(f)
	f.Add(fold(111, []uint32{960}, []byte("before"), []byte("own")))
	f.Add(fold(111, nil, []byte("own")))
	f.Add([]byte{0xef, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, payload []byte) {
		var blocks [MaxBlocks]Block
		n, err := Parse(payload, 111, &blocks)
		if err != nil {
			return
		}
		for i, b := range blocks[:n] {
			if b.Start > b.End || b.End > len(payload) || i > 0 && b.Start != blocks[i-1].End {
				t.Fatalf("block %d of %d: %+v", i, n, b)
			}
		}
		if blocks[n-1].End != len(payload) {
			t.Fatalf("%d bytes left", len(payload)-blocks[n-1].End)
		}
	})
}
