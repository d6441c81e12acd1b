package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/term"

	"galene/group/leaktest"
)

// openTerminal makes a pseudo-terminal; see pts(4).
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	const unlock, number = 0x40045431, 0x80045430 // TIOCSPTLCK, TIOCGPTN
	var n int32
	for _, request := range []uintptr{unlock, number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(unsafe.Pointer(&n))); errno != 0 {
			t.Fatal(errno)
		}
	}
	if slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	return master, slave
}

var errInterrupted = errors.New("interrupt signal received")

func TestInterruptionWhileAPasswordIsAskedForLeavesTheTerminalAsItWas(t *testing.T) {
	leaktest.Check(t)
	master, slave := openTerminal(t)
	before, err := term.GetState(int(slave.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	changed := func() bool {
		now, err := term.GetState(int(slave.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		return !reflect.DeepEqual(now, before)
	}
	ctx, interrupt := context.WithCancelCause(t.Context())
	defer interrupt(nil)
	var stdout, stderr bytes.Buffer
	status := make(chan int, 1)
	go func() { status <- run(ctx, []string{"hash-password"}, slave, &stdout, &stderr) }()
	for !changed() {
		time.Sleep(time.Millisecond)
	}
	interrupt(errInterrupted)
	if got := <-status; got != 1 || !strings.Contains(stderr.String(), errInterrupted.Error()) {
		t.Errorf("status %d: %q, %q", got, &stdout, &stderr)
	}
	if changed() {
		t.Error("the terminal does not show what is typed any more")
	}
	_ = master.Close() // ends the reading
	_ = slave.Close()
}

func TestInterruptionWhileInputIsReadEndsTheCommand(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, command := range []string{"hash-password", "set-keys -group city", "create-group -group city -json", "create-user -group city -user ada -json"} {
		r, w := io.Pipe()
		ctx, interrupt := context.WithCancelCause(t.Context())
		time.AfterFunc(10*time.Millisecond, func() { interrupt(errInterrupted) })
		var stdout, stderr bytes.Buffer
		if got := run(ctx, append([]string{"-config", ""}, strings.Fields(command)...), r, &stdout, &stderr); got != 1 || !strings.Contains(stderr.String(), errInterrupted.Error()) {
			t.Errorf("%s: status %d: %q, %q", command, got, &stdout, &stderr)
		}
		_ = w.Close() // ends the reading
	}
}
