package deploy

import (
	"errors"
	"io"
	"os"
)

// output is what one process prints. It goes into a file that has no name, so that the process can go on printing when this one
// is killed, and that nothing is left of it. The CLI is never asked for a secret in clear.
type output struct {
	file *os.File
	// named is true where a file cannot be removed while it is open.
	named bool
}

func newOutput() (*output, error) {
	file, err := os.CreateTemp("", "aplomb-*") // readable by its owner only
	if err != nil {
		return nil, err
	}
	return &output{file: file, named: os.Remove(file.Name()) != nil}, nil
}

// text is all of it, passed on to writers too.
func (o *output) text(to []io.Writer) (string, error) {
	if _, err := o.file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	all, err := io.ReadAll(o.file)
	if err != nil {
		return "", err
	}
	var failed error
	for _, writer := range to {
		_, err := writer.Write(all)
		failed = errors.Join(failed, err)
	}
	return string(all), failed
}

func (o *output) discard() {
	_ = o.file.Close() // all of it has been read
	if o.named {
		_ = os.Remove(o.file.Name()) // it lies where the system clears up, and only its owner can read it
	}
}
