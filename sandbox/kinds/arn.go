package kinds

import "strings"

// arnParts are the parts of an ARN: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html.
type arnParts struct{ partition, service, region, account, resource string }

// splitARN takes an ARN apart; nil is for what is none.
func splitARN(text string) *arnParts {
	fields := strings.SplitN(text, ":", 6)
	if len(fields) != 6 || fields[0] != "arn" || fields[1] == "" || fields[2] == "" || fields[5] == "" {
		return nil
	}
	return &arnParts{partition: fields[1], service: fields[2], region: fields[3], account: fields[4], resource: fields[5]}
}
