package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime/debug"
	"slices"
)

// action is what a command does once its flags have been read.
type action func(context.Context, *invocation) error

// command is one verb.
type command struct {
	// arguments is what follows the options on the command line, for the help.
	arguments string
	summary   string
	// define declares the command's flags and returns what it does. It is also
	// called by those who only want to know the flags.
	define func(*flag.FlagSet) action
	// offline commands have no use for a server.
	offline bool
}

// commands is the table of verbs.
func commands() map[string]command {
	return map[string]command{
		"initial-setup":   {summary: "write the first configuration of a server and of this program", define: defineInitialSetup, offline: true},
		"hash-password":   {summary: "print a hashed password for a group or configuration file", define: defineHashPassword, offline: true},
		"set-password":    {summary: "set the password of a user", define: defineSetPassword},
		"delete-password": {summary: "keep a user from logging in", define: defineDeletePassword},

		"list-groups":  {summary: "list the groups", arguments: "[pattern ...]", define: defineListGroups},
		"show-group":   {summary: "show the description of a group", define: defineShowGroup},
		"create-group": {summary: "create a group", define: defineCreateGroup},
		"update-group": {summary: "change the description of a group", define: defineUpdateGroup},
		"delete-group": {summary: "delete a group", define: defineDeleteGroup},
		"status":       {summary: "show what anybody may know of a group", define: defineStatus},

		"list-users":  {summary: "list the users of a group", arguments: "[pattern ...]", define: defineListUsers},
		"show-user":   {summary: "show a user of a group", define: defineShowUser},
		"create-user": {summary: "create a user of a group", define: defineCreateUser},
		"update-user": {summary: "change a user of a group", define: defineUpdateUser},
		"delete-user": {summary: "delete a user of a group", define: defineDeleteUser},

		"list-tokens":  {summary: "list the invitations to a group", define: defineListTokens},
		"show-token":   {summary: "show an invitation", define: defineShowToken},
		"create-token": {summary: "make an invitation to a group", define: defineCreateToken},
		"update-token": {summary: "change an invitation", define: defineUpdateToken},
		"revoke-token": {summary: "end an invitation now", define: defineRevokeToken},
		"delete-token": {summary: "delete an invitation", define: defineDeleteToken},

		"generate-key": {summary: "make a key with which an authorisation server signs", define: defineGenerateKey, offline: true},
		"set-keys":     {summary: "set the keys that verify a group's signed tokens", define: defineSetKeys},
		"delete-keys":  {summary: "delete the keys of a group", define: defineDeleteKeys},

		"stats":      {summary: "show who is connected, and how well", define: defineStats},
		"check":      {summary: "check all configuration files, without a server", define: defineCheck, offline: true},
		"completion": {summary: "print a completion script", arguments: "bash|zsh|fish", define: defineCompletion, offline: true},
		"load-test":  {summary: "put load on a server and report what it cost", define: defineLoadTest},
	}
}

// invocation is what a command gets to work with.
type invocation struct {
	global
	// args are what is left of the command line behind the command's options.
	args []string
	// given are the names of the command's options that were given.
	given map[string]bool
	usage func()
	stdin io.Reader
	// terminal is what standard input is, nil if it is something else.
	terminal       *os.File
	stdout, stderr io.Writer
}

// execute reads the global flags and runs the command.
func (i *invocation) execute(ctx context.Context, args []string) error {
	table := commands()
	f := flag.NewFlagSet("galenectl", flag.ContinueOnError)
	f.SetOutput(i.stderr)
	i.declare(f)
	f.Usage = func() {
		fmt.Fprintln(i.stderr, "Usage: galenectl [options] command [command's options]")
		f.PrintDefaults()
		fmt.Fprintln(i.stderr, "Commands, each with a -help of its own:")
		for _, name := range slices.Sorted(maps.Keys(table)) {
			fmt.Fprintf(i.stderr, "  %-16s %s\n", name, table[name].summary)
		}
	}
	if err := parseFlags(f, args); err != nil {
		return err
	}
	if i.version {
		fmt.Fprintln(i.stdout, version())
		return nil
	}
	c, ok := table[f.Arg(0)]
	if !ok {
		if f.NArg() > 0 {
			fmt.Fprintf(i.stderr, "galenectl: unknown command %q\n", f.Arg(0))
		}
		f.Usage()
		return errCommand
	}
	i.globalGiven = visited(f)
	return i.perform(ctx, f.Arg(0), c, f.Args()[1:])
}

// perform reads the flags of a command and runs it.
func (i *invocation) perform(ctx context.Context, name string, c command, args []string) error {
	f := flag.NewFlagSet("galenectl "+name, flag.ContinueOnError)
	f.SetOutput(i.stderr)
	run := c.define(f)
	f.Usage = func() {
		fmt.Fprintf(i.stderr, "Usage: galenectl [options] %s [options] %s\n", name, c.arguments)
		fmt.Fprintf(i.stderr, "%s: %s. Options:\n", name, c.summary)
		f.PrintDefaults()
	}
	if err := parseFlags(f, args); err != nil {
		return err
	}
	i.args, i.given, i.usage = f.Args(), visited(f), f.Usage
	if c.arguments == "" && f.NArg() > 0 {
		return i.wrong("unexpected argument %q", f.Arg(0))
	}
	if !c.offline {
		if err := i.configure(); err != nil {
			return err
		}
	}
	return run(ctx, i)
}

// wrong complains about the command line.
func (i *invocation) wrong(format string, args ...any) error {
	fmt.Fprintf(i.stderr, "galenectl: "+format+"\n", args...)
	i.usage()
	return errCommand
}

// parseFlags is f.Parse, with errors of ours.
func parseFlags(f *flag.FlagSet, args []string) error {
	err := f.Parse(args)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		return errFlags
	}
	return err
}

// visited returns the names of the flags that were given.
func visited(f *flag.FlagSet) map[string]bool {
	given := make(map[string]bool)
	f.Visit(func(f *flag.Flag) { given[f.Name] = true })
	return given
}

// version returns the version of the program, as far as the build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "galenectl"
	}
	return "galenectl " + info.Main.Version + " " + info.GoVersion
}
