package aws

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// userConfig lets the SDK find nothing but these files of a user's.
func userConfig(t *testing.T, credentials string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "credentials")
	if err := os.WriteFile(file, []byte(credentials), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"AWS_SHARED_CREDENTIALS_FILE": file, "AWS_CONFIG_FILE": filepath.Join(dir, "config"), "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_REGION": "eu-central-1",
	} {
		t.Setenv(name, value)
	}
}

func TestKeysOfBatchdAreNotUsedForAWS(t *testing.T) {
	userConfig(t, "[work]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n")
	t.Setenv("AWS_ACCESS_KEY_ID", "BATCHDABCDEFGHIJKLMN")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	config, err := LoadConfig(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := config.Credentials.Retrieve(t.Context()); !errors.Is(err, errOwnKeys) {
		t.Errorf("the keys of \"batchd env\" give the error %v", err)
	}
	config, err = LoadConfig(t.Context(), "work", "us-west-2")
	if err != nil {
		t.Fatal(err)
	}
	found, err := config.Credentials.Retrieve(t.Context())
	if err != nil || found.AccessKeyID != "AKIAEXAMPLE" || config.Region != "us-west-2" {
		t.Errorf("the profile gives %q in %s, %v", found.AccessKeyID, config.Region, err)
	}
}

func TestAProfileThatDoesNotExistIsNamed(t *testing.T) {
	userConfig(t, "")
	if _, err := LoadConfig(t.Context(), "work", ""); err == nil {
		t.Error("a profile that does not exist is loaded")
	}
}
