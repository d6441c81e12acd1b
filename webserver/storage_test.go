package webserver_test

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"galene/group"
	"galene/group/leaktest"
	"galene/group/logtest"
	"galene/token"
	"galene/webserver"
	"galene/webserver/wstest"
)

// fullTokens and fullStore are on a disk that takes nothing.
type fullTokens struct {
	*token.MemoryStore
	err error
}

func (s fullTokens) Add(*token.Stateful) error { return s.err }

type fullStore struct {
	*group.FileStore
	err error
}

func (s fullStore) Write(string, group.Stamp, *group.Description) error { return s.err }

// Whoever cannot change anything at night should read why, and not look for the log
// first; the log says which file it is.
func TestDiskThatTakesNothingIsSaidToWhoChangesSomething(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, tt := range []struct {
		err                   error
		administrator, member string
	}{
		{syscall.ENOSPC, "the disk of the server is full", "the disk of the server is full"},
		{syscall.EDQUOT, "the disk of the server is full", "the disk of the server is full"},
		{syscall.EROFS, "the disk of the server can only be read", "the disk of the server can only be read"},
		{fs.ErrPermission, "the server lacks the right to use one of its files, which its log names", "the server lacks the right to use one of its files, which its log names"},
		{syscall.EIO, "Internal server error", "internal server error"},
	} {
		t.Run(tt.err.Error(), func(t *testing.T) {
			t.Parallel()
			var log logtest.Buffer
			logger := slog.New(slog.NewTextHandler(&log, nil))
			fault := fmt.Errorf("some/file.json: %w", tt.err)
			s := newSite(t, func(o *webserver.Options) {
				directory := t.TempDir()
				if err := os.WriteFile(directory+"/g.json", []byte(`{"users": {"op": {"password": "x", "permissions": "op"}}}`), 0o600); err != nil {
					t.Fatal(err)
				}
				o.Logger = logger
				o.Registry = group.NewRegistry(group.RegistryOptions{
					Store:  fullStore{group.NewFileStore(os.DirFS(directory), directory, logger), fault},
					Tokens: fullTokens{&token.MemoryStore{}, fault}, Config: o.Config, Logger: logger,
				})
			})
			s.write(s.options.DataDirectory, "config.json", `{"users": {"root": {"password": "secret", "permissions": "admin"}}, "writableGroups": true}`)
			s.expect(500, tt.administrator, call{method: "PUT", path: ".groups/new", body: `{}`})
			s.expect(500, tt.administrator, call{method: "POST", path: ".groups/g/.tokens/", body: `{"expires": "2999-01-01T00:00:00Z"}`})
			op := wstest.Dial(t, "ws"+strings.TrimPrefix(s.URL, "http")+"/ws")
			op.Join("g", "op", "x")
			op.Send(wstest.Message{"type": "groupaction", "kind": "maketoken", "value": map[string]any{
				"group": "g", "permissions": []string{"present"}, "expires": time.Now().Add(time.Hour).Format(time.RFC3339),
			}})
			op.Await(wstest.Message{"type": "usermessage", "kind": "token", "error": "error", "value": tt.member})
			if got := strings.Count(log.String(), "level=ERROR"); got != 3 || !strings.Contains(log.String(), "some/file.json") {
				t.Errorf("the log is:\n%s", &log)
			}
		})
	}
}
