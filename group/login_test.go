package group

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"galene/group/leaktest"
	"galene/token"
)

func quietRegistry(store Store, tokens token.Store) *Registry {
	return NewRegistry(RegistryOptions{Store: store, Tokens: tokens, Logger: slog.New(slog.DiscardHandler)})
}

func description(t testing.TB, text string) *Description {
	t.Helper()
	d, err := ParseDescription([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestLoginWithStatefulTokens(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	tokens := &token.MemoryStore{}
	soon, past := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	carrot, empty, odd := "carrot", "", "../x"
	for name, st := range map[string]*token.Stateful{
		"free":     {Group: "g", Permissions: []string{"present"}, Expires: &soon},
		"named":    {Group: "g", Username: &carrot, Permissions: []string{"op", "system", "fly"}, Expires: &soon},
		"unnamed":  {Group: "g", Username: &empty, Expires: &soon},
		"odd":      {Group: "g", Username: &odd, Expires: &soon},
		"expired":  {Group: "g", Username: &carrot, Expires: &past},
		"revoked":  {Group: "g", Expires: &past},
		"forever":  {Group: "g", Username: &carrot},
		"later":    {Group: "g", Username: &carrot, Expires: &soon, NotBefore: &soon},
		"other":    {Group: "h", Username: &carrot, Expires: &soon},
		"global":   {Group: "", IncludeSubgroups: true, Permissions: []string{"admin"}, Expires: &soon},
		"rootonly": {Group: "", Permissions: []string{"admin"}, Expires: &soon},
	} {
		st.Token = name
		if err := tokens.Add(st); err != nil {
			t.Fatal(err)
		}
	}
	d := description(t, `{"users": {"ada": {"password": "x"}}, "allow-recording": true, "unrestricted-tokens": true, "allow-anonymous": false}`)
	r := quietRegistry(MemoryStore{"g": d}, tokens)
	none := "-"
	for _, tt := range []struct {
		token, username, gets string
		permissions           []string
		want                  error
	}{
		{"free", "bob", "bob", []string{"present"}, nil},
		{"free", "", "", []string{"present"}, nil},
		{"free", none, "", nil, ErrUsernameRequired},
		{"free", "ada", "", nil, ErrUsernameTaken},
		{"free", "a/../b", "", nil, ErrNotAuthorised},
		{"named", none, "carrot", []string{"op"}, nil},
		{"named", "ada", "carrot", []string{"op"}, nil},
		{"unnamed", none, "", []string{}, nil},
		{"unnamed", "bob", "bob", []string{}, nil},
		{"unnamed", "ada", "", nil, ErrUsernameTaken},
		{"odd", none, "", nil, ErrNotAuthorised},
		{"expired", none, "", nil, ErrNotAuthorised},
		{"revoked", none, "", nil, ErrNotAuthorised},
		{"forever", none, "", nil, ErrNotAuthorised},
		{"later", none, "", nil, ErrNotAuthorised},
		{"other", none, "", nil, ErrNotAuthorised},
		{"global", "bob", "bob", []string{"admin"}, nil},
		{"rootonly", "bob", "", nil, ErrNotAuthorised},
		{"unknown", "bob", "", nil, ErrNotAuthorised},
		{"e30.e30.e30", "bob", "", nil, ErrNotAuthorised},
	} {
		t.Run(tt.token+"/"+tt.username, func(t *testing.T) {
			t.Parallel()
			c := Credentials{Token: tt.token, Password: "x", Username: &tt.username}
			if tt.username == none {
				c.Username = nil
			}
			g, err := r.Get("g")
			if err != nil {
				t.Fatal(err)
			}
			m, err := r.authenticate(t.Context(), "g", g.loginRules(), c)
			if !errors.Is(err, tt.want) || m.Username != tt.gets || !slices.Equal(m.Permissions, tt.permissions) {
				t.Errorf("got %+v, %v", m, err)
			}
		})
	}
	if m, err := r.Authenticate(t.Context(), "g", Credentials{Token: "global"}); err != nil || !m.Has(PermissionAdmin) {
		t.Errorf("administration without a name: %+v, %v", m, err)
	}
	for name, want := range map[string]error{"global": nil, "rootonly": ErrNotAuthorised, "free": ErrNotAuthorised, "e30.e30.e30": ErrNotAuthorised} {
		if _, err := r.AuthenticateAdmin(t.Context(), AdminScope{}, Credentials{Token: name}); !errors.Is(err, want) {
			t.Errorf("administrator of the server by %q: %v", name, err)
		}
	}
}

func TestUsersAuthenticateForTheirOwnEntry(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	r := quietRegistry(MemoryStore{"g": description(t, `{"users": {
		"ada": {"password": "lace"}, "kiosk": {"password": {"type": "wildcard"}}, "none": {}},
		"wildcard-user": {"password": "x"}}`)}, nil)
	for _, tt := range []struct {
		username, password string
		want               error
	}{
		{"ada", "lace", nil}, {"ada", "x", ErrNotAuthorised}, {"kiosk", "", ErrNotAuthorised}, {"kiosk", "x", ErrNotAuthorised},
		{"none", "", ErrNotAuthorised}, {"other", "x", ErrNotAuthorised}, {"", "x", ErrNotAuthorised},
	} {
		who, err := r.AuthenticateAdmin(t.Context(), AdminScope{Group: "g", User: tt.username}, Credentials{Username: &tt.username, Password: tt.password})
		if !errors.Is(err, tt.want) || who.Self != (err == nil) {
			t.Errorf("%q with %q: %+v, %v", tt.username, tt.password, who, err)
		}
	}
}

func TestAnonymousUsers(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const anybody = `"wildcard-user": {"password": {"type": "wildcard"}}`
	for file, want := range map[string]bool{
		`{` + anybody + `}`:                                            true,
		`{"allow-anonymous": true, ` + anybody + `}`:                   true,
		`{"allow-anonymous": false, ` + anybody + `}`:                  false,
		`{"allow-anonymous": false, "users": {"": {"password": ""}}}`:  true,
		`{"allow-anonymous": false, "users": {"": {"password": "x"}}}`: false,
		`{"other": [{}]}`:                          false,
		`{"allow-anonymous": true, "other": [{}]}`: true,
		`{"other": [{}], "users": {"": {"password": {"type": "wildcard"}}}}`:           true,
		`{"other": [], ` + anybody + `}`:                                               false,
		`{"allow-anonymous": null, ` + anybody + `}`:                                   true,
		`{"presenter": [{"username": "", "password": null}], "allow-anonymous": true}`: true,
		`{"presenter": [{"password": {}}], "allow-anonymous": true}`:                   false,
	} {
		_, _, err := newLoginRules(description(t, file)).login("", "", false)
		if (err == nil) != want {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestRefusalsTakeAsLongWhetherTheNameIsKnownOrNot(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	cheap, err := HashBcrypt("x", 4)
	if err != nil {
		t.Fatal(err)
	}
	costly, err := HashBcrypt("y", 5)
	if err != nil {
		t.Fatal(err)
	}
	derived, err := HashPBKDF2("z", PBKDF2Parameters{Iterations: 3})
	if err != nil {
		t.Fatal(err)
	}
	d := &Description{Users: Users{
		"cheap": {Password: cheap}, "costly": {Password: costly}, "derived": {Password: derived},
		"plain": {Password: PlainPassword("p")}, "none": {},
	}}
	rules := newLoginRules(d)
	if rules.costliest.cost() != costly.cost() || !rules.hashes() {
		t.Errorf("the costliest password is %+v", rules.costliest)
	}
	for _, p := range []Password{cheap, costly, derived} {
		decoy := p.decoy()
		if err := decoy.Check(); err != nil || decoy.cost() != p.cost() || decoy.Kind() != p.Kind() || p.cost() == 0 {
			t.Errorf("the decoy of %+v is %+v: %v", p, decoy, err)
		}
	}
	for _, username := range []string{"cheap", "costly", "derived", "plain", "none", "unknown", ""} {
		if _, _, err := rules.login(username, "wrong", false); !errors.Is(err, ErrNotAuthorised) {
			t.Errorf("%q: %v", username, err)
		}
	}
	// While others wait, the same is waited for, not computed.
	for username, want := range map[string]time.Duration{"costly": 0, "cheap": costly.cost(), "plain": costly.cost(), "unknown": costly.cost()} {
		if _, decoy, err := rules.login(username, "wrong", true); decoy != want || !errors.Is(err, ErrNotAuthorised) {
			t.Errorf("%q: %v without a decoy of %v", username, err, decoy)
		}
	}
	// What the decoy of PBKDF2 is made of opens nothing else.
	if _, _, err := newLoginRules(&Description{Users: Users{"derived": {Password: derived}}}).login("unknown", "z", false); !errors.Is(err, ErrNotAuthorised) {
		t.Errorf("another's password: %v", err)
	}
	if newLoginRules(&Description{Users: Users{"plain": {Password: PlainPassword("p")}}}).hashes() {
		t.Error("plain passwords wait for their turn")
	}
	if !newLoginRules(&Description{WildcardUser: &UserEntry{Password: cheap}}).hashes() {
		t.Error("the wildcard user does not wait for his turn")
	}
}

func TestRefusalsAreSlowedAndNothingElse(t *testing.T) {
	leaktest.Check(t)
	synctest.Test(t, func(t *testing.T) {
		r := quietRegistry(MemoryStore{"g": description(t, `{"users": {"ada": {"password": "lace"}, "bob": {"password": "x"}}}`)}, nil)
		here, there := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
		try := func(address netip.Addr, username, password string) (time.Duration, error) {
			begun := time.Now()
			_, err := r.Authenticate(t.Context(), "g", Credentials{Username: &username, Password: password, Address: address})
			return time.Since(begun), err
		}
		expect := func(address netip.Addr, username, password string, least, most time.Duration) {
			t.Helper()
			took, err := try(address, username, password)
			if took < least || took > most || (password == "wrong") != errors.Is(err, ErrNotAuthorised) {
				t.Errorf("%s at %s with %q: %v after %v", username, address, password, err, took)
			}
		}
		// A class comes at once, and everybody mistypes.
		done := make(chan time.Duration, freeFailures)
		for i := range freeFailures {
			go func() {
				took, _ := try(here, fmt.Sprint("pupil ", i), "wrong")
				done <- took
			}()
		}
		for range freeFailures {
			if took := <-done; took != refusalDelay {
				t.Errorf("the failure of one of a class took %v", took)
			}
		}
		// Then somebody guesses as fast as he can, on many connections.
		guesses := make(chan time.Duration, 100)
		for range 100 {
			go func() {
				took, _ := try(here, "ada", "wrong")
				guesses <- took
			}()
		}
		synctest.Wait()
		expect(here, "ada", "lace", 0, 0)
		expect(here, "bob", "x", 0, 0)
		expect(there, "ada", "wrong", refusalDelay, refusalDelay)
		last := time.Duration(0)
		for range 100 {
			last = max(last, <-guesses)
		}
		if last != maxNameDelay {
			t.Errorf("the slowest of 100 guesses took %v", last)
		}
		// It does not last for good.
		time.Sleep(5 * time.Minute)
		expect(here, "ada", "wrong", refusalDelay, refusalDelay)
		if _, err := r.authenticate(t.Context(), "g", loginRules{description: &Description{}}, Credentials{Address: here}); err != ErrUsernameRequired {
			t.Error(err)
		}
		s := r.Stats()
		if s.LoginsSucceeded != 2 || s.LoginsRefused != freeFailures+100+2 {
			t.Errorf("got %+v", s)
		}
	})
}

func TestMemoryOfFailuresIsBounded(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	f := newFailures()
	now := time.Now()
	for i := range 3 * maxRemembered {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		f.add(a, fmt.Sprint(i), now)
	}
	busy := netip.MustParseAddr("192.0.2.1")
	for i := range 2*maxRemembered + freeFailures {
		f.add(busy, fmt.Sprint(i), now)
	}
	if a, n := len(f.addresses.elements), len(f.names.elements); a != maxRemembered || n != maxRemembered ||
		f.addresses.order.Len() != a || f.names.order.Len() != n {
		t.Errorf("%d addresses and %d names are remembered", a, n)
	}
}

func TestAddressesThatOneClientHas(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for a, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1",
		"2001:db8::1": "2001:db8::", "2001:db8:0:0:ffff::1": "2001:db8::", "2001:db8:0:1::": "2001:db8:0:1::", "fe80::1%eth0": "fe80::",
	} {
		if got := AddressKey(netip.MustParseAddr(a)); got != netip.MustParseAddr(want) {
			t.Errorf("%s: got %s", a, got)
		}
	}
	if AddressKey(netip.Addr{}).IsValid() {
		t.Error("an unknown address became one")
	}
}

func BenchmarkLoginPlain(b *testing.B) {
	r := quietRegistry(MemoryStore{"g": description(b, `{"users": {"ada": {"password": "lace", "permissions": "op"}}}`)}, nil)
	username := "ada"
	for b.Loop() {
		if _, err := r.Authenticate(b.Context(), "g", Credentials{Username: &username, Password: "lace"}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoginWhileSomebodyGuesses measures the login of a good user, whose
// password is hashed, while another at the same address guesses on 300
// connections and never waits for an answer to be sent.
func BenchmarkLoginWhileSomebodyGuesses(b *testing.B) {
	hashed, err := HashPassword("lace")
	if err != nil {
		b.Fatal(err)
	}
	entry := UserEntry{Password: hashed}
	for name, guess := range map[string]func(i int) string{
		"OneName":   func(int) string { return "ada" },
		"ManyNames": func(i int) string { return fmt.Sprint("guess ", i) },
		"HisName":   func(int) string { return "bob" },
	} {
		b.Run(name, func(b *testing.B) {
			r := quietRegistry(MemoryStore{"g": {Users: Users{"ada": entry, "bob": entry}}}, nil)
			g, err := r.Get("g")
			if err != nil {
				b.Fatal(err)
			}
			ctx, stop := context.WithCancel(b.Context())
			var guessers sync.WaitGroup
			for i := range 300 {
				guessers.Go(func() {
					username := guess(i)
					ctx := ContextWithConnection(ctx)
					for ctx.Err() == nil {
						attemptsOf(ctx).begin()
						r.identify(ctx, "g", g.loginRules(), Credentials{Username: &username, Password: "wrong"})
					}
				})
			}
			username := "bob"
			for b.Loop() {
				if _, err := r.Authenticate(b.Context(), "g", Credentials{Username: &username, Password: "lace"}); err != nil {
					b.Fatal(err)
				}
			}
			stop()
			guessers.Wait()
		})
	}
}
