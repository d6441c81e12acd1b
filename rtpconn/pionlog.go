package rtpconn

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// pionLog passes what pion says to our log, one level lower than it thinks:
// most of its warnings are the ordinary life of a network.
type pionLog struct {
	log *slog.Logger
	// scope is which part of pion speaks.
	scope string
}

var (
	_ logging.LoggerFactory = pionLog{}
	_ logging.LeveledLogger = pionLog{}
)

// NewLogger implements logging.LoggerFactory. Each connection has a dozen, few of
// which ever say anything: they cost next to nothing until they do.
func (l pionLog) NewLogger(scope string) logging.LeveledLogger {
	l.scope = scope
	return l
}

func (l pionLog) Trace(string)          {}
func (l pionLog) Tracef(string, ...any) {}
func (l pionLog) Debug(string)          {}
func (l pionLog) Debugf(string, ...any) {}
func (l pionLog) Info(string)           {}
func (l pionLog) Infof(string, ...any)  {}
func (l pionLog) Warn(msg string)       { l.say(msg) }
func (l pionLog) Warnf(format string, args ...any) {
	l.say(format, args...)
}
func (l pionLog) Error(msg string) { l.say(msg) }
func (l pionLog) Errorf(format string, args ...any) {
	l.say(format, args...)
}

func (l pionLog) say(format string, args ...any) {
	if !l.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	l.log.Debug(format, "pion", l.scope)
}
