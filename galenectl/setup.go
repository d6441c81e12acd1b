package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"galene/group"
)

// administratorCost is the cost of bcrypt for the administrator's password,
// which is checked seldom and worth most.
const administratorCost = 12

func defineInitialSetup(f *flag.FlagSet) action {
	serverConfig := f.String("config", "config.json", "write the server's configuration to `file`")
	return func(ctx context.Context, i *invocation) error {
		if i.adminUsername == "" {
			return i.wrong("-admin-username is needed, before the command")
		}
		if i.configFile == "" {
			return i.wrong("-config is needed, before the command: there is no place for configuration files here")
		}
		password, err := i.password(clientConfig{})
		if err == nil && password == "" && i.adminToken == "" {
			password, err = i.askNewPassword(ctx)
		}
		if err != nil {
			return err
		}
		if password == "" && i.adminToken == "" {
			return errors.New("the password is empty")
		}
		return i.setUp(*serverConfig, password)
	}
}

// setUp writes both configuration files, or neither. It overwrites nothing.
func (i *invocation) setUp(serverConfig, password string) error {
	server := object{"writableGroups": true}
	if password != "" {
		hashed, err := group.HashBcrypt(password, administratorCost)
		if err != nil {
			return err
		}
		server["users"] = object{i.adminUsername: object{"password": hashed, "permissions": "admin"}}
	}
	client := clientConfig{
		Server: first(i.server, defaultServer), AdminUsername: i.adminUsername, AdminPassword: password, AdminToken: i.adminToken,
	}
	if err := os.MkdirAll(filepath.Dir(i.configFile), 0o700); err != nil {
		return fmt.Errorf("make a place for the configuration: %w", err)
	}
	if err := writeNew(serverConfig, server); err != nil {
		return fmt.Errorf("write the server's configuration: %w", err)
	}
	if err := writeNew(i.configFile, client); err != nil {
		return errors.Join(fmt.Errorf("write the configuration of galenectl: %w", err), os.Remove(serverConfig))
	}
	fmt.Fprintf(i.stdout, "Copy %s to the directory data of the server, under the name config.json; the user that the server runs as must be able to read it.\n", serverConfig)
	secret := "the password in clear text"
	if i.adminToken != "" {
		secret = "the token"
	}
	fmt.Fprintf(i.stdout, "%s holds %s: keep it to yourself.\n", i.configFile, secret)
	return nil
}
