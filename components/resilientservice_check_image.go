package components

import (
	"fmt"
	"strings"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/internal/naming"
)

const imageRemedy = "give registry/repository@sha256:digest, which docker buildx imagetools inspect prints"

func (a ResilientServiceArgs) checkImage(c *check.Checker) {
	if a.ImageAccount != "" {
		a.checkImageAccount(c)
	}
	if a.Image == "" {
		c.Missing("image", "a service runs a container image", imageRemedy)
		return
	}
	image, err := naming.ParseImage(a.Image)
	switch {
	case err != nil:
		c.Fail("image", a.Image, err.Error(), imageRemedy)
	case image.Digest == "" && !a.AllowImageTags:
		c.Fail("image", a.Image, "names a tag, whose content can change between two launches", imageRemedy+", or set allowImageTags in development")
	default:
		a.checkImageHome(c, "image", image)
	}
}

func (a ResilientServiceArgs) checkImageAccount(c *check.Checker) {
	switch {
	case !naming.IsAccountID(a.ImageAccount):
		c.Fail("imageAccount", a.ImageAccount, "is not an AWS account id of 12 digits", "give all 12 digits, in quotes so that leading zeros stay")
	case a.ImageAccount == a.Placement.AccountID:
		c.Fail("imageAccount", a.ImageAccount, "is the service's own account, which needs no statement", "remove it")
	}
}

// checkImageHome refuses an image of another Region, which the network's endpoints do not reach, and one of another account
// unless somebody has stated that it admits this one: the pull would fail at the first boot, when nothing can tell any more.
func (a ResilientServiceArgs) checkImageHome(c *check.Checker, path string, image naming.Image) {
	shown, region := image.String(), a.Placement.region()
	if !image.IsECR() {
		// Addresses of ECR beside the usual one, such as the dual-stack and FIPS ones
		// (https://docs.aws.amazon.com/general/latest/gr/ecr.html).
		if strings.Contains(image.Registry, ".dkr.ecr") || strings.Contains(image.Registry, ".dkr-ecr") {
			c.Fail(path, shown, "is at an address of Amazon ECR that no login is known for", "give ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY@sha256:…")
			return
		}
		a.checkRegistry(c, path, image)
		return
	}
	if region != "" && image.Region != region {
		c.Fail(path, shown, fmt.Sprintf("is in %s, and the endpoints of a network in %s reach no other Region", image.Region, region),
			// https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
			"let ECR replicate the repository to "+region+", and name it there")
		return
	}
	if naming.IsAccountID(a.Placement.AccountID) && image.Account != a.Placement.AccountID && image.Account != a.ImageAccount {
		c.Fail(path, shown, fmt.Sprintf("belongs to account %s, and the service to %s", image.Account, a.Placement.AccountID),
			// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
			fmt.Sprintf("let the repository's policy admit %s and set imageAccount to %s, or use a repository of your own", a.Placement.AccountID, image.Account))
	}
}
