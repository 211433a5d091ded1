package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"
)

// limits are how long things may take. Nothing waits for longer, whatever the server does.
type limits struct {
	// whole is for everything; Lambda's own deadline counts when it is earlier.
	whole time.Duration
	// connect is for a connection with TLS and login, to every address of the host together.
	connect time.Duration
	// statement is for each statement: the server ends it then, and a little later the connection is given up.
	statement time.Duration
}

var defaultLimits = limits{whole: 2 * time.Minute, connect: 10 * time.Second, statement: 45 * time.Second}

// beforeLambda is how long before Lambda would end the process everything is given up, so that an error is still said.
const beforeLambda = 1500 * time.Millisecond

// runner does what events ask for.
type runner struct {
	secrets secretStore
	// token is what a user logs in with by IAM.
	token func(ctx context.Context, host string, port int, user string) (string, error)
	// bundle is the file with the certificates of the authorities that the server's must be from.
	bundle string
	limits limits
	log    *slog.Logger
}

// answer is what the function returns.
type answer struct {
	OK bool `json:"ok"`
	// Server is the version of PostgreSQL.
	Server string `json:"server"`
	// Seconds is how long it took.
	Seconds float64 `json:"seconds"`
	// Changed says of make-password whether there is a new one.
	Changed *bool `json:"changed,omitempty"`
}

// handle does what one event asks for. What it returns and what it logs holds no credential: whatever was one in this call is taken out of an error.
func (r *runner) handle(ctx context.Context, raw json.RawMessage) (*answer, error) {
	began := time.Now()
	asked, err := decode(raw)
	if err != nil {
		r.log.Error("refused", "error", err.Error())
		return nil, err
	}
	ctx, cancel := r.deadline(ctx)
	defer cancel()
	kept := &confidential{}
	given, err := r.do(ctx, asked, kept)
	about := []any{"verb", asked.verb, "host", asked.host, "port", asked.port, "database", asked.database, "user", asked.user, "seconds", since(began)}
	if err != nil {
		err = fmt.Errorf("%s in database %s of %s: %w", asked.verb, asked.database, asked.host, err)
		err = kept.without(err)
		r.log.Error("failed", append(about, "error", err.Error())...)
		return nil, err
	}
	given.OK, given.Seconds = true, since(began)
	r.log.Info("done", append(about, "server", given.Server)...)
	return given, nil
}

func (r *runner) do(ctx context.Context, asked event, kept *confidential) (*answer, error) {
	authorities, err := readBundle(r.bundle)
	if err != nil {
		return nil, err
	}
	work := &job{runner: r, event: asked, authorities: authorities, kept: kept}
	switch asked.verb {
	case makeUser:
		return work.makeUser(ctx)
	case makePassword:
		return work.makePassword(ctx)
	default:
		return work.verify(ctx)
	}
}

// deadline is the earlier of our own and Lambda's.
func (r *runner) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	until := time.Now().Add(r.limits.whole)
	if lambdas, set := ctx.Deadline(); set && lambdas.Add(-beforeLambda).Before(until) {
		until = lambdas.Add(-beforeLambda)
	}
	return context.WithDeadline(ctx, until)
}

func since(began time.Time) float64 { return math.Round(time.Since(began).Seconds()*1000) / 1000 }

// confidential is what must not be read in what the function says.
type confidential struct{ texts []string }

func (c *confidential) add(text string) {
	if text != "" {
		c.texts = append(c.texts, text)
	}
}

// without is the error, or its text with every credential taken out.
func (c *confidential) without(err error) error {
	text := err.Error()
	for _, each := range c.texts {
		text = strings.ReplaceAll(text, each, "[credential]")
	}
	if text == err.Error() {
		return err
	}
	return fmt.Errorf("%s", text)
}
