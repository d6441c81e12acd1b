//go:build linux

package main

import (
	"testing"

	"galene/group/leaktest"
)

// TestMain fails when goroutines are left after the tests.
func TestMain(m *testing.M) { leaktest.Main(m) }
