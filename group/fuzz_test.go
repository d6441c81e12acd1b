package group

import (
	"bytes"
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"galene/group/leaktest"
)

// FuzzEncodeDescription checks that what is written is read as the same again.
func FuzzEncodeDescription(f *testing.F) {
	leaktest.Check(f)
	for _, s := range []string{
		`{}`, `{"users": {"bob": {"password":"secret", "permissions":"op"}}}`,
		`{"op": [{"username": "a"}, {}], "presenter": [{"password": {"type": "bcrypt"}}], "allow-subgroups": true}`,
		`{"users":{"":{"password":{}, "permissions": {}}},"fallback-users":[{}]}`, `{"expires":"2026-01-01T00:00:00Z"}`,
		`{"authKeys": [{}, null, 1], "codecs": [], "allow-anonymous": false}`, `{"users": {"a": {"password": {"hash": "x"}}}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseDescription(data)
		if err != nil {
			return
		}
		d.Warnings()
		written, err := EncodeDescription(d)
		if err != nil {
			// A year of five digits, say, which JSON does not have.
			return
		}
		again, err := ParseDescription(written)
		if err != nil {
			t.Fatalf("%q was written as %q: %v", data, written, err)
		}
		if twice, err := EncodeDescription(again); err != nil || !bytes.Equal(twice, written) {
			t.Fatalf("%q was written as %q, then as %q", data, written, twice)
		}
		if len(again.Users) != len(d.Users) || len(again.FallbackUsers) != len(d.FallbackUsers) || (again.WildcardUser == nil) != (d.WildcardUser == nil) {
			t.Errorf("%q lost logins: %q", data, written)
		}
		if sanitised, err := EncodeDescription(d.Sanitised()); err != nil {
			t.Error(err)
		} else if _, err := ParseSanitised(sanitised); err != nil {
			t.Errorf("%q: %v", sanitised, err)
		}
	})
}

// FuzzNames checks that a valid name stays inside the directory, and hides
// nothing.
func FuzzNames(f *testing.F) {
	leaktest.Check(f)
	for _, s := range []string{"", "a", "a/b", "../a", "a/../b", "a//b", ".a", "a/.b", `a\b`, "a\x00", "é", "e\u0301", "a/", "/a", strings.Repeat("x/", 2048)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if ValidName(name) {
			if path.Join("/d", name) != "/d/"+name || strings.ContainsAny(name, "\\\x00\n\x7f") || strings.Contains("/"+name, "/.") || !utf8.ValidString(name) {
				t.Errorf("%q is valid", name)
			}
			if got := NameFromPath("/group/" + name); got != name {
				t.Errorf("the path of %q means %q", name, got)
			}
		}
		if got := NameFromPath(name); got != "" && !ValidName(got) {
			t.Errorf("the path %q means %q", name, got)
		}
		if ValidUsername(name) && name != "" && path.Join("/d", name) != "/d/"+name {
			t.Errorf("user name %q is valid", name)
		}
	})
}

// FuzzParsePassword checks that what can be set can also be checked, and is
// read as the same again.
func FuzzParsePassword(f *testing.F) {
	leaktest.Check(f)
	for _, s := range []string{
		`"x"`, `null`, `{}`, `{"type":"wildcard"}`, `{"type":"pbkdf2","hash":"sha-256","iterations":1,"key":"00112233445566778899aabbccddeeff"}`,
		`{"type":"bcrypt","key":"$2a$04$......................0123456789012345678901234567890"}`, `{"key":"x"}`, `{"type":"plain"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePassword(data)
		if err != nil {
			if !p.IsZero() {
				t.Errorf("%q is half read", data)
			}
			return
		}
		if p.cost() < 100_000_000 {
			if _, err := p.Match("x"); err != nil {
				t.Errorf("%q cannot be checked: %v", data, err)
			}
		}
		written, err := p.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParsePassword(written); err != nil || again.Kind() != p.Kind() || again.cost() != p.cost() {
			t.Errorf("%q was written as %q: %v", data, written, err)
		}
	})
}
