package webserver

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"galene/group/leaktest"
	"galene/group/logtest"
)

// starved is a listener that has no file for a connection, twice, and is then closed.
type starved struct {
	net.Listener
	left int
}

func (l *starved) Accept() (net.Conn, error) {
	if l.left == 0 {
		return nil, net.ErrClosed
	}
	l.left--
	return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
}

// Nobody comes in any more, and whoever is there notices nothing.
func TestLogSaysOnceThatNobodyCanConnect(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var log logtest.Buffer
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := http.Server{Handler: http.NotFoundHandler(), ErrorLog: newHTTPLog(slog.New(slog.NewTextHandler(&log, nil)))}
	if err := s.Serve(&starved{Listener: l, left: 2}); !errors.Is(err, net.ErrClosed) {
		t.Fatal(err)
	}
	text := log.String()
	if strings.Count(text, "level=ERROR") != 1 || !strings.Contains(text, "nobody can connect; if there are too many open files") || !strings.Contains(text, `error="accept tcp: accept4: too many open files"`) {
		t.Errorf("the log is:\n%s", text)
	}
}

func TestLogDoesNotTellOfTheFaultsOfClients(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	var log logtest.Buffer
	newHTTPLog(slog.New(slog.NewTextHandler(&log, nil))).Print("http: TLS handshake error from 192.0.2.1:1: EOF")
	if log.String() != "" {
		t.Errorf("the log is:\n%s", &log)
	}
}
