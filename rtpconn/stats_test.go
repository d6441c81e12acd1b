package rtpconn

import (
	"slices"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"

	"github.com/pion/rtcp"
)

// eventually waits until a condition holds, for longer than that should take.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(time.Minute)
	for !condition() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestStatisticsOfACall(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	e, p := fullCall(t)
	s := subscribe(t, e, peerOptions{}, p.up, "audio", "video")
	s.track(t)
	s.track(t)
	var list []ConnStats
	eventually(t, "bit rates", func() bool {
		list = e.Stats()
		slices.SortFunc(list, func(a, b ConnStats) int { return strings.Compare(a.Client, b.Client) })
		for _, c := range list {
			for _, track := range c.Tracks {
				if track.Bitrate == 0 {
					return false
				}
			}
		}
		return true
	})
	if len(list) != 2 || !list[0].Down || list[1].Down || list[1].Client != "owner" {
		t.Fatalf("got %+v", list)
	}
	for _, c := range list {
		if c.ID != "stream" || c.Label != "camera" || len(c.Tracks) != 2 {
			t.Errorf("got %+v", c)
		}
		kinds := map[media.Kind]string{media.Audio: "audio/opus", media.Video: "video/VP8"}
		for _, track := range c.Tracks {
			if !strings.EqualFold(track.Codec.MimeType, kinds[track.Kind]) || track.Loss != 0 || len(track.Encodings) != 1 || track.Encoding != 0 {
				t.Errorf("got %+v", track)
			}
			delete(kinds, track.Kind)
		}
	}
	before := e.Traffic()
	if before.Ups != 1 || before.Downs != 1 || before.PacketsReceived == 0 || before.PacketsSent == 0 ||
		before.BytesReceived == 0 || before.BytesSent == 0 {
		t.Errorf("got %+v", before)
	}
	s.down.Close()
	p.up.Close()
	after := e.Traffic()
	if after.Ups != 0 || after.Downs != 0 || after.PacketsReceived < before.PacketsReceived || after.PacketsSent < before.PacketsSent ||
		after.BytesReceived < before.BytesReceived || after.BytesSent < before.BytesSent {
		t.Errorf("after the end: %+v, before: %+v", after, before)
	}
	if len(e.Stats()) != 0 {
		t.Errorf("statistics of the past: %+v", e.Stats())
	}
}

func TestLossesAreCounted(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	c := videoCall(t, peerOptions{loss: 0.05})
	go func() {
		for {
			if _, _, err := c.remote.ReadRTP(); err != nil {
				return
			}
		}
	}()
	eventually(t, "losses", func() bool {
		traffic := c.engine.Traffic()
		return traffic.PacketsLost > 0 && traffic.NACKsSent > 0 && traffic.NACKsReceived > 0
	})
}

// What is lost before it has left shows where an administrator looks.
func TestDatagramsThatTheSystemDoesNotTakeAreCounted(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 3, 1000)
	b.send(t)
	if n := b.engine.Traffic().DatagramsDropped; n != 0 {
		t.Errorf("%d dropped while there is room", n)
	}
	b.sink.full = true
	b.send(t)
	// More than a batch holds is sent in between.
	b.worker.do(func() {
		row := b.up.sources[0].rows[0]
		for range 2000 {
			row.conn.sendRTCP([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: row.ssrc}})
		}
	})
	if n := b.engine.Traffic().DatagramsDropped; n != 3+2000 {
		t.Errorf("%d counted as dropped, want 2003", n)
	}
}

func TestMeterAveragesOverASecond(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var m meter
	for i := range 40 {
		m.sample(uint64(i*1000), time.Duration(i+1)*100*time.Millisecond)
	}
	if m.bitrate != 80_000 {
		t.Errorf("%d bit/s", m.bitrate)
	}
	m.sample(uint64(31*1000), 10*time.Second)
	m.sample(uint64(31*1000), 12*time.Second)
	if m.bitrate != 0 {
		t.Errorf("%d bit/s when nothing comes", m.bitrate)
	}
}
