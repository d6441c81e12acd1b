package rtpconn

import (
	"slices"
	"time"

	"galene/group/media"
	"galene/rtpconn/forward"
)

// meterInterval is the time over which bit rates are averaged.
const meterInterval = time.Second

// Traffic counts what has gone through an engine since its start.
type Traffic struct {
	// Ups and Downs are the connections that there are now: streams that
	// publishers send, and those that subscribers get.
	Ups, Downs int
	// PacketsReceived and BytesReceived are RTP from publishers, headers
	// included; PacketsSent and BytesSent RTP to subscribers, payloads only.
	PacketsReceived, BytesReceived uint64
	PacketsSent, BytesSent         uint64
	// PacketsLost are those that publishers sent and that did not come, or
	// only when they were asked for again.
	PacketsLost uint64
	// NACKsSent are packets that publishers were asked for again,
	// NACKsReceived those that subscribers asked for.
	NACKsSent, NACKsReceived uint64
	// DatagramsDropped are those, of RTP and RTCP, that the system did not take: the
	// buffer of the socket was full, say. They count as sent besides.
	DatagramsDropped uint64
}

// add adds what o counts, but for the connections that there are now.
func (t *Traffic) add(o *Traffic) {
	t.PacketsReceived += o.PacketsReceived
	t.BytesReceived += o.BytesReceived
	t.PacketsSent += o.PacketsSent
	t.BytesSent += o.BytesSent
	t.PacketsLost += o.PacketsLost
	t.NACKsSent += o.NACKsSent
	t.NACKsReceived += o.NACKsReceived
	t.DatagramsDropped += o.DatagramsDropped
}

func (t *Traffic) addUp(track *UpTrack) {
	for _, e := range track.encodings {
		t.PacketsReceived += e.packets + uint64(e.recent)
		t.BytesReceived += e.bytes
	}
}

func (t *Traffic) addDown(track *DownTrack) {
	t.PacketsSent += track.packets
	t.BytesSent += track.octets
}

// ConnStats are the statistics of one connection.
type ConnStats struct {
	// Group and Client are whose connection it is; ID and Label are those of
	// the stream.
	Group, Client string
	ID, Label     string
	// Down tells the direction: from the server to a subscriber.
	Down bool
	// MaxBitrate is in bit/s what the publisher is asked not to exceed, or what
	// the subscriber's line, all of whose connections share it, is estimated to
	// take; 0 while unknown or without a limit.
	MaxBitrate int64
	Tracks     []TrackStats
}

// TrackStats are the statistics of one track. All encodings of a publisher's
// track are one.
type TrackStats struct {
	Kind media.Kind
	// Codec is the zero value before the first packet.
	Codec media.Codec
	// Bitrate is in bit/s, over the last second or so.
	Bitrate int64
	// Loss is the fraction of packets lost on the way, from 0 to 1.
	Loss float64
	// RTT and Jitter are 0 as long as they are unknown.
	RTT, Jitter time.Duration
	// MaxBitrate is in bit/s how much of the track is of use to subscribers, or
	// how much of it a subscriber's line could take; 0 as that of ConnStats.
	MaxBitrate int64
	// Encodings are those that the publisher sends, the best one first; a
	// subscriber's track has only their number.
	Encodings []EncodingStats
	// Encoding is the one that a subscriber gets, 0 being the best and
	// forward.Nothing none; Layers are those of it that he gets, out of Highest.
	Encoding        int
	Layers, Highest forward.Layers
	// Reason says why a subscriber's picture is no better than that; "" for sound,
	// and while it is not known.
	Reason Reason
}

// EncodingStats are the statistics of one encoding of a publisher's track.
type EncodingStats struct {
	// RID is its name, "" if it has none.
	RID string
	// Bitrate, Loss and Jitter are as those of TrackStats.
	Bitrate int64
	Loss    float64
	Jitter  time.Duration
}

// limitOf returns a limit in bit/s as statistics have it.
func limitOf(rate float64) int64 {
	if rate >= maxPublisherRate {
		return 0
	}
	return int64(rate)
}

// meter measures a bit rate from a count of bytes that is read now and then.
type meter struct {
	bytes   uint64
	at      time.Duration
	bitrate int64
}

// sample takes note of the count; calls that come too early are ignored.
func (m *meter) sample(bytes uint64, now time.Duration) {
	elapsed := now - m.at
	if elapsed < meterInterval {
		return
	}
	if m.at > 0 {
		m.bitrate = int64(8 * float64(bytes-m.bytes) / elapsed.Seconds())
	}
	m.bytes, m.at = bytes, now
}

// Traffic returns what has gone through the engine so far.
func (e *Engine) Traffic() Traffic {
	var t Traffic
	for _, w := range e.workers {
		w.addTraffic(&t)
	}
	return t
}

// addTraffic adds what has gone through the worker.
func (w *worker) addTraffic(t *Traffic) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t.add(&w.past)
	t.Ups += len(w.ups)
	t.Downs += len(w.downs)
	for _, l := range w.lanes {
		t.DatagramsDropped += l.dropped
	}
	for u := range w.ups {
		for _, track := range u.sources {
			t.addUp(track)
		}
	}
	for d := range w.downs {
		for _, track := range d.rows {
			t.addDown(track)
		}
	}
}

// Stats returns the statistics of all connections, in no order.
func (e *Engine) Stats() []ConnStats {
	now := e.now()
	list := []ConnStats{}
	for _, w := range e.workers {
		list = w.appendStats(list, now)
	}
	return list
}

// appendStats appends the statistics of the worker's connections.
func (w *worker) appendStats(list []ConnStats, now time.Duration) []ConnStats {
	w.mu.Lock()
	defer w.mu.Unlock()
	list = slices.Grow(list, len(w.ups)+len(w.downs))
	for u := range w.ups {
		list = append(list, u.stats())
	}
	for d := range w.downs {
		list = append(list, d.stats(now))
	}
	return list
}

// stats is called with the worker's lock held.
func (u *UpConn) stats() ConnStats {
	o := u.options
	c := ConnStats{Group: o.Group, Client: o.OwnerID, ID: o.ID, Label: o.Label, MaxBitrate: limitOf(u.limited)}
	rtt := u.view.RTT()
	for _, t := range u.sources {
		s := TrackStats{Kind: t.kind, RTT: rtt, Encodings: make([]EncodingStats, len(t.encodings))}
		if t.format != nil {
			s.Codec = t.format.codec
			if t.format.remb {
				s.MaxBitrate = limitOf(t.useful(0, t.conn.engine.now()).rate)
			}
		}
		for i, e := range t.encodings {
			if !e.known {
				continue
			}
			s.Encodings[i] = EncodingStats{t.ridOf(i), e.meter.bitrate, e.loss, e.reception.Jitter()}
			s.Bitrate += e.meter.bitrate
			s.Loss = max(s.Loss, e.loss)
			s.Jitter = max(s.Jitter, e.reception.Jitter())
		}
		c.Tracks = append(c.Tracks, s)
	}
	return c
}

// ridOf returns the name of an encoding, "" if it has none.
func (t *UpTrack) ridOf(encoding int) string {
	if encoding >= len(t.source.RIDs) {
		return ""
	}
	return t.source.RIDs[encoding]
}

// stats is called with the worker's lock held.
func (d *DownConn) stats(now time.Duration) ConnStats {
	c := ConnStats{
		Group: d.options.Group, Client: d.options.SubscriberID, Down: true,
	}
	if d.line != nil {
		c.MaxBitrate = limitOf(d.line.estimator.Rate(now))
	}
	if d.up != nil {
		c.ID, c.Label = d.up.options.ID, d.up.options.Label
	}
	for _, t := range d.rows {
		if t.up == nil {
			continue
		}
		s := TrackStats{
			Kind: t.kind, Codec: t.codec, Bitrate: t.meter.bitrate,
			Loss: t.loss, RTT: t.rtt, Jitter: t.jitter, MaxBitrate: limitOf(t.quality.share),
			Encodings: make([]EncodingStats, len(t.up.encodings)), Encoding: t.target.Encoding, Reason: t.reason(),
		}
		if s.RTT == 0 {
			s.RTT = d.view.RTT()
		}
		if current, _, ok := t.forwarder.Current(); ok && s.Encoding != forward.Nothing {
			s.Encoding = current
			s.Layers, s.Highest = t.forwarder.Layers()
		}
		c.Tracks = append(c.Tracks, s)
	}
	return c
}
