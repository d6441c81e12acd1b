package main

import (
	"context"
	"flag"
	"fmt"

	"galene/webserver/check"
)

func defineCheck(f *flag.FlagSet) action {
	data := f.String("data", "./data/", "`directory` of configuration, certificates and invitations")
	groups := f.String("groups", "./groups/", "`directory` of group descriptions")
	var o output
	o.declare(f)
	return func(_ context.Context, i *invocation) error {
		problems := check.Installation(*data, *groups)
		if err := printProblems(i, o, problems); err != nil {
			return err
		}
		if check.HasFault(problems) {
			return errReported
		}
		return nil
	}
}

// problem is a check.Problem as -o json prints it.
type problem struct {
	Path   string `json:"path"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Fault  bool   `json:"fault"`
	Text   string `json:"text"`
}

func printProblems(i *invocation, o output, problems []check.Problem) error {
	if o.json() {
		list := []problem{}
		for _, p := range problems {
			list = append(list, problem(p))
		}
		return printJSON(i.stdout, list)
	}
	for _, p := range problems {
		if _, err := fmt.Fprintln(i.stdout, p); err != nil {
			return err
		}
	}
	return nil
}
