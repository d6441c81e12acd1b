package rtpconn

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/demux"
	"galene/rtpconn/rtptime"
	"galene/rtpconn/sdpedit"
	"galene/rtpconn/socket"
	"galene/rtpconn/srtp"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	pionsrtp "github.com/pion/srtp/v2"
)

// listen collects the RTCP that is sent to whoever has the given key; the
// worker's lock must be held when it is sent.
func (b *bench) listen(t *testing.T, key byte) *[]rtcp.Packet {
	t.Helper()
	opener, err := srtp.NewOpener(pionsrtp.ProtectionProfileAeadAes128Gcm, bytes.Repeat([]byte{key}, 16), benchSalt)
	if err != nil {
		t.Fatal(err)
	}
	var heard []rtcp.Packet
	b.sink.keep = func(m socket.Message) {
		if !isRTCP(m.Data) {
			return
		}
		plain, err := opener.RTCP(bytes.Clone(m.Data))
		if err != nil {
			return // for another one
		}
		packets, err := rtcp.Unmarshal(plain)
		if err != nil {
			t.Error(err)
		}
		heard = append(heard, packets...)
	}
	return &heard
}

// publisherKey is the key of what a publisher hears, subscriberKey of what the first
// subscriber does.
const publisherKey, subscriberKey = 77, 1000 % 256

// letPublisherHear has RTCP be sent to the publisher.
func (b *bench) letPublisherHear(t *testing.T) {
	t.Helper()
	var err error
	b.up.sealer, err = srtp.NewSealer(pionsrtp.ProtectionProfileAeadAes128Gcm, bytes.Repeat([]byte{publisherKey}, 16), benchSalt)
	if err != nil {
		t.Fatal(err)
	}
	b.up.path, b.up.pathKnown = b.media[0].From, true
}

// hearPublisher collects the RTCP that is sent to the publisher from now on.
func (b *bench) hearPublisher(t *testing.T) *[]rtcp.Packet {
	t.Helper()
	b.letPublisherHear(t)
	return b.listen(t, publisherKey)
}

// addAudio adds an audio track with one packet to the publisher and to its
// first subscriber.
func (b *bench) addAudio(t *testing.T) {
	t.Helper()
	audio := newUpTrack(b.up, sdpedit.Section{
		MID: "1", Kind: media.Audio, SSRCs: []sdpedit.SSRC{{Primary: 2}},
		Payloads: []sdpedit.Payload{{Type: 111, Name: "opus", ClockRate: 48000, Channels: 2}},
	})
	video := b.up.sources[0]
	b.up.tracks, b.up.sources = append(b.up.tracks, audio), append(b.up.sources, audio)
	b.up.demux.Update([]demux.Source{video.source, audio.source})
	packet, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 111, SSRC: 2}, Payload: []byte{1}}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	b.engine.workers[0].do(func() {
		b.up.receiveRTP(packet, 0)
		b.engine.workers[0].fanOut(0)
	})
	down := video.rows[0].conn
	row := newDownTrack(down, audio, ceiling(audio, media.Wanted{}))
	row.bound, row.ssrc, row.payloadType = true, 2000, 111
	down.rows = append(down.rows, row)
	b.engine.workers[0].do(func() { row.join(0) })
	b.engine.workers[0].do(func() {
		packet[3]++
		b.up.receiveRTP(packet, 0)
		b.engine.workers[0].fanOut(0)
	})
}

// Lips and voice stay together whatever the publisher's clock says: the reports
// that a subscriber gets map both tracks to one timeline, in the publisher's
// relation.
func TestReportsKeepLipsAndVoiceTogether(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const second = uint64(1) << 32
	server := uint64(3_900_000_000) * second
	for name, clock := range map[string]uint64{
		"right": server, "an hour ahead": server + 3600*second, "an hour behind": server - 3600*second, "at the end of the era": ^uint64(0) - second/2,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 1, 100)
			b.addAudio(t)
			down := b.up.sources[0].rows[0].conn
			heard := b.listen(t, subscriberKey)
			b.engine.workers[0].do(func() {
				// Both reports in one compound packet, of one moment and half
				// a second apart.
				compound, err := rtcp.Marshal([]rtcp.Packet{
					&rtcp.SenderReport{SSRC: 1, NTPTime: clock, RTPTime: 900_000},
					&rtcp.SenderReport{SSRC: 2, NTPTime: clock + second/2, RTPTime: 48_000},
					&rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{Source: 1, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: "camera"}}}}},
				})
				if err != nil {
					t.Fatal(err)
				}
				b.up.receiveRTCP(compound, time.Second)
				down.tick(3 * time.Second)
			})
			reports := make(map[uint32]*rtcp.SenderReport)
			var names []string
			for _, p := range *heard {
				switch p := p.(type) {
				case *rtcp.SenderReport:
					reports[p.SSRC] = p
				case *rtcp.SourceDescription:
					for _, c := range p.Chunks {
						names = append(names, c.Items[0].Text)
					}
				}
			}
			video, audio := reports[1000], reports[2000]
			if video == nil || audio == nil {
				t.Fatalf("reports %v", reports)
			}
			if want := clock + 2*second; video.NTPTime != want || video.RTPTime != 900_000+180_000 {
				t.Errorf("video at %x is %d, want %x and 1080000", video.NTPTime, video.RTPTime, want)
			}
			if want := clock + 2*second + second/2; audio.NTPTime != want || audio.RTPTime != 48_000+96_000 {
				t.Errorf("audio at %x is %d, want %x and 144000", audio.NTPTime, audio.RTPTime, want)
			}
			if len(names) != 2 || names[0] != "camera" || names[1] != "camera" {
				t.Errorf("canonical names %q", names)
			}
		})
	}
}

func TestKeyframeRequestsAreMerged(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 3, 100)
	heard := b.hearPublisher(t)
	storm, err := rtcp.Marshal([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	down := b.up.sources[0].rows[0].conn
	for now := 10 * time.Second; now < 12*time.Second; now += 10 * time.Millisecond {
		b.engine.workers[0].do(func() { down.receiveRTCP(storm, now) })
		b.engine.workers[0].do(func() { b.up.tick(now) })
	}
	requests := 0
	for _, p := range *heard {
		if _, ok := p.(*rtcp.PictureLossIndication); ok {
			requests++
		}
	}
	if requests < 3 || requests > 5 {
		t.Errorf("%d requests in two seconds of a storm", requests)
	}
}

func TestPublisherHearsHowItsPacketsArrive(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	heard := b.hearPublisher(t)
	for range 10 {
		b.send(t)
	}
	b.next(t) // lost
	b.send(t)
	now := b.now + time.Second
	b.engine.workers[0].do(func() { b.up.tick(now) })
	var lost []uint16
	var report *rtcp.ReceptionReport
	for _, p := range *heard {
		switch p := p.(type) {
		case *rtcp.TransportLayerNack:
			for _, pair := range p.Nacks {
				lost = append(lost, pair.PacketList()...)
			}
		case *rtcp.ReceiverReport:
			for i := range p.Reports {
				report = &p.Reports[i]
			}
		}
	}
	if len(lost) != 1 || lost[0] != b.packet.SequenceNumber-1 {
		t.Errorf("asked for %v, want %d", lost, b.packet.SequenceNumber-1)
	}
	if report == nil || report.SSRC != 1 || uint16(report.LastSequenceNumber) != b.packet.SequenceNumber {
		t.Errorf("report %+v", report)
	}
}

// However many tracks a stream has, its publisher hears of each, though one report has no
// room for them.
func TestPublisherOfManyTracksHearsOfEach(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 0, 100)
	heard := b.hearPublisher(t)
	const sounds, first = 70, 100
	sources := []demux.Source{b.up.sources[0].source}
	b.worker.do(func() {
		for i := range uint32(sounds) {
			track := newUpTrack(b.up, sdpedit.Section{
				MID: strconv.Itoa(int(first + i)), Kind: media.Audio, SSRCs: []sdpedit.SSRC{{Primary: first + i}},
				Payloads: []sdpedit.Payload{{Type: 111, Name: "opus", ClockRate: 48000, Channels: 2}},
			})
			b.up.tracks, b.up.sources = append(b.up.tracks, track), append(b.up.sources, track)
			sources = append(sources, track.source)
		}
		b.up.demux.Update(sources)
		for i := range uint32(sounds) {
			packet, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 111, SSRC: first + i}, Payload: []byte{1}}).Marshal()
			if err != nil {
				t.Fatal(err)
			}
			b.up.receiveRTP(packet, b.now)
		}
		b.up.tick(b.now + time.Second)
	})
	blocks := make(map[uint32]int)
	for _, p := range *heard {
		if r, ok := p.(*rtcp.ReceiverReport); ok {
			for _, block := range r.Reports {
				blocks[block.SSRC]++
			}
		}
	}
	if len(blocks) != 1+sounds {
		t.Errorf("hears of %d encodings out of %d", len(blocks), 1+sounds)
	}
	for ssrc, n := range blocks {
		if n != 1 {
			t.Errorf("hears of %d %d times", ssrc, n)
		}
	}
}

// A newcomer gets what came since a key frame that is near, and asks for a new
// one where it is far.
func TestNewSubscriberCatchesUpFromTheLastKeyframe(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 0, 100) // the first packet was a key frame
	b.letPublisherHear(t)
	for range 30 {
		b.send(t)
	}
	before := b.sink.datagrams
	b.subscribe(t, b.up.sources[0], 1000)
	if got := b.sink.datagrams - before; got != 31 {
		t.Errorf("%d packets on joining, want 31", got)
	}
	for range 30 {
		b.send(t)
	}
	before = b.sink.datagrams
	heard := b.listen(t, publisherKey)
	b.subscribe(t, b.up.sources[0], 1001)
	asked := hasPLI(*heard)
	if got := b.sink.datagrams - before; got != 1 || !asked {
		t.Errorf("%d datagrams on joining late, asked for a key frame: %v", got, asked)
	}
}

// publisherReport is a sender report of the publisher of a bench.
func publisherReport(t *testing.T) []byte {
	t.Helper()
	raw, err := rtcp.Marshal([]rtcp.Packet{&rtcp.SenderReport{SSRC: 1, NTPTime: 1 << 40, RTPTime: 5000}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// The first report of a track is not kept until the next turn: until it has come, lips
// and voice are not together.
func TestFirstReportGoesOnAtOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	d := b.up.sources[0].rows[0].conn
	heard := b.listen(t, subscriberKey)
	raw := publisherReport(t)
	for _, step := range []struct {
		at     time.Duration
		report bool // from the publisher
		want   int  // reports to the subscriber
	}{
		{1000, false, 0}, {1010, true, 1}, {1020, true, 0}, {1500, false, 0}, {1520, false, 1},
	} {
		now := step.at * time.Millisecond
		*heard = nil
		b.worker.do(func() {
			if step.report {
				b.up.receiveRTCP(raw, now)
			}
			d.tick(now)
		})
		reports := 0
		for _, p := range *heard {
			if _, ok := p.(*rtcp.SenderReport); ok {
				reports++
			}
		}
		if reports != step.want {
			t.Errorf("at %v: %d reports, want %d", now, reports, step.want)
		}
	}
}

// However many tracks a stream has, and however long the name of its publisher is, the
// reports of all of them fit into datagrams that go through everywhere.
func TestReportsOfManyTracksAreTold(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	track := b.up.sources[0]
	d := track.rows[0].conn
	const tracks = 40
	b.worker.do(func() {
		b.up.cname = strings.Repeat("n", 255)
		for i := range tracks - 1 {
			row := newDownTrack(d, track, ceiling(track, media.Wanted{}))
			row.bound, row.ssrc, row.payloadType = true, uint32(3000+i), track.formats[0].payloadType
			d.rows = append(d.rows, row)
			row.join(b.now)
		}
	})
	b.send(t)
	heard := b.listen(t, subscriberKey)
	note, longest := b.sink.keep, 0
	b.sink.keep = func(m socket.Message) {
		longest = max(longest, len(m.Data))
		note(m)
	}
	b.worker.do(func() {
		b.up.receiveRTCP(publisherReport(t), time.Second)
		d.tick(2 * time.Second)
	})
	reports, names := 0, 0
	for _, p := range *heard {
		switch p := p.(type) {
		case *rtcp.SenderReport:
			reports++
		case *rtcp.SourceDescription:
			names += len(p.Chunks)
		}
	}
	if reports != tracks || names != tracks || longest > 1500-packetOverhead {
		t.Errorf("%d reports and %d names of %d tracks in datagrams of up to %d bytes", reports, names, tracks, longest)
	}
}

// The round-trip time is that of reports, smoothed, and not of one that is too old. Who
// sends as well puts them into its own.
func TestRoundTripTimeIsThatOfReports(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 1, 100)
	row := b.up.sources[0].rows[0]
	heard := b.listen(t, subscriberKey)
	raw := publisherReport(t)
	b.worker.do(func() { b.up.receiveRTCP(raw, 0) })
	for _, step := range []struct {
		sent, held, answered, want time.Duration
		sends                      bool
	}{
		{1000, 100, 1250, 150, false},
		{2000, 100, 2450, 200, false}, // a quarter of 350
		{3000, 100, 12000, 200, false},
		{20000, 5000, 20100, 200, false}, // it cannot have been held for so long
		{21000, 100, 21500, 250, true},
	} {
		var sent *rtcp.SenderReport
		*heard = nil
		b.worker.do(func() { row.conn.tick(step.sent * time.Millisecond) })
		for _, p := range *heard {
			if r, ok := p.(*rtcp.SenderReport); ok {
				sent = r
			}
		}
		if sent == nil {
			t.Fatalf("nothing is reported at %d ms", step.sent)
		}
		reports := []rtcp.ReceptionReport{{
			SSRC: row.ssrc, LastSenderReport: rtptime.Compact(sent.NTPTime), Delay: uint32(step.held << 16 / 1000),
		}}
		var report rtcp.Packet = &rtcp.ReceiverReport{Reports: reports}
		if step.sends {
			report = &rtcp.SenderReport{Reports: reports}
		}
		answer, err := rtcp.Marshal([]rtcp.Packet{report})
		if err != nil {
			t.Fatal(err)
		}
		b.worker.do(func() { row.conn.receiveRTCP(answer, step.answered*time.Millisecond) })
		if off := row.rtt - step.want*time.Millisecond; off < -time.Millisecond || off > time.Millisecond {
			t.Errorf("sent at %d ms: %v, want %d ms", step.sent, row.rtt, step.want)
		}
	}
}

// Lost sound is asked for again where its publisher takes that.
func TestLostSoundIsAskedForWherePublishersAnswer(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, answers := range []bool{true, false} {
		section := soundSection
		if answers {
			section.Payloads = slices.Clone(section.Payloads)
			section.Payloads[0].Feedback = []string{"nack"}
		}
		b := newBenchOf(t, section, 1, 30)
		heard := b.hearPublisher(t)
		b.send(t)
		b.next(t) // lost
		lost := b.packet.SequenceNumber
		b.send(t)
		b.now += 100 * time.Millisecond
		b.worker.do(func() { b.up.tick(b.now) })
		var asked []uint16
		for _, p := range *heard {
			if n, ok := p.(*rtcp.TransportLayerNack); ok {
				for _, pair := range n.Nacks {
					asked = append(asked, pair.PacketList()...)
				}
			}
		}
		if answers != slices.Equal(asked, []uint16{lost}) || !answers && len(asked) > 0 {
			t.Errorf("answers %v: asked for %v, having lost %d", answers, asked, lost)
		}
	}
}

// A packet that makes no sense, or is of a kind that is not known, does not keep a
// publisher from being understood.
func TestReportsAreFoundAmongWhatIsNotUnderstood(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	report := publisherReport(t)
	for name, other := range map[string][]byte{
		"extended report of an unknown kind":  {0x80, 207, 0, 2, 0, 0, 0, 1, 99, 0, 0, 0},
		"extended report that breaks off":     {0x80, 207, 0, 2, 0, 0, 0, 1, 4, 0, 0, 9},
		"application-defined":                 {0x80, 204, 0, 2, 0, 0, 0, 1, 'n', 'a', 'm', 'e'},
		"farewell that names more than it is": {0x9f, 203, 0, 1, 0, 0, 0, 1},
		"unknown":                             {0x80, 222, 0, 1, 0, 0, 0, 1},
	} {
		b := newBench(t, 1, 100)
		b.worker.do(func() { b.up.receiveRTCP(append(other, report...), b.now) })
		if e := b.up.sources[0].encodings[0]; !e.report.valid {
			t.Errorf("%s: report %+v", name, e.report)
		}
	}
}
