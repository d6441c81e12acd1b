package ws_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"galene/group"
	"galene/group/leaktest"
	"galene/webserver/wstest"
)

// TestWhoDoesNotTryAgainWaits has a crowd guess, each with a connection of his
// own: who has said that he tries again is asked to at once, everybody else is let
// in when it is his turn.
func TestWhoDoesNotTryAgainWaits(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	entry := func(cost int) string {
		p, err := group.HashBcrypt("lace", cost)
		if err != nil {
			t.Fatal(err)
		}
		text, err := p.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		return `{"password": ` + string(text) + `}`
	}
	s := newServer(t, map[string]string{"g": `{"users": {"ada": ` + entry(8) + `, "costly": ` + entry(9) + `}}`})
	dial := func(software string) *wstest.Client {
		c, response, err := wstest.DialHeader(t, s.URL, http.Header{"User-Agent": {software}})
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return c
	}
	// All are connected before the first guess, since hashing takes the processors.
	var crowd []*wstest.Client
	for range 100 + 10*runtime.GOMAXPROCS(0) {
		c := dial("guesser")
		c.Handshake()
		crowd = append(crowd, c)
	}
	trying, waiting := dial("browser"), dial("browser")
	trying.Send(message{"type": "handshake", "version": []string{"2"}, "id": trying.ID, "tryAgain": message{}})
	waiting.Handshake()
	trying.Expect(message{"type": "handshake"})
	for i, c := range crowd {
		c.Send(wstest.JoinMessage("g", "costly", fmt.Sprint("guess ", i)))
	}
	for s.Registry.Stats().LoginsWaiting < 50 {
		runtime.Gosched()
	}
	join := wstest.JoinMessage("g", "ada", "lace")
	trying.Send(join)
	m := trying.Expect(message{"type": "joined", "kind": "fail", "error": "try-again"})
	if value, _ := m["value"].(string); !strings.Contains(value, "try again") {
		t.Errorf("was told %q", value)
	}
	waiting.Send(join)
	// Where hashing is slow he may have to try more than once.
	for m["error"] == "try-again" {
		trying.Send(join)
		m = trying.Expect(message{"type": "joined"})
	}
	if m["kind"] != "join" {
		t.Errorf("got %v", m)
	}
	waiting.Await(message{"type": "joined", "kind": "join"})
	for _, c := range crowd {
		c.Close()
	}
}
