package rtpconn

import (
	"time"

	"galene/group/media"
	"galene/rtpconn/forward"
	"galene/rtpconn/redundancy"
	"galene/rtpconn/srtp"
)

const (
	// protectLoss is the fraction of packets lost above which packets of sound are
	// sent more than once, for protectTime from then on: some clients tell only of
	// what was lost in spite of that. Above deepLoss each is sent three times.
	protectLoss, deepLoss, protectTime = 0.015, 0.06, 10 * time.Second
	// Two packets of a sound that are asked for within askedWithin tell of losses
	// before any report does, once as many as settled have been sent: before that
	// they may be of before the subscriber was there.
	askedWithin, settled = time.Second, 50
	// maxFolded is the most packets that one holds besides its own.
	maxFolded = 2
	// maxFoldedSize bounds packets that hold others, in bytes.
	maxFoldedSize = 1200
)

// whole stands for a packet without padding.
var whole media.Packet

// folds are how many of those before them the last packets held, by sequence
// number: who asks for one of them again must get the same.
type folds [rememberedSounds]uint8

// protect takes note of a fraction of packets lost.
func (t *DownTrack) protect(loss float64, now time.Duration) {
	if t.kind != media.Audio || loss <= protectLoss {
		return
	}
	if now >= t.protectUntil {
		t.depth = 1
	}
	if loss > deepLoss {
		t.depth = maxFolded
	}
	t.protectUntil = now + protectTime
}

// asked takes note of a request for a packet.
func (t *DownTrack) asked(seq uint16, now time.Duration) {
	if t.kind != media.Audio || t.packets < settled {
		return
	}
	if t.everAsked && seq != t.askedSequence && now-t.askedAt < askedWithin {
		if now >= t.protectUntil {
			t.depth = 1
		}
		t.protectUntil = now + protectTime
	}
	t.everAsked, t.askedSequence, t.askedAt = true, seq, now
}

// fold decides how many of the packets before it a packet of sound holds.
// extra is how many bytes longer that makes it.
func (t *DownTrack) fold(p *media.Packet, h forward.Header) (n, extra int) {
	if t.redundant != noCompanion && t.protects(t.conn.worker.now) {
		n, extra = t.foldable(p, h, t.depth)
		if t.folds == nil {
			t.folds = new(folds)
		}
	}
	if t.folds != nil {
		t.folds[h.SequenceNumber%rememberedSounds] = uint8(n)
	}
	return n, extra
}

// foldedBefore returns how many a packet held that has been sent.
func (t *DownTrack) foldedBefore(seq uint16) int {
	if t.folds == nil {
		return 0
	}
	return int(t.folds[seq%rememberedSounds])
}

// foldable returns how many of the packets before it, at most so many, fit into a
// packet, and how many bytes longer that makes it.
func (t *DownTrack) foldable(p *media.Packet, h forward.Header, most int) (n, extra int) {
	for n < most {
		before, header, ok := t.earlier(h.SequenceNumber - uint16(n+1))
		if !ok {
			break
		}
		offset, length := h.Timestamp-header.Timestamp, len(before.Payload())
		if offset == 0 || offset > redundancy.MaxOffset || length > redundancy.MaxSize ||
			len(p.Payload())+extra+length+redundancy.Overhead(1) > maxFoldedSize {
			break
		}
		extra += length + redundancy.Overhead(1) - redundancy.Overhead(0)
		n++
	}
	if n > 0 {
		extra += redundancy.Overhead(0)
	}
	return n, extra
}

// writeFolded is write for a packet that holds so many of those before it
// (RFC 2198), which must be there.
func (t *DownTrack) writeFolded(p *media.Packet, h forward.Header, number uint16, folded int) {
	n, extra := t.foldable(p, h, folded)
	if n < folded {
		return // it cannot be sent again as it was
	}
	c := t.conn
	size := t.sizeOf(p) + extra
	buffer := c.lane.room(c.path.Socket, size+srtp.Overhead)
	if buffer == nil {
		return
	}
	at := c.putHeader(buffer, &whole, t.redundant, h, t.ssrc, number)
	for n := folded; n > 0; n-- {
		before, header, _ := t.earlier(h.SequenceNumber - uint16(n))
		at += redundancy.PutHeader(buffer[at:], t.payloadType, h.Timestamp-header.Timestamp, len(before.Payload()))
	}
	at += redundancy.PutLastHeader(buffer[at:], t.payloadType)
	first := at
	for n := folded; n > 0; n-- {
		before, _, _ := t.earlier(h.SequenceNumber - uint16(n))
		at += copy(buffer[at:], before.Payload())
	}
	at += copy(buffer[at:], p.Payload())
	if t.commit(buffer, at) {
		t.packets++
		t.octets += uint64(at - first)
	}
}
