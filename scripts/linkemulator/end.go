//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// maxPacket is more than a TUN device passes at once.
const maxPacket = 1 << 16

// end is one side of the link: a namespace with a TUN device.
type end struct {
	namespace string
	address   string
	device    *os.File
}

// ip runs the command of that name.
func ip(args ...string) error {
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// openEnd makes the namespace, with a device of this address.
func openEnd(namespace, address string) (*end, error) {
	if err := ip("netns", "add", namespace); err != nil {
		return nil, err
	}
	e := &end{namespace: namespace, address: address}
	err := e.open()
	if err == nil {
		err = errors.Join(
			ip("-n", namespace, "link", "set", "lo", "up"),
			ip("-n", namespace, "addr", "add", address+"/24", "dev", "tun0"),
			ip("-n", namespace, "link", "set", "tun0", "up"),
		)
	}
	if err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

// open makes the device: in a thread of its own, which has to enter the
// namespace and ends with the goroutine.
func (e *end) open() error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- e.openHere()
	}()
	return <-done
}

func (e *end) openHere() error {
	ns, err := os.Open("/run/netns/" + e.namespace)
	if err != nil {
		return err
	}
	defer ns.Close()
	if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter namespace %s: %w", e.namespace, err)
	}
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open a TUN device: %w", err)
	}
	request, err := unix.NewIfreq("tun0")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return errors.Join(fmt.Errorf("make a TUN device: %w", err), unix.Close(fd))
	}
	e.device = os.NewFile(uintptr(fd), "tun0")
	return nil
}

// read hands on what the namespace sends, until the device is closed.
func (e *end) read(handle func([]byte)) {
	buffer := make([]byte, maxPacket)
	for {
		n, err := e.device.Read(buffer)
		if err != nil {
			return
		}
		handle(append([]byte(nil), buffer[:n]...))
	}
}

// readdress gives the device another address in the place of the one it has:
// the kernel takes away a second one of the same network together with the
// first.
func (e *end) readdress(address string) error {
	err := errors.Join(
		ip("-n", e.namespace, "addr", "del", e.address+"/24", "dev", "tun0"),
		ip("-n", e.namespace, "addr", "add", address+"/24", "dev", "tun0"),
	)
	e.address = address
	return err
}

func (e *end) close() {
	if e.device != nil {
		_ = e.device.Close()
	}
	if err := ip("netns", "del", e.namespace); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
