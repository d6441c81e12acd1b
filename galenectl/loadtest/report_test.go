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
	before := sample{time: start, published: loadtest.PublisherStats{Packets: 100}, received: loadtest.SubscriberStats{Packets: 150}, server: time.Second, stolen: time.Minute, memory: 19 << 20}
	after := sample{
		time: start.Add(2 * time.Second), published: loadtest.PublisherStats{Packets: 400},
		received: loadtest.SubscriberStats{Packets: 750}, server: 1012 * time.Millisecond, stolen: 60*time.Second + 500*time.Millisecond, memory: 20 << 20,
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
	o := Options{Server: "http://localhost", Group: "g", Subscribers: 2, Bitrate: 1_000_000, Profile: loadtest.AES128GCM, Duration: time.Second, PID: pid}
	if err := o.complete(); err != nil {
		panic(err)
	}
	return newReport(measurements{
		options: o, third: sample{memory: 18 << 20}, before: before, after: after, last: last,
		joins: []time.Duration{30 * time.Millisecond, 10 * time.Millisecond},
	})
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
	if r.Process.BytesPerSubscriber != 1<<19 || r.Share != 1 {
		t.Errorf("%d bytes for each, %f of everything", r.Process.BytesPerSubscriber, r.Share)
	}
	if r.Delay.P99 < 1.9 || r.Delay.P99 > 2 || r.Join.P50 != 10 || r.Join.P99 != 30 {
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
	for _, want := range []string{"600 (300/s)", "20.00 µs", "20.0 MiB", "AEAD_AES_128_GCM", "lost for good", "withheld by the host   0.50 s, 25.0 % of a core"} {
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

func TestFiguresThatMeanNothingAreNotTold(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	cameras := measurements{options: Options{Mode: Cameras, Members: 2, PID: 1}, after: sample{server: time.Second}}
	if cost := newReport(cameras).Process.MicrosecondsPerPacket; cost != 0 {
		t.Errorf("each of no packets took %f µs", cost)
	}
	layers := exampleReport(1)
	layers.Video = loadtest.VP9SVC
	var text bytes.Buffer
	if err := layers.WriteText(&text); err != nil || strings.Contains(text.String(), "all would get") {
		t.Errorf("%v: nobody is to get all layers:\n%s", err, &text)
	}
}

// What the packets of those who join cost is not what joining costs.
func TestStormIsAboutTheJoining(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	start := time.Now()
	m := measurements{
		options:     Options{Mode: JoinStorm, Subscribers: 10, Joiners: 100, PID: 1, Bitrate: 1_000_000},
		beforeStorm: sample{time: start, server: time.Second, memory: 10 << 20},
		afterStorm:  sample{time: start.Add(2 * time.Second), server: 1600 * time.Millisecond},
		before:      sample{server: 2 * time.Second, memory: 30 << 20},
		after:       sample{server: 3 * time.Second},
		stormJoins:  []time.Duration{100 * time.Millisecond},
	}
	m.afterStorm.received.Packets, m.afterStorm.early.Asked = 20_000, 3
	m.before.received.Packets, m.after.received.Packets = 20_000, 120_000 // 10 µs each
	m.last.early.Missing, m.last.received.Missing = 2, 5
	s := newReport(m).Storm
	if s.Joiners != 100 || s.Seconds != 2 || s.Join.P50 != 100 || s.Lost != 2 || s.Asked != 3 {
		t.Errorf("%+v", s)
	}
	// 600 ms less 200 ms for packets.
	if each := *s.CPUMilliseconds; each < 3.9 || each > 4.1 {
		t.Errorf("%f ms for each", each)
	}
	m.afterStorm.server = m.beforeStorm.server
	if object, err := json.Marshal(newReport(m)); err != nil || !strings.Contains(string(object), `"cpuMillisecondsPerJoin":0`) {
		t.Errorf("%v: JSON does not say that joining cost nothing: %s", err, object)
	}
	if got := newReport(m).Process.BytesPerSubscriber; got != 20<<20/100 {
		t.Errorf("%d bytes for each", got)
	}
}

func TestVerdict(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	good := exampleReport(1)
	tests := []struct {
		name   string
		change func(*Report)
		want   string
	}{
		// 0.7 s of a second by 20 µs and 230 packets.
		{"viewers", func(r *Report) { r.Total.Lost = 0 }, "about 150 viewers of a 1.5 Mbit/s camera: 230 packets a second"},
		{"voice", func(r *Report) { r.Total.Lost, r.Video = 0, loadtest.NoVideo }, "about 700 listeners"},
		{"lost", func(r *Report) { r.Total.Lost = 7 }, "too much: 7 packets"},
		{"slow", func(r *Report) { r.Total.Lost, r.Delay.P99 = 0, 80 }, "longer than 80 ms"},
		{"not all forwarded", func(r *Report) { r.Total.Lost, r.Share = 0, 0.8 }, "no more than 80 %"},
		{"parts of what is sent", func(r *Report) { r.Total.Lost, r.Share, r.Video = 0, 0.3, loadtest.Simulcast }, "about 150 viewers"},
		// 2400 packets in a second, of 230 for each.
		{"more than one core", func(r *Report) {
			r.Total.Lost, r.Forwarded, r.Process = 0, 4800, &Process{CPUSeconds: 3, MicrosecondsPerPacket: 625}
		}, "at least about 10 viewers of a 1.5 Mbit/s camera: 230 packets a second for each at 625.0 µs, which kept 1.5 cores busy"},
		{"another process", func(r *Report) { r.Total.Lost, r.Process = 0, &Process{} }, "not the server's"},
		{"unknown process", func(r *Report) { r.Total.Lost, r.Process = 0, nil }, "-pid"},
		{"nothing", func(r *Report) { r.Forwarded = 0 }, "Nothing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := *good
			test.change(&r)
			if got := r.verdict(); !strings.Contains(got, test.want) {
				t.Errorf("got %q, want something about %q", got, test.want)
			}
		})
	}
}

func TestPercentilesOfFewTimes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(100 - i)
	}
	for _, test := range []struct {
		times []time.Duration
		want  map[float64]time.Duration
	}{
		{[]time.Duration{3, 1, 2}, map[float64]time.Duration{0: 1, 0.5: 2, 0.99: 3, 1: 3}},
		{[]time.Duration{2, 1}, map[float64]time.Duration{0.5: 1, 0.99: 2}},
		{hundred, map[float64]time.Duration{0.5: 50, 0.99: 99, 1: 100}},
	} {
		for share, want := range test.want {
			if got := percentile(test.times, share); got != want {
				t.Errorf("%v of %d: got %d, want %d", share, len(test.times), got, want)
			}
		}
	}
	if percentile(nil, 0.5) != 0 {
		t.Error("no times have a percentile")
	}
}
