package awsfake

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// filters are the filters that a call understands: for each name, the values of a thing that it looks at.
type filters[T any] map[string]func(T) []string

// apply returns the things that satisfy every filter. Filters of tags, which are tag:KEY and tag-key, look at what tagsOf returns; things without
// tags have a nil one.
func (f filters[T]) apply(things []T, wanted []types.Filter, tagsOf func(T) []types.Tag) ([]T, error) {
	for _, filter := range wanted {
		name := aws.ToString(filter.Name)
		values := f[name]
		if tagsOf != nil && (strings.HasPrefix(name, "tag:") || name == "tag-key") {
			values = func(thing T) []string { return tagValues(tagsOf(thing), name) }
		}
		if values == nil {
			return nil, refuse("InvalidParameterValue", "The filter '%s' is invalid", name)
		}
		things = slices.DeleteFunc(slices.Clone(things), func(thing T) bool {
			return !slices.ContainsFunc(values(thing), func(value string) bool { return match(filter.Values, value) })
		})
	}
	return things, nil
}

// tagValues returns the keys of tags, or the values of those with the key of a filter such as tag:Name.
func tagValues(list []types.Tag, filter string) (values []string) {
	key, one := strings.CutPrefix(filter, "tag:")
	for _, tag := range list {
		switch {
		case !one:
			values = append(values, aws.ToString(tag.Key))
		case aws.ToString(tag.Key) == key:
			values = append(values, aws.ToString(tag.Value))
		}
	}
	return values
}

// pick returns the things with the ids wanted; without ids, all. An id that does not exist is an error.
func pick[T any](things []T, ids []string, idOf func(T) string, missing func(id string) *Error) ([]T, error) {
	if len(ids) == 0 {
		return things, nil
	}
	var found []T
	for _, id := range ids {
		n := slices.IndexFunc(things, func(thing T) bool { return idOf(thing) == id })
		if n < 0 {
			return nil, missing(id)
		}
		found = append(found, things[n])
	}
	return found, nil
}

// pageOf returns one page of things that do not come and go, and the token of the next.
func pageOf[T any](things []T, size *int32, token *string, standard int) (one []T, next *string, err error) {
	return pageFrom(things, func(i int) int { return i }, size, token, standard)
}

// pageFrom returns one page of things, and the token of the next: the number of its first thing. Numbers grow from thing to thing, and a thing
// keeps its number when others go between two pages, so that no page leaves it out.
func pageFrom[T any](things []T, number func(index int) int, size *int32, token *string, standard int) (one []T, next *string, err error) {
	begin := 0
	if token != nil {
		from, err := strconv.Atoi(*token)
		if err != nil {
			return nil, nil, refuse("InvalidNextToken", "The token '%s' is invalid", *token)
		}
		begin = sort.Search(len(things), func(i int) bool { return number(i) >= from })
	}
	length := standard
	if size != nil {
		length = int(*size)
	}
	end := min(begin+length, len(things))
	if end < len(things) {
		next = aws.String(strconv.Itoa(number(end)))
	}
	return things[begin:end], next, nil
}
