package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"galene/group"
)

// hashOptions say how to hash a password.
type hashOptions struct {
	password   *string
	kind       *string
	cost       *int
	iterations *int
	keySize    *int
	saltSize   *int
}

func declareHashOptions(f *flag.FlagSet) hashOptions {
	return hashOptions{
		password:   f.String("password", "", "the new `password`; asked for if this is left out"),
		kind:       f.String("type", "bcrypt", "`kind` of password: bcrypt, pbkdf2 or wildcard"),
		cost:       f.Int("cost", group.DefaultBcryptCost, "`cost` of bcrypt: each step doubles the work"),
		iterations: f.Int("iterations", group.DefaultPBKDF2Iterations, "`number` of iterations of pbkdf2"),
		keySize:    f.Int("key", 32, "length of the key of pbkdf2, in `bytes`"),
		saltSize:   f.Int("salt", 8, "length of the salt of pbkdf2, in `bytes`"),
	}
}

// hash asks for the password if it was not given, and hashes it.
func (o hashOptions) hash(ctx context.Context, i *invocation) (group.Password, error) {
	if *o.kind == "wildcard" {
		if *o.password != "" {
			return group.Password{}, errors.New("a wildcard is any password: -password does not go with -type wildcard")
		}
		return group.WildcardPassword(), nil
	}
	password := *o.password
	if !i.given["password"] {
		var err error
		if password, err = i.askNewPassword(ctx); err != nil {
			return group.Password{}, err
		}
	}
	if password == "" {
		return group.Password{}, errors.New("the password is empty")
	}
	switch *o.kind {
	case "bcrypt":
		return group.HashBcrypt(password, *o.cost)
	case "pbkdf2":
		return group.HashPBKDF2(password, group.PBKDF2Parameters{
			Iterations: *o.iterations, KeySize: *o.keySize, SaltSize: *o.saltSize,
		})
	}
	return group.Password{}, fmt.Errorf("%q is not a kind of password: bcrypt, pbkdf2 or wildcard", *o.kind)
}

// askNewPassword reads a password twice from the terminal, without showing it,
// or once from a standard input that is none.
func (i *invocation) askNewPassword(ctx context.Context) (string, error) {
	password, asked, err := i.ask(ctx, "New password: ")
	if err != nil || !asked {
		return password, err
	}
	again, _, err := i.ask(ctx, "The same again: ")
	if err != nil {
		return "", err
	}
	if again != password {
		return "", errors.New("the two passwords differ")
	}
	return password, nil
}

// ask reads a password; asked tells whether somebody was asked for it.
func (i *invocation) ask(ctx context.Context, prompt string) (password string, asked bool, err error) {
	if i.terminal == nil {
		line, err := bufio.NewReader(i.stdin).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", false, fmt.Errorf("read the password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), false, nil
	}
	fmt.Fprint(i.stderr, prompt)
	data, err := readHidden(ctx, i.terminal)
	fmt.Fprintln(i.stderr)
	if err != nil {
		return "", true, fmt.Errorf("read the password: %w", err)
	}
	return string(data), true, nil
}

func defineHashPassword(f *flag.FlagSet) action {
	o := declareHashOptions(f)
	return func(ctx context.Context, i *invocation) error {
		password, err := o.hash(ctx, i)
		if err != nil {
			return err
		}
		return json.NewEncoder(i.stdout).Encode(password)
	}
}

// passwordRequest is the password of a user, as the interface has it.
func (o userOptions) passwordRequest(verb string) request {
	return request{
		path: o.path() + "/.password", what: verb + " the password of " + o.name(),
		notFound: "the group or the user does not exist",
	}
}

func defineSetPassword(f *flag.FlagSet) action {
	u, o := declareUserOptions(f), declareHashOptions(f)
	return func(ctx context.Context, i *invocation) error {
		if err := u.check(i); err != nil {
			return err
		}
		password, err := o.hash(ctx, i)
		if err != nil {
			return err
		}
		return i.connection.putJSON(ctx, u.passwordRequest("set"), password)
	}
}

func defineDeletePassword(f *flag.FlagSet) action {
	u := declareUserOptions(f)
	return func(ctx context.Context, i *invocation) error {
		if err := u.check(i); err != nil {
			return err
		}
		return i.connection.remove(ctx, u.passwordRequest("delete"))
	}
}
