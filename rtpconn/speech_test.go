package rtpconn

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/media"
	"galene/rtpconn/demux"
	"galene/rtpconn/sdpedit"

	"github.com/pion/rtp"
)

func TestSpeakersAreThoseWhoAreHeardForAWhile(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const silent, loud = 20, 100
	for name, tt := range map[string]struct {
		packets func(i int) uint8
		want    bool
	}{
		"silence":         {func(int) uint8 { return silent }, false},
		"speech":          {func(int) uint8 { return loud }, true},
		"with pauses":     {func(i int) uint8 { return [...]uint8{loud, loud, loud, silent}[i%4] }, true},
		"a door":          {func(i int) uint8 { return map[bool]uint8{true: loud, false: silent}[i < 5] }, false},
		"somebody's keys": {func(i int) uint8 { return map[bool]uint8{true: loud, false: silent}[i%5 == 0] }, false},
	} {
		var s speech
		now := time.Duration(0)
		for i := range 50 {
			now += 20 * time.Millisecond
			s.hear(tt.packets(i), now)
		}
		if got := s.speaking(now); got != tt.want {
			t.Errorf("%s: speaking %v", name, got)
		}
		if s.speaking(now + speechHold) {
			t.Errorf("%s: speaking for ever", name)
		}
	}
}

// Two cameras on a line that takes one of them at its best: who speaks is seen
// well.
func TestSpeakersAreServedBeforeOthers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBench(t, 2, 100)
	track := b.simulcast()
	first, second := track.rows[0], track.rows[1]
	now := 40 * time.Second
	// One client on whose line both are.
	b.engine.workers[0].do(func() {
		second.conn.line.downs, first.conn.line.downs = nil, append(first.conn.line.downs, second.conn)
		second.conn.line = first.conn.line
	})
	another := *track
	another.conn = &UpConn{}
	second.up = &another
	for speaks, tt := range map[*UpConn][2]int{track.conn: {0, 1}, another.conn: {1, 0}} {
		track.conn.speech, another.conn.speech = speech{}, speech{}
		speaks.speech.until = time.Hour
		now += time.Minute
		b.estimate(first, 1_300_000, now)
		now += time.Minute
		b.estimate(first, 1_300_000, now)
		if got := [2]int{first.target.Encoding, second.target.Encoding}; got != tt {
			t.Errorf("encodings %v, want %v", got, tt)
		}
	}
}

func TestLoudnessIsReadFromPackets(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBenchOf(t, soundSection, 0, 20)
	b.up.numbers = demux.Extensions{AudioLevel: 4}
	for range 50 {
		b.packet.Header.Extension, b.packet.Header.ExtensionProfile = true, 0xBEDE
		if err := b.packet.SetExtension(4, []byte{0x80 | 20}); err != nil { // voice, 20 dB below the loudest
			t.Fatal(err)
		}
		b.send(t)
	}
	if !b.up.speech.speaking(b.now) {
		t.Errorf("after a second of sound: %+v", b.up.speech)
	}
}

// say sends so many packets of a sound, a fiftieth of a second each, that say how
// far below the loudest they are, in decibels; with nothing they do not say it.
func (b *bench) say(t *testing.T, packets int, level ...byte) {
	t.Helper()
	for range packets {
		b.packet.Header.Extension, b.packet.Header.Extensions = false, nil
		if len(level) > 0 {
			b.packet.Header.Extension, b.packet.Header.ExtensionProfile = true, 0xBEDE
			if err := b.packet.SetExtension(4, level); err != nil {
				t.Fatal(err)
			}
		}
		b.now += 19 * time.Millisecond // and send adds one
		b.send(t)
	}
}

func TestNothingIsSentOfWhoHasBeenSilentForAWhile(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const second = 50 // packets
	silent, faint, loud := []byte{127}, []byte{126}, []byte{0x80 | 20}
	for name, tt := range map[string]struct {
		level   []byte
		packets int
		most    int
	}{
		"silence":       {silent, 20 * second, second + 5},
		"a short pause": {silent, second, second},
		"the faintest":  {faint, 20 * second, 20 * second},
		"nobody says":   {nil, 20 * second, 20 * second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBenchOf(t, soundSection, 1, 20)
			b.up.numbers = demux.Extensions{AudioLevel: 4}
			got := b.overhear(t)
			b.say(t, second, loud...)
			b.say(t, tt.packets, tt.level...)
			if n := len(*got) - second; n > tt.most || n < min(tt.packets, second) {
				t.Errorf("%d packets of %d are sent", n, tt.packets)
			}
			before := len(*got)
			b.say(t, second, loud...)
			if n := len(*got) - before; n != second {
				t.Errorf("%d packets of %d are sent of who speaks again", n, second)
			}
			for i, p := range (*got)[1:] {
				if p.SequenceNumber != (*got)[i].SequenceNumber+1 {
					t.Fatalf("number %d after %d", p.SequenceNumber, (*got)[i].SequenceNumber)
				}
			}
		})
	}
}

// What an encoder does for bad lines and for silence passes as it is: earlier sound
// within the payload (RFC 6716, section 2.1.7), packets of a byte, and the leaps of
// time between them; and subscribers are told of both as the publisher tells.
func TestRedundancyAndPausesOfTheEncoderPass(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	b := newBenchOf(t, soundSection, 1, 20)
	got := b.overhear(t)
	type sound struct {
		payload   []byte
		timestamp uint32
		marker    bool
	}
	sounds := []sound{
		{[]byte{0x48, 0xFF, 1, 2, 3}, 960, true}, {[]byte{0x48, 0x80, 4, 5}, 1920, false},
		{[]byte{0x48}, 2880, false}, {[]byte{0x48}, 2880 + 19200, false}, {[]byte{0x48, 6}, 2880 + 24000, true},
	}
	for _, s := range sounds {
		b.next(t)
		p := &rtp.Packet{Header: b.packet.Header, Payload: s.payload}
		p.Timestamp, p.Marker = s.timestamp, s.marker
		b.receive(t, p)
	}
	if len(*got) != len(sounds) {
		t.Fatalf("%d packets of %d", len(*got), len(sounds))
	}
	for i, p := range *got {
		s, first := sounds[i], (*got)[0]
		if !bytes.Equal(p.Payload, s.payload) || p.Marker != s.marker || p.Timestamp-first.Timestamp != s.timestamp-sounds[0].timestamp || p.SequenceNumber != first.SequenceNumber+uint16(i) {
			t.Errorf("%+v became %+v", s, p)
		}
	}
	codecs, _ := media.CodecsByName([]string{"opus"})
	c, ok := subscriberCodec(sdpedit.Payload{Type: 111, Name: "opus", ClockRate: 48000, Channels: 2, Fmtp: "minptime=10;useinbandfec=1;usedtx=1"}, codecs)
	if !ok || !strings.Contains(c.Fmtp, "useinbandfec=1") || !strings.Contains(c.Fmtp, "usedtx=1") {
		t.Errorf("subscribers are told %q", c.Fmtp)
	}
}
