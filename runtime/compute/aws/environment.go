package aws

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// environment is one that was handed in and has not been retired. The mutex of the driver guards it.
type environment struct {
	uuid string
	row  batch.Environment // of the last order about it
	// account is the one that it chose when it was provisioned last, and site what it has there; nil: not provisioned since the start.
	account *account
	site    *site
	// changes counts the orders of Provision, so that what was made for an earlier one can be told.
	changes int
	swept   bool // all container instances were looked at since the start
	failed  bool // it could not be provisioned at the last try
	busy    bool // a goroutine provisions or retires it
	retired bool // it goes; nothing is launched for it
	// watch rings when the cluster should be looked at without delay; nil if nobody watches it.
	watch bell
}

func (e *environment) name() string { return e.row.Name }

// launches reports whether instances are launched for e.
func (e *environment) launches() bool { return e.row.Kind == batch.EC2 || e.row.Kind == batch.Spot }

// fargate reports whether attempts of e run on AWS Fargate.
func (e *environment) fargate() bool {
	return e.row.Kind == batch.Fargate || e.row.Kind == batch.FargateSpot
}

// resourcesOf returns what an environment was asked to run on. An environment from before these were stored has none.
func resourcesOf(row *batch.Environment) *batch.Resources {
	if row.Resources == nil {
		return &batch.Resources{}
	}
	return row.Resources
}

// unknown reports whether e may have hosts that have not been found since the start: those of an UNMANAGED environment are not handed in.
func (e *environment) unknown() bool {
	return e.row.Kind == batch.Unmanaged && e.row.Cluster != "" && !e.swept && !e.failed && !e.retired
}

// named returns the environment of that name, and nil if it is not known or goes. The mutex is held.
func (d *Driver) named(name string) *environment {
	for _, e := range d.environments {
		if e.name() == name && !e.retired {
			return e
		}
	}
	return nil
}

// hostsOf returns the hosts of e that are not gone. The mutex is held.
func (d *Driver) hostsOf(e *environment) (hosts []*host) {
	for _, h := range d.hosts {
		if h.environment == e && !h.gone() {
			hosts = append(hosts, h)
		}
	}
	return hosts
}
