package awsfake

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// alive returns the instances of a fleet that have not ended.
func (s *ec2State) alive(f *fleet) (list []*instance) {
	for _, i := range s.list {
		if i.fleet == f.id && !i.ended() {
			list = append(list, i)
		}
	}
	return list
}

// findFleet returns a fleet that the call sees, or nil.
func (s *ec2State) findFleet(c *call, id string) *fleet {
	n := slices.IndexFunc(s.fleets, func(f *fleet) bool { return f.id == id && c.sees(f.created) })
	if n < 0 {
		return nil
	}
	return s.fleets[n]
}

// describeFleets shows fleets of type instant by their ids only, as EC2 does.
func (s *ec2State) describeFleets(c *call, in *ec2.DescribeFleetsInput) (*ec2.DescribeFleetsOutput, error) {
	out := &ec2.DescribeFleetsOutput{}
	for _, id := range in.FleetIds {
		f := s.findFleet(c, id)
		if f == nil {
			return nil, refuse("InvalidFleetId.NotFound", "The fleet ID '%s' does not exist", id)
		}
		out.Fleets = append(out.Fleets, s.describeFleet(f))
	}
	return out, nil
}

func (s *ec2State) describeFleet(f *fleet) types.FleetData {
	shown := types.FleetData{
		FleetId: aws.String(f.id), ClientToken: aws.String(f.token), CreateTime: aws.Time(f.created), Type: types.FleetTypeInstant, Tags: f.tags.ec2(),
		FleetState: types.FleetStateCodeActive,
	}
	alive := float64(len(s.alive(f)))
	shown.FulfilledCapacity, shown.FulfilledOnDemandCapacity = aws.Float64(alive), aws.Float64(alive)
	if f.spot {
		shown.FulfilledOnDemandCapacity = aws.Float64(0)
	}
	if !f.deleted.IsZero() {
		shown.FleetState = types.FleetStateCodeDeletedTerminatingInstances
		if alive == 0 {
			shown.FleetState = types.FleetStateCodeDeleted
		}
	}
	for _, n := range f.answer.Instances {
		shown.Instances = append(shown.Instances, types.DescribeFleetsInstances{
			InstanceIds: n.InstanceIds, InstanceType: n.InstanceType, Lifecycle: n.Lifecycle, LaunchTemplateAndOverrides: n.LaunchTemplateAndOverrides,
		})
	}
	for _, e := range f.answer.Errors {
		shown.Errors = append(shown.Errors, types.DescribeFleetError{
			ErrorCode: e.ErrorCode, ErrorMessage: e.ErrorMessage, Lifecycle: e.Lifecycle, LaunchTemplateAndOverrides: e.LaunchTemplateAndOverrides,
		})
	}
	return shown
}

// deleteFleets deletes fleets with their instances. An instant fleet cannot leave its instances behind.
func (s *ec2State) deleteFleets(c *call, in *ec2.DeleteFleetsInput) (*ec2.DeleteFleetsOutput, error) {
	out := &ec2.DeleteFleetsOutput{}
	for _, id := range in.FleetIds {
		f := s.findFleet(c, id)
		switch {
		case f == nil:
			failed := failedDeletion(id, types.DeleteFleetErrorCodeFleetIdDoesNotExist, "The fleet ID does not exist")
			out.UnsuccessfulFleetDeletions = append(out.UnsuccessfulFleetDeletions, failed)
			continue
		case !aws.ToBool(in.TerminateInstances):
			failed := failedDeletion(id, types.DeleteFleetErrorCodeFleetNotInDeletableState, "NoTerminateInstances option is not supported for instant fleet")
			out.UnsuccessfulFleetDeletions = append(out.UnsuccessfulFleetDeletions, failed)
			continue
		}
		if err := c.mayTouch(s.world.arn("ec2", "fleet/"+id), f.tags); err != nil {
			return nil, err
		}
		if f.deleted.IsZero() {
			f.deleted = c.now
		}
		for _, i := range s.alive(f) {
			s.end(i, userInitiated(c.now))
		}
		out.SuccessfulFleetDeletions = append(out.SuccessfulFleetDeletions, types.DeleteFleetSuccessItem{
			FleetId: aws.String(id), PreviousFleetState: types.FleetStateCodeActive, CurrentFleetState: types.FleetStateCodeDeletedTerminatingInstances,
		})
	}
	return out, nil
}

func failedDeletion(id string, code types.DeleteFleetErrorCode, text string) types.DeleteFleetErrorItem {
	return types.DeleteFleetErrorItem{FleetId: aws.String(id), Error: &types.DeleteFleetError{Code: code, Message: aws.String(text)}}
}
