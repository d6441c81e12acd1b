package ws

import (
	"testing"
	"time"
	"unsafe"

	"galene/group/leaktest"
)

// set returns a time as it would be read had the time of day been set forward by so many
// seconds: what package time measures by, since a start of its own, goes on as before.
func set(now time.Time, seconds int64) time.Time {
	// The first word is the time of day, from its 31st bit on in seconds.
	*(*uint64)(unsafe.Pointer(&now)) += uint64(seconds) << 30
	return now
}

// Nobody has been silent because an administrator, or NTP, sets the clock.
func TestClientsStayWhenTheTimeOfDayIsSet(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	start := time.Now()
	for _, seconds := range []int64{3600, -3600} {
		later := set(start, seconds)
		if by := later.Unix() - start.Unix(); by != seconds || later.Sub(start) != 0 {
			t.Fatalf("the time of day differs by %d s, the time that has passed is %v", by, later.Sub(start))
		}
		conn := &Conn{opened: start}
		c := newClient(&Handler{}, conn)
		if err := c.check(later.Add(deadAfter)); err != nil {
			t.Errorf("set by %d s, after %v: %v", seconds, deadAfter, err)
		}
		if err := c.check(later.Add(deadAfter + time.Second)); err == nil {
			t.Errorf("set by %d s, after %v: not given up", seconds, deadAfter+time.Second)
		}
	}
}
