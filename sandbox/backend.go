package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// backendOptions keep the engine's file backend from writing a file of attributes beside each of its files
// (https://pkg.go.dev/gocloud.dev/blob/fileblob#URLOpener). It writes that one in place, so that an engine which is killed
// meanwhile leaves it empty, and then cannot read its own state. The state itself is replaced whole.
const backendOptions = "?metadata=skip"

// attributes is how the names of those files end.
const attributes = ".attrs"

// mendBackend takes away what an engine that was killed leaves in the way of the next one: files of attributes that are cut
// off, which say nothing that anybody needs, and locks that are cut off or whose process is dead.
func (t *Target) mendBackend() error {
	kept := filepath.Join(t.state(), ".pulumi")
	locks := filepath.Join(kept, "locks")
	err := filepath.WalkDir(kept, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			err = dropUseless(path, strings.HasPrefix(path, locks+string(filepath.Separator)))
		}
		if errors.Is(err, fs.ErrNotExist) { // no state yet, or an engine that ended meanwhile and took its lock away
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("sandbox in %s: looking for what a killed engine left: %w", t.directory, err)
	}
	return nil
}

func dropUseless(path string, isLock bool) error {
	isAttributes := strings.HasSuffix(path, attributes)
	if !isAttributes && !isLock {
		return nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !json.Valid(content) || isLock && !isAttributes && isDeadLock(content) {
		return os.Remove(path)
	}
	return nil
}

// isDeadLock says whether the process that wrote a lock is no more. Only locks of this machine can tell.
func isDeadLock(content []byte) bool {
	var lock struct {
		PID      int    `json:"pid"`
		Hostname string `json:"hostname"`
	}
	if json.Unmarshal(content, &lock) != nil || lock.PID <= 0 {
		return false
	}
	here, err := os.Hostname()
	return err == nil && here == lock.Hostname && !alive(lock.PID)
}
