package group_test

import (
	"errors"
	"strings"
	"testing"

	"galene/group"
	"galene/group/leaktest"
)

func TestInputOfTheAPI(t *testing.T) {
	leaktest.Check(t)
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
	leaktest.Check(t)
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
	for _, err := range []error{second(group.HashBcrypt("x", 3)), second(group.HashBcrypt("x", 17)), second(group.HashPBKDF2("x", group.PBKDF2Parameters{Iterations: -1}))} {
		if !errors.As(err, &bad) {
			t.Errorf("got %v", err)
		}
	}
	derived, err := group.HashPBKDF2("x", group.PBKDF2Parameters{})
	if err != nil || derived.Check() != nil {
		t.Errorf("got %+v, %v", derived, err)
	}
}

func second[T any](_ T, err error) error { return err }
