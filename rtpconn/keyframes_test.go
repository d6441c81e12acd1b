package rtpconn

import (
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"

	"github.com/pion/rtcp"
)

// A publisher is asked again and again for a key frame, until one comes or nobody wants it
// any more.
func TestKeyFramesAreAskedForNoLongerThanTheyAreWanted(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, end := range map[string]func(*bench, *DownTrack){
		"one comes": func(b *bench, _ *DownTrack) {
			b.packet.Payload[0], b.packet.Payload[1] = 0x10, 0
			b.send(t)
		},
		"who wants it is gone": func(b *bench, row *DownTrack) { b.worker.do(row.leave) },
	} {
		b := newBench(t, 1, 100)
		heard := b.hearPublisher(t)
		row := b.up.sources[0].rows[0]
		asked := func(d time.Duration) int {
			*heard = nil
			for end := b.now + d; b.now < end; b.now += 10 * time.Millisecond {
				b.worker.do(func() { b.up.tick(b.now) })
			}
			requests := 0
			for _, p := range *heard {
				if _, ok := p.(*rtcp.PictureLossIndication); ok {
					requests++
				}
			}
			return requests
		}
		b.worker.do(func() { row.requestKeyframe(b.now) })
		if n := asked(2 * time.Second); n < 3 {
			t.Errorf("%s: asked %d times in two seconds before", name, n)
		}
		end(b, row)
		if n := asked(2 * time.Second); n != 0 {
			t.Errorf("%s: asked %d times afterwards", name, n)
		}
	}
}

// While another encoding is waited for, the picture is that of the one before: who cannot
// make it out has use for a key frame of either.
func TestKeyFramesAreAskedForOfWhatIsSeenAndOfWhatIsWaitedFor(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b, packet := layeredBench(t)
	heard := b.hearPublisher(t)
	row := watchLayers(t, b, packet)
	for i := range uint16(2 * catchUp) {
		b.enter(t, packet("h", 2+i, false), packet("l", 2+i, false))
	}
	b.worker.do(func() { row.want(ceiling(row.up, media.Wanted{Ceiling: media.Lowest}), b.now) })
	b.now += time.Second
	*heard = nil
	b.worker.do(func() { row.requestKeyframe(b.now) })
	asked := make(map[uint32]bool)
	for _, p := range *heard {
		if p, ok := p.(*rtcp.PictureLossIndication); ok {
			asked[p.MediaSSRC] = true
		}
	}
	if len(asked) != 2 || !asked[10+'h'] || !asked[10+'l'] {
		t.Errorf("key frames of %v are asked for", asked)
	}
}

// The number of the first request may be any.
func TestTheFirstIntraRequestCounts(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, number := range []uint8{0, 1, 255} {
		b := newBench(t, 1, 100)
		heard := b.hearPublisher(t)
		request := &rtcp.FullIntraRequest{FIR: []rtcp.FIREntry{{SSRC: 1000, SequenceNumber: number}}}
		b.worker.do(func() { b.up.sources[0].rows[0].conn.receiveFeedback(request, time.Second) })
		if !hasPLI(*heard) {
			t.Errorf("number %d is passed over", number)
		}
	}
}
