package whip_test

import (
	"net/http"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/token"
)

// TestEncoderThatComesBackTakesItsPlace cuts the connection of an encoder, which
// then opens sessions until the first one has made room.
func TestEncoderThatComesBackTakesItsPlace(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, map[string]string{"g": open})
	tomorrow := time.Now().Add(24 * time.Hour)
	name, username := token.NewName(), "obs"
	s.check(s.tokens.Add(&token.Stateful{Token: name, Group: "g", Username: &username, Permissions: []string{"present"}, Expires: &tomorrow}))
	bearer := []string{"Authorization", "Bearer " + name}
	op := s.watcher("op", "op")
	lost, created := s.publish(endpoint, bearer...)
	first := op.Expect(message{"type": "user", "kind": "add", "username": "obs"})["id"]
	op.Expect(message{"type": "offer", "id": first})
	s.check(lost.Close())
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	gone := func() bool {
		return s.do("OPTIONS", created.header.Get("Location"), "").status == http.StatusNotFound
	}
	for !gone() {
		select {
		case <-ticker.C:
		case <-s.ctx.Done():
			t.Fatal("the first session stays")
		}
		_, offer := s.publisher()
		another := s.post(endpoint+"?label=screenshare", offer, bearer...)
		again := s.post(endpoint, offer, bearer...)
		if again.status != http.StatusCreated || another.status != http.StatusCreated {
			t.Fatalf("status %d, %d", again.status, another.status)
		}
		for _, a := range []answer{again, another} {
			if got := s.do("DELETE", a.header.Get("Location"), "", bearer...); got.status != http.StatusOK {
				t.Fatalf("status %d", got.status)
			}
		}
	}
	// The place was free before it was taken again.
	op.Await(message{"type": "close", "id": first})
	op.Expect(message{"type": "user", "kind": "delete", "id": first})
	op.Expect(message{"type": "user", "kind": "add", "username": "obs"})
}

// TestSessionsMayEndAtOnce ends sessions while their connections are coming
// about, which the race detector watches.
func TestSessionsMayEndAtOnce(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	s := newSite(t, map[string]string{"g": open})
	for range 40 {
		_, created := s.publish(endpoint)
		if got := s.do("DELETE", created.header.Get("Location"), ""); got.status != http.StatusOK {
			t.Fatalf("delete: %d", got.status)
		}
	}
}
