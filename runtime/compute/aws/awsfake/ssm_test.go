package awsfake

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

func TestAParameterHasVersionsUntilItIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, client := ssmWorld(Options{Unthrottled: true})
		defer w.Close()
		in := parameterInput("/batchd/x/lease", "1")
		in.Overwrite, in.Tags = nil, []types.Tag{{Key: aws.String(installationTag), Value: aws.String("x")}}
		must[*ssm.PutParameterOutput](t)(client.PutParameter(t.Context(), in))
		_, err := client.PutParameter(t.Context(), in)
		wantCode(t, err, "ParameterAlreadyExists")
		put(t, client, "/batchd/x/lease", "2")
		out, err := client.GetParameters(t.Context(), &ssm.GetParametersInput{Names: []string{"/batchd/x/lease", "/other"}})
		if err != nil || aws.ToString(out.Parameters[0].Value) != "2" || out.Parameters[0].Version != 2 || out.InvalidParameters[0] != "/other" {
			t.Errorf("got %v, %v", out, err)
		}
		wantList(t, w.Leftovers("x"), "ssm parameter /batchd/x/lease")
		must[*ssm.DeleteParameterOutput](t)(client.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: in.Name}))
		_, err = client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: in.Name})
		var missing *types.ParameterNotFound
		if !errors.As(err, &missing) {
			t.Errorf("got %v, want that it is not found", err)
		}
		wantList(t, w.Leftovers(""))
	})
}
