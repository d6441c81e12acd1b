package rtpconn

import (
	"time"

	"galene/group/media"
	"galene/rtpconn/nack"
	"galene/rtpconn/rtptime"

	"github.com/pion/rtcp"
)

const (
	// reportInterval is how often a publisher hears how its packets arrive.
	reportInterval = time.Second
	// maxBlocks is how many encodings one report tells of (RFC 3550, section 6.4.2).
	maxBlocks = 31
)

// receiveRTCP takes the publisher's reports; the worker's lock is held. What makes no
// sense, or is not known, does not keep it from the rest.
func (u *UpConn) receiveRTCP(plain []byte, now time.Duration) {
	for packet := range cutRTCP(plain) {
		packets, err := rtcp.Unmarshal(packet)
		if err != nil {
			continue
		}
		for _, p := range packets {
			switch p := p.(type) {
			case *rtcp.SenderReport:
				u.receiveSenderReport(p, now)
			case *rtcp.SourceDescription:
				u.receiveCNAME(p)
			}
		}
	}
}

// receiveSenderReport keeps the pair of clocks of the encoding with exactly
// this SSRC: a compound packet may hold the reports of several.
func (u *UpConn) receiveSenderReport(p *rtcp.SenderReport, now time.Duration) {
	for _, t := range u.sources {
		for _, e := range t.encodings {
			if !e.known || e.ssrc != p.SSRC {
				continue
			}
			first := !e.report.valid
			e.report = senderReport{valid: true, ntp: p.NTPTime, rtp: p.RTPTime, arrival: now}
			if !first {
				continue
			}
			for _, d := range t.rows {
				d.conn.nextReport = now
			}
		}
	}
}

func (u *UpConn) receiveCNAME(p *rtcp.SourceDescription) {
	for _, chunk := range p.Chunks {
		for _, item := range chunk.Items {
			if item.Type == rtcp.SDESCNAME && item.Text != "" {
				u.cname = item.Text
			}
		}
	}
}

// tick asks for losses and key frames that are due, and reports; the worker's
// lock is held.
func (u *UpConn) tick(now time.Duration) {
	if !u.canSend() {
		return
	}
	var packets []rtcp.Packet
	for _, t := range u.sources {
		t.measure(now)
		t.flow.sample(now)
		if len(t.encodings) > 1 {
			t.relieve(now)
		}
	}
	patience := u.repairTime(now)
	for _, t := range u.sources {
		for _, e := range t.encodings {
			packets = e.requests(packets, patience, now)
		}
	}
	if now >= u.nextReport {
		u.nextReport = now + reportInterval
		reports := u.receiverReports(now)
		for _, r := range reports[1:] {
			u.sendRTCP([]rtcp.Packet{r})
		}
		packets = append([]rtcp.Packet{reports[0]}, packets...)
		if limit := u.limit(); limit != nil {
			packets = append(packets, limit)
		}
	} else if u.outdated(now) {
		packets = append(packets, u.limit())
	}
	u.sendRTCP(packets)
	u.sendArrivals(now)
	u.noteUsage(now)
	u.noteUplink(now)
}

// requests appends the feedback that is due for one encoding. What has been asked for
// may take as long as patience to come.
func (e *encoding) requests(packets []rtcp.Packet, patience, now time.Duration) []rtcp.Packet {
	if !e.known {
		return packets
	}
	u := e.track.conn
	switch {
	case !e.track.format.nack:
	case e.worthRepair(now):
		var missing [256]uint16
		if due, fresh := e.losses.Due(now, patience, missing[:0]); len(due) > 0 {
			e.reception.Requested(fresh)
			u.worker.past.NACKsSent += uint64(len(due))
			packets = append(packets, &rtcp.TransportLayerNack{
				SenderSSRC: u.ssrc, MediaSSRC: e.ssrc, Nacks: nack.Pairs(due),
			})
		}
	case e.losses.Missing() > 0:
		// Who watches it later has no use for it, nor does it say anything of the uplink.
		e.losses.Forget()
	}
	if e.wantKeyframe && now >= e.keyframeNext {
		if !e.watched() {
			e.wantKeyframe = false // who wanted it has something else, or is gone
			return packets
		}
		e.keyframeNext = now + keyframeInterval
		packets = append(packets, &rtcp.PictureLossIndication{SenderSSRC: u.ssrc, MediaSSRC: e.ssrc})
	}
	return packets
}

// requestKeyframe asks the encoder for a key frame, now or as soon as the
// rate limit allows, and again until one has come.
func (e *encoding) requestKeyframe(now time.Duration) {
	if !e.known || e.track.kind != media.Video || !e.track.format.pli {
		return
	}
	e.wantKeyframe = true
	if now >= e.keyframeNext {
		e.track.conn.sendRTCP(e.requests([]rtcp.Packet{
			&rtcp.ReceiverReport{SSRC: e.track.conn.ssrc},
		}, e.track.conn.repairTime(now), now))
	}
}

// receiverReports tell the publisher how each of its encodings arrives (RFC 3550,
// section 6.4.2); there is at least one.
func (u *UpConn) receiverReports(now time.Duration) []*rtcp.ReceiverReport {
	r := &rtcp.ReceiverReport{SSRC: u.ssrc}
	reports := []*rtcp.ReceiverReport{r}
	for _, t := range u.sources {
		for _, e := range t.encodings {
			if !e.known {
				continue
			}
			// What is asked for again is a second old at the most, on
			// either side. After a moment with few packets those before
			// it may still be missing somewhere.
			e.cache.Resize(max(e.recent, e.before))
			e.packets += uint64(e.recent)
			e.recent, e.before = 0, e.recent
			e.meter.sample(e.bytes, now)
			var lastSR uint32
			if e.report.valid {
				lastSR = rtptime.Compact(e.report.ntp)
			}
			block, ok := e.reception.Report(e.ssrc, lastSR, now-e.report.arrival)
			if !ok {
				continue
			}
			if len(r.Reports) == maxBlocks {
				r = &rtcp.ReceiverReport{SSRC: u.ssrc}
				reports = append(reports, r)
			}
			r.Reports = append(r.Reports, block)
			e.loss = float64(block.FractionLost) / 256
			u.worker.past.PacketsLost += uint64(e.reception.LostInInterval())
		}
	}
	return reports
}
