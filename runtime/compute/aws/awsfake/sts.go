package awsfake

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// openSTS returns the Security Token Service.
func (w *World) openSTS() *service {
	s := queryService("sts", "https://sts.amazonaws.com/doc/2011-06-15/")
	register(s, w.getCallerIdentity)
	register(s, w.assumeRole)
	return s
}

func (w *World) getCallerIdentity(*call, *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{
		Account: aws.String(w.options.Account),
		Arn:     aws.String(w.user()),
		UserId:  aws.String("AIDACKCEVSQ6C2EXAMPLE"),
	}, nil
}

// assumeRole gives credentials of any role. Who calls with them may do what the user of the account may.
func (w *World) assumeRole(c *call, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	life := time.Duration(aws.ToInt32(in.DurationSeconds)) * time.Second
	if life == 0 {
		life = time.Hour
	}
	return &sts.AssumeRoleOutput{
		AssumedRoleUser: &types.AssumedRoleUser{
			Arn:           aws.String(aws.ToString(in.RoleArn) + "/" + aws.ToString(in.RoleSessionName)),
			AssumedRoleId: aws.String("AROACKCEVSQ6C2EXAMPLE:" + aws.ToString(in.RoleSessionName)),
		},
		Credentials: &types.Credentials{
			AccessKeyId: aws.String("ASIAIOSFODNN7EXAMPLE"), SecretAccessKey: aws.String("example"), SessionToken: aws.String("example"),
			Expiration: aws.Time(c.now.Add(life)),
		},
	}, nil
}

// user returns the ARN of the user whose account it is.
func (w *World) user() string { return w.arn("iam", "user/owner") }

// arn returns the name of a thing of this account. IAM has no regions.
func (w *World) arn(service, thing string) string {
	region := w.options.Region
	if service == "iam" || service == "sts" {
		region = ""
	}
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, region, w.options.Account, thing)
}
