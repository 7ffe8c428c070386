package aws

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// ownKeys begins the ids of batchd's own access keys, which "batchd env" puts into the environment of a shell.
const ownKeys = "BATCHD"

// LoadConfig is the configuration that the SDK finds: of a profile, or of the environment, the shared files or the role of this machine. Keys of batchd
// itself are refused: they are for clients of batchd, and a runtime that is started in such a shell would otherwise call AWS with them.
func LoadConfig(ctx context.Context, profile, region string) (aws.Config, error) {
	var choices []func(*config.LoadOptions) error
	if profile != "" {
		choices = append(choices, config.WithSharedConfigProfile(profile))
	}
	if region != "" {
		choices = append(choices, config.WithRegion(region))
	}
	loaded, err := config.LoadDefaultConfig(ctx, choices...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	loaded.Credentials = aws.NewCredentialsCache(foreign{loaded.Credentials})
	return loaded, nil
}

// foreign refuses the keys of batchd.
type foreign struct{ aws.CredentialsProvider }

var errOwnKeys = errors.New(`AWS_ACCESS_KEY_ID is a key of batchd, which "batchd env" has set; start batchd in a shell without it, or give the environment a profile (batchd.profile)`)

// Retrieve implements [aws.CredentialsProvider].
func (f foreign) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if f.CredentialsProvider == nil {
		return aws.Credentials{}, errors.New("there are no AWS credentials; configure a profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	found, err := f.CredentialsProvider.Retrieve(ctx)
	if err == nil && strings.HasPrefix(found.AccessKeyID, ownKeys) {
		return aws.Credentials{}, errOwnKeys
	}
	return found, err
}
