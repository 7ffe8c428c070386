package api

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/admission"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
)

// A tool that is given this endpoint for AWS Batch often calls other services of AWS there, too. It is told that they are
// not served, in the form in which it reads the errors of that service.

// serviceNames are the names of services by what signatures call them, where that is not the name in upper case.
var serviceNames = map[string]string{
	"ecs": "Amazon ECS", "ec2": "Amazon EC2", "s3": "Amazon S3", "iam": "AWS IAM", "events": "Amazon EventBridge", "ecr": "Amazon ECR",
	"autoscaling": "EC2 Auto Scaling", "elasticfilesystem": "Amazon EFS", "secretsmanager": "AWS Secrets Manager", "ssm": "AWS Systems Manager",
	"states": "AWS Step Functions", "cloudformation": "AWS CloudFormation", "eks": "Amazon EKS", "pricing": "AWS Price List",
	"servicequotas": "Service Quotas", "sagemaker": "Amazon SageMaker", "monitoring": "Amazon CloudWatch", "dynamodb": "Amazon DynamoDB",
}

// servedServices are what signatures call the services that are served.
var servedServices = []string{"batch", "batchd", "logs", "sts"}

// servedOnly answers requests to services of AWS that are not served, by what they say they are signed for.
func (s *server) servedOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		service := strings.ToLower(auth.ClaimedService(r))
		if service == "" || slices.Contains(servedServices, service) {
			next.ServeHTTP(w, r)
			return
		}
		admission.LeaveUnread(w, r)
		name := cmp.Or(serviceNames[service], strings.ToUpper(wire.Brief(service)))
		notServed(w, r, service, fmt.Sprintf("this endpoint does not serve %s. It serves AWS Batch, the logs of jobs (CloudWatch Logs) and GetCallerIdentity of AWS STS: "+
			"give it to these alone, by AWS_ENDPOINT_URL_BATCH, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS and AWS_ENDPOINT_URL_STS in the place of AWS_ENDPOINT_URL", name))
	})
}

// notServed answers in the form of the service's protocol.
func notServed(w http.ResponseWriter, r *http.Request, service, message string) {
	id := w.Header().Get(wire.HeaderRequestID)
	form := strings.HasPrefix(r.Header.Get("Content-Type"), mediaForm)
	// Strings always marshal, and the caller has gone if writing fails.
	switch {
	case service == "s3":
		_ = writeXML(w, http.StatusBadRequest, s3Error{Code: "NotImplemented", Message: message, RequestID: id})
	case service == "ec2":
		_ = writeXML(w, http.StatusBadRequest, ec2Error{Code: "InvalidAction", Message: message, RequestID: id})
	case form:
		writeQueryError(w, &wire.Error{Code: "InvalidAction", Message: message, StatusCode: http.StatusBadRequest, RequestID: id})
	default:
		(&wire.Error{Code: wire.CodeUnknownOperation, Message: message, StatusCode: http.StatusBadRequest, RequestID: id}).Write(w)
	}
}

type s3Error struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string
	Message   string
	RequestID string `xml:"RequestId"`
}

type ec2Error struct {
	XMLName   xml.Name `xml:"Response"`
	Code      string   `xml:"Errors>Error>Code"`
	Message   string   `xml:"Errors>Error>Message"`
	RequestID string
}
