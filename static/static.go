// Package static carries the browser client inside the binary. It holds the
// files exactly as a browser gets them and knows nothing of HTTP: how they are
// named, cached and compressed on the wire is the web server's business.
//
// The Go file lies beside the assets because embedding cannot reach out of its
// own directory. Development files (tests, type declarations, tool settings)
// are left out of the list.
package static

import "embed"

// FS holds the client. Its root is the root of the web server's tree:
// index.html is the landing page, galene.html the page of every group and
// 404.html the answer to an unknown address. It is read-only and safe for
// concurrent use.
//
//go:embed index.html galene.html stats.html change-password.html 404.html common.css icon.svg *.png manifest.webmanifest management.js protocol.js
//go:embed css lib layout app ui pages locales admin example
//go:embed third-party/*.js third-party/*.svg third-party/*.txt
//go:embed third-party/tasks-vision/*.js third-party/tasks-vision/wasm third-party/tasks-vision/models
var FS embed.FS
