package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"galene/group"
	"galene/static"
	"galene/token"
	"galene/webserver/check"
)

// client returns the files of the web client: those in the binary, unless
// -static names a directory.
func (o *options) client(log *slog.Logger) (fs.FS, error) {
	if o.given["static"] {
		root, err := os.OpenRoot(o.static)
		if err != nil {
			return nil, fmt.Errorf("open the directory of -static: %w", err)
		}
		if _, err := fs.Stat(root.FS(), "galene.html"); err != nil {
			log.Warn("the directory of -static has no galene.html: groups have no page", "static", o.static, "error", err)
		}
		return root.FS(), nil
	}
	if info, err := os.Stat("static/galene.html"); err == nil && !info.IsDir() {
		log.Info("the built-in web client is served, not the one in ./static; use -static ./static to serve that")
	}
	return static.FS, nil
}

// store returns where groups are described: the files of -groups, or the
// throw-away group of -demo.
func (o *options) store(log *slog.Logger) (group.Store, error) {
	if o.demo {
		return demoStore()
	}
	return group.NewFileStore(os.DirFS(o.groups), o.groups, log), nil
}

// tokens returns where invitations are kept: a file of -data, or the memory of
// -demo.
func (o *options) tokens(log *slog.Logger) token.Store {
	if o.demo {
		return &token.MemoryStore{}
	}
	return token.NewFileStore(filepath.Join(o.data, "var", "tokens.jsonl"), log)
}

// withoutData tells whether -data names a directory that there is not: a slip, whereas
// nobody needs the one that is used without the option.
func (o *options) withoutData() bool {
	info, err := os.Stat(o.data)
	return o.given["data"] && (errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir())
}

// checkInstallation writes to w what is wrong with the files of -data and
// -groups, and returns the exit status.
func checkInstallation(o options, w io.Writer) int {
	if o.withoutData() {
		fmt.Fprintf(w, "%s: warning: there is no directory of configuration, certificate and invitations\n", o.data)
	}
	problems := check.Installation(o.data, o.groups)
	for _, p := range problems {
		fmt.Fprintln(w, p)
	}
	if check.HasFault(problems) {
		return statusError
	}
	return statusOK
}
