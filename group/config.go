package group

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"
)

// MaxConfig is the largest configuration file, in bytes.
const MaxConfig = 1 << 20

// Config is the configuration of the server: what data/config.json says. It is
// not changed once it is in use.
type Config struct {
	// Users are the administrators of the server.
	Users Users
	// WritableGroups lets the administration interface write group files.
	WritableGroups bool
	// AllowOrigin and AllowAdminOrigin are the origins from which other sites
	// may use the websocket and the administration interface.
	AllowOrigin, AllowAdminOrigin []string
	// PublicServer lets any site use the websocket.
	PublicServer bool
	// ProxyURL is the address, or a part of it, at which a proxy offers the
	// server; "" if it is the one that requests name.
	ProxyURL string
	// CanonicalHost is the host, with its port, to which visitors of others
	// are sent; "" if they may stay.
	CanonicalHost string
	// TrustedProxies are the proxies whose word counts when they say who the
	// client is.
	TrustedProxies Prefixes
	// Metrics makes /metrics of the web server answer administrators.
	Metrics bool

	// obsolete says what about the file was obsolete.
	obsolete []Warning
}

// ParseConfig decodes a configuration file. The error is a *DecodeError.
func ParseConfig(data []byte) (*Config, error) {
	c := &Config{}
	var obsolete patternList
	err := decodeFile(data, fields{
		"users": (*administrators)(&c.Users), "writableGroups": &c.WritableGroups,
		"allowOrigin": &c.AllowOrigin, "allowAdminOrigin": &c.AllowAdminOrigin,
		"publicServer": &c.PublicServer, "proxyURL": &c.ProxyURL,
		"canonicalHost": &c.CanonicalHost, "trustedProxies": &c.TrustedProxies,
		"metrics": &c.Metrics, "admin": &obsolete,
	})
	if err != nil {
		return nil, err
	}
	c.upgrade(obsolete)
	c.obsolete = inspect(c.obsolete, data)
	return c, nil
}

// upgrade turns the administrators of version 0.8 into today's.
func (c *Config) upgrade(old patternList) {
	if old == nil {
		return
	}
	c.obsolete = append(c.obsolete, Warning{"admin", "the key admin is obsolete; use users"})
	for _, p := range old {
		switch {
		case p.username == nil || *p.username == "" || p.password == nil || p.password.kind == passwordWildcard:
			c.obsolete = append(c.obsolete, Warning{"admin", "an administrator without user name or password of his own is ignored"})
			continue
		case c.Users == nil:
			c.Users = make(Users)
		}
		if _, ok := c.Users[*p.username]; !ok {
			c.Users[*p.username] = UserEntry{Password: *p.password, Permissions: Permissions{name: PermissionAdmin}}
		}
	}
}

// administrators is where the users of a configuration go, among whom there may
// be none whom every password admits.
type administrators Users

func (a *administrators) decodeStrict(data []byte, base int64) error {
	if err := (*Users)(a).decodeStrict(data, base); err != nil {
		return err
	}
	for name, entry := range *a {
		if entry.Password.kind == passwordWildcard {
			return &offsetError{base, fmt.Errorf("administrator %q may not have a wildcard password", name)}
		}
	}
	return nil
}

// ConfigFile is a configuration file that is read again when it has changed.
type ConfigFile struct {
	path   string
	logger *slog.Logger

	// mu guards what follows.
	mu     sync.Mutex
	config *Config
	// good is set once config has been read, or known not to exist.
	good bool
	// fault is what was wrong with what was last read. It is read again while there
	// is one: what mends a file, such as a right to read it, need not change its
	// size and time.
	fault    error
	read     bool
	size     int64
	modified time.Time
}

// NewConfigFile returns the configuration in a file, which need not exist. A
// nil logger means slog.Default().
func NewConfigFile(path string, logger *slog.Logger) *ConfigFile {
	if logger == nil {
		logger = slog.Default()
	}
	return &ConfigFile{path: path, logger: logger, config: &Config{}}
}

// Get returns the configuration as it is now: an empty one if there is no file,
// and the last good one if the file is faulty, which is logged once.
func (f *ConfigFile) Get() *Config {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return f.set(&Config{}, nil, 0, time.Time{})
	}
	if err != nil {
		return f.set(nil, err, 0, time.Time{})
	}
	f.mu.Lock()
	known, config := f.read && f.fault == nil && f.size == info.Size() && f.modified.Equal(info.ModTime()), f.config
	f.mu.Unlock()
	if known {
		return config
	}
	c, err := readConfig(f.path)
	return f.set(c, err, info.Size(), info.ModTime())
}

// Fault returns what is wrong with the file, in which case an older version of
// it is in force; nil if nothing is.
func (f *ConfigFile) Fault() error {
	f.Get()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fault
}

// set takes note of what was found and returns what is in force.
func (f *ConfigFile) set(c *Config, fault error, size int64, modified time.Time) *Config {
	f.mu.Lock()
	news := !f.read || f.size != size || !f.modified.Equal(modified) || message(f.fault) != message(fault)
	f.read, f.size, f.modified, f.fault = true, size, modified, fault
	force := "the last good one stays in force"
	if fault == nil {
		f.config, f.good = c, true
	} else if !f.good {
		force = "the server runs without one"
	}
	c = f.config
	f.mu.Unlock()
	if !news {
		return c
	}
	if fault != nil {
		f.logger.Error("cannot read configuration; "+force, "error", fault)
		return c
	}
	for _, w := range c.Warnings() {
		f.logger.Warn(w.Text, "path", f.path)
	}
	return c
}

// message returns the text of an error, "" for none.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func readConfig(path string) (*Config, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxConfig+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxConfig {
		return nil, fmt.Errorf("%s: larger than %d bytes", path, MaxConfig)
	}
	c, err := ParseConfig(data)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return c, nil
}
