package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	// turnTime is how long a writer waits for its turn.
	turnTime = 2 * time.Second
	// turnInterval is how often it asks meanwhile.
	turnInterval = time.Millisecond
)

// ErrBusy says that another process has been at the files of a directory all the time.
var ErrBusy = errors.New("another program is changing the files of this directory, and does not come to an end")

// Exclusively calls change while no other process of this machine that asks in
// the same way is at the files of a directory: what it has looked at is still so
// when it replaces it. The error is ErrBusy if another one does not come to an
// end, else that of change. Where there is no such directory, or the system
// knows no locks, there is nothing to wait for. change is to be short, without
// waiting for the disk: nobody stands in a queue here.
func Exclusively(directory string, change func() error) error {
	// Each opens it anew, so it keeps writers of one process apart as well.
	d, err := os.Open(directory)
	if err != nil {
		return change()
	}
	// The lock ends with the descriptor, and so with the process.
	defer d.Close()
	for end := time.Now().Add(turnTime); lock(d); time.Sleep(turnInterval) {
		if time.Now().After(end) {
			return fmt.Errorf("%s: %w", directory, ErrBusy)
		}
	}
	return change()
}
