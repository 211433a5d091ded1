package iampolicy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aplomb-iac/aplomb/internal/iampolicy"
)

// read is a document as AWS reads it, for the round trip.
type read struct {
	Version   string
	Statement []struct {
		Sid, Effect string
		Principal   map[string][]string
		Action      []string
		NotAction   []string
		Resource    []string
		Condition   map[string]map[string][]string
	}
}

func drawStatement(t *rapid.T, sid string) iampolicy.Statement {
	statement := iampolicy.Statement{Sid: sid, Effect: rapid.SampledFrom([]iampolicy.Effect{iampolicy.Allow, iampolicy.Deny}).Draw(t, "effect")}
	var named []iampolicy.Action
	for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Z][a-z]{2,9}`), 1, 4, rapid.ID[string]).Draw(t, "actions") {
		named = append(named, iampolicy.Action("sqs:"+name))
	}
	if statement.Effect == iampolicy.Deny && rapid.Bool().Draw(t, "excepted") {
		statement.NotActions = named
	} else {
		statement.Actions = named
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z<>&"\\]{1,9}`), 1, 4, rapid.ID[string]).Draw(t, "resources") {
		statement.Resources = append(statement.Resources, iampolicy.ARN("arn:aws:sqs:eu-central-1:123456789012:"+name))
	}
	if rapid.Bool().Draw(t, "late") {
		statement.Resources = append(statement.Resources, iampolicy.Slot("queue", "-dead"))
	}
	for _, key := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,6}`), 0, 3, rapid.ID[string]).Draw(t, "keys") {
		values := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,6}`), 1, 3, rapid.ID[string]).Draw(t, "values")
		statement.Conditions = append(statement.Conditions, iampolicy.When(iampolicy.StringEquals, "aws:"+key, values...))
	}
	return statement
}

func drawDocument(t *rapid.T) (iampolicy.Document, map[string]string) {
	document := iampolicy.Identity()
	for index := range rapid.IntRange(1, 4).Draw(t, "statements") {
		document.Statements = append(document.Statements, drawStatement(t, fmt.Sprintf("S%d", index)))
	}
	if len(document.Slots()) == 0 {
		return document, nil
	}
	return document, map[string]string{"queue": "arn:aws:sqs:eu-central-1:123456789012:jobs"}
}

func shuffled(t *rapid.T, statement iampolicy.Statement) iampolicy.Statement {
	statement.Actions = rapid.Permutation(statement.Actions).Draw(t, "order of actions")
	statement.NotActions = rapid.Permutation(statement.NotActions).Draw(t, "order of exceptions")
	statement.Resources = rapid.Permutation(statement.Resources).Draw(t, "order of resources")
	statement.Conditions = rapid.Permutation(statement.Conditions).Draw(t, "order of conditions")
	return statement
}

func TestTheTextDoesNotDependOnTheOrderInWhichListsAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		document, slots := drawDocument(t)
		text, err := document.JSON(slots)
		require.NoError(t, err)
		for index := range document.Statements {
			document.Statements[index] = shuffled(t, document.Statements[index])
		}
		again, err := document.JSON(slots)
		require.NoError(t, err)
		require.Equal(t, text, again)
	})
}

func TestWhatIsPrintedReadsBackAsWhatWasStated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		document, slots := drawDocument(t)
		text, err := document.JSON(slots)
		require.NoError(t, err)
		var back read
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.DisallowUnknownFields()
		require.NoError(t, decoder.Decode(&back))
		require.Equal(t, "2012-10-17", back.Version)
		require.Len(t, back.Statement, len(document.Statements))
		for index, stated := range document.Statements {
			got := back.Statement[index]
			require.Equal(t, stated.Sid, got.Sid)
			require.Equal(t, string(stated.Effect), got.Effect)
			require.ElementsMatch(t, names(stated.Actions), got.Action)
			require.ElementsMatch(t, names(stated.NotActions), got.NotAction)
			require.ElementsMatch(t, arns(stated.Resources), got.Resource)
			require.True(t, slices.IsSorted(got.Resource))
			require.Len(t, got.Condition["StringEquals"], len(stated.Conditions))
			for _, condition := range stated.Conditions {
				require.ElementsMatch(t, texts(condition.Values), got.Condition["StringEquals"][condition.Key])
			}
			require.Nil(t, got.Principal)
		}
	})
}

func TestNoAllowOfAnIdentityPolicyEverPrintsAWildcardAction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		document, slots := drawDocument(t)
		statement := &document.Statements[rapid.IntRange(0, len(document.Statements)-1).Draw(t, "which")]
		wide := rapid.StringMatching(`(sqs:[A-Za-z]{0,4}[*?][A-Za-z]{0,4})|\*`).Draw(t, "action")
		statement.Actions, statement.NotActions = append(statement.Actions, iampolicy.Action(wide)), nil
		_, err := document.JSON(slots)
		if statement.Effect == iampolicy.Allow {
			require.ErrorContains(t, err, "is a wildcard, which an Allow may not contain")
		} else {
			require.NoError(t, err)
		}
	})
}

func TestWhatADenyExceptsIsNeverAllowedAndNeverAWildcard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		statement := drawStatement(t, "S")
		statement.Actions = nil
		statement.NotActions = []iampolicy.Action{iampolicy.Action(rapid.StringMatching(`sqs:[A-Z*?][a-z*?]{1,6}`).Draw(t, "action"))}
		slots := map[string]string(nil)
		if document := iampolicy.Identity(statement); len(document.Slots()) > 0 {
			slots = map[string]string{"queue": "arn:aws:sqs:eu-central-1:123456789012:jobs"}
		}
		text, err := iampolicy.Identity(statement).JSON(slots)
		if statement.Effect == iampolicy.Allow || strings.ContainsAny(string(statement.NotActions[0]), "*?") {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.Contains(t, text, `"NotAction":["`+string(statement.NotActions[0])+`"]`)
		require.NotContains(t, text, `"Action"`)
	})
}

func names(actions []iampolicy.Action) []string {
	var list []string
	for _, action := range actions {
		list = append(list, string(action))
	}
	return list
}

func arns(resources []iampolicy.Resource) []string {
	var list []string
	for _, resource := range resources {
		if arn, isARN := resource.(iampolicy.ARN); isARN {
			list = append(list, string(arn))
		} else {
			list = append(list, "arn:aws:sqs:eu-central-1:123456789012:jobs-dead")
		}
	}
	return list
}

func texts(values []iampolicy.Value) []string {
	var list []string
	for _, value := range values {
		list = append(list, string(value.(iampolicy.Text)))
	}
	return list
}

// FuzzAnAllowPrintsOnlyWhatItWasGiven feeds text that comes from elsewhere: whatever it is, the document is refused, or the
// JSON is valid and holds exactly that action and that resource, narrow.
func FuzzAnAllowPrintsOnlyWhatItWasGiven(f *testing.F) {
	f.Add("s3:GetObject", "arn:aws:s3:::assets/*", "vpc-a")
	f.Add("*", "*", "")
	f.Add("s3:", "arn:aws:s3:::", "${aws:username}")
	f.Add("s3:Get\"Object", "arn:aws:s3:::\xff", "\x00")
	f.Fuzz(func(t *testing.T, action, arn, vpc string) {
		text, err := iampolicy.Identity(iampolicy.Statement{
			Sid: "One", Effect: iampolicy.Allow,
			Actions: []iampolicy.Action{iampolicy.Action(action)}, Resources: []iampolicy.Resource{iampolicy.ARN(arn)},
			Conditions: []iampolicy.Condition{iampolicy.When(iampolicy.StringEquals, "aws:SourceVpc", vpc)},
		}).JSON(nil)
		if err != nil {
			require.Empty(t, text)
			return
		}
		var back read
		require.NoError(t, json.Unmarshal([]byte(text), &back))
		require.Equal(t, []string{action}, back.Statement[0].Action)
		require.Equal(t, []string{arn}, back.Statement[0].Resource)
		require.Equal(t, []string{vpc}, back.Statement[0].Condition["StringEquals"]["aws:SourceVpc"])
		require.NotContains(t, action, "*")
		require.NotEqual(t, "*", arn)
	})
}
