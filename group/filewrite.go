package group

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"galene/group/atomicfile"
)

// fileMode is that of group files that are new.
const fileMode fs.FileMode = 0o600

// Write implements WritableStore. The file is replaced in one step and is on
// the disk when Write returns; it is strictly later than the one before, so
// that no two versions have one stamp. The mode is kept, a symbolic link is
// followed.
func (s *FileStore) Write(name string, old Stamp, d *Description) error {
	data, err := EncodeDescription(d)
	if err != nil {
		return err
	}
	path, mode := s.path(name), fileMode
	if info, err := os.Stat(path); err == nil {
		if info.IsDir() {
			return &InputError{errors.New("there is a directory where the file of this group would be")}
		}
		mode = info.Mode().Perm()
	}
	err = atomicfile.Replace(path, data, atomicfile.Options{
		Pattern: "*.temp", Mode: mode, After: old.Modified,
		Check: func() error { return s.unchanged(name, old) },
	})
	return s.writeError(name, err)
}

// Remove implements WritableStore. Directories that are empty then remain.
func (s *FileStore) Remove(name string, old Stamp) error {
	path := s.path(name)
	err := atomicfile.Exclusively(filepath.Dir(path), func() error {
		if err := s.unchanged(name, old); err != nil {
			return err
		}
		return os.Remove(path)
	})
	return s.writeError(name, err)
}

// unchanged looks once more whether a file is what it was.
func (s *FileStore) unchanged(name string, old Stamp) error {
	now, err := s.Stat(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if now != old {
		return ErrTagMismatch
	}
	return nil
}

// writeError is pathError, but for what is no error of the path.
func (s *FileStore) writeError(name string, err error) error {
	if err == nil || errors.Is(err, ErrTagMismatch) {
		return err
	}
	if err := s.pathError(name, err); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return &InputError{errors.New("the file system cannot hold a group of this name")}
}
