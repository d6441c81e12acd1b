package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"galene/group"
)

// generatorName is the name by which the program is the password generator that
// came with versions before 0.9.2.
const generatorName = "galene-password-generator"

// generate is galene-password-generator: it prints each password of the command
// line, hashed. It returns the exit status.
func generate(args []string, stdout, stderr io.Writer) int {
	f := flag.NewFlagSet(generatorName, flag.ContinueOnError)
	f.SetOutput(stderr)
	algorithm := f.String("hash", "pbkdf2", "`algorithm`: pbkdf2 or bcrypt")
	iterations := f.Int("iterations", 4096, "`number` of iterations of pbkdf2")
	keySize := f.Int("key", 32, "length of the key of pbkdf2, in `bytes`")
	saltSize := f.Int("salt", 8, "length of the salt of pbkdf2, in `bytes`")
	cost := f.Int("cost", 10, "`cost` of bcrypt: each step doubles the work")
	user := f.String("user", "", "print an entry for the user of this `name`")
	permissions := f.String("permissions", "present", "`permissions` of the entry")
	legacy := f.Bool("legacy", false, "print the entry as versions before 0.9 had it")
	f.Usage = func() {
		fmt.Fprintf(stderr, "Usage: %s [options] password...\n", generatorName)
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return statusOK
		}
		return statusFlags
	}
	if f.NArg() == 0 {
		f.Usage()
		return statusFlags
	}
	entry := generatorEntry{visited(f)["user"], *user, *permissions, *legacy}
	for _, clear := range f.Args() {
		var password group.Password
		var err error
		switch strings.ToLower(*algorithm) {
		case "pbkdf2":
			password, err = group.HashPBKDF2(clear, group.PBKDF2Parameters{Iterations: *iterations, KeySize: *keySize, SaltSize: *saltSize})
		case "bcrypt":
			password, err = group.HashBcrypt(clear, *cost)
		default:
			err = fmt.Errorf("unknown algorithm %q: pbkdf2 or bcrypt", *algorithm)
		}
		var value any
		if err == nil {
			value, err = entry.around(password)
		}
		if err == nil {
			err = json.NewEncoder(stdout).Encode(value)
		}
		if err != nil {
			fmt.Fprintf(stderr, "%s: %v\n", generatorName, err)
			return statusError
		}
	}
	return statusOK
}

// generatorEntry says what the generator prints around a password.
type generatorEntry struct {
	wanted            bool
	user, permissions string
	legacy            bool
}

func (e generatorEntry) around(password group.Password) (any, error) {
	switch {
	case !e.wanted:
		return password, nil
	case e.legacy:
		return struct {
			Username string         `json:"username"`
			Password group.Password `json:"password"`
		}{e.user, password}, nil
	}
	permissions, err := parsePermissions(e.permissions)
	if err != nil {
		return nil, err
	}
	type entry struct {
		Password    group.Password `json:"password"`
		Permissions any            `json:"permissions"`
	}
	return map[string]entry{e.user: {password, permissions}}, nil
}
