package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
)

// profiles are those that the command line asks for.
type profiles struct {
	cpu        *os.File
	heap, lock string
}

// startProfiles begins to profile; finish ends it.
func startProfiles(o options) (*profiles, error) {
	p := &profiles{heap: o.memProfile, lock: o.mutexProfile}
	if p.lock != "" {
		runtime.SetMutexProfileFraction(1)
	}
	if o.cpuProfile == "" {
		return p, nil
	}
	file, err := os.Create(o.cpuProfile)
	if err != nil {
		return nil, fmt.Errorf("write a CPU profile: %w", err)
	}
	p.cpu = file
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(fmt.Errorf("write a CPU profile: %w", err), file.Close())
	}
	return p, nil
}

// finish writes what was asked for.
func (p *profiles) finish() error {
	var errs []error
	if p.cpu != nil {
		pprof.StopCPUProfile()
		errs = append(errs, p.cpu.Close())
	}
	if p.heap != "" {
		runtime.GC() // so that the profile shows what is alive now
		errs = append(errs, writeProfile("heap", p.heap))
	}
	if p.lock != "" {
		errs = append(errs, writeProfile("mutex", p.lock))
	}
	return errors.Join(errs...)
}

func writeProfile(name, path string) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write a %s profile: %w", name, err)
	}
	return errors.Join(pprof.Lookup(name).WriteTo(file, 0), file.Close())
}
