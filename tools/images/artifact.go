package main

import (
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// artifact is one thing with a digest that a configuration can name: an index of images, or one image.
type artifact struct {
	// platform is what Lambda calls the architecture; empty for an index.
	platform string
	digest   v1.Hash
	appendTo func(layout.Path) error
	write    func(name.Tag, ...remote.Option) error
}

// lambdaNames are Lambda's names of the architectures (https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html).
var lambdaNames = map[string]string{"amd64": "x86_64", "arm64": "arm64"}

// artifactsOf is what is written and pushed of the images of a product.
func artifactsOf(made product, images []platformImage) ([]artifact, error) {
	if !made.apart {
		index, err := indexOf(images)
		if err != nil {
			return nil, err
		}
		digest, err := index.Digest()
		if err != nil {
			return nil, err
		}
		return []artifact{{
			digest:   digest,
			appendTo: func(into layout.Path) error { return into.AppendIndex(index) },
			write:    func(tag name.Tag, options ...remote.Option) error { return remote.WriteIndex(tag, index, options...) },
		}}, nil
	}
	var all []artifact
	for _, each := range images {
		digest, err := each.image.Digest()
		if err != nil {
			return nil, err
		}
		platform := v1.Platform{OS: "linux", Architecture: each.architecture}
		all = append(all, artifact{
			platform: lambdaNames[each.architecture], digest: digest,
			appendTo: func(into layout.Path) error { return into.AppendImage(each.image, layout.WithPlatform(platform)) },
			write:    func(tag name.Tag, options ...remote.Option) error { return remote.Write(tag, each.image, options...) },
		})
	}
	return all, nil
}

// line is what the tool prints of an artifact: where it is, after the architecture that it is for.
func (a artifact) line(reference string) string {
	if a.platform == "" {
		return reference
	}
	return a.platform + " " + reference
}
