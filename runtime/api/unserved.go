package api

import (
	"net/http"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// unserved are operations of AWS Batch that cannot be served here, by the last part of their path.
var unserved = map[string]string{
	"createserviceenvironment":    sageMaker,
	"describeserviceenvironments": sageMaker,
	"updateserviceenvironment":    sageMaker,
	"deleteserviceenvironment":    sageMaker,
	"submitservicejob":            sageMaker,
	"describeservicejob":          sageMaker,
	"listservicejobs":             sageMaker,
	"updateservicejob":            sageMaker,
	"terminateservicejob":         sageMaker,
	"terminateservicejobs":        sageMaker,
}

const sageMaker = "service environments and service jobs run on Amazon SageMaker, which is not served here; use a compute environment and SubmitJob"

// refusing is the route of an operation that is not served.
func refusing(g grant, reason string) route {
	return route{grant: g, serve: func(_ http.ResponseWriter, r *http.Request) error {
		return &wire.Error{Code: wire.CodeClient, StatusCode: http.StatusBadRequest, Message: wire.Brief(r.URL.Path) + " is not served: " + reason}
	}}
}
