// Command aplomb-sql is an AWS Lambda function that makes the users of a database and looks whether a restored one holds anything, where there is
// no RDS Data API to do it with. docs/database-users.md says what it is sent and what it answers.
//
// The image has no certificates of the public Internet, so that those in the binary are used for AWS's own endpoints. Said here, because RDS's
// certificates lie where Go would look for them and would be taken for them.
//
//go:debug x509usefallbackroots=1
package main

import (
	"os"

	_ "golang.org/x/crypto/x509roots/fallback" // the roots of AWS's endpoints
)

func main() {
	os.Exit(run(os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}
