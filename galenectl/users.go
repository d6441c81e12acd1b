package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
)

// userOptions name a user of a group.
type userOptions struct {
	group, user *string
	wildcard    *bool
}

func declareUserOptions(f *flag.FlagSet) userOptions {
	return userOptions{
		group:    groupFlag(f),
		user:     f.String("user", "", "`name` of the user; '' is the one without a name"),
		wildcard: f.Bool("wildcard", false, "the user that everybody is who is not listed"),
	}
}

// check complains about a command line that names no user, or two.
func (o userOptions) check(i *invocation) error {
	if *o.group == "" {
		return i.wrong("-group is needed")
	}
	if i.given["user"] == *o.wildcard {
		return i.wrong("exactly one of -user and -wildcard is needed")
	}
	return nil
}

// path is that of the user in the interface.
func (o userOptions) path() string {
	path := apiRoot + ".groups/" + escaped(*o.group) + "/"
	switch {
	case *o.wildcard:
		return path + ".wildcard-user"
	case *o.user == "":
		return path + ".empty-user"
	}
	return path + ".users/" + escaped(*o.user)
}

// name is what messages call the user.
func (o userOptions) name() string {
	if *o.wildcard {
		return fmt.Sprintf("the wildcard user of group %q", *o.group)
	}
	return fmt.Sprintf("user %q of group %q", *o.user, *o.group)
}

func (o userOptions) resource() resource {
	return resource{
		name: o.name(), path: o.path(),
		missing: "the group or the user does not exist", exists: "the user already exists",
	}
}

func defineListUsers(f *flag.FlagSet) action {
	group := groupFlag(f)
	long := f.Bool("l", false, "show permissions too")
	var o output
	o.declare(f)
	return func(ctx context.Context, i *invocation) error {
		if *group == "" {
			return i.wrong("-group is needed")
		}
		var names []string
		q := request{
			path: apiRoot + ".groups/" + escaped(*group) + "/.users/", what: fmt.Sprintf("list users of group %q", *group),
			notFound: "the group does not exist",
		}
		if _, err := i.connection.getJSON(ctx, q, &names); err != nil {
			return err
		}
		slices.Sort(names)
		names, err := matching(names, i.args)
		if err != nil {
			return err
		}
		if !*long {
			return o.printNames(i.stdout, names)
		}
		return listUsersLong(ctx, i, *group, names, o.json())
	}
}

// listUsersLong prints each user with his permissions. Who cannot be read is
// listed with the error, and makes the command fail in the end.
func listUsersLong(ctx context.Context, i *invocation, group string, names []string, asJSON bool) error {
	failed := false
	list := []object{}
	noWildcard := false
	for _, name := range names {
		value, _, err := userOptions{group: &group, user: &name, wildcard: &noWildcard}.resource().get(ctx, i.connection)
		shown := initials(value["permissions"])
		if err != nil {
			failed = true
			shown = fmt.Sprintf("(ERROR=%v)", err)
		}
		if asJSON {
			entry := object{"username": name}
			if err != nil {
				entry["error"] = err.Error()
			} else {
				entry["permissions"] = value["permissions"]
			}
			list = append(list, entry)
			continue
		}
		if _, err := fmt.Fprintf(i.stdout, "%-12s %s\n", plain(name), shown); err != nil {
			return err
		}
	}
	if asJSON {
		if err := printJSON(i.stdout, list); err != nil {
			return err
		}
	}
	if failed {
		return errReported
	}
	return nil
}

func defineShowUser(f *flag.FlagSet) action {
	o := declareUserOptions(f)
	var format output
	format.declare(f)
	return func(ctx context.Context, i *invocation) error {
		if err := o.check(i); err != nil {
			return err
		}
		return o.resource().show(ctx, i)
	}
}

// userContents are the options that say what a user may do.
type userContents struct {
	permissions *string
	fromJSON    *bool
}

func declareUserContents(f *flag.FlagSet, permissions string) userContents {
	return userContents{
		permissions: f.String("permissions", permissions, "a `set` (op, present, message, observe, caption, admin), or a JSON array"),
		fromJSON:    f.Bool("json", false, "read a JSON object from standard input, which the other options change"),
	}
}

// describe applies the template and the permissions, if they were given.
func (c userContents) describe(i *invocation, value object) error {
	if *c.fromJSON {
		template, err := readTemplate(i.stdin)
		if err != nil {
			return err
		}
		if _, ok := template["password"]; ok {
			return errors.New("a password cannot be given in this way; use set-password")
		}
		value.apply(template)
	}
	if !i.given["permissions"] {
		return nil
	}
	permissions, err := parsePermissions(*c.permissions)
	if err != nil {
		return err
	}
	value["permissions"] = permissions
	return nil
}

func defineCreateUser(f *flag.FlagSet) action {
	o, c := declareUserOptions(f), declareUserContents(f, "present")
	return func(ctx context.Context, i *invocation) error {
		if err := o.check(i); err != nil {
			return err
		}
		value := object{"permissions": *c.permissions}
		if err := c.describe(i, value); err != nil {
			return err
		}
		return o.resource().create(ctx, i.connection, value)
	}
}

func defineUpdateUser(f *flag.FlagSet) action {
	o, c := declareUserOptions(f), declareUserContents(f, "")
	return func(ctx context.Context, i *invocation) error {
		if err := o.check(i); err != nil {
			return err
		}
		if !i.given["permissions"] && !*c.fromJSON {
			return i.wrong("there is nothing to change: -permissions or -json is needed")
		}
		return o.resource().update(ctx, i.connection, func(value object) error { return c.describe(i, value) })
	}
}

func defineDeleteUser(f *flag.FlagSet) action {
	o := declareUserOptions(f)
	return func(ctx context.Context, i *invocation) error {
		if err := o.check(i); err != nil {
			return err
		}
		return o.resource().remove(ctx, i.connection)
	}
}
