package ws

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"galene/group/leaktest"
)

// TestSocketThatTakesNothingIsClosed writes to one that takes a piece now and then,
// and to one that has ceased to.
func TestSocketThatTakesNothingIsClosed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		// pause is between the pieces that are taken, of all of which there are five.
		pause  time.Duration
		pieces int
		ends   bool
	}{
		"takes all at once": {0, 5, true},
		"takes its time":    {writeTimeout - time.Millisecond, 5, true},
		"is a little late":  {writeTimeout + lastChance - time.Millisecond, 5, true},
		"is too late":       {writeTimeout + lastChance + time.Millisecond, 5, false},
		"takes nothing":     {0, 0, false},
		"ceases to":         {0, 3, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				defer near.Close()
				defer far.Close()
				go func() {
					for range tt.pieces {
						time.Sleep(tt.pause)
						if _, err := io.ReadFull(far, make([]byte, writeChunk)); err != nil {
							return
						}
					}
				}()
				b := &batchConn{Conn: near, buffers: new(buffers)}
				start := time.Now()
				_, err := b.Write(make([]byte, 5*writeChunk))
				if err == nil {
					err = b.flush()
				}
				if (err == nil) != tt.ends {
					t.Errorf("after %v: %v", time.Since(start), err)
				}
				if took := time.Since(start); !tt.ends && took != writeTimeout+lastChance {
					t.Errorf("closed after %v", took)
				}
				// A timer that is left does nothing.
				time.Sleep(time.Second)
				if err := near.SetDeadline(time.Time{}); (err == nil) != tt.ends {
					t.Errorf("a second later: %v", err)
				}
			})
		})
	}
}
