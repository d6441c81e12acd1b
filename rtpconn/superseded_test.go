package rtpconn

import (
	"slices"
	"testing"

	"galene/group/leaktest"

	"github.com/pion/rtp"
)

// On a line that is full nothing is sent again of what was before the last key frame, in
// whatever order the packets around it came.
func TestWhatAKeyFrameHasMadeWorthlessStaysSo(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		order     []uint16
		keys      []uint16
		worthless []uint16
	}{
		"in order":                               {[]uint16{1, 2, 3, 4, 5}, []uint16{4}, []uint16{1, 2, 3}},
		"one before it comes late":               {[]uint16{1, 2, 4, 3, 5}, []uint16{4}, []uint16{1, 2, 3}},
		"one of long before it comes late":       {[]uint16{1, 3, 4, 5, 2}, []uint16{4}, []uint16{1, 2, 3}},
		"a key frame before it comes late":       {[]uint16{1, 2, 4, 3, 5}, []uint16{3, 4}, []uint16{1, 2, 3}},
		"two key frames, one behind another":     {[]uint16{1, 2, 3, 4, 5}, []uint16{3, 4}, []uint16{1, 2, 3}},
		"its first packet comes behind the next": {[]uint16{1, 2, 3, 5, 4}, []uint16{4}, []uint16{1, 2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 1, 100)
			row, got := b.up.sources[0].rows[0], b.overhear(t)
			const before = 1<<16 - 5 // so that they come round
			for n := uint32(b.packet.SequenceNumber) + 1; n < before; n += 5000 {
				b.put(t, uint16(n), false)
			}
			b.put(t, before, false)
			for _, n := range tt.order {
				b.put(t, before+n, slices.Contains(tt.keys, n))
			}
			b.worker.do(func() { row.conn.line.congested = true })
			var sent []uint16
			for n := uint16(1); n <= 5; n++ {
				*got = nil
				if b.ask(t, before+n); len(*got) > 0 {
					sent = append(sent, n)
				}
			}
			var want []uint16
			for n := uint16(1); n <= 5; n++ {
				if !slices.Contains(tt.worthless, n) {
					want = append(want, n)
				}
			}
			if !slices.Equal(sent, want) {
				t.Errorf("%d are sent again, want %d", sent, want)
			}
		})
	}
}

// put has a packet of a picture come that begins, and is, a frame of its own.
func (b *bench) put(t *testing.T, number uint16, key bool) {
	t.Helper()
	p := &rtp.Packet{Header: b.packet.Header, Payload: []byte{0x10, 1, 0, 0}}
	p.SequenceNumber, p.Marker = number, true
	if key {
		p.Payload[1] = 0
	}
	b.receive(t, p)
}
