package loadtest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of /proc/PID/stat: Linux has USER_HZ = 100 wherever Go
// runs.
const clockTick = 10 * time.Millisecond

// process is a process of this machine whose use of it is measured, by way of
// /proc (proc(5)), so on Linux only.
type process int

// cpu returns the CPU time that the process has used, user and system.
func (p process) cpu() (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", int(p)))
	if err != nil {
		return 0, fmt.Errorf("read CPU time: %w", err)
	}
	return parseStat(data)
}

// parseStat reads the CPU time out of /proc/PID/stat.
func parseStat(data []byte) (time.Duration, error) {
	// The second field is the name in parentheses, which may hold anything.
	end := bytes.LastIndexByte(data, ')')
	if end < 0 {
		return 0, errors.New("read CPU time: no process name")
	}
	const first = 3 // the number of the field after the name
	const user, system = 14, 15
	fields := strings.Fields(string(data[end+1:]))
	if len(fields) <= system-first {
		return 0, errors.New("read CPU time: too few fields")
	}
	u, err1 := strconv.ParseUint(fields[user-first], 10, 48)
	s, err2 := strconv.ParseUint(fields[system-first], 10, 48)
	if err := errors.Join(err1, err2); err != nil {
		return 0, fmt.Errorf("read CPU time: %w", err)
	}
	return time.Duration(u+s) * clockTick, nil
}

// memory returns the resident memory of the process in bytes.
func (p process) memory() (uint64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", int(p)))
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	return parseStatus(data)
}

// parseStatus reads the resident memory in bytes out of /proc/PID/status.
func parseStatus(data []byte) (uint64, error) {
	for line := range strings.Lines(string(data)) {
		value, ok := strings.CutPrefix(line, "VmRSS:")
		if !ok {
			continue
		}
		kilobytes, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 48)
		if err != nil {
			return 0, fmt.Errorf("read memory: %w", err)
		}
		return kilobytes * 1024, nil
	}
	return 0, errors.New("read memory: the process has none")
}

// stolen returns how much of the time of this machine's processors, of all together, its
// host has given to others while there was something to do here. It is 0 on a machine of
// iron.
func stolen() (time.Duration, error) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("read stolen time: %w", err)
	}
	return parseStolen(data)
}

// parseStolen reads the stolen time of all processors out of /proc/stat.
func parseStolen(data []byte) (time.Duration, error) {
	const steal = 8 // the number of the field after the name
	line, _, _ := strings.Cut(string(data), "\n")
	fields := strings.Fields(line)
	if len(fields) <= steal || fields[0] != "cpu" {
		return 0, errors.New("read stolen time: too few fields")
	}
	ticks, err := strconv.ParseUint(fields[steal], 10, 48)
	if err != nil {
		return 0, fmt.Errorf("read stolen time: %w", err)
	}
	return time.Duration(ticks) * clockTick, nil
}
