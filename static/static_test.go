package static

import (
	"io/fs"
	"path"
	"strings"
	"testing"

	"galene/group/leaktest"
)

func TestTheBinaryCarriesEveryPage(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	for _, name := range []string{
		"index.html", "galene.html", "stats.html", "change-password.html", "404.html", "common.css", "icon.svg", "icon-192.png", "manifest.webmanifest", "admin/index.html", "management.js", "pages/group.js", "pages/index.js",
		"lib/index.js", "protocol.js", "example/index.html", "example/example.js", "css/tokens.css", "locales/en.json", "third-party/preact.js", "third-party/icons.svg",
		"third-party/LICENSES.txt", "third-party/tasks-vision/vision_bundle.js", "third-party/tasks-vision/wasm/vision_wasm_module_internal.wasm",
		"third-party/tasks-vision/models/selfie_segmenter_landscape.tflite",
	} {
		info, err := fs.Stat(FS, name)
		if err != nil {
			t.Errorf("missing: %v", err)
		} else if info.Size() == 0 {
			t.Errorf("%s is empty", name)
		}
	}
}

func TestNothingOfDevelopmentIsCarried(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	allowed := map[string]bool{".html": true, ".css": true, ".js": true, ".json": true, ".svg": true, ".txt": true, ".png": true, ".webmanifest": true, ".wasm": true, ".tflite": true}
	err := fs.WalkDir(FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !allowed[path.Ext(name)] || strings.HasSuffix(name, ".test.js") || strings.Contains(name, "node_modules") {
			t.Errorf("%s does not belong to the client", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheClientIsSmall(t *testing.T) {
	leaktest.Check(t)
	t.Parallel()
	const limit = 1_140_000
	var total int64
	err := fs.WalkDir(FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			// Loaded when the background is first blurred.
			if name == "third-party/tasks-vision" {
				return fs.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		total += info.Size()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > limit {
		t.Errorf("the client takes %d bytes, more than %d", total, limit)
	}
}
