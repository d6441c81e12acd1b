package whip_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/token"
)

const endpoint = "/group/g/.whip"

const fragmentType = "application/trickle-ice-sdpfrag"

// candidates takes the candidates out of a description.
func candidates(sdp string) (without string, lines []string) {
	var rest []string
	for line := range strings.SplitSeq(sdp, "\r\n") {
		switch {
		case strings.HasPrefix(line, "a=candidate:"):
			lines = append(lines, line)
		case line != "a=end-of-candidates":
			rest = append(rest, line)
		}
	}
	return strings.Join(rest, "\r\n"), lines
}

// attribute returns the first value of an attribute.
func attribute(sdp, name string) string {
	for line := range strings.SplitSeq(sdp, "\r\n") {
		if value, ok := strings.CutPrefix(line, "a="+name+":"); ok {
			return value
		}
	}
	return ""
}

// merge puts the ICE credentials of a fragment into an answer.
func merge(answer, fragment string) string {
	answer = strings.ReplaceAll(answer, "a=ice-ufrag:"+attribute(answer, "ice-ufrag"), "a=ice-ufrag:"+attribute(fragment, "ice-ufrag"))
	return strings.ReplaceAll(answer, "a=ice-pwd:"+attribute(answer, "ice-pwd"), "a=ice-pwd:"+attribute(fragment, "ice-pwd"))
}

func TestEncoderFromBeginningToEnd(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, map[string]string{"g": open})
	op := s.watcher("op", "op")
	p, offer := s.publisher()
	bare, trickled := candidates(offer)
	created := s.post(endpoint, bare, "Origin", "https://friend.example")
	if created.status != http.StatusCreated {
		t.Fatalf("status %d: %s", created.status, created.body)
	}
	location, tag := created.header.Get("Location"), created.header.Get("ETag")
	for name, want := range map[string]string{
		"Content-Type": "application/sdp", "Accept-Patch": fragmentType, "Access-Control-Allow-Origin": "https://friend.example",
		"Access-Control-Expose-Headers": "Location, Content-Type, Link, ETag",
	} {
		if got := created.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if opaque := strings.TrimPrefix(location, endpoint+"/"); len(opaque) != 22 {
		t.Errorf("location %q", location)
	}
	if !strings.Contains(created.body, "a=candidate:") || !strings.HasPrefix(tag, `"`) {
		t.Errorf("tag %s, answer\n%s", tag, created.body)
	}
	user := op.Expect(message{"type": "user", "kind": "add", "username": "whip", "permissions": []string{"present", "message"}, "data": nil})
	id := user["id"].(string)
	if strings.Contains(location, id) {
		t.Error("the address of the session can be seen by everybody")
	}

	// Candidates trickle.
	fragment := "a=ice-ufrag:" + attribute(offer, "ice-ufrag") + "\r\na=ice-pwd:" + attribute(offer, "ice-pwd") + "\r\n" +
		"m=audio 9 RTP/AVP 0\r\na=mid:0\r\n" + strings.Join(trickled, "\r\n") + "\r\na=candidate:nonsense\r\n"
	patched := s.do("PATCH", location, fragment, "Content-Type", fragmentType+"; charset=utf-8", "If-Match", tag)
	if patched.status != http.StatusNoContent {
		t.Errorf("trickle: %d %s", patched.status, patched.body)
	}
	s.check(p.Answer(created.body))
	s.run(p)
	m := op.Expect(message{"type": "offer", "id": id, "source": id, "username": "whip", "label": nil, "replace": nil})
	stream := s.receive(op, m)
	s.flow(stream, 50)

	// ICE restarts while media flows.
	restart, err := p.Restart(s.ctx)
	s.check(err)
	_, trickled = candidates(restart)
	fragment = "a=ice-ufrag:" + attribute(restart, "ice-ufrag") + "\na=ice-pwd:" + attribute(restart, "ice-pwd") + "\n" +
		"m=audio 9 RTP/AVP 0\na=mid:0\n" + strings.Join(trickled, "\n") + "\n"
	patched = s.do("PATCH", location, fragment, "Content-Type", fragmentType, "If-Match", "*")
	if patched.status != http.StatusOK || patched.header.Get("Content-Type") != fragmentType ||
		patched.header.Get("ETag") == tag || patched.header.Get("ETag") == "" {
		t.Fatalf("restart: %d %v %s", patched.status, patched.header, patched.body)
	}
	if strings.Count(patched.body, "m=") != 2 || !strings.Contains(patched.body, "a=candidate:") {
		t.Errorf("fragment\n%s", patched.body)
	}
	s.check(p.Answer(merge(created.body, patched.body)))
	s.flow(stream, 200)
	if stats := stream.Stats(); stats.Restarts != 0 {
		t.Errorf("the stream had a break: %+v", stats)
	}

	if got := s.do("PATCH", location, "", "Content-Type", fragmentType, "If-Match", tag); got.status != http.StatusPreconditionFailed {
		t.Errorf("stale tag: %d", got.status)
	}
	if got := s.do("DELETE", location, "", "If-Match", tag); got.status != http.StatusPreconditionFailed {
		t.Errorf("stale tag: %d", got.status)
	}
	if got := s.do("DELETE", location, ""); got.status != http.StatusOK || got.body != "" {
		t.Errorf("delete: %d %s", got.status, got.body)
	}
	op.Expect(message{"type": "close", "id": id})
	op.Expect(message{"type": "user", "kind": "delete", "id": id, "username": "whip"})
	if got := s.do("DELETE", location, ""); got.status != http.StatusNotFound {
		t.Errorf("second delete: %d", got.status)
	}
}

func TestEncoderIsAMemberWhoDoesNotTalk(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, map[string]string{"g": open})
	op := s.watcher("op", "op")
	_, created := s.publish(endpoint + "?label=screenshare")
	id := op.Expect(message{"type": "user", "kind": "add", "username": "whip"})["id"]
	op.Expect(message{"type": "offer", "id": id, "label": "screenshare"})
	for _, kind := range []string{"chat", "usermessage"} {
		op.Send(message{"type": kind, "dest": id, "value": "x"})
		op.ExpectError("this user doesn't chat")
	}
	for _, kind := range []string{"op", "unop", "present", "unpresent", "shutup", "unshutup"} {
		op.Send(message{"type": "useraction", "kind": kind, "dest": id})
		op.ExpectError("this is not a real user")
	}
	op.Send(message{"type": "useraction", "kind": "identify", "dest": id})
	info := op.Expect(message{"type": "usermessage", "kind": "userinfo"})["value"].(message)
	if address, _ := info["address"].(string); !strings.HasPrefix(address, "127.0.0.1:") && !strings.HasPrefix(address, "[::1]:") {
		t.Errorf("user info %v", info)
	}
	op.Send(message{"type": "chat", "value": "to all"})
	op.Expect(message{"type": "chat", "value": "to all"})
	op.Send(message{"type": "useraction", "kind": "kick", "dest": id})
	op.Expect(message{"type": "close", "id": id})
	op.Expect(message{"type": "user", "kind": "delete", "id": id})
	if got := s.do("DELETE", created.header.Get("Location"), ""); got.status != http.StatusNotFound {
		t.Errorf("after the kick: %d", got.status)
	}
}

func TestTwoEncodersAtOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, map[string]string{"g": open})
	op := s.watcher("op", "op")
	_, first := s.publish(endpoint)
	_, second := s.publish(endpoint)
	op.Await(message{"type": "offer"})
	op.Await(message{"type": "offer"})
	for _, created := range []answer{first, second} {
		if got := s.do("DELETE", created.header.Get("Location"), ""); got.status != http.StatusOK {
			t.Errorf("delete: %d", got.status)
		}
		op.Await(message{"type": "user", "kind": "delete", "username": "whip"})
	}
}

func TestTokensOfEncoders(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, map[string]string{
		"g":     strings.Replace(open, `"whip"`, `"somebody"`, 1),
		"taken": open,
	})
	tomorrow := time.Now().Add(24 * time.Hour)
	named := "obs"
	add := func(group string, username *string, permissions ...string) string {
		t.Helper()
		name := token.NewName()
		s.check(s.tokens.Add(&token.Stateful{
			Token: name, Group: group, Username: username, Permissions: permissions, Expires: &tomorrow,
		}))
		return name
	}
	op := s.watcher("op", "op")
	withName := add("g", &named, "present")
	_, created := s.publish(endpoint, "Authorization", "bearer "+withName)
	op.Expect(message{"type": "user", "kind": "add", "username": "obs", "permissions": []string{"present"}})
	location := created.header.Get("Location")
	for _, other := range [][]string{nil, {"Authorization", "Bearer x"}, {"Authorization", "Basic " + withName}} {
		if got := s.do("DELETE", location, "", other...); got.status != http.StatusForbidden {
			t.Errorf("%q: %d", other, got.status)
		}
		if got := s.do("OPTIONS", location, "", other...); got.status != http.StatusNoContent ||
			got.header.Get("Access-Control-Allow-Methods") != "OPTIONS, DELETE, PATCH" {
			t.Errorf("preflight: %d %v", got.status, got.header)
		}
	}
	if got := s.do("DELETE", location, "", "Authorization", "Bearer "+withName); got.status != http.StatusOK {
		t.Errorf("delete: %d", got.status)
	}
	op.Await(message{"type": "user", "kind": "delete", "username": "obs"})
	s.publish(endpoint, "Authorization", "Bearer "+add("g", nil, "present"))
	op.Await(message{"type": "user", "kind": "add", "username": "whip"})

	_, offer := s.publisher()
	for _, test := range []struct {
		path   string
		token  string
		status int
	}{
		{endpoint, "unknown", http.StatusUnauthorized},
		{endpoint, "a.b.c", http.StatusUnauthorized},
		{endpoint, add("taken", nil, "present"), http.StatusUnauthorized},
		{"/group/taken/.whip", add("taken", nil, "present"), http.StatusUnauthorized},
		{endpoint, add("g", nil, "message"), http.StatusForbidden},
	} {
		got := s.post(test.path, offer, "Authorization", "Bearer "+test.token)
		challenge := got.header.Get("WWW-Authenticate")
		if got.status != test.status || (challenge == "Bearer") != (test.status == http.StatusUnauthorized) {
			t.Errorf("%s with %s: %d, challenge %q", test.path, test.token, got.status, challenge)
		}
	}
}

func TestOffersOfEncodersThatAreRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const anybody = `"wildcard-user": {"password": {"type": "wildcard"}, "permissions": "present"}}`
	s := newSite(t, map[string]string{
		"g":      open,
		"closed": `{"expires": "2001-01-01", ` + anybody,
		"locked": `{"autolock": true, ` + anybody,
		"headed": `{"autokick": true, ` + anybody,
		"later":  `{"not-before": "2999-01-01", ` + anybody,
		"full":   `{"max-clients": 1, ` + anybody,
		"away":   `{"redirect": "https://other.example/group/there/"}`,
		"gone":   `{"redirect": "https://other.example/elsewhere"}`,
		"watch":  `{"wildcard-user": {"password": {"type": "wildcard"}, "permissions": "observe"}}`,
		"secret": `{"users": {"whip": {"password": "x", "permissions": "present"}}}`,
	})
	s.publish("/group/full/.whip")
	op := s.watcher("op", "op")
	_, offer := s.publisher()
	tests := []struct {
		name, path, body, contentType string
		status                        int
		header                        [2]string
	}{
		{"no such group", "/group/none/.whip", offer, "application/sdp", 404, [2]string{}},
		{"content type", endpoint, offer, "text/plain", 415, [2]string{"Accept", "application/sdp"}},
		{"no content type", endpoint, offer, "", 415, [2]string{"Accept", "application/sdp"}},
		{"too large", endpoint, strings.Repeat("x", 1<<20+1), "application/sdp", 413, [2]string{}},
		{"wrong password", "/group/secret/.whip", offer, "application/sdp", 401, [2]string{"WWW-Authenticate", "Bearer"}},
		{"closed", "/group/closed/.whip", offer, "application/sdp", 403, [2]string{}},
		{"locked", "/group/locked/.whip", offer, "application/sdp", 403, [2]string{}},
		{"no operator", "/group/headed/.whip", offer, "application/sdp", 403, [2]string{}},
		{"not open yet", "/group/later/.whip", offer, "application/sdp", 403, [2]string{}},
		{"full", "/group/full/.whip", offer, "application/sdp", 503, [2]string{"Retry-After", "30"}},
		{"redirect", "/group/away/.whip?label=x", offer, "application/sdp", 307, [2]string{"Location", "https://other.example/group/there/.whip?label=x"}},
		{"other redirect", "/group/gone/.whip", offer, "application/sdp", 403, [2]string{}},
		{"may not present", "/group/watch/.whip", offer, "application/sdp", 403, [2]string{}},
		{"no SDP", endpoint, "nonsense", "application/sdp", 400, [2]string{}},
		{"empty", endpoint, "", "application/sdp", 400, [2]string{}},
		{"no fingerprint", endpoint, strings.ReplaceAll(offer, "a=fingerprint", "a=finger"), "application/sdp", 400, [2]string{}},
		{"nothing to send", endpoint, strings.ReplaceAll(offer, "a=sendonly", "a=recvonly"), "application/sdp", 422, [2]string{}},
		{"no codec", endpoint, strings.NewReplacer("VP8", "VP7", "opus", "oops").Replace(offer), "application/sdp", 422, [2]string{}},
		{"label", endpoint + "?label=" + strings.Repeat("x", 129), offer, "application/sdp", 400, [2]string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := s.do("POST", test.path, test.body, "Content-Type", test.contentType, "Origin", "https://friend.example")
			if got.status != test.status || test.header[0] != "" && got.header.Get(test.header[0]) != test.header[1] {
				t.Errorf("%d %v %s", got.status, got.header, got.body)
			}
			if got.body == "" {
				t.Error("nothing is said")
			}
		})
	}
	// Nobody has seen those come and go who were refused.
	op.ExpectSilence()
}

func TestMethodsOfTheEndpoint(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, map[string]string{"g": open})
	got := s.do("OPTIONS", endpoint, "", "Origin", "https://friend.example")
	for name, want := range map[string]string{
		"Access-Control-Allow-Methods": "OPTIONS, POST", "Access-Control-Allow-Headers": "Authorization, Content-Type",
		"Access-Control-Expose-Headers": "Link", "Accept-Post": "application/sdp", "Vary": "Origin",
		"Access-Control-Allow-Origin": "https://friend.example",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %q", name, got.header.Get(name))
		}
	}
	if got.status != http.StatusNoContent {
		t.Errorf("OPTIONS: %d", got.status)
	}
	for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
		if got := s.do(method, endpoint, ""); got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != "OPTIONS, POST" {
			t.Errorf("%s: %d", method, got.status)
		}
	}
	if got := s.do("OPTIONS", endpoint, "", "Origin", "https://foe.example"); got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("a strange origin is allowed")
	}
	for _, path := range []string{endpoint + "/", endpoint + "/x", endpoint + "/x/y", "/group/g/.whep/x"} {
		if got := s.do("DELETE", path, ""); got.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

func TestPatchesThatAreRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, map[string]string{"g": open})
	_, created := s.publish(endpoint)
	location, tag := created.header.Get("Location"), created.header.Get("ETag")
	const ufrag, pwd = "a=ice-ufrag:abcd\r\n", "a=ice-pwd:0123456789012345678901\r\n"
	tests := []struct {
		name, body string
		header     []string
		status     int
	}{
		{"content type", "", []string{"Content-Type", "application/sdp"}, 415},
		{"too large", strings.Repeat("x", 1<<20+1), nil, 413},
		{"not a line", "nonsense\r\n", nil, 400},
		{"mid before section", "a=mid:0\r\n", nil, 400},
		{"ufrag alone", ufrag, nil, 400},
		{"short ufrag", "a=ice-ufrag:a\r\n" + pwd, nil, 400},
		{"bad pwd", ufrag + "a=ice-pwd:01234567890123456789 1\r\n", nil, 400},
		{"empty candidate", "a=candidate:\r\n", nil, 400},
		{"other tag", "", []string{"If-Match", `"x"`}, 412},
		{"excluded tag", "", []string{"If-None-Match", `"x", ` + tag}, 412},
		{"any but ours", "", []string{"If-None-Match", `"x"`}, 204},
		{"one of several", "", []string{"If-Match", `"x", ` + tag}, 204},
		{"nothing", "", nil, 204},
		{"this generation by default", "m=audio 9 RTP/AVP 0\na=mid:0\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\n", nil, 204},
		{"other attributes", "s=-\r\na=ice-options:trickle\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\na=end-of-candidates\r\n", nil, 204},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			header := append([]string{"Content-Type", fragmentType}, test.header...)
			if got := s.do("PATCH", location, test.body, header...); got.status != test.status {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
	for _, method := range []string{"GET", "POST", "PUT"} {
		if got := s.do(method, location, ""); got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != "OPTIONS, DELETE, PATCH" {
			t.Errorf("%s: %d", method, got.status)
		}
	}
}

// lateBody is a body before which something happens that the server has not seen when it
// begins to serve the request.
type lateBody struct {
	io.Reader
	before func()
}

func (b *lateBody) Read(p []byte) (int, error) {
	if b.before != nil {
		b.before()
		b.before = nil
	}
	return b.Reader.Read(p)
}

// A session that ends while the body of a request for it is on its way is gone, as it is
// for a request that comes later.
func TestSessionThatEndsUnderAPatchIsGone(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, map[string]string{"g": open})
	const mid = "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
	for name, fragment := range map[string]string{
		"restart":    "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n" + mid,
		"candidates": mid + "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, created := s.publish(endpoint)
			location := created.header.Get("Location")
			// The body is not sent before the server has found the session and wants it.
			r, err := http.NewRequestWithContext(s.ctx, "PATCH", s.URL+location, &lateBody{strings.NewReader(fragment), func() {
				if got := s.do("DELETE", location, ""); got.status != http.StatusOK {
					t.Errorf("delete: %d %s", got.status, got.body)
				}
			}})
			s.check(err)
			r.Header.Set("Content-Type", fragmentType)
			r.Header.Set("Expect", "100-continue")
			response, err := s.client.Do(r)
			s.check(err)
			defer response.Body.Close()
			if response.StatusCode != http.StatusNotFound {
				t.Errorf("status %d", response.StatusCode)
			}
		})
	}
}
