package loadtest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn/loadtest"
)

func exampleReport(pid int) *Report {
	start := time.Now()
	before := sample{time: start, published: loadtest.PublisherStats{Packets: 100}, received: loadtest.SubscriberStats{Packets: 150}, server: time.Second}
	after := sample{
		time: start.Add(2 * time.Second), published: loadtest.PublisherStats{Packets: 400},
		received: loadtest.SubscriberStats{Packets: 750}, server: 1012 * time.Millisecond, memory: 20 << 20,
	}
	before.received.Delays.Add(time.Minute)
	after.received.Delays.Add(time.Minute)
	for range 600 {
		after.received.Delays.Add(2 * time.Millisecond)
	}
	last := sample{
		published: loadtest.PublisherStats{Packets: 450, Asked: 2},
		received:  loadtest.SubscriberStats{Packets: 800, Missing: 1, Asked: 3},
	}
	o := Options{Server: "http://localhost", Group: "g", Subscribers: 2, Bitrate: 1_000_000, Profile: loadtest.AES128GCM, PID: pid}
	return newReport(o, before, after, last, []time.Duration{30 * time.Millisecond, 10 * time.Millisecond})
}

func TestReportIsAboutThePeriodThatWasMeasured(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r := exampleReport(1)
	if r.Seconds != 2 || r.Published != 300 || r.Forwarded != 600 || r.Total.Received != 800 || r.Total.Lost != 1 || r.Total.Asked != 3 || r.Total.AskedOfPublisher != 2 {
		t.Errorf("%+v", r)
	}
	if r.Process.MicrosecondsPerPacket != 20 || r.Process.ResidentBytes != 20<<20 {
		t.Errorf("%+v", r.Process)
	}
	if r.Delay.P99 < 1.9 || r.Delay.P99 > 2 || r.Join.P50 != 30 || r.Join.P99 != 30 {
		t.Errorf("delay %+v, join %+v", r.Delay, r.Join)
	}
}

func TestReportForPeopleAndForPrograms(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var text, object bytes.Buffer
	if err := exampleReport(1).WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"600 (300/s)", "20.00 µs", "20.0 MiB", "AEAD_AES_128_GCM", "lost for good"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, &text)
		}
	}
	if err := exampleReport(0).WriteJSON(&object); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(object.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if _, ok := got["process"]; ok || got["forwarded"] != 600.0 || got["srtpProfile"] != "AEAD_AES_128_GCM" {
		t.Errorf("%s", &object)
	}
}

func TestPercentilesOfFewTimes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	times := []time.Duration{3, 1, 2}
	for share, want := range map[float64]time.Duration{0: 1, 0.5: 2, 0.99: 3, 1: 3} {
		if got := percentile(times, share); got != want {
			t.Errorf("%v: got %d, want %d", share, got, want)
		}
	}
	if percentile(nil, 0.5) != 0 {
		t.Error("no times have a percentile")
	}
}
