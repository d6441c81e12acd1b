package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
)

// groupFlag declares the option -group.
func groupFlag(f *flag.FlagSet) *string {
	return f.String("group", "", "`name` of the group")
}

// groupResource is the description of a group.
func groupResource(group string) resource {
	return resource{
		name: fmt.Sprintf("group %q", group), path: apiRoot + ".groups/" + escaped(group),
		missing: "the group does not exist", exists: "the group already exists",
	}
}

func defineListGroups(f *flag.FlagSet) action {
	var o output
	o.declare(f)
	return func(ctx context.Context, i *invocation) error {
		var names []string
		q := request{path: apiRoot + ".groups/", what: "list groups"}
		if _, err := i.connection.getJSON(ctx, q, &names); err != nil {
			return err
		}
		slices.Sort(names)
		names, err := matching(names, i.args)
		if err != nil {
			return err
		}
		return o.printNames(i.stdout, names)
	}
}

func defineShowGroup(f *flag.FlagSet) action {
	group := groupFlag(f)
	var o output
	o.declare(f)
	return func(ctx context.Context, i *invocation) error {
		if *group == "" {
			return i.wrong("-group is needed")
		}
		return groupResource(*group).show(ctx, i)
	}
}

// groupOptions are those of create-group and update-group.
type groupOptions struct {
	group              *string
	unrestrictedTokens *bool
	autoSubgroups      *bool
	fromJSON           *bool
}

func declareGroupOptions(f *flag.FlagSet) groupOptions {
	return groupOptions{
		group:              groupFlag(f),
		unrestrictedTokens: f.Bool("unrestricted-tokens", false, "let presenters make invitations"),
		autoSubgroups:      f.Bool("auto-subgroups", false, "make every name below the group a group"),
		fromJSON:           f.Bool("json", false, "read a JSON object from standard input, which the other options change"),
	}
}

// describe applies the template and the options that were given.
func (o groupOptions) describe(i *invocation, value object) error {
	if *o.fromJSON {
		template, err := readTemplate(i.stdin)
		if err != nil {
			return err
		}
		for _, name := range []string{"users", "wildcard-user", "fallback-users", "authKeys"} {
			if _, ok := template[name]; ok {
				return fmt.Errorf("a group cannot be given %q in this way; use the commands for users and keys", name)
			}
		}
		value.apply(template)
	}
	if i.given["unrestricted-tokens"] {
		value["unrestricted-tokens"] = *o.unrestrictedTokens
	}
	if i.given["auto-subgroups"] {
		value["auto-subgroups"] = *o.autoSubgroups
	}
	return nil
}

func defineCreateGroup(f *flag.FlagSet) action {
	o := declareGroupOptions(f)
	return func(ctx context.Context, i *invocation) error {
		if *o.group == "" {
			return i.wrong("-group is needed")
		}
		value := object{}
		if err := o.describe(i, value); err != nil {
			return err
		}
		return groupResource(*o.group).create(ctx, i.connection, value)
	}
}

func defineUpdateGroup(f *flag.FlagSet) action {
	o := declareGroupOptions(f)
	return func(ctx context.Context, i *invocation) error {
		if *o.group == "" {
			return i.wrong("-group is needed")
		}
		return groupResource(*o.group).update(ctx, i.connection, func(value object) error {
			return o.describe(i, value)
		})
	}
}

func defineDeleteGroup(f *flag.FlagSet) action {
	group := groupFlag(f)
	return func(ctx context.Context, i *invocation) error {
		if *group == "" {
			return i.wrong("-group is needed")
		}
		return groupResource(*group).remove(ctx, i.connection)
	}
}

func defineStatus(f *flag.FlagSet) action {
	group := groupFlag(f)
	return func(ctx context.Context, i *invocation) error {
		if *group == "" {
			return i.wrong("-group is needed")
		}
		var status object
		q := request{
			path: "/group/" + escaped(*group) + "/.status", what: fmt.Sprintf("show the status of group %q", *group),
			notFound: "the group does not exist",
		}
		if _, err := i.connection.getJSON(ctx, q, &status); err != nil {
			return err
		}
		return printJSON(i.stdout, status)
	}
}
