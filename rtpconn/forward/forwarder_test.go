package forward

import (
	"fmt"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
)

func TestLongStreamsKeepFlowing(t *testing.T) {
	leaktest.Check(t)
	f := NewForwarder(Format{ClockRate: 90000, Keyframes: true})
	f.Switch(Target{})
	p := &media.Packet{Frame: media.FrameInfo{Keyframe: true}}
	for i := range 200_000 {
		p.SequenceNumber = uint16(i)
		h, verdict := f.Next(0, p, 0)
		if verdict != Pass || h.SequenceNumber != uint16(i) {
			t.Fatalf("packet %d: verdict %d, number %d", i, verdict, h.SequenceNumber)
		}
		if s, ok := f.Source(uint16(i - min(i, 1000))); !ok || s.SequenceNumber != uint16(i-min(i, 1000)) {
			t.Fatalf("packet %d cannot be traced back", i)
		}
		p.Frame.Keyframe = false
	}
}

// However much is left out, what was passed of late is traced back, and of long ago
// nothing is remembered that could be taken for it.
func TestLongStreamsOfWhichPartsAreLeftOutAreTracedBack(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct{ each, known, forgotten int }{{1000, 10_000, 20_000}, {10, 1000, 2000}} {
		f := NewForwarder(Format{ClockRate: 90000, Keyframes: true, Scaling: SyncPoints})
		f.Switch(Target{})
		var passed [][2]uint16 // what was sent under which number
		for i := range 150_000 {
			p := &media.Packet{SequenceNumber: uint16(i), Frame: media.FrameInfo{Start: true, Keyframe: i == 0}}
			if i%tt.each == tt.each-1 {
				p.Frame.TID = 1
			}
			h, verdict := f.Next(0, p, 0)
			if (verdict == Pass) != (p.Frame.TID == 0) {
				t.Fatalf("packet %d: verdict %d", i, verdict)
			}
			if verdict == Pass {
				passed = append(passed, [2]uint16{p.SequenceNumber, h.SequenceNumber})
			}
			if n := len(passed) - 1; n >= tt.forgotten && i%97 == 0 {
				known, forgotten := passed[n-tt.known], passed[n-tt.forgotten]
				if s, ok := f.Source(known[1]); !ok || s.SequenceNumber != known[0] {
					t.Fatalf("after %d packets: number %d is of %d (%t), not %d", i, known[1], s.SequenceNumber, ok, known[0])
				}
				if s, ok := f.Source(forgotten[1]); ok {
					t.Fatalf("after %d packets: number %d of long ago is of %d", i, forgotten[1], s.SequenceNumber)
				}
			}
		}
	}
}

// A picture that waits for its key frame for hours while its line is probed: what is sent
// meanwhile holds nothing, however often the numbers come round.
func TestPaddingOfHoursCannotBeAskedFor(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	f := NewForwarder(Format{ClockRate: 90000, Keyframes: true})
	f.Switch(Target{})
	const before = 1000
	for i := range before {
		f.Next(0, &media.Packet{SequenceNumber: uint16(i), Frame: media.FrameInfo{Keyframe: i == 0, End: true}}, 0)
	}
	f.Break()
	for i := range 200_000 {
		h, ok := f.Pad()
		if !ok || h.SequenceNumber != uint16(before+i) {
			t.Fatalf("padding %d: number %d, %t", i, h.SequenceNumber, ok)
		}
		for _, back := range []uint16{0, 1, 500} {
			if s, ok := f.Source(h.SequenceNumber - back); ok && (i >= int(back) || s.SequenceNumber != uint16(before+i)-back) {
				t.Fatalf("after %d of padding: number %d is that of packet %d", i+1, h.SequenceNumber-back, s.SequenceNumber)
			}
		}
	}
	if h, verdict := f.Next(0, &media.Packet{SequenceNumber: before + 7, Frame: media.FrameInfo{Keyframe: true}}, 0); verdict != Pass || h.SequenceNumber != (before+200_000)%65536 {
		t.Errorf("the key frame: verdict %d, number %d", verdict, h.SequenceNumber)
	}
}

func TestForwardingDoesNotAllocate(t *testing.T) {
	leaktest.Check(t)
	f := NewForwarder(Format{ClockRate: 90000, Keyframes: true})
	f.Switch(Target{})
	p := &media.Packet{Frame: media.FrameInfo{Keyframe: true}}
	if got := testing.AllocsPerRun(100, func() {
		p.SequenceNumber++
		f.Next(0, p, time.Second)
		f.Source(p.SequenceNumber)
	}); got != 0 {
		t.Errorf("%v allocations for each packet", got)
	}
}

// Whatever arrives: what is passed is new or fills a gap, and can be traced
// back to the packet it was.
func FuzzForwarder(f *testing.F) {
	leaktest.Check(f)
	f.Add([]byte{0, 0, 1, 0, 1, 0, 2, 0, 0, 1, 9, 1, 1, 1, 10, 0, 0})
	f.Add([]byte{0, 0, 1, 0, 3, 8, 2, 0, 3, 0, 3, 0, 3, 8, 4, 0, 2, 0, 5, 0, 3})
	f.Add([]byte{2, 0, 255, 1, 255, 0, 128, 1, 7, 1, 1, 1, 1, 0, 0, 1, 3})
	// From one encoding to the other and back, the first one having got another source.
	f.Add([]byte{0, 0x70, 50, 0, 6, 0x71, 5, 0, 7, 0x74, 50, 0, 2, 0x71, 7, 5, 2})
	// Numbers that come round in jumps while nothing is wanted.
	f.Add([]byte{0, 0x20, 1, 0, 6, 0x20, 255, 0, 0x84, 0x10, 255, 0, 2, 0, 200, 0, 2, 0x20, 2, 0, 6, 0x20, 1, 0, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) == 0 {
			return
		}
		fw := NewForwarder(Format{ClockRate: 90000, Keyframes: true, Scaling: Scaling(script[0] % 3)})
		script = script[1:]
		// What has been sent under each number. Two different packets under one
		// would also be two under one nonce of the cipher.
		sent := make(map[uint16]string)
		send := func(number uint16, what string) {
			if before, ok := sent[number]; ok && before != what {
				t.Fatalf("number %d is %s and %s", number, before, what)
			}
			sent[number] = what
		}
		now := time.Duration(0)
		// A publisher comes round to the same numbers, and those of another source have
		// nothing to do with them: then it is another packet.
		var sources [2]int
		var indices [2]int64
		for ; len(script) >= 4; script = script[4:] {
			now += time.Duration(script[2]) * time.Millisecond
			encoding := int(script[0] & 1)
			if script[3]&4 != 0 {
				fw.Switch(Target{Encoding: int(script[3]&1) - int(script[3]>>7&1), Layers: Layers{script[3] >> 3 & 3, script[3] >> 5 & 3}})
			}
			flags := script[2]
			p := &media.Packet{SequenceNumber: uint16(script[1]) << 8 >> (script[0] >> 4 & 7), Frame: media.FrameInfo{
				Keyframe: script[3]&2 != 0, Start: flags&1 != 0 || script[3]&2 != 0, End: flags&2 != 0, SID: flags >> 2 & 1, TID: flags >> 3 & 3,
				TIDUpSwitch: flags&0x20 != 0, Sync: flags&0x20 != 0, NonReference: flags&0x40 != 0, InterPicture: flags&0x80 != 0,
				PictureID: uint16(script[1]), PictureIDBits: 7,
			}}
			if script[0]>>2&3 == 1 {
				sources[encoding], indices[encoding] = sources[encoding]+1, int64(p.SequenceNumber)
				fw.Renumbered(encoding)
			}
			index := indices[encoding] + int64(int16(p.SequenceNumber-uint16(indices[encoding])))
			switch {
			case index < indices[encoding]-1024:
				continue // nobody takes it for new
			case index > indices[encoding]+maxStep:
				fw.Renumbered(encoding)
			}
			indices[encoding] = max(index, indices[encoding])
			if script[3]&8 != 0 {
				if h, ok := fw.Pad(); ok {
					send(h.SequenceNumber, fmt.Sprintf("padding %d", len(script)))
					if _, found := fw.Source(h.SequenceNumber); found {
						t.Fatalf("padding %d can be asked for", h.SequenceNumber)
					}
				}
			}
			h, verdict := fw.Next(encoding, p, now)
			if verdict != Pass {
				continue
			}
			if script[0]&8 != 0 {
				fw.BreakBefore(h)
				continue
			}
			send(h.SequenceNumber, fmt.Sprintf("packet %d of source %d of %d", index, sources[encoding], encoding))
			if s, ok := fw.Source(h.SequenceNumber - uint16(script[2]&15)); ok {
				// This is what would be sent again.
				index := indices[s.Encoding] + int64(int16(s.SequenceNumber-uint16(indices[s.Encoding])))
				send(h.SequenceNumber-uint16(script[2]&15), fmt.Sprintf("packet %d of source %d of %d", index, sources[s.Encoding], s.Encoding))
			}
			s, ok := fw.Source(h.SequenceNumber)
			if !ok || s.Encoding != encoding || s.SequenceNumber != p.SequenceNumber || s.Header(p) != h {
				t.Fatalf("packet %d of encoding %d came back as %+v (%v)", p.SequenceNumber, encoding, s, ok)
			}
		}
	})
}

func BenchmarkNext(b *testing.B) {
	f := NewForwarder(Format{ClockRate: 90000, Keyframes: true})
	f.Switch(Target{})
	p := &media.Packet{Frame: media.FrameInfo{Keyframe: true}}
	f.Next(0, p, 0)
	p.Frame.Keyframe = false
	b.ReportAllocs()
	for b.Loop() {
		p.SequenceNumber++
		f.Next(0, p, 0)
	}
}
