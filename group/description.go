package group

import (
	"encoding/json"
	"fmt"
	"time"

	"galene/group/media"
)

const (
	// MaxDescription is the largest group file, in bytes.
	MaxDescription = 16 << 20
	// defaultHistoryAge applies where a file gives no max-history-age.
	defaultHistoryAge = 4 * time.Hour
	// maxHistoryAge keeps seconds within what a time.Duration holds.
	maxHistoryAge = 100 * 365 * 24 * time.Hour
)

// Description is what a group file says. It is not changed once it is in use.
type Description struct {
	// Users are the named logins.
	Users Users
	// WildcardUser logs in whoever is not among Users, nil if nobody.
	WildcardUser *UserEntry
	// FallbackUsers are tried after WildcardUser, in their order.
	FallbackUsers []UserEntry

	// AuthKeys are JSON Web Keys.
	AuthKeys []json.RawMessage
	// AuthServer and AuthPortal are URLs; they are passed on to clients.
	AuthServer, AuthPortal string

	// Public groups are listed on the landing page and stay in memory.
	Public bool
	// DisplayName and Text (key "description") are for people.
	DisplayName, Text string
	// Contact and Comment are free text that the server ignores.
	Contact, Comment string

	// MaxClients is the number of members at which the group is full for all
	// but operators; 0 means never.
	MaxClients int
	// MaxHistoryAge is how long chat is remembered, in seconds, and how long
	// an empty group stays in memory; 0 means the default.
	MaxHistoryAge int64
	// NotBefore and Expires bound when non-operators may join; nil: any time.
	NotBefore, Expires *Time

	// AllowRecording adds "record" to the set "op".
	AllowRecording bool
	// UnrestrictedTokens adds "token" to the set "present".
	UnrestrictedTokens bool
	// AllowAnonymous says whether empty user names may log in; nil: yes.
	AllowAnonymous *bool
	// AutoSubgroups makes every name below this group exist.
	AutoSubgroups bool
	// Autolock locks the group while no operator is in it.
	Autolock bool
	// Autokick empties the group when no operator is in it.
	Autokick bool
	// Redirect is the URL where the group is really, "" if it is here.
	Redirect string
	// Codecs are the names of those that may be published, preferred first;
	// none means media.DefaultCodecs.
	Codecs []string

	// notes are the keys that the administrator has made up for himself.
	notes map[string]json.RawMessage
	// obsolete says what about the file was obsolete or redundant.
	obsolete []Warning
}

// Users maps user names to their entries.
type Users map[string]UserEntry

// UserEntry is one login.
type UserEntry struct {
	Password    Password
	Permissions Permissions
}

// Time is a date and time of a group file: RFC 3339, or one of the customary
// shorter forms of ISO 8601.
type Time struct{ time.Time }

// ParseDescription decodes a group file. The error is a *DecodeError.
func ParseDescription(data []byte) (*Description, error) {
	d := &Description{}
	known, finish := d.fields()
	err := decodeLenient(data, known, func(key string, value []byte) error {
		if !isNote(key) {
			return unknownKey(key, value)
		}
		if d.notes == nil {
			d.notes = make(map[string]json.RawMessage)
		}
		d.notes[key] = value
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := finish(); err != nil {
		return nil, err
	}
	d.obsolete = inspect(d.obsolete, data)
	return d, nil
}

// fields returns where the keys of a group file go, and what is to be called
// when they have gone there.
func (d *Description) fields() (known fields, finish func() error) {
	var allowSubgroups bool
	var maxClients, maxAge int64
	var old legacyUsers
	known = fields{
		"users": &d.Users, "wildcard-user": &optionalEntry{&d.WildcardUser},
		"fallback-users": (*entryList)(&d.FallbackUsers),
		"authKeys":       &d.AuthKeys, "authServer": &d.AuthServer, "authPortal": &d.AuthPortal,
		"public": &d.Public, "displayName": &d.DisplayName, "description": &d.Text,
		"contact": &d.Contact, "comment": &d.Comment,
		"max-clients": &maxClients, "max-history-age": &maxAge,
		"not-before": &d.NotBefore, "expires": &d.Expires,
		"allow-recording": &d.AllowRecording, "unrestricted-tokens": &d.UnrestrictedTokens,
		"allow-anonymous": &d.AllowAnonymous, "auto-subgroups": &d.AutoSubgroups,
		"autolock": &d.Autolock, "autokick": &d.Autokick,
		"redirect": &d.Redirect, "codecs": &d.Codecs,
		"op": &old.op, "presenter": &old.presenter, "other": &old.other,
		"allow-subgroups": &allowSubgroups,
	}
	return known, func() error {
		if allowSubgroups {
			d.AutoSubgroups = true
			d.obsolete = append(d.obsolete, Warning{"allow-subgroups", "the key allow-subgroups is obsolete; it means auto-subgroups"})
		}
		d.MaxClients = int(min(max(maxClients, 0), 1<<30))
		d.MaxHistoryAge = min(max(maxAge, 0), int64(maxHistoryAge/time.Second))
		d.upgrade(old)
		return nil
	}
}

// HistoryAge returns how long chat is remembered.
func (d *Description) HistoryAge() time.Duration {
	if d.MaxHistoryAge == 0 {
		return defaultHistoryAge
	}
	return time.Duration(d.MaxHistoryAge) * time.Second
}

// MediaCodecs returns the codecs that may be published. The slice is the
// caller's.
func (d *Description) MediaCodecs() []media.Codec {
	codecs, _ := media.CodecsByName(d.Codecs)
	return codecs
}

// subgroup returns the description of an automatic subgroup.
func (d *Description) subgroup() *Description {
	sub := *d
	sub.Public = false
	sub.Text = ""
	return &sub
}

// decodeStrict implements strictDecoder.
func (u *Users) decodeStrict(data []byte, base int64) error {
	if data[0] == 'n' {
		return nil
	}
	*u = make(Users)
	return eachMember(data, base, func(name string, _ int64, value []byte, at int64) error {
		var e UserEntry
		if err := e.decodeStrict(value, at); err != nil {
			return err
		}
		(*u)[name] = e
		return nil
	})
}

// decodeStrict implements strictDecoder.
func (e *UserEntry) decodeStrict(data []byte, base int64) error {
	return decodeObject(data, base, fields{"password": &e.Password, "permissions": &e.Permissions})
}

// optionalEntry is where a user entry goes that may be absent.
type optionalEntry struct{ entry **UserEntry }

func (o *optionalEntry) decodeStrict(data []byte, base int64) error {
	if data[0] == 'n' {
		return nil
	}
	*o.entry = &UserEntry{}
	return (*o.entry).decodeStrict(data, base)
}

// entryList is where an array of user entries goes.
type entryList []UserEntry

func (l *entryList) decodeStrict(data []byte, base int64) error {
	return eachElement(data, base, func(value []byte, at int64) error {
		var e UserEntry
		if err := e.decodeStrict(value, at); err != nil {
			return err
		}
		*l = append(*l, e)
		return nil
	})
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	// A form without a zone means the server's.
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700",
		"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02",
	} {
		if parsed, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			t.Time = parsed
			return nil
		}
	}
	return fmt.Errorf("%q is no date and time", s)
}
