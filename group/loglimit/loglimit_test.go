package loglimit_test

import (
	"log/slog"
	"testing"
	"time"

	"galene/group/leaktest"
	"galene/group/loglimit"
)

func TestEventsOfAKindAreToldOfOnceAMinute(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	start := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	var l loglimit.Limit
	for _, tt := range []struct {
		after time.Duration
		want  slog.Level
	}{
		{0, slog.LevelWarn}, {time.Second, slog.LevelDebug}, {59 * time.Second, slog.LevelDebug},
		{time.Minute, slog.LevelWarn}, {61 * time.Second, slog.LevelDebug}, {time.Hour, slog.LevelWarn},
	} {
		if got := l.Level(slog.LevelWarn, start.Add(tt.after)); got != tt.want {
			t.Errorf("after %v: %v, want %v", tt.after, got, tt.want)
		}
	}
	if got := new(loglimit.Limit).Level(slog.LevelError, start); got != slog.LevelError {
		t.Errorf("another kind: %v", got)
	}
}
