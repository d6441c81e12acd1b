package loadtest

import (
	"sync"
	"testing"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"galene/group/leaktest"
)

// TestPacketsMayBeSentAgainSideBySide has several goroutines send one packet,
// whose header is written to on the way; the race detector has the say.
func TestPacketsMayBeSentAgainSideBySide(t *testing.T) {
	leaktest.Check(t)
	i, err := headerCopies{}.NewInterceptor("")
	if err != nil {
		t.Fatal(err)
	}
	writer := i.BindLocalStream(nil, interceptor.RTPWriterFunc(func(h *rtp.Header, payload []byte, _ interceptor.Attributes) (int, error) {
		return len(payload), h.SetExtension(1, []byte{7})
	}))
	header := &rtp.Header{Version: 2}
	if err := header.SetExtension(1, []byte{1}); err != nil {
		t.Fatal(err)
	}
	var sending sync.WaitGroup
	for range 4 {
		sending.Go(func() {
			if n, err := writer.Write(header, []byte{1, 2}, nil); n != 2 || err != nil {
				t.Error(n, err)
			}
		})
	}
	sending.Wait()
	if got := header.GetExtension(1); string(got) != "\x01" {
		t.Errorf("the packet that is kept has become %v", got)
	}
}
