package rtpconn

import (
	"time"

	"galene/group/media"
	"galene/rtpconn/demux"
	"galene/rtpconn/mux"
)

// isRTCP tells RTCP from RTP on one port (RFC 5761, section 4).
func isRTCP(datagram []byte) bool {
	return len(datagram) > 1 && datagram[1] >= 192 && datagram[1] <= 223
}

// Receive implements mux.Receiver for a publisher; the worker's lock is held.
func (u *UpConn) Receive(datagram []byte, from mux.Path, now time.Duration) {
	if u.opener == nil || u.closed {
		return
	}
	if isRTCP(datagram) {
		if plain, err := u.opener.RTCP(datagram); err == nil {
			u.heard(from, now)
			u.receiveRTCP(plain, now)
		}
		return
	}
	plain, err := u.opener.RTP(datagram)
	if err != nil {
		return
	}
	u.heard(from, now)
	u.receiveRTP(plain, now)
}

// receiveRTP finds the encoding that a packet belongs to.
func (u *UpConn) receiveRTP(plain []byte, now time.Duration) {
	h, err := demux.ParseHeader(plain)
	if err != nil {
		return
	}
	v := u.numbers.Find(plain)
	u.arrivals.note(&v, now)
	if len(plain)-h.HeaderSize > media.MaxBody {
		return
	}
	target, ok := u.demux.Lookup(h.SSRC, h.PayloadType, &v)
	if !ok || target.Track >= len(u.sources) {
		return
	}
	t := u.sources[target.Track]
	if t.kind == media.Audio {
		loudness, told := v.Loudness()
		if told {
			u.speech.hear(loudness, now)
		}
		t.silence.hear(told && loudness == 0, now)
	}
	if target.Encoding >= len(t.encodings) {
		return
	}
	e := t.encodings[target.Encoding]
	if target.Repair {
		e.repaired(plain, h, v.DependencyDescriptor, now)
		return
	}
	format := t.accept(h.PayloadType, now)
	if format == nil {
		if t = u.changeCodec(target, h.PayloadType, now); t == nil {
			return
		}
		e, format = t.encodings[target.Encoding], t.format
	}
	if !e.known || e.ssrc != h.SSRC {
		if e.known && now-e.begun < restartInterval {
			return
		}
		e.begin(h.SSRC, now)
	}
	e.lag.note(h.Timestamp, format.codec.ClockRate, now)
	t.flow.note(len(plain), now)
	if h.PayloadType != format.payloadType {
		e.unfold(plain, h, now)
		return
	}
	e.ingest(plain, h, v.DependencyDescriptor, now)
}

// accept returns the format of the track, nil if a payload type is not of it:
// the first packet decides which of the negotiated codecs that is.
func (t *UpTrack) accept(payloadType uint8, now time.Duration) *payloadFormat {
	if t.format != nil {
		if t.format.has(payloadType) {
			return t.format
		}
		return nil
	}
	for i := range t.formats {
		if t.formats[i].has(payloadType) {
			t.format, t.chosen, t.measured = &t.formats[i], now, now
			t.conn.appeared(t, t.format.codec)
			return t.format
		}
	}
	return nil
}

// ingest copies a packet into a slot of the pool, looks at it once, and keeps
// it; from then on it is read-only.
func (e *encoding) ingest(plain []byte, h demux.Header, descriptor []byte, now time.Duration) {
	p := e.track.conn.worker.pool.Get()
	p.SequenceNumber, p.Timestamp = h.SequenceNumber, h.Timestamp
	p.Marker, p.PayloadType = h.Marker, h.PayloadType
	p.Arrival, p.Padding, p.Silent = now, h.Padding, e.track.silence.lasting
	p.SetBody(plain[h.HeaderSize:])
	if sources := demux.Sources(plain); len(sources) > 0 {
		p.SetSources(sources)
	}
	p.Frame = e.parse(p.Payload(), p.Marker)
	if e.dependency != nil && e.dependency.Read(descriptor, &p.Frame) {
		p.SetDescriptor(descriptor)
	}
	if e.cache.BeginsAnew(p.SequenceNumber) {
		e.renumbered()
	}
	p.Retain() // the cache's reference; ours is the burst's
	if !e.cache.Store(p) {
		p.Release()
		return
	}
	e.reception.Received(h.SequenceNumber, h.Timestamp, now)
	outageOver := e.losses.Received(h.SequenceNumber, now)
	e.recent++
	e.layers.add(&p.Frame, len(plain)+packetOverhead)
	e.bytes += uint64(len(plain))
	switch {
	case p.Frame.Keyframe:
		e.wantKeyframe = false
	case outageOver:
		e.keyframeNext = now // whatever was asked for meanwhile is lost with the answer
		e.requestKeyframe(now)
	}
	if !e.touched {
		e.touched = true
		e.track.conn.worker.touched = append(e.track.conn.worker.touched, e)
	}
	e.burst = append(e.burst, p)
}
