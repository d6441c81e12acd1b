package rtpconn

import (
	"slices"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/rtpconn/redundancy"

	"github.com/pion/rtp"
)

// earlierSound is what a packet of sound holds of one before: how much earlier it is, in
// timestamp units, and of how many bytes.
type earlierSound struct {
	offset uint32
	size   int
}

// What a packet of sound holds of those before it is taken for what is missing only where
// it can be that.
func TestEarlierSoundIsTakenWhereItFits(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	type sound struct {
		number    uint16
		timestamp uint32
		holds     []earlierSound
	}
	before := []earlierSound{{960, 20}}
	for name, tt := range map[string]struct {
		sounds []sound // from one on that has come
		want   []uint16
	}{
		"nothing is missing":             {[]sound{{1, 960, nil}, {2, 1920, before}}, []uint16{1, 2}},
		"one is missing":                 {[]sound{{2, 1920, before}}, []uint16{1, 2}},
		"two are missing, one is held":   {[]sound{{3, 2880, before}}, []uint16{2, 3}},
		"two are missing":                {[]sound{{3, 2880, []earlierSound{{1920, 20}, {960, 20}}}}, []uint16{1, 2, 3}},
		"what was before the missing":    {[]sound{{2, 1920, []earlierSound{{1920, 20}}}}, []uint16{2}},
		"earlier than what was before":   {[]sound{{2, 1920, []earlierSound{{1921, 20}}}}, []uint16{2}},
		"just behind what was before":    {[]sound{{2, 1920, []earlierSound{{1919, 20}}}}, []uint16{1, 2}},
		"empty, which stands for none":   {[]sound{{2, 1920, []earlierSound{{960, 0}}}}, []uint16{2}},
		"one of two is empty":            {[]sound{{3, 2880, []earlierSound{{1920, 20}, {960, 0}}}}, []uint16{1, 3}},
		"as far ahead as may be":         {[]sound{{maxRepairLead + 1, 62400, before}}, []uint16{maxRepairLead, maxRepairLead + 1}},
		"farther ahead":                  {[]sound{{maxRepairLead + 2, 63360, before}}, []uint16{maxRepairLead + 2}},
		"late":                           {[]sound{{2, 1920, nil}, {3, 2880, []earlierSound{{1920, 20}, {960, 20}}}}, []uint16{2, 1, 3}},
		"late, behind what follows":      {[]sound{{2, 1000, nil}, {3, 1960, []earlierSound{{960, 20}, {960, 20}}}}, []uint16{2, 3}},
		"late, just before what follows": {[]sound{{2, 1000, nil}, {3, 1960, []earlierSound{{961, 20}, {960, 20}}}}, []uint16{2, 1, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBenchOf(t, soundSection, 1, 20)
			got := b.overhear(t)
			// Number and timestamp come round.
			for _, n := range []uint16{30_000, 1<<16 - 2} {
				p := &rtp.Packet{Header: b.packet.Header, Payload: []byte("before")}
				p.SequenceNumber, p.Timestamp = n, 1<<32-1000
				b.receive(t, p)
			}
			first := (*got)[len(*got)-1].SequenceNumber
			*got = nil
			for _, s := range tt.sounds {
				p := &rtp.Packet{Header: b.packet.Header, Payload: []byte("now")}
				p.SequenceNumber, p.Timestamp = s.number-2, s.timestamp-1000
				if s.holds != nil {
					p.PayloadType = 63
					head := make([]byte, redundancy.Overhead(len(s.holds)))
					at := 0
					for _, e := range s.holds {
						at += redundancy.PutHeader(head[at:], 111, e.offset, e.size)
						p.Payload = append(make([]byte, e.size), p.Payload...)
					}
					redundancy.PutLastHeader(head[at:], 111)
					p.Payload = append(head, p.Payload...)
				}
				b.receive(t, p)
			}
			var numbers []uint16
			for _, p := range *got {
				numbers = append(numbers, p.SequenceNumber-first)
			}
			if !slices.Equal(numbers, tt.want) {
				t.Errorf("%d are sent, want %d", numbers, tt.want)
			}
		})
	}
}

// A sound is audible from 45 dB below the loudest on, and whoever was for the better part
// of a quarter of a second speaks, and is a speaker for a while.
func TestSpeechBeginsAndEnds(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for loudness, want := range map[uint8]int{0: 0, audible - 1: 0, audible: 14, 127: 14} {
		var s speech
		now, heard := time.Minute, 0
		for n := 1; n <= 100 && heard == 0; n++ {
			now += 20 * time.Millisecond
			if s.hear(loudness, now); s.speaking(now) {
				heard = n
			}
		}
		if heard != want {
			t.Errorf("loudness %d: speech after %d packets, want %d", loudness, heard, want)
		}
		if heard > 0 && (!s.speaking(now+speechHold-1) || s.speaking(now+speechHold)) {
			t.Errorf("loudness %d: it is over at another time", loudness)
		}
	}
}

func TestSilenceLastsAfterAWhile(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var s silence
	for _, tt := range []struct {
		at     time.Duration
		silent bool
		want   bool
	}{
		{0, false, false}, {10 * time.Second, true, false}, {10*time.Second + silenceTime - 1, true, false}, {10*time.Second + silenceTime, true, true},
		{12 * time.Second, true, true}, {13 * time.Second, false, false}, {14 * time.Second, true, false}, {15*time.Second - 1, true, false}, {15 * time.Second, true, true},
	} {
		if s.hear(tt.silent, tt.at); s.lasting != tt.want {
			t.Errorf("at %v: lasting %v", tt.at, s.lasting)
		}
	}
}
