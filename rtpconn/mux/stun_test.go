package mux

import (
	"encoding/binary"
	"testing"

	"github.com/pion/stun"

	"galene/group/leaktest"
)

// bindingRequest builds a valid request the way a peer does.
func bindingRequest(t testing.TB, username string, extra ...stun.Setter) *stun.Message {
	t.Helper()
	setters := append([]stun.Setter{stun.BindingRequest, stun.TransactionID, stun.NewUsername(username)}, extra...)
	m, err := stun.Build(setters...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func bindingSuccess(t testing.TB, id [12]byte) *stun.Message {
	t.Helper()
	m, err := stun.Build(stun.NewTransactionIDSetter(id), stun.BindingSuccess)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSTUNMessagesAreRead(t *testing.T) {
	leaktest.Check(t)
	useCandidate := stun.RawAttribute{Type: stun.AttrUseCandidate}
	m := bindingRequest(t, "ours:theirs", useCandidate, stun.Fingerprint)
	s, ok := parseSTUN(m.Raw)
	if !ok {
		t.Fatal("a valid request is refused")
	}
	if s.class != classRequest || s.method != methodBinding || s.id != m.TransactionID {
		t.Errorf("class %d, method %d, id %x", s.class, s.method, s.id)
	}
	if string(s.localUfrag()) != "ours" || !s.useCandidate {
		t.Errorf("ufrag %q, nominated %v", s.localUfrag(), s.useCandidate)
	}
	for class, setter := range map[stunClass]stun.Setter{
		classSuccess:    stun.BindingSuccess,
		classError:      stun.BindingError,
		classIndication: stun.NewType(stun.MethodBinding, stun.ClassIndication),
	} {
		m, err := stun.Build(stun.TransactionID, setter)
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := parseSTUN(m.Raw); !ok || s.class != class || s.method != methodBinding {
			t.Errorf("class %d is read as %d, method %d", class, s.class, s.method)
		}
	}
}

func TestBrokenSTUNMessagesAreRefused(t *testing.T) {
	leaktest.Check(t)
	good := bindingRequest(t, "a:b", stun.Fingerprint).Raw
	change := func(f func(d []byte) []byte) []byte { return f(append([]byte(nil), good...)) }
	tests := map[string][]byte{
		"empty":       {},
		"header only": good[:19],
		"truncated":   good[:len(good)-4],
		"trailing":    append(append([]byte(nil), good...), 0, 0, 0, 0),
		"no cookie":   change(func(d []byte) []byte { d[4] = 0; return d }),
		"attribute longer than the message": change(func(d []byte) []byte {
			binary.BigEndian.PutUint16(d[22:], 4000)
			return d
		}),
		"half an attribute's header": change(func(d []byte) []byte {
			binary.BigEndian.PutUint16(d[2:], 2)
			return d[:22]
		}),
		"attribute without its padding": change(func(d []byte) []byte {
			binary.BigEndian.PutUint16(d[2:], 7)
			return d[:27]
		}),
		"another class of datagram": change(func(d []byte) []byte { d[0] = 4; return d }),
		"fingerprint of the wrong size": change(func(d []byte) []byte {
			binary.BigEndian.PutUint16(d[len(d)-6:], 3)
			return d
		}),
	}
	for name, d := range tests {
		if _, ok := parseSTUN(d); ok {
			t.Errorf("%s: accepted", name)
		}
	}
}

// The library reads attributes of one size as if they had it.
func TestAttributesHaveTheirSize(t *testing.T) {
	leaktest.Check(t)
	for kind, right := range map[stun.AttrType]int{
		stun.AttrPriority: 4, stun.AttrFingerprint: 4, stun.AttrICEControlled: 8, stun.AttrICEControlling: 8,
		stun.AttrMessageIntegrity: 20, stun.AttrUseCandidate: 0,
	} {
		for size := range 25 {
			m := bindingRequest(t, "a:b", stun.RawAttribute{Type: kind, Value: make([]byte, size)})
			if _, ok := parseSTUN(m.Raw); ok != (size == right) {
				t.Errorf("%v of %d bytes: %v", kind, size, ok)
			}
		}
	}
}

// What is passed on must be safe for the library, which trusts lengths.
func FuzzSTUN(f *testing.F) {
	leaktest.Check(f)
	f.Add(bindingRequest(f, "ours:theirs", stun.Fingerprint).Raw)
	f.Add(bindingRequest(f, "ours:theirs", stun.NewShortTermIntegrity("pw"), stun.Fingerprint).Raw)
	f.Add(bindingSuccess(f, [12]byte{1}).Raw)
	f.Add([]byte{0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, d []byte) {
		s, ok := parseSTUN(d)
		if !ok {
			return
		}
		_ = s.localUfrag()
		m := &stun.Message{Raw: append([]byte(nil), d...)}
		if err := m.Decode(); err != nil {
			t.Fatalf("the library refuses what we pass on: %v", err)
		}
		_ = stun.Fingerprint.Check(m)
		_ = stun.NewShortTermIntegrity("pw").Check(m)
		var u stun.Username
		_ = u.GetFrom(m)
	})
}
