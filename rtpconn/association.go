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

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/elliptic"
	"github.com/pion/dtls/v3/pkg/crypto/fingerprint"
)

const (
	dtlsRetransmission = 250 * time.Millisecond
	// handshakePatience is how long a handshake may take.
	handshakePatience = 30 * time.Second
)

// curves are those by which keys are agreed on, of which every peer has the first (RFC
// 8827, section 6.5). Browsers like Curve25519 better, which takes a third longer here:
// the library multiplies thrice for it.
var curves = []elliptic.Curve{elliptic.P256, elliptic.P384}

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
	certificate tls.Certificate
	// proved is closed when the peer has proved that it has the keys.
	proved <-chan struct{}
	// secured is called with the keys when there are any, which are its own, broken
	// when there will be none.
	secured func(keys.Keys)
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
	if k, err := keys.Export(session, !peer.Passive); err != nil {
		a.broken("SRTP keys: " + err.Error())
	} else {
		a.secured(k)
	}
	select {
	case <-a.ending.Done():
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
	options := []dtls.Option{
		dtls.WithCertificates(a.certificate),
		dtls.WithSRTPProtectionProfiles(keys.Profiles()...),
		dtls.WithEllipticCurves(curves...),
		dtls.WithLoggerFactory(pionLog{log: a.log}),
		// What gets lost on a bad line is sent again soon, the third time, too.
		dtls.WithFlightInterval(dtlsRetransmission),
		dtls.WithDisableRetransmitBackoff(true),
		// Certificates are self-signed and known by their fingerprints (RFC 8122,
		// section 6.2).
		dtls.WithInsecureSkipVerify(true),
		dtls.WithVerifyPeerCertificate(func(certificates [][]byte, _ [][]*x509.Certificate) error {
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
		}),
	}
	session, err := newSession(conn, peer.Passive, options)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(a.ending, handshakePatience)
	defer cancel()
	if err = session.HandshakeContext(ctx); err == nil && !known {
		err = errFingerprint
	}
	if err != nil {
		_ = session.Close() // it is of no use in any case
		return nil, err
	}
	return session, nil
}

// newSession prepares a handshake: where the peer is passive we begin it.
func newSession(conn *mux.DTLSConn, passive bool, options []dtls.Option) (*dtls.Conn, error) {
	if passive {
		client := make([]dtls.ClientOption, 0, len(options))
		for _, o := range options {
			client = append(client, o)
		}
		return dtls.ClientWithOptions(conn, conn.RemoteAddr(), client...)
	}
	server := []dtls.ServerOption{
		// The first flight is only passed on from addresses that have proved
		// themselves by ICE, so there is nobody to amplify against.
		dtls.WithInsecureSkipVerifyHello(true),
		dtls.WithClientAuth(dtls.RequireAnyClientCert),
	}
	for _, o := range options {
		server = append(server, o)
	}
	return dtls.ServerWithOptions(conn, conn.RemoteAddr(), server...)
}
