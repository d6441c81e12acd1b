package ws_test

import (
	"encoding/json"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"galene/group"
	"galene/group/leaktest"
	"galene/webserver/ws"
)

// FuzzConversation has a client say anything, line by line: it must not bring
// the server down, whatever it hears must be messages, and no connection may be
// left behind.
func FuzzConversation(f *testing.F) {
	leaktest.Check(f)
	const start = `{"type":"handshake","version":["2"],"id":"a"}` + "\n" +
		`{"type":"join","kind":"join","group":"g","username":"ada"}` + "\n"
	for _, s := range []string{
		`{"type":"chat","value":"x"}`,
		`{"type":"offer","id":"s","sdp":"audio video"}` + "\n" + `{"type":"offer","id":"t","replace":"s","sdp":"audio"}`,
		`{"type":"offer","id":"s","sdp":"bad"}` + "\n" + `{"type":"close","id":"s"}`,
		`{"type":"ice","id":"s","candidate":{"candidate":""}}`,
		`{"type":"request","request":{"":["audio"]}}` + "\n" + `{"type":"requestStream","id":"s","request":[]}`,
		`{"type":"useraction","kind":"kick","dest":"a"}`,
		`{"type":"useraction","kind":"setdata","dest":"a","value":{"x":null}}`,
		`{"type":"groupaction","kind":"maketoken"}`,
		`{"type":"join","kind":"leave","group":"g"}` + "\n" + `{"type":"abort","id":"s"}`,
		`{"type":"usermessage","dest":"a","noecho":true}`,
	} {
		f.Add(start + s)
	}
	logger := slog.New(slog.DiscardHandler)
	everybody := &group.UserEntry{Password: group.WildcardPassword()}
	if err := json.Unmarshal([]byte(`"op"`), &everybody.Permissions); err != nil {
		f.Fatal(err)
	}
	config := group.NewConfigFile(filepath.Join(f.TempDir(), "config.json"), logger)
	f.Fuzz(func(t *testing.T, conversation string) {
		engine := &fakeEngine{}
		h := ws.NewHandler(ws.Options{
			Registry: group.NewRegistry(group.RegistryOptions{
				Store:  group.MemoryStore{"g": {WildcardUser: everybody, AutoSubgroups: true}},
				Logger: logger,
			}),
			Config: config, Engine: engine, Logger: logger,
		})
		for _, text := range ws.Converse(t.Context(), h, strings.Split(conversation, "\n")) {
			var m message
			if err := json.Unmarshal([]byte(text), &m); err != nil || m["type"] == nil {
				t.Errorf("%q was sent", text)
			}
		}
		engine.checkClosed(t)
	})
}
