package keys

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/pion/dtls/v2"
	"github.com/pion/srtp/v2"

	"galene/group/leaktest"
)

const (
	gcm = dtls.SRTP_AEAD_AES_128_GCM
	cm  = dtls.SRTP_AES128_CM_HMAC_SHA1_80
)

// certificate is a self-signed one.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// watched is a connection that a Handshake looks over.
type watched struct {
	net.Conn
	h *Handshake
}

func (c watched) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.h.Inbound(p[:n])
	return n, err
}

func (c watched) Write(p []byte) (int, error) {
	c.h.Outbound(p)
	return c.Conn.Write(p)
}

// datagrams connects two UDP sockets.
func datagrams(t *testing.T) (net.Conn, net.Conn) {
	t.Helper()
	listen := func() *net.UDPConn {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	a, b := listen(), listen()
	return peer{a, b.LocalAddr()}, peer{b, a.LocalAddr()}
}

// peer is a socket that talks to one address.
type peer struct {
	*net.UDPConn
	to net.Addr
}

func (p peer) Write(b []byte) (int, error) { return p.WriteTo(b, p.to) }
func (p peer) RemoteAddr() net.Addr        { return p.to }

// shakeHands runs a handshake between us and a peer with its own profiles, and
// returns our end.
func shakeHands(t *testing.T, h *Handshake, server bool, theirs []dtls.SRTPProtectionProfile, more func(*dtls.Config)) *dtls.Conn {
	t.Helper()
	here, there := datagrams(t)
	config := func(profiles []dtls.SRTPProtectionProfile) *dtls.Config {
		c := &dtls.Config{
			Certificates:           []tls.Certificate{certificate(t)},
			InsecureSkipVerify:     true,
			SRTPProtectionProfiles: profiles,
			ClientAuth:             dtls.RequireAnyClientCert,
		}
		more(c)
		return c
	}
	ourConfig, theirConfig := config(h.Profiles()), config(theirs)
	ourConfig.KeyLogWriter = h
	type result struct {
		conn *dtls.Conn
		err  error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		if server {
			r.conn, r.err = dtls.Client(there, theirConfig)
		} else {
			r.conn, r.err = dtls.Server(there, theirConfig)
		}
		done <- r
	}()
	var ours *dtls.Conn
	var err error
	if server {
		ours, err = dtls.Server(watched{here, h}, ourConfig)
	} else {
		ours, err = dtls.Client(watched{here, h}, ourConfig)
	}
	if err != nil {
		t.Fatal(err)
	}
	other := <-done
	if other.err != nil {
		t.Fatal(other.err)
	}
	t.Cleanup(func() { _ = ours.Close(); _ = other.conn.Close() })
	return ours
}

func TestKeysAreThoseOfPion(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	suite := func(id dtls.CipherSuiteID) func(*dtls.Config) {
		return func(c *dtls.Config) { c.CipherSuites = []dtls.CipherSuiteID{id} }
	}
	for name, tt := range map[string]struct {
		server bool
		theirs []dtls.SRTPProtectionProfile
		more   func(*dtls.Config)
		want   dtls.SRTPProtectionProfile
	}{
		"server, GCM":           {true, []dtls.SRTPProtectionProfile{gcm}, nil, gcm},
		"server, CM":            {true, []dtls.SRTPProtectionProfile{cm}, nil, cm},
		"server, CM before GCM": {true, []dtls.SRTPProtectionProfile{cm, gcm}, nil, gcm},
		"server, GCM-256 first": {true, []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_256_GCM, cm, gcm}, nil, gcm},
		"client, GCM":           {false, []dtls.SRTPProtectionProfile{gcm}, nil, gcm},
		"client, CM":            {false, []dtls.SRTPProtectionProfile{cm}, nil, cm},
		"client, CM before GCM": {false, []dtls.SRTPProtectionProfile{cm, gcm}, nil, gcm},
		"small datagrams": {true, []dtls.SRTPProtectionProfile{cm, gcm},
			func(c *dtls.Config) { c.MTU = 100 }, gcm},
		"without HelloVerifyRequest": {true, []dtls.SRTPProtectionProfile{cm, gcm},
			func(c *dtls.Config) { c.InsecureSkipVerifyHello = true }, gcm},
		"SHA-384": {true, []dtls.SRTPProtectionProfile{cm, gcm},
			suite(dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384), gcm},
		"SHA-256": {false, []dtls.SRTPProtectionProfile{cm, gcm},
			suite(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256), gcm},
		"CBC": {true, []dtls.SRTPProtectionProfile{cm},
			suite(dtls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA), cm},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			more := tt.more
			if more == nil {
				more = func(*dtls.Config) {}
			}
			h := NewHandshake()
			conn := shakeHands(t, h, tt.server, tt.theirs, more)
			if got, _ := conn.SelectedSRTPProtectionProfile(); got != tt.want {
				t.Errorf("profile %v, want %v", got, tt.want)
			}
			k, err := h.Keys()
			if err != nil {
				t.Fatal(err)
			}
			if k.Profile != srtp.ProtectionProfile(tt.want) || k.Server != tt.server {
				t.Errorf("profile %v, server %v", k.Profile, k.Server)
			}
			state := conn.ConnectionState()
			theirs := &srtp.Config{Profile: k.Profile}
			if err := theirs.ExtractSessionKeysFromDTLS(&state, !tt.server); err != nil {
				t.Fatal(err)
			}
			localKey, localSalt := k.Local()
			remoteKey, remoteSalt := k.Remote()
			for what, pair := range map[string][2][]byte{
				"local key":   {localKey, theirs.Keys.LocalMasterKey},
				"local salt":  {localSalt, theirs.Keys.LocalMasterSalt},
				"remote key":  {remoteKey, theirs.Keys.RemoteMasterKey},
				"remote salt": {remoteSalt, theirs.Keys.RemoteMasterSalt},
			} {
				if !bytes.Equal(pair[0], pair[1]) {
					t.Errorf("%s: %x, pion has %x", what, pair[0], pair[1])
				}
			}
			h.Erase()
			if _, err := h.Keys(); err == nil {
				t.Error("keys after Erase")
			}
		})
	}
}

func TestNoKeysBeforeTheHandshake(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	h := NewHandshake()
	if _, err := h.Keys(); err == nil {
		t.Error("keys from nothing")
	}
	if _, err := h.Write([]byte("CLIENT_RANDOM " + string(bytes.Repeat([]byte("ab"), 32)) + " 0102\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Keys(); err == nil {
		t.Error("keys without a ServerHello")
	}
}

func TestKeyLogLines(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	random := string(bytes.Repeat([]byte("ab"), 32))
	for line, ok := range map[string]bool{
		"CLIENT_RANDOM " + random + " 0102\n":       true,
		"# a comment\n":                             true,
		"CLIENT_RANDOM " + random[2:] + " 0102\n":   false,
		"CLIENT_RANDOM " + random + " xyz\n":        false,
		"SERVER_HANDSHAKE " + random + " " + random: true,
	} {
		if _, err := NewHandshake().Write([]byte(line)); (err == nil) != ok {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// clientHello is the body of one with the given profiles, and some padding to
// make it long.
func clientHello(padding int, profiles ...uint16) []byte {
	body := append([]byte{0xfe, 0xfd}, make([]byte, 32)...)
	body = append(body, 0, 0, 0, 2, 0xc0, 0x2b, 1, 0)
	extensions := []byte{0, 21, byte(padding >> 8), byte(padding)}
	extensions = append(extensions, make([]byte, padding)...)
	extensions = append(extensions, 0, 14, 0, byte(2*len(profiles)+3), 0, byte(2*len(profiles)))
	for _, p := range profiles {
		extensions = append(extensions, byte(p>>8), byte(p))
	}
	extensions = append(extensions, 0)
	body = append(body, byte(len(extensions)>>8), byte(len(extensions)))
	return append(body, extensions...)
}

// record wraps a fragment of a handshake message in a record.
func record(kind byte, sequence byte, total, offset int, fragment []byte) []byte {
	n := len(fragment)
	p := []byte{contentHandshake, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, byte((n + 12) >> 8), byte(n + 12)}
	p = append(p, kind, byte(total>>16), byte(total>>8), byte(total), 0, sequence,
		byte(offset>>16), byte(offset>>8), byte(offset), byte(n>>16), byte(n>>8), byte(n))
	return append(p, fragment...)
}

func TestGCMIsInsistedOnAtTheFirstClientHelloOnly(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	body := clientHello(1800, 1, 7)
	half := len(body) / 2
	whole := record(typeClientHello, 0, len(body), 0, body)
	first := record(typeClientHello, 0, len(body), 0, body[:half])
	second := record(typeClientHello, 0, len(body), half, body[half:])
	overlapping := record(typeClientHello, 0, len(body), half-50, body[half-50:])
	without := clientHello(0, 1)
	plain := record(typeClientHello, 0, len(without), 0, without)
	encrypted := bytes.Clone(whole)
	encrypted[4] = 1
	none := []dtls.SRTPProtectionProfile{gcm, cm}
	insisted := []dtls.SRTPProtectionProfile{gcm, gcm}
	for name, tt := range map[string]struct {
		in   [][]byte
		want []dtls.SRTPProtectionProfile
	}{
		"whole":                      {[][]byte{whole}, insisted},
		"two datagrams":              {[][]byte{first, second}, insisted},
		"reversed":                   {[][]byte{second, first}, insisted},
		"overlapping, repeated":      {[][]byte{first, first, overlapping}, insisted},
		"two records, one packet":    {[][]byte{append(bytes.Clone(first), second...)}, insisted},
		"half":                       {[][]byte{first}, none},
		"halves of two messages":     {[][]byte{first, record(typeClientHello, 1, len(body), half, body[half:])}, none},
		"not GCM":                    {[][]byte{plain}, none},
		"GCM second time only":       {[][]byte{plain, whole}, none},
		"repeated after HelloVerify": {[][]byte{whole, record(typeClientHello, 1, len(body), 0, body)}, insisted},
		"encrypted":                  {[][]byte{encrypted}, none},
		"garbage before":             {[][]byte{{1, 2, 3}, {}, whole}, insisted},
	} {
		h := NewHandshake()
		profiles := h.Profiles()
		for _, p := range tt.in {
			h.Inbound(p)
		}
		if !slices.Equal(profiles, tt.want) {
			t.Errorf("%s: %v", name, profiles)
		}
	}
}

func TestOurOwnClientHelloSettlesTheProfiles(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	body := clientHello(0, 1, 7)
	h := NewHandshake()
	h.Outbound(record(typeClientHello, 0, len(body), 0, body))
	h.Inbound(record(typeClientHello, 0, len(body), 0, body))
	if h.Profiles()[1] != cm {
		t.Error("profiles changed while we are the client")
	}
}

func TestHugeHelloIsPassedOver(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	h := NewHandshake()
	h.Inbound(record(typeClientHello, 0, maxHello+1, 0, make([]byte, 100)))
	if h.inbound.body != nil {
		t.Error("memory for it was allocated")
	}
}

// Who begins one hello after the other, which takes a few bytes each, takes no more memory
// than for some.
func TestHellosWithoutEndArePassedOver(t *testing.T) {
	leaktest.Check(t)
	var datagram []byte
	for i := range byte(50) {
		datagram = append(datagram, record(typeClientHello, i, maxHello, 0, nil)...)
	}
	h := NewHandshake()
	for range maxBegun {
		h.Inbound(datagram)
	}
	if n := testing.AllocsPerRun(10, func() { h.Inbound(datagram) }); n > 0 {
		t.Errorf("%.0f allocations for one datagram", n)
	}
}

func FuzzHello(f *testing.F) {
	leaktest.Check(f)
	body := clientHello(30, 1, 7)
	f.Add(record(typeClientHello, 0, len(body), 0, body))
	f.Add(append(record(typeClientHello, 0, len(body), 0, body[:40]), record(typeClientHello, 0, len(body), 40, body[40:])...))
	reply := append([]byte{0xfe, 0xfd}, make([]byte, 32)...)
	reply = append(reply, 0, 0xc0, 0x2b, 0, 0, 9, 0, 14, 0, 5, 0, 2, 0, 7, 0)
	f.Add(record(typeServerHello, 1, len(reply), 0, reply))
	f.Add([]byte{contentHandshake, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, p []byte) {
		h := NewHandshake()
		h.Inbound(p)
		h.Outbound(p)
		h.Inbound(p)
		if _, err := h.Write([]byte("CLIENT_RANDOM " + string(bytes.Repeat([]byte("ab"), 32)) + " 0102\n")); err != nil {
			t.Fatal(err)
		}
		if k, err := h.Keys(); err == nil && len(k.ClientKey) == 0 {
			t.Error("keys without bytes")
		}
	})
}
