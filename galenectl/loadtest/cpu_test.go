package loadtest

import (
	"os"
	"runtime"
	"testing"
	"time"

	"galene/group/leaktest"
)

func TestCPUTimeIsReadWhateverTheProcessIsCalled(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const rest = " S 1 2 3 4 5 6 7 8 9 10 123 45 14 15 16 17 18 19 20\n"
	for _, name := range []string{"galene", "a b", ") 1 2 (", ""} {
		got, err := parseStat([]byte("42 (" + name + ")" + rest))
		if err != nil || got != 1680*time.Millisecond {
			t.Errorf("%q: %v, %v", name, got, err)
		}
	}
	for _, text := range []string{"", "42", "42 (galene) S 1 2", "42 (galene) S 1 2 3 4 5 6 7 8 9 10 x 45 14"} {
		if got, err := parseStat([]byte(text)); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestMemoryIsReadInBytes(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	if got, err := parseStatus([]byte("VmPeak:\t  9 kB\nVmRSS:\t   2048 kB\nThreads:\t3\n")); err != nil || got != 2<<20 {
		t.Errorf("%d, %v", got, err)
	}
	for _, text := range []string{"", "VmRSS:\n", "VmRSS:\t-1 kB\n", "VmRSS:\t1 MB\n"} {
		if got, err := parseStatus([]byte(text)); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
}

func TestStolenTimeIsThatOfAllProcessors(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	got, err := parseStolen([]byte("cpu  1 2 3 4 5 6 7 250 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n"))
	if err != nil || got != 2500*time.Millisecond {
		t.Errorf("%v, %v", got, err)
	}
	for _, text := range []string{"", "cpu\n", "cpu0 1 2 3 4 5 6 7 8 9 10\n", "cpu 1 2 3 4 5 6 7 -8\n"} {
		if got, err := parseStolen([]byte(text)); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestThisProcessIsMeasured(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	p := process(os.Getpid())
	if _, err := p.cpu(); err != nil {
		t.Error(err)
	}
	if n, err := p.memory(); err != nil || n == 0 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := stolen(); err != nil {
		t.Error(err)
	}
}

func FuzzProc(f *testing.F) {
	leaktest.Check(f)
	f.Add([]byte("42 (galene) S 1 2 3 4 5 6 7 8 9 10 123 45 14 15"))
	f.Add([]byte("VmPeak:\t9 kB\nVmRSS:\t2048 kB\n"))
	f.Add([]byte("cpu  1 2 3 4 5 6 7 250 9 10\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if d, err := parseStat(data); err == nil && d < 0 {
			t.Errorf("CPU time %v", d)
		}
		if d, err := parseStolen(data); err == nil && d < 0 {
			t.Errorf("stolen time %v", d)
		}
		_, _ = parseStatus(data)
	})
}
