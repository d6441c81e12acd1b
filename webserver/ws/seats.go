package ws

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"sync"
)

// seats finds the seats that can be resumed, by the secrets that their clients
// hold: a handle, which is only good for finding, a dot, and the proof.
type seats struct {
	// mu guards what follows; it is a leaf.
	mu    sync.Mutex
	taken map[string]*seatKey
}

// seatKey is what opens one seat.
type seatKey struct {
	client *Client
	proof  string
	// previous is valid, too, until the client has shown that it knows the
	// current one; "" if it has.
	previous string
}

// proofLength is that of 32 random bytes in base64url.
const proofLength = 43

func newSeats() *seats { return &seats{taken: make(map[string]*seatKey)} }

// add takes a seat in and returns its handle and its first secret.
func (s *seats) add(c *Client) (handle, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	handle = randomText(12)
	key := &seatKey{client: c, proof: randomText(32)}
	s.taken[handle] = key
	return handle, handle + "." + key.proof
}

// renew returns a new secret. The one before stays valid until confirm: the
// answer that holds the new one may be lost.
func (s *seats) renew(handle string) (secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.taken[handle]
	if key == nil {
		return ""
	}
	if key.previous == "" {
		key.previous = key.proof
	}
	key.proof = randomText(32)
	return handle + "." + key.proof
}

// confirm says that the client knows the current secret.
func (s *seats) confirm(handle string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key := s.taken[handle]; key != nil {
		key.previous = ""
	}
}

// find returns the seat that a secret opens, nil if there is none.
func (s *seats) find(secret string) *Client {
	handle, proof, _ := strings.Cut(secret, ".")
	if len(proof) != proofLength {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.taken[handle]
	if key == nil {
		return nil
	}
	current := subtle.ConstantTimeCompare([]byte(proof), []byte(key.proof))
	previous := subtle.ConstantTimeCompare([]byte(proof), []byte(key.previous))
	if current|previous == 0 {
		return nil
	}
	if current == 1 {
		// The client knows it, even if it has not come to saying anything with
		// it: it is what has to stay valid when a new one is made.
		key.previous = ""
	}
	return key.client
}

// remove forgets a seat.
func (s *seats) remove(handle string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.taken, handle)
}

// randomText returns n random bytes in base64url.
func randomText(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
