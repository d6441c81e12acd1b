package token

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// leeway is how far clocks may be apart.
	leeway = 5 * time.Second
	// maxJWT is the longest token that is looked at, in bytes.
	maxJWT = 64 << 10
)

// algorithms are those that there can be keys for.
var algorithms = []string{"HS256", "HS384", "HS512", "ES256", "ES384", "ES512", "RS256", "EdDSA"}

// Verification says for what a JWT is to be valid.
type Verification struct {
	// Keys are those that the group trusts.
	Keys []*Key
	// Group is the name of the group.
	Group string
	// CanonicalHost is the host, with its port, that audiences must name; ""
	// if they may name any.
	CanonicalHost string
	// ProxyURL is the address at which a proxy offers the server, or a part of
	// it: audiences may name its host as well, and begin with its path.
	ProxyURL string
	// Now is the time.
	Now time.Time
}

// Claims are what a JWT says.
type Claims struct {
	// Username is the name that the bearer gets, "" if he may choose one.
	Username string
	// Permissions are those that he gets, unless Set names a set of them.
	Permissions []string
	Set         string
}

// IsJWT tells whether a token is a JWT; every other one is the name of a
// stateful token.
func IsJWT(token string) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > maxJWT {
		return false
	}
	for _, part := range parts[:2] {
		data, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil || !json.Valid(data) || !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
			return false
		}
	}
	return true
}

// Verify tells what a JWT allows. The error says why nothing; it is for the log
// and does not hold the token.
func (v Verification) Verify(token string) (Claims, error) {
	if len(token) > maxJWT {
		return Claims{}, fmt.Errorf("token is longer than %d bytes", maxJWT)
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods(algorithms), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithStrictDecoding(),
		jwt.WithLeeway(leeway), jwt.WithTimeFunc(func() time.Time { return v.Now }),
	)
	var c claims
	if _, err := parser.ParseWithClaims(token, &c, v.candidates); err != nil {
		return Claims{}, err
	}
	if !slices.ContainsFunc(c.Audience, func(a string) bool { return v.matches(a, c.IncludeSubgroups) }) {
		return Claims{}, errors.New("token is for another audience")
	}
	list, set, err := ParsePermissions(c.Permissions)
	if err != nil {
		return Claims{}, err
	}
	return Claims{Username: c.Subject, Permissions: list, Set: set}, nil
}

// candidates returns the keys that may have signed a token. Algorithms are
// compared as strings, and each key has but one: so no token chooses what a key
// is used for.
func (v Verification) candidates(t *jwt.Token) (any, error) {
	// Whoever writes it wants the token refused by who does not know what it
	// names, which is all of it (RFC 7515, section 4.1.11).
	if _, ok := t.Header["crit"]; ok {
		return nil, errors.New("token has critical extensions")
	}
	id := ""
	if value, ok := t.Header["kid"]; ok {
		if id, ok = value.(string); !ok {
			return nil, errors.New("kid is not a string")
		}
	}
	var set jwt.VerificationKeySet
	for _, k := range v.Keys {
		if k.algorithm == t.Method.Alg() && (id == "" || k.id == id) {
			set.Keys = append(set.Keys, k.verifier)
		}
	}
	if len(set.Keys) == 0 {
		return nil, fmt.Errorf("there is no key for alg %q and kid %q", t.Method.Alg(), id)
	}
	return set, nil
}

// matches tells whether an audience is the group: its address or, as 2021 had
// it, its name.
func (v Verification) matches(audience string, includeSubgroups bool) bool {
	// No name of a group has two slashes in a row, or one in front.
	if audience != "" && !strings.HasPrefix(audience, "/") && !strings.Contains(audience, "//") {
		return audience == v.Group || includeSubgroups && strings.HasPrefix(v.Group, audience+"/")
	}
	u, err := url.Parse(audience)
	if err != nil {
		return false
	}
	proxy, err := url.Parse(v.ProxyURL)
	if err != nil {
		proxy = &url.URL{}
	}
	if v.CanonicalHost != "" && !strings.EqualFold(u.Host, v.CanonicalHost) &&
		(proxy.Host == "" || !strings.EqualFold(u.Host, proxy.Host)) {
		return false
	}
	path := u.Path
	if prefix := strings.TrimRight(proxy.Path, "/"); prefix != "" {
		if rest, ok := strings.CutPrefix(path, prefix); ok && strings.HasPrefix(rest, "/") {
			path = rest
		}
	}
	group := "/group/" + v.Group + "/"
	if !includeSubgroups {
		return path == group
	}
	return strings.HasPrefix(path, "/group/") && strings.HasSuffix(path, "/") && strings.HasPrefix(group, path)
}

// claims are the claims that are looked at (RFC 7519, section 4.1, and ours).
type claims struct {
	Subject          string           `json:"sub"`
	Audience         jwt.ClaimStrings `json:"aud"`
	ExpiresAt        date             `json:"exp"`
	NotBefore        date             `json:"nbf"`
	IssuedAt         date             `json:"iat"`
	Permissions      json.RawMessage  `json:"permissions"`
	IncludeSubgroups bool             `json:"include-subgroups"`
}

// date is a NumericDate, nil if there is none. The library would take a text
// that looks like one as well.
type date struct{ *jwt.NumericDate }

func (d *date) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return errors.New("a date is a number")
	}
	return json.Unmarshal(data, &d.NumericDate)
}

func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) { return c.ExpiresAt.NumericDate, nil }
func (c *claims) GetNotBefore() (*jwt.NumericDate, error)      { return c.NotBefore.NumericDate, nil }
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error)       { return c.IssuedAt.NumericDate, nil }
func (c *claims) GetAudience() (jwt.ClaimStrings, error)       { return c.Audience, nil }
func (c *claims) GetIssuer() (string, error)                   { return "", nil }
func (c *claims) GetSubject() (string, error)                  { return c.Subject, nil }
