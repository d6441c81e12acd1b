package keys

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
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

// options are those of an end with these profiles, if any.
func options(t *testing.T, profiles []dtls.SRTPProtectionProfile) []dtls.Option {
	o := []dtls.Option{dtls.WithCertificates(certificate(t)), dtls.WithInsecureSkipVerify(true)}
	if len(profiles) > 0 {
		o = append(o, dtls.WithSRTPProtectionProfiles(profiles...))
	}
	return o
}

// ends returns a client and a server, which have not shaken hands yet.
func ends(t *testing.T, clients, servers []dtls.SRTPProtectionProfile) (client, server *dtls.Conn) {
	t.Helper()
	var sockets [2]*net.UDPConn
	for i := range sockets {
		var err error
		if sockets[i], err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
			t.Fatal(err)
		}
	}
	var of []dtls.ClientOption
	for _, o := range options(t, clients) {
		of = append(of, o)
	}
	client, err := dtls.ClientWithOptions(sockets[0], sockets[1].LocalAddr(), of...)
	if err != nil {
		t.Fatal(err)
	}
	var its []dtls.ServerOption
	for _, o := range options(t, servers) {
		its = append(its, o)
	}
	server, err = dtls.ServerWithOptions(sockets[1], sockets[0].LocalAddr(), its...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Close()
		_ = server.Close()
	})
	return client, server
}

// shakeHands has both ends do so.
func shakeHands(t *testing.T, client, server *dtls.Conn) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- client.Handshake() }()
	if err := errors.Join(server.Handshake(), <-done); err != nil {
		t.Fatal(err)
	}
}

func TestBothEndsHaveTheKeysThatPionDerives(t *testing.T) {
	leaktest.Check(t)
	for name, test := range map[string]struct {
		theirs     []dtls.SRTPProtectionProfile
		weAreThere bool // at the client's end
		want       srtp.ProtectionProfile
	}{
		"a peer with AES-GCM first":     {[]dtls.SRTPProtectionProfile{gcm, cm}, false, srtp.ProtectionProfileAeadAes128Gcm},
		"a peer with AES-GCM last":      {[]dtls.SRTPProtectionProfile{cm, gcm}, false, srtp.ProtectionProfileAeadAes128Gcm},
		"a peer without AES-GCM":        {[]dtls.SRTPProtectionProfile{cm}, false, srtp.ProtectionProfileAes128CmHmacSha1_80},
		"a passive peer":                {[]dtls.SRTPProtectionProfile{gcm, cm}, true, srtp.ProtectionProfileAeadAes128Gcm},
		"a passive one without AES-GCM": {[]dtls.SRTPProtectionProfile{cm}, true, srtp.ProtectionProfileAes128CmHmacSha1_80},
	} {
		t.Run(name, func(t *testing.T) {
			leaktest.Check(t)
			clients, servers := test.theirs, Profiles()
			if test.weAreThere {
				clients, servers = servers, clients
			}
			client, server := ends(t, clients, servers)
			shakeHands(t, client, server)
			ours, err := Export(server, true)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := Export(client, false)
			if err != nil {
				t.Fatal(err)
			}
			state, _ := server.ConnectionState()
			want := srtp.Config{Profile: test.want}
			if err := want.ExtractSessionKeysFromDTLS(&state, false); err != nil {
				t.Fatal(err)
			}
			for _, got := range []Keys{ours, theirs} {
				if got.Profile != test.want {
					t.Errorf("profile %v, want %v", got.Profile, test.want)
				}
			}
			localKey, localSalt := ours.Local()
			remoteKey, remoteSalt := ours.Remote()
			check := func(what string, got []byte, all ...[]byte) {
				for _, want := range all {
					if len(got) == 0 || !bytes.Equal(got, want) {
						t.Errorf("%s %x, want %x", what, got, want)
					}
				}
			}
			peersRemoteKey, peersRemoteSalt := theirs.Remote()
			peersLocalKey, peersLocalSalt := theirs.Local()
			check("our key", localKey, want.Keys.LocalMasterKey, peersRemoteKey)
			check("our salt", localSalt, want.Keys.LocalMasterSalt, peersRemoteSalt)
			check("the peer's key", remoteKey, want.Keys.RemoteMasterKey, peersLocalKey)
			check("the peer's salt", remoteSalt, want.Keys.RemoteMasterSalt, peersLocalSalt)
			ours.Erase()
			check("an erased key", localKey, make([]byte, len(localKey)))
			check("an erased salt", remoteSalt, make([]byte, len(remoteSalt)))
		})
	}
}

func TestThereAreNoKeys(t *testing.T) {
	leaktest.Check(t)
	client, server := ends(t, nil, nil)
	if _, err := Export(server, true); !errors.Is(err, errNoHandshake) {
		t.Errorf("before the handshake: %v", err)
	}
	shakeHands(t, client, server)
	if _, err := Export(server, true); !errors.Is(err, errNoProfile) {
		t.Errorf("without a profile: %v", err)
	}
}
