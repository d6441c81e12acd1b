package webserver_test

import (
	"fmt"
	"strings"
	"testing"

	"galene/group/leaktest"
	"galene/webserver/wstest"
)

func TestMembersAreToldOfICEServers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newAPISite(t)
	s.write(s.groups, "g.json", `{"users": {"bob": {"password": "x", "permissions": "op"}}}`)
	join := func() string {
		t.Helper()
		answer := wstest.Dial(t, s.URL+"/ws").Join("g", "bob", "x")
		return fmt.Sprint(answer["rtcConfiguration"])
	}
	if got := join(); strings.Contains(got, "urls") {
		t.Errorf("without a file: %s", got)
	}
	s.write(s.options.DataDirectory, "ice-servers.json", `[{"urls": ["stun:stun.example.org"]},
		{"urls": ["turn:turn.example.org"], "username": "u", "credential": "p"},
		{"urls": ["turn:timed.example.org"], "credential": "s3cr3t", "credentialType": "hmac-sha1"},
		{"urls": ["turn:o.example.org"], "username": "k", "credential": {"accessToken": "y"}, "credentialType": "oauth"}]`)
	got := join()
	for _, part := range []string{
		"map[urls:[stun:stun.example.org]]", "map[credential:p credentialType:password urls:[turn:turn.example.org] username:u]",
		"urls:[turn:timed.example.org]", "map[credential:map[accessToken:y] credentialType:oauth urls:[turn:o.example.org] username:k]",
	} {
		if !strings.Contains(got, part) {
			t.Errorf("no %s in %s", part, got)
		}
	}
	if strings.Contains(got, "s3cr3t") {
		t.Errorf("the secret is told: %s", got)
	}
	s.write(s.groups, "h.json", `{"wildcard-user": {"password": {"type": "wildcard"}, "permissions": "op"}}`)
	token := func(path, permission string) string {
		r := s.expect(201, "", call{method: "POST", path: path, body: `{"permissions":["` + permission + `"],"expires":"2999-01-01T00:00:00Z"}`})
		return "Bearer " + r.Header.Get("Location")
	}
	for _, tt := range []struct {
		path, user string
		relays     bool
	}{
		{"g/.whip", "-", false},
		{"g/.whip", token(".groups/g/.tokens/", "present"), true},
		{"g/.whip", token(".groups/g/.tokens/", "message"), false},
		{"g/.whep", token(".groups/g/.tokens/", "message"), true},
		{"h/.whip", "-", false},
		{"h/.whip", token(".groups/g/.tokens/", "present"), false},
		{"h/.whip", "Bearer unknown", false},
	} {
		r := s.expect(204, "", call{method: "OPTIONS", path: "~/group/" + tt.path, user: tt.user})
		links := strings.Join(r.Header.Values("Link"), "\n")
		if !strings.Contains(links, "stun:stun.example.org") || strings.Contains(links, "turn:o.example.org") ||
			strings.Contains(links, `<turn:turn.example.org>; rel="ice-server"; username="u"; credential="p"`) != tt.relays {
			t.Errorf("%s is told %q as %q", tt.path, links, tt.user)
		}
	}
}
