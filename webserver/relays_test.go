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
	r := s.expect(204, "", call{method: "OPTIONS", path: "~/group/g/.whip", user: "-"})
	if links := strings.Join(r.Header.Values("Link"), "\n"); !strings.Contains(links, "stun:stun.example.org") || strings.Contains(links, "turn:o.example.org") {
		t.Errorf("encoders are told %q", links)
	}
}
