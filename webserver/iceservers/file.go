// Package iceservers reads which STUN and TURN servers clients are to use, and
// makes passwords for those TURN servers that share a secret with us. It talks
// to none of them.
package iceservers

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"galene/group/jsonerror"
)

const (
	// maxFile is the largest file, in bytes.
	maxFile = 1 << 20
	// lifetime is how long passwords that we make are good for: longer than
	// any call.
	lifetime = 24 * time.Hour
)

// The types of credentials that clients are given.
const (
	TypePassword = "password"
	TypeOAuth    = "oauth"
)

// typeHMAC is that of a secret of which passwords are made.
const typeHMAC = "hmac-sha1"

// Server is what a client is told of one server.
type Server struct {
	URLs     []string
	Username string
	// Credential is a JSON string, or an object for OAuth; nil if none is
	// needed.
	Credential json.RawMessage
	// CredentialType is TypePassword or TypeOAuth.
	CredentialType string
}

// element is one of the file.
type element struct {
	URLs           stringOrList    `json:"urls"`
	Username       string          `json:"username"`
	Credential     json.RawMessage `json:"credential"`
	CredentialType string          `json:"credentialType"`
}

// stringOrList is an array of strings, or one string.
type stringOrList []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *stringOrList) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*l = stringOrList{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(l))
}

// File is a file of servers that is read again when it has changed. Its methods
// may be called from any goroutine.
type File struct {
	path   string
	logger *slog.Logger

	// mu guards what follows, and is held while the file is read.
	mu       sync.Mutex
	size     int64
	modified time.Time
	elements []element
	// fault is why the file cannot be read, "" if it can. It is tried again while
	// it cannot: what mends that, such as a right to read it, need not change size
	// and time.
	fault string
}

// New returns the servers in a file, which need not exist. A nil logger means
// slog.Default().
func New(path string, logger *slog.Logger) *File {
	if logger == nil {
		logger = slog.Default()
	}
	return &File{path: path, logger: logger}
}

// Servers returns the servers as the file has them now, with passwords that are
// good for a day from now on. A file that cannot be read has none; it is logged
// once, and so are elements that make no sense, which are left out.
func (f *File) Servers(now time.Time) []Server {
	var list []Server
	for _, e := range f.current() {
		s := Server{URLs: e.URLs, Username: e.Username, Credential: e.Credential, CredentialType: e.CredentialType}
		if e.CredentialType == typeHMAC {
			s.CredentialType = TypePassword
			s.Username, s.Credential = e.timed(now)
		}
		list = append(list, s)
	}
	return list
}

// timed makes a user name that says until when it is good, and the password
// that goes with it (draft-uberti-behave-turn-rest-00, section 2.2).
func (e element) timed(now time.Time) (username string, credential json.RawMessage) {
	var secret string
	// It has been decoded before.
	_ = json.Unmarshal(e.Credential, &secret)
	username = strconv.FormatInt(now.Add(lifetime).Unix(), 10)
	if e.Username != "" {
		username += ":" + e.Username
	}
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(username))
	return username, json.RawMessage(`"` + base64.StdEncoding.EncodeToString(mac.Sum(nil)) + `"`)
}

// current returns what is in the file now.
func (f *File) current() []element {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		f.size, f.modified, f.elements, f.fault = 0, time.Time{}, nil, ""
		return nil
	}
	if err == nil && f.fault == "" && f.size == info.Size() && f.modified.Equal(info.ModTime()) {
		return f.elements
	}
	if err == nil {
		f.size, f.modified = info.Size(), info.ModTime()
		f.elements, err = f.read()
	}
	if err == nil {
		f.fault = ""
		return f.elements
	}
	f.elements = nil
	if f.fault != err.Error() {
		f.fault = err.Error()
		f.logger.Error("cannot read ICE servers; clients are told of none", "path", f.path, "error", err)
	}
	return nil
}

func (f *File) read() ([]element, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return nil, err
	}
	list, faults, err := decode(data)
	for _, fault := range faults {
		f.logger.Error("ICE server left out", "path", f.path, "error", fault)
	}
	return list, err
}

// A Fault is what is wrong with one of the servers, which is then left out, or
// with the file.
type Fault struct {
	// Line and Column count from 1; a column is a byte.
	Line, Column int
	Err          error
}

// Error implements error, as "line:column: text".
func (f *Fault) Error() string { return fmt.Sprintf("%d:%d: %v", f.Line, f.Column, f.Err) }

// Unwrap returns what is wrong.
func (f *Fault) Unwrap() error { return f.Err }

// Check tells what is wrong with the contents of a file of servers.
func Check(data []byte) []*Fault {
	_, faults, err := decode(data)
	var whole *Fault
	if errors.As(err, &whole) {
		faults = append(faults, whole)
	}
	return faults
}

// decode decodes a file. faults are those of the elements that are left out; an
// error, which is a *Fault, is about the file.
func decode(data []byte) (list []element, faults []*Fault, err error) {
	data = jsonerror.Unmarked(data)
	at := func(offset int64, err error) *Fault {
		line, column := jsonerror.Position(data, offset)
		return &Fault{line, column, jsonerror.Syntax(jsonerror.Plain(err), data, offset)}
	}
	if err := jsonerror.Encoding(data); err != nil {
		return nil, nil, at(0, err)
	}
	// The array is well-formed before anything in it counts.
	var whole []json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, nil, at(syntax.Offset-1, err)
		}
		return nil, nil, at(0, err)
	}
	offset := 0
	for _, raw := range whole {
		offset += bytes.Index(data[offset:], raw)
		e, err := parse(raw)
		if err != nil {
			faults = append(faults, at(int64(offset), fmt.Errorf("this server is not used: %w", jsonerror.Plain(err))))
		} else {
			list = append(list, e)
		}
		offset += len(raw)
	}
	return list, faults, nil
}

// parse decodes one server. One that browsers refuse is an error: it would keep
// them from any connection, whatever else they are told of (WebRTC, section
// 4.2.2).
func parse(data []byte) (element, error) {
	var e element
	if err := json.Unmarshal(data, &e); err != nil {
		return e, err
	}
	if len(e.URLs) == 0 {
		return e, errors.New("it has no urls")
	}
	relays := false
	for _, u := range e.URLs {
		scheme, host, _ := strings.Cut(u, ":")
		scheme = strings.ToLower(scheme)
		relay := scheme == "turn" || scheme == "turns"
		if !relay && scheme != "stun" && scheme != "stuns" || host == "" || strings.HasPrefix(host, "/") {
			return e, fmt.Errorf("%q is no address such as stun:stun.example.org or turn:turn.example.org:443", u)
		}
		relays = relays || relay
	}
	var text string
	isText := json.Unmarshal(e.Credential, &text) == nil
	switch e.CredentialType {
	case "", TypePassword:
		e.CredentialType = TypePassword
		if len(e.Credential) > 0 && !isText {
			return e, errors.New("credential must be a string")
		}
		if relays && (e.Username == "" || !isText) {
			return e, errors.New("a TURN server needs username and credential")
		}
	case typeHMAC:
		if !isText || text == "" {
			return e, errors.New("credential must be the secret that is shared with the server")
		}
	case TypeOAuth:
	default:
		return e, fmt.Errorf("credentialType %q is not known", e.CredentialType)
	}
	return e, nil
}
