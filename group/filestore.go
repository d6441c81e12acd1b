package group

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"galene/group/atomicfile"
)

const extension = ".json"

// FileStore is a Store of files: the group "a/b" is the file "a/b.json".
type FileStore struct {
	files fs.FS
	// directory is the root of files.
	directory string
	logger    *slog.Logger

	// mu guards ignored, which holds what the last listing left out, so that
	// each is logged once.
	mu      sync.Mutex
	ignored map[string]bool
}

var (
	_ WritableStore = (*FileStore)(nil)
	_ reachingStore = (*FileStore)(nil)
)

// NewFileStore returns the store of the group files below a directory, which
// need not exist. What is read is read from files, which is what
// os.DirFS(directory) returns, say; what is written goes to the directory. A
// nil logger means slog.Default().
func NewFileStore(files fs.FS, directory string, logger *slog.Logger) *FileStore {
	if logger == nil {
		logger = slog.Default()
	}
	return &FileStore{files: files, directory: directory, logger: logger}
}

// Stat implements Store.
func (s *FileStore) Stat(name string) (Stamp, error) {
	info, err := fs.Stat(s.files, name+extension)
	if err != nil {
		return Stamp{}, s.pathError(name, err)
	}
	if !info.Mode().IsRegular() {
		return Stamp{}, fs.ErrNotExist
	}
	return stampOf(name, info), nil
}

// reach implements reachingStore: where there is no directory, there is nothing
// below it.
func (s *FileStore) reach(name string) string {
	for i, c := range []byte(name) {
		if c != '/' {
			continue
		}
		info, err := fs.Stat(s.files, name[:i])
		if err == nil && !info.IsDir() || err != nil && errors.Is(s.pathError(name[:i], err), fs.ErrNotExist) {
			return name[:i]
		}
	}
	return name
}

func stampOf(name string, info fs.FileInfo) Stamp {
	return Stamp{Name: name, Size: info.Size(), Modified: info.ModTime(), file: atomicfile.Identity(info)}
}

// Read implements Store.
func (s *FileStore) Read(name string) (*Description, Stamp, error) {
	// Opening a pipe would wait for whoever writes to it.
	if _, err := s.Stat(name); err != nil {
		return nil, Stamp{}, err
	}
	f, err := s.files.Open(name + extension)
	if err != nil {
		return nil, Stamp{}, s.pathError(name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, Stamp{}, s.pathError(name, err)
	}
	stamp := stampOf(name, info)
	data, err := io.ReadAll(io.LimitReader(f, MaxDescription+1))
	if err != nil {
		return nil, stamp, s.pathError(name, err)
	}
	if len(data) > MaxDescription {
		return nil, stamp, fmt.Errorf("%s: larger than %d bytes", s.path(name), MaxDescription)
	}
	d, err := ParseDescription(data)
	if err != nil {
		return nil, stamp, fmt.Errorf("%s:%w", s.path(name), err)
	}
	return d, stamp, nil
}

// List implements Store. What cannot be a group file is left out and logged.
func (s *FileStore) List(ctx context.Context, visit func(name string)) {
	ignored := make(map[string]bool)
	// Every error has gone to the function, which returns none.
	_ = fs.WalkDir(s.files, ".", func(file string, entry fs.DirEntry, err error) error {
		hidden := file != "." && strings.HasPrefix(path.Base(file), ".")
		name, isGroup := strings.CutSuffix(file, extension)
		switch {
		case ctx.Err() != nil:
			return fs.SkipAll
		case err != nil && file == ".":
			s.unreadable(ignored, err)
		case err != nil:
			s.ignore(ignored, file, err.Error())
		case hidden:
			s.ignore(ignored, file, "hidden")
			if entry.IsDir() {
				return fs.SkipDir
			}
		case entry.IsDir():
		case !isGroup:
			s.ignore(ignored, file, "unexpected extension")
		case !ValidName(name):
			s.ignore(ignored, file, "not the name of a group")
		case entry.Type()&^fs.ModeSymlink != 0:
			s.ignore(ignored, file, "not a file")
		default:
			visit(name)
		}
		return nil
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ignored = ignored
}

// ignore notes a file that is no group file and logs it, unless the last
// listing has. The README that comes with the directory is expected there.
func (s *FileStore) ignore(ignored map[string]bool, file, reason string) {
	ignored[file] = true
	s.mu.Lock()
	known := s.ignored[file]
	s.mu.Unlock()
	if !known && file != "README.md" {
		s.logger.Warn("skipped in group directory", "path", filepath.Join(s.directory, file), "reason", reason)
	}
}

// unreadable notes that the directory cannot be read and logs it, unless the last
// listing has.
func (s *FileStore) unreadable(ignored map[string]bool, err error) {
	ignored["."] = true
	s.mu.Lock()
	known := s.ignored["."]
	s.mu.Unlock()
	var perr *fs.PathError
	if errors.As(err, &perr) {
		err = perr.Err
	}
	if !known {
		s.logger.Error("there are no groups: their directory cannot be read; make it, let the server read it, or name another one with -groups",
			"path", s.directory, "error", err)
	}
}

func (s *FileStore) path(name string) string {
	return filepath.Join(s.directory, filepath.FromSlash(name)+extension)
}

// pathError makes a name that the file system cannot hold one that does not
// exist, and names the file in every other error.
func (s *FileStore) pathError(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) ||
		errors.Is(err, syscall.ENAMETOOLONG) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EINVAL) {
		return fs.ErrNotExist
	}
	var perr *fs.PathError
	if errors.As(err, &perr) {
		err = perr.Err
	}
	return fmt.Errorf("%s: %w", s.path(name), err)
}
