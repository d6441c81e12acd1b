package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// tokenGroupFlag declares the option -group of commands about invitations.
func tokenGroupFlag(f *flag.FlagSet) *string {
	return f.String("group", "", "`name` of the group; '' is the server as a whole")
}

// tokensPath is the collection of a group's invitations.
func tokensPath(group string) string {
	if group == "" {
		return apiRoot + ".groups/.tokens/"
	}
	return apiRoot + ".groups/" + escaped(group) + "/.tokens/"
}

func tokenResource(group, token string) resource {
	return resource{
		name: fmt.Sprintf("invitation %s of group %q", token, group), path: tokensPath(group) + url.PathEscape(token),
		missing: "the group or the invitation does not exist", exists: "the invitation already exists",
	}
}

// needGroup complains if -group was not given; it may be empty.
func needGroup(i *invocation) error {
	if !i.given["group"] {
		return i.wrong("-group is needed; -group '' is the server as a whole")
	}
	return nil
}

func defineListTokens(f *flag.FlagSet) action {
	group := tokenGroupFlag(f)
	long := f.Bool("l", false, "show user, permissions and expiry too")
	var o output
	o.declare(f)
	return func(ctx context.Context, i *invocation) error {
		if err := needGroup(i); err != nil {
			return err
		}
		var names []string
		q := request{
			path: tokensPath(*group), what: fmt.Sprintf("list invitations to group %q", *group),
			notFound: "the group does not exist",
		}
		if _, err := i.connection.getJSON(ctx, q, &names); err != nil {
			return err
		}
		slices.Sort(names)
		if !*long {
			return o.printNames(i.stdout, names)
		}
		return listTokensLong(ctx, i, *group, names, o.json())
	}
}

// listTokensLong prints each invitation. One that cannot be read is listed with
// the error, and makes the command fail in the end.
func listTokensLong(ctx context.Context, i *invocation, group string, names []string, asJSON bool) error {
	failed := false
	list := []object{}
	for _, name := range names {
		value, _, err := tokenResource(group, name).get(ctx, i.connection)
		failed = failed || err != nil
		line := tokenLine(name, value, time.Now())
		switch {
		case asJSON && err != nil:
			list = append(list, object{"token": name, "error": err.Error()})
			continue
		case asJSON:
			value["token"], value["group"] = name, group
			list = append(list, value)
			continue
		case err != nil:
			line = fmt.Sprintf("%-11s (ERROR=%v)", plain(name), err)
		}
		if _, err := fmt.Fprintln(i.stdout, line); err != nil {
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

// tokenLine is one line of the long listing.
func tokenLine(name string, value object, now time.Time) string {
	username, _ := value["username"].(string)
	permissions := initials(value["permissions"])
	if value["includeSubgroups"] == true {
		permissions = strings.TrimSuffix(permissions, "]") + "H]"
	}
	expiry := "(no expiration date)"
	if text, ok := value["expires"].(string); ok {
		switch expires, err := time.Parse(time.RFC3339, text); {
		case err != nil:
			expiry = plain(text)
		case expires.Before(now):
			expiry = "(expired)"
		default:
			expiry = expires.Local().Format(time.DateTime)
		}
	}
	return fmt.Sprintf("%-11s %-20s %-8s %s", plain(name), plain(username), permissions, expiry)
}

// oneToken declares the options that name an invitation.
func oneToken(f *flag.FlagSet) (group, token *string) {
	return tokenGroupFlag(f), f.String("token", "", "the invitation's `token`, or its link")
}

// find returns the resource that these options name.
func findToken(i *invocation, group, token string) (resource, error) {
	if err := needGroup(i); err != nil {
		return resource{}, err
	}
	if u, err := url.Parse(token); err == nil && u.Query().Get("token") != "" {
		token = u.Query().Get("token")
	}
	if token == "" {
		return resource{}, i.wrong("-token is needed")
	}
	return tokenResource(group, token), nil
}

func defineShowToken(f *flag.FlagSet) action {
	group, token := oneToken(f)
	var o output
	o.declare(f)
	return func(ctx context.Context, i *invocation) error {
		r, err := findToken(i, *group, *token)
		if err != nil {
			return err
		}
		return r.show(ctx, i)
	}
}

func defineCreateToken(f *flag.FlagSet) action {
	group := tokenGroupFlag(f)
	subgroups := f.Bool("include-subgroups", false, "make it valid for the groups below too")
	user := f.String("user", "", "`name` that the bearer gets; he chooses one if this is left out")
	permissions := f.String("permissions", "present", "a `set` (op, present, message, observe, caption, admin), or a JSON array")
	duration := 24 * time.Hour
	f.Var(durationValue{&duration}, "duration", "how `long` it is valid, such as 90m, 24h, 2d or 1mon")
	link := f.Bool("url", false, "print the link instead of the token")
	return func(ctx context.Context, i *invocation) error {
		if err := needGroup(i); err != nil {
			return err
		}
		if *link && *group == "" {
			return i.wrong("-url needs a group: an invitation to the whole server has no link")
		}
		list, err := expandPermissions(*permissions)
		if err != nil {
			return err
		}
		value := object{
			"permissions": append([]string{}, list...), "expires": expiry(duration),
		}
		if *subgroups {
			value["includeSubgroups"] = true
		}
		if i.given["user"] {
			value["username"] = *user
		}
		name, err := postToken(ctx, i.connection, *group, value)
		if err != nil {
			return err
		}
		if *link {
			if name, err = invitationLink(ctx, i.connection, *group, name); err != nil {
				return err
			}
		}
		_, err = fmt.Fprintln(i.stdout, name)
		return err
	}
}

// expiry is the time after a duration from now, as invitations hold it.
func expiry(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339Nano) }

// postToken creates an invitation and returns its name.
func postToken(ctx context.Context, c *connection, group string, value object) (string, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	what := fmt.Sprintf("create an invitation to group %q", group)
	_, header, err := c.do(ctx, request{
		method: http.MethodPost, path: tokensPath(group), what: what, body: body, contentType: typeJSON,
		notFound: "the group does not exist",
	})
	if err != nil {
		return "", err
	}
	location := strings.TrimSuffix(header.Get("Location"), "/")
	name, err := url.PathUnescape(location[strings.LastIndexByte(location, '/')+1:])
	if err != nil || name == "" {
		return "", errors.New(what + ": the server does not tell its name")
	}
	return name, nil
}

// invitationLink returns the address at which an invitation is used.
func invitationLink(ctx context.Context, c *connection, group, token string) (string, error) {
	var status struct {
		Location string `json:"location"`
	}
	q := request{path: "/group/" + escaped(group) + "/.status", what: fmt.Sprintf("show the status of group %q", group)}
	if _, err := c.getJSON(ctx, q, &status); err != nil {
		return "", fmt.Errorf("invitation %s has been made, but not its link: %w", token, err)
	}
	return status.Location + "?token=" + url.QueryEscape(token), nil
}

func defineUpdateToken(f *flag.FlagSet) action {
	group, token := oneToken(f)
	permissions := f.String("permissions", "", "a `set`, or a JSON array of permissions")
	var duration time.Duration
	f.Var(durationValue{&duration}, "duration", "how `long` from now it is valid, such as 90m, 24h, 2d or 1mon")
	return func(ctx context.Context, i *invocation) error {
		r, err := findToken(i, *group, *token)
		if err != nil {
			return err
		}
		if !i.given["permissions"] && !i.given["duration"] {
			return i.wrong("there is nothing to change: -permissions or -duration is needed")
		}
		return r.update(ctx, i.connection, func(value object) error {
			if i.given["permissions"] {
				list, err := expandPermissions(*permissions)
				if err != nil {
					return err
				}
				value["permissions"] = list
			}
			if i.given["duration"] {
				value["expires"] = expiry(duration)
			}
			return nil
		})
	}
}

func defineRevokeToken(f *flag.FlagSet) action {
	group, token := oneToken(f)
	return func(ctx context.Context, i *invocation) error {
		r, err := findToken(i, *group, *token)
		if err != nil {
			return err
		}
		return r.update(ctx, i.connection, func(value object) error {
			value["expires"] = expiry(-time.Minute)
			return nil
		})
	}
}

func defineDeleteToken(f *flag.FlagSet) action {
	group, token := oneToken(f)
	return func(ctx context.Context, i *invocation) error {
		r, err := findToken(i, *group, *token)
		if err != nil {
			return err
		}
		return r.remove(ctx, i.connection)
	}
}
