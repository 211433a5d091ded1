package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// bundleSource is where AWS has the certificates of RDS's authorities in all Regions
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html#UsingWithRDS.SSL.CertificatesAllRegions).
const bundleSource = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"

// checkBundle holds that a file is certificates of authorities in PEM and nothing else: no error page, no key, no half of a download. Whether
// they are Amazon's, it cannot know.
func checkBundle(text []byte) error {
	rest := text
	for number := 1; ; number++ {
		var block *pem.Block
		at := bytes.Index(rest, []byte("-----BEGIN"))
		if at < 0 || len(bytes.TrimSpace(rest[:at])) > 0 {
			break
		}
		if block, rest = pem.Decode(rest); block == nil {
			return fmt.Errorf("what comes after certificate %d is no PEM", number-1)
		}
		if block.Type != "CERTIFICATE" {
			return fmt.Errorf("block %d is a %s, no CERTIFICATE", number, block.Type)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return fmt.Errorf("certificate %d cannot be read: %w", number, err)
		}
		if !certificate.IsCA {
			return fmt.Errorf("certificate %d, of %s, is not an authority's", number, certificate.Subject)
		}
	}
	switch {
	case len(bytes.TrimSpace(rest)) == 0 && len(text) > len(rest):
		return nil
	case len(rest) == len(text):
		return errors.New("there is no certificate in it")
	default:
		return errors.New("there is something else than certificates in it")
	}
}
