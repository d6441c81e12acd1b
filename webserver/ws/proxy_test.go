package ws_test

import (
	"net/http"
	"testing"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

func TestClientsBehindATrustedProxyHaveTheirOwnAddress(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for config, want := range map[string]string{
		`{"trustedProxies": ["127.0.0.1"]}`: "198.51.100.1",
		`{"trustedProxies": ["192.0.2.7"]}`: "127.0.0.1:",
	} {
		s := newOpenServer(t)
		s.write("config", config)
		op := s.join("g", "op", "op")
		guest, response, err := wstest.DialHeader(t, s.URL, http.Header{"X-Forwarded-For": {"203.0.113.9, 198.51.100.1"}})
		if err != nil {
			t.Fatalf("%v, %v", err, response)
		}
		guest.Join("g", "guest", "guest")
		op.Await(message{"type": "user", "kind": "add", "id": guest.ID})
		op.Send(message{"type": "useraction", "kind": "identify", "dest": guest.ID})
		m := op.Await(message{"type": "usermessage", "kind": "userinfo"})
		address, _ := m["value"].(message)["address"].(string)
		if len(address) < len(want) || address[:len(want)] != want {
			t.Errorf("%s: the address is %q, want %q", config, address, want)
		}
	}
}

func TestLoginsOfEveryKindOverTheWebsocket(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newServer(t, map[string]string{"g": `{
		"users": {
			"plain": {"password": {"type": "plain", "key": "topsecret"}, "permissions": "op"},
			"derived": {"permissions": "present", "password": {"type": "pbkdf2", "hash": "sha-256", "iterations": 4096,
				"salt": "92bff2ace56fe38f", "key": "f591c35604e6aef572851d9c3543c812566b032b6dc083c81edd15cc24449913"}},
			"bcrypt": {"permissions": "caption", "password": {"type": "bcrypt", "key": "$2a$04$zzzzzzzzzzzzzzzzzzzzzuzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"}},
			"kiosk": {"permissions": "observe", "password": {"type": "wildcard"}},
			"retired": {"permissions": "op"},
			"none": {"password": {"type": "none"}},
			"": {"password": "nobody", "permissions": ["message"]}
		},
		"wildcard-user": {"password": "open", "permissions": {"present": true}}
	}`})
	for _, tt := range []struct {
		username, password string
		permissions        any
	}{
		{"plain", "topsecret", []string{"op", "present", "message", "caption", "token"}},
		{"derived", "topsecret", []string{"present", "message"}},
		{"kiosk", "whatever", nil},
		{"", "nobody", []string{"message"}},
		{"other", "open", []string{"present", "message"}},
	} {
		c := s.shakeHands()
		c.Send(wstest.JoinMessage("g", tt.username, tt.password))
		c.Expect(message{"type": "joined", "kind": "join", "username": tt.username, "permissions": tt.permissions})
		c.Close()
	}
	for _, wrong := range [][2]string{
		{"plain", "open"}, {"derived", "open"}, {"bcrypt", "open"}, {"retired", ""}, {"retired", "open"}, {"none", ""}, {"", "open"}, {"", ""}, {"other", ""},
	} {
		c := s.shakeHands()
		c.Send(wstest.JoinMessage("g", wrong[0], wrong[1]))
		c.Expect(message{"type": "joined", "kind": "fail", "value": "not authorised", "error": nil, "permissions": nil})
	}
}
