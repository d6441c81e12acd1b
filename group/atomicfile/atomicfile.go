// Package atomicfile replaces files so that whoever reads them, even after a
// crash, finds the old contents or the new ones and nothing between. It knows
// nothing of what is in them.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// DirectoryMode is that of the directories that are made.
const DirectoryMode fs.FileMode = 0o700

// Options say how a file is replaced.
type Options struct {
	// Pattern names the temporary file, in the way of os.CreateTemp.
	Pattern string
	// Mode is that of the new file.
	Mode fs.FileMode
	// After is a time that the new file is strictly later than.
	After time.Time
	// Check, if not nil, is asked last thing before the new file takes the
	// place of the old one; its error is returned, and nothing has changed.
	Check func() error
}

// Replace gives the file of this path new contents, on the disk before it
// returns. A symbolic link stays one; the file that it leads to is replaced.
// Owner and group of the file are kept where the system lets the server do so.
// Directories that are missing are made. Where two processes replace one file,
// each is asked to Check what the other has made of it.
func Replace(path string, data []byte, o Options) error {
	path, err := destination(path)
	if err != nil {
		return err
	}
	directory := filepath.Dir(path)
	if err := os.MkdirAll(directory, DirectoryMode); err != nil {
		return err
	}
	f, err := os.CreateTemp(directory, o.Pattern)
	if err != nil {
		return err
	}
	temporary := f.Name()
	if old, err := os.Stat(path); err == nil {
		keepOwner(f, old)
	}
	err = fill(f, data, o.Mode)
	if err == nil {
		err = makeLater(temporary, o.After)
	}
	if err == nil {
		err = Exclusively(directory, func() error {
			if o.Check != nil {
				if err := o.Check(); err != nil {
					return err
				}
			}
			return os.Rename(temporary, path)
		})
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return SyncDirectory(directory)
}

// maxLinks is how many links may lead one to the other.
const maxLinks = 40

// destination follows links to a file, which need not exist.
func destination(path string) (string, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target, nil
	}
	for range maxLinks {
		target, err := os.Readlink(path)
		if err != nil {
			return path, nil // it is none
		}
		if !filepath.IsAbs(target) {
			// What is above a directory depends on where that really is.
			directory, err := filepath.EvalSymlinks(filepath.Dir(path))
			if err != nil {
				return "", err
			}
			target = filepath.Join(directory, target)
		}
		path = target
	}
	return "", fmt.Errorf("%s: too many links", path)
}

// fill writes the whole of a new file to the disk and closes it.
func fill(f *os.File, data []byte, mode fs.FileMode) error {
	_, err := f.Write(data)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// makeLater gives a file a time of change that is strictly later than another:
// the clock of a file system ticks slowly, and two writes may fall between two
// ticks. How fine the times are that it can hold is found out by trying.
func makeLater(path string, after time.Time) error {
	info, err := os.Stat(path)
	if err != nil || info.ModTime().After(after) {
		return err
	}
	for step := time.Nanosecond; step <= 10*time.Second; step *= 10 {
		later := after.Add(step)
		if err := os.Chtimes(path, later, later); err != nil {
			return err
		}
		if info, err = os.Stat(path); err != nil || info.ModTime().After(after) {
			return err
		}
	}
	return fmt.Errorf("%s: cannot make it later than %v", path, after)
}

// SyncDirectory has the names in a directory written to the disk, where the
// system knows how.
func SyncDirectory(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	// Some file systems refuse, and then do it on their own.
	_ = d.Sync()
	return nil
}
