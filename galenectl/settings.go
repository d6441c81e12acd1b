package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"galene/group/jsonerror"
)

// global are the options that come before the command.
type global struct {
	server        string
	insecure      bool
	configFile    string
	adminUsername string
	adminPassword string
	passwordFile  string
	adminToken    string
	caFile        string
	unixSocket    string
	timeout       time.Duration
	exitCodes     bool
	version       bool

	globalGiven map[string]bool
	connection  *connection
}

const (
	defaultServer = "https://localhost:8443"
	// passwordVariable is the environment variable that may hold the
	// administrator's password.
	passwordVariable = "GALENECTL_PASSWORD"
)

func (g *global) declare(f *flag.FlagSet) {
	f.StringVar(&g.server, "server", "", "`URL` of the server (default \""+defaultServer+"\", or what the configuration says)")
	f.BoolVar(&g.insecure, "insecure", false, "do not verify the server's certificate")
	f.StringVar(&g.configFile, "config", defaultConfigFile(), "read server and credentials from `file`, if it exists")
	f.StringVar(&g.adminUsername, "admin-username", "", "`name` of the administrator")
	f.StringVar(&g.adminPassword, "admin-password", "", "`password` of the administrator")
	f.StringVar(&g.passwordFile, "admin-password-file", "", "read the administrator's password from `file`\n(it may also be in the environment, as "+passwordVariable+")")
	f.StringVar(&g.adminToken, "admin-token", "", "`token` of the administrator; goes before name and password")
	f.StringVar(&g.caFile, "ca", "", "trust the certificates in `file` instead of the system's")
	f.StringVar(&g.unixSocket, "unix", "", "connect to the Unix `socket` of the server")
	f.DurationVar(&g.timeout, "timeout", 30*time.Second, "how long to wait for an answer")
	f.BoolVar(&g.exitCodes, "exit-codes", false, "exit with 3 when something is not found, 4 on a conflict, 5 when not authorised")
	f.BoolVar(&g.version, "version", false, "print the version and exit")
}

// defaultConfigFile is where users keep their configuration, "" where they have
// no such place.
func defaultConfigFile() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "galene", "galenectl.json")
}

// clientConfig is the configuration file of this program.
type clientConfig struct {
	Server        string `json:"server,omitempty"`
	AdminUsername string `json:"admin-username,omitempty"`
	AdminPassword string `json:"admin-password,omitempty"`
	AdminToken    string `json:"admin-token,omitempty"`
}

// readClientConfig reads a configuration file; one that does not exist is empty.
func readClientConfig(path string) (c clientConfig, readable bool, err error) {
	if path == "" {
		return c, false, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("read the configuration: %w", err)
	}
	if err := jsonerror.Encoding(data); err != nil {
		return c, false, fmt.Errorf("read the configuration %s: %w", path, err)
	}
	d := json.NewDecoder(bytes.NewReader(jsonerror.Unmarked(data)))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, false, fmt.Errorf("read the configuration %s: %w", path, jsonerror.Plain(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return c, false, fmt.Errorf("read the configuration %s: something follows the object", path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return c, false, fmt.Errorf("read the configuration: %w", err)
	}
	return c, info.Mode().Perm()&0o077 != 0, nil
}

// configure completes the options by the configuration file and connects them
// to a server.
func (i *invocation) configure() error {
	c, readable, err := readClientConfig(i.configFile)
	if err != nil {
		return err
	}
	if readable && (c.AdminPassword != "" || c.AdminToken != "") {
		fmt.Fprintf(i.stderr, "galenectl: others can read the password or token in %s; change its mode to 600\n", i.configFile)
	}
	password, err := i.password(c)
	if err != nil {
		return err
	}
	o := connectionOptions{
		server: first(i.server, c.Server, defaultServer), insecure: i.insecure,
		username: first(i.adminUsername, c.AdminUsername), password: password, token: i.adminToken,
		caFile: i.caFile, unixSocket: i.unixSocket, timeout: i.timeout, stderr: i.stderr,
	}
	if o.token == "" && !i.globalGiven["admin-username"] && !i.globalGiven["admin-password"] && i.passwordFile == "" {
		o.token = c.AdminToken
	}
	i.server = o.server
	i.connection, err = connect(o)
	return err
}

// password returns the administrator's: from the options, the environment or
// the configuration, in this order.
func (i *invocation) password(c clientConfig) (string, error) {
	switch fromEnvironment, ok := os.LookupEnv(passwordVariable); {
	case i.globalGiven["admin-password"]:
		return i.adminPassword, nil
	case i.passwordFile != "":
		data, err := os.ReadFile(i.passwordFile)
		if err != nil {
			return "", fmt.Errorf("read the administrator's password: %w", err)
		}
		// Editors may put more than the password there.
		if err := jsonerror.Encoding(data); err != nil {
			return "", fmt.Errorf("read the administrator's password in %s: %w", i.passwordFile, err)
		}
		return strings.TrimRight(string(jsonerror.Unmarked(data)), "\r\n"), nil
	case ok:
		return fromEnvironment, nil
	}
	return c.AdminPassword, nil
}

// first returns the first string that is not empty.
func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
