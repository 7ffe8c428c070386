package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api"
)

// TestOtherServicesSayWhatIsServed calls services that are not served, in the protocol of each, signed by whomever.
func TestOtherServicesSayWhatIsServed(t *testing.T) {
	w := newWorld(t, memory(t), func(*api.Options) {})
	const form = "application/x-www-form-urlencoded; charset=utf-8"
	for service, c := range map[string]struct{ method, path, media, target, want string }{
		"ecs":      {http.MethodPost, "/", "application/x-amz-json-1.1", "AmazonEC2ContainerServiceV20141113.DescribeTasks", `"__type":"UnknownOperationException","message":"this endpoint does not serve Amazon ECS. It serves AWS Batch`},
		"ec2":      {http.MethodPost, "/", form, "", `<Response><Errors><Error><Code>InvalidAction</Code><Message>this endpoint does not serve Amazon EC2. It serves AWS Batch`},
		"iam":      {http.MethodPost, "/", form, "", `<Code>InvalidAction</Code><Message>this endpoint does not serve AWS IAM. It serves AWS Batch`},
		"s3":       {http.MethodGet, "/bucket/key", "", "", `<Error><Code>NotImplemented</Code><Message>this endpoint does not serve Amazon S3. It serves AWS Batch`},
		"lambda":   {http.MethodGet, "/2015-03-31/functions/", "application/json", "", `"message":"this endpoint does not serve LAMBDA. It serves AWS Batch`},
		"dynamodb": {http.MethodPost, "/", "application/x-amz-json-1.0", "DynamoDB_20120810.ListTables", `"message":"this endpoint does not serve Amazon DynamoDB. It serves AWS Batch`},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, "http://127.0.0.1"+c.path, strings.NewReader("{}"))
		r.Header.Set("Content-Type", c.media)
		r.Header.Set("X-Amz-Target", c.target)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDSOMEBODY/20260101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=00")
		answer := httptest.NewRecorder()
		w.handler.ServeHTTP(answer, r)
		if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), c.want) {
			t.Errorf("%s: %d %s", service, answer.Code, answer.Body)
		}
	}
}
