// Layer: rules (pure).
package stacks_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/golden"
	"github.com/stretchr/testify/require"
)

// sections are the types of the configuration in reading order, and where each stands in the file.
var sections = []struct{ typeName, title string }{
	{"Config", "`aplomb:config`"},
	{"NetworkConfig", "`network`"},
	{"DNSConfig", "`dns`"},
	{"ProbeConfig", "`probe`"},
	{"AccessLogsConfig", "`accessLogs`"},
	{"BucketConfig", "`buckets[]`"},
	{"LifecycleConfig", "`buckets[].lifecycle`"},
	{"TransitionConfig", "`buckets[].lifecycle.transitions[]`"},
	{"ObjectLockConfig", "`buckets[].objectLock`"},
	{"DatabaseConfig", "`databases[]`"},
	{"SQLRunnerConfig", "`sqlRunner`"},
	{"BackupsConfig", "`backups`"},
	{"VaultLockConfig", "`backups.vaultLock`"},
	{"RestoreTestingConfig", "`backups.restoreTesting`"},
	{"RecoveryConfig", "`recovery`"},
	{"JobConfig", "`jobs[]`"},
	{"AlertingConfig", "`alerting`"},
	{"MachineConfig", "`machine`, for the stack or for one service"},
	{"ServiceConfig", "`services[]`"},
	{"HealthCheckConfig", "`services[].healthCheck`"},
	{"EgressConfig", "`services[].egress[]`"},
	{"GrantConfig", "`services[].buckets[]`"},
	{"ConnectConfig", "`services[].databases[]`"},
	{"WAFConfig", "`services[].waf`"},
	{"AcceleratorConfig", "`services[].accelerator`"},
}

// TestTheConfigurationReferenceIsWhatTheTypesSay keeps docs/configuration.md in step with the comments in config.go and config_data.go.
func TestTheConfigurationReferenceIsWhatTheTypesSay(t *testing.T) {
	file := parsed(t, "config.go", "config_data.go")
	preamble, err := os.ReadFile("testdata/configuration-preamble.md")
	require.NoError(t, err)

	var page strings.Builder
	page.Write(preamble)
	described := 0
	for _, section := range sections {
		fmt.Fprintf(&page, "\n## %s\n\n| key | type | | what it says |\n|---|---|---|---|\n", section.title)
		for _, field := range fieldsOf(t, file, section.typeName) {
			key, required := keyOf(t, field)
			fmt.Fprintf(&page, "| `%s` | %s | %s | %s |\n", key, kind(t, field.Type), required, sentence(t, key, field))
			described++
		}
	}
	require.Greater(t, described, 25, "the keys must have been found at all")
	golden.Text(t, "../docs/configuration.md", page.String())
}

// parsed is several source files as one.
func parsed(t *testing.T, names ...string) *ast.File {
	t.Helper()
	whole := &ast.File{Name: ast.NewIdent("stacks")}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		whole.Decls = append(whole.Decls, file.Decls...)
	}
	return whole
}

func fieldsOf(t *testing.T, file *ast.File, typeName string) []*ast.Field {
	t.Helper()
	var fields []*ast.Field
	ast.Inspect(file, func(node ast.Node) bool {
		declared, isType := node.(*ast.TypeSpec)
		if !isType || declared.Name.Name != typeName {
			return true
		}
		for _, field := range declared.Type.(*ast.StructType).Fields.List {
			if field.Names[0].IsExported() {
				fields = append(fields, field)
			}
		}
		return false
	})
	require.NotEmpty(t, fields, typeName)
	return fields
}

func keyOf(t *testing.T, field *ast.Field) (key, required string) {
	t.Helper()
	require.NotNil(t, field.Tag)
	key, option, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("config"), ",")
	require.NotEmpty(t, key)
	return key, option
}

// kind is a Go type in the words of YAML.
func kind(t *testing.T, of ast.Expr) string {
	t.Helper()
	switch of := of.(type) {
	case *ast.StarExpr:
		return kind(t, of.X)
	case *ast.ArrayType:
		return "list of " + plurals[kind(t, of.Elt)]
	case *ast.MapType:
		return "NAME: text"
	case *ast.SelectorExpr:
		return "text"
	case *ast.Ident:
		word, known := map[string]string{"string": "text", "int": "number", "bool": "true, false", "Environment": "text"}[of.Name]
		if !known {
			word = "keys"
		}
		return word
	}
	t.Fatalf("no word for %T", of)
	return ""
}

var plurals = map[string]string{"text": "texts", "keys": "keys"}

// sentence is the field's comment on one line, without the Go name that it begins with.
func sentence(t *testing.T, key string, field *ast.Field) string {
	t.Helper()
	require.NotNil(t, field.Doc, "%s has no comment", key)
	words := strings.Fields(field.Doc.Text())
	require.Equal(t, field.Names[0].Name, words[0], "the comment of %s begins with its name", key)
	text := strings.Join(words[1:], " ")
	for _, verb := range []string{"is ", "are "} {
		text = strings.TrimPrefix(text, verb)
	}
	return strings.ToUpper(text[:1]) + strings.ReplaceAll(text[1:], "|", "\\|")
}
