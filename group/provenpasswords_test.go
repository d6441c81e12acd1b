package group

import (
	"context"
	"errors"
	"testing"

	"galene/group/leaktest"
)

// busy takes every turn of hashing, for good.
func busy(t *testing.T, r *Registry) {
	t.Helper()
	for range r.hashing.free {
		if err := r.hashing.acquire(t.Context(), Credentials{}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhoHasLoggedInOnceNeedNotWaitForAHash checks which logins go on working
// while no password is being hashed at all.
func TestWhoHasLoggedInOnceNeedNotWaitForAHash(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	hash := func(password string) Password {
		t.Helper()
		p, err := HashPassword(password)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	d := &Description{
		Users: Users{
			"ada": {Password: hash("lace")}, "bob": {Password: hash("lace")}, "plain": {Password: PlainPassword("text")},
		},
		FallbackUsers: []UserEntry{{Password: hash("guests")}, {Password: hash("second")}},
	}
	r := quietRegistry(MemoryStore{"g": d}, nil)
	try := func(ctx context.Context, d *Description, username, password string) error {
		t.Helper()
		_, err := r.identify(ctx, "g", newLoginRules(d), Credentials{Username: &username, Password: password})
		return err
	}
	for username, password := range map[string]string{"ada": "lace", "somebody": "guests", "another": "second"} {
		if err := try(t.Context(), d, username, password); err != nil {
			t.Fatalf("%s: %v", username, err)
		}
	}
	for username, password := range map[string]string{"ada": "wrong", "bob": "guests"} {
		if err := try(t.Context(), d, username, password); !errors.Is(err, ErrNotAuthorised) {
			t.Fatalf("%s with %q: %v", username, password, err)
		}
	}
	busy(t, r)
	changed := *d
	changed.Users = Users{"ada": {Password: hash("lace")}}
	without := *d
	without.Users = Users{"ada": {}}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name               string
		d                  *Description
		username, password string
		want               error
	}{
		{"who has logged in", d, "ada", "lace", nil},
		{"with another password", d, "ada", "wrong", context.Canceled},
		{"with the fallback's", d, "ada", "guests", context.Canceled},
		{"who has the same password, hashed differently", d, "bob", "lace", context.Canceled},
		{"after his password has been hashed again", &changed, "ada", "lace", context.Canceled},
		{"whose password needs no hash", d, "plain", "text", nil},
		{"whose password needs no hash, with a wrong one", d, "plain", "lace", context.Canceled},
		{"by a fallback that has been used", d, "anybody", "guests", nil},
		{"by one behind another that needs a hash", d, "anybody", "second", context.Canceled},
		{"whose password was taken away", &without, "ada", "lace", context.Canceled},
	} {
		if err := try(over, tt.d, tt.username, tt.password); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestAdministratorsOfAGroupNeedNotWaitEither is the same for those of a group,
// who could also be those of the server.
func TestAdministratorsOfAGroupNeedNotWaitEither(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	hashed, err := HashPassword("lace")
	if err != nil {
		t.Fatal(err)
	}
	named := func(name string) Permissions {
		p, err := NamedPermissions(name)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	d := &Description{Users: Users{"ada": {Password: hashed, Permissions: named("admin")}, "bob": {Password: hashed, Permissions: named("op")}}}
	r := quietRegistry(MemoryStore{"g": d}, nil)
	try := func(ctx context.Context, username string) error {
		_, err := r.AuthenticateAdmin(ctx, AdminScope{Group: "g"}, Credentials{Username: &username, Password: "lace"})
		return err
	}
	if err := try(t.Context(), "ada"); err != nil {
		t.Fatal(err)
	}
	busy(t, r)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := try(over, "ada"); err != nil {
		t.Errorf("an administrator: %v", err)
	}
	if err := try(over, "bob"); err == nil {
		t.Error("an operator is let in")
	}
}

func TestProvenPasswordsAreForgottenWhenThereAreTooMany(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	p := newProvenPasswords()
	p.macs.limit = 2
	hashed, err := HashPassword("a")
	if err != nil {
		t.Fatal(err)
	}
	p.add(hashed, "a")
	p.add(hashed, "b")
	if !p.contains(hashed, "a") {
		t.Error("forgotten too early")
	}
	p.add(hashed, "c")
	if !p.contains(hashed, "a") || p.contains(hashed, "b") || !p.contains(hashed, "c") {
		t.Error("what has not been used for longest is not what was forgotten")
	}
}

// What has been proved holds for that password and that hash, however the parts of them
// read one after the other.
func TestWhatIsProvedIsOneHashAndOnePassword(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	hashed := func(kind passwordType, key, salt string, iterations int) Password {
		hash := "sha-256"
		return Password{kind: kind, hash: &hash, key: &key, salt: &salt, iterations: &iterations}
	}
	p := newProvenPasswords()
	p.add(hashed(passwordPBKDF2, "aa", "bb", 12), "34")
	for _, tt := range []struct {
		hashed   Password
		password string
		want     bool
	}{
		{hashed(passwordPBKDF2, "aa", "bb", 12), "34", true},
		{hashed(passwordPBKDF2, "aa", "bb", 12), "35", false},
		{hashed(passwordPBKDF2, "aa", "bb", 1), "234", false},
		{hashed(passwordPBKDF2, "aa", "bb", 13), "34", false},
		{hashed(passwordPBKDF2, "aab", "b", 12), "34", false},
		{hashed(passwordPBKDF2, "ab", "bb", 12), "34", false},
		{hashed(passwordBcrypt, "aa", "bb", 12), "34", false},
	} {
		if got := p.contains(tt.hashed, tt.password); got != tt.want {
			t.Errorf("%q: %v", tt.password, got)
		}
	}
}
