package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

func defineCompletion(*flag.FlagSet) action {
	return func(_ context.Context, i *invocation) error {
		scripts := map[string]func(io.Writer, map[string][]string) error{
			"bash": writeBash, "zsh": writeZsh, "fish": writeFish,
		}
		if len(i.args) != 1 {
			return i.wrong("one of bash, zsh and fish is needed")
		}
		write, ok := scripts[i.args[0]]
		if !ok {
			return i.wrong("there is no completion for %q", i.args[0])
		}
		return write(i.stdout, optionsByCommand())
	}
}

// optionsByCommand returns the options of each command; those that come before
// the command have the key "".
func optionsByCommand() map[string][]string {
	options := make(map[string][]string)
	list := func(name string, declare func(*flag.FlagSet)) {
		f := flag.NewFlagSet(name, flag.ContinueOnError)
		declare(f)
		f.VisitAll(func(o *flag.Flag) { options[name] = append(options[name], "-"+o.Name) })
		options[name] = append(options[name], "-help")
	}
	list("", new(global).declare)
	for name, c := range commands() {
		list(name, func(f *flag.FlagSet) { c.define(f) })
	}
	return options
}

// verbs are the commands, sorted.
func verbs(options map[string][]string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(options)), func(name string) bool { return name == "" })
}

// writeBash writes a script that bash sources; zsh understands it too.
func writeBash(w io.Writer, options map[string][]string) error {
	var b strings.Builder
	b.WriteString("_galenectl() {\n\tlocal word verb= words= i\n\tword=${COMP_WORDS[COMP_CWORD]}\n")
	b.WriteString("\tfor ((i = 1; i < COMP_CWORD; i++)); do\n\t\tcase ${COMP_WORDS[i]} in\n")
	fmt.Fprintf(&b, "\t\t%s) verb=${COMP_WORDS[i]}; break ;;\n\t\tesac\n\tdone\n", strings.Join(verbs(options), "|"))
	b.WriteString("\tcase $verb in\n")
	fmt.Fprintf(&b, "\t'') words='%s %s' ;;\n", strings.Join(options[""], " "), strings.Join(verbs(options), " "))
	for _, verb := range verbs(options) {
		words := options[verb]
		if verb == "completion" {
			words = []string{"bash", "zsh", "fish"}
		}
		fmt.Fprintf(&b, "\t%s) words='%s' ;;\n", verb, strings.Join(words, " "))
	}
	b.WriteString("\tesac\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\ncomplete -o default -F _galenectl galenectl\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// writeZsh writes a script for zsh, which completes as bash does.
func writeZsh(w io.Writer, options map[string][]string) error {
	if _, err := io.WriteString(w, "autoload -U +X bashcompinit && bashcompinit\n"); err != nil {
		return err
	}
	return writeBash(w, options)
}

// writeFish writes a script for fish.
func writeFish(w io.Writer, options map[string][]string) error {
	var b strings.Builder
	table := commands()
	all := strings.Join(verbs(options), " ")
	for _, option := range options[""] {
		fmt.Fprintf(&b, "complete -c galenectl -n 'not __fish_seen_subcommand_from %s' -o %s\n", all, option[1:])
	}
	for _, verb := range verbs(options) {
		fmt.Fprintf(&b, "complete -c galenectl -f -n 'not __fish_seen_subcommand_from %s' -a %s -d '%s'\n", all, verb, table[verb].summary)
		for _, option := range options[verb] {
			fmt.Fprintf(&b, "complete -c galenectl -n '__fish_seen_subcommand_from %s' -o %s\n", verb, option[1:])
		}
	}
	fmt.Fprintln(&b, "complete -c galenectl -f -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'")
	_, err := io.WriteString(w, b.String())
	return err
}
