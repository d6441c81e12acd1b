package group

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"

	"galene/group/leaktest"
)

// TestQueueOfHashingIsBounded fills the line of one name: who has waited for
// longest is sent away, and comes first when he asks again.
func TestQueueOfHashingIsBounded(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		q := newHashQueue(1)
		address := netip.MustParseAddr("192.0.2.1")
		if err := q.acquire(t.Context(), address, ""); err != nil {
			t.Fatal(err)
		}
		var served, sentAway []string
		wait := func(connection context.Context, who string) {
			attemptsOf(connection).begin()
			go func() {
				err := q.acquire(connection, address, "ada")
				switch {
				case err == nil:
					served = append(served, who)
					q.release()
				case errors.Is(err, ErrTooManyLogins):
					attemptsOf(connection).sendAway()
					sentAway = append(sentAway, who)
				default:
					t.Error(err)
				}
			}()
			synctest.Wait()
		}
		patient := ContextWithConnection(t.Context())
		wait(patient, "patient")
		refused := ContextWithConnection(t.Context())
		attemptsOf(refused).begin()
		wait(refused, "refused")
		for i := range maxWaiting - 2 {
			wait(ContextWithConnection(t.Context()), fmt.Sprint(i))
		}
		if len(sentAway) != 0 {
			t.Fatalf("sent away although there is room: %q", sentAway)
		}
		wait(ContextWithConnection(t.Context()), "new")
		wait(ContextWithConnection(t.Context()), "newer")
		if want := []string{"refused", "patient"}; !slices.Equal(sentAway, want) {
			t.Fatalf("sent away were %q, want %q", sentAway, want)
		}
		wait(patient, "patient again")
		if want := []string{"refused", "patient", "0"}; !slices.Equal(sentAway, want) {
			t.Fatalf("sent away were %q, want %q", sentAway, want)
		}
		q.release()
		synctest.Wait()
		if len(served) != maxWaiting || served[0] != "patient again" {
			t.Errorf("%d were served, %q first", len(served), served[:1])
		}
		if q.free != 1 || len(q.addresses) != 0 {
			t.Errorf("left over: %+v", q)
		}
	})
}

// TestQueueOfAnAddressIsBounded fills the lines of many names.
func TestQueueOfAnAddressIsBounded(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		q := newHashQueue(1)
		address := netip.MustParseAddr("192.0.2.1")
		if err := q.acquire(t.Context(), address, ""); err != nil {
			t.Fatal(err)
		}
		served, sentAway := 0, 0
		wait := func(username string) {
			go func() {
				if q.acquire(t.Context(), address, username) == nil {
					served++
					q.release()
				} else {
					sentAway++
				}
			}()
			synctest.Wait()
		}
		for i := range maxWaitingAtAddress {
			wait(fmt.Sprint("guess ", i/2))
		}
		wait("ada")
		if sentAway != 1 {
			t.Errorf("%d were sent away", sentAway)
		}
		q.release()
		synctest.Wait()
		if served != maxWaitingAtAddress || len(q.addresses) != 0 {
			t.Errorf("%d were served; left over: %+v", served, q.addresses)
		}
	})
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
		failed := make(chan error, maxWaiting+1)
		for range maxWaiting + 1 {
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
