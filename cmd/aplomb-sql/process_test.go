// Layer: host (the binary as a process of its own). What Lambda sees of it.
package main

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func compiled(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "aplomb-sql")
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", output)
	return binary
}

// TestTheRootsInTheBinaryAreThoseThatCount holds because the image has RDS's certificates where Go looks for those of the system: Secrets Manager's
// would not be known.
func TestTheRootsInTheBinaryAreThoseThatCount(t *testing.T) {
	info, err := buildinfo.ReadFile(compiled(t))
	require.NoError(t, err)
	var defaults string
	for _, setting := range info.Settings {
		if setting.Key == "DefaultGODEBUG" {
			defaults = setting.Value
		}
	}
	require.Contains(t, strings.Split(defaults, ","), "x509usefallbackroots=1")
	var linked []string
	for _, dependency := range info.Deps {
		linked = append(linked, dependency.Path)
	}
	require.Contains(t, linked, "golang.org/x/crypto/x509roots/fallback")
}

// TestLambdaGetsAnErrorForWhatIsRefused speaks Lambda's runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
func TestLambdaGetsAnErrorForWhatIsRefused(t *testing.T) {
	events := make(chan string, 2)
	events <- `{"verb":"drop-user","password":"hunter2"}`
	events <- `{"verb":"verify","host":"db.example","port":5432,"database":"orders"}`
	results := make(chan string, 2)
	served := 0
	lambda := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			body, _ := io.ReadAll(r.Body)
			results <- r.URL.Path + " " + string(body)
			w.WriteHeader(http.StatusAccepted)
			return
		}
		select {
		case event := <-events:
			served++
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", fmt.Sprintf("request-%d", served))
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
			fmt.Fprint(w, event)
		case <-r.Context().Done():
		}
	}))
	defer lambda.Close()
	process := exec.CommandContext(t.Context(), compiled(t))
	process.Env = []string{runtimeVariable + "=" + strings.TrimPrefix(lambda.URL, "http://"), "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128"}
	var logged bytes.Buffer
	process.Stdout, process.Stderr = &logged, &logged
	require.NoError(t, process.Start())
	var seen []string
	for range 2 {
		select {
		case result := <-results:
			seen = append(seen, result)
		case <-time.After(30 * time.Second):
			t.Fatal("no answer")
		}
	}
	require.NoError(t, process.Process.Kill())
	_ = process.Wait()
	require.Contains(t, seen[0], "/2018-06-01/runtime/invocation/request-1/error ")
	require.Contains(t, seen[0], `\"drop-user\" is none of make-user, make-password, verify`)
	require.Contains(t, seen[1], "/2018-06-01/runtime/invocation/request-2/error ")
	require.Contains(t, seen[1], "without RDS's certificates no connection is made: open /etc/ssl/certs/rds-global-bundle.pem")
	require.NotContains(t, logged.String()+strings.Join(seen, ""), "hunter2")
	require.Contains(t, logged.String(), `"msg":"refused"`)
	require.Contains(t, logged.String(), `"msg":"failed","verb":"verify","host":"db.example"`)
}
