package group

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"sync"
)

// provenPasswords remembers which passwords have been found to match which
// hashes, so that whoever has logged in once need not wait for his password to
// be hashed again while somebody guesses.
//
// What it keeps is a MAC of hash and password under a key that exists in this
// process only; nothing of it is written or logged. Since the hash is part of
// it, a password that is changed is not known any more. That the MAC is found
// in a map tells nothing about the password: nobody else can compute one that
// begins alike. It forgets those that have not been used for longest.
type provenPasswords struct {
	key [sha256.Size]byte

	// mu guards macs.
	mu   sync.Mutex
	macs recent[[sha256.Size]byte, struct{}]
}

func newProvenPasswords() *provenPasswords {
	p := &provenPasswords{macs: newRecent[[sha256.Size]byte, struct{}](maxRemembered)}
	rand.Read(p.key[:])
	return p
}

// add notes that a password matches a hash.
func (p *provenPasswords) add(hashed Password, password string) {
	mac := p.mac(hashed, password)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.macs.get(mac, func() struct{} { return struct{}{} })
}

// contains tells whether a password is known to match a hash. If it is not, it
// may match all the same.
func (p *provenPasswords) contains(hashed Password, password string) bool {
	mac := p.mac(hashed, password)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.macs.use(mac)
}

func (p *provenPasswords) mac(hashed Password, password string) (sum [sha256.Size]byte) {
	h := hmac.New(sha256.New, p.key[:])
	// Each part with its length, so that no two lists of parts read alike.
	write := func(s string) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(s)))
		h.Write(length[:])
		h.Write([]byte(s))
	}
	write(string(hashed.kind))
	for _, s := range []*string{hashed.hash, hashed.key, hashed.salt} {
		if s != nil {
			write(*s)
		}
	}
	if hashed.iterations != nil {
		write(strconv.Itoa(*hashed.iterations))
	}
	write(password)
	h.Sum(sum[:0])
	return sum
}

// matches is Match where that needs no hash on purpose: false where it does.
func (p *provenPasswords) matches(stored Password, password string) bool {
	if stored.cost() > 0 {
		return p.contains(stored, password)
	}
	right, err := stored.Match(password)
	return err == nil && right
}
