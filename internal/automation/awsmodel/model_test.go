// Package awsmodel_test is of the layer of rules.
package awsmodel_test

import (
	"encoding/json"
	"testing"

	"github.com/aplomb-iac/aplomb/internal/automation/awsmodel"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/rdsdata"
	"github.com/aws/aws-sdk-go-v2/service/rdsdata/types"
	"github.com/stretchr/testify/require"
)

func TestACallHasTheTypesOfAWS(t *testing.T) {
	var got *rds.ModifyDBClusterInput
	model := awsmodel.New(func(service, operation string, input any) (any, error) {
		require.Equal(t, "rds ModifyDBCluster", service+" "+operation)
		got = input.(*rds.ModifyDBClusterInput)
		return &rds.ModifyDBClusterOutput{DBCluster: &rdstypes.DBCluster{Status: aws.String("modifying")}}, nil
	})
	answer, err := model.Call(t.Context(), "rds", "ModifyDBCluster", map[string]any{
		"DBClusterIdentifier": "tickets", "ApplyImmediately": true, "BackupRetentionPeriod": json.Number("7"), "VpcSecurityGroupIds": []any{"sg-1"},
	})
	require.NoError(t, err)
	require.Equal(t, []string{"sg-1"}, got.VpcSecurityGroupIds)
	require.EqualValues(t, 7, *got.BackupRetentionPeriod)
	require.Equal(t, map[string]any{"DBCluster": map[string]any{"Status": "modifying"}}, answer)
}

func TestTheDataAPISpellsItsParametersWithASmallLetter(t *testing.T) {
	model := awsmodel.New(func(string, string, any) (any, error) {
		return &rdsdata.ExecuteStatementOutput{Records: [][]types.Field{{&types.FieldMemberStringValue{Value: "yes"}}}}, nil
	})
	statement := map[string]any{"resourceArn": "a", "secretArn": "b", "sql": "SELECT 1"}
	answer, err := model.Call(t.Context(), "rds-data", "ExecuteStatement", statement)
	require.NoError(t, err)
	require.Equal(t, []any{[]any{map[string]any{"stringValue": "yes"}}}, answer["records"])
	_, err = model.Call(t.Context(), "rds-data", "ExecuteStatement", map[string]any{"ResourceArn": "a", "SecretArn": "b", "Sql": "SELECT 1"})
	require.Error(t, err)
}

func TestWhatAWSWouldNotTakeIsRefused(t *testing.T) {
	model := awsmodel.New(func(string, string, any) (any, error) { return &rds.DeleteDBClusterOutput{}, nil })
	for want, call := range map[string]struct {
		service, operation string
		parameters         map[string]any
	}{
		"not known here":               {"ec2", "DescribeInstances", nil},
		"has no operation":             {"rds", "DescribeDBCluster", nil},
		"has no operation \"Options\"": {"rds", "Options", nil},
		"takes no DbClusterIdentifier": {"rds", "DeleteDBCluster", map[string]any{"DbClusterIdentifier": "x"}},
		"missing required field, DeleteDBClusterInput.DBClusterIdentifier": {"rds", "DeleteDBCluster", nil},
		"is no bool":      {"rds", "DeleteDBCluster", map[string]any{"DBClusterIdentifier": "x", "SkipFinalSnapshot": "true"}},
		"is no string":    {"rds", "DeleteDBCluster", map[string]any{"DBClusterIdentifier": json.Number("1")}},
		"is no list":      {"rds", "ModifyDBCluster", map[string]any{"VpcSecurityGroupIds": "sg-1"}},
		"is no time":      {"rds", "RestoreDBClusterToPointInTime", map[string]any{"RestoreToTime": "latest"}},
		"is no structure": {"rds", "RestoreDBClusterToPointInTime", map[string]any{"Tags": []any{"x"}}},
	} {
		_, err := model.Call(t.Context(), call.service, call.operation, call.parameters)
		require.ErrorContains(t, err, want)
	}
}
