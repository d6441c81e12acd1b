package group_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"galene/group"
	"galene/group/leaktest"
)

// The files of testdata/seeds are the examples of manuals, old and new; what
// each becomes when it is written again stands beside it.

var update = flag.Bool("update", false, "write the golden files anew")

func seed(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "seeds", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func authenticate(t *testing.T, d *directory, name, username, password string) (group.Member, error) {
	t.Helper()
	return d.Authenticate(t.Context(), name, group.Credentials{Username: &username, Password: password})
}

func TestExamplesOfTheManualsAdmitWhomTheyShould(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	op := []string{"op", "present", "message", "caption", "token"}
	recorder := append(slices.Clone(op), "record")
	present := []string{"present", "message"}
	refused := []string{"refused"}
	for _, tt := range []struct {
		file, user, password string
		want                 []string
	}{
		{"a1", "bob", "secret", op}, {"a1", "bob", "Secret", refused}, {"a1", "ada", "secret", refused}, {"a1", "Bob", "secret", refused},
		{"a2", "jch", "1234", recorder}, {"a2", "x", "1234", refused},
		{"a3", "john", "secret", present}, {"a3", "jch", "1234", recorder},
		{"a4", "x", "1234", present}, {"a4", "x", "5678", refused}, {"a4", "jch", "1234", refused}, {"a4", "jch", "5678", op},
		{"a5", "x", "", present}, {"a5", "x", "y", present}, {"a5", "jch", "y", refused}, {"a5", "jch", "1234", op},
		{"a6", "x", "1234", present}, {"a6", "x", "y", refused},
		{"a7", "x", "y", present},
		{"a8", "x", "1234", op}, {"a8", "x", "y", present},
		{"a9", "jch", "topsecret", op}, {"a9", "jch", "topsecre", refused}, {"a9", "horse", "correct horse", present},
		{"a10", "op", "x", op}, {"a10", "present", "x", present}, {"a10", "message", "x", []string{"message"}},
		{"a10", "observe", "x", nil}, {"a10", "array", "x", present}, {"a10", "object", "x", present},
		{"a11", "x", "x", refused},
		{"a13", "jch", "1234", op}, {"a13", "jch", "x", refused}, {"a13", "x", "y", present}, {"a13", "", "y", refused},
		{"a14", "x", "", refused},
		{"legacy", "ada", "lace", op}, {"legacy", "ada", "other", refused}, {"legacy", "bob", "whatever", present},
		{"legacy", "x", "guests", present}, {"legacy", "x", "y", []string{"message"}},
	} {
		t.Run(tt.file+"/"+tt.user+"/"+tt.password, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t)
			d.write(t, "g", seed(t, tt.file))
			m, err := authenticate(t, d, "g", tt.user, tt.password)
			if slices.Equal(tt.want, refused) {
				if !errors.Is(err, group.ErrNotAuthorised) {
					t.Errorf("got %+v, %v", m, err)
				}
			} else if err != nil || !slices.Equal(m.Permissions, tt.want) || m.Username != tt.user {
				t.Errorf("got %+v, %v, want %q", m, err, tt.want)
			}
		})
	}
}

func TestExamplesOfTheManualsAreWhatTheySay(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d := newDirectory(t)
	for _, name := range []string{"a2", "a4", "a11", "a12", "a14", "a15", "legacy"} {
		d.write(t, name, seed(t, name))
	}
	for _, name := range []string{"a2/x", "legacy/x/y"} {
		if _, err := d.Get(name); err != nil {
			t.Errorf("automatic subgroup %s: %v", name, err)
		}
	}
	if public := d.Public(t.Context()); len(public) != 1 || public[0].Name != "a4" {
		t.Errorf("public groups are %v", public)
	}
	for name, want := range map[string]string{"a11": "https://auth.example.org", "a12": "http://localhost:1234"} {
		if g, err := d.Get(name); err != nil || g.PublicStatus().AuthServer != want {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
	const ofJohn = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJqb2huIiwiYXVkIjoiZ3JvdXBuYW1lIiwicGVybWlzc2lvbnMiOnsicHJlc2VudCI6dHJ1ZX0sImlhdCI6MTcwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.Aq2AH3F4qlW6yX4SEkvyKJ85r9_0tS5gZrrJ10ta5As"
	d.write(t, "groupname", seed(t, "a12"))
	m, err := d.Authenticate(t.Context(), "groupname", group.Credentials{Token: ofJohn})
	if err != nil || m.Username != "john" || !slices.Equal(m.Permissions, []string{"present", "message"}) {
		t.Errorf("token of 2021: %+v, %v", m, err)
	}
	g, err := d.Get("a15")
	if err != nil {
		t.Fatal(err)
	}
	if codecs := g.Description().MediaCodecs(); len(codecs) != 1 || codecs[0].Name != "opus" {
		t.Errorf("codecs are %v", codecs)
	}
	if log := d.log.String(); !strings.Contains(log, "weak key") || strings.Contains(log, "AQIDBA") || !strings.Contains(log, "nonsense") || !strings.Contains(log, "obsolete") {
		t.Errorf("log is %q", log)
	}
}

func TestDescriptionsAreWrittenInTodaysForm(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "seeds", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := group.ParseDescription(data)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		got, err := group.EncodeDescription(d)
		if err != nil {
			t.Fatal(err)
		}
		golden := strings.TrimSuffix(file, ".json") + ".written"
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is written as\n%s, not\n%s", file, got, want)
		}
		again, err := group.ParseDescription(got)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := group.EncodeDescription(again); err != nil || !bytes.Equal(twice, got) {
			t.Errorf("%s is written twice as\n%s", file, twice)
		}
		if clone := d.Clone(); !reflect.DeepEqual(clone, d) {
			t.Errorf("%s: the copy is %+v", file, clone)
		}
	}
}

func TestExamplesOfConfigurations(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, text := range []string{
		`{"users": {"root": {"password": "secret", "permissions": "admin"}}, "canonicalHost": ""}`,
		`{"users": {"root": {"password": "secret", "permissions": ["admin"]}}, "canonicalHost": "galene.example.org", "publicServer": true}`,
		`{"admin": [{"username": "root", "password": "secret"}, {"username": "x"}, {"password": "y"}, {}]}`,
	} {
		d := newDirectory(t)
		path := filepath.Join(d.path, "config.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r := group.NewRegistry(group.RegistryOptions{Store: group.MemoryStore{}, Config: group.NewConfigFile(path, d.logger)})
		admin := func(username, password string) error {
			_, err := r.AuthenticateAdmin(context.Background(), group.AdminScope{}, group.Credentials{Username: &username, Password: password})
			return err
		}
		if err := admin("root", "secret"); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		for _, wrong := range [][2]string{{"root", "x"}, {"root", ""}, {"x", ""}, {"x", "y"}, {"", "y"}, {"", ""}} {
			if err := admin(wrong[0], wrong[1]); !errors.Is(err, group.ErrNotAuthorised) {
				t.Errorf("%s: %q with %q: %v", text, wrong[0], wrong[1], err)
			}
		}
	}
}
