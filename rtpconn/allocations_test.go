package rtpconn

import (
	"encoding/binary"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn/demux"
	"galene/rtpconn/forward"
	"galene/rtpconn/sdpedit"
	"galene/rtpconn/transportcc"

	"github.com/pion/rtp"
)

// Whatever becomes of a packet on its way through, nothing is allocated for it.
func TestNoWayThroughAllocates(t *testing.T) {
	leaktest.Check(t)
	protect := func(row *DownTrack) {
		row.conn.line.roomy, row.depth, row.protectUntil = true, maxFolded, time.Hour
	}
	for name, tt := range map[string]struct {
		section sdpedit.Section
		// prepare changes the rows, extension is what the publisher's packets have
		// under the number 6, and payload what they hold.
		prepare            func(row *DownTrack)
		extension, payload []byte
		// payloadType is that of the packets, if not the first of the section.
		payloadType uint8
		// each is done after each packet.
		each func(b *bench)
	}{
		"numbered": {section: benchSection, payload: []byte{0x10, 1, 2, 3}},
		"with a descriptor": {
			section: av1Section, extension: []byte{0xC0, 0, 9}, payload: []byte{0x18, 0x08, 0},
			prepare: func(row *DownTrack) { row.conn.extensions.dependency = 7 },
		},
		"with ids of pictures": {
			section: benchSection, payload: []byte{0x90, 0x80, 0x80, 9, 0},
			prepare: func(row *DownTrack) {
				row.forwarder.Switch(forward.Target{Encoding: forward.Nothing})
				row.forwarder.Break()
				row.forwarder.Switch(forward.Target{Layers: forward.Layers{SID: forward.TopLayer, TID: forward.TopLayer}})
			},
		},
		"sound that holds earlier sound": {section: soundSection, payloadType: 63, payload: []byte{0x80 | 111, 4800 >> 6, 4800 << 2 & 0xFF, 2, 111, 1, 2, 3}},
		"sound that is made to hold earlier sound": {
			section: soundSection, payload: []byte{1, 2, 3},
			prepare: func(row *DownTrack) {
				row.redundant = 63
				protect(row)
			},
		},
		"sound that is sent twice": {section: soundSection, payload: []byte{1, 2, 3}, prepare: protect},
		"asked for again": {
			section: benchSection, payload: []byte{0x10, 1, 2, 3},
			prepare: func(row *DownTrack) { row.repair = 97 },
			each: func(b *bench) {
				for _, row := range b.up.sources[0].rows {
					row.resend(row.newestNumber(), b.now)
				}
			},
		},
		"paced": {
			section: benchSection, payload: append([]byte{0x10, 1}, make([]byte, 600)...),
			prepare: func(row *DownTrack) { thin(row.conn, 600_000, 0) },
			each:    func(b *bench) { b.worker.lanes[0].release(b.now) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBenchOf(t, tt.section, 3, 100)
			b.up.numbers = demux.Extensions{DependencyDescriptor: 6}
			b.worker.do(func() {
				for _, row := range b.up.sources[0].rows {
					row.conn.extensions.transportCC, row.conn.history = 5, new(transportcc.History)
					row.numbers = newSentNumbers(rememberedNumbers)
					if tt.prepare != nil {
						tt.prepare(row)
					}
				}
			})
			p := rtp.Packet{Header: rtp.Header{Version: 2, SSRC: 1, PayloadType: tt.section.Payloads[0].Type, SequenceNumber: b.packet.SequenceNumber}, Payload: tt.payload}
			if tt.payloadType != 0 {
				p.PayloadType = tt.payloadType
			}
			if tt.extension != nil {
				if err := p.SetExtension(6, tt.extension); err != nil {
					t.Fatal(err)
				}
			}
			raw, err := p.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			send := func() {
				b.now += 10 * time.Millisecond
				binary.BigEndian.PutUint16(raw[2:], binary.BigEndian.Uint16(raw[2:])+1)
				binary.BigEndian.PutUint32(raw[4:], binary.BigEndian.Uint32(raw[4:])+4800)
				b.worker.mu.Lock()
				defer b.worker.mu.Unlock()
				b.worker.now = b.now
				b.up.receiveRTP(raw, b.now)
				b.worker.fanOut(b.now)
				if tt.each != nil {
					tt.each(b)
				}
				b.worker.flush()
			}
			for range 3000 { // until everything is as large as it gets
				send()
			}
			before := b.sink.datagrams
			const packets = 500
			if n := testing.AllocsPerRun(packets, send); n != 0 {
				t.Errorf("%v allocations", n)
			}
			if got := b.sink.datagrams - before; got < packets {
				t.Errorf("%d datagrams for %d packets", got, packets)
			}
		})
	}
}

// newestNumber is that of the packet that was sent last.
func (t *DownTrack) newestNumber() uint16 {
	number, _, _ := t.forwarder.Last()
	return number
}
