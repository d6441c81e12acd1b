package rtpconn

import (
	"net/netip"
	"runtime"
	"testing"
	"time"
	"weak"

	"galene/group/leaktest"
	"galene/group/media"
)

// Who has been in a call takes no memory once he has left, also where nobody comes
// after him.
func TestClosedConnectionsAreForgotten(t *testing.T) {
	leaktest.Check(t)
	for name, workers := range map[string]int{"one worker": 1, "several": 3} {
		e := startEngine(t, Options{Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Workers: workers, Logger: quiet})
		var up weak.Pointer[UpConn]
		var down weak.Pointer[DownConn]
		t.Run(name, func(t *testing.T) {
			audio, video := testTrack(t, media.Audio), testTrack(t, media.Video)
			p := publish(t, e, peerOptions{}, "stream", audio, video)
			keepSending(t, audio, video)
			receive(t, p.tracks, "the tracks")
			s := subscribe(t, e, peerOptions{}, p.up, "audio", "video")
			for range 2 {
				track := s.track(t)
				for range 20 {
					arrives(t, track)
				}
			}
			up, down = weak.Make(p.up), weak.Make(s.down)
		})
		deadline := time.Now().Add(time.Minute)
		for up.Value() != nil || down.Value() != nil {
			if time.Now().After(deadline) {
				t.Errorf("%s: the publisher's connection is kept: %v, the subscriber's: %v", name, up.Value() != nil, down.Value() != nil)
				break
			}
			time.Sleep(10 * time.Millisecond)
			runtime.GC()
		}
	}
}
