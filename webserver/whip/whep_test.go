package whip_test

import (
	"net/http"
	"testing"

	"galene/group/leaktest"
	"galene/rtpconn/loadtest"
	"galene/webserver/wstest"
)

// play opens a session that receives.
func (s *site) play(path string, header ...string) (p *loadtest.Player, created answer) {
	s.t.Helper()
	p, err := s.generator.NewPlayer()
	s.check(err)
	s.t.Cleanup(func() { s.check(p.Close()) })
	offer, err := p.Offer(s.ctx)
	s.check(err)
	created = s.post(path, offer, header...)
	if created.status != http.StatusCreated {
		s.t.Fatalf("status %d, %s", created.status, created.body)
	}
	s.check(p.Answer(created.body))
	return p, created
}

// send has a client send a stream, in the place of another one if replace is
// not nil.
func (s *site) send(c *wstest.Client, id, label string, replace any) {
	s.t.Helper()
	p, offer := s.publisher()
	c.Send(message{"type": "offer", "id": id, "label": label, "sdp": offer, "replace": replace})
	for {
		m := c.Next()
		if m["type"] == "answer" && m["id"] == id {
			s.check(p.Answer(m["sdp"].(string)))
			break
		}
	}
	s.run(p)
}

func TestPlayerFollowsAPerson(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, map[string]string{"g": open})
	op := s.watcher("op", "op")
	guest := s.watcher("guest", "guest")
	p, created := s.play("/group/g/.whep?username=guest&label=camera")
	op.Await(message{"type": "user", "kind": "add", "username": "whep", "permissions": nil})
	s.send(op, "other", "camera", nil)
	s.send(guest, "screen", "screenshare", nil)
	op.Await(message{"type": "offer", "id": "screen"})
	s.send(guest, "one", "camera", nil)
	s.flow(p.Subscriber, 50)
	s.send(guest, "two", "camera", "one")
	op.Await(message{"type": "offer", "id": "two", "replace": "one"})
	s.flow(p.Subscriber, 100)
	guest.Send(message{"type": "close", "id": "two"})
	op.Await(message{"type": "close", "id": "two"})
	s.send(guest, "three", "camera", nil)
	s.flow(p.Subscriber, 100)
	if stats := p.Stats(); stats.Restarts != 0 {
		t.Errorf("the stream had a break: %+v", stats)
	}
	if got := s.do("DELETE", created.header.Get("Location"), ""); got.status != http.StatusOK {
		t.Errorf("delete: %d", got.status)
	}
	op.Await(message{"type": "user", "kind": "delete", "username": "whep"})
}

func TestPlayerTakesWhateverThereIs(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, map[string]string{"g": open})
	s.publish(endpoint)
	p, _ := s.play("/group/g/.whep")
	s.flow(p.Subscriber, 50)
}

func TestPlayersThatAreRefused(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, map[string]string{"g": `{"users": {"op": {"password": "op", "permissions": "op"}}}`})
	_, offer := s.publisher()
	if got := s.post("/group/g/.whep", offer); got.status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", got.status)
	}
	s.write("g", open)
	if got := s.post("/group/g/.whep", offer); got.status != http.StatusUnprocessableEntity {
		t.Errorf("offer to send: %d %s", got.status, got.body)
	}
}
