package group

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/pbkdf2"
)

const (
	// DefaultBcryptCost is that of passwords that are hashed for members: one
	// takes some 20 ms.
	DefaultBcryptCost = 8
	// DefaultPBKDF2Iterations is customary in group files.
	DefaultPBKDF2Iterations = 4096
	// maxBcryptPassword is the longest password that bcrypt takes, in bytes;
	// it would ignore the rest.
	maxBcryptPassword = 72
	// minPBKDF2Key and maxPBKDF2Key bound a derived key, in bytes: a short one
	// would match too much, a long one takes long.
	minPBKDF2Key, maxPBKDF2Key = 16, 1024
	// maxPBKDF2Iterations, to be divided by the blocks of the key, and maxBcryptCost
	// bound what checking a password may take to some seconds.
	maxPBKDF2Iterations, maxBcryptCost = 10_000_000, 16
	pbkdf2KeySize, pbkdf2SaltSize      = 32, 8
	pbkdf2Block                        = sha256.Size
)

// pbkdf2Password is a decoded password of the type pbkdf2.
type pbkdf2Password struct {
	key, salt  []byte
	iterations int
}

func (p Password) pbkdf2() (pbkdf2Password, error) {
	var parameters pbkdf2Password
	switch {
	case p.hash == nil || *p.hash != "sha-256":
		return parameters, errors.New(`the hash of a password of type pbkdf2 must be "sha-256"`)
	case p.key == nil:
		return parameters, errors.New("password of type pbkdf2 has no key")
	case p.iterations == nil || *p.iterations < 1 || *p.iterations > maxPBKDF2Iterations:
		return parameters, fmt.Errorf("the iterations of a password of type pbkdf2 must be between 1 and %d", maxPBKDF2Iterations)
	}
	key, err := hex.DecodeString(*p.key)
	if err != nil {
		return parameters, errors.New("the key of a password of type pbkdf2 is not hexadecimal")
	}
	if len(key) < minPBKDF2Key || len(key) > maxPBKDF2Key {
		return parameters, fmt.Errorf("the key of a password of type pbkdf2 must have between %d and %d bytes", minPBKDF2Key, maxPBKDF2Key)
	}
	if most := maxIterations(len(key)); *p.iterations > most {
		return parameters, fmt.Errorf("the iterations of a password of type pbkdf2 with a key of %d bytes must be at most %d", len(key), most)
	}
	var salt []byte
	if p.salt != nil {
		if salt, err = hex.DecodeString(*p.salt); err != nil {
			return parameters, errors.New("the salt of a password of type pbkdf2 is not hexadecimal")
		}
	}
	return pbkdf2Password{key, salt, *p.iterations}, nil
}

// blocks returns how many times a key of so many bytes takes all iterations (RFC
// 8018, section 5.2).
func blocks(keySize int) int { return (keySize + pbkdf2Block - 1) / pbkdf2Block }

// maxIterations returns how many iterations there may be for a key of so many bytes.
func maxIterations(keySize int) int { return maxPBKDF2Iterations / blocks(keySize) }

func (p Password) bcrypt() (cost int, err error) {
	if p.key == nil {
		return 0, errors.New("password of type bcrypt has no key")
	}
	cost, err = bcrypt.Cost([]byte(*p.key))
	if err != nil {
		return 0, errors.New("the key of a password of type bcrypt is not a bcrypt hash")
	}
	if cost > maxBcryptCost {
		return 0, fmt.Errorf("the cost of a password of type bcrypt must be at most %d", maxBcryptCost)
	}
	return cost, nil
}

// Match tells whether the password is right, in a time that does not depend on
// how much of it is. An error says that nobody can log in this way.
func (p Password) Match(password string) (bool, error) {
	if err := p.Check(); err != nil {
		return false, err
	}
	switch p.kind {
	case passwordWildcard:
		return true, nil
	case passwordPlain:
		// Hashing first hides the length as well.
		want, got := sha256.Sum256([]byte(*p.key)), sha256.Sum256([]byte(password))
		return subtle.ConstantTimeCompare(want[:], got[:]) == 1, nil
	case passwordPBKDF2:
		parameters, _ := p.pbkdf2()
		got := pbkdf2.Key([]byte(password), parameters.salt, parameters.iterations, len(parameters.key), sha256.New)
		return subtle.ConstantTimeCompare(parameters.key, got) == 1, nil
	case passwordBcrypt:
		err := bcrypt.CompareHashAndPassword([]byte(*p.key), []byte(password))
		if err != nil && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			return false, fmt.Errorf("check a password of type bcrypt: %w", err)
		}
		return err == nil, nil
	}
	return false, nil
}

// cost estimates how long Match takes; 0 is what needs no hash on purpose.
func (p Password) cost() time.Duration {
	switch p.kind {
	case passwordPBKDF2:
		if parameters, err := p.pbkdf2(); err == nil {
			return time.Duration(parameters.iterations*blocks(len(parameters.key))) * 400 * time.Nanosecond
		}
	case passwordBcrypt:
		if cost, err := p.bcrypt(); err == nil {
			return 60 * time.Microsecond << cost
		}
	}
	return 0
}

// pace is how fast this machine hashes, compared with the estimate of cost.
type pace struct{ perMille atomic.Int64 }

// learn takes note of how long something took.
func (p *pace) learn(cost, took time.Duration) {
	if cost > 0 {
		p.perMille.Store(1000 * int64(took) / int64(cost))
	}
}

// of returns how long something takes that has this cost.
func (p *pace) of(cost time.Duration) time.Duration {
	if n := p.perMille.Load(); n > 0 {
		return cost * time.Duration(n) / 1000
	}
	return cost
}

// decoy returns a password that takes as long to check as p does. What the check
// says means nothing.
func (p Password) decoy() Password {
	switch p.kind {
	case passwordPBKDF2:
		return p
	case passwordBcrypt:
		if cost, err := p.bcrypt(); err == nil {
			key := fmt.Sprintf("$2a$%02d$%s", cost, "......................0123456789012345678901234567890")
			return Password{kind: passwordBcrypt, key: &key}
		}
	}
	return Password{}
}

// HashPassword returns a password as it is kept for members: hashed with bcrypt
// at DefaultBcryptCost. The error is an *InputError.
func HashPassword(password string) (Password, error) {
	return HashBcrypt(password, DefaultBcryptCost)
}

// HashBcrypt returns a password hashed with bcrypt; cost is from 4 to 16, each
// step doubles the work. The error is an *InputError.
func HashBcrypt(password string, cost int) (Password, error) {
	if cost < bcrypt.MinCost || cost > maxBcryptCost {
		return Password{}, &InputError{fmt.Errorf("the cost of bcrypt must be between %d and %d", bcrypt.MinCost, maxBcryptCost)}
	}
	if len(password) > maxBcryptPassword {
		return Password{}, &InputError{fmt.Errorf("a password can have at most %d bytes, this one has %d", maxBcryptPassword, len(password))}
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	if err != nil {
		return Password{}, &InputError{err}
	}
	key, kind := string(hash), passwordBcrypt
	return Password{kind: kind, written: &kind, key: &key}, nil
}

// PBKDF2Parameters say how to hash with PBKDF2-HMAC-SHA-256. What is 0 has a
// default.
type PBKDF2Parameters struct {
	// Iterations is from 1 to 10,000,000, divided by the number of blocks of 32 bytes
	// that the key has; 4,096 by default.
	Iterations int
	// KeySize and SaltSize are lengths in bytes: of the derived key from 16 to
	// 1,024, 32 by default; of the salt from 1 to 1,024, 8 by default.
	KeySize, SaltSize int
}

// HashPBKDF2 returns a password hashed with PBKDF2-HMAC-SHA-256. The error is
// an *InputError.
func HashPBKDF2(password string, p PBKDF2Parameters) (Password, error) {
	p.Iterations = cmp.Or(p.Iterations, DefaultPBKDF2Iterations)
	p.KeySize, p.SaltSize = cmp.Or(p.KeySize, pbkdf2KeySize), cmp.Or(p.SaltSize, pbkdf2SaltSize)
	switch {
	case p.Iterations < 1 || p.Iterations > maxPBKDF2Iterations:
		return Password{}, &InputError{fmt.Errorf("the iterations of PBKDF2 must be between 1 and %d", maxPBKDF2Iterations)}
	case p.KeySize < minPBKDF2Key || p.KeySize > maxPBKDF2Key:
		return Password{}, &InputError{fmt.Errorf("the key of PBKDF2 must have between %d and %d bytes", minPBKDF2Key, maxPBKDF2Key)}
	case p.Iterations > maxIterations(p.KeySize):
		return Password{}, &InputError{fmt.Errorf("the iterations of PBKDF2 with a key of %d bytes must be at most %d", p.KeySize, maxIterations(p.KeySize))}
	case p.SaltSize < 1 || p.SaltSize > maxPBKDF2Key:
		return Password{}, &InputError{fmt.Errorf("the salt of PBKDF2 must have between 1 and %d bytes", maxPBKDF2Key)}
	}
	salt := make([]byte, p.SaltSize)
	rand.Read(salt)
	derived := pbkdf2.Key([]byte(password), salt, p.Iterations, p.KeySize, sha256.New)
	key, saltText, hash, kind := hex.EncodeToString(derived), hex.EncodeToString(salt), "sha-256", passwordPBKDF2
	return Password{kind: kind, written: &kind, hash: &hash, key: &key, salt: &saltText, iterations: &p.Iterations}, nil
}
