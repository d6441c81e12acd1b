// Package check reads everything that an administrator can write, without a
// server, and says what is wrong, and where. It changes nothing, and keeps
// nothing in memory.
package check

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"galene/group"
	"galene/token"
	"galene/webserver/certs"
	"galene/webserver/iceservers"
)

// maxFile is the largest of the other files that is read, in bytes.
const maxFile = 256 << 20

// Problem is something that is wrong with a file.
type Problem struct {
	// Path is the file, below the directory as it was given.
	Path string
	// Line and Column count from 1; a column is a byte. Either is 0 if the
	// problem is not about one.
	Line, Column int
	// Fault is set if the file, or the part that Text names, is not in force
	// because of the problem; it is not for what an administrator should
	// merely know.
	Fault bool
	Text  string
}

// String returns the problem in the form in which compilers report theirs:
// path:line:column: error: text.
func (p Problem) String() string {
	place := p.Path
	for _, n := range []int{p.Line, p.Column} {
		if n > 0 {
			place += fmt.Sprintf(":%d", n)
		}
	}
	severity := "warning"
	if p.Fault {
		severity = "error"
	}
	return place + ": " + severity + ": " + p.Text
}

// Installation checks the files of a data directory and the group files of a
// groups directory, neither of which need exist. The problems are ordered by
// path and line.
func Installation(data, groups string) []Problem {
	var c checker
	c.config(filepath.Join(data, "config.json"))
	c.tokens(filepath.Join(data, "var", "tokens.jsonl"))
	c.iceServers(filepath.Join(data, "ice-servers.json"))
	c.certificate(filepath.Join(data, "cert.pem"), filepath.Join(data, "key.pem"))
	c.groups(groups)
	slices.SortStableFunc(c.problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return c.problems
}

// HasFault tells whether one of the problems is a fault.
func HasFault(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Fault })
}

// checker collects problems.
type checker struct{ problems []Problem }

func (c *checker) fault(path string, err error) {
	var perr *fs.PathError
	if errors.As(err, &perr) {
		err = perr.Err
	}
	c.problems = append(c.problems, Problem{Path: path, Fault: true, Text: err.Error()})
}

func (c *checker) warn(path, text string) {
	c.problems = append(c.problems, Problem{Path: path, Text: text})
}

// decoded reports what decoding a file has found.
func (c *checker) decoded(path string, fault *group.DecodeError, warnings []*group.DecodeError) {
	if fault != nil {
		c.problems = append(c.problems, Problem{path, fault.Line, fault.Column, true, fault.Err.Error()})
	}
	for _, w := range warnings {
		c.problems = append(c.problems, Problem{path, w.Line, w.Column, false, w.Err.Error()})
	}
}

// read returns the contents of a file; ok is false if there is none or it
// cannot be read, which has then been reported.
func (c *checker) read(path string, limit int64) (data []byte, ok bool) {
	// Opening a pipe would wait for whoever writes to it.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		c.fault(path, errors.New("not a file"))
		return nil, false
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	if err == nil {
		defer f.Close()
		data, err = io.ReadAll(io.LimitReader(f, limit+1))
	}
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("larger than %d bytes", limit)
	}
	if err != nil {
		c.fault(path, err)
		return nil, false
	}
	return data, true
}

func (c *checker) config(path string) {
	if data, ok := c.read(path, group.MaxConfig); ok {
		fault, warnings := group.CheckConfig(data)
		c.decoded(path, fault, warnings)
	}
}

func (c *checker) tokens(path string) {
	data, ok := c.read(path, maxFile)
	if !ok {
		return
	}
	for _, e := range token.Check(data) {
		c.problems = append(c.problems, Problem{path, e.Line, 0, true, e.Err.Error()})
	}
}

func (c *checker) iceServers(path string) {
	data, ok := c.read(path, maxFile)
	if !ok {
		return
	}
	for _, f := range iceservers.Check(data) {
		c.problems = append(c.problems, Problem{path, f.Line, f.Column, true, f.Err.Error()})
	}
}

func (c *checker) certificate(certificate, key string) {
	_, noCertificate := os.Stat(certificate)
	_, noKey := os.Stat(key)
	switch {
	case noCertificate != nil && noKey != nil:
		return
	case noKey != nil:
		c.fault(certificate, errors.New("only one of cert.pem and key.pem exists"))
		return
	case noCertificate != nil:
		c.fault(key, errors.New("only one of cert.pem and key.pem exists"))
		return
	}
	pair, err := certs.Load(certificate, key)
	if err != nil {
		c.fault(certificate, err)
		return
	}
	if text, _ := certs.Dates(pair.Leaf, time.Now()); text != "" {
		c.warn(certificate, text)
	}
	if text := certs.MissingChain(&pair); text != "" {
		c.warn(certificate, text)
	}
}

func (c *checker) groups(directory string) {
	// Every error has gone to the function, which returns none.
	_ = filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		hidden := path != directory && strings.HasPrefix(filepath.Base(path), ".")
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if path == directory {
				c.warn(path, "there is no directory of groups")
			}
		case err != nil:
			c.fault(path, err)
		case hidden:
			c.warn(path, "hidden, and therefore skipped")
			if entry.IsDir() {
				return fs.SkipDir
			}
		case !entry.IsDir() && path != filepath.Join(directory, "README.md"):
			c.group(directory, path)
		}
		return nil
	})
}

func (c *checker) group(directory, path string) {
	relative, err := filepath.Rel(directory, path)
	name, isGroup := strings.CutSuffix(filepath.ToSlash(relative), ".json")
	switch {
	case err != nil:
		c.fault(path, err)
		return
	case !isGroup:
		c.warn(path, "skipped: a group file is called NAME.json")
		return
	case !group.ValidName(name):
		c.fault(path, errors.New("skipped: this is not the name of a group"))
		return
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		c.warn(path, "groups below this link are found when somebody asks for them, but not listed")
		return
	}
	if data, ok := c.read(path, group.MaxDescription); ok {
		fault, warnings := group.CheckDescription(data)
		c.decoded(path, fault, warnings)
	}
}
