package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"galene/token"
)

// keysRequest is the keys of a group, as the interface has them.
func keysRequest(verb, group string) request {
	return request{
		path: apiRoot + ".groups/" + escaped(group) + "/.keys", what: fmt.Sprintf("%s the keys of group %q", verb, group),
		notFound: "the group does not exist", contentType: typeJWKSet,
	}
}

func defineSetKeys(f *flag.FlagSet) action {
	group := groupFlag(f)
	file := f.String("file", "", "read the keys from `file` instead of standard input")
	return func(ctx context.Context, i *invocation) error {
		if *group == "" {
			return i.wrong("-group is needed")
		}
		source := i.stdin
		if *file != "" {
			opened, err := os.Open(*file)
			if err != nil {
				return fmt.Errorf("read the keys: %w", err)
			}
			defer opened.Close()
			source = opened
		}
		set, err := readKeySet(source)
		if err != nil {
			return err
		}
		return i.connection.putJSON(ctx, keysRequest("set", *group), set)
	}
}

// keySet is a JWK set (RFC 7517, section 5).
type keySet struct {
	Keys []json.RawMessage `json:"keys"`
}

// readKeySet reads a JWK set, or a single JWK. Every key has to be one that the
// server takes.
func readKeySet(r io.Reader) (keySet, error) {
	d := json.NewDecoder(r)
	var whole json.RawMessage
	if err := d.Decode(&whole); err != nil {
		return keySet{}, fmt.Errorf("read the keys: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return keySet{}, errors.New("read the keys: something follows the JWK set")
	}
	var kind struct {
		Algorithm string           `json:"alg"`
		Keys      *json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(whole, &kind); err != nil {
		return keySet{}, fmt.Errorf("read the keys: %w", err)
	}
	set := keySet{Keys: []json.RawMessage{whole}}
	switch {
	case kind.Keys != nil:
		set.Keys = nil
		if err := json.Unmarshal(*kind.Keys, &set.Keys); err != nil {
			return keySet{}, fmt.Errorf("read the keys: %w", err)
		}
	case kind.Algorithm == "":
		return keySet{}, errors.New(`read the keys: neither a JWK set ({"keys": [...]}) nor a JWK with "alg"`)
	}
	for n, key := range set.Keys {
		if err := token.CheckKey(key); err != nil {
			return keySet{}, fmt.Errorf("key number %d: %w", n+1, err)
		}
	}
	return set, nil
}

func defineDeleteKeys(f *flag.FlagSet) action {
	group := groupFlag(f)
	return func(ctx context.Context, i *invocation) error {
		if *group == "" {
			return i.wrong("-group is needed")
		}
		return i.connection.remove(ctx, keysRequest("delete", *group))
	}
}

func defineGenerateKey(f *flag.FlagSet) action {
	algorithm := f.String("alg", "ES256", "`algorithm`: HS256, HS384, HS512, ES256, ES384, ES512, RS256 or EdDSA")
	id := f.String("kid", "", "`name` of the key, for groups that have several")
	private := f.String("private", "", "write the key that signs to `file`, which must not exist")
	return func(_ context.Context, i *invocation) error {
		if *private == "" {
			return i.wrong("-private is needed: the key that signs has to be kept somewhere")
		}
		signing, verifying, err := newKey(*algorithm, *id)
		if err != nil {
			return err
		}
		if err := writeNew(*private, signing); err != nil {
			return fmt.Errorf("write the key that signs: %w", err)
		}
		return printJSON(i.stdout, object{"keys": []object{verifying}})
	}
}

// writeNew writes a value as JSON to a file that must not exist, and that only
// its owner may read. If that fails, there is none.
func writeNew(path string, value any) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(printJSON(file, value), file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
