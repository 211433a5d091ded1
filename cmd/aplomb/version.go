package main

import (
	"fmt"
	"runtime/debug"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/spf13/cobra"
)

// ownVersion is the version of the module that the command was built from, devel when it was built from a work tree.
func ownVersion() string {
	info, known := debug.ReadBuildInfo()
	if !known || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

// versions are what `aplomb version` prints as JSON.
type versions struct {
	Aplomb string `json:"aplomb"`
	// Pulumi is the version of the Pulumi CLI, and PulumiPath where it was found.
	Pulumi     string `json:"pulumi"`
	PulumiPath string `json:"pulumiPath"`
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "show the versions of aplomb and of the Pulumi CLI it uses", Args: noArguments,
		Example: `  aplomb version
  aplomb version --json`,
		RunE: func(command *cobra.Command, _ []string) error {
			path, version, err := deploy.FindCLI(command.Context(), deploy.Options{Dir: a.flags.dir, Home: a.flags.home})
			if err != nil {
				return err
			}
			if a.flags.json {
				return a.printJSON(versions{Aplomb: ownVersion(), Pulumi: version, PulumiPath: path})
			}
			fmt.Fprintf(a.to.out, "aplomb %s\npulumi %s (%s)\n", ownVersion(), version, path)
			return nil
		},
	}
}
