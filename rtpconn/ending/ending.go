// Package ending closes peer connections of clients that are pion's through and
// through. The library's own Close (v3.3.6) must not meet the moment in which ICE
// succeeds: ICETransport.Start then writes what Stop reads, and, where the success
// is reported late, DTLS begins on what has been closed.
//
// The server's connections have the same from their views of the sockets.
package ending

import (
	"sync"
	"time"

	"github.com/pion/webrtc/v3"
)

// patience is far more than ICE takes to begin, and DTLS after it: neither waits
// for the network.
const patience = 10 * time.Second

// Ending is how one peer connection ends.
type Ending struct {
	pc      *webrtc.PeerConnection
	sockets *Sockets
	// checking is closed when ICE has begun, begun when DTLS has.
	checking, begun chan struct{}
}

// Of prepares the end of a peer connection that has just been made, on these
// sockets alone. It takes the state handlers of its ICE and DTLS transports.
func Of(pc *webrtc.PeerConnection, s *Sockets) *Ending {
	e := &Ending{pc: pc, sockets: s, checking: make(chan struct{}), begun: make(chan struct{})}
	var check, begin sync.Once
	dtls := pc.SCTP().Transport()
	dtls.OnStateChange(func(state webrtc.DTLSTransportState) {
		if state == webrtc.DTLSTransportStateConnecting {
			begin.Do(func() { close(e.begun) })
		}
	})
	dtls.ICETransport().OnConnectionStateChange(func(webrtc.ICETransportState) {
		check.Do(func() { close(e.checking) })
	})
	return e
}

// Close closes the peer connection. Nobody may negotiate meanwhile.
func (e *Ending) Close() error {
	if e.pc.CurrentRemoteDescription() != nil || e.pc.PendingRemoteDescription() != nil {
		e.settle()
	}
	return e.pc.Close()
}

// settle waits until ICE has begun and finds no path any more, or DTLS has begun.
func (e *Ending) settle() {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-e.checking:
	case <-timer.C:
		return // asking for the pair would race with the beginning
	}
	e.sockets.close()
	if pair, err := e.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair(); err != nil || pair == nil {
		return
	}
	select {
	case <-e.begun:
	case <-timer.C:
	}
}
