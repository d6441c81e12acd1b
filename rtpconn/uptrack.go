package rtpconn

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"time"

	"galene/group/media"
	"galene/rtpconn/codec"
	"galene/rtpconn/demux"
	"galene/rtpconn/dependency"
	"galene/rtpconn/nack"
	"galene/rtpconn/packetcache"
	"galene/rtpconn/sdpedit"
)

// keyframeInterval is the least time between two key-frame requests to one
// encoder.
const keyframeInterval = 500 * time.Millisecond

// codecInterval is the least time between two changes of the codec of one track, each of
// which has all subscribers negotiate.
const codecInterval = 2 * time.Second

// restartInterval is the least time between two changes of the SSRC of one
// encoding; each costs a new cache.
const restartInterval = time.Second

// Packets kept of one encoding.
const (
	minVideoCache, minAudioCache = 128, 24
	maxCache                     = 1024
)

// payloadFormat is one codec that a publisher may send in a section.
type payloadFormat struct {
	payloadType uint8
	// codec is what subscribers are offered for it.
	codec media.Codec
	// repair is the payload type of retransmissions, redundant that of packets
	// that hold earlier ones besides; each is noCompanion where there is none.
	repair, redundant uint8
	// nack, pli, remb and transportCC tell which feedback the publisher takes.
	nack, pli, remb, transportCC bool
}

// noCompanion is no payload type: those have seven bits.
const noCompanion = 0xff

// has tells whether packets of a payload type hold what the format is of.
func (f *payloadFormat) has(payloadType uint8) bool {
	return payloadType == f.payloadType || payloadType == f.redundant
}

// companion looks a payload type up among companions.
func companion(by map[uint8]uint8, payloadType uint8) uint8 {
	if c, ok := by[payloadType]; ok {
		return c
	}
	return noCompanion
}

// UpTrack is one source of an up connection, with all its encodings.
type UpTrack struct {
	conn    *UpConn
	kind    media.Kind
	id      string
	stream  string
	formats []payloadFormat
	// source is how its packets are recognised. It changes with later offers, under the
	// worker's lock and by nobody else than who takes them, but for its MID.
	source demux.Source

	// codec and appeared are guarded by conn.mu.
	codec    media.Codec
	appeared bool

	// What follows is guarded by the worker's lock. format is what is sent, since chosen;
	// nil before the first packet.
	format    *payloadFormat
	chosen    time.Duration
	encodings []*encoding
	// rows are those of the subscribers, the rows of each lane together, and
	// laneEnds where those of each end.
	rows     []*DownTrack
	laneEnds []int
	// ladder holds the ways of forwarding a picture, each better than the one
	// before, as they were measured at the time measured, which is that of the first
	// packet before that.
	ladder   []rung
	measured time.Duration
	flow     flow
	silence  silence
}

var _ media.Track = (*UpTrack)(nil)

// newUpTrack makes the track of a section, nil when none of its codecs may be
// published.
func newUpTrack(u *UpConn, s sdpedit.Section) *UpTrack {
	t := &UpTrack{
		conn: u, kind: s.Kind, id: s.TrackID,
		stream: cmp.Or(s.StreamID, u.options.Label, "dummy"),
	}
	if t.id == "" {
		t.id = s.Kind.String()
		if len(s.RIDs) > 0 {
			t.id = s.RIDs[0]
		}
	}
	companions := s.Companions()
	for _, p := range s.Payloads {
		c, ok := subscriberCodec(p, u.options.Codecs)
		if !ok || c.Kind != s.Kind {
			continue
		}
		t.formats = append(t.formats, payloadFormat{
			payloadType: p.Type, codec: c,
			repair: companion(companions.Repair, p.Type), redundant: companion(companions.Redundant, p.Type),
			nack:        slices.Contains(p.Feedback, "nack"),
			pli:         slices.Contains(p.Feedback, "nack pli"),
			remb:        slices.Contains(p.Feedback, "goog-remb"),
			transportCC: slices.Contains(p.Feedback, "transport-cc"),
		})
	}
	if len(t.formats) == 0 {
		return nil
	}
	t.source = t.sourceOf(s)
	t.encode(max(1, len(s.RIDs)))
	return t
}

// encode gives the track so many encodings.
func (t *UpTrack) encode(encodings int) {
	for i := range encodings {
		t.encodings = append(t.encodings, &encoding{track: t, index: i})
	}
}

// changeCodec puts another track in the place of one of which an encoding goes on in
// another codec that has been negotiated, as that of a browser does whose encoder has
// failed: to subscribers that is another track. It returns nil if a packet is no reason
// to. The worker's lock is held.
func (u *UpConn) changeCodec(target demux.Target, payloadType uint8, now time.Duration) *UpTrack {
	t := u.sources[target.Track]
	if t.format == nil || !t.encodings[target.Encoding].known || now-t.chosen < codecInterval {
		return nil
	}
	fresh := &UpTrack{conn: u, kind: t.kind, id: t.id, stream: t.stream, formats: t.formats, source: t.source}
	fresh.encode(len(t.encodings))
	if !u.replaceTrack(t, fresh) {
		return nil
	}
	u.sources = slices.Clone(u.sources)
	u.sources[target.Track] = fresh
	t.release()
	u.worker.past.addUp(t)
	t.format = nil
	if fresh.accept(payloadType, now) == nil {
		return nil
	}
	return fresh
}

// replaceTrack puts a track in the place of another one among those that subscribers can
// have; false if that is none of them, while an offer is being taken.
func (u *UpConn) replaceTrack(t, fresh *UpTrack) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	i := slices.Index(u.tracks, t)
	if i < 0 {
		return false
	}
	u.tracks = slices.Clone(u.tracks)
	u.tracks[i] = fresh
	return true
}

// continues tells whether the track is in all that matters what another one of
// an earlier offer was.
func (t *UpTrack) continues(o *UpTrack) bool {
	sameFormat := func(a, b payloadFormat) bool {
		return a.payloadType == b.payloadType && a.codec.PayloadType == b.codec.PayloadType &&
			a.repair == b.repair && a.redundant == b.redundant
	}
	return t.source.MID == o.source.MID && t.kind == o.kind && len(t.encodings) == len(o.encodings) &&
		slices.EqualFunc(t.formats, o.formats, sameFormat)
}

// sourceOf says how the packets of the section are recognised.
func (t *UpTrack) sourceOf(s sdpedit.Section) demux.Source {
	source := demux.Source{MID: s.MID, RIDs: s.RIDs, Repairs: make(map[uint32]uint32)}
	for _, ssrc := range s.SSRCs {
		source.SSRCs = append(source.SSRCs, ssrc.Primary)
		if ssrc.Repair != 0 {
			source.Repairs[ssrc.Primary] = ssrc.Repair
		}
	}
	for _, f := range t.formats {
		source.PayloadTypes = append(source.PayloadTypes, f.payloadType)
		if f.redundant != noCompanion {
			source.PayloadTypes = append(source.PayloadTypes, f.redundant)
		}
		if f.repair != noCompanion {
			source.RepairTypes = append(source.RepairTypes, f.repair)
		}
	}
	return source
}

// ID implements media.Track.
func (t *UpTrack) ID() string { return t.id }

// Kind implements media.Track.
func (t *UpTrack) Kind() media.Kind { return t.kind }

// Encodings implements media.Track.
func (t *UpTrack) Encodings() int { return len(t.encodings) }

// Codec implements media.Track; it is known as soon as the track has appeared.
func (t *UpTrack) Codec() media.Codec {
	t.conn.mu.Lock()
	defer t.conn.mu.Unlock()
	return t.codec
}

// release gives back the packets and lets go of the subscribers; the worker's
// lock is held.
func (t *UpTrack) release() {
	t.rows, t.laneEnds = nil, nil
	for _, e := range t.encodings {
		e.release()
	}
}

// encoding is one RTP stream of a source. Everything in it is guarded by the
// worker's lock.
type encoding struct {
	track *UpTrack
	index int
	// ssrc is the latest one; known tells whether there is any, since when
	// begun does.
	ssrc  uint32
	known bool
	begun time.Duration

	parse codec.Parser
	// dependency is nil for sound.
	dependency *dependency.Reader
	cache      *packetcache.Cache
	losses     *nack.Generator
	reception  *packetcache.Reception
	layers     layerMeter
	// burst are the packets that the current burst of datagrams brought; touched is set
	// while the worker has the encoding among those that got any.
	burst   []*media.Packet
	touched bool

	// recent counts the packets since the last report, before those between the
	// last two, packets all until the last, bytes all of them, with their headers.
	recent, before int
	packets, bytes uint64
	meter          meter
	lag            lag
	// starvedUntil is how long the publisher's uplink is taken to be too thin
	// for the encoding.
	starvedUntil time.Duration
	// loss is the fraction that was missing at the last report.
	loss float64

	// wantKeyframe is set while somebody waits for a key frame, which may be
	// asked for from keyframeNext on.
	wantKeyframe bool
	keyframeNext time.Duration

	report senderReport
}

// senderReport is the publisher's last one for an encoding.
type senderReport struct {
	valid   bool
	ntp     uint64
	rtp     uint32
	arrival time.Duration
}

// begin prepares for a new SSRC: the first one, or that of an encoder that was
// restarted.
func (e *encoding) begin(ssrc uint32, now time.Duration) {
	e.release()
	e.ssrc, e.known, e.begun = ssrc, true, now
	minimum := minAudioCache
	if e.track.kind == media.Video {
		minimum = minVideoCache
	}
	minimum = max(minimum, e.track.conn.engine.minCache)
	e.cache = packetcache.New(minimum, max(minimum, maxCache))
	e.losses = nack.NewGenerator(e.track.conn.engine.losses)
	e.reception = packetcache.NewReception(e.track.format.codec.ClockRate)
	e.parse = codec.ParserFor(e.track.format.codec.MimeType)
	if e.dependency = nil; e.track.kind == media.Video {
		e.dependency = new(dependency.Reader)
	}
	e.report, e.lag = senderReport{}, lag{}
	e.renumbered()
}

// renumbered tells the rows that the numbers of the encoding have nothing to do any
// more with those before.
func (e *encoding) renumbered() {
	for _, d := range e.track.rows {
		d.forwarder.Renumbered(e.index)
	}
}

func (e *encoding) release() {
	if e.cache != nil {
		e.cache.Close()
	}
	for _, p := range e.burst {
		p.Release()
	}
	e.burst = nil
	e.cache, e.known = nil, false
}

func randomSSRC() uint32 {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return max(1, binary.BigEndian.Uint32(b[:]))
}
