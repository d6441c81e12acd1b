// Package loglimit keeps events that come again and again, and that strangers may
// cause, from filling the log. It knows nothing of what they are about.
package loglimit

import (
	"log/slog"
	"sync"
	"time"
)

// interval is how long there is silence after an event has been told.
const interval = time.Minute

// Limit is for events of one kind. Any goroutine may use it. The zero value is ready.
type Limit struct {
	// mu guards next, which is when the next event is told of.
	mu   sync.Mutex
	next time.Time
}

// Level returns the level at which an event of now is to be logged: level, but
// slog.LevelDebug if one has been in the last minute.
func (l *Limit) Level(level slog.Level, now time.Time) slog.Level {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.next) {
		return slog.LevelDebug
	}
	l.next = now.Add(interval)
	return level
}
