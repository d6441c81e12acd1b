package srtp

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	pionsrtp "github.com/pion/srtp/v2"

	"galene/group/leaktest"
)

// suites are the profiles that connections use, with a master key and salt.
var suites = map[string]struct {
	profile   pionsrtp.ProtectionProfile
	key, salt []byte
}{
	"GCM": {pionsrtp.ProtectionProfileAeadAes128Gcm, bytes.Repeat([]byte{1}, 16), bytes.Repeat([]byte{2}, 12)},
	"CM":  {pionsrtp.ProtectionProfileAes128CmHmacSha1_80, bytes.Repeat([]byte{3}, 16), bytes.Repeat([]byte{4}, 14)},
}

func eachSuite(t *testing.T, f func(t *testing.T, o *Opener, s *Sealer, oracle func() *pionsrtp.Context)) {
	for name, c := range suites {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, err := NewOpener(c.profile, c.key, c.salt)
			if err != nil {
				t.Fatal(err)
			}
			s, err := NewSealer(c.profile, c.key, c.salt)
			if err != nil {
				t.Fatal(err)
			}
			f(t, o, s, func() *pionsrtp.Context {
				x, err := pionsrtp.CreateContext(c.key, c.salt, c.profile)
				if err != nil {
					t.Fatal(err)
				}
				return x
			})
		})
	}
}

func packet(t testing.TB, ssrc uint32, sequence uint16) []byte {
	t.Helper()
	p := rtp.Packet{
		Header:  rtp.Header{Version: 2, PayloadType: 96, SSRC: ssrc, SequenceNumber: sequence, Timestamp: uint32(sequence) * 30, CSRC: []uint32{7}},
		Payload: bytes.Repeat([]byte{byte(sequence)}, int(sequence)%1200),
	}
	raw, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func report(t testing.TB, ssrc uint32, n uint8) []byte {
	t.Helper()
	raw, err := rtcp.Marshal([]rtcp.Packet{
		&rtcp.ReceiverReport{SSRC: ssrc, Reports: []rtcp.ReceptionReport{{SSRC: 5, FractionLost: n}}},
		&rtcp.PictureLossIndication{SenderSSRC: ssrc, MediaSSRC: 5},
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func seal(t testing.TB, f func([]byte, int) (int, error), plain []byte) []byte {
	t.Helper()
	buf := make([]byte, len(plain)+Overhead)
	copy(buf, plain)
	n, err := f(buf, len(plain))
	if err != nil {
		t.Fatal(err)
	}
	return buf[:n]
}

func TestRTPAgreesWithPionOverARollover(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, oracle func() *pionsrtp.Context) {
		sender, receiver := oracle(), oracle()
		// Three roll-overs, from a start just before the first.
		for i, step := 0, uint16(0); i < 3000; i++ {
			step += 65
			sequence := 65530 + step
			plain := packet(t, 9, sequence)

			theirs, err := sender.EncryptRTP(nil, plain, nil)
			if err != nil {
				t.Fatal(err)
			}
			ours := seal(t, s.RTP, plain)
			if !bytes.Equal(ours, theirs) {
				t.Fatalf("packet %d (%d): sealed otherwise than pion does", i, sequence)
			}
			if got, err := receiver.DecryptRTP(nil, ours, nil); err != nil || !bytes.Equal(got, plain) {
				t.Fatalf("packet %d: pion cannot open: %v", i, err)
			}
			if got, err := o.RTP(theirs); err != nil || !bytes.Equal(got, plain) || &got[0] != &theirs[0] {
				t.Fatalf("packet %d: %v", i, err)
			}
		}
	})
}

// Who has a picture sent, and taken away, time and again has had many sources, each of
// which goes on where it was; the one that is in use does not take the longer.
func TestSourcesOfLongAgoGoOn(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, _ *Opener, s *Sealer, oracle func() *pionsrtp.Context) {
		sender := oracle()
		const many = 200
		check := func(ssrc uint32, sequence uint16) {
			t.Helper()
			plain := packet(t, ssrc, sequence)
			theirs, err := sender.EncryptRTP(nil, plain, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(seal(t, s.RTP, plain), theirs) {
				t.Fatalf("packet %d of source %d: sealed otherwise than pion does", sequence, ssrc)
			}
		}
		for round := range uint16(6) {
			for ssrc := range uint32(many) {
				check(ssrc, 40_000+round*16_000) // which rolls over
			}
		}
		for i := range uint16(10) {
			for ssrc := uint32(many - 3); ssrc < many; ssrc++ {
				check(ssrc, 60_000+i)
			}
		}
		for ssrc := uint32(many - 3); ssrc < many; ssrc++ {
			if i := slices.IndexFunc(s.sources, func(o sent) bool { return o.ssrc == ssrc }); i > nearSources {
				t.Errorf("source %d is at place %d", ssrc, i)
			}
		}
	})
}

func TestRTCPAgreesWithPion(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, oracle func() *pionsrtp.Context) {
		sender, receiver := oracle(), oracle()
		for i := range 300 {
			plain := report(t, uint32(i%3), byte(i))
			theirs, err := sender.EncryptRTCP(nil, plain, nil)
			if err != nil {
				t.Fatal(err)
			}
			ours := seal(t, s.RTCP, plain)
			if !bytes.Equal(ours, theirs) {
				t.Fatalf("report %d: sealed otherwise than pion does", i)
			}
			if got, err := receiver.DecryptRTCP(nil, ours, nil); err != nil || !bytes.Equal(got, plain) {
				t.Fatalf("report %d: pion cannot open: %v", i, err)
			}
			if got, err := o.RTCP(theirs); err != nil || !bytes.Equal(got, plain) {
				t.Fatalf("report %d: %v", i, err)
			}
		}
	})
}

func TestSealingAgainGivesTheSameDatagram(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, _ *Opener, s *Sealer, oracle func() *pionsrtp.Context) {
		sender := oracle()
		var sent [][]byte
		for i := range 200 {
			plain := packet(t, 1, uint16(65436+i))
			if _, err := sender.EncryptRTP(nil, plain, nil); err != nil {
				t.Fatal(err)
			}
			sent = append(sent, seal(t, s.RTP, plain))
		}
		for i := range sent {
			if !bytes.Equal(sent[i], seal(t, s.RTP, packet(t, 1, uint16(65436+i)))) {
				t.Fatalf("number %d differs", uint16(65436+i))
			}
		}
		// And the counter has not moved by that.
		next := seal(t, s.RTP, packet(t, 1, 100))
		if bytes.Equal(next, sent[0]) {
			t.Error("same datagram for another number")
		}
		// Nor by one of long ago, after which the numbers go on as they would have.
		for _, n := range []uint16{30_000, 60_000, 28_000, 61_000} {
			plain := packet(t, 1, n)
			theirs, err := sender.EncryptRTP(nil, plain, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(seal(t, s.RTP, plain), theirs) {
				t.Errorf("number %d differs from what pion makes of it", n)
			}
		}
	})
}

func TestNumbersBeforeTheFirstCannotBeSealed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		for first := range uint16(4) {
			ssrc := 1 + uint32(first)
			if _, err := o.RTP(seal(t, s.RTP, packet(t, ssrc, first))); err != nil {
				t.Fatal(err)
			}
			p := packet(t, ssrc, 65534)
			if _, err := s.RTP(append(p, make([]byte, Overhead)...), len(p)); !errors.Is(err, errBeforeFirst) {
				t.Errorf("first number %d: %v", first, err)
			}
			if _, err := o.RTP(seal(t, s.RTP, packet(t, ssrc, first+1))); err != nil {
				t.Errorf("first number %d, the next one: %v", first, err)
			}
		}
	})
}

func TestFirstPacketHeardAfterARollover(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		seal(t, s.RTP, packet(t, 1, 65535)) // lost
		zero := seal(t, s.RTP, packet(t, 1, 0))
		for i := 1; i < 70000; i += 1000 {
			plain := packet(t, 1, uint16(i))
			if got, err := o.RTP(seal(t, s.RTP, plain)); err != nil || !bytes.Equal(got, plain) {
				t.Fatalf("number %d: %v", i, err)
			}
			if i == 1 {
				if _, err := o.RTP(bytes.Clone(zero)); err != nil {
					t.Fatalf("the one before: %v", err)
				}
			}
		}
	})
}

// A source may be heard for the first time some packets after its numbers came round.
func TestFirstPacketHeardIsOfTheFirstRoundOrTheSecond(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		for ssrc, first := range []uint16{0, 1, maxLateStart - 1, maxLateStart} {
			if _, err := o.RTP(seal(t, s.RTP, packet(t, uint32(ssrc), first))); err != nil {
				t.Errorf("number %d of the first round: %v", first, err)
			}
			other := uint32(100 + ssrc)
			for _, before := range []uint16{40_000, 65_000} {
				seal(t, s.RTP, packet(t, other, before)) // lost
			}
			_, err := o.RTP(seal(t, s.RTP, packet(t, other, first)))
			if want := first < maxLateStart; (err == nil) != want {
				t.Errorf("number %d of the second round: %v", first, err)
			}
		}
		long := make([]byte, scratchSize+1)
		copy(long, packet(t, 200, 5))
		if _, err := o.RTP(long); !errors.Is(err, errTooLong) {
			t.Errorf("too long to be tried: %v", err)
		}
		if _, err := o.RTP(long[:scratchSize]); err == nil || errors.Is(err, errTooLong) {
			t.Errorf("as long as can be tried, and forged: %v", err)
		}
	})
}

// No number is used twice with one key: when they are used up, nothing is sent.
func TestKeysAreUsedUp(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, _ *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		seal(t, s.RTP, packet(t, 1, 65_000))
		seal(t, s.RTCP, report(t, 1, 0))
		s.sources[0].highest = endOfIndices - 2
		s.sources[0].reports = endOfRTCPIndices - 2
		seal(t, s.RTP, packet(t, 1, 65_535))
		seal(t, s.RTCP, report(t, 1, 0))
		p, r := packet(t, 1, 0), report(t, 1, 0)
		for range 2 {
			if _, err := s.RTP(append(p, make([]byte, Overhead)...), len(p)); !errors.Is(err, errUsedUp) {
				t.Errorf("RTP: %v", err)
			}
			if _, err := s.RTCP(append(r, make([]byte, Overhead)...), len(r)); !errors.Is(err, errUsedUp) {
				t.Errorf("RTCP: %v", err)
			}
		}
	})
}

// Reports that are only authenticated have not been agreed on.
func TestReportsThatAreNotEncryptedAreRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		r := seal(t, s.RTCP, report(t, 1, 0))
		word := len(r) - rtcpIndexSize
		if _, ok := o.suite.(*counterMode); ok {
			word -= cmTagSize
		}
		r[word] &^= 0x80
		if _, err := o.RTCP(r); !errors.Is(err, errNotEncrypted) {
			t.Errorf("got %v", err)
		}
	})
}

func TestTamperingIsNoticed(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, s *Sealer, _ func() *pionsrtp.Context) {
		first := seal(t, s.RTP, packet(t, 1, 40))
		second := seal(t, s.RTP, packet(t, 1, 41))
		control := seal(t, s.RTCP, report(t, 1, 0))
		try := func(known string) {
			for i := range second {
				p := bytes.Clone(second)
				p[i] ^= 0x04
				if _, err := o.RTP(p); err == nil {
					t.Errorf("%s source: byte %d changed", known, i)
				}
				if _, err := o.RTP(bytes.Clone(second[:i])); err == nil {
					t.Errorf("%s source: cut at %d", known, i)
				}
			}
			for i := range control {
				p := bytes.Clone(control)
				p[i] ^= 0x04
				if _, err := o.RTCP(p); err == nil {
					t.Errorf("%s source: RTCP byte %d changed", known, i)
				}
				if _, err := o.RTCP(bytes.Clone(control[:i])); err == nil {
					t.Errorf("%s source: RTCP cut at %d", known, i)
				}
			}
		}
		try("unknown")
		if _, err := o.RTP(bytes.Clone(first)); err != nil {
			t.Fatal(err)
		}
		try("known")
		if _, err := o.RTP(second); err != nil {
			t.Errorf("the true one afterwards: %v", err)
		}
		if _, err := o.RTCP(control); err != nil {
			t.Errorf("the true report afterwards: %v", err)
		}
	})
}

func TestWrongKeyOpensNothing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	eachSuite(t, func(t *testing.T, o *Opener, _ *Sealer, _ func() *pionsrtp.Context) {
		profile, salt := pionsrtp.ProtectionProfileAeadAes128Gcm, make([]byte, 12)
		if _, ok := o.suite.(*counterMode); ok {
			profile, salt = pionsrtp.ProtectionProfileAes128CmHmacSha1_80, make([]byte, 14)
		}
		other, err := NewSealer(profile, bytes.Repeat([]byte{9}, 16), salt)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.RTP(seal(t, other.RTP, packet(t, 1, 1))); err == nil {
			t.Error("RTP opened")
		}
		if _, err := o.RTCP(seal(t, other.RTCP, report(t, 1, 1))); err == nil {
			t.Error("RTCP opened")
		}
	})
	if _, err := NewOpener(pionsrtp.ProtectionProfileAeadAes128Gcm, make([]byte, 16), make([]byte, 14)); err == nil {
		t.Error("opener with a wrong salt")
	}
	if _, err := NewSealer(pionsrtp.ProtectionProfileAeadAes128Gcm, make([]byte, 1), make([]byte, 12)); err == nil {
		t.Error("sealer with a wrong key")
	}
	if _, err := NewSealer(pionsrtp.ProtectionProfileAeadAes128Gcm, make([]byte, 32), make([]byte, 12)); err == nil {
		t.Error("sealer with a key of another profile")
	}
	if _, err := NewSealer(pionsrtp.ProtectionProfile(0x7777), make([]byte, 16), make([]byte, 14)); err == nil {
		t.Error("sealer of a profile that there is not")
	}
}

// Whatever comes from the network is an error or what pion makes of it.
func FuzzOpen(f *testing.F) {
	leaktest.Check(f)
	s, err := NewSealer(suites["GCM"].profile, suites["GCM"].key, suites["GCM"].salt)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seal(f, s.RTP, packet(f, 1, 100)), false)
	f.Add(seal(f, s.RTCP, report(f, 1, 100)), true)
	f.Add([]byte{0x9F, 96, 0, 1}, false)
	f.Add([]byte{0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xBE, 0xDE, 0xFF, 0xFF}, false)
	f.Add(make([]byte, 29), true)
	f.Fuzz(func(t *testing.T, datagram []byte, control bool) {
		for _, c := range suites {
			o, err := NewOpener(c.profile, c.key, c.salt)
			if err != nil {
				t.Fatal(err)
			}
			x, err := pionsrtp.CreateContext(c.key, c.salt, c.profile)
			if err != nil {
				t.Fatal(err)
			}
			if control {
				want, errPion := x.DecryptRTCP(bytes.Clone(datagram), bytes.Clone(datagram), nil)
				if got, err := o.RTCP(bytes.Clone(datagram)); err == nil && (errPion != nil || !bytes.Equal(got, want)) {
					t.Errorf("opened %x, pion: %v", got, errPion)
				}
				continue
			}
			want, errPion := x.DecryptRTP(nil, datagram, nil)
			if got, err := o.RTP(bytes.Clone(datagram)); err == nil && (errPion != nil || !bytes.Equal(got, want)) {
				t.Errorf("opened %x, pion: %v", got, errPion)
			}
		}
	})
}
