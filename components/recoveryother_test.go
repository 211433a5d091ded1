package components_test

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aplomb-iac/aplomb/internal/iameval"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/rdsdata"
	data "github.com/aws/aws-sdk-go-v2/service/rdsdata/types"
)

// execute is the Data API: it asks the writer, and reads the secret in the caller's name.
func (f *fakeAWS) execute(in *rdsdata.ExecuteStatementInput) (any, error) {
	arn := aws.ToString(in.ResourceArn)
	found := f.clusters[nameOf(arn)]
	if found == nil {
		return nil, fmt.Errorf("BadRequestException: there is no %s", arn)
	}
	if err := f.allow("rds-data:ExecuteStatement", arn); err != nil {
		return nil, err
	}
	if aws.ToString(in.SecretArn) != found.secret {
		return nil, fmt.Errorf("BadRequestException: %s is not the secret of %s", aws.ToString(in.SecretArn), arn)
	}
	if err := f.allow("secretsmanager:GetSecretValue", found.secret, iameval.Context{"aws:ResourceTag/aws:rds:primaryDBClusterArn": {arn}}); err != nil {
		return nil, err
	}
	if err := f.allow("kms:Decrypt", f.key, iameval.Context{"kms:ViaService": {"secretsmanager." + f.region + ".amazonaws.com"}}); err != nil {
		return nil, err
	}
	ready := 0
	for _, each := range f.members(found.id) {
		if f.instances[each].state(f.now) == "available" {
			ready++
		}
	}
	if !found.http || found.httpAt > f.now || found.dnsAt > f.now || ready == 0 || found.secretAt > f.now {
		return nil, fmt.Errorf("BadRequestException: %s does not answer: data API %v, %d members", arn, found.http, ready)
	}
	f.events = append(f.events, "asked "+found.resource+" as "+found.id)
	text := "not verified"
	if f.answer(found.resource) {
		text = "verified"
	}
	return &rdsdata.ExecuteStatementOutput{Records: [][]data.Field{{&data.FieldMemberStringValue{Value: text}}}}, nil
}

func (f *fakeAWS) putRolePolicy(in *iam.PutRolePolicyInput) (any, error) {
	role := aws.ToString(in.RoleName)
	if err := f.allow("iam:PutRolePolicy", "arn:aws:iam::"+account+":role/"+role); err != nil {
		return nil, err
	}
	f.policies[role+"/"+aws.ToString(in.PolicyName)] = aws.ToString(in.PolicyDocument)
	return &iam.PutRolePolicyOutput{}, nil
}

func (f *fakeAWS) listPoints(in *backup.ListRecoveryPointsByBackupVaultInput) (any, error) {
	if err := f.allow("backup:ListRecoveryPointsByBackupVault", "arn:aws:backup:"+f.region+":"+account+":backup-vault:"+aws.ToString(in.BackupVaultName)); err != nil {
		return nil, err
	}
	// A page holds one, so that whoever reads the first page only shows.
	first, _ := strconv.Atoi(aws.ToString(in.NextToken))
	for index := first; index < len(f.points); index++ {
		point := f.points[index]
		if point.vault != aws.ToString(in.BackupVaultName) || point.resource != aws.ToString(in.ByResourceArn) {
			continue
		}
		created, err := time.Parse(time.RFC3339, point.created)
		if err != nil {
			return nil, err
		}
		return &backup.ListRecoveryPointsByBackupVaultOutput{NextToken: aws.String(strconv.Itoa(index + 1)), RecoveryPoints: []backuptypes.RecoveryPointByBackupVault{{
			RecoveryPointArn: aws.String(point.arn), ResourceArn: aws.String(point.resource), Status: backuptypes.RecoveryPointStatus(point.status), CreationDate: aws.Time(created),
		}}}, nil
	}
	return &backup.ListRecoveryPointsByBackupVaultOutput{}, nil
}

func (f *fakeAWS) putVerdict(in *backup.PutRestoreValidationResultInput) (any, error) {
	if err := f.allow("backup:PutRestoreValidationResult", "*"); err != nil {
		return nil, err
	}
	f.verdicts = append(f.verdicts, aws.ToString(in.RestoreJobId)+" "+string(in.ValidationStatus))
	return &backup.PutRestoreValidationResultOutput{}, nil
}

// Invoke is the function that asks a database in the VPC.
func (f *fakeAWS) Invoke(_ context.Context, function, payload string) (string, bool, error) {
	if err := f.allow("lambda:InvokeFunction", function); err != nil {
		return "", false, err
	}
	return f.runner(payload)
}
