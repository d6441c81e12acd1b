package rtpconn

import "time"

const (
	// audible is the loudness, in decibels above silence, from which on a sound may
	// be speech: 45 dB below the loudest that there can be.
	audible = 127 - 45
	// speechWeight is that of one packet, which holds 20 ms, and speechShare how
	// much of the last moments has to have been audible.
	speechWeight, speechShare = 0.05, 0.5
	// speechHold is for how long who has spoken remains a speaker.
	speechHold = 3 * time.Second
	// silenceTime is how long there has to have been no sound at all.
	silenceTime = time.Second
)

// speech tells whether somebody speaks, from how loud a publisher says that its
// packets of sound are (RFC 6464). The worker's lock guards it.
type speech struct {
	share float64
	until time.Duration
}

// hear takes the loudness of a packet, 0 to 127.
func (s *speech) hear(loudness uint8, now time.Duration) {
	s.share *= 1 - speechWeight
	if loudness >= audible {
		s.share += speechWeight
	}
	if s.share >= speechShare {
		s.until = now + speechHold
	}
}

// speaking tells whether somebody speaks, or did a moment ago.
func (s *speech) speaking(now time.Duration) bool { return now < s.until }

// silence tells whether a track of sound has had none for a while, not even the
// faintest, as that of a microphone that is muted: what browsers go on sending then
// costs everybody, and adds nothing. The worker's lock guards it.
type silence struct {
	since           time.Duration
	silent, lasting bool
}

// hear takes note of whether a packet says that there is no sound in it.
func (s *silence) hear(silent bool, now time.Duration) {
	if silent && !s.silent {
		s.since = now
	}
	s.silent = silent
	s.lasting = silent && now-s.since >= silenceTime
}
