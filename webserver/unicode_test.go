package webserver_test

import (
	"net/url"
	"testing"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

// TestNamesAreComparedByteByByte has two groups, and in each two users, whose
// names look the same: composed as keyboards do it, and decomposed.
func TestNamesAreComparedByteByByte(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const composed, decomposed = "caf\u00e9", "cafe\u0301"
	s := newAPISite(t)
	for _, name := range []string{composed, decomposed} {
		s.expect(201, "", call{method: "PUT", path: ".groups/" + name, header: []string{"If-None-Match", "*"}, body: `{"displayName":"` + url.PathEscape(name) + `"}`})
	}
	for _, name := range []string{composed, decomposed} {
		s.expect(200, `{"displayName":"`+url.PathEscape(name)+`"}`, call{method: "GET", path: ".groups/" + name})
		s.expect(200, "*", call{method: "GET", path: "~/group/" + name + "/", user: "-"})
	}
	user := func(name, password string) {
		t.Helper()
		path := ".groups/" + composed + "/.users/" + name
		s.expect(201, "", call{method: "PUT", path: path, header: []string{"If-None-Match", "*"}, body: `{"permissions":"present"}`})
		s.expect(204, "", call{method: "PUT", path: path + "/.password", body: `"` + password + `"`})
	}
	user(composed, "one")
	user(decomposed, "two")
	for _, tt := range []struct{ group, username, password, kind string }{
		{composed, composed, "one", "join"},
		{composed, decomposed, "two", "join"},
		{composed, composed, "two", "fail"},
		{composed, decomposed, "one", "fail"},
		{decomposed, composed, "one", "fail"},
	} {
		c := wstest.Dial(t, s.URL+"/ws")
		c.Handshake()
		c.Send(wstest.Message{"type": "join", "kind": "join", "group": tt.group, "username": tt.username, "password": tt.password})
		m := c.Expect(wstest.Message{"type": "joined", "group": tt.group, "username": tt.username})
		if m["kind"] != tt.kind {
			t.Errorf("%q as %q with %q: %v", tt.group, tt.username, tt.password, m)
		}
	}
}
