package group

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/token"
)

// Whoever guesses from all the addresses of his network is one: for members and for
// administrators, each of whose refusals counts once, in however many places he was looked
// for.
func TestRefusalsOfOneNetworkAreCountedTogether(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	// Nobody waits for the answers.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, logIn := range map[string]func(*Registry, Credentials) error{
		"member": func(r *Registry, c Credentials) error {
			_, err := r.Authenticate(ctx, "g", c)
			return err
		},
		"administrator": func(r *Registry, c Credentials) error {
			_, err := r.AuthenticateAdmin(ctx, AdminScope{Group: "g", User: "ada"}, c)
			return err
		},
	} {
		for addresses, together := range map[string]bool{"2001:db8::%x": true, "2001:db8:0:%x::1": false} {
			r := quietRegistry(MemoryStore{"g": description(t, `{"users": {"ada": {"password": "lace", "permissions": "op"}}}`)}, nil)
			username := "ada"
			var last netip.Addr
			const attempts = freeFailures + 10
			for i := range attempts {
				last = netip.MustParseAddr(fmt.Sprintf(addresses, i+1))
				if err := logIn(r, Credentials{Username: &username, Password: "wrong", Address: last}); !errors.Is(err, ErrNotAuthorised) {
					t.Fatalf("%s: %v", name, err)
				}
			}
			if delay := r.failures.add(AddressKey(last), username, time.Now()); delay > refusalDelay != together {
				t.Errorf("%s: %d times wrong from %s: the next answer comes after %v", name, attempts, addresses, delay)
			}
			if n := r.counters.refused.Load(); n != attempts {
				t.Errorf("%s: %d refusals are counted for %d", name, n, attempts)
			}
		}
	}
}

// brokenTokens are tokens that cannot be read.
type brokenTokens struct{ token.Store }

var errBroken = errors.New("the disk is broken")

func (brokenTokens) Get(string) (*token.Stateful, string, error) { return nil, "", errBroken }

func TestFaultsOfTheServerAreNoRefusals(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r := quietRegistry(MemoryStore{"g": description(t, `{}`)}, brokenTokens{})
	c := Credentials{Token: "abc"}
	if _, err := r.Authenticate(t.Context(), "g", c); !errors.Is(err, errBroken) {
		t.Errorf("member: %v", err)
	}
	for _, scope := range []AdminScope{{}, {Group: "g"}, {Group: "nowhere"}} {
		if _, err := r.AuthenticateAdmin(t.Context(), scope, c); !errors.Is(err, errBroken) {
			t.Errorf("administrator of %+v: %v", scope, err)
		}
	}
	if n := r.counters.refused.Load(); n != 0 {
		t.Errorf("%d refusals", n)
	}
}

// What a JWT grants stands in it, one by one or as the name of a set; the server's own
// permission nobody has from there.
func TestPermissionsOfJWTs(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
	d := description(t, `{"authKeys": [{"kty":"oct","alg":"HS256","k":"`+secret+`"}], "allow-recording": true, "unrestricted-tokens": true}`)
	r := quietRegistry(MemoryStore{"g": d}, nil)
	key, err := base64.RawURLEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	signed := func(permissions any) string {
		claims, err := json.Marshal(map[string]any{"sub": "bob", "aud": "/group/g/", "exp": time.Now().Add(time.Hour).Unix(), "permissions": permissions})
		if err != nil {
			t.Fatal(err)
		}
		text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(text))
		return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	for _, tt := range []struct {
		permissions any
		want        []string
		err         error
	}{
		{nil, nil, nil},
		{[]string{"present", "system", "fly"}, []string{"present"}, nil},
		{"present", []string{"present", "message"}, nil},
		{"op", []string{"op", "present", "message", "caption", "token"}, nil},
		{"observe", nil, nil},
		{"system", nil, ErrNotAuthorised},
		{"fly", nil, ErrNotAuthorised},
	} {
		m, err := r.Authenticate(t.Context(), "g", Credentials{Token: signed(tt.permissions)})
		if !errors.Is(err, tt.err) || !slices.Equal(m.Permissions, tt.want) || err == nil && m.Username != "bob" {
			t.Errorf("%v: got %+v, %v", tt.permissions, m, err)
		}
	}
}
