package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"
)

// patience is how long a directory may take.
const patience = 10 * time.Second

// commandChecker checks passwords by a command of the shell, which is given the
// name in its environment and the password on its standard input, and ends with
// status 0 if they are right, with 2 if it does not know the name.
func commandChecker(command string) checker {
	return func(ctx context.Context, name, password string) (verdict, error) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		c := exec.CommandContext(ctx, "sh", "-c", command)
		c.Env = append(os.Environ(), "NAME="+name)
		c.Stdin = strings.NewReader(password)
		err := c.Run()
		var status *exec.ExitError
		switch {
		case err == nil:
			return right, nil
		case ctx.Err() != nil:
			return wrong, ctx.Err()
		case errors.As(err, &status) && status.ExitCode() == 2:
			return unknown, nil
		case errors.As(err, &status):
			return wrong, nil
		}
		return wrong, err
	}
}

// oidcChecker checks passwords at the token endpoint of an OpenID provider that
// allows the grant of the resource owner's password (RFC 6749, section 4.3).
func oidcChecker(endpoint, client, secret string) checker {
	return func(ctx context.Context, name, password string) (verdict, error) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		form := url.Values{"grant_type": {"password"}, "scope": {"openid"}, "username": {name}, "password": {password}}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
		if err != nil {
			return wrong, err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(url.QueryEscape(client), url.QueryEscape(secret))
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			return wrong, err
		}
		defer response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return right, nil
		}
		var answer struct {
			Error string `json:"error"`
		}
		data, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
		if err == nil && json.Unmarshal(data, &answer) == nil && answer.Error == "invalid_grant" {
			return wrong, nil
		}
		return wrong, fmt.Errorf("the provider answers %s %s", response.Status, answer.Error)
	}
}
