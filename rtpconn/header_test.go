package rtpconn

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/demux"
	"galene/rtpconn/sdpedit"
	"galene/rtpconn/transportcc"
)

var av1Section = sdpedit.Section{
	MID: "0", Kind: media.Video, SSRCs: []sdpedit.SSRC{{Primary: 1}},
	Payloads: []sdpedit.Payload{{Type: 45, Name: "AV1", ClockRate: 90000, Feedback: []string{"nack", "nack pli"}}},
}

func TestDescriptorsReachSubscribersUnderNumbersOfTheirOwn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		transportCC uint8
		descriptor  []byte
	}{
		"short":                   {0, []byte{0xC0, 0, 9}},
		"short, with a number":    {3, []byte{0xC0, 0, 9}},
		"long":                    {0, append([]byte{0xC0, 0, 9}, bytes.Repeat([]byte{0}, 30)...)},
		"long, with a number":     {3, append([]byte{0xC0, 0, 9}, bytes.Repeat([]byte{0}, 30)...)},
		"longest in the one form": {3, append([]byte{0xC0, 0, 9}, bytes.Repeat([]byte{0}, 13)...)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBenchOf(t, av1Section, 1, 100)
			b.up.numbers = demux.Extensions{DependencyDescriptor: 5}
			d := b.up.sources[0].rows[0].conn
			d.extensions = downNumbers{transportCC: tt.transportCC, dependency: 7}
			if tt.transportCC != 0 {
				d.history = new(transportcc.History)
			}
			got := b.overhear(t)
			sequence := []byte{0x18, 0x08, 0} // a coded video sequence begins
			b.packet.Payload = sequence
			b.packet.Extension, b.packet.ExtensionProfile = true, 0x1000
			if err := b.packet.SetExtension(5, tt.descriptor); err != nil {
				t.Fatal(err)
			}
			b.send(t)
			if len(*got) != 1 {
				t.Fatalf("%d packets", len(*got))
			}
			p := (*got)[0]
			if !bytes.Equal(p.GetExtension(7), tt.descriptor) || !bytes.Equal(p.Payload, sequence) || (p.GetExtension(3) != nil) != (tt.transportCC != 0) {
				t.Errorf("%x became %+v", tt.descriptor, p)
			}
			// The encoder begins anew, with other numbers; the subscriber sees one stream.
			b.packet.SequenceNumber += 20000
			tt.descriptor[1], tt.descriptor[2] = 0xAA, 0xAA
			if err := b.packet.SetExtension(5, tt.descriptor); err != nil {
				t.Fatal(err)
			}
			b.send(t)
			again := (*got)[len(*got)-1]
			if number := binary.BigEndian.Uint16(again.GetExtension(7)[1:]); number != 10 || again.SequenceNumber != p.SequenceNumber+1 {
				t.Errorf("frame %d in packet %d after frame 9 in packet %d", number, again.SequenceNumber, p.SequenceNumber)
			}
		})
	}
}

// VP8 and VP9 number pictures in their payload, too: both go on, each in its own way.
func TestDescriptorsGoWithPicturesThatHaveIDs(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		payloadType uint8
		// picture is the head of a key frame up to its picture id, and rest what follows.
		picture, rest []byte
	}{
		"VP8": {96, []byte{0x90, 0x80}, []byte{0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00}},
		"VP9": {98, []byte{0x8c}, []byte{0x82, 0x49, 0x83, 0x42, 0x00, 0x13, 0xf0, 0x0b, 0x36}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			section := av1Section
			section.Payloads = []sdpedit.Payload{{Type: tt.payloadType, Name: name, ClockRate: 90000, Feedback: []string{"nack", "nack pli"}}}
			b := newBenchOf(t, section, 1, 100)
			b.up.numbers = demux.Extensions{DependencyDescriptor: 5}
			d := b.up.sources[0].rows[0].conn
			d.extensions = downNumbers{dependency: 7}
			got := b.overhear(t)
			b.packet.Extension, b.packet.ExtensionProfile = true, 0x1000
			key := func(id, frame uint16) {
				t.Helper()
				head := binary.BigEndian.AppendUint16(slices.Clone(tt.picture), 0x8000|id)
				b.packet.Payload = append(head, tt.rest...)
				if err := b.packet.SetExtension(5, binary.BigEndian.AppendUint16([]byte{0xC0}, frame)); err != nil {
					t.Fatal(err)
				}
				b.send(t)
			}
			key(300, 7)
			b.packet.SequenceNumber += 20000 // the encoder begins anew
			key(4000, 60000)
			if len(*got) != 2 {
				t.Fatalf("%d packets", len(*got))
			}
			for i, p := range *got {
				at := len(tt.picture)
				id, frame := binary.BigEndian.Uint16(p.Payload[at:])&0x7fff, binary.BigEndian.Uint16(p.GetExtension(7)[1:])
				if id != 300+uint16(i) || frame != 7+uint16(i) {
					t.Errorf("packet %d: picture %d, frame %d", i, id, frame)
				}
			}
		})
	}
}

// Who mixes says who is heard: that goes on to subscribers, also when it is sent again.
func TestContributingSourcesReachSubscribers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct{ transportCC, repair uint8 }{{0, noCompanion}, {3, noCompanion}, {3, 97}} {
		b := newBench(t, 1, 100)
		row := b.up.sources[0].rows[0]
		if tt.transportCC != 0 {
			row.conn.extensions.transportCC, row.conn.history = tt.transportCC, new(transportcc.History)
		}
		row.repair = tt.repair
		got := b.overhear(t)
		b.send(t)
		b.packet.CSRC = []uint32{0xA1A2A3A4, 7, 8}
		b.send(t)
		b.packet.CSRC = nil
		b.send(t)
		b.ask(t, (*got)[1].SequenceNumber)
		if len(*got) != 4 {
			t.Fatalf("%+v: %d packets", tt, len(*got))
		}
		for i, p := range *got {
			want := []uint32(nil)
			if i%2 == 1 {
				want = []uint32{0xA1A2A3A4, 7, 8}
			}
			if !slices.Equal(p.CSRC, want) || !bytes.HasSuffix(p.Payload, b.packet.Payload) || (p.GetExtension(3) != nil) != (tt.transportCC != 0) {
				t.Errorf("%+v: packet %d is %+v", tt, i, p)
			}
		}
	}
}
