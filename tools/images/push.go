package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// parseRepository is nil for no text.
func parseRepository(text string, made product) (*name.Repository, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // nothing is to be pushed
	}
	repository, err := name.NewRepository(text, name.StrictValidation)
	if err != nil {
		return nil, fmt.Errorf("--push: %q is no repository without a tag, such as ACCOUNT.dkr.ecr.REGION.amazonaws.com/%s: %w", text, made.repository, err)
	}
	return &repository, nil
}

// pushTo pushes with the credentials that `docker login` left, and returns the reference by digest, which is what a stack's configuration takes. The
// tag is made of the digest: a repository that cleans up what has no tag keeps the image, one with immutable tags takes it, and
// no tag ever comes to mean another image.
func pushTo(ctx context.Context, made product, repository name.Repository, built artifact, notes io.Writer) (string, error) {
	options := []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)}
	tag := repository.Tag(built.digest.Hex[:12])
	pushed := repository.Digest(built.digest.String()).String()
	standing, err := remote.Head(tag, options...)
	switch {
	case err == nil && standing.Digest == built.digest:
		fmt.Fprintf(notes, "%s: the repository has it already\n", made.label)
		return pushed, nil
	case err != nil && !isNotFound(err):
		return "", hinting(repository, err)
	}
	if err := built.write(tag, options...); err != nil {
		return "", hinting(repository, err)
	}
	fmt.Fprintf(notes, "%s: pushed as %s\n", made.label, tag)
	return pushed, nil
}

func isNotFound(err error) bool {
	var refused *transport.Error
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// hinting adds the two commands that are usually missing.
func hinting(repository name.Repository, err error) error {
	var refused *transport.Error
	if !errors.As(err, &refused) {
		return err
	}
	registry := repository.RegistryStr()
	region := "REGION"
	if parts := strings.Split(registry, "."); len(parts) > 3 && parts[1] == "dkr" && parts[2] == "ecr" {
		region = parts[3]
	}
	switch refused.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%w\nlog in first: aws ecr get-login-password --region %s | docker login --username AWS --password-stdin %s", err, region, registry)
	case http.StatusNotFound:
		return fmt.Errorf("%w\nthe repository may be missing: aws ecr create-repository --region %s --repository-name %s", err, region, repository.RepositoryStr())
	default:
		return err
	}
}
