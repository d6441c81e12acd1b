package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// key is a secret of the algorithm HS256 as a JSON Web Key (RFC 7517).
type key struct {
	Type      string `json:"kty"`
	Algorithm string `json:"alg"`
	Secret    string `json:"k"`
}

// loadKey reads a key, or makes one.
func loadKey(path string) (k key, err error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		k = newKey()
		return k, os.WriteFile(path, []byte(k.String()+"\n"), 0o600)
	}
	if err != nil {
		return k, err
	}
	if err := json.Unmarshal(data, &k); err != nil {
		return k, fmt.Errorf("%s: %w", path, err)
	}
	if k.Type != "oct" || k.Algorithm != "HS256" {
		return k, fmt.Errorf("%s: the key is not an oct key of HS256", path)
	}
	return k, nil
}

func newKey() key {
	secret := make([]byte, sha256.Size)
	rand.Read(secret)
	return key{"oct", "HS256", base64.RawURLEncoding.EncodeToString(secret)}
}

// String returns the key as it stands in files.
func (k key) String() string {
	data, _ := json.Marshal(k) // has three strings
	return string(data)
}

// sign makes a token (RFC 7515, compact) of claims.
func (k key) sign(claims map[string]any) string {
	payload, _ := json.Marshal(claims) // are of types that JSON has
	text := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(payload)
	secret, _ := base64.RawURLEncoding.DecodeString(k.Secret)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil))
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
