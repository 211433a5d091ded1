package cloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// lockPatience is how long a change waits for other processes before it gives up. A write takes milliseconds.
const lockPatience = 30 * time.Second

// lockInterval is how often it looks whether they are done.
const lockInterval = 2 * time.Millisecond

// Cloud is one cloud file. Use it from any number of goroutines.
type Cloud struct {
	path string

	queue struct { // changes that wait to be written together
		sync.Mutex
		waiting []*request
		running bool
	}

	memory struct { // what was in the file when it was last read or written
		sync.Mutex
		state *state
		stamp stamp
	}
}

type request struct {
	change func(*Tx) error
	done   chan error
}

// stamp tells one content of the file from another.
type stamp struct {
	info       fs.FileInfo
	generation int
}

// Open is the cloud in the file at path. A file that does not exist is an empty cloud, and is made with the first
// change, in a directory that must exist by then. A file that cannot be understood is an error that says what to do; it
// is never overwritten.
func Open(path string) (*Cloud, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("cloud file %s: %w", path, err)
	}
	c := &Cloud{path: absolute}
	c.memory.Lock()
	defer c.memory.Unlock()
	if err := c.refresh(); err != nil {
		return nil, err
	}
	return c, nil
}

// PathIn is where the cloud file of the sandbox in a folder is.
func PathIn(folder string) string { return filepath.Join(folder, "cloud.json") }

// Path is the file.
func (c *Cloud) Path() string { return c.path }

// View calls look with the cloud as it is now. look must not change anything, and must not keep what it is given.
func (c *Cloud) View(look func(*Tx) error) error {
	c.memory.Lock()
	defer c.memory.Unlock()
	if err := c.refresh(); err != nil {
		return err
	}
	tx := &Tx{state: c.memory.state}
	err := protect(look, tx)
	if tx.dirty {
		tx.rollback()
		return errors.New("a change inside of View")
	}
	return err
}

// Update calls change with the cloud as it is now and writes what it did. When change returns an error, nothing of it
// happened. When Update returns nil, the change is on disk. Changes of several goroutines may be written together.
func (c *Cloud) Update(ctx context.Context, change func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	asked := &request{change: change, done: make(chan error, 1)}
	c.queue.Lock()
	c.queue.waiting = append(c.queue.waiting, asked)
	if !c.queue.running {
		c.queue.running = true
		go c.drain()
	}
	c.queue.Unlock()
	return <-asked.done
}

// drain writes batches until no change waits.
func (c *Cloud) drain() {
	for {
		c.queue.Lock()
		batch := c.queue.waiting
		c.queue.waiting = nil
		if len(batch) == 0 {
			c.queue.running = false
			c.queue.Unlock()
			return
		}
		c.queue.Unlock()
		answers := c.write(batch)
		for index, asked := range batch {
			asked.done <- answers[index]
		}
	}
}

// write makes a batch of changes while no other process does, and answers each.
func (c *Cloud) write(batch []*request) []error {
	answers := make([]error, len(batch))
	fail := func(err error) []error {
		for index := range answers {
			if answers[index] == nil {
				answers[index] = err
			}
		}
		return answers
	}
	unlock, err := c.lock()
	if err != nil {
		return fail(err)
	}
	defer unlock()
	c.memory.Lock()
	defer c.memory.Unlock()
	if err := c.refresh(); err != nil {
		return fail(err)
	}
	changed := false
	for index, asked := range batch {
		tx := &Tx{state: c.memory.state}
		if answers[index] = protect(asked.change, tx); answers[index] != nil {
			tx.rollback()
			continue
		}
		changed = changed || tx.dirty
	}
	if !changed {
		return answers
	}
	if err := c.save(); err != nil {
		c.memory.state = nil // what is in memory is not what is on disk
		return fail(err)
	}
	return answers
}

// protect turns a panic of a change into an error, so that one mistake neither ends the program nor keeps the lock.
func protect(change func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if trouble := recover(); trouble != nil {
			err = fmt.Errorf("a defect of the sandbox: %v", trouble)
		}
	}()
	return change(tx)
}

func (c *Cloud) lock() (unlock func(), err error) {
	guard := flock.New(c.path+".lock", flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(context.Background(), lockPatience)
	defer cancel()
	if _, err := guard.TryLockContext(ctx, lockInterval); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return nil, fmt.Errorf("cloud file %s: another process has held %s.lock for %s; wait for it or end it", c.path, c.path, lockPatience)
		}
		return nil, fmt.Errorf("cloud file %s: %w", c.path, err)
	}
	return func() { _ = guard.Close() }, nil
}

// refresh reads the file if it is not the one that memory has.
func (c *Cloud) refresh() error {
	now, err := readStamp(c.path)
	if err != nil {
		return fmt.Errorf("cloud file %s: %w", c.path, err)
	}
	if c.memory.state != nil && now.same(c.memory.stamp) {
		return nil
	}
	if now.info == nil {
		c.memory.state, c.memory.stamp = newState(), now
		return nil
	}
	content, err := os.ReadFile(c.path)
	if err != nil {
		return fmt.Errorf("cloud file %s: %w", c.path, err)
	}
	loaded, err := decodeFile(content)
	if err != nil {
		return fmt.Errorf("cloud file %s %w; restore it from a copy, or move it away to begin with an empty cloud (the stacks in it then need refresh)", c.path, err)
	}
	c.memory.state, c.memory.stamp = loaded, now
	return nil
}

// readStamp is the stamp of the file; without info when there is none.
func readStamp(path string) (stamp, error) {
	opened, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return stamp{}, nil
	}
	if err != nil {
		return stamp{}, err
	}
	defer func() { _ = opened.Close() }() // it was only read
	info, err := opened.Stat()
	if err != nil {
		return stamp{}, err
	}
	read := stamp{info: info, generation: -1}
	head := make([]byte, 64)
	if n, err := opened.ReadAt(head, 0); n > 0 || err == nil {
		_, err = fmt.Sscanf(string(bytes.TrimRight(head[:n], "\x00")), "{\"format\":1,\"generation\":%d,", &read.generation)
		if err != nil {
			read.generation = -1 // a file that a person reformatted: the rest of the stamp must do
		}
	}
	return read, nil
}

func (s stamp) same(other stamp) bool {
	if s.info == nil || other.info == nil {
		return s.info == nil && other.info == nil
	}
	return os.SameFile(s.info, other.info) && s.info.Size() == other.info.Size() && s.info.ModTime().Equal(other.info.ModTime()) &&
		s.generation == other.generation
}

// save replaces the file by what is in memory: beside it first, on disk, then in its place. The caller holds the lock, so
// that what a crash left beside it belongs to nobody and is overwritten.
func (c *Cloud) save() error {
	c.memory.state.generation++
	content, err := c.memory.state.encode()
	if err != nil {
		return fmt.Errorf("cloud file %s: %w", c.path, err)
	}
	if err := replace(c.path, content); err != nil {
		return fmt.Errorf("cloud file %s: %w", c.path, err)
	}
	c.memory.stamp, err = readStamp(c.path)
	return err
}

func replace(path string, content []byte) (err error) {
	beside := path + ".new"
	opened, err := os.OpenFile(beside, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = opened.Write(content)
	err = errors.Join(err, opened.Sync(), opened.Close())
	if err == nil {
		err = os.Rename(beside, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(beside))
	}
	directory, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}
