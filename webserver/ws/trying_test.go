package ws_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"galene/group"
	"galene/group/leaktest"
	"galene/webserver/wstest"
)

// TestWhoDoesNotTryAgainWaits has a crowd guess at a name, each with a connection
// of his own: who has said that he tries again is asked to at once, everybody
// else is let in when it is his turn.
func TestWhoDoesNotTryAgainWaits(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	hashed, err := group.HashBcrypt("lace", 10)
	if err != nil {
		t.Fatal(err)
	}
	text, err := hashed.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, map[string]string{"g": `{"users": {"ada": {"password": ` + string(text) + `}}}`})
	dial := func(software string) *wstest.Client {
		c, response, err := wstest.DialHeader(t, s.URL, http.Header{"User-Agent": {software}})
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return c
	}
	var crowd []*wstest.Client
	for i := range 250 {
		c := dial("guesser")
		c.Handshake()
		c.Send(wstest.JoinMessage("g", "ada", fmt.Sprint("guess ", i)))
		crowd = append(crowd, c)
	}
	trying, waiting := dial("browser"), dial("browser")
	trying.Send(message{"type": "handshake", "version": []string{"2"}, "id": trying.ID, "tryAgain": message{}})
	waiting.Handshake()
	trying.Expect(message{"type": "handshake"})
	join := wstest.JoinMessage("g", "ada", "lace")
	trying.Send(join)
	m := trying.Expect(message{"type": "joined", "kind": "fail", "error": "try-again"})
	if value, _ := m["value"].(string); !strings.Contains(value, "try again") {
		t.Errorf("was told %q", value)
	}
	waiting.Send(join)
	trying.Send(join)
	trying.Expect(message{"type": "joined", "kind": "join"})
	waiting.Await(message{"type": "joined", "kind": "join"})
	for _, c := range crowd {
		c.Close()
	}
}
