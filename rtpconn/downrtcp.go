package rtpconn

import (
	"encoding/binary"
	"iter"
	"time"

	"galene/rtpconn/mux"
	"galene/rtpconn/rtptime"
	"galene/rtpconn/transportcc"

	"github.com/pion/rtcp"
)

const (
	// rtcpHeaderSize is that of the header that all RTCP packets have.
	rtcpHeaderSize = 4
	// senderReportInterval is how often a subscriber hears how its tracks
	// stand to each other in time.
	senderReportInterval = 500 * time.Millisecond
	// maxReported is how many tracks one datagram tells of: with the longest name of a
	// publisher it has 1.2 KB then.
	maxReported = 4
	// maxStatuses and maxAsked bound what one datagram may tell of arrivals, in packets,
	// and how many it may ask for again: clients tell of some hundred, and ask for a
	// thousand at the most; a few bytes can name any number.
	maxStatuses, maxAsked = 4096, 1024
	// staleReport is the age beyond which a report is no measure of the
	// round-trip time.
	staleReport = 8 * time.Second
)

// Receive implements mux.Receiver for a subscriber, which sends RTCP only; the
// worker's lock is held.
func (d *DownConn) Receive(datagram []byte, from mux.Path, now time.Duration) {
	if d.opener == nil || d.closed || !isRTCP(datagram) {
		return
	}
	plain, err := d.opener.RTCP(datagram)
	if err != nil {
		return
	}
	d.heard(from, now)
	d.receiveRTCP(plain, now)
}

// cutRTCP yields the packets of a compound one, each with its header, up to where a
// length makes no sense.
func cutRTCP(compound []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(compound) >= rtcpHeaderSize {
			size := 4 * (int(binary.BigEndian.Uint16(compound[2:])) + 1)
			if size > len(compound) || !yield(compound[:size]) {
				return
			}
			compound = compound[size:]
		}
	}
}

// receiveRTCP takes a compound packet of the subscriber's. What makes no sense, or is
// not known, does not keep it from the rest.
func (d *DownConn) receiveRTCP(plain []byte, now time.Duration) {
	statuses, asked := 0, 0
	for packet := range cutRTCP(plain) {
		if transportcc.IsFeedback(packet) {
			if statuses += transportcc.Statuses(packet); statuses <= maxStatuses {
				d.receiveArrivals(packet, now)
			}
			continue
		}
		packets, err := rtcp.Unmarshal(packet)
		if err != nil {
			continue
		}
		for _, p := range packets {
			if n, ok := p.(*rtcp.TransportLayerNack); ok {
				asked = d.receiveNACK(n, asked, now)
				continue
			}
			d.receiveFeedback(p, now)
		}
	}
}

// receiveNACK answers requests for packets, as long as the datagram that they are in
// has not asked for too many. It is given how many those before it have asked for,
// and returns that with its own.
func (d *DownConn) receiveNACK(p *rtcp.TransportLayerNack, asked int, now time.Duration) int {
	t := d.row(p.MediaSSRC)
	if t == nil {
		return asked
	}
	for _, pair := range p.Nacks {
		pair.Range(func(seq uint16) bool {
			if asked++; asked > maxAsked {
				return false
			}
			d.worker.past.NACKsReceived++
			t.asked(seq, now)
			t.resend(seq, now)
			return true
		})
	}
	return asked
}

func (d *DownConn) receiveFeedback(p rtcp.Packet, now time.Duration) {
	switch p := p.(type) {
	case *rtcp.PictureLossIndication:
		if t := d.row(p.MediaSSRC); t != nil {
			t.requestKeyframe(now)
		}
	case *rtcp.FullIntraRequest:
		for _, f := range p.FIR {
			if t := d.row(f.SSRC); t != nil && (!t.firSeen || t.firSequence != f.SequenceNumber) {
				t.firSeen, t.firSequence = true, f.SequenceNumber
				t.requestKeyframe(now)
			}
		}
	case *rtcp.ReceiverEstimatedMaximumBitrate:
		d.receiveREMB(float64(p.Bitrate), now)
	case *rtcp.ReceiverReport:
		d.receiveReports(p.Reports, now)
	case *rtcp.SenderReport:
		d.receiveReports(p.Reports, now)
	}
}

func (d *DownConn) row(ssrc uint32) *DownTrack {
	for _, t := range d.rows {
		if t.joined && t.ssrc == ssrc {
			return t
		}
	}
	return nil
}

// receiveReports measures the round-trip time (RFC 3550, section 6.4.1),
// smoothed over four reports.
func (d *DownConn) receiveReports(reports []rtcp.ReceptionReport, now time.Duration) {
	for _, r := range reports {
		t := d.row(r.SSRC)
		if t == nil {
			continue
		}
		d.line.lost(float64(r.FractionLost)/256, t.packets-t.reportedPackets)
		t.reportedPackets = t.packets
		t.loss, t.jitter = float64(r.FractionLost)/256, rtptime.FromUnits(r.Jitter, t.codec.ClockRate)
		t.protect(t.loss, now)
		if r.LastSenderReport == 0 {
			continue
		}
		rtt, ok := t.sent.roundTrip(r.LastSenderReport, r.Delay, now)
		if !ok {
			continue
		}
		if t.rtt == 0 {
			t.rtt = rtt
		} else {
			t.rtt = (3*t.rtt + rtt) / 4
		}
	}
}

// reportedRTT is the round-trip time that the client's reports tell of, the shortest of
// its tracks, or that of the last check before there are any; 0 if neither is
// known.
func (d *DownConn) reportedRTT() time.Duration {
	shortest := time.Duration(0)
	for _, t := range d.rows {
		if t.rtt > 0 && (shortest == 0 || t.rtt < shortest) {
			shortest = t.rtt
		}
	}
	if shortest == 0 {
		return d.view.RTT()
	}
	return shortest
}

// requestKeyframe asks the publisher for a key frame of what this subscriber
// gets.
func (t *DownTrack) requestKeyframe(now time.Duration) {
	if n := t.target.Encoding; n >= 0 && n < len(t.up.encodings) {
		t.up.encodings[n].requestKeyframe(now)
	}
	// Until a switch is done, the picture is that of another encoding.
	if current, _, ok := t.forwarder.Current(); ok && current != t.target.Encoding {
		t.up.encodings[current].requestKeyframe(now)
	}
}

// sentReport remembers the sender reports that are out, to measure the
// round-trip time by.
type sentReport struct {
	ntp [8]uint32 // the middle 32 bits
	at  [8]time.Duration
	n   int
}

func (s *sentReport) add(ntp uint64, now time.Duration) {
	s.ntp[s.n%len(s.ntp)], s.at[s.n%len(s.at)] = uint32(ntp>>16), now
	s.n++
}

// roundTrip is the time since the report was sent less the time that the
// receiver sat on it, in units of 1/65536 s.
func (s *sentReport) roundTrip(lastSR, delay uint32, now time.Duration) (time.Duration, bool) {
	for i := range min(s.n, len(s.ntp)) {
		if s.ntp[i] != lastSR {
			continue
		}
		age := now - s.at[i]
		rtt := age - rtptime.FromCompact(delay)
		return rtt, age < staleReport && rtt > 0
	}
	return 0, false
}

// tick sends reports that are due; the worker's lock is held.
func (d *DownConn) tick(now time.Duration) {
	if now < d.nextReport || !d.canSend() {
		return
	}
	d.nextReport = now + senderReportInterval
	var packets []rtcp.Packet
	var sources []rtcp.SourceDescriptionChunk
	for _, t := range d.rows {
		t.meter.sample(t.octets, now)
		r, ok := t.senderReport(now)
		if !ok {
			continue
		}
		packets = append(packets, r)
		sources = append(sources, rtcp.SourceDescriptionChunk{
			Source: t.ssrc,
			Items:  []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: d.up.canonicalName()}},
		})
		if len(sources) == maxReported {
			d.sendRTCP(append(packets, &rtcp.SourceDescription{Chunks: sources}))
			packets, sources = nil, nil
		}
	}
	if len(packets) > 0 {
		d.sendRTCP(append(packets, &rtcp.SourceDescription{Chunks: sources}))
	}
}

// senderReport continues the publisher's last report on the publisher's own
// timeline, so that its tracks stay in step whatever its clock says: the time
// since the report is added to both of its clocks.
func (t *DownTrack) senderReport(now time.Duration) (*rtcp.SenderReport, bool) {
	encoding, offset, ok := t.forwarder.Current()
	if !t.joined || !ok || encoding >= len(t.up.encodings) {
		return nil, false
	}
	report := t.up.encodings[encoding].report
	if !report.valid {
		return nil, false
	}
	// The tick may have read the clock before the burst with the report did.
	elapsed := max(0, now-report.arrival)
	ntp := rtptime.AddNTP(report.ntp, elapsed)
	t.sent.add(ntp, now)
	return &rtcp.SenderReport{
		SSRC: t.ssrc, NTPTime: ntp,
		RTPTime:     report.rtp + offset + rtptime.Units(elapsed, t.codec.ClockRate),
		PacketCount: uint32(t.packets), OctetCount: uint32(t.octets),
	}, true
}

// canonicalName is the publisher's CNAME, the same for all tracks of a stream.
func (u *UpConn) canonicalName() string {
	if u.cname != "" {
		return u.cname
	}
	return u.options.ID
}
