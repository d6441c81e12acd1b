package webserver

import (
	"context"
	"log"
	"log/slog"
	"strings"
	"time"

	"galene/group/loglimit"
)

// httpLog is where net/http writes its log. That is about the faults of clients, but
// for one thing: where no connection can be accepted, nobody comes in any more.
type httpLog struct {
	logger  *slog.Logger
	accepts loglimit.Limit
}

// newHTTPLog returns what net/http is given to write its log to.
func newHTTPLog(logger *slog.Logger) *log.Logger {
	return log.New(&httpLog{logger: logger}, "", 0)
}

// Write implements io.Writer; it is called with one event.
func (l *httpLog) Write(p []byte) (int, error) {
	text := strings.TrimSpace(string(p))
	if fault, ok := strings.CutPrefix(text, "http: Accept error: "); ok {
		fault, _, _ = strings.Cut(fault, "; retrying")
		l.logger.Log(context.Background(), l.accepts.Level(slog.LevelError, time.Now()),
			"nobody can connect; if there are too many open files, allow the server more, as INSTALL says (LimitNOFILE, ulimit -n)", "error", fault)
	} else {
		l.logger.Debug(text)
	}
	return len(p), nil
}
