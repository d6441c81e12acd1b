package group

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"galene/group/leaktest"
)

// line is a queue of which every turn is taken, and what comes of those who wait.
type line struct {
	*hashQueue
	t                *testing.T
	served, sentAway []string
}

func newLine(t *testing.T) *line {
	q := newHashQueue(1)
	if err := q.acquire(t.Context(), Credentials{}); err != nil {
		t.Fatal(err)
	}
	return &line{hashQueue: q, t: t}
}

// wait has somebody wait until he has been served or sent away.
func (l *line) wait(ctx context.Context, who string, c Credentials) {
	attemptsOf(ctx).begin()
	go func() {
		switch err := l.acquire(ctx, c); {
		case err == nil:
			l.served = append(l.served, who)
			l.release()
		case errors.Is(err, ErrTooManyLogins):
			attemptsOf(ctx).sendAway(c.name())
			l.sentAway = append(l.sentAway, who)
		default:
			l.t.Error(err)
		}
	}()
	synctest.Wait()
}

// flood has n others wait, each on a connection of his own.
func (l *line) flood(n int, software string, c Credentials) {
	for i := range n {
		l.wait(connectionOf(l.t, software), fmt.Sprint(i), c)
	}
}

// finish serves everybody.
func (l *line) finish() {
	l.t.Helper()
	l.release()
	synctest.Wait()
	if l.free != 1 || l.hashQueue.waiting != 0 || len(l.addresses) != 0 || l.line.Len() != 0 {
		l.t.Errorf("left over: %+v", l.hashQueue)
	}
}

// expectAmong checks that somebody is among the first who were served.
func (l *line) expectAmong(first int, who string) {
	l.t.Helper()
	if i := slices.Index(l.served, who); i < 0 || i >= first {
		l.t.Errorf("%q was served after %d others, want less than %d", who, i, first)
	}
}

func (l *line) expectSentAway(want ...string) {
	l.t.Helper()
	if !slices.Equal(l.sentAway, want) {
		l.t.Fatalf("sent away were %q, want %q", l.sentAway, want)
	}
}

func connectionOf(t *testing.T, software string) context.Context {
	return ContextWithSoftware(ContextWithConnection(t.Context()), map[string][]string{"User-Agent": {software}})
}

func byName(username string) Credentials {
	return Credentials{Username: &username, Address: netip.MustParseAddr("192.0.2.1")}
}

// TestQueueOfHashingIsBounded fills the line of one name: whoever has been
// refused is sent away, then who has waited for longest, and he comes soon when he
// asks again.
func TestQueueOfHashingIsBounded(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		l, ada := newLine(t), byName("ada")
		patient, refused := connectionOf(t, ""), connectionOf(t, "")
		l.wait(patient, "patient", ada)
		attemptsOf(refused).begin()
		l.wait(refused, "refused", ada)
		l.flood(maxWaitingForName-2, "", ada)
		l.expectSentAway()
		l.wait(connectionOf(t, ""), "new", ada)
		l.wait(connectionOf(t, ""), "newer", ada)
		l.expectSentAway("refused", "patient")
		l.wait(patient, "patient again", ada)
		l.expectSentAway("refused", "patient", "0")
		l.finish()
		l.expectAmong(4, "patient again")
		if len(l.served) != maxWaitingForName {
			t.Errorf("%d were served", len(l.served))
		}
	})
}

// TestWhoTriesAgainNeedNotWait has those who try again by themselves be sent away
// early, and once.
func TestWhoTriesAgainNeedNotWait(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		l, ada := newLine(t), byName("ada")
		l.flood(maxWaitingToTryAgain, "", ada)
		trying := ada
		trying.TriesAgain = true
		one := connectionOf(t, "")
		l.wait(one, "one", trying)
		l.expectSentAway("one")
		l.wait(one, "one again", trying)
		l.flood(10, "", ada)
		l.expectSentAway("one")
		l.finish()
		l.expectAmong(4, "one again")
	})
}

// TestWhoTriesAgainTakesNobodysTurn has a crowd be sent away again and again: it
// comes first with its own name alone.
func TestWhoTriesAgainTakesNobodysTurn(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t)
		for range 50 {
			patient := connectionOf(t, "")
			for range 3 {
				attemptsOf(patient).begin()
				attemptsOf(patient).sendAway("ada")
			}
			other := connectionOf(t, "")
			for _, username := range []string{"ada", "ada", "bob"} {
				attemptsOf(other).begin()
				attemptsOf(other).sendAway(username)
			}
			for username, want := range map[string]int{"ada": 0, "bob": 1} {
				if _, n := attemptsOf(other).of(username); n != want {
					t.Errorf("sent away %d times with the name %s, want %d", n, username, want)
				}
			}
			l.wait(patient, "patient", byName("ada"))
		}
		l.wait(connectionOf(t, ""), "bob", byName("bob"))
		l.flood(10, "", byName("ada"))
		l.finish()
		l.expectAmong(4, "bob")
	})
}

// TestKindsOfSoftwareTakeTurns has one program guess at a name, on new connections
// and patiently: that keeps no other program out.
func TestKindsOfSoftwareTakeTurns(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		l, ada := newLine(t), byName("ada")
		for range 200 {
			guesser := connectionOf(t, "guesser")
			attemptsOf(guesser).begin()
			attemptsOf(guesser).sendAway("ada")
			l.wait(guesser, "guess", ada)
		}
		l.wait(connectionOf(t, "browser"), "ada", ada)
		l.flood(20, "guesser", ada)
		l.finish()
		l.expectAmong(8, "ada")
	})
}

// TestManyKindsOfSoftwareKeepNobodyOut has every guess at a name pretend to come
// from another program, and try again, and a class use one and the same.
func TestManyKindsOfSoftwareKeepNobodyOut(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t)
		guess := func(n int, software string) {
			for i := range n {
				guesser := connectionOf(t, fmt.Sprint(software, i))
				attemptsOf(guesser).begin()
				attemptsOf(guesser).sendAway("ada")
				l.wait(guesser, "guess", byName("ada"))
			}
		}
		guess(200, "guesser")
		for i := range 10 {
			l.wait(connectionOf(t, "browser"), "pupil", byName(fmt.Sprint("pupil ", i)))
		}
		guess(50, "newer guesser")
		l.finish()
		served := 0
		for _, who := range l.served[:50] {
			if who == "pupil" {
				served++
			}
		}
		if served != 10 {
			t.Errorf("of 10 pupils %d are among the first 50", served)
		}
	})
}

// TestNobodyWaitsForLongerThanTenSeconds has the turn not come.
func TestNobodyWaitsForLongerThanTenSeconds(t *testing.T) {
	leaktest.Check(t)
	hashed, err := HashPassword("lace")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		r := quietRegistry(MemoryStore{"g": {Users: Users{"ada": {Password: hashed}}}}, nil)
		busy(t, r)
		c := byName("ada")
		c.Password = "lace"
		for name, login := range map[string]func() error{
			"member": func() error { _, err := r.Authenticate(t.Context(), "g", c); return err },
			"administrator": func() error {
				_, err := r.AuthenticateAdmin(t.Context(), AdminScope{Group: "g", User: "ada"}, c)
				return err
			},
		} {
			begun := time.Now()
			if err := login(); !errors.Is(err, ErrTooManyLogins) || time.Since(begun) != 10*time.Second {
				t.Errorf("%s: %v after %v", name, err, time.Since(begun))
			}
		}
		if r.hashing.waitedFor() {
			t.Error("somebody waits still")
		}
	})
}

// TestQueueOfAnAddressIsBounded fills the lines of many names.
func TestQueueOfAnAddressIsBounded(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t)
		for i := range maxWaitingAtAddress {
			l.wait(t.Context(), fmt.Sprint(i), byName(fmt.Sprint("guess ", i/2)))
		}
		l.wait(t.Context(), "ada", byName("ada"))
		l.expectSentAway("0")
		l.finish()
		if len(l.served) != maxWaitingAtAddress {
			t.Errorf("%d were served", len(l.served))
		}
	})
}

// TestQueueOfAllAddressesIsBounded fills the lines of many addresses.
func TestQueueOfAllAddressesIsBounded(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t)
		for i := range maxWaitingInAll {
			c := byName("ada")
			c.Address = netip.AddrFrom4([4]byte{10, 0, byte(i / 2 >> 8), byte(i / 2)})
			l.wait(t.Context(), fmt.Sprint(i), c)
		}
		l.wait(t.Context(), "ada", byName("ada"))
		l.expectSentAway("0")
		l.finish()
		l.expectAmong(maxWaitingInAll/2+1, "ada")
	})
}

func TestTurnsOfHashing(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		q := newHashQueue(1)
		if err := q.acquire(t.Context(), Credentials{}); err != nil {
			t.Fatal(err)
		}
		bad, good := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
		var order []string
		wait := func(ctx context.Context, a netip.Addr, username string) {
			go func() {
				if q.acquire(ctx, Credentials{Username: &username, Address: a}) != nil {
					return
				}
				order = append(order, a.String()[8:]+username)
				q.release()
			}()
			synctest.Wait()
		}
		for range 3 {
			wait(t.Context(), bad, "guessed")
		}
		wait(t.Context(), good, "ada")
		wait(t.Context(), bad, "bob")
		ctx, cancel := context.WithCancel(t.Context())
		wait(ctx, bad, "impatient")
		wait(ctx, good, "impatient")
		cancel()
		synctest.Wait()
		q.release()
		synctest.Wait()
		want := []string{"1bob", "2ada", "1guessed", "1guessed", "1guessed"}
		if !slices.Equal(order, want) {
			t.Errorf("the order was %q, want %q", order, want)
		}
		if q.free != 1 || len(q.addresses) != 0 {
			t.Errorf("left over: %+v", q)
		}
	})
}

func TestFewestRefusalsComeFirstAtAnAddress(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		r := quietRegistry(MemoryStore{"g": description(t, `{"users": {"bob": {"password": "x"}}}`)}, nil)
		username := "bob"
		try := func(ctx context.Context, password string) {
			_, err := r.Authenticate(ctx, "g", Credentials{Username: &username, Password: password})
			if (err == nil) != (password == "x") {
				t.Errorf("with %q: %v", password, err)
			}
		}
		guesser, mistyped, fresh := ContextWithConnection(t.Context()), ContextWithConnection(t.Context()), ContextWithConnection(t.Context())
		try(guesser, "wrong")
		try(guesser, "wrong")
		try(mistyped, "wrong")
		try(mistyped, "x")
		try(fresh, "x")

		q := newHashQueue(1)
		if err := q.acquire(t.Context(), Credentials{}); err != nil {
			t.Fatal(err)
		}
		var order []string
		wait := func(ctx context.Context, who string) {
			attemptsOf(ctx).begin()
			username := username
			go func() {
				if q.acquire(ctx, Credentials{Username: &username}) != nil {
					return
				}
				order = append(order, who)
				q.release()
			}()
			synctest.Wait()
		}
		wait(guesser, "guesser")
		wait(mistyped, "mistyped")
		wait(fresh, "fresh")
		wait(t.Context(), "unknown")
		username = "carol"
		wait(guesser, "guesser of another")
		wait(fresh, "fresh, of another")
		q.release()
		synctest.Wait()
		if want := []string{"unknown", "fresh", "fresh, of another", "mistyped", "guesser", "guesser of another"}; !slices.Equal(order, want) {
			t.Errorf("the order was %q, want %q", order, want)
		}
	})
}

func TestTurnThatComesWhenNobodyWantsItAnyMore(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	q := newHashQueue(2)
	ctx, cancel := context.WithCancel(t.Context())
	finished := make(chan struct{})
	for i := range 50 {
		username := fmt.Sprint(i % 7)
		go func() {
			defer func() { finished <- struct{}{} }()
			for range 100 {
				if q.acquire(ctx, Credentials{Username: &username}) == nil {
					q.release()
				}
			}
		}()
	}
	cancel()
	for range 50 {
		<-finished
	}
	if q.free != 2 || len(q.addresses) != 0 {
		t.Errorf("left over: %+v", q)
	}
}

// TestAdministratorsAreAskedToTryAgain has more people log in as an
// administrator than may wait: who is sent away is not told that he is none.
func TestAdministratorsAreAskedToTryAgain(t *testing.T) {
	leaktest.Check(t)
	hashed, err := HashPassword("lace")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		d := &Description{Users: Users{"ada": {Password: hashed, Permissions: Permissions{name: PermissionAdmin}}}}
		r := quietRegistry(MemoryStore{"g": d}, nil)
		busy(t, r)
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, maxWaitingForName+1)
		for range maxWaitingForName + 1 {
			go func() {
				username := "ada"
				_, err := r.AuthenticateAdmin(ctx, AdminScope{Group: "g"}, Credentials{Username: &username, Password: "lace"})
				failed <- err
			}()
			synctest.Wait()
		}
		if len(failed) != 1 {
			t.Fatalf("%d are done", len(failed))
		}
		if err := <-failed; !errors.Is(err, ErrTooManyLogins) || errors.Is(err, ErrNotAuthorised) {
			t.Errorf("sent away: %v", err)
		}
		cancel()
		synctest.Wait()
	})
}
