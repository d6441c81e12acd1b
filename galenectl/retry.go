package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Who is told to come back later (503 with Retry-After, RFC 9110, section
// 10.2.3) does so, maxRetries times, and waits for maxRetryAfter at most.
const (
	maxRetries    = 5
	maxRetryAfter = 10 * time.Second
)

// retryAfter returns when to make a request again that has been answered, and
// whether to do so at all.
func retryAfter(answer *http.Response, now time.Time) (time.Duration, bool) {
	value := strings.TrimSpace(answer.Header.Get("Retry-After"))
	if answer.StatusCode != http.StatusServiceUnavailable || value == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter), true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), maxRetryAfter), true
}

// do makes the request, again if the server says so; it returns the body and
// the header of a success.
func (c *connection) do(ctx context.Context, r request) ([]byte, http.Header, error) {
	for retries := 0; ; retries++ {
		answer, body, err := c.try(ctx, r)
		if err != nil {
			return nil, nil, err
		}
		if answer.StatusCode < 300 {
			return body, answer.Header, nil
		}
		failure := &httpError{what: r.what, code: answer.StatusCode, status: answer.Status, reason: r.reason(answer, body)}
		wait, ok := retryAfter(answer, time.Now())
		if !ok || retries == maxRetries {
			return nil, nil, failure
		}
		fmt.Fprintf(c.options.stderr, "galenectl: %v; trying again in %v (%d of %d)\n", failure, wait.Round(time.Second), retries+1, maxRetries)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, nil, failure
		}
	}
}
