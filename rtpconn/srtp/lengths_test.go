package srtp

import (
	"bytes"
	"errors"
	"testing"

	"github.com/pion/rtp"
	pionsrtp "github.com/pion/srtp/v2"

	"galene/group/leaktest"
)

// The shortest packets that there are: no payload, an extension without elements, a report
// about nobody.
func TestShortestPacketsAgreeWithPion(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, oracle func() *pionsrtp.Context) {
		sender := oracle()
		for _, plain := range [][]byte{
			{0x80, 96, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1},
			{0x90, 96, 0, 10, 0, 0, 0, 0, 0, 0, 0, 1, 0xBE, 0xDE, 0, 0},
		} {
			theirs, err := sender.EncryptRTP(nil, plain, nil)
			if err != nil {
				t.Fatal(err)
			}
			if ours := seal(t, s.RTP, plain); !bytes.Equal(ours, theirs) {
				t.Errorf("%x: sealed otherwise than pion does", plain)
			}
			if got, err := o.RTP(theirs); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%x: %v", plain, err)
			}
		}
		plain := []byte{0x80, 201, 0, 1, 0, 0, 0, 1}
		theirs, err := sender.EncryptRTCP(nil, plain, nil)
		if err != nil {
			t.Fatal(err)
		}
		if ours := seal(t, s.RTCP, plain); !bytes.Equal(ours, theirs) {
			t.Error("report: sealed otherwise than pion does")
		}
		if got, err := o.RTCP(theirs); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("report: %v", err)
		}
	})
}

// Who has the keys may say what he likes in the header that he protects.
func TestHeadersThatReachIntoTheTagAreRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		for n := rtpHeaderSize; n < rtpHeaderSize+4; n++ {
			p := make([]byte, n, n+Overhead)
			copy(p, []byte{0x81, 96, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1}) // one contributing source
			sealed := s.suite.sealRTP(p[:cap(p)], rtpHeaderSize, n, 9)
			if _, err := o.RTP(p[:sealed]); err == nil {
				t.Errorf("a header of 16 bytes in a packet of %d", n)
			}
		}
		for n := range 4 {
			p := append([]byte{0x90, 96, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1}, make([]byte, n)...)
			if _, err := o.RTP(p); !errors.Is(err, errTooShort) {
				t.Errorf("%d bytes of an extension's header: %v", n, err)
			}
		}
	})
}

func TestSealRefusesWhatDoesNotFit(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, _ *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		p, r := packet(t, 1, 100), report(t, 1, 1)
		for name, err := range map[string]error{
			"RTP without room":                     second(s.RTP(p[:len(p):len(p)], len(p))),
			"RTCP without room":                    second(s.RTCP(r[:len(r):len(r)], len(r))),
			"RTP too short":                        second(s.RTP(make([]byte, 100), 11)),
			"RTCP too short":                       second(s.RTCP(make([]byte, 100), 7)),
			"RTP with a header that is longer":     second(s.RTP(append(append([]byte{0x8F}, p[1:20]...), make([]byte, 100)...), 20)),
			"RTP with an extension that is longer": second(s.RTP(append([]byte{0x90, 96, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0xBE, 0xDE, 0, 2, 0, 0}, make([]byte, 100)...), 18)),
		} {
			if err == nil {
				t.Error(name)
			}
		}
	})
}

func TestHeadersWithExtensionsAgreeWithPion(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, oracle func() *pionsrtp.Context) {
		p := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 96, SSRC: 3, SequenceNumber: 700}, Payload: []byte("payload")}
		for id := range uint8(5) {
			if err := p.SetExtension(id+1, bytes.Repeat([]byte{id}, 1+int(id))); err != nil {
				t.Fatal(err)
			}
		}
		plain, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := oracle().EncryptRTP(nil, plain, nil)
		if err != nil {
			t.Fatal(err)
		}
		ours := seal(t, s.RTP, plain)
		if !bytes.Equal(ours, theirs) {
			t.Error("sealed otherwise than pion does")
		}
		if got, err := o.RTP(ours); err != nil || !bytes.Equal(got, plain) {
			t.Error(err)
		}
	})
}

func second(_ int, err error) error { return err }
