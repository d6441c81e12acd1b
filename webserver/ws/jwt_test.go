package ws_test

import (
	"testing"

	"galene/group/leaktest"
)

// The tokens expire in 2100. The first is for ada in the group "city" of
// https://meet.example.org:8443, the second, in the form of 2021, for john in
// the group "groupname".
const (
	adaToken  = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEiLCJhdWQiOiJodHRwczovL21lZXQuZXhhbXBsZS5vcmc6ODQ0My9ncm91cC9jaXR5LyIsInBlcm1pc3Npb25zIjpbInByZXNlbnQiLCJtZXNzYWdlIl0sImlhdCI6MTcwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.yOZAKaMim7LONG94Ui-cM6cMT3x0ifFpkjaNtsjEBTw"
	johnToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJqb2huIiwiYXVkIjoiZ3JvdXBuYW1lIiwicGVybWlzc2lvbnMiOnsicHJlc2VudCI6dHJ1ZX0sImlhdCI6MTcwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.Aq2AH3F4qlW6yX4SEkvyKJ85r9_0tS5gZrrJ10ta5As"
	adaKey    = `{"kty":"oct","alg":"HS256","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}`
)

func TestJoinWithTokensOfOtherPrograms(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct {
		name, config, group, file, token string
		// username is what the client calls itself, "-" if nothing.
		username, want string
	}{
		{"first probe", `{}`, "city", `{"authKeys": [` + adaKey + `]}`, adaToken, "-", "ada"},
		{"another name", `{}`, "city", `{"authKeys": [` + adaKey + `], "users": {"ada": {"password": "x"}}}`, adaToken, "eve", "ada"},
		{"canonical host", `{"canonicalHost": "meet.example.org:8443"}`, "city", `{"authKeys": [` + adaKey + `]}`, adaToken, "ada", "ada"},
		{"another host", `{"canonicalHost": "meet.example.org"}`, "city", `{"authKeys": [` + adaKey + `]}`, adaToken, "ada", ""},
		{"proxy", `{"canonicalHost": "x", "proxyURL": "https://meet.example.org:8443/"}`, "city", `{"authKeys": [` + adaKey + `]}`, adaToken, "ada", "ada"},
		{"another group", `{}`, "town", `{"authKeys": [` + adaKey + `]}`, adaToken, "ada", ""},
		{"no key", `{}`, "city", `{"wildcard-user": {"password": {"type": "wildcard"}}}`, adaToken, "ada", ""},
		{"form of 2021", `{}`, "groupname", `{"authServer": "http://localhost:1234", "authKeys": [{"alg": "HS256", "k": "AQIDBA=="}]}`, johnToken, "john", "john"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, map[string]string{tt.group: tt.file})
			s.write("config", tt.config)
			c := s.shakeHands()
			m := message{"type": "join", "kind": "join", "group": tt.group, "token": tt.token, "password": "ignored"}
			if tt.username != "-" {
				m["username"] = tt.username
			}
			c.Send(m)
			if tt.want == "" {
				c.Expect(message{"type": "joined", "kind": "fail", "value": "not authorised", "error": nil})
				return
			}
			c.Expect(message{"type": "joined", "kind": "join", "username": tt.want, "permissions": []string{"present", "message"}})
		})
	}
}
