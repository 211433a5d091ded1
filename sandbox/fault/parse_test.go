// Layer: rules (pure). How faults are written, and how they are dealt out.
package fault_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aplomb-iac/aplomb/internal/check"
	"github.com/aplomb-iac/aplomb/sandbox/fault"
)

var known = fault.Known{
	Types: []string{
		"aws:ec2/vpc:Vpc", "aws:iam/role:Role", "aws:lb/listener:Listener", "aws:rds/globalCluster:GlobalCluster",
		"aws:globalaccelerator/listener:Listener",
	},
	Functions: []string{"aws:index/getRegion:getRegion"},
}

func TestAFaultSaysWhatGoesWrongWithWhichOperationOnWhatAndHowOften(t *testing.T) {
	for text, want := range map[string]fault.Fault{
		"throttle@create": {Kind: fault.Throttle, Operation: fault.Create, Times: 1},
		"kill@delete,type=aws:ec2/vpc:Vpc,name=net": {
			Kind: fault.Kill, Operation: fault.Delete, Type: "aws:ec2/vpc:Vpc", Name: "net", Times: 1,
		},
		"slow@read,for=1m30s,times=2,type=iam/Role": {
			Kind: fault.Slow, Operation: fault.Read, Type: "aws:iam/role:Role", Times: 2, For: 90 * time.Second,
		},
		"drop-after@update,type=lb/Listener":        {Kind: fault.DropAfter, Operation: fault.Update, Type: "aws:lb/listener:Listener", Times: 1},
		"internal-error@invoke,type=getRegion":      {Kind: fault.InternalError, Operation: fault.Invoke, Type: "aws:index/getRegion:getRegion", Times: 1},
		"not-found@create,type=Vpc,name=a=b:c/d $e": {Kind: fault.NotFound, Operation: fault.Create, Type: "aws:ec2/vpc:Vpc", Name: "a=b:c/d $e", Times: 1},
	} {
		got, err := fault.Parse([]string{text}, known)
		require.NoError(t, err, text)
		require.Equal(t, []fault.Fault{want}, got, text)
	}
}

func TestEveryThingThatIsWrongIsToldAtOnceWithItsRemedy(t *testing.T) {
	for text, want := range map[string][]string{
		"":                              {"[0]: missing, a fault is KIND@OPERATION; write one such as throttle@create"},
		"throttle":                      {`[0]: "throttle" has no @ in it; write KIND@OPERATION, such as throttle@create`},
		"throtle@creat":                 {`[0].kind: "throtle" is no fault; did you mean throttle?`, `[0].operation: "creat" is no operation; did you mean create?`},
		"flood@create":                  {`[0].kind: "flood" is no fault; use one of throttle, not-found, internal-error, slow, drop-before, drop-after, kill`},
		"kill@read":                     {`[0].operation: "read" cannot be struck by kill; use one of create, update, delete`},
		"throttle@check":                {`[0].operation: "check" cannot be struck by throttle; use one of create, read, update, delete, invoke`},
		"throttle@create,":              {`[0]: "" is no key=value; write one of type=, name=, times=, for= and its value`},
		"throttle@create,tpe=Vpc":       {`[0]: "tpe" is no key; did you mean type?`},
		"throttle@create,name=":         {`[0].name: "" is empty; write a value after name=, or leave it out`},
		"throttle@create,name=a,name=b": {`[0].name: "b" is given a second time; give it once`},
		"throttle@create,times=0":       {`[0].times: "0" must be a number from 1 to 1000; use times=2`},
		"throttle@create,times=many":    {`[0].times: "many" must be a number from 1 to 1000; use times=2`},
		"slow@create":                   {"[0].for: missing, a slow answer comes late by some time; add for=3s"},
		"slow@create,for=1h":            {`[0].for: "1h" must be a duration up to 10m0s; use for=3s`},
		"throttle@create,for=3s":        {`[0].for: "3s" means nothing to throttle; leave it out, or use slow`},
		"throttle@create,type=aws:ec2/vpc:Vcp": {
			`[0].type: "aws:ec2/vpc:Vcp" is no resource type that the sandbox knows; did you mean aws:ec2/vpc:Vpc?`},
		"throttle@create,type=Listener": {
			`[0].type: "Listener" is the name of 2 types; use one of aws:lb/listener:Listener, aws:globalaccelerator/listener:Listener`},
		"throttle@create,type=Database": {
			`[0].type: "Database" is no resource type that the sandbox knows; use a token such as aws:lb/listener:Listener, or lb/Listener`},
		"throttle@invoke,type=getRegions,name=x": {
			`[0].type: "getRegions" is no function that the sandbox knows; did you mean getRegion?`,
			`[0].name: "x" is no part of an invocation, which has a type only; leave it out`},
		"kil@create,times=0,nme=x": {`[0].kind: "kil" is no fault; did you mean kill?`,
			`[0].times: "0" must be a number from 1 to 1000; use times=2`, `[0]: "nme" is no key; did you mean name?`},
	} {
		_, err := fault.Parse([]string{text}, known)
		require.Equal(t, want, lines(t, err), text)
	}
	_, err := fault.Parse([]string{"throttle@create", "kill@read", "x"}, known)
	require.Len(t, lines(t, err), 2)
	require.ErrorContains(t, err, "--fault: 2 problems")
	require.ErrorContains(t, err, "[2]: ")
}

func lines(t *testing.T, err error) []string {
	t.Helper()
	var failed *check.Error
	require.True(t, errors.As(err, &failed), "%v", err)
	var all []string
	for _, failure := range failed.Failures {
		all = append(all, failure.Error())
	}
	return all
}

func TestHelpNamesEveryKindThatParses(t *testing.T) {
	for _, line := range strings.Split(strings.TrimPrefix(fault.Help(), "\n"), "\n") {
		kind := strings.Fields(line)[0]
		text := kind + "@create"
		if kind == string(fault.Slow) {
			text += ",for=1s"
		}
		_, err := fault.Parse([]string{text}, known)
		require.NoError(t, err, line)
	}
	require.Equal(t, 7, strings.Count(fault.Help(), "\n"))
}

// anyFault draws a fault that Parse must take.
func anyFault(t *rapid.T) fault.Fault {
	drawn := fault.Fault{
		Kind:      rapid.SampledFrom([]fault.Kind{fault.Throttle, fault.NotFound, fault.InternalError, fault.Slow, fault.DropAfter, fault.Kill}).Draw(t, "kind"),
		Operation: rapid.SampledFrom([]fault.Operation{fault.Create, fault.Update, fault.Delete}).Draw(t, "operation"),
		Type:      rapid.SampledFrom(append([]string{""}, known.Types...)).Draw(t, "type"),
		Name:      rapid.StringMatching(`[^,]*`).Draw(t, "name"),
		Times:     rapid.IntRange(1, 1000).Draw(t, "times"),
	}
	if drawn.Kind == fault.Slow {
		drawn.For = time.Duration(rapid.Int64Range(1, int64(10*time.Minute)).Draw(t, "for"))
	}
	return drawn
}

func TestAFaultReadsAsItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		written := anyFault(t)
		read, err := fault.Parse([]string{written.String()}, known)
		require.NoError(t, err)
		require.Equal(t, []fault.Fault{written}, read)
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"throttle@create,type=lb/Listener,name=web-https,times=2", "slow@read,for=3s", "kill@", "@,=,", "a@b,type=type"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read, err := fault.Parse([]string{text}, known)
		if err != nil {
			require.NotEmpty(t, lines(t, err))
			return
		}
		again, err := fault.Parse([]string{read[0].String()}, known)
		require.NoError(t, err, "%q was read as %q, which cannot be read", text, read[0])
		require.Equal(t, read, again)
	})
}
