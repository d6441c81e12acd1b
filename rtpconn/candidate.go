package rtpconn

import (
	"fmt"

	"galene/rtpconn/sdpedit"
	"galene/rtpconn/socket"

	"github.com/pion/webrtc/v3"
)

// maxCandidates bounds the candidates that are taken of one peer: each is an
// address to which connectivity checks go.
const maxCandidates = 64

// Candidate is an ICE candidate as browsers and the websocket protocol write
// it (RTCIceCandidateInit).
type Candidate struct {
	Candidate        string  `json:"candidate"`
	SDPMid           *string `json:"sdpMid"`
	SDPMLineIndex    *uint16 `json:"sdpMLineIndex"`
	UsernameFragment *string `json:"usernameFragment"`
}

func (c Candidate) init() webrtc.ICECandidateInit {
	return webrtc.ICECandidateInit{
		Candidate:        c.Candidate,
		SDPMid:           c.SDPMid,
		SDPMLineIndex:    c.SDPMLineIndex,
		UsernameFragment: c.UsernameFragment,
	}
}

// hostCandidates writes the candidate attributes (RFC 8839, section 5.1) of
// our sockets. pion knows of one address in each family only, so these lines
// are ours. Earlier sockets are preferred.
func hostCandidates(sockets []socket.Socket) []string {
	const typePreference = 126 // RFC 8445, section 5.1.2.2: host
	lines := make([]string, len(sockets))
	for i, s := range sockets {
		local := s.LocalAddr()
		priority := typePreference<<24 | (65535-i)<<8 | 255
		lines[i] = fmt.Sprintf("candidate:%d 1 udp %d %s %d typ host", i+1, priority, local.Addr().Unmap(), local.Port())
	}
	return lines
}

// takePending says that the peer's description is there, which its candidates
// have waited for; negotiating is held.
func (t *transport) takePending() {
	t.described = true
	for _, c := range t.pending {
		t.addCandidate(c)
	}
	t.pending = nil
}

// takeCandidate takes one candidate of the peer.
func (t *transport) takeCandidate(c Candidate) {
	t.negotiating.Lock()
	defer t.negotiating.Unlock()
	if !t.ended {
		t.addCandidate(c)
	}
}

// addCandidate is takeCandidate where negotiating is held.
func (t *transport) addCandidate(c Candidate) {
	if !t.described {
		if len(t.pending) < maxCandidates {
			t.pending = append(t.pending, c)
		}
		return
	}
	if c.Candidate != "" && !sdpedit.UsableCandidate(c.Candidate) || t.taken.Add(1) > maxCandidates {
		return
	}
	if err := t.pc.AddICECandidate(c.init()); err != nil {
		t.log.Debug("candidate not used", "error", err)
	}
}
