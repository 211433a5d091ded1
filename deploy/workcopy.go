package deploy

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/stacks"
	"github.com/google/renameio/v2"
	"gopkg.in/yaml.v3"
)

// workCopy is the private copy of the project in which the engine works, one for each target and stack. The engine rewrites
// the stack's file there: it puts the salt of its encryption in. The user's files stay as they are.
type workCopy struct {
	dir, stack string
	// project is the name of the project.
	project string
	// root is the mapping at the top of the copied stack file.
	root *yaml.Node
}

const projectFile = "Pulumi.yaml"

// encryptionKeys are those under which the engine keeps how a stack's secrets are encrypted.
var encryptionKeys = []string{"secretsprovider", "encryptedkey", "encryptionsalt"}

// newWorkCopy refreshes the private copy from the user's files and keeps what only the copy knows: the generated salt and, on
// a target that has a passphrase of its own, the placeholders that were encrypted with it. Elsewhere a secret that the user
// removed is gone from the copy as well.
func newWorkCopy(from, to, stack string, target Target) (*workCopy, error) {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return nil, err
	}
	copied := &workCopy{dir: to, stack: stack}
	if err := copied.copyProject(from); err != nil {
		return nil, err
	}
	given, err := readMapping(filepath.Join(from, stacks.StackFile(stack)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		// Whoever reads the configuration tells more about a file that cannot be read.
		if _, refused := stacks.ReadStack(from, stack); refused != nil {
			return nil, refused
		}
		return nil, fmt.Errorf("%s: %w", stacks.StackFile(stack), err)
	}
	if given == nil {
		given = newMapping()
	}
	kept, err := readMapping(copied.stackPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the private copy is damaged, remove %s: %w", copied.stackPath(), err)
	}
	own := target.BackendURL() != ""
	if own {
		dropEncrypted(given)
	}
	if kept != nil && sameEncryption(given, kept) {
		keepEncrypted(given, kept, own)
	}
	set(child(given, "config"), stacks.KeyTarget, &yaml.Node{Kind: yaml.ScalarNode, Value: target.Name()})
	copied.root = given
	return copied, copied.write()
}

func (w *workCopy) stackPath() string { return filepath.Join(w.dir, stacks.StackFile(w.stack)) }

func (w *workCopy) write() error {
	text, err := yaml.Marshal(w.root)
	if err != nil {
		return err
	}
	return renameio.WriteFile(w.stackPath(), text, 0o600)
}

// has says whether the copy has a value at a configuration key.
func (w *workCopy) has(key string) bool { return get(child(w.root, "config"), key) != nil }

// reread takes over what the engine wrote into the copy.
func (w *workCopy) reread() error {
	root, err := readMapping(w.stackPath())
	if err != nil {
		return err
	}
	w.root = root
	return nil
}

// setConfig writes a value that is no secret. The engine's own command would do, in a process of its own.
func (w *workCopy) setConfig(key, value string) error {
	if err := w.reread(); err != nil {
		return err
	}
	if value == "" {
		remove(child(w.root, "config"), key)
	} else {
		set(child(w.root, "config"), key, &yaml.Node{Kind: yaml.ScalarNode, Value: value, Style: yaml.DoubleQuotedStyle})
	}
	return w.write()
}

// copyProject copies Pulumi.yaml. A backend that it names by a relative path is meant from the user's folder.
func (w *workCopy) copyProject(from string) error {
	path := filepath.Join(from, projectFile)
	root, err := readMapping(path)
	if err != nil {
		return projectError(path, err)
	}
	name := get(root, "name")
	if name == nil || name.Value == "" {
		return projectError(path, errors.New("no name"))
	}
	w.project = name.Value
	if backend := get(root, "backend"); backend != nil && backend.Kind == yaml.MappingNode {
		if url := get(backend, "url"); url != nil {
			url.Value = absoluteBackend(url.Value, from)
		}
	}
	// The stack's file lies beside it in the copy, wherever the user keeps it.
	remove(root, "stackConfigDir")
	text, err := yaml.Marshal(root)
	if err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(w.dir, projectFile), text, 0o600)
}

func projectError(path string, cause error) error {
	found := check.New()
	if errors.Is(cause, fs.ErrNotExist) {
		found.Missing("", "there is no Pulumi.yaml in "+filepath.Dir(path), "run this in the folder of the project, or say which with --dir")
	} else {
		found.Fail("", strings.TrimPrefix(strings.Join(strings.Fields(cause.Error()), " "), "yaml: "), "is wrong in it", "correct it")
	}
	return found.Err(projectFile)
}

// absoluteBackend is a backend's address with a relative path made absolute from dir. The engine runs in another folder.
func absoluteBackend(url, dir string) string {
	path, isFile := strings.CutPrefix(url, "file://")
	if !isFile || filepath.IsAbs(path) || strings.HasPrefix(path, "~") {
		return url
	}
	return "file://" + filepath.ToSlash(filepath.Join(dir, path))
}

// sameEncryption says whether what was encrypted in the copy can be read with what the user's file says about encryption.
func sameEncryption(given, kept *yaml.Node) bool {
	for _, key := range encryptionKeys {
		if own := get(given, key); own != nil {
			if other := get(kept, key); other == nil || other.Value != own.Value {
				return false
			}
		}
	}
	return true
}

func keepEncrypted(given, kept *yaml.Node, placeholders bool) {
	for _, key := range encryptionKeys {
		if value := get(kept, key); value != nil {
			set(given, key, value)
		}
	}
	if !placeholders {
		return
	}
	config, secrets := child(given, "config"), child(kept, "config")
	for i := 0; i+1 < len(secrets.Content); i += 2 {
		key, value := secrets.Content[i].Value, secrets.Content[i+1]
		if get(value, "secure") != nil && get(config, key) == nil {
			set(config, key, value)
		}
	}
}

// dropEncrypted removes what only the user's own passphrase can read.
func dropEncrypted(given *yaml.Node) {
	for _, key := range encryptionKeys {
		remove(given, key)
	}
	config := child(given, "config")
	for i := 0; i+1 < len(config.Content); {
		if get(config.Content[i+1], "secure") != nil {
			config.Content = append(config.Content[:i:i], config.Content[i+2:]...)
			continue
		}
		i += 2
	}
}

// readMapping reads a YAML file whose top is a mapping. Numbers, quotes and comments stay as they are written.
func readMapping(path string) (*yaml.Node, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&document); err != nil {
		return nil, err
	}
	if len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("not a mapping")
	}
	return document.Content[0], nil
}

func newMapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

func get(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content) && mapping.Kind == yaml.MappingNode; i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

func set(mapping *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content[i+1] = value
			return
		}
	}
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, value)
}

func remove(mapping *yaml.Node, key string) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content = append(mapping.Content[:i:i], mapping.Content[i+2:]...)
			return
		}
	}
}

// child is the mapping at key, made when there is none.
func child(mapping *yaml.Node, key string) *yaml.Node {
	if found := get(mapping, key); found != nil && found.Kind == yaml.MappingNode {
		return found
	}
	made := newMapping()
	set(mapping, key, made)
	return made
}
