package group

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"galene/group/jsonerror"
	"galene/group/media"
	"galene/token"
)

// A Warning is what an administrator should know about a file although it is in
// force. Key is the key at the top of the file that it is about, empty where that is
// the encoding of the text.
type Warning struct {
	Key, Text string
}

// notUTF8 is said of a file in which letters such as é stand for nothing: names look
// broken, and no password has them.
const notUTF8 = "this is not UTF-8 everywhere, and such letters are lost; save the file as UTF-8"

// inspect adds what is to be known about the text of a file.
func inspect(warnings []Warning, data []byte) []Warning {
	if jsonerror.Invalid(data) >= 0 {
		warnings = append(warnings, Warning{Text: notUTF8})
	}
	return warnings
}

// Warnings returns what an administrator should know about the description.
func (d *Description) Warnings() []Warning {
	warnings := slices.Clone(d.obsolete)
	if _, unknown := media.CodecsByName(d.Codecs); len(unknown) > 0 {
		warnings = append(warnings, Warning{"codecs", fmt.Sprintf("unknown codecs %q are ignored", unknown)})
	}
	_, faults := token.ParseKeys(d.AuthKeys)
	for _, f := range faults {
		warnings = append(warnings, Warning{"authKeys", f})
	}
	for key, address := range map[string]string{"authServer": d.AuthServer, "authPortal": d.AuthPortal, "redirect": d.Redirect} {
		if u, err := url.Parse(address); address != "" && (err != nil || key == "authServer" && u.Host == "") {
			warnings = append(warnings, Warning{key, fmt.Sprintf("%s %q is no URL that clients can use", key, address)})
		}
	}
	warnings = append(warnings, warningsOfUsers(d.Users)...)
	if d.WildcardUser != nil {
		if err := d.WildcardUser.Password.Check(); err != nil {
			warnings = append(warnings, Warning{"wildcard-user", fmt.Sprintf("nobody can log in as wildcard user: %v", err)})
		}
	}
	for i, entry := range d.FallbackUsers {
		if err := entry.Password.Check(); err != nil {
			warnings = append(warnings, Warning{"fallback-users", fmt.Sprintf("nobody can log in as fallback user %d: %v", i, err)})
		}
	}
	return warnings
}

func warningsOfUsers(users Users) (warnings []Warning) {
	for _, name := range slices.Sorted(maps.Keys(users)) {
		err := users[name].Password.Check()
		if err == nil && !ValidUsername(name) {
			err = errors.New("this cannot be the name of a user")
		}
		if err != nil {
			warnings = append(warnings, Warning{"users", fmt.Sprintf("user %q cannot log in: %v", name, err)})
		}
	}
	return warnings
}

// Warnings returns what an administrator should know about the configuration.
func (c *Config) Warnings() []Warning {
	warnings := append(slices.Clone(c.obsolete), warningsOfUsers(c.Users)...)
	for _, name := range slices.Sorted(maps.Keys(c.Users)) {
		if !slices.Contains(c.Users[name].Permissions.expand(&Description{}), PermissionAdmin) {
			warnings = append(warnings, Warning{"users", fmt.Sprintf(`user %q administers nothing without the permission "admin"`, name)})
		}
	}
	if strings.ContainsAny(c.CanonicalHost, "/ ") {
		warnings = append(warnings, Warning{"canonicalHost", fmt.Sprintf("canonicalHost %q is no host, or host:port", c.CanonicalHost)})
	}
	// It may have no scheme, or no host.
	if u, err := url.Parse(c.ProxyURL); err != nil || u.Opaque != "" || u.Host == "" && u.Path != "" && u.Path[0] != '/' {
		warnings = append(warnings, Warning{"proxyURL", fmt.Sprintf("proxyURL %q is no URL, which is like https://meet.example.org/", c.ProxyURL)})
	}
	for key, origins := range map[string][]string{"allowOrigin": c.AllowOrigin, "allowAdminOrigin": c.AllowAdminOrigin} {
		for _, origin := range origins {
			if u, err := url.Parse(origin); err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" {
				warnings = append(warnings, Warning{key, fmt.Sprintf("%q is no origin, which is like https://app.example.org", origin)})
			}
		}
	}
	return warnings
}

// CheckDescription returns what is wrong with a group file: fault is why it is
// refused, nil if it is not, and warnings are what Warnings returns. Both say
// where.
func CheckDescription(data []byte) (fault *DecodeError, warnings []*DecodeError) {
	d, err := ParseDescription(data)
	if err != nil {
		return asDecodeError(err), nil
	}
	return nil, placed(d.Warnings(), data)
}

// CheckConfig is CheckDescription for a configuration file.
func CheckConfig(data []byte) (fault *DecodeError, warnings []*DecodeError) {
	c, err := ParseConfig(data)
	if err != nil {
		return asDecodeError(err), nil
	}
	return nil, placed(c.Warnings(), data)
}

func asDecodeError(err error) *DecodeError {
	var e *DecodeError
	if errors.As(err, &e) {
		return e
	}
	return &DecodeError{Line: 1, Column: 1, Err: err}
}

// placed says where in a file the keys are that warnings are about.
func placed(warnings []Warning, data []byte) (list []*DecodeError) {
	data = jsonerror.Unmarked(data)
	keys := make(map[string]int64)
	// The file has been decoded before.
	if value, at, err := only(data); err == nil {
		_ = eachMember(value, at, func(key string, at int64, _ []byte, _ int64) error {
			keys[strings.ToLower(key)] = at
			return nil
		})
	}
	for _, w := range warnings {
		at := keys[strings.ToLower(w.Key)]
		if w.Key == "" {
			at = jsonerror.Invalid(data)
		}
		list = append(list, asDecodeError(place(&offsetError{at, errors.New(w.Text)}, data)))
	}
	slices.SortStableFunc(list, func(a, b *DecodeError) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return list
}
