package rtpconn

import (
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// pionLog passes what pion says to our log, one level lower than it thinks:
// most of its warnings are the ordinary life of a network.
type pionLog struct{ log *slog.Logger }

var (
	_ logging.LoggerFactory = pionLog{}
	_ logging.LeveledLogger = pionLog{}
)

func (l pionLog) NewLogger(scope string) logging.LeveledLogger {
	return pionLog{l.log.With("pion", scope)}
}

func (l pionLog) Trace(string)          {}
func (l pionLog) Tracef(string, ...any) {}
func (l pionLog) Debug(string)          {}
func (l pionLog) Debugf(string, ...any) {}
func (l pionLog) Info(string)           {}
func (l pionLog) Infof(string, ...any)  {}
func (l pionLog) Warn(msg string)       { l.log.Debug(msg) }
func (l pionLog) Warnf(format string, args ...any) {
	l.log.Debug(fmt.Sprintf(format, args...))
}
func (l pionLog) Error(msg string) { l.log.Debug(msg) }
func (l pionLog) Errorf(format string, args ...any) {
	l.log.Debug(fmt.Sprintf(format, args...))
}
