package group

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/token"

	"golang.org/x/time/rate"
)

// Whoever guesses from all the addresses of his network is one: for members and for
// administrators, each of whose refusals counts once, in however many places he was looked
// for.
func TestRefusalsOfOneNetworkAreCountedTogether(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	// Nobody waits for the answers.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, logIn := range map[string]func(*Registry, Credentials) error{
		"member": func(r *Registry, c Credentials) error {
			_, err := r.Authenticate(ctx, "g", c)
			return err
		},
		"administrator": func(r *Registry, c Credentials) error {
			_, err := r.AuthenticateAdmin(ctx, AdminScope{Group: "g", User: "ada"}, c)
			return err
		},
	} {
		for addresses, together := range map[string]bool{"2001:db8::%x": true, "2001:db8:0:%x::1": false} {
			r := quietRegistry(MemoryStore{"g": description(t, `{"users": {"ada": {"password": "lace", "permissions": "op"}}}`)}, nil)
			username := "ada"
			var last netip.Addr
			const attempts = freeFailures + 10
			for i := range attempts {
				last = netip.MustParseAddr(fmt.Sprintf(addresses, i+1))
				if err := logIn(r, Credentials{Username: &username, Password: "wrong", Address: last}); !errors.Is(err, ErrNotAuthorised) {
					t.Fatalf("%s: %v", name, err)
				}
			}
			if delay := r.failures.add(AddressKey(last), username, time.Now()); delay > refusalDelay != together {
				t.Errorf("%s: %d times wrong from %s: the next answer comes after %v", name, attempts, addresses, delay)
			}
			if n := r.counters.refused.Load(); n != attempts {
				t.Errorf("%s: %d refusals are counted for %d", name, n, attempts)
			}
		}
	}
}

// brokenTokens are tokens that cannot be read.
type brokenTokens struct{ token.Store }

var errBroken = errors.New("the disk is broken")

func (brokenTokens) Get(string) (*token.Stateful, string, error) { return nil, "", errBroken }

func TestFaultsOfTheServerAreNoRefusals(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r := quietRegistry(MemoryStore{"g": description(t, `{}`)}, brokenTokens{})
	c := Credentials{Token: "abc"}
	if _, err := r.Authenticate(t.Context(), "g", c); !errors.Is(err, errBroken) {
		t.Errorf("member: %v", err)
	}
	for _, scope := range []AdminScope{{}, {Group: "g"}, {Group: "nowhere"}} {
		if _, err := r.AuthenticateAdmin(t.Context(), scope, c); !errors.Is(err, errBroken) {
			t.Errorf("administrator of %+v: %v", scope, err)
		}
	}
	if n := r.counters.refused.Load(); n != 0 {
		t.Errorf("%d refusals", n)
	}
}

// Whoever stops guessing waits for no longer than if he had stopped before: what others do
// in his name, from behind his address, does not keep him out for hours.
func TestWaitsForAnswersEndSoonAfterTheGuessing(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	l := rate.NewLimiter(rate.Every(nameInterval), nameBurst)
	now := time.Now()
	for i := range 1000 {
		if d := reserve(l, now, maxNameDelay); d > maxNameDelay || i >= 100 && d < maxNameDelay-nameInterval {
			t.Fatalf("after %d at once the next answer comes after %v", i, d)
		}
	}
	if d := reserve(l, now.Add(maxNameDelay), maxNameDelay); d > nameInterval {
		t.Errorf("%v later it still comes after %v", maxNameDelay, d)
	}
}

func TestWhatIsUsedIsRemembered(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name, use := range map[string]func(*recent[int, int]){
		"got":         func(r *recent[int, int]) { r.get(0, func() int { return -1 }) },
		"asked about": func(r *recent[int, int]) { r.use(0) },
	} {
		r := newRecent[int, int](3)
		for key := range 10 {
			r.get(key, func() int { return key })
			use(&r)
		}
		if got := r.get(0, func() int { return -1 }); got != 0 {
			t.Errorf("what has been %s each time is forgotten", name)
		}
		if r.use(1) || !r.use(9) {
			t.Errorf("what has been %s each time is all that is remembered, or the oldest is", name)
		}
	}
}
