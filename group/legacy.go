package group

import "fmt"

// legacyUsers are the logins of version 0.8, in the keys "op", "presenter" and
// "other".
type legacyUsers struct {
	op, presenter, other patternList
}

// pattern is who may log in: a missing name or password means any.
type pattern struct {
	username *string
	password *Password
}

// patternList is nil when the key is absent.
type patternList []pattern

func (l *patternList) decodeStrict(data []byte, base int64) error {
	if data[0] == 'n' {
		return nil
	}
	*l = patternList{}
	return eachElement(data, base, func(value []byte, at int64) error {
		var p pattern
		err := decodeObject(value, at, fields{"username": &p.username, "password": &optionalPassword{&p.password}})
		*l = append(*l, p)
		return err
	})
}

// optionalPassword is where a password goes that may be absent.
type optionalPassword struct{ password **Password }

func (o *optionalPassword) decodeStrict(data []byte, base int64) error {
	if data[0] == 'n' {
		return nil
	}
	*o.password = new(Password)
	return (*o.password).decodeStrict(data, base)
}

// upgrade turns the logins of version 0.8 into today's. Named ones become
// users; the others become the wildcard user if there is but one, else fallback
// users, whose order is kept. Anonymous users were refused unless allowed.
func (d *Description) upgrade(old legacyUsers) {
	if old.op == nil && old.presenter == nil && old.other == nil {
		return
	}
	if d.AllowAnonymous == nil {
		d.AllowAnonymous = new(bool)
	}
	for _, list := range []struct {
		key, permissions string
		patterns         patternList
	}{{"op", "op", old.op}, {"presenter", "present", old.presenter}, {"other", "message", old.other}} {
		if list.patterns != nil {
			d.obsolete = append(d.obsolete, Warning{list.key, "the key " + list.key + " is obsolete; use users and wildcard-user"})
		}
		for _, p := range list.patterns {
			entry := UserEntry{Password: WildcardPassword(), Permissions: Permissions{name: list.permissions}}
			if p.password != nil {
				entry.Password = *p.password
			}
			if p.username == nil || *p.username == "" {
				d.FallbackUsers = append(d.FallbackUsers, entry)
				continue
			}
			if _, ok := d.Users[*p.username]; ok {
				d.obsolete = append(d.obsolete, Warning{list.key, fmt.Sprintf("user %q is there already; this one is ignored", *p.username)})
				continue
			}
			if d.Users == nil {
				d.Users = make(Users)
			}
			d.Users[*p.username] = entry
		}
	}
	if d.WildcardUser == nil && len(d.FallbackUsers) == 1 {
		d.WildcardUser, d.FallbackUsers = &d.FallbackUsers[0], nil
	}
}
