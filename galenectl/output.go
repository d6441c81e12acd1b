package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"path"
	"strings"
)

// output is the option -o of commands that print something.
type output struct {
	format string
}

func (o *output) declare(f *flag.FlagSet) {
	f.Func("o", "print as `format`: text or json (default text)", func(s string) error {
		if s != "text" && s != "json" {
			return fmt.Errorf("text or json")
		}
		o.format = s
		return nil
	})
}

// json tells whether JSON is wanted.
func (o *output) json() bool { return o.format == "json" }

// printJSON prints a value, indented.
func printJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "    ")
	e.SetEscapeHTML(false)
	return e.Encode(value)
}

// printNames prints names one a line, or as a JSON array.
func (o *output) printNames(w io.Writer, names []string) error {
	if o.json() {
		if names == nil {
			names = []string{}
		}
		return printJSON(w, names)
	}
	for _, name := range names {
		if _, err := fmt.Fprintln(w, plain(name)); err != nil {
			return err
		}
	}
	return nil
}

// plain makes a name safe for a terminal: users choose them.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, s)
}

// matching returns the names that one of the shell patterns matches; all of
// them if there is no pattern.
func matching(names, patterns []string) ([]string, error) {
	if len(patterns) == 0 {
		return names, nil
	}
	var list []string
	for _, pattern := range patterns {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("%q is not a pattern: %w", pattern, err)
		}
	}
	for _, name := range names {
		for _, pattern := range patterns {
			if ok, _ := path.Match(pattern, name); ok {
				list = append(list, name)
				break
			}
		}
	}
	return list, nil
}
