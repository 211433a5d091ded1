package naming

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Image is a container image reference taken apart.
type Image struct {
	// Registry is the host, with a port where there is one.
	Registry string
	// Repository is the path within the registry.
	Repository string
	// Tag is empty where the reference has none.
	Tag string
	// Digest is sha256: and 64 hexadecimal digits, empty where the reference has none.
	Digest string
	// Account and Region are set where the registry is a private Amazon ECR registry, empty otherwise.
	Account, Region string
}

// The grammar is that of the OCI distribution specification, but the registry is required: without it the meaning of a
// reference depends on the machine that reads it.
var (
	registrySyntax   = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)
	repositorySyntax = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
	tagSyntax        = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
	digestSyntax     = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	ecrSyntax        = regexp.MustCompile(`^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.(?:com|com\.cn|eu)$`)
)

// ParseImage reads a container image reference such as
// 123456789012.dkr.ecr.eu-central-1.amazonaws.com/tickets-api@sha256:… . The error says what is wrong with the reference without
// repeating it, as the limit of a check.Failure does.
func ParseImage(reference string) (Image, error) {
	rest, digest, hasDigest := strings.Cut(reference, "@")
	registry, path, hasRegistry := strings.Cut(rest, "/")
	isHost := strings.ContainsAny(registry, ".:") || registry == "localhost"
	if !hasRegistry || !isHost {
		return Image{}, errors.New("does not name its registry")
	}
	repository, tag, hasTag := strings.Cut(path, ":")
	switch {
	case !registrySyntax.MatchString(registry):
		return Image{}, fmt.Errorf("has no valid registry: %q", registry)
	case !repositorySyntax.MatchString(repository):
		return Image{}, fmt.Errorf("has no valid repository: %q", repository)
	case hasTag && !tagSyntax.MatchString(tag):
		return Image{}, fmt.Errorf("has no valid tag: %q", tag)
	case hasDigest && !digestSyntax.MatchString(digest):
		return Image{}, errors.New("has no valid digest: sha256: and 64 lower-case hexadecimal digits")
	case !hasTag && !hasDigest:
		return Image{}, errors.New("has neither digest nor tag")
	}
	image := Image{Registry: registry, Repository: repository, Tag: tag, Digest: digest}
	if match := ecrSyntax.FindStringSubmatch(registry); match != nil {
		image.Account, image.Region = match[1], match[2]
	}
	return image, nil
}

// String is the reference as it was written.
func (i Image) String() string {
	reference := i.Registry + "/" + i.Repository
	if i.Tag != "" {
		reference += ":" + i.Tag
	}
	if i.Digest != "" {
		reference += "@" + i.Digest
	}
	return reference
}

// IsECR says whether the image is in a private Amazon ECR registry.
func (i Image) IsECR() bool { return i.Account != "" }

// RepositoryARN is the ARN of the image's ECR repository, empty where it is in another registry.
func (i Image) RepositoryARN() string {
	if !i.IsECR() {
		return ""
	}
	return ARN(Partition(i.Region), "ecr", i.Region, i.Account, "repository/"+i.Repository)
}
