package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"galene/group/leaktest"
)

// The tests of this file hold the tree to what ARCHITECTURE.md says of it.

// listedPackage is what the go command tells of a package.
type listedPackage struct {
	ImportPath   string
	Doc          string
	Name         string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// directory is the package's path below the root of the module, "" for main.
func (p listedPackage) directory() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "galene"), "/")
}

func listPackages(t *testing.T) []listedPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Doc,Name,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listedPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	return packages
}

func below(directory, root string) bool {
	return directory == root || strings.HasPrefix(directory, root+"/")
}

// fences say which directories may import a module; the longest matching
// prefix counts.
var fences = map[string][]string{
	"github.com/pion/":                    {"rtpconn"},
	"github.com/pion/rtp":                 {"rtpconn", "diskwriter"},
	"github.com/pion/rtcp":                {"rtpconn", "diskwriter"},
	"github.com/gorilla/websocket":        {"webserver/ws", "webserver/wstest", "galenectl"},
	"github.com/golang-jwt/":              {"token"},
	"golang.org/x/crypto/":                {"group", "webserver/certs"},
	"golang.org/x/crypto/acme":            {"webserver/certs"},
	"github.com/prometheus/client_golang": {"webserver/metrics"},
	"github.com/andybalholm/brotli":       {"webserver/files"},
	"github.com/getkin/kin-openapi":       {"webserver"},
}

func TestModulesAreImportedOnlyBehindTheirFence(t *testing.T) {
	leaktest.Check(t)
	for _, p := range listPackages(t) {
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			longest := ""
			for prefix := range fences {
				if strings.HasPrefix(imported, prefix) && len(prefix) > len(longest) {
					longest = prefix
				}
			}
			if longest == "" {
				continue
			}
			if !slices.ContainsFunc(fences[longest], func(root string) bool { return below(p.directory(), root) }) {
				t.Errorf("%s imports %s, which belongs in %v", p.ImportPath, imported, fences[longest])
			}
		}
	}
}

// layers go from the bottom up: a directory imports nothing that stands to its
// right, and nothing of a neighbour on its own line.
var layers = [][]string{
	{"group/atomicfile", "group/jsonerror", "group/leaktest", "group/loglimit", "group/media"},
	{"token"},
	{"group"},
	{"rtpconn", "diskwriter"},
	{"webserver", "static"},
	{"galenectl", "docs"},
	{"scripts"},
	{""},
}

func layerOf(directory string) (layer int, root string) {
	best := -1
	for i, roots := range layers {
		for _, r := range roots {
			if (r == "" && directory == "" || r != "" && below(directory, r)) && (best < 0 || len(r) > len(root)) {
				best, root = i, r
			}
		}
	}
	return best, root
}

func TestDependenciesPointOneWay(t *testing.T) {
	leaktest.Check(t)
	for _, p := range listPackages(t) {
		layer, root := layerOf(p.directory())
		if layer < 0 {
			t.Errorf("%s stands in no layer", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			if imported != "galene" && !strings.HasPrefix(imported, "galene/") {
				continue
			}
			other, otherRoot := layerOf(strings.TrimPrefix(imported, "galene/"))
			if root != otherRoot && other >= layer && !strings.HasSuffix(p.ImportPath, "test") {
				t.Errorf("%s imports %s, which is not below it", p.ImportPath, imported)
			}
		}
	}
}

// pureLeaves start no goroutine and hold no lock, so that they can be fuzzed
// and replayed; they import nothing that could.
func TestPureLeavesImportNoSync(t *testing.T) {
	leaktest.Check(t)
	pure := []string{"rtpconn/codec", "rtpconn/packetcache", "rtpconn/nack", "rtpconn/forward", "rtpconn/demux", "rtpconn/sdpedit", "rtpconn/rtptime"}
	for _, p := range listPackages(t) {
		if !slices.Contains(pure, p.directory()) {
			continue
		}
		for _, imported := range p.Imports {
			if imported == "sync" || imported == "net" {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	leaktest.Check(t)
	for _, p := range listPackages(t) {
		want := "Package " + p.Name + " "
		if p.Name == "main" {
			want = ""
		}
		if p.Doc == "" || !strings.HasPrefix(p.Doc, want) {
			t.Errorf("%s has no doc comment that begins with %q", p.ImportPath, want)
		}
	}
}

// lengthLimits are in lines, by extension.
var lengthLimits = map[string]int{".go": 500, ".js": 400, ".mjs": 400, ".css": 250}

func TestFilesFitInAHead(t *testing.T) {
	leaktest.Check(t)
	walkSources(t, func(path string) {
		limit, ok := lengthLimits[filepath.Ext(path)]
		if !ok {
			return
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := 0
		for s := bufio.NewScanner(f); s.Scan(); {
			lines++
		}
		if lines > limit {
			t.Errorf("%s has %d lines; %d are enough for one subject", path, lines, limit)
		}
	})
}

func TestModuleFileReplacesNothing(t *testing.T) {
	leaktest.Check(t)
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(strings.TrimSpace(line), "replace") {
			t.Errorf("go.mod: %s", line)
		}
	}
}

// walkSources visits the files that are ours.
func walkSources(t *testing.T, visit func(path string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch d.Name() {
			case ".git", "node_modules", "third-party", "test-results":
				return filepath.SkipDir
			}
			return nil
		}
		visit(path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
