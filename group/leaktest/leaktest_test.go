package leaktest

import (
	"testing"
	"time"
)

func TestMain(m *testing.M) { Main(m) }

// recorder is a test that counts what it was told is wrong.
type recorder struct {
	testing.TB
	cleanup func()
	errors  int
}

func (r *recorder) Cleanup(f func()) { r.cleanup = f }

func (r *recorder) Errorf(string, ...any) { r.errors++ }

func TestGoroutinesAreFoundByTheTestThatStartedThem(t *testing.T) {
	Check(t)
	for _, tt := range []struct {
		name string
		// start may start a goroutine that lasts until end is closed.
		start    func(end <-chan struct{})
		patience time.Duration
		errors   int
	}{
		{"none", func(<-chan struct{}) {}, 0, 0},
		{"one that ends", func(<-chan struct{}) { go func() {}() }, patience, 0},
		{"one that lasts", func(end <-chan struct{}) { go func() { <-end }() }, 0, 1},
		{"one that another has started", func(end <-chan struct{}) {
			started := make(chan struct{})
			go func() {
				go func() { <-end }()
				close(started)
			}()
			<-started
		}, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			Check(t)
			end := make(chan struct{})
			// What others have started is not held against a test.
			go func() { <-end }()
			r := &recorder{TB: t}
			checked := make(chan struct{})
			go func() {
				defer close(checked)
				check(r, tt.patience)
				tt.start(end)
				r.cleanup()
			}()
			<-checked
			close(end)
			if r.errors != tt.errors {
				t.Errorf("%d errors", r.errors)
			}
		})
	}
}
