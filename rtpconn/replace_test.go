package rtpconn

import (
	"encoding/binary"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/socket"

	"github.com/pion/rtcp"
)

// Until the first packet of the next publication comes, nothing of the one before says
// anything about it: it may have fewer encodings, and its clock is another one.
func TestNothingOfOnePublicationIsTakenForTheNext(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b, packet := layeredBench(t)
	row := watchLayers(t, b, packet)
	b.worker.do(func() { row.want(ceiling(row.up, media.Wanted{Ceiling: media.Lowest}), b.now) })
	b.enter(t, packet("l", 2, true))
	if row.forwarding() != 1 {
		t.Fatalf("encoding %d goes through", row.forwarding())
	}
	next := newBenchOn(t, b.worker, b.engine, benchSection, 100)
	next.sink = b.sink
	for range 2 * catchUp { // its last key frame is too long ago to begin with
		next.send(t)
	}
	asked := next.hearPublisher(t)
	next.worker.do(func() {
		report := &rtcp.SenderReport{SSRC: 1, NTPTime: 1 << 40, RTPTime: 5_000_000}
		next.up.receiveSenderReport(report, b.now)
		next.up.sources[0].ladder = []rung{{rate: 100_000}}
	})
	request, err := rtcp.Marshal([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: row.ssrc}})
	if err != nil {
		t.Fatal(err)
	}
	b.worker.do(func() {
		row.quality.ceiling = ceiling(row.up, media.Wanted{}) // it was the line that took no more
		row.setSource(next.up.sources[0], b.now)
		row.conn.receiveRTCP(request, b.now+time.Second)
		if _, ok := row.senderReport(b.now + time.Second); ok {
			t.Error("the player is told of the clock of one publication by the numbers of another")
		}
		if s := row.conn.stats(b.now).Tracks[0]; s.Encoding >= len(s.Encodings) {
			t.Errorf("encoding %d of %d is said to go through", s.Encoding, len(s.Encodings))
		}
	})
	requests := 0
	for _, p := range *asked {
		if _, ok := p.(*rtcp.PictureLossIndication); ok {
			requests++
		}
	}
	if requests == 0 {
		t.Error("the next publisher is not asked for a key frame")
	}
}

// Where another encoding of a picture goes through, reports tell of its clock as its
// packets do.
func TestReportsFollowTheEncodingThatGoesThrough(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b, packet := layeredBench(t)
	row := watchLayers(t, b, packet)
	b.worker.do(func() { row.want(ceiling(row.up, media.Wanted{Ceiling: media.Lowest}), b.now) })
	var sent uint32
	b.sink.keep = func(m socket.Message) { sent = binary.BigEndian.Uint32(m.Data[4:]) }
	p := packet("l", 2, true)
	p.Timestamp = 123_456_789
	b.enter(t, p)
	if sent == p.Timestamp {
		t.Fatal("its timestamps are those of the publisher")
	}
	b.worker.do(func() {
		b.up.receiveSenderReport(&rtcp.SenderReport{SSRC: p.SSRC, NTPTime: 1 << 40, RTPTime: p.Timestamp}, b.now)
		if r, ok := row.senderReport(b.now); !ok || r.RTPTime != sent {
			t.Errorf("report %+v of a packet with %d", r, sent)
		}
	})
}
