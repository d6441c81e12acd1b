//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"galene/galenectl/loadtest"
)

const (
	// room is the number of the only one.
	room = 1
	// eventLoops make Janus cheaper than by itself, where each peer connection
	// has a thread.
	eventLoops = 2
)

// janus is the VideoRoom of Janus.
type janus struct {
	// address is the one that media use.
	work, address string
}

func (janus) name() string { return "janus" }

func (j janus) start(ctx context.Context) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	directory := filepath.Join(j.work, "janus")
	if err := j.configure(directory, port); err != nil {
		return nil, fmt.Errorf("configure Janus: %w", err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	s, err := launch(ctx, address, "janus", "-C", filepath.Join(directory, "janus.jcfg"), "-F", directory)
	if err != nil {
		return nil, err
	}
	s.options = loadtest.Options{Server: "ws://" + address, Protocol: loadtest.Janus, Group: strconv.Itoa(room)}
	return s, nil
}

// configure writes all that Janus reads.
func (j janus) configure(directory string, port int) error {
	modules, err := findModules()
	if err != nil {
		return err
	}
	plugins, err := others(filepath.Join(modules, "plugins"), "libjanus_videoroom.so")
	if err != nil {
		return err
	}
	transports, err := others(filepath.Join(modules, "transports"), "libjanus_websockets.so")
	if err != nil {
		return err
	}
	nothing := filepath.Join(directory, "nothing")
	files := map[string]string{
		"janus.jcfg": fmt.Sprintf(`general: {
	configs_folder = %q
	plugins_folder = %q
	transports_folder = %q
	events_folder = %q
	loggers_folder = %q
	debug_level = 2
	session_timeout = 0
	event_loops = %d
}
plugins: { disable = %q }
transports: { disable = %q }
nat: { ice_enforce_list = %q }
`, directory, filepath.Join(modules, "plugins"), filepath.Join(modules, "transports"), nothing, nothing, eventLoops, plugins, transports, j.address),
		"janus.transport.websockets.jcfg": fmt.Sprintf(`general: {
	json = "compact"
	ws = true
	ws_ip = "127.0.0.1"
	ws_port = %d
	wss = false
}
admin: { admin_ws = false }
`, port),
		// Without a limit of its own to the bit rate.
		"janus.plugin.videoroom.jcfg": fmt.Sprintf(`room-%d: {
	description = "comparison"
	publishers = 1000
	bitrate = 0
	fir_freq = 0
	audiocodec = "opus"
	videocodec = "vp8"
	record = false
}
`, room),
	}
	if err := os.MkdirAll(nothing, 0o700); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// errNoJanus is returned where Janus is not installed.
var errNoJanus = errors.New("there is no janus on this machine; install the package janus of Debian")

// findModules returns the directory of Janus's plugins and transports.
func findModules() (string, error) {
	if _, err := exec.LookPath("janus"); err != nil {
		return "", errNoJanus
	}
	for _, pattern := range []string{"/usr/lib/*/janus", "/usr/lib/janus", "/usr/local/lib/janus"} {
		found, err := filepath.Glob(filepath.Join(pattern, "plugins", "libjanus_videoroom.so"))
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return filepath.Dir(filepath.Dir(found[0])), nil
		}
	}
	return "", errors.New("the plugin VideoRoom of Janus is not where packages put it")
}

// others lists the modules of a directory but one, as Janus wants it.
func others(directory, kept string) (string, error) {
	found, err := filepath.Glob(filepath.Join(directory, "*.so"))
	if err != nil {
		return "", err
	}
	var names []string
	for _, path := range found {
		if name := filepath.Base(path); name != kept {
			names = append(names, name)
		}
	}
	return strings.Join(names, ","), nil
}
