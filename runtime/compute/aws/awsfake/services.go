package awsfake

import (
	"net/http"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake/wire"
)

// open returns the services of this world.
func (w *World) open() []*service {
	return []*service{w.openEC2(), w.openECS(), w.openEvents(), w.openIAM(), w.openLogs(), w.openPricing(), w.openSQS(), w.openSSM(), w.openSTS()}
}

// jsonService returns a service that speaks JSON and has no operations yet. Signatures, policies and the meter call it by its name.
func jsonService(name, version string) *service {
	return &service{
		name: name, protocol: wire.JSON{Version: version},
		throttled: Error{Code: "ThrottlingException", Message: "Rate exceeded"},
		denied:    Error{Code: "AccessDeniedException"},
		unknown:   Error{Code: "UnknownOperationException"},
	}
}

// queryService returns a service that speaks the query protocol and has no operations yet.
func queryService(name, namespace string) *service {
	return &service{
		name: name, protocol: wire.Query{Namespace: namespace},
		throttled: Error{Code: "Throttling", Message: "Rate exceeded"},
		denied:    Error{Status: http.StatusForbidden, Code: "AccessDenied"},
		unknown:   Error{Code: "InvalidAction"},
	}
}
