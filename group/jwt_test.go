package group

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"galene/group/leaktest"
)

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
