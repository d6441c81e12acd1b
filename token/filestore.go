package token

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"galene/group/atomicfile"
)

const (
	// fileMode is that of the file of tokens.
	fileMode fs.FileMode = 0o600
	// maxFile is the largest file that is read, in bytes.
	maxFile = 256 << 20
	// temporary is what files are called before they take the place of ours.
	temporary = "tokens*.temp"
	// keepExpired is how long expired tokens can still be listed and extended.
	keepExpired = 7 * 24 * time.Hour
)

// FileStore is a Store in a file, one token a line (JSON Lines). Before every
// operation it looks whether somebody has changed the file, and reads it again.
// New tokens are appended; every other change replaces the file in one step. A
// file without tokens is removed. Two servers may have the same file.
//
// What is not a token (a line that a crash has torn, say) is logged, and kept
// as it is.
type FileStore struct {
	path   string
	logger *slog.Logger

	// mu guards what follows, and is held while the file is read and written.
	mu sync.Mutex
	// known is what the file was when it was last read or written, nil if it
	// did not exist.
	known *version
	// latest is the latest time that the file has had: no later version may
	// have it as well.
	latest time.Time
	lines  []line
	// byName are the indexes of the tokens in lines; of those that have one
	// name the last counts.
	byName map[string]int
	// unended is set when the last line does not end.
	unended bool
}

var _ Store = (*FileStore)(nil)

// version tells one version of a file from another.
type version struct {
	size     int64
	modified time.Time
	file     uint64
}

// NewFileStore returns the store in the file of this path, which need not
// exist, nor its directory. A nil logger means slog.Default().
func NewFileStore(path string, logger *slog.Logger) *FileStore {
	if logger == nil {
		logger = slog.Default()
	}
	return &FileStore{path: path, logger: logger}
}

// Get implements Store.
func (s *FileStore) Get(name string) (*Stateful, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.readLocked(); err != nil {
		return nil, "", err
	}
	i, ok := s.byName[name]
	if !ok {
		return nil, s.tagLocked(), fs.ErrNotExist
	}
	return s.lines[i].token.Clone(), s.tagLocked(), nil
}

// List implements Store.
func (s *FileStore) List(group string) ([]*Stateful, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.readLocked(); err != nil {
		return nil, "", err
	}
	list := []*Stateful{}
	for _, i := range s.byName {
		if t := s.lines[i].token; t.Group == group {
			list = append(list, t.Clone())
		}
	}
	slices.SortFunc(list, byExpiry)
	return list, s.tagLocked(), nil
}

// Add implements Store.
func (s *FileStore) Add(t *Stateful) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if err := s.readLocked(); err != nil {
			return err
		}
		for t.Token == "" {
			if name := NewName(); !s.hasLocked(name) {
				t.Token = name
			}
		}
		if s.hasLocked(t.Token) {
			return fs.ErrExist
		}
		// Another server may have written meanwhile; then so it has, and it is our turn.
		if err := s.appendLocked(t.Clone()); !errors.Is(err, ErrTagMismatch) {
			return err
		}
	}
}

// Edit implements Store.
func (s *FileStore) Edit(name string, expect func(tag string) error, change func(*Stateful) (*Stateful, error)) (created bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.readLocked(); err != nil {
		return false, err
	}
	i, exists := s.byName[name]
	var old *Stateful
	if exists {
		old = s.lines[i].token.Clone()
	}
	if expect != nil {
		if err := expect(s.tagIfLocked(exists)); err != nil {
			return false, err
		}
	}
	t, err := change(old)
	if err != nil {
		return false, err
	}
	t = t.Clone()
	t.Token = name
	if !exists {
		return true, s.appendLocked(t)
	}
	if t.extra == nil {
		t.extra = s.lines[i].token.extra
	}
	changed, err := lineOf(t)
	if err != nil {
		return false, err
	}
	lines := slices.Clone(s.lines)
	lines[i] = changed
	return false, s.replaceLocked(lines)
}

// Remove implements Store.
func (s *FileStore) Remove(name string, expect func(tag string) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.readLocked(); err != nil {
		return err
	}
	exists := s.hasLocked(name)
	if expect != nil {
		if err := expect(s.tagIfLocked(exists)); err != nil {
			return err
		}
	}
	if !exists {
		return fs.ErrNotExist
	}
	return s.replaceLocked(without(s.lines, func(t *Stateful) bool { return t.Token == name }))
}

// Expire implements Store: it forgets what has expired more than a week ago. It
// also removes what writers have left behind that were killed.
func (s *FileStore) Expire(now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(s.path), temporary))
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && now.Sub(info.ModTime()) > time.Hour {
			// It is tried again the next time.
			_ = os.Remove(path)
		}
	}
	if err := s.readLocked(); err != nil {
		return err
	}
	limit := now.Add(-keepExpired)
	lines := without(s.lines, func(t *Stateful) bool {
		// Of several of one name only the last has a say.
		last := s.lines[s.byName[t.Token]].token
		return last.Expires != nil && last.Expires.Before(limit)
	})
	if len(lines) == len(s.lines) {
		return nil
	}
	return s.replaceLocked(lines)
}

func without(lines []line, drop func(*Stateful) bool) []line {
	return slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return l.token != nil && drop(l.token) })
}

func (s *FileStore) hasLocked(name string) bool {
	_, ok := s.byName[name]
	return ok
}

func (s *FileStore) tagLocked() string {
	if s.known == nil {
		return ""
	}
	return fmt.Sprintf("%d-%d", s.known.size, s.known.modified.UnixNano())
}

func (s *FileStore) tagIfLocked(exists bool) string {
	if !exists {
		return ""
	}
	return s.tagLocked()
}

// stat returns the version of the file, nil if there is none.
func (s *FileStore) stat() (*version, error) {
	info, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return versionOf(info), nil
}

func versionOf(info fs.FileInfo) *version {
	return &version{info.Size(), info.ModTime(), atomicfile.Identity(info)}
}

func same(a, b *version) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// noteLocked takes note of what the file is now.
func (s *FileStore) noteLocked(v *version, lines []line, unended bool) {
	s.known, s.lines, s.unended = v, lines, unended
	if v != nil && v.modified.After(s.latest) {
		s.latest = v.modified
	}
	s.byName = make(map[string]int)
	for i, l := range lines {
		if l.token != nil {
			s.byName[l.token.Token] = i
		}
	}
}

// appendedLocked takes note of one more line.
func (s *FileStore) appendedLocked(v *version, l line) {
	s.known, s.unended = v, false
	if v.modified.After(s.latest) {
		s.latest = v.modified
	}
	s.byName[l.token.Token] = len(s.lines)
	s.lines = append(s.lines, l)
}

// unchangedLocked returns ErrTagMismatch if the file is not as it was.
func (s *FileStore) unchangedLocked() error {
	v, err := s.stat()
	if err == nil && !same(v, s.known) {
		err = ErrTagMismatch
	}
	return err
}

// readLocked reads the file if it is not as it was.
func (s *FileStore) readLocked() error {
	v, err := s.stat()
	if err != nil {
		return err
	}
	if s.byName != nil && same(v, s.known) {
		return nil
	}
	if v == nil {
		s.noteLocked(nil, nil, false)
		return nil
	}
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return err
	}
	if len(data) > maxFile {
		return fmt.Errorf("%s: larger than %d bytes", s.path, maxFile)
	}
	lines, faults := parseLines(data)
	for _, fault := range faults {
		s.logger.Error("this is no token, and is ignored", "path", fmt.Sprintf("%s:%d", s.path, fault.Line), "error", fault.Err)
	}
	s.noteLocked(versionOf(info), lines, len(data) > 0 && data[len(data)-1] != '\n')
	return nil
}

// appendLocked writes one more token. The error is ErrTagMismatch if somebody else
// has changed the file since it was read.
func (s *FileStore) appendLocked(t *Stateful) error {
	l, err := lineOf(t)
	if err != nil {
		return err
	}
	data := append(slices.Clone(l.raw), '\n')
	if s.unended {
		// Whatever was torn there stays a line of its own.
		data = append([]byte("\n"), data...)
	}
	if err := os.MkdirAll(filepath.Dir(s.path), atomicfile.DirectoryMode); err != nil {
		return err
	}
	created := s.known == nil
	var f *os.File
	var written int
	err = atomicfile.Exclusively(filepath.Dir(s.path), func() error {
		// What is open is to be the file still, not one that another server has replaced.
		if err := s.unchangedLocked(); err != nil {
			return err
		}
		if f, err = os.OpenFile(s.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, fileMode); err != nil {
			return err
		}
		written, err = f.Write(data)
		return err
	})
	if f == nil {
		return err
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		s.takeBackLocked(f, written)
	}
	info, statErr := f.Stat()
	if err = errors.Join(err, statErr, f.Close()); err != nil {
		// Nobody knows what is in the file now.
		s.byName = nil
		return err
	}
	before := int64(0)
	if s.known != nil {
		before = s.known.size
	}
	if info.Size() != before+int64(len(data)) {
		// Somebody else has written as well: read it all the next time.
		s.byName = nil
	} else {
		s.appendedLocked(versionOf(info), l)
	}
	if created {
		return atomicfile.SyncDirectory(filepath.Dir(s.path))
	}
	return nil
}

// takeBackLocked takes away what an append has written that failed, on a full disk say:
// half a token would be complained about for ever, and a whole one would be valid
// though its maker was told that there is none. If somebody else has written as well,
// it stays.
func (s *FileStore) takeBackLocked(f *os.File, written int) {
	before := int64(0)
	if s.known != nil {
		before = s.known.size
	}
	if info, err := f.Stat(); err == nil && info.Size() == before+int64(written) {
		// What cannot be taken away is read as it is.
		_ = f.Truncate(before)
	}
}

// replaceLocked writes the file anew, or removes it if nothing is left.
func (s *FileStore) replaceLocked(lines []line) error {
	if len(lines) == 0 {
		err := atomicfile.Exclusively(filepath.Dir(s.path), func() error {
			if err := s.unchangedLocked(); err != nil {
				return err
			}
			return os.Remove(s.path)
		})
		if err != nil {
			return err
		}
		s.noteLocked(nil, nil, false)
		return atomicfile.SyncDirectory(filepath.Dir(s.path))
	}
	lines = ordered(lines)
	var data []byte
	for _, l := range lines {
		data = append(append(data, l.raw...), '\n')
	}
	mode := fileMode
	if info, err := os.Stat(s.path); err == nil {
		mode &= info.Mode().Perm()
	}
	err := atomicfile.Replace(s.path, data, atomicfile.Options{
		Pattern: temporary, Mode: mode, After: s.latest, Check: s.unchangedLocked,
	})
	if err != nil {
		return err
	}
	v, err := s.stat()
	if err != nil || v == nil || v.size != int64(len(data)) {
		s.byName = nil
		return err
	}
	s.noteLocked(v, lines, false)
	return nil
}

// ordered returns the lines in the order in which they are written, without
// tokens that another of their name supersedes.
func ordered(lines []line) []line {
	last := make(map[string]int)
	for i, l := range lines {
		if l.token != nil {
			last[l.token.Token] = i
		}
	}
	var kept []line
	for i, l := range lines {
		if l.token == nil || last[l.token.Token] == i {
			kept = append(kept, l)
		}
	}
	slices.SortStableFunc(kept, func(a, b line) int {
		if a.token == nil || b.token == nil {
			// What is no token comes last.
			return cmp.Compare(rank(a), rank(b))
		}
		return byExpiry(a.token, b.token)
	})
	return kept
}

func rank(l line) int {
	if l.token == nil {
		return 1
	}
	return 0
}

// byExpiry orders tokens: those that never expire, which are never valid
// either, then those that expire soonest.
func byExpiry(a, b *Stateful) int {
	switch {
	case a.Expires == nil && b.Expires == nil:
	case a.Expires == nil:
		return -1
	case b.Expires == nil:
		return 1
	default:
		if c := a.Expires.Compare(*b.Expires); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.Token, b.Token)
}

// lineOf returns the line that a token is written as.
func lineOf(t *Stateful) (line, error) {
	raw, err := json.Marshal(t)
	if err != nil {
		return line{}, err
	}
	return line{raw: raw, token: t}, nil
}
