package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"galene/group/leaktest"
)

// TestMain fails when goroutines are left after the tests.
func TestMain(m *testing.M) { leaktest.Main(m) }

func TestEveryTestLooksForGoroutinesItLeaves(t *testing.T) {
	leaktest.Check(t)
	checked := 0
	walkSources(t, func(path string) {
		if !strings.HasSuffix(path, "_test.go") {
			return
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok || f.Recv != nil || f.Name.Name == "TestMain" || !strings.HasPrefix(f.Name.Name, "Test") && !strings.HasPrefix(f.Name.Name, "Fuzz") {
				continue
			}
			checked++
			if !beginsWithCheck(f.Body) {
				t.Errorf("%v: %s does not begin with leaktest.Check", files.Position(f.Pos()), f.Name.Name)
			}
		}
	})
	if checked < 500 {
		t.Errorf("found %d tests only", checked)
	}
}

// beginsWithCheck tells whether the first statement calls leaktest.Check, which
// package leaktest itself knows as Check.
func beginsWithCheck(body *ast.BlockStmt) bool {
	if len(body.List) == 0 {
		return false
	}
	statement, ok := body.List[0].(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := statement.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name == "Check"
	case *ast.SelectorExpr:
		p, ok := f.X.(*ast.Ident)
		return ok && p.Name == "leaktest" && f.Sel.Name == "Check"
	}
	return false
}
