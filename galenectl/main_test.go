package main

import (
	"bytes"
	"strings"
	"testing"

	"galene/group/leaktest"
)

func TestExitStatuses(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	tests := []struct {
		args   string
		status int
		stderr string
	}{
		{"-help", 0, "load-test"},
		{"load-test -help", 0, "-subscribers"},
		{"create-user -help", 0, "-wildcard"},
		{"", 1, "Usage"},
		{"dance", 1, `unknown command "dance"`},
		{"load-test", 1, "-group name"},
		{"load-test -group g more", 1, "-group name"},
		{"-dance", 2, "-dance"},
		{"load-test -dance", 2, "-dance"},
		{"load-test -subscribers many", 2, "many"},
		{"load-test -group g -mode cameras -films /nonexistent/film.ivf", 1, "/nonexistent/film.ivf"},
		{"-server nonsense load-test -group g", 1, `"nonsense" is not the URL`},
		{"-ca /nonexistent/certificates list-groups", 1, "certificates to trust"},
		{"-admin-password-file /nonexistent/password list-groups", 1, "administrator's password"},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), strings.Fields(test.args), strings.NewReader(""), &stdout, &stderr); got != test.status {
				t.Errorf("status %d, want %d", got, test.status)
			}
			if !strings.Contains(stderr.String(), test.stderr) || stdout.Len() > 0 {
				t.Errorf("stdout %q, stderr %q", &stdout, &stderr)
			}
		})
	}
}

func TestEveryCommandHasHelp(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for name := range commands() {
		var stdout, stderr bytes.Buffer
		if got := run(t.Context(), []string{name, "-help"}, strings.NewReader(""), &stdout, &stderr); got != 0 {
			t.Errorf("%s: status %d", name, got)
		}
		if !strings.Contains(stderr.String(), "galenectl [options] "+name) {
			t.Errorf("%s: %q", name, &stderr)
		}
	}
	var stdout bytes.Buffer
	if got := run(t.Context(), []string{"-version"}, strings.NewReader(""), &stdout, &stdout); got != 0 || !strings.HasPrefix(stdout.String(), "galenectl") {
		t.Errorf("status %d, %q", got, &stdout)
	}
}
