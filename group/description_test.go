package group

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"galene/group/leaktest"
)

func TestParseDescriptionErrorsSayWhereAndWhat(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	tests := []struct {
		name, file   string
		line, column int
		text         string
	}{
		{"unknown key", "{\n  \"public\": true,\n  \"publik\": true\n}", 3, 3, `unknown key "publik"`},
		{"key that stands twice in other capitals", `{"public": true, "Public": false}`, 1, 18, `key "Public" stands twice`},
		{"name of a user in other capitals is another one", `{"users": {"a": {}, "A": {"passwd": "x"}}}`, 1, 27, `unknown key "passwd"`},
		{"unknown key of a user", `{"users": {"bob": {"passwd": "x"}}}`, 1, 20, `unknown key "passwd"`},
		{"unknown key of a password", "{\"users\": {\"bob\": {\"password\": {\n\"typ\": 1}}}}", 2, 1, `unknown key "typ"`},
		{"key that stands twice", `{"users": {}, "users": {}}`, 1, 15, `key "users" stands twice`},
		{"user that stands twice", `{"users": {"a": {}, "a": {}}}`, 1, 21, `key "a" stands twice`},
		{"trailing garbage", "{}\n{}", 2, 1, "something follows"},
		{"missing comma", "{\n\"public\": true\n\"codecs\": []}", 3, 1, "there is a comma missing before this"},
		{"trailing comma", "{\"public\": true,\n}", 2, 1, "there is a comma too many before this"},
		{"trailing comma after a mark", "\ufeff{\"public\": true,\n}", 2, 1, "there is a comma too many before this"},
		{"unknown key after a mark", "\ufeff{\"publik\": true}", 1, 2, `unknown key "publik"`},
		{"UTF-16 of Windows", "\xff\xfe{\x00}\x00", 1, 1, "this is UTF-16; save the file as UTF-8"},
		{"UTF-16 without a mark", "\x00{\x00}", 1, 1, "this is UTF-16; save the file as UTF-8"},
		{"premature end", `{"public": true`, 1, 16, "unexpected end"},
		{"empty file", "", 1, 1, "unexpected end"},
		{"not an object", " []", 1, 2, "not an object"},
		{"wrong type", "{\n\"public\": 1}", 2, 11, `key "public": number where true or false is needed`},
		{"users of the wrong type", `{"users": []}`, 1, 11, "not an object"},
		{"unknown permission", `{"wildcard-user": {"permissions": "boss"}}`, 1, 35, `unknown permission "boss"`},
		{"permission of the server's", `{"wildcard-user": {"permissions": ["system"]}}`, 1, 35, `unknown permission "system"`},
		{"bad date", `{"expires": "tomorrow"}`, 1, 13, "is no date"},
		{"fallback users that are no array", `{"fallback-users": {}}`, 1, 20, "not an array"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseDescription([]byte(tt.file))
			var e *DecodeError
			if !errors.As(err, &e) {
				t.Fatalf("got error %v, want a DecodeError", err)
			}
			if e.Line != tt.line || e.Column != tt.column || !strings.Contains(e.Err.Error(), tt.text) {
				t.Errorf("got %v, want %d:%d and %q", e, tt.line, tt.column, tt.text)
			}
		})
	}
}

// Galene has never minded capitals.
func TestCapitalsInKeysDoNotMatter(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d, err := ParseDescription([]byte(`{
		"Users": {"ada": {"Password": {"Type": "plain", "KEY": "lace"}, "Permissions": "op"}},
		"Allow-Recording": true, "displayname": "Analysis"
	}`))
	if err != nil {
		t.Fatal(err)
	}
	ada := d.Users["ada"]
	if right, err := ada.Password.Match("lace"); !right || err != nil {
		t.Errorf("the password is not the one: %v", err)
	}
	if !d.AllowRecording || d.DisplayName != "Analysis" || ada.Permissions.name != "op" {
		t.Errorf("got %+v", d)
	}
	c, err := ParseConfig([]byte(`{"proxyUrl": "https://a.example/b", "writablegroups": true}`))
	if err != nil {
		t.Fatal(err)
	}
	if c.ProxyURL != "https://a.example/b" || !c.WritableGroups {
		t.Errorf("got %+v", c)
	}
	for _, body := range []string{`{"Users": {}}`, `{"authkeys": []}`} {
		if _, err := ParseSanitised([]byte(body)); err == nil {
			t.Errorf("%s are settings", body)
		}
	}
	if _, err := ParseUserSettings([]byte(`{"Password": "x"}`)); err == nil {
		t.Error("a password is a setting")
	}
}

func TestParseDescriptionKnowsEveryKey(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d, err := ParseDescription([]byte(`{
		"$schema": 1, "_note": {},
		"users": {"ada": {"password": "lace", "permissions": "op"}, "none": {}},
		"wildcard-user": {"password": {"type": "wildcard"}, "permissions": ["message"]},
		"fallback-users": [{"password": "x", "permissions": {"present": true, "op": false}}],
		"authKeys": [{"kty": "oct", "alg": "HS256", "k": "AQ"}],
		"authServer": "https://a.example", "authPortal": "https://p.example",
		"public": true, "displayName": "D", "description": "T", "contact": "c", "comment": "d",
		"max-clients": 7, "max-history-age": 60,
		"not-before": "2026-03-01T09:00Z", "expires": "2026-03-01T09:00:00+0100",
		"allow-recording": true, "unrestricted-tokens": true, "allow-anonymous": false,
		"autolock": true, "autokick": true, "redirect": "https://r.example",
		"codecs": ["vp9", "opus"],
		"op": [], "presenter": [{}], "other": null, "allow-subgroups": true
	}`))
	if err != nil {
		t.Fatal(err)
	}
	if !d.Public || d.DisplayName != "D" || d.Text != "T" || d.MaxClients != 7 || !d.AutoSubgroups ||
		d.HistoryAge() != time.Minute || d.Redirect != "https://r.example" || len(d.Users) != 2 ||
		len(d.FallbackUsers) != 2 || len(d.MediaCodecs()) != 3 || *d.AllowAnonymous {
		t.Errorf("got %+v", d)
	}
	if !d.NotBefore.Equal(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)) ||
		!d.Expires.Equal(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("got times %v and %v", d.NotBefore, d.Expires)
	}
	if got := d.FallbackUsers[0].Permissions.expand(d); !reflect.DeepEqual(got, []string{"present", "message"}) {
		t.Errorf("got permissions %q for the form of 2021", got)
	}
}

func TestEmptyDescriptionHasDefaults(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d, err := ParseDescription([]byte("{}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if d.HistoryAge() != 4*time.Hour {
		t.Errorf("history age is %v", d.HistoryAge())
	}
	codecs := d.MediaCodecs()
	if len(codecs) != 2 || codecs[0].Name != "vp8" || codecs[1].Name != "opus" {
		t.Errorf("codecs are %v", codecs)
	}
}

func TestUnknownCodecIsLeftOut(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	d, err := ParseDescription([]byte(`{"codecs": ["nonsense", "opus"]}`))
	if err != nil {
		t.Fatal(err)
	}
	if codecs := d.MediaCodecs(); len(codecs) != 1 || codecs[0].Name != "opus" {
		t.Errorf("codecs are %v", codecs)
	}
	if w := d.Warnings(); len(w) != 1 || !strings.Contains(w[0].Text, "nonsense") {
		t.Errorf("warnings are %q", w)
	}
}

func TestPermissionsOfNamedSets(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	tests := []struct {
		permissions string
		flags       string
		want        []string
	}{
		{`"op"`, ``, []string{"op", "present", "message", "caption", "token"}},
		{`"op"`, `"allow-recording":true,`, []string{"op", "present", "message", "caption", "token", "record"}},
		{`"present"`, ``, []string{"present", "message"}},
		{`"present"`, `"unrestricted-tokens":true,`, []string{"present", "message", "token"}},
		{`"message"`, ``, []string{"message"}},
		{`"observe"`, ``, nil},
		{`"caption"`, ``, []string{"caption"}},
		{`"admin"`, ``, []string{"admin"}},
		{`["op"]`, `"allow-recording":true,`, []string{"op"}},
		{`null`, ``, nil},
	}
	for _, tt := range tests {
		d, err := ParseDescription([]byte(`{` + tt.flags + `"wildcard-user":{"permissions":` + tt.permissions + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		got := d.WildcardUser.Permissions.expand(d)
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.permissions, got, tt.want)
		}
		if len(got) > 0 {
			got[0] = "changed"
			if again := d.WildcardUser.Permissions.expand(d); again[0] == "changed" {
				t.Errorf("%s: the list is shared", tt.permissions)
			}
		}
	}
}

func TestPasswords(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	tests := []struct {
		name, password, given string
		want, fails           bool
	}{
		{"string", `"secret"`, "secret", true, false},
		{"wrong", `"secret"`, "Secret", false, false},
		{"prefix", `"secret"`, "secre", false, false},
		{"plain object", `{"type":"plain","key":"k"}`, "k", true, false},
		{"object of 0.8", `{"key":"k"}`, "k", true, false},
		{"empty password", `""`, "", true, false},
		{"plain without key", `{"type":"plain"}`, "", false, true},
		{"null", `null`, "", false, false},
		{"empty object", `{}`, "", false, false},
		{"none", `{"type":"none","key":""}`, "", false, false},
		{"wildcard", `{"type":"wildcard"}`, "anything", true, false},
		{"unknown type", `{"type":"rot13","key":"x"}`, "x", false, true},
	}
	for _, tt := range tests {
		var p Password
		if err := p.UnmarshalJSON([]byte(tt.password)); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got, err := p.Match(tt.given)
		if got != tt.want || (err != nil) != tt.fails {
			t.Errorf("%s: got %v, %v", tt.name, got, err)
		}
	}
}

// FuzzParseDescription checks that whatever a file holds is accepted or refused
// with a place inside it.
func FuzzParseDescription(f *testing.F) {
	leaktest.Check(f)
	for _, s := range []string{
		`{}`, `{"users": {"bob": {"password":"secret", "permissions":"op"}}}`,
		`{"wildcard-user":{"password":{"type":"wildcard"},"permissions":["present"]}}`,
		`{"users":null,"fallback-users":null,"wildcard-user":null,"not-before":null}`,
		`{"users":{"":{"password":{}}}}`, `[`, `{"a`, `{"users":{"a":null}}`, "{\"\\\"\": 1}", `{"expires":"2026-01-01"}`,
		`{"max-clients":-1,"max-history-age":9223372036854775807}`, `{"password":1e999}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseDescription(data)
		if err != nil {
			var e *DecodeError
			if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 {
				t.Fatalf("error without a place: %v", err)
			}
			return
		}
		if d.HistoryAge() <= 0 || d.MaxClients < 0 {
			t.Errorf("got %+v", d)
		}
		d.Warnings()
		// Errors are fine here, panics are not.
		newLoginRules(d).login("bob", "secret", false)
	})
}
