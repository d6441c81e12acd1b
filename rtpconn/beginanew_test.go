package rtpconn

import (
	"testing"
	"time"

	"galene/group/leaktest"
)

// spendRepairs uses up what the subscriber may have sent again.
func (b *bench) spendRepairs() {
	b.worker.do(func() {
		row := b.up.sources[0].rows[0]
		row.conn.line.repairs.Limit(1)
		for seq := range uint16(100) {
			row.responder.Allow(seq, 1000, &row.conn.line.repairs, b.now, time.Millisecond)
		}
	})
}

// A subscriber that was away for some seconds asks for everything that it has
// missed, and would go on asking in vain for seconds.
func TestPictureThatNothingCanMendBeginsAnew(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const later = 2 * time.Second
	for name, tt := range map[string]struct {
		// before happens when 100 packets are sent; seq is counted from the first of
		// them.
		before func(t *testing.T, b *bench)
		seq    uint16
		want   bool
	}{
		"a packet that is in the cache": {nil, 99, false},
		"a packet too old for the cache": {func(t *testing.T, b *bench) {
			for range 2 * b.up.sources[0].encodings[0].cache.Size() {
				b.send(t)
			}
		}, 50, true},
		"too old, and a key frame has come since": {func(t *testing.T, b *bench) {
			for range 2 * b.up.sources[0].encodings[0].cache.Size() {
				b.send(t)
			}
			b.packet.Payload[0], b.packet.Payload[1] = 0x10, 0
			b.send(t)
			b.packet.Payload[0], b.packet.Payload[1] = 0, 1
		}, 50, false},
		"a packet that is still asked for": {func(t *testing.T, b *bench) {
			b.next(t) // lost
			b.send(t)
		}, 100, false},
		"a packet that its publisher was asked for in vain": {func(t *testing.T, b *bench) {
			b.next(t) // lost
			b.send(t)
			for range 10 {
				b.now += later / 10
				b.worker.do(func() { b.up.tick(b.now) })
			}
		}, 100, true},
		"an old packet that there is no budget for": {func(_ *testing.T, b *bench) {
			b.now += later
			b.spendRepairs()
		}, 90, true},
		"a recent packet that there is no budget for": {func(_ *testing.T, b *bench) { b.spendRepairs() }, 99, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 1, 1000)
			b.letPublisherHear(t)
			b.now += keyframeInterval // since the subscriber has joined
			first := b.packet.SequenceNumber + 1
			for range 100 {
				b.send(t)
			}
			if tt.before != nil {
				tt.before(t, b)
			}
			asked := b.listen(t, publisherKey)
			b.ask(t, first+tt.seq)
			if got := hasPLI(*asked); got != tt.want {
				t.Errorf("key frame asked for: %t, want %t", got, tt.want)
			}
		})
	}
}

// Who comes in while a lively meeting settles asks late for much, and misses
// nothing for it.
func TestWhatIsAskedForLateIsSentAgainAlsoFromBeforeAKeyframe(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	got := b.overhear(t)
	for range 20 {
		b.send(t)
	}
	b.now += 2 * time.Second
	b.packet.Payload[0], b.packet.Payload[1] = 0x10, 0
	b.send(t)
	seq := (*got)[5].SequenceNumber
	*got = nil
	b.ask(t, seq)
	if len(*got) != 1 || (*got)[0].SequenceNumber != seq {
		t.Errorf("%d packets instead of the one", len(*got))
	}
}
