// Package golden compares text with a file that is kept beside the test. It is for tests only.
//
// APLOMB_UPDATE_GOLDEN=1 rewrites the files instead; read the difference in version control before you keep it.
package golden

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Update is the environment variable that makes Text and JSON rewrite the golden file when it is 1.
const Update = "APLOMB_UPDATE_GOLDEN"

// TB is what a test offers: *testing.T, *testing.B and *rapid.T all fit.
type TB interface {
	Helper()
	Name() string
	Fatalf(format string, args ...any)
}

// Text fails the test unless got is the content of the file at path. A missing file is a failure too.
func Text(t TB, path, got string) {
	t.Helper()
	if os.Getenv(Update) == "1" {
		if err := write(path, got); err != nil {
			t.Fatalf("golden: %v", err)
		}
		return
	}
	want, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.Fatalf("golden: there is no %s; write it with:\n  %s\nit would hold:\n%s", path, command(t), got)
	case err != nil:
		t.Fatalf("golden: %v", err)
	case string(want) != got:
		t.Fatalf("golden: %s differs (- the file, + what the test got):\n%sif the new text is right, write it with:\n  %s",
			path, Diff(string(want), got), command(t))
	}
}

// JSON is Text for a JSON text, which is indented by two spaces first. The order of keys stays as it is. What is not JSON,
// or more than one value, fails the test.
func JSON(t TB, path, jsonText string) {
	t.Helper()
	indented, err := indent(jsonText)
	if err != nil {
		t.Fatalf("golden: what is to be compared with %s is not JSON: %v\n%s", path, err, jsonText)
		return
	}
	Text(t, path, indented)
}

func indent(text string) (string, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	var value json.RawMessage
	if err := decoder.Decode(&value); err != nil {
		return "", err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return "", errors.New("there is something after the first value")
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, value, "", "  "); err != nil {
		return "", err
	}
	return indented.String() + "\n", nil
}

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// command is what rewrites the golden files of the test, run from the folder of its package.
func command(t TB) string {
	elements := strings.Split(t.Name(), "/")
	for index, element := range elements {
		elements[index] = "^" + element + "$"
	}
	return fmt.Sprintf("%s=1 go test -run '%s' .", Update, strings.Join(elements, "/"))
}
