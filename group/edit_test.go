package group_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"galene/group"
	"galene/group/grouptest"
)

func rename(to string) func(*group.Description) (*group.Description, error) {
	return func(d *group.Description) (*group.Description, error) {
		if d == nil {
			d = &group.Description{}
		}
		d.DisplayName = to
		return d, nil
	}
}

func TestEditIsInForceAtOnce(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "g", open(`, "auto-subgroups": true`))
	member, _ := d.mustJoin(t, "g", "1", "x", "")
	below, _ := d.mustJoin(t, "g/sub", "2", "x", "")
	member.Take()
	below.Take()
	if created, err := d.Edit("g", nil, rename("New")); created || err != nil {
		t.Fatal(created, err)
	}
	for _, c := range []*grouptest.Client{member, below} {
		events := c.Take()
		if len(events) != 1 || events[0].(group.Changed).Status.DisplayName != "New" {
			t.Errorf("a member got %v", events)
		}
	}
	d.mustJoin(t, "g", "3", "op", "op")
	if public := d.Public(t.Context()); len(public) != 0 {
		t.Errorf("public groups are %v", public)
	}
	if created, err := d.Edit("a/b/c", nil, func(*group.Description) (*group.Description, error) {
		return &group.Description{Public: true}, nil
	}); !created || err != nil {
		t.Fatal(created, err)
	}
	if public := d.Public(t.Context()); len(public) != 1 || public[0].Name != "a/b/c" {
		t.Errorf("public groups are %v", public)
	}
	if names := d.Names(t.Context()); len(names) != 2 || names[0] != "a/b/c" || names[1] != "g" {
		t.Errorf("names are %q", names)
	}
	if err := d.Remove("g", nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.join(t, "g", "4", "x", ""); !errors.Is(err, group.ErrNoSuchGroup) {
		t.Errorf("after the removal: %v", err)
	}
	for range 2 {
		if err := d.Remove("g", nil); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the second removal: %v", err)
		}
	}
	if _, _, err := d.Definition("g"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the removal: %v", err)
	}
}

func TestEditOfNamesThatCannotBe(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	for _, name := range []string{"", "../x", ".x", "a\x00b", "/a", `a\b`} {
		if _, err := d.Edit(name, nil, rename("x")); !errors.Is(err, group.ErrIllegalName) {
			t.Errorf("%q: %v", name, err)
		}
		if err := d.Remove(name, nil); !errors.Is(err, group.ErrIllegalName) {
			t.Errorf("%q: %v", name, err)
		}
		if _, _, err := d.Definition(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
	}
	d.write(t, "file", "{}")
	for _, name := range []string{strings.Repeat("x", 300), strings.Repeat("x/", 2500) + "x"} {
		var bad *group.InputError
		if _, err := d.Edit(name, nil, rename("x")); !errors.As(err, &bad) {
			t.Errorf("%.20q: %v", name, err)
		}
		if err := d.Remove(name, nil); !errors.Is(err, fs.ErrNotExist) && !errors.As(err, &bad) {
			t.Errorf("%.20q: %v", name, err)
		}
	}
	if _, err := group.NewRegistry(group.RegistryOptions{Store: group.MemoryStore{}}).Edit("g", nil, rename("x")); !errors.Is(err, group.ErrReadOnly) {
		t.Errorf("groups that are in memory: %v", err)
	}
}

func TestEditThatIsNotExpectedChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	no := errors.New("no")
	if _, err := d.Edit("g", func(tag string) error {
		if tag != "" {
			t.Errorf("what does not exist has tag %q", tag)
		}
		return no
	}, rename("x")); err != no {
		t.Errorf("got %v", err)
	}
	d.write(t, "g", open(""))
	if _, err := d.Edit("g", nil, func(old *group.Description) (*group.Description, error) {
		delete(old.Users, "op")
		old.WildcardUser.Password = group.Password{}
		return nil, no
	}); err != no {
		t.Errorf("got %v", err)
	}
	d.mustJoin(t, "g", "1", "op", "op")
	d.mustJoin(t, "g", "2", "x", "")
	if data, err := os.ReadFile(filepath.Join(d.path, "g.json")); err != nil || string(data) != open("") {
		t.Errorf("the file is %s", data)
	}
	d.write(t, "g", `{"oops": 1}`)
	if _, err := d.Edit("g", nil, rename("x")); err == nil || !strings.Contains(err.Error(), `g.json:1:2: unknown key "oops"`) {
		t.Errorf("a file that is broken: %v", err)
	}
}

func TestEditAgainstAnEditByHandIsRefused(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "g", open(""))
	for _, byHand := range []func(){
		func() { d.write(t, "g", open(`, "comment": "by hand"`)) },
		func() { os.Remove(filepath.Join(d.path, "g.json")) },
		func() { d.write(t, "g", open("")) },
	} {
		_, err := d.Edit("g", nil, func(*group.Description) (*group.Description, error) {
			byHand()
			return &group.Description{}, nil
		})
		if !errors.Is(err, group.ErrTagMismatch) {
			t.Errorf("got %v", err)
		}
	}
	entries, err := os.ReadDir(d.path)
	if err != nil || len(entries) != 1 {
		t.Errorf("left over: %v, %v", entries, err)
	}
}

func TestTagsDifferAndLast(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	seen := make(map[string]bool)
	for i := range 100 {
		if _, err := d.Edit("g", nil, rename(strconv.Itoa(i%10))); err != nil {
			t.Fatal(err)
		}
		_, stamp, err := d.Definition("g")
		if err != nil || seen[stamp.Tag()] {
			t.Fatalf("tag %q, %v", stamp.Tag(), err)
		}
		seen[stamp.Tag()] = true
		info, err := os.Stat(filepath.Join(d.path, "g.json"))
		if err != nil || stamp.Tag() != fmt.Sprintf("%d-%d", info.Size(), info.ModTime().UnixNano()) {
			t.Errorf("tag %q is not that of the file %v", stamp.Tag(), info)
		}
	}
}

func TestWhatAnEditLeavesOnTheDisk(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	if _, err := d.Edit("a/b", nil, rename("x")); err != nil {
		t.Fatal(err)
	}
	mode := func(name string, want fs.FileMode) {
		t.Helper()
		if info, err := os.Lstat(filepath.Join(d.path, name)); err != nil || info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
		}
	}
	mode("a", 0o700|fs.ModeDir)
	mode("a/b.json", 0o600)
	for was, want := range map[fs.FileMode]fs.FileMode{0o644: 0o600, 0o400: 0o400} {
		if err := os.Chmod(filepath.Join(d.path, "a/b.json"), was); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Edit("a/b", nil, rename("y")); err != nil {
			t.Fatal(err)
		}
		mode("a/b.json", want)
	}
	if data, err := os.ReadFile(filepath.Join(d.path, "a/b.json")); err != nil || string(data) != `{"displayName":"y"}`+"\n" {
		t.Errorf("the file is %q, %v", data, err)
	}
	elsewhere := filepath.Join(t.TempDir(), "real.json")
	if err := os.WriteFile(elsewhere, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(d.path, "link.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Edit("link", nil, rename("z")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(filepath.Join(d.path, "link.json")); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info, err)
	}
	if data, _ := os.ReadFile(elsewhere); string(data) != `{"displayName":"z"}`+"\n" {
		t.Errorf("the file is %q", data)
	}
}

func TestNoAcceptedEditIsLost(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	const writers, rounds = 4, 150
	accepted := make([]int, writers)
	var running sync.WaitGroup
	for w := range writers {
		running.Go(func() {
			for range rounds {
				tag := ""
				if _, stamp, err := d.Definition("g"); err == nil {
					tag = stamp.Tag()
				}
				_, err := d.Edit("g", func(now string) error {
					if now != tag {
						return group.ErrTagMismatch
					}
					return nil
				}, func(old *group.Description) (*group.Description, error) {
					if old == nil {
						old = &group.Description{}
					}
					old.MaxClients++
					return old, nil
				})
				if err == nil {
					accepted[w]++
				} else if !errors.Is(err, group.ErrTagMismatch) {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	sum := 0
	for _, n := range accepted {
		sum += n
	}
	final, _, err := d.Definition("g")
	if err != nil || final.MaxClients != sum || sum < rounds/2 {
		t.Errorf("%d edits were accepted, %+v remained, %v", sum, final, err)
	}
}

func TestJoinsRaceTheRemovalOfAnIdleGroup(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	var running sync.WaitGroup
	for i := range 4 {
		running.Go(func() {
			for n := range 200 {
				if i == 0 {
					// It is dropped from memory, and comes again.
					if err := d.Remove("g", nil); err != nil && !errors.Is(err, fs.ErrNotExist) {
						t.Error(err)
					}
					continue
				}
				if _, err := d.Edit("g", nil, func(*group.Description) (*group.Description, error) {
					return &group.Description{WildcardUser: &group.UserEntry{Password: group.WildcardPassword()}}, nil
				}); err != nil && !errors.Is(err, group.ErrTagMismatch) {
					t.Error(err)
				}
				c, g, err := d.join(t, "g", fmt.Sprint(i, "-", n), "x", "")
				if errors.Is(err, group.ErrNoSuchGroup) {
					continue
				}
				if err != nil {
					t.Error(err)
					continue
				}
				if now, err := d.Get("g"); err == nil && now != g {
					t.Error("a member is in a group that nobody finds")
				}
				g.Leave(c)
			}
		})
	}
	running.Wait()
}

func TestInputOfTheAPI(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `{`, `[]`, `{} {}`, `{"public": 1}`, `{"users": {}}`, `{"wildcard-user": null}`, `{"authKeys": []}`, `{"fallback-users": []}`,
		`{"op": []}`, `{"presenter": []}`, `{"other": []}`, `{"expires": "tomorrow"}`, `{"public": true, "public": true}`,
		strings.Repeat(`{"x":`, 11_000) + `1` + strings.Repeat(`}`, 11_000),
	} {
		var bad *group.InputError
		if d, err := group.ParseSanitised([]byte(text)); !errors.As(err, &bad) {
			t.Errorf("settings %.40s: %+v, %v", text, d, err)
		}
	}
	d, err := group.ParseSanitised([]byte(`{"unknown": {}, "displayName": "D", "allow-subgroups": true, "allow-anonymous": false}`))
	if err != nil || d.DisplayName != "D" || !d.AutoSubgroups || *d.AllowAnonymous {
		t.Errorf("got %+v, %v", d, err)
	}
	old, err := group.ParseDescription([]byte(seed(t, "everything")))
	if err != nil {
		t.Fatal(err)
	}
	merged := old.WithSettings(d)
	if len(merged.Users) != 3 || merged.WildcardUser == nil || len(merged.FallbackUsers) != 2 || len(merged.AuthKeys) != 1 || merged.Text != "" || merged.DisplayName != "D" {
		t.Errorf("got %+v", merged)
	}
	for _, secret := range []string{"lace", "<&>", "AAEC"} {
		if data, err := group.EncodeDescription(old.Sanitised()); err != nil || strings.Contains(string(data), secret) {
			t.Errorf("sanitised, it is %s", data)
		}
	}

	for text, want := range map[string]bool{
		`{}`: true, `{"permissions": "present"}`: true, `{"permissions": ["op"], "x": 1}`: true, `{"permissions": null}`: true,
		`{"permissions": "fly"}`: false, `{"permissions": ["system"]}`: false, `{"permissions": ""}`: false, `{"permissions": 1}`: false,
		`{"password": "x"}`: false, `[]`: false, ``: false,
	} {
		if _, err := group.ParseUserSettings([]byte(text)); (err == nil) != want {
			t.Errorf("user %s: %v", text, err)
		}
	}
	const key = `{"kty":"oct","alg":"HS256","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}`
	for text, want := range map[string]int{
		`{}`: 0, `{"keys": null}`: 0, `{"keys": [` + key + `, ` + key + `], "x": 1}`: 2,
		`{"keys": [` + key + `, {"alg":"HS256","k":"AQIDBA=="}]}`: -1, `{"keys": {}}`: -1, `{"keys": [1]}`: -1, `[]`: -1,
	} {
		keys, err := group.ParseKeySet([]byte(text))
		if (err != nil) != (want < 0) || want >= 0 && len(keys) != want {
			t.Errorf("keys %s: %s, %v", text, keys, err)
		}
	}
}

func TestPasswordsThatCanBeSet(t *testing.T) {
	t.Parallel()
	hashed, err := group.HashPassword("secret")
	if err != nil {
		t.Fatal(err)
	}
	bcrypt, err := hashed.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	const key = `"key":"bd86658440942d91f4b18037e7755a5a7b2ebffbab345d3e9ffd5e6b4fddf37c"`
	for text, kind := range map[string]string{
		`"secret"`: "plain", `""`: "plain", `{"type":"plain","key":"x"}`: "plain", `{"key":"x"}`: "plain", `{"type":"plain","key":"","x":1}`: "plain",
		`{"type":"wildcard"}`: "wildcard", `{"type":"none"}`: "none", string(bcrypt): "bcrypt",
		strings.Replace(string(bcrypt), "$2a$", "$2b$", 1): "bcrypt", strings.Replace(string(bcrypt), "$2a$", "$2y$", 1): "bcrypt",
		`{"type":"pbkdf2","hash":"sha-256","iterations":4096,"salt":"0f1e2d3c4b5a6978",` + key + `}`: "pbkdf2",

		`null`: "", `{}`: "", `7`: "", ``: "", `"a" "b"`: "", `[]`: "", `{"type":null}`: "", `{"type":""}`: "", `{"type":"rot13","key":"x"}`: "",
		`{"type":"plain"}`: "", `{"type":"plain","key":7}`: "", `{"type":"bcrypt"}`: "", `{"type":"bcrypt","key":"x"}`: "",
		`{"type":"bcrypt","key":"$2a$31$......................0123456789012345678901234567890"}`: "",
		`{"type":"pbkdf2","hash":"sha-256","iterations":0,"salt":"0f1e",` + key + `}`:            "",
		`{"type":"pbkdf2","hash":"sha-256","iterations":999999999999,"salt":"0f1e",` + key + `}`: "",
		`{"type":"pbkdf2","hash":"sha-256","salt":"0f1e",` + key + `}`:                           "",
		`{"type":"pbkdf2","hash":"sha-1","iterations":1,"salt":"0f1e",` + key + `}`:              "",
		`{"type":"pbkdf2","iterations":1,"salt":"0f1e",` + key + `}`:                             "",
		`{"type":"pbkdf2","hash":"sha-256","iterations":1,"salt":"x",` + key + `}`:               "",
		`{"type":"pbkdf2","hash":"sha-256","iterations":1,"salt":"0f1e","key":""}`:               "",
		`{"type":"pbkdf2","hash":"sha-256","iterations":1,"salt":"0f1e","key":"0011"}`:           "",
		`{"type":"pbkdf2","hash":"sha-256","iterations":1,"salt":"0f1e","key":"zz"}`:             "",
		`{"type":"pbkdf2","hash":"sha-256","iterations":1,"salt":"0f1e"}`:                        "",
		`{"type":"pbkdf2","hash":"sha-256","iterations":1.5,"salt":"0f1e",` + key + `}`:          "",
	} {
		p, err := group.ParsePassword([]byte(text))
		var bad *group.InputError
		if p.Kind() != kind || (err == nil) != (kind != "") || err != nil && !errors.As(err, &bad) {
			t.Errorf("%s: %q, %v", text, p.Kind(), err)
		}
		if err == nil {
			again, err := p.MarshalJSON()
			back, err2 := group.ParsePassword(again)
			if err != nil || err2 != nil || back.Kind() != kind {
				t.Errorf("%s is written as %s: %v, %v", text, again, err, err2)
			}
		}
	}
	for _, variant := range []string{"$2a$", "$2b$", "$2y$"} {
		p, err := group.ParsePassword([]byte(strings.Replace(string(bcrypt), "$2a$", variant, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if right, err := p.Match("secret"); !right || err != nil {
			t.Errorf("%s: %v, %v", variant, right, err)
		}
		if right, _ := p.Match("Secret"); right {
			t.Errorf("%s: a wrong password was accepted", variant)
		}
	}
	var bad *group.InputError
	if _, err := group.HashPassword(strings.Repeat("x", 73)); !errors.As(err, &bad) || !strings.Contains(err.Error(), "72") {
		t.Errorf("73 bytes: %v", err)
	}
	for _, err := range []error{second(group.HashBcrypt("x", 3)), second(group.HashBcrypt("x", 17)), second(group.HashPBKDF2("x", 0))} {
		if !errors.As(err, &bad) {
			t.Errorf("got %v", err)
		}
	}
	derived, err := group.HashPBKDF2("x", group.DefaultPBKDF2Iterations)
	if err != nil || derived.Check() != nil {
		t.Errorf("got %+v, %v", derived, err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestClientAddressBehindProxies(t *testing.T) {
	t.Parallel()
	c, err := group.ParseConfig([]byte(`{"trustedProxies": ["127.0.0.1", "10.0.0.0/8", "::1"]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		remote    string
		forwarded []string
		trusted   string
		untrusted string
	}{
		{"192.0.2.1:7", nil, "192.0.2.1", "192.0.2.1"},
		{"192.0.2.1:7", []string{"198.51.100.1"}, "192.0.2.1", "192.0.2.1"},
		{"127.0.0.1:7", []string{"198.51.100.1"}, "198.51.100.1", "127.0.0.1"},
		{"[::1]:7", []string{"2001:db8::1"}, "2001:db8::1", "::1"},
		{"127.0.0.1:7", []string{"6.6.6.6, 198.51.100.1, 10.1.2.3"}, "198.51.100.1", "127.0.0.1"},
		{"127.0.0.1:7", []string{"6.6.6.6", "198.51.100.1:99"}, "198.51.100.1", "127.0.0.1"},
		{"127.0.0.1:7", []string{"unknown"}, "127.0.0.1", "127.0.0.1"},
		{"127.0.0.1:7", []string{"198.51.100.1, unknown, 10.0.0.1"}, "10.0.0.1", "127.0.0.1"},
		{"127.0.0.1:7", []string{""}, "127.0.0.1", "127.0.0.1"},
		{"[::ffff:127.0.0.1]:7", []string{"[2001:db8::2]"}, "2001:db8::2", "127.0.0.1"},
		{"@", []string{"198.51.100.1"}, "198.51.100.1", "invalid IP"},
		{"@", nil, "invalid IP", "invalid IP"},
	} {
		if got := c.ClientAddress(tt.remote, tt.forwarded).String(); got != tt.trusted {
			t.Errorf("%s, %q: got %s, want %s", tt.remote, tt.forwarded, got, tt.trusted)
		}
		if got := (&group.Config{}).ClientAddress(tt.remote, tt.forwarded).String(); got != tt.untrusted {
			t.Errorf("%s, %q without trust: got %s, want %s", tt.remote, tt.forwarded, got, tt.untrusted)
		}
	}
	for _, text := range []string{`{"trustedProxies": "127.0.0.1"}`, `{"trustedProxies": ["localhost"]}`, `{"trustedProxies": ["10.0.0.0/99"]}`} {
		if _, err := group.ParseConfig([]byte(text)); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}

func TestStatsNameFaultyFiles(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	d.write(t, "good", open(""))
	d.write(t, "turned", open(""))
	d.write(t, "bad", `{`)
	d.mustJoin(t, "good", "1", "x", "")
	d.mustJoin(t, "turned", "1", "x", "")
	d.write(t, "turned", `{"oops": 1}`)
	d.Public(t.Context())
	s := d.Stats()
	if s.Groups != 2 || s.Members != 2 || len(s.Faults) != 2 || s.Faults["bad"] == nil || s.Faults["turned"] == nil || s.LoginsSucceeded != 2 {
		t.Errorf("got %+v", s)
	}
	d.write(t, "turned", open(""))
	if _, err := d.Get("turned"); err != nil || len(d.Stats().Faults) != 1 {
		t.Errorf("after the repair: %+v, %v", d.Stats(), err)
	}
}

func BenchmarkGroupLookup(b *testing.B) {
	path := b.TempDir()
	if err := os.WriteFile(filepath.Join(path, "g.json"), []byte(open("")), 0o600); err != nil {
		b.Fatal(err)
	}
	r := group.NewRegistry(group.RegistryOptions{Store: group.NewFileStore(os.DirFS(path), path, slog.New(slog.DiscardHandler))})
	for b.Loop() {
		if _, err := r.Get("g"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPublicOf10000Groups(b *testing.B) {
	path := b.TempDir()
	for i := range 10_000 {
		if err := os.WriteFile(filepath.Join(path, fmt.Sprintf("g%d.json", i)), []byte(`{"public": true}`), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	r := group.NewRegistry(group.RegistryOptions{Store: group.NewFileStore(os.DirFS(path), path, slog.New(slog.DiscardHandler))})
	r.Public(b.Context())
	for b.Loop() {
		if n := len(r.Public(b.Context())); n != 10_000 {
			b.Fatalf("%d groups", n)
		}
	}
}
