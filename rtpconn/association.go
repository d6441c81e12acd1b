package rtpconn

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"galene/rtpconn/keys"
	"galene/rtpconn/mux"
	"galene/rtpconn/sdpedit"

	"github.com/pion/dtls/v2"
	"github.com/pion/dtls/v2/pkg/crypto/fingerprint"
)

const (
	dtlsRetransmission = 250 * time.Millisecond
	// handshakePatience is how long a handshake may take.
	handshakePatience = 30 * time.Second
)

var errFingerprint = errors.New("the certificate is not the one whose fingerprint was described")

// association is the DTLS of one connection (RFC 5764). It is not the WebRTC
// library's: that would keep it, and SRTP sessions that never see a packet, for
// as long as the connection lives.
//
// All that it is for is the keys. Once the peer has sent something that is
// protected by them it has the end of the handshake, which nobody will ask for
// again, and the DTLS connection is let go: seven goroutines less for each viewer
// and a third less memory.
type association struct {
	log         *slog.Logger
	handshake   *keys.Handshake
	certificate tls.Certificate
	// proved is closed when the peer has proved that it has the keys.
	proved <-chan struct{}
	// secured is called when there are keys, broken when there will be none.
	secured func()
	broken  func(what string)

	// ending is done when the association is to end.
	ending context.Context
	cancel context.CancelFunc
	// running is the goroutine that begin starts.
	running sync.WaitGroup
	// mu guards what follows, and against beginning while ending.
	mu   sync.Mutex
	peer sdpedit.DTLS
	// conn is nil once the DTLS connection has been let go.
	conn *mux.DTLSConn
	// farewell is how the peer is to be told of the end, once the DTLS connection
	// has been let go.
	farewell []byte
}

// describe says what the peer's description says of DTLS. It changes nothing once
// the handshake has begun.
func (a *association) describe(sdp string) {
	peer := sdpedit.ReadDTLS(sdp)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.peer = peer
}

// begin begins the handshake; the peer has been described, and ICE has found a
// path. To be called once.
func (a *association) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ending.Err() != nil {
		return
	}
	conn, peer := a.conn, a.peer
	a.running.Go(func() { a.run(conn, peer) })
}

// end ends the association, tells the peer so, and waits. If the DTLS connection
// has been let go before, what tells the peer is returned.
func (a *association) end() (farewell []byte) {
	a.mu.Lock()
	a.cancel()
	a.mu.Unlock()
	a.running.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.conn != nil {
		_ = a.conn.Close() // never fails
		a.conn = nil
	}
	farewell, a.farewell = a.farewell, nil
	return farewell
}

// run conducts the handshake and waits for the end.
func (a *association) run(conn *mux.DTLSConn, peer sdpedit.DTLS) {
	session, err := a.shakeHands(conn, peer)
	if err != nil {
		if a.ending.Err() == nil {
			a.log.Debug("DTLS failed", "error", err)
			a.broken("DTLS handshake")
		}
		return
	}
	a.secured()
	select {
	case <-a.ending.Done():
		conn.Part()
	case <-a.proved:
		conn.Hold()
	}
	if err := session.Close(); err != nil {
		a.log.Debug("DTLS closed", "error", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.farewell, a.conn = conn.Held(), nil
}

// shakeHands conducts the handshake and compares the fingerprint.
func (a *association) shakeHands(conn *mux.DTLSConn, peer sdpedit.DTLS) (*dtls.Conn, error) {
	hash, err := fingerprint.HashFromString(peer.Hash)
	if err != nil {
		return nil, fmt.Errorf("fingerprint by %q: %w", peer.Hash, err)
	}
	known := false
	config := &dtls.Config{
		Certificates:           []tls.Certificate{a.certificate},
		SRTPProtectionProfiles: a.handshake.Profiles(),
		KeyLogWriter:           a.handshake,
		LoggerFactory:          pionLog{log: a.log},
		FlightInterval:         dtlsRetransmission,
		// The first flight is only passed on from addresses that have proved
		// themselves by ICE, so there is nobody to amplify against.
		InsecureSkipVerifyHello: true,
		// Certificates are self-signed and known by their fingerprints (RFC 8122,
		// section 6.2).
		ClientAuth:         dtls.RequireAnyClientCert,
		InsecureSkipVerify: true,
		VerifyPeerCertificate: func(certificates [][]byte, _ [][]*x509.Certificate) error {
			if len(certificates) == 0 {
				return errFingerprint
			}
			actual, err := fingerprint.Fingerprint(&x509.Certificate{Raw: certificates[0]}, hash)
			if err != nil {
				return err
			}
			if !strings.EqualFold(actual, peer.Fingerprint) {
				return errFingerprint
			}
			known = true
			return nil
		},
	}
	ctx, cancel := context.WithTimeout(a.ending, handshakePatience)
	defer cancel()
	role := dtls.ServerWithContext
	if peer.Passive {
		role = dtls.ClientWithContext
	}
	session, err := role(ctx, conn, config)
	if err != nil {
		return nil, err
	}
	if !known {
		_ = session.Close()
		return nil, errFingerprint
	}
	return session, nil
}
